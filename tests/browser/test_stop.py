"""Stop stops the service too, and the conversation goes on."""

import time

import pytest

from tests.browser.conftest import MCP, V1
from tests.browser.scripted import saying

PACE = 0.005  # seconds between two events: an answer then takes ten


def until(condition):
    """Wait until it holds, and give how many seconds that took."""
    begin = time.monotonic()
    while not condition():
        assert time.monotonic() - begin < 10
        time.sleep(0.01)
    return time.monotonic() - begin


def cut(service):
    """Whether the last reply of the emulator has ended without being read out."""
    return bool(service.exchanges) and service.exchanges[-1].broken


@pytest.mark.parametrize("name", [V1, MCP])
def test_stop_closes_the_request_at_once_and_keeps_what_had_arrived(
    name, opened, service
):
    chat = opened(name)
    chat.ask("My name is Kim.")
    good = service.ids()[-1]

    service.app.delay = PACE
    chat.send("Count to 1000.")
    chat.answers.last.get_by_text("12").wait_for()
    chat.stop.click()
    seconds = until(lambda: cut(service))
    chat.wait_until_ready()

    assert seconds < 1
    responses = list(service.emulator.store.responses)
    assert responses[-1].body["status"] == "cancelled"
    assert "12" in chat.last_answer and "990" not in chat.last_answer
    assert "This answer was stopped." in chat.told
    read = chat.last_answer
    service.app.delay = 0
    assert "Kim" in chat.ask("What is my name?")
    body = service.bodies()[-1]
    assert body["previous_response_id"] == good
    asked, answer, news = body["input"]
    assert asked["content"][0]["text"] == "Count to 1000."
    assert answer == {"role": "assistant", "content": read}
    assert news["content"][0]["text"] == "What is my name?"


def test_thoughts_can_be_stopped(chat, service):
    service.answer = saying("Never said.", thoughts="I think and think. " * 400)
    service.app.delay = PACE

    chat.send("Well?")
    chat.thoughts.get_by_text("I think and").wait_for()
    chat.stop.click()
    chat.wait_until_ready()

    assert "Never said." not in chat.text
    chat.unfold()
    assert "I think" in chat.thoughts.first.inner_text()
    assert chat.spinners.count() == 0
    assert "This answer was stopped." in chat.told


def test_whoever_closes_the_page_ends_the_request(visitor, service):
    chat = visitor()
    service.app.delay = PACE

    chat.send("Count to 1000.")
    chat.answers.last.get_by_text("12").wait_for()
    chat.page.close()
    until(lambda: cut(service))
