"""`tool_search`: functions that the model gets to know only when it needs them.

A function is deferred by `defer_loading`, alone or in a `namespace`. The service finds
those that fit the prompt by itself (`execution` "server", the default), or asks the
caller ("client"), who answers with a `tool_search_output` that holds them.
"""

from collections.abc import Iterator
from typing import Any

from responses_emulator.ids import new_id, short_id
from responses_emulator.model import schema
from responses_emulator.model.items import Item
from responses_emulator.model.turn import Turn
from responses_emulator.tools import functions

CALLABLE = ("function", "custom")


def flat(tools: list[Item]) -> list[Item]:
    """Function and custom tools, those in namespaces with their `namespace` set."""
    found: list[Item] = []
    for tool in tools:
        if tool["type"] in CALLABLE:
            found.append(tool)
        elif tool["type"] == "namespace":
            name = tool["name"]
            found += [{**inner, "namespace": name} for inner in tool["tools"]]
    return found


def loaded(turn: Turn, tools: list[Item]) -> list[Item]:
    """The callable tools that the model knows: not deferred, or found by a search."""
    known = [tool for tool in flat(tools) if not tool.get("defer_loading")]
    for item in turn.special:
        if item.get("type") == "tool_search_output":
            known += flat(item["tools"])
    return known


def search(turn: Turn, tools: list[Item]) -> Iterator[Item]:
    """A search where a deferred tool fits the prompt: its call, and what it found.

    One that the caller executes is a call alone.
    """
    tool = next((tool for tool in tools if tool["type"] == "tool_search"), None)
    if tool is None or any(
        item.get("type") == "tool_search_output" for item in turn.since_prompt
    ):
        return
    if tool.get("execution") == "client":
        yield _call("client", _question(tool, turn.prompt), short_id("call_"))
        return
    deferred = [each for each in flat(tools) if each.get("defer_loading")]
    alike = [{**each, "type": "function"} for each in deferred]
    names = {name for name, _ in functions.choose(alike, turn.prompt)}
    found = [each for each in deferred if each["name"] in names]
    if not found:
        return
    paths = list(dict.fromkeys(each.get("namespace") or each["name"] for each in found))
    yield _call("server", {"paths": paths}, None)
    yield {
        "id": new_id("tso"),
        "type": "tool_search_output",
        "call_id": None,
        "execution": "server",
        "status": "completed",
        "tools": _as_declared(tools, found),
    }


def _call(execution: str, arguments: Item, call_id: str | None) -> Item:
    return {
        "id": new_id("tsc"),
        "type": "tool_search_call",
        "call_id": call_id,
        "execution": execution,
        "arguments": arguments,
        "status": "completed",
    }


def _question(tool: Item, prompt: str) -> Item:
    """Arguments for the caller's search, in the shape that its parameters ask for."""
    parameters: Any = tool.get("parameters")
    if not parameters:
        return {"query": prompt}
    return schema.calls({"name": "tool_search", "parameters": parameters}, prompt)[0]


def _as_declared(tools: list[Item], found: list[Item]) -> list[Item]:
    """The tools found, each as it was declared: in its namespace, if it has one."""
    wanted = {(each.get("namespace"), each["name"]) for each in found}
    declared: list[Item] = []
    for tool in tools:
        if tool["type"] in CALLABLE and (None, tool["name"]) in wanted:
            declared.append(tool)
        elif tool["type"] == "namespace":
            inner = [
                each for each in tool["tools"] if (tool["name"], each["name"]) in wanted
            ]
            if inner:
                declared.append({**tool, "tools": inner})
    return declared
