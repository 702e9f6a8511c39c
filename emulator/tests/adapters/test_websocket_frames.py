"""A WebSocket, frame by frame: what is read, what is written, and how it ends."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest

from emulator.tests.adapters.lines import HOST, Desk, Line, run
from emulator.tests.adapters.victim import frame
from responses_emulator.account import KEY, MODEL
from responses_emulator.adapters import bodies, websocket
from responses_emulator.adapters.app import App
from responses_emulator.adapters.bodies import Bodies
from responses_emulator.adapters.lanes import Lane
from responses_emulator.core import Emulator
from responses_emulator.errors import busy
from responses_emulator.http import Handle, Pause, Reply, Request
from responses_emulator.signals import Signal

HANDSHAKE = (
    b"GET /openai/v1/responses HTTP/1.1\r\n" + HOST + b"upgrade: WebSocket\r\n"
    b"connection: Upgrade\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"x-name: \xe9\r\nsec-websocket-version: 13\r\napi-key: "
    + KEY.encode()
    + b"\r\n\r\n"
)
ASKED = b'{"type":"response.create","model":"m","input":"%b"}'
PING, PONG, CLOSE = 0x89, 0x8A, 0x88


def create(text: bytes = b"Hi") -> bytes:
    return frame(ASKED % text)


def frames(data: bytes) -> Iterator[tuple[int, bytes]]:
    """First byte and payload of each frame of a server's."""
    while data:
        head, size = data[0], data[1]
        at = 2
        if size == 126:
            size, at = int.from_bytes(data[2:4]), 4
        elif size == 127:
            size, at = int.from_bytes(data[2:10]), 10
        yield head, data[at : at + size]
        data = data[at + size :]


def told(line: Line) -> list[dict[str, Any]]:
    """The events that were written."""
    written = frames(line.data)
    return [orjson.loads(payload) for head, payload in written if head == 0x81]


def closing(line: Line) -> tuple[int, str]:
    """Code and reason of the last frame."""
    *_, (head, payload) = frames(line.data)
    assert head == CLOSE
    return int.from_bytes(payload[:2]), payload[2:].decode()


def events(*types: str) -> Reply:
    return Reply(body=iter([{"type": each} for each in types]))


class Talk:
    """A WebSocket that has been opened."""

    def __init__(
        self,
        handle: Handle | None = None,
        *,
        delay: float = 0.0,
        desk: Desk | None = None,
    ) -> None:
        self.desk = desk or Desk(App(Emulator(), handle=handle, delay=delay))
        self.client, self.line = self.desk.open()
        self.client.data_received(HANDSHAKE)
        head, _, rest = self.line.data.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
        assert b"\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head
        assert rest == b""
        self.line.data = b""
        self.line.writes.clear()
        self.line.times.clear()

    async def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            if not self.line.is_closing():
                self.client.data_received(piece)
            await self.rest()

    async def rest(self, rounds: int = 30) -> None:
        for _ in range(rounds):
            await asyncio.sleep(0)


def talk(
    work: Callable[[Talk], Any], handle: Handle | None = None, **options: Any
) -> Line:
    """Do it with an open WebSocket; what was written."""

    async def main() -> Line:
        one = Talk(handle, **options)
        await one.rest()
        await work(one)
        await one.rest()
        if not one.line.is_closing():
            one.client.abort()
        await one.rest()
        assert one.desk.bodies.held == 0
        assert not one.desk.connections
        return one.line

    return run(main())


def sends(*pieces: bytes) -> Callable[[Talk], Any]:
    return lambda one: one.send(*pieces)


def test_a_turn_asks_as_a_post_would() -> None:
    seen: list[Request] = []

    def handle(request: Request) -> Reply:
        seen.append(request)
        return events("one", "two")

    line = talk(sends(create(b"Hi"), create(b"Ho")), handle)
    assert [each["type"] for each in told(line)] == ["one", "two"] * 2
    first, second = seen
    assert (first.method, first.target) == ("POST", "/openai/v1/responses")
    assert (first.headers["api-key"], first.headers["x-name"]) == (KEY, "é")
    body = orjson.loads(first.body)
    assert body == {"model": "m", "input": "Hi", "stream": True}
    assert orjson.loads(second.body)["input"] == "Ho"
    assert line.done == ["abort"]


@pytest.mark.parametrize("size", [1, 3, 50, 10_000])
def test_messages_are_read_however_they_are_cut(size: int) -> None:
    sent = frame(b'{"type":"respon', 0x01) + frame(b"ping", PING)
    sent += frame(b'se.create","input":"a', 0x00) + frame(b'b"}', 0x80)
    sent += create("é".encode()) + frame(b"", PING)
    asked: list[str] = []

    def handle(request: Request) -> Reply:
        asked.append(orjson.loads(request.body)["input"])
        return events("one")

    pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
    line = talk(sends(*pieces), handle)
    assert asked == ["ab", "é"]
    pongs = [payload for head, payload in frames(line.data) if head == PONG]
    assert pongs == [b"ping", b""]


@pytest.mark.parametrize("seconds", [0.0, 1.0])
def test_what_takes_long_to_parse_is_parsed_by_and_by(
    seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that others have their turn."""
    assert websocket.MAX_PARSE_SECONDS == 0.005
    monkeypatch.setattr(websocket, "MAX_PARSE_SECONDS", seconds)
    ticks = iter(range(10_000))
    monkeypatch.setattr(websocket.time, "monotonic", lambda: float(next(ticks)) / 2)
    sent = [frame(b"%010d" % number, PING) for number in range(3_000)]
    in_4_kb = 4_096 // len(sent[0])

    async def work(one: Talk) -> None:
        one.client.data_received(b"".join(sent))
        assert not one.line.is_read
        at_once = len([*frames(one.line.data)])
        assert at_once == in_4_kb * (1 if seconds == 0 else 3)
        one.client.data_received(frame(b"last", PING))
        await one.rest(100)
        assert one.line.is_read

    line = talk(work, lambda _: Reply())
    pongs = [payload for _, payload in frames(line.data)]
    assert pongs == [b"%010d" % number for number in range(3_000)] + [b"last"]


@pytest.mark.parametrize(
    ("sent", "code", "reason"),
    [
        (frame(b"\xff\xfe"), 1007, "invalid UTF-8"),
        (frame(b"", 0x83), 1002, ""),
        (b"\x81\x02hi", 1002, ""),
        (frame(b"a", 0x01) + frame(b"", 0x00) * 1_000, 1008, "too many fragments"),
        (frame((1000).to_bytes(2) + b"bye", CLOSE), 1000, "bye"),
        (frame((3001).to_bytes(2), CLOSE), 3001, ""),
    ],
    ids=["no text", "no opcode", "not masked", "fragments", "bye", "bye too"],
)
def test_how_a_socket_is_closed(sent: bytes, code: int, reason: str) -> None:
    line = talk(sends(sent, create()), lambda _: events("one"))
    told_code, told_reason = closing(line)
    assert told_code == code
    assert told_reason.startswith(reason)
    assert line.done == ["close"]
    assert told(line) == []


def test_fragments_are_counted_by_what_they_bring() -> None:
    """One of each 64 bytes, and 1,000 besides."""
    assert (websocket.FREE_FRAMES, websocket.LEAST_FRAME) == (1_000, 64)
    piece = b"a" * 64
    asked = b'{"type":"response.create","input":"' + piece * 2_000 + b'"}'
    pieces = [asked[at : at + 64] for at in range(0, len(asked), 64)]
    sent = frame(pieces[0], 0x01) + b"".join(frame(each, 0x00) for each in pieces[1:])
    line = talk(sends(sent + frame(b"", 0x80)), lambda _: events("one"))
    assert [each["type"] for each in told(line)] == ["one"]


@pytest.mark.parametrize("binary", [True, False])
def test_a_message_that_is_no_text_or_no_json_is_an_error(binary: bool) -> None:
    sent = frame(ASKED % b"Hi", 0x82) if binary else frame(b"{")
    line = talk(sends(sent, create()), lambda _: events("one"))
    error, event = told(line)
    assert (error["type"], error["status"], event["type"]) == ("error", 400, "one")
    assert "could not parse the JSON" in error["error"]["message"]


def test_an_error_says_when_to_come_back() -> None:
    def handle(_: Request) -> Reply:
        error = busy("Come back.", 4)
        return Reply(503, error.headers, orjson.dumps(error.body))

    [event] = told(talk(sends(create()), handle))
    assert event["status"] == 503
    assert event["error"]["headers"]["retry-after"] == "4"


@pytest.mark.parametrize("long", [False, True])
def test_where_there_is_no_place_that_is_told_and_it_goes_on(long: bool) -> None:
    class Full(Desk):
        full = True

        async def do(self, work: Any, lane: Lane, gone: Any) -> Any:
            if self.full:
                self.full = False
                raise busy("Come back.", 4)
            return await super().do(work, lane, gone)

    desk = Full(App(Emulator(), handle=lambda _: events("one")))
    first = create(b"a" * 140_000) if long else create()

    async def work(one: Talk) -> None:
        await one.send(first)
        assert len(told(one.line)) == 1
        await one.send(create())

    error, event = told(talk(work, desk=desk))
    assert (error["status"], event["type"]) == (503, "one")
    assert error["error"]["headers"]["retry-after"] == "4"
    assert desk.lanes == [Lane.ORDINARY] * len(desk.lanes)


def test_what_fails_closes_the_socket_and_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def pieces() -> Iterator[Any]:
        yield {"type": "one"}
        raise KeyError("no such thing")

    async def work(one: Talk) -> None:
        await one.send(create())
        assert closing(one.line) == (1011, "Internal Server Error")

    line = talk(work, lambda _: Reply(body=pieces()))
    assert [each["type"] for each in told(line)] == ["one"]
    [record] = caplog.records
    assert (record.name, record.getMessage()) == (
        "responses_emulator",
        "A WebSocket broke off",
    )
    assert line.done == ["close"]


@pytest.mark.parametrize("answered", [True, False])
def test_an_hour_later_it_is_closed(answered: bool) -> None:
    """The client's half of it is waited for, some seconds."""
    times = iter([0.0])
    emulator = Emulator(clock=lambda: next(times, 3_600.0))

    async def work(one: Talk) -> None:
        await one.send(create())
        assert closing(one.line) == (1000, "")
        assert not one.line.done
        if answered:
            await one.send(frame((1000).to_bytes(2), CLOSE))
            assert one.line.done == ["close"]
        else:
            await asyncio.sleep(6)
            assert (one.line.done, one.line.ended_at) == (["abort"], 5)

    [error] = told(talk(work, desk=Desk(App(emulator))))
    assert error["error"]["code"] == "websocket_connection_limit_reached"


@pytest.mark.parametrize(("breaks", "done"), [("reset", "abort"), ("close", "close")])
def test_a_turn_may_break_the_connection(breaks: str, done: str) -> None:
    def handle(_: Request) -> Reply:
        return Reply(body=iter([{"type": "one"}]), breaks=breaks)

    line = talk(sends(create(), create()), handle)
    assert [each["type"] for each in told(line)] == ["one"]
    assert line.done == [done]
    assert bool(line.socket.options) is (breaks == "reset")


def test_it_may_be_silent_for_an_hour() -> None:
    async def work(one: Talk) -> None:
        assert one.client.patience == 3_600

    talk(work)


# When events are written


def test_events_come_together_but_for_the_first() -> None:
    assert websocket.BATCH == 64
    line = talk(sends(create()), lambda _: events(*map(str, range(140))))
    counts = [len([*frames(each)]) for each in line.writes]
    assert counts == [1, 64, 64, 11]


def test_each_event_comes_after_the_pause_of_its_server() -> None:
    async def work(one: Talk) -> None:
        await one.send(create())
        await asyncio.sleep(20)

    line = talk(work, lambda _: events("a", "b", "c"), delay=3)
    assert line.times == [3, 6, 9]


def test_what_is_due_is_written_before_a_pause() -> None:
    def handle(_: Request) -> Reply:
        made = [{"type": "a"}, {"type": "b"}, Pause(5), {"type": "c"}]
        return Reply(body=iter(made), delay=2)

    async def work(one: Talk) -> None:
        await one.send(create())
        await asyncio.sleep(20)

    line = talk(work, handle)
    assert line.times == [2, 7]


def test_events_wait_for_their_reader() -> None:
    async def work(one: Talk) -> None:
        await one.send(create())
        assert len(one.line.writes) == 4
        one.client.pause_writing()
        await one.send(create())
        assert not one.line.is_read
        assert len(one.line.writes) == 5
        one.client.resume_writing()
        await one.rest()
        assert len(one.line.writes) == 8
        assert one.line.is_read

    talk(work, lambda _: events(*map(str, range(140))))


def test_who_leaves_ends_what_is_made_for_them() -> None:
    ended: list[bool] = []

    def pieces() -> Iterator[Any]:
        try:
            yield {"type": "one"}
            while True:
                yield Pause(1_000, Signal())
        finally:
            ended.append(True)

    async def work(one: Talk) -> None:
        await one.send(create(), create())
        one.client.abort()
        await one.rest()
        assert ended == [True]
        assert asyncio.get_running_loop().time() == 0

    talk(work, lambda _: Reply(body=pieces()))


def test_a_close_between_events_ends_the_turn() -> None:
    async def work(one: Talk) -> None:
        await one.send(create())
        await asyncio.sleep(4)
        await one.send(frame((1000).to_bytes(2), CLOSE))
        await asyncio.sleep(20)

    line = talk(work, lambda _: events("a", "b", "c"), delay=3)
    assert [each["type"] for each in told(line)] == ["a"]
    assert closing(line)[0] == 1000


def test_who_leaves_while_waiting_for_a_place_is_not_answered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Full(Desk):
        async def do(self, work: Any, lane: Any, gone: Any) -> Any:
            await gone
            return await super().do(work, lane, gone)

    asked: list[Request] = []

    def handle(request: Request) -> Reply:
        asked.append(request)
        return events("one")

    async def work(one: Talk) -> None:
        await one.send(create())
        one.client.abort()
        await one.rest()

    desk = Full(App(Emulator(), handle=handle))
    talk(work, desk=desk)
    assert (asked, desk.lanes) == ([], [Lane.ORDINARY])
    assert not caplog.records


def test_what_only_a_connection_remembers_goes_with_it() -> None:
    emulator = Emulator()

    async def work(one: Talk) -> None:
        asked = {
            "type": "response.create",
            "model": MODEL,
            "input": "Hi",
            "store": False,
        }
        await one.send(frame(orjson.dumps(asked)))
        assert told(one.line)[-1]["type"] == "response.completed"
        assert len(emulator.store.kept) == 1

    talk(work, desk=Desk(App(emulator)))
    assert len(emulator.store.kept) == 0


# What is held


def silent(_: Request) -> Reply:
    return Reply(body=iter([{"type": "one"}, Pause(10_000, Signal())]))


def test_sixteen_messages_wait_and_then_no_more_is_read() -> None:
    async def work(one: Talk) -> None:
        await one.send(create())
        await one.send(*[create()] * 16)
        assert one.line.is_read
        await one.send(create())
        assert not one.line.is_read
        await asyncio.sleep(10_001)  # the first has been answered
        assert one.line.is_read

    talk(work, silent)


def test_large_messages_wait_one_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    assert websocket.MAX_QUEUED_BYTES == 16 * 2**20
    one_message = len(ASKED % (b"a" * 1_000))
    monkeypatch.setattr(websocket, "MAX_QUEUED_BYTES", 2 * one_message)

    async def work(one: Talk) -> None:
        await one.send(frame(b"", PING))
        assert one.desk.bodies.held == 0
        await one.send(create(b"a" * 1_000))
        await one.send(create(b"a" * 1_000))
        assert one.line.is_read
        assert one.desk.bodies.held == 2 * one_message
        await one.send(create(b"a" * 1_000))
        assert not one.line.is_read
        await asyncio.sleep(10_001)
        assert one.line.is_read
        assert one.desk.bodies.held == 2 * one_message
        await asyncio.sleep(25_000)
        assert one.desk.bodies.held == 0

    talk(work, silent)


def test_one_that_is_larger_than_all_has_none_behind_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(websocket, "MAX_QUEUED_BYTES", 1_000)

    async def work(one: Talk) -> None:
        await one.send(create(b"a" * 1_000))
        assert one.line.is_read
        await one.send(create())
        assert not one.line.is_read

    talk(work, silent)


def test_what_has_come_of_a_message_is_held() -> None:
    async def work(one: Talk) -> None:
        await one.send(frame(b"a" * 1_000, 0x01))
        assert one.desk.bodies.held == 1_000
        await one.send(frame(b"b" * 500, 0x00)[:-100])
        assert one.desk.bodies.held == 1_400
        await one.send(b"b" * 100)
        assert one.desk.bodies.held == 1_500

    talk(work)


def test_where_there_is_no_room_it_is_closed_after_a_while() -> None:
    desk = Desk(App(Emulator(), handle=silent))
    desk.bodies = Bodies(bodies.SMALL_HELD_BYTES + 100_000)

    async def work(one: Talk) -> None:
        other, other_line = desk.open()
        other.data_received(HANDSHAKE)
        await one.rest()
        first = frame(b"a" * 70_000, 0x01)
        other.data_received(first)
        assert other_line.is_read
        await one.send(first)
        assert not one.line.is_read
        assert desk.bodies.held == 70_000
        await asyncio.sleep(9)
        assert one.line.data == b""
        await asyncio.sleep(2)
        assert closing(one.line) == (1013, "try again later")
        assert one.line.times == [10]
        other.abort()
        await asyncio.sleep(10)

    talk(work, desk=desk)


def test_where_there_is_room_again_it_is_read_on() -> None:
    desk = Desk(App(Emulator(), handle=lambda _: events("one")))
    desk.bodies = Bodies(bodies.SMALL_HELD_BYTES + 100_000)

    async def work(one: Talk) -> None:
        taken = bodies.Claim(desk.bodies)
        taken.grow(70_000, lambda: None, lambda: None)
        await one.send(frame(b" " * 70_000, 0x01))
        assert not one.line.is_read
        taken.release()
        await one.rest()
        assert one.line.is_read
        await one.send(frame(ASKED % b"Hi", 0x80))

    line = talk(work, desk=desk)
    assert [each["type"] for each in told(line)] == ["one"]


def test_a_message_has_80_mb_at_most() -> None:
    assert websocket.MAX_MESSAGE_BYTES == 80 * 2**20
    for size, code in [(80 * 2**20, 0), (80 * 2**20 + 1, 1009)]:
        start = b"\x81\xff" + size.to_bytes(8) + bytes(4)

        async def work(one: Talk, start: bytes = start, code: int = code) -> None:
            await one.send(start)
            assert (closing(one.line)[0] if one.line.data else 0) == code
            await asyncio.sleep(6)

        talk(work)
