"""Chats that the browser keeps: one click away, and no other tab writes into them."""

from tests.browser.pictures import PNG


def test_after_a_reload_a_chat_is_one_click_away_and_a_new_one_as_well(chat, service):
    chat.ask("My name is Kim.")
    chat.reload()
    assert chat.questions.count() == 0

    chat.open_earlier("My name is Kim.")
    assert "Kim" in chat.ask("What is my name?")
    chat.button("New chat").click()
    chat.questions.first.wait_for(state="detached")
    assert "Kim" not in chat.ask("What is my name?")

    _, second, third = service.bodies()
    assert second["previous_response_id"] == service.ids()[0]
    assert third["previous_response_id"] is None
    assert chat.earlier_titles() == ["What is my name?", "My name is Kim."]
    chat.open_earlier("My name is Kim.")
    assert chat.questions.count() == 2


def test_what_is_cleared_is_not_kept(chat):
    chat.ask("My name is Kim.")
    chat.click("Clear")
    chat.questions.first.wait_for(state="detached")
    chat.wait_for(lambda: chat.earlier.count() == 0)

    chat.reload()

    assert chat.earlier.count() == 0


def test_two_tabs_never_write_into_each_others_chats(visitor):
    one = visitor()
    other = one.another_tab()
    one.ask("My name is Kim.")
    other.ask("My name is Zoe.")
    one.ask("Count to 3.")

    for tab in (one, other):  # both are open, and reloaded in turn
        tab.reload()
        assert sorted(tab.earlier_titles()) == ["My name is Kim.", "My name is Zoe."]
        tab.open_earlier("My name is Kim.")
        assert "Kim" in tab.words() and "Zoe" not in tab.words()
        assert tab.questions.count() == 2
        tab.open_earlier("My name is Zoe.")
        tab.questions.nth(1).wait_for(state="detached")
        assert "Zoe" in tab.words() and "Kim" not in tab.words()

    # Both go on with the same chat: each keeps its own.
    one.ask("Count to 4.")
    other.ask("Count to 5.")
    one.reload()
    chats = []
    for number in range(one.earlier.count()):
        one.earlier.nth(number).click()
        one.questions.first.wait_for()
        one.stand_still()
        chats.append(one.questions.last.inner_text().strip())
    assert sorted(chats) == ["Count to 3.", "Count to 4.", "Count to 5."]


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

    assert "(A picture that is no longer kept.)" in chat.questions.first.inner_text()
    assert chat.ask("My name is Kim.")
    assert service.bodies()[1]["previous_response_id"] == service.ids()[0]


def test_a_picture_may_go_while_the_page_is_open(chat, running):
    chat.attach(PNG)
    chat.ask("What is this?")
    forget_pictures(running)

    assert "Kim" in chat.ask("My name is Kim.")


def test_gradio_keeps_no_message_of_its_own_accord(chat):
    chat.ask("My name is Kim.")
    chat.stand_still()

    kept = chat.page.evaluate("Object.values(localStorage).join()")
    assert kept.count("My&#32;name") == 1
    assert chat.page.evaluate("indexedDB.databases()") == []
    assert chat.page.get_by_role("button", name="Runs").count() == 0


def test_what_was_cut_off_by_a_reload_is_said_to_be(chat, service):
    service.app.delay = 0.005
    chat.send("Count to 1000.")
    chat.answers.last.get_by_text("12").wait_for()
    chat.reload()

    chat.open_earlier("Count to 1000.")

    assert "12" in chat.last_answer
    assert "This answer was stopped." in chat.told
    assert chat.spinners.count() == 0


def test_the_oldest_chats_make_room(chat):
    """A browser keeps five million characters or so."""
    fill = "document.title + `\\n2020-0${n}\\n0\\nOld ${n}`"
    chat.page.evaluate(
        f"for (let n = 0; n < 10; n++) localStorage.setItem({fill}, 'x'.repeat(5.2e5))"
    )
    chat.ask("Hello! " + "word " * 20_000)

    titles = chat.earlier_titles()
    assert titles[0].startswith("Hello!")
    assert "Old 9" in titles
    assert "Old 0" not in titles
