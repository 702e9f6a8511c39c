"""Calls that the caller carries out: its functions, its shell, its screen, its files.

Nothing is run here; each is the item that hands the call over.
"""

from typing import Any

import orjson

from responses_emulator.ids import new_id, short_id
from responses_emulator.model.items import Item
from responses_emulator.model.steps import Call
from responses_emulator.tools import Hosted

COMPUTERS = ("computer", "computer_use_preview")  # of which the older is served as well
CONTAINERS = ("container_auto", "container_reference")  # where a shell is the service's


def answers(call: Call, tool: Item) -> bool:
    """Whether it is the caller who carries out a call of this tool."""
    if call.type == "shell":
        environment: Item = tool.get("environment") or {}
        return environment.get("type") not in CONTAINERS
    if call.type == "tool_search":
        return tool.get("execution") == "client"
    return call.type in _CALLED


def item(call: Call, tool: Item) -> Item:
    """The item of a call."""
    return _CALLED[call.type](call, tool)


def cut_off(call: Call, tool: Item, _hosted: Hosted) -> Item:
    """The item of a call of which no more than this was written."""
    made = item(call, tool)
    if "status" in made:  # which a custom tool's call has not
        made["status"] = "incomplete"
    return made


def _function(call: Call, tool: Item) -> Item:
    arguments: Any = call.arguments
    if not isinstance(arguments, str):
        arguments = orjson.dumps(arguments).decode()
    made: Item = {
        "id": new_id("fc"),
        "type": "function_call",
        "status": "completed",
        "arguments": arguments,
        "call_id": short_id("call_"),
        "name": call.name,
    }
    if tool.get("namespace"):
        made["namespace"] = tool["namespace"]
    elif tool.get("defer_loading"):
        # One that was found by a search is in a namespace of its own, as recorded on
        # Azure in March 2026 (vercel/ai, azure-tool-search).
        made["namespace"] = call.name
    return made


def _named(prefix: str, type: str) -> Item:
    return {"id": new_id(prefix), "type": type, "call_id": short_id("call_")}


def _custom(call: Call, _tool: Item) -> Item:
    return {
        **_named("ctc", "custom_tool_call"),
        "input": call.arguments,
        "name": call.name,
    }


def _shell(call: Call, _tool: Item) -> Item:
    return {
        **_named("sh", "shell_call"),
        "status": "completed",
        "action": {
            "commands": call.arguments["commands"],
            "timeout_ms": None,
            "max_output_length": None,
        },
        "environment": {"type": "local"},
    }


def _local_shell(call: Call, _tool: Item) -> Item:
    command: list[str] = call.arguments["command"]
    return {
        **_named("lsh", "local_shell_call"),
        "status": "completed",
        "action": {"type": "exec", "command": command, "env": {}},
    }


def _apply_patch(call: Call, _tool: Item) -> Item:
    return {
        **_named("apc", "apply_patch_call"),
        "status": "completed",
        "operation": call.arguments["operation"],
    }


def _computer(call: Call, tool: Item) -> Item:
    """Several actions, or of the older tool one."""
    actions: list[Item] = call.arguments["actions"]
    batched = tool["type"] != "computer_use_preview"
    return {
        **_named("cu", "computer_call"),
        **({"actions": actions} if batched else {"action": actions[0]}),
        "pending_safety_checks": [],
        "status": "completed",
    }


def _tool_search(call: Call, _tool: Item) -> Item:
    return {
        **_named("tsc", "tool_search_call"),
        "execution": "client",
        "arguments": call.arguments,
        "status": "completed",
    }


_CALLED = {
    "function": _function,
    "custom": _custom,
    "shell": _shell,
    "local_shell": _local_shell,
    "apply_patch": _apply_patch,
    "computer": _computer,
    "tool_search": _tool_search,
}
