"""What is said of a picture is measured, and a bad file does no harm."""

import io
import re
from base64 import b64encode

import pytest
from PIL import Image

from emulator.tests.conftest import Client
from emulator.tests.readers.test_hostile_files import png
from emulator.tests.resources.test_container_files import uploaded
from responses_emulator.model.standin.pictures import describe
from responses_emulator.model.turn import Picture
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
