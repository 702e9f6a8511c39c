"""What came of the calls of hosted tools, as a model reads it.

An item tells most of it. What it does not hold, the pages of a search for example, is
known in the response that it belongs to, and forgotten afterwards.
"""

import json
from collections.abc import Callable
from typing import Any

from responses_emulator.model.items import Item
from responses_emulator.model.steps import Result
from responses_emulator.tools import Printed, tool_search

GONE = "This was found earlier, and is not at hand any more: call the tool again."
CUT_OFF = "This call was cut off before its end, and not made."
MAX_PASSAGE = 4_000  # characters


def told(item: Item, result: Result | None) -> str:
    """What a model is told of a call's item; `result` if it is of this response."""
    if item.get("status") == "incomplete":
        return CUT_OFF
    return _TOLD[item["type"]](item, result)


def arguments(item: Item) -> Any:
    """The arguments of a call, as the model has written them, or might have."""
    return _ARGUMENTS[item["type"]](item)


def is_of_hosted(item: Item) -> bool:
    """Whether an item is a call that the service has carried out."""
    return item.get("type") in _TOLD


def _passages(item: Item, _result: Result | None) -> str:
    results: list[Item] | None = item.get("results")
    if results is None:
        return GONE
    if not results:
        return "Nothing was found."
    return _text(
        [
            {"file": each["filename"], "passage": each["text"][:MAX_PASSAGE]}
            for each in results
        ]
    )


def _printed(item: Item, result: Result | None) -> str:
    outputs: list[Item] | None = item.get("outputs")
    written: dict[str, str] = {}
    if result is not None and isinstance(result.found, Printed):
        logs, written = result.found.printed, result.found.written
    elif outputs is None:
        return GONE
    else:
        logs = "".join(each.get("logs", "") for each in outputs)
    if not logs:
        logs = "The program has printed nothing: print what you want to see."
    if not written:
        return logs
    return f"{logs}\n[Written to /mnt/data: {', '.join(written)}]"


def _pages(_item: Item, result: Result | None) -> str:
    if result is None:
        return GONE
    if not result.found:
        return "Nothing was found."
    kept = ("title", "url", "content")
    return _text([{name: page[name] for name in kept} for page in result.found])


def _output(item: Item, _result: Result | None) -> str:
    if item.get("error"):
        return f"The call failed: {_text(item['error'])}"
    return item.get("output") or ""


def _drawn(_item: Item, _result: Result | None) -> str:
    return "The picture is drawn, and the user sees it."


def _loaded(item: Item, _result: Result | None) -> str:
    names = [tool["name"] for tool in tool_search.flat(item["tools"])]
    if not names:
        return "No such tool was found."
    return f"You can call these now: {', '.join(names)}."


def _collaborated(item: Item, result: Result | None) -> str:
    if result is not None and result.found:
        return "\n\n".join(f"{name}: {text}" for name, text in result.found)
    return "".join(part.get("text", "") for part in item.get("output") or ())


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _searched(item: Item) -> Item:
    action: Item = item.get("action") or {}
    return {"query": action.get("query") or action.get("url") or ""}


_TOLD: dict[str, Callable[[Item, Result | None], str]] = {
    "file_search_call": _passages,
    "code_interpreter_call": _printed,
    "web_search_call": _pages,
    "mcp_call": _output,
    "image_generation_call": _drawn,
}
_ARGUMENTS: dict[str, Callable[[Item], Any]] = {
    "file_search_call": lambda item: {"queries": item.get("queries") or []},
    "code_interpreter_call": lambda item: {"code": item.get("code") or ""},
    "web_search_call": _searched,
    "mcp_call": lambda item: item.get("arguments") or "{}",
    "image_generation_call": lambda item: {
        "prompt": item.get("revised_prompt") or "the picture that was asked for"
    },
}
loaded = _loaded
collaborated = _collaborated
