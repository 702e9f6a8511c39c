"""Sends the outbox's deliveries to their endpoints, in threads beside the server.

Nothing runs before the first endpoint is registered.
"""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from math import inf
from urllib.parse import urlsplit

from responses_emulator.http import Handle, Reply, Request
from responses_emulator.outbox import Delivery
from responses_emulator.world import World

ANSWER_SECONDS = 10  # within which an endpoint has to answer, as on Azure
STOP_SECONDS = 1  # for it to notice that it is to end, if it does not wait itself
LOOK_SECONDS = 0.25  # the emulator's clock need not be that of this machine
AT_ONCE = 8  # deliveries


@contextmanager
def delivering(world: World, send: Handle) -> Generator[None]:
    """Deliver what is due until the block ends; `send` is `post`, or observes it."""
    courier = _Courier(world, send)
    world.outbox.listeners.append(courier.wake)
    try:
        yield
    finally:
        world.outbox.listeners.remove(courier.wake)
        courier.stop()


def post(request: Request) -> Reply:
    """Send a request whose target is a whole address; a status of 0: no answer."""
    import http.client  # only where there is something to send

    address = urlsplit(request.target)
    kind = (
        http.client.HTTPSConnection
        if address.scheme == "https"
        else http.client.HTTPConnection
    )
    connection = kind(address.hostname or "", address.port, timeout=ANSWER_SECONDS)
    query = f"?{address.query}" if address.query else ""
    target = f"{address.path or '/'}{query}"
    try:
        connection.request("POST", target, request.body, dict(request.headers))
        return Reply(connection.getresponse().status)
    except (OSError, http.client.HTTPException):
        return Reply(0, breaks="refuse")
    finally:
        connection.close()


class _Courier:
    def __init__(self, world: World, send: Handle) -> None:
        self._world = world
        self._send = send
        self._news = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopping = False
        self._free = threading.Semaphore(AT_ONCE)

    def wake(self) -> None:
        """Look again; the first time there is an endpoint, begin to."""
        if not len(self._world.store.webhooks):
            return
        self._news.set()
        with self._lock:
            if self._thread is None and not self._stopping:
                self._thread = threading.Thread(
                    target=self._run, name="courier", daemon=True
                )
                self._thread.start()

    def stop(self) -> None:
        """Begin no more deliveries. One that waits for an answer is not waited for."""
        with self._lock:
            self._stopping = True
        self._news.set()
        if self._thread:
            self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        outbox = self._world.outbox
        while not self._stopping:
            for delivery in outbox.due():
                self._free.acquire()
                threading.Thread(
                    target=self._deliver, args=(delivery,), name="delivery", daemon=True
                ).start()
            at = outbox.next_at()
            self._news.wait(None if at == inf else LOOK_SECONDS)
            self._news.clear()

    def _deliver(self, delivery: Delivery) -> None:
        try:
            reply = self._send(delivery.signed(self._world.clock()))
            if not 200 <= reply.status < 300:
                self._world.outbox.failed(delivery)
                self._news.set()
        finally:
            self._free.release()
