"""`image_generation`: a picture where the prompt asks for one, or for a change."""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from typing import Any

from responses_emulator.ids import new_id
from responses_emulator.model.items import Item
from responses_emulator.model.replies import message
from responses_emulator.model.turn import Turn
from responses_emulator.tools import Hosted, drawing, edits


class PictureCall(dict[str, Any]):
    """An `image_generation_call` item that knows of the previews that precede it."""

    previews: int = 0
    output_format: str = "png"


def respond(turn: Turn, tool: Item, _hosted: Hosted) -> Iterator[Item]:
    """The call and an empty message; nothing where no picture is wanted."""
    action: str = tool.get("action") or "auto"
    is_change = action == "edit" or edits.is_change(turn.prompt)
    source = None if action == "generate" else _given(turn)
    if source is None and is_change and action != "generate":
        source = _last_picture(turn)
    if not (turn.forced or drawing.wanted(turn.prompt) or (is_change and source)):
        return
    prompt, changes, over = turn.prompt, list[str](), None
    if source is not None:
        described = drawing.description(source) if is_change else None
        if described is None:
            over = source
        else:
            prompt, changes = edits.told(described)
            changes.append(turn.prompt)
    output_format: str = tool.get("output_format") or "png"
    picture = drawing.draw(
        prompt,
        size=tool.get("size") or "auto",
        background=tool.get("background") or "auto",
        output_format=output_format,
        changes=changes,
        over=over,
    )
    call = PictureCall(
        id=new_id("ig"),
        type="image_generation_call",
        status="completed",
        result=b64encode(picture).decode(),
    )
    call.previews = tool.get("partial_images") or 0
    call.output_format = output_format
    yield call
    yield message("")


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
