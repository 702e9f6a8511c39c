"""One client's HTTP/1.1 connection: bytes in, requests to the core, replies out.

Quick requests are answered on the event loop's own thread, without a task or a thread
being started for them; whatever may take long goes to a worker thread, so that it does
not hold up the others. `is_quick` draws the line.
"""

import asyncio
import email.utils
import functools
import ipaddress
import logging
import re
import socket
import struct
import sys
import time
from collections import deque
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Protocol

import httptools

from emulator.adapters.app import App
from emulator.errors import gateway_error, invalid_request
from emulator.http import Pause, Pieces, Reply, Request, json_reply

if TYPE_CHECKING:
    from emulator.adapters.websocket import WebSocket

MAX_BODY_BYTES = 512 * 2**20  # the service's own limit for one uploaded file
MAX_JSON_BYTES = 80 * 2**20  # of any other body: files of 50 MB in base64, and more
MAX_HEAD_BYTES = 64 * 2**10  # request line and headers
QUICK_BODY_BYTES = 16 * 2**10
WRITE_BYTES = 64 * 2**10  # of a stream, in one write
TOGETHER = 16  # replies to several clients that are written in one go
IDLE_SECONDS = 60  # more than clients keep an idle connection: they are first to close
REQUEST_SECONDS = 600  # for one request to arrive, however steadily it trickles in
SOCKET_SECONDS = 3600
LINGER_SECONDS = 5  # for who still sends a request that has been refused

# What may take long: tools, schemas to fill in, files to read, long conversations.
SLOW_WORDS = (b'"tools"', b'"json_schema"', b'"input_', b'_id"', b'"conversation"')


def is_quick(request: Request) -> bool:
    """Whether a request is answered from what is in memory, in well under 1 ms."""
    body = request.body
    if request.method == "POST":
        return (
            len(body) < QUICK_BODY_BYTES
            and request.path.endswith("/responses")
            and b"\\u" not in body  # such an escape may spell any of the words
            and not any(word in body for word in SLOW_WORDS)
        )
    return request.method == "GET" and "/responses/" in request.path


class Home(Protocol):
    """What a connection asks of the server that it belongs to."""

    app: App
    is_local: bool  # listens on loopback alone
    connections: "set[Connection]"
    most_connections: int
    tasks: set[asyncio.Task[None]]
    outbox: list[Callable[[], None]]  # writes of this round of the event loop


class Connection(asyncio.Protocol):
    """Parses requests, answers them one after the other, keeps the connection open."""

    def __init__(self, home: Home) -> None:
        """A connection of the server `home`."""
        self.home = home
        self.active_at = time.monotonic()
        self.busy = False  # a reply is being made or written
        self.patience = IDLE_SECONDS  # with a client that sends nothing
        self.began_at: float | None = None  # the request that is being read
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._writable = asyncio.Event()
        self._writable.set()
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: deque[tuple[Request, bool, bool]] = deque()
        self._refused = False
        self._streaming: Pieces | None = None
        self._socket: WebSocket | None = None
        self._socket_task: asyncio.Task[None] | None = None
        self._begin()

    # What the transport says

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has connected."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if len(self.home.connections) >= self.home.most_connections:
            idle = [each for each in self.home.connections if each.is_idle]
            if idle:  # the one that has been left alone the longest makes room
                min(idle, key=lambda each: each.active_at).abort()
        self.home.connections.add(self)

    def data_received(self, data: bytes) -> None:
        """The next bytes of a request."""
        self.active_at = time.monotonic()
        if self._refused:
            return  # what follows a refusal is not looked at
        if self._socket:
            self._socket.receive(data)
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self._socket:
                self._socket.receive(data[upgrade.args[0] :])
            else:  # to a protocol that is not spoken: the request has been answered
                self._refused = True
        except httptools.HttpParserError:
            fault = gateway_error(400, "BadRequest", "The request is not valid HTTP.")
            self._refuse(json_reply(fault.body, 400))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """The client is gone: what is being written for it ends."""
        self.home.connections.discard(self)
        self._writable.set()
        self._waiting.clear()
        if self._socket_task:
            self._socket_task.cancel()
        if not self.lost.done():
            self.lost.set_result(None)

    def pause_writing(self) -> None:
        """The client reads more slowly than it is written to: nor is it read from.

        Else replies to what it goes on sending, pongs among them, would pile up.
        """
        self._writable.clear()
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self._writable.set()
        if self._socket:
            self._socket.read_on()
        else:
            self._go_on()

    @property
    def is_idle(self) -> bool:
        """Whether no reply is under way, and it is not being closed."""
        return not self.busy and not self._transport.is_closing()

    def abort(self) -> None:
        """Cut the client off."""
        self._transport.abort()

    # What the parser says

    def on_message_begin(self) -> None:
        """A request begins."""
        self._begin()
        self.began_at = time.monotonic()

    def on_url(self, url: bytes) -> None:
        """A piece of the target."""
        self._target += url
        self._head_grows(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header; of a trailer nothing is made, whatever it is called."""
        self._head_grows(len(name) + len(value) + 4)
        if self._has_head:
            return
        key, text = name.lower().decode("latin-1"), value.decode("latin-1")
        # Two of a kind are one list: two hosts or two keys are none.
        self._headers[key] = (
            f"{self._headers[key]}, {text}" if key in self._headers else text
        )

    def on_headers_complete(self) -> None:
        """The head is whole: refuse now what need not be read."""
        headers = self._headers
        self._has_head = True
        is_form = headers.get("content-type", "")[:10].lower() == "multipart/"
        self._most = MAX_BODY_BYTES if is_form else MAX_JSON_BYTES
        host = headers.get("host")
        if host is None and self._parser.get_http_version() != "1.0":
            fault = gateway_error(400, "BadRequest", "The request has no Host header.")
            self._refuse(json_reply(fault.body, 400))
        elif host and not is_allowed_host(host, local=self.home.is_local):
            fault = gateway_error(
                400,
                "BadRequest",
                f"Invalid host '{host[:100]}': use localhost or an IP "
                "address. Names are not answered to, against DNS rebinding.",
            )
            self._refuse(json_reply(fault.body, 400))
        elif int(headers.get("content-length") or 0) > self._most:
            self._refuse(_too_large(self._most))
        elif headers.get("expect", "").lower() == "100-continue" and not self.busy:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._size += len(body)
        if self._size > self._most:
            self._refuse(_too_large(self._most))
        elif not self._refused:
            self._body.append(body)

    def on_message_complete(self) -> None:
        """The request is whole: answer it, or let it wait for the one before it."""
        self.began_at = None
        if self._refused or self._transport.is_closing():
            return
        request = Request(
            self._parser.get_method().decode("ascii"),
            self._target.decode("ascii", "replace"),
            self._headers,
            b"".join(self._body),
        )
        if self._headers.get("upgrade", "").lower() == "websocket":
            self._upgrade(request)
            return
        chunked = self._parser.get_http_version() != "1.0"
        stays = self._parser.should_keep_alive()
        if self.busy or self._waiting or not self._writable.is_set():
            self._waiting.append((request, chunked, stays))
            self._transport.pause_reading()
        else:
            self._answer(request, chunked, stays)

    def _upgrade(self, request: Request) -> None:
        """From here on the connection is a WebSocket, unless that is refused."""
        app = self.home.app
        session = app.emulator.connect(request, functools.partial(_handle, app))
        if self.busy or request.method != "GET" or isinstance(session, Reply):
            fault = gateway_error(400, "BadRequest", "Upgrade a fresh connection.")
            refusal = json_reply(fault.body, 400)
            self._refuse(session if isinstance(session, Reply) else refusal)
            return
        from emulator.adapters.websocket import WebSocket  # only for who speaks it

        self.patience = SOCKET_SECONDS
        self._socket = WebSocket(
            session, self._transport, self._writable, app.delay, self._break
        )
        self._socket.open(request)
        self._socket_task = asyncio.get_running_loop().create_task(self._socket.run())

    def _begin(self) -> None:
        self._target = b""
        self._headers: dict[str, str] = {}
        self._head_size = 0
        self._has_head = False
        self._most = MAX_JSON_BYTES
        self._body: list[bytes] = []
        self._size = 0

    def _head_grows(self, size: int) -> None:
        self._head_size += size
        if self._head_size > MAX_HEAD_BYTES:
            fault = gateway_error(431, "BadRequest", "The headers are too large.")
            self._refuse(json_reply(fault.body, 431))

    def _refuse(self, reply: Reply) -> None:
        """Answer a request that is not read to its end, and no other after it."""
        if self._refused:
            return
        self._refused = True
        self._body.clear()
        assert isinstance(reply.body, bytes)
        if self.busy:
            return  # the reply before it is the last one
        self._transport.write(head(reply, stays=False) + reply.body)
        # To close with bytes unread would take the reply away from the client again.
        asyncio.get_running_loop().call_later(LINGER_SECONDS, self._transport.abort)
        if self._transport.can_write_eof():
            self._transport.write_eof()

    # Answering

    def _answer(self, request: Request, chunked: bool, stays: bool) -> None:
        app = self.home.app
        self.busy = True
        if app.is_plain and is_quick(request):
            reply = _handle(app, request)
            if isinstance(reply.body, bytes) and not (reply.delay or reply.breaks):
                send = functools.partial(self._send, request, reply, stays)
                if len(self.home.connections) > 1:
                    _send_together(self.home.outbox, send)
                else:
                    send()
                return
            work = self._write_reply(request, reply, chunked, stays, quick=True)
        else:
            work = self._answer_slowly(request, chunked, stays)
        task = asyncio.get_running_loop().create_task(work)
        self.home.tasks.add(task)
        task.add_done_callback(self.home.tasks.discard)

    def _send(self, request: Request, reply: Reply, stays: bool) -> None:
        self._write_whole(request, reply, stays)
        self._done(stays)

    async def _answer_slowly(
        self, request: Request, chunked: bool, stays: bool
    ) -> None:
        reply = await asyncio.to_thread(_handle, self.home.app, request)
        await self._write_reply(request, reply, chunked, stays, quick=False)

    async def _write_reply(
        self, request: Request, reply: Reply, chunked: bool, stays: bool, *, quick: bool
    ) -> None:
        if reply.delay:
            await asyncio.wait([self.lost], timeout=reply.delay)
        if reply.breaks:
            stays = False
        if isinstance(reply.body, bytes):
            self._write_whole(request, reply, stays)
            await self._writable.wait()
            self._done(stays)
        else:
            await self._write_stream(reply, chunked, stays, quick=quick)

    def _write_whole(self, request: Request, reply: Reply, stays: bool) -> None:
        body = b"" if request.method == "HEAD" else reply.body
        assert isinstance(body, bytes)
        if reply.status:
            self._transport.write(head(reply, stays=stays) + body)
        if reply.breaks:
            self._break(reply.breaks)

    def _break(self, how: str) -> None:
        """End the connection as `Reply.breaks` has it, not as a whole reply would."""
        if how == "close" or self._transport.is_closing():
            self._transport.close()
            return
        connected: socket.socket = self._transport.get_extra_info("socket")
        # With nothing to linger for, the socket's end is a reset.
        linger = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._transport.abort()

    async def _write_stream(
        self, reply: Reply, chunked: bool, stays: bool, *, quick: bool
    ) -> None:
        """The first piece at once; then, if they are quick to make, many in a write."""
        assert not isinstance(reply.body, bytes)
        stays = stays and chunked
        pieces = reply.body
        buffer = head(reply, stays=stays, chunked=chunked)
        try:
            while not self.lost.done():
                piece = await self._next(pieces, quick=quick)
                if piece is None:
                    break
                if isinstance(piece, Pause):
                    self._transport.write(buffer)  # the head, if nothing else was due
                    buffer = b""
                    await asyncio.wait([self.lost], timeout=piece.seconds)
                    continue
                buffer += b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece
                self._transport.write(buffer)
                await asyncio.sleep(0)
                await self._writable.wait()
                buffer = b""
            if reply.breaks:
                self._transport.write(buffer)
                self._break(reply.breaks)
            elif not self.lost.done():
                self._transport.write(buffer + (b"0\r\n\r\n" if chunked else b""))
        except Exception:
            _LOG.exception("A stream broke off")
            stays = False
            self._transport.abort()
        finally:
            close = getattr(pieces, "close", None)
            if close:  # who left early ends what was still being written
                close()
        self._done(stays)

    async def _next(self, pieces: Pieces, *, quick: bool) -> bytes | Pause | None:
        delay = self.home.app.delay
        if quick:
            if delay:
                await asyncio.wait([self.lost], timeout=delay)
            return (
                next(pieces, None) if delay or self._first(pieces) else _gather(pieces)
            )
        making = asyncio.ensure_future(asyncio.to_thread(next, pieces, None))
        try:
            piece = await asyncio.shield(making)
        except asyncio.CancelledError:
            # A generator cannot be closed while a thread is inside it.
            await asyncio.wait([making])
            raise
        if delay and isinstance(piece, bytes):
            await asyncio.wait([self.lost], timeout=delay)
        return piece

    def _first(self, pieces: Pieces) -> bool:
        """Whether nothing of this stream has been sent yet."""
        fresh = self._streaming is not pieces
        self._streaming = pieces
        return fresh

    def _done(self, stays: bool) -> None:
        """The reply is written: on to the next request, if there is one."""
        self.busy = False
        self._streaming = None
        self.active_at = time.monotonic()
        if not stays or self._refused:
            self._transport.close()
        else:
            self._go_on()

    def _go_on(self) -> None:
        """On to the next request, if the client has read the replies so far."""
        if not self._writable.is_set():
            return
        if self._waiting and not self.busy:
            self.busy = True
            loop = asyncio.get_running_loop()
            loop.call_soon(self._answer, *self._waiting.popleft())
        if not self._waiting:
            self._transport.resume_reading()


def _send_together(outbox: list[Callable[[], None]], send: Callable[[], None]) -> None:
    """Write a reply at the end of this round of the event loop, after others.

    Each write to a client that waits has the system wake it, which takes about as long
    as to make half a reply. Of several in a row, the first one does.
    """
    outbox.append(send)
    if len(outbox) == 1:
        asyncio.get_running_loop().call_soon(_empty, outbox)
    elif len(outbox) == TOGETHER:
        _empty(outbox)


def _empty(outbox: list[Callable[[], None]]) -> None:
    sends = outbox.copy()
    outbox.clear()
    for send in sends:
        send()


def _gather(pieces: Pieces) -> bytes | Pause | None:
    """As many pieces as are due and make one write, or None after the last."""
    gathered: list[bytes] = []
    size = 0
    for piece in pieces:
        if isinstance(piece, Pause):
            if gathered:
                break  # whoever asks again is told again
            return piece
        gathered.append(piece)
        size += len(piece)
        if size >= WRITE_BYTES:
            break
    return b"".join(gathered) or None


def _handle(app: App, request: Request) -> Reply:
    try:
        return app.handle(request)
    except Exception:
        _LOG.exception("%s %s failed", request.method, request.target)
        fault = gateway_error(500, "InternalServerError", "The emulator failed.")
        return json_reply(fault.body, 500)


def _too_large(most: int) -> Reply:
    fault = invalid_request(f"The request body is larger than {most} bytes.")
    return json_reply(fault.body, 413)


def head(reply: Reply, *, stays: bool, chunked: bool = False) -> bytes:
    """Status line and headers of a reply."""
    # Joined in C: of a short reply, the head takes as long to write as the body.
    lines = [*map(": ".join, reply.headers.items())]
    if isinstance(reply.body, bytes):
        if "content-length" not in reply.headers:  # of one that breaks off
            lines.append(f"content-length: {len(reply.body)}")
    elif chunked:
        lines.append("transfer-encoding: chunked")
    if not stays:
        lines.append("connection: close")
    start = _status(reply.status) + _date(int(time.time()))
    return (start + "\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


@functools.cache
def _status(status: int) -> str:
    known = {entry.value: entry.phrase for entry in HTTPStatus}
    return f"HTTP/1.1 {status} {known.get(status, '')}\r\n"


@functools.lru_cache(1)
def _date(now: int) -> str:
    return f"date: {email.utils.formatdate(now, usegmt=True)}\r\n"


_HOST = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([\w.-]+))(?::\d*)?", re.ASCII)


@functools.lru_cache(256)
def is_allowed_host(host: str, *, local: bool) -> bool:
    """Whether a Host header is one that no foreign web page can bring about.

    A page can have its own name resolve to this machine, but it cannot choose an IP
    address or `localhost`. A server that is open to others also answers to names
    without a dot, such as a container's, and to Docker's name of the host.
    """
    parts = _HOST.fullmatch(host.strip())
    if not parts:
        return False
    name = (parts[1] or parts[2]).lower().removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return not local and ("." not in name or name == "host.docker.internal")
    return True


_LOG = logging.getLogger("emulator")
