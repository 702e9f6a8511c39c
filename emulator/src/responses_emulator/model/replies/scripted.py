"""Replies that a test has written, in place of the stand-in model's.

emulator.reply_with("It is raining.")
emulator.reply_with({"type": "function_call", "name": "f", "arguments": {"x": 1}})
"""

import threading
from collections import deque
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

import orjson

from responses_emulator import contract, events
from responses_emulator.errors import ServiceError
from responses_emulator.http import Json
from responses_emulator.ids import new_id, short_id
from responses_emulator.model.items import message
from responses_emulator.sizes import size_of

_PREFIXES = {
    "message": "msg",
    "function_call": "fc",
    "custom_tool_call": "ctc",
    "reasoning": "rs",
    "file_search_call": "fs",
    "web_search_call": "ws",
    "code_interpreter_call": "ci",
    "image_generation_call": "ig",
    "mcp_call": "mcp",
    "mcp_list_tools": "mcpl",
    "mcp_approval_request": "mcpr",
    "shell_call": "sh",
    "local_shell_call": "lsh",
    "apply_patch_call": "apc",
    "computer_call": "cu",
    "tool_search_call": "tsc",
    "tool_search_output": "tso",
}
# The caller answers these by their `call_id`; they get one where they have none.
_WITH_CALL_ID = (
    "function_call",
    "custom_tool_call",
    "shell_call",
    "local_shell_call",
    "apply_patch_call",
    "computer_call",
)
FOR_THE_CALLER = (*_WITH_CALL_ID, "mcp_approval_request")
_WITHOUT_STATUS = (
    "reasoning",
    "custom_tool_call",
    "mcp_list_tools",
    "mcp_approval_request",
)
# What the service always says of an item, and a test need not.
_WHERE_LEFT_OUT: dict[str, Json] = {
    "reasoning": {"summary": []},
    "mcp_call": {"approval_request_id": None, "error": None, "output": None},
}


MAX_REPLY_BYTES = 16 * 2**20
MAX_WAITING_BYTES = 32 * 2**20


@dataclass
class _Reply:
    items: list[Json]
    times: int
    size: int


class Scripted:
    """The replies that wait, the oldest first."""

    def __init__(self) -> None:
        """Nothing is scripted."""
        # With how often each is still to be taken, and how many bytes it has.
        self._waiting: deque[_Reply] = deque()
        self._held = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many replies wait."""
        with self._lock:
            return sum(reply.times for reply in self._waiting)

    def add(self, output: Sequence[str | Json], times: int = 1) -> None:
        """Let a reply of these items wait. Raises ValueError for what is no output.

        And for more than may wait.
        """
        if not output:
            raise ValueError(
                "A reply has at least one item: a text, or an output item."
            )
        items = [
            output_item(one, f"output[{index}]") for index, one in enumerate(output)
        ]
        size = size_of(items)
        if size > MAX_REPLY_BYTES:
            raise ValueError(f"A reply has at most {MAX_REPLY_BYTES // 2**20} MB.")
        with self._lock:
            if self._held + size > MAX_WAITING_BYTES:
                raise ValueError(
                    f"At most {MAX_WAITING_BYTES // 2**20} MB of replies wait; others "
                    "have to be taken first."
                )
            self._held += size
            self._waiting.append(_Reply(items, times, size))

    def take(self) -> list[Json] | None:
        """The output for the next response, with ids of its own; None if none waits."""
        if not self._waiting:
            return None
        with self._lock:
            if not self._waiting:
                return None
            first = self._waiting[0]
            first.times -= 1
            if not first.times:
                self._waiting.popleft()
                self._held -= first.size
        return [fresh(item) for item in first.items]

    def clear(self) -> None:
        """Drop what waits."""
        with self._lock:
            self._waiting.clear()
            self._held = 0


def output_item(given: Any, place: str) -> Json:
    """An output item that keeps to the contract, but for the ids that it gets later."""
    if isinstance(given, str):
        return {**message(given), "id": ""}
    if not isinstance(given, dict):
        raise ValueError(f"{place}: expected a text or an output item.")
    item = dict(cast("Json", given))
    type = item.setdefault("type", "message")
    if not isinstance(type, str) or type not in _PREFIXES:
        known = ", ".join(_PREFIXES)
        raise ValueError(f"{place}.type: {type!r} is not one of {known}.")
    if type == "message":
        item["content"] = _parts(item.get("content"), f"{place}.content")
        if item.setdefault("role", "assistant") != "assistant":
            raise ValueError(f"{place}.role: the model speaks as 'assistant'.")
    item = deepcopy(_WHERE_LEFT_OUT.get(type, {})) | item
    if type not in _WITHOUT_STATUS:
        item.setdefault("status", "failed" if item.get("error") else "completed")
    # What the service puts out it takes in again: the contract has one form for both.
    try:
        if type == "function_call" and isinstance(item.get("arguments"), dict):
            item["arguments"] = orjson.dumps(item["arguments"]).decode()
        contract.check("responses.create", {"model": "-", "input": [fresh(item)]})
        for _ in events.of_item(fresh(item), 0):
            pass
    except ServiceError as error:
        shown: Json = error.body["error"]
        text = f"{shown['param']}: {shown['message']}"
        raise ValueError(text.replace("input[0]", place)) from None
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"{place}: it is not a whole {type}: {error}.") from None
    return item


def _parts(content: Any, place: str) -> list[Json]:
    """What a message says: texts and refusals, with all that belongs to them."""
    if isinstance(content, str):
        content = [{"type": "output_text", "text": content}]
    if not isinstance(content, list) or not content:
        raise ValueError(f"{place}: expected a list of parts.")
    parts: list[Json] = []
    for index, part in enumerate(cast("list[Any]", content)):
        known = cast("Json", part) if isinstance(part, dict) else {}
        kind = known.get("type")
        if kind not in ("output_text", "refusal"):
            raise ValueError(f"{place}[{index}]: expected 'output_text' or 'refusal'.")
        empty: Json = {"annotations": [], "logprobs": []}
        parts.append((empty if kind == "output_text" else {}) | known)
    return parts


def fresh(item: Json) -> Json:
    """An output item with ids of its own, where it has none."""
    new = deepcopy(item)
    if not new.get("id"):
        new["id"] = new_id(_PREFIXES[new["type"]])
    if new["type"] in _WITH_CALL_ID and not new.get("call_id"):
        new["call_id"] = short_id("call_")
    return new
