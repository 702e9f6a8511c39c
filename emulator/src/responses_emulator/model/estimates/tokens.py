"""A plausible count of tokens: about four characters each, as in English prose."""

from typing import Any

import orjson

PICTURE_TOKENS = 765  # what one 1024x1024 picture at high detail is billed as
SUMMARY_TOKENS = 64  # what a compaction item costs to write, and then to read

# What a hosted tool adds to its call: the model reads it, but has not written it.
_ADDED = {
    "file_search_call": ("results",),
    "code_interpreter_call": ("outputs",),
    "image_generation_call": ("result",),
    "mcp_call": ("output",),
    "mcp_list_tools": ("tools",),
}


def count(text: str) -> int:
    """How many tokens a text would take."""
    return (len(text) + 3) // 4


def count_items(items: list[dict[str, Any]]) -> int:
    """How many tokens a list of input items would take, 4 of overhead each."""
    counted = 4 * len(items)
    for item in items:
        if item["type"] == "message":
            for part in item["content"]:
                counted += _count_part(part)
        else:
            counted += _count_item(item)
    return counted


def count_written(items: list[dict[str, Any]]) -> int:
    """How many tokens it took the model to write these output items."""
    return count_items(
        [
            {name: v for name, v in item.items() if name not in _ADDED[item["type"]]}
            if item["type"] in _ADDED
            else item
            for item in items
        ]
    )


def _count_item(item: dict[str, Any]) -> int:
    if item["type"] == "image_generation_call" and item.get("result"):
        return PICTURE_TOKENS + len(orjson.dumps({**item, "result": None})) // 4
    return len(orjson.dumps(item)) // 4


def _count_part(part: dict[str, Any]) -> int:
    kind = part.get("type")
    if kind == "input_image":
        return PICTURE_TOKENS
    if kind == "input_file":
        return 0  # its text is counted where it was read
    return count(str(part.get("text") or part.get("refusal") or ""))
