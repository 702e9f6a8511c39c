"""The emulator behind an `httpx2` client, in the same process and without a socket.

    transport = Transport(Emulator().handle)
    OpenAI(http_client=httpx2.Client(transport=transport), ...)

A streamed reply is handed on piece by piece: the client reads the first event before
the last one has been made.
"""

from collections.abc import AsyncIterator, Callable, Iterator

import httpx2

from emulator.http import Reply, Request

Handle = Callable[[Request], Reply]


class Transport(httpx2.BaseTransport):
    """Carries a sync client's requests to an emulator."""

    def __init__(self, handle: Handle) -> None:
        """Answer every request with `handle`, whatever its host."""
        self.handle = handle

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request."""
        reply = self.handle(_read(request, request.read()))
        return _write(reply, _Pieces(reply.body))


class AsyncTransport(httpx2.AsyncBaseTransport):
    """Carries an async client's requests to an emulator."""

    def __init__(self, handle: Handle) -> None:
        """Answer every request with `handle`, whatever its host."""
        self.handle = handle

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request."""
        reply = self.handle(_read(request, await request.aread()))
        return _write(reply, _Pieces(reply.body))


class _Pieces(httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """A reply's body; closing it early ends what was still producing it."""

    def __init__(self, body: bytes | Iterator[bytes]) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        return iter([self._body] if isinstance(self._body, bytes) else self._body)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self:
            yield piece

    def close(self) -> None:
        close = getattr(self._body, "close", None)
        if close:
            close()

    async def aclose(self) -> None:
        self.close()


def _read(request: httpx2.Request, body: bytes) -> Request:
    return Request(
        method=request.method,
        target=request.url.raw_path.decode("ascii"),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
    )


def _write(reply: Reply, stream: _Pieces) -> httpx2.Response:
    headers = dict(reply.headers)
    if isinstance(reply.body, bytes):
        headers["content-length"] = str(len(reply.body))
    return httpx2.Response(reply.status, headers=headers, stream=stream)
