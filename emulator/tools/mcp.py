"""`mcp`: a remote server's tools, with the approvals that a request may ask for."""

from collections.abc import Iterator

import orjson

from emulator.ids import new_id
from emulator.model.replies import formatted, message
from emulator.model.turn import Item, Turn
from emulator.tools import Hosted, mslearn


def respond(turn: Turn, tool: Item, _hosted: Hosted) -> Iterator[Item]:
    """The tools, requests for approval or calls, and what the calls brought."""
    label, url = tool["server_label"], tool["server_url"]
    allowed = _allowed_mcp_tools(tool)
    tools = [
        entry
        for entry in mslearn.list_tools(url, label)
        if allowed is None or entry["name"] in allowed
    ]
    if not any(
        item.get("type") == "mcp_list_tools" and item.get("server_label") == label
        for item in turn.items
    ):
        yield {
            "id": new_id("mcpl"),
            "type": "mcp_list_tools",
            "server_label": label,
            "tools": tools,
        }
    verdicts = _approvals(turn, label)
    if verdicts:
        calls = [(r["name"], orjson.loads(r["arguments"]), r["id"]) for r in verdicts]
        if not all(verdict["approve"] for verdict in verdicts):
            yield message("The tool call was not approved, so I did not make it.")
            return
    else:
        chosen = mslearn.choose(turn.prompt, tools)[: turn.max_tool_calls]
        calls = [(name, arguments, None) for name, arguments in chosen]
        asking = [call for call in calls if _needs_approval(tool, call[0])]
        for name, arguments, _ in asking:
            yield {
                "id": new_id("mcpr"),
                "type": "mcp_approval_request",
                "arguments": orjson.dumps(arguments).decode(),
                "name": name,
                "server_label": label,
            }
        if asking:
            return
    outputs: list[str] = []
    for name, arguments, approval_id in calls:
        known = any(entry["name"] == name for entry in tools)
        output = mslearn.call(url, name, arguments)
        outputs.append(output)
        yield {
            "id": new_id("mcp"),
            "type": "mcp_call",
            "status": "completed" if known else "failed",
            "approval_request_id": approval_id,
            "arguments": orjson.dumps(arguments).decode(),
            "error": None if known else output,
            "name": name,
            "output": output if known else None,
            "server_label": label,
        }
    if outputs:
        yield message(formatted(turn, mslearn.answer(turn.prompt, outputs)))


def _allowed_mcp_tools(tool: Item) -> list[str] | None:
    """The names that `allowed_tools` lists, as an array or as `tool_names`."""
    allowed: Item | list[str] | None = tool.get("allowed_tools")
    return allowed.get("tool_names") if isinstance(allowed, dict) else allowed


def _needs_approval(tool: Item, name: str) -> bool:
    """Approval is asked for unless the request says `never` for this tool."""
    rule: Item | str = tool.get("require_approval") or "always"
    if isinstance(rule, str):
        return rule == "always"
    never: Item = rule.get("never") or {}
    return name not in (never.get("tool_names") or [])


def _approvals(turn: Turn, label: str) -> list[Item]:
    """The approval requests of this server that the caller has just answered."""
    requests = {
        item["id"]: item
        for item in turn.items
        if item.get("type") == "mcp_approval_request" and item["server_label"] == label
    }
    return [
        {**requests[item["approval_request_id"]], "approve": item["approve"]}
        for item in turn.since_prompt
        if item.get("type") == "mcp_approval_response"
        and item["approval_request_id"] in requests
    ]
