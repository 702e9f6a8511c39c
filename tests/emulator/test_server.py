import http.client
import threading
import warnings
from collections.abc import Iterator
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from emulator.adapters.asgi import App
from emulator.adapters.listener import base_url, listen
from emulator.adapters.server import serving
from emulator.core import Emulator
from emulator.http import Reply, Request


def connect(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)


def test_the_first_event_arrives_before_the_last_is_made() -> None:
    read = threading.Event()

    def pieces() -> Iterator[bytes]:
        yield b"data: 1\n\n"
        assert read.wait(10)
        yield b"data: 2\n\n"

    def handle(_: Request) -> Reply:
        return Reply(200, {"content-type": "text/event-stream"}, pieces())

    with (
        serving(App(Emulator(), handle=handle)) as url,
        urlopen(f"{url}/", timeout=10) as reply,
    ):
        assert reply.readline() == b"data: 1\n"
        read.set()
        assert reply.read() == b"\ndata: 2\n\n"


def test_who_connects_before_the_server_runs_is_answered() -> None:
    listener = listen()
    connection = connect(base_url(listener))
    connection.request("GET", "/openai/v1/models")
    with serving(App(Emulator()), listener):
        assert connection.getresponse().status == 401
    connection.close()


def test_idle_connections_do_not_hold_up_the_end() -> None:
    with serving(App(Emulator())) as url:
        connection = connect(url)
        connection.request("GET", "/openai/v1/models")
        reply = connection.getresponse()
        assert reply.status == 401
        reply.read()
    with pytest.raises(URLError):
        urlopen(url, timeout=10)
    connection.close()


def test_an_open_stream_is_cut_off_at_the_end() -> None:
    ended = threading.Event()

    def pieces() -> Iterator[bytes]:
        try:
            while True:
                yield b"x" * 1000
        finally:
            ended.set()

    with serving(App(Emulator(), handle=lambda _: Reply(body=pieces()))) as url:
        connection = connect(url)
        connection.request("GET", "/")
        assert connection.getresponse().read(1) == b"x"
    assert ended.wait(10)
    connection.close()


def test_an_address_that_cannot_be_had_leaves_no_socket_open() -> None:
    with listen() as taken, warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(OSError):
            listen("127.0.0.1", taken.getsockname()[1])


@pytest.mark.parametrize(
    ("host", "reached_at"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1")]
)
def test_the_url_is_one_that_this_machine_reaches(host: str, reached_at: str) -> None:
    with listen(host) as listener:
        assert base_url(listener) == f"http://{reached_at}:{listener.getsockname()[1]}"
