"""Stop stops the service too, and the conversation goes on."""

import time

import pytest
from playwright.sync_api import expect

from long_tests.browser.conftest import MCP, PATIENCE, V1
from long_tests.browser.scripted import saying

PACE = 0.005  # seconds between two events
SLOWLY = 0.1  # seconds: an answer then takes minutes
FOREVER = 3600  # seconds: until somebody ends it, the service says no more


def cut(service):
    """Whether the last reply of the emulator has ended without being read out."""
    return bool(service.exchanges) and service.exchanges[-1].broken


@pytest.mark.parametrize("name", [V1, MCP])
def test_stop_closes_the_request_and_keeps_what_had_arrived(name, opened, service):
    chat = opened(name)
    chat.ask("My name is Kim.")
    good = service.ids()[-1]

    service.app.delay = PACE
    chat.send("Count to 1000.")
    expect(chat.answers.last).to_contain_text("12")
    service.app.delay = FOREVER
    chat.stop.click()
    chat.wait_for(lambda: cut(service))
    chat.wait_until_ready()

    responses = list(service.emulator.store.responses)
    assert responses[-1].body["status"] == "cancelled"
    expect(chat.told).to_contain_text("This answer was stopped.")
    expect(chat.answers.last).to_contain_text("12")
    read = chat.answers.last.inner_text().strip()
    assert "990" not in read
    service.app.delay = 0
    expect(chat.ask("What is my name?")).to_contain_text("Kim")
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
    service.app.delay = FOREVER
    chat.stop.click()
    chat.wait_until_ready()

    expect(chat.told).to_contain_text("This answer was stopped.")
    expect(chat.said).not_to_contain_text("Never said.")
    chat.unfold()
    expect(chat.thoughts.first).to_contain_text("I think")
    expect(chat.spinners).to_have_count(0)


def test_whoever_closes_the_page_ends_the_request(visitor, service):
    chat = visitor()
    service.app.delay = PACE

    chat.send("Count to 1000.")
    expect(chat.answers.last).to_contain_text("12")
    service.app.delay = SLOWLY  # Gradio notices it when the app has more to show
    chat.page.close()

    until = time.monotonic() + PATIENCE
    while not cut(service):
        assert time.monotonic() < until
        time.sleep(0.01)
