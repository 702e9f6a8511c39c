"""When an answer is not whole: what had arrived, why, and what to do."""

import pytest
from playwright.sync_api import expect

from long_tests.browser.conftest import MCP, V1
from long_tests.browser.scripted import (
    breaking_off,
    declining,
    ending,
    error_event,
    refusing,
)
from responses_emulator.errors import deployment_not_found, gateway_error, wrong_key

BEGUN = "This is how it begins and"
FILTERED = {
    "error": {
        "message": "The response was filtered due to the prompt triggering Azure "
        "OpenAI's content management policy.",
        "type": None,
        "param": "prompt",
        "code": "content_filter",
        "status": 400,
    }
}
LIMIT = gateway_error(429, "429", "Requests have exceeded the call rate limit.").body
NOW = {"retry-after-ms": "1"}
LOST = "The connection to the model was lost. Press Retry."

# What the service does, and what the visitor reads of it.
FAILURES = {
    "wrong key": (refusing(401, wrong_key().body), "invalid subscription key"),
    "no deployment": (refusing(404, deployment_not_found().body), "does not exist"),
    "rate limit": (refusing(429, LIMIT, NOW), "The model is busy. Wait a minute"),
    "content filter": (refusing(400, FILTERED), "The content filter stepped in."),
    "no JSON": (refusing(503, {}, NOW), "The model failed. Press Retry."),
    "broken off": (breaking_off(BEGUN), LOST),
    "connection lost": (breaking_off(BEGUN, then=OSError()), LOST),
    "error event": (
        breaking_off(BEGUN, then=error_event("The server is on fire.")),
        "The server is on fire.",
    ),
    "failed": (
        ending(
            "failed", BEGUN, error={"code": "server_error", "message": "It was late."}
        ),
        "The model failed. Press Retry.",
    ),
}
CUT = {"reason": "max_output_tokens"}
STREAMED = {"broken off", "connection lost", "error event", "failed"}
SOME = ("wrong key", "failed", "broken off")


@pytest.mark.parametrize(("name", "failures"), [(V1, tuple(FAILURES)), (MCP, SOME)])
def test_the_visitor_reads_what_happened_and_goes_on(name, failures, opened, service):
    chat = opened(name)
    chat.ask("My name is Kim.")
    good = service.ids()[-1]

    for number, failure in enumerate(failures, 1):
        service.answer, says = FAILURES[failure]
        chat.ask("Go on.")

        expect(chat.notes).to_have_count(number)
        expect(chat.told).to_contain_text(says)
        told = set(chat.told.inner_text())
        assert not {"{", "(", "=", "<"} & told, "a sentence, not a value"
        if failure in STREAMED:
            expect(chat.answers.last).to_have_text(BEGUN)
        assert service.bodies()[-1]["previous_response_id"] == good

    service.answer = lambda _: None
    expect(chat.ask("What is my name?")).to_contain_text("Kim")
    assert service.bodies()[-1]["previous_response_id"] == good
    expect(chat.page.get_by_test_id("toast-body")).to_have_count(0)


def test_thoughts_stay_when_the_stream_breaks_off_while_the_model_thinks(chat, service):
    service.answer = breaking_off(thoughts="I think that")

    chat.ask("Well?")

    expect(chat.told).to_have_text(LOST)
    chat.unfold()
    expect(chat.thoughts.first).to_contain_text("I think that")
    expect(chat.spinners).to_have_count(0)


def test_a_failed_turn_can_be_retried(chat, service):
    service.answer = breaking_off(BEGUN)
    chat.ask("My name is Kim.")
    expect(chat.notes).to_have_count(1)

    service.answer = lambda _: None
    chat.click("Retry")
    chat.wait_for_text("You asked: \u201cMy name is Kim.\u201d")
    chat.wait_until_ready()

    expect(chat.notes).to_have_count(0)
    expect(chat.ask("What is my name?")).to_contain_text("Kim")


def test_an_answer_that_was_cut_stays_and_is_said_to_be_cut(chat, service):
    service.answer = ending("incomplete", BEGUN, incomplete_details=CUT)

    expect(chat.ask("Well?")).to_have_text(BEGUN)
    greatest = "The answer reached its greatest length. Ask for the rest."
    expect(chat.told).to_have_text(greatest)
    expect(chat.notes.first).to_contain_text("No complete answer")


def test_a_refusal_is_shown_as_one(chat, service):
    service.answer = declining("I cannot help with that.")

    refusal = "I cannot help with that."
    expect(chat.ask("How does one do harm?")).to_have_text(refusal)
    expect(chat.told).to_contain_text("The model declined to answer.")


def test_a_refused_question_is_said_to_be_unknown_to_the_model(chat, service):
    service.answer = refusing(400, FILTERED)
    chat.ask("How does one do harm?")
    expect(chat.notes).to_contain_text("the model has not seen the question")

    service.answer = lambda _: None
    chat.ask("My name is Kim.")

    [said] = service.bodies()[-1]["input"]
    assert said["content"] == [{"type": "input_text", "text": "My name is Kim."}]
