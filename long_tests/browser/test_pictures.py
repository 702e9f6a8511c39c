"""Pictures: shown, and sent as what they are; anything else is refused."""

import base64

import pytest
from playwright.sync_api import expect

from long_tests.browser.pictures import GIF, JPEG, PNG, WEBP, named, picture

PICTURES = [PNG, JPEG, WEBP, GIF]
BIGGEST = 20 * 2**20  # bytes


def sent(body):
    """The type and the bytes of each picture in a request."""
    urls = [
        part["image_url"]
        for item in body["input"]
        for part in item["content"]
        if part["type"] == "input_image"
    ]
    return [
        (url.removeprefix("data:").partition(";")[0], base64.b64decode(data))
        for url, _, data in (url.partition(";base64,") for url in urls)
    ]


@pytest.mark.parametrize("how", ["pick", "paste", "drop"])
def test_several_pictures_are_shown_and_sent_as_what_they_are(how, chat, service):
    getattr(chat, how)(*PICTURES)
    chat.thumbnails.nth(len(PICTURES) - 1).wait_for()

    answer = chat.ask("What colours are these?")

    expect(answer).to_contain_text("48")
    chat.expect_pictures(4)
    types = ["image/png", "image/jpeg", "image/webp", "image/gif"]
    contents = [file["buffer"] for file in PICTURES]
    found = sent(service.bodies()[0])  # pasted ones in the order that they arrived in
    assert sorted(found) == sorted(zip(types, contents, strict=True))


def test_no_button_gives_a_picture_to_another_site(chat):
    """Gradio always has one beside a picture, and no switch for it."""
    chat.attach(PNG)
    chat.ask("What is this?")

    share = chat.page.locator("[aria-label=Share]")
    expect(share).to_have_count(1)
    expect(share).to_be_hidden()


def test_a_picture_under_a_false_name_is_sent_as_what_it_is(chat, service):
    chat.attach(named("rose.png", picture("JPEG")))

    chat.ask("What is this?")

    assert [type for type, _ in sent(service.bodies()[0])] == ["image/jpeg"]


def test_a_picture_needs_no_words(chat, service):
    chat.attach(PNG)

    chat.ask("")

    [item] = service.bodies()[0]["input"]
    assert [part["type"] for part in item["content"]] == ["input_image"]


def test_a_picture_is_sent_again_on_retry_and_comes_back_on_undo(chat, service):
    chat.attach(PNG)
    chat.ask("What is this?")

    chat.retry()
    first, second = service.bodies()
    assert second["input"] == first["input"]
    expect(chat.notes).to_have_count(0)

    chat.click("Undo")
    chat.questions.first.wait_for(state="detached")
    expect(chat.box).to_have_value("What is this?")
    chat.thumbnails.wait_for()
    chat.box.press("Enter")
    chat.wait_for(lambda: len(service.bodies()) == 3)
    chat.wait_until_ready()
    assert service.bodies()[2]["input"] == first["input"]


def test_editing_a_message_that_has_a_picture_keeps_the_picture(chat, service):
    chat.attach(PNG)
    chat.ask("What is this?")

    chat.edit(0, "What colours are on it?")
    chat.wait_for(lambda: len(service.bodies()) == 2)
    chat.wait_until_ready()

    chat.expect_pictures(1)
    _, changed = service.bodies()
    assert changed["previous_response_id"] is None
    assert sent(changed) == [("image/png", PNG["buffer"])]
    assert changed["input"][-1]["content"][0]["text"] == "What colours are on it?"


@pytest.mark.parametrize(
    ("how", "notice"),
    [
        ("pick", "Invalid file type"),
        ("paste", "Accepted formats: image"),
        ("drop", "Accepted formats: image"),
    ],
)
def test_another_file_is_refused_at_once(how, notice, chat, service):
    getattr(chat, how)(named("notes.txt", b"Some text.", "text/plain"))

    chat.toast(notice)

    chat.stand_still()
    expect(chat.thumbnails).to_have_count(0)
    assert service.bodies() == []


@pytest.mark.parametrize(
    "content", [b"Some text.", b"", picture("BMP")], ids=["text", "empty", "BMP"]
)
def test_what_only_calls_itself_a_picture_is_refused_before_it_is_sent(
    chat, service, content
):
    chat.attach(named("pond.png", content))

    chat.box.fill("What is this?")
    chat.box.press("Enter")

    chat.toast("pond.png is no PNG, JPEG, WebP or GIF picture.")
    assert service.bodies() == []
    expect(chat.box).to_have_value("What is this?")
    chat.thumbnails.get_by_role("button").click()
    expect(chat.thumbnails).to_have_count(0)
    expect(chat.ask("Hello!")).to_contain_text("Hello!")


@pytest.mark.parametrize("how", ["pick", "paste", "drop"])
def test_a_file_that_is_too_large_is_refused_at_once(how, chat, service, tmp_path):
    if how == "pick":
        file = tmp_path / "large.png"
        file.write_bytes(PNG["buffer"] + bytes(BIGGEST))
        chat.pick(file)
    else:
        getattr(chat, how)(PNG, padding=BIGGEST)

    chat.toast("exceed the maximum allowed size of 20.0 Mb")
    chat.stand_still()
    expect(chat.thumbnails).to_have_count(0)
    assert service.bodies() == []
