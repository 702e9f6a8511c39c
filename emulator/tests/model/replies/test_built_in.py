"""The table of ready replies: each entry is for a sample, well formed, and is found."""

import ast
import re
from functools import cache
from typing import Any

import orjson
import pytest

from emulator.tests.conftest import Client, text
from responses_emulator.model.replies.matching import BUILT_IN
from responses_emulator.model.replies.reply_file import load
from responses_emulator.model.turn import Turn
from tests.collection import SAMPLES

ENTRIES: list[dict[str, Any]] = orjson.loads(BUILT_IN.read_bytes())


@cache
def said_in_samples() -> str:
    """All texts of all samples, spaces evened out, and 0 for what is put into them."""
    texts: list[str] = []
    for path in SAMPLES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                texts.append(node.value)
            if isinstance(node, ast.JoinedStr):
                texts.append("".join(map(piece_of, node.values)))
    return " ".join(" ".join(texts).split())


def piece_of(node: ast.expr) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else "0"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: str(entry["match"])[:60])
def test_what_is_asked_stands_in_a_sample(entry: dict[str, Any]):
    asked = entry["match"]["text"]
    asked = re.sub(r"(?<=What is )\d+(?= squared)", "0", " ".join(asked.split()))
    assert asked in said_in_samples()


def test_the_file_is_one_that_a_user_could_give():
    assert len(load(BUILT_IN).entries) == len(ENTRIES)


def turn(prompt: str, **settings: Any) -> Turn:
    return Turn(items=[{"role": "user", "content": prompt}], **settings)


def test_a_reply_has_the_kind_that_is_asked_for():
    call = {"type": "function_call", "name": "f", "arguments": "{}"}
    table = load(
        [
            {"match": {"text": "Two words"}, "reply": {"text": "text"}},
            {"match": {"text": "Two words"}, "reply": {"json": {"n": 1}}},
            {"match": {"words": ["call"]}, "reply": {"output": [call]}},
        ]
    )
    shape = {"type": "json_schema", "schema": {}}

    def found(prompt: str, **settings: Any) -> Any:
        items = table.find(turn(prompt, **settings))
        if not items:
            return None
        return items[0].get("name") or items[0]["content"][0]["text"]

    assert found("Two words") == "text"
    assert found("Two words", format=shape) == '{"n":1}'
    assert found("Two words", must_call=True) is None
    assert found("call it", must_call=True) == "f"


def test_a_reply_is_served_plain_and_streamed(client: Client):
    asked, told = "Which part is on shelf 12?", "Shelf 12 holds part 444."
    plain = text(client.create(asked))
    last = text(client.events(asked)[-1]["response"])
    assert plain == last == told
