"""A plausible count of tokens: about four characters each, as in English prose."""

from typing import Any

import orjson

PICTURE_TOKENS = 765  # what one 1024x1024 picture at high detail is billed as


def count(text: str) -> int:
    """How many tokens a text would take."""
    return (len(text) + 3) // 4


def count_items(items: list[dict[str, Any]]) -> int:
    """How many tokens a list of input items would take, 4 of overhead each."""
    return sum(4 + _count_item(item) for item in items)


def _count_item(item: dict[str, Any]) -> int:
    if item["type"] == "message":
        content: list[dict[str, Any]] = item["content"]
        return sum(_count_part(part) for part in content)
    return len(orjson.dumps(item)) // 4


def _count_part(part: dict[str, Any]) -> int:
    if part.get("type") == "input_image":
        return PICTURE_TOKENS
    if part.get("type") == "input_file":
        return 0  # its text is counted where it was read
    return count(str(part.get("text") or part.get("refusal") or ""))
