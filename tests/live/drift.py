"""What the live service answers next to what the emulator answers, differences sorted.

- `critical`: a client that works with the one breaks on the other: status, types, the
  order of events, an error's `code` and `param`
- `warning`: a field that only one of them has
- `info`: the wording of an error
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import httpx2
import orjson

from responses_emulator.account import KEY, deployment
from responses_emulator.core import Emulator
from responses_emulator.families import family
from responses_emulator.frames import server_sent
from responses_emulator.http import Request

SEVERITIES = ("critical", "warning", "info")
TIME_LIMIT = 120  # seconds for one request
WEATHER = {
    "type": "function",
    "name": "get_weather",
    "description": "Get the weather of a city.",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    },
}
SHAPE = {
    "type": "json_schema",
    "name": "greeting",
    "strict": True,
    "schema": {
        "type": "object",
        "properties": {"greeting": {"type": "string"}},
        "required": ["greeting"],
        "additionalProperties": False,
    },
}
HELLO = {"input": "Say hello in one sentence."}
ASK = {
    "input": "What is the weather in Paris?",
    "tools": [WEATHER],
    "tool_choice": "required",
}

Json = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One request; a body without `model` gets the deployment of the `.env`."""

    name: str
    method: str
    path: str
    body: Json | None = None
    key: str | None = None  # instead of the right one


# Nothing here is stored, and each answer is a few words.
CASES = (
    Case("a plain answer", "POST", "/responses", {**HELLO, "store": False}),
    Case("a stream", "POST", "/responses", {**HELLO, "store": False, "stream": True}),
    Case("a function call", "POST", "/responses", {**ASK, "store": False}),
    Case(
        "a streamed function call",
        "POST",
        "/responses",
        {**ASK, "store": False, "stream": True},
    ),
    Case(
        "structured output",
        "POST",
        "/responses",
        {**HELLO, "store": False, "text": {"format": SHAPE}},
    ),
    Case(
        "an answer cut off",
        "POST",
        "/responses",
        {"input": "Write a long story.", "store": False, "max_output_tokens": 16},
    ),
    Case("too few tokens", "POST", "/responses", {**HELLO, "max_output_tokens": 1}),
    Case("an unknown parameter", "POST", "/responses", {**HELLO, "frobnicate": 1}),
    Case("a wrong type", "POST", "/responses", {"input": 7}),
    Case("an unknown role", "POST", "/responses", {"input": [{"role": "x"}]}),
    Case("no input", "POST", "/responses", {}),
    Case("no deployment", "POST", "/responses", {**HELLO, "model": "no-such-name"}),
    Case(
        "an unknown predecessor",
        "POST",
        "/responses",
        {**HELLO, "previous_response_id": "resp_" + "0" * 48},
    ),
    Case("an unknown response", "GET", f"/responses/resp_{'0' * 48}"),
    Case("an unknown file", "GET", "/files/assistant-000000000000000000000000"),
    Case("an unknown vector store", "GET", f"/vector_stores/vs_{'0' * 24}"),
    Case("counting tokens", "POST", "/responses/input_tokens", HELLO),
    Case("a wrong key", "POST", "/responses", HELLO, key="not-the-key"),
)


@dataclass(frozen=True)
class Answer:
    """A status with a JSON body, or with the events of a stream."""

    status: int
    body: Any
    events: tuple[Json, ...] = ()

    @classmethod
    def of(cls, status: int, content_type: str, body: bytes) -> "Answer":
        """Read a reply; what is no JSON stays text."""
        if content_type.startswith("text/event-stream"):
            lines = [line for line in body.splitlines() if line.startswith(b"data: {")]
            return cls(status, None, tuple(orjson.loads(line[6:]) for line in lines))
        try:
            return cls(status, orjson.loads(body))
        except orjson.JSONDecodeError:
            return cls(status, body.decode(errors="replace"))


@dataclass(frozen=True)
class Difference:
    """One place at which the two differ."""

    severity: str
    case: str
    place: str
    what: str


def ask_live(base_url: str, headers: dict[str, str], case: Case, model: str) -> Answer:
    """The service's answer to a case, asked without the SDK."""
    body = _body(case, model)
    reply = httpx2.request(
        case.method,
        base_url.rstrip("/") + case.path,
        headers={**headers, **_headers(case)},
        content=body or None,
        timeout=TIME_LIMIT,
    )
    return Answer.of(
        reply.status_code, reply.headers.get("content-type", ""), reply.content
    )


def ask_emulator(case: Case, name: str, model: str) -> Answer:
    """A new emulator's answer to the same, whose deployment `name` has the model."""
    deployed = f"{name}={model}" if family(model) else name
    emulator = Emulator(deployments=[deployment(deployed)])
    headers = {"api-key": KEY, "content-type": "application/json", **_headers(case)}
    request = Request(case.method, f"/openai/v1{case.path}", headers, _body(case, name))
    reply = emulator.handle(request)
    pieces = [reply.body] if isinstance(reply.body, bytes) else reply.body
    whole = b"".join(map(server_sent, pieces))
    return Answer.of(reply.status, reply.headers.get("content-type", ""), whole)


def differences(case: Case, live: Answer, ours: Answer) -> list[Difference]:
    """Where the emulator's answer is not like the service's, the worst first."""
    found = [
        Difference(severity, case.name, place, what)
        for severity, place, what in _all(live, ours)
    ]
    return sorted(found, key=lambda each: SEVERITIES.index(each.severity))


Found = Iterator[tuple[str, str, str]]  # severity, place, what


def _all(live: Answer, ours: Answer) -> Found:
    if live.status != ours.status:
        yield "critical", "status", f"{live.status} live, {ours.status} here"
        return
    kinds = [_kinds(answer.events) for answer in (live, ours)]
    if kinds[0] != kinds[1]:
        yield "critical", "events", f"{kinds[0]} live, {kinds[1]} here"
    here = {event["type"]: event for event in ours.events}
    for event in {event["type"]: event for event in live.events}.values():
        if event["type"] in here:
            yield from _compare(event["type"], event, here[event["type"]])
    if not live.events:
        yield from _compare("$", live.body, ours.body)


def _kinds(events: tuple[Json, ...]) -> list[str]:
    return [kind for kind, _ in groupby(event["type"] for event in events)]


def _compare(place: str, live: Any, ours: Any) -> Found:
    if isinstance(live, dict) and isinstance(ours, dict):
        for key in live.keys() - ours.keys():
            yield "warning", f"{place}.{key}", "live only"
        for key in ours.keys() - live.keys():
            yield "warning", f"{place}.{key}", "here only"
        for key in live.keys() & ours.keys():
            yield from _compare(f"{place}.{key}", live[key], ours[key])
    elif isinstance(live, list) and isinstance(ours, list):
        if live and ours:  # of each list the first member stands for all
            yield from _compare(f"{place}[0]", live[0], ours[0])
    elif _type(live) != _type(ours):
        # What may be null may be anything else at another time.
        severity = "info" if None in (live, ours) else "critical"
        yield severity, place, f"{_type(live)} live, {_type(ours)} here"
    elif live != ours and place.endswith((".error.code", ".error.param", ".status")):
        yield "critical", place, f"{live!r} live, {ours!r} here"
    elif live != ours and place.endswith(".error.message"):
        yield "info", place, f"{live!r} live, {ours!r} here"


def _type(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return type(value).__name__
    return "number" if isinstance(value, int | float) else type(value).__name__


def _headers(case: Case) -> dict[str, str]:
    given = {"content-type": "application/json"}
    return given if case.key is None else given | {"api-key": case.key}


def _body(case: Case, model: str) -> bytes:
    return b"" if case.body is None else orjson.dumps({"model": model, **case.body})
