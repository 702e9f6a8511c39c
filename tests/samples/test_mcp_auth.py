"""An MCP server that wants a credential: what it is sent, and what is never shown."""

import json

import openai
import orjson
import pytest

from responses_emulator.account import MCP_KEY
from tests.samples.endings import everything_said

WITH_KEY = "responses-mcp-auth-aoai-v1.py"
WITH_TOKEN = "responses-mcp-auth-entra-aoai-v1.py"
SAMPLES = [WITH_KEY, WITH_TOKEN]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_server_is_named_and_gets_its_credential(name, finish, service):
    output = finish(name)

    [body] = service.created()
    [tool] = body["tools"]
    assert tool["type"] == "mcp"
    assert tool["server_url"] == "https://example.openai.azure.com/mcp"
    assert tool["require_approval"] == "never"
    if name == WITH_KEY:
        assert tool["headers"] == {"x-apikey": MCP_KEY}
        assert "authorization" not in tool
    else:
        audience = service.emulator.world.auth.audience(tool["authorization"])
        assert audience == "https://api.microsoft.ai"
        assert "headers" not in tool
    first, _, answer = output.partition("\n")
    called, _, ended = first.rpartition("): ")
    assert ended == "completed"
    assert "James Webb" in json.loads(called.removeprefix("web_search("))["query"]
    assert "2021" in answer


@pytest.mark.parametrize("name", SAMPLES)
def test_the_credential_is_stored_nowhere_and_printed_nowhere(name, run, service):
    result = run(name)

    secret = MCP_KEY
    if name == WITH_TOKEN:
        secret = service.created()[0]["tools"][0]["authorization"]
    assert secret not in everything_said(result)
    for stored in service.emulator.store.responses:
        assert secret.encode() not in orjson.dumps(stored.body)


@pytest.mark.parametrize("value", ["wrong", ""])
def test_a_wrong_key_is_told_with_its_status_and_not_shown(
    value, run, service, monkeypatch
):
    monkeypatch.setenv("MCP_API_KEY", value)
    result = run(WITH_KEY)

    assert isinstance(result.error, openai.APIStatusError)
    assert result.error.status_code == 424
    assert "401 (Unauthorized)" in str(result.error)
    assert "wrong" not in everything_said(result)
    assert service.left_behind() == []


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize(
    ("url", "status"),
    [("", 400), ("no address", 400), ("https://example.com/mcp", 424)],
)
def test_a_server_that_cannot_be_reached_is_told(name, url, status, run, monkeypatch):
    monkeypatch.setenv("MCP_SERVER_URL", url)
    result = run(name)

    assert isinstance(result.error, openai.APIStatusError)
    assert result.error.status_code == status


def test_what_is_pasted_around_the_key_is_taken_off(finish, service, monkeypatch):
    monkeypatch.setenv("MCP_API_KEY", f"{MCP_KEY}\n")
    finish(WITH_KEY)
    assert service.created()[0]["tools"][0]["headers"] == {"x-apikey": MCP_KEY}


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        (WITH_KEY, "MCP_SERVER_URL"),
        (WITH_KEY, "MCP_API_KEY"),
        (WITH_TOKEN, "MCP_SERVER_URL"),
    ],
)
def test_a_setting_that_is_missing_is_named_before_anything_is_asked(
    name, variable, run, service, monkeypatch
):
    monkeypatch.delenv(variable)
    result = run(name)

    assert isinstance(result.error, KeyError)
    assert result.error.args == (variable,)
    assert service.sent == []
