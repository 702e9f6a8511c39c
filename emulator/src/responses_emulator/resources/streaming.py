"""A response as a stream: made while it is read, or told again by the clock.

A response in the foreground is made while its events are read. One in the background is
complete when it is created: its events have times, spread evenly over its run, and each
of its streams, the first and every one that is resumed, gives what is due and then
waits for the rest.
"""

from collections.abc import Callable, Generator, Iterator
from itertools import chain, islice
from typing import Any

from responses_emulator import events
from responses_emulator.agent import Queued
from responses_emulator.growing import Growing, Piece
from responses_emulator.http import Pause, close_pieces
from responses_emulator.store import StoredResponse

Json = dict[str, Any]
Show = Callable[[Json], Json]  # an item as the caller asked to see it
# What a response is made of, in order.
Parts = Iterator[Json | Growing | Piece | Queued | Pause]

BEGINNING = 3  # events of a response in the background that tell nothing of its output
LOOK_SECONDS = 0.25  # who waits for an event looks up this often: it may be cancelled

UNFINISHED: Json = {
    "completed_at": None,
    "content_filters": None,
    "error": None,
    "incomplete_details": None,
    "output": [],
    "usage": None,
}


class WhileMade:
    """The events of a response in the foreground; who leaves early cancels it.

    It is no generator: one that was never begun would not hear of its end.
    """

    def __init__(
        self,
        stored: StoredResponse,
        made: Parts,
        show: Show,
        *,
        obfuscate: bool,
        in_line: bool = False,
    ) -> None:
        """Nothing is made before the first event is read."""
        self._stored = stored
        self._made = made
        self._events = events_of(
            stored.body, made, show, obfuscate=obfuscate, in_line=in_line
        )

    def __iter__(self) -> Iterator[Json | Pause]:
        """The events; it is to be kept meanwhile."""
        return self._events

    def __next__(self) -> Json | Pause:
        """The next event, or how long to wait for it."""
        return next(self._events)

    def close(self) -> None:
        """Nobody reads on."""
        close_pieces(self._events)
        leave(self._stored, self._made)

    def __del__(self) -> None:
        """Who lets go of it reads on no more."""
        self.close()


def leave(stored: StoredResponse, made: Parts) -> None:
    """Nobody waits for a response in the foreground any more: that cancels it."""
    close_pieces(made)
    if stored.body["status"] == "in_progress":
        stored.body["status"] = "cancelled"


def by_the_clock(
    clock: Callable[[], float],
    stored: StoredResponse,
    show: Show,
    *,
    after: int = -1,
    obfuscate: bool,
) -> Iterator[Json | Pause]:
    """The events of a response in the background, those numbered above `after`.

    The contract has no event for a cancelled response: its streams end with
    `response.failed`, whose response has the status `cancelled`.
    """

    if stored.log is not None:
        parts: Parts = stored.log.read()
        yield from _as_it_is_made(stored, parts, show, after=after, obfuscate=obfuscate)
        return

    def planned() -> Iterator[Json]:
        run = stored.uncancelled or stored
        made = iter(run.body["output"])
        return events_of(run.body, made, show, obfuscate=obfuscate)  # pyright: ignore[reportReturnType]

    if stored.is_being_made:
        told = yield from _while_worked_on(clock, stored, planned(), after)
        after = max(after, told)
    run = stored.uncancelled or stored
    starts_at, ready_at = run.starts_at, run.ready_at
    # Made twice, for there may be more of them than should be held.
    last = sum(1 for _ in planned()) - 1
    step = (ready_at - starts_at) / (last - 2)
    for number, event in enumerate(planned()):
        # Created and queued at once, in progress when it starts, the last when ready.
        due = 0.0 if number < 2 else ready_at - step * (last - number)
        while (now := clock()) < due and stored.body["status"] != "cancelled":
            yield Pause(min(due - now, LOOK_SECONDS))
        if stored.body["status"] == "cancelled" and due > stored.ready_at:
            event = {
                "type": "response.failed",
                "sequence_number": number,
                "response": stored.body,
            }
            last = number
        if number > after:
            yield event
        if number == last:
            return


def _as_it_is_made(
    stored: StoredResponse, parts: Parts, show: Show, *, after: int, obfuscate: bool
) -> Iterator[Json | Pause]:
    """The events of what a model says, when it says it; again from what was kept."""
    run = stored.uncancelled or stored
    told = events_of(
        run.body,
        parts,
        show,
        obfuscate=obfuscate,
        in_line=True,
        final=lambda: stored.body,
    )
    for event in told:
        if isinstance(event, Pause) or event["sequence_number"] > after:
            yield event


def _while_worked_on(
    clock: Callable[[], float],
    stored: StoredResponse,
    planned: Iterator[Json],
    after: int,
) -> Generator[Json | Pause, None, int]:
    """The events before the first of the output; then it waits until all is made.

    Returns the number of the last event that it told.
    """
    done = stored.done
    assert done is not None
    for number, event in zip(range(BEGINNING), planned, strict=False):
        while number == BEGINNING - 1 and (now := clock()) < stored.starts_at:
            if done:
                return number - 1
            yield Pause(min(stored.starts_at - now, LOOK_SECONDS))
        if number > after:
            yield event
    while not done:
        yield Pause(LOOK_SECONDS, done)
    return BEGINNING - 1


def events_of(
    response: Json,
    made: Parts,
    show: Show,
    *,
    obfuscate: bool,
    in_line: bool = False,
    final: Callable[[], Json] | None = None,
) -> Iterator[Json | Pause]:
    """Every event of a response, numbered; `response` is complete when `made` ends.

    `in_line`: it may have to wait for its model, and that is told at the beginning.
    `final` gives the response at the end, where it is another one by then.
    """
    shown: list[Json] = []
    is_queued = False
    # Which tier served it is known at the end alone, unless one was asked for.
    tier = response["service_tier"]
    tier = "auto" if tier == "default" else tier
    unfinished = {**UNFINISHED, "status": "in_progress", "service_tier": tier}
    start = {**response, **unfinished}

    def begin() -> Iterator[Json]:
        nonlocal made, is_queued
        if in_line:
            first = list(islice(made, 1))
            is_queued = any(isinstance(each, Queued) for each in first)
            made = chain(first, made)
        if response["background"] or is_queued:
            queued = {**start, "status": "queued"}
            yield events.lifecycle("created", queued)
            yield events.lifecycle("queued", queued)
        else:
            yield events.lifecycle("created", start)
        if not is_queued:
            yield events.lifecycle("in_progress", start)

    def middle() -> Iterator[Json | Pause]:
        live: events.OfGrowing | None = None
        has_begun = not is_queued
        for each in made:
            if isinstance(each, Pause):
                yield each
            elif isinstance(each, Queued):
                if not (each.waits or has_begun):
                    yield events.lifecycle("in_progress", start)
                    has_begun = True
            elif isinstance(each, Piece):
                assert live
                yield from live.go_on(each.text, each.part, each.logprobs)
            elif isinstance(each, Growing):
                live = events.OfGrowing(each.item, len(shown), obfuscate=obfuscate)
                yield from live.begin()
            else:
                shown.append(show(each))
                if live is None:
                    index = len(shown) - 1
                    yield from events.of_item(shown[-1], index, obfuscate=obfuscate)
                else:
                    yield from live.end(shown[-1])
                    live = None

    def end() -> Iterator[Json]:
        whole = final() if final else response
        if whole["status"] == "cancelled":
            yield events.lifecycle("failed", whole)
        else:
            yield events.lifecycle(whole["status"], {**whole, "output": shown})

    return events.number(chain(begin(), middle(), end()))
