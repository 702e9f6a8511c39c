"""A list that is only ever grown, and shares its entries with what grew from it."""

import threading
from collections.abc import Iterable
from typing import Generic, TypeVar

Entry = TypeVar("Entry")


class Grown(Generic[Entry]):
    """Grown n times by one entry, such lists take the room of the longest of them.

    The empty one shares nothing, so there need be only one of it.
    """

    __slots__ = ("_end", "_entries")
    _lock = threading.Lock()  # one for all: it is held for less than a microsecond

    def __init__(self) -> None:
        """An empty list."""
        self._entries: list[Entry] = []
        self._end = 0

    def __len__(self) -> int:
        """How many entries there are."""
        return self._end

    def all(self) -> list[Entry]:
        """The entries, in a list of the caller's own."""
        return self._entries[: self._end]

    def plus(self, more: Iterable[Entry]) -> "Grown[Entry]":
        """A longer list; this one stays as it is."""
        added = list(more)
        longer: Grown[Entry] = Grown()
        with self._lock:
            entries = self._entries
            if not self._end or len(entries) != self._end:
                entries = entries[: self._end]  # another one has grown from it
            entries += added
            longer._entries = entries
            longer._end = len(entries)
        return longer
