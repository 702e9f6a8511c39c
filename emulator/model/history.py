"""What was said so far, kept so that a turn need not read all of it again.

A history is grown, never changed: the response before and the one after share what both
begin with, so a chain of n turns costs memory and time in proportion to n.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import orjson

from emulator.model import tokens
from emulator.model.turn import Digest, Item, is_special, text_of

Entry = TypeVar("Entry")

_NOT_READ = ("id", "status")  # what differs between two equal items


class Grown(Generic[Entry]):
    """A list that is only ever grown, and shares its entries with what grew from it."""

    def __init__(self) -> None:
        """An empty list."""
        self._entries: list[Entry] = []
        self._end = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many entries there are."""
        return self._end

    def all(self) -> list[Entry]:
        """The entries, in a list of the caller's own."""
        return self._entries[: self._end]

    def plus(self, more: Iterable[Entry]) -> "Grown[Entry]":
        """A longer list; this one stays as it is."""
        longer = Grown[Entry]()
        with self._lock:
            entries = self._entries
            if len(entries) != self._end:  # it has been gone on from once before
                entries = entries[: self._end]
            else:
                longer._lock = self._lock
            entries.extend(more)
            longer._entries = entries
            longer._end = len(entries)
        return longer


@dataclass(frozen=True)
class History:
    """The items of a conversation, and what reading all of them would tell."""

    items: Grown[Item] = field(default_factory=Grown[Item])
    said: Grown[str] = field(default_factory=Grown[str])  # by the user
    special: Grown[Item] = field(default_factory=Grown[Item])
    texts: Grown[bytes] = field(default_factory=Grown[bytes])
    tokens: int = 0

    def plus(self, more: list[Item]) -> "History":
        """The history once these items have been added."""
        return History(
            self.items.plus(more),
            self.said.plus(_said(more)),
            self.special.plus(filter(is_special, more)),
            self.texts.plus(map(as_read, more)),
            self.tokens + tokens.count_items(more),
        )

    def digest(self, new: list[Item]) -> Digest:
        """What a turn needs to know of this history and the new items after it."""
        return Digest(
            [*self.said.all(), *_said(new)],
            [*self.special.all(), *filter(is_special, new)],
            [*self.texts.all(), *map(as_read, new)],
            self.tokens + tokens.count_items(new),
        )


def as_read(piece: Any) -> bytes:
    """An item, or another piece of a prompt, as the prompt cache compares it."""
    if isinstance(piece, dict):
        item: Item = piece  # pyright: ignore[reportUnknownVariableType]
        piece = {name: value for name, value in item.items() if name not in _NOT_READ}
    return orjson.dumps(piece)


def _said(items: list[Item]) -> list[str]:
    return [text_of(item) for item in items if item.get("role") == "user"]
