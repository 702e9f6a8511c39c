"""`mcp`: a remote server's tools, with the approvals that a request may ask for."""

from collections.abc import Iterator

import orjson

from responses_emulator.errors import ServiceError, invalid_request
from responses_emulator.ids import new_id
from responses_emulator.model.items import Item
from responses_emulator.model.replies import formatted, message
from responses_emulator.model.turn import Turn
from responses_emulator.tools import Hosted


def respond(turn: Turn, tool: Item, hosted: Hosted) -> Iterator[Item]:
    """The tools, requests for approval or calls, and what the calls brought."""
    label, server = tool["server_label"], hosted.mcp_server(tool)
    allowed: Item | list[str] | None = tool.get("allowed_tools")
    rule: Item | None = (
        {"tool_names": allowed} if isinstance(allowed, list) else allowed
    )
    tools = [
        entry for entry in server.list_tools() if rule is None or _matches(rule, entry)
    ]
    if not any(
        item.get("type") == "mcp_list_tools" and item.get("server_label") == label
        for item in turn.special
    ):
        yield {
            "id": new_id("mcpl"),
            "type": "mcp_list_tools",
            "server_label": label,
            "tools": tools,
        }
    verdicts = _approvals(turn, label)
    if verdicts:
        calls = [
            (verdict["name"], orjson.loads(verdict["arguments"]), verdict["id"])
            for verdict in verdicts
            if verdict["approve"]
        ]
        if not calls:
            yield message("The tool call was not approved, so I did not make it.")
            return
    else:
        named = chosen_tools(turn.tool_choice, label)
        callable = [t for t in tools if named is None or t["name"] in named]
        chosen = server.choose(turn.prompt, callable)
        if not chosen and turn.forced:
            chosen = server.forced(turn.prompt, callable)
        calls = [
            (name, arguments, None) for name, arguments in chosen[: turn.max_tool_calls]
        ]
        rules = {entry["name"]: _needs_approval(tool, entry) for entry in tools}
        asking = [call for call in calls if rules[call[0]]]
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
        output = server.call(name, arguments) if known else None
        if output is not None:
            outputs.append(output)
        yield {
            "id": new_id("mcp"),
            "type": "mcp_call",
            "status": "completed" if known else "failed",
            "approval_request_id": approval_id,
            "arguments": orjson.dumps(arguments).decode(),
            "error": None if known else _execution_error(f"Unknown tool: '{name}'"),
            "name": name,
            "output": output,
            "server_label": label,
        }
    if outputs:
        yield message(formatted(turn, server.answer(turn.prompt, outputs)))
    elif calls:
        yield message(formatted(turn, "The tool could not be called."))


def unreachable(label: str, status: str = "424 (Failed Dependency)") -> ServiceError:
    """The server's tools can't be listed; `status` is what the server answered."""
    return invalid_request(
        f"Error retrieving tool list from MCP server: '{label}'. Http status code: "
        f"{status}",
        "tools",
        "http_error",
        status=424,
        type="external_connector_error",
    )


def not_listed(tool: Item, error: str) -> Item:
    """The item that says why a server's tools could not be listed."""
    return {
        "id": new_id("mcpl"),
        "type": "mcp_list_tools",
        "server_label": tool["server_label"],
        "tools": [],
        "error": error,
    }


def _execution_error(text: str) -> Item:
    """Why a call failed, as the SDK's type has it: an object, no longer a text."""
    content = [{"type": "text", "text": text}]
    return {"type": "mcp_tool_execution_error", "content": content}


def chosen_tools(choice: str | Item, label: str) -> set[str] | None:
    """The tools of a server that a `tool_choice` names; None where it names none."""
    if isinstance(choice, str):
        return None
    entries: list[Item] = choice.get("tools", [choice])
    names = {
        entry.get("name")
        for entry in entries
        if entry["type"] == "mcp" and entry.get("server_label") == label
    }
    return None if None in names or not names else {str(name) for name in names}


def _matches(rule: Item, entry: Item) -> bool:
    """Whether a filter (`tool_names`, `read_only`) covers a tool of the server."""
    names: list[str] | None = rule.get("tool_names")
    read_only: bool | None = rule.get("read_only")
    hints: Item = entry.get("annotations") or {}
    return (names is None or entry["name"] in names) and (
        read_only is None or bool(hints.get("readOnlyHint")) is read_only
    )


def _needs_approval(tool: Item, entry: Item) -> bool:
    """Approval is asked for unless the request says otherwise for this tool.

    A rule that lists only what always needs it leaves the other tools free.
    """
    rule: Item | str = tool.get("require_approval") or "always"
    if isinstance(rule, str):
        return rule == "always"
    never: Item | None = rule.get("never")
    if never is not None and _matches(never, entry):
        return False
    always: Item | None = rule.get("always")
    return always is None or never is not None or _matches(always, entry)


def _approvals(turn: Turn, label: str) -> list[Item]:
    """The approval requests of this server that the caller has just answered."""
    requests = {
        item["id"]: item
        for item in turn.special
        if item.get("type") == "mcp_approval_request" and item["server_label"] == label
    }
    return [
        {**requests[item["approval_request_id"]], "approve": item["approve"]}
        for item in turn.since_prompt
        if item.get("type") == "mcp_approval_response"
        and item["approval_request_id"] in requests
    ]
