"""`image_generation`: a picture where the prompt asks for one."""

from base64 import b64encode
from collections.abc import Iterator

from emulator.ids import new_id
from emulator.model.replies import message
from emulator.model.turn import Item, Turn
from emulator.tools import Hosted, drawing


def respond(turn: Turn, tool: Item, _hosted: Hosted) -> Iterator[Item]:
    """The call and an empty message; nothing where no picture is wanted."""
    if not (turn.forced or drawing.wanted(turn.prompt)):
        return
    picture = drawing.draw(
        turn.prompt,
        size=tool.get("size") or "auto",
        background=tool.get("background") or "auto",
        output_format=tool.get("output_format") or "png",
    )
    yield {
        "id": new_id("ig"),
        "type": "image_generation_call",
        "status": "completed",
        "result": b64encode(picture).decode(),
    }
    yield message("")
