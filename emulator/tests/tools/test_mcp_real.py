"""Real MCP servers: how they are asked, what comes back, and what goes wrong."""

import asyncio
import io
import ipaddress
import logging
import ssl
import threading
import time
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from openai import AsyncOpenAI

from emulator.tests.conftest import Client, approved, text
from emulator.tests.mcp_servers import (
    Seen,
    crooked,
    reply,
    say,
    sdk_server,
    well_behaved,
)
from emulator.tests.test_hosts import leading_to
from responses_emulator import outgoing
from responses_emulator.account import KEY
from responses_emulator.adapters.transport import AsyncTransport
from responses_emulator.core import Emulator
from responses_emulator.http import Request, close_pieces
from responses_emulator.observers.observe import observe
from responses_emulator.observers.record import recording
from responses_emulator.observers.wire import Wire
from responses_emulator.testing import LeftLoopback, running
from responses_emulator.tools import mcp_session

ASKED = "What is 6 times 7? Use multiply."
STOP_SECONDS = 5  # what is not stopped goes on for ever


@pytest.fixture(scope="module")
def newer() -> Generator[Seen]:
    with sdk_server() as seen:
        yield seen


@pytest.fixture(scope="module")
def older() -> Generator[Seen]:
    with sdk_server(older=True) as seen:
        yield seen


@pytest.fixture(params=["newer", "older"])
def server(request: pytest.FixtureRequest) -> Seen:
    seen: Seen = request.getfixturevalue(request.param)
    seen.forget()
    return seen


def tool_of(server: Seen, **more: Any) -> dict[str, Any]:
    return {
        "type": "mcp",
        "server_label": "real",
        "server_url": server.url,
        "require_approval": "never",
        **more,
    }


def only(server: Seen, name: str, **more: Any) -> dict[str, Any]:
    """A request for one tool of a server."""
    return {
        "input": "Do it.",
        "tools": [tool_of(server, **more)],
        "tool_choice": {"type": "mcp", "server_label": "real", "name": name},
    }


def items(response: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [item for item in response["output"] if item["type"] == kind]


def called(client: Client, server: Seen, name: str) -> dict[str, Any]:
    """The item of the one call that a request has led to."""
    [call] = items(client.create(**only(server, name)), "mcp_call")
    return call


# What is asked, and what comes back


def test_a_real_server_is_listed_and_called(client: Client, server: Seen) -> None:
    response = client.create(ASKED, tools=[tool_of(server)])

    [listed] = items(response, "mcp_list_tools")
    entry = listed["tools"][0]
    assert (entry["name"], entry["description"]) == (
        "multiply",
        "Multiply two numbers.",
    )
    assert entry["input_schema"]["required"] == ["a", "b"]
    assert entry["annotations"] == {"readOnlyHint": True}
    [call] = items(response, "mcp_call")
    assert (call["name"], call["output"], call["error"]) == ("multiply", "42", None)
    assert orjson.loads(call["arguments"]) == {"a": 6, "b": 7}
    assert "42" in text(response)
    assert server.methods.count("tools/list") == 1


@pytest.mark.parametrize("kept", [True, False])
def test_it_is_listed_once_a_conversation(
    client: Client, server: Seen, kept: bool
) -> None:
    first = client.create(ASKED, tools=[tool_of(server)])
    asked = "What is 3 times 5? Use multiply."
    if kept:
        body = {"input": asked, "previous_response_id": first["id"]}
    else:
        before = [{"role": "user", "content": ASKED}, *first["output"]]
        body = {"input": [*before, {"role": "user", "content": asked}]}
    second = client.create(**body, tools=[tool_of(server)])

    assert items(second, "mcp_list_tools") == []
    assert [call["output"] for call in items(second, "mcp_call")] == ["15"]
    assert server.methods.count("tools/list") == 1
    assert server.methods.count("tools/call") == 2


def test_a_failed_listing_is_made_again(client: Client) -> None:
    fails = True

    def answer(handler: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
        if fails and message.get("method") == "tools/list":
            say(handler, 503)
        else:
            well_behaved(handler, message)

    with crooked(answer) as server:
        events = client.events("Look.", tools=[tool_of(server)])
        failed = events[-1]["response"]
        assert (failed["status"], failed["output"][-1]["tools"]) == ("failed", [])
        assert "503 (Service Unavailable)" in failed["error"]["message"]
        fails = False
        kept = [failed["output"][-1], {"role": "user", "content": "Look."}]
        second = client.create(kept, tools=[tool_of(server)])
        assert len(items(second, "mcp_list_tools")) == 1
        assert server.methods.count("tools/list") == 2


@pytest.mark.parametrize(
    ("allowed", "names"),
    [
        (["explode", "multiply"], ["multiply", "explode"]),
        ({"tool_names": ["draw"]}, ["draw"]),
        ({"read_only": True}, ["multiply"]),
        ({"read_only": True, "tool_names": ["draw"]}, []),
    ],
)
def test_only_allowed_tools_are_told_and_called(
    client: Client, newer: Seen, allowed: Any, names: list[str]
) -> None:
    newer.forget()
    tool = tool_of(newer, allowed_tools=allowed)
    [listed] = items(client.create(ASKED, tools=[tool]), "mcp_list_tools")
    assert [entry["name"] for entry in listed["tools"]] == names
    calls = [m for m in newer.messages if m.get("method") == "tools/call"]
    assert bool(calls) is ("multiply" in names)


@pytest.mark.parametrize(
    ("rule", "is_asked"),
    [
        ("always", True),
        (None, True),
        ({"never": {"read_only": True}}, False),
        ({"always": {"tool_names": ["multiply"]}}, True),
        ({"always": {"tool_names": ["draw"]}}, False),
    ],
)
def test_nothing_is_called_before_it_is_approved(
    client: Client, newer: Seen, rule: Any, is_asked: bool
) -> None:
    newer.forget()
    tool = tool_of(newer, require_approval=rule)
    first = client.create(ASKED, tools=[tool])
    requests = items(first, "mcp_approval_request")
    assert (bool(requests), "tools/call" in newer.methods) == (is_asked, not is_asked)
    if is_asked:
        answer = approved(requests[0]["id"])
        second = client.create([answer], tools=[tool], previous_response_id=first["id"])
        [call] = items(second, "mcp_call")
        assert (call["output"], call["approval_request_id"]) == (
            "42",
            requests[0]["id"],
        )
        assert newer.methods.count("tools/list") == 1


def test_headers_and_a_token_go_with_each_request(client: Client, server: Seen) -> None:
    tool = tool_of(
        server,
        headers={"X-Key": "t0p-secret", "Host": "elsewhere.example"},
        authorization="t0ken",
    )
    client.create(ASKED, tools=[tool])
    assert server.headers
    for headers in server.headers:
        assert headers["x-key"] == "t0p-secret"
        assert headers["authorization"] == "Bearer t0ken"
        assert headers["host"] == server.base.removeprefix("http://")


@pytest.mark.parametrize("value", ["Bearer t0ken", " bearer  t0ken", "Basic t0ken"])
def test_a_token_has_no_scheme_before_it(
    client: Client, newer: Seen, value: str
) -> None:
    newer.forget()
    error = client.refused(tools=[tool_of(newer, authorization=value)])
    assert error["code"] == "not_supported_by_emulator"
    assert error["param"] == "tools[0].authorization"
    assert "the token alone" in error["message"]
    assert "t0ken" not in error["message"]
    assert not newer.messages


def test_a_tool_that_fails_says_so_itself(client: Client, server: Seen) -> None:
    call = called(client, server, "explode")
    assert (call["status"], call["output"]) == ("failed", None)
    assert call["error"]["type"] == "mcp_tool_execution_error"
    assert "It exploded." in call["error"]["content"][0]["text"]


def test_who_asks_back_is_refused(client: Client, server: Seen) -> None:
    call = called(client, server, "ask_back")
    assert call["status"] == "failed"
    assert "licitation" in orjson.dumps(call["error"]).decode()


def test_what_is_no_text_is_told_as_its_json(client: Client, newer: Seen) -> None:
    text, picture = called(client, newer, "draw")["output"].split("\n")
    assert text == "A dot:"
    assert orjson.loads(picture) == {
        "type": "image",
        "data": "ZG90",
        "mimeType": "image/png",
    }


def test_events_come_in_the_services_order(client: Client, newer: Seen) -> None:
    events = client.events(ASKED, tools=[tool_of(newer)])
    kinds = [event["type"].removeprefix("response.") for event in events]
    without = [k for k in kinds if not k.endswith("delta") and "reasoning" not in k]
    begin = without.index("mcp_list_tools.in_progress")
    assert without[begin - 1 : begin + 9] == [
        "output_item.added",
        "mcp_list_tools.in_progress",
        "mcp_list_tools.completed",
        "output_item.done",
        "output_item.added",
        "mcp_call.in_progress",
        "mcp_call_arguments.done",
        "mcp_call.completed",
        "output_item.done",
        "output_item.added",
    ]


# What goes wrong


def own_certificate(folder: Path) -> tuple[Path, Path]:
    """The files of a certificate for 127.0.0.1 that nobody else has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "tests")])
    now = datetime.now(UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return files


def refusing(method: str, status: int) -> Any:
    def answer(handler: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
        if method in ("", message.get("method")):
            say(handler, status, b"no t0p-secret here", "text/plain")
        else:
            well_behaved(handler, message)

    return answer


STATUSES = [
    (401, "Unauthorized"),
    (403, "Forbidden"),
    (404, "Not Found"),
    (500, "Internal Server Error"),
    (503, "Service Unavailable"),
    (307, "Temporary Redirect"),
]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 406, 415, 422, 500])
def test_who_does_not_know_the_new_transport_is_asked_for_the_old_one(
    client: Client, status: int
) -> None:
    listened: list[str] = []

    def listen(handler: BaseHTTPRequestHandler) -> None:
        listened.append(handler.headers["accept"])
        say(handler, 404)

    with crooked(refusing("", status), listen) as server:
        body = {"model": "gpt-5-mini", "input": "Hi.", "tools": [tool_of(server)]}
        _, error = client.error("POST", "/responses", body)
    assert f"({HTTPStatus(status).phrase})" in error["message"]  # as was said first
    is_older = status in (400, 404, 405, 406, 415)
    assert [one.startswith("text/event-stream") for one in listened] == [
        True
    ] * is_older


@pytest.mark.parametrize("is_asked", [True, False])
def test_what_is_no_success_is_no_answer(client: Client, is_asked: bool) -> None:
    def answer(handler: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
        if message.get("method") == "tools/call":
            asked = message["id"] if is_asked else "another"
            told = {"jsonrpc": "2.0", "id": asked, "result": {}}
            say(handler, 300, orjson.dumps(told))
        else:
            well_behaved(handler, message)

    with crooked(answer) as server:
        error = called(client, server, "look")["error"]
    assert (error["type"], error["code"]) == ("http_error", 300)


def test_the_readme_says_how_long_and_how_much() -> None:
    """The sentence to the letter: a bound is a promise."""
    readme = Path(__file__).parents[2].joinpath("README.md").read_text("utf-8")
    told = (
        f"{mcp_session.LIST_SECONDS:.0f} seconds for a list, "
        f"{mcp_session.CALL_SECONDS:.0f} for a call, "
        f"{mcp_session.REPLY_BYTES / 2**20:g} MiB for all that a server says to one "
        f"question, {mcp_session.MOST_REQUESTS} requests that it leads to, "
        f"{mcp_session.MOST_TOOLS} tools."
    )
    assert told in readme


def test_of_what_is_wrong_no_more_is_told_than_a_line() -> None:
    detail = mcp_session._detail
    assert detail(ValueError("It is odd...\nsecret")) == ": It is odd"
    assert detail(ValueError("ends in_")) == ": ends in_"
    assert detail(ValueError("")) == ""
    assert detail(ValueError("x" * 9_000)) == ": " + "x" * 2_000


def test_what_is_not_repeated_is_each_value_that_was_sent() -> None:
    url = "https://me%40x:pass%20word@a.b/mcp?key=in-query&a=short#frag%20ment"
    headers = {"authorization": "Bearer t0p-s3cret ", "x-key": "abcdef", "y": "abcde"}
    found = mcp_session._secrets(url, headers)
    assert sorted(found, key=len, reverse=True) == found
    assert set(found) == {
        *("Bearer t0p-s3cret", "t0p-s3cret", "abcdef", "in-query"),
        *("key=in-query&a=short", "frag%20ment", "frag ment", "me%40x"),
        *("pass%20word", "pass word"),
    }


@pytest.mark.parametrize("where", ["", "tools/list"])
@pytest.mark.parametrize(("status", "phrase"), STATUSES)
def test_a_refused_listing_is_a_424_with_the_status(
    client: Client, status: int, phrase: str, where: str
) -> None:
    with crooked(refusing(where, status)) as server:
        body = {"model": "gpt-5-mini", "input": "Hi.", "tools": [tool_of(server)]}
        told, error = client.error("POST", "/responses", body)
        assert told == 424
        assert error == {
            "message": "Error retrieving tool list from MCP server: 'real'. Http "
            f"status code: {status} ({phrase})",
            "type": "external_connector_error",
            "param": "tools",
            "code": "http_error",
        }
        assert len(client.emulator.store.responses) == 0


@pytest.mark.parametrize(("status", "phrase"), STATUSES)
def test_a_refused_call_is_told_with_the_status(
    client: Client, status: int, phrase: str
) -> None:
    with crooked(refusing("tools/call", status)) as server:
        call = called(client, server, "look")
    assert (call["status"], call["output"]) == ("failed", None)
    assert call["error"] == {"type": "http_error", "code": status, "message": phrase}


@pytest.mark.parametrize("method", ["tools/list", "tools/call"])
def test_an_error_of_the_protocol_is_told_as_one(client: Client, method: str) -> None:
    def answer(handler: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
        if message.get("method") != method:
            well_behaved(handler, message)
            return
        error = {"code": -32000, "message": "Out of order."}
        told = {"jsonrpc": "2.0", "id": message["id"], "error": error}
        say(handler, 400, orjson.dumps(told))

    with crooked(answer) as server:
        if method == "tools/list":
            body = {"model": "gpt-5-mini", "input": "Hi.", "tools": [tool_of(server)]}
            status, error = client.error("POST", "/responses", body)
            told = "Http status code: 424 (Failed Dependency). Out of order."
            assert (status, told in error["message"]) == (424, True)
        else:
            assert called(client, server, "look")["error"] == {
                "type": "mcp_protocol_error",
                "code": -32000,
                "message": "Out of order.",
            }


@pytest.mark.parametrize("code", [10**30, -(10**30)])
def test_a_code_of_any_size_is_told(client: Client, code: int) -> None:
    error = b'"error":{"code":%d,"message":"Odd."}' % code

    def answer(handler: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
        if message.get("method") == "tools/call":
            say(handler, 200, b'{"jsonrpc":"2.0","id":%d,%s}' % (message["id"], error))
        else:
            well_behaved(handler, message)

    with crooked(answer) as server:
        told = called(client, server, "look")["error"]
    assert (told["type"], told["message"]) == ("mcp_protocol_error", "Odd.")
    assert abs(told["code"]) <= 2**31


@pytest.mark.parametrize(
    ("result", "why"),
    [
        ({"tools": [{"name": "a", "inputSchema": {}}]}, "inputSchema.type: Field "),
        ({"tools": [{"name": 5, "inputSchema": {"type": "object"}}]}, ".name: Input "),
        ([], "it is no message of JSON-RPC 2.0."),
    ],
)
def test_what_is_wrong_with_an_answer_is_told(
    client: Client, result: Any, why: str
) -> None:
    def answer(handler: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
        if message.get("method") == "tools/list":
            reply(handler, message, result)
        else:
            well_behaved(handler, message)

    with crooked(answer) as server:
        body = {"model": "gpt-5-mini", "input": "Hi.", "tools": [tool_of(server)]}
        _, error = client.error("POST", "/responses", body)
    assert "424 (Failed Dependency). The server's answer is not" in error["message"]
    assert why in error["message"]


@pytest.mark.parametrize("method", ["initialize", "tools/list", "tools/call"])
@pytest.mark.parametrize(
    "other", [{"id": 999, "result": {}}, {"id": 1, "method": "ping"}, {"method": "x"}]
)
def test_an_answer_to_another_question_is_not_waited_for(
    client: Client, method: str, other: dict[str, Any]
) -> None:
    def answer(handler: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
        if message.get("method") == method:
            say(handler, 200, orjson.dumps({"jsonrpc": "2.0", **other}))
        else:
            well_behaved(handler, message)

    why = "The server has answered what it was not asked."
    with crooked(answer) as server:
        if method == "tools/call":
            error = called(client, server, "look")["error"]
            assert (error["type"], error["message"]) == ("mcp_protocol_error", why)
        else:
            body = {"model": "gpt-5-mini", "input": "Hi.", "tools": [tool_of(server)]}
            status, error = client.error("POST", "/responses", body)
            assert (status, why in error["message"]) == (424, True)


def test_an_error_without_an_id_is_the_answer(client: Client) -> None:
    def answer(handler: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
        if message.get("method") == "tools/call":
            error = {"code": -32600, "message": "Unreadable."}
            told = {"jsonrpc": "2.0", "id": None, "error": error}
            say(handler, 200, orjson.dumps(told))
        else:
            well_behaved(handler, message)

    with crooked(answer) as server:
        assert called(client, server, "look")["error"]["message"] == "Unreadable."


def with_sessions(
    handler: BaseHTTPRequestHandler, message: dict[str, Any], id: str
) -> None:
    """Answer as a server does that tells its sessions apart."""
    if message.get("method") != "initialize":
        well_behaved(handler, message)
        return
    result = {
        "protocolVersion": "2025-06-18",
        "capabilities": {"tools": {}},
        "serverInfo": {"name": "sessions", "version": "1"},
    }
    told = {"jsonrpc": "2.0", "id": message["id"], "result": result}
    say(handler, 200, orjson.dumps(told), mcp_session_id=id)


@pytest.mark.parametrize("begins_anew", [True, False])
def test_a_session_that_the_server_has_forgotten_begins_anew_once(
    client: Client, begins_anew: bool
) -> None:
    begun = 0

    def answer(handler: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
        nonlocal begun
        begun += message.get("method") == "initialize"
        known = begins_anew and handler.headers.get("mcp-session-id") == "s2"
        if message.get("method") == "tools/call" and not known:
            say(handler, 404)
        else:
            with_sessions(handler, message, f"s{begun}")

    with crooked(answer) as server:
        call = called(client, server, "look")
    assert begun == 2
    if begins_anew:
        assert (call["output"], call["error"]) == ("looked", None)
    else:
        assert call["error"]["code"] == 404


def test_a_server_that_repeats_what_it_was_sent_is_not_quoted(client: Client) -> None:
    def answer(handler: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
        text = f"{dict(handler.headers)} at {handler.path}, secret in-the-query"
        if message.get("method") == "tools/call":
            content = [{"type": "text", "text": text}]
            reply(handler, message, {"content": content, "isError": True})
        elif message.get("method") == "tools/list" and "fail" in handler.path:
            error = {"code": -32000, "message": text}
            told = {"jsonrpc": "2.0", "id": message["id"], "error": error}
            say(handler, 200, orjson.dumps(told))
        else:
            well_behaved(handler, message)

    with crooked(answer) as server:
        more = {"authorization": "t0ken-t0ken", "headers": {"x-key": "t0p-secret"}}
        url = server.url.replace("//", "//user:pass-word@")
        for path in ("?key=in-the-query", "/fail?key=in-the-query"):
            body = only(server, "look", **more, server_url=url + path)
            told = client.events(**body)
            assert "<redacted>" in str(told)
            for secret in ("t0ken-t0ken", "t0p-secret", "in-the-query", "pass-word"):
                assert secret not in str(told)


def test_nobody_who_listens_is_a_424(client: Client) -> None:
    with crooked(well_behaved) as server:
        pass  # and it is gone
    body = {"model": "gpt-5-mini", "input": "Hi.", "tools": [tool_of(server)]}
    status, error = client.error("POST", "/responses", body)
    assert (status, "424 (Failed Dependency)" in error["message"]) == (424, True)


@pytest.mark.parametrize("method", ["initialize", "tools/list", "tools/call"])
def test_who_says_nothing_is_not_waited_for_for_ever(
    client: Client, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mcp_session, "LIST_SECONDS", 0.3)
    monkeypatch.setattr(mcp_session, "CALL_SECONDS", 0.3)
    let_go = threading.Event()

    def answer(handler: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
        if message.get("method") == method:
            let_go.wait(10)
        else:
            well_behaved(handler, message)

    with crooked(answer) as server:
        if method == "tools/call":
            assert called(client, server, "look")["error"] == {
                "type": "http_error",
                "code": 504,
                "message": "Gateway Timeout",
            }
        else:
            body = {"model": "gpt-5-mini", "input": "Hi.", "tools": [tool_of(server)]}
            _, error = client.error("POST", "/responses", body)
            assert "504 (Gateway Timeout)" in error["message"]
        let_go.set()


@pytest.mark.parametrize("number", ["1" + "0" * 30, "-1e400", "0.1"])
def test_numbers_of_any_size_pass(client: Client, number: str) -> None:
    schema = f'{{"type":"object","properties":{{"n":{{"maximum":{number}}}}}}}'

    def answer(handler: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
        told = f'{{"jsonrpc":"2.0","id":{message.get("id")},"result":'
        if message.get("method") == "tools/list":
            told += f'{{"tools":[{{"name":"look","inputSchema":{schema}}}]}}}}'
            say(handler, 200, told.encode())
        elif message.get("method") == "tools/call":
            told += f'{{"content":[],"structuredContent":{{"n":{number}}}}}}}'
            say(handler, 200, told.encode())
        else:
            well_behaved(handler, message)

    with crooked(answer) as server:
        response = client.create(**only(server, "look"))
    [call] = items(response, "mcp_call")
    assert call["status"] == "completed"
    assert call["output"].startswith('{"n": ')


def test_a_tool_that_nothing_satisfies_is_passed_over(client: Client) -> None:
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"enum": []}}}
    impossible = {"name": "look_away", "inputSchema": schema}
    possible = {"name": "look", "inputSchema": {"type": "object"}}
    answer = partial(well_behaved, tools=[impossible, possible])
    with crooked(answer) as server:
        response = client.create("Look away, or just look.", tools=[tool_of(server)])
        [call] = items(response, "mcp_call")
        assert call["name"] == "look"
        forced = called(client, server, "look_away")
        assert (forced["arguments"], forced["output"]) == ("{}", "looked")


def test_a_tool_that_is_only_called_as_one_built_in_is_called_as_its_own(
    client: Client,
) -> None:
    schema = {"type": "object", "properties": {"q": {"type": "string"}}}
    tool = {"name": "web_search", "inputSchema": {**schema, "required": ["q"]}}
    with crooked(partial(well_behaved, tools=[tool])) as server:
        call = called(client, server, "web_search")
    assert list(orjson.loads(call["arguments"])) == ["q"]
    assert call["output"] == "looked"


# Bounds


def test_a_reply_that_is_too_large_is_not_read_on(client: Client) -> None:
    def answer(handler: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
        if message.get("method") == "tools/call":
            text = "x" * (mcp_session.REPLY_BYTES + 1)
            reply(handler, message, {"content": [{"type": "text", "text": text}]})
        else:
            well_behaved(handler, message)

    with crooked(answer) as server:
        error = called(client, server, "look")["error"]
    assert error["type"] == "mcp_protocol_error"
    assert error["message"] == "The server's reply is larger than 4194304 bytes."


def test_a_reply_may_have_so_many_bytes() -> None:
    watch = mcp_session._Watch()
    watch.count(mcp_session.REPLY_BYTES - 1)
    watch.count(1)
    assert not watch.fault
    with pytest.raises(httpx2.StreamError):
        watch.count(1)
    assert watch.refused.is_set()
    watch.begin()
    watch.count(mcp_session.REPLY_BYTES)  # of each reply anew


def test_a_stream_that_never_ends_is_left(client: Client) -> None:
    def answer(handler: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
        if message.get("method") != "tools/call":
            well_behaved(handler, message)
            return
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("connection", "close")
        handler.end_headers()
        note = {"jsonrpc": "2.0", "method": "notifications/message"}
        note["params"] = {"level": "info", "data": "x" * 60_000}  # pyright: ignore[reportArgumentType]
        event = b"data: " + orjson.dumps(note) + b"\n\n"
        try:
            while True:
                handler.wfile.write(event)
        except OSError:
            handler.close_connection = True

    with crooked(answer) as server:
        error = called(client, server, "look")["error"]
    assert "larger than" in error["message"]


def test_who_has_the_emulator_ask_without_end_is_left(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mcp_session, "MOST_REQUESTS", 20)
    many = threading.Event()
    asked = 0

    def listen(handler: BaseHTTPRequestHandler) -> None:
        nonlocal asked
        asked += 1
        if asked > 10:
            many.set()
        again = b"retry: 0\n\n"  # the stream ends; come back at once
        say(handler, 200, again, "text/event-stream")

    def answer(handler: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
        if message.get("method") == "tools/call":
            many.wait(5)
        with_sessions(handler, message, "s")

    with crooked(answer, listen) as server:
        response = client.create(**only(server, "look"))
        [call] = items(response, "mcp_call")
        for _ in range(3):
            client.create(**only(server, "look"))
    assert asked <= 4 * 20
    assert call["error"] is None or "more than 20 requests" in str(call["error"])


def test_what_is_packed_is_not_unpacked(client: Client) -> None:
    def answer(handler: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
        if message.get("method") == "tools/call":
            say(handler, 200, b"\x1f\x8b", content_encoding="gzip")
        else:
            well_behaved(handler, message)

    with crooked(answer) as server:
        error = called(client, server, "look")["error"]
        assert all(h["accept-encoding"] == "identity" for h in server.headers)
    assert "packed" in error["message"]


def test_an_empty_cursor_is_the_end(client: Client) -> None:
    def answer(handler: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
        if message.get("method") == "tools/list":
            tool = {"name": "look", "inputSchema": {"type": "object"}}
            reply(handler, message, {"tools": [tool], "nextCursor": ""})
        else:
            well_behaved(handler, message)

    with crooked(answer) as server:
        assert called(client, server, "look")["output"] == "looked"
        assert server.methods.count("tools/list") == 1


@pytest.mark.parametrize("pages", [1, 1_000])
def test_too_many_tools_are_a_424(client: Client, pages: int) -> None:
    count = mcp_session.MOST_TOOLS + 1 if pages == 1 else 0
    tools = [{"name": f"t{n}", "inputSchema": {"type": "object"}} for n in range(count)]

    def answer(handler: BaseHTTPRequestHandler, message: dict[str, Any]) -> None:
        if message.get("method") == "tools/list" and pages > 1:
            reply(handler, message, {"tools": [], "nextCursor": "more"})
        else:
            well_behaved(handler, message, tools)

    with crooked(answer) as server:
        body = {"model": "gpt-5-mini", "input": "Hi.", "tools": [tool_of(server)]}
        status, _ = client.error("POST", "/responses", body)
        assert status == 424
        assert server.methods.count("tools/list") <= mcp_session.MOST_PAGES


def test_what_http_does_not_have_is_refused_and_not_repeated(client: Client) -> None:
    for secret in (
        {"headers": {"x-key": "t0p-secret\n"}},
        {"headers": {"x key": "t0p-secret"}},
        {"headers": {"x-key": "t0p-secret\u00e9"}},
        {"authorization": "t0p-secret\n"},
    ):
        tool = {"type": "mcp", "server_label": "a", "server_url": "http://localhost/"}
        error = client.refused("Hi.", tools=[{**tool, **secret}])
        assert error["param"].startswith("tools[0].")
        assert "t0p-secret" not in str(error)


@pytest.mark.parametrize("stream", [False, True])
def test_what_a_server_is_sent_is_nowhere_to_be_found(
    newer: Seen, stream: bool, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = ["t0p-secret", "t0ken", "in-query", "pass-word", "in-fragment"]
    url = newer.url.replace("//", "//user:pass-word@") + "?key=in-query#in-fragment"
    tool = tool_of(
        newer,
        server_url=url,
        headers={"x-key": "t0p-secret"},
        authorization="t0ken",
    )
    shown = io.StringIO()
    emulator = Emulator(journal=True)
    with recording(tmp_path / "record.jsonl") as record:
        handle = observe(emulator.handle, Wire(shown), record)
        for tools in ([tool], [{**tool, "server_url": url.replace("/mcp", "/no")}]):
            body = {"model": "gpt-5-mini", "input": ASKED, "tools": tools}
            reply = handle(
                Request(
                    "POST",
                    "/openai/v1/responses",
                    {"api-key": KEY, "content-type": "application/json"},
                    orjson.dumps({**body, "stream": stream}),
                )
            )
            told = [reply.body] if isinstance(reply.body, bytes) else [*reply.body]
            assert not [secret for secret in secrets if secret in str(told)]
    assert newer.headers[-1]["x-key"] == "t0p-secret"
    places = [
        shown.getvalue(),
        (tmp_path / "record.jsonl").read_text(),
        str(emulator.requests),
        *(f"{each.body} {each.input_items}" for each in emulator.store.responses),
        str(vars(emulator.world.prompt_cache)),
        *(r.getMessage() for r in caplog.records if r.name != "uvicorn.access"),
    ]
    assert "mcp_call" in places[0]
    for place in places:
        assert not [secret for secret in secrets if secret in place]


# Who waits, and who does not


def waiting(server: Seen) -> dict[str, Any]:
    return {"model": "gpt-5-mini", **only(server, "wait_long")}


def test_a_stream_that_is_left_ends_its_call(client: Client, server: Seen) -> None:
    request = Request(
        "POST",
        "/openai/v1/responses",
        {"api-key": KEY, "content-type": "application/json"},
        orjson.dumps({**waiting(server), "stream": True}),
        may_block=False,
    )
    pieces = client.emulator.handle(request).body
    assert not isinstance(pieces, bytes)
    while not server.waiting.is_set():
        next(pieces)
        time.sleep(0.001)
    began = time.monotonic()
    close_pieces(pieces)
    assert time.monotonic() - began < STOP_SECONDS
    assert server.cancelled.wait(5)
    assert time.monotonic() - began < 2 * STOP_SECONDS


def test_a_response_in_the_background_can_be_cancelled(
    client: Client, server: Seen
) -> None:
    first = client.json("POST", "/responses", {**waiting(server), "background": True})
    assert first["status"] == "queued"
    assert server.waiting.wait(10)
    began = time.monotonic()
    cancelled = client.json("POST", f"/responses/{first['id']}/cancel")
    assert cancelled["status"] == "cancelled"
    assert time.monotonic() - began < STOP_SECONDS
    assert server.cancelled.wait(5)
    assert client.json("GET", f"/responses/{first['id']}")["status"] == "cancelled"


def test_a_response_in_the_background_comes_to_its_end(
    client: Client, newer: Seen
) -> None:
    newer.forget()
    first = client.json("POST", "/responses", {**waiting(newer), "background": True})
    newer.let_go.set()
    stored = client.emulator.store.responses.get(first["id"])
    assert stored is not None
    assert stored.done is not None
    assert stored.done.wait(10)
    client.clock.sleep(client.emulator.world.background_seconds)
    later = client.json("GET", f"/responses/{first['id']}")
    assert [call["output"] for call in items(later, "mcp_call")] == ["at last"]


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("fault", ["", "incomplete"])
def test_an_event_loop_never_waits_for_a_server(
    newer: Seen, stream: bool, fault: str
) -> None:
    newer.forget()
    emulator = Emulator()
    if fault:
        emulator.faults.add(fault)
    transport = AsyncTransport(emulator.handle, waits=emulator.waits_for_a_model)

    async def ask() -> None:
        async with AsyncOpenAI(
            api_key=KEY,
            base_url="http://localhost/openai/v1/",
            http_client=httpx2.AsyncClient(transport=transport),
        ) as client:
            reply: Any = await client.responses.create(**waiting(newer), stream=stream)
            if stream:
                async for _ in reply:
                    pass

    async def main() -> None:
        asking = asyncio.create_task(ask())
        longest = 0.0
        while not newer.waiting.is_set():
            began = time.monotonic()
            await asyncio.sleep(0.001)
            longest = max(longest, time.monotonic() - began)
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert not asking.done()
        newer.let_go.set()
        await asking
        assert longest < 5  # the server keeps what it was asked for 20 seconds

    asyncio.run(asyncio.wait_for(main(), 20))


def test_a_refusal_comes_late_to_an_async_client(newer: Seen) -> None:
    emulator = Emulator()
    transport = AsyncTransport(emulator.handle, waits=emulator.waits_for_a_model)
    tool = {**tool_of(newer), "server_url": f"{newer.base}/elsewhere"}
    body = {"model": "gpt-5-mini", "input": "Hi.", "tools": [tool]}

    async def ask() -> httpx2.Response:
        async with httpx2.AsyncClient(transport=transport) as client:
            return await client.post(
                "http://localhost/openai/v1/responses",
                json=body,
                headers={"api-key": KEY},
            )

    response = asyncio.run(ask())
    assert response.status_code == 424
    assert "404 (Not Found)" in response.json()["error"]["message"]


# Which hosts are reached


def test_a_host_is_looked_up_once_and_that_address_dialled() -> None:
    with (
        crooked(well_behaved) as server,
        running(mcp_allow=["tools.example"]) as it,
        pytest.MonkeyPatch.context() as monkeypatch,  # undone before running() ends
    ):
        port = server.base.rpartition(":")[2]
        asked = leading_to(monkeypatch, "127.0.0.1")
        tool = {**tool_of(server), "server_url": f"http://tools.example:{port}/mcp"}
        body = {"model": "gpt-5-mini", "input": "Look.", "tools": [tool]}
        request = Request(
            "POST",
            "/openai/v1/responses",
            {"api-key": KEY, "content-type": "application/json"},
            orjson.dumps({**body, "tool_choice": "required"}),
        )
        answered = it.handle(request)
        assert answered.status == 200
        assert asked == ["tools.example"]
        assert {h["host"] for h in server.headers} == {f"tools.example:{port}"}


def test_nobody_but_the_emulator_reaches_a_named_host() -> None:
    with pytest.raises(LeftLoopback), running(mcp_allow=["tools.example"]):
        httpx2.get("http://tools.example/")
    assert not outgoing.may_reach("tools.example")


def test_a_host_that_was_not_named_is_a_424_that_says_how(client: Client) -> None:
    tool = {"type": "mcp", "server_label": "x", "server_url": "https://mcp.example/a"}
    body = {"model": "gpt-5-mini", "input": "Hi.", "tools": [tool]}
    status, error = client.error("POST", "/responses", body)
    assert (status, error["code"]) == (424, "http_error")
    assert "424 (Failed Dependency). The emulator" in error["message"]
    assert "--mcp-allow mcp.example." in error["message"]


def test_a_certificate_is_trusted_that_the_environment_names(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate, key = own_certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)

    def why() -> str:
        body = {"model": "gpt-5-mini", "input": "Hi.", "tools": [tool_of(server)]}
        return client.error("POST", "/responses", body)[1]["message"]

    with crooked(well_behaved, tls=tls) as server:
        assert "Its certificate is not trusted: self-signed certificate. " in why()
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nowhere.pem"))
        assert "What SSL_CERT_FILE or SSL_CERT_DIR names cannot be read." in why()
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert called(client, server, "look")["output"] == "looked"
    with crooked(well_behaved) as server:
        server.url = server.url.replace("http:", "https:")
        assert "It does not speak TLS as https wants it." in why()


def test_a_redirect_is_not_followed(client: Client) -> None:
    def answer(handler: BaseHTTPRequestHandler, _: dict[str, Any]) -> None:
        say(handler, 307, location="/other")

    with crooked(answer) as server:
        body = {"model": "gpt-5-mini", "input": "Hi.", "tools": [tool_of(server)]}
        _, error = client.error("POST", "/responses", body)
        assert "307 (Temporary Redirect)" in error["message"]
        assert server.methods == ["server/discover"]  # nor is it asked again


@pytest.mark.parametrize("named", ["http://a", "a:b", "a:0", "*.a", "", "a/b"])
def test_what_is_no_host_is_said(named: str) -> None:
    with pytest.raises(ValueError, match="expected HOST or HOST:PORT"):
        Emulator(mcp_allow=[named])


def test_learns_own_server_is_asked_where_it_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = leading_to(monkeypatch, "10.0.0.5")
    emulator = Emulator(mcp_allow=["learn.microsoft.com"])
    tool = {
        "type": "mcp",
        "server_label": "learn",
        "server_url": "https://learn.microsoft.com/api/mcp",
    }
    body = {"model": "gpt-5-mini", "input": "Hi.", "tools": [tool]}
    client = Client()
    client.emulator = emulator
    assert client.error("POST", "/responses", body)[0] == 424
    assert asked == ["learn.microsoft.com"]
