"""The arguments of a call as the caller sees them, while the model writes them.

A function's are what it is: its text. A custom tool's are one text, which comes as
`{"input": "..."}`, and is told without what is around it.
"""

import json
import re
from typing import Protocol

_LONGEST_BEGINNING = 100  # characters
# What can be read of a JSON text so far: no escape is cut in two.
_READABLE = re.compile(
    r"(?:[^\"\\]|\\[\"\\/bfnrt]|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4}"
    r"|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})*"
)
# An escape that JSON does not have, and half of a letter.
_NO_ESCAPE = re.compile(r"\\([^\"\\/bfnrtu])")
_HALF = re.compile(
    r"\\u[dD](?:[c-fC-F][0-9a-fA-F]{2}"
    r"|[89abAB][0-9a-fA-F]{2}(?=[^\\]|\\[^u]|\\u(?![dD][c-fC-F])[0-9a-fA-F]{4}))"
)


class Writer(Protocol):
    """Who tells what is written for a call."""

    def add(self, piece: str) -> str:
        """What this piece brings; nothing while it cannot be told yet."""
        ...


class AsItIs:
    """Of a function: all that is written."""

    def add(self, piece: str) -> str:
        """The piece."""
        return piece


class OfProperty:
    """Of a tool that takes one text: that text, as of a custom tool's `input`."""

    def __init__(self, name: str) -> None:
        """Nothing has come yet."""
        self._begins = re.compile(rf'\s*\{{\s*"{name}"\s*:\s*"')
        self._left = ""
        self._has_begun = False
        self._has_ended = False

    def add(self, piece: str) -> str:
        """As much of the text as can be read by now."""
        if self._has_ended:
            return ""
        self._left += piece
        if not self._has_begun and not self._begin():
            return ""
        text = self._readable()
        while odd := _NO_ESCAPE.match(self._left) or _HALF.match(self._left):
            self._left = self._left[odd.end() :]
            text += odd[1] if odd.re is _NO_ESCAPE else "\N{REPLACEMENT CHARACTER}"
            text += self._readable()
        self._has_ended = self._left.startswith('"')
        return text

    def _readable(self) -> str:
        readable = _READABLE.match(self._left)
        assert readable
        self._left = self._left[readable.end() :]
        return json.loads(f'"{readable[0]}"', strict=False)

    def _begin(self) -> bool:
        begins = self._begins.match(self._left)
        if begins is None:
            # What begins otherwise is read as a whole.
            self._has_ended = len(self._left) > _LONGEST_BEGINNING
            return False
        self._left = self._left[begins.end() :]
        self._has_begun = True
        return True
