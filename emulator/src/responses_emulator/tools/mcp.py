"""`mcp`: a remote server's tools, the calls of them, and the approvals these need."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, cast

import orjson

from responses_emulator.errors import ServiceError, invalid_request
from responses_emulator.ids import new_id
from responses_emulator.model.items import Item
from responses_emulator.model.steps import Call, Result
from responses_emulator.model.turn import Turn
from responses_emulator.signals import Signal
from responses_emulator.tools import Hosted, McpServer


class Failure(Exception):
    """What a server, or the way to it, has said instead of an answer.

    `error` is that of an `mcp_call`, in one of the three shapes of the contract.
    """

    def __init__(self, error: Item, status: int, why: str = "") -> None:
        """`status` is what is told where the tools cannot be listed, and why."""
        super().__init__(error["type"])
        self.error = error
        self._status = status
        self._why = why

    @classmethod
    def of_status(cls, status: int, why: str = "") -> "Failure":
        """The server has answered with a status, or cannot be reached."""
        message = f"{_phrase(status)}. {why}" if why else _phrase(status)
        error = {"type": "http_error", "code": status, "message": message}
        return cls(error, status, why)

    @classmethod
    def of_protocol(cls, code: int, message: str) -> "Failure":
        """The server has answered with an error of JSON-RPC, or not understandably."""
        error = {"type": "mcp_protocol_error", "code": code, "message": message}
        why = message.partition("\n")[0].rstrip(".")
        return cls(error, HTTPStatus.FAILED_DEPENDENCY, f"{why}.")

    @classmethod
    def of_execution(cls, content: list[Item]) -> "Failure":
        """A tool has failed, and says so in MCP's blocks of content."""
        error = {"type": "mcp_tool_execution_error", "content": content}
        return cls(error, HTTPStatus.FAILED_DEPENDENCY)

    def without(self, secrets: Sequence[str], mask: str) -> "Failure":
        """The same, with a mask in place of what a server repeats of these."""

        def masked(value: Any) -> Any:
            if isinstance(value, str):
                for secret in secrets:
                    value = value.replace(secret, mask)
                return value
            if isinstance(value, list):
                return [masked(each) for each in cast("list[Any]", value)]
            if isinstance(value, dict):
                fields = cast("dict[str, Any]", value)
                return {name: masked(each) for name, each in fields.items()}
            return value

        return Failure(masked(self.error), self._status, masked(self._why))

    def listing(self, label: str) -> ServiceError:
        """The same where it is the tools that could not be listed."""
        return unreachable(
            label, f"{self._status} ({_phrase(self._status)})", self._why
        )


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def run(
    call: Call,
    server: McpServer,
    entries: Sequence[Item],
    *,
    stop: Signal,
    approval_request_id: str | None = None,
) -> Result:
    """Have the server carry out a call; `entries` are its tools that may be called."""
    output: str | None = None
    error: Item | None = None
    try:
        if all(entry["name"] != call.name for entry in entries):
            content = [{"type": "text", "text": f"Unknown tool: '{call.name}'"}]
            raise Failure.of_execution(content)
        output = server.call(call.name, call.arguments, stop)
    except Failure as failure:
        error = failure.error
    item: Item = {
        "id": new_id("mcp"),
        "type": "mcp_call",
        "status": "failed" if error else "completed",
        "approval_request_id": approval_request_id,
        "arguments": orjson.dumps(call.arguments).decode(),
        "error": error,
        "name": call.name,
        "output": output,
        "server_label": call.owner,
    }
    return Result(call, (item,), output)


def cut_off(call: Call, _tool: Item, _hosted: Hosted) -> Item:
    """The item of a call that was not written to its end, and so is not made."""
    return {
        "id": new_id("mcp"),
        "type": "mcp_call",
        "status": "incomplete",
        "approval_request_id": None,
        "arguments": call.arguments,
        "error": None,
        "name": call.name,
        "output": None,
        "server_label": call.owner,
    }


def listed(label: str, entries: list[Item]) -> Item:
    """The item that says what a server has."""
    return {
        "id": new_id("mcpl"),
        "type": "mcp_list_tools",
        "server_label": label,
        "tools": entries,
    }


def not_listed(tool: Item, error: str) -> Item:
    """The item that says why a server's tools could not be listed."""
    return {**listed(tool["server_label"], []), "error": error}


def request_for_approval(call: Call) -> Item:
    """The item that asks the caller whether a call may be made."""
    return {
        "id": new_id("mcpr"),
        "type": "mcp_approval_request",
        "arguments": orjson.dumps(call.arguments).decode(),
        "name": call.name,
        "server_label": call.owner,
    }


def unreachable(
    label: str, status: str = "424 (Failed Dependency)", why: str = ""
) -> ServiceError:
    """The server's tools can't be listed; `status` is what the server answered.

    `why` is a sentence that the service would not say.
    """
    return invalid_request(
        f"Error retrieving tool list from MCP server: '{label}'. Http status code: "
        f"{status}{f'. {why}' if why else ''}",
        "tools",
        "http_error",
        status=424,
        type="external_connector_error",
    )


def allowed(tool: Item, entries: Sequence[Item]) -> list[Item]:
    """The tools of a server that the request allows."""
    given: Item | list[str] | None = tool.get("allowed_tools")
    rule: Item | None = {"tool_names": given} if isinstance(given, list) else given
    return [entry for entry in entries if rule is None or _matches(rule, entry)]


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


def needs_approval(tool: Item, entry: Item) -> bool:
    """Approval is asked for unless the request says otherwise for this tool.

    A rule that lists only what always needs it leaves the other tools free. A tool that
    is in both lists needs it.
    """
    rule: Item | str = tool.get("require_approval") or "always"
    if isinstance(rule, str):
        return rule == "always"
    always: Item | None = rule.get("always")
    never: Item | None = rule.get("never")
    if always is not None and _matches(always, entry):
        return True
    if never is not None:
        return not _matches(never, entry)
    return always is None


def verdicts(turn: Turn, label: str) -> list[tuple[Call, str, bool]]:
    """What the caller has said of calls, and of which request, as far as it is new.

    A call that was made once is never made again, however often the history tells that
    it was approved.
    """
    requests = {
        item["id"]: item
        for item in turn.special
        if item.get("type") == "mcp_approval_request" and item["server_label"] == label
    }
    settled = {
        item.get("approval_request_id")
        for item in turn.special
        if item.get("type") == "mcp_call"
    }
    found: list[tuple[Call, str, bool]] = []
    for item in _since_the_model_spoke(turn):
        if item.get("type") != "mcp_approval_response":
            continue
        asked = requests.get(item["approval_request_id"])
        if asked is not None and asked["id"] not in settled:
            settled.add(asked["id"])
            arguments = orjson.loads(asked["arguments"])
            call = Call("mcp", arguments, asked["name"], label)
            found.append((call, asked["id"], item["approve"]))
    return found


def _since_the_model_spoke(turn: Turn) -> list[Item]:
    """What came since the prompt, and what the caller has sent right before that."""
    begin = len(turn.items) - len(turn.since_prompt)
    while begin and _is_callers(turn.items[begin - 1]):
        begin -= 1
    return turn.items[begin:]


def _is_callers(item: Item) -> bool:
    """Whether the caller has sent an item along with a prompt or an answer."""
    kind: str = item.get("type") or "message"
    if kind == "message":
        return item.get("role") != "assistant"
    return kind == "mcp_approval_response" or kind.endswith("_output")
