"""A client that means harm, or is only broken, neither gets in nor stops others."""

import signal
import socket
import sys
import threading
import time
from contextlib import ExitStack, suppress

import pytest

from emulator.tests.adapters.victim import (
    UPGRADE,
    WITH_KEY,
    Victim,
    closing,
    create,
    frame,
    socket_to,
    status,
    until,
)
from emulator.tests.subprocesses import SERVE, started
from responses_emulator.account import KEY
from responses_emulator.adapters import websocket
from responses_emulator.adapters.connection import (
    IDLE_SECONDS,
    MAX_BODY_BYTES,
    MAX_HEAD_BYTES,
    MAX_JSON_BYTES,
    REQUEST_SECONDS,
)
from responses_emulator.adapters.server import (
    MAX_CONNECTIONS,
    OTHER_FILES,
    most_connections,
)

# Kernels buffer a few MB for a client that does not read: what is more than that must
# wait at the client, or it would pile up here.
BUFFERED = 40 * 2**20


# DNS rebinding: a page that has its own name lead here

FOREIGN = [
    "evil.example", "evil.example:8083", "evil.example.", "localhost.evil.example",
    "127.0.0.1.evil.example", "127.0.0.1.nip.io", "[::1]evil.example",
    "[::1].evil.example", "[evil.example]", "[::1", "localhost:80@evil.example",
    "localhost@evil.example", "localhost, evil.example", "localhost evil.example",
    "evil.example\tlocalhost", "localhost/evil.example", "xn--localhost", "2130706433",
]  # fmt: skip
OURS = [
    "localhost", "LOCALHOST:8083", "localhost.", "emulator.localhost", "127.0.0.1:1",
    "[::1]", "[::1]:8083", "10.0.0.7",
]  # fmt: skip


@pytest.mark.parametrize(
    ("host", "expected"), [(h, 400) for h in FOREIGN] + [(h, 200) for h in OURS]
)
def test_only_this_machines_own_names_are_answered(
    victim: Victim, host: str, expected: int
) -> None:
    line, key = "GET /openai/v1/models HTTP/1.1", f"api-key: {KEY}"
    assert status(victim.ask(line, f"Host: {host}", key)) == expected
    upgraded = victim.ask(
        "GET /openai/v1/responses HTTP/1.1", f"Host: {host}", UPGRADE.strip()
    )
    assert status(upgraded) == (400 if expected == 400 else 101)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["GET /openai/v1/models HTTP/1.1"], 400),
        (["GET /openai/v1/models HTTP/1.0"], 200),
        (
            ["GET /openai/v1/models HTTP/1.1", "Host: evil.example", "Host: localhost"],
            400,
        ),
        (
            ["GET /openai/v1/models HTTP/1.1", "Host: localhost", "Host: evil.example"],
            400,
        ),
        (["GET http://evil.example/openai/v1/models HTTP/1.1", "Host: localhost"], 404),
        (["GET http://localhost/openai/v1/models HTTP/1.1", "Host: evil.example"], 400),
        (["GET //evil.example/openai/v1/models HTTP/1.1", "Host: localhost"], 404),
        (["CONNECT evil.example:443 HTTP/1.1", "Host: localhost"], 404),
        (["CONNECT evil.example:443 HTTP/1.1", "Host: evil.example"], 400),
    ],
)
def test_a_host_cannot_be_left_out_doubled_or_put_elsewhere(
    victim: Victim, lines: list[str], expected: int
) -> None:
    assert status(victim.ask(*lines, f"api-key: {KEY}")) == expected


def test_the_control_endpoints_check_the_host_as_well(victim: Victim) -> None:
    assert status(victim.ask("GET /emulator/faults HTTP/1.1", "Host: localhost")) == 200
    refused = victim.ask("GET /emulator/faults HTTP/1.1", "Host: evil.example")
    assert status(refused) == 400


def test_a_web_page_may_read_nothing(victim: Victim) -> None:
    asked = victim.ask(
        "OPTIONS /openai/v1/responses HTTP/1.1",
        "Host: localhost",
        "Origin: https://evil.example",
        "Access-Control-Request-Method: POST",
        "Access-Control-Request-Headers: api-key",
    )
    assert status(asked) >= 400
    assert b"access-control" not in asked.lower()


def test_a_trailer_is_no_header(victim: Victim) -> None:
    reply = victim.ask(
        "POST /openai/v1/responses HTTP/1.1",
        "Host: localhost",
        "Transfer-Encoding: chunked",
        "",
        "2",
        "{}",
        "0",
        f"api-key: {KEY}",
    )
    assert status(reply) == 401


# Too much


@pytest.mark.parametrize(
    ("type", "size", "expected"),
    [
        ("application/json", MAX_JSON_BYTES, 100),
        ("application/json", MAX_JSON_BYTES + 1, 413),
        ("text/plain", MAX_JSON_BYTES + 1, 413),
        ("multipart/form-data; boundary=b", MAX_JSON_BYTES + 1, 100),
        ("multipart/form-data; boundary=b", MAX_BODY_BYTES, 100),
        ("multipart/form-data; boundary=b", MAX_BODY_BYTES + 1, 413),
    ],
)
def test_only_an_upload_may_be_as_large_as_one(
    victim: Victim, type: str, size: int, expected: int
) -> None:
    reply = victim.ask(
        "POST /openai/v1/files HTTP/1.1",
        f"{WITH_KEY}Content-Type: {type}\r\nContent-Length: {size}",
        "Expect: 100-continue",
    )
    assert status(reply) == expected
    assert victim.answers()


def test_a_body_in_chunks_ends_at_the_limit_as_well(
    victim: Victim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("responses_emulator.adapters.connection.MAX_JSON_BYTES", 2**20)
    head = f"POST /openai/v1/responses HTTP/1.1\r\n{WITH_KEY}Transfer-Encoding: chunked"
    with victim.open() as client:
        client.sendall(f"{head}\r\n\r\n".encode())
        with suppress(ConnectionError):
            for _ in range(17):
                client.sendall(b"10000\r\n" + b" " * 65536 + b"\r\n")
        assert status(client.recv(65536)) == 413
    assert victim.answers()


@pytest.mark.parametrize(
    "lines",
    [
        ["GET / HTTP/1.1", "Host: localhost", "x: " + "a" * MAX_HEAD_BYTES],
        ["GET / HTTP/1.1", "Host: localhost", *["a:"] * (MAX_HEAD_BYTES // 4)],
        ["GET /" + "a" * MAX_HEAD_BYTES + " HTTP/1.1", "Host: localhost"],
    ],
)
def test_a_head_that_does_not_end_is_refused(victim: Victim, lines: list[str]) -> None:
    assert status(victim.ask(*lines)) == 431


@pytest.mark.parametrize(
    "framing",
    [
        "Content-Length: 99999999999999999999999",
        "Content-Length: -1",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip",
        "x: \0",
    ],
)
def test_a_body_of_no_certain_length_is_refused(victim: Victim, framing: str) -> None:
    reply = victim.ask("POST /openai/v1/responses HTTP/1.1", WITH_KEY + framing)
    assert status(reply) == 400
    assert victim.answers()


# Clients that never read


PING = frame(b"a" * 125, 0x89)
MESSAGE = frame(
    b'{"type":"response.create","model":"gpt-5-mini","input":"Count to 300."}'
)


@pytest.mark.parametrize("what", ["requests", "pings", "messages"])
def test_replies_to_who_never_reads_do_not_pile_up(victim: Victim, what: str) -> None:
    client = victim.open() if what == "requests" else socket_to(victim)
    many = {"requests": create(), "pings": PING, "messages": MESSAGE}[what] * 500
    sent = 0
    with client:
        client.settimeout(0.5)
        with pytest.raises(TimeoutError):  # nothing more is taken from it
            while sent < BUFFERED:
                sent += client.send(many)
        assert victim.answers()


def test_who_reads_late_gets_every_reply(victim: Victim) -> None:
    asked = 3_000
    with victim.open() as client:
        sending = threading.Thread(target=client.sendall, args=(create() * asked,))
        sending.start()
        until(victim.is_holding_back)  # the replies are more than fits
        answered = 0
        while answered < asked:
            answered += client.recv(1 << 20).count(b"HTTP/1.1 200 ")
        sending.join(10)


@pytest.mark.parametrize("tools", [[], [{"type": "web_search"}]])
def test_streams_that_nobody_reads_do_not_stop_others(
    victim: Victim, tools: list[dict[str, str]]
) -> None:
    with ExitStack() as opened:
        for _ in range(50):
            client = opened.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            client.connect(victim.address)
            client.sendall(create(input="Count to 900.", stream=True, tools=tools))
        assert victim.answers()


# Clients that are slow, or only there


def test_the_connection_left_alone_the_longest_makes_room(victim: Victim) -> None:
    victim.most_connections = 20
    with ExitStack() as opened:
        clients = [opened.enter_context(victim.open()) for _ in range(60)]
        for client in clients[::3]:
            with suppress(ConnectionError):
                client.sendall(b"POST /openai/v1/responses HTTP/1.1\r\nhost: loc")
        assert victim.answers()
        assert len(victim.connections) <= 20 + 1
        with suppress(ConnectionResetError):
            assert clients[0].recv(1) == b""


def test_a_reply_that_is_under_way_makes_no_room(victim: Victim) -> None:
    victim.most_connections = 5
    with victim.open() as reader, ExitStack() as opened:
        reader.sendall(create(input="Count to 900.", stream=True))
        first = reader.recv(10)
        for _ in range(20):
            opened.enter_context(victim.open())
        assert victim.answers()
        whole = first
        while not whole.endswith(b"0\r\n\r\n"):
            piece = reader.recv(1 << 20)
            assert piece
            whole += piece
        assert b"response.completed" in whole


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_a_thousand_connections_are_too_many_for_no_limit_on_open_files() -> None:
    import resource

    def few_files() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))

    with started(*SERVE, preexec_fn=few_files) as process:
        assert process.stdout
        address = process.stdout.readline().partition("http://")[2].partition(";")[0]
        host, _, port = address.partition(":")
        with ExitStack() as opened:
            for _ in range(1000):
                opened.enter_context(socket.create_connection((host, int(port)), 10))
            with socket.create_connection((host, int(port)), 10) as client:
                client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                assert client.recv(100)
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=10)[1] == ""


@pytest.mark.skipif(sys.platform == "win32", reason="no such limit there")
def test_there_are_always_files_left_for_other_things(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import resource

    for limit, most in [
        (256, 256 - OTHER_FILES),
        (10**6, MAX_CONNECTIONS),
        (resource.RLIM_INFINITY, MAX_CONNECTIONS),
        (10, 1),
    ]:
        monkeypatch.setattr(
            resource, "getrlimit", lambda _, limit=limit: (limit, limit)
        )
        assert most_connections() == most


@pytest.mark.parametrize(
    "start",
    [
        b"POST /openai/v1/responses HTTP/1.1\r\nHost: localhost\r\nx: ",
        f"POST /openai/v1/responses HTTP/1.1\r\n{WITH_KEY}"
        "Content-Length: 1000\r\n\r\n".encode(),
    ],
)
def test_a_request_that_trickles_in_is_dropped_in_the_end(
    victim: Victim, start: bytes
) -> None:
    with victim.open() as client:
        client.sendall(start)
        until(lambda: any(each.began_at for each in victim.connections))
        [connection] = victim.connections
        now = time.monotonic()

        def later(seconds: float) -> None:
            connection.active_at = now + seconds  # as if a byte had just come
            victim.sweep(now + seconds)

        victim.loop.call_soon_threadsafe(later, IDLE_SECONDS)
        client.settimeout(0.05)
        with pytest.raises(TimeoutError):
            client.recv(1)  # slow, but it may be
        client.settimeout(10)
        victim.loop.call_soon_threadsafe(later, REQUEST_SECONDS + 1)
        with suppress(ConnectionResetError):
            assert client.recv(1) == b""


# Frames of a WebSocket


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        (b"\x81\xff" + (2**40).to_bytes(8) + bytes(4), 1009),
        (frame(b"a" * 60_000, 0x01) + frame(b"a" * 60_000, 0x00) * 3, 1009),
        (b"\x81\x05hello", 1002),
        (frame(b"\xff\xfe"), 1007),
        (frame(b"", 0x83), 1002),
        (frame(b"a" * 126, 0x89), 1002),
    ],
    ids=["too large", "fragments", "not masked", "no UTF-8", "no opcode", "long ping"],
)
def test_frames_that_break_the_protocol_close_the_socket(
    victim: Victim, monkeypatch: pytest.MonkeyPatch, frames: bytes, code: int
) -> None:
    monkeypatch.setattr(websocket, "MAX_MESSAGE_BYTES", 200_000)
    with socket_to(victim) as client:
        with suppress(ConnectionError):
            client.sendall(frames)
        assert closing(client) == code
    assert victim.answers()


@pytest.mark.parametrize("line", ["POST", "GET /openai/v1/files"])
def test_an_upgrade_is_a_get_of_the_right_path(victim: Victim, line: str) -> None:
    path = "" if " " in line else " /openai/v1/responses"
    reply = victim.ask(f"{line}{path} HTTP/1.1", "Host: localhost", UPGRADE.strip())
    assert 400 <= status(reply) < 500
