"""The stand-in model: decides by rules what comes next in a turn.

Nothing is random: the same turn gets the same answer. What a tool is called for, and
what is said of its result, has a module of its own for each.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson

from responses_emulator.model.estimates.thinking import reasoning_tokens
from responses_emulator.model.items import Item
from responses_emulator.model.replies import reply_file
from responses_emulator.model.standin import (
    apply_patch,
    code_interpreter,
    computer,
    custom,
    document_answers,
    file_search,
    function_calls,
    function_results,
    hosted_shell,
    image_generation,
    mcp,
    multi_agent,
    pictures,
    plain_answers,
    shell,
    web_search,
)
from responses_emulator.model.standin.formatted import formatted
from responses_emulator.model.steps import (
    Call,
    Reasoning,
    Result,
    Step,
    Text,
    Whole,
)
from responses_emulator.model.turn import Document, Turn
from responses_emulator.model.values import schema
from responses_emulator.signals import Signal
from responses_emulator.tools import WEB_SEARCHES, tool_search


class StandIn:
    """The model that answers where no other does."""

    waits = False

    def steps(self, turn: Turn, _stop: Signal) -> Iterator[Step]:
        """What comes next in a turn."""
        return _after_calls(turn) if turn.results else _at_first(turn)


STAND_IN = StandIn()


def _at_first(turn: Turn) -> Iterator[Step]:
    """What is said, or called, before anything was called in this response."""
    if turn.subagents is not None:
        calls = list(multi_agent.calls(turn))
        yield from calls
        if calls:
            return
    if reasoning_tokens(turn):
        yield from _reasoning(turn)
    if found := reply_file.built_in().find(turn):
        yield from _ready(turn, found)
        return
    if not turn.tools and not turn.special:
        yield _plain_answer(turn)  # as most turns of a chat are
        return
    results = _function_results(turn)
    if not results or turn.must_call:
        known = list(_function_calls(turn, tool_search.loaded(turn, turn.tools)))
        calls = known or list(_tool_search(turn))
        if not calls and turn.must_call:
            calls = list(_forced_function_calls(turn))
        if calls:
            yield from calls
            return
    if results:
        yield Text(formatted(turn, function_results.answer(turn.prompt, results)))
        return
    if done := shell.answer(turn) or apply_patch.answer(turn):
        yield Text(formatted(turn, done))
        return
    yield from _tools_or_words(turn)


def _ready(turn: Turn, items: list[Item]) -> Iterator[Step]:
    """What is ready for a turn; a program that has not printed anything yet is run."""
    tool = next((t for t in turn.tools if t["type"] == "code_interpreter"), None)
    for item in items:
        if item["type"] == "code_interpreter_call" and tool and not item["outputs"]:
            yield code_interpreter.run(turn.workspace(tool), item["code"])
        else:
            yield Whole(item)


def _tools_or_words(turn: Turn) -> Iterator[Step]:
    """The calls of the first tool that fits the prompt; without one, an answer."""
    tools = turn.tools
    may_recall = tools and not turn.must_call
    if may_recall and plain_answers.recall(turn.prompt, turn.said_before):
        tools = []
    for tool in tools:
        decide = _DECIDE.get(tool["type"])
        steps = list(decide(turn, tool)) if decide else []
        if steps:
            yield from steps
            return
    yield _plain_answer(turn)


def _after_calls(turn: Turn) -> Iterator[Step]:
    """What is said of results, or called because of them."""
    last = turn.results[-1]
    kind = last.call.type
    if kind == "web_search":
        yield from web_search.answer(turn)
    elif kind == "shell":
        can_call = any(tool["type"] == "shell" for tool in turn.tools)
        yield from hosted_shell.answer(turn, turn.results, can_call)
    elif kind == "mcp":
        yield from mcp.answer(turn, turn.results)
    elif kind == "tool_search":
        calls = list(_function_calls(turn, last.found))
        yield from calls or _tools_or_words(turn)
    else:
        yield from _ANSWER[kind](turn, last)


def _reasoning(turn: Turn) -> Iterator[Step]:
    yield Reasoning(tokens=reasoning_tokens(turn))
    if turn.wants_summary:
        for part, step in enumerate(plain_answers.reasoning_steps(turn.prompt)):
            yield Reasoning(step, part=part)


def _plain_answer(turn: Turn) -> Step:
    return Text(formatted(turn, _words(turn)))


def _words(turn: Turn) -> str:
    if turn.documents:
        texts = ["\n".join(document.pages) for document in turn.documents]
        words = document_answers.answer_from(turn.prompt, texts)
        if turn.brings_a_file:
            return _with_what_is_unread(words, turn.documents)
        if words:
            return words
    if turn.pictures:
        descriptions = [pictures.describe(p, turn.prompt) for p in turn.pictures]
        return "\n\n".join(descriptions)
    return plain_answers.answer(turn.prompt, turn.said_before, turn.instructions)


def _with_what_is_unread(words: str, documents: Sequence[Document]) -> str:
    unread = [document.unread for document in documents if document.unread]
    if not words and any(document.has_text for document in documents):
        words = "The document does not say anything about that."
    return "\n\n".join(filter(None, [words, *dict.fromkeys(unread)]))


# Function and custom tools: the caller runs them


def _tool_search(turn: Turn) -> Iterator[Step]:
    """A search for deferred tools, if one of them fits the prompt."""
    tool = next((tool for tool in turn.tools if tool["type"] == "tool_search"), None)
    if tool is None or any(
        item.get("type") == "tool_search_output" for item in turn.since_prompt
    ):
        return
    if tool.get("execution") == "client":
        yield Call("tool_search", _question(tool, turn.prompt))
        return
    flat = tool_search.flat(turn.tools)
    deferred = [each for each in flat if each.get("defer_loading")]
    alike = [{**each, "type": "function"} for each in deferred]
    names = {name for name, _ in function_calls.choose(alike, turn.prompt)}
    found = [each for each in deferred if each["name"] in names]
    paths = dict.fromkeys(each.get("namespace") or each["name"] for each in found)
    if found:
        given = {"paths": list(paths), "names": [each["name"] for each in found]}
        yield Call("tool_search", given)


def _question(tool: Item, prompt: str) -> Item:
    """Arguments for the caller's search, in the shape that its parameters ask for."""
    parameters: Any = tool.get("parameters")
    if not parameters:
        return {"query": prompt}
    return schema.calls({"name": "tool_search", "parameters": parameters}, prompt)[0]


def _function_calls(turn: Turn, callable: Sequence[Item]) -> Iterator[Step]:
    """The calls, of these tools, that fit the prompt."""
    # To choose among them, a custom tool is a function without parameters.
    alike = [{**tool, "type": "function"} for tool in callable]
    for name, arguments in function_calls.choose(alike, turn.prompt):
        yield _function_call(turn, callable, name, arguments)


def _forced_function_calls(turn: Turn) -> Iterator[Step]:
    """A call where one has to be made, and there is nothing else to call."""
    callable = tool_search.loaded(turn, turn.tools)
    if callable and all(tool["type"] in _FOR_CALLABLE for tool in turn.tools):
        alike = {**callable[0], "type": "function"}
        for arguments in schema.calls(alike, turn.prompt):
            yield _function_call(turn, callable, alike["name"], arguments)


def _function_call(
    turn: Turn, callable: Sequence[Item], name: str, arguments: dict[str, Any]
) -> Step:
    tool = next(each for each in reversed(callable) if each["name"] == name)
    owner: str = tool.get("namespace") or ""
    if tool["type"] == "custom":
        return Call("custom", custom.text_for(tool, turn.prompt), name, owner)
    return Call("function", arguments, name, owner)


def _function_results(turn: Turn) -> list[tuple[str, dict[str, Any], str]]:
    """Name, arguments and output of each tool that the caller ran since the prompt."""
    calls = {
        item["call_id"]: item
        for item in turn.special
        if item.get("type") in ("function_call", "custom_tool_call")
    }
    results: list[tuple[str, dict[str, Any], str]] = []
    for item in turn.since_prompt:
        if item.get("type") in ("function_call_output", "custom_tool_call_output"):
            call = calls[item["call_id"]]
            arguments = _arguments(call.get("arguments", ""))
            results.append((call["name"], arguments, _output(item["output"])))
    return results


def _arguments(arguments: str) -> dict[str, Any]:
    try:
        value = orjson.loads(arguments)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def _output(output: str | list[Item]) -> str:
    if isinstance(output, str):
        return output
    return "\n".join(part.get("text", "") for part in output)


_FOR_CALLABLE = (*tool_search.CALLABLE, "namespace", "tool_search")

# Other tools: each has its calls decided, and what they bring answered.
_DECIDE: dict[str, Callable[[Turn, Item], Iterator[Step]]] = {
    "file_search": file_search.calls,
    "code_interpreter": code_interpreter.calls,
    "image_generation": image_generation.call,
    "mcp": mcp.calls,
    "shell": shell.calls,
    "local_shell": shell.calls,
    "apply_patch": apply_patch.calls,
    "computer": computer.next_step,
    "computer_use_preview": computer.next_step,
    **dict.fromkeys(WEB_SEARCHES, web_search.calls),
}
_ANSWER: dict[str, Callable[[Turn, Result], Iterator[Step]]] = {
    "file_search": file_search.answer,
    "code_interpreter": code_interpreter.answer,
    "image_generation": image_generation.answer,
    "multi_agent": multi_agent.answer,
}
