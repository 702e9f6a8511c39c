"""The emulator behind an `httpx2` client, in the same process and without a socket.

    transport = Transport(Emulator().handle)
    OpenAI(http_client=httpx2.Client(transport=transport), ...)

A streamed reply is handed on piece by piece: the client reads the first event before
the last one has been made. Where a piece is not due yet, `sleep` passes the time. A
client's timeout for reading counts as over a socket: so long may nothing come.
"""

import asyncio
import time
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Generator,
    Iterator,
)
from contextlib import contextmanager
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
        patience = _Patience(request)
        asked = _read(request, request.read())
        # This thread is the client's own, and may be held up for as long as it likes.
        asked.may_block = patience.is_endless
        reply = self.handle(asked)
        pieces = _Pieces(reply, self.sleep, patience)
        if reply.delay:
            pieces.wait(Pause(reply.delay))
        if reply.is_late:  # and so is its status
            reply.body = b"".join(_heeded(pieces, reply))
        return _write(reply, _whole(reply) or pieces)


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
        patience = _Patience(request)
        asked = _read(request, await request.aread())
        asked.may_block = False
        if self.waits is not None and self.waits(asked):
            reply = await asyncio.to_thread(self.handle, asked)
        else:
            reply = self.handle(asked)
        pieces = _AsyncPieces(reply, self.sleep, patience)
        if reply.delay:
            await pieces.wait(Pause(reply.delay))
        if reply.is_late:  # and so is its status
            reply.body = b"".join([each async for each in self._made(reply, pieces)])
        return _write(reply, _whole(reply) or pieces)

    async def _made(self, reply: Reply, pieces: "_AsyncPieces") -> AsyncIterator[bytes]:
        """The body of a late reply; who gives up waiting for it ends it."""
        try:
            async for piece in pieces:
                reply.heed(piece)
                yield piece
        finally:
            await pieces.aclose()


class _Pieces(httpx2.SyncByteStream):
    """A reply's body; closing it early ends what was still producing it."""

    def __init__(self, reply: Reply, sleep: Sleep, patience: "_Patience") -> None:
        self._reply = reply
        self._sleep = sleep
        self._patience = patience

    def __iter__(self) -> Iterator[bytes]:
        for piece in _each(self._reply):
            if isinstance(piece, Pause):
                self.wait(piece)
            else:
                self._patience.begin()
                yield piece

    def wait(self, pause: Pause) -> None:
        """Let a pause pass, as far as the client has the patience."""
        with self._patience.with_a(pause, self.close) as bounded:
            bounded.pass_by(self._sleep)

    def close(self) -> None:
        close_pieces(self._reply.body)


class _AsyncPieces(httpx2.AsyncByteStream):
    """The same for an async client."""

    def __init__(self, reply: Reply, sleep: AsyncSleep, patience: "_Patience") -> None:
        self._reply = reply
        self._sleep = sleep
        self._patience = patience

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in _each(self._reply):
            if isinstance(piece, Pause):
                await self.wait(piece)
            else:
                self._patience.begin()
                yield piece

    async def wait(self, pause: Pause) -> None:
        """Let a pause pass, as far as the client has the patience."""
        with self._patience.with_a(pause, self._end) as bounded:
            if bounded.news is None:
                await self._sleep(bounded.seconds)
            else:
                await passed(bounded)

    async def aclose(self) -> None:
        self._end()

    def _end(self) -> None:
        close_pieces(self._reply.body)


class _Patience:
    """For how long a client waits while nothing comes: its timeout for reading."""

    def __init__(self, request: httpx2.Request) -> None:
        timeouts: dict[str, float | None] = request.extensions.get("timeout") or {}
        self._seconds = timeouts.get("read")
        self._left = 0.0
        self.begin()

    @property
    def is_endless(self) -> bool:
        return self._seconds is None

    def begin(self) -> None:
        """Something came, and the client waits anew."""
        self._left = self._seconds or 0.0

    @contextmanager
    def with_a(self, pause: Pause, end: Callable[[], None]) -> Generator[Pause]:
        """A pause, or as much of it as the client waits for; then `end`, and an error.

        Time that passes without news is that of the pause, whatever passed it.
        """
        is_whole = self._seconds is None or pause.seconds <= self._left
        bounded = pause if is_whole else Pause(self._left, pause.news)
        began = time.monotonic()
        yield bounded
        spent = bounded.seconds if pause.news is None else time.monotonic() - began
        self._left = max(0.0, self._left - spent)
        if not is_whole and not pause.news:
            end()
            raise httpx2.ReadTimeout("The read operation timed out")


def _heeded(pieces: _Pieces, reply: Reply) -> Iterator[bytes]:
    """The body of a late reply, which has its status."""
    for piece in pieces:
        reply.heed(piece)
        yield piece


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
