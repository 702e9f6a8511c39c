"""What a program may do with files, asked for as the interpreter asks for it."""

from collections.abc import Callable
from pathlib import PurePosixPath as P
from typing import Any

import pytest
from pydantic_monty import StatResult

from responses_emulator.programs.data_folder import LONGEST_PATH, MAX_PATH, DataFolder

GIVEN = {"a.txt": b"one", "sub/b.txt": b"two"}


def folder(
    files: dict[str, bytes] = GIVEN, most_files: int = 10, most_bytes: int = 100
) -> DataFolder:
    return DataFolder(
        files, most_files=most_files, most_bytes=most_bytes, sleep=lambda _: None
    )


def names(one: DataFolder, path: str = "/mnt/data") -> list[str]:
    return [each.name for each in one.path_iterdir(P(path))]


# What there is


@pytest.mark.parametrize("path", ["/", "/mnt", "/mnt/data", "sub", "./sub/../sub"])
def test_folders(path: str):
    one = folder()
    assert one.path_is_dir(P(path)) is one.path_exists(P(path)) is True
    assert one.path_is_file(P(path)) is one.path_is_symlink(P(path)) is False
    assert one.path_stat(P(path)) == StatResult.dir_stat(mtime=0)


@pytest.mark.parametrize("path", ["a.txt", "/mnt/data/a.txt", "sub/../a.txt"])
def test_files(path: str):
    one = folder()
    assert one.path_is_file(P(path)) is one.path_exists(P(path)) is True
    assert one.path_is_dir(P(path)) is one.path_is_symlink(P(path)) is False
    assert one.path_stat(P(path)) == StatResult.file_stat(size=3, mtime=0)
    assert one.path_resolve(P(path)) == one.path_absolute(P(path)) == "/mnt/data/a.txt"
    assert one.path_read_bytes(P(path)) == b"one"
    assert one.path_read_text(P(path)) == "one"


def test_folders_are_listed_from_the_root():
    one = folder()
    assert names(one, "/") == ["mnt"]
    assert names(one, "/mnt") == ["data"]
    assert names(one) == ["a.txt", "sub"]
    assert names(one, "sub") == ["b.txt"]


def test_nothing_else_is_there():
    one = folder()
    assert not one.path_exists(P("/etc"))
    assert not one.path_exists(P("none"))
    assert one.get_environ() == {}
    assert one.getenv("HOME") is None
    assert one.getenv("HOME", "none") == "none"


def test_a_program_sleeps_as_it_is_told_to():
    slept: list[float] = []
    one = DataFolder({}, most_files=1, most_bytes=1, sleep=slept.append)
    one.sleep(2.5)
    assert slept == [2.5]


# Reading and writing


def test_what_is_written_is_there_and_is_told():
    one = folder()
    assert one.path_write_bytes(P("c"), b"1234") == 4
    assert one.path_write_text(P("d"), "é12") == 3
    assert one.path_append_bytes(P("c"), b"56") == 2
    assert one.path_append_text(P("e"), "é") == 1
    assert one.path_write_bytes(P("a.txt"), b"other") == 5
    expected = {
        "a.txt": b"other",
        "c": b"123456",
        "d": "é12".encode(),
        "e": "é".encode(),
    }
    assert one.written() == expected
    assert list(one.written()) == sorted(expected)
    assert one.removed() == []


@pytest.mark.parametrize(
    ("mode", "left"),
    [("r", b"one"), ("rb", b"one"), ("a", b"one"), ("w", b""), ("wb", b"")],
)
def test_a_file_is_opened_as_its_mode_says(mode: str, left: bytes):
    one = folder()
    handle = one.path_open(P("a.txt"), mode)
    assert (str(handle.path), handle.mode) == ("a.txt", mode)
    assert one.path_read_bytes(P("a.txt")) == left
    assert one.written() == ({"a.txt": b""} if mode[0] == "w" else {})


@pytest.mark.parametrize("mode", ["w", "a"])
def test_a_file_that_is_not_there_is_made_where_the_mode_says_so(mode: str):
    one = folder()
    one.path_open(P("new"), mode)
    assert one.written() == {"new": b""}


# Changing the folder


def test_folders_are_made_and_removed():
    one = folder()
    one.path_mkdir(P("x"), parents=False, exist_ok=False)
    one.path_mkdir(P("x"), parents=False, exist_ok=True)
    one.path_mkdir(P("x/y/z"), parents=True, exist_ok=False)
    one.path_mkdir(P("x/y/w"), parents=True, exist_ok=False)
    assert names(one, "x/y") == ["w", "z"]
    one.path_rmdir(P("x/y/z"))
    assert names(one, "x/y") == ["w"]
    assert one.written() == {}


def test_a_file_is_removed_and_makes_room():
    one = folder(most_bytes=6)
    one.path_unlink(P("a.txt"))
    assert one.removed() == ["a.txt"]
    one.path_write_bytes(P("c"), b"123")
    with pytest.raises(OSError, match="No space left"):
        one.path_append_bytes(P("c"), b"4")
    assert one.path_read_bytes(P("c")) == b"123"


def test_a_file_is_renamed_and_what_has_its_name_goes():
    one = folder(most_bytes=6)
    one.path_rename(P("a.txt"), P("sub/b.txt"))
    assert one.written() == {"sub/b.txt": b"one"}
    assert one.removed() == ["a.txt"]
    one.path_write_bytes(P("c"), b"123")  # there is room for that again
    one.path_rename(P("c"), P("c"))
    assert names(one) == ["c", "sub"]


def test_a_folder_is_renamed_and_what_only_begins_like_it_stays():
    one = folder({**GIVEN, "subs": b"", "sub/c/d": b"4"})
    one.path_mkdir(P("sub/e"), parents=False, exist_ok=False)
    one.path_rename(P("sub"), P("new"))
    assert names(one) == ["a.txt", "new", "subs"]
    assert names(one, "new") == ["b.txt", "c", "e"]
    assert one.written() == {"new/b.txt": b"two", "new/c/d": b"4"}
    assert one.removed() == ["sub/b.txt", "sub/c/d"]


# What is refused, as the system words it

LONG = "x" * (MAX_PATH - len("/mnt/data/"))
REFUSED: dict[str, tuple[Callable[[DataFolder], Any], type[OSError], str]] = {
    "a file that is none": (
        lambda one: one.path_read_bytes(P("none")),
        FileNotFoundError,
        "[Errno 2] No such file or directory: 'none'",
    ),
    "a folder as a file": (
        lambda one: one.path_read_text(P("sub")),
        IsADirectoryError,
        "[Errno 21] Is a directory: 'sub'",
    ),
    "a file opened that is none": (
        lambda one: one.path_open(P("none"), "r"),
        FileNotFoundError,
        "[Errno 2] No such file or directory: 'none'",
    ),
    "the size of nothing": (
        lambda one: one.path_stat(P("none")),
        FileNotFoundError,
        "[Errno 2] No such file or directory: 'none'",
    ),
    "a folder listed that is none": (
        lambda one: one.path_iterdir(P("none")),
        FileNotFoundError,
        "[Errno 2] No such file or directory: 'none'",
    ),
    "a file listed": (
        lambda one: one.path_iterdir(P("a.txt")),
        NotADirectoryError,
        "[Errno 20] Not a directory: 'a.txt'",
    ),
    "a folder written to": (
        lambda one: one.path_write_bytes(P("sub"), b""),
        IsADirectoryError,
        "[Errno 21] Is a directory: 'sub'",
    ),
    "a file in no folder": (
        lambda one: one.path_write_bytes(P("none/a"), b""),
        FileNotFoundError,
        "[Errno 2] No such file or directory: '/mnt/data/none'",
    ),
    "a file below a file": (
        lambda one: one.path_write_bytes(P("a.txt/a"), b""),
        NotADirectoryError,
        "[Errno 20] Not a directory: '/mnt/data/a.txt'",
    ),
    "a file elsewhere": (
        lambda one: one.path_write_bytes(P("/tmp/a"), b""),
        PermissionError,
        "[Errno 13] Permission denied: '/tmp/a'",
    ),
    "a file removed elsewhere": (
        lambda one: one.path_unlink(P("/etc/passwd")),
        PermissionError,
        "[Errno 13] Permission denied: '/etc/passwd'",
    ),
    "a folder that is there": (
        lambda one: one.path_mkdir(P("sub"), parents=False, exist_ok=False),
        FileExistsError,
        "[Errno 17] File exists: 'sub'",
    ),
    "a folder that is a file": (
        lambda one: one.path_mkdir(P("a.txt"), parents=False, exist_ok=True),
        FileExistsError,
        "[Errno 17] File exists: 'a.txt'",
    ),
    "a folder in no folder": (
        lambda one: one.path_mkdir(P("x/y"), parents=False, exist_ok=True),
        FileNotFoundError,
        "[Errno 2] No such file or directory: '/mnt/data/x'",
    ),
    "a folder below a file": (
        lambda one: one.path_mkdir(P("a.txt/x/y"), parents=True, exist_ok=True),
        FileExistsError,
        "[Errno 17] File exists: '/mnt/data/a.txt'",
    ),
    "a folder removed that is not empty": (
        lambda one: one.path_rmdir(P("sub")),
        OSError,
        "[Errno 39] Directory not empty: 'sub'",
    ),
    "the folder removed": (
        lambda one: one.path_rmdir(P(".")),
        PermissionError,
        "[Errno 13] Permission denied: '.'",
    ),
    "a file renamed that is none": (
        lambda one: one.path_rename(P("none"), P("none")),
        FileNotFoundError,
        "[Errno 2] No such file or directory: 'none'",
    ),
    "a file renamed into no folder": (
        lambda one: one.path_rename(P("a.txt"), P("none/a")),
        FileNotFoundError,
        "[Errno 2] No such file or directory: '/mnt/data/none'",
    ),
    "a file renamed to a folder": (
        lambda one: one.path_rename(P("a.txt"), P("sub")),
        IsADirectoryError,
        "[Errno 21] Is a directory: 'sub'",
    ),
    "a folder renamed to a file": (
        lambda one: one.path_rename(P("sub"), P("a.txt")),
        FileExistsError,
        "[Errno 17] File exists: 'a.txt'",
    ),
    "a folder renamed into itself": (
        lambda one: one.path_rename(P("sub"), P("sub/sub")),
        OSError,
        "[Errno 22] Invalid argument: 'sub/sub'",
    ),
    "a folder renamed into no folder": (
        lambda one: one.path_rename(P("sub"), P("none/sub")),
        FileNotFoundError,
        "[Errno 2] No such file or directory: '/mnt/data/none'",
    ),
    "a name that is too long": (
        lambda one: one.path_write_bytes(P(f"{LONG}x"), b""),
        OSError,
        f"[Errno 36] File name too long: '/mnt/data/{LONG}'",
    ),
    "a path that is too long to look at": (
        lambda one: one.path_exists(P("/" + "x" * LONGEST_PATH)),
        OSError,
        f"[Errno 36] File name too long: '/{'x' * (MAX_PATH - 1)}'",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_done_is_an_error_and_changes_nothing(what: str):
    do, kind, told = REFUSED[what]
    one = folder()
    with pytest.raises(OSError, match="Errno") as raised:
        do(one)
    assert (type(raised.value), str(raised.value)) == (kind, told)
    assert names(one) == ["a.txt", "sub"]
    assert one.written() == {}
    assert one.removed() == []


def test_the_longest_paths_are_taken():
    assert (MAX_PATH, LONGEST_PATH) == (500, 4_096)
    one = folder()
    one.path_write_bytes(P(LONG), b"1")
    assert one.written() == {LONG: b"1"}
    assert not one.path_exists(P("/" + "x" * (LONGEST_PATH - 1)))


# Bounds


def test_bytes_are_bounded_to_the_last_one():
    one = folder(most_bytes=10)
    one.path_write_bytes(P("c"), b"1234")
    with pytest.raises(OSError, match=r"\[Errno 28\] No space left: 10 bytes is all"):
        one.path_append_bytes(P("c"), b"5")
    with pytest.raises(OSError, match="No space left"):
        one.path_write_bytes(P("c"), b"12345")
    one.path_write_bytes(P("c"), b"12")
    one.path_append_bytes(P("c"), b"34")
    one.path_write_bytes(P("c"), b"4321")
    assert one.written() == {"c": b"4321"}


def test_what_is_too_much_already_may_become_less():
    one = folder(most_bytes=2)
    one.path_write_bytes(P("a.txt"), b"1")
    one.path_write_bytes(P("a.txt"), b"1")
    with pytest.raises(OSError, match="No space left"):
        one.path_append_bytes(P("a.txt"), b"2")


def test_files_and_new_folders_are_bounded_together():
    one = folder(most_files=5)
    one.path_mkdir(P("x"), parents=False, exist_ok=False)
    one.path_write_bytes(P("c"), b"")
    one.path_append_bytes(P("d"), b"")
    with pytest.raises(OSError, match=r"\[Errno 28\] .*: there may be 5 files"):
        one.path_mkdir(P("y"), parents=False, exist_ok=False)
    with pytest.raises(OSError, match=r"\[Errno 28\] .*: there may be 5 files"):
        one.path_write_bytes(P("e"), b"")
    one.path_write_bytes(P("c"), b"1")  # it is there
    one.path_rmdir(P("x"))
    one.path_write_bytes(P("e"), b"")
    assert names(one) == ["a.txt", "c", "d", "e", "sub"]
