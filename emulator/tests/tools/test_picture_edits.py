"""Pictures in responses: previews, and edits over several turns."""

import io
from base64 import b64decode, b64encode
from typing import Any

import pytest
from PIL import Image

from emulator.tests.conftest import Client, parse
from emulator.tests.readers.test_hostile_files import png
from responses_emulator.http import Reply
from responses_emulator.resources.settings import IMAGE_HEADER
from responses_emulator.tools import edits
from responses_emulator.tools.drawing import description, draw

BLUE, RED = (0, 0, 255), (255, 0, 0)


class Painter(Client):
    """Names the image deployment with each request, as image generation needs it."""

    def send(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> Reply:
        headers[IMAGE_HEADER.replace("-", "_")] = "gpt-image-2.5-flare"
        return super().send(method, path, body, **headers)


@pytest.fixture
def painter() -> Painter:
    return Painter()


def drawn(painter: Painter, input: object, **body: Any) -> tuple[dict[str, Any], str]:
    """The call and the response's id."""
    body = {"tools": [{"type": "image_generation"}], "model": "gpt-5.4-mini", **body}
    response = painter.create(input, **body)
    [call] = [i for i in response["output"] if i["type"] == "image_generation_call"]
    return call, response["id"]


def pixels(call: dict[str, Any]) -> Image.Image:
    return Image.open(io.BytesIO(b64decode(call["result"]))).convert("RGB")


def colours(call: dict[str, Any]) -> set[Any]:
    counted = pixels(call).getcolors(1024 * 1024) or []
    return {colour for count, colour in counted if count > 2_000}


@pytest.mark.parametrize("output_format", ["png", "jpeg", "webp"])
def test_a_file_says_what_it_shows(output_format: str):
    picture = draw(
        "Draw a car", output_format=output_format, changes=["caf\u00e9 \udc80\0"]
    )
    assert edits.told(description(picture) or "") == ("Draw a car", ["caf\u00e9 ?"])
    assert description(b"") is None
    assert description(picture[:20]) is None


@pytest.mark.parametrize("count", [0, 1, 3])
def test_previews_come_before_the_picture_and_get_finer(painter: Painter, count: int):
    tool = {"type": "image_generation", "partial_images": count}
    body = {
        "model": "gpt-5.4-mini",
        "input": "Draw a blue car.",
        "tools": [tool],
        "stream": True,
    }
    events = list(parse(painter.send("POST", "/responses", body)))
    name = "response.image_generation_call."
    kinds = [e["type"].removeprefix(name) for e in events if name in e["type"]]
    partial = ["partial_image"] * count
    assert kinds == ["in_progress", "generating", *partial, "completed"]
    previews = [e for e in events if e["type"].endswith("partial_image")]
    assert [e["partial_image_index"] for e in previews] == list(range(count))
    final = events[-1]["response"]["output"][0]
    whole = pixels(final)
    distances: list[float] = []
    for event in previews:
        assert event["item_id"] == final["id"]
        shown = pixels({"result": event["partial_image_b64"]})
        assert shown.size == whole.size
        pairs = zip(shown.tobytes(), whole.tobytes(), strict=True)
        distances.append(sum(abs(a - b) for a, b in pairs))
    assert distances == sorted(distances, reverse=True)
    assert len(set(distances)) == count


def test_a_change_goes_on_from_the_picture_before(painter: Painter):
    first, id = drawn(painter, "Draw a blue car in the desert.")
    second, id = drawn(painter, "Now make it red.", previous_response_id=id)
    third, _ = drawn(painter, "Add a moon.", previous_response_id=id)

    assert BLUE in colours(first) and RED not in colours(first)
    assert RED in colours(second) and BLUE not in colours(second)
    assert RED in colours(third)
    assert edits.told(description(b64decode(third["result"])) or "") == (
        "Draw a blue car in the desert.",
        ["Now make it red.", "Add a moon."],
    )
    anew, _ = drawn(painter, "Draw a fox.", previous_response_id=id)
    assert description(b64decode(anew["result"])) == "Draw a fox."


def test_a_picture_sent_back_or_named_by_its_id_is_changed(painter: Painter):
    asked = {"role": "user", "content": "Draw a blue car."}
    change = {"role": "user", "content": "Make it red."}
    first, _ = drawn(painter, [asked])
    for item in (first, {"type": "image_generation_call", "id": first["id"]}):
        second, _ = drawn(painter, [asked, item, change])
        assert RED in colours(second) and BLUE not in colours(second)


def test_a_change_is_drawn_over_the_picture_that_came_with_it(painter: Painter):
    file = io.BytesIO()
    Image.new("RGB", (300, 200), (10, 200, 30)).save(file, "PNG")
    url = f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"
    content = [
        {"type": "input_text", "text": "Add a red car."},
        {"type": "input_image", "image_url": url},
    ]
    call, _ = drawn(painter, [{"role": "user", "content": content}])
    assert pixels(call).getpixel((5, 5)) == (10, 200, 30)
    assert RED in colours(call)


def test_a_picture_held_on_its_side_is_drawn_over_as_it_is_shown():
    file = io.BytesIO()
    wide = Image.new("RGB", (300, 200), (10, 200, 30))
    wide.paste((200, 10, 30), (0, 0, 150, 200))  # the left half, which is shown on top
    exif = Image.Exif()
    exif[0x0112] = 6
    wide.save(file, "PNG", exif=exif)
    drawn = draw("a thing that is not drawn", over=file.getvalue())
    image = Image.open(io.BytesIO(drawn)).convert("RGB")
    assert image.getpixel((1000, 5)) == image.getpixel((5, 5)) == (200, 10, 30)


def test_a_picture_too_large_to_decode_does_not_stop_an_edit(painter: Painter):
    url = (
        "data:image/png;base64," + b64encode(png(6_000, 6_000, bytes(100_000))).decode()
    )
    content = [
        {"type": "input_text", "text": "Add a red car."},
        {"type": "input_image", "image_url": url},
    ]
    call, _ = drawn(painter, [{"role": "user", "content": content}])
    assert RED in colours(call)


@pytest.mark.parametrize(
    ("prompt", "is_change"),
    [
        ("Make it blue", True),
        ("Now, please add a moon", True),
        ("Remove the cat.", True),
        ("Draw a cat", False),
        ("Make a new picture of a cat", False),
        ("What is in the picture?", False),
    ],
)
def test_a_change_is_told_from_a_new_picture(prompt: str, is_change: bool):
    assert edits.is_change(prompt) is is_change


def test_without_a_picture_before_there_is_nothing_to_change(painter: Painter):
    tools = [{"type": "image_generation"}]
    output = painter.create("Make it blue.", tools=tools, model="gpt-5.4-mini")[
        "output"
    ]
    assert [item["type"] for item in output] == ["message"]


def test_a_mask_is_refused_by_name(painter: Painter):
    tool = {"type": "image_generation", "input_image_mask": {"file_id": "file-1"}}
    error = painter.refused("Draw a cat", tools=[tool])
    assert error["param"] == "tools[0].input_image_mask"
    assert error["code"] == "not_supported_by_emulator"


def test_a_call_says_what_was_drawn_and_how(painter: Painter):
    usual, before = drawn(painter, "Draw a red car.")
    tool = {"type": "image_generation", "quality": "high", "size": "1024x1536"}
    tool |= {"output_format": "webp", "background": "transparent"}
    other, _ = drawn(
        painter, "Make it blue.", tools=[tool], previous_response_id=before
    )

    names = ("quality", "size", "output_format", "background", "revised_prompt")
    told = [tuple(call[name] for name in names) for call in (usual, other)]
    assert told == [
        ("medium", "1024x1024", "png", "opaque", "Draw a red car."),
        (
            *("high", "1024x1536", "webp", "transparent"),
            "Draw a red car.\nMake it blue.",
        ),
    ]


def test_a_file_tells_the_last_changes_and_not_too_much_of_each():
    changes = [f"Change  {number}." for number in range(8)]
    told = edits.tell("A\0 cat,\n drawn.", changes)
    assert edits.told(told) == (
        "A cat, drawn.",
        [f"Change {number}." for number in range(2, 8)],
    )
    assert edits.told(edits.tell("a" * 501, ["b" * 501])) == ("a" * 500, ["b" * 500])
    assert edits.told("Alone.") == ("Alone.", [])
