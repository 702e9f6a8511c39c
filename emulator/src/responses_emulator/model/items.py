"""Items: what can be read of one by itself, and a message as a model says it."""

from typing import Any

from responses_emulator.ids import new_id
from responses_emulator.model.prompt.words import plain

Item = dict[str, Any]  # in the API's shape

MAX_SAID = 4_000  # characters of a message that are read


def is_special(item: Item) -> bool:
    """Whether an item is more than a message of text, or a thought."""
    kind = item.get("type")
    if kind != "message":
        return kind != "reasoning"
    content: str | list[Item] = item["content"]
    if isinstance(content, str):
        return False
    for part in content:
        if part.get("type") not in ("input_text", "output_text", "refusal"):
            return True
    return False


def text_of(item: Item) -> str:
    """The text of a message item, whatever form its content has."""
    content = item.get("content")
    if isinstance(content, str):
        return content
    parts: list[Item] = content or []
    if len(parts) == 1 and parts[0].get("type") == "input_text":
        return parts[0].get("text") or ""  # as most are
    texts: list[str] = [
        part.get("text") or part.get("refusal") or ""
        for part in parts
        if part.get("type") in ("input_text", "output_text", "text", "refusal")
    ]
    return "\n".join(texts)


def said_in(item: Item) -> str:
    """What the rules read of a message: its beginning, in typewriter quotes."""
    return plain(text_of(item)[:MAX_SAID])


def message(content: str | Item, annotations: list[Item] | None = None) -> Item:
    """An assistant message with one part: a text, or a refusal part as it is."""
    part: Item = (
        {
            "type": "output_text",
            "annotations": annotations or [],
            "logprobs": [],
            "text": content,
        }
        if isinstance(content, str)
        else content
    )
    return {
        "id": new_id("msg"),
        "type": "message",
        "status": "completed",
        "content": [part],
        "role": "assistant",
    }
