"""Small pictures of every format that can be sent, and some files that can't."""

import io
from typing import TYPE_CHECKING

from PIL import Image

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload


def picture(format: str, colour: str = "teal") -> bytes:
    """A picture of 48 x 32 points in this format: PNG, JPEG, WEBP, GIF, BMP."""
    file = io.BytesIO()
    Image.new("RGB", (48, 32), colour).save(file, format)
    return file.getvalue()


def named(name: str, content: bytes, type: str = "image/png") -> "FilePayload":
    """A file to pick, under any name and announced as any type."""
    return {"name": name, "mimeType": type, "buffer": content}


PNG = named("pond.png", picture("PNG"))
JPEG = named("rose.jpg", picture("JPEG", "crimson"), "image/jpeg")
WEBP = named("lime.webp", picture("WEBP", "lime"), "image/webp")
GIF = named("gold.gif", picture("GIF", "gold"), "image/gif")
