"""The text of an uploaded file: which of the readers reads it, and what it comes to.

A heading that the file marks as one (a larger or bolder line of a PDF, a style of Word,
an HTML heading) comes out as a Markdown heading, so that whoever reads the text can
tell sections apart.
"""

import re
from functools import cache, partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from responses_emulator import extras
from responses_emulator.errors import busy
from responses_emulator.model.turn import Document
from responses_emulator.readers.outcome import (
    MAX_BYTES,
    MAX_CHARACTERS,
    UnreadableDocument,
)
from responses_emulator.remembered import Remembered
from responses_emulator.sizes import size_of

if TYPE_CHECKING:
    from responses_emulator.processes import Processes, Task

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
OFFICE: dict[str, "Task"] = {".docx": "word", ".pptx": "powerpoint"}
SUPPORTED_SUFFIXES = TEXT_SUFFIXES | OFFICE.keys() | {".pdf"}

PICTURE_SIGNATURES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"II*\0", b"MM\0*")
# A text may begin with these as well; a picture soon has a zero.
PICTURE_LETTERS = re.compile(rb"(?s)(GIF8|BM|RIFF....WEBP)[^\0]{0,60}\0")

KINDS: dict["Task", str] = {
    "pdf": "PDF",
    "html": "HTML",
    "word": "Word file",
    "powerpoint": "PowerPoint file",
}


def read(filename: str, content: bytes) -> Document:
    """The text of a PDF or a PowerPoint file, page by page, or of another, as one page.

    A page without text is an empty string. Raises UnreadableDocument, a 503 where there
    is no place to read it just now, and a 400 where what reads it is not installed.
    """
    return _documents.get(partial(_read, filename, content), filename, content)


def knows(suffix: str) -> bool:
    """Whether the service reads files that end so, even if this emulator does not."""
    return suffix in SUPPORTED_SUFFIXES or suffix == ".doc"


def _document_size(document: Document) -> int:
    numbers = [document.damaged, document.pictures]
    return size_of([document.filename, document.pages, *numbers])


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
    if _is_pdf(content, suffix):
        return _readers().read("pdf", filename, content)
    if suffix == ".pdf":
        raise UnreadableDocument("The file is named .pdf and is not a PDF.")
    if content.startswith(PICTURE_SIGNATURES) or PICTURE_LETTERS.match(content):
        raise UnreadableDocument(
            "The file is a picture, which holds no text to read.", "unsupported_file"
        )
    if suffix in OFFICE:
        return _readers().read(OFFICE[suffix], filename, content)
    if suffix == ".doc":
        raise UnreadableDocument(
            "The emulator does not read .doc files; saved as .docx it could be read.",
            "unsupported_file",
        )
    if suffix not in TEXT_SUFFIXES:
        raise UnreadableDocument(
            f"Files with the extension '{suffix or 'none'}' are not supported. "
            f"Supported: {', '.join(sorted(SUPPORTED_SUFFIXES))}.",
            "unsupported_file",
        )
    return _text(filename, content, suffix)


def _text(filename: str, content: bytes, suffix: str) -> Document:
    """What needs no reader of its own, and HTML."""
    from responses_emulator.readers import html, text  # here: few requests have a file

    whole = text.decoded(content, suffix)
    if suffix == ".html" and len(whole) > SHORT_HTML:
        return _readers().read("html", filename, whole.encode())
    if suffix == ".html":
        whole = html.text_of(whole)
    if len(whole) > MAX_CHARACTERS:
        raise UnreadableDocument("The file holds too much text.")
    return Document(filename, (whole,))


def _is_pdf(content: bytes, suffix: str) -> bool:
    """Whether it begins as a PDF does. Junk may precede that, unless it is a text."""
    if content.startswith(b"%PDF-"):
        return True
    return suffix not in TEXT_SUFFIXES and b"%PDF-" in content[:1024]


class Readers:
    """Reads, in processes of their own, files whose reading may never end."""

    def __init__(self, processes: "Processes") -> None:
        """Read in these."""
        self.processes = processes

    def read(self, task: "Task", filename: str, content: bytes) -> Document:
        """The text of a file of one of `KINDS`; HTML in UTF-8.

        Raises UnreadableDocument, at a limit too, and a 503 where there is no place.
        """
        from responses_emulator.processes import Ended, Failed

        if task != "html":
            extras.need("documents", f"To read a {KINDS[task]}")
        try:
            read: dict[str, Any] = self.processes.do(task, content)
        except Failed as error:
            raise UnreadableDocument(error.message) from None
        except Ended as error:
            if error.why == "places":
                raise busy("Too many files are being read.", BUSY_SECONDS) from error
            kind = KINDS[task]
            message = {
                "time": f"Reading the {kind} takes too long.",
                "memory": f"The {kind} takes too much memory, or breaks its reader.",
                "start": "The reader of files cannot be started.",
            }[error.why]
            raise UnreadableDocument(message) from error
        return Document(
            filename,
            tuple(read["pages"]),
            damaged=tuple(read["damaged"]),
            pictures=tuple(read["pictures"]),
        )


@cache  # for the whole process, as what has been read is
def _readers() -> Readers:
    from responses_emulator.processes import Processes

    return Readers(Processes(seconds=MAX_SECONDS))
