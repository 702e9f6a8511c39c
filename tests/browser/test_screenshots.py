"""The README's pictures of the apps are what the apps look like.

    UPDATE_PICTURES=1 python -m pytest tests/browser/test_screenshots.py

writes them anew. Otherwise they are compared, loosely: fonts differ between machines.
"""

import io
import os

import pytest
from PIL import Image, ImageChops, ImageStat

from tests.browser.conftest import LEGACY, MCP, ROOT, V1

DOCS = ROOT / "docs"
COVER = ROOT / "assets" / "book_cover.jpg"
WINDOW = {"width": 1000, "height": 900}
COLOURS = 128  # of the committed picture: enough for text, and under 200 kB
SMALL = (50, 45)  # points: what is left of letters is how much of them there is
DIFFERENCE = 8.0  # of 255, on average
BYTES = 200_000


def about_a_picture(chat):
    chat.attach(COVER)
    chat.ask("Describe this picture.")


def about_numbers(chat):
    chat.ask("I am Kim. Solve 3x + 4 = 19.")
    chat.unfold()
    assert "Kim" in chat.ask("What is my name?")


def about_azure(chat):
    chat.ask("What is the Responses API?")
    chat.unfold()


@pytest.mark.parametrize(
    ("name", "picture", "converse"),
    [
        (V1, "conversation-stream-gradio-v1.png", about_a_picture),
        (LEGACY, "conversation-stream-gradio.png", about_numbers),
        (MCP, "mcp-mslearn-gradio.png", about_azure),
    ],
)
def test_the_picture_in_the_readme_is_up_to_date(name, picture, converse, visitor):
    chat = visitor(name, viewport=WINDOW, device_scale_factor=2)
    converse(chat)
    chat.settle()

    taken = Image.open(io.BytesIO(chat.page.screenshot())).convert("RGB")
    file = DOCS / picture
    if "UPDATE_PICTURES" in os.environ:
        taken.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)

    renew = f"set UPDATE_PICTURES=1 and run this test to renew {file.name}"
    assert file.exists(), renew
    assert file.stat().st_size < BYTES
    with Image.open(file) as kept:
        assert kept.size == taken.size, renew
        assert difference(kept.convert("RGB"), taken) < DIFFERENCE, renew


def difference(one: Image.Image, other: Image.Image) -> float:
    """How far two pictures are from each other, seen from afar: 0 to 255."""
    small = [picture.convert("L").resize(SMALL) for picture in (one, other)]
    return ImageStat.Stat(ImageChops.difference(*small)).mean[0]
