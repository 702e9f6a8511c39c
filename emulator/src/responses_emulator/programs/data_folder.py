"""What a program sees of files: `/mnt/data`, in memory, and nothing else.

Nothing of it lies on a disk: it goes with the call, whatever ends that, and what is to
be kept is the container's. So there are no links, no way out by `..`, and no file of
this machine. The bytes and the number of files and folders are bounded.

Part of an extra: whoever imports this has made sure that it is there.
"""

import posixpath
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from pydantic_monty import AbstractOS, MontyFileHandle, StatResult
from pydantic_monty.os_access import path_from_arg

ROOT = "/mnt/data"
MAX_PATH = 500  # characters of a path that is written to
LONGEST_PATH = 4_096  # characters of any that is looked at, as systems have it
_Path = PurePosixPath | MontyFileHandle


class DataFolder(AbstractOS):
    """The files and folders of one call, and what a program may do with them.

    What it may not do, or what is not there, is an OSError in the program.
    """

    def __init__(
        self,
        files: Mapping[str, bytes],
        *,
        most_files: int,
        most_bytes: int,
        sleep: Callable[[float], None],
    ) -> None:
        """Take files by their paths below the folder; `sleep` waits for the program."""
        self._files = {f"{ROOT}/{path}": bytearray(b) for path, b in files.items()}
        self._folders = {"/", "/mnt", ROOT}
        for path in self._files:
            self._folders.update(map(str, PurePosixPath(path).parents))
        self._given_folders = len(self._folders)
        self._before = set(self._files)
        self._written: set[str] = set()
        self._held = sum(map(len, self._files.values()))
        self._most_files = most_files
        self._most_bytes = most_bytes
        self._sleep = sleep

    def written(self) -> dict[str, bytes]:
        """The files that are new, or were written to, by their paths below the folder.

        In the order of these; also what was written again as it was.
        """
        return {
            _below(path): bytes(self._files[path])
            for path in sorted(self._written & self._files.keys())
        }

    def removed(self) -> list[str]:
        """The files that are there no more."""
        return sorted(map(_below, self._before - self._files.keys()))

    # What there is

    def path_exists(self, path: PurePosixPath) -> bool:
        """Whether there is anything."""
        return self.path_is_file(path) or self.path_is_dir(path)

    def path_is_file(self, path: PurePosixPath) -> bool:
        """Whether it is a file."""
        return _spelt(path) in self._files

    def path_is_dir(self, path: PurePosixPath) -> bool:
        """Whether it is a folder."""
        return _spelt(path) in self._folders

    def path_is_symlink(self, path: PurePosixPath) -> bool:  # noqa: ARG002
        """There are none."""
        return False

    def path_iterdir(self, path: PurePosixPath) -> list[PurePosixPath]:
        """What is right in a folder."""
        folder = self._folder(path)
        everything = [*self._folders, *self._files]
        return [
            PurePosixPath(each)
            for each in sorted(everything)
            if each != "/" and posixpath.dirname(each) == folder
        ]

    def path_stat(self, path: PurePosixPath) -> StatResult:
        """The size of a file; the time is none that tells anything."""
        spelt = _spelt(path)
        if spelt in self._folders:
            return StatResult.dir_stat(mtime=0)
        return StatResult.file_stat(size=len(self._file(path)), mtime=0)

    def path_resolve(self, path: PurePosixPath) -> str:
        """The path without `..`: there are no links."""
        return _spelt(path)

    def path_absolute(self, path: PurePosixPath) -> str:
        """The path from the root."""
        return _spelt(path)

    # Reading and writing

    def path_open(self, path: PurePosixPath, mode: str) -> MontyFileHandle:
        """Empty the file, or make it, as the mode says."""
        handle = MontyFileHandle(str(path), mode)
        action = handle.mode[0]
        if action == "r":
            self._file(path)
        elif action == "w" or not self.path_is_file(path):
            self._put(path, b"")
        return handle

    def path_read_bytes(self, path: _Path) -> bytes:
        """All of a file."""
        return bytes(self._file(path))

    def path_read_text(self, path: _Path) -> str:
        """All of a file, which has to be UTF-8."""
        return self._file(path).decode()

    def path_write_bytes(self, path: _Path, data: bytes) -> int:
        """Put it in place of what the file has."""
        self._put(path, data)
        return len(data)

    def path_write_text(self, path: _Path, data: str) -> int:
        """Put it in place of what the file has, in UTF-8."""
        self._put(path, data.encode())
        return len(data)

    def path_append_bytes(self, path: _Path, data: bytes) -> int:
        """Add it to the file's end."""
        spelt = self._inside(path)
        if spelt not in self._files:
            self._put(path, b"")
        content = self._file(path)
        self._take(len(data), path)
        content += data
        self._written.add(spelt)
        return len(data)

    def path_append_text(self, path: _Path, data: str) -> int:
        """Add it to the file's end, in UTF-8."""
        self.path_append_bytes(path, data.encode())
        return len(data)

    # Changing the folder

    def path_mkdir(self, path: PurePosixPath, parents: bool, exist_ok: bool) -> None:
        """Make a folder."""
        spelt = self._inside(path)
        if self.path_is_dir(path) and exist_ok:
            return
        if self.path_exists(path):
            raise _error(FileExistsError, 17, "File exists", path)
        above = posixpath.dirname(spelt)
        if parents and above not in self._folders:
            self.path_mkdir(PurePosixPath(above), parents=True, exist_ok=True)
        self._folder(above)
        self._count(path)
        self._folders.add(spelt)

    def path_unlink(self, path: PurePosixPath) -> None:
        """Remove a file."""
        self._inside(path)
        self._held -= len(self._file(path))
        del self._files[_spelt(path)]

    def path_rmdir(self, path: PurePosixPath) -> None:
        """Remove an empty folder."""
        spelt = self._inside(path)
        if spelt == ROOT:
            raise _error(PermissionError, 13, "Permission denied", path)
        if self.path_iterdir(path):
            raise _error(OSError, 39, "Directory not empty", path)
        self._folders.remove(spelt)

    def path_rename(self, path: PurePosixPath, target: PurePosixPath) -> None:
        """Give a file or a folder another name, in place of what has that."""
        old, new = self._inside(path), self._inside(target)
        if old == new and self.path_exists(path):
            return
        if old in self._folders:
            self._rename_folder(path, target)
            return
        content = self._file(path)
        self._folder(posixpath.dirname(new))
        if new in self._folders:
            raise _error(IsADirectoryError, 21, "Is a directory", target)
        self._held -= len(self._files.get(new, b""))
        del self._files[old]
        self._files[new] = content
        self._written.add(new)

    def _rename_folder(self, path: PurePosixPath, target: PurePosixPath) -> None:
        """Rename all that is in it, too: it is known by its whole path."""
        old, new = _spelt(path), _spelt(target)
        self._folder(posixpath.dirname(new))
        if self.path_exists(target):
            raise _error(FileExistsError, 17, "File exists", target)
        if old == ROOT or new.startswith(f"{old}/"):
            raise _error(OSError, 22, "Invalid argument", target)

        def renamed(each: str) -> str:
            inside = each == old or each.startswith(f"{old}/")
            return self._inside(f"{new}{each[len(old) :]}") if inside else each

        files = {renamed(each): content for each, content in self._files.items()}
        self._folders = {renamed(each) for each in self._folders}
        self._written |= files.keys() - self._files.keys()
        self._files = files

    # The rest of a machine

    def getenv(self, key: str, default: str | None = None) -> str | None:  # noqa: ARG002
        """The environment is empty."""
        return default

    def get_environ(self) -> dict[str, str]:
        """The environment is empty."""
        return {}

    def sleep(self, seconds: float) -> None:
        """Wait, as long as the call has time."""
        self._sleep(seconds)

    # Bounds

    def _put(self, path: _Path, data: bytes) -> None:
        spelt = self._inside(path)
        if spelt in self._folders:
            raise _error(IsADirectoryError, 21, "Is a directory", path)
        old = self._files.get(spelt)
        if old is None:
            self._folder(posixpath.dirname(spelt))
            self._count(path)
        self._take(len(data) - len(old or b""), path)
        self._files[spelt] = bytearray(data)
        self._written.add(spelt)

    def _take(self, more: int, path: _Path) -> None:
        if more > 0 and self._held + more > self._most_bytes:
            room = f"No space left: {self._most_bytes} bytes is all there is"
            raise _error(OSError, 28, room, path)
        self._held += more

    def _count(self, path: _Path) -> None:
        folders = len(self._folders) - self._given_folders  # they take room, too
        if len(self._files) + folders >= self._most_files:
            room = f"No space left: there may be {self._most_files} files"
            raise _error(OSError, 28, room, path)

    def _inside(self, path: _Path | str) -> str:
        """A path that may be written to."""
        spelt = _spelt(path)
        if spelt != ROOT and not spelt.startswith(f"{ROOT}/"):
            raise _error(PermissionError, 13, "Permission denied", path)
        if len(spelt) > MAX_PATH:
            raise _error(OSError, 36, "File name too long", spelt[:MAX_PATH])
        return spelt

    def _file(self, path: _Path) -> bytearray:
        spelt = _spelt(path)
        if spelt in self._folders:
            raise _error(IsADirectoryError, 21, "Is a directory", path)
        if spelt not in self._files:
            raise _error(FileNotFoundError, 2, "No such file or directory", path)
        return self._files[spelt]

    def _folder(self, path: _Path | str) -> str:
        spelt = _spelt(path)
        if spelt in self._files:
            raise _error(NotADirectoryError, 20, "Not a directory", path)
        if spelt not in self._folders:
            raise _error(FileNotFoundError, 2, "No such file or directory", path)
        return spelt


def _spelt(path: _Path | str) -> str:
    """The one way to spell a path: from the root, and without `.` and `..`."""
    if not isinstance(path, str):
        path = str(path_from_arg(path))
    if len(path) > LONGEST_PATH:  # to take it apart could take long
        raise _error(OSError, 36, "File name too long", path[:MAX_PATH])
    return posixpath.normpath(posixpath.join(ROOT, path))


def _below(path: str) -> str:
    return path.removeprefix(f"{ROOT}/")


def _error(kind: type[OSError], number: int, why: str, path: _Path | str) -> OSError:
    """An error as the system would word it. Only its text reaches the program."""
    if not isinstance(path, str):
        path = str(path_from_arg(path))
    return kind(f"[Errno {number}] {why}: {path!r}")
