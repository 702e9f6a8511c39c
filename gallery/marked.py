"""JSON as a page shows it: laid out, and marked what a sample sets or reads."""

import json
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from gallery.reading import ANY, Path

WIDTH = 80  # columns, where there is a choice
ROOM = 1_000_000  # columns, where there is none: what is on one line stays there
# The types of what the SDK looks through by itself, for `output_text`.
SDKS_OWN = ("message", "output_text")


@dataclass(frozen=True)
class Marks:
    """Which properties are marked: their paths, each with a line of the sample.

    What is marked is noted in `found`. In a reply, `types` are the strings that the
    sample knows: of an item of another type it reads that, and nothing else. Without
    them it is a request, in which marks stand for what is set.
    """

    lines: dict[Path, int]
    found: dict[str, int]
    types: set[str] | None = None

    def key(self, name: str, path: Path, value: Any) -> Markup:
        """A property's name, marked if its value is set or read."""
        text = json.dumps(name, ensure_ascii=False)
        line = self._line(path, value)
        if line is None:
            return Markup("<b>{}</b>").format(text)
        self.found.setdefault(".".join(step for step in path if step != ANY), line)
        style, what = ("s", "set") if self.types is None else ("r", "read")
        mark = '<mark class="{}" title="{} in line {}">{}</mark>'
        return Markup(mark).format(style, what, line, text)

    def _line(self, path: Path, value: Any) -> int | None:
        """The line that sets or reads this value, and not only a part of it.

        A part that JSON has no name for, of a text or of null, stands for the whole.
        """
        below = {
            other: line for other, line in self.lines.items() if _begins(other, path)
        }
        has_parts = value and isinstance(value, dict | list)
        return (
            None
            if has_parts and set(below) != {path}
            else min(below.values(), default=None)
        )

    def within(self, value: dict[str, Any], path: Path) -> "Marks":
        """Those within an item of a list: of one of another type, its type alone."""
        kind = value.get("type")
        known = self.types is None or kind in (None, *self.types, *SDKS_OWN)
        if known or path[-1:] != (ANY,):
            return self
        lines = {
            other: line
            for other, line in self.lines.items()
            if not _begins(other, path) or other == (*path, "type")
        }
        return Marks(lines, self.found, self.types)


def _begins(path: Path, beginning: Path) -> bool:
    return path[: len(beginning)] == beginning


def laid_out(
    value: Any, marks: Marks, path: Path = (), indent: int = 0, before: int = 0
) -> Markup:
    """JSON in which whatever fits into the width stays on one line.

    `before` is how many columns the name in front of the value takes. In a reply, what
    has no mark in it takes as little room as it can.
    """
    flat = json.dumps(value, ensure_ascii=False)
    if not value or not isinstance(value, dict | list):
        return escape(flat)
    fits = indent + before + len(flat) <= WIDTH
    space, pad = ("", " ") if fits else ("\n" + " " * (indent + 2),) * 2
    inner = -ROOM if fits else indent + 2
    if isinstance(value, list):
        opening, closing = "[", "]"
        items = [laid_out(item, marks, (*path, ANY), inner) for item in value]
    else:
        opening, closing = "{", "}"
        left = marks.within(value, path)
        items = [
            left.key(name, (*path, name), item)
            + ": "
            + laid_out(item, left, (*path, name), inner, len(name) + 4)
            for name, item in value.items()
        ]
    end = "" if fits else "\n" + " " * indent
    text = Markup(opening + space) + Markup(f",{pad}").join(items) + end + closing
    if path and not fits and marks.types is not None and "<mark" not in text:
        return Markup('<span class="u">{}</span>').format(flat)
    return text
