"""A server's connection without a socket, and without a clock: nothing here waits.

    line = talk([b"GET / HTTP/1.0\\r\\n\\r\\n"], answers(Reply(200)))

Time passes as soon as there is nothing else to do, so a pause of an hour takes none.
"""

import asyncio
import re
import selectors
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from responses_emulator.adapters.app import App
from responses_emulator.adapters.bodies import Bodies
from responses_emulator.adapters.connection import Connection
from responses_emulator.adapters.lanes import Lane
from responses_emulator.core import Emulator
from responses_emulator.http import Handle, Reply, Request

Result = TypeVar("Result")

HOST = b"host: localhost\r\n"
DATE = re.compile(rb"date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n")


class Impatient(selectors.SelectSelector):
    """Waits for nothing: what was to be waited has passed at once."""

    passed = 0.0  # seconds

    def select(self, timeout: float | None = None) -> list[Any]:
        """What is ready now."""
        found = super().select(0)
        if not found:
            if timeout is None:
                raise RuntimeError("Nothing will ever happen any more.")
            self.passed += timeout
        return found


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose time begins at 0 and is nobody else's. It has no threads."""

    def __init__(self) -> None:
        self._impatient = Impatient()
        super().__init__(self._impatient)

    def time(self) -> float:
        """How much has passed by."""
        return self._impatient.passed


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Do it on such a loop; what goes wrong beside it is a fault as well."""
    faults: list[dict[str, Any]] = []
    with asyncio.Runner(loop_factory=Loop) as runner:
        loop = runner.get_loop()
        loop.set_exception_handler(lambda _, fault: faults.append(fault))
        result = runner.run(work)
    assert faults == []
    return result


class Socket:
    """Keeps the options that are set."""

    def __init__(self) -> None:
        self.options: list[tuple[Any, ...]] = []

    def setsockopt(self, *option: Any) -> None:
        """Keep it."""
        self.options.append(option)


class Line(asyncio.Transport):
    """What a connection does with its transport, in order, and when."""

    def __init__(self) -> None:
        super().__init__()
        self.data = b""  # all that was written
        self.writes: list[bytes] = []
        self.done: list[str] = []  # all else, in order
        self.times: list[float] = []  # of the writes
        self.is_read = True
        self.ended_at: float | None = None
        self.socket = Socket()
        self.connection: Connection | None = None

    def write(self, data: Any) -> None:
        """Keep it, unless nobody is there any more."""
        if self.is_closing():
            return
        self.writes.append(bytes(data))
        self.times.append(asyncio.get_running_loop().time())
        self.data += data

    def pause_reading(self) -> None:
        """Read no more."""
        self.is_read = False

    def resume_reading(self) -> None:
        """Read again."""
        self.is_read = True

    def can_write_eof(self) -> bool:
        """As over TCP."""
        return True

    def write_eof(self) -> None:
        """Nothing more will be written."""
        self.done.append("eof")

    def close(self) -> None:
        """End it, when all has been written."""
        self._end("close")

    def abort(self) -> None:
        """End it."""
        self._end("abort")

    def _end(self, how: str) -> None:
        if self.ended_at is None:
            self.done.append(how)
            loop = asyncio.get_running_loop()
            self.ended_at = loop.time()
            assert self.connection
            loop.call_soon(self.connection.connection_lost, None)

    def is_closing(self) -> bool:
        """Whether it has been ended."""
        return self.ended_at is not None

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """The socket."""
        return self.socket if name == "socket" else default


@dataclass
class Desk:
    """What a connection asks of its server; what takes long is done at once."""

    app: App
    bodies: Bodies = field(default_factory=Bodies)
    is_local: bool = True
    connections: set[Connection] = field(default_factory=set[Connection])
    most_connections: int = 100
    tasks: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])
    is_untidy: bool = False
    outbox: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])
    lanes: list[Lane] = field(default_factory=list[Lane])  # in which was worked

    async def do(
        self,
        work: Callable[[], Any],
        lane: Lane,
        gone: asyncio.Future[None],  # noqa: ARG002
    ) -> Any:
        """Do it now."""
        self.lanes.append(lane)
        await asyncio.sleep(0)
        return work()

    def open(self, line: Line | None = None) -> tuple[Connection, Line]:
        """A client connects."""
        connection, line = Connection(self), line or Line()
        line.connection = connection
        connection.connection_made(line)
        return connection, line

    async def settle(self) -> None:
        """Let all come to its end that comes to one without a client."""
        for _ in range(10):
            await asyncio.sleep(0)
            while self.tasks:
                await asyncio.wait(self.tasks)


class Quick(Emulator):
    """Answers as it is told to, and as an emulator does that nobody watches.

    So it is asked on the event loop's own thread.
    """

    def __init__(self, handle: Handle) -> None:
        super().__init__()
        self._answer_with = handle

    def handle(self, request: Request) -> Reply:
        """Answer one request."""
        return self._answer_with(request)


def talk(
    pieces: Iterable[bytes],
    handle: Handle | None = None,
    *,
    quick: bool = False,
    delay: float = 0.0,
    desk: Desk | None = None,
) -> Line:
    """What comes of receiving these pieces one by one, up to the end of all of it."""
    if desk is None:
        if quick:
            assert handle
            desk = Desk(App(Quick(handle), delay=delay))
        else:
            desk = Desk(App(Emulator(), handle=handle, delay=delay))

    async def main() -> Line:
        connection, line = desk.open()
        for piece in pieces:
            if not line.is_closing():
                connection.data_received(piece)
            await desk.settle()
        return line

    return run(main())


def answers(*replies: Reply) -> Handle:
    """Gives one after the other."""
    left = iter(replies)
    return lambda _: next(left)


def undated(data: bytes) -> bytes:
    """The same without its date, which has to be there."""
    return DATE.sub(b"", data)
