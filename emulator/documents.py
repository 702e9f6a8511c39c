"""The text of an uploaded file: PDF page by page, text files whole.

A heading that the file marks as one (a larger or bolder line of a PDF, an HTML heading)
comes out as a Markdown heading, so that whoever reads the text can tell sections apart.
"""

import re
from functools import cache, partial
from html.parser import HTMLParser
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Literal

from emulator.errors import busy
from emulator.model.turn import Document
from emulator.remembered import Remembered
from emulator.sizes import size_of

if TYPE_CHECKING:
    from emulator.processes import Processes, Task

MAX_BYTES = 50 * 2**20
MAX_PAGES = 2_000
MAX_CHARACTERS = 20_000_000
MAX_SECONDS = 30.0  # of work on one file, of a CPU
MAX_REMEMBERED_BYTES = 16 * 2**20
BUSY_SECONDS = 10  # after which who found no place may come back
SHORT_HTML = 4_000  # characters, which are soon read however malformed they are

# fmt: off
TEXT_SUFFIXES = frozenset((
    ".c", ".cpp", ".cs", ".css", ".go", ".html", ".java", ".js", ".json", ".md", ".php",
    ".py", ".rb", ".sh", ".tex", ".ts", ".txt",
))
# fmt: on
SUPPORTED_SUFFIXES = TEXT_SUFFIXES | {".pdf"}

PICTURE_SIGNATURES = (
    b"\x89PNG\r\n",
    b"\xff\xd8\xff",
    b"GIF8",
    b"BM",
    b"II*\0",
    b"MM\0*",
)
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


class UnreadableDocument(Exception):
    """A file whose text cannot be had; the message is meant for the API's user."""

    def __init__(
        self,
        message: str,
        code: Literal["unsupported_file", "invalid_file"] = "invalid_file",
    ) -> None:
        """Keep the message and the code that the service has for such a file."""
        super().__init__(message)
        self.message = message
        self.code: Literal["unsupported_file", "invalid_file"] = code


def read(filename: str, content: bytes) -> Document:
    """The text of a PDF, page by page, or of a text file, as one page.

    A page without text is an empty string. Raises UnreadableDocument, and a 503 where
    there is no place to read it just now.
    """
    return _documents.get(partial(_read, filename, content), filename, content)


def _document_size(document: Document) -> int:
    return size_of([document.filename, document.pages])


# A conversation about a file reads it in every turn.
_documents = Remembered[Document](MAX_REMEMBERED_BYTES, _document_size)


def _read(filename: str, content: bytes) -> Document:
    if not content:
        raise UnreadableDocument("The file is empty.")
    if len(content) > MAX_BYTES:
        raise UnreadableDocument(
            f"The file is larger than {MAX_BYTES // 2**20} MB, too large to read."
        )
    suffix = PurePath(filename).suffix.lower()
    if b"%PDF-" in content[:1024]:
        return Document(filename, _readers().pages(content))
    if suffix == ".pdf":
        raise UnreadableDocument("The file is named .pdf and is not a PDF.")
    if content.startswith(PICTURE_SIGNATURES) or content[8:12] == b"WEBP":
        raise UnreadableDocument(
            "The file is a picture, which holds no text to read.", "unsupported_file"
        )
    if suffix in (".doc", ".docx", ".pptx"):
        raise UnreadableDocument(
            f"The emulator does not read {suffix} files.", "unsupported_file"
        )
    if suffix not in TEXT_SUFFIXES:
        raise UnreadableDocument(
            f"Files with the extension '{suffix or 'none'}' are not supported. "
            f"Supported: {', '.join(sorted(SUPPORTED_SUFFIXES))}.",
            "unsupported_file",
        )
    text = _decode(content)
    if suffix == ".html":
        short = len(text) <= SHORT_HTML
        text = text_of_html(text) if short else _readers().html(text.encode())
    if len(text) > MAX_CHARACTERS:
        raise UnreadableDocument("The file holds too much text.")
    return Document(filename, (text,))


class Readers:
    """Reads, in processes of their own, files whose reading may never end."""

    def __init__(self, processes: "Processes") -> None:
        """Read in these."""
        self.processes = processes

    def pages(self, content: bytes) -> tuple[str, ...]:
        """The text of each page of a PDF. Raises UnreadableDocument, at a limit too."""
        return tuple(self._read("pdf", content))

    def html(self, content: bytes) -> str:
        """The text of an HTML file in UTF-8. Raises UnreadableDocument likewise."""
        return self._read("html", content)

    def _read(self, task: "Task", content: bytes) -> Any:
        from emulator.processes import Ended, Failed

        try:
            return self.processes.do(task, content)
        except Failed as error:
            raise UnreadableDocument(error.message) from None
        except Ended as error:
            if error.why == "places":
                raise busy("Too many files are being read.", BUSY_SECONDS) from error
            name = task.upper()
            message = {
                "time": f"Reading the {name} takes too long.",
                "memory": f"The {name} takes too much memory, or breaks its reader.",
                "start": "The reader of files cannot be started.",
            }[error.why]
            raise UnreadableDocument(message) from error


@cache  # for the whole process, as what has been read is
def _readers() -> Readers:
    from emulator.processes import Processes

    return Readers(Processes(seconds=MAX_SECONDS))


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    else:
        # cp1252 is what a text file that is not UTF-8 most likely is.
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if CONTROL_CHARACTERS.search(text):
            break
        return text.replace("\r\n", "\n").replace("\r", "\n")
    raise UnreadableDocument("The file holds binary data, not text.")


class _HtmlText(HTMLParser):
    """Collects the visible text; every block starts a line."""

    inline = frozenset(
        (
            "a",
            "abbr",
            "b",
            "code",
            "em",
            "i",
            "small",
            "span",
            "strong",
            "sub",
            "sup",
            "u",
        )
    )
    invisible = frozenset(("head", "script", "style", "template"))

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.hidden = 0

    def handle_starttag(
        self,
        tag: str,
        attrs: list[tuple[str, str | None]],  # noqa: ARG002
    ) -> None:
        if tag in self.invisible:
            self.hidden += 1
        elif re.fullmatch("h[1-6]", tag):
            self.parts.append("\n\n" + "#" * int(tag[1]) + " ")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in ("td", "th"):
            self.parts.append("  ")
        elif tag not in self.inline:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self.invisible:
            self.hidden = max(0, self.hidden - 1)
        elif tag not in self.inline and tag not in ("li", "td", "th"):
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.parts.append(re.sub(r"\s+", " ", data))


def text_of_html(html: str) -> str:
    """The visible text. It may take very long if it is long and malformed."""
    parser = _HtmlText()
    parser.feed(html)
    parser.close()
    lines = [line.strip() for line in "".join(parser.parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
