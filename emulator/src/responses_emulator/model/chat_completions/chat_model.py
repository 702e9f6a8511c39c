"""The model behind an endpoint: one sampling is one completion, or a few.

Of a call that cannot be made, and of an answer that is not what was asked for, the
model is told, and asked again. It may try so often, and then it has failed.
"""

from collections.abc import Generator, Iterator
from contextlib import closing

from responses_emulator.errors import ServiceError, invalid_request
from responses_emulator.model.chat_completions import (
    citations,
    messages,
    pictures,
    request,
    shapes,
)
from responses_emulator.model.chat_completions.client import Client
from responses_emulator.model.chat_completions.deltas import CalledFunction, Heard
from responses_emulator.model.chat_completions.endpoint import Endpoint
from responses_emulator.model.chat_completions.offers import Misused, Offers
from responses_emulator.model.chat_completions.shapes import Shape
from responses_emulator.model.items import Item
from responses_emulator.model.steps import Call, Cut, Step, Text, Writing
from responses_emulator.model.turn import Turn
from responses_emulator.signals import Signal
from responses_emulator.waiting import Line

MOST_TRIES = 3  # of a model that calls what cannot be called, or misses a shape


class ChatModel:
    """A model at an endpoint. It minds `max_output_tokens` itself, and counts."""

    waits = True
    minds_bounds = True

    def __init__(self, endpoint: Endpoint) -> None:
        """Nothing is asked yet."""
        self.endpoint = endpoint
        self.line = Line(endpoint.parallel)
        self.client = Client(endpoint)
        # What newer endpoints call the bound, once one has said that it wants that.
        self._bound = "max_tokens"

    def steps(self, turn: Turn, stop: Signal) -> Iterator[Step]:
        """What comes next in a turn. Raises `ServiceError`."""
        offers = Offers(turn)
        said = messages.of_turn(turn, offers)
        misused = ""
        heard = Heard(offers)
        for _ in range(MOST_TRIES):
            heard, shape = Heard(offers), shapes.of_turn(turn)
            asked = request.body(turn, self.client.name(), said, offers)
            # Whatever is wrong with what it says: the connection does not outlive that.
            with closing(self._chunks(asked, stop)) as chunks:
                yield from _told(turn, heard, shape, chunks)
            if stop:
                return
            if heard.cut:
                yield Cut(heard.cut, tuple(_cut_off(heard, offers)))
                yield from _end(heard)
                return
            if turn.must_call and not heard.calls:
                yield from _end(heard)
                misused = "It has called no tool, although it had to."
                said = [*said, {"role": "system", "content": request.MUST_CALL}]
                continue
            fault = _fault(heard, shape)
            if fault:
                yield from _end(heard)
                misused = fault
                said = [*said, *_not_so(heard, fault)]
                continue
            calls, told = _calls(heard.left, offers)
            if not told or heard.told:  # what has gone out cannot be taken back
                yield from shape.rest() if shape else ()
                yield from _last(turn, heard, calls)
                return
            yield from _end(heard)
            misused = next(iter(told.values()))
            said = [*said, *_corrected(heard, told)]
        known = [each.name for each in heard.calls if offers.has(each.name)]
        if turn.results and heard.calls and not known:
            # It goes on to call what it has called often enough: that is no answer,
            # and no fault either. The service ends such a response as it is.
            yield Text("")
            return
        raise _trouble(f"The model has not come to an answer. {misused}")

    def draw(
        self, prompt: str, tool: Item, stop: Signal, over: bytes | None = None
    ) -> bytes:
        """A picture, or one with changes, where this is an image deployment's model."""
        return pictures.drawn(self.client, prompt, tool, stop, over)

    def _chunks(self, asked: Item, stop: Signal) -> Generator[Item]:
        """The chunks of a completion, whatever the endpoint calls the bound."""
        if "max_tokens" in asked:
            asked[self._bound] = asked.pop("max_tokens")
        chunks = self.client.chunks(asked, stop)
        try:
            yield from chunks
        except ServiceError as error:
            words: str = error.body["error"]["message"]
            if "max_tokens" not in asked or "max_completion_tokens" not in words:
                raise
            self._bound = "max_completion_tokens"
            asked[self._bound] = asked.pop("max_tokens")
            yield from self.client.chunks(asked, stop)


def _told(
    turn: Turn, heard: Heard, shape: Shape | None, chunks: Iterator[Item]
) -> Iterator[Step]:
    """What a completion says as it comes, but for what has to have a shape."""
    is_cited = False
    for step in heard.steps(chunks):
        if type(step) is Text and shape is not None:
            yield from shape.add(step)
            continue
        if type(step) is Writing and not (is_cited or heard.told):
            # It ends the answer before it, which is the last moment to cite.
            is_cited = True
            yield from shape.rest() if shape else ()
            cited = citations.of_answer(heard.text, turn.results)
            if cited:
                yield Text("", cited)
        yield step
    if heard.cut and shape:
        yield from shape.rest()


def _fault(heard: Heard, shape: Shape | None) -> str | None:
    """What is wrong with an answer that has a shape. Raises what is out already."""
    if shape is None or heard.calls or heard.has_refused:
        return None
    fault = shape.fault()
    if fault and shape.is_told:
        raise _trouble(f"The model has not come to an answer. {fault}")
    return fault


def _not_so(heard: Heard, fault: str) -> list[Item]:
    """An answer, and that it was not what was asked for."""
    told: Item = {"role": "user", "content": f"{fault} {request.JUST_JSON}"}
    return [{"role": "assistant", "content": heard.text or "(nothing)"}, told]


def _last(turn: Turn, heard: Heard, calls: list[Call]) -> Iterator[Step]:
    """What follows the text: its citations, the calls, and what it took."""
    cited = () if heard.told else citations.of_answer(heard.text, turn.results)
    if cited:
        yield Text("", cited)
    elif not (heard.text or heard.told or heard.has_refused or calls):
        yield Text("")  # it has nothing to say
    yield from calls
    yield from _end(heard)


def _trouble(message: str) -> ServiceError:
    return invalid_request(
        message, code="server_error", status=500, type="server_error"
    )


def _end(heard: Heard) -> Iterator[Step]:
    if heard.usage is not None:
        yield heard.usage


def _cut_off(heard: Heard, offers: Offers) -> Iterator[Call]:
    """The calls of which nothing has gone out yet, as far as they were written."""
    for each in heard.left:
        call = offers.cut_off(each.name, each.arguments)
        if call is not None and each.piece is None:
            yield call


def _calls(
    heard: list[CalledFunction], offers: Offers
) -> tuple[list[Call], dict[int, str]]:
    """The calls as steps, and what is wrong, by their places, with others."""
    calls: list[Call] = []
    wrong: dict[int, str] = {}
    for place, each in enumerate(heard):
        try:
            calls.append(offers.call(each.name, each.arguments))
        except Misused as error:
            wrong[place] = str(error)
    return calls, wrong


def _corrected(heard: Heard, told: dict[int, str]) -> list[Item]:
    """The calls, and for each why none of them was made."""
    ids = [f"again{place:04}" for place in range(len(heard.calls))]
    given = [
        # What is no JSON would break the templates that read it.
        (id, each.name, each.arguments if place not in told else "{}")
        for place, (id, each) in enumerate(zip(ids, heard.calls, strict=True))
    ]
    return [
        {**messages.called(given), "content": heard.text or None},
        *(
            messages.answered(id, told.get(place, "Not made: call it again."))
            for place, id in enumerate(ids)
        ),
    ]
