"""What a reader gives back, what it may take, and how it says that it cannot read."""

from dataclasses import dataclass
from typing import Literal

MAX_BYTES = 50 * 2**20
MAX_PAGES = 2_000
MAX_CHARACTERS = 20_000_000
SOFT_HYPHEN = "\N{SOFT HYPHEN}"  # where a word may be divided: it would not be found
UNKNOWN = "\N{REPLACEMENT CHARACTER}"  # a letter of which the file does not say which


@dataclass(frozen=True)
class Read:
    """The text of a file, page by page, and which pages have none although not blank.

    A page is a page of a PDF, a slide, or a whole file of another kind; the first is 1.
    """

    pages: tuple[str, ...]
    damaged: tuple[int, ...] = ()  # cannot be read, or not wholly
    pictures: tuple[int, ...] = ()  # show something, but no text


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
