"""Stands in for the HTTP server of a sample that receives webhooks: no socket, no port.

It hands the handler what the emulator has to deliver, and lets time pass by the clock
of the test where there is nothing.
"""

import io
import time
from collections.abc import Callable
from typing import Any

from responses_emulator.core import Emulator
from responses_emulator.http import Request
from responses_emulator.outbox import Delivery


class Connection:
    """A request that has arrived whole, and room for the reply."""

    def __init__(self, request: Request) -> None:
        headers = {"content-length": str(len(request.body)), **request.headers}
        head = [f"{request.method} / HTTP/1.1"]
        head += [f"{name}: {value}" for name, value in headers.items()]
        self.arrived = "\r\n".join([*head, "", ""]).encode() + request.body
        self.reply = b""

    def makefile(self, *_: object) -> io.BytesIO:
        return io.BytesIO(self.arrived)

    def sendall(self, data: bytes) -> None:
        self.reply += data

    def settimeout(self, seconds: float) -> None:
        pass

    @property
    def status(self) -> int:
        return int(self.reply.split()[1]) if self.reply else 0


def server(
    emulator: Emulator,
    sleep: Callable[[float], None],
    moment: Callable[[str], None] = lambda _: None,
) -> type:
    """A class in place of `ThreadingHTTPServer`, for the deliveries of an emulator."""

    class Server:
        timeout: float = 60

        def __init__(self, address: tuple[str, int], handler: Any) -> None:
            assert address[0] == "127.0.0.1"
            self.handler = handler
            self.due: list[Delivery] = []

        def __enter__(self) -> "Server":
            return self

        def __exit__(self, *_: object) -> None:
            pass

        def handle_request(self) -> None:
            moment("listen")
            self.due = self.due or emulator.world.outbox.due()
            if not self.due:
                sleep(self.timeout)
                return
            delivery = self.due.pop(0)
            # Who verifies it looks at the clock on the wall.
            status = self.receive(delivery.signed(time.time()))
            if not 200 <= status < 300:
                emulator.world.outbox.failed(delivery)

        def receive(self, request: Request) -> int:
            """Have the handler answer one request; gives the status."""
            connection = Connection(request)
            self.handler(connection, ("127.0.0.1", 9), self)
            return connection.status

    return Server
