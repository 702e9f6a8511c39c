"""`include`: what an item has besides, stored whole and shown only when asked for."""

from collections.abc import Callable, Sequence
from functools import partial

from responses_emulator.errors import not_emulated
from responses_emulator.http import Json
from responses_emulator.world import World

INCLUDES = (
    "file_search_call.results",
    "code_interpreter_call.outputs",
    "web_search_call.action.sources",
    "computer_call_output.output.image_url",
    "reasoning.encrypted_content",
    "message.input_image.image_url",
    "message.output_text.logprobs",
)


def check(include: list[str]) -> list[str]:
    """Refuse by name what the contract has and the emulator has not."""
    for index, name in enumerate(include):
        if name not in INCLUDES:
            raise not_emulated(f"include '{name}'", f"include[{index}]")
    return include


def show(world: World, item: Json, include: Sequence[str]) -> Json:
    """An item as somebody gets it who asks to include these."""
    return _SHOW.get(item["type"], _whole)(world, item, include)


def view(world: World, include: Sequence[str]) -> Callable[[Json], Json]:
    """What shows an item to somebody who asks to include these."""
    return partial(show, world, include=include)


def show_all(world: World, items: list[Json], include: Sequence[str]) -> list[Json]:
    """The same for a list of items."""
    return [_SHOW.get(item["type"], _whole)(world, item, include) for item in items]


_Show = Callable[[World, Json, Sequence[str]], Json]


def _whole(_world: World, item: Json, _include: Sequence[str]) -> Json:
    return item


def _nulled(field: str) -> _Show:
    """Shows a field, or that there might be one."""

    def show(_world: World, item: Json, include: Sequence[str]) -> Json:
        asked = f"{item['type']}.{field}" in include
        return {**item, field: item.get(field) if asked else None}

    return show


def _web_search(_world: World, item: Json, include: Sequence[str]) -> Json:
    if "web_search_call.action.sources" in include:
        return item
    return {**item, "action": _without(item["action"], "sources")}


def _screenshot(_world: World, item: Json, include: Sequence[str]) -> Json:
    if "computer_call_output.output.image_url" in include:
        return item
    return {**item, "output": _without(item["output"], "image_url")}


def _reasoning(world: World, item: Json, include: Sequence[str]) -> Json:
    if "reasoning.encrypted_content" not in include:
        if "encrypted_content" not in item:
            return item  # as most of them
        return _without(item, "encrypted_content")
    if item.get("encrypted_content"):
        return item
    summary: list[Json] = item.get("summary") or []
    thoughts = "\n".join(part["text"] for part in summary) or item["id"]
    return {**item, "encrypted_content": world.cipher.seal(thoughts, item["id"])}


def _message(_world: World, item: Json, include: Sequence[str]) -> Json:
    parts: list[Json] = item["content"]
    for part in parts:
        if part.get("image_url") or part.get("logprobs"):
            break
    else:
        return item  # most messages have neither, and those need no copy
    hidden: Json = {}
    if "message.input_image.image_url" not in include:
        hidden["image_url"] = None
    if "message.output_text.logprobs" not in include:
        hidden["logprobs"] = []
    parts = [
        part | {name: empty for name, empty in hidden.items() if part.get(name)}
        for part in parts
    ]
    return {**item, "content": parts}


def _without(value: Json, name: str) -> Json:
    if name not in value:
        return value
    return {key: kept for key, kept in value.items() if key != name}


_SHOW: dict[str, _Show] = {
    "message": _message,
    "reasoning": _reasoning,
    "file_search_call": _nulled("results"),
    "code_interpreter_call": _nulled("outputs"),
    "web_search_call": _web_search,
    "computer_call_output": _screenshot,
}
