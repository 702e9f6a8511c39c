"""The guard itself: other machines are out of reach, this one is not."""

import asyncio
import os
import socket
from collections.abc import Callable
from typing import Any

import httpx2
import openai
import pytest

Forbidden = pytest.fail.Exception  # a BaseException

# 192.0.2.0/24 and 2001:db8::/32 are for documentation: nobody has these addresses.
ATTEMPTS: dict[str, Callable[[], Any]] = {
    "connect": lambda: connect(socket.AF_INET, ("192.0.2.1", 443)),
    "connect over IPv6": lambda: connect(socket.AF_INET6, ("2001:db8::1", 443, 0, 0)),
    "create_connection": lambda: socket.create_connection(("192.0.2.1", 443), 0.1),
    "look up": lambda: socket.getaddrinfo("host.example", 443),
    "look up bytes": lambda: socket.getaddrinfo(b"host.example", 443),
    "look up a name that begins well": lambda: socket.getaddrinfo(
        "127.0.0.1.host.example", 443
    ),
    "httpx2": lambda: httpx2.get("https://host.example/", timeout=0.1),
    "asyncio, a name": lambda: asyncio.run(open_connection("host.example")),
    "asyncio, an address": lambda: asyncio.run(open_connection("192.0.2.1")),
    "openai, which retries on an Exception": lambda: openai.OpenAI(
        api_key="key", base_url="https://host.example/"
    ).models.list(),
}


def connect(family: int, address: tuple[Any, ...]) -> None:
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.settimeout(0.1)
        client.connect(address)


async def open_connection(host: str) -> None:
    _, writer = await asyncio.open_connection(host, 443)
    writer.close()


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_another_machine_is_out_of_reach(attempt: Callable[[], Any]) -> None:
    with pytest.raises(Forbidden, match=r"network: .*(example|192\.0\.2|2001:db8)"):
        attempt()


def test_a_connection_by_code_is_out_of_reach_too() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client,
        pytest.raises(Forbidden, match=r"192\.0\.2\.1"),
    ):
        client.connect_ex(("192.0.2.1", 443))


def test_a_datagram_is_out_of_reach() -> None:
    address = ("192.0.2.1", 53)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        with pytest.raises(Forbidden, match=r"192\.0\.2\.1"):
            client.sendto(b"?", address)
        with pytest.raises(Forbidden, match=r"192\.0\.2\.1"):
            client.sendto(b"?", 0, address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.9.9.9"])
def test_this_machine_is_within_reach(host: str) -> None:
    with socket.create_server(("0.0.0.0", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection((host, port), timeout=5) as client:
            server.accept()[0].close()
            assert client.recv(1) == b""


def test_what_is_no_internet_address_is_within_reach() -> None:
    one, other = socket.socketpair()
    with one, other:
        one.sendall(b"x")
        assert other.recv(1) == b"x"


def test_nothing_comes_from_the_shell_or_a_dotenv_file() -> None:
    assert os.environ["PYTHON_DOTENV_DISABLED"] == "1"
    assert not [
        name
        for name in os.environ
        if name.upper().startswith(("AZURE_", "OPENAI_")) or "PROXY" in name.upper()
    ]
