"""Skills as they are uploaded: a zip or single files, checked, and as a zip again.

A bundle is one folder with one `SKILL.md`, whose front matter names and describes the
skill. What a zip claims is never believed: names that lead elsewhere, links, more files
or more bytes than are allowed are refused before they are held. Nothing is written to
any disk here. Limits: Azure's page on skills; the rules for a name and a description
are those of the Agent Skills specification.
"""

import io
import re
import stat
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from responses_emulator import extras

if TYPE_CHECKING:  # imported where it is needed: few requests have a skill
    from zipfile import ZipFile

MAX_ZIP_BYTES = 50 * 2**20
MAX_FILES = 500
MAX_FILE_BYTES = 25 * 2**20
MAX_BYTES = 100 * 2**20  # of all files of a bundle: the emulator's own limit
MAX_PATH = 255  # characters
MAX_FRONT_MATTER = 6_000  # bytes
MAX_NAME, MAX_DESCRIPTION = 64, 1024  # characters
MANIFEST = "skill.md"
FIRST_BYTES = b"PK"  # of every zip
ENTRY = b"PK\x01\x02"  # before each entry of a zip's directory

# Patterns, which `re` compiles when they are first needed: few requests have a skill.
_FRONT_MATTER = rb"\A\xef\xbb\xbf?---[ \t]*\r?\n|\A---[ \t]*\r?\n"
_END = rb"(?m)^---[ \t]*\r?$"
_NAME = r"[a-z0-9]+(?:-[a-z0-9]+)*"
# The devices of Windows, by whatever ending.
_DEVICE = r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?"


class UnusableBundle(Exception):
    """A bundle that is refused; the message says why."""


@dataclass(frozen=True)
class Bundle:
    """A skill's files: by their paths within its folder, with `/` between the parts."""

    folder: str
    name: str
    description: str
    files: dict[str, bytes]

    @property
    def size(self) -> int:
        """About how many bytes it takes to hold."""
        return sum(len(path) + len(data) + 200 for path, data in self.files.items())


def read_zip(content: bytes) -> Bundle:
    """The bundle in a zip. Raises UnusableBundle."""
    from zipfile import BadZipFile, ZipFile

    if len(content) > MAX_ZIP_BYTES:
        raise UnusableBundle(f"the zip is larger than {MAX_ZIP_BYTES // 2**20} MB")
    # Before they are read: a directory of a million entries takes long, and much room.
    if content.count(ENTRY) > 2 * MAX_FILES:  # folders have entries, too
        raise _too_many()
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            return _checked(_unzipped(archive))
    except (BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise UnusableBundle(f"the zip cannot be read: {error}") from None
    except (NotImplementedError, RuntimeError) as error:  # a method, or a password
        raise UnusableBundle(f"the zip cannot be read: {error}") from None


def read_files(files: Iterable[tuple[str, bytes]]) -> Bundle:
    """The bundle of single files, each with its path. Raises UnusableBundle."""
    return _checked(files)


def write_zip(bundle: Bundle) -> bytes:
    """A bundle as a zip; the same one gives the same bytes."""
    from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

    written = io.BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        for path, content in bundle.files.items():
            entry = ZipInfo(f"{bundle.folder}/{path}")
            entry.compress_type = ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return written.getvalue()


def _unzipped(archive: "ZipFile") -> Iterable[tuple[str, bytes]]:
    """The files one by one, none of them larger than it says or than it may be."""
    entries = archive.infolist()
    if sum(entry.file_size for entry in entries) > MAX_BYTES:
        raise _too_large()
    for entry in entries:
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise UnusableBundle(
                f"{entry.filename!r} is a link or a device: only files are allowed"
            )
        if entry.filename.endswith("/"):
            _check_path(entry.filename.removesuffix("/"))
            continue
        if entry.file_size > MAX_FILE_BYTES:
            raise _file_too_large(entry.filename)
        with archive.open(entry) as file:
            yield entry.filename, file.read(MAX_FILE_BYTES + 1)


def _checked(given: Iterable[tuple[str, bytes]]) -> Bundle:
    files: dict[str, bytes] = {}
    held = 0
    for path, content in given:
        _check_path(path)
        if len(content) > MAX_FILE_BYTES:
            raise _file_too_large(path)
        if path in files:
            raise UnusableBundle(f"{path!r} is there twice")
        held += len(content)
        if held > MAX_BYTES:
            raise _too_large()
        files[path] = content
        if len(files) > MAX_FILES:
            raise _too_many()
    _check_folders(files)
    folders = {path.partition("/")[0] for path in files if "/" in path}
    if len(folders) != 1 or not all("/" in path for path in files):
        raise UnusableBundle("expected one folder at the top, with all files in it")
    [folder] = folders
    inner = {path.removeprefix(f"{folder}/"): data for path, data in files.items()}
    manifests = [p for p in inner if p.rpartition("/")[2].lower() == MANIFEST]
    if len(manifests) != 1:
        raise UnusableBundle(f"expected exactly one SKILL.md, found {len(manifests)}")
    if "/" in manifests[0]:
        raise UnusableBundle(f"SKILL.md belongs right into {folder!r}")
    name, description = _described(inner[manifests[0]])
    return Bundle(folder, name, description, inner)


def _check_path(path: str) -> None:
    """A path that leads elsewhere, or that some system cannot have, is refused."""
    parts = path.split("/")
    portable = _is_inside(path) and len(path) <= MAX_PATH and path.isprintable()
    if not portable or any(p[-1] in ". " or re.fullmatch(_DEVICE, p) for p in parts):
        raise UnusableBundle(
            f"{path[:MAX_PATH]!r} is no path within the bundle: expected a relative "
            f"one without '..', links or special characters, of at most {MAX_PATH} "
            "characters"
        )


def _check_folders(files: dict[str, bytes]) -> None:
    """No path is a file and a folder; nor do two differ in their letters' case alone.

    Some systems could not hold those beside each other.
    """
    folders: set[str] = set()
    for path in files:
        parts = path.lower().split("/")
        folders |= {"/".join(parts[:depth]) for depth in range(1, len(parts))}
    lowered = [path.lower() for path in files]
    if len(set(lowered)) < len(lowered) or folders.intersection(lowered):
        raise UnusableBundle("two of its paths cannot be beside each other")


def _described(manifest: bytes) -> tuple[str, str]:
    """Name and description from the front matter of a SKILL.md."""
    extras.need("skills", "To read a skill")
    import yaml

    begin = re.match(_FRONT_MATTER, manifest)
    ends = re.compile(_END)
    end = ends.search(manifest, begin.end(), MAX_FRONT_MATTER) if begin else None
    if not begin or not end:
        raise UnusableBundle(
            "SKILL.md has no front matter: expected 'name' and 'description' between "
            "two lines of '---'"
        )
    try:
        # This loader makes texts, lists and mappings, and nothing else.
        text = manifest[begin.end() : end.start()].decode()
        loaded: Any = yaml.load(text, yaml.BaseLoader)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        told = str(error).partition("\n")[0]
        raise UnusableBundle(
            f"the front matter of SKILL.md is no YAML: {told}"
        ) from None
    fields = cast("dict[object, Any]", loaded) if isinstance(loaded, dict) else {}
    name, description = fields.get("name"), fields.get("description")
    if not isinstance(name, str) or not (
        len(name) <= MAX_NAME and re.fullmatch(_NAME, name)
    ):
        raise UnusableBundle(
            f"the 'name' in SKILL.md has to be 1 to {MAX_NAME} lower-case letters, "
            "digits and single hyphens between them"
        )
    if not isinstance(description, str) or not (
        0 < len(description.strip()) <= MAX_DESCRIPTION
    ):
        raise UnusableBundle(
            f"the 'description' in SKILL.md has to be 1 to {MAX_DESCRIPTION} characters"
        )
    return name, description


def _too_many() -> UnusableBundle:
    return UnusableBundle(f"it has more than {MAX_FILES} files")


def _too_large() -> UnusableBundle:
    return UnusableBundle(
        f"unpacked it is larger than {MAX_BYTES // 2**20} MB, the emulator's limit"
    )


def _file_too_large(path: str) -> UnusableBundle:
    return UnusableBundle(f"{path!r} is larger than {MAX_FILE_BYTES // 2**20} MB")


def _is_inside(path: str) -> bool:
    """Whether a path with `/` between its parts stays in the folder it begins in."""
    parts = path.split("/")
    return not (
        {"", ".", ".."} & set(parts)
        or any(character in part for part in parts for character in '\\:*?"<>|\0')
    )
