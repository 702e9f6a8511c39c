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
    telling = _Telling(response, made, show, obfuscate=obfuscate, in_line=in_line)
    end = telling.end(final or (lambda: response))
    return events.number(chain(telling.begin(), telling.middle(), end))


class _Telling:
    """Tells of a response: that it begins, what it consists of, how it ends."""

    def __init__(
        self,
        response: Json,
        made: Parts,
        show: Show,
        *,
        obfuscate: bool,
        in_line: bool,
    ) -> None:
        """The parameters are those of `events_of`."""
        self._made = made
        self._show = show
        self._obfuscate = obfuscate
        self._in_line = in_line
        self._is_queued = False  # for its model
        self._shown: list[Json] = []
        # Which tier served it is known at the end alone, unless one was asked for.
        tier = response["service_tier"]
        self._begun: Json = {
            **response,
            **UNFINISHED,
            "status": "in_progress",
            "service_tier": "auto" if tier == "default" else tier,
        }

    def begin(self) -> Iterator[Json]:
        """It is there, and begins unless it has to wait."""
        if self._in_line:
            first = list(islice(self._made, 1))
            self._is_queued = any(isinstance(each, Queued) for each in first)
            self._made = chain(first, self._made)
        if self._begun["background"] or self._is_queued:
            queued = {**self._begun, "status": "queued"}
            yield events.lifecycle("created", queued)
            yield events.lifecycle("queued", queued)
        else:
            yield events.lifecycle("created", self._begun)
        if not self._is_queued:
            yield events.lifecycle("in_progress", self._begun)

    def middle(self) -> Iterator[Json | Pause]:
        """Its items, those that grow as they do."""
        live: events.OfGrowing | None = None
        obfuscate = self._obfuscate
        for each in self._made:
            if isinstance(each, Pause):
                yield each
            elif isinstance(each, Queued):
                if self._is_queued and not each.waits:
                    yield events.lifecycle("in_progress", self._begun)
                    self._is_queued = False
            elif isinstance(each, Piece):
                assert live
                yield from live.go_on(each.text, each.part, each.logprobs)
            elif isinstance(each, Growing):
                live = events.OfGrowing(
                    each.item, len(self._shown), obfuscate=obfuscate
                )
                yield from live.begin()
            else:
                shown = self._show(each)
                self._shown.append(shown)
                if live is None:
                    index = len(self._shown) - 1
                    yield from events.of_item(shown, index, obfuscate=obfuscate)
                else:
                    yield from live.end(shown)
                    live = None

    def end(self, final: Callable[[], Json]) -> Iterator[Json]:
        """The response as it is then."""
        response = final()
        if response["status"] == "cancelled":
            yield events.lifecycle("failed", response)
        else:
            whole = {**response, "output": self._shown}
            yield events.lifecycle(response["status"], whole)
