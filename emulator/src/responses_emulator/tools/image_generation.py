"""`image_generation`: a picture of a prompt, or with changes to one."""

from base64 import b64encode
from typing import Any

from responses_emulator.ids import new_id
from responses_emulator.model.items import Item
from responses_emulator.model.steps import Call, Result
from responses_emulator.signals import Signal
from responses_emulator.tools import Hosted, drawing


class PictureCall(dict[str, Any]):
    """An `image_generation_call` item that knows of the previews that precede it."""

    previews: int = 0
    output_format: str = "png"


def run(call: Call, tool: Item, hosted: Hosted, stop: Signal | None = None) -> Result:
    """Draw the picture, or have it drawn by a real model, which `stop` stops."""
    output_format: str = tool.get("output_format") or "png"
    is_transparent = tool.get("background") == "transparent"
    changes: list[str] = call.arguments.get("changes") or []
    if hosted.draw is not None:
        prompt = "\n".join([call.arguments["prompt"], *changes])
        over: bytes | None = call.arguments.get("over")
        # A signal that is not set yet is false.
        stop = Signal() if stop is None else stop
        picture = hosted.draw(prompt, tool, stop, over)
    else:
        picture = drawing.draw(
            call.arguments["prompt"],
            size=tool.get("size") or "auto",
            background=tool.get("background") or "auto",
            output_format=output_format,
            changes=changes,
            over=call.arguments.get("over"),
        )
    # As recorded on Azure in November 2025 (vercel/ai, azure-image-generation-tool).
    item = PictureCall(
        id=new_id("ig"),
        type="image_generation_call",
        status="completed",
        background="transparent" if is_transparent else "opaque",
        output_format=output_format,
        quality=_unless_auto(tool.get("quality"), "medium"),
        result=b64encode(picture).decode(),
        revised_prompt="\n".join([call.arguments["prompt"], *changes]),
        size=_unless_auto(tool.get("size"), drawing.USUAL_SIZE),
    )
    item.previews = tool.get("partial_images") or 0
    item.output_format = output_format
    return Result(call, (item,))


def _unless_auto(asked: str | None, usual: str) -> str:
    """What was asked for, or what the service takes by itself."""
    return usual if asked in (None, "auto") else asked
