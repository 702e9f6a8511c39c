"""When an answer is not whole: what had arrived, why, and what to do."""

import pytest

from responses_emulator.errors import deployment_not_found, gateway_error, wrong_key
from tests.browser.conftest import MCP, V1
from tests.browser.scripted import (
    breaking_off,
    declining,
    ending,
    error_event,
    refusing,
)

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

    for failure in failures:
        service.answer, says = FAILURES[failure]
        chat.ask("Go on.")

        assert says in chat.told
        assert not {"{", "(", "=", "<"} & set(chat.told), "a sentence, not a value"
        if failure in STREAMED:
            assert chat.last_answer == BEGUN
        assert service.bodies()[-1]["previous_response_id"] == good

    service.answer = lambda _: None
    assert "Kim" in chat.ask("What is my name?")
    assert service.bodies()[-1]["previous_response_id"] == good
    assert chat.page.get_by_test_id("toast-body").count() == 0


def test_thoughts_stay_when_the_stream_breaks_off_while_the_model_thinks(chat, service):
    service.answer = breaking_off(thoughts="I think that")

    chat.ask("Well?")

    assert chat.told == LOST
    chat.unfold()
    assert "I think that" in chat.thoughts.first.inner_text()
    assert chat.spinners.count() == 0


def test_a_failed_turn_can_be_retried(chat, service):
    service.answer = breaking_off(BEGUN)
    chat.ask("My name is Kim.")

    service.answer = lambda _: None
    chat.click("Retry")
    chat.wait_for_text("You asked: \u201cMy name is Kim.\u201d")
    chat.wait_until_ready()

    assert chat.notes.count() == 0
    assert "Kim" in chat.ask("What is my name?")


def test_an_answer_that_was_cut_stays_and_is_said_to_be_cut(chat, service):
    service.answer = ending("incomplete", BEGUN, incomplete_details=CUT)

    assert chat.ask("Well?") == BEGUN
    assert chat.told == "The answer reached its greatest length. Ask for the rest."
    assert chat.notes.first.inner_text().startswith("No complete answer")


def test_a_refusal_is_shown_as_one(chat, service):
    service.answer = declining("I cannot help with that.")

    assert chat.ask("How does one do harm?") == "I cannot help with that."
    assert chat.told.startswith("The model declined to answer.")


def test_a_refused_question_is_said_to_be_unknown_to_the_model(chat, service):
    service.answer = refusing(400, FILTERED)
    chat.ask("How does one do harm?")
    assert "the model has not seen the question" in chat.notes.inner_text()

    service.answer = lambda _: None
    chat.ask("My name is Kim.")

    [said] = service.bodies()[-1]["input"]
    assert said["content"] == [{"type": "input_text", "text": "My name is Kim."}]
