"""When the service fails: one sentence, what had arrived, and the way to go on."""

import pytest

from emulator.errors import deployment_not_found, gateway_error, wrong_key
from tests.browser.conftest import MCP, V1
from tests.browser.scripted import breaking_off, ending, error_event, refusing

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

# What the service does, and what the visitor reads of it.
FAILURES = {
    "wrong key": (refusing(401, wrong_key().body), "invalid subscription key"),
    "no deployment": (refusing(404, deployment_not_found().body), "does not exist"),
    "rate limit": (refusing(429, LIMIT, NOW), "exceeded the call rate limit"),
    "content filter": (refusing(400, FILTERED), "content management policy"),
    "no JSON": (refusing(503, {}, NOW), "503"),
    "broken off": (breaking_off(BEGUN), "the stream broke off"),
    "connection lost": (breaking_off(BEGUN, then=OSError()), "onnection"),
    "error event": (
        breaking_off(BEGUN, then=error_event("The server is on fire.")),
        "The server is on fire.",
    ),
    "failed": (
        ending(
            "failed", BEGUN, error={"code": "server_error", "message": "It was late."}
        ),
        "It was late.",
    ),
    "incomplete": (
        ending("incomplete", BEGUN, incomplete_details={"reason": "content_filter"}),
        "content_filter",
    ),
}
STREAMED = {"broken off", "connection lost", "error event", "failed", "incomplete"}
SOME = ("wrong key", "failed", "broken off")


@pytest.mark.parametrize(("name", "failures"), [(V1, tuple(FAILURES)), (MCP, SOME)])
def test_the_visitor_reads_what_happened_and_goes_on(name, failures, opened, service):
    chat = opened(name)
    chat.ask("My name is Kim.")
    good = service.ids()[-1]

    for failure in failures:
        service.answer, says = FAILURES[failure]
        told = chat.ask("Go on.")

        assert told.startswith("Unfinished: ")
        assert says in told
        assert not {"{", "(", "=", "<"} & set(told), "a sentence, not a value"
        if failure in STREAMED:
            assert chat.answers.nth(-2).inner_text().strip() == BEGUN
        assert service.bodies()[-1]["previous_response_id"] == good

    service.answer = lambda _: None
    assert "Kim" in chat.ask("What is my name?")
    assert service.bodies()[-1]["previous_response_id"] == good
    assert chat.page.get_by_test_id("toast-body").count() == 0


def test_thoughts_stay_when_the_stream_breaks_off_while_the_model_thinks(chat, service):
    service.answer = breaking_off(thoughts="I think that")

    assert chat.ask("Well?") == "Unfinished: the stream broke off"

    assert "I think that" in chat.thoughts.inner_text()
    assert chat.spinners.count() == 0


def test_a_failed_turn_can_be_retried(chat, service):
    service.answer = breaking_off(BEGUN)
    chat.ask("My name is Kim.")

    service.answer = lambda _: None
    chat.click("Retry")
    chat.wait_for_text("Nice to meet you, Kim.")
    chat.wait_until_ready()

    assert "Unfinished" not in chat.text
    assert "Kim" in chat.ask("What is my name?")
