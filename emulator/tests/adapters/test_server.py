import asyncio
import http.client
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, suppress
from typing import Any, TypeVar
from urllib.error import URLError
from urllib.request import urlopen

import orjson
import pytest

from responses_emulator.account import KEY
from responses_emulator.adapters import heap
from responses_emulator.adapters import server as server_module
from responses_emulator.adapters.app import App
from responses_emulator.adapters.connection import (
    IDLE_SECONDS,
    MAX_BODY_BYTES,
    TOGETHER,
    Connection,
)
from responses_emulator.adapters.host_header import is_allowed_host
from responses_emulator.adapters.lanes import Lane, is_quick
from responses_emulator.adapters.listener import base_url, listen
from responses_emulator.adapters.server import (
    PLACES,
    Server,
    most_connections,
    serving,
)
from responses_emulator.core import Emulator
from responses_emulator.errors import ServiceError
from responses_emulator.frames import server_sent
from responses_emulator.http import Json, Pause, Reply, Request
from responses_emulator.observers.observe import Counter, observe

Result = TypeVar("Result")

ONE, TWO = {"type": "one"}, {"type": "two"}


def connect(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)


def test_the_first_event_arrives_before_the_last_is_made() -> None:
    read = threading.Event()

    def pieces() -> Iterator[Json]:
        yield ONE
        assert read.wait(10)
        yield TWO

    def handle(_: Request) -> Reply:
        return Reply(200, {"content-type": "text/event-stream"}, pieces())

    with (
        serving(App(Emulator(), handle=handle)) as url,
        urlopen(f"{url}/", timeout=10) as reply,
    ):
        assert reply.readline() == b"event: one\n"
        read.set()
        assert reply.read() == b'data: {"type":"one"}\n\n' + server_sent(TWO)


def test_the_head_arrives_though_nothing_of_the_body_is_due() -> None:
    asked = threading.Event()

    def pieces() -> Iterator[Json | Pause]:
        while not asked.is_set():
            yield Pause(0.001)
        yield ONE

    with (
        serving(App(Emulator(), handle=lambda _: Reply(body=pieces()))) as url,
        urlopen(f"{url}/", timeout=10) as reply,
    ):
        asked.set()
        assert reply.read() == server_sent(ONE)


def test_who_leaves_during_a_pause_ends_the_stream() -> None:
    ended = threading.Event()

    def pieces() -> Iterator[Json | Pause]:
        try:
            yield ONE
            yield Pause(1_000)
        finally:
            ended.set()

    with serving(App(Emulator(), handle=lambda _: Reply(body=pieces()))) as url:
        connection = connect(url)
        connection.request("GET", "/")
        reply = connection.getresponse()
        assert reply.readline() == b"event: one\n"
        reply.close()
        connection.close()
        assert ended.wait(10)


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


def test_an_open_stream_is_cut_off_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "GRACE_SECONDS", 0.01)
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


def ask(url: str, host: str) -> int:
    connection = connect(url)
    connection.putrequest("GET", "/openai/v1/models", skip_host=True)
    connection.putheader("Host", host)
    connection.endheaders()
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_name_that_a_web_page_could_bring_is_no_host_of_ours() -> None:
    with serving(App(Emulator())) as url:
        assert ask(url, "evil.example") == 400
        assert ask(url, "evil.example:8083") == 400
        assert ask(url, "LOCALHOST:8083") == 401
        assert ask(url, "127.0.0.1") == 401
        assert ask(url, "[::1]:8083") == 401


@pytest.mark.parametrize(
    ("host", "local", "allowed"),
    [
        ("emulator:8083", True, False),
        ("emulator:8083", False, True),
        ("host.docker.internal", False, True),
        ("rebound.example", False, False),
        ("10.0.0.7:8083", False, True),
    ],
)
def test_names_without_a_dot_are_for_a_server_open_to_others(
    host: str, local: bool, allowed: bool
) -> None:
    assert is_allowed_host(host, local=local) is allowed


def test_a_thousand_open_connections_do_not_stop_others() -> None:
    with serving(App(Emulator())) as url, ExitStack() as opened:
        address = ("127.0.0.1", int(url.rpartition(":")[2]))
        for number in range(1000):
            client = opened.enter_context(socket.create_connection(address, 10))
            if number % 2:
                client.sendall(b"POST /openai/v1/responses HTTP/1.1\r\nhost: loc")
        assert ask(url, "localhost") == 401


def test_a_slow_reader_does_not_stop_others() -> None:
    made = 0

    def pieces() -> Iterator[bytes]:
        nonlocal made
        while made < 10_000:
            made += 1
            yield b"x" * 100_000

    def handle(request: Request) -> Reply:
        return Reply(body=pieces() if request.path == "/slow" else b"quick")

    with serving(App(Emulator(), handle=handle)) as url:
        slow = connect(url)
        slow.request("GET", "/slow")
        slow.getresponse().read(1)
        assert ask(url, "localhost") == 200
        assert made < 10_000  # it waits for its reader instead of filling the memory
        slow.close()


def test_requests_that_take_long_do_not_stop_others() -> None:
    go_on = threading.Event()
    begun = threading.Semaphore(0)

    def handle(request: Request) -> Reply:
        if request.path == "/slow":
            begun.release()
            assert go_on.wait(20)
        return Reply(body=b"quick")

    with serving(App(Emulator(), handle=handle)) as url:
        slow = [connect(url) for _ in range(20)]
        for client in slow:
            client.request("GET", "/slow")
        for _ in slow:
            assert begun.acquire(timeout=10)
        assert ask(url, "localhost") == 200
        go_on.set()
        assert all(client.getresponse().read() == b"quick" for client in slow)
        for client in slow:
            client.close()


def test_half_a_request_is_dropped_after_a_silence() -> None:
    with listen() as listener:
        server = Server(App(Emulator()), listener)
        thread = threading.Thread(target=server.run)
        thread.start()
        assert server.ready.wait(10)
        with socket.create_connection(listener.getsockname(), 10) as client:
            client.sendall(b"POST / HTTP/1.1\r\n")
            client.settimeout(0.05)
            with pytest.raises(TimeoutError):
                client.recv(1)  # by now it has been accepted, and is left alone
            client.settimeout(10)
            server.loop.call_soon_threadsafe(
                server.sweep, time.monotonic() + IDLE_SECONDS + 1
            )
            with suppress(ConnectionResetError):
                assert client.recv(1) == b""
        server.stop()
        thread.join(10)


def test_a_body_over_the_limit_is_refused_before_it_is_sent() -> None:
    with serving(App(Emulator())) as url:
        connection = connect(url)
        connection.putrequest("POST", "/openai/v1/files")
        connection.putheader("Content-Length", str(MAX_BODY_BYTES + 1))
        connection.endheaders()
        assert connection.getresponse().status == 413
        connection.close()


def test_what_is_not_http_is_a_400() -> None:
    with serving(App(Emulator())) as url:
        address = ("127.0.0.1", int(url.rpartition(":")[2]))
        with socket.create_connection(address, 10) as client:
            client.sendall(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 400 ")


def test_pipelined_requests_are_answered_in_order() -> None:
    def handle(request: Request) -> Reply:
        return Reply(body=request.path.encode())

    with serving(App(Emulator(), handle=handle)) as url:
        address = ("127.0.0.1", int(url.rpartition(":")[2]))
        with socket.create_connection(address, 10) as client:
            asked = [f"GET /{n} HTTP/1.1\r\nhost: localhost\r\n" for n in range(50)]
            client.sendall(("\r\n".join(asked) + "connection: close\r\n\r\n").encode())
            answered = b"".join(iter(lambda: client.recv(65536), b""))
    bodies = [part.partition(b"HTTP/1.1")[0] for part in answered.split(b"\r\n\r\n")]
    assert bodies[1:] == [f"/{n}".encode() for n in range(50)]


def test_only_a_quick_request_to_an_emulator_itself_is_answered_on_the_loop() -> None:
    emulator = Emulator()
    assert App(emulator).is_plain
    assert App(emulator, handle=observe(emulator.handle)).is_plain
    assert not App(emulator, handle=observe(emulator.handle, Counter())).is_plain


@pytest.mark.parametrize(
    ("method", "path", "body", "quick"),
    [
        ("POST", "responses", b'{"model":"m","input":"Hello."}', True),
        ("GET", "responses/resp_1", b"", True),
        ("GET", "models", b"", True),
        ("POST", "responses", b'{"tools":[]}', False),
        ("POST", "responses", b'{"previous_response_id":"resp_1"}', False),
        ("POST", "responses", b'{"to\\u006fls":[]}', False),
        ("POST", "responses", b'{"input":"' + b"x" * 2**14 + b'"}', False),
        ("POST", "files", b"", False),
        ("GET", "files/file_1/content", b"", False),
    ],
)
def test_what_may_take_long_is_not_quick(
    method: str, path: str, body: bytes, quick: bool
) -> None:
    assert is_quick(Request(method, f"/openai/v1/{path}", {}, body)) is quick


class Written(asyncio.Transport):
    """A transport that keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.data = b""

    def write(self, data: Any) -> None:
        self.data += data

    def is_closing(self) -> bool:
        return False

    def resume_reading(self) -> None:
        """It has never been paused."""


@pytest.mark.parametrize("clients", [1, 2, TOGETHER, TOGETHER + 1])
def test_replies_of_one_round_of_the_loop_are_written_together(clients: int) -> None:
    def ask(number: int) -> bytes:
        body = b'{"model":"gpt-5-mini","input":"Count to %d."}' % number
        return (
            b"POST /openai/v1/responses HTTP/1.1\r\nhost: localhost\r\n"
            b"api-key: %b\r\ncontent-type: application/json\r\n"
            b"content-length: %d\r\n\r\n%b"
        ) % (KEY.encode(), len(body), body)

    async def written() -> tuple[list[bytes], list[bytes]]:
        with listen() as listener:
            server = Server(App(Emulator()), listener)
            transports = [Written() for _ in range(clients)]
            connections = [Connection(server) for _ in transports]
            for connection, transport in zip(connections, transports, strict=True):
                connection.connection_made(transport)
            for number, connection in enumerate(connections, 1):
                connection.data_received(ask(number))
            at_once = [transport.data for transport in transports]
            await asyncio.sleep(0)
            return at_once, [transport.data for transport in transports]

    at_once, later = asyncio.run(written())
    # One client alone does not wait, nor do so many that those would wait too long.
    soon = {1: 1, TOGETHER: TOGETHER, TOGETHER + 1: TOGETHER}.get(clients, 0)
    assert [*map(bool, at_once)] == [True] * soon + [False] * (clients - soon)
    for number, data in enumerate(later, 1):
        text = orjson.loads(data.partition(b"\r\n\r\n")[2])["output"][1]["content"]
        assert text[0]["text"] == ", ".join(map(str, range(1, number + 1)))


def test_a_stream_of_the_emulator_itself_is_whole() -> None:
    body = b'{"model":"gpt-5-mini","input":"Tell me a long story.","stream":true}'
    headers = {"api-key": KEY, "content-type": "application/json"}
    with serving(App(Emulator())) as url:
        connection = connect(url)
        connection.request("POST", "/openai/v1/responses", body, headers)
        events = connection.getresponse().read().split(b"\n\n")
        connection.close()
    assert events[0].startswith(b"event: response.created\n")
    assert events[-2].startswith(b"event: response.completed\n")
    assert events[-1] == b""


# What a server does beside answering


class Client:
    """A connection as a server sees it."""

    def __init__(self, **known: Any) -> None:
        self.active_at = 1_000.0
        self.began_at: float | None = None
        self.stalled_at: float | None = None
        self.busy = False
        self.patience = IDLE_SECONDS
        self.ended = 0
        vars(self).update(known)

    def abort(self) -> None:
        self.ended += 1


@pytest.mark.parametrize(
    ("known", "ended"),
    [
        ({"active_at": 940.0}, False),
        ({"active_at": 939.9}, True),
        ({"active_at": 939.9, "patience": 3_600}, False),  # a WebSocket
        ({"active_at": 0.0, "busy": True}, False),
        ({"began_at": 400.0}, False),  # as the README has it: ten minutes
        ({"began_at": 399.9}, True),
        ({"began_at": 399.9, "busy": True}, False),
        ({"stalled_at": 880.0}, False),
        ({"stalled_at": 879.9}, True),
        ({"stalled_at": 879.9, "busy": True}, True),
        ({"stalled_at": 999.0, "busy": True, "active_at": 0.0}, False),
    ],
    ids=str,
)
def test_who_is_silent_slow_or_does_not_read_is_cut_off(
    known: dict[str, Any], ended: bool
) -> None:
    with listen() as listener:
        server: Any = Server(App(Emulator()), listener)
    client = Client(**known)
    # One that is cut off, and one that is left, are not the end of it.
    others = [Client(stalled_at=1.0), Client(busy=True)]
    server.connections = [*others, client]
    server.sweep(1_000.0)
    assert client.ended == ended
    assert [each.ended for each in others] == [1, 0]


class Loop:
    """Notes what it is given to do."""

    def __init__(self) -> None:
        self.work: list[Any] = []

    def run_in_executor(self, executor: Any, work: Any) -> None:
        self.work.append((executor, work))


def test_memory_is_given_back_once_if_some_may_be_free() -> None:
    with listen() as listener:
        server: Any = Server(App(Emulator()), listener)
    server.loop = Loop()
    server.tidy()
    assert server.loop.work == []
    server.is_untidy = True
    server.tidy()
    server.tidy()
    assert server.loop.work == [(None, heap.give_back)]


def test_it_looks_after_its_connections_from_time_to_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []
    enough = threading.Event()

    def note(what: str) -> None:
        done.append(what)
        if len(done) == 4:
            enough.set()

    monkeypatch.setattr("responses_emulator.adapters.server.SWEEP_SECONDS", 0.001)
    monkeypatch.setattr(Server, "sweep", lambda *_: note("sweep"))
    monkeypatch.setattr(Server, "tidy", lambda _: note("tidy"))
    with serving(App(Emulator())):
        assert enough.wait(10)
    assert done[:4] == ["sweep", "tidy"] * 2


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("127.0.0.1", True),
        ("127.3.2.1", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("10.0.0.7", False),
        ("fe80::1%eth0", False),
        ("::1%lo", True),
    ],
)
def test_only_loopback_is_local(address: str, local: bool) -> None:
    class Listener:
        def getsockname(self) -> tuple[str, int]:
            return address, 80

    listener: Any = Listener()
    assert Server(App(Emulator()), listener).is_local is local


def test_a_server_knows_its_addresses_and_names_its_threads() -> None:
    emulator = Emulator()
    names: list[str] = []

    def handle(_: Request) -> Reply:
        names.append(threading.current_thread().name)
        return Reply()

    before = set(threading.enumerate())
    with serving(App(emulator, handle=handle)) as url:
        assert emulator.world.addresses == {url}
        begun = set(threading.enumerate()) - before
        [own] = [each for each in begun if each.name == "emulator"]
        assert own.daemon
        paths = ["/", "/vector_stores/vs_1/files/file_1/content"]
        for path in paths:
            connection = connect(url)
            connection.request("GET", path)
            assert connection.getresponse().status == 200
            connection.close()
        connection = connect(url)
        connection.request("POST", "/openai/v1/files", b"a" * 9_000, {"api-key": KEY})
        assert connection.getresponse().status == 200
        connection.close()
    assert emulator.world.addresses == set()
    assert names == ["request_0", "long_0", "large_0"]
    assert not own.is_alive()


def test_a_server_that_does_not_start_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(_: Server) -> None:
        raise OSError("no room")

    monkeypatch.setattr(Server, "_serve", fails)
    listener = listen()
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    with (
        pytest.raises(RuntimeError, match="The server did not start") as raised,
        serving(App(Emulator()), listener),
    ):
        pass
    assert isinstance(raised.value.__cause__, OSError)
    assert listener.fileno() == -1


def test_to_stop_one_that_has_ended_is_no_fault() -> None:
    listener = listen()
    server = Server(App(Emulator()), listener)
    thread = threading.Thread(target=server.run)
    thread.start()
    assert server.ready.wait(10)
    assert server.failure is None
    server.stop()
    thread.join(10)
    assert not thread.is_alive()
    server.stop()
    assert listener.fileno() == -1


def test_without_a_limit_of_open_files_connections_have_one_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)  # as on Windows
    assert most_connections() == 10_000


@pytest.mark.parametrize("lane", [Lane.LARGE, Lane.LONG])
def test_a_place_is_free_again_when_its_work_is_done(lane: Lane) -> None:
    many = 3 * PLACES[lane]

    def fails() -> None:
        raise KeyError("no such thing")

    async def work(server: Server) -> list[Any]:
        gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        assert not server.is_untidy
        done = await asyncio.gather(
            *(server.do(lambda n=n: n, lane, gone) for n in range(many)),
            *(server.do(fails, lane, gone) for _ in range(many)),
            return_exceptions=True,
        )
        assert server.is_untidy
        done.append(await server.do(lambda: many, lane, gone))
        gone.set_result(None)
        return done

    done = in_a_server(work)
    assert done[:many] == [*range(many)]
    assert all(isinstance(each, KeyError) for each in done[many:-1])
    assert done[-1] == many


def test_who_finds_no_place_is_told_when_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("responses_emulator.adapters.server.PLACE_SECONDS", 0.01)
    go_on = threading.Event()

    async def work(server: Server) -> ServiceError:
        loop = asyncio.get_running_loop()
        gone: asyncio.Future[None] = loop.create_future()
        waiting = [
            asyncio.ensure_future(server.do(go_on.wait, Lane.LARGE, gone))
            for _ in range(PLACES[Lane.LARGE])
        ]
        places = server._places[Lane.LARGE]
        while not places.locked():
            await asyncio.sleep(0)
        with pytest.raises(ServiceError) as raised:
            await server.do(go_on.wait, Lane.LARGE, gone)
        left: asyncio.Future[None] = loop.create_future()
        left.set_result(None)
        with pytest.raises(ServiceError):
            await server.do(go_on.wait, Lane.LARGE, left)
        go_on.set()
        await asyncio.gather(*waiting)
        # Who has given up takes no place later.
        for _ in range(PLACES[Lane.LARGE]):
            assert not places.locked()
            await places.acquire()
        return raised.value

    error = in_a_server(work)
    assert error.status == 503
    assert "requests that take long" in error.body["error"]["message"]
    assert error.headers["retry-after"] == "1"


def in_a_server(work: Callable[[Server], Coroutine[Any, Any, Result]]) -> Result:
    """Do it on the event loop of a server that runs."""
    listener = listen()
    server = Server(App(Emulator()), listener)
    thread = threading.Thread(target=server.run)
    thread.start()
    assert server.ready.wait(10)
    try:
        future = asyncio.run_coroutine_threadsafe(work(server), server.loop)
        return future.result(10)
    finally:
        server.stop()
        thread.join(10)


def test_so_many_requests_at_once_and_no_more() -> None:
    """More threads would not answer sooner."""
    assert (server_module.THREADS, PLACES) == (24, {Lane.LARGE: 2, Lane.LONG: 8})


@pytest.mark.parametrize(
    ("host", "local", "allowed"),
    [
        ("a" * 300, False, True),
        ("a" * 301, False, False),
        ("", False, False),
        (" localhost ", True, True),
        ("localhost:", True, True),
        ("localhost:80a", True, False),
        ("emulator.", False, True),
        ("a.localhost:1", True, True),
        ("alocalhost", True, False),
        ("HOST.docker.internal.", False, True),
        ("host.docker.internal", True, False),
        ("1.2.3", False, False),
        ("[fe80::1]:80", True, True),
        ("[1.2.3.4]", True, True),
        ("[::g]", True, False),
        ("::1", True, False),
        ("ÄÖ", False, False),
    ],
)
def test_a_host_is_a_name_or_an_address_and_perhaps_a_port(
    host: str, local: bool, allowed: bool
) -> None:
    assert is_allowed_host(host, local=local) is allowed
