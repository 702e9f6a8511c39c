"""What is said of a picture is measured, and a bad file does no harm."""

import io
import re
from base64 import b64encode
from collections import Counter
from itertools import product

import pytest
from PIL import Image

from emulator.tests.conftest import Client
from emulator.tests.readers.test_hostile_files import png
from emulator.tests.resources.test_container_files import uploaded
from responses_emulator import extras
from responses_emulator.model.standin.pictures import describe
from responses_emulator.model.turn import Picture
from responses_emulator.readers import picture
from responses_emulator.readers.picture import media_type
from responses_emulator.resources.conversation import picture_again


def encoded(image: Image.Image, format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def plain(colour: str, size: tuple[int, int] = (40, 20)) -> Image.Image:
    return Image.new("RGB", size, colour)


@pytest.mark.parametrize(
    ("format", "type"),
    [
        ("PNG", "image/png"),
        ("JPEG", "image/jpeg"),
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
    ],
)
def test_each_format_is_told_by_its_content(format: str, type: str):
    content = encoded(plain("red"), format)
    assert media_type(content) == type
    told = describe(Picture(content), "What is this?")
    assert "40 x 20 pixels" in told
    assert "landscape" in told
    assert "red" in told
    assert "does not see" in told
    assert "What is this?" in told


def test_other_content_has_no_media_type():
    for content in [b"", b"%PDF-1.7", b"<svg/>", b"RIFF....WAVE", b"BM"]:
        assert media_type(content) is None
        assert "nothing can be measured" in describe(Picture(content), "")


def test_the_main_colours_are_named_with_their_share():
    image = plain("white", (100, 100))
    image.paste((20, 35, 95), (0, 0, 100, 60))
    told = describe(Picture(encoded(image, "PNG")), "")
    assert "square" in told
    assert re.search(r"dark blue \((?:59|60|61) %\) and white \(", told)


@pytest.mark.parametrize("mode", ["1", "L", "P", "I;16", "LA", "RGBA", "CMYK"])
def test_every_mode_is_measured(mode: str):
    format = "JPEG" if mode == "CMYK" else "PNG"
    image = Image.new(mode, (30, 60))
    told = describe(Picture(encoded(image, format)), "")
    assert "30 x 60" in told
    assert "portrait" in told


def test_transparency_is_noticed():
    half = Image.new("RGBA", (10, 10), (255, 0, 0, 120))
    assert "partly transparent" in describe(Picture(encoded(half, "PNG")), "")
    none = Image.new("RGBA", (10, 10), (255, 0, 0, 0))
    assert "fully transparent" in describe(Picture(encoded(none, "PNG")), "")
    assert "opaque" in describe(Picture(encoded(plain("red"), "PNG")), "")


def test_a_moving_picture_is_noticed():
    frames = [plain("red"), plain("blue")]
    moving = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert "animated" in describe(Picture(moving), "")


def sent(content: bytes) -> list[dict[str, object]]:
    url = "data:image/png;base64," + b64encode(content).decode()
    part = {"type": "input_image", "image_url": url}
    return [{"role": "user", "content": [part]}]


BROKEN = {
    "4 bytes": b"\xff\xd8\xff\xe0",
    "a head": encoded(plain("red"), "PNG")[:30],
    "half a PNG": encoded(Image.effect_noise((90, 90), 50), "PNG")[:2_000],
    "half a JPEG": encoded(Image.effect_noise((90, 90), 50), "JPEG")[:2_000],
    "half a GIF": encoded(Image.effect_noise((90, 90), 50), "GIF")[:2_000],
    "half a WebP": encoded(Image.effect_noise((90, 90), 50), "WEBP")[:2_000],
    "a drawing": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "a BMP": encoded(plain("red"), "BMP"),
    "nothing": b"",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_picture_that_cannot_be_decoded_is_a_400(client: Client, content: bytes):
    error = client.refused(sent(content))
    assert error["message"].startswith(
        "The image data you provided does not represent a valid image. Please check "
        "your input and try again with one of the supported image formats: ["
    )
    assert (error["param"], error["code"]) == ("input", "invalid_value")


def test_a_request_has_at_most_a_hundred_pictures(client: Client):
    url = "data:image/png;base64," + b64encode(encoded(plain("red"), "PNG")).decode()
    part = {"type": "input_image", "image_url": url}
    assert client.create([{"role": "user", "content": [part] * 100}])["output"]
    error = client.refused([{"role": "user", "content": [part] * 101}])
    assert "at most 100 are allowed" in error["message"]


def test_an_uploaded_picture_and_a_screenshot_are_checked_too(client: Client):
    file = uploaded(client, BROKEN["4 bytes"], "a.jpg")
    part = {"type": "input_image", "file_id": file}
    error = client.refused([{"role": "user", "content": [part]}])
    assert "does not represent a valid image" in error["message"]
    screen = {
        "type": "computer_screenshot",
        "image_url": "data:image/png;base64," + b64encode(BROKEN["a head"]).decode(),
    }
    call = {"call_id": "call_1", "type": "computer_call", "status": "completed"}
    error = client.refused(
        [
            {**call, "id": "cu_1", "actions": [], "pending_safety_checks": []},
            {"type": "computer_call_output", "call_id": "call_1", "output": screen},
        ]
    )
    assert "does not represent a valid image" in error["message"]


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize(("orientation", "shown"), [(1, "40 x 20"), (6, "20 x 40")])
def test_a_picture_is_as_large_as_it_is_shown(
    format: str, orientation: int, shown: str
):
    exif = Image.Exif()
    exif[0x0112] = orientation
    told = describe(Picture(encoded(plain("red"), format, exif=exif)), "")
    assert f"{shown} pixels" in told
    assert ("portrait" in told) == (orientation == 6)


def test_a_broken_file_is_called_broken():
    whole = encoded(plain("red", (300, 300)), "PNG")
    for content in [whole[:60], whole[:9], b"\xff\xd8\xff", b"GIF89a", b"RIFF1234WEBP"]:
        assert "broken" in describe(Picture(content), "")


@pytest.mark.parametrize("side", [6_000, 12_000, 60_000])
def test_a_huge_picture_is_not_decoded(side: int):
    assert "too large" in describe(Picture(png(side, side, bytes(100_000))), "")


def test_a_picture_at_an_address_is_not_fetched():
    told = describe(
        Picture(None, "https://example.com/a/book%20cover.jpg?x=1"), "Which bird?"
    )
    assert "book cover.jpg" in told
    assert "example.com" in told
    assert "fetches no pictures" in told
    for url in ["", "not a url", "https://example.com", "http://[bad", "x" * 99_999]:
        assert "fetches no pictures" in describe(Picture(None, url), "")


def test_of_several_pictures_each_is_told(client: Client):
    parts = [
        {"type": "input_image", "image_url": f"https://pictures.example/{name}.png"}
        for name in ("a", "b")
    ]
    text = {"type": "input_text", "text": "What are these?"}
    response = client.create([{"role": "user", "content": [text, *parts]}])
    first, second = response["output"][-1]["content"][0]["text"].split("\n\n")
    assert "a.png" in first
    assert "b.png" in second


def test_a_picture_of_before_is_there_until_its_file_is_deleted(client: Client):
    world = client.emulator.world
    id = uploaded(client, encoded(plain("red"), "PNG"), "red.png")
    url = f"data:image/png;base64,{b64encode(encoded(plain('blue'), 'PNG')).decode()}"
    named = {"type": "input_image", "file_id": id}
    for part, colour in (
        (named, "red"),
        ({"type": "input_image", "image_url": url}, "blue"),
    ):
        again = picture_again(world, part)
        assert again is not None and again.content == encoded(plain(colour), "PNG")
    client.json("DELETE", f"/files/{id}")
    assert picture_again(world, named) is None


# What is measured, to the last point

# How many of the 4,096 colours that are told apart have each name: whoever compares
# answers has the same tomorrow.
NAMES = {
    "beige": 91, "black": 39, "blue": 343, "brown": 103, "dark blue": 124,
    "dark green": 74, "dark grey": 76, "dark red": 95, "dark turquoise": 92,
    "green": 372, "grey": 244, "light blue": 160, "light green": 259,
    "light grey": 98, "magenta": 350, "olive": 167, "orange": 163, "pink": 178,
    "purple": 291, "red": 192, "turquoise": 341, "white": 30, "yellow": 214,
}  # fmt: skip
STEPS = range(0, 256, 16)


def point(*colour: int) -> str:
    """What is said of the colours of one point, opaque unless told otherwise."""
    return picture._colours(Image.new("RGBA", (1, 1), (*colour, 255)[:4]))


def test_each_colour_has_one_name_and_keeps_it():
    named = Counter(
        point(*colour).partition("main colour is ")[2].removesuffix(" (100 %)")
        for colour in product(STEPS, repeat=3)
    )
    assert named == NAMES


@pytest.mark.parametrize(
    ("colour", "light"),
    [
        ((84, 84, 84), "dark"),
        ((85, 85, 85), "of medium brightness"),
        ((170, 170, 170), "of medium brightness"),
        ((171, 171, 171), "bright"),
        # Red, green and blue count as eyes see them: these are just below, or at it.
        ((255, 14, 4), "dark"),
        ((0, 144, 4), "dark"),
        ((2, 144, 0), "of medium brightness"),
        ((93, 70, 141), "dark"),
        ((93, 70, 142), "of medium brightness"),
    ],
)
def test_how_bright_a_picture_is(colour: tuple[int, ...], light: str):
    assert point(*colour).startswith(f"it is {light}, and its main colour is ")


def test_what_is_nearly_transparent_has_no_colour():
    assert point(255, 0, 0, 31) == "it is fully transparent"
    assert point(255, 0, 0, 32) == "it is dark, and its main colour is red (100 %)"


def stripes(**widths: int) -> str:
    image = Image.new("RGBA", (sum(widths.values()), 1))
    left = 0
    for colour, width in widths.items():
        image.paste(Image.new("RGBA", (width, 1), colour), (left, 0))
        left += width
    return picture._colours(image).partition("main ")[2]


def test_at_most_three_colours_are_named_and_none_of_less_than_a_twentieth():
    assert stripes(white=95, red=5) == "colours are white (95 %) and red (5 %)"
    assert stripes(white=96, red=4) == "colour is white (96 %)"
    assert stripes(black=10, white=40, red=30, blue=20) == (
        "colours are white (40 %), red (30 %) and blue (20 %)"
    )
    assert stripes(white=50, black=50) == "colours are black (50 %) and white (50 %)"


@pytest.mark.parametrize(
    ("width", "height", "shape"),
    [
        (10, 10, "square"),
        (100, 95, "nearly square"),
        (95, 100, "nearly square"),
        (100, 94, "landscape format"),
        (94, 100, "portrait format"),
    ],
)
def test_the_shape_of_a_picture(width: int, height: int, shape: str):
    assert picture._orientation(width, height) == shape


@pytest.mark.parametrize("orientation", range(10))
def test_a_picture_that_was_held_on_its_side_is_shown_upright(orientation: int):
    exif = Image.Exif()
    exif[0x0112] = orientation
    told = picture.facts(encoded(plain("red"), "JPEG", exif=exif))
    size = "20 x 40" if orientation in (5, 6, 7, 8) else "40 x 20"
    assert told.startswith(f"it is a JPEG picture of {size} pixels, ")


def test_a_picture_is_told_in_one_sentence():
    assert picture.facts(encoded(plain("red"), "WEBP", lossless=True)) == (
        "it is a WebP picture of 40 x 20 pixels, landscape format, opaque; it is dark, "
        "and its main colour is red (100 %)"
    )
    frames = [plain("red"), plain("blue")]
    moving = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert picture.facts(moving).startswith(
        "it is a GIF picture of 40 x 20 pixels, landscape format, animated, opaque; "
    )


@pytest.mark.parametrize(
    ("opacity", "told"), [(249, "partly transparent"), (250, "opaque")]
)
def test_what_is_nearly_opaque_is_opaque(opacity: int, told: str):
    image = Image.new("RGBA", (10, 10), (255, 0, 0, opacity))
    assert f", square, {told}; " in picture.facts(encoded(image, "PNG"))


def test_of_a_large_picture_the_head_alone_is_read(monkeypatch: pytest.MonkeyPatch):
    assert picture.MAX_PIXELS == 30_000_000
    monkeypatch.setattr(picture, "MAX_PIXELS", 200)
    assert "opaque" in picture.facts(encoded(plain("red", (20, 10)), "PNG"))
    assert picture.facts(encoded(plain("red", (21, 10)), "PNG")) == (
        "it is a PNG picture of 21 x 10 pixels, landscape format, too large to look "
        "into"
    )


def test_what_has_been_measured_is_remembered():
    content = encoded(plain("olive", (7, 7)), "PNG")
    assert picture.facts(content) is picture.facts(content)
    assert picture.MAX_REMEMBERED_BYTES == 2**20
    assert picture.is_valid(content)
    assert not picture.is_valid(content[:40])
    assert picture.facts(b"none") == ""


def test_what_measures_is_an_extra(monkeypatch: pytest.MonkeyPatch):
    needed: list[tuple[str, str]] = []
    monkeypatch.setattr(extras, "need", lambda *asked: needed.append(asked))
    picture._measured(b"none")
    picture._measured(encoded(plain("red"), "PNG"))
    assert needed == [("pictures", "To look at a picture")]


@pytest.mark.parametrize(
    ("content", "type"),
    [
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"GIF90a", None),
        (b"RIFF\0\0\0\0WEBP", "image/webp"),
        (b"RIFF\0\0\0WEBP", None),
        (b"RIFX\0\0\0\0WEBP", None),
        (b"RIFF\0\0\0\0WEBQ", None),
    ],
)
def test_a_media_type_is_told_by_the_first_bytes(content: bytes, type: str | None):
    assert media_type(content) == type
