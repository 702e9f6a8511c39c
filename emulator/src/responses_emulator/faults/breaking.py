"""Faults of a reply on its way: it comes late, breaks off, or an error is in it."""

from collections.abc import Callable

from responses_emulator.faults.call import Call
from responses_emulator.http import Json, Pause, Pieces, Reply, close_pieces

WENT_WRONG = "The server had an error while processing your request."
FILTERED = (
    "The response was filtered due to the prompt triggering Azure OpenAI's content "
    "management policy. Please modify your prompt and retry."
)


def delay(call: Call) -> Reply:
    """The reply, late."""
    reply = call.answer()
    reply.delay = call.number("ms") / 1000
    return reply


def reset(call: Call) -> Reply:
    """No connection, and nothing done."""
    return Reply(0, breaks=call.text("how"))


def reset_in_reply(call: Call) -> Reply:
    """Half of the body, then no connection; of a stream, so many events."""
    reply = call.answer()
    reply.breaks = call.text("how")
    if isinstance(reply.body, bytes):
        reply.headers["content-length"] = str(len(reply.body))
        reply.body = reply.body[: len(reply.body) // 2]
    else:
        reply.body = _Closing(reply.body, _first(reply.body, call.number("events")))
    return reply


def truncated_json(call: Call) -> Reply:
    """Half of the body, as if that were all."""
    reply = call.answer()
    if isinstance(reply.body, bytes):
        reply.body = reply.body[: len(reply.body) // 2]
    return reply


def stream_stops(call: Call) -> Reply:
    """So many events, at most all but the last, and the end in good order."""
    return _streamed(
        call, lambda pieces: _first(_all_but_last(pieces), call.number("events"))
    )


def stream_error(call: Call) -> Reply:
    """An `error` event, nested as Azure sends it or flat as the contract has it."""
    shape = _flat if call.parameters["shape"] == "flat" else _nested
    code = call.text("code")
    message = (
        "Rate limit is exceeded.\nTry again in 26 seconds."
        if code == "rate_limit_exceeded"
        else WENT_WRONG
    )

    def change(pieces: Pieces) -> Pieces:
        number = 0
        for piece in _first(_all_but_last(pieces), call.number("events")):
            yield piece
            number += not isinstance(piece, Pause)
        yield shape(number, "server_error", code, message)

    return _streamed(call, change)


def stream_stalls(call: Call) -> Reply:
    """Nothing for a time, between two events; then the stream goes on."""
    seconds = call.number("ms") / 1000
    return _streamed(call, lambda pieces: _at(call, pieces, lambda _: [Pause(seconds)]))


def keepalive(call: Call) -> Reply:
    """Azure's sign of life: an event of its own, with the next number of the stream.

    {"type": "keepalive", "sequence_number": 3}, brainlid/langchain#485, March 2026.
    """
    pause, count = Pause(call.number("ms") / 1000), call.number("count")

    def signs(number: int) -> list[Json | Pause]:
        told = [
            {"type": "keepalive", "sequence_number": number + already}
            for already in range(count)
        ]
        return [piece for sign in told for piece in (pause, sign)]

    return _streamed(call, lambda pieces: _at(call, pieces, signs))


def filter_stream(call: Call) -> Reply:
    """created, failed without a reason, and the reason in a frame after it."""

    def change(pieces: Pieces) -> Pieces:
        created = first_of(pieces)
        id: str = created["response"]["id"]
        failed: Json = {**created["response"], "status": "failed", "error": None}
        stored = call.world.store.responses.get(id)
        if stored:
            stored.body |= {"status": "failed", "output": []}
        yield created
        yield {"type": "response.failed", "sequence_number": 1, "response": failed}
        yield _nested(2, "invalid_request_error", "content_policy_violation", FILTERED)

    return _streamed(call, change)


def first_of(pieces: Pieces) -> Json:
    """The first event of a stream, which is never a pause."""
    event = next(pieces)
    assert isinstance(event, dict)
    return event


def _flat(number: int, type: str, code: str, message: str) -> Json:  # noqa: ARG001
    error = {"code": code, "message": message, "param": None}
    return {"type": "error", "sequence_number": number, **error}


def _nested(number: int, type: str, code: str, message: str) -> Json:
    error = {"type": type, "code": code, "message": message, "param": None}
    return {"type": "error", "sequence_number": number, "error": error}


def _streamed(call: Call, change: Callable[[Pieces], Pieces]) -> Reply:
    """The reply with its pieces changed; an error in place of a stream stays one."""
    reply = call.answer()
    if not isinstance(reply.body, bytes):
        reply.body = _Closing(reply.body, change(reply.body))
    return reply


class _Closing:
    """What is sent; when that ends, begun or not, so does what is still being made."""

    def __init__(self, made: Pieces, sent: Pieces) -> None:
        self._made = made
        self._sent = sent

    def __iter__(self) -> Pieces:
        return self

    def __next__(self) -> Json | bytes | Pause:
        try:
            return next(self._sent)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        close_pieces(self._sent)
        close_pieces(self._made)


def _at(
    call: Call, pieces: Pieces, more: Callable[[int], list[Json | Pause]]
) -> Pieces:
    """A stream with more in it: before its first event of a type, or after so many.

    What follows is numbered on. `more` gets the number that is next there.
    """
    kind, count = call.text("at"), call.number("events")
    seen, shift = 0, -1
    for piece in pieces:
        event: Json = piece if isinstance(piece, dict) else {}
        number: int = event.get("sequence_number", seen)
        here = event.get("type") == kind if kind else seen == count
        if shift < 0 and here and not isinstance(piece, Pause):
            added = more(number)
            yield from added
            shift = sum(isinstance(one, dict) for one in added)
        seen += not isinstance(piece, Pause)
        renumbered = shift > 0 and "sequence_number" in event
        yield {**event, "sequence_number": number + shift} if renumbered else piece


def _first(pieces: Pieces, count: int) -> Pieces:
    """So many events, and no more than these are made."""
    while count:
        piece = next(pieces, None)
        if piece is None:
            return
        yield piece
        count -= not isinstance(piece, Pause)


def _all_but_last(pieces: Pieces) -> Pieces:
    held: Json | bytes | None = None
    for piece in pieces:
        if isinstance(piece, Pause):
            yield piece
            continue
        if held is not None:
            yield held
        held = piece
