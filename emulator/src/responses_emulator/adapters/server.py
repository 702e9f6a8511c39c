"""The server, in a thread, on a socket that is already open; quick to start and stop.

HTTP is parsed by httptools, on a loop of asyncio's own.
"""

import asyncio
import ipaddress
import socket
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from responses_emulator.adapters import heap
from responses_emulator.adapters.app import App
from responses_emulator.adapters.bodies import Bodies
from responses_emulator.adapters.connection import (
    REQUEST_SECONDS,
    STALL_SECONDS,
    Connection,
)
from responses_emulator.adapters.courier import delivering
from responses_emulator.adapters.lanes import Lane, Result
from responses_emulator.adapters.listener import BACKLOG, base_url, listen
from responses_emulator.errors import busy

GRACE_SECONDS = 1  # for replies that are under way when the server is to end
END_SECONDS = 3  # after which nobody waits for a thread that is still at work
SWEEP_SECONDS = 2
# Only one of Python's threads runs at a time: more of them than this would not answer
# sooner, and each that is at work may keep the event loop waiting for its turn.
THREADS = 24
# What is large, and what may take long, such as PDFs, each read in a process, have
# threads of their own: all others go on, however many of these wait for a place.
PLACES = {Lane.LARGE: 2, Lane.LONG: 8}
FIRST = asyncio.FIRST_COMPLETED
PLACE_SECONDS = 10  # that a request waits for a place
AT_ONCE = 16  # connections that are accepted before others make room for them
MAX_CONNECTIONS = 10_000
OTHER_FILES = 96  # that are open besides: of Python's own, of processes, a record


@contextmanager
def serving(app: App, listener: socket.socket | None = None) -> Generator[str]:
    """Serve `app` until the block ends; gives the base URL without a slash.

    Without a `listener` it takes a free port of 127.0.0.1. The socket is closed at the
    end. Signals are left to the caller.
    """
    listener = listener or listen()
    url = base_url(listener)
    server = Server(app, listener)
    thread = threading.Thread(target=server.run, name="emulator", daemon=True)
    thread.start()
    server.ready.wait()
    if server.failure:
        raise RuntimeError("The server did not start.") from server.failure
    app.emulator.world.addresses.add(url)
    try:
        with delivering(app.emulator.world, app.send):
            yield url
    finally:
        app.emulator.world.addresses.discard(url)
        server.stop()
        thread.join(END_SECONDS)


def most_connections() -> int:
    """How many connections are open at most: some of the files that may be are not."""
    try:
        import resource
    except ImportError:
        return MAX_CONNECTIONS  # Windows has no such limit
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(1, min(MAX_CONNECTIONS, most - OTHER_FILES))


class Server:
    """Accepts connections on one socket until it is told to stop."""

    def __init__(self, app: App, listener: socket.socket) -> None:
        """A server that does not run yet."""
        self.app = app
        self.connections: set[Connection] = set()
        self.most_connections = most_connections()
        self.tasks: set[asyncio.Task[None]] = set()
        self.outbox: list[Callable[[], None]] = []
        self.bodies = Bodies()
        self.is_untidy = False
        self.ready = threading.Event()
        self.failure: BaseException | None = None
        address = str(listener.getsockname()[0]).partition("%")[0]
        self.is_local = ipaddress.ip_address(address).is_loopback
        self._listener = listener

    def run(self) -> None:
        """Serve until `stop` is called from another thread."""
        try:
            with asyncio.Runner() as runner:
                runner.run(self._serve())
        except BaseException as error:
            self.failure = error
            raise
        finally:
            self._listener.close()
            self.ready.set()  # also when it could not start: nobody waits for ever

    def stop(self) -> None:
        """Let `run` come to its end."""
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._stopping.set)

    def sweep(self, now: float) -> None:
        """Close what is silent, not read, or sending one request for too long.

        `now` is a time of `time.monotonic`.
        """
        for connection in list(self.connections):
            if now - (connection.stalled_at or now) > STALL_SECONDS:
                connection.abort()  # nobody reads what is being made for it
                continue
            silent = now - connection.active_at
            sending = now - (connection.began_at or now)
            if connection.busy:
                continue
            if silent > connection.patience or sending > REQUEST_SECONDS:
                connection.abort()

    def tidy(self) -> None:
        """Give the system back what is free, if something may have become so."""
        if self.is_untidy:
            self.is_untidy = False
            self.loop.run_in_executor(None, heap.give_back)

    async def do(
        self, work: Callable[[], Result], lane: Lane, gone: asyncio.Future[None]
    ) -> Result:
        """Do it in one of the threads for its lane.

        Raises ServiceError if there has been no place for it, or if the client is
        `gone` before there is one.
        """
        self.is_untidy = True
        if lane is Lane.ORDINARY:
            return await self.loop.run_in_executor(None, work)
        places = self._places[lane]
        coming = asyncio.ensure_future(places.acquire())
        await asyncio.wait([coming, gone], timeout=PLACE_SECONDS, return_when=FIRST)
        if not coming.done():
            coming.cancel()
            raise busy(
                "The emulator is busy with requests that take long.", PLACE_SECONDS
            )
        doing = self.loop.run_in_executor(self._threads[lane], work)
        doing.add_done_callback(lambda _: places.release())
        return await doing

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.loop.set_default_executor(ThreadPoolExecutor(THREADS, "request"))
        self._places = {lane: asyncio.Semaphore(most) for lane, most in PLACES.items()}
        self._threads = {
            lane: ThreadPoolExecutor(most, lane.value) for lane, most in PLACES.items()
        }
        self._stopping = asyncio.Event()
        server = await self.loop.create_server(
            lambda: Connection(self), sock=self._listener, backlog=AT_ONCE
        )
        self._listener.listen(BACKLOG)  # so many may wait to be accepted
        self.ready.set()
        while not self._stopping.is_set():
            try:
                await asyncio.wait_for(self._stopping.wait(), SWEEP_SECONDS)
            except TimeoutError:
                self.sweep(time.monotonic())
                self.tidy()
        server.close()
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=GRACE_SECONDS)
        for connection in list(self.connections):
            connection.abort()  # idle, or the client does not read any more
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        if self.connections:
            await asyncio.wait([c.lost for c in self.connections])
        for threads in self._threads.values():
            threads.shutdown(wait=False)
        await asyncio.sleep(0)  # what has been closed is let go of in the next round
