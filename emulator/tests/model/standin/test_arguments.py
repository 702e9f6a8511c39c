"""What the stand-in draws from a prompt, by general rules alone: a table of prompts."""

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from emulator.tests.conftest import Client
from responses_emulator.model.replies import matching, reply_file

TABLE = Path(__file__).with_name("arguments.yaml")
CASES: list[dict[str, Any]] = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
FORMATS = ("date", "time", "date-time")
MAYBE = "maybe "


def schema_of(kind: Any) -> dict[str, Any]:
    """The schema that a table's property stands for."""
    if isinstance(kind, dict):
        return {
            "type": "object",
            "properties": {
                name: schema_of(each.removeprefix(MAYBE) if is_text(each) else each)
                for name, each in kind.items()
            },
            "required": [
                name
                for name, each in kind.items()
                if not (is_text(each) and each.startswith(MAYBE))
            ],
            "additionalProperties": False,
        }
    if kind.startswith("["):
        inner = yaml.safe_load(kind[1:-1])
        return {"type": "array", "items": schema_of(inner)}
    if "|" in kind:
        return {"type": "string", "enum": re.split(r"\s*\|\s*", kind)}
    if kind in FORMATS:
        return {"type": "string", "format": kind}
    return {"type": kind}


def is_text(kind: Any) -> bool:
    return isinstance(kind, str)


def part_of(expected: Any, value: Any) -> bool:
    """Whether a value has what is expected of it."""
    if isinstance(expected, dict):
        return isinstance(value, dict) and all(
            name in value and part_of(each, value[name])
            for name, each in expected.items()
        )
    return expected == value


def calls_of(client: Client, case: dict[str, Any]) -> list[dict[str, Any]]:
    about = case.get("about", {})
    tools = [
        {
            "type": "function",
            "name": name,
            "description": about.get(name),
            "parameters": schema_of(properties),
        }
        for name, properties in case["call"].items()
    ]
    choice = case.get("choice", "auto")
    if choice in case["call"]:
        choice = {"type": "function", "name": choice}
    output = client.create(case["prompt"], tools=tools, tool_choice=choice)["output"]
    return [
        {item["name"]: orjson.loads(item["arguments"])}
        for item in output
        if item["type"] == "function_call"
    ]


def answer_of(client: Client, case: dict[str, Any]) -> dict[str, Any]:
    format: dict[str, Any] = {"type": "json_object"}
    if "json" in case:
        schema = schema_of(case["json"])
        format = {"type": "json_schema", "name": "answer", "schema": schema}
    output = client.create(case["prompt"], text={"format": format})["output"]
    return orjson.loads(output[-1]["content"][0]["text"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["prompt"][:60])
def test_a_general_rule_draws_it(
    client: Client, case: dict[str, Any], monkeypatch: pytest.MonkeyPatch
):
    nothing = matching.Table([])
    monkeypatch.setattr(reply_file, "built_in", lambda: nothing)
    if "custom" in case:
        [(name, about)] = case["custom"].items()
        tool = {"type": "custom", "name": name, "description": about}
        call = client.create(case["prompt"], tools=[tool])["output"][-1]
        assert call["type"] == "custom_tool_call"
        assert case["has"] in call["input"]
    elif "call" in case:
        made = calls_of(client, case)
        if "names" in case:
            assert sorted(n for call in made for n in call) == sorted(case["names"])
            return
        assert len(made) == len(case["calls"]), made
        for expected in case["calls"]:
            assert any(part_of(expected, call) for call in made), made
    else:
        told = answer_of(client, case)
        if "keys" in case:
            assert list(told) == case["keys"]
        for name, length in case.get("length", {}).items():
            assert len(told[name]) == length, told
        assert part_of(case.get("has", {}), told), told
