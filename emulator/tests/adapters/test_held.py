"""What a server holds of its clients: bounded while they send, nothing once they go."""

import asyncio
import gc
import socket
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import ExitStack, suppress

import httpx2
import orjson
import pytest
from websockets.frames import Frame

from emulator.tests.adapters.victim import (
    HANDSHAKE,
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
from emulator.tests.conftest import Client
from responses_emulator.account import KEY, MODEL
from responses_emulator.adapters import bodies, websocket
from responses_emulator.adapters.bodies import SMALL_BYTES, Bodies, Claim
from responses_emulator.adapters.connection import READ_BYTES, STALL_SECONDS
from responses_emulator.adapters.transport import AsyncTransport, Transport
from responses_emulator.adapters.websocket import FREE_FRAMES, LEAST_FRAME
from responses_emulator.core import Emulator
from responses_emulator.http import Reply, Request
from responses_emulator.store import Collection, StoredResponse

FORM = "Content-Type: multipart/form-data; boundary=b\r\n"
MB = 2**20


def upload(
    victim: Victim, size: int, sent: int = 0, framing: str = ""
) -> socket.socket:
    """A connection on which so much of a form of `size` bytes has been sent."""
    client = victim.open()
    framing = framing or f"Content-Length: {size}"
    start = f"POST /openai/v1/files HTTP/1.1\r\n{WITH_KEY}{FORM}{framing}\r\n\r\n"
    client.sendall(start.encode() + bytes(sent))
    return client


# Who may not send


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        ("/openai/v1/files", "", 401),
        ("/openai/v1/files", "api-key: wrong\r\n", 401),
        ("/openai/v1/files", "Authorization: Bearer a.b.c\r\n", 401),
        ("/openai/v1/responses", "Origin: https://evil.example\r\n", 401),
        ("/emulator/replies", "Origin: https://evil.example\r\n", 403),
        ("/emulator/reset", "Origin: null\r\n", 403),
        ("/elsewhere", f"api-key: {KEY}\r\n", 404),
        ("/mcp", "", 401),
    ],
)
@pytest.mark.parametrize(
    "framing", ["Content-Length: 70000000", "Transfer-Encoding: chunked"]
)
def test_a_body_is_not_read_from_who_may_not_send_it(
    victim: Victim, path: str, headers: str, expected: int, framing: str
) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\n{headers}{FORM}{framing}"
    assert status(victim.ask(head)) == expected
    assert not victim.bodies.held


def test_the_refusal_reaches_who_goes_on_sending(victim: Victim) -> None:
    start = "POST /openai/v1/files HTTP/1.1\r\nHost: localhost\r\n"
    with victim.open() as client:
        client.sendall(f"{start}{FORM}Content-Length: {8 * MB}\r\n\r\n".encode())
        client.sendall(bytes(8 * MB))
        assert status(client.recv(65536)) == 401
    assert victim.answers()


# Room for bodies


@pytest.fixture
def narrow(victim: Victim, monkeypatch: pytest.MonkeyPatch) -> Victim:
    """A server with room for 2 MB of bodies that are not small."""
    monkeypatch.setattr(bodies, "WAIT_SECONDS", 0.2)
    victim.bodies = Bodies(bodies.SMALL_HELD_BYTES + 2 * MB)
    return victim


def test_a_body_waits_for_room_and_then_is_told_to_come_back(narrow: Victim) -> None:
    with upload(narrow, 2 * MB):
        until(lambda: narrow.bodies.held)
        with upload(narrow, MB) as late:
            reply = late.recv(65536)
            assert status(reply) == 503
            assert b"\r\nretry-after: " in reply
        assert narrow.bodies.held == 2 * MB
        assert narrow.answers()  # what has no body needs no room
        with narrow.open() as client:  # nor does what is small
            client.sendall(create())
            assert status(client.recv(65536)) == 200
    until(lambda: not narrow.bodies.held)


def test_a_body_that_waits_goes_on_as_soon_as_there_is_room(narrow: Victim) -> None:
    expecting = f"Content-Length: {MB}\r\nExpect: 100-continue"
    with ExitStack() as opened:
        first = opened.enter_context(upload(narrow, 2 * MB, MB))
        until(lambda: narrow.bodies.held)
        second = opened.enter_context(upload(narrow, MB, framing=expecting))
        until(lambda: narrow.bodies.large.waiting)
        first.close()
        assert status(second.recv(100)) == 100


def test_a_body_larger_than_all_room_runs_alone(narrow: Victim) -> None:
    part = b'--b\r\ncontent-disposition: form-data; name="%s"'
    form = part % b"purpose" + b"\r\n\r\nassistants\r\n" + part % b"file"
    form += b'; filename="a.txt"\r\n\r\n' + b"a" * 5 * MB + b"\r\n--b--\r\n"
    with ExitStack() as opened:
        large = opened.enter_context(upload(narrow, len(form)))
        until(lambda: narrow.bodies.held == len(form))
        other = opened.enter_context(upload(narrow, MB))
        assert status(other.recv(65536)) == 503
        large.sendall(form)
        assert status(large.recv(65536)) == 200
    until(lambda: not narrow.bodies.held)


def test_bodies_of_unknown_length_take_the_room_that_they_have_come_to(
    narrow: Victim,
) -> None:
    def chunked(size: int) -> socket.socket:
        client = upload(narrow, 0, framing="Transfer-Encoding: chunked")
        client.sendall(b"%x\r\n" % size + bytes(size))
        return client

    with chunked(MB), chunked(MB):
        until(lambda: narrow.bodies.held == 2 * MB)
        with chunked(MB) as third:
            assert status(third.recv(65536)) == 503
        assert narrow.bodies.held == 2 * MB
    until(lambda: not narrow.bodies.held)


def test_bodies_that_wait_for_each_other_do_not_wait_long(
    narrow: Victim, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is read from them, so it does not show either that they have gone."""
    monkeypatch.setattr(bodies, "WAIT_SECONDS", 60)
    with ExitStack() as opened:
        for number in range(4):
            if number % 2:
                client = upload(narrow, 0, framing="Transfer-Encoding: chunked")
                content = b"%x\r\n" % (40 * MB) + bytes(40 * MB)
            else:
                client = socket_to(narrow)
                content = frame(b"", 0x01) + frame(bytes(60_000), 0x00) * 700
            opened.enter_context(client)
            sending = threading.Thread(target=send_all, args=(client, content))
            sending.start()
            opened.callback(sending.join)
            opened.callback(hang_up, client)
        until(lambda: narrow.bodies.held > MB)
    until(lambda: not narrow.bodies.held)
    assert not caplog.records


def hang_up(client: socket.socket) -> None:
    with suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)


def send_all(client: socket.socket, content: bytes) -> None:
    with suppress(OSError):
        client.sendall(content)


def test_messages_that_wait_for_an_answer_are_bounded_by_their_size(
    victim: Victim, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "MAX_QUEUED_BYTES", 100_000)
    free, held = threading.Event(), 0

    def slow(*_: object) -> Reply:
        assert free.wait(10)
        return Reply(200, {}, b"{}")

    monkeypatch.setattr(victim.app, "handle", slow)
    message = {"type": "response.create", "model": MODEL, "input": "a" * 60_000}
    with socket_to(victim) as client:
        sending = threading.Thread(
            target=send_all, args=(client, frame(orjson.dumps(message)) * 200)
        )
        sending.start()
        until(lambda: victim.bodies.held > 100_000 and victim.is_holding_back())
        held = victim.bodies.held
        free.set()
        hang_up(client)
        sending.join()
    assert held < 100_000 + 60_000 + READ_BYTES


def test_many_small_bodies_have_their_own_bound() -> None:
    held = Bodies()
    assert held.small.most + held.large.most == 256 * MB


@pytest.mark.parametrize(
    ("size", "is_small"), [(1, True), (SMALL_BYTES, True), (SMALL_BYTES + 1, False)]
)
def test_a_body_is_small_up_to_its_bound(size: int, is_small: bool) -> None:
    held = Bodies()
    claim = Claim(held)

    assert claim.grow(size, lambda: None, lambda: None)
    assert (held.small.held, held.large.held) == (
        size * is_small,
        size * (not is_small),
    )

    claim.release()
    assert held.held == 0


@pytest.mark.parametrize("size", [90_000, 200_000])
def test_a_body_larger_than_what_is_read_at_once_is_whole(
    victim: Victim, size: int
) -> None:
    answers = 0
    with victim.open() as client:
        client.sendall(create(input="a" * size, metadata={}) * 5 + create())
        while answers < 6:
            answers += client.recv(1 << 20).count(b"HTTP/1.1 200 ")
    until(lambda: not victim.bodies.held)


# What goes with a connection


def abort_upload(victim: Victim) -> None:
    with upload(victim, 4 * MB, 3 * MB):
        until(lambda: any(each._size == 3 * MB for each in victim.connections))


def abort_stream(victim: Victim) -> None:
    with victim.open() as client:
        client.sendall(create(stream=True, input="Count to 900."))
        client.recv(1)


def abort_message(victim: Victim) -> None:
    with socket_to(victim) as client:
        client.sendall(frame(bytes(60_000))[:50_000])
        until(lambda: victim.bodies.held)


@pytest.mark.parametrize("leave", [abort_upload, abort_stream, abort_message])
def test_nothing_is_left_of_a_connection_that_has_gone(
    victim: Victim, leave: Callable[[Victim], None]
) -> None:
    known: list[weakref.ref[object]] = []

    class Known(set):  # type: ignore[type-arg]
        def add(self, each: object) -> None:
            known.append(weakref.ref(each))
            super().add(each)

    victim.connections = Known()
    gc.collect()
    gc.disable()  # what is in a circle would wait for it
    try:
        leave(victim)
        until(lambda: not any(each() for each in known))
    finally:
        gc.enable()
    until(lambda: not victim.bodies.held)


@pytest.mark.parametrize("last", [b"", frame(b"{}", 0x01)], ids=["idle", "unfinished"])
def test_nothing_is_left_of_a_message_that_has_been_answered(
    victim: Victim, last: bytes
) -> None:
    """Not while its connection lasts, either: the parser keeps the last frame."""
    message = {"type": "response.create", "model": MODEL, "input": "a" * 60_000}
    with socket_to(victim) as client:
        client.sendall(frame(orjson.dumps(message)) + last)
        read = b""
        while b"response.completed" not in read:
            read += client.recv(65536)
        frames = [each for each in gc.get_objects() if isinstance(each, Frame)]
        assert not any(len(each.data) > 50_000 for each in frames)


def test_who_leaves_without_reading_fills_no_log(
    victim: Victim, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(20):
        with socket_to(victim) as client:
            client.sendall(frame(b"", 0x89) * 20_000)
    until(lambda: not victim.connections)
    assert not caplog.records


def test_a_reset_lets_go_of_all_that_was_stored(client: Client) -> None:
    conversation = client.json("POST", "/conversations", {})
    said = {"conversation": conversation["id"]}
    first = client.create("My name is Ada.")
    client.create("What is my name?", previous_response_id=first["id"])
    client.create("Hello.", **said)
    client.create("Hello.", background=True)
    client.create("What is 2+3?", tools=[{"type": "code_interpreter", **AUTO}])
    assert client.events("Count to 5.")
    left = client.send("POST", "/responses", {"model": client.model, **STREAMED})
    client.json("POST", "/vector_stores", {"name": "a"})
    known = [
        weakref.ref(each)
        for each in vars(client.emulator.store).values()
        if isinstance(each, Collection)
    ]
    responses = {id(each) for each in client.emulator.store.responses}
    assert len(responses) == 7
    gc.collect()
    gc.disable()  # what is in a circle would wait for it, and for long
    try:
        client.emulator.reset()
        del left
        stay = [each for each in gc.get_objects() if type(each) is StoredResponse]
        assert not responses & {id(each) for each in stay}
        assert not any(each() for each in known)
    finally:
        gc.enable()


AUTO = {"container": {"type": "auto"}}
STREAMED = {"input": "Count to 5.", "stream": True}


# Streams that are left


def stream_of(emulator: Emulator) -> Reply:
    body = orjson.dumps({"model": MODEL, "input": "Count to 900.", "stream": True})
    path = "/openai/v1/responses"
    return emulator.handle(Request("POST", path, {"api-key": KEY}, body))


@pytest.mark.parametrize("read", [0, 1, 5])
@pytest.mark.parametrize("journal", [False, True])
def test_a_stream_that_is_let_go_of_ends(read: int, journal: bool) -> None:
    emulator = Emulator(journal=journal)
    reply = stream_of(emulator)
    [stored] = emulator.store.responses
    assert stored.runs(emulator.world.clock())
    for _ in range(read):
        next(reply.body)  # pyright: ignore[reportArgumentType, reportCallIssue]
    del reply
    assert stored.body["status"] == "cancelled"
    assert not stored.runs(emulator.world.clock())


@pytest.mark.parametrize(
    "fault",
    ["stream-stops", "stream-error", "reset-in-reply", "filter-stream", "delay:ms=1"],
)
def test_a_stream_with_a_fault_ends_as_well(fault: str) -> None:
    emulator = Emulator()
    emulator.faults.waiting.append(emulator.faults.add(fault.partition(":")[0]))
    reply = stream_of(emulator)
    [stored] = emulator.store.responses
    del reply
    assert stored.body["status"] == "cancelled"


def test_a_stream_left_before_its_first_event_ends_in_process() -> None:
    emulator = Emulator()
    asked = httpx2.Request(
        "POST",
        "http://localhost/openai/v1/responses",
        headers={"api-key": KEY},
        json={"model": MODEL, "input": "Hi", "stream": True},
    )
    Transport(emulator.handle).handle_request(asked).close()

    async def main() -> None:
        transport = AsyncTransport(emulator.handle)
        await (await transport.handle_async_request(asked)).aclose()

    asyncio.run(main())
    assert [each.body["status"] for each in emulator.store.responses] == [
        "cancelled",
        "cancelled",
    ]


@pytest.mark.parametrize("tools", [[], [{"type": "web_search"}]])
def test_a_stream_left_before_its_first_event_ends_over_http(
    victim: Victim, tools: list[dict[str, str]]
) -> None:
    responses = victim.app.emulator.store.responses

    def leave() -> bool:
        with victim.open() as client:
            client.sendall(create(input="Count to 900.", stream=True, tools=tools))
        return len(responses) > 0  # who left before a thread was free has none

    until(leave)
    until(lambda: not victim.connections)
    until(lambda: not any(each.runs(0) for each in responses))


def test_a_stream_left_over_a_web_socket_ends(victim: Victim) -> None:
    responses = victim.app.emulator.store.responses
    asked = {"type": "response.create", "model": MODEL, "input": "Count to 900."}
    for _ in range(5):
        with socket_to(victim) as client:
            client.sendall(frame(orjson.dumps(asked)))
    until(lambda: not victim.connections)
    until(lambda: not any(each.runs(0) for each in responses))


def test_who_does_not_read_for_long_is_cut_off(victim: Victim) -> None:
    responses = victim.app.emulator.store.responses
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.connect(victim.address)
        client.sendall(create(input="Count to 900.", stream=True) * 200)
        until(lambda: any(each.stalled_at for each in victim.connections))
        later = time.monotonic() + STALL_SECONDS + 1
        victim.loop.call_soon_threadsafe(victim.sweep, later)
        until(lambda: not victim.connections)
    until(lambda: not any(each.runs(0) for each in responses))


# Floods


@pytest.mark.parametrize(
    "start",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\nx: ",
        f"POST /openai/v1/responses HTTP/1.1\r\n{WITH_KEY}".encode()
        + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nx: ",
    ],
)
def test_a_header_without_end_is_not_kept(victim: Victim, start: bytes) -> None:
    with victim.open() as client:
        with suppress(ConnectionError):
            client.sendall(start + b"a" * MB)
        assert status(client.recv(65536)) == 431


@pytest.mark.parametrize(
    "framing", ["Content-Length: 5\r\n\r\nhello", "Transfer-Encoding: chunked\r\n"]
)
def test_an_upgrade_with_a_body_is_answered(victim: Victim, framing: str) -> None:
    assert status(victim.ask(HANDSHAKE + framing)) == 400
    assert victim.answers()


def test_an_upgrade_that_the_library_does_not_take_is_answered(victim: Victim) -> None:
    start = "GET /openai/v1/responses HTTP/1.1\r\nHost: localhost"
    many = "\r\n".join(f"x{number}: y" for number in range(300))
    assert status(victim.ask(start, many, UPGRADE.strip())) in (400, 431)


@pytest.mark.parametrize("payload", [b"", b"a"])
def test_a_flood_of_tiny_fragments_is_ended(victim: Victim, payload: bytes) -> None:
    flood = frame(payload, 0x01) + frame(payload, 0x00) * 100_000
    with socket_to(victim) as client:
        with suppress(ConnectionError):
            client.sendall(flood)
        assert closing(client) == 1008
    assert victim.answers()


@pytest.mark.parametrize("fragments", [FREE_FRAMES, FREE_FRAMES + 1])
def test_a_short_message_may_have_so_many_fragments(
    victim: Victim, fragments: int
) -> None:
    body = {"type": "response.create", "model": MODEL, "input": "Hi"}
    message = orjson.dumps(body)[: LEAST_FRAME - 1]
    rest = orjson.dumps(body)[LEAST_FRAME - 1 :]
    with socket_to(victim) as client:
        client.sendall(frame(message, 0x01) + frame(b"", 0x00) * (fragments - 1))
        if fragments > FREE_FRAMES:
            assert closing(client) == 1008
        else:
            client.sendall(frame(rest, 0x80))
            assert b"response.created" in client.recv(65536)


def test_a_message_in_many_fragments_is_taken(victim: Victim) -> None:
    message = orjson.dumps({"type": "response.create", "model": MODEL, "input": "Hi"})
    pieces = [bytes([byte]) for byte in message]
    with socket_to(victim) as client:
        client.sendall(
            frame(b"", 0x01)
            + b"".join(frame(piece, 0x00) for piece in pieces)
            + frame(b"", 0x80)
        )
        assert b"response.created" in client.recv(65536)
