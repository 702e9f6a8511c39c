"""A picture from an endpoint that draws: its `/images/generations`."""

from base64 import b64decode
from typing import Any

from responses_emulator.errors import ServiceError, invalid_request
from responses_emulator.model.chat_completions.client import Client
from responses_emulator.model.items import Item
from responses_emulator.signals import Signal

PATH = "/images/generations"


def drawn(client: Client, prompt: str, tool: Item, stop: Signal) -> bytes:
    """The picture of a prompt, in the size that a tool names. Raises `ServiceError`."""
    asked: Item = {"model": client.name(), "prompt": prompt, "n": 1}
    if tool.get("size") not in (None, "auto"):
        asked["size"] = tool["size"]
    wanted = {"response_format": "b64_json"}  # others would give an address
    try:
        told = client.post(PATH, asked | wanted, stop)
    except ServiceError as error:
        if "response_format" not in error.body["error"]["message"]:
            raise
        told = client.post(PATH, asked, stop)  # one that gives nothing else
    data: list[Any] = told.get("data") or [{}]
    try:
        picture = b64decode(data[0]["b64_json"], validate=True)
    except (KeyError, TypeError, ValueError):
        picture = b""
    if not picture:
        raise invalid_request(
            "The model that draws gave no picture as 'b64_json'.",
            code="server_error",
            status=500,
            type="server_error",
        )
    return picture
