"""WebSocket mode of `/openai/v1/responses`: messages in, frames of events out.

A session is one connection. Each `response.create` is answered as `POST /responses`
with `stream` would answer it, with the same events, one response after the other. What
is not stored can be gone on from all the same, as long as the connection lasts. Nothing
here knows of sockets.
"""

from collections.abc import Generator

import orjson

from responses_emulator.contract import faults
from responses_emulator.errors import (
    ServiceError,
    invalid_request,
    malformed_json,
    missing_parameter,
    not_emulated,
    resource_not_found,
    unknown_url,
)
from responses_emulator.http import (
    Handle,
    Json,
    Pause,
    Reply,
    Request,
    close_pieces,
)
from responses_emulator.store import Kept
from responses_emulator.world import World

PATH = "/openai/v1/responses"
LIMIT_SECONDS = 3600  # after which a connection takes no more requests


class Session:
    """One connection, and the responses that only it remembers."""

    def __init__(self, world: World, request: Request, handle: Handle) -> None:
        """A connection that `request` has opened; `handle` answers what it asks for.

        Raises the service's 4xx where none can be opened.
        """
        world.auth.check(request)
        if request.path.rstrip("/") != PATH:
            if request.is_v1:
                path = request.path.removeprefix("/openai")
                raise unknown_url(request.method, path)
            raise resource_not_found()
        self.is_over = False  # nothing more is answered: close the connection
        self.breaks = ""  # how it is to break instead, as in `Reply`
        self._clock = world.clock
        self._opened_at = world.clock()
        self._request = request
        self._handle = handle
        self._kept = Kept(world.store.kept)

    def close(self) -> None:
        """The connection is gone, and what only it remembers."""
        self._kept.clear()

    def answer(self, message: str | bytes) -> Generator[Json | bytes | Pause]:
        """The events that answer a message."""
        try:
            body = self._read(message)
        except ServiceError as error:
            yield error_event(error.status, error.body)
            return
        generate = body.pop("generate", None)
        asked = Request(
            "POST",
            self._request.target,
            {**self._request.headers, "content-type": "application/json"},
            orjson.dumps({**body, "stream": True}),
            kept=self._kept,
            generate=generate is not False,
            may_block=self._request.may_block,
        )
        previous_id = str(body.get("previous_response_id"))
        del message, body
        reply = self._handle(asked)
        del asked
        if reply.status >= 400:
            # As the service does: what a failed turn went on from is not kept for more.
            self._kept.pop(previous_id)
        if reply.delay:
            yield Pause(reply.delay)
        if not reply.status:
            pass
        elif isinstance(reply.body, bytes):
            yield error_event(reply.status, _json(reply.body), _retry(reply))
        else:
            try:
                yield from reply.body
            finally:  # who left early ends what was still being written
                close_pieces(reply.body)
        self.breaks = reply.breaks
        self.is_over = bool(reply.breaks)

    def _read(self, message: str | bytes) -> Json:
        """The body of the request in a message, or the service's 400."""
        if self._clock() - self._opened_at >= LIMIT_SECONDS:
            self.is_over = True
            raise invalid_request(
                "Responses websocket connection limit reached (60 minutes). Create a "
                "new websocket connection to continue.",
                code="websocket_connection_limit_reached",
            )
        event = Request("", "", body=_encoded(message)).json()
        if "type" not in event:
            raise missing_parameter("type")
        kind = event.pop("type")
        if kind == "response.steer":
            raise not_emulated("the event 'response.steer'", "type")
        if kind != "response.create":
            raise faults.unsupported("type", str(kind), ["response.create"])
        for name in ("stream_id", "background"):
            if event.get(name):
                raise not_emulated(f"'{name}' over a WebSocket", name)
        if not isinstance(event.get("generate"), bool | None):
            raise invalid_request(
                "Invalid type for 'generate': expected a boolean.",
                "generate",
                "invalid_type",
            )
        return event


def _encoded(message: str | bytes) -> bytes:
    if isinstance(message, bytes):
        raise malformed_json()
    return message.encode("utf-8", "surrogatepass")


def _json(body: bytes) -> Json:
    """An error's body; the edge writes plain text."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return {"message": body.decode()}


def _retry(reply: Reply) -> dict[str, str]:
    """When to come back and what is left, where a reply says to wait."""
    if "retry-after" not in reply.headers:
        return {}
    names = [name for name in reply.headers if name.startswith(("retry-", "x-rate"))]
    return {name: reply.headers[name] for name in names}


def error_event(status: int, body: Json, headers: dict[str, str] | None = None) -> Json:
    """An error as an event; the gateway's shape is given the fields that it lacks."""
    told: Json = body.get("error") or {"code": str(status), "message": body["message"]}
    error = {"type": "invalid_request_error", "param": None, **told}
    if headers:
        error["headers"] = headers
    return {"type": "error", "status": status, "error": error}
