"""A sample's code line by line: coloured, its comments apart, its differences found."""

import ast
import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

from markupsafe import Markup, escape
from pygments.lexers import PythonLexer
from pygments.token import STANDARD_TYPES, Comment

NOTHING = Markup()
# What Pygments calls keywords, texts, numbers and the names that are defined.
COLOURED = re.compile("k|kn|kc|ow|s[12ade]|si|mf|mi|nc|nd|nf")


@dataclass
class Line:
    """A line of code, and what stands before it in the listing.

    `code` is its coloured code without a comment, `note` that comment. Where a comment
    fills the line, `code` is empty. `is_new` says that the sample beside it lacks this
    line, `gone` holds those of that one which stood here instead.
    """

    number: int
    text: str
    code: Markup = NOTHING
    note: str = ""
    is_new: bool = False
    varies: bool = False
    gone: list[str] = field(default_factory=list)

    @property
    def indent(self) -> str:
        """The blanks that the line begins with."""
        return indentation(self.text)


def listing(source: str) -> list[Line]:
    """All lines of a sample."""
    lines = [Line(n, text) for n, text in enumerate(source.splitlines(), 1)]
    number = 0
    for kind, value in PythonLexer().get_tokens(source):
        for index, part in enumerate(value.split("\n")):
            number += index > 0
            if not part or number >= len(lines):
                continue
            if kind in Comment:
                lines[number].note = part
            else:
                lines[number].code += _coloured(kind, part)
    for line in lines:
        if not line.code.striptags().strip():
            line.code = NOTHING
    return lines


def _coloured(kind: Any, text: str) -> Markup:
    """A token as the style sheet colours it; most of the code is left as it is."""
    while kind not in STANDARD_TYPES:
        kind = kind.parent
    style = STANDARD_TYPES[kind]
    if not COLOURED.fullmatch(style):
        return escape(text)
    return Markup('<span class="{}">{}</span>').format(style, text)


def indentation(text: str) -> str:
    """The blanks that a line begins with."""
    return text[: len(text) - len(text.lstrip())]


def head(source: str) -> int:
    """How many lines come before the code: what uv reads, and the docstring."""
    [first, *_] = ast.parse(source).body
    return first.end_lineno or 0


def compare(lines: list[Line], other: str) -> None:
    """Note in which lines the sample differs from another."""
    theirs = other.splitlines()
    matcher = SequenceMatcher(None, theirs, [line.text for line in lines], False)
    for kind, begin, end, first, last in matcher.get_opcodes():
        if kind == "equal":
            continue
        for line in lines[first:last]:
            line.is_new = True
        lines[min(first, len(lines) - 1)].gone += theirs[begin:end]


def note_what_varies(lines: list[Line], others: list[str]) -> None:
    """Note the lines of a sample that any of the others has not."""
    for other in others:
        theirs = set(other.splitlines())
        for line in lines:
            line.varies |= line.text not in theirs
