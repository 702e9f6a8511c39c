"""What was said so far, kept so that a turn need not read all of it again.

A history is grown, never changed: the response before and the one after share what both
begin with, so a chain of n turns costs memory and time in proportion to n.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

from emulator.model import tokens
from emulator.model.grown import Grown
from emulator.model.prompt_cache import Prefixes
from emulator.model.turn import Item, is_special, said_in

_NOTHING: Grown[Any] = Grown()
_NOT_READ = ("id", "status")  # what differs between two equal items


@dataclass
class History:
    """The items of a conversation, and what reading all of them would tell."""

    items: Grown[Item] = _NOTHING
    said: Grown[str] = _NOTHING  # by the user
    special: Grown[Item] = _NOTHING
    tokens: int = 0
    # For the prompt cache, once it was asked for: what came before the items, as a
    # digest, and the prefixes of all. A short chat never asks.
    _read: tuple[bytes, Prefixes] | None = None

    def plus(self, more: list[Item]) -> "History":
        """The history once these items have been added."""
        read = self._read
        return History(
            self.items.plus(more),
            self.said.plus(
                said_in(item) for item in more if item.get("role") == "user"
            ),
            self.special.plus(filter(is_special, more)),
            self.tokens + tokens.count_items(more),
            read and (read[0], read[1].plus(map(as_read, more))),
        )

    def prefixes(self, scope: str, head: list[bytes]) -> Prefixes:
        """Those of a prompt that ends here and begins with its instructions and tools.

        They are kept, for the next turn to go on from, while the head stays the same.
        """
        key = blake2b(b"\n".join([scope.encode(), *head]), digest_size=16).digest()
        if self._read is None or self._read[0] != key:
            items = map(as_read, self.items.all())
            self._read = key, Prefixes(scope).plus([*head, *items])
        return self._read[1]

    def digest(self, new: list[Item]) -> "Digest":
        """What a turn needs to know of this history and the new items after it."""
        said, special = self.said.all(), self.special.all()
        for item in new:
            if item.get("role") == "user":
                said.append(said_in(item))
            if is_special(item):
                special.append(item)
        counted = self.tokens + tokens.count_items(new)
        del said[-1:]  # that is the prompt
        return Digest(said, special, counted, self, new)


class Digest(NamedTuple):
    """What reading all items of a turn tells, from what was kept of those before."""

    said_before: list[str]  # by the user, oldest first
    special: list[Item]
    tokens: int
    history: History
    new: list[Item]

    def prefixes(self, scope: str, head: list[bytes]) -> Prefixes:
        """Those of the whole prompt; parameters as for `History.prefixes`."""
        return self.history.prefixes(scope, head).plus(map(as_read, self.new))


def as_read(piece: Any) -> bytes:
    """An item, or another piece of a prompt, as the prompt cache compares it."""
    if isinstance(piece, dict):
        item: Item = piece  # pyright: ignore[reportUnknownVariableType]
        piece = {name: value for name, value in item.items() if name not in _NOT_READ}
    return orjson.dumps(piece)
