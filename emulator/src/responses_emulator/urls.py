"""Addresses, taken apart."""

from urllib.parse import SplitResult, urlsplit

MAX_URL = 8_000  # characters


def split(url: str) -> SplitResult:
    """The parts of an address. Raises ValueError for what is none, or is too long.

    `urlsplit` remembers what it has taken apart, however long that is.
    """
    if len(url) > MAX_URL:
        raise ValueError("The address is too long.")
    return urlsplit(url)
