"""One client's HTTP/1.1 connection: bytes in, requests to the core, replies out.

Quick requests are answered on the event loop's own thread, without a task or a thread
being started for them; whatever may take long goes to a worker thread, so that it does
not hold up the others. `is_quick` draws the line.
"""

import asyncio
import email.utils
import functools
import io
import logging
import socket
import struct
import sys
import time
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple, Protocol

import httptools

from responses_emulator import extras
from responses_emulator.adapters.app import App
from responses_emulator.adapters.bodies import WAIT_SECONDS, Claim
from responses_emulator.adapters.host_header import is_allowed_host
from responses_emulator.adapters.lanes import Host, Lane, is_quick, lane_for
from responses_emulator.adapters.pauses import passed
from responses_emulator.errors import ServiceError, busy, gateway_error, invalid_request
from responses_emulator.frames import Frames, server_sent
from responses_emulator.http import (
    Pause,
    Reply,
    Request,
    close_pieces,
    json_reply,
)

if TYPE_CHECKING:
    from responses_emulator.adapters.websocket import WebSocket

MAX_BODY_BYTES = 512 * 2**20  # the service's own limit for one uploaded file
MAX_JSON_BYTES = 80 * 2**20  # of any other body: files of 50 MB in base64, and more
MAX_HEAD_BYTES = 64 * 2**10  # request line and headers
PIECE_BYTES = 4 * 2**10  # parsed at once, unless they are of one body
READ_BYTES = 256 * 2**10  # that asyncio reads at once
WRITE_BYTES = 64 * 2**10  # of a stream, in one write
AT_ONCE_BYTES = 256 * 2**10  # of any other reply
TOGETHER = 16  # replies to several clients that are written in one go
IDLE_SECONDS = 60  # more than clients keep an idle connection: they are first to close
REQUEST_SECONDS = 600  # for one request to arrive, however steadily it trickles in
SOCKET_SECONDS = 3600
STALL_SECONDS = 120  # for a client that does not read what is written to it
LINGER_SECONDS = 5  # for who still sends a request that has been refused


class Asked(NamedTuple):
    """A request that has been read, and how its reply is to be written."""

    request: Request
    chunked: bool  # of the reply, if it is streamed
    stays: bool
    claim: Claim | None  # on what its body holds


@dataclass
class How:
    """How a reply is to be written; `quick` and `lane` say how it is being made."""

    method: str
    chunked: bool
    stays: bool
    quick: bool = False
    lane: Lane = Lane.ORDINARY


@dataclass
class Stream:
    """A reply in pieces that is being written."""

    pieces: Frames
    stays: bool
    chunked: bool
    unwritten: bytes  # the head, until it goes out with the first piece


class Home(Host, Protocol):
    """What a connection asks of the server that it belongs to."""

    is_local: bool  # listens on loopback alone
    connections: "set[Connection]"
    most_connections: int
    tasks: set[asyncio.Task[None]]
    is_untidy: bool  # something large may have become free
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
        self.stalled_at: float | None = None  # since when the client does not read
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._writable = asyncio.Event()
        self._writable.set()
        self._parser: httptools.HttpRequestParser | None = httptools.HttpRequestParser(
            self
        )
        self._unread = b""  # what has come and has to wait
        self._waiting: deque[Asked] = deque()
        self._claim: Claim | None = None  # of the request that is being read
        self._answered: Claim | None = None  # of the request that is being answered
        self._refused = False
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
        elif len(data) <= PIECE_BYTES and not self._unread:
            self._parse(data)
        else:
            self._unread += data
            self._parse_on()

    def _parse_on(self) -> None:
        """Parse what has come, until something has to wait for what was before it.

        It is done in pieces: thousands of small requests fit into what is read at once.
        """
        data, self._unread = memoryview(self._unread), b""
        while data and not (self._is_held_up or self._refused or self._socket):
            size = max(PIECE_BYTES, self._missing)
            piece, data = data[:size], data[size:]
            self._parse(piece)
        if self._refused or not data:
            return
        if self._socket:
            self._socket.receive(bytes(data))
        else:
            self._unread = bytes(data)

    def _parse(self, data: bytes | memoryview) -> None:
        assert self._parser
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self._socket:
                self._socket.receive(bytes(data[upgrade.args[0] :]))
            else:  # to a protocol that is not spoken: the request has been answered
                self._refused = True
            return
        except httptools.HttpParserError:
            self._refuse(_bad_request("The request is not valid HTTP."))
            return
        if self.began_at is not None and not self._refused:
            self._came(len(data))

    def _came(self, size: int) -> None:
        """Look at a request that is not whole yet, after so many bytes of it."""
        self._silent += size
        if self._silent > MAX_HEAD_BYTES + READ_BYTES:
            # The parser keeps a header, or a trailer, until it is whole.
            self._head_grows(MAX_HEAD_BYTES)
        elif self._has_head and not self._may_send:
            self._let_send()
        elif self._size > PIECE_BYTES and self._claim:
            self._hold(self._size)

    def _let_send(self) -> None:
        """Have the client send its body, if it may and there is room."""
        assert self._parser
        self._may_send = True
        request = self._request(b"")
        if not self.home.app.emulator.lets_in(request):
            request.is_unread = True
            self._refused = True  # nothing that follows is looked at
            self._in_turn(Asked(request, self._is_chunking, False, None))
            return
        self._claim = Claim(self.home.bodies)
        self._hold(max(self._length, self._size))

    def _hold(self, size: int) -> None:
        """Claim room for what the body has, or wait for it."""
        assert self._claim
        if self._claim.grow(size, self._has_room, self._give_up):
            self._continue()
        else:
            self._transport.pause_reading()

    def _has_room(self) -> None:
        self.active_at = time.monotonic()
        self._continue()
        self._read_on()

    def _continue(self) -> None:
        if self._is_expecting and not self.busy:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        self._is_expecting = False

    def _give_up(self) -> None:
        """Refuse a body for which there was no room in time."""
        fault = busy("Too much is being sent to the emulator at once.", WAIT_SECONDS)
        self._refuse(_told(fault))
        self._transport.resume_reading()

    @property
    def _is_held_up(self) -> bool:
        """Whether nothing more is to be read for now."""
        return (
            bool(self._waiting)
            or not self._writable.is_set()
            or (self._claim is not None and self._claim.waits)
        )

    def _read_on(self) -> None:
        """Read from the client again, what has come already first."""
        if self._unread and not self._is_held_up:
            self._parse_on()
        if not self._is_held_up:
            self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """The client is gone: what is being written for it ends, nothing is kept.

        The parser and this connection know each other: without the parser's end they
        would wait for a full collection, with all that they hold.
        """
        self.home.connections.discard(self)
        self._writable.set()
        self._drop_body()
        self._drop_waiting()
        self._unread = b""
        self._parser = None
        if self._socket_task:
            self._socket_task.cancel()
            self._socket_task = None
        if self._socket:
            self._socket.close()
            self._socket = None
        if not self.lost.done():
            self.lost.set_result(None)

    def _drop_body(self) -> None:
        """Let go of the request that is being read."""
        self._body = None
        if self._size:
            self.home.is_untidy = True
        if self._claim:
            self._claim.release()
            self._claim = None

    def _drop_waiting(self) -> None:
        """Let go of the requests that have been read and will not be answered."""
        for asked in self._waiting:
            if asked.claim:
                asked.claim.release()
        self._waiting.clear()

    def pause_writing(self) -> None:
        """The client reads more slowly than it is written to: nor is it read from.

        Else replies to what it goes on sending, pongs among them, would pile up.
        """
        self.stalled_at = time.monotonic()
        self._writable.clear()
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """The client has caught up."""
        self.stalled_at = None
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
        self._silent = 0
        self._target += url
        self._head_grows(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header; of a trailer nothing is made, whatever it is called."""
        self._silent = 0
        self._head_grows(len(name) + len(value) + 4)
        if self._has_head:
            return
        # The parser takes the spaces before a value away, not those behind it.
        key, text = name.lower().decode("latin-1"), value.rstrip().decode("latin-1")
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
        self._length = int(headers.get("content-length") or 0)
        assert self._parser
        self._is_chunking = self._parser.get_http_version() != "1.0"
        host = headers.get("host")
        if host is None and self._is_chunking:
            self._refuse(_bad_request("The request has no Host header."))
        elif host and not is_allowed_host(host, local=self.home.is_local):
            why = (
                f"Invalid host '{host[:100]}': use localhost or an IP "
                "address. Names are not answered to, against DNS rebinding."
            )
            self._refuse(_bad_request(why))
        elif self._length > self._most:
            self._refuse(_too_large(self._most))
        elif self._is_upgrade and (self._length or "transfer-encoding" in headers):
            self._refuse(_bad_request("An upgrade has no body."))
        else:
            self._is_expecting = headers.get("expect", "").lower() == "100-continue"

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._silent = 0
        self._size += len(body)
        if self._size > self._most:
            self._refuse(_too_large(self._most))
        elif not self._refused:
            if self._body is None:
                self._body = io.BytesIO()  # which gives all of it without a copy
            self._body.write(body)

    def on_message_complete(self) -> None:
        """The request is whole: answer it, or let it wait for the one before it."""
        self.began_at = None
        if self._refused or self._transport.is_closing():
            return
        request = self._request(self._body.getvalue() if self._body else b"")
        if self._is_upgrade:
            self._upgrade(request)
            return
        assert self._parser
        stays = self._parser.should_keep_alive()
        claim, self._claim, self._body = self._claim, None, None
        self._in_turn(Asked(request, self._is_chunking, stays, claim))

    @property
    def _is_upgrade(self) -> bool:
        return self._headers.get("upgrade", "").lower() == "websocket"

    @property
    def _missing(self) -> int:
        """How many bytes of a body of known length are still to come."""
        return self._length - self._size if self.began_at is not None else 0

    def _request(self, body: bytes) -> Request:
        assert self._parser
        return Request(
            self._parser.get_method().decode("ascii"),
            self._target.decode("ascii"),  # the parser takes nothing else
            self._headers,
            body,
            may_block=False,
        )

    def _in_turn(self, asked: Asked) -> None:
        """Answer a request, or let it wait for the one before it."""
        if self.busy or self._waiting or not self._writable.is_set():
            self._waiting.append(asked)
            self._transport.pause_reading()
        else:
            self._answer(asked)

    def _upgrade(self, request: Request) -> None:
        """From here on the connection is a WebSocket, unless that is refused."""
        if not extras.is_there("websocket"):
            missing = extras.refusal("websocket", "To speak over a WebSocket")
            self._refuse(_told(missing))
            return
        app = self.home.app
        session = app.emulator.connect(request, functools.partial(_handle, app))
        if self.busy or request.method != "GET" or isinstance(session, Reply):
            refusal = _bad_request("Upgrade a fresh connection.")
            self._refuse(session if isinstance(session, Reply) else refusal)
            return
        from responses_emulator.adapters.websocket import (
            WebSocket,  # only for who speaks it
        )

        self.patience = SOCKET_SECONDS
        self._socket = WebSocket(
            session, self._transport, self._writable, self.home, self._break
        )
        if not self._socket.open(request):
            self._socket = None
            self._refuse(_bad_request("The handshake is not valid."))
            return
        self._socket_task = asyncio.get_running_loop().create_task(self._socket.run())

    def _begin(self) -> None:
        self._target = b""
        self._headers: dict[str, str] = {}
        self._head_size = 0
        self._has_head = False
        self._most = MAX_JSON_BYTES
        self._body: io.BytesIO | None = None
        self._size = 0  # of the body so far
        self._length = 0  # of the whole body, where that is known
        self._silent = 0  # bytes of which the parser has not said anything yet
        self._may_send = False  # it is known who sends it, and that there is room
        self._is_expecting = False  # the client waits to be told to send its body
        self._is_chunking = True  # the client knows replies in chunks

    def _head_grows(self, size: int) -> None:
        self._head_size += size
        if self._head_size > MAX_HEAD_BYTES:
            self._refuse(_bad_request("The headers are too large.", 431))

    def _refuse(self, reply: Reply) -> None:
        """Answer a request that is not read to its end, and no other after it."""
        if self._refused:
            return
        self._refused = True
        self._drop_body()
        assert isinstance(reply.body, bytes)
        if self.busy:
            return  # the reply before it is the last one
        self._transport.write(head(reply, stays=False) + reply.body)
        self._linger()

    def _linger(self) -> None:
        """End what is written, and take what is still being sent for a while.

        To close with bytes unread would take the reply away from the client again.
        """
        if self._transport.is_closing():
            return
        self._transport.resume_reading()
        asyncio.get_running_loop().call_later(LINGER_SECONDS, self._transport.abort)
        if self._transport.can_write_eof():
            with suppress(OSError):  # who has gone has left nothing to be ended
                self._transport.write_eof()

    # Answering

    def _answer(self, asked: Asked) -> None:
        app, request = self.home.app, asked.request
        self.busy = True
        self._answered = asked.claim
        waits = app.emulator.waits_for_a_model(request)
        if app.is_plain and is_quick(request) and not waits:
            self._answer_quickly(asked)
        else:
            self._start(self._answer_slowly(asked))

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self.home.tasks.add(task)
        task.add_done_callback(self.home.tasks.discard)

    def _answer_quickly(self, asked: Asked) -> None:
        """Write a short reply, or a stream's first event, at once.

        A task begins in the next round of the event loop: it is for what comes later.
        """
        request = asked.request
        reply = _handle(self.home.app, request)
        how = How(request.method, asked.chunked, asked.stays, quick=True)
        if reply.delay or reply.breaks or reply.is_late:
            self._start(self._write_reply(reply, how))
        elif not isinstance(reply.body, bytes):
            stream = self._begin_stream(reply, how)
            self._start(self._write_stream(reply, stream, how))
        elif len(reply.body) > AT_ONCE_BYTES:
            self._start(self._write_reply(reply, how))
        elif len(self.home.connections) > 1:
            send = functools.partial(self._send, reply, how)
            _send_together(self.home.outbox, send)
        else:
            self._send(reply, how)

    def _send(self, reply: Reply, how: How) -> None:
        self._write_whole(reply, how)
        self._done(how.stays)

    async def _answer_slowly(self, asked: Asked) -> None:
        how = How(asked.request.method, asked.chunked, asked.stays)
        request = asked.request
        work = functools.partial(self._handle_if_it_stays, self.home.app, request)
        del asked  # what was asked is not to be held while a stream is written
        try:
            how.lane = await lane_for(self.home, request, self.lost)
            reply = await self.home.do(work, how.lane, self.lost)
        except ServiceError as error:
            reply = _told(error)
        del work, request
        await self._write_reply(reply, how)

    def _handle_if_it_stays(self, app: App, request: Request) -> Reply:
        """Answer who has waited for a thread, unless they have left meanwhile."""
        return Reply(0) if self.lost.done() else _handle(app, request)

    async def _write_reply(self, reply: Reply, how: How) -> None:
        if reply.delay:
            await asyncio.wait([self.lost], timeout=reply.delay)
        if reply.is_late:
            reply.body = await self._made(reply, how)
        if reply.breaks:
            how.stays = False
        if isinstance(reply.body, bytes):
            if len(reply.body) > AT_ONCE_BYTES and how.method != "HEAD":
                await self._write_large(reply, reply.body, how.stays)
            else:
                self._write_whole(reply, how)
            await self._writable.wait()
            self._done(how.stays)
        else:
            await self._write_stream(reply, self._begin_stream(reply, how), how)

    def _write_whole(self, reply: Reply, how: How) -> None:
        body = b"" if how.method == "HEAD" else reply.body
        assert isinstance(body, bytes)
        if reply.status:
            self._transport.write(head(reply, stays=how.stays) + body)
        if reply.breaks:
            self._break(reply.breaks)

    async def _write_large(self, reply: Reply, body: bytes, stays: bool) -> None:
        """Write a body piece by piece: what the client does not take is not copied."""
        if reply.status:
            self._transport.write(head(reply, stays=stays))
            for start in range(0, len(body), AT_ONCE_BYTES):
                self._transport.write(body[start : start + AT_ONCE_BYTES])
                await self._writable.wait()
                if self.lost.done():
                    return
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

    def _begin_stream(self, reply: Reply, how: How) -> Stream:
        """A stream of which the first event is written already, if it is made quickly.

        Where a pause comes first, or a thread has to make it, nothing is written yet.
        """
        assert not isinstance(reply.body, bytes)
        chunked = how.chunked
        stays = how.stays and chunked
        start = head(reply, stays=stays, chunked=chunked)
        stream = Stream(map(server_sent, reply.body), stays, chunked, start)
        if how.quick and not self.home.app.delay:
            try:
                first = next(stream.pieces, None)
            except Exception:
                self._break_off(stream)
            else:
                if isinstance(first, bytes):
                    self._write_piece(stream, first)
        return stream

    async def _write_stream(self, reply: Reply, stream: Stream, how: How) -> None:
        """What comes after its beginning: many pieces in a write, if they are quick."""
        try:
            await self._writable.wait()
            while not self.lost.done():
                piece = await self._next(stream.pieces, how)
                if piece is None:
                    break
                if isinstance(piece, Pause):
                    self._transport.write(stream.unwritten)
                    stream.unwritten = b""
                    await passed(piece, self.lost)
                    continue
                self._write_piece(stream, piece)
                await asyncio.sleep(0)
                await self._writable.wait()
            if reply.breaks:
                self._transport.write(stream.unwritten)
                self._break(reply.breaks)
            elif not self.lost.done():
                end = b"0\r\n\r\n" if stream.chunked else b""
                self._transport.write(stream.unwritten + end)
        except Exception:
            self._break_off(stream)
        finally:
            close_pieces(reply.body)  # who left early ends what was still being written
        self._done(stream.stays)

    def _write_piece(self, stream: Stream, piece: bytes) -> None:
        if stream.chunked:
            piece = b"%x\r\n%b\r\n" % (len(piece), piece)
        self._transport.write(stream.unwritten + piece)
        stream.unwritten = b""

    def _break_off(self, stream: Stream) -> None:
        _LOG.exception("A stream broke off")
        stream.stays = False
        self._transport.abort()

    async def _made(self, reply: Reply, how: How) -> bytes:
        """The whole of a body that is still being made."""
        assert not isinstance(reply.body, bytes)
        pieces = map(server_sent, reply.body)
        made = b""
        try:
            while not self.lost.done():
                piece = await self._next(pieces, how)
                if piece is None:
                    break
                if isinstance(piece, Pause):
                    await passed(piece, self.lost)
                else:
                    reply.heed(piece)
                    made += piece
        finally:
            close_pieces(reply.body)  # who left early ends what was still being made
        return made

    async def _next(self, pieces: Frames, how: How) -> bytes | Pause | None:
        delay = self.home.app.delay
        if how.quick:
            if not delay:
                return _gather(pieces)
            await asyncio.wait([self.lost], timeout=delay)
            return next(pieces, None)
        work = functools.partial(next, pieces, None)
        making = asyncio.ensure_future(self.home.do(work, how.lane, self.lost))
        try:
            piece = await asyncio.shield(making)
        except asyncio.CancelledError:
            # A generator cannot be closed while a thread is inside it.
            await asyncio.wait([making])
            raise
        if delay and isinstance(piece, bytes):
            await asyncio.wait([self.lost], timeout=delay)
        return piece

    def _done(self, stays: bool) -> None:
        """The reply is written: on to the next request, if there is one."""
        self.busy = False
        self.active_at = time.monotonic()
        if self._answered:
            self._answered.release()
            self._answered = None
        if not stays:
            self._drop_waiting()
        if self._refused and not self._waiting:
            self._linger()
        elif not stays:
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
            loop.call_soon(self._answer, self._waiting.popleft())
        if not self._waiting:
            self._read_on()


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


def _gather(pieces: Frames) -> bytes | Pause | None:
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
    if len(gathered) == 1:
        return gathered[0]  # which may know more of itself, as an error does
    return b"".join(gathered) or None


def _handle(app: App, request: Request) -> Reply:
    try:
        return app.handle(request)
    except Exception:
        _LOG.exception("%s %s failed", request.method, request.target)
        return _told(gateway_error(500, "InternalServerError", "The emulator failed."))


def _bad_request(why: str, status: int = 400) -> Reply:
    return _told(gateway_error(status, "BadRequest", why))


def _too_large(most: int) -> Reply:
    why = f"The request body is larger than {most} bytes."
    return _told(invalid_request(why, status=413))


def _told(error: ServiceError) -> Reply:
    """The reply that is an error."""
    reply = json_reply(error.body, error.status)
    reply.headers |= error.headers
    return reply


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


_LOG = logging.getLogger("responses_emulator")
