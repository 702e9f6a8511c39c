"""Pictures: shown, and sent as what they are; anything else is refused."""

import base64
import random

import pytest

from tests.browser.pictures import GIF, JPEG, PNG, WEBP, named, picture

PICTURES = [PNG, JPEG, WEBP, GIF]
BIGGEST = 20 * 2**20  # bytes


def sent(body):
    """The type and the bytes of each picture in a request."""
    [message] = body["input"]
    urls = [
        part["image_url"]
        for part in message["content"]
        if part["type"] == "input_image"
    ]
    return [
        (url.removeprefix("data:").partition(";")[0], base64.b64decode(data))
        for url, _, data in (url.partition(";base64,") for url in urls)
    ]


def test_several_pictures_are_shown_and_sent_as_what_they_are(chat, service):
    chat.attach(*PICTURES)

    answer = chat.ask("What colours are these?")

    assert "48" in answer
    assert chat.loaded_pictures() == 4
    types = ["image/png", "image/jpeg", "image/webp", "image/gif"]
    assert sent(service.bodies()[0]) == [
        (type, file["buffer"]) for type, file in zip(types, PICTURES, strict=True)
    ]


def test_a_picture_under_a_false_name_is_sent_as_what_it_is(chat, service):
    chat.attach(named("rose.png", picture("JPEG")))

    chat.ask("What is this?")

    assert [type for type, _ in sent(service.bodies()[0])] == ["image/jpeg"]


def test_a_picture_needs_no_words(chat, service):
    chat.attach(PNG)

    chat.ask("")

    [message] = service.bodies()[0]["input"]
    assert [part["type"] for part in message["content"]] == ["input_image"]


def test_a_picture_is_sent_again_on_retry_and_comes_back_on_undo(chat, service):
    chat.attach(PNG)
    chat.ask("What is this?")

    chat.click("Retry")
    chat.stop.or_(chat.submit).wait_for()
    chat.wait_for(lambda: len(service.bodies()) == 2)
    chat.wait_until_ready()
    first, second = service.bodies()
    assert second["input"] == first["input"]
    assert "Unfinished" not in chat.text

    chat.click("Undo")
    chat.questions.first.wait_for(state="detached")
    assert chat.box.input_value() == "What is this?"
    chat.thumbnails.wait_for()
    chat.box.press("Enter")
    chat.wait_for(lambda: len(service.bodies()) == 3)
    chat.wait_until_ready()
    assert service.bodies()[2]["input"] == first["input"]


def test_editing_a_message_that_has_a_picture_loses_nothing(chat, service):
    """Gradio offers it, but does not send it: the message stays as it was."""
    chat.attach(PNG)
    chat.ask("What is this?")

    chat.edit(0, "Hello!")
    chat.ask("Thanks!")

    assert chat.loaded_pictures() == 1
    assert [body.get("previous_response_id") for body in service.bodies()] == [
        None,
        service.ids()[0],
    ]


def test_a_picture_can_be_pasted(chat, service):
    chat.paste(PNG)
    chat.thumbnails.wait_for()

    chat.ask("What is this?")

    assert [type for type, _ in sent(service.bodies()[0])] == ["image/png"]


def test_a_picture_can_be_dropped(chat, service):
    chat.drop(JPEG)
    chat.thumbnails.wait_for()

    chat.ask("What is this?")

    assert [type for type, _ in sent(service.bodies()[0])] == ["image/jpeg"]


@pytest.mark.parametrize(
    ("how", "notice"),
    [("pick", "Invalid file type"), ("drop", "Accepted formats: image")],
)
def test_another_file_is_refused_at_once(how, notice, chat, service):
    getattr(chat, how)(named("notes.txt", b"Some text.", "text/plain"))

    chat.toast(notice)

    assert chat.thumbnails.count() == 0
    assert service.bodies() == []


@pytest.mark.parametrize(
    "content", [b"Some text.", b"", picture("BMP")], ids=["text", "empty", "BMP"]
)
def test_what_only_calls_itself_a_picture_is_refused_before_it_is_sent(
    chat, service, content
):
    chat.attach(named("pond.png", content))

    told = chat.ask("What is this?")

    assert told == "Unfinished: only PNG, JPEG, WebP and GIF pictures can be sent"
    assert service.bodies() == []
    assert "Hello" in chat.ask("Hello!")


def test_a_file_that_is_too_large_is_refused_at_once(chat, service, tmp_path):
    file = tmp_path / "large.png"
    file.write_bytes(PNG["buffer"] + random.Random(0).randbytes(BIGGEST))

    chat.pick(file)

    chat.toast("20")
    assert chat.thumbnails.count() == 0
    assert service.bodies() == []
