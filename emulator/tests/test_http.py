"""Requests and replies as plain values."""

from collections.abc import Iterator

import orjson
import pytest

from responses_emulator.errors import ServiceError, busy, not_found
from responses_emulator.http import (
    Late,
    LateError,
    Pause,
    Reply,
    Request,
    close_pieces,
    json_reply,
    sse_reply,
)

JSON = "application/json"


@pytest.mark.parametrize(
    ("target", "path", "is_v1", "query"),
    [
        ("/openai/v1/files", "/openai/v1/files", True, {}),
        ("/openai/v1/files?", "/openai/v1/files", True, {}),
        ("/openai/files?a=1&b=2&a=3", "/openai/files", False, {"a": "3", "b": "2"}),
        ("/openai/v1/a%20b%2Fc?d=%26+e", "/openai/v1/a b/c", True, {"d": "& e"}),
        ("/openai/v1?x=a%20?b", "/openai/v1", False, {"x": "a ?b"}),
        ("/x/openai/v1/files?after=", "/x/openai/v1/files", False, {"after": ""}),
    ],
)
def test_a_target_is_taken_apart(
    target: str, path: str, is_v1: bool, query: dict[str, str]
) -> None:
    request = Request("GET", target)
    assert (request.path, request.is_v1, request.query) == (path, is_v1, query)


def test_a_list_in_a_query_has_every_value_in_either_spelling() -> None:
    request = Request("GET", "/x?include[]=a&include=b&after=&limit=2&include%5B%5D=c")
    assert request.query_lists == {"include": ["a", "b", "c"], "limit": ["2"]}


def test_a_request_is_ordinary_unless_told() -> None:
    request = Request("GET", "/")
    assert (request.headers, request.body, request.kept) == ({}, b"", None)
    assert request.generate and request.may_block
    assert not request.is_struck and not request.is_unread


@pytest.mark.parametrize(
    ("type", "path", "status"),
    [
        (None, "/openai/v1/responses", None),
        (JSON, "/openai/v1/responses", None),
        (f" {JSON.title()} ; charset=utf-8", "/openai/v1/responses", None),
        ("text/plain; a=b", "/openai/v1/responses", 415),
        ("", "/openai/v1/responses", 415),
        ("application/json-patch", "/openai/responses", 415),
        ("text/plain", "/emulator/faults", None),  # as curl has it for `-d`
    ],
)
def test_a_body_is_json_of_that_type(
    type: str | None, path: str, status: int | None
) -> None:
    headers = {} if type is None else {"content-type": type}
    request = Request("POST", path, headers, b'{"a": [1]}')
    if status is None:
        assert request.json() == {"a": [1]}
        return
    with pytest.raises(ServiceError) as raised:
        request.json()
    assert raised.value.status == status
    error = raised.value.body["error"]
    assert error["code"] == "unsupported_content_type"
    named = (type or "").partition(";")[0]
    assert error["message"].startswith(f"Unsupported content type: '{named}'. ")


# Replies


def test_a_reply_of_json_says_so() -> None:
    reply = json_reply({"a": None}, 404)
    assert reply == Reply(404, {"content-type": JSON}, b'{"a":null}')
    assert json_reply([]).status == 200
    assert not reply.is_late
    assert (reply.delay, reply.breaks) == (0, "")


def test_a_stream_is_not_kept_by_anybody() -> None:
    reply = sse_reply(iter([{"type": "a"}]))
    assert reply.status == 200
    assert reply.headers == {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache",
    }
    assert not reply.is_late


def late(*pauses: Pause, body: bytes = b"{}") -> tuple[Late, list[str]]:
    """A late body, and what is done with it."""
    seen: list[str] = []

    def whole() -> bytes:
        seen.append("whole")
        return body

    return Late(iter(pauses), whole, lambda: seen.append("left")), seen


def test_a_late_body_pauses_and_then_comes_whole() -> None:
    first, second = Pause(1), Pause(2)
    body, seen = late(first, second)
    assert Reply(200, {"content-type": JSON}, body).is_late
    assert iter(body) is body
    assert [next(body), next(body)] == [first, second]
    assert seen == []
    assert list(body) == [b"{}"]
    assert list(body) == []
    body.close()
    del body
    assert seen == ["whole"]


def test_who_leaves_a_late_body_says_so_once() -> None:
    body, seen = late(Pause(1), Pause(2))
    next(body)
    close_pieces(body)
    close_pieces(body)
    assert list(body) == []
    assert seen == ["left"]


def test_who_lets_go_of_a_late_body_has_left() -> None:
    body, seen = late(Pause(1))
    del body
    assert seen == ["left"]


def test_a_late_body_may_turn_out_to_be_an_error() -> None:
    reply = Reply(200, {"content-type": JSON, "retry-after": "1"})
    reply.heed(b"{}")
    assert (reply.status, reply.headers["retry-after"]) == (200, "1")
    error = LateError(busy("Come back.", 3))
    reply.heed(error)
    assert reply.status == 503
    assert reply.headers == {
        "content-type": JSON,
        "retry-after": "3",
        "retry-after-ms": "3000",
    }
    assert orjson.loads(bytes(error))["error"]["code"] == "ServiceUnavailable"
    assert LateError(not_found("No.")).headers == {}


def test_pieces_that_can_be_closed_are() -> None:
    ended: list[bool] = []

    def pieces() -> Iterator[int]:
        try:
            yield 1
        finally:
            ended.append(True)

    made = pieces()
    next(made)
    close_pieces(made)
    assert ended == [True]
    close_pieces(b"bytes have no end to be told of")
