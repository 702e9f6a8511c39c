"""What a model is: from a turn to an iterator of steps.

A model only says what comes next. What follows from it is the business of `agent`, for
every model alike: it puts out items and events, runs the calls of hosted tools, hands
those of the caller's tools to the caller, and minds `tool_choice`, `max_tool_calls`,
`parallel_tool_calls` and approvals. A model never sees these: its turn has the tools
that it may call now, and `must_call`.

    class Echo:
        waits = False

        def steps(self, turn, stop):
            yield Text(f"You said: {turn.prompt}")

One iteration of `steps` is one sampling: text, or calls, to its end. If hosted tools
were called, their results are in `turn.results` and the model is asked again. It is
done when it ends without such a call.
"""

import threading
from collections.abc import Callable, Iterator
from typing import Protocol

from responses_emulator.model.steps import Step
from responses_emulator.model.turn import Turn


class Stop:
    """Tells a model, or a tool, that nobody waits for it any more.

    Who waits for a time waits with `wait`; who waits for something else has `then` end
    that, by closing a connection, for instance.
    """

    def __init__(self) -> None:
        """Somebody waits."""
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._ends: list[Callable[[], object]] = []

    def __bool__(self) -> bool:
        """Whether it is time to stop."""
        return self._stopped.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait so long, or until it is time to stop; whether it is."""
        return self._stopped.wait(seconds)

    def then(self, end: Callable[[], object]) -> None:
        """Do this when it is time to stop, in the thread that says so; or now."""
        with self._lock:
            if not self._stopped.is_set():
                self._ends.append(end)
                return
        end()

    def set(self) -> None:
        """Stop."""
        with self._lock:
            self._stopped.set()
            ends, self._ends = self._ends, []
        for end in ends:
            end()


class Model(Protocol):
    """Whoever says what comes next."""

    # Whether a step may take long, as one from another machine does: these run in
    # threads of their own, and nothing else waits for them.
    waits: bool

    def steps(self, turn: Turn, stop: Stop) -> Iterator[Step]:
        """What comes next in a turn, piece by piece. Raises what went wrong."""
        ...
