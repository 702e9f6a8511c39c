"""What goes together with which model, as far as anybody knows."""

import re
from pathlib import Path
from typing import Any

import pytest

from emulator.tests.conftest import GET_WEATHER, Client
from emulator.tests.test_families import with_model
from emulator.tests.tools.test_tool_choice import IMAGES
from responses_emulator import combinations
from responses_emulator.combinations import COLUMNS, RULES, SHOWN, SOURCES
from responses_emulator.families import family

README = Path(__file__).parents[1] / "README.md"
SEARCH = {"type": "web_search"}
PICTURE = {"type": "image_generation"}
MINIMAL = {"effort": "minimal"}
LOW = {"effort": "low"}
OPTIONS = {"prompt_cache_options": {"mode": "explicit"}}
AT_MINIMAL = "The following tools cannot be used with reasoning.effort 'minimal': {}."
NOT_WITH = "Tool '{}' is not supported with {}."
NOT_HERE = "Unsupported parameter: '{}' is not supported with this model."
NO_STREAM = (
    "Unsupported value: 'stream' does not support true with this model. Supported "
    "values are: false."
)
NOT_SEALED = "Encrypted content is not supported with this model."
NO_MODE = "`reasoning.mode` is not supported with this model."
SHAPE = {
    "type": "json_schema",
    "name": "n",
    "schema": {"type": "object", "properties": {}},
}
UNION = {
    "type": "function",
    "name": "f",
    "parameters": {"type": "object", "properties": {}, "anyOf": [{"required": []}]},
    "strict": False,
}
NO_UNION = (
    "Invalid schema for function 'f': schema must have type 'object' and not have "
    "'oneOf'/'anyOf'/'allOf'/'enum'/'const'/'not' at the top level."
)
# The column, a model, what it is asked for, and what it says to that.
REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("minimal", "gpt-5", {"tools": [SEARCH], "reasoning": MINIMAL},
     AT_MINIMAL.format("web_search")),
    ("minimal", "gpt-5-mini",
     {"tools": [GET_WEATHER, {"type": "web_search_preview"}], "reasoning": MINIMAL},
     AT_MINIMAL.format("web_search")),
    ("minimal", "gpt-5-nano", {"tools": [SEARCH, PICTURE], "reasoning": MINIMAL},
     AT_MINIMAL.format("image_gen, web_search")),
    ("image_generation", "o3-pro", {"tools": [PICTURE]},
     NOT_WITH.format("image_generation", "o3-pro")),
    ("image_generation", "gpt-5.3-codex-spark", {"tools": [PICTURE]},
     NOT_WITH.format("image_generation", "gpt-5.3-codex-spark")),
    ("tool_search", "gpt-5.2", {"tools": [{"type": "tool_search"}]},
     NOT_WITH.format("tool_search", "gpt-5.2")),
    ("stream", "gpt-5-pro", {"stream": True}, NO_STREAM),
    ("stream", "o3-pro", {"stream": True, "background": True}, NO_STREAM),
    ("summary", "o3-mini", {"reasoning": {"summary": "auto"}},
     NOT_HERE.format("reasoning.summary")),
    ("sampling_thinking", "o3", {"temperature": 1}, NOT_HERE.format("temperature")),
    ("sampling_thinking", "gpt-5-mini", {"top_p": 1}, NOT_HERE.format("top_p")),
    ("sampling_thinking", "gpt-5.1", {"temperature": 0, "reasoning": LOW},
     NOT_HERE.format("temperature")),
    ("sampling_thinking", "gpt-5.2-chat", {"temperature": 0},
     NOT_HERE.format("temperature")),
    ("sampling_thinking", "gpt-6-sol", {"top_logprobs": 2},
     "logprobs are not supported with reasoning models."),
    ("sampling_thinking", "gpt-6-sol", {"presence_penalty": 0.5},
     NOT_HERE.format("presence_penalty")),
    ("sampling_thinking", "gpt-5-mini", {"frequency_penalty": 0},
     NOT_HERE.format("frequency_penalty")),
    ("sampling", "gpt-5.1-codex",
     {"temperature": 0, "reasoning": {"effort": "none"}},
     NOT_HERE.format("temperature")),
    ("sealed", "gpt-5.2-chat", {"include": ["reasoning.encrypted_content"]},
     NOT_SEALED),
    ("sealed", "gpt-4.1", {"include": ["reasoning.encrypted_content"]}, NOT_SEALED),
    ("mode_pro", "gpt-5.4-mini", {"reasoning": {"mode": "pro"}}, NO_MODE),
    ("mode_standard", "gpt-5.4-pro", {"reasoning": {"mode": "standard"}}, NO_MODE),
    ("verbosity", "gpt-5.2-codex", {"text": {"verbosity": "low"}},
     "Unsupported value: 'low' is not supported with the 'gpt-5.2-codex' model. "
     "Supported values are: 'medium'."),
    ("json_schema", "gpt-5-chat", {"text": {"format": SHAPE}},
     "Invalid parameter: 'text.format' of type 'json_schema' is not supported with "
     "this model. Learn more about supported models at the Structured Outputs guide: "
     "https://platform.openai.com/docs/guides/structured-outputs"),
    ("unions", "gpt-4.1", {"tools": [UNION]}, NO_UNION),
    ("unions", "o3", {"tools": [UNION]}, NO_UNION),
    ("cache_options", "gpt-5.5", OPTIONS, NOT_HERE.format("prompt_cache_options")),
    ("cache_retention", "gpt-6-luna", {"prompt_cache_retention": "24h"},
     NOT_HERE.format("prompt_cache_retention")),
    ("multi_agent", "gpt-5.5", {"multi_agent": {"enabled": True}},
     NOT_HERE.format("multi_agent")),
]  # fmt: skip
# What has a source, and what nobody knows: both are taken.
TAKEN: list[tuple[str, dict[str, Any]]] = [
    ("gpt-5-mini", {"tools": [SEARCH], "reasoning": LOW}),
    ("gpt-5-mini", {"tools": [GET_WEATHER], "reasoning": MINIMAL}),
    ("gpt-5.4-nano", {"tools": [{"type": "shell"}]}),
    ("gpt-5-mini", {"tools": [UNION]}),
    ("gpt-5.2", {"tools": [{"type": "computer"}]}),
    ("gpt-6-sol", {"tools": [{"type": "computer"}]}),
    ("gpt-5.2", {"temperature": 0, "reasoning": {"effort": "none"}}),
    ("gpt-5.5", {"top_p": 0.5, "reasoning": {"effort": "none"}}),
    ("gpt-5-chat", {"temperature": 0}),
    ("gpt-5.4-mini", {"prompt_cache_retention": "24h"}),
    ("gpt-6-sol", OPTIONS),
    ("gpt-6-sol", {"multi_agent": {"enabled": True}}),
    ("gpt-5.4-pro", {"reasoning": {"summary": "auto"}}),
    ("gpt-6-sol", {"stream": True}),
    ("gpt-5.3-codex", {"temperature": 0}),
    ("gpt-5.3-codex", {"include": ["reasoning.encrypted_content"]}),
    ("gpt-5.4-pro", {"reasoning": {"mode": "pro"}}),
    ("gpt-5.6-sol", {"reasoning": {"mode": "standard"}}),
    ("gpt-5.2-codex", {"text": {"verbosity": "medium"}}),
    ("gpt-5.4-mini", {"text": {"verbosity": "low"}}),
    ("gpt-4.1", {"presence_penalty": 0.5, "frequency_penalty": -2}),
]


def ask(client: Client, model: str, body: dict[str, Any]) -> Any:
    with_model(client, model)
    path = "/responses?api-version=preview" if "multi_agent" in body else "/responses"
    asked = {"model": model, "input": "Hello.", **body}
    return client.send("POST", path, asked, **IMAGES)


@pytest.mark.parametrize(("column", "model", "body", "message"), REFUSED)
def test_what_a_model_is_known_not_to_have_is_refused(
    client: Client, column: str, model: str, body: dict[str, Any], message: str
) -> None:
    reply = ask(client, model, body)
    assert reply.status == 400
    assert f'"message":"{message}"'.encode() in reply.body
    known = combinations.rule(model, column)
    assert known is not None
    assert not known.taken


@pytest.mark.parametrize(("model", "body"), TAKEN)
def test_the_rest_is_taken(client: Client, model: str, body: dict[str, Any]) -> None:
    reply = ask(client, model, body)
    assert reply.status == 200, reply.body


def test_every_column_that_refuses_has_a_case() -> None:
    refuse = {each.column for each in RULES if not each.taken} - {"parallel"}
    assert refuse == {column for column, *_ in REFUSED}


@pytest.mark.parametrize("model", ["gpt-5-pro", "o3", "gpt-5.4-pro", "gpt-5.4"])
def test_some_models_make_one_call_at_a_time(client: Client, model: str) -> None:
    with_model(client, model)
    asked = "What's the weather in Oslo and in Rome?"
    output = client.create(asked, model=model, tools=[GET_WEATHER])["output"]
    calls = [item for item in output if item["type"] == "function_call"]
    assert len(calls) == (2 if model == "gpt-5.4" else 1)


def test_each_rule_has_a_source_and_each_source_a_rule() -> None:
    assert {each.source for each in RULES} == set(SOURCES)
    assert {each.column for each in RULES} == set(COLUMNS)


def test_no_rule_is_hidden_by_one_above_it() -> None:
    models = [*SHOWN, "gpt-4.1", "gpt-4o", "o1", "o3", "o3-mini", "o4-mini"]
    models += ["gpt-5.3-codex-spark", "gpt-5.4-2026-03-05"]
    counting = {
        combinations.rule(model, column) for model in models for column in COLUMNS
    }
    assert set(RULES) <= counting


def test_the_readme_shows_the_whole_table() -> None:
    text = README.read_text(encoding="utf-8")
    shown = text.split("<!-- combinations -->")[1].split("<!-- /combinations -->")[0]
    assert shown.strip() == combinations.as_markdown()
    assert all(family(model) for model in SHOWN)
    assert len(re.findall(r"\| \? ", shown)) > 20  # it says what nobody knows
