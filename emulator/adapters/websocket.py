"""One client's WebSocket: frames in, messages to a session, its frames out.

The protocol is spoken by the `websockets` library, without its own input and output.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from http import HTTPStatus

from websockets.frames import Frame, Opcode
from websockets.http11 import Request as Handshake
from websockets.protocol import State
from websockets.server import ServerProtocol

from emulator.http import Pause, Request
from emulator.resources.sessions import Session

MAX_MESSAGE_BYTES = 80 * 2**20  # as of a body over HTTP
MAX_WAITING = 16  # messages that wait for the response before them
CLOSE_SECONDS = 5  # for the client's half of the closing handshake
BATCH = 64  # frames that are made at once, but for the first of a response


class WebSocket:
    """Answers the messages of one connection in the order in which they come."""

    def __init__(
        self,
        session: Session,
        transport: asyncio.Transport,
        writable: asyncio.Event,
        delay: float,
        end: Callable[[str], None],
    ) -> None:
        """A WebSocket on a transport whose handshake comes next.

        `writable` is set while the client keeps up; `delay` is the pause in seconds
        before each event; `end` breaks the connection, as `Reply.breaks` has it.
        """
        self.session = session
        self._transport = transport
        self._writable = writable
        self._delay = delay
        self._end = end
        self._protocol = ServerProtocol(max_size=MAX_MESSAGE_BYTES)
        self._waiting: asyncio.Queue[str | bytes] = asyncio.Queue()
        self._pieces: list[bytes] = []  # of a message that comes in several frames
        self._is_text = True

    def open(self, request: Request) -> None:
        """Answer the handshake that `request` has brought."""
        lines = [f"{name}: {value}" for name, value in request.headers.items()]
        head = "\r\n".join([f"GET {request.target} HTTP/1.1", *lines, "", ""])
        self.receive(head.encode("latin-1"))

    def receive(self, data: bytes) -> None:
        """The next bytes from the client."""
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Handshake):
                self._protocol.send_response(self._protocol.accept(event))
            elif isinstance(event, Frame):
                self._take(event)
        self._flush()

    def _take(self, frame: Frame) -> None:
        if frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            return  # pings and closing are the protocol's own business
        if frame.opcode is not Opcode.CONT:
            self._is_text = frame.opcode is Opcode.TEXT
        self._pieces.append(bytes(frame.data))
        if not frame.fin:
            return
        message = b"".join(self._pieces)
        self._pieces.clear()
        try:
            self._waiting.put_nowait(message.decode() if self._is_text else message)
        except UnicodeDecodeError:
            self._protocol.fail(1007, "invalid UTF-8")
        if self._waiting.qsize() > MAX_WAITING:
            self._transport.pause_reading()

    def read_on(self) -> None:
        """Read from the client, if it reads as well and not too much waits."""
        if self._writable.is_set() and self._waiting.qsize() <= MAX_WAITING:
            self._transport.resume_reading()

    async def run(self) -> None:
        """Answer one message after the other until the connection is cut."""
        while not self.session.is_over:
            message = await self._waiting.get()
            if self._waiting.qsize() == MAX_WAITING:
                self.read_on()
            try:
                await self._answer(message)
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
        frames = self.session.answer(message)
        most = 1
        try:
            while self._protocol.state is State.OPEN:
                making = asyncio.ensure_future(asyncio.to_thread(_some, frames, most))
                try:
                    made = await asyncio.shield(making)
                except asyncio.CancelledError:
                    # A generator cannot be closed while a thread is inside it.
                    await asyncio.wait([making])
                    raise
                if not made:
                    return
                for frame in made:
                    if isinstance(frame, Pause):
                        await asyncio.sleep(frame.seconds)
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
            frames.close()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._transport.write(data)
            else:  # what has been written is followed by the end
                self._transport.close()
        if self._protocol.close_expected():
            asyncio.get_running_loop().call_later(CLOSE_SECONDS, self._transport.abort)


def _some(frames: Iterator[bytes | Pause], most: int) -> list[bytes | Pause]:
    """The next frames, at most so many and none beyond a pause; [] after the last."""
    made: list[bytes | Pause] = []
    for frame in frames:
        made.append(frame)
        if len(made) == most or isinstance(frame, Pause):
            break
    return made


_LOG = logging.getLogger("emulator")
