"""The MCP server that wants a credential: who is let in, and what stays secret."""

import asyncio
import io
from pathlib import Path
from typing import Any

import httpx2
import mcp
import orjson
import pytest
from mcp.client.streamable_http import streamable_http_client

from emulator.tests.conftest import Client, steps
from responses_emulator.account import IDENTITY_HEADER, KEY, MCP_KEY, environment
from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.core import Emulator
from responses_emulator.http import JSON_TYPE, Request
from responses_emulator.observers.observe import observe
from responses_emulator.observers.record import recording
from responses_emulator.observers.wire import Wire

HERE = "http://127.0.0.1:8083"
URL = f"{HERE}/mcp"
ASKED = "Search the web for the James Webb Space Telescope."
TOOL: dict[str, Any] = {
    "type": "mcp",
    "server_label": "search",
    "server_url": URL,
    "require_approval": "never",
}
WITH_KEY = {**TOOL, "headers": {"X-ApiKey": MCP_KEY}}


@pytest.fixture
def client() -> Client:
    client = Client()
    client.emulator.world.addresses.add(HERE)
    return client


def token(client: Client, audience: str = "https://api.microsoft.ai") -> str:
    reply = client.emulator.handle(
        Request(
            "GET",
            f"/msi/token?api-version=2019-08-01&resource={audience}",
            {"x-identity-header": IDENTITY_HEADER},
        )
    )
    assert isinstance(reply.body, bytes)
    return orjson.loads(reply.body)["access_token"]


def ask(client: Client, message: object, **headers: str) -> tuple[int, Any]:
    """Speak with the server itself; the status and the JSON of its reply."""
    spoken = {
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
    }
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    reply = client.emulator.handle(
        Request(
            "POST",
            "/mcp",
            spoken | given,
            orjson.dumps(message),
        )
    )
    assert isinstance(reply.body, bytes)
    return reply.status, orjson.loads(reply.body) if reply.body else None


def test_the_environment_of_a_script_names_the_server_and_its_key():
    variables = environment(HERE)
    assert (variables["MCP_SERVER_URL"], variables["MCP_API_KEY"]) == (URL, MCP_KEY)


def test_a_key_in_the_header_lets_in(client: Client):
    response = client.create(ASKED, tools=[WITH_KEY])

    assert steps(response) == ["mcp_list_tools", "mcp_call", "message"]
    call, message = response["output"][-2:]
    assert (call["name"], call["status"]) == ("web_search", "completed")
    assert "James Webb" in orjson.loads(call["arguments"])["query"]
    text = message["content"][0]["text"]
    assert "Telescope" in text and "https://" in text
    assert "nothing was fetched from the web" in text


@pytest.mark.parametrize("header", [False, True])
def test_a_token_for_the_server_lets_in(client: Client, header: bool):
    bearer = token(client)
    given: dict[str, Any] = (
        {"headers": {"Authorization": f"Bearer {bearer}"}}
        if header
        else {"authorization": bearer}
    )
    response = client.create(ASKED, tools=[{**TOOL, **given}])
    assert steps(response) == ["mcp_list_tools", "mcp_call", "message"]


def refused_ways(client: Client) -> dict[str, dict[str, Any]]:
    return {
        "nothing": {},
        "a wrong key": {"headers": {"x-apikey": "wrong"}},
        "an empty key": {"headers": {"x-apikey": ""}},
        "the API's key": {"headers": {"x-apikey": KEY}},
        "a key in another header": {"headers": {"x-key": MCP_KEY}},
        "a key as a token": {"authorization": MCP_KEY},
        "no token": {"authorization": "e30.e30.e30"},
        "the API's token": {
            "authorization": token(client, "https://cognitiveservices.azure.com")
        },
    }


@pytest.mark.parametrize("way", refused_ways(Client()))
def test_without_a_credential_the_service_says_424(client: Client, way: str):
    given = refused_ways(client)[way]
    body = {"model": "gpt-5-mini", "input": ASKED, "tools": [{**TOOL, **given}]}
    status, error = client.error("POST", "/responses", body)

    assert status == 424
    assert error == {
        "message": "Error retrieving tool list from MCP server: 'search'. Http status "
        "code: 401 (Unauthorized)",
        "type": "external_connector_error",
        "param": "tools",
        "code": "http_error",
    }
    assert len(client.emulator.store.responses) == 0


def test_a_token_that_has_ended_lets_nobody_in(client: Client):
    tool = {**TOOL, "authorization": token(client)}
    client.clock.now += 25 * 3600
    body = {"model": "gpt-5-mini", "input": ASKED, "tools": [tool]}
    assert client.error("POST", "/responses", body)[0] == 424


def test_a_stream_that_has_begun_tells_it_as_an_event(client: Client):
    events = client.events(ASKED, tools=[TOOL])
    assert "response.mcp_list_tools.failed" in [event["type"] for event in events]
    assert events[-1]["type"] == "response.failed"
    assert "401 (Unauthorized)" in events[-1]["response"]["error"]["message"]


def test_the_credential_is_not_stored_and_has_to_come_with_each_turn(client: Client):
    first = client.create(ASKED, tools=[WITH_KEY])
    asked = "Search the web for who built it."
    without = client.create(asked, previous_response_id=first["id"], tools=[TOOL])
    [call] = [item for item in without["output"] if item["type"] == "mcp_call"]
    assert (call["status"], call["output"]) == ("failed", None)
    assert call["error"] == {
        "type": "http_error",
        "code": 401,
        "message": "Unauthorized",
    }
    again = client.create(
        asked,
        previous_response_id=first["id"],
        tools=[WITH_KEY],
    )
    assert "mcp_call" in steps(again)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8084/mcp",
        "http://127.0.0.1:8083/other",
        "http://127.0.0.1/mcp",
        "https://example.com/mcp",
        "http://127.0.0.1:8083.example.com/mcp",
        "http://[::1",
    ],
)
def test_a_server_elsewhere_cannot_be_reached(client: Client, url: str):
    tool = {**WITH_KEY, "server_url": url}
    body = {"model": "gpt-5-mini", "input": ASKED, "tools": [tool]}
    status, error = client.error("POST", "/responses", body)
    assert status == 424
    assert "424 (Failed Dependency)" in error["message"]


@pytest.mark.parametrize("host", ["localhost:8083", "[::1]:8083", "127.0.0.1:8083"])
def test_the_server_is_known_by_each_name_of_this_machine(client: Client, host: str):
    tool = {**WITH_KEY, "server_url": f"http://{host}/mcp/"}
    assert "mcp_call" in steps(client.create(ASKED, tools=[tool]))


def test_the_server_is_known_by_the_host_that_the_request_names(client: Client):
    tool = {**WITH_KEY, "server_url": "http://emulator:8083/mcp"}
    body = {"model": "gpt-5-mini", "input": ASKED, "tools": [tool]}
    reply = client.send("POST", "/responses", body, host="emulator:8083")
    assert reply.status == 200


def test_a_served_emulator_knows_where_it_listens():
    emulator = Emulator()
    with serving(App(emulator)) as url:
        assert emulator.world.addresses == {url}
    assert emulator.world.addresses == set()


def test_approval_and_the_choice_of_tools_work_as_with_any_server(client: Client):
    tool = {name: WITH_KEY[name] for name in WITH_KEY if name != "require_approval"}
    assert steps(client.create(ASKED, tools=[tool]))[-1] == "mcp_approval_request"
    choice = {"type": "mcp", "server_label": "search", "name": "no_such_tool"}
    error = client.refused(ASKED, tools=[WITH_KEY], tool_choice=choice)
    assert error["param"] == "tool_choice"
    forced = client.create("Hi.", tools=[WITH_KEY], tool_choice="required")
    assert "mcp_call" in steps(forced)
    assert steps(client.create("Tell me a joke.", tools=[WITH_KEY])) == [
        "mcp_list_tools",
        "message",
    ]


# The server's own HTTP


def test_the_server_itself_answers_401_without_a_credential(client: Client):
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    status, body = ask(client, message)
    assert (status, body) == (401, {"error": "unauthorized"})
    assert ask(client, message, authorization=f"Bearer {token(client)}")[0] == 200
    assert ask(client, message, x_apikey="wrong")[0] == 401


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_other_clients_of_the_protocol_can_use_the_server(mode: str):
    async def use(url: str) -> None:
        async with httpx2.AsyncClient(headers={"x-apikey": MCP_KEY}) as http:
            transport = streamable_http_client(f"{url}/mcp", http_client=http)
            async with mcp.Client(transport, mode=mode) as server:
                [tool] = (await server.list_tools()).tools
                assert tool.name == "web_search"
                found = await server.call_tool("web_search", {"query": "Paris"})
                [content] = found.content
                assert isinstance(content, mcp.types.TextContent)
                assert orjson.loads(content.text)["results"][0]["url"]
                with pytest.raises(mcp.MCPError, match="Unknown tool: 'other'"):
                    await server.call_tool("other", {})

    with serving(App(Emulator())) as url:
        asyncio.run(use(url))


@pytest.mark.parametrize("body", [b"{", b"[]", b"1", b""])
def test_what_is_no_message_is_a_400(client: Client, body: bytes):
    reply = client.emulator.handle(Request("POST", "/mcp", {"x-apikey": MCP_KEY}, body))
    assert reply.status == 400


def test_each_message_is_answered_by_itself_in_json(client: Client):
    headers = {
        "x-apikey": MCP_KEY,
        "accept": "application/json, text/event-stream",
        "content-type": "application/json",
    }

    def ask(method: str, **params: Any) -> Any:
        asked = {"jsonrpc": "2.0", "id": 7, "method": method, "params": params}
        sent = Request("POST", "/mcp", headers, orjson.dumps(asked))
        reply = client.emulator.handle(sent)
        assert (reply.status, reply.headers["content-type"]) == (200, JSON_TYPE)
        assert "mcp-session-id" not in reply.headers
        assert isinstance(reply.body, bytes)
        return orjson.loads(reply.body)["result"]

    [tool] = ask("tools/list")["tools"]  # nobody has said hello before
    assert tool["name"] == "web_search"
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}}
    begun = ask("initialize", **hello, clientInfo={"name": "a", "version": "2"})
    named = begun["serverInfo"]
    assert (named["name"], named["version"]) == ("emulator-search", "1")


def test_there_is_no_stream_to_listen_to(client: Client):
    reply = client.emulator.handle(Request("GET", "/mcp", {"x-apikey": MCP_KEY}))
    assert (reply.status, reply.headers["allow"]) == (405, "POST")


# Secrets


@pytest.mark.parametrize("right", [True, False])
@pytest.mark.parametrize("options", [{}, {"stream": True}, {"background": True}])
def test_no_credential_is_stored_echoed_logged_journaled_or_shown(
    tmp_path: Path, right: bool, options: dict[str, Any]
):
    client = Client()
    emulator = client.emulator = Emulator(clock=client.clock, journal=True)
    emulator.world.addresses.add(HERE)
    secrets = [MCP_KEY, token(client)] if right else ["wrong-key", "wrong.to.ken"]
    shown = io.StringIO()
    told: list[str] = []
    with recording(tmp_path / "record.jsonl") as record:
        handle = observe(emulator.handle, Wire(shown), record)
        for given in (
            {"headers": {"x-apikey": secrets[0]}},
            {"authorization": secrets[1]},
        ):
            body = {"model": "gpt-5-mini", "input": ASKED, "tools": [{**TOOL, **given}]}
            reply = handle(
                Request(
                    "POST",
                    "/openai/v1/responses",
                    {
                        "api-key": KEY,
                        "content-type": "application/json",
                        "host": "127.0.0.1:8083",
                    },
                    orjson.dumps(body | options),
                )
            )
            pieces = [reply.body] if isinstance(reply.body, bytes) else reply.body
            told += [str(piece) for piece in pieces]
        headers = {"x-apikey": secrets[0], "authorization": f"Bearer {secrets[1]}"}
        message = orjson.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
        told.append(str(handle(Request("POST", "/mcp", headers, message)).body))
    told += [
        shown.getvalue(),
        (tmp_path / "record.jsonl").read_text(),
        str(emulator.requests),
        *(str(stored) for stored in emulator.store.responses),
        str(vars(emulator.world.prompt_cache)),
    ]

    assert shown.getvalue()
    for text in told:
        assert not [secret for secret in secrets if secret in text]


def test_the_prompt_cache_does_not_see_the_credential(client: Client):
    """A token that is renewed changes nothing of the prompt."""
    long = "Be brief. " * 600
    counted: list[int] = []
    for _ in range(2):
        client.clock.now += 60  # another token
        tool = {**TOOL, "authorization": token(client)}
        usage = client.create("Hi.", instructions=long, tools=[tool])["usage"]
        counted.append(usage["input_tokens_details"]["cached_tokens"])
    assert counted[0] == 0 < counted[1]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https:///mcp", (400, "invalid_value")),
        ("mcp", (400, "invalid_value")),
        ("ftp://a.b/mcp", (424, "http_error")),
        ("https://[", (424, "http_error")),
    ],
)
def test_an_address_that_leads_nowhere_is_refused(
    url: str, told: tuple[int, str]
) -> None:
    client = Client()
    tool = {**TOOL, "server_url": url}
    body = {"model": client.model, "input": ASKED, "tools": [tool]}
    status, error = client.error("POST", "/responses", body)
    assert (status, error["code"]) == told
    assert "--mcp-allow" not in error["message"]  # which would not help
