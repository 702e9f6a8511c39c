"""Pictures for prompts: real files of the right form and size, and honest ones."""

import io
from base64 import b64decode, b64encode
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image, ImageChops

from responses_emulator.model.standin import image_generation
from responses_emulator.model.steps import Call
from responses_emulator.model.turn import Picture, Turn
from responses_emulator.signals import Signal
from responses_emulator.tools import drawing
from responses_emulator.tools import image_generation as tool
from responses_emulator.tools.drawing import BLACK, SIZES, WHITE, draw, wanted


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


@pytest.mark.parametrize("size", SIZES)
def test_the_picture_has_the_size_asked_for_and_is_small(size: str):
    content = draw("Draw a house by the sea", size=size)
    width, height = opened(content).size
    assert f"{width}x{height}" == ("1024x1024" if size == "auto" else size)
    assert content.startswith(b"\x89PNG")
    assert len(content) < 200_000


@pytest.mark.parametrize("output_format", ["jpeg", "webp"])
def test_the_picture_has_the_format_asked_for(output_format: str):
    content = draw("a cat", background="transparent", output_format=output_format)
    assert opened(content).format == output_format.upper()


def test_a_transparent_background_lets_the_subject_stand_alone():
    picture = opened(draw("Draw a cat", background="transparent"))
    assert picture.mode == "RGBA"
    alpha = picture.getchannel("A")
    assert alpha.getpixel((2, 2)) == 0
    assert alpha.getpixel((512, 512)) == 255


def test_the_same_prompt_gives_the_same_picture_and_another_one_another():
    assert draw("Draw a dog") == draw("Draw a dog")
    assert draw("Draw a dog") != draw("Draw a fox")


@pytest.mark.parametrize(
    ("prompt", "other", "alike"),
    [
        ("a red cat", "A red cat", True),
        ("A red cat", "A red cap", False),
        ("A red caf\u00e9", "A red cafe", True),
        ("A red \u201ccat\u201d", 'A red "cat"', True),
        ("A red   cat", "A red\tcat", True),
        ("A red\n\n  cat", "A red\ncat", True),
        ("A red\ncat", "A red cat", False),
        ("A red\ncat", "A red?\ncat", False),
        (
            "\n".join(["Red", *"abcdefghijklmno"]),
            "\n".join(["Red", *"abcdefghijkxyz"]),
            True,
        ),
        ("A red \u6771", "A red ?", True),
        (f"Red {'cat ' * 400}", f"Red {'cat ' * 500}", True),  # it ends in "..."
        (f"Red {'x' * 400}", f"Red {'x' * 500}", True),
    ],
)
def test_what_is_written_is_what_the_font_has_room_and_letters_for(
    prompt: str, other: str, alike: bool
):
    one, another = (opened(draw(each)).tobytes() for each in (prompt, other))
    assert (one == another) is alike


def test_the_prompt_is_written_on_a_colour():
    def counted(prompt: str) -> dict[object, int]:
        picture = opened(draw(prompt)).convert("RGB")
        colours = picture.getcolors(picture.width * picture.height) or []
        return {colour: count for count, colour in colours}

    short, long = counted("a red car"), counted("a red car in the desert at noon")
    red, white = (255, 0, 0), (255, 255, 255)
    assert max(short, key=lambda colour: short[colour]) == red
    assert 0 < short[white] < long[white] < long[red]
    uncoloured = counted("a car")
    assert max(uncoloured, key=lambda colour: uncoloured[colour]) != red


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "x" * 32_000,
        "word " * 2_000,
        "\u732b\u304c\u6d77\u3067\u6cf3\u3050\u7d75",
        "caf\u00e9 \u201cbr\u00fbl\u00e9e\u201d \U0001f600 \0 \udc80",
    ],
)
def test_any_prompt_can_be_drawn(prompt: str):
    assert opened(draw(prompt, output_format="jpeg")).size == (1024, 1024)


def test_a_size_or_format_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="size is one of"):
        draw("a cat", size="10x10")
    with pytest.raises(ValueError, match="output_format"):
        draw("a cat", output_format="gif")


@pytest.mark.parametrize(
    "prompt",
    [
        "Generate an image of gray tabby cat hugging an otter with an orange scarf",
        "Draw a cat",
        "Please paint the sea",
        "Can you create a small logo for my bakery?",
        "A picture of a house",
        "I'd like a painting of the sea",
    ],
)
def test_a_prompt_that_asks_for_a_picture_is_recognised(prompt: str):
    assert wanted(prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "",
        "Tell me a joke",
        "What is in this picture of a dog?",
        "Describe the image",
        "Let us draw a conclusion",
        "I need help with an image URL",
        "Create a report",
    ],
)
def test_a_prompt_that_asks_for_something_else_is_not(prompt: str):
    assert not wanted(prompt)


PLAIN, OVER_SENT, OVER_DRAWN = {}, {"over": b"sent"}, {"over": b"drawn"}


@pytest.mark.parametrize(
    ("action", "prompt", "alone", "sent", "drawn"),
    [
        ("auto", "Draw a cat.", PLAIN, OVER_SENT, PLAIN),
        ("auto", "Make it red.", None, OVER_SENT, OVER_DRAWN),
        ("auto", "Hello.", None, None, None),
        ("generate", "Draw a cat.", PLAIN, PLAIN, PLAIN),
        ("generate", "Make it red.", None, None, None),
        ("edit", "Draw a cat.", PLAIN, OVER_SENT, OVER_DRAWN),
        ("edit", "Hello.", None, OVER_SENT, OVER_DRAWN),
    ],
)
def test_a_picture_is_made_or_changed_as_the_action_has_it(
    action, prompt, alone, sent, drawn
):
    def made(pictures=(), result=None, must_call=False):
        old = {"type": "image_generation_call", "id": "ig_1", "result": result}
        items = [old, {"role": "user", "content": prompt}]
        turn = Turn(items, pictures=pictures, must_call=must_call)
        tool = {"type": "image_generation", "action": action}
        return [each.arguments for each in image_generation.call(turn, tool)]

    def calls(more):
        return [] if more is None else [{"prompt": prompt, **more}]

    result = b64encode(b"drawn").decode()
    pictures = [Picture(None, "https://a.example/a.png"), Picture(b"sent")]
    assert made() == made(result="!") == calls(alone)
    assert made(pictures) == made(pictures, result) == calls(sent)
    assert made(result=result) == calls(drawn)
    assert made(must_call=True) == calls(PLAIN)


def test_a_model_that_draws_is_stopped_by_who_waits_for_it():
    stops, stop = [], Signal()

    def draw(prompt, _tool, stop, over):
        stops.append(stop)
        return f"{prompt} {over}".encode()

    painter: Any = SimpleNamespace(draw=draw)
    call = Call("image_generation", {"prompt": "A cat.", "changes": ["Red."]})
    for given in (stop, None):
        result = tool.run(call, {"type": "image_generation"}, painter, given)
        assert b64decode(result.items[0]["result"]) == b"A cat.\nRed. None"
    assert stops[0] is stop
    assert not stops[1]


@pytest.mark.parametrize(
    ("colour", "ink"),
    [
        ((255, 255, 0), BLACK),
        ((0, 255, 0), BLACK),
        ((150, 120, 255), BLACK),
        ((129, 129, 129), BLACK),
        ((127, 127, 127), WHITE),
        ((255, 0, 255), WHITE),
        ((255, 0, 0), WHITE),
        ((0, 0, 255), WHITE),
    ],
)
def test_black_or_white_is_what_can_be_read(
    colour: tuple[int, int, int], ink: tuple[int, int, int]
):
    assert drawing._ink(colour) == ink


def test_what_is_written_stands_in_the_middle_and_leaves_its_margins():
    red = (255, 0, 0)
    picture = opened(draw("Red " + "a b " * 400)).convert("RGB")
    inked = ImageChops.difference(picture, Image.new("RGB", picture.size, red))
    left, top, right, bottom = inked.crop((0, 0, 1024, 960)).getbbox() or (0, 0, 0, 0)
    assert 80 <= left < 100 and 924 < right <= 944
    # Twelve lines of 64 pixels; a letter does not fill its line.
    assert 128 <= top < 128 + 32 and 896 - 32 < bottom <= 896
    below = inked.crop((0, 960, 1024, 1024)).getbbox()  # who has made it
    assert below is not None
    assert abs((below[0] + below[2]) / 2 - 512) < 4
    assert 8 <= below[1] < below[3] <= 40
