"""What was said so far, kept so that a turn need not read all of it again.

A history is grown, never changed: the response before and the one after share what both
begin with, so a chain of n turns costs memory and time in proportion to n.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

from responses_emulator.model.context.grown import Grown
from responses_emulator.model.context.prompt_cache import Ends, Piece, Prefixes
from responses_emulator.model.estimates import tokens
from responses_emulator.model.items import Item, is_special, said_in

_NOTHING: Grown[Any] = Grown()
BREAKPOINT = "prompt_cache_breakpoint"
_OUTPUT = "_output"  # what a tool of the caller's gave
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
            read and (read[0], read[1].plus(all_as_read(more))),
        )

    def prefixes(self, scope: str, head: list[Piece]) -> Prefixes:
        """Those of a prompt that ends here and begins with its instructions and tools.

        They are kept, for the next turn to go on from, while the head stays the same.
        """
        told = [scope.encode(), *(piece.text for piece in head)]
        key = blake2b(b"\n".join(told), digest_size=16).digest()
        if self._read is None or self._read[0] != key:
            items = all_as_read(self.items.all())
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

    def prefixes(self, scope: str, head: list[Piece]) -> Prefixes:
        """Those of the whole prompt; parameters as for `History.prefixes`."""
        return self.history.prefixes(scope, head).plus(all_as_read(self.new))


def as_read(piece: Any) -> Piece:
    """A piece of a prompt that is no item, as the prompt cache compares it."""
    return Piece(orjson.dumps(piece))


def all_as_read(items: Iterable[Item]) -> Iterator[Piece]:
    """Items as the prompt cache compares them."""
    for item in items:
        kept = {name: value for name, value in item.items() if name not in _NOT_READ}
        by_caller = item.get("role") == "user" or item.get("type", "").endswith(_OUTPUT)
        ends = Ends.MESSAGE if by_caller else Ends.NOTHING
        if not has_breakpoint(item):
            yield Piece(orjson.dumps(kept), ends)
            continue
        parts: list[Item] = []
        for part in item["content"]:
            parts.append({n: v for n, v in part.items() if n != BREAKPOINT})
            if part.get(BREAKPOINT):
                yield Piece(orjson.dumps({**kept, "content": parts}), Ends.MARKED)
                parts = []
        yield Piece(orjson.dumps({**kept, "content": parts}), ends)


def has_breakpoint(item: Item) -> bool:
    """Whether a part of a message ends a prefix that is to be cached."""
    content: object = item.get("content")
    if not isinstance(content, list):
        return False
    parts: list[Item] = content  # pyright: ignore[reportUnknownVariableType]
    return any(part.get(BREAKPOINT) for part in parts)
