"""A conversation, and every way to go back on it."""

import pytest
from playwright.sync_api import expect

from long_tests.browser.conftest import LEGACY, MCP, V1
from long_tests.browser.scripted import saying, step_by_step
from responses_emulator.account import MODEL

v1_apps = pytest.mark.parametrize("name", [V1, MCP])
# The legacy app is a twin, tried where the client's own paths and ids matter.
# What is Gradio's alone is tried with one app: all of them have it from ChatInterface.


def previous(service):
    """What each request says it goes on from."""
    return [body.get("previous_response_id") for body in service.bodies()]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        (V1, "/openai/v1/responses"),
        (MCP, "/openai/v1/responses"),
        (LEGACY, "/openai/responses"),
    ],
)
def test_the_next_answer_knows_what_was_said_before(name, path, opened, service):
    chat = opened(name)

    expect(chat.ask("Hello, my name is Kim.")).to_contain_text("Kim")
    expect(chat.ask("What is my name?")).to_contain_text("Kim")

    assert previous(service) == [None, service.ids()[0]]
    assert {request.path for request in service.requests} == {path}


def test_the_answer_grows_while_it_is_written(chat, service):
    answer = saying(" ".join(map(str, range(2000))))
    service.answer, say_more = step_by_step(answer, "response.output_text.delta")
    lengths = [0]

    def grows() -> bool:
        say_more()  # of what comes in pieces, the app shows some five times a second
        lengths.append(len(chat.answers.last.inner_text()))
        return len(set(lengths)) > 4

    chat.send("Count!")
    chat.wait_for(lambda: say_more() or chat.answers.count())
    chat.wait_for(grows)

    assert lengths == sorted(lengths)
    chat.stop.click()
    chat.wait_until_ready()


def test_retry_asks_again_and_goes_on_from_the_same_place(chat, service):
    chat.ask("Hello, my name is Kim.")
    chat.ask("Count to 3.")

    chat.retry()

    first = service.ids()[0]
    assert previous(service) == [None, first, first]
    assert service.bodies()[2]["input"] == service.bodies()[1]["input"]
    expect(chat.questions).to_have_count(2)


@v1_apps
def test_after_undo_the_model_no_longer_knows_the_undone_turn(name, opened, service):
    chat = opened(name)
    chat.ask("Hello!")
    chat.ask("My name is Kim.")

    chat.click("Undo")
    chat.questions.nth(1).wait_for(state="detached")
    expect(chat.box).to_have_value("My name is Kim.")
    answer = chat.ask("What is my name?")

    expect(answer).not_to_be_empty()
    expect(answer).not_to_contain_text("Kim")
    first = service.ids()[0]
    assert previous(service) == [None, first, first]


def test_an_edited_question_is_asked_in_place_of_the_old_one(chat, service):
    chat.ask("Hello!")
    chat.ask("My name is Kim.")
    chat.ask("Count to 3.")

    chat.edit(1, "My name is Alex.")
    chat.wait_for_text("You asked: \u201cMy name is Alex.\u201d")
    chat.wait_until_ready()

    expect(chat.questions).to_have_count(2)
    expect(chat.ask("What is my name?")).to_contain_text("Alex")
    ids = service.ids()
    assert previous(service) == [None, ids[0], ids[1], ids[0], ids[3]]


def test_clear_begins_a_new_conversation(chat, service):
    chat.ask("My name is Kim.")

    chat.click("Clear")
    chat.questions.first.wait_for(state="detached")
    answer = chat.ask("What is my name?")

    expect(answer).not_to_be_empty()
    expect(answer).not_to_contain_text("Kim")
    assert previous(service) == [None, None]


def test_in_a_chat_without_pictures_one_can_go_back_as_well(learn, service):
    learn.ask("My name is Kim.")
    learn.ask("Count to 3.")

    learn.retry()
    learn.edit(0, "My name is Alex.")
    learn.wait_for_text("You asked: \u201cMy name is Alex.\u201d")
    learn.wait_until_ready()
    expect(learn.questions).to_have_count(1)
    expect(learn.ask("What is my name?")).to_contain_text("Alex")
    learn.click("Clear")
    learn.questions.first.wait_for(state="detached")
    answer = learn.ask("What is my name?")
    expect(answer).not_to_be_empty()
    expect(answer).not_to_contain_text("Alex")

    ids = service.ids()
    assert previous(service) == [None, ids[0], ids[0], None, ids[3], None]


def test_the_window_says_what_it_is(chat):
    expect(chat.page).to_have_title(f"Chat with {MODEL}")


def test_no_button_sends_the_chat_to_another_site(chat):
    expect(chat.ask("Hello!")).to_contain_text("Hello!")

    buttons = chat.page.locator("button.icon-button:not(.thought-group *):visible")
    chat.wait_for_value(
        lambda: sorted(
            buttons.evaluate_all("all => all.map(button => button.ariaLabel)")
        ),
        ["Clear", "Copy message", "Edit", "Retry", "Undo", "Upload a file"],
    )
