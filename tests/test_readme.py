"""The README: its table is complete, its links are alive, its commands exist."""

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from scripts import samples_table
from tests.collection import GROUPS, ROOT, SAMPLES

PAGES = sorted(
    page
    for depth in ("", "[a-z]*/", "[a-z]*/*/", "[a-z]*/tests/*/")
    for page in ROOT.glob(f"{depth}*.md")
)
COMMANDS = ROOT / "emulator" / "src" / "responses_emulator" / "commands"
LINK = re.compile(r"\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)(?:\s[^)]*)?\)")
IMAGE = re.compile(r"""<(?:img|source)[^>]*\ssrc(?:set)?=["'](?P<target>[^"']+)""")
FENCE = re.compile(r"(?ms)^(`{3,}|~{3,}).*?^\1")
FOLDERS = "python|emulator|assets|tests|benchmarks|scripts"
PATHS = rf"(?:{FOLDERS})/[\w./-]*\w|requirements[\w-]*\.txt"

every_page = pytest.mark.parametrize(
    "page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix()
)


def readme() -> str:
    return (ROOT / "README.md").read_text("utf-8")


def rows() -> list[list[str]]:
    """The cells of the samples table: what you get, v1, Entra, legacy, needs."""
    table = readme().split("<!-- samples -->")[1].split("<!-- /samples -->")[0]
    lines = [line for line in table.splitlines() if line.startswith("|")]
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines[2:]  # below the heads and the rule
        if not line.startswith("| **")  # a group
    ]


def code(text: str) -> str:
    """The commands and names in a page's fenced blocks and code spans."""
    spans = re.findall(r"`([^`\n]+)`", FENCE.sub("", text))
    return "\n".join([match[0] for match in FENCE.finditer(text)] + spans)


def anchors(text: str) -> set[str]:
    """The fragments that GitHub gives to a page's headings."""
    return {
        re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        for heading in re.findall(r"(?m)^#+ (.+)$", FENCE.sub("", text))
    }


# The table


def test_table_is_what_the_docstrings_make_it() -> None:
    assert samples_table.updated(readme()) == readme(), "`make readme` writes it"


def test_table_links_every_sample_once() -> None:
    links = [
        Path(match["target"]).name
        for row in rows()
        for match in LINK.finditer(" ".join(row))
    ]
    samples = [name for name in links if name.endswith(".py")]

    assert sorted(samples) == [path.name for path in SAMPLES]


def test_table_has_each_sample_in_its_column() -> None:
    for what, v1, entra, legacy, _needs in rows():
        assert what
        assert v1 or entra, "v1 is what to use"
        assert v1.count("(python/") <= 1
        assert "-v1.py" in v1 or not v1
        assert "-entra-" not in v1
        assert "-entra-" in entra or not entra
        assert "-v1.py" not in legacy


def test_the_first_of_each_group_is_what_to_read_first() -> None:
    block = readme().split("<!-- samples -->")[1]
    sentence, _, table = block.strip().partition("\n")
    first_links = [
        LINK.findall(group)[0] for group in table.split("| **")[1:] if "(" in group
    ]

    assert re.findall(r"\| \*\*(.+?)\*\*", table) == list(GROUPS)
    assert LINK.findall(sentence) == first_links
    assert len(first_links) == 10


def test_two_samples_with_one_first_line_cannot_share_a_cell(tmp_path: Path) -> None:
    text = '"""Ask.\n\nGroup: MCP\n"""\n'
    for name in ("a-v1.py", "b-v1.py"):
        (tmp_path / name).write_text(text, "utf-8")

    with pytest.raises(AssertionError, match=r"two samples in one cell: b-v1\.py"):
        samples_table.rows(("a-v1.py", "b-v1.py"), tmp_path)


# Names that the public collection has for the same samples


def test_names_from_elsewhere_lead_to_samples_of_this_collection() -> None:
    table = readme().split("<!-- names -->")[1].split("<!-- /names -->")[0]
    lines = [line for line in table.splitlines() if line.startswith("| `")]
    theirs = [re.findall(r"`([\w-]+)`", line.split("|")[1]) for line in lines]
    ours = {name for line in lines for name in re.findall(r"`([\w-]+)`", line[3:])}
    ours -= {name for names in theirs for name in names}
    here = {
        path.stem.removeprefix("responses-").removesuffix("-v1").removesuffix("-aoai")
        for path in SAMPLES
    }

    assert ours <= here
    assert "conversation" in ours
    assert not here.intersection(name for names in theirs for name in names)


# Links and commands, here and on the other pages


def test_the_pages_are_found() -> None:
    names = {path.name for path in PAGES}
    assert {"README.md", "CONTRIBUTING.md", "SECURITY.md"} <= names


@every_page
def test_links_within_the_project_are_alive(page: Path) -> None:
    text = page.read_text("utf-8")
    prose = FENCE.sub("", text)
    for match in [*LINK.finditer(prose), *IMAGE.finditer(prose)]:
        target = urlsplit(match["target"])
        if target.scheme or target.netloc:
            assert target.scheme in ("https", "mailto"), match[0]
            continue
        file = page.parent / unquote(target.path) if target.path else page
        assert file.resolve().is_relative_to(ROOT), match[0]
        assert file.exists(), match[0]
        if target.fragment and file.suffix == ".md":
            assert target.fragment in anchors(file.read_text("utf-8")), match[0]


@every_page
def test_commands_exist(page: Path) -> None:
    commands = code(page.read_text("utf-8")).replace("\\", "/")
    targets = set(re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text("utf-8")))

    for line in re.findall(r"(?m)^\s*(?:\$ )?make((?: [a-z]+\b(?!=))+)", commands):
        assert set(line.split()) <= targets, f"make{line}"
    for subcommand in re.findall(r"responses-emulator ([a-z]+)", commands):
        assert (COMMANDS / f"{subcommand}.py").is_file()


@every_page
def test_files_that_are_named_exist(page: Path) -> None:
    named = re.findall(
        rf"(?<![\w./-])(?:{PATHS})(?![\w<*-])",
        code(page.read_text("utf-8")).replace("\\", "/"),
    )

    for name in named:
        assert (ROOT / name).exists(), name
