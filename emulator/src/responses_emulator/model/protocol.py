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

Two more attributes may be there. `minds_bounds`: it keeps to `max_output_tokens` of
`turn.settings` by itself, and ends with a `Cut` where that was too little; else an
answer is cut by an estimate of its tokens. `line`: a `waiting.Line`, in which requests
wait that are more than it takes at once.
"""

from collections.abc import Iterator
from typing import Protocol

from responses_emulator.model.steps import Step
from responses_emulator.model.turn import Turn
from responses_emulator.signals import Signal
from responses_emulator.waiting import Line


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


def minds_bounds(model: Model) -> bool:
    """Whether a model keeps to `max_output_tokens` by itself."""
    return getattr(model, "minds_bounds", False)


def line_of(model: Model) -> Line | None:
    """Where requests wait for a model that takes only so many at once."""
    return getattr(model, "line", None)
