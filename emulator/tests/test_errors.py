"""Every error that Azure is known to send: those of `errors.yaml`, and how they come.

Each case is sent as it is, by the SDK, and where it asks for a response also as a
stream and over a WebSocket: the error is the same, and nothing is left behind.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import openai
import orjson
import pytest
import yaml

from emulator.tests.conftest import Client
from responses_emulator.adapters.transport import Transport
from responses_emulator.http import Pause, Reply, Request
from responses_emulator.resources.sessions import PATH, Session

README = Path(__file__).parents[1] / "README.md"
TABLE: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("errors.yaml").read_text(encoding="utf-8")
)
USUAL: dict[str, Any] = TABLE["request"]
RAISED = {
    400: openai.BadRequestError,
    401: openai.AuthenticationError,
    403: openai.PermissionDeniedError,
    404: openai.NotFoundError,
    429: openai.RateLimitError,
    500: openai.InternalServerError,
    503: openai.InternalServerError,
}


@dataclass
class Case:
    """A request, and what is answered."""

    given: dict[str, Any]

    @property
    def method(self) -> str:
        return self.given.get("method", USUAL["method"])

    @property
    def path(self) -> str:
        return self.given.get("path", USUAL["path"])

    @property
    def headers(self) -> dict[str, str]:
        """Those of the request; what is null is not sent."""
        told = {**USUAL["headers"], **self.given.get("headers", {})}
        return {name: value for name, value in told.items() if value is not None}

    @property
    def body(self) -> Any:
        if "body" in self.given or self.method == "GET":
            return self.given.get("body")
        if "path" in self.given and "set" not in self.given:
            return {}
        return {**USUAL["body"], **self.given.get("set", {})}

    @property
    def status(self) -> int:
        return self.given.get("status", 400)

    @property
    def reply(self) -> Any:
        """The body of the answer; texts that begin with ~ are patterns."""
        if "reply" in self.given:
            return self.given["reply"]
        names = ("code", "message") if "param" not in self.given else _FIELDS
        told = {"type": "invalid_request_error", **self.given}
        return {"error": {name: told[name] for name in names}}

    @property
    def is_create(self) -> bool:
        """Whether it asks for a response, and with nothing but its body."""
        usual = {"method", "path", "headers"}.isdisjoint(self.given)
        alike = self.given.get("stream", True)
        return usual and alike and not {"stream", "background"} & self.body.keys()


_FIELDS = ("message", "type", "param", "code")


def cases() -> Iterator[Any]:
    for group, entries in TABLE["cases"].items():
        for given in entries:
            yield pytest.param(Case(given), id=f"{group}: {given['name']}")


CASES = list(cases())
CREATES = [each for each in CASES if each.values[0].is_create]


def matches(value: Any, wanted: Any) -> bool:
    """The same keys and values; a text that begins with ~ is a pattern of the whole."""
    if isinstance(wanted, dict):
        return (
            isinstance(value, dict)
            and value.keys() == wanted.keys()
            and all(matches(value[key], wanted[key]) for key in wanted)
        )
    if isinstance(wanted, str) and wanted.startswith("~"):
        found = isinstance(value, str) and re.fullmatch(wanted[1:], value, re.S)
        return bool(found)
    return type(value) is type(wanted) and value == wanted


def send(client: Client, case: Case, body: Any) -> Reply:
    content = b"" if body is None else orjson.dumps(body)
    return client.emulator.handle(
        Request(case.method, case.path, case.headers, content)
    )


def told(reply: Reply) -> Any:
    assert isinstance(reply.body, bytes)
    return orjson.loads(reply.body)


@pytest.mark.parametrize("case", CASES)
def test_the_error_is_azures(client: Client, case: Case) -> None:
    reply = send(client, case, case.body)

    assert reply.status == case.status, reply.body
    assert matches(told(reply), case.reply), told(reply)
    for name, wanted in case.given.get("tells", {}).items():
        assert matches(reply.headers[name], wanted)
    assert len(client.emulator.store.responses) == 0


@pytest.mark.parametrize("case", CREATES)
def test_a_stream_is_refused_before_it_begins(client: Client, case: Case) -> None:
    reply = send(client, case, {**case.body, "stream": True})

    assert reply.status == case.status, reply.body
    assert matches(told(reply), case.reply), told(reply)
    assert len(client.emulator.store.responses) == 0


@pytest.mark.parametrize("case", CREATES)
def test_over_a_websocket_it_is_a_frame(client: Client, case: Case) -> None:
    emulator = client.emulator
    session = Session(
        emulator.world, Request("GET", PATH, case.headers), emulator.handle
    )
    message = orjson.dumps({**case.body, "type": "response.create"}).decode()
    [frame] = [e for e in session.answer(message) if not isinstance(e, Pause)]

    assert isinstance(frame, dict)
    assert (frame["type"], frame["status"]) == ("error", case.status)
    wanted = {"type": "invalid_request_error", "param": None, **case.reply["error"]}
    assert matches(frame["error"], wanted), frame["error"]


def of_the_sdk(case: Case) -> dict[str, Any]:
    """A case's own headers; where it has no key, the SDK's is left out."""
    own: dict[str, str | None] = case.given.get("headers", {})
    bearer = {"authorization": openai.Omit()} if "api-key" in own else {}
    return {**bearer, **{k: openai.Omit() if v is None else v for k, v in own.items()}}


def by_the_sdk(client: Client, case: Case) -> None:
    with openai.OpenAI(
        api_key=USUAL["headers"]["api-key"],
        base_url="https://example.openai.azure.com/openai/v1/",
        http_client=httpx2.Client(transport=Transport(client.emulator.handle)),
        max_retries=0,
    ) as sdk:
        url = f"https://example.openai.azure.com{case.path}"
        options: Any = {"headers": of_the_sdk(case)}
        call = getattr(sdk, case.method.lower())
        more = {} if case.body is None else {"body": case.body}
        call(url, cast_to=object, options=options, **more)


@pytest.mark.parametrize("case", CASES)
def test_the_sdk_raises_the_error(client: Client, case: Case) -> None:
    with pytest.raises(openai.APIStatusError) as raised:
        by_the_sdk(client, case)

    error = raised.value
    assert type(error) is RAISED.get(case.status, openai.APIStatusError)
    assert error.status_code == case.status
    assert error.request_id == error.response.headers["x-request-id"]
    assert error.response.headers["apim-request-id"]
    assert matches(error.response.json(), case.reply)
    inner = case.reply.get("error", {})
    assert matches(error.code, inner.get("code"))
    assert matches(error.param, inner.get("param"))


def test_the_edge_says_in_plain_text_that_nobody_is_there(client: Client) -> None:
    case = Case({"headers": {"x-emulator-fault": "unavailable"}})
    reply = send(client, case, case.body)

    assert reply.status == 503
    assert reply.headers["content-type"].startswith("text/plain")
    assert isinstance(reply.body, bytes)
    assert reply.body.startswith(b"upstream connect error")
    with pytest.raises(openai.InternalServerError) as raised:
        by_the_sdk(client, case)
    assert isinstance(raised.value.body, str)


def test_the_readme_names_every_parameter_that_is_refused() -> None:
    _, _, told = README.read_text(encoding="utf-8").partition(
        "## Next to Azure's own list"
    )
    for given in TABLE["cases"]["what the emulator has not"]:
        if given["param"].isidentifier():
            assert f"`{given['param']}`" in told
