"""`tool_search`: functions that the model gets to know only when it needs them.

A function is deferred by `defer_loading`, alone or in a `namespace`. The service finds
those that a search names (`execution` "server", the default), or asks the caller
("client"), who answers with a `tool_search_output` that holds them.
"""

from responses_emulator.ids import new_id
from responses_emulator.model.items import Item
from responses_emulator.model.steps import Call, Result
from responses_emulator.model.turn import Turn
from responses_emulator.tools import Hosted, declared

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


def run(call: Call, _tool: Item, hosted: Hosted) -> Result:
    """Find deferred tools by their names, alone or with their namespace's.

    A namespace's own name stands for those that `names` has of it, or else for all.
    """
    paths: list[str] = call.arguments["paths"]
    names: list[str] | None = call.arguments.get("names")
    found = [
        each
        for each in flat(hosted.tools)
        if each.get("defer_loading")
        and (each.get("namespace") in paths or each["name"] in paths)
        and (names is None or each["name"] in names)
    ]
    shared: Item = {"call_id": None, "execution": "server", "status": "completed"}
    return Result(
        call,
        (
            {
                "id": new_id("tsc"),
                "type": "tool_search_call",
                **shared,
                "arguments": {"paths": paths},
            },
            {
                "id": new_id("tso"),
                "type": "tool_search_output",
                **shared,
                "tools": _as_declared(hosted.tools, found),
            },
        ),
        found,
    )


def _as_declared(tools: list[Item], found: list[Item]) -> list[Item]:
    """The tools found, each as it was declared: in its namespace, if it has one.

    Functions have all their keys, as recorded on Azure.
    """
    wanted = {(each.get("namespace"), each["name"]) for each in found}
    told: list[Item] = []
    for tool in tools:
        if tool["type"] in CALLABLE and (None, tool["name"]) in wanted:
            told.append(_told(tool))
        elif tool["type"] == "namespace":
            inner = [
                _told(each)
                for each in tool["tools"]
                if (tool["name"], each["name"]) in wanted
            ]
            if inner:
                told.append({**tool, "tools": inner})
    return told


def _told(tool: Item) -> Item:
    return declared.in_full(tool) if tool["type"] == "function" else tool
