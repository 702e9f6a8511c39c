"""What a model writes between `<think>` and `</think>` before its answer."""

from collections.abc import Iterator
from typing import NamedTuple

BEGIN, END = "<think>", "</think>"


class Said(NamedTuple):
    """A piece of what was written: a thought, or of the answer."""

    text: str
    is_thought: bool


class Thoughts:
    """Tells thoughts from the answer, piece by piece; at most a tag is held back."""

    def __init__(self) -> None:
        """Nothing has come yet."""
        self._held = ""
        self._thinks: bool | None = None  # None: it has not begun with anything yet
        self._is_first = True  # of the answer after thoughts

    def add(self, piece: str) -> Iterator[Said]:
        """What can be told now that one more piece has come."""
        self._held += piece
        if self._thinks is None and not self._begin():
            return
        if self._thinks:
            yield from self._think()
        if not self._thinks:
            yield from self._answer()

    def end(self) -> Iterator[Said]:
        """What was held back, now that nothing more comes."""
        if self._held:
            yield Said(self._held, bool(self._thinks))
            self._held = ""

    def _begin(self) -> bool:
        """Whether it is known by now how it begins."""
        begun = self._held.lstrip()
        if begun.startswith(BEGIN):
            self._thinks = True
            self._held = begun.removeprefix(BEGIN).lstrip("\n")
        elif BEGIN.startswith(begun):
            return False
        else:
            self._thinks = False
            self._is_first = False
        return True

    def _think(self) -> Iterator[Said]:
        thought, end, rest = self._held.partition(END)
        if end:
            self._thinks = False
            self._held = rest
        else:
            kept = _beginning_of(END, thought)
            thought, self._held = (
                thought[: len(thought) - kept],
                thought[-kept:] * (kept > 0),
            )
        if thought:
            yield Said(thought, is_thought=True)

    def _answer(self) -> Iterator[Said]:
        """The answer; the empty lines that a thought leaves behind are none of it."""
        text = self._held.lstrip() if self._is_first else self._held
        self._held = ""
        if text:
            self._is_first = False
            yield Said(text, is_thought=False)


def _beginning_of(tag: str, text: str) -> int:
    """How many characters at a text's end may be the beginning of a tag."""
    for length in range(min(len(tag) - 1, len(text)), 0, -1):
        if text.endswith(tag[:length]):
            return length
    return 0
