"""One client's WebSocket: frames in, messages to a session, its frames out.

The protocol is spoken by the `websockets` library, without its own input and output.
"""

import asyncio
import functools
import io
import logging
import time
from collections.abc import Callable
from http import HTTPStatus

import orjson
from websockets.frames import Frame, Opcode
from websockets.http11 import Request as Handshake
from websockets.protocol import State
from websockets.server import ServerProtocol

from responses_emulator.adapters.bodies import Claim
from responses_emulator.adapters.lanes import Host, lane_for_message
from responses_emulator.adapters.pauses import passed
from responses_emulator.errors import ServiceError
from responses_emulator.frames import Frames, text
from responses_emulator.http import Pause, Request
from responses_emulator.resources.sessions import Session, error_event

MAX_MESSAGE_BYTES = 80 * 2**20  # as of a body over HTTP
MAX_WAITING = 16  # messages that wait for the response before them
MAX_QUEUED_BYTES = 16 * 2**20  # of these and the one that is answered: then one waits
CLOSE_SECONDS = 5  # for the client's half of the closing handshake
PIECE_BYTES = 4 * 2**10  # that are parsed at once: there may be hundreds of frames
MAX_PARSE_SECONDS = 0.005  # until others have their turn
# Frames of one message, and how many bytes each of those above has on average.
FREE_FRAMES, LEAST_FRAME = 1_000, 64
BATCH = 64  # frames that are made at once, but for the first of a response


class WebSocket:
    """Answers the messages of one connection in the order in which they come."""

    def __init__(
        self,
        session: Session,
        transport: asyncio.Transport,
        writable: asyncio.Event,
        home: Host,
        end: Callable[[str], None],
    ) -> None:
        """A WebSocket on a transport whose handshake comes next.

        `writable` is set while the client keeps up; `home` is the server; `end` breaks
        the connection, as `Reply.breaks` has it.
        """
        self.session = session
        self._transport = transport
        self._writable = writable
        self._home = home
        self._delay = home.app.delay  # before each event
        self._end = end
        self._protocol = ServerProtocol(max_size=MAX_MESSAGE_BYTES)
        # With how many bytes it has.
        self._waiting: asyncio.Queue[tuple[str | bytes, int]] = asyncio.Queue()
        self._is_text = True
        self._gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._unread = b""  # what has come and is parsed after others had their turn
        self._begin()
        # What is held: a message that is not whole, those that wait, the one answered.
        self._claim = Claim(home.bodies)
        self._queued = 0  # bytes of the last two

    def _begin(self) -> None:
        """A message begins, which may come in several frames."""
        self._pieces = io.BytesIO()
        self._frames = 0

    def open(self, request: Request) -> bool:
        """Answer the handshake that `request` has brought. False: it is none."""
        lines = [f"{name}: {value}" for name, value in request.headers.items()]
        head = "\r\n".join([f"GET {request.target} HTTP/1.1", *lines, "", ""])
        self._parse(head.encode("latin-1"))
        return self._flush()

    def receive(self, data: bytes) -> None:
        """The next bytes from the client."""
        if self._unread:
            self._unread += data
            return
        began = time.monotonic()
        view = memoryview(data)
        while view:
            self._parse(bytes(view[:PIECE_BYTES]))
            view = view[PIECE_BYTES:]
            if view and time.monotonic() - began > MAX_PARSE_SECONDS:
                self._unread = bytes(view)
                self._transport.pause_reading()
                asyncio.get_running_loop().call_soon(self._go_on)
                break
        self._flush()
        self._hold()

    def close(self) -> None:
        """The client is gone: nothing is kept for it."""
        if not self._gone.done():
            self._gone.set_result(None)
        self._unread = b""
        self._begin()
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._claim.release()
        self._protocol.reader.buffer.clear()
        self._end = _nothing  # the other one holds the connection
        self.session.close()

    def _go_on(self) -> None:
        """Parse on, after others had their turn."""
        data, self._unread = self._unread, b""
        if data:
            self.receive(data)
        self.read_on()

    def _parse(self, data: bytes) -> None:
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Handshake):
                self._protocol.send_response(self._protocol.accept(event))
            elif isinstance(event, Frame):
                self._take(event)

    def _take(self, frame: Frame) -> None:
        if frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            return  # pings and closing are the protocol's own business
        if frame.opcode is not Opcode.CONT:
            self._is_text = frame.opcode is Opcode.TEXT
        self._pieces.write(frame.data)
        frame.data = b""  # the parser keeps the frame itself until the next one
        self._frames += 1
        if not frame.fin:
            if self._frames > FREE_FRAMES + self._pieces.tell() // LEAST_FRAME:
                self._protocol.fail(1008, "too many fragments")
            return
        sent = self._pieces.getvalue()
        self._begin()
        try:
            message = sent.decode() if self._is_text else sent
        except UnicodeDecodeError:
            self._protocol.fail(1007, "invalid UTF-8")
            return
        self._waiting.put_nowait((message, len(sent)))
        self._queued += len(sent)
        if self._is_behind:
            self._transport.pause_reading()

    @property
    def _is_behind(self) -> bool:
        """Whether what has come is enough for now: it is to be answered first."""
        waiting = self._waiting.qsize()
        return waiting > (0 if self._queued > MAX_QUEUED_BYTES else MAX_WAITING)

    def _hold(self) -> None:
        """Claim room for what has come, or do not read on until there is some."""
        held = self._queued + self._pieces.tell() + len(self._protocol.reader.buffer)
        self._claim.eases = self._queued > 0
        self._claim.shrink(held)
        if self._claim.waits:
            return
        if not self._claim.grow(held, self.read_on, self._give_up):
            self._transport.pause_reading()

    def _give_up(self) -> None:
        self._protocol.fail(1013, "try again later")
        self._flush()

    def read_on(self) -> None:
        """Read from the client, if it reads as well and not too much is held."""
        if (
            self._writable.is_set()
            and not self._is_behind
            and not self._claim.waits
            and not self._unread
        ):
            self._transport.resume_reading()

    async def run(self) -> None:
        """Answer one message after the other until the connection is cut."""
        while not self.session.is_over:
            message, size = await self._waiting.get()
            self.read_on()
            try:
                await self._answer(message)
                del message
                self._queued -= size
                self._hold()
            except Exception:
                _LOG.exception("A WebSocket broke off")
                self._protocol.fail(1011, HTTPStatus.INTERNAL_SERVER_ERROR.phrase)
                break
        if self.session.breaks:
            self._end(self.session.breaks)
            return
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(1000)
        self._flush()

    async def _answer(self, message: str | bytes) -> None:
        events = self.session.answer(message)
        frames = map(text, events)
        most = 1
        try:
            try:
                lane = await lane_for_message(self._home, message, self._gone)
            except ServiceError as error:
                self._tell(error)
                return
            while self._protocol.state is State.OPEN:
                work = functools.partial(self._make, frames, most)
                making = asyncio.ensure_future(self._home.do(work, lane, self._gone))
                try:
                    made = await asyncio.shield(making)
                except asyncio.CancelledError:
                    # A generator cannot be closed while a thread is inside it.
                    await asyncio.wait([making])
                    raise
                except ServiceError as error:
                    self._tell(error)
                    return
                if not made:
                    return
                for frame in made:
                    if isinstance(frame, Pause):
                        self._flush()
                        await passed(frame)
                        continue
                    if self._delay:
                        await asyncio.sleep(self._delay)
                    if self._protocol.state is not State.OPEN:
                        return
                    self._protocol.send_text(frame)
                self._flush()
                await self._writable.wait()
                most = 1 if self._delay else BATCH
        finally:
            events.close()

    def _tell(self, error: ServiceError) -> None:
        """There was no place for what was asked."""
        told = error_event(error.status, error.body, error.headers)
        self._protocol.send_text(orjson.dumps(told))
        self._flush()

    def _make(self, frames: Frames, most: int) -> list[bytes | Pause]:
        """Some frames, unless the client has left while they waited for a place."""
        return [] if self._gone.done() else _some(frames, most)

    def _flush(self) -> bool:
        """Write what there is to be written. False: nothing but the end."""
        pieces = self._protocol.data_to_send()  # an empty one is the end
        written = b"".join(pieces)
        if not all(pieces) and not written and self._protocol.handshake_exc:
            return False
        if written and not self._transport.is_closing():
            self._transport.write(written)
        if not all(pieces):  # what has been written is followed by the end
            self._transport.close()
        if self._protocol.close_expected():
            asyncio.get_running_loop().call_later(CLOSE_SECONDS, self._transport.abort)
        return True


def _some(frames: Frames, most: int) -> list[bytes | Pause]:
    """The next frames, at most so many and none beyond a pause; [] after the last."""
    made: list[bytes | Pause] = []
    for frame in frames:
        made.append(frame)
        if len(made) == most or isinstance(frame, Pause):
            break
    return made


def _nothing(_how: str) -> None:
    """There is nothing left to end."""


_LOG = logging.getLogger("responses_emulator")
