"""What a whole run of the suite has asked and seen: every route, event and exception.

These tests judge all that ran before them. A run of some tests alone leaves them out.
"""

import re

from emulator.tests.contract.check import CONTRACTS
from emulator.tests.contract.lacking import LACKING, rows
from emulator.tests.test_all_traffic import EVENTS, LET_THROUGH, different, forbidden
from emulator.tests.traffic import Traffic
from responses_emulator.routes import ROUTES, find

# Why no test has an answer of success from a route, by method and path.
NEVER_ASKED: dict[tuple[str, str], str] = {}

NO_AUDIO = "responses have no audio on Azure"
NO_OPEN_REASONING = "models on Azure give summaries of their reasoning, not the text"
# Why no test has an event of a type that the SDK has, faults apart.
NEVER_STREAMED = {
    "error": "comes of a fault alone; test_faults.py holds it against the contracts",
    "response.audio.delta": NO_AUDIO,
    "response.audio.done": NO_AUDIO,
    "response.audio.transcript.delta": NO_AUDIO,
    "response.audio.transcript.done": NO_AUDIO,
    "response.reasoning_text.delta": NO_OPEN_REASONING,
    "response.reasoning_text.done": NO_OPEN_REASONING,
}


def test_every_route_is_in_the_traffic(traffic: Traffic) -> None:
    """And so each has been held against the contracts."""
    asked = {find(exchange.request)[0] for exchange in traffic.to_the_api()}
    missing = {(m, path) for m, path, handler in ROUTES if handler not in asked}
    assert missing == NEVER_ASKED.keys()


def test_every_type_of_event_is_in_the_traffic(traffic: Traffic) -> None:
    streamed = {
        line.removeprefix(b"event: ").decode()
        for exchange in traffic.to_the_api()
        for line in b"".join(exchange.body).splitlines()
        if line.startswith(b"event: ")
    }
    assert streamed <= EVENTS.keys()
    assert EVENTS.keys() - streamed == NEVER_STREAMED.keys()


def test_every_row_of_what_a_contract_lacks_is_needed(traffic: Traffic) -> None:
    """A row that is not: the contract has caught up, or the row was never right."""
    needed = {
        (contract, row)
        for contract, line in lines(traffic)
        for row in rows(contract, line)
    }
    there = {
        (contract, row)
        for row in LACKING
        for contract in CONTRACTS
        if row.contract in (contract, "both")
    }
    assert there - needed == set()


def test_all_that_is_let_through_is_sent(traffic: Traffic) -> None:
    sent = [line for contract, line in lines(traffic) if not rows(contract, line)]
    for let_through in LET_THROUGH:
        assert any(re.search(let_through, line) for line in sent), let_through


def lines(traffic: Traffic) -> set[tuple[str, str]]:
    """What the contracts forbid of the traffic, what they lack among it."""
    return {line for exchange in different(traffic) for line in forbidden(exchange)}
