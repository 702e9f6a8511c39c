"""A chat-completions server that others wrote, as the model behind the emulator.

`@copilotkit/aimock` from npm answers from fixtures. As the other tests here it is
installed into a temporary folder, and so is not part of `make test`.
"""

import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from emulator.tests.conftest import GET_WEATHER, Client
from responses_emulator.model.chat_completions.chat_model import ChatModel
from responses_emulator.model.chat_completions.endpoint import endpoint

PACKAGE = "@copilotkit/aimock@1"
INSTALLING, STARTING = 300, 20  # seconds
FIXTURES = [
    {"match": {"userMessage": "hello"}, "response": {"content": "Hello, Ada."}},
    {
        "match": {"userMessage": "think"},
        "response": {"content": "It rains.", "reasoning": "There are clouds."},
    },
    {
        "match": {"userMessage": "Oslo", "hasToolResult": False},
        "response": {
            "toolCalls": [{"name": "get_weather", "arguments": {"city": "Oslo"}}]
        },
    },
    {
        "match": {"userMessage": "Oslo", "hasToolResult": True},
        "response": {"content": "It is raining in Oslo."},
    },
    {
        "match": {"userMessage": "broken"},
        "response": {
            "error": {"message": "The model is overloaded.", "type": "server_error"},
            "status": 503,
        },
    },
]

pytestmark = pytest.mark.clients


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("aimock")
    install = ["npm", "install", "--no-audit", "--no-fund", PACKAGE]
    subprocess.run(
        install, cwd=folder, timeout=INSTALLING, check=True, capture_output=True
    )
    fixtures = folder / "fixtures.json"
    fixtures.write_text(json.dumps({"fixtures": FIXTURES}), "utf-8")
    with started(folder, fixtures) as url:
        client = Client(model="gpt-6-luna")
        client.emulator.world.model = ChatModel(endpoint(url, model="gpt-4o"))
        yield client


@contextmanager
def started(folder: Path, fixtures: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = folder / "node_modules" / ".bin" / "llmock"
    arguments = ["-p", str(port), "-f", str(fixtures), "--log-level", "silent"]
    with subprocess.Popen([command, *arguments], cwd=folder) as process:
        try:
            wait_for(port)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()


def wait_for(port: int) -> None:
    until = time.monotonic() + STARTING
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.05)


def text(response: dict[str, Any]) -> str:
    return response["output"][-1]["content"][0]["text"]


def test_it_says_what_its_fixtures_say(client: Client) -> None:
    assert text(client.create("hello")) == "Hello, Ada."


def test_it_streams(client: Client) -> None:
    events = client.events("hello")
    deltas = [e["delta"] for e in events if e["type"].endswith("output_text.delta")]
    assert "".join(deltas) == "Hello, Ada."
    assert events[-1]["type"] == "response.completed"


def test_it_thinks(client: Client) -> None:
    response = client.create("think", reasoning={"summary": "auto"})
    assert [item["type"] for item in response["output"]] == ["reasoning", "message"]
    summary = response["output"][0]["summary"][0]["text"]
    assert summary == "There are clouds."


def test_it_calls_a_function_and_hears_of_its_output(client: Client) -> None:
    first = client.create("Oslo?", tools=[GET_WEATHER])
    [call] = first["output"]
    assert json.loads(call["arguments"]) == {"city": "Oslo"}
    output = {
        "type": "function_call_output",
        "call_id": call["call_id"],
        "output": "rain",
    }
    second = client.create(
        [output], previous_response_id=first["id"], tools=[GET_WEATHER]
    )
    assert text(second) == "It is raining in Oslo."


def test_its_error_is_told(client: Client) -> None:
    body = {"model": "gpt-6-luna", "input": "broken"}
    status, error = client.error("POST", "/responses", body)
    assert status == 503
    assert error["message"] == "The model is overloaded."
