"""JSON that clients send, read without keeping others waiting.

The parser is one call that lets no other thread run, and takes about as long as there
are values, however short each of them is: 9 MB of `[],[],...` took 0.4 s. So there may
be so many and no more, which are counted beforehand, a piece at a time.
"""

from typing import Any

import orjson

MAX_VALUES = 250_000  # read in some 30 ms; a conversation has 3 for each message
PIECE_BYTES = 2**18  # looked at in one call
SIGNS = (b",", b"[", b"{")  # each value has one of its own before it, but for the first
BACKSLASH = ord("\\")


class TooManyValues(ValueError):
    """It has more than `MAX_VALUES` values."""


def parse(text: bytes) -> Any:
    """The value. Raises TooManyValues, and orjson's JSONDecodeError."""
    may_have = len(text) > MAX_VALUES and _all_signs(text) > MAX_VALUES
    if may_have and count(text) > MAX_VALUES:
        raise TooManyValues(f"JSON of more than {MAX_VALUES:,} values")
    return orjson.loads(text)


def count(text: bytes) -> int:
    """How many values there are, one more for each that is empty, one less in all.

    That is how many signs there are outside of texts. It ends where there are too many.
    """
    found = at = 0
    while at < len(text) and found <= MAX_VALUES:
        quote = text.find(b'"', at, at + PIECE_BYTES)
        end = min(at + PIECE_BYTES, len(text)) if quote < 0 else quote
        found += _signs(text, at, end)
        at = end if quote < 0 else _end_of_text(text, quote + 1)
    return found


def _all_signs(text: bytes) -> int:
    """How many signs there are, within texts as well: this is quick to find out."""
    found = 0
    for start in range(0, len(text), PIECE_BYTES):
        found += _signs(text, start, start + PIECE_BYTES)
        if found > MAX_VALUES:
            break
    return found


def _signs(text: bytes, start: int, end: int) -> int:
    return sum(text.count(sign, start, end) for sign in SIGNS)


def _end_of_text(text: bytes, at: int) -> int:
    """Where the text ends that has begun before `at`; the very end if it does not."""
    while (quote := text.find(b'"', at)) >= 0:
        before = quote
        while text[before - 1] == BACKSLASH:
            before -= 1
        if (quote - before) % 2 == 0:
            return quote + 1
        at = quote + 1  # that one belongs to the text
    return len(text)
