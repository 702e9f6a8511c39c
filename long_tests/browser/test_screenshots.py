"""The README's pictures of the apps are what the apps look like.

    UPDATE_PICTURES=1 python -m pytest long_tests/browser/test_screenshots.py

writes them anew. Otherwise they are compared, loosely: fonts differ between machines.
"""

import io
import os

import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import expect

from long_tests.browser.conftest import MCP, ROOT, V1
from long_tests.browser.scripted import saying

DOCS = ROOT / "docs"
DESKTOP = {"viewport": {"width": 1100, "height": 900}}
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}
COLOURS = 128  # of the committed picture: enough for text, and under 200 kB
SMALL = (50, 45)  # points: what is left of letters is how much of them there is
DIFFERENCE = 8.0  # of 255, on average
BYTES = 200_000

# What a model might say, for the pictures.
COVER = """\
A book cover, painted in warm colours:

- **A kingfisher**, blue and orange, sits on a thin branch above still water.
- Reeds and bulrushes frame it, and the low sun turns the sky yellow.
- At the foot stands the name of the author, *Tamsin Oakhollow*.
"""
THOUGHTS = (
    "**Choosing how to split**\n\nA stream splits at blanks of any kind by itself."
)
CODE = """\
The stream does the work: `>>` skips blanks and reads one word at a time.

```cpp
#include <sstream>
#include <string>

int count_words(const std::string& text) {
    std::istringstream stream(text);
    std::string word;
    int count = 0;
    while (stream >> word) ++count;
    return count;
}
```

It takes time in proportion to the length \\(n\\) of the text.
"""


def about_a_picture(chat, service):
    service.answer = saying(COVER, thoughts=THOUGHTS)
    chat.examples.last.click()
    chat.questions.nth(1).wait_for()
    chat.wait_until_ready()
    expect(chat.answers.last.locator("li")).to_have_count(3)
    chat.expect_pictures(1)


def about_code(chat, service):
    service.answer = saying(CODE, thoughts=THOUGHTS)
    chat.examples.nth(1).click()
    chat.questions.first.wait_for()
    chat.wait_until_ready()
    for part in ("pre code .token", ".katex"):
        expect(chat.answers.last.locator(part).first).to_be_visible()
    chat.unfold()


def about_azure(chat, service):
    assert service
    chat.examples.first.click()
    chat.questions.first.wait_for()
    chat.wait_until_ready()
    expect(chat.answers.last).not_to_be_empty()


def nothing_yet(chat, service):
    assert service
    expect(chat.examples).to_have_count(3)


@pytest.mark.parametrize(
    ("picture", "name", "converse", "how"),
    [
        ("chat-desktop-light.png", V1, about_a_picture, DESKTOP),
        ("chat-desktop-dark.png", V1, about_code, DESKTOP | {"color_scheme": "dark"}),
        ("chat-phone-light.png", V1, nothing_yet, PHONE),
        ("mslearn-phone-dark.png", MCP, about_azure, PHONE | {"color_scheme": "dark"}),
    ],
)
def test_the_picture_in_the_readme_is_up_to_date(
    picture, name, converse, how, visitor, service
):
    chat = visitor(name, device_scale_factor=2, **how)
    converse(chat, service)
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
