import io
from collections.abc import Callable, Iterator
from typing import TextIO

import orjson
import pytest

from responses_emulator.errors import busy
from responses_emulator.http import (
    Json,
    Late,
    LateError,
    Pause,
    Reply,
    Request,
    json_reply,
)
from responses_emulator.observers.access_log import AccessLog
from responses_emulator.observers.curl import Curl
from responses_emulator.observers.journal import Journal
from responses_emulator.observers.observe import Counter, Exchange, Observer, observe
from responses_emulator.observers.wire import Wire

A, B = {"type": "a"}, {"type": "b"}


class Diary(Observer):
    def __init__(self) -> None:
        self.entries: list[str] = []

    def asked(self, exchange: Exchange) -> None:
        self.entries.append(f"asked {exchange.number}")

    def answered(self, exchange: Exchange) -> None:
        assert exchange.reply
        self.entries.append(f"answered {exchange.reply.status}")

    def written(self, exchange: Exchange, piece: Json | bytes) -> None:
        assert isinstance(piece, dict)
        assert orjson.loads(exchange.events[-1]) == piece
        assert exchange.last is piece
        self.entries.append(piece["type"])

    def ended(self, exchange: Exchange) -> None:
        self.entries.append("broken" if exchange.broken else "ended")


def test_a_whole_reply_is_seen_once_and_handed_on_as_it_is() -> None:
    diary = Diary()
    reply = json_reply({}, 404)
    assert observe(lambda _: reply, diary)(Request("GET", "/")) is reply
    assert diary.entries == ["asked 1", "answered 404", "ended"]


def test_pieces_are_seen_as_they_are_produced() -> None:
    diary = Diary()
    handle = observe(lambda _: Reply(body=iter([A, B])), diary)
    pieces = handle(Request("GET", "/")).body
    assert not isinstance(pieces, bytes)
    assert diary.entries == ["asked 1", "answered 200"]
    assert next(pieces) == A
    assert diary.entries[2:] == ["a"]
    assert list(pieces) == [B]
    assert diary.entries[3:] == ["b", "ended"]


def test_a_pause_is_handed_on_and_is_nothing_to_see() -> None:
    diary = Diary()
    handle = observe(lambda _: Reply(body=iter([Pause(1), A])), diary)
    pieces = handle(Request("GET", "/")).body
    assert not isinstance(pieces, bytes)
    assert list(pieces) == [Pause(1), A]
    assert diary.entries[2:] == ["a", "ended"]


@pytest.mark.parametrize("read", [0, 1])
def test_closing_early_ends_what_is_still_being_written(read: int) -> None:
    class Pieces:
        closed = False

        def __iter__(self) -> Iterator[Json]:
            return self

        def __next__(self) -> Json:
            return A

        def close(self) -> None:
            self.closed = True

    diary, inner = Diary(), Pieces()
    body = observe(lambda _: Reply(body=inner), diary)(Request("GET", "/")).body
    assert not isinstance(body, bytes)
    for _ in range(read):
        next(body)
    body.close()  # pyright: ignore[reportAttributeAccessIssue]
    body.close()  # pyright: ignore[reportAttributeAccessIssue]
    assert inner.closed
    assert diary.entries[2 + read :] == ["broken"]


def test_a_stream_that_fails_is_broken_and_fails_on() -> None:
    def fail() -> Iterator[Json]:
        yield A
        raise OSError("gone")

    diary = Diary()
    body = observe(lambda _: Reply(body=fail()), diary)(Request("GET", "/")).body
    with pytest.raises(OSError, match="gone"):
        list(body)
    assert diary.entries[2:] == ["a", "broken"]


def test_token_requests_are_counted_apart() -> None:
    counter = Counter()
    handle = observe(lambda _: Reply(), counter)
    for target in ("/openai/v1/responses", "/msi/token?resource=x", "/openai/files"):
        handle(Request("GET", target))
    assert (counter.requests, counter.token_requests) == (2, 1)


def test_bodies_are_kept_for_who_keeps_them_alone() -> None:
    class Light(Diary):
        keeps_body = False

        def written(self, exchange: Exchange, piece: Json | bytes) -> None:
            assert exchange.events == []
            assert exchange.first == A
            assert exchange.last == piece

        def ended(self, exchange: Exchange) -> None:
            self.entries += map(bytes.decode, exchange.body + exchange.events)

    for reply in (json_reply({}), Reply(body=iter([A, B]))):
        diary = Light()
        body = observe(lambda _, reply=reply: reply, diary)(Request("GET", "/")).body
        assert isinstance(body, bytes) or list(body) == [A, B]
        assert diary.entries == ["asked 1", "answered 200"]


def test_who_does_not_look_is_not_in_the_way() -> None:
    def handle(_: Request) -> Reply:
        return Reply()

    assert observe(handle) is handle


def test_who_looks_on_at_several_functions_counts_them_in_one_row() -> None:
    numbers = iter([5, 7])
    diaries = [Diary(), Diary()]
    for diary in diaries:
        handle = observe(lambda _: Reply(), diary, numbers=numbers)
        handle(Request("GET", "/"))
    assert [diary.entries[0] for diary in diaries] == ["asked 5", "asked 7"]


def test_what_fails_is_broken_and_fails_on() -> None:
    def fails(_: Request) -> Reply:
        raise OSError("gone")

    diary = Diary()
    with pytest.raises(OSError, match="gone"):
        observe(fails, diary)(Request("GET", "/"))
    assert diary.entries == ["asked 1", "broken"]


@pytest.mark.parametrize("body", [b"", [A]])
@pytest.mark.parametrize("breaks", ["", "reset"])
def test_a_reply_that_is_to_break_is_broken(
    body: bytes | list[Json], breaks: str
) -> None:
    diary = Diary()
    given = body if isinstance(body, bytes) else iter(body)
    reply = observe(lambda _: Reply(body=given, breaks=breaks), diary)(
        Request("GET", "/")
    )
    list(reply.body)
    assert diary.entries[-1] == ("broken" if breaks else "ended")


class Reader(Observer):
    """Keeps the exchanges that have ended."""

    def __init__(self) -> None:
        self.ended_ones: list[Exchange] = []
        self.statuses: list[int] = []

    def answered(self, exchange: Exchange) -> None:
        assert exchange.reply
        self.statuses.append(exchange.reply.status)

    def ended(self, exchange: Exchange) -> None:
        self.ended_ones.append(exchange)


def test_pieces_that_are_no_events_are_the_body() -> None:
    reader = Reader()
    reply = observe(lambda _: Reply(body=iter([b"a", b"b"])), reader)(
        Request("GET", "/")
    )
    assert list(reply.body) == [b"a", b"b"]
    [exchange] = reader.ended_ones
    assert exchange.body == [b"a", b"b"]
    assert (exchange.first, exchange.last, exchange.events) == (None, None, [])


def test_the_first_and_the_last_event_are_known() -> None:
    reader = Reader()
    reply = observe(lambda _: Reply(body=iter([A, B, A, B])), reader)(
        Request("GET", "/")
    )
    list(reply.body)
    [exchange] = reader.ended_ones
    assert (exchange.first, exchange.last) == (A, B)
    assert len(exchange.events) == 4


@pytest.mark.parametrize(
    ("whole", "status"), [(b"{}", 200), (LateError(busy("Come back.", 3)), 503)]
)
def test_the_status_of_a_late_reply_is_told_when_it_is_known(
    whole: bytes, status: int
) -> None:
    reader = Reader()
    late = Late(iter([Pause(1)]), lambda: whole, list)
    type = {"content-type": "application/json"}
    reply = observe(lambda _: Reply(200, type, late), reader)(Request("GET", "/"))
    assert reader.statuses == []
    assert list(reply.body) == [Pause(1), whole]
    assert reader.statuses == [status]
    [exchange] = reader.ended_ones
    assert exchange.body == [whole]
    assert not exchange.broken


def test_who_lets_go_of_a_reply_breaks_it_off() -> None:
    diary = Diary()
    reply = observe(lambda _: Reply(body=iter([A, B])), diary)(Request("GET", "/"))
    assert not isinstance(reply.body, bytes)
    next(reply.body)
    del reply
    assert diary.entries[-1] == "broken"


def test_a_counter_counts_and_keeps_nothing() -> None:
    counter = Counter()
    assert (counter.requests, counter.token_requests) == (0, 0)
    kept: list[Exchange] = []

    class Light(Observer):
        keeps_body = False

        def ended(self, exchange: Exchange) -> None:
            kept.append(exchange)

    handle = observe(lambda _: Reply(body=b"hi"), counter, Light())
    for _ in range(3):
        handle(Request("GET", "/openai/v1/models"))
    handle(Request("GET", "/elsewhere"))
    assert (counter.requests, counter.token_requests) == (3, 1)
    assert all(exchange.body == [] for exchange in kept)


def test_how_long_ago_a_request_came_in(monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = Exchange(1, Request("GET", "/"), started=100.0)
    monkeypatch.setattr("time.perf_counter", lambda: 107.5)
    assert exchange.seconds == 7.5
    assert not exchange.broken


@pytest.mark.parametrize("printer", [AccessLog, Curl, Wire])
def test_what_is_printed_is_there_at_once(
    printer: Callable[[TextIO], Observer],
) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, "utf-8")
    observe(lambda _: Reply(), printer(stream))(Request("GET", "/openai/v1/models"))
    assert b"/openai/v1/models" in raw.getvalue()
    assert raw.getvalue().endswith(b"\n")


@pytest.mark.parametrize(
    "light",
    [
        *(printer(io.StringIO()) for printer in (AccessLog, Curl, Wire)),
        Journal(lambda: 0.0),
        Counter(),
    ],
)
def test_bodies_are_kept_for_none_that_prints_counts_or_judges(light: Observer) -> None:
    class Last(Observer):
        keeps_body = False

        def ended(self, exchange: Exchange) -> None:
            assert exchange.body == exchange.events == []

    for reply in (json_reply({}), Reply(body=iter([A]))):
        list(
            observe(lambda _, reply=reply: reply, light, Last())(
                Request("GET", "/")
            ).body
        )


def test_what_is_asked_is_told_before_it_is_answered() -> None:
    numbers: list[int] = []

    class First(Observer):
        def asked(self, exchange: Exchange) -> None:
            assert exchange.reply is None
            numbers.append(exchange.number)

    handle = observe(lambda _: Reply(), First())
    for _ in range(3):
        handle(Request("GET", "/"))
    assert numbers == [1, 2, 3]


def test_a_stream_that_failed_is_ended_once() -> None:
    def fail() -> Iterator[Json]:
        yield A
        raise OSError

    diary = Diary()
    body = observe(lambda _: Reply(body=fail()), diary)(Request("GET", "/")).body
    assert not isinstance(body, bytes)
    with pytest.raises(OSError):
        list(body)
    assert list(body) == []
    del body
    assert diary.entries == ["asked 1", "answered 200", "a", "broken"]


def test_what_cannot_be_closed_is_broken_all_the_same() -> None:
    class Pieces:
        def __iter__(self) -> Iterator[Json]:
            return self

        def __next__(self) -> Json:
            return A

        def close(self) -> None:
            if not diary.entries[-1] == "broken":
                raise OSError

    diary = Diary()
    body = observe(lambda _: Reply(body=Pieces()), diary)(Request("GET", "/")).body
    with pytest.raises(OSError):
        body.close()  # pyright: ignore[reportAttributeAccessIssue]
    assert diary.entries[2:] == ["broken"]
