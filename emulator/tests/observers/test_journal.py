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
from responses_emulator.http import Request
from responses_emulator.observers.journal import MAX_ENTRIES

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
