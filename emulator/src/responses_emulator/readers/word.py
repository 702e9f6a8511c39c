"""The text of a Word file (docx): body, tables, boxes, charts, notes, comments, edges.

Deleted text is left out. The numbers of numbered paragraphs are not in the file.
"""

from pathlib import PurePath

from responses_emulator.readers.html import text_of
from responses_emulator.readers.office import Archive, Damaged, Text, attribute, outline
from responses_emulator.readers.outcome import Read, UnreadableDocument
from responses_emulator.readers.text import decoded

# The parts beside the body, in the order in which they are read.
BEFORE = ("header",)
AFTER = ("chart", "diagramData", "footnotes", "endnotes", "footer", "comments")
DEEPEST = 20  # styles that are based on each other


def read(content: bytes) -> Read:
    """The text as one page: a Word file has none of its own. UnreadableDocument."""
    archive = Archive(content)
    body = archive.main()
    related = archive.relations(body)
    text = Text(_heading_levels(archive, related))
    damaged = False
    for kinds in (BEFORE, None, AFTER):
        parts = [body] if kinds is None else _of(related, kinds)
        for part in parts:
            try:
                text.add(archive.tags(part))
                if part == body:
                    _add_files(text, archive, related)
            except Damaged as error:
                if part == body and not text.lines:
                    raise UnreadableDocument(
                        f"The Word file cannot be read: {error}"
                    ) from error
                damaged = True
    pictures = (1,) if text.has_pictures and not text.lines else ()
    return Read((str(text),), (1,) if damaged else (), pictures)


def _add_files(
    text: Text, archive: Archive, related: list[tuple[str, str, str]]
) -> None:
    """Read the HTML and text files that a body has within; Damaged of other kinds."""
    for part in _of(related, ("aFChunk",)):
        suffix = PurePath(part).suffix.lower()
        if suffix not in (".htm", ".html", ".xhtml", ".txt"):
            raise Damaged(part)
        whole = decoded(archive.content(part), ".html")
        text.lines += (whole if suffix == ".txt" else text_of(whole)).splitlines()


def _of(related: list[tuple[str, str, str]], kinds: tuple[str, ...]) -> list[str]:
    parts = [path for kind in kinds for _, own, path in related if own == kind]
    return list(dict.fromkeys(parts))


def _heading_levels(
    archive: Archive, related: list[tuple[str, str, str]]
) -> dict[str, int]:
    """The level of each style that is one of headings, by the style's id."""
    levels: dict[str, int] = {}
    based_on: dict[str, str] = {}
    style = ""
    for part in _of(related, ("styles",)):
        try:
            for event, tag in archive.tags(part):
                if event == "start":
                    if tag.tag == "style":
                        style = attribute(tag, "styleId")
                elif tag.tag == "basedOn":
                    based_on[style] = attribute(tag, "val")
                elif tag.tag == "outlineLvl":
                    levels[style] = outline(tag)
                elif tag.tag == "name" and attribute(tag, "val").lower() == "title":
                    levels.setdefault(style, 1)
        except Damaged:
            continue
    for style in based_on:
        base = style
        for _ in range(DEEPEST):
            if base in levels or base not in based_on:
                break
            base = based_on[base]
        if base in levels:
            levels.setdefault(style, levels[base])
    return levels
