"""Replies of a service that fails, for `Service.answer`."""

import orjson

from emulator.core import Emulator
from emulator.http import Json, Reply, Request, json_reply, sse_reply


def sse(*events: Json) -> Reply:
    """A stream of these events alone."""
    return sse_reply(iter(events))


def without_terminal_event(emulator: Emulator):
    """Streams end silently before their last event."""

    def answer(request: Request) -> Reply | None:
        reply = emulator.handle(request)
        if not isinstance(reply.body, bytes):
            pieces = list(reply.body)
            reply.body = iter(pieces[:-1])
        return reply

    return answer


def ending_as(emulator: Emulator, **changes: object):
    """Every response comes back with these fields instead of its own."""

    def answer(request: Request) -> Reply | None:
        if request.method != "POST" or not request.path.endswith("/responses"):
            return None
        reply = emulator.handle(request)
        for stored in emulator.store.responses:
            stored.ready_at = 0.0  # what has ended does not run in the background
        if isinstance(reply.body, bytes):
            return json_reply(orjson.loads(reply.body) | changes)
        pieces = list(reply.body)
        last = orjson.loads(pieces[-1].partition(b"data: ")[2])
        last["type"] = f"response.{changes['status']}"
        last["response"] |= changes
        end = b"event: %b\ndata: %b\n\n" % (last["type"].encode(), orjson.dumps(last))
        reply.body = iter([*pieces[:-1], end])
        return reply

    return answer


def refusing(status: int, body: Json):
    """Requests for a response are answered with this error, all others pass."""

    def answer(request: Request) -> Reply | None:
        if request.method == "POST" and request.path.endswith("/responses"):
            return json_reply(body, status)
        return None

    return answer
