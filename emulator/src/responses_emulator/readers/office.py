"""What Word and PowerPoint files have in common: a zip archive of parts in XML.

The text of a part is read as a stream of tags, which needs no tree in memory: every
text is kept, in the order of the file.
"""

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from responses_emulator.readers.outcome import (
    MAX_CHARACTERS,
    SOFT_HYPHEN,
    UNKNOWN,
    UnreadableDocument,
)

MAX_UNPACKED = 200 * 2**20  # bytes of all the parts that are read
COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # a protected file is one of these


class Damaged(Exception):
    """A part that is missing or cannot be read."""


class Archive:
    """The parts of a file, and which part refers to which."""

    def __init__(self, content: bytes) -> None:
        """Open the archive. Raises UnreadableDocument."""
        if content.startswith(COMPOUND_FILE):
            raise UnreadableDocument(
                "The file is protected by a password, or of the format before 2007."
            )
        try:
            self._file = zipfile.ZipFile(BytesIO(content))
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise UnreadableDocument(f"The file cannot be opened: {error}") from error
        # Names are the same in upper case; some programs write those of Windows.
        self._names = {_even(name): name for name in self._file.namelist()}
        self._room = MAX_UNPACKED

    def tags(self, part: str) -> Iterator[tuple[str, Element]]:
        """`start` and `end` of each tag of a part. Raises Damaged, UnreadableDocument.

        Namespaces are left out: there are two sets of them for the same tags.
        """
        source = BytesIO(self.content(part))
        try:
            for event, element in iterparse(source, events=("start", "end")):
                element.tag = local(element.tag)
                yield event, element
                if event == "end":
                    element.clear()
        except DefusedXmlException as error:
            raise UnreadableDocument(
                "The file declares entities, which are not read."
            ) from error
        except (ParseError, LookupError, ValueError) as error:  # or an odd encoding
            raise Damaged(str(error)) from error

    def relations(self, part: str) -> list[tuple[str, str, str]]:
        """Id, type and target of the parts that a part refers to; empty without any."""
        folder, name = posixpath.split(part)
        found: list[tuple[str, str, str]] = []
        try:
            for event, tag in self.tags(f"{folder}/_rels/{name}.rels"):
                if event == "end" or tag.tag != "Relationship":
                    continue
                if tag.get("TargetMode") == "External":
                    continue
                target = posixpath.join("/", folder, tag.get("Target") or "")
                kind = (tag.get("Type") or "").rpartition("/")[2]
                path = posixpath.normpath(target).lstrip("/")
                found.append((tag.get("Id") or "", kind, path))
        except Damaged:
            return found
        return found

    def main(self) -> str:
        """The part that is the document itself."""
        for _, kind, target in self.relations(""):
            if kind == "officeDocument":
                return target
        raise UnreadableDocument("The file is damaged, or not what its name says.")

    def content(self, part: str) -> bytes:
        """A part as it is. Raises Damaged, UnreadableDocument."""
        try:
            with self._file.open(self._names[_even(part)]) as file:
                content = file.read(self._room + 1)
        except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise Damaged(str(error)) from error
        except (RuntimeError, NotImplementedError) as error:  # a password, a method
            raise UnreadableDocument(f"The file cannot be read: {error}") from error
        self._room -= len(content)
        if self._room < 0:
            raise UnreadableDocument("The file unpacks to too much.")
        return content


def _even(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def local(name: str) -> str:
    """The name of a tag or an attribute without its namespace."""
    return name.rpartition("}")[2]


def attribute(tag: Element, name: str) -> str:
    """An attribute, whatever its namespace; an empty string if there is none."""
    return next((tag.attrib[key] for key in tag.attrib if local(key) == name), "")


# Said twice over, for programs that know less; moved away from here; as it once was.
SKIPPED = frozenset(("Fallback", "moveFrom", "pPrChange", "rPrChange"))

# Tags whose lines come to one, and what stands between them: a cell, a row, a series.
GROUPS = {"tc": " ", "tr": "  ", "ser": "  "}


@dataclass
class _Paragraph:
    parts: list[str] = field(default_factory=list[str])
    style: str = ""
    outline: int = 0  # 1 for the highest; 0: none of its own
    is_listed: bool = False
    choices: list[str] = field(default_factory=list[str])  # of a field to choose from
    chosen: int = 0


class Text:
    """The lines of parts: a paragraph is one, and so is a row of a table."""

    def __init__(self, levels: dict[str, int] | None = None) -> None:
        """Begin without lines. `levels` are those of the headings by their styles."""
        self.lines: list[str] = []
        self.has_pictures = False
        self._levels = levels or {}
        self._characters = 0
        self._paragraphs: list[_Paragraph] = []  # one may have a box with more in it
        self._around: list[list[str]] = []  # the lines around the groups that are open
        self._skipped = 0
        self._in_title = False

    def __str__(self) -> str:
        """The lines so far."""
        return "\n".join(self.lines)

    def add(self, tags: Iterator[tuple[str, Element]]) -> None:
        """Read a part. Raises what `tags` does; what came before is kept."""
        try:
            for event, tag in tags:
                if tag.tag in SKIPPED:
                    self._skipped += 1 if event == "start" else -1
                elif not self._skipped:
                    (self._start if event == "start" else self._stop)(tag.tag, tag)
        finally:
            self._close()

    def _start(self, name: str, tag: Element) -> None:
        if name == "p":
            self._paragraphs.append(_Paragraph(outline=int(self._in_title)))
        elif name in GROUPS:
            self._around.append(self.lines)
            self.lines = []
        elif name == "ph":  # what a shape on a slide is for
            self._in_title = attribute(tag, "type") in ("title", "ctrTitle")
        elif name == "comment":
            self._say(f"Comment ({attribute(tag, 'author')}):")

    def _stop(self, name: str, tag: Element) -> None:
        if name in GROUPS and self._around:
            whole = GROUPS[name].join(self.lines).replace("\n", " ")
            self.lines = self._around.pop()
            self._say(whole)
        elif name == "sp":
            self._in_title = False
        elif name in ("blip", "imagedata"):
            self.has_pictures = True
        elif name == "p" and self._paragraphs:
            self._end(self._paragraphs.pop())
        elif self._paragraphs:
            _take(self._paragraphs[-1], name, tag)
        elif name in ("v", "text"):  # of a chart, of a comment on a slide
            self._say(tag.text or "")

    def _close(self) -> None:
        """Keep what is open: the part has come to an end, or to where it is broken."""
        while self._paragraphs:
            self._end(self._paragraphs.pop())
        while self._around:
            inner, self.lines = self.lines, self._around.pop()
            self.lines += inner
        self._skipped = 0
        self._in_title = False

    def _end(self, paragraph: _Paragraph) -> None:
        text = "".join(paragraph.parts).strip()
        level = paragraph.outline or self._levels.get(paragraph.style, 0)
        if level and text:
            text = "#" * min(level, 6) + " " + " ".join(text.split())
        elif paragraph.is_listed and text:
            text = "- " + text
        self._say(text)

    def _say(self, text: str) -> None:
        if text:
            self._characters += len(text)
            if self._characters > MAX_CHARACTERS:
                raise UnreadableDocument("The file holds too much text.")
            self.lines.append(text)


def _take(paragraph: _Paragraph, name: str, tag: Element) -> None:
    """What a tag within a paragraph adds to it."""
    if name == "t":
        paragraph.parts.append((tag.text or "").replace(SOFT_HYPHEN, ""))
    elif name in ("tab", "ptab"):
        paragraph.parts.append("\t")
    elif name in ("br", "cr"):
        paragraph.parts.append("\n")
    elif name == "noBreakHyphen":
        paragraph.parts.append("-")
    elif name == "pStyle":
        paragraph.style = attribute(tag, "val")
    elif name == "outlineLvl":
        paragraph.outline = outline(tag)
    elif name == "numPr":
        paragraph.is_listed = True
    elif name == "sym":
        paragraph.parts.append(_symbol(attribute(tag, "char")))
    elif name == "textpath":  # of a watermark, and what else is drawn
        paragraph.parts.append(attribute(tag, "string"))
    else:
        _take_field(paragraph, name, attribute(tag, "val"))


def _symbol(code: str) -> str:
    """A letter by its code. What a font has for codes of its own is not known."""
    try:
        symbol = chr(int(code, 16))
    except (ValueError, OverflowError):
        return UNKNOWN
    return symbol if symbol.isprintable() else UNKNOWN


def _take_field(paragraph: _Paragraph, name: str, value: str) -> None:
    """What is chosen in a form as Word once had them: no text says that."""
    if name == "listEntry":
        paragraph.choices.append(value)
    elif name == "result":
        paragraph.chosen = int(value) if value.isdecimal() else 0
    elif name == "ddList":
        paragraph.parts += paragraph.choices[paragraph.chosen :][:1]
        paragraph.choices, paragraph.chosen = [], 0


def outline(tag: Element) -> int:
    """The level of a heading, from 1; 0 for body text, which is 9 in the file."""
    value = attribute(tag, "val")
    return int(value) + 1 if value in tuple("012345678") else 0
