"""A served emulator that is spoken to in bytes, whole requests or not."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import orjson

from responses_emulator.account import KEY
from responses_emulator.adapters.app import App
from responses_emulator.adapters.listener import listen
from responses_emulator.adapters.server import Server
from responses_emulator.core import Emulator

WITH_KEY = f"Host: localhost\r\napi-key: {KEY}\r\n"
JSON = "Content-Type: application/json\r\n"
UPGRADE = (
    f"Upgrade: websocket\r\nConnection: Upgrade\r\napi-key: {KEY}\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
)
HANDSHAKE = f"GET /openai/v1/responses HTTP/1.1\r\nHost: localhost\r\n{UPGRADE}"


class Victim(Server):
    """A server, and how a socket is opened to it."""

    address: tuple[str, int]

    def open(self) -> socket.socket:
        return socket.create_connection(self.address, 10)

    def ask(self, *lines: str) -> bytes:
        """What is answered to lines that are sent as they are."""
        with self.open() as client:
            client.sendall("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n")
            with suppress(ConnectionResetError):
                return client.recv(65536)
        return b""

    def is_holding_back(self) -> bool:
        """Whether some client is not read from until it reads."""
        return any(not each._transport.is_reading() for each in self.connections)

    def answers(self) -> bool:
        reply = self.ask("GET /openai/v1/models HTTP/1.1", WITH_KEY)
        return reply.startswith(b"HTTP/1.1 200 ")


@contextmanager
def victim_served() -> Iterator[Victim]:
    """A victim that listens, until its test is over."""
    listener = listen()
    server = Victim(App(Emulator()), listener)
    server.address = listener.getsockname()
    thread = threading.Thread(target=server.run)
    thread.start()
    assert server.ready.wait(10)
    yield server
    server.stop()
    thread.join(10)
    assert not thread.is_alive()


def until(holds: Callable[[], object]) -> None:
    """Wait for what another thread brings about."""
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def status(reply: bytes) -> int:
    """The status in the first line of a reply; 0 if there is none."""
    return int(reply[9:12] or 0)


def create(**body: object) -> bytes:
    """A whole request for a response."""
    content = orjson.dumps({"model": "gpt-5-mini", "input": "Count to 300.", **body})
    head = f"POST /openai/v1/responses HTTP/1.1\r\n{WITH_KEY}{JSON}"
    return f"{head}Content-Length: {len(content)}\r\n\r\n".encode() + content


def frame(payload: bytes, head: int = 0x81) -> bytes:
    """A frame as a client sends one, masked with zeros."""
    size = len(payload)
    if size > 65_535:
        length = b"\xff" + size.to_bytes(8)
    elif size > 125:
        length = b"\xfe" + size.to_bytes(2)
    else:
        length = bytes([0x80 | size])
    return bytes([head]) + length + bytes(4) + payload


def socket_to(victim: Victim) -> socket.socket:
    """A WebSocket on which the handshake has been made."""
    client = victim.open()
    client.sendall(f"{HANDSHAKE}\r\n".encode())
    assert client.recv(65536).startswith(b"HTTP/1.1 101 ")
    return client


def closing(client: socket.socket) -> int:
    """The code with which a socket is closed."""
    data = b""
    while len(data) < 4:
        data += client.recv(65536)
    assert data[0] == 0x88
    return int.from_bytes(data[2:4])
