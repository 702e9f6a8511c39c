"""The text of a PowerPoint file (pptx), slide by slide, with charts and notes."""

from xml.etree.ElementTree import Element

from responses_emulator.readers.office import Archive, Damaged, Text, local
from responses_emulator.readers.outcome import MAX_PAGES, Read, UnreadableDocument

# What a slide refers to and is read with it, in this order.
WITH_A_SLIDE = ("chart", "diagramData", "notesSlide", "comments")


def read(content: bytes) -> Read:
    """The text of each slide, in their order. Raises UnreadableDocument."""
    archive = Archive(content)
    slides = _slides(archive)
    if len(slides) > MAX_PAGES:
        raise UnreadableDocument(f"The file has more than {MAX_PAGES:,} slides.")
    if not slides:
        raise UnreadableDocument("The file has no slides.")
    pages: list[str] = []
    damaged: list[int] = []
    pictures: list[int] = []
    for number, slide in enumerate(slides, start=1):
        text = Text()
        try:
            text.add(archive.tags(slide))
            related = archive.relations(slide)
            for kind in WITH_A_SLIDE:
                for _, own, part in related:
                    if own == kind:
                        text.add(archive.tags(part))
        except Damaged:
            damaged.append(number)
        if text.has_pictures and not text.lines:
            pictures.append(number)
        pages.append(str(text))
    if len(damaged) == len(pages) and not any(pages):
        raise UnreadableDocument("No slide of the file can be read.")
    return Read(tuple(pages), tuple(damaged), tuple(pictures))


def _slides(archive: Archive) -> list[str]:
    presentation = archive.main()
    parts = {id: part for id, _, part in archive.relations(presentation)}
    try:
        return [
            # One that is missing is a part that cannot be read.
            parts.get(_relation(tag), "")
            for event, tag in archive.tags(presentation)
            if event == "start" and tag.tag == "sldId"
        ]
    except Damaged as error:
        raise UnreadableDocument(
            f"The PowerPoint file cannot be read: {error}"
        ) from error


def _relation(tag: Element) -> str:
    """The id of a relation, which a slide has beside an id of its own."""
    found = (key for key in tag.attrib if key.startswith("{") and local(key) == "id")
    return next((tag.attrib[key] for key in found), "")
