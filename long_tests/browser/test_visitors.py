"""Several visitors, several tabs, a keyboard alone, a telephone."""

import pytest
from playwright.sync_api import expect

from long_tests.browser.conftest import MCP, V1
from long_tests.browser.pictures import PNG
from long_tests.browser.scripted import mcp_call, saying
from long_tests.browser.test_stop import FOREVER, PACE

# Wider than a telephone: code, a table, a formula, an address, a name.
WIDE = f"""
```
{"wide = " * 40}
```

|{"a long head|" * 12}
|{"-|" * 12}
|{"a long cell|" * 12}

$${"x^2 + " * 40}y$$

https://learn.microsoft.com/{"azure/" * 30} {"Rindfleischetikettierung" * 6}
"""
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
        expect(page.answers.last).to_contain_text(name)
        for other in names.keys() - {name}:
            expect(page.said).not_to_contain_text(other)
    first, second = service.bodies()[:3], service.bodies()[3:]
    assert [body.get("previous_response_id") for body in first] == [None] * 3
    assert {body["previous_response_id"] for body in second} == set(service.ids()[:3])

    service.app.delay = 0
    kim.page.bring_to_front()
    kim.click("Clear")
    kim.questions.first.wait_for(state="detached")
    for name, page in {"Ada": ada, "Zoe": tab}.items():
        expect(page.ask("What is my name?")).to_contain_text(name)


@pytest.mark.parametrize("name", [V1, MCP])
def test_the_keyboard_alone_is_enough(name, opened, service):
    chat = opened(name)
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

    service.app.delay = PACE
    chat.tab_to(chat.box)
    keyboard.type("Count to 1000.")
    keyboard.press("Enter")
    expect(chat.answers.last).to_contain_text("12")
    service.app.delay = FOREVER
    chat.tab_to(chat.stop)
    keyboard.press("Enter")
    chat.wait_until_ready()
    expect(chat.told).to_contain_text("This answer was stopped.")

    chat.tab_to(chat.button("Undo").last)
    keyboard.press("Enter")
    chat.questions.nth(1).wait_for(state="detached")
    expect(chat.box).to_have_value("Count to 1000.")


def test_the_keyboard_brings_a_picture_and_goes_back_on_what_was_said(chat, service):
    keyboard = chat.page.keyboard
    dialogs = []
    chat.page.once("filechooser", lambda dialog: dialogs.append(dialog))

    chat.tab_to(chat.button("Upload a file"))
    keyboard.press("Enter")
    chat.wait_for(lambda: dialogs)
    dialogs[0].set_files(PNG)
    chat.thumbnails.wait_for()
    chat.tab_to(chat.box)
    keyboard.type("What is this?")
    keyboard.press("Enter")
    chat.answers.last.get_by_text("48").wait_for()
    chat.wait_until_ready()
    chat.ask("My name is Kim.")

    chat.tab_to(chat.button("Edit").last)
    keyboard.press("Enter")
    chat.tab_to(chat.editor)
    keyboard.press("Control+A")
    keyboard.type("My name is Alex.")
    chat.tab_to(chat.button("Submit").first)
    keyboard.press("Enter")
    chat.wait_for_text("You asked: \u201cMy name is Alex.\u201d")
    chat.wait_until_ready()
    chat.tab_to(chat.button("Retry"))
    keyboard.press("Enter")
    chat.wait_for(lambda: len(service.bodies()) == 4)
    chat.wait_until_ready()
    first = service.ids()[0]
    asked = [body.get("previous_response_id") for body in service.bodies()]
    assert asked == [None, first, first, first]

    chat.tab_to(chat.button("Clear"))
    keyboard.press("Enter")
    chat.questions.first.wait_for(state="detached")


def test_a_thought_is_opened_by_keyboard(chat):
    chat.ask("Hello!")

    chat.tab_to(chat.thoughts.locator(".title"))
    chat.page.keyboard.press("Enter")

    chat.thoughts.locator(".content").wait_for()


@pytest.mark.parametrize("name", [V1, MCP])
def test_a_phone_shows_all_of_it(name, visitor, service):
    chat = visitor(name, **PHONE)
    if name == V1:
        chat.attach(PNG)
    service.answer = saying(WIDE, thoughts=WIDE, calls=[mcp_call("s", WIDE)])
    chat.box.tap()

    chat.ask("Tell me of Donaudampfschifffahrt" * 3)
    for part in ("pre code", "table", ".katex", "a"):
        expect(chat.answers.last.locator(part).first).to_be_visible()
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
    service.app.delay = PACE
    service.answer = saying(" ".join(map(str, range(1000))))
    chat.box.fill("Count!")
    chat.submit.tap()
    expect(chat.answers.last).to_contain_text("12")
    service.app.delay = FOREVER
    chat.stop.tap()
    chat.wait_until_ready()
    for name in ("Retry", "Edit", "Clear"):
        chat.button(name).last.tap(trial=True)
    chat.button("Undo").tap()
    chat.questions.get_by_text("Count!").wait_for(state="detached")


# How many lines each head takes, and whether the table scrolls.
TABLE = """table => [
    [...table.querySelectorAll('th')].map(head => {
        const range = document.createRange();
        range.selectNodeContents(head);
        return new Set([...range.getClientRects()].map(line => line.top)).size;
    }),
    table.scrollWidth > table.clientWidth,
]"""


def test_a_wide_table_scrolls_and_breaks_no_word(visitor, service):
    chat = visitor(**PHONE)
    heads = ["Subscription", "Deployment", "Everywhere", "Unthinkable", "Availability"]
    rows = [heads, ["-"] * 5, ["1"] * 5]
    service.answer = saying("\n".join(f"|{'|'.join(row)}|" for row in rows))

    chat.ask("Show me.")

    expect(chat.answers.last.locator("th")).to_have_count(5)
    chat.stand_still()
    lines, scrolls = chat.answers.last.locator("table").evaluate(TABLE)
    assert lines == [1] * 5
    assert scrolls


def test_a_phone_has_no_room_for_a_list_of_nothing(visitor):
    chat = visitor(**PHONE)
    kept = chat.page.get_by_text("Earlier chats, kept in this browser")
    expect(kept).to_be_hidden()
    heading = chat.page.get_by_role("heading", level=1).bounding_box()
    assert heading
    assert heading["y"] < 120

    chat.ask("Hello!")

    expect(kept).to_be_visible()
