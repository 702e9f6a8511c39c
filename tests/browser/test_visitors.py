"""Several visitors, several tabs, a keyboard alone, a telephone."""

import pytest

from tests.browser.conftest import MCP, V1

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


def test_visitors_and_tabs_are_conversations_of_their_own(visitor, service):
    service.app.delay = 0.005
    kim, ada = visitor(), visitor()
    tab = kim.another_tab()
    names = {"Kim": kim, "Ada": ada, "Zoe": tab}

    for name, page in names.items():  # all at once: nobody waits for anybody
        page.send(f"My name is {name}.")
    for page in names.values():
        page.wait_until_ready()
    for page in names.values():
        page.send("What is my name?")
    for page in names.values():
        page.wait_until_ready()

    for name, page in names.items():
        assert name in page.last_answer
        assert not (names.keys() - {name}) & set(page.words())
    first, second = service.bodies()[:3], service.bodies()[3:]
    assert [body.get("previous_response_id") for body in first] == [None] * 3
    assert {body["previous_response_id"] for body in second} == set(service.ids()[:3])

    service.app.delay = 0
    kim.page.bring_to_front()
    kim.click("Clear")
    kim.questions.first.wait_for(state="detached")
    for name, page in {"Ada": ada, "Zoe": tab}.items():
        assert name in page.ask("What is my name?")


def test_the_keyboard_alone_is_enough(chat, service):
    keyboard = chat.page.keyboard

    chat.tab_to(chat.box)
    keyboard.type("Hello!")
    keyboard.press("Shift+Enter")  # a new line
    keyboard.type("My name is Kim.")
    chat.tab_to(chat.submit)
    keyboard.press("Enter")
    chat.answers.last.get_by_text("Kim").wait_for()
    chat.wait_until_ready()
    assert "Hello!\\nMy name is Kim." in service.requests[0].body.decode()

    service.app.delay = 0.005
    chat.tab_to(chat.box)
    keyboard.type("Count to 1000.")
    keyboard.press("Enter")
    chat.answers.last.get_by_text("12").wait_for()
    chat.tab_to(chat.stop)
    keyboard.press("Enter")
    chat.wait_until_ready()
    assert "990" not in chat.last_answer

    chat.tab_to(chat.button("Undo").last)
    keyboard.press("Enter")
    chat.questions.nth(1).wait_for(state="detached")
    assert chat.box.input_value() == "Count to 1000."


def test_a_thought_is_opened_by_keyboard(chat):
    chat.ask("Hello!")

    chat.tab_to(chat.thoughts.locator(".title"))
    chat.page.keyboard.press("Enter")

    chat.thoughts.locator(".content").wait_for()


@pytest.mark.parametrize("name", [V1, MCP])
def test_a_phone_shows_all_of_it(name, visitor, service):
    chat = visitor(name, **PHONE)
    chat.box.tap()

    chat.ask("What is Azure OpenAI? " + "Tell me of Donaudampfschifffahrt" * 3)
    chat.unfold()

    assert chat.page.evaluate("document.documentElement.scrollWidth") <= 390
    for part in (chat.box, chat.submit, chat.questions.last, chat.answers.last):
        box = part.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    for part in (chat.box, chat.submit):
        box = part.bounding_box()
        assert box
        assert box["y"] + box["height"] <= 844
    chat.box.fill("Thanks!")
    chat.submit.tap()
    chat.wait_for(lambda: len(service.bodies()) == 2)
    chat.wait_until_ready()
