"""uvicorn in a thread, on a socket that is already open, quick to start and to stop."""

import asyncio
import logging
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager

import uvicorn

from emulator.adapters.asgi import App
from emulator.adapters.listener import BACKLOG, base_url, listen

IDLE_SECONDS = 60  # more than clients keep an idle connection: they are first to close
GRACE_SECONDS = 1  # for replies that are under way when the server is to end


@contextmanager
def serving(app: App, listener: socket.socket | None = None) -> Generator[str]:
    """Serve `app` until the block ends; gives the base URL without a slash.

    Without a `listener` it takes a free port of 127.0.0.1. The socket is closed at the
    end. Signals are left to the caller.
    """
    listener = listener or listen()
    url = base_url(listener)
    server = _Server(
        uvicorn.Config(
            app,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            interface="asgi3",
            workers=1,
            backlog=BACKLOG,
            log_config=None,
            log_level="error",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )
    thread = threading.Thread(
        target=server.run, args=([listener],), name="emulator", daemon=True
    )
    thread.start()
    server.ready.wait()
    if not server.started:
        raise RuntimeError("The server did not start.")
    try:
        yield url
    finally:
        server.stop()
        thread.join()


class _Server(uvicorn.Server):
    """uvicorn's own server polls ten times a second for its end; this one is told."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()
        self._stopping = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            super().run(sockets)
        finally:
            self.ready.set()  # also when it could not start: nobody waits for ever

    def stop(self) -> None:
        # Whoever is still connected is cut off: no reason to print a traceback.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        if self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopping.set)

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.ready.set()
        while not self._stopping.is_set():
            await self.on_tick(0)  # renews the Date header
            try:
                await asyncio.wait_for(self._stopping.wait(), timeout=1)
            except TimeoutError:
                continue

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self.server_state.tasks:
            await super().shutdown(sockets)
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()  # idle, or the client does not read any more
