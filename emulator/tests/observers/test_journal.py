"""The log of requests, and the verdict on the client."""

from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import orjson
import pytest

from emulator.tests.conftest import Client, parse
from emulator.tests.subprocesses import SERVE, started
from responses_emulator.account import KEY
from responses_emulator.core import Emulator
from responses_emulator.http import Reply, Request
from responses_emulator.observers.journal import (
    MAX_BYTES,
    MAX_ENTRIES,
    Entry,
    Journal,
    Verdict,
)
from responses_emulator.observers.observe import Exchange

BODY: dict[str, Any] = {"model": "gpt-5-mini", "input": "Hello."}


@pytest.fixture
def kept(client: Client) -> Client:
    client.emulator = Emulator(clock=client.clock, journal=True)
    return client


def send(client: Client, **body: Any) -> int:
    reply = client.send("POST", "/responses", {**BODY, **body})
    if not isinstance(reply.body, bytes):
        for _ in reply.body:
            pass
    return reply.status


def test_requests_are_kept_with_their_secrets_masked(kept: Client) -> None:
    mcp = {"type": "mcp", "server_label": "s", "authorization": "secret"}
    kept.send("POST", "/responses", {**BODY, "tools": [mcp]})
    kept.send("GET", "/models")
    post, get = kept.emulator.requests
    assert (post.method, post.path) == ("POST", "/openai/v1/responses")
    assert post.json["input"] == "Hello."
    assert post.headers["api-key"] == "***"
    assert "secret" not in str(post) and KEY not in str(post)
    assert (get.status, get.json) == (200, None)


def test_only_so_many_requests_are_kept(kept: Client) -> None:
    for _ in range(MAX_ENTRIES + 5):
        kept.send("GET", "/nowhere")
    assert len(kept.emulator.requests) == MAX_ENTRIES


def test_large_requests_are_kept_as_long_as_there_is_room(
    kept: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("responses_emulator.observers.journal.MAX_BYTES", 10_000)
    for size in [*[1_000] * 30, 7_000, 50_000]:
        kept.send("POST", "/responses", {"model": "gpt-5-mini", "input": "a" * size})
        assert sum(entry.size for entry in kept.emulator.requests) <= 10_000
    one, last = kept.emulator.requests[-2:]
    assert one.json["input"] == "a" * 7_000
    assert (last.status, last.json) == (200, None)  # larger than all that is kept
    kept.emulator.reset()
    for _ in range(12):
        kept.send("POST", "/responses", {"model": "gpt-5-mini", "input": "a" * 1_000})
    assert 5 <= len(kept.emulator.requests) <= 9


def test_bodies_are_kept_as_they_were_sent_and_forms_are_not(kept: Client) -> None:
    body = b'{"input":[' + b"[]," * 1_000 + b"[]]}"
    path, headers = "/openai/v1/responses", {"api-key": KEY}
    kept.emulator.handle(Request("POST", path, headers, body))
    headers["content-type"] = "multipart/form-data; boundary=b"
    kept.emulator.handle(Request("POST", "/openai/v1/files", headers, body * 100))
    refused, form = kept.emulator.requests
    assert refused.body is body and len(refused.json["input"]) == 1_001
    assert form.json is None and form.size < len(body)


def test_without_an_occasion_there_is_no_complaint(kept: Client) -> None:
    send(kept)
    send(kept, stream=True)
    verdict = kept.emulator.verdict()
    assert verdict.ok
    assert verdict.waited_as_told is None
    assert verdict.left_refusals_alone is None
    assert verdict.noticed_cut_streams is None


@pytest.mark.parametrize(("waits", "good"), [(2.0, True), (1.0, False)])
def test_who_does_not_wait_as_told_is_found(
    kept: Client, waits: float, good: bool
) -> None:
    kept.emulator.faults.add("rate-limited", retry_after_ms=1500)
    assert send(kept) == 429
    assert (
        kept.emulator.verdict().waited_as_told is None
    )  # who gives up is not to blame
    kept.clock.now += waits
    assert send(kept) == 200
    verdict = kept.emulator.verdict()
    assert (verdict.waited_as_told, verdict.ok) == (good, good)
    if not good:
        assert "told to wait 1.5 s and came back after 1 s" in verdict.findings[0]


def test_who_repeats_what_was_refused_is_found(kept: Client) -> None:
    assert send(kept, temperature=9) == 400
    assert kept.emulator.verdict().left_refusals_alone is True
    assert send(kept) == 200  # what was wrong is left out
    assert kept.emulator.verdict().ok
    assert send(kept, temperature=9) == 400
    verdict = kept.emulator.verdict()
    assert verdict.left_refusals_alone is False
    assert "refused with 400 and sent again" in verdict.findings[0]


@pytest.mark.parametrize("fault", ["stream-stops", "reset-in-reply"])
def test_who_swallows_a_cut_stream_is_found(kept: Client, fault: str) -> None:
    kept.emulator.faults.add(fault)
    send(kept, stream=True)
    verdict = kept.emulator.verdict()
    assert verdict.noticed_cut_streams is False
    assert "was cut" in verdict.findings[0]
    send(kept, stream=True)
    assert kept.emulator.verdict().noticed_cut_streams is True


def test_a_cut_background_stream_can_be_resumed(kept: Client) -> None:
    kept.emulator.faults.add("stream-stops", events=2)
    reply = kept.send(
        "POST", "/responses", {**BODY, "stream": True, "background": True}
    )

    def sleep(seconds: float) -> None:
        kept.clock.now += seconds

    created, _ = parse(reply, sleep)
    assert kept.emulator.verdict().noticed_cut_streams is False
    kept.send("GET", f"/responses/{created['response']['id']}?stream=true")
    assert kept.emulator.verdict().noticed_cut_streams is True


def test_a_client_that_leaves_a_stream_was_not_cut_off(kept: Client) -> None:
    reply = kept.send("POST", "/responses", {**BODY, "stream": True})
    assert not isinstance(reply.body, bytes)
    next(reply.body)
    reply.body.close()  # pyright: ignore[reportAttributeAccessIssue]
    assert kept.emulator.verdict().ok


def test_reset_forgets_everything(kept: Client) -> None:
    id = kept.create()["id"]
    kept.emulator.faults.add("reset")
    kept.emulator.reply_with("Hello.")
    kept.emulator.reset()
    assert kept.emulator.requests == []
    assert not kept.emulator.faults.waiting
    assert len(kept.emulator.world.scripted) == 0
    assert kept.send("GET", f"/responses/{id}").status == 404


def control(client: Client, method: str, path: str) -> tuple[int, Any]:
    reply = client.emulator.handle(Request(method, f"/emulator/{path}"))
    assert isinstance(reply.body, bytes)
    return reply.status, orjson.loads(reply.body)


def test_other_languages_read_the_log_and_the_verdict_over_http(kept: Client) -> None:
    send(kept)
    status, log = control(kept, "GET", "requests")
    assert (status, [entry["path"] for entry in log["data"]]) == (
        200,
        ["/openai/v1/responses"],
    )
    assert control(kept, "GET", "verdict")[1]["ok"] is True
    assert control(kept, "POST", "reset") == (200, {"reset": True})
    assert control(kept, "GET", "requests")[1] == {"data": []}


def test_without_a_journal_it_is_said_how_to_have_one(client: Client) -> None:
    for path in ("requests", "verdict"):
        status, body = control(client, "GET", path)
        assert status == 400
        assert "--journal" in body["error"]["message"]
    with pytest.raises(RuntimeError, match="journal=True"):
        client.emulator.verdict()


def test_a_served_emulator_keeps_a_journal_when_it_is_told_to() -> None:
    with started(*SERVE, "--journal") as process:
        assert process.stdout
        url = next(
            line.partition("=")[2].strip()
            for line in process.stdout
            if line.startswith("AZURE_OPENAI_API_ENDPOINT=")
        )
        with pytest.raises(HTTPError) as refused:  # without a key
            urlopen(f"{url}/openai/v1/models", timeout=10)
        refused.value.close()
        with urlopen(f"{url}/emulator/requests", timeout=10) as reply:
            [entry] = orjson.loads(reply.read())["data"]
        process.terminate()
        process.communicate(timeout=10)
    assert (entry["path"], entry["status"]) == ("/openai/v1/models", 401)


class Log:
    """A journal that is told of exchanges, each a second after the one before."""

    def __init__(self) -> None:
        self.now = 0.0
        self.journal = Journal(lambda: self.now)
        self.number = 0

    def asked(self, method: str = "POST", path: str = "/a", **more: Any) -> Exchange:
        self.now += 1
        self.number += 1
        exchange = Exchange(self.number, Request(method, path, **more))
        self.journal.asked(exchange)
        return exchange

    def answered(self, exchange: Exchange, status: int, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        exchange.reply = Reply(status, named)
        self.journal.ended(exchange)

    def streamed(self, *types: str, broken: bool = False, breaks: str = "") -> None:
        """A stream of events of these types; the first has the response's id."""
        exchange = self.asked()
        exchange.first = {"type": types[0], "response": {"id": "resp_1"}}
        exchange.last = {"type": types[-1]}
        exchange.broken = broken
        exchange.reply = Reply(
            200, {"content-type": "text/event-stream"}, breaks=breaks
        )
        self.journal.ended(exchange)

    @property
    def verdict(self) -> Verdict:
        return self.journal.verdict()


@pytest.mark.parametrize(
    ("status", "may"),
    [
        *((200, None), (399, None), (400, False), (404, False), (499, False)),
        *((408, None), (409, None), (429, None), (500, None), (503, None)),
    ],
)
def test_what_is_refused_is_not_to_be_sent_again(status: int, may: bool | None) -> None:
    log = Log()
    for _ in range(2):
        log.answered(log.asked(), status)
    assert log.verdict.left_refusals_alone is may
    assert log.verdict.ok is (may is None)


@pytest.mark.parametrize(
    ("changed", "is_the_same"),
    [
        ({}, True),
        ({"headers": {"a": "b"}}, True),
        ({"method": "PUT"}, False),
        ({"path": "/a?b=c"}, False),
        ({"body": b"other"}, False),
    ],
)
def test_what_says_the_same_is_sent_again(
    changed: dict[str, Any], is_the_same: bool
) -> None:
    log = Log()
    first: dict[str, Any] = {"method": "POST", "path": "/a", "body": b"one"}
    log.answered(log.asked(**first), 400)
    log.asked(**first | changed)
    assert log.verdict.left_refusals_alone is not is_the_same


def test_what_was_not_read_repeats_nothing() -> None:
    log = Log()
    for _ in range(2):
        exchange = Exchange(1, Request("POST", "/a", is_unread=True))
        log.journal.asked(exchange)
        log.answered(exchange, 413)
    assert log.verdict.left_refusals_alone is True


@pytest.mark.parametrize(
    ("wait", "good"), [("900", True), ("1000", True), ("1009", True), ("1020", False)]
)
def test_clocks_may_differ_by_ten_milliseconds(wait: str, good: bool) -> None:
    log = Log()
    log.answered(log.asked(), 429, retry_after_ms=wait)
    log.asked()  # a second later
    assert log.verdict.waited_as_told is good


def test_only_an_error_says_how_long_to_wait() -> None:
    for status, headers in ((200, {"retry_after_ms": "9000"}), (429, {})):
        log = Log()
        log.answered(log.asked(), status, **headers)
        log.asked()
        assert log.verdict.waited_as_told is None
    log.answered(log.asked(path="/b"), 400, retry_after_ms="9000")
    log.asked(path="/b")
    assert log.verdict.waited_as_told is False


def test_one_fault_is_not_made_up_for() -> None:
    log = Log()
    for path, wait in (("/a", "5000"), ("/b", "500")):
        log.answered(log.asked(path=path), 429, retry_after_ms=wait)
        log.asked(path=path)
    for path in ("/c", "/c", "/d"):
        log.answered(log.asked(path=path), 404)
    log.streamed("response.created")
    log.streamed("response.created", "response.completed")
    log.asked(path="/a")
    log.now += 9
    verdict = log.verdict
    assert verdict.as_json() == {
        "ok": False,
        "waited_as_told": False,
        "left_refusals_alone": False,
        "noticed_cut_streams": True,
        "findings": [
            "POST /a was told to wait 5 s and came back after 1 s.",
            "POST /c was refused with 404 and sent again as it was.",
        ],
    }
    log.streamed("response.created")
    assert log.verdict.noticed_cut_streams is False
    assert log.verdict.findings[2:] == [
        "The stream of POST /a was cut, and was neither asked for again nor resumed."
    ]


@pytest.mark.parametrize(
    "last", ["completed", "incomplete", "failed", "in_progress", "error"]
)
def test_a_stream_that_came_to_its_end_was_not_cut(last: str) -> None:
    log = Log()
    log.streamed("response.created", last if last == "error" else f"response.{last}")
    cut = last == "in_progress"
    assert log.journal.entries()[0].cut is cut
    assert log.verdict.noticed_cut_streams is (False if cut else None)


@pytest.mark.parametrize(
    ("broken", "breaks", "cut"),
    [
        (True, "", False),
        (True, "reset", True),
        (False, "reset", True),
        (False, "", True),
    ],
)
def test_to_leave_a_stream_is_ones_own_choice(
    broken: bool, breaks: str, cut: bool
) -> None:
    log = Log()
    log.streamed("response.created", broken=broken, breaks=breaks)
    assert log.journal.entries()[0].cut is cut


@pytest.mark.parametrize(
    ("method", "path", "resumes"),
    [
        ("GET", "/openai/v1/responses/resp_1", True),
        ("GET", "/openai/v1/responses/resp_12", False),
        ("GET", "/openai/v1/responses/resp_1/input_items", False),
        ("DELETE", "/openai/v1/responses/resp_1", False),
    ],
)
def test_a_stream_is_resumed_by_its_response(
    method: str, path: str, resumes: bool
) -> None:
    log = Log()
    log.asked(method, path)  # earlier, and about something else
    log.streamed("response.created")
    log.asked(method, f"{path}?stream=true")
    assert log.verdict.noticed_cut_streams is resumes


def test_a_stream_without_a_response_cannot_be_resumed() -> None:
    for first in (None, {"type": "keepalive"}):
        log = Log()
        exchange = log.asked()
        exchange.first = exchange.last = first
        log.answered(exchange, 200, content_type="text/event-stream; charset=utf-8")
        log.asked("GET", "/openai/v1/responses/None")
        assert log.journal.entries()[0].response_id is None
        assert log.verdict.noticed_cut_streams is False


def test_an_entry_has_what_was_asked_and_what_became_of_it() -> None:
    log = Log()
    headers = {"authorization": "Bearer x", "content-type": "application/json"}
    one = log.asked(path="/a%20b?c=d", headers=headers, body=b'{"access_token": "x"}')
    other = log.asked("GET", body=b"{no json")
    log.answered(one, 201, retry_after_ms="5")
    log.answered(other, 0)
    first, second = log.journal.entries()
    assert first.as_json() == {
        "method": "POST",
        "path": "/a b",
        "headers": {"authorization": "Bearer ***", "content-type": "application/json"},
        "json": {"access_token": "***"},
        "status": 201,
        "cut": False,
    }
    assert (first.asked_at, first.ended_at, first.wait) == (1.0, 2.0, None)
    assert (second.json, second.status, second.response_id) == (None, None, None)
    assert "access_token" not in repr(first)
    log.journal.ended(Exchange(99, Request("GET", "/nowhere")))  # forgotten by now
    failed = log.asked()
    assert log.journal.entries()[2].ended_at is None
    log.journal.ended(failed)
    assert (log.journal.entries()[2].ended_at, failed.reply) == (3.0, None)


def test_the_oldest_go_first_and_the_newest_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert (MAX_ENTRIES, MAX_BYTES) == (1_000, 64 * 2**20)
    log = Log()
    log.asked(body=b"a" * 100)
    [entry] = log.journal.entries()
    log.journal.clear()
    assert log.journal.entries() == []
    monkeypatch.setattr(
        "responses_emulator.observers.journal.MAX_BYTES", entry.size * 3
    )
    for path in "abcde":
        log.asked(path=f"/{path}", body=b"a" * 100)

    def paths() -> list[str]:
        return [entry.path for entry in log.journal.entries()]

    assert paths() == ["/c", "/d", "/e"]  # to the byte
    log.asked(path="/f", body=b"a" * 101)
    assert paths() == ["/e", "/f"]
    log.asked(path="/" + "g" * entry.size * 4)
    assert len(paths()) == 1
    log.journal.clear()
    monkeypatch.setattr("responses_emulator.observers.journal.MAX_ENTRIES", 2)
    for path in "abc":
        log.asked(path=f"/{path}")
    assert paths() == ["/b", "/c"]


def test_a_body_is_kept_if_it_has_room_with_its_headers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = Log()
    log.asked(body=b"a" * 100)
    whole = log.journal.entries()[0].size
    empty = log.asked()
    taken = log.journal.entries()[1].size - 33  # of a value that is no bytes
    assert empty.request.body == b""
    for room, kept in ((taken + 100, b"a" * 100), (taken + 99, b"")):
        monkeypatch.setattr("responses_emulator.observers.journal.MAX_BYTES", room)
        log.journal.clear()
        log.asked(body=b"a" * 100)
        assert log.journal.entries()[0].body == kept
    assert whole > taken


def test_a_form_is_not_kept_whatever_the_case() -> None:
    log = Log()
    for type in ("Multipart/Form-Data; boundary=b", "application/json"):
        log.asked(headers={"content-type": type}, body=b"1")
    assert [entry.body for entry in log.journal.entries()] == [b"", b"1"]
    assert isinstance(log.journal.entries()[0], Entry)
