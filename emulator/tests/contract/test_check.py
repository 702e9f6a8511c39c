"""What was recorded keeps to the contracts; what is broken on purpose does not."""

import copy
import json
import re
from typing import Any

import pytest

from emulator.tests.all_traffic import EVENTS
from emulator.tests.contract.check import CONTRACTS, checker, violations
from emulator.tests.contract.distil import recorded
from responses_emulator.routes import ROUTES

ANSWERED = [exchange for exchange in recorded() if exchange["status"] == 200]
PLAIN = next(e for e in ANSWERED if not e["response_body"].startswith("event: "))
STREAM = next(e for e in ANSWERED if e["response_body"].startswith("event: "))
JSON = {"content-type": "application/json"}


def request(url: str, body: object = None, **changes: Any) -> dict[str, Any]:
    """An exchange of which the request alone is of interest: it was answered 400."""
    refused = {"code": None, "message": "No.", "param": None, "type": "x"}
    return {
        "method": "GET" if body is None else "POST",
        "url": url,
        "request_headers": JSON,
        "request_body": "" if body is None else json.dumps(body),
        "status": 400,
        "response_headers": JSON,
        "response_body": json.dumps({"error": refused}),
    } | changes


def responded(**changes: Any) -> dict[str, Any]:
    """The recorded answer, changed; with a value of `...`, something is taken away."""
    body = json.loads(PLAIN["response_body"])
    for name, value in changes.items():
        if value is ...:
            del body[name]
        else:
            body[name] = value
    return PLAIN | {"response_body": json.dumps(body)}


def test_what_azure_answered_keeps_to_both_contracts() -> None:
    assert len(ANSWERED) > 5
    assert violations(ANSWERED) == []


def test_what_azure_called_missing_or_unknown_breaks_the_contracts() -> None:
    for exchange in recorded():
        if exchange["status"] == 400:
            code = json.loads(exchange["response_body"])["error"]["code"]
            by_form = code in ("missing_required_parameter", "unknown_parameter")
            assert bool(violations([exchange])) == by_form


def form(*fields: tuple[str, str]) -> dict[str, Any]:
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields
    ]
    return {
        "request_headers": {"content-type": "multipart/form-data; boundary=x"},
        "request_body": "".join(parts) + "--x--\r\n",
    }


FILE = ('file"; filename="a.txt', "text")
RESPONSES = "/openai/v1/responses"
GREETING = {"model": "m", "input": "Hello."}
BROKEN: list[tuple[dict[str, Any], str]] = [
    # The address
    (request("/openai/v1/response"), "GET /response  url  $  operation"),
    (request(RESPONSES), "GET /responses  url  $  operation: the contract has POST"),
    # Parameters in the query
    (request(f"{RESPONSES}/r?with=1"), "query  with  parameter: "),
    (request(f"{RESPONSES}/r/input_items?limit=x"), "query  limit  type: "),
    (request(f"{RESPONSES}/r/input_items?order=up"), "query  order  enum: "),
    (request(f"{RESPONSES}/r?stream=true&stream=true"), "query  stream  parameter: "),
    (request("/openai/responses/r"), "query  api-version  version: "),
    (request("/openai/responses/r?api-version=1"), "query  api-version  version: "),
    # The body of a request
    (request(RESPONSES, GREETING | {"inputs": 1}), "request  $.inputs  additional"),
    (request(RESPONSES, GREETING | {"model": 1}), "request  $.model  "),
    (request(RESPONSES, GREETING | {"input": 1}), "request  $.input  type: "),
    (request(RESPONSES, GREETING | {"truncation": "x"}), "request  $.truncation  enum"),
    (request(RESPONSES, GREETING | {"tools": [{}]}), "request  $.tools[0].type  requi"),
    (
        request(
            "/openai/v1/vector_stores",
            {"expires_after": {"anchor": "last_active_at", "days": 0}},
        ),
        "request  $.expires_after.days  minimum: ",
    ),
    (
        request(RESPONSES, GREETING | {"tools": [{"type": "function", "nam": "f"}]}),
        "request  $.tools[0].nam  additionalProperties: is not in the contract  [",
    ),
    (
        request(RESPONSES, {"input": [{"role": "user", "content": [{"type": "x"}]}]}),
        "request  $.input[0].content[0].type  enum: ",
    ),
    (
        request(RESPONSES, GREETING | {"text": {"format": {"type": "json_schema"}}}),
        "request  $.text.format.name  required: ",
    ),
    (request(RESPONSES, {}, request_body=""), "request  $  body: "),
    (request(RESPONSES, {}, request_body="{"), "request  $  body: "),
    (request(RESPONSES, {}, request_body="null"), "request  $  type: "),
    (
        request(RESPONSES, {}, request_headers={"content-type": "text/plain"}),
        "request  $  content type: ",
    ),
    # Forms
    (request("/openai/v1/files", {}, **form(FILE)), "request  $.purpose  required: "),
    (
        request("/openai/v1/files", {}, **form(FILE, ("purpose", "any"))),
        "request  $.purpose  enum: ",
    ),
    (
        request(
            "/openai/v1/files",
            {},
            **form(
                FILE,
                ("purpose", "batch"),
                ("expires_after[anchor]", "created_at"),
                ("expires_after[seconds]", "soon"),
            ),
        ),
        "request  $.expires_after.seconds  type: ",
    ),
    (
        request("/openai/v1/files", {}, **form(FILE) | {"request_body": "text"}),
        "request  $  body: ",
    ),
    # The reply
    (responded(outputs=[]), "reply  $.outputs  additionalProperties: "),
    (responded(output=...), "reply  $.output  required: "),
    (responded(object="answer"), "reply  $.object  enum: "),
    (responded(created_at="now"), "reply  $.created_at  type: "),
    (responded(output=[{"type": "thought"}]), "reply  $.output[0].type  enum: "),
    (PLAIN | {"response_body": "Hello."}, "reply  $  body: is not JSON"),
    (PLAIN | {"status": 202}, "reply  $  status: 202 is not one of "),
    (PLAIN | {"status": None}, "reply  $  status: there is no reply"),
    (
        PLAIN | {"response_headers": {"content-type": "text/html"}},
        "reply  $  content type: text/html, and not ",
    ),
    (request(RESPONSES, GREETING, response_body='{"code": "x"}'), "$.error  required"),
    # Streams
    (STREAM | {"response_headers": JSON}, "reply  $  content type: a stream was asked"),
    (
        PLAIN | {"response_headers": {"content-type": "text/event-stream"}},
        "reply  $  content type: no stream was asked",
    ),
]


@pytest.mark.parametrize("contract", CONTRACTS)
@pytest.mark.parametrize(("exchange", "told"), BROKEN, ids=[b[1] for b in BROKEN])
def test_a_broken_exchange_is_told_by_what_is_broken(
    exchange: dict[str, Any], told: str, contract: str
) -> None:
    lines = violations([exchange], [contract])
    assert any(told in line for line in lines), lines


@pytest.mark.parametrize(
    "exchange",
    [
        request(RESPONSES, GREETING),
        request(f"{RESPONSES}/r/input_items?limit=5&order=asc&after=a"),
        request(f"{RESPONSES}/r?include[]=reasoning.encrypted_content"),
        request("/openai/responses/r?api-version=2025-04-01-preview"),
        request(
            "/openai/v1/files",
            {},
            **form(
                FILE,
                ("purpose", "batch"),
                ("expires_after[anchor]", "created_at"),
                ("expires_after[seconds]", "3600"),
            ),
        ),
        responded(store=False, service_tier="priority", user=None),
    ],
    ids=lambda exchange: exchange["url"],
)
def test_what_is_right_is_let_through(exchange: dict[str, Any]) -> None:
    assert violations([exchange]) == []


# Events, one of a stream at a time


def frames() -> list[tuple[str, dict[str, Any]]]:
    parts = STREAM["response_body"].strip().split("\n\n")
    named = [part.removeprefix("event: ").partition("\ndata: ") for part in parts]
    return [(name, json.loads(data)) for name, _, data in named]


def streamed(events: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    text = "".join(f"event: {n}\ndata: {json.dumps(e)}\n\n" for n, e in events)
    return STREAM | {"response_body": text}


@pytest.mark.parametrize("contract", CONTRACTS)
@pytest.mark.parametrize("index", range(len(frames())))
def test_each_event_has_what_it_needs_and_no_more(index: int, contract: str) -> None:
    name, event = frames()[index]
    for key in [*event, "surplus"]:
        events = frames()
        changed = copy.deepcopy(event)
        if key == "surplus":
            changed[key] = 1
        else:
            del changed[key]
        events[index] = (name, changed)
        if key in ("logprobs", "obfuscation"):  # which may be missing
            continue
        lines = violations([streamed(events)], [contract])
        part = f"event {index} {name}  $.{key}  "
        assert any(part in line for line in lines), lines


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("event: response.created", "event: response.began", "is not the name of the"),
        ("response.created", "response.began", "'response.began' is not in the cont"),
        ('data: {"type"', 'data: {type"', "frame: its data is not JSON"),
        ("data: {", "data: [{", "frame: its data is not JSON"),
        ("event: response.created\n", "", "'response.created' is not the name of the"),
    ],
)
def test_a_frame_that_is_none_is_told(before: str, after: str, told: str) -> None:
    body = STREAM["response_body"].replace(before, after, 1)
    if before == "response.created":
        body = STREAM["response_body"].replace(before, after)
    lines = violations([STREAM | {"response_body": body}])
    assert any(told in line for line in lines), lines


def test_only_line_feeds_end_a_line_of_a_frame() -> None:
    body = STREAM["response_body"].replace('"metadata":{', '"metadata":{"a":"\u2028"')
    assert "\u2028" in body
    assert violations([STREAM | {"response_body": body}]) == []
    assert violations([STREAM | {"response_body": body.replace("\n", "\r\n")}]) == []


def test_a_stream_whose_last_event_is_not_closed_is_told() -> None:
    body = STREAM["response_body"].rstrip() + "\n"
    lines = violations([STREAM | {"response_body": body}])
    assert lines
    assert all("frame: no blank line follows" in line for line in lines)


# What there is


def test_every_route_is_in_a_contract_or_in_the_table_of_what_they_lack() -> None:
    for method, path, _ in ROUTES:
        url = "/openai/v1" + re.sub(r"\{\w+\}", "x", path)
        has = [f for f in CONTRACTS if not unknown(f, method, url)]
        assert has or violations([request(url, method=method)]) == [], (method, path)


def unknown(contract: str, method: str, url: str) -> bool:
    faults = checker(contract).faults(request(url, method=method))
    return any(fault.part == "url" for fault in faults)


def test_every_event_of_the_sdk_is_in_a_contract_or_in_that_table() -> None:
    for kind in EVENTS:
        has = [f for f in CONTRACTS if kind in checker(f).document["events"]]
        body = f'event: {kind}\ndata: {{"type":"{kind}"}}\n\n'
        lines = violations([STREAM | {"response_body": body}])
        assert has or not any("  event: " in line for line in lines), lines
