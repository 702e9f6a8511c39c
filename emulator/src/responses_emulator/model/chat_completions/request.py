"""The body of a request for a completion, from a turn."""

from typing import Any

from responses_emulator.model.chat_completions.offers import Offers
from responses_emulator.model.items import Item
from responses_emulator.model.turn import Turn

# Said where a model that had to call a tool has not: some never heard of `tool_choice`.
MUST_CALL = "Call one of the tools now. Do not answer in words."

# Said where an answer was to be JSON of some shape, and is not.
JUST_JSON = "Answer again: nothing but that JSON, and no words around it."


def body(turn: Turn, model: str, messages: list[Item], offers: Offers) -> Item:
    """All that an endpoint is asked."""
    made: Item = {
        "model": model,
        "messages": messages,
        "stream": True,
        "stream_options": {"include_usage": True},
        **_parameters(turn.settings),
    }
    functions = offers.functions()
    if functions:
        made["tools"] = functions
        if turn.must_call:
            made["tool_choice"] = "required"
        if turn.settings.get("parallel_tool_calls") is False:
            made["parallel_tool_calls"] = False
    shape = _response_format(turn.format)
    if shape is not None:
        made["response_format"] = shape
    return made


def _parameters(settings: Item) -> Item:
    """What was asked for, and nothing that was not: the model has its own defaults."""
    made: Item = {}
    for name in ("temperature", "top_p", "presence_penalty", "frequency_penalty"):
        if settings.get(name) is not None:
            made[name] = settings[name]
    if settings.get("max_output_tokens") is not None:
        made["max_tokens"] = settings["max_output_tokens"]
    reasoning: Item = settings.get("reasoning") or {}
    if reasoning.get("effort"):
        made["reasoning_effort"] = reasoning["effort"]
    text: Item = settings.get("text") or {}
    if text.get("verbosity"):
        made["verbosity"] = text["verbosity"]
    include: list[str] = settings.get("include") or []
    if "message.output_text.logprobs" in include:
        made["logprobs"] = True
        if settings.get("top_logprobs"):
            made["top_logprobs"] = settings["top_logprobs"]
    return made


def _response_format(format: Item) -> Item | None:
    kind: Any = format["type"]
    if kind == "json_object":
        return {"type": "json_object"}
    if kind != "json_schema":
        return None
    described: Item = {"name": format["name"], "schema": format["schema"]}
    if format.get("description"):
        described["description"] = format["description"]
    described["strict"] = format.get("strict") is not False
    return {"type": "json_schema", "json_schema": described}
