"""HTTP/1.1, byte by byte: what is read of a request, and how a reply is written."""

import asyncio
import copy
import socket
import struct
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from emulator.tests.adapters.lines import (
    HOST,
    Desk,
    Line,
    Quick,
    answers,
    run,
    talk,
    undated,
)
from responses_emulator.account import KEY
from responses_emulator.adapters import bodies, connection
from responses_emulator.adapters.app import App
from responses_emulator.adapters.bodies import Bodies
from responses_emulator.adapters.connection import TOGETHER
from responses_emulator.adapters.lanes import Lane
from responses_emulator.core import Emulator
from responses_emulator.errors import busy
from responses_emulator.http import Late, LateError, Pause, Reply, Request
from responses_emulator.signals import Signal

MODELS = b"/openai/v1/models"  # which is answered on the loop's own thread
KEYED = HOST + f"api-key: {KEY}\r\n".encode()
MB = 2**20


def get(
    path: bytes = MODELS,
    *headers: bytes,
    method: bytes = b"GET",
    version: bytes = b"HTTP/1.1",
) -> bytes:
    lines = b"".join(each + b"\r\n" for each in headers)
    return b"%b %b %b\r\n%b%b\r\n" % (method, path, version, HOST, lines)


def post(body: bytes, *headers: bytes, path: bytes = b"/openai/v1/files") -> bytes:
    lines = b"".join(each + b"\r\n" for each in headers)
    length = b"content-length: %d\r\n" % len(body)
    return b"POST %b HTTP/1.1\r\n%b%b%b\r\n" % (path, KEYED, length, lines) + body


def said(request: Request) -> Reply:
    """A reply that tells the path."""
    return Reply(body=request.path.encode())


# How a reply is written

CLOSE = b"connection: close"
LONG = b"x" * 300_000
ENDED = ["close"]
WRITTEN: dict[str, tuple[bytes, Reply, bytes, list[str]]] = {
    "whole": (
        get(),
        Reply(200, {"x": "y"}, b"hi"),
        b"HTTP/1.1 200 OK\r\nx: y\r\ncontent-length: 2\r\n\r\nhi",
        [],
    ),
    "the last": (
        get(MODELS, CLOSE),
        Reply(404, {"x": "y", "z": ""}, b"hi"),
        b"HTTP/1.1 404 Not Found\r\nx: y\r\nz: \r\ncontent-length: 2\r\n"
        b"connection: close\r\n\r\nhi",
        ENDED,
    ),
    "without a body": (
        get(),
        Reply(204),
        b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n",
        [],
    ),
    "a status that nobody knows": (
        get(),
        Reply(299),
        b"HTTP/1.1 299 \r\ncontent-length: 0\r\n\r\n",
        [],
    ),
    "a length of its own": (
        get(),
        Reply(200, {"content-length": "9"}, b"hi"),
        b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi",
        [],
    ),
    "beyond Latin": (
        get(),
        Reply(200, {"x": "é\N{EURO SIGN}"}),
        b"HTTP/1.1 200 OK\r\nx: \xe9?\r\ncontent-length: 0\r\n\r\n",
        [],
    ),
    "the head alone": (
        get(method=b"HEAD"),
        Reply(body=b"hi"),
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n",
        [],
    ),
    "the head of much": (
        get(method=b"HEAD"),
        Reply(body=LONG),
        b"HTTP/1.1 200 OK\r\ncontent-length: 300000\r\n\r\n",
        [],
    ),
    "much": (
        get(),
        Reply(body=LONG),
        b"HTTP/1.1 200 OK\r\ncontent-length: 300000\r\n\r\n" + LONG,
        [],
    ),
    "much, and the last": (
        get(MODELS, CLOSE),
        Reply(body=LONG),
        b"HTTP/1.1 200 OK\r\ncontent-length: 300000\r\nconnection: close\r\n\r\n"
        + LONG,
        ENDED,
    ),
    "pieces": (
        get(),
        Reply(200, {"x": "y"}, iter([b"hi", {"type": "é"}])),
        b"HTTP/1.1 200 OK\r\nx: y\r\ntransfer-encoding: chunked\r\n\r\n"
        b"2\r\nhi\r\n"
        b'1f\r\nevent: \xc3\xa9\ndata: {"type":"\xc3\xa9"}\n\n\r\n0\r\n\r\n',
        [],
    ),
    "pieces, and the last": (
        get(MODELS, CLOSE),
        Reply(body=iter([b"hi"])),
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
        b"2\r\nhi\r\n0\r\n\r\n",
        ENDED,
    ),
    "no pieces": (
        get(),
        Reply(body=iter([])),
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        [],
    ),
    "HTTP/1.0": (
        get(version=b"HTTP/1.0"),
        Reply(body=b"hi"),
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi",
        ENDED,
    ),
    "HTTP/1.0 that stays": (
        get(MODELS, b"connection: keep-alive", version=b"HTTP/1.0"),
        Reply(body=b"hi"),
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi",
        [],
    ),
    "pieces for HTTP/1.0, which knows no chunks": (
        get(MODELS, b"connection: keep-alive", version=b"HTTP/1.0"),
        Reply(body=iter([b"hi", b"ho"])),
        b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhiho",
        ENDED,
    ),
}


@pytest.mark.parametrize(
    ("name", "quick"),
    [
        (name, quick)
        for name in WRITTEN
        for quick in (True, False)
        if not (quick and "the head" in name)
    ],
)
def test_a_reply_is_written_byte_by_byte_like_this(name: str, quick: bool) -> None:
    asked, reply, expected, ended = copy.deepcopy(WRITTEN[name])
    if not quick:
        asked = asked.replace(MODELS, b"/slow")
    line = talk([asked], answers(reply), quick=quick)
    assert undated(line.data) == expected
    assert line.data != undated(line.data)
    assert line.done == ended


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize(
    ("body", "breaks", "written"),
    [
        (b"hi", "reset", b"hi"),
        (b"hi", "close", b"hi"),
        (LONG, "reset", LONG),
        (LONG, "close", LONG),
        ([b"hi"], "reset", b"2\r\nhi\r\n"),
        ([b"hi"], "close", b"2\r\nhi\r\n"),
        ([], "refuse", b""),
    ],
    ids=str,
)
def test_a_connection_breaks_where_the_body_ends(
    body: Any, breaks: str, written: bytes, quick: bool
) -> None:
    pieces = body if isinstance(body, bytes) else iter(body)
    asked = get() if quick else get(b"/slow")
    line = talk([asked], answers(Reply(body=pieces, breaks=breaks)), quick=quick)
    head, _, rest = line.data.partition(b"\r\n\r\n")
    assert rest == written
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"connection: close" in head or not isinstance(pieces, bytes)
    # With nothing to linger for, the end of a socket is a reset.
    linger = (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    assert line.socket.options == ([] if breaks == "close" else [linger])
    assert line.done == [*(["close"] if breaks == "close" else ["abort"])]


@pytest.mark.parametrize("body", [b"hi", LONG])
def test_a_reply_without_a_status_is_none(body: bytes) -> None:
    line = talk([get()], answers(Reply(0, {}, body, breaks="refuse")))
    assert (line.data, line.done) == (b"", ["abort"])


@pytest.mark.parametrize("quick", [True, False])
def test_a_reply_comes_after_its_delay(quick: bool) -> None:
    line = talk([get()], answers(Reply(body=b"hi", delay=7.5)), quick=quick)
    assert line.times == [7.5]


@pytest.mark.parametrize("quick", [True, False])
def test_each_piece_comes_after_the_pause_of_its_server(quick: bool) -> None:
    reply = Reply(body=iter([b"a", b"b", b"c"]))
    line = talk([get()], answers(reply), quick=quick, delay=2)
    assert line.times[:3] == [2, 4, 6]
    assert line.writes[1:3] == [b"1\r\nb\r\n", b"1\r\nc\r\n"]


@pytest.mark.parametrize("quick", [True, False])
def test_what_is_not_due_yet_comes_later_and_the_head_does_not(quick: bool) -> None:
    def pieces() -> Iterator[bytes | Pause]:
        loop = asyncio.get_running_loop()
        for due, piece in [(3, b"a"), (8, b"b"), (8, b"c")]:
            while loop.time() < due:
                yield Pause(min(4, due - loop.time()))
            yield piece

    line = talk([get()], answers(Reply(body=pieces())), quick=quick)
    told = [(at, each) for at, each in zip(line.times, line.writes, strict=True)]
    told = [(at, each.rpartition(b"\r\n\r\n")[2]) for at, each in told if each]
    assert told[0] == (0, b"")
    assert (3, b"1\r\na\r\n") in told
    assert [at for at, each in told if b"b" in each] == [8]
    assert line.data.endswith(b"c\r\n0\r\n\r\n")


@pytest.mark.parametrize("quick", [True, False])
def test_a_late_reply_is_written_when_it_is_known(quick: bool) -> None:
    late = LateError(busy("Come back.", 3))
    type = {"content-type": "application/json"}
    for whole, status in [(b"{}", b"200 OK"), (late, b"503 Service Unavailable")]:
        body = Late(iter([Pause(2), Pause(3)]), lambda whole=whole: whole, list)
        reply = Reply(200, dict(type), body)
        line = talk([get()], answers(reply), quick=quick)
        assert line.times == [5]
        assert line.data.startswith(b"HTTP/1.1 %b\r\n" % status)
        assert line.data.endswith(b"\r\n\r\n" + whole)
        assert b"content-length: %d\r\n" % len(whole) in line.data
        assert (b"\r\nretry-after: 3\r\n" in line.data) is (whole is late)


def test_quick_pieces_come_together_but_for_the_first() -> None:
    """Each write has the system wake who waits: that takes longer than to make one."""
    size = connection.WRITE_BYTES
    assert size == 64 * 1024
    pieces = [b"first", b"a" * 10, b"b" * (size - 11), b"c", b"d" * 20, b"e"]
    line = talk([get()], answers(Reply(body=iter(pieces))), quick=True)
    sizes = [len(each.partition(b"\r\n")[2]) for each in line.writes[1:]]
    assert sizes == [size + 2, 23, 2]
    assert line.writes[0].endswith(b"5\r\nfirst\r\n")


def test_the_first_event_is_written_before_the_event_loop_goes_on() -> None:
    desk = Desk(App(Quick(answers(Reply(body=iter([b"first", b"more"]))))))

    async def main() -> None:
        client, line = desk.open()
        client.data_received(get())
        assert line.data.endswith(b"\r\n\r\n5\r\nfirst\r\n")
        await desk.settle()
        assert line.data.endswith(b"first\r\n4\r\nmore\r\n0\r\n\r\n")

    run(main())


def test_nothing_more_is_written_to_who_has_not_read_the_first_event() -> None:
    desk = Desk(App(Quick(answers(Reply(body=iter([b"first", b"more"]))))))

    async def main() -> None:
        client, line = desk.open()
        client.data_received(get())
        client.pause_writing()
        for _ in range(10):
            await asyncio.sleep(0)
        assert line.data.endswith(b"first\r\n")
        client.resume_writing()
        await desk.settle()
        assert line.data.endswith(b"more\r\n0\r\n\r\n")

    run(main())


def test_nothing_more_is_made_for_who_leaves_without_reading_the_first_event() -> None:
    made: list[bytes] = []

    def pieces() -> Iterator[bytes]:
        for piece in (b"first", b"more"):
            made.append(piece)
            yield piece

    desk = Desk(App(Quick(answers(Reply(body=pieces())))))

    async def main() -> None:
        client, _ = desk.open()
        client.data_received(get())
        client.pause_writing()
        await asyncio.sleep(0)
        client.abort()
        await desk.settle()

    run(main())
    assert made == [b"first"]


def test_the_first_of_each_stream_is_written_alone() -> None:
    replies = answers(*(Reply(body=iter([b"1", b"2", b"3"])) for _ in range(2)))
    line = talk([get(), get()], replies, quick=True)
    bodies = [each.rpartition(b"\r\n\r\n1\r\n")[2] for each in line.writes]
    assert bodies == [b"1\r\n", b"2\r\n23\r\n", b"0\r\n\r\n"] * 2


@pytest.mark.parametrize("quick", [True, False])
def test_a_reply_that_fails_is_a_500_and_logged(
    quick: bool, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_: Request) -> Reply:
        raise KeyError("no such thing")

    line = talk([get()], fails, quick=quick)
    head, _, body = line.data.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert orjson.loads(body)["error"]["code"] == "InternalServerError"
    [record] = caplog.records
    assert record.name == "responses_emulator"
    assert record.getMessage() == "GET /openai/v1/models failed"
    assert record.exc_info


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize("first", [[], [b"hi"]], ids=str)
def test_a_stream_that_fails_is_cut_off_and_logged(
    first: list[bytes], quick: bool, caplog: pytest.LogCaptureFixture
) -> None:
    ended: list[bool] = []

    def pieces() -> Iterator[bytes]:
        try:
            yield from first
            raise KeyError("no such thing")
        finally:
            ended.append(True)

    line = talk([get()], answers(Reply(body=pieces())), quick=quick)
    assert line.data.endswith(b"2\r\nhi\r\n" if first else b"")
    assert bool(line.data) is bool(first)
    assert (line.done, ended) == (["abort"], [True])
    [record] = caplog.records
    assert (record.name, record.getMessage()) == (
        "responses_emulator",
        "A stream broke off",
    )


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize("pause", [None, Pause(1_000), Pause(1_000, Signal())])
def test_who_leaves_ends_what_is_made_for_them(pause: Any, quick: bool) -> None:
    ended: list[bool] = []

    def pieces() -> Iterator[Any]:
        try:
            yield b"first"
            while True:
                yield pause or b"more"
        finally:
            ended.append(True)

    handle = answers(Reply(body=pieces()))
    desk = Desk(App(Quick(handle)) if quick else App(Emulator(), handle=handle))

    async def main() -> float:
        client, line = desk.open()
        client.data_received(get())
        for _ in range(10):
            await asyncio.sleep(0)
        assert line.data
        client.abort()
        await desk.settle()
        assert line.done == ["abort"]
        assert not desk.tasks and not desk.connections
        return asyncio.get_running_loop().time()

    assert run(main()) < 1
    assert ended == [True]


@pytest.mark.parametrize("delay", [0, 50])
def test_who_leaves_before_a_late_reply_ends_it(delay: int) -> None:
    left: list[bool] = []
    pauses = iter(lambda: Pause(100), None)
    late = Late(pauses, lambda: b"{}", lambda: left.append(True))
    reply = Reply(200, {"content-type": "application/json"}, late, delay=delay)
    desk = Desk(App(Emulator(), handle=answers(reply)))

    async def main() -> float:
        client, line = desk.open()
        client.data_received(get())
        for _ in range(5):
            await asyncio.sleep(0)
        client.abort()
        await desk.settle()
        assert line.data == b""
        return asyncio.get_running_loop().time()

    assert run(main()) == 0
    assert left == [True]


# What is read of a request

BODY = b"3\r\nabc\r\n2\r\nde\r\n0\r\nx-late: 1\r\n\r\n"
READ: dict[str, tuple[bytes, tuple[str, str, dict[str, str], bytes]]] = {
    "a get": (
        b"GET /a%20b?c=d HTTP/1.1\r\nHost: localhost\r\n\r\n",
        ("GET", "/a%20b?c=d", {"host": "localhost"}, b""),
    ),
    "headers": (
        b"DELETE / HTTP/1.1\r\nHost: localhost\r\nX-Name:  a b \r\nAPI-Key: \xe9\r\n"
        b"empty:\r\nx-name: c\r\n\r\n",
        (
            "DELETE",
            "/",
            {"host": "localhost", "x-name": "a b, c", "api-key": "é", "empty": ""},
            b"",
        ),
    ),
    "a body": (
        b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\n\r\nabcde",
        ("POST", "/", {"host": "localhost", "content-length": "5"}, b"abcde"),
    ),
    "a body in chunks, with a trailer": (
        b"POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n"
        + BODY,
        (
            "POST",
            "/",
            {"host": "localhost", "transfer-encoding": "chunked"},
            b"abcde",
        ),
    ),
}


class LetsAllIn(Emulator):
    """Takes a body from anybody."""

    def lets_in(self, request: Request) -> bool:  # noqa: ARG002
        return True


@pytest.mark.parametrize("size", [1, 7, 1_000])
@pytest.mark.parametrize("name", READ)
def test_a_request_is_read_however_it_is_cut(name: str, size: int) -> None:
    sent, expected = READ[name]
    seen: list[Request] = []

    def handle(request: Request) -> Reply:
        seen.append(request)
        return Reply()

    twice = sent * 2
    pieces = [twice[at : at + size] for at in range(0, len(twice), size)]
    line = talk(pieces, desk=Desk(App(LetsAllIn(), handle=handle)))
    told = [(each.method, each.target, each.headers, each.body) for each in seen]
    assert told == [expected, expected]
    assert not any(each.may_block or each.is_unread for each in seen)
    assert line.data.count(b"HTTP/1.1 200 OK\r\n") == 2
    assert line.done == []


def test_many_requests_in_one_piece_are_answered_in_their_order() -> None:
    """More than is parsed at once."""
    asked = b"".join(get(b"/%d" % number) for number in range(300))
    line = talk([asked], said)
    bodies = [each.partition(b"HTTP/1.1")[0] for each in line.data.split(b"\r\n\r\n")]
    assert bodies[1:] == [b"/%d" % number for number in range(300)]
    assert line.is_read


def test_what_follows_the_last_request_is_not_answered() -> None:
    line = talk([get(b"/1") + get(b"/2", CLOSE) + get(b"/3") + get(b"/4")], said)
    assert line.data.count(b"HTTP/1.1 ") == 2
    assert line.data.endswith(b"/2")
    assert line.done == ["eof"]


# What is refused


def refusal(line: Line) -> tuple[int, dict[str, Any]]:
    """Status and error of the one thing that was written."""
    head, _, body = line.data.partition(b"\r\n\r\n")
    assert head.count(b"HTTP/1.1 ") == 1
    assert b"\r\nconnection: close" in head
    assert b"\r\ncontent-length: %d\r\n" % len(body) in head
    return int(head[9:12]), orjson.loads(body)["error"]


UPGRADE = (
    b"upgrade: websocket",
    b"connection: upgrade",
    b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
    b"sec-websocket-version: 13",
)
SOCKET = b"/openai/v1/responses"
WITH_KEY = f"api-key: {KEY}".encode()
FULL = connection.MAX_HEAD_BYTES
REFUSED: dict[str, tuple[bytes, int, str | None, str]] = {
    "no HTTP": (b"\x16\x03\x01\r\n\r\n", 400, "BadRequest", "is not valid HTTP"),
    "no host": (
        b"GET / HTTP/1.1\r\n\r\n",
        400,
        "BadRequest",
        "no Host header",
    ),
    "another's host": (
        b"GET / HTTP/1.1\r\nhost: evil.example\r\n\r\n",
        400,
        "BadRequest",
        "Invalid host 'evil.example': use localhost or an IP address. Names are not "
        "answered to, against DNS rebinding.",
    ),
    "a head without end": (
        get(b"/", *[b"x: " + b"a" * 1_000] * 80),
        431,
        "BadRequest",
        "The headers are too large.",
    ),
    "a large body": (
        b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 83886081\r\n\r\n",
        413,
        None,
        "The request body is larger than 83886080 bytes.",
    ),
    "a large upload": (
        b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: Multipart/form-data\r\n"
        b"content-length: 536870913\r\n\r\n",
        413,
        None,
        "The request body is larger than 536870912 bytes.",
    ),
    "an upgrade with a body": (
        get(SOCKET, *UPGRADE, WITH_KEY, b"content-length: 2"),
        400,
        "BadRequest",
        "An upgrade has no body.",
    ),
    "an upgrade with a body in chunks": (
        get(SOCKET, *UPGRADE, WITH_KEY, b"transfer-encoding: chunked"),
        400,
        "BadRequest",
        "An upgrade has no body.",
    ),
    "an upgrade by another method": (
        get(SOCKET, *UPGRADE, WITH_KEY, method=b"POST"),
        400,
        "BadRequest",
        "Upgrade a fresh connection.",
    ),
    "an upgrade without a key": (get(SOCKET, *UPGRADE), 401, "401", "Access denied"),
    "an upgrade with more headers than the library takes": (
        get(SOCKET, *UPGRADE, WITH_KEY, *[b"x%d: y" % n for n in range(300)]),
        400,
        "BadRequest",
        "The handshake is not valid.",
    ),
    "a target beyond ASCII": (
        b"GET /\xc3\xa9 HTTP/1.1\r\nhost: localhost\r\n\r\n",
        400,
        "BadRequest",
        "is not valid HTTP",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_told_once_and_why(name: str) -> None:
    sent, status, code, message = REFUSED[name]
    asked: list[Request] = []

    def handle(request: Request) -> Reply:
        asked.append(request)
        return Reply()

    line = talk([sent, get(), b"GET more"], handle)
    told, error = refusal(line)
    assert (told, error["code"]) == (status, code)
    assert message in error["message"]
    assert line.done[0] == "eof"  # what is still being sent is taken
    assert line.is_read
    assert asked == []  # nor is what follows looked at, or kept
    assert line.connection
    assert line.connection._unread == b""


def test_who_has_been_refused_is_cut_off_some_seconds_later() -> None:
    desk = Desk(App(Emulator()))

    async def main() -> Line:
        client, line = desk.open()
        client.data_received(b"no HTTP\r\n\r\n")
        await asyncio.sleep(4.9)
        assert not line.is_closing()
        await asyncio.sleep(1)
        return line

    line = run(main())
    assert (line.done, line.ended_at) == (["eof", "abort"], 5)
    assert not desk.connections


def test_who_goes_while_being_refused_is_no_fault() -> None:
    class Gone(Line):
        def write_eof(self) -> None:
            raise OSError("gone")

    class Never(Line):
        def can_write_eof(self) -> bool:
            return False

    async def main() -> None:
        for kind in (Gone, Never):
            client, line = Desk(App(Emulator())).open(kind())
            client.data_received(b"no HTTP\r\n\r\n")
            assert line.data.startswith(b"HTTP/1.1 400 ")
            assert line.done == []

    run(main())


def test_a_refusal_waits_for_what_was_asked_before() -> None:
    """Two replies are under way; they come, the refusal does not."""
    asked = get(b"/1") + get(b"/2") + b"no HTTP\r\n\r\n"
    line = talk([asked, get(b"/3")], lambda request: said(request))
    assert line.data.count(b"HTTP/1.1 200 OK") == 2
    assert line.data.endswith(b"/2")
    assert b" 400 " not in line.data
    assert line.done == ["eof"]
    assert line.is_read


def test_an_upgrade_while_a_reply_is_under_way_is_none() -> None:
    line = talk([get(b"/1") + get(SOCKET, *UPGRADE, WITH_KEY) + b"frames"], said)
    assert line.data.endswith(b"/1")
    assert line.data.count(b"HTTP/1.1 ") == 1
    assert line.done == ["eof"]


def test_another_protocol_is_not_spoken() -> None:
    headers = [b"upgrade: h2c", b"connection: upgrade"]
    line = talk([get(b"/1", *headers) + b"PRI *", get(b"/2")], said)
    assert line.data.count(b"HTTP/1.1 200 OK") == 1
    assert line.data.endswith(b"/1")


def test_without_its_extra_an_upgrade_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("responses_emulator.extras.find_spec", lambda _: None)
    status, error = refusal(talk([get(SOCKET, *UPGRADE, WITH_KEY)]))
    assert (status, error["code"]) == (400, "not_supported_by_emulator")
    assert error["message"].startswith("To speak over a WebSocket the emulator needs")
    assert "'websocket'" in error["message"]


@pytest.mark.parametrize(
    ("extra", "status"), [(0, 200), (1, 431)], ids=["the bound", "more"]
)
def test_a_head_has_64_kb(extra: int, status: int) -> None:
    """Its target, and of each header the name, the value and four bytes around them."""
    start = b"GET / HTTP/1.1\r\nhost: localhost\r\nx: "
    used = len(b"/") + len(b"hostlocalhost") + 4 + len(b"x") + 4
    value = b"a" * (64 * 1024 - used + extra)
    pieces = [value[at : at + 4_000] for at in range(0, len(value), 4_000)]
    line = talk([start, *pieces, b"\r\n\r\n"], lambda _: Reply())
    assert line.data.startswith(b"HTTP/1.1 %d " % status)


def test_a_header_that_the_parser_keeps_to_itself_is_bounded() -> None:
    """The parser says nothing of a header before it is whole."""
    most = connection.MAX_HEAD_BYTES + connection.READ_BYTES
    assert most == (64 + 256) * 1024

    start = b"GET / HTTP/1.1\r\nhost: localhost\r\nx: "

    def answer(size: int) -> bytes:
        pieces = [b"a" * 4_096] * (size // 4_096) + [b"a" * (size % 4_096)]
        return talk([start, *filter(None, pieces)]).data[:13]

    assert answer(most - len(start)) == b""
    assert answer(most - len(start) + 1) == b"HTTP/1.1 431 "


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_has_its_bound_and_no_byte_more(
    chunked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "MAX_JSON_BYTES", 100)
    monkeypatch.setattr(connection, "MAX_BODY_BYTES", 200)
    for type, most in [(b"text/plain", 100), (b"multipart/x", 200)]:
        for size in (most, most + 1):
            body = b"a" * size
            asked = post(body, b"content-type: " + type)
            if chunked:
                length = b"content-length: %d" % size
                asked = asked.replace(length, b"transfer-encoding: chunked")
                asked = asked[:-size] + b"%x\r\n%b\r\n0\r\n\r\n" % (size, body)
            seen: list[bytes] = []

            def handle(request: Request, seen: list[bytes] = seen) -> Reply:
                seen.append(request.body)
                return Reply()

            desk = Desk(App(Emulator(), handle=handle))
            line = talk([asked[:-50], asked[-50:]], desk=desk)
            assert desk.bodies.held == 0
            if size == most:
                assert seen == [body]
            else:
                assert refusal(line)[0] == 413
                assert seen == []


# Who waits to be told to send

EXPECT = b"expect: 100-continue"


@pytest.mark.parametrize("expect", [EXPECT, b"Expect: 100-Continue"])
def test_who_asks_whether_to_send_is_told_to_once(expect: bytes) -> None:
    whole = post(b"abcde", expect)
    line = talk([whole[:-5], b"ab", b"cde"], lambda _: Reply(body=b"taken"))
    assert line.writes[0] == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert undated(line.data).endswith(b"\r\n\r\ntaken")
    assert line.data.count(b" 100 ") == line.data.count(b" 200 ") == 1


def test_who_sends_more_and_more_is_told_to_once() -> None:
    start = post(b"", EXPECT).replace(
        b"content-length: 0", b"transfer-encoding: chunked"
    )
    chunks = [b"1388\r\n" + b"a" * 5_000 + b"\r\n"] * 3
    line = talk([start, *chunks, b"0\r\n\r\n"], lambda _: Reply())
    assert line.data.count(b" 100 Continue") == line.data.count(b" 200 OK") == 1


@pytest.mark.parametrize("headers", [(), (b"expect: 200-ok",)])
def test_who_does_not_ask_is_not_told(headers: tuple[bytes, ...]) -> None:
    whole = post(b"abcde", *headers)
    line = talk([whole[:-5], b"abcde"], lambda _: Reply())
    assert line.data.startswith(b"HTTP/1.1 200 OK\r\n")


def test_who_may_not_send_is_answered_in_place_of_being_told_to() -> None:
    seen: list[tuple[bool, bytes]] = []

    def handle(request: Request) -> Reply:
        seen.append((request.is_unread, request.body))
        return Reply(401)

    whole = post(b"abcde", EXPECT).replace(KEY.encode(), b"wrong")
    line = talk([whole[:-5], b"abcde", get()], handle)
    assert line.data.startswith(b"HTTP/1.1 401 Unauthorized\r\n")
    assert b"\r\nconnection: close\r\n" in line.data
    assert line.data.count(b"HTTP/1.1") == 1
    assert seen == [(True, b"")]
    assert line.done == ["eof"]


def test_a_body_for_which_there_is_no_room_waits_and_is_told_to_come_back() -> None:
    assert bodies.WAIT_SECONDS == 10
    desk = Desk(App(Emulator(), handle=lambda _: Reply()))
    desk.bodies = Bodies(bodies.SMALL_HELD_BYTES + 100_000)
    whole = post(b"a" * 90_000, EXPECT)

    async def main() -> tuple[Line, Line, Line]:
        clients = [desk.open() for _ in range(3)]
        for client, _ in clients:
            client.data_received(whole[:-90_000])
        (first, line), (_, second), (_, third) = clients
        assert line.data.startswith(b"HTTP/1.1 100 ")
        assert line.is_read
        assert (second.data, third.data) == (b"", b"")
        assert not (second.is_read or third.is_read)
        await asyncio.sleep(9)
        first.data_received(whole[-90_000:])
        await desk.settle()
        await asyncio.sleep(0)
        assert second.data == b"HTTP/1.1 100 Continue\r\n\r\n"
        assert second.is_read
        await asyncio.sleep(2)
        return line, second, third

    line, second, third = run(main())
    assert b"HTTP/1.1 200 OK" in line.data
    status, error = refusal(third)
    assert status == 503
    assert b"\r\nretry-after: 10\r\n" in third.data
    assert "Too much is being sent" in error["message"]
    assert third.times == [10]
    assert third.is_read
    assert second.done == []
    assert desk.bodies.held == 90_000


def test_a_body_is_held_until_it_has_been_answered() -> None:
    held: list[int] = []
    desk = Desk(App(Emulator()))

    def handle(_: Request) -> Reply:
        held.append(desk.bodies.held)
        return Reply()

    desk.app = App(Emulator(), handle=handle)
    whole = post(b"a" * 5_000)
    chunked = whole.replace(b"content-length: 5000", b"transfer-encoding: chunked")
    chunked = chunked[:-5_000] + b"1388\r\n" + b"a" * 5_000 + b"\r\n"
    talk([whole[:-100], whole[-100:], chunked, b"0\r\n\r\n"], desk=desk)
    assert held == [5_000, 5_000]
    assert desk.bodies.held == 0


def test_nothing_is_held_for_who_has_left() -> None:
    seen: list[str] = []

    def slow(request: Request) -> Reply:
        seen.append(request.path)
        return Reply(body=iter([b"a", Pause(1_000, Signal())]))

    desk = Desk(App(Emulator(), handle=slow))
    whole = post(b"a" * 3_000)

    async def main() -> None:
        client, _ = desk.open()
        client.data_received(get(b"/slow"))
        for _ in range(5):
            await asyncio.sleep(0)
        for _ in range(2):  # which wait for their turn
            client.data_received(whole[:-100])
            client.data_received(whole[-100:])
        client.data_received(whole[:-100])
        assert desk.bodies.held == 9_000
        client.abort()
        await asyncio.sleep(0)
        assert desk.bodies.held == 0
        assert not client._waiting
        await desk.settle()
        assert desk.bodies.small.held == desk.bodies.large.held == 0

    run(main())
    assert seen == ["/slow"]


def test_who_leaves_without_a_word_is_let_go() -> None:
    desk = Desk(App(Emulator()))

    async def main() -> None:
        client, _ = desk.open()
        assert client.is_idle
        client.abort()
        await asyncio.sleep(0)

    run(main())
    assert not desk.connections
    assert not desk.is_untidy


def test_who_waits_for_a_reply_is_noticed_when_there_was_no_room_for_the_next() -> None:
    """It is read from again, or it would not show that it has gone."""
    desk = Desk(
        App(Emulator(), handle=lambda _: Reply(body=iter([Pause(1_000), b"a"])))
    )
    desk.bodies = Bodies(bodies.SMALL_HELD_BYTES + 100_000)

    async def main() -> None:
        taken = bodies.Claim(desk.bodies)
        taken.grow(90_000, lambda: None, lambda: None)
        client, line = desk.open()
        client.data_received(get(b"/slow"))
        client.data_received(post(b"a" * 90_000)[:-90_000])
        assert not line.is_read
        await asyncio.sleep(11)
        assert line.is_read
        assert b" 503 " not in line.data
        await desk.settle()
        assert line.data.endswith(b"1\r\na\r\n0\r\n\r\n")
        assert line.done == ["eof"]

    run(main())


@pytest.mark.parametrize(("sent", "untidy"), [(0, False), (1, True)])
def test_a_body_that_is_given_up_leaves_something_to_tidy(
    sent: int, untidy: bool
) -> None:
    desk = Desk(App(Emulator()))

    async def main() -> None:
        client, _ = desk.open()
        whole = post(b"a" * 10)
        client.data_received(whole[: len(whole) - 10 + sent])
        client.abort()
        await asyncio.sleep(0)

    run(main())
    assert desk.is_untidy is untidy


def test_no_more_is_parsed_than_can_be_answered_soon() -> None:
    """Of thousands of requests in one piece; what comes after it waits as well."""
    asked = [get(b"/%03d" % number) for number in range(400)]
    seen: list[str] = []

    def handle(request: Request) -> Reply:
        seen.append(request.path)
        return Reply()

    desk = Desk(App(Emulator(), handle=handle))

    async def main() -> None:
        client, line = desk.open()
        client.data_received(b"".join(asked[:-2]))
        assert 1 + len(client._waiting) == 4_096 // len(asked[0])
        assert not line.is_read
        for each in asked[-2:]:
            client.data_received(each)
        await desk.settle()
        assert line.is_read

    run(main())
    assert seen == [f"/{number:03d}" for number in range(400)]


def test_each_piece_of_what_is_not_quick_is_made_where_its_request_is() -> None:
    desk = Desk(App(Emulator(), handle=lambda _: Reply(body=iter([b"a", b"b"]))))
    talk([get(b"/slow")], desk=desk)
    assert desk.lanes == [Lane.ORDINARY] * 4  # the request, the pieces, the end


def test_a_pause_has_no_pause_of_the_server_before_it() -> None:
    reply = Reply(body=iter([b"a", Pause(5), b"b"]))
    line = talk([get(b"/slow")], answers(reply), delay=2)
    assert [at for at, each in zip(line.times, line.writes, strict=True) if each] == [
        2,
        9,
        9,
    ]


# Who reads slowly


def test_nothing_is_written_or_read_while_the_client_does_not_read() -> None:
    pieces = [b"a", b"b", b"c"]
    desk = Desk(App(Emulator(), handle=lambda _: Reply(body=iter(pieces))))

    async def main() -> Line:
        client, line = desk.open()
        client.pause_writing()
        assert client.stalled_at is not None
        assert not line.is_read
        client.data_received(get())
        client.data_received(get())
        for _ in range(20):
            await asyncio.sleep(0)
        assert line.data == b""
        client.resume_writing()
        assert client.stalled_at is None
        await desk.settle()
        assert line.is_read
        return line

    assert run(main()).data.count(b"0\r\n\r\n") == 2


def test_a_stream_waits_for_its_reader() -> None:
    desk = Desk(App(Emulator(), handle=lambda _: Reply(body=iter([b"a", b"b", b"c"]))))

    async def main() -> None:
        client, line = desk.open()
        client.data_received(get())
        while b"a" not in line.data.partition(b"\r\n\r\n")[2]:
            await asyncio.sleep(0)
        client.pause_writing()
        for _ in range(20):
            await asyncio.sleep(0)
        assert not line.data.endswith(b"0\r\n\r\n")
        client.data_received(get())  # what has come already
        client.resume_writing()
        await desk.settle()
        assert line.data.count(b"0\r\n\r\n") == 2
        assert line.is_read

    run(main())


def test_requests_wait_for_the_reply_before_them_and_are_read_no_further() -> None:
    go_on = Signal()

    def handle(request: Request) -> Reply:
        wait = [Pause(10_000, go_on)] if request.path == "/1" else []
        return Reply(body=iter([*wait, request.path.encode()]))

    desk = Desk(App(Emulator(), handle=handle))

    async def main() -> None:
        client, line = desk.open()
        client.data_received(get(b"/1"))
        assert line.is_read
        client.data_received(get(b"/2"))
        assert not line.is_read
        client.data_received(get(b"/3") + get(b"/4"))
        for _ in range(10):
            await asyncio.sleep(0)
        assert b"/2" not in line.data
        go_on.set()
        await desk.settle()
        told = [line.data.index(b"/%d" % number) for number in range(1, 5)]
        assert told == sorted(told)
        assert line.is_read
        assert not client.busy

    run(main())


def test_a_large_body_is_written_as_fast_as_it_is_read() -> None:
    size = connection.AT_ONCE_BYTES
    assert size == 256 * 1024
    desk = Desk(App(Emulator(), handle=lambda _: Reply(body=b"x" * (3 * size))))

    class Narrow(Line):
        def write(self, data: Any) -> None:
            super().write(data)
            assert self.connection
            self.connection.pause_writing()

    async def main() -> None:
        client, line = desk.open(Narrow())
        client.data_received(get())
        for written in (2, 3):
            for _ in range(10):
                await asyncio.sleep(0)
            assert len(line.writes) == written
            if written == 2:
                client.resume_writing()
        assert [len(each) for each in line.writes[1:]] == [size, size]
        client.abort()
        await desk.settle()
        assert len(line.writes) == 3

    run(main())


@pytest.mark.parametrize("size", [connection.AT_ONCE_BYTES, 1])
def test_what_is_not_larger_is_written_in_one_go(size: int) -> None:
    for quick in (True, False):
        line = talk([get()], answers(Reply(body=b"x" * size)), quick=quick)
        assert len(line.writes) == 1


# Many clients


def test_the_idle_connection_that_came_first_makes_room() -> None:
    desk = Desk(App(Emulator(), handle=lambda _: Reply(body=iter([Pause(1_000)]))))
    desk.most_connections = 3

    async def main() -> None:
        lines = [desk.open() for _ in range(3)]
        (busy_one, _), (second, _), (third, _) = lines
        busy_one.data_received(get())
        second.active_at, third.active_at = 2.0, 1.0
        desk.open()
        assert [line.done for _, line in lines] == [[], [], ["abort"]]
        assert [client.is_idle for client, _ in lines] == [False, True, False]
        desk.open()
        assert lines[1][1].done == ["abort"]
        for client in list(desk.connections):
            client.abort()
        await desk.settle()

    run(main())


def test_replies_of_one_round_are_written_at_its_end() -> None:
    assert TOGETHER == 16
    desk = Desk(App(Quick(said)))

    async def main() -> None:
        clients = [desk.open() for _ in range(TOGETHER + 3)]
        for client, _ in clients[: TOGETHER - 1]:
            client.data_received(get())
        assert not any(line.data for _, line in clients)
        assert len(desk.outbox) == TOGETHER - 1
        for client, _ in clients[TOGETHER - 1 :]:
            client.data_received(get())
        assert [bool(line.data) for _, line in clients] == [True] * TOGETHER + [
            False
        ] * 3
        await asyncio.sleep(0)
        assert all(line.data.count(b"HTTP/1.1") == 1 for _, line in clients)
        assert desk.outbox == []
        alone, line = clients[0]
        alone.data_received(get())
        assert line.data.count(b"HTTP/1.1") == 1
        await asyncio.sleep(0)
        assert line.data.count(b"HTTP/1.1") == 2

    run(main())


@pytest.mark.parametrize(
    ("asked", "lane"),
    [
        (get(b"/openai/v1/files"), Lane.ORDINARY),
        (get(b"/openai/v1/vector_stores/vs_1/files/f/content"), Lane.LONG),
        (post(b"a" * 9_000), Lane.LARGE),
    ],
)
def test_what_is_not_quick_is_answered_where_there_is_room(
    asked: bytes, lane: Lane
) -> None:
    desk = Desk(App(Emulator(), handle=said))
    talk([asked], desk=desk)
    assert desk.lanes == [lane]
    assert not desk.tasks


def test_a_request_for_which_there_was_no_room_is_told_when_to_come_back() -> None:
    class Full(Desk):
        async def do(self, work: Any, lane: Any, gone: Any) -> Any:  # noqa: ARG002
            raise busy("Come back.", 4)

    line = talk([get(b"/slow")], desk=Full(App(Emulator())))
    assert line.data.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"\r\nretry-after: 4\r\n" in line.data
    assert line.done == []
