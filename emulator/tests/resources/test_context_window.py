import pytest

from emulator.tests.conftest import narrow_deployment, text
from responses_emulator.core import Emulator

ADA = {"role": "user", "content": "My name is Ada."}
NAME = {"role": "user", "content": "What is my name?"}
LONG = {"role": "user", "content": "Hello. " * 500}


@pytest.fixture
def narrow(client):
    """A client whose deployment takes 1,000 tokens."""
    small = narrow_deployment(1000)
    client.emulator = Emulator(clock=client.clock, deployments=[small])
    return client


@pytest.mark.parametrize("truncation", [None, "disabled"])
def test_what_does_not_fit_is_refused(narrow, truncation):
    error = narrow.refused([LONG, LONG, NAME], truncation=truncation)

    assert (error["param"], error["code"]) == ("input", "context_length_exceeded")


def test_a_chain_that_has_grown_too_long_is_refused(narrow):
    first = narrow.create([LONG])

    error = narrow.refused([LONG], previous_response_id=first["id"])

    assert error["code"] == "context_length_exceeded"


def test_auto_forgets_the_oldest_and_goes_on(narrow):
    response = narrow.create([ADA, LONG, LONG, NAME], truncation="auto")

    assert response["truncation"] == "auto"
    assert "Ada" not in text(response)
    assert response["usage"]["input_tokens"] <= 1000
    assert "Ada" in text(narrow.create([ADA, NAME], truncation="auto"))


def test_auto_cannot_shorten_one_message(narrow):
    huge = {"role": "user", "content": "Hello. " * 1000}

    assert narrow.refused([huge], truncation="auto")["code"] == (
        "context_length_exceeded"
    )
