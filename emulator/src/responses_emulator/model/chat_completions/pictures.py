"""A picture from an endpoint that draws: its `/images/generations`, and `/edits`."""

import re
from base64 import b64decode
from typing import Any

from responses_emulator.errors import ServiceError, invalid_request
from responses_emulator.ids import hex_id
from responses_emulator.model.chat_completions.client import Client
from responses_emulator.model.chat_completions.messages import media_type
from responses_emulator.model.items import Item
from responses_emulator.signals import Signal

GENERATIONS = "/images/generations"
EDITS = "/images/edits"
# What a tool says of a picture, and an endpoint may take; who asks for nothing gets
# what the model does by itself.
TAKEN = ("size", "quality", "background", "output_format", "moderation")
LESS_THAN_ALL = "output_compression"  # percent; 100 is as without it
OPTIONAL = (*TAKEN, LESS_THAN_ALL, "response_format")


def drawn(
    client: Client, prompt: str, tool: Item, stop: Signal, over: bytes | None = None
) -> bytes:
    """The picture of a prompt, or of one with changes. Raises `ServiceError`."""
    asked: Item = {"model": client.name(), "prompt": prompt, "n": 1}
    for name in TAKEN:
        if tool.get(name) not in (None, "auto"):
            asked[name] = tool[name]
    if tool.get(LESS_THAN_ALL) not in (None, 100):
        asked[LESS_THAN_ALL] = tool[LESS_THAN_ALL]
    asked["response_format"] = "b64_json"  # others would give an address
    told = _told(client, asked, over, stop)
    data: Any = told.get("data")
    try:
        picture = b64decode(data[0]["b64_json"], validate=True)
    except (IndexError, KeyError, TypeError, ValueError):
        picture = b""
    if not picture:
        raise invalid_request(
            "The model that draws gave no picture as 'b64_json'.",
            code="server_error",
            status=500,
            type="server_error",
        )
    return picture


def _told(client: Client, asked: Item, over: bytes | None, stop: Signal) -> Item:
    """What the endpoint answers; it is asked without what it does not know."""
    while True:
        try:
            if over is None:
                return client.post(GENERATIONS, asked, stop)
            return client.post_form(EDITS, *_form(asked, over), stop)
        except ServiceError as error:
            words: str = error.body["error"]["message"]
            unknown = [name for name in asked if _is_unknown(name, words)]
            if not unknown:
                raise
            asked = {name: asked[name] for name in asked if name not in unknown}


def _is_unknown(name: str, words: str) -> bool:
    """Whether an endpoint says that it does not know a parameter."""
    if name not in OPTIONAL or name not in words:
        return False
    # Those that give nothing but what is asked for here say so in many ways.
    return name == "response_format" or bool(_UNKNOWN.search(words))


_UNKNOWN = re.compile(
    "unknown|unrecogni[sz]ed|unexpected|unsupported parameter|extra", re.IGNORECASE
)


def _form(fields: Item, picture: bytes) -> tuple[str, bytes]:
    """A form with a picture: its content type, and the form itself."""
    boundary = hex_id("form")
    kind = media_type(picture)
    name = f"picture.{kind.partition('/')[2]}"
    form = b""
    for field, value in fields.items():
        form += _part(boundary, f'name="{field}"') + f"{value}".encode()
    form += _part(boundary, f'name="image"; filename="{name}"', kind) + picture
    form += f"\r\n--{boundary}--\r\n".encode()
    return f"multipart/form-data; boundary={boundary}", form


def _part(boundary: str, named: str, kind: str = "") -> bytes:
    """What stands before the content of one part."""
    head = f"\r\n--{boundary}\r\nContent-Disposition: form-data; {named}\r\n"
    if kind:
        head += f"Content-Type: {kind}\r\n"
    return f"{head}\r\n".encode()
