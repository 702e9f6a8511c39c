"""What is heavy is imported when it is needed: a start and a plain answer need none."""

import json
from typing import Any

import pytest

from emulator.tests.conftest import GET_WEATHER
from emulator.tests.subprocesses import printed
from responses_emulator.account import KEY

HEAVY = [
    *("pypdfium2", "pypdf", "PIL", "defusedxml", "lark", "numpy", "jsonschema_rs"),
    *("pydantic_monty", "mcp", "regex", "yaml", "openai", "pydantic", "httpx2"),
    *("importlib.metadata", "email.message"),
    *("fractions", "html.parser", "shutil", "zipfile"),
    "responses_emulator.commands.python",
    "responses_emulator.observers.journal",
    "responses_emulator.model.values.filling",
    "responses_emulator.model.values.grammar",
    "responses_emulator.model.values.regular",
    *("responses_emulator.adapters.websocket", "websockets"),
]
WEATHER = {"schema": GET_WEATHER["parameters"], "strict": True}
IN_A_WORKER = [
    "responses_emulator.worker",
    "responses_emulator.readers.pdf",
    "responses_emulator.readers.word",
    "responses_emulator.readers.powerpoint",
]
PROGRAM = """
import json, sys
import responses_emulator.commands.serve, responses_emulator.adapters.server
from responses_emulator.core import Emulator
from responses_emulator.http import Request

emulator = Emulator()
path = "/openai/v1/responses"
headers = {"api-key": sys.argv[1], "content-type": "application/json"}


def asked(method, path, content=b""):
    reply = emulator.handle(Request(method, path, headers, content))
    assert reply.status == 200, reply
    whole = reply.body if isinstance(reply.body, bytes) else list(reply.body)
    return json.loads(whole) if isinstance(whole, bytes) else whole


for body in json.loads(sys.argv[2]):
    made = asked("POST", path, json.dumps(body).encode())
    if "id" in made and body.get("store", True):
        asked("GET", f"{path}/{made['id']}")
print(*sys.modules)
"""


@pytest.mark.parametrize("asked", [[], [{"model": "gpt-6-luna", "input": "Hello."}]])
def test_nothing_heavy_is_imported_at_the_start_or_for_a_plain_answer(
    asked: list[dict[str, str]],
):
    imported = set(printed(PROGRAM, KEY, json.dumps(asked)).split())
    assert "responses_emulator.readers.documents" in imported
    assert imported.isdisjoint(HEAVY + IN_A_WORKER)


@pytest.mark.parametrize(
    "more",
    [
        {"stream": True},
        {"tools": [GET_WEATHER], "tool_choice": "required"},
        {"tools": [{"type": "custom", "name": "note"}], "tool_choice": "required"},
        {"text": {"format": {"type": "json_schema", "name": "a", **WEATHER}}},
        {"background": True},
    ],
    ids=str,
)
def test_no_engine_is_imported_for_what_is_plain(more: dict[str, Any]):
    asked = {"model": "gpt-6-luna", "input": "How is it in Oslo?", **more}
    imported = set(printed(PROGRAM, KEY, json.dumps([asked])).split())
    ours = {name for name in HEAVY if name.startswith("responses_emulator.")}
    assert imported.isdisjoint(set(HEAVY) - ours - {"fractions"})
