"""What is heavy is imported when it is needed: a start and a plain answer need none."""

import json

import pytest

from emulator.tests.subprocesses import printed
from responses_emulator.account import KEY

HEAVY = [
    *("pypdfium2", "pypdf", "PIL", "defusedxml", "lark", "numpy", "jsonschema_rs"),
    *("pydantic_monty", "importlib.metadata", "email.message"),
    *("fractions", "html.parser", "shutil", "zipfile"),
    "responses_emulator.commands.python",
    "responses_emulator.observers.journal",
    "responses_emulator.model.values.filling",
    "responses_emulator.model.values.grammar",
    "responses_emulator.model.values.regular",
    *("responses_emulator.adapters.websocket", "websockets"),
]
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
for body in json.loads(sys.argv[2]):
    headers = {"api-key": sys.argv[1], "content-type": "application/json"}
    path = "/openai/v1/responses"
    reply = emulator.handle(Request("POST", path, headers, json.dumps(body).encode()))
    assert reply.status == 200, reply
print(*sys.modules)
"""


@pytest.mark.parametrize("asked", [[], [{"model": "gpt-6-luna", "input": "Hello."}]])
def test_nothing_heavy_is_imported_at_the_start_or_for_a_plain_answer(
    asked: list[dict[str, str]],
):
    imported = set(printed(PROGRAM, KEY, json.dumps(asked)).split())
    assert "responses_emulator.readers.documents" in imported
    assert imported.isdisjoint(HEAVY + IN_A_WORKER)
