"""The stand-in model: decides by rules which items answer a turn.

`respond` yields complete output items in the API's shapes, one by one, as they are
made. Nothing is random but ids: the same turn gets the same answer.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import orjson

from responses_emulator import reply_file
from responses_emulator.ids import new_id, short_id
from responses_emulator.model import agents, pictures, reading, schema, text
from responses_emulator.model.items import Item
from responses_emulator.model.replies import formatted, message
from responses_emulator.model.turn import Document, Turn
from responses_emulator.tools import (
    WEB_SEARCHES,
    Hosted,
    apply_patch,
    code_interpreter,
    computer,
    custom,
    file_search,
    functions,
    image_generation,
    mcp,
    offered,
    shell,
    tool_search,
    web_search,
)

# Tokens that the stand-in claims to have thought, by effort: the service bills
# reasoning in steps of 64.
REASONING_TOKENS = {
    "none": 0,
    "minimal": 0,
    "low": 64,
    "medium": 256,
    "high": 512,
    "xhigh": 1024,
    "max": 2048,
}


def reasoning_tokens(turn: Turn) -> int:
    """How many tokens the stand-in spends on thinking before it answers this turn."""
    if turn.reasoning is None or turn.since_prompt:
        return 0
    return REASONING_TOKENS[turn.reasoning["effort"]]


def respond(turn: Turn, hosted: Hosted) -> Iterator[Item]:
    """The output items of a turn, in order; the last one is usually a message."""
    if turn.subagents is None:
        return _alone(turn, hosted)
    return agents.respond(
        turn, turn.subagents, partial(_alone, hosted=hosted), hosted.seal
    )


def _alone(turn: Turn, hosted: Hosted) -> Iterator[Item]:
    """The items of one model that answers."""
    if reasoning_tokens(turn):
        yield _reasoning(turn)
    if found := reply_file.built_in().find(turn):
        yield from _ready(turn, hosted, found)
        return
    if not turn.tools and not turn.special:
        yield _plain_answer(turn)  # as most turns of a chat are
        return
    results = _function_results(turn)
    if not results or turn.forced:
        search = list(_tool_search(turn))
        yield from search
        if search and search[-1]["type"] == "tool_search_call":
            return  # it is the caller who searches
        calls = list(_function_calls(turn, search))
        if calls:
            yield from calls
            return
    if results:
        yield message(formatted(turn, functions.answer(turn.prompt, results)))
        return
    done = shell.answer(turn) or apply_patch.answer(turn)
    if done:
        yield done
        return
    tools = [
        tool
        for tool in offered(turn.tools, turn.tool_choice)
        if tool["type"] in _HOSTED and turn.max_tool_calls != 0
    ]
    if tools and not turn.forced and text.recall(turn.prompt, turn.said_before):
        tools = []
    for tool in tools:
        settled = False
        for item in _HOSTED[tool["type"]](turn, tool, hosted):
            settled = settled or item["type"] in _SETTLED_BY
            yield item
        if settled:
            return
    yield _plain_answer(turn)


def _ready(turn: Turn, hosted: Hosted, items: list[Item]) -> Iterator[Item]:
    """What is ready for a turn; a program that has not printed anything yet is run."""
    for item in items:
        tool = next((t for t in turn.tools if t["type"] == "code_interpreter"), None)
        if item["type"] == "code_interpreter_call" and tool and not item["outputs"]:
            workspace = hosted.container(tool["container"], turn.items)
            yield from code_interpreter.run(turn, workspace, item["code"])
        else:
            yield item


def _reasoning(turn: Turn) -> Item:
    asked = turn.reasoning or {}
    wants_summary = asked.get("summary") or asked.get("generate_summary")
    steps = text.reasoning_steps(turn.prompt) if wants_summary else []
    return {
        "id": new_id("rs"),
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": step} for step in steps],
    }


def _plain_answer(turn: Turn) -> Item:
    return message(formatted(turn, _words(turn)))


def _words(turn: Turn) -> str:
    if turn.documents:
        texts = ["\n".join(document.pages) for document in turn.documents]
        words = reading.answer_from(turn.prompt, texts)
        if turn.brings_a_file:
            return _with_what_is_unread(words, turn.documents)
        if words:
            return words
    if turn.pictures:
        descriptions = [pictures.describe(p, turn.prompt) for p in turn.pictures]
        return "\n\n".join(descriptions)
    return text.answer(turn.prompt, turn.said_before, turn.instructions)


def _with_what_is_unread(words: str, documents: Sequence[Document]) -> str:
    unread = [document.unread for document in documents if document.unread]
    if not words and any(document.has_text for document in documents):
        words = "The document does not say anything about that."
    return "\n\n".join(filter(None, [words, *dict.fromkeys(unread)]))


# Function and custom tools: the caller runs them


def _tool_search(turn: Turn) -> Iterator[Item]:
    """A search for deferred tools, unless a tool that is known fits the prompt."""
    if turn.tool_choice == "none" or not any(
        tool["type"] == "tool_search" for tool in turn.tools
    ):
        return
    if not list(_function_calls(turn, [])):
        yield from tool_search.search(turn, turn.tools)


def _function_calls(turn: Turn, search: list[Item]) -> Iterator[Item]:
    """The calls of functions that are known, those that `search` has found included."""
    tools = offered(turn.tools, turn.tool_choice)
    callable = tool_search.loaded(turn, tools)
    for item in search:
        callable += tool_search.flat(item.get("tools", []))
    if not callable:
        return
    texts = {tool["name"]: tool for tool in callable if tool["type"] == "custom"}
    homes = {
        tool["name"]: tool["namespace"] for tool in callable if "namespace" in tool
    }
    # To choose among them, a custom tool is a function without parameters.
    alike = [{**tool, "type": "function"} for tool in callable]
    chosen = functions.choose(alike, turn.prompt)
    only_callable = all(tool["type"] in _FOR_CALLABLE for tool in tools)
    if not chosen and turn.forced and callable and only_callable:
        tool = alike[0]
        chosen = [(tool["name"], args) for args in schema.calls(tool, turn.prompt)]
    if not turn.parallel_tool_calls:
        chosen = chosen[:1]
    for name, arguments in chosen:
        if name in texts:
            yield custom.call(texts[name], turn.prompt)
            continue
        yield {
            "id": new_id("fc"),
            "type": "function_call",
            "status": "completed",
            "arguments": orjson.dumps(arguments).decode(),
            "call_id": short_id("call_"),
            "name": name,
            **({"namespace": homes[name]} if name in homes else {}),
        }


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

# Hosted tools: each yields its calls and, if it settles the question, the message; so
# do the shell, the patches and the computer, whose calls the caller runs.
_SETTLED_BY = (
    "message",
    "mcp_approval_request",
    "shell_call",
    "local_shell_call",
    "apply_patch_call",
    "computer_call",
)
_HOSTED: dict[str, Callable[[Turn, Item, Hosted], Iterator[Item]]] = {
    "file_search": file_search.respond,
    "code_interpreter": code_interpreter.respond,
    "image_generation": image_generation.respond,
    "mcp": mcp.respond,
    "shell": shell.respond,
    "local_shell": shell.respond,
    "apply_patch": apply_patch.respond,
    **dict.fromkeys(computer.TYPES, computer.respond),
    **dict.fromkeys(WEB_SEARCHES, web_search.respond),
}
