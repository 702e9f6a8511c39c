"""The emulator behind an `httpx2` client, in the same process and without a socket.

    transport = Transport(Emulator().handle)
    OpenAI(http_client=httpx2.Client(transport=transport), ...)

A streamed reply is handed on piece by piece: the client reads the first event before
the last one has been made. Where a piece is not due yet, `sleep` passes the time.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from functools import lru_cache

from responses_emulator import extras
from responses_emulator.adapters.pauses import passed
from responses_emulator.frames import Frames, server_sent
from responses_emulator.http import Handle, Pause, Reply, Request, close_pieces

try:
    import httpx2
except ModuleNotFoundError as error:
    sentence = extras.missing("client", "To answer an httpx2 client without a socket")
    raise ModuleNotFoundError(sentence, name=error.name) from None

Sleep = Callable[[float], None]
AsyncSleep = Callable[[float], Awaitable[None]]


class Transport(httpx2.BaseTransport):
    """Carries a sync client's requests to an emulator."""

    def __init__(self, handle: Handle, *, sleep: Sleep | None = None) -> None:
        """Answer every request with `handle`, whatever its host."""
        self.handle = handle
        self.sleep = sleep or time.sleep

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request."""
        reply = self.handle(_read(request, request.read()))
        if reply.delay:
            self.sleep(reply.delay)
        return _write(reply, _whole(reply) or _Pieces(reply, self.sleep))


class AsyncTransport(httpx2.AsyncBaseTransport):
    """Carries an async client's requests to an emulator; on asyncio, unless told."""

    def __init__(
        self,
        handle: Handle,
        *,
        sleep: AsyncSleep | None = None,
        waits: Callable[[Request], bool] | None = None,
    ) -> None:
        """Answer every request with `handle`, whatever its host.

        Those of which `waits` says so are answered in a thread; so that the event loop
        never waits for a model, it is `Emulator.waits_for_a_model`.
        """
        self.handle = handle
        self.sleep = sleep or asyncio.sleep
        self.waits = waits

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request."""
        asked = _read(request, await request.aread())
        asked.may_block = False
        if self.waits is not None and self.waits(asked):
            reply = await asyncio.to_thread(self.handle, asked)
        else:
            reply = self.handle(asked)
        if reply.delay:
            await self.sleep(reply.delay)
        if reply.is_late:  # and so is its status
            reply.body = b"".join([each async for each in self._made(reply)])
        return _write(reply, _whole(reply) or _AsyncPieces(reply, self.sleep))

    async def _made(self, reply: Reply) -> AsyncIterator[bytes]:
        """The body of a late reply; who gives up waiting for it ends it."""
        pieces = _AsyncPieces(reply, self.sleep)
        try:
            async for piece in pieces:
                reply.heed(piece)
                yield piece
        finally:
            await pieces.aclose()


class _Pieces(httpx2.SyncByteStream):
    """A reply's body; closing it early ends what was still producing it."""

    def __init__(self, reply: Reply, sleep: Sleep) -> None:
        self._reply = reply
        self._sleep = sleep

    def __iter__(self) -> Iterator[bytes]:
        for piece in _each(self._reply):
            if isinstance(piece, Pause):
                piece.pass_by(self._sleep)
            else:
                yield piece

    def close(self) -> None:
        close_pieces(self._reply.body)


class _AsyncPieces(httpx2.AsyncByteStream):
    """The same for an async client."""

    def __init__(self, reply: Reply, sleep: AsyncSleep) -> None:
        self._reply = reply
        self._sleep = sleep

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in _each(self._reply):
            if isinstance(piece, Pause):
                if piece.news is None:
                    await self._sleep(piece.seconds)
                else:
                    await passed(piece)
            else:
                yield piece

    async def aclose(self) -> None:
        close_pieces(self._reply.body)


def _each(reply: Reply) -> Frames:
    """The pieces of a body as HTTP carries them, and how its connection breaks."""
    if isinstance(reply.body, bytes):
        yield reply.body
    else:
        yield from map(server_sent, reply.body)
    if reply.breaks:
        raise _failure(reply.breaks)


def _read(request: httpx2.Request, body: bytes) -> Request:
    return Request(
        method=request.method,
        target=request.url.raw_path.decode("ascii"),
        # Decoded here, for `Headers.items` looks at all of them for each of them.
        headers={
            _name(name): value.decode("latin-1") for name, value in request.headers.raw
        },
        body=body,
    )


def _name(header: bytes) -> str:
    return _known_name(header) if len(header) < LONGEST_NAME else _lower(header)


def _lower(header: bytes) -> str:
    return header.decode("latin-1").lower()


LONGEST_NAME = 64  # bytes of a header's name that is remembered
_known_name = lru_cache(256)(_lower)  # a client's requests all have the same


def _whole(reply: Reply) -> httpx2.ByteStream | None:
    """The body as it is, where nothing comes piece by piece and nothing breaks."""
    if isinstance(reply.body, bytes) and not reply.breaks:
        return httpx2.ByteStream(reply.body)
    return None


def _write(
    reply: Reply, stream: httpx2.ByteStream | _Pieces | _AsyncPieces
) -> httpx2.Response:
    if not reply.status:
        raise _failure(reply.breaks)
    headers = dict(reply.headers)
    if isinstance(reply.body, bytes):
        headers.setdefault("content-length", str(len(reply.body)))
    if not "".join(headers.values()).isascii():
        # As the server writes them; `httpx2` takes only ASCII that is not bytes.
        written = [
            (name.encode(), value.encode("latin-1", "replace"))
            for name, value in headers.items()
        ]
        return httpx2.Response(reply.status, headers=written, stream=stream)
    response = httpx2.Response(reply.status, headers=headers, stream=stream)
    response.headers.encoding = "ascii"  # or it decodes each to find that out
    return response


def _failure(breaks: str) -> httpx2.TransportError:
    """What a client over a socket finds when its connection breaks so."""
    if breaks == "refuse":
        return httpx2.ConnectError("[Errno 111] Connection refused")
    if breaks == "close":
        return httpx2.RemoteProtocolError(
            "Server disconnected without sending a complete reply."
        )
    return httpx2.ReadError("[Errno 104] Connection reset by peer")
