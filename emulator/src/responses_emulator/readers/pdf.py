"""The text of a PDF, as PDFium reads it, with the values of its forms and its notes.

Nothing is left out and nothing is put in another order. Headings, which are lines of
larger or bolder type, are marked as Markdown marks them.
"""

import ctypes
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from itertools import islice
from math import atan2, degrees, hypot
from typing import TYPE_CHECKING, Any, Literal
from unicodedata import normalize

import pypdfium2  # pyright: ignore[reportMissingTypeStubs]

from responses_emulator.readers import xfa
from responses_emulator.readers.html import text_of
from responses_emulator.readers.outcome import (
    MAX_CHARACTERS,
    MAX_PAGES,
    SOFT_HYPHEN,
    UNKNOWN,
    Read,
    UnreadableDocument,
)
from responses_emulator.readers.text import CONTROL_CHARACTERS

if TYPE_CHECKING:
    import pypdf

pdfium: Any = pypdfium2  # it has no types
c: Any = pypdfium2.raw  # the functions of PDFium itself, in C
Page = Any  # pypdfium2.PdfPage
TextPage = Any  # pypdfium2.PdfTextPage
Annotation = Any  # c.FPDF_ANNOTATION

MAX_OBJECTS = 1_000  # of a page without text that are looked at
MAX_UNPACKED = 16 * 2**20  # bytes of a stream that PDFium does not read
MAX_HEADING = 120  # characters
MAX_LETTERS = 25  # about: of a page that are asked which way they are turned
DOWN = 270  # degrees to the left
MAX_UNKNOWN = 0.1  # of a page's letters; a page with more is a damaged one
DIVIDED = "\ufffe"  # what PDFium has for a hyphen at the end of a line
DIVISION = re.compile(rf"(\w+){DIVIDED}(\w+)")
CUT = re.compile(rf"\S*{DIVIDED}\S*")
WORD = re.compile(r"\w[\w-]*")
BOLD = re.compile("bold|black|heavy|CMBX", re.IGNORECASE)
TYPOGRAPHY = str.maketrans(
    {
        "\N{LATIN SMALL LIGATURE FF}": "ff",
        "\N{LATIN SMALL LIGATURE FI}": "fi",
        "\N{LATIN SMALL LIGATURE FL}": "fl",
        "\N{LATIN SMALL LIGATURE FFI}": "ffi",
        "\N{LATIN SMALL LIGATURE FFL}": "ffl",
        "\N{NO-BREAK SPACE}": " ",
        SOFT_HYPHEN: None,
    }
)


@dataclass
class Line:
    """One line of a page; places and sizes in points."""

    text: str
    size: float = 0.0
    bold: bool = False
    y: float = 0.0
    is_row: bool = False  # of a table: its words are set wide apart
    level: int = 0  # of a heading: 1 for the largest

    @property
    def style(self) -> tuple[float, bool]:
        """What tells headings from body text."""
        return self.size, self.bold


def read(content: bytes) -> Read:
    """The text of each page. Raises UnreadableDocument.

    It may take any time and much memory, and may crash: `processes` calls it where
    that is bounded.
    """
    document = _opened(content)
    contents = _Contents(content)
    pages: list[list[Line]] = []
    damaged: list[int] = []
    pictures: list[int] = []
    characters = 0
    for index in range(len(document)):
        lines, state = _read_page(document, contents, index)
        if state == "damaged":
            damaged.append(index + 1)
        elif state == "picture":
            pictures.append(index + 1)
        pages.append(lines)
        characters += sum(len(line.text) for line in lines)
        if characters > MAX_CHARACTERS:
            raise UnreadableDocument("The PDF holds too much text.")
    if len(damaged) == len(pages) and not characters:
        raise UnreadableDocument("No page of the PDF can be read.")
    pages[-1] += _other_values(document, pages)
    _find_headings(pages)
    words = _words(pages) if _has_divided(pages) else set[str]()
    texts = tuple("\n".join(_marked(page, words)) for page in pages)
    return Read(texts, tuple(damaged), tuple(pictures))


def _opened(content: bytes) -> Any:
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        if error.err_code == c.FPDF_ERR_PASSWORD:
            raise UnreadableDocument("The PDF is protected by a password.") from error
        raise UnreadableDocument(f"The PDF cannot be read: {error}") from error
    if len(document) > MAX_PAGES:
        raise UnreadableDocument(f"The PDF has more than {MAX_PAGES:,} pages.")
    if not len(document):
        raise UnreadableDocument("The PDF has no pages.")
    document.init_forms()  # nothing if there are none; no script of theirs is run
    return document


def _read_page(
    document: Any, contents: "_Contents", index: int
) -> tuple[list[Line], Literal["sound", "damaged", "picture"]]:
    """The lines of a page, those of forms and notes last, and what became of it."""
    try:
        page: Page = document[index]
        lines, is_known = _lines(page)
    except pdfium.PdfiumError:
        return [], "damaged"
    drawn = set[int]() if lines else _drawn(page)
    is_sound = is_known and c.FPDF_PAGEOBJ_TEXT not in drawn
    if not lines and not next(page.get_objects(), None):
        is_sound = contents.are_empty(index)
    lines += [Line(text) for text in _annotations(document, page)]
    if not is_sound:
        return lines, "damaged"
    return lines, "picture" if drawn else "sound"


# The text of a page


def _lines(page: Page) -> tuple[list[Line], bool]:
    """The lines that are not blank, and whether the page's letters are known."""
    textpage = _textpage(page)
    count = textpage.count_chars()
    if count > MAX_CHARACTERS:
        raise UnreadableDocument("The PDF holds too much text.")
    text = textpage.get_text_range() if count else ""
    unknown = _unknown(textpage, count)
    if unknown:
        letters = list(text)
        for at in unknown:
            letters[at : at + 1] = UNKNOWN * len(letters[at : at + 1])
        text = "".join(letters)
    lines: list[Line] = []
    start = 0
    for printed in text.split("\n"):
        plain = _plain(printed)
        if plain.strip(" " + UNKNOWN):
            lines.append(_line(textpage, plain, start, printed))
        start += len(printed) + 1
    written = len(text) - sum(map(text.count, " \r\n"))
    return lines, len(unknown) <= MAX_UNKNOWN * written


def _textpage(page: Page) -> TextPage:
    """The text of a page, in order also where its lines run down the page.

    PDFium has such lines the last one first: the page is turned as its text is.
    """
    textpage = page.get_textpage()
    turned = _turned(textpage)
    if (turned - page.get_rotation()) % 360 != DOWN:
        return textpage
    page.set_rotation(turned)
    return page.get_textpage()


def _turned(textpage: TextPage) -> int:
    """By how many degrees most of the letters are turned, to the left."""
    count = textpage.count_chars()
    angles: Counter[int] = Counter()
    matrix = c.FS_MATRIX()
    for index in range(0, count, max(1, count // MAX_LETTERS)):
        if c.FPDFText_GetMatrix(textpage, index, matrix):
            angles[round(degrees(atan2(matrix.b, matrix.a)) / 90) * 90 % 360] += 1
    return angles.most_common(1)[0][0] if angles else 0


def _unknown(textpage: TextPage, count: int) -> list[int]:
    """Where the text has letters that are only guessed from their codes.

    These are letters of fonts that do not say what their codes mean, or not in a way
    that PDFium knows: mostly they are wrong. Fonts of Type 3, which have no name, are
    old and mostly keep to ASCII.
    """
    is_guessed = c.FPDFText_HasUnicodeMapError
    handle = textpage.raw
    unknown: list[int] = []
    for index in range(count):
        if is_guessed(handle, index) != 1:
            continue
        code = c.FPDFText_GetUnicode(handle, index)
        if 0x20 < code < 0x7F and not _font_name(textpage, index):
            continue
        at = c.FPDFText_GetTextIndexFromCharIndex(handle, index)
        if at >= 0:
            unknown.append(at)
    return unknown


def _font_name(textpage: TextPage, index: int) -> str:
    buffer = ctypes.create_string_buffer(200)
    c.FPDFText_GetFontInfo(textpage, index, buffer, len(buffer), None)
    return buffer.value.decode("utf-8", "replace")


def _plain(text: str) -> str:
    """The text without what could not be sent on: lone surrogates, control codes.

    Letters with accents are put together: who searches for them writes them so.
    """
    text = text.translate(TYPOGRAPHY).encode("utf-8", "ignore").decode()
    return CONTROL_CHARACTERS.sub("", normalize("NFC", text)).strip()


def _line(textpage: TextPage, text: str, start: int, printed: str) -> Line:
    """A line in the style of the letter in its middle."""
    printed = printed.rstrip()
    middle = len(printed) // 2
    while middle and not printed[middle].isalnum():
        middle -= 1
    index = c.FPDFText_GetCharIndexFromTextIndex(textpage, start + middle)
    matrix = c.FS_MATRIX()
    c.FPDFText_GetMatrix(textpage, index, matrix)
    size = c.FPDFText_GetFontSize(textpage, index) * hypot(matrix.c, matrix.d)
    line = Line(
        text,
        size=round(size * 2) / 2,
        bold=bool(BOLD.search(_font_name(textpage, index))),
        y=matrix.f,
    )
    if line.bold and len(printed) <= MAX_HEADING:
        line.is_row = _is_row(textpage, start, len(printed), size)
    return line


def _is_row(textpage: TextPage, start: int, length: int, size: float) -> bool:
    """Whether two words are further apart than words of a sentence ever are."""
    first = c.FPDFText_GetCharIndexFromTextIndex(textpage, start)
    end: float | None = None
    for index in range(first, first + length):
        if chr(c.FPDFText_GetUnicode(textpage, index)).isspace():
            continue
        left, _, right, _ = textpage.get_charbox(index)
        if end is not None and left - end > size:
            return True
        end = right
    return False


# Pages without text


def _drawn(page: Page) -> set[int]:
    """The kinds of what is drawn: text whose letters have a height, pictures, ..."""
    kinds: set[int] = set()
    for thing in islice(page.get_objects(), MAX_OBJECTS):
        if thing.type != c.FPDF_PAGEOBJ_TEXT:
            kinds.add(thing.type)
            continue
        _, bottom, _, top = thing.get_bounds()
        if top > bottom:  # no blanks alone
            kinds.add(thing.type)
    return kinds - {c.FPDF_PAGEOBJ_FORM}  # what is in it, comes by itself


# Operators that draw nothing by themselves.
HARMLESS = frozenset(
    b"q Q cm w J j M d ri i gs BT ET Tc Tw Tz TL Tf Tr Ts Td TD Tm T* CS cs SC SCN sc "
    b"scn G g RG rg K k m l c v y h re W W* n MP DP BMC BDC EMC BX EX d0 d1".split()
)


class _Contents:
    """What pages draw, as it stands in the file.

    PDFium does not say when it cannot read that, and draws nothing then.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content

    @cached_property
    def _reader(self) -> "pypdf.PdfReader":
        import pypdf

        return pypdf.PdfReader(BytesIO(self._content))

    def are_empty(self, index: int) -> bool:
        """Whether a page of which PDFium draws nothing has nothing to draw."""
        try:
            page = self._reader.pages[index]
            if "/Contents" not in page:
                return True
            if not all(map(_is_sound, _streams(page["/Contents"]))):
                return False
            drawn = page.get_contents()
            if drawn is None:
                return True
            return all(operator in HARMLESS for _, operator in drawn.operations)
        except MemoryError:
            raise
        except Exception:  # a broken file can make pypdf raise almost anything
            return False


def _streams(given: Any) -> list[Any]:
    return list(given) if isinstance(given, list) else [given]  # pyright: ignore[reportUnknownArgumentType]


def _is_sound(given: Any) -> bool:
    """Whether a stream can be unpacked; pypdf makes do with what it gets."""
    from pypdf.generic import StreamObject

    stream: object = given.get_object()
    if not isinstance(stream, StreamObject):
        return False
    packed: bytes = stream._data  # pyright: ignore[reportPrivateUsage]
    if not packed.strip():
        return True
    if stream.get("/Filter") in ("/FlateDecode", ["/FlateDecode"]):
        unpacking = zlib.decompressobj()
        unpacking.decompress(packed, MAX_UNPACKED)
        return unpacking.eof or bool(unpacking.unconsumed_tail)
    return bool(stream.get_data().strip())


# Forms and notes


def _annotations(document: Any, page: Page) -> Iterator[str]:
    """The fields that are filled in, each with its name, and what notes say."""
    told: set[str] = set()
    for index in range(c.FPDFPage_GetAnnotCount(page)):
        annotation = c.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            kind = c.FPDFAnnot_GetSubtype(annotation)
            if kind == c.FPDF_ANNOT_WIDGET:
                text = _field(document, annotation) if document.formenv else ""
                if text in told:  # the buttons of a group tell the same
                    continue
                told.add(text)
            else:
                text = _note(annotation, kind)
        finally:
            c.FPDFPage_CloseAnnot(annotation)
        if text:
            yield text


def _note(annotation: Annotation, kind: int) -> str:
    note = _string(annotation, "Contents") or text_of(_string(annotation, "RC"))
    if not note or kind == c.FPDF_ANNOT_POPUP:  # it shows what another one says
        return ""
    if kind == c.FPDF_ANNOT_FREETEXT:  # that is seen on the page
        return note
    author = _string(annotation, "T")
    return f"Note ({author}): {note}" if author else f"Note: {note}"


def _field(document: Any, annotation: Annotation) -> str:
    form = document.formenv
    name = _told(c.FPDFAnnot_GetFormFieldName, form, annotation)
    label = _told(c.FPDFAnnot_GetFormFieldAlternateName, form, annotation)
    value = ", ".join(_chosen(form, annotation)) or _told(
        c.FPDFAnnot_GetFormFieldValue, form, annotation
    )
    if not value:
        return ""
    shown = f"{name} ({label})" if label and label != name else name
    return f"{shown}: {value}"


def _chosen(form: Any, annotation: Annotation) -> Iterator[str]:
    """What is chosen from a list, as its reader sees it."""
    for index in range(c.FPDFAnnot_GetOptionCount(form, annotation)):
        if c.FPDFAnnot_IsOptionSelected(form, annotation, index):
            yield _told(c.FPDFAnnot_GetOptionLabel, form, annotation, index)


def _other_values(document: Any, pages: list[list[Line]]) -> list[Line]:
    """The values of an XFA form that its pages do not tell as well."""
    told = {line.text.partition(": ")[2] for page in pages for line in page}
    return [
        Line(f"{name}: {value}")
        for packet in _packets(document)
        for name, value in xfa.values(packet)
        if value not in told
    ]


def _packets(document: Any) -> Iterator[bytes]:
    """The parts of an XFA form: XML, or pieces of it."""
    for index in range(c.FPDF_GetXFAPacketCount(document)):
        length = ctypes.c_ulong()
        c.FPDF_GetXFAPacketContent(document, index, None, 0, length)
        if not 0 < length.value <= MAX_UNPACKED:
            continue
        buffer = ctypes.create_string_buffer(length.value)
        c.FPDF_GetXFAPacketContent(document, index, buffer, length.value, length)
        yield buffer.raw


def _string(annotation: Annotation, key: str) -> str:
    return _told(c.FPDFAnnot_GetStringValue, annotation, key.encode())


def _told(ask: Callable[..., int], *arguments: object) -> str:
    """The text that a function of PDFium writes into a buffer in UTF-16."""
    length = ask(*arguments, None, 0)
    if length <= 2:  # of bytes: a zero at the end
        return ""
    if length > 2 * MAX_CHARACTERS:
        raise UnreadableDocument("The PDF holds too much text.")
    buffer = (c.FPDF_WCHAR * (length // 2))()
    ask(*arguments, buffer, length)
    text = bytes(buffer).decode("utf-16-le", "ignore").rstrip("\0")
    return _plain(text.replace("\r\n", "\n").replace("\r", "\n"))


# What all pages have in common


def _find_headings(pages: list[list[Line]]) -> None:
    """Give each heading its level, by the size and weight of its type."""
    styles: Counter[tuple[float, bool]] = Counter()
    for line in (line for page in pages for line in page if line.size):
        styles[line.style] += len(line.text)
    if not styles:
        return
    body_size, body_bold = styles.most_common(1)[0][0]

    headings: list[Line] = []
    for line in (line for page in pages for line in page):
        larger = line.size > body_size * 1.12
        bolder = line.bold and not body_bold and line.size >= body_size
        wordy = any(character.isalpha() for character in line.text)
        ends = line.text[-1] in ".,;:" or len(line.text) > MAX_HEADING
        if (larger or bolder) and wordy and not ends and not line.is_row:
            headings.append(line)
    levels = sorted({line.style for line in headings}, reverse=True)
    for line in headings:
        line.level = min(1 + levels.index(line.style), 6)


def _marked(page: list[Line], words: set[str]) -> list[str]:
    """The lines as text. A heading on two lines becomes one, divided words whole."""
    above: Line | None = None
    texts: list[str] = []
    for line in page:
        text = DIVISION.sub(lambda found: _joined(found, words), line.text)
        text = text.replace(DIVIDED, "-")
        if line.level and above and _goes_on(above, line):
            texts[-1] += " " + text
        else:
            texts.append("#" * line.level + " " * bool(line.level) + text)
        above = line
    return texts


def _goes_on(above: Line, line: Line) -> bool:
    close = 0 < above.y - line.y < 1.6 * line.size
    return above.level == line.level and above.style == line.style and close


def _joined(found: re.Match[str], words: set[str]) -> str:
    """A word that was divided at the end of a line, with its hyphen or without."""
    head, tail = found[1], found[2]
    whole, compound = head + tail, f"{head}-{tail}"
    if whole.lower() in words:
        return whole
    both = head.lower() in words and tail.lower() in words
    # In a word with hyphens of its own a line ends at one of these.
    both = both or found.string[: found.start()].endswith("-")
    if compound.lower() in words or both or not (whole.isalpha() and tail.islower()):
        return compound
    return whole


def _has_divided(pages: list[list[Line]]) -> bool:
    return any(DIVIDED in line.text for page in pages for line in page)


def _words(pages: list[list[Line]]) -> set[str]:
    """All words in lower case, compounds and their parts; none that was divided."""
    words: set[str] = set()
    for line in (line for page in pages for line in page):
        text = CUT.sub(" ", line.text) if DIVIDED in line.text else line.text
        for word in WORD.findall(text.lower()):
            words.add(word)
            words.update(word.split("-"))
    return words
