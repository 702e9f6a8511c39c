import asyncio

import pytest

from emulator.adapters import asgi
from emulator.adapters.asgi import App
from emulator.core import Emulator
from emulator.http import Pause, Reply


def call(app, messages, scope=None):
    """What an app sends for a request whose messages are these."""
    sent = []
    waiting = list(messages)

    async def receive():
        if not waiting:
            await asyncio.Event().wait()  # the caller stays
        return waiting.pop(0)

    async def send(message):
        sent.append(message)

    base = {
        "type": "http",
        "method": "POST",
        "raw_path": b"/a%20b",
        "query_string": b"c=d",
        "headers": [(b"x-name", b"value")],
    }
    asyncio.run(app({**base, **(scope or {})}, receive, send))
    return sent


def body(*pieces):
    last = len(pieces) - 1
    return [
        {"type": "http.request", "body": piece, "more_body": index < last}
        for index, piece in enumerate(pieces)
    ]


def test_a_request_reaches_the_core_as_it_came():
    seen = []

    def handle(request):
        seen.append(request)
        return Reply(201, {"x-a": "b"}, b"done")

    start, end = call(App(Emulator(), handle=handle), body(b"one", b"two"))

    [request] = seen
    assert (request.method, request.target) == ("POST", "/a%20b?c=d")
    assert (request.path, request.query) == ("/a b", {"c": "d"})
    assert (request.headers, request.body) == ({"x-name": "value"}, b"onetwo")
    assert start["status"] == 201
    assert dict(start["headers"]) == {b"x-a": b"b", b"content-length": b"4"}
    assert end["body"] == b"done"


def test_a_body_that_is_too_large_is_refused_unread(monkeypatch):
    monkeypatch.setattr(asgi, "MAX_BODY_BYTES", 5)

    def handle(_):
        raise AssertionError("it was read")

    start, end = call(App(Emulator(), handle=handle), body(b"123", b"456", b"789"))

    assert start["status"] == 413
    assert b"larger than 5 bytes" in end["body"]


def test_pieces_are_sent_one_by_one_and_the_body_is_closed():
    closed = []

    def pieces():
        try:
            yield b"a"
            yield b"b"
        finally:
            closed.append(True)

    sent = call(App(Emulator(), handle=lambda _: Reply(body=pieces())), body(b""))

    assert [m["body"] for m in sent[1:]] == [b"a", b"b", b""]
    assert b"content-length" not in dict(sent[0]["headers"])
    assert closed == [True]


def broken(reply):
    """What an app sends of a reply that breaks off: at its end it raises."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request"} if not sent else await asyncio.Event().wait()

    scope = {"type": "http", "method": "GET", "raw_path": b"/", "query_string": b""}
    app = App(Emulator(), handle=lambda _: reply)
    with pytest.raises(asgi.Broken):
        asyncio.run(app({**scope, "headers": []}, receive, send))
    return sent


def test_a_reply_that_breaks_off_is_not_ended_in_good_order():
    assert broken(Reply(0, breaks="reset")) == []

    whole = broken(Reply(body=b"half", breaks="reset"))
    assert [m.get("more_body") for m in whole] == [None, True]

    pieces = broken(Reply(body=iter([b"a", b"b"]), breaks="close"))
    assert [m["body"] for m in pieces[1:]] == [b"a", b"b"]


def test_a_pause_is_waited_for_and_not_sent():
    pieces = iter([b"a", Pause(0), b"b"])

    sent = call(App(Emulator(), handle=lambda _: Reply(body=pieces)), body(b""))

    assert [m["body"] for m in sent[1:]] == [b"a", b"b", b""]


def test_a_caller_who_leaves_ends_what_is_being_written():
    closed = []

    def pieces():
        try:
            for _ in range(1_000_000):
                yield b"a"
        finally:
            closed.append(True)

    leave = [*body(b""), {"type": "http.disconnect"}]
    sent = call(App(Emulator(), handle=lambda _: Reply(body=pieces())), leave)

    assert len(sent) < 1_000
    assert closed == [True]


def test_another_protocol_is_declined():
    with pytest.raises(RuntimeError, match="does not speak lifespan"):
        call(App(Emulator()), [], {"type": "lifespan"})
