"""The emulator as an ASGI app, for a server such as uvicorn.

The core runs in worker threads, so that a request which takes long (a PDF to read, a
program to run) does not hold up the others.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from emulator.core import Emulator
from emulator.errors import invalid_request
from emulator.http import Handle, Pause, Reply, Request, json_reply

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MAX_BODY_BYTES = 512 * 2**20  # the service's own limit for one uploaded file


class Broken(Exception):
    """The reply breaks off, as it was asked to: a server ends the connection."""


class App:
    """Serves `handle` (by default the emulator's own) over ASGI.

    `delay` is the pause in seconds before each piece of a streamed reply: a served
    emulator can then be watched while it writes.
    """

    def __init__(
        self, emulator: Emulator, *, handle: Handle | None = None, delay: float = 0.0
    ) -> None:
        """Wrap an emulator; `handle` may observe what goes in and out of it."""
        self.emulator = emulator
        self.handle = handle or emulator.handle
        # Otherwise somebody looks on, who might take their time.
        self.is_plain = self.handle == emulator.handle
        self.delay = delay

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request (the `lifespan` protocol is declined)."""
        if scope["type"] != "http":
            raise RuntimeError(f"The emulator does not speak {scope['type']}.")
        body = await _read_body(receive)
        if body is None:
            reply = json_reply(
                invalid_request(
                    f"The request body is larger than {MAX_BODY_BYTES} bytes."
                ).body,
                413,
            )
        else:
            reply = await asyncio.to_thread(self.handle, _request(scope, body))
        await self._send_reply(reply, receive, send)

    async def _send_reply(self, reply: Reply, receive: Receive, send: Send) -> None:
        await asyncio.sleep(reply.delay)
        if not reply.status:
            raise Broken
        headers = dict(reply.headers)
        if isinstance(reply.body, bytes):
            headers.setdefault("content-length", str(len(reply.body)))
        await send(
            {
                "type": "http.response.start",
                "status": reply.status,
                "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
            }
        )
        if isinstance(reply.body, bytes):
            breaks = bool(reply.breaks)
            await send(
                {
                    "type": "http.response.body",
                    "body": reply.body,
                    "more_body": breaks,
                }
            )
            if breaks:
                raise Broken
            return
        gone = asyncio.create_task(_wait_for_disconnect(receive))
        making: asyncio.Future[bytes | Pause | None] | None = None
        try:
            while not gone.done():
                making = asyncio.ensure_future(
                    asyncio.to_thread(next, reply.body, None)
                )
                piece = await asyncio.shield(making)
                if piece is None:
                    break
                if isinstance(piece, Pause):
                    await asyncio.wait([gone], timeout=piece.seconds)
                    continue
                if self.delay:
                    await asyncio.sleep(self.delay)
                await send(
                    {"type": "http.response.body", "body": piece, "more_body": True}
                )
            if reply.breaks:
                raise Broken
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            if making:  # a generator cannot be closed while a thread is inside it
                await asyncio.wait([making])
            close = getattr(reply.body, "close", None)
            if close:  # whoever left early ends what was still being written
                close()


async def _read_body(receive: Receive) -> bytes | None:
    """The whole body, or None once it is larger than the limit."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            return None
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _request(scope: Scope, body: bytes) -> Request:
    query = b"?" + scope["query_string"] if scope["query_string"] else b""
    return Request(
        method=scope["method"],
        target=(scope["raw_path"] + query).decode("ascii", "replace"),
        headers={
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in scope["headers"]
        },
        body=body,
    )


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
