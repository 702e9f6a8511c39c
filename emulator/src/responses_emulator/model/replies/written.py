"""Replies that somebody has written, a test or a file, as a model that says them."""

from collections.abc import Iterator

from responses_emulator.model.estimates.thinking import reasoning_tokens
from responses_emulator.model.items import Item
from responses_emulator.model.steps import Reasoning, Step, Whole
from responses_emulator.model.turn import Turn
from responses_emulator.signals import Signal


class Written:
    """Says these items, and nothing else. What it has called is not carried out."""

    waits = False

    def __init__(self, items: list[Item]) -> None:
        """The output, as it is to go out."""
        self._items = items

    def steps(self, turn: Turn, _stop: Signal) -> Iterator[Step]:
        """All of it, after as much thought as the request asks for."""
        yield Reasoning(None, reasoning_tokens(turn))
        yield from map(Whole, self._items)
