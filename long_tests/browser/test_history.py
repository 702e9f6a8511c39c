"""Chats that the browser keeps: one click away, and no other tab writes into them."""

import re

from playwright.sync_api import expect

from long_tests.browser.pictures import PNG
from long_tests.browser.test_stop import FOREVER, PACE


def test_after_a_reload_a_chat_is_one_click_away_and_a_new_one_as_well(chat, service):
    chat.ask("My name is Kim.")
    chat.reload()
    expect(chat.titles).to_have_text(["My name is Kim."])
    expect(chat.questions).to_have_count(0)

    chat.open_earlier("My name is Kim.")
    expect(chat.ask("What is my name?")).to_contain_text("Kim")
    chat.button("New chat").click()
    expect(chat.questions).to_have_count(0)
    answer = chat.ask("What is my name?")
    expect(answer).not_to_be_empty()
    expect(answer).not_to_contain_text("Kim")

    _, second, third = service.bodies()
    assert second["previous_response_id"] == service.ids()[0]
    assert third["previous_response_id"] is None
    expect(chat.titles).to_have_text(["What is my name?", "My name is Kim."])
    chat.open_earlier("My name is Kim.")
    expect(chat.questions).to_have_count(2)


def test_what_is_cleared_is_not_kept(chat):
    chat.ask("My name is Kim.")
    chat.click("Clear")
    expect(chat.questions).to_have_count(0)
    expect(chat.titles).to_have_count(0)

    chat.reload()
    chat.ask("My name is Zoe.")

    expect(chat.titles).to_have_text(["My name is Zoe."])


def test_two_tabs_never_write_into_each_others_chats(visitor):
    one = visitor()
    other = one.another_tab()
    one.ask("My name is Kim.")
    other.ask("My name is Zoe.")
    one.ask("Count to 3.")

    for tab in (one, other):  # both are open, and reloaded in turn
        tab.reload()
        expect(tab.titles).to_have_text(["My name is Zoe.", "My name is Kim."])
        tab.open_earlier("My name is Kim.")
        expect(tab.questions).to_have_text(["My name is Kim.", "Count to 3."])
        expect(tab.said).not_to_contain_text("Zoe")
        tab.open_earlier("My name is Zoe.")
        expect(tab.questions).to_have_text(["My name is Zoe."])
        expect(tab.said).not_to_contain_text("Kim")

    # Both go on with the same chat: each keeps its own.
    one.ask("Count to 4.")
    other.ask("Count to 5.")
    one.reload()
    for number, last in enumerate(("Count to 5.", "Count to 4.", "Count to 3.")):
        one.earlier.nth(number).click()
        expect(one.questions.last).to_have_text(last)
    expect(one.earlier).to_have_count(3)


def forget_pictures(running):
    """Delete what was uploaded, as the app does after a day."""
    [picture] = (running.folder / "uploads").rglob("pond.png")
    picture.unlink()


def test_a_picture_that_is_no_longer_kept_is_said_to_be(chat, service, running):
    chat.attach(PNG)
    chat.ask("What is this?")
    forget_pictures(running)
    chat.reload()

    chat.open_earlier("What is this?")

    gone = "(A picture that is no longer kept.)"
    expect(chat.questions.first).to_contain_text(gone)
    expect(chat.ask("My name is Kim.")).to_contain_text("Kim")
    assert service.bodies()[1]["previous_response_id"] == service.ids()[0]


def test_a_picture_may_go_while_the_page_is_open(chat, running):
    chat.attach(PNG)
    chat.ask("What is this?")
    forget_pictures(running)

    expect(chat.ask("My name is Kim.")).to_contain_text("Kim")


def test_gradio_keeps_no_message_of_its_own_accord(chat):
    chat.ask("My name is Kim.")
    chat.stand_still()

    kept = chat.page.evaluate("Object.values(localStorage).join()")
    assert kept.count("My&#32;name") == 1
    assert chat.page.evaluate("indexedDB.databases()") == []
    expect(chat.page.get_by_role("button", name="Use via API")).to_be_visible()
    expect(chat.page.get_by_role("button", name="Runs")).to_have_count(0)


def test_what_was_cut_off_by_a_reload_is_said_to_be(chat, service):
    service.app.delay = PACE
    chat.send("Count to 1000.")
    expect(chat.answers.last).to_contain_text("12")
    service.app.delay = FOREVER
    chat.reload()

    chat.open_earlier("Count to 1000.")

    expect(chat.answers.last).to_contain_text("12")
    expect(chat.told).to_contain_text("This answer was stopped.")
    expect(chat.spinners).to_have_count(0)


def test_the_oldest_chats_make_room(chat):
    """A browser keeps five million characters or so."""
    fill = "document.title + `\\n2020-0${n}\\n0\\nOld ${n}`"
    chat.page.evaluate(
        f"for (let n = 0; n < 10; n++) localStorage.setItem({fill}, 'x'.repeat(5.2e5))"
    )
    chat.ask("Hello! " + "word " * 20_000)

    expect(chat.titles.first).to_have_text(re.compile(r"^\s*Hello!"))
    expect(chat.titles.get_by_text("Old 9")).to_have_count(1)
    expect(chat.titles.get_by_text("Old 0")).to_have_count(0)
