"""What a whole run of the suite asks and sees: every route, event and exception."""

import re
from collections.abc import Iterable, Iterator
from typing import TypedDict

from emulator.tests.all_traffic import EVENTS, LET_THROUGH, Breaches, Exchange
from emulator.tests.contract.check import CONTRACTS
from emulator.tests.contract.lacking import LACKING, rows
from responses_emulator.http import Request
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


class Seen(TypedDict):
    """What there was in some traffic, each once."""

    routes: list[tuple[str, str]]  # method and path
    events: list[str]
    breaches: Breaches


def seen(traffic: list[tuple[Exchange, Breaches]]) -> Seen:
    exchanges = [exchange for exchange, _ in traffic]
    return {
        "routes": asked(exchanges),
        "events": sorted(streamed(exchanges)),
        "breaches": sorted({each for _, breaches in traffic for each in breaches}),
    }


def asked(exchanges: list[Exchange]) -> list[tuple[str, str]]:
    handlers = {find(Request(e["method"], e["url"]))[0] for e in exchanges}
    return [(m, path) for m, path, handler in ROUTES if handler in handlers]


def streamed(exchanges: list[Exchange]) -> set[str]:
    return {
        line.removeprefix("event: ")
        for exchange in exchanges
        for line in exchange["response_body"].splitlines()
        if line.startswith("event: ")
    }


def faults(all_seen: Iterable[Seen]) -> Iterator[tuple[str, str]]:
    """What is missing in all of that: a name for it, and the text."""
    routes: set[tuple[str, str]] = set()
    events: set[str] = set()
    breaches: set[tuple[str, str]] = set()
    for each in all_seen:  # a file makes lists of tuples
        routes.update((method, path) for method, path in each["routes"])
        events.update(each["events"])
        breaches.update((contract, line) for contract, line in each["breaches"])
    for what, found in {
        "routes that nobody asked": never_asked(routes),
        "events that nobody streamed": never_streamed(events),
        "rows that nobody needs": never_needed(breaches),
        "what is let through and nobody sends": never_sent(breaches),
    }.items():
        if found:
            yield f"all traffic: {what}", "\n".join(map(str, found))


def never_asked(routes: set[tuple[str, str]]) -> list[object]:
    """Each route is asked, and so each is held against the contracts."""
    missing = {(m, path) for m, path, _ in ROUTES} - routes
    return sorted(missing ^ NEVER_ASKED.keys())


def never_streamed(events: set[str]) -> list[object]:
    return sorted(events ^ (EVENTS.keys() - NEVER_STREAMED.keys()))


def never_needed(breaches: set[tuple[str, str]]) -> list[object]:
    """The contract has caught up, or the row was never right."""
    needed = {
        (contract, row) for contract, line in breaches for row in rows(contract, line)
    }
    there = {
        (contract, row)
        for row in LACKING
        for contract in CONTRACTS
        if row.contract in (contract, "both")
    }
    return sorted(there - needed)


def never_sent(breaches: set[tuple[str, str]]) -> list[object]:
    sent = [line for contract, line in breaches if not rows(contract, line)]
    return [
        let_through
        for let_through in LET_THROUGH
        if not any(re.search(let_through, line) for line in sent)
    ]
