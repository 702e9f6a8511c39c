from collections.abc import Iterator

import orjson
import pytest

from responses_emulator.http import Json, Pause, Reply, Request, json_reply
from responses_emulator.observe import Counter, Exchange, Observer, observe

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
