"""Skill bundles: what is taken, and which zips are refused before they do harm."""

import io
import stat
import time
import zipfile

import pytest

from responses_emulator import extras
from responses_emulator.programs import bundles
from responses_emulator.programs.bundles import (
    Bundle,
    UnusableBundle,
    read_files,
    read_zip,
    write_zip,
)

MANIFEST = (
    b"---\nname: basic-math\ndescription: Add numbers.\n---\n\nRun `python add.py`.\n"
)
FILES = {"basic_math/SKILL.md": MANIFEST, "basic_math/scripts/add.py": b"print(1)\n"}


def zipped(
    files: dict[str, bytes] | list[tuple[str, bytes]],
    method: int = zipfile.ZIP_DEFLATED,
    mode: int = 0,
) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        for path, content in files if isinstance(files, list) else files.items():
            entry = zipfile.ZipInfo(path)
            entry.compress_type = method
            entry.external_attr = (mode if "add" in path else 0) << 16
            archive.writestr(entry, content)
    return written.getvalue()


def refused(content: bytes) -> str:
    with pytest.raises(UnusableBundle) as caught:
        read_zip(content)
    return str(caught.value)


@pytest.mark.parametrize("read", [lambda: read_zip(zipped(FILES)),
                                  lambda: read_files(FILES.items())])  # fmt: skip
def test_a_zip_and_single_files_are_the_same_bundle(read):
    assert read() == Bundle(
        "basic_math",
        "basic-math",
        "Add numbers.",
        {"SKILL.md": MANIFEST, "scripts/add.py": b"print(1)\n"},
    )


def test_a_bundle_comes_back_as_the_zip_it_was():
    bundle = read_files(FILES.items())
    assert read_zip(write_zip(bundle)) == bundle
    assert write_zip(bundle) == write_zip(bundle)


def test_folders_may_have_entries_of_their_own():
    entries = [("basic_math/", b""), ("basic_math/scripts/", b""), *FILES.items()]
    assert read_zip(zipped(entries)) == read_files(FILES.items())


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../x",
        "basic_math/../../x",
        "basic_math/..",
        "basic_math//x",
        "basic_math/./x",
        "C:/x",
        "basic_math/C:x",
        "basic_math\\x",
        "\\\\host\\share",
        "basic_math/a\nb",
        "basic_math/a\x7fb",
        "basic_math/\u202etxt",
        "basic_math/x.",
        "basic_math/x ",
        "basic_math/nul",
        "basic_math/COM1.txt",
        "basic_math/a*b",
        "basic_math/" + "a" * 300,
        "",
    ],
)
def test_a_path_that_leads_elsewhere_is_refused(path: str):
    with pytest.raises(UnusableBundle, match="is no path within the bundle"):
        read_files([*FILES.items(), (path, b"")])
    if path and "\\" not in path:  # a zip has no backslashes on some systems
        assert "is no path within the bundle" in refused(
            zipped([*FILES.items(), (path, b"")])
        )


def test_a_path_may_be_so_long_and_no_longer():
    longest = "basic_math/".ljust(255, "a")
    longest = "basic_math/".ljust(255, "a")
    bundle = read_files([*FILES.items(), (longest, b"")])
    assert longest.removeprefix("basic_math/") in bundle.files
    with pytest.raises(UnusableBundle, match="of at most 255"):
        read_files([*FILES.items(), (f"{longest}a", b"")])


@pytest.mark.parametrize("path", ["../x/", "/x/", "basic_math/../"])
def test_so_is_such_a_folder(path: str):
    assert "is no path" in refused(zipped([*FILES.items(), (path, b"")]))


@pytest.mark.parametrize(
    "kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK]
)
def test_links_and_devices_are_refused(kind: int):
    told = refused(zipped(FILES, mode=kind | 0o777))
    assert "'basic_math/scripts/add.py' is a link or a device" in told


def test_the_files_of_an_ordinary_zip_have_a_mode():
    assert read_zip(zipped(FILES, mode=stat.S_IFREG | 0o755)).name == "basic-math"


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "expected one folder at the top"),
        ({"SKILL.md": MANIFEST}, "expected one folder at the top"),
        ({**FILES, "other/x": b""}, "expected one folder at the top"),
        ({**FILES, "__MACOSX/x": b""}, "expected one folder at the top"),
        ({"a/x.py": b""}, "expected exactly one SKILL.md, found 0"),
        ({**FILES, "basic_math/sub/skill.MD": b""}, "exactly one SKILL.md, found 2"),
        ({"a/b/SKILL.md": MANIFEST}, "SKILL.md belongs right into 'a'"),
        ({**FILES, "basic_math/scripts": b""}, "cannot be beside each other"),
        ({**FILES, "basic_math/Scripts/ADD.py": b""}, "cannot be beside each other"),
    ],
)
def test_a_bundle_is_one_folder_with_one_manifest(files: dict[str, bytes], told: str):
    with pytest.raises(UnusableBundle, match=told):
        read_files(files.items())
    assert told in refused(zipped(files))


def test_the_manifest_is_found_in_any_case():
    assert read_files([("a/skill.md", MANIFEST)]).name == "basic-math"


def test_a_file_that_is_there_twice_is_refused():
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = zipped([*FILES.items(), *FILES.items()])
    assert "is there twice" in refused(content)


# Bounds, to the last byte and file


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of 100 bytes at most, and 250 of all files."""
    monkeypatch.setattr(bundles, "MAX_FILE_BYTES", 100)
    monkeypatch.setattr(bundles, "MAX_BYTES", 250)


LITTLE = {"a/SKILL.md": b"---\nname: a\ndescription: b\n---\n"}  # 31 bytes


def both(files: dict[str, bytes]) -> set[str]:
    """What is told of files, and of a zip of them; "" where they are taken."""
    told: set[str] = set()
    for read in (lambda: read_files(files.items()), lambda: read_zip(zipped(files))):
        try:
            read()
            told.add("")
        except UnusableBundle as error:
            told.add(str(error))
    return told


@pytest.mark.usefixtures("small")
def test_a_file_is_bounded():
    assert both({**LITTLE, "a/b": bytes(100)}) == {""}
    assert both({**LITTLE, "a/b": bytes(101)}) == {"'a/b' is larger than 0 MB"}


@pytest.mark.usefixtures("small")
def test_all_files_are_bounded_together():
    files = {**LITTLE, "a/b": bytes(100), "a/c": bytes(100)}
    assert both({**files, "a/d": bytes(19)}) == {""}
    assert both({**files, "a/d": bytes(20)}) == {
        "unpacked it is larger than 0 MB, the emulator's limit"
    }


def test_files_are_counted_as_a_zip_s_are():
    files = {**LITTLE, **{f"a/{n}": b"" for n in range(499)}}
    assert both(files) == {""}
    assert both({**files, "a/b": b""}) == {"it has more than 500 files"}


def test_folders_of_a_zip_are_not_counted_as_files():
    folders = {f"a/{n}/": b"" for n in range(500)}
    files = {f"a/{n}/b": b"" for n in range(499)}
    content = zipped({**LITTLE, **folders, **files})
    assert len(read_zip(content).files) == 500
    assert refused(zipped({**LITTLE, **folders, **files, "a/0/c/": b""})) == (
        "it has more than 500 files"
    )


def test_a_zip_is_bounded(monkeypatch: pytest.MonkeyPatch):
    assert bundles.MAX_ZIP_BYTES == 50 * 2**20
    content = zipped(LITTLE)
    monkeypatch.setattr(bundles, "MAX_ZIP_BYTES", len(content))
    assert read_zip(content).name == "a"
    monkeypatch.setattr(bundles, "MAX_ZIP_BYTES", len(content) - 1)
    assert refused(content) == "the zip is larger than 0 MB"


def test_what_a_bundle_holds_is_counted():
    bundle = Bundle("a", "a", "b", {"one": b"12345", "two/three": b""})
    assert bundle.size == (3 + 5 + 200) + (9 + 200)


def test_files_of_a_written_zip_are_anybodys_to_read():
    with zipfile.ZipFile(io.BytesIO(write_zip(read_files(LITTLE.items())))) as archive:
        [entry] = archive.infolist()
    assert (entry.filename, entry.external_attr) == ("a/SKILL.md", 0o644 << 16)
    assert entry.compress_type == zipfile.ZIP_DEFLATED


@pytest.mark.parametrize("path", ["a/./b", "a/../b", "a//b", "./b", "../b", "/b", "b/"])
def test_a_part_of_a_path_is_no_dots_alone_and_not_empty(path: str):
    assert not bundles._is_inside(path)


@pytest.mark.parametrize("path", ["a", "a/b", "a/.b", "a/..b", "a/b..c"])
def test_other_paths_stay_inside(path: str):
    assert bundles._is_inside(path)


def test_files_in_folders_of_many_depths_are_beside_each_other():
    files = {**LITTLE, "a/b/c/d": b"", "a/b/c/e": b"", "a/b/f": b""}
    assert both(files) == {""}
    for path in ("a/b/c", "a/b", "a/B/C", "a/b/F"):
        assert both({**files, path: b""}) == {
            "two of its paths cannot be beside each other"
        }


# The front matter


def manifest(front: str) -> bytes:
    return f"---\n{front}\n---\n".encode()


def test_a_name_and_a_description_are_bounded():
    longest = f"name: {'a' * 64}\ndescription: {'b' * 1_024}"
    bundle = read_files([("a/SKILL.md", manifest(longest))])
    assert (len(bundle.name), len(bundle.description)) == (64, 1_024)


def test_front_matter_is_looked_for_so_far_and_no_further():
    head = "name: a\ndescription: b\n#"
    fits = 6_000 - len(f"---\n{head}\n---")
    bundle = read_files([("a/SKILL.md", manifest(head + " " * fits))])
    assert bundle.name == "a"
    with pytest.raises(UnusableBundle, match="no front matter"):
        read_files([("a/SKILL.md", manifest(head + " " * (fits + 1)))])


def test_what_is_no_yaml_is_told_in_one_line():
    with pytest.raises(UnusableBundle) as raised:
        read_files([("a/SKILL.md", manifest("a: [\nb: {"))])
    [line] = str(raised.value).splitlines()
    assert line.startswith("the front matter of SKILL.md is no YAML: while parsing")


def test_what_reads_a_manifest_is_an_extra(monkeypatch: pytest.MonkeyPatch):
    needed: list[tuple[str, str]] = []
    monkeypatch.setattr(extras, "need", lambda *asked: needed.append(asked))
    read_files(LITTLE.items())
    assert needed == [("skills", "To read a skill")]


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        (b"", "no front matter"),
        (b"# Math\n", "no front matter"),
        (b"---\nname: x\ndescription: y\n", "no front matter"),
        (b"---\n" + b"# x\n" * 5000 + b"name: a\ndescription: b\n---\n", "no front"),
        (b"---\n- a\n---\n", "the 'name' in SKILL.md"),
        (b"---\ndescription: y\n---\n", "the 'name' in SKILL.md"),
        (b"---\nname: Basic Math\ndescription: y\n---\n", "the 'name' in SKILL.md"),
        (b"---\nname: -a\ndescription: y\n---\n", "the 'name' in SKILL.md"),
        (b"---\nname: a--b\ndescription: y\n---\n", "the 'name' in SKILL.md"),
        (b"---\nname: ../x\ndescription: y\n---\n", "the 'name' in SKILL.md"),
        (b"---\nname: [a]\ndescription: y\n---\n", "the 'name' in SKILL.md"),
        (b"---\nname: " + b"a" * 65 + b"\ndescription: y\n---\n", "the 'name'"),
        (b"---\nname: a\n---\n", "the 'description' in SKILL.md"),
        (b"---\nname: a\ndescription: ''\n---\n", "the 'description' in SKILL.md"),
        (b"---\nname: a\ndescription: " + b"x" * 1025 + b"\n---\n", "description"),
        (b"---\nname: a\ndescription: [\n---\n", "is no YAML"),
        (b"---\nname: \xff\n---\n", "is no YAML"),
        (b"---\nname: " + b"[" * 5000 + b"\n---\n", "is no YAML"),
    ],
)
def test_a_manifest_names_and_describes_the_skill(manifest: bytes, told: str):
    with pytest.raises(UnusableBundle, match=told):
        read_files([("a/SKILL.md", manifest)])


@pytest.mark.parametrize(
    ("manifest", "described"),
    [
        (b"\xef\xbb\xbf---\r\nname: a\r\ndescription: b\r\n---\r\n", ("a", "b")),
        (
            b"---\nname: 'a-1'\ndescription: >\n  b\n  c\nextra: [1]\n---",
            ("a-1", "b c\n"),
        ),
        (b"---\nname: 7\ndescription: 2026-01-01\n---\n", ("7", "2026-01-01")),
    ],
)
def test_the_front_matter_is_yaml(manifest: bytes, described: tuple[str, str]):
    bundle = read_files([("a/SKILL.md", manifest)])
    assert (bundle.name, bundle.description) == described


def test_no_object_is_made_and_no_alias_unfolded():
    told = b"---\nname: !!python/object/apply:os.system [id]\ndescription: x\n---\n"
    with pytest.raises(UnusableBundle):
        read_files([("a/SKILL.md", told)])
    levels = "\n".join(
        f"l{n}: &l{n} {{<<: [{', '.join([f'*l{n - 1}'] * 9)}]}}" for n in range(1, 30)
    )
    bomb = f"---\nl0: &l0 {{a: b}}\n{levels}\nname: a\ndescription: b\n---\n"
    begun = time.process_time()
    assert read_files([("a/SKILL.md", bomb.encode())]).name == "a"
    assert time.process_time() - begun < 5


# Bombs


def test_a_zip_that_is_none_is_refused():
    for content in (b"", b"PK", b"PK\x03\x04" + b"x" * 50, zipped(FILES)[:-30]):
        assert "cannot be read" in refused(content)


def test_a_damaged_file_is_refused():
    content = zipped(FILES, zipfile.ZIP_STORED).replace(b"print(1)", b"print(2)")
    assert "cannot be read" in refused(content)


def test_a_password_is_refused():
    content = bytearray(zipped(FILES))
    at = content.rindex(bundles.ENTRY)
    content[at + 8] |= 1
    assert "cannot be read" in refused(bytes(content))


def test_a_zip_above_its_size_is_not_opened(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bundles, "MAX_ZIP_BYTES", 2**20)
    assert refused(b"PK" + bytes(2**20)) == "the zip is larger than 1 MB"


def test_too_many_files_are_refused_before_they_are_listed(
    monkeypatch: pytest.MonkeyPatch,
):
    many = {f"a/{n}": b"" for n in range(501)}
    assert (
        refused(zipped({"a/SKILL.md": MANIFEST} | many)) == "it has more than 500 files"
    )
    whole = {f"a/{n}": b"" for n in range(499)}
    assert len(read_zip(zipped({"a/SKILL.md": MANIFEST} | whole)).files) == 500

    def opened(*_: object) -> None:
        pytest.fail("the zip was opened")

    content = zipped({f"a/{n}": b"" for n in range(1500)})
    monkeypatch.setattr(zipfile, "ZipFile", opened)
    assert refused(content) == "it has more than 500 files"


def test_a_bomb_is_refused_by_what_it_says_it_holds():
    bomb = zipped({**FILES, "basic_math/zeros": bytes(26 * 2**20)})
    assert len(bomb) < 100_000
    assert refused(bomb) == "'basic_math/zeros' is larger than 25 MB"


def test_a_bomb_of_many_files_is_refused_by_their_sum():
    zeros = bytes(24 * 2**20)
    bomb = zipped({**FILES, **{f"basic_math/{n}": zeros for n in range(5)}})
    assert refused(bomb) == "unpacked it is larger than 100 MB, the emulator's limit"


def test_a_bomb_that_lies_about_its_size_gets_no_further_than_that():
    content = bytearray(zipped({**FILES, "basic_math/zeros": bytes(30 * 2**20)}))
    at = content.rindex(bundles.ENTRY)
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")
    assert "cannot be read" in refused(bytes(content))  # its checksum is another's
