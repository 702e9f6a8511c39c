"""`image_generation`: a picture of a prompt, or with changes to one."""

from base64 import b64encode
from typing import Any

from responses_emulator.ids import new_id
from responses_emulator.model.items import Item
from responses_emulator.model.steps import Call, Result
from responses_emulator.tools import Hosted, drawing


class PictureCall(dict[str, Any]):
    """An `image_generation_call` item that knows of the previews that precede it."""

    previews: int = 0
    output_format: str = "png"


def run(call: Call, tool: Item, _hosted: Hosted) -> Result:
    """Draw the picture."""
    output_format: str = tool.get("output_format") or "png"
    picture = drawing.draw(
        call.arguments["prompt"],
        size=tool.get("size") or "auto",
        background=tool.get("background") or "auto",
        output_format=output_format,
        changes=call.arguments.get("changes") or [],
        over=call.arguments.get("over"),
    )
    item = PictureCall(
        id=new_id("ig"),
        type="image_generation_call",
        status="completed",
        result=b64encode(picture).decode(),
    )
    item.previews = tool.get("partial_images") or 0
    item.output_format = output_format
    return Result(call, (item,))
