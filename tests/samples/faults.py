"""Replies of a service that fails, for `Service.answer`."""

import orjson

from responses_emulator.core import Emulator
from responses_emulator.http import (
    Json,
    Pause,
    Pieces,
    Reply,
    Request,
    json_reply,
    sse_reply,
)


def sse(*events: Json) -> Reply:
    """A stream of these events alone."""
    return sse_reply(iter(events))


def without_terminal_event(emulator: Emulator):
    """Streams end silently before their last event."""

    def answer(request: Request) -> Reply | None:
        reply = emulator.handle(request)
        if not isinstance(reply.body, bytes):
            reply.body = without_the_last(reply.body)
        return reply

    return answer


def without_the_last(pieces: Pieces) -> Pieces:
    """All but the last, none earlier than it would have come."""
    held: Json | bytes | Pause | None = None
    for piece in pieces:
        if held is not None:
            yield held
        held = piece


def ending_as(emulator: Emulator, **changes: object):
    """Every response comes back with these fields instead of its own.

    So does the end of each stream, be it of a new response or of one that is followed.
    """

    def answer(request: Request) -> Reply | None:
        creates = request.method == "POST" and request.path.endswith("/responses")
        follows = request.method == "GET" and request.query.get("stream") == "true"
        if not creates and not follows:
            return None
        request.may_block = True  # a plain reply is changed when it is there
        reply = emulator.handle(request)
        if not isinstance(reply.body, bytes):
            reply.body = ended_as(reply.body, changes)
            return reply
        for stored in emulator.store.responses:
            stored.ready_at = 0.0  # what has ended does not run in the background
        return json_reply(orjson.loads(reply.body) | changes)

    return answer


def ended_as(pieces: Pieces, changes: Json) -> Pieces:
    """A stream whose last event says something else."""
    for piece in pieces:
        if isinstance(piece, dict) and piece["type"] == "response.completed":
            type = f"response.{changes['status']}"
            yield {**piece, "type": type, "response": {**piece["response"], **changes}}
        else:
            yield piece


def refusing(status: int, body: Json):
    """Requests for a response are answered with this error, all others pass."""

    def answer(request: Request) -> Reply | None:
        if request.method == "POST" and request.path.endswith("/responses"):
            return json_reply(body, status)
        return None

    return answer
