"""Models for tests: they say what a test has written, as slowly as it wants."""

from collections.abc import Iterator, Sequence

from responses_emulator.model.steps import Step
from responses_emulator.model.turn import Turn
from responses_emulator.signals import Signal


class Says:
    """Says these steps: one list for each time that it is asked, and then nothing.

    A signal among them is a silence that lasts until it is set, or somebody says stop.
    `turns` are what it was asked, `stopped` is set when a silence was broken off.
    """

    def __init__(
        self, *samplings: Sequence[Step | Signal], waits: bool = False
    ) -> None:
        """With `waits`, it is a model that nobody is to wait for."""
        self.waits = waits
        self.turns: list[Turn] = []
        self.silent = Signal()
        self.stopped = Signal()
        self._samplings = samplings

    def steps(self, turn: Turn, stop: Signal) -> Iterator[Step]:
        """The steps of this sampling."""
        number = len(self.turns)
        self.turns.append(turn)
        for step in self._samplings[number] if number < len(self._samplings) else ():
            if not isinstance(step, Signal):
                yield step
                continue
            over = Signal()
            step.then(over.set)
            stop.then(over.set)
            self.silent.set()
            over.wait()
            if stop:
                self.stopped.set()
                return


class Repeats(Says):
    """Says the same to everybody, and nobody is to wait for it."""

    def __init__(self, *samplings: Sequence[Step | Signal]) -> None:
        """The first of these."""
        super().__init__(*samplings, waits=True)

    def steps(self, turn: Turn, stop: Signal) -> Iterator[Step]:
        """The first sampling."""
        yield from Says(*self._samplings).steps(turn, stop)
