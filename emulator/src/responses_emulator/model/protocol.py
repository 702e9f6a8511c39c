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

from collections.abc import Iterator
from typing import Protocol

from responses_emulator.model.steps import Step
from responses_emulator.model.turn import Turn
from responses_emulator.signals import Signal


class Model(Protocol):
    """Whoever says what comes next."""

    # Whether a step may take long, as one from another machine does: these run in
    # threads of their own, and nothing else waits for them.
    waits: bool

    def steps(self, turn: Turn, stop: Signal, /) -> Iterator[Step]:
        """What comes next in a turn, piece by piece. Raises what went wrong.

        `stop` is set when nobody waits for it any more: who waits with `stop.wait`, or
        has `stop.then` close a connection, gives back its thread at once.
        """
        ...
