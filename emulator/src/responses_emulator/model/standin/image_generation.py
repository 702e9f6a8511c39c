"""When the stand-in has a picture made: one that a prompt asks for, or a change."""

from base64 import b64decode
from collections.abc import Iterator

from responses_emulator.model.items import Item
from responses_emulator.model.steps import Call, Result, Step, Text
from responses_emulator.model.turn import Turn
from responses_emulator.tools import drawing, edits


def call(turn: Turn, tool: Item) -> Iterator[Call]:
    """The call; none where no picture is wanted."""
    action: str = tool.get("action") or "auto"
    is_change = action == "edit" or edits.is_change(turn.prompt)
    source = None if action == "generate" else _given(turn)
    if source is None and is_change and action != "generate":
        source = _last_picture(turn)
    if not (turn.must_call or drawing.wanted(turn.prompt) or (is_change and source)):
        return
    arguments: Item = {"prompt": turn.prompt}
    if source is not None:
        described = drawing.description(source) if is_change else None
        if described is None:
            arguments["over"] = source
        else:
            prompt, changes = edits.told(described)
            arguments = {"prompt": prompt, "changes": [*changes, turn.prompt]}
    yield Call("image_generation", arguments)


def answer(_turn: Turn, result: Result) -> Iterator[Step]:
    """What the picture shows, as one says it on handing it over."""
    shown = result.items[0].get("revised_prompt") or ""
    yield Text(f"Here is the picture: \u201c{shown}\u201d")


def _last_picture(turn: Turn) -> bytes | None:
    """The picture that was drawn last in the conversation."""
    for item in reversed(turn.items):
        if item.get("type") == "image_generation_call":
            return _decoded(item.get("result"))
    return None


def _given(turn: Turn) -> bytes | None:
    """The first picture that came with the prompt, if it came with its bytes."""
    return next((p.content for p in turn.pictures if p.content is not None), None)


def _decoded(result: str | None) -> bytes | None:
    """The bytes of a result that a caller sent back; None where it is no base64."""
    try:
        return b64decode(result or "", validate=True) or None
    except ValueError:
        return None
