"""The table of ready replies: each entry is for a sample, well formed, and is found."""

import ast
from typing import Any

import orjson
import pytest

from emulator.tests.conftest import Client
from responses_emulator.model import ready
from responses_emulator.model.turn import Turn
from tests.collection import SAMPLES

ENTRIES: list[dict[str, Any]] = orjson.loads(ready.TABLE.read_bytes())
WAYS = ("text", "words", "pattern")
MORE = ("tools", "turn")


def said_in_samples() -> str:
    """All texts of all samples, spaces evened out."""
    texts = [
        node.value
        for path in SAMPLES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return " ".join(" ".join(texts).split())


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: str(entry["match"])[:60])
def test_an_entry_has_one_way_to_match_and_one_reply(entry: dict[str, Any]):
    match, reply = entry["match"], entry["reply"]
    assert entry.keys() == {"match", "reply"}
    assert sum(way in match for way in WAYS) == 1
    assert match.keys() <= {*WAYS, *MORE}
    assert len(reply) == 1
    assert reply.keys() <= {"text", "output", "json"}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: str(entry["match"])[:60])
def test_what_is_asked_stands_in_a_sample(entry: dict[str, Any]):
    asked = entry["match"].get("text")
    assert asked is None or " ".join(asked.split()) in said_in_samples()


def turn(prompt: str, **settings: Any) -> Turn:
    return Turn(items=[{"role": "user", "content": prompt}], **settings)


def test_each_condition_of_a_match_has_to_hold(monkeypatch: pytest.MonkeyPatch):
    table = [
        {"match": {"text": "Two  words", "tools": []}, "reply": {"text": "exact"}},
        {"match": {"words": ["red", "Fish"]}, "reply": {"text": "words"}},
        {"match": {"pattern": "^[0-9]+$", "turn": 1}, "reply": {"json": {"n": 1}}},
        {
            "match": {"words": ["call"], "tools": ["function"]},
            "reply": {
                "output": [{"type": "function_call", "name": "f", "arguments": "{}"}]
            },
        },
    ]
    exact = {"Two words": [table[0]]}
    monkeypatch.setattr(ready, "_table", lambda: (exact, table[1:]))
    tool = {"type": "function", "name": "f"}
    schema = {"type": "json_schema", "schema": {}}

    def found(prompt: str, **settings: Any) -> Any:
        items = ready.find(turn(prompt, **settings))
        if not items:
            return None
        [item] = items
        return item.get("name") or item["content"][0]["text"]

    assert found(" Two\nwords ") == "exact"
    assert found("Two words", tools=[tool]) is None
    assert found("Two words", format=schema) is None
    assert found("Two words.") is None
    assert found("A FISH that is red!") == "words"
    assert found("A fish that is reddish") is None
    assert found("12") is None
    assert found("12", format=schema) == '{"n":1}'
    assert found("call it", tools=[tool]) == "f"
    assert found("call it", tools=[tool], tool_choice="required") == "f"
    assert found("call it") is None


def test_a_reply_is_served_plain_and_streamed(client: Client):
    asked, told = "Which part is on shelf 12?", "Shelf 12 holds part 444."
    plain = client.create(asked)["output"][-1]["content"][0]["text"]
    last = client.events(asked)[-1]["response"]["output"][-1]["content"][0]["text"]
    assert plain == last == told
