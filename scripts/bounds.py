"""The bounds in the samples' headers, taken from requirements.txt: `make bounds`.

Which packages a header names stays as it is: only their bounds are written anew.
"""

import re
from pathlib import Path

from tests.collection import ROOT, SAMPLES

REQUIREMENTS = ROOT / "requirements.txt"
HEADER = re.compile(r"\A# /// script\n(?:#(?: .*)?\n)+?# ///\n")
LIST = re.compile(r'# dependencies = \[(?P<items>(?:"[^"]*"|[^]"])*)\]\n')
NAME = re.compile(r"[\w.-]+(?:\[[\w,-]+\])?")
WIDTH = 88


def requirements(text: str) -> dict[str, str]:
    """Each requirement by the name of its package, without extras."""
    lines = [line.strip() for line in text.splitlines()]
    return {
        package(line): line
        for line in lines
        if line and not line.startswith(("#", "-"))
    }


def text_of(path: Path) -> str:
    """A file of requirements, with those that it names with `-r`."""
    text = path.read_text("utf-8")
    named = re.findall(r"(?m)^-r (.+)$", text)
    return "\n".join([text, *(text_of(path.parent / name) for name in named)])


def package(requirement: str) -> str:
    """The name that a requirement begins with, without extras."""
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0]


def dependencies(header: str) -> list[str]:
    """The requirements in a header, in its order."""
    match = LIST.search(header)
    assert match, "a header lists its dependencies"
    return re.findall(r'"([^"]+)"', match["items"])


def line(items: list[str]) -> str:
    """The `dependencies` of a header, broken before it gets too long."""
    begin = "# dependencies = ["
    lines = [begin]
    for at, item in enumerate(items):
        piece = f'"{item}"' + ("," if at < len(items) - 1 else "]")
        if lines[-1].endswith("["):
            lines[-1] += piece
        elif len(f"{lines[-1]} {piece}") <= WIDTH:
            lines[-1] += f" {piece}"
        else:
            lines.append("#".ljust(len(begin)) + piece)
    return "\n".join(lines) + "\n"


def updated(source: str, bounds: dict[str, str]) -> str:
    """A sample with the bounds as they should be."""
    match = HEADER.match(source)
    assert match, "a sample begins with a header"
    header = match[0]
    items: list[str] = []
    for old in dependencies(header):
        name = NAME.match(old)
        assert name
        new = bounds[package(old)]
        items.append(name[0] + re.sub(NAME.pattern, "", new, count=1))
    return LIST.sub(lambda _: line(items), header) + source[len(header) :]


def write(paths: list[Path] = SAMPLES) -> None:
    """Write the bounds into the headers of these samples."""
    bounds = requirements(text_of(REQUIREMENTS))
    for path in paths:
        new = updated(path.read_text("utf-8"), bounds)
        path.write_text(new, "utf-8", newline="\n")


if __name__ == "__main__":
    write()
