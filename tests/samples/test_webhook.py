"""A webhook: registered, told once, verified, removed."""

import json
import re
import time

import pytest

from responses_emulator.http import Request
from responses_emulator.outbox import signature

SAMPLE = "responses-webhook-aoai-v1.py"
ENDPOINTS = "/openai/v1/dashboard/webhook_endpoints"


def test_a_verified_event_brings_the_answer(finish, service):
    output = finish(SAMPLE)

    registered, created = service.sent[:2]
    assert registered.path == ENDPOINTS
    assert registered.json == {
        "name": "Sample",
        "url": "http://127.0.0.1:8000/",
        "event_types": [
            "response.completed",
            "response.failed",
            "response.incomplete",
            "response.cancelled",
        ],
    }
    assert created.json["background"] is True
    assert re.match(r"  0\.\d s  waiting for the event\n", output)
    [stored] = service.emulator.store.responses
    text = stored.body["output"][-1]["content"][0]["text"]
    assert output.endswith(f"Told: response.completed\n{text}\n")
    methods = [method for method, _ in service.calls()]
    assert methods == ["POST", "POST", "DELETE", "GET"]


def test_without_a_secret_of_its_own_it_takes_the_one_that_is_shown(
    finish, monkeypatch
):
    monkeypatch.setenv("OPENAI_WEBHOOK_SECRET", "")

    assert "Told: response.completed" in finish(SAMPLE)


@pytest.mark.parametrize("secret", ["whsec_b3RoZXI=", "whsec_no-base64", "plain"])
def test_events_with_another_signature_are_refused(secret, run, service, monkeypatch):
    monkeypatch.setenv("OPENAI_WEBHOOK_SECRET", secret)

    result = run(SAMPLE)

    assert result.stopped_with == "Unfinished: no event came within 600 s"
    assert result.errors.count('"POST / HTTP/1.1" 400') == 7  # and sent again each time
    assert "Told" not in result.output
    assert 590 < service.clock.slept < 610
    assert service.left_behind() == []


def forged(body: bytes, **headers: str) -> Request:
    now = str(int(time.time()))
    right = {
        "webhook-id": "wh_1",
        "webhook-timestamp": now,
        "webhook-signature": signature("wh_1", now, body),
    }
    kept = {k: v for k, v in (right | headers).items() if v != "absent"}
    return Request("POST", "/", kept, body)


EVENT = json.dumps(
    {"type": "response.completed", "id": "evt_1", "data": {"id": "ID"}}
).encode()
FORGED = {
    "another body": forged(EVENT, **{"webhook-signature": "v1,abcd"}),
    "no signature": forged(EVENT, **{"webhook-signature": "absent"}),
    "an old one": forged(EVENT, **{"webhook-timestamp": "1000000000"}),
    "no number": forged(EVENT, **{"content-length": "many"}),
    "a negative one": forged(EVENT, **{"content-length": "-1"}),
    "no text": forged(b"\xff\xfe"),
    "no JSON": forged(b"{"),
    "too long": forged(b" " * 200_000),
}


@pytest.mark.parametrize("request_", FORGED.values(), ids=FORGED)
def test_what_anybody_may_send_is_refused_and_does_no_harm(
    request_, finish, monkeypatch
):
    from http import server

    kind = server.ThreadingHTTPServer
    statuses = []
    handle = kind.handle_request

    def with_a_visitor(self):
        if not statuses:
            statuses.append(self.receive(request_))
        handle(self)

    monkeypatch.setattr(kind, "handle_request", with_a_visitor)

    output = finish(SAMPLE)

    assert statuses == [400]
    assert "Told: response.completed" in output


def test_events_of_others_are_taken_and_left_alone(finish, service):
    create = service.emulator.handle

    def answer(request):
        if request.path.endswith("/responses"):  # somebody else asks for one, too
            create(request)
        return None

    service.answer = answer
    service.emulator.world.background_seconds = 3

    output = finish(SAMPLE)

    first, second = service.emulator.store.responses
    assert output.count("Told:") == 1
    assert second.body["output"][-1]["content"][0]["text"] in output
    assert first.told


@pytest.mark.parametrize(
    ("fault", "status", "reason"),
    [
        ("failed", "failed", "server_error"),
        ("incomplete", "incomplete", "max_output"),
        ("background-cancelled", "cancelled", "cancelled"),
    ],
)
def test_an_unfinished_answer_is_told_as_one(fault, status, reason, run, service):
    service.emulator.faults.add(fault)

    result = run(SAMPLE)

    assert f"Told: response.{status}" in result.output
    assert reason in result.stopped_with
    assert service.left_behind() == []


def test_an_event_that_never_comes_is_not_waited_for_for_ever(run, service):
    service.emulator.world.background_seconds = 10_000

    result = run(SAMPLE)

    assert result.stopped_with == "Unfinished: no event came within 600 s"
    assert service.calls()[-2][1].endswith("/cancel")
    assert service.calls()[-1][0] == "DELETE"
    assert service.left_behind() == []


def test_ctrl_c_cancels_the_answer_and_removes_the_endpoint(run, service):
    def moment(kind):
        if kind == "listen":
            raise KeyboardInterrupt

    service.moment = moment

    result = run(SAMPLE)

    assert result.stopped_with == "Interrupted: the answer is no longer waited for."
    [stored] = service.emulator.store.responses
    assert stored.body["status"] == "cancelled"
    assert service.left_behind() == []
