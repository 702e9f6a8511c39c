"""The text of a PDF: its lines put together from the pieces that the file draws.

Lines that are wrapped become paragraphs again, rows of a table stay lines, headings are
marked as Markdown marks them, and what every page repeats at its edges is left out.
"""

import re
from collections import Counter
from dataclasses import dataclass
from io import BytesIO
from math import hypot
from typing import Any

import pypdf

from emulator.documents import (
    CONTROL_CHARACTERS,
    MAX_CHARACTERS,
    MAX_PAGES,
    UnreadableDocument,
)

MAX_STREAM_BYTES = 16 * 2**20  # of one unpacked stream

BULLET = re.compile("^\\s*[\u2022\u25aa\u25cf\u25e6\u2023\u2219\u00b7\x7f\uf0b7]\\s*")
BOLD = re.compile("bold|black|heavy|CMBX", re.IGNORECASE)
TYPOGRAPHY = str.maketrans(
    {
        "\N{LATIN SMALL LIGATURE FF}": "ff",
        "\N{LATIN SMALL LIGATURE FI}": "fi",
        "\N{LATIN SMALL LIGATURE FL}": "fl",
        "\N{LATIN SMALL LIGATURE FFI}": "ffi",
        "\N{LATIN SMALL LIGATURE FFL}": "ffl",
        "\N{NO-BREAK SPACE}": " ",
        "\N{SOFT HYPHEN}": None,
    }
)


@dataclass
class Line:
    """One printed line of a page; places and sizes in points."""

    text: str
    x: float  # of its last piece
    y: float
    size: float
    bold: bool
    end: float  # where the last piece ends, guessed from its length
    cells: int = 1  # pieces that were set apart from each other: columns of a table
    widest: int = 0  # characters in the piece that `size` was taken from
    level: int = 0  # of a heading: 1 for the largest

    @property
    def style(self) -> tuple[float, bool]:
        """What tells headings from body text."""
        return self.size, self.bold


def pages(content: bytes) -> tuple[str, ...]:
    """The text of each page. Raises UnreadableDocument.

    It may take any time and much memory: `processes` calls it where that is bounded.
    """
    try:
        with pypdf.apply_configuration(
            zlib_maximum_output_length=MAX_STREAM_BYTES,
            lzw_maximum_output_length=MAX_STREAM_BYTES,
            run_length_maximum_output_length=MAX_STREAM_BYTES,
            array_based_stream_maximum_output_length=MAX_STREAM_BYTES,
        ):
            printed = _printed_pages(pypdf.PdfReader(BytesIO(content)))
    except UnreadableDocument:
        raise
    except MemoryError as error:
        raise UnreadableDocument("Reading the PDF takes too much memory.") from error
    except Exception as error:  # a broken file can make pypdf raise almost anything
        raise UnreadableDocument(
            f"The PDF cannot be read: {str(error)[:200]}"
        ) from error
    _find_headings(printed)
    running = _running_lines(printed)
    words = {word for page in printed for line in page for word in line.text.split()}
    return tuple(
        _flowing(_without(running, page, number), words)
        for number, page in enumerate(printed)
    )


def _printed_pages(reader: pypdf.PdfReader) -> list[list[Line]]:
    if reader.is_encrypted and not reader.decrypt(""):
        raise UnreadableDocument("The PDF is protected by a password.")
    if len(reader.pages) > MAX_PAGES:
        raise UnreadableDocument(f"The PDF has more than {MAX_PAGES:,} pages.")
    if not len(reader.pages):
        raise UnreadableDocument("The PDF has no pages.")
    printed: list[list[Line]] = []
    characters = 0
    for page in reader.pages:
        printed.append(_printed_lines(page))
        characters += sum(len(line.text) for line in printed[-1])
        if characters > MAX_CHARACTERS:
            raise UnreadableDocument("The PDF holds too much text.")
    return printed


def _printed_lines(page: pypdf.PageObject) -> list[Line]:
    """The lines of a page in the order in which the file draws them.

    Pieces that are drawn one after the other at the same height, each further right,
    are one line: a table's row, or a bullet and its text.
    """
    lines: list[Line] = []
    ended = True  # whether the line so far has come to its end

    def take(
        text: str, cm: list[float], tm: list[float], font: Any, points: float
    ) -> None:
        nonlocal ended
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        size = round(points * hypot(*tm[2:4]) * hypot(*cm[2:4]) * 2) / 2
        bold = bool(BOLD.search(str(font and font.get("/BaseFont"))))
        for index, raw in enumerate(text.split("\n")):
            ended = ended or index > 0
            piece = _plain(raw)
            if not piece.strip():
                continue
            end = x + 0.6 * size * len(piece)
            if not lines or (ended and not _goes_on(lines[-1], x, y, size)):
                line = Line(piece.strip(), x, y, size, bold, end, widest=len(piece))
                lines.append(line)
            else:
                apart = ended or x > lines[-1].end + size
                _append(lines[-1], piece, size, bold, apart)
                lines[-1].x, lines[-1].end = x, end
            ended = False

    page.extract_text(visitor_text=take)
    for line in lines:
        line.text = BULLET.sub("- ", line.text).strip()
    return lines


def _plain(piece: str) -> str:
    """The text without what could not be sent on: lone surrogates, control codes."""
    piece = piece.translate(TYPOGRAPHY).encode("utf-8", "ignore").decode()
    return CONTROL_CHARACTERS.sub("", piece)


def _goes_on(line: Line, x: float, y: float, size: float) -> bool:
    return x > line.x and abs(y - line.y) <= 0.4 * max(size, line.size)


def _append(line: Line, piece: str, size: float, bold: bool, apart: bool) -> None:
    if apart and BULLET.fullmatch(line.text):
        line.text += " " + piece.strip()
    elif apart:
        line.text += "  " + piece.strip()
        line.cells += 1
    else:
        line.text += piece.rstrip()
    line.bold = line.bold and bold
    if len(piece) > line.widest:
        line.size, line.widest = size, len(piece)


def _find_headings(printed: list[list[Line]]) -> None:
    """Give each heading its level, by the size and weight of its type."""
    styles: Counter[tuple[float, bool]] = Counter()
    for line in (line for page in printed for line in page):
        styles[line.style] += len(line.text)
    if not styles:
        return
    body_size, body_bold = styles.most_common(1)[0][0]

    headings: list[Line] = []
    for line in (line for page in printed for line in page):
        larger = line.size > body_size * 1.12
        bolder = line.bold and not body_bold and line.size >= body_size
        wordy = any(character.isalpha() for character in line.text)
        row = line.cells > 1 or line.text[-1] in ".,;:"
        if (larger or bolder) and wordy and not row and len(line.text) <= 120:
            headings.append(line)
    levels = sorted({line.style for line in headings}, reverse=True)
    for line in headings:
        line.level = min(1 + levels.index(line.style), 6)


def _running_lines(printed: list[list[Line]]) -> set[str]:
    """What half of the pages, and three at least, have at their top or bottom."""
    seen = Counter(
        form
        for number, page in enumerate(printed)
        for form in {
            form
            for line in page[:2] + page[-2:]
            if not line.level
            for form in _forms(line.text, number)
        }
    )
    return {form for form, times in seen.items() if times >= max(3, len(printed) / 2)}


def _forms(text: str, number: int) -> set[str]:
    """The text, and the text with each number in turn counted from this page's."""
    return {text} | {
        f"{text[: found.start()]}\0{int(found[0]) - number}\0{text[found.end() :]}"
        for found in re.finditer(r"[0-9]{1,6}", text)
    }


def _without(running: set[str], page: list[Line], number: int) -> list[Line]:
    return [
        line
        for index, line in enumerate(page)
        if line.level
        or 2 <= index < len(page) - 2
        or not _forms(line.text, number) & running
    ]


def _flowing(page: list[Line], words: set[str]) -> str:
    """The page as text: wrapped lines joined, headings marked."""
    full = max((len(line.text) for line in page), default=0)
    texts: list[str] = []
    above: Line | None = None
    for line in page:
        if above and _wraps(above, line, full):
            texts[-1] = _joined(texts[-1], line.text, words)
        else:
            texts.append("#" * line.level + " " * bool(line.level) + line.text)
        above = line
    return "\n".join(texts)


def _wraps(above: Line, line: Line, full: int) -> bool:
    """Whether a line is the rest of what the line above it began."""
    alike = above.style == line.style and above.level == line.level
    close = 0 < above.y - line.y < 1.6 * line.size
    if line.level:
        return alike and close
    if above.cells > 1 and line.cells == 1 and abs(line.x - above.x) < 2:
        line.cells = above.cells  # its last cell goes on, and may go on again
        return close
    prose = above.cells == line.cells == 1 and len(above.text) > 0.65 * full
    return (
        prose
        and not above.level
        and close
        and above.size == line.size
        and not line.text.startswith("- ")
    )


def _joined(above: str, below: str, words: set[str]) -> str:
    if not re.search(r"\w-$", above) or not below[0].islower():
        return f"{above} {below}"
    head, tail = above.split()[-1], below.split()[0]
    divided = head[:-1] + tail  # a word of this text? then the hyphen only divided it
    known = {divided, divided.rstrip(".,;:!?)")} & words
    return above[:-1] + below if known or head + tail not in words else above + below
