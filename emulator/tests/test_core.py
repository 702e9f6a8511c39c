"""The core: what is on top of an answer, who is let in, and what takes long."""

import re
import uuid

import orjson
import pytest

from emulator.tests.conftest import Client, text
from emulator.tests.models import Says
from responses_emulator.account import KEY, MCP_KEY
from responses_emulator.core import LARGE_BYTES, Emulator
from responses_emulator.http import Reply, Request
from responses_emulator.resources.sessions import Session

RESPONSES = "/openai/v1/responses"
MARKED = b"[content filter: prompt]"  # as a prompt asks for that fault
LIMITS = re.compile("x-ratelimit-|x-ms-deployment-name")


def test_each_reply_has_the_headers_of_the_gateway(client: Client) -> None:
    for path, status in (("/models", 200), ("/nothing", 404), ("/files/x", 404)):
        reply = client.send("GET", path)
        headers = reply.headers
        assert reply.status == status
        id = headers["x-request-id"]
        assert str(uuid.UUID(id)) == id == headers["apim-request-id"]
        assert headers["x-ms-region"] == "Emulator"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["strict-transport-security"] == (
            "max-age=31536000; includeSubDomains; preload"
        )
        assert "x-ms-client-request-id" not in headers
    mine = client.send("GET", "/models", x_ms_client_request_id="mine").headers
    assert mine["x-ms-client-request-id"] == "mine"


@pytest.mark.parametrize(
    ("method", "path", "model", "status", "tells"),
    [
        ("POST", "/responses", "gpt-5-mini", 400, True),
        ("POST", "/responses", "none", 400, False),
        ("POST", "/responses", 5, 400, False),
        ("POST", "/responses/compact", "gpt-5-mini", 400, False),
        ("GET", "/nothing", "gpt-5-mini", 404, False),
    ],
)
def test_an_error_of_a_response_alone_tells_of_the_limits(
    client: Client, method: str, path: str, model: object, status: int, tells: bool
) -> None:
    reply = client.send(method, path, {"model": model, "input": 5})
    assert reply.status == status
    names = {name for name in reply.headers if LIMITS.match(name)}
    assert len(names) == (7 if tells else 0)
    if tells:
        assert reply.headers["x-ms-deployment-name"] == model


# Who is let in


@pytest.mark.parametrize(
    ("target", "headers", "let_in"),
    [
        (RESPONSES, {"api-key": KEY}, True),
        (RESPONSES, {"authorization": f"Bearer {KEY}"}, True),
        (RESPONSES, {"api-key": "wrong"}, False),
        (RESPONSES, {}, False),
        ("/elsewhere", {"api-key": KEY}, False),
        ("/openai", {"api-key": KEY}, False),
        ("/emulator/faults", {}, True),
        ("/emulator/faults", {"origin": "http://evil.example"}, False),
        ("/mcp", {"x-apikey": MCP_KEY}, True),
        ("/mcp", {"x-apikey": "wrong"}, False),
        ("/mcp", {}, False),
    ],
)
def test_who_is_let_in_is_known_before_a_body_is_read(
    target: str, headers: dict[str, str], let_in: bool
) -> None:
    assert Emulator().lets_in(Request("POST", target, headers)) is let_in


def test_who_may_not_opens_no_session() -> None:
    emulator = Emulator()
    opened = emulator.connect(
        Request("GET", RESPONSES, {"api-key": KEY}), emulator.handle
    )
    assert isinstance(opened, Session)
    refused = emulator.connect(
        Request("GET", RESPONSES, {"api-key": "wrong"}), emulator.handle
    )
    assert isinstance(refused, Reply)
    assert isinstance(refused.body, bytes)
    assert refused.status == 401
    assert orjson.loads(refused.body)["error"]["code"] == "401"


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", "/?x", 200),
        ("POST", "/", 404),
        ("DELETE", "/", 404),
        ("GET", "/msi/token", 401),
        ("POST", "/msi/token", 404),
    ],
)
def test_what_needs_no_key_is_got_and_nothing_else(
    method: str, target: str, status: int
) -> None:
    assert Emulator().handle(Request(method, target)).status == status


# What takes long


def asked(path: str = RESPONSES, body: bytes = b"{}", **headers: str) -> Request:
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request("POST", path, headers, body)


def test_no_answer_of_the_stand_in_is_waited_for() -> None:
    emulator = Emulator()
    for request in (
        asked(),
        asked(body=MARKED),
        asked(body=b" " * LARGE_BYTES),
        asked(x_emulator_fault="reset"),
    ):
        assert not emulator.waits_for_a_model(request)
    emulator.faults.add("reset")
    assert not emulator.waits_for_a_model(asked())


@pytest.mark.parametrize("body", [b"{}", b'{"tools": [{"type": "mcp"}]}'])
@pytest.mark.parametrize("is_slow", [False, True])
def test_a_fault_waits_for_what_it_changes(is_slow: bool, body: bytes) -> None:
    emulator = Emulator(model=Says(waits=True)) if is_slow else Emulator()
    waits = is_slow or b"mcp" in body
    assert not emulator.waits_for_a_model(asked(body=body))
    by_header = asked(body=body, x_emulator_fault="incomplete")
    assert emulator.waits_for_a_model(by_header) is waits
    marked = MARKED + body
    assert emulator.waits_for_a_model(asked(body=marked)) is waits
    assert not emulator.waits_for_a_model(asked("/openai/v1/files", marked))
    emulator.faults.add("incomplete")
    assert emulator.waits_for_a_model(asked(body=body)) is waits


def test_a_large_body_and_a_protocol_that_is_loaded_are_waited_for() -> None:
    assert LARGE_BYTES == 1024 * 1024
    emulator = Emulator()
    assert emulator.waits_for_a_model(asked(body=b" " * (LARGE_BYTES + 1)))
    assert emulator.waits_for_a_model(asked("/mcp"))
    assert not emulator.waits_for_a_model(asked("/mcp/x"))


# What it is told


def test_without_a_journal_there_is_none_to_look_at() -> None:
    emulator = Emulator()
    for look in (lambda: emulator.requests, emulator.verdict):
        with pytest.raises(RuntimeError, match=r"Emulator\(journal=True\) keeps one"):
            look()
    emulator.reset()  # which has none to clear
    assert Emulator(journal=True).requests == []


def test_what_is_scripted_comes_as_often_as_that(client: Client) -> None:
    client.emulator.reply_with("Yes.", {"content": "No."}, times=2)
    client.emulator.reply_with("Once.")
    said = [
        [text({"output": [each]}) for each in client.create()["output"]] for _ in "abc"
    ]
    assert said == [["Yes.", "No."], ["Yes.", "No."], ["Once."]]
    assert text(client.create()) != "Once."
    with pytest.raises(ValueError):
        client.emulator.reply_with({"type": "nothing"})


def test_what_it_is_made_with_holds() -> None:
    emulator = Emulator()
    world = emulator.world
    assert (world.background_seconds, world.indexing_seconds) == (3, 0)
    assert (world.limits.requests, world.limits.tokens) == (None, None)
    assert not world.lenient_history
    assert emulator.journal is None
    assert not world.mcp_hosts.names("tools.example", 443)
    told = Emulator(
        key="mine",
        background_seconds=1,
        indexing_seconds=2,
        rate_limit=3,
        token_limit=4,
        lenient_history=True,
        mcp_allow=["tools.example"],
    )
    assert (told.world.background_seconds, told.world.indexing_seconds) == (1, 2)
    assert (told.world.limits.requests, told.world.limits.tokens) == (3, 4)
    assert told.world.lenient_history
    assert told.world.mcp_hosts.names("tools.example", 443)
    assert told.lets_in(Request("GET", RESPONSES, {"api-key": "mine"}))
    assert not told.lets_in(Request("GET", RESPONSES, {"api-key": KEY}))
