"""Every terminal sample under every fault of the emulator's table: none ends badly.

A cell is one sample under one fault at one operation. It ends `recovered` (what is
printed is what a run without the fault prints), `told` (the model or the reader got to
know, and the answer is whole) or `clear` (the script stops and names the cause). All
else fails: a failure passed off as success, a stop that says nothing, something left on
the service, a key that is printed, a wait without a bound.
"""

import json
import re
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx2
import openai
import pytest

from emulator.core import Emulator
from emulator.faults.table import FAULTS, Fault
from emulator.http import Reply, Request
from emulator.routes import operation
from tests.samples.conftest import IMAGE_KEY, KEY, Run, Service
from tests.samples.test_every_sample import NAMES, TYPED

MAX_REQUESTS = 400  # of one script, with all its retries and its polling
MAX_SECONDS = 1300  # that it may wait
TRANSIENT = ("retry", "slow")
# A fault that a client cannot tell from a whole answer of a model that says little.
NOT_FOR_SAMPLES = ("status",)  # any status: each one has a row of its own

Finish = Callable[[str], Run]


@dataclass(frozen=True)
class Cell:
    """One fault at one operation: the first time only, or each time."""

    fault: Fault
    operation: str
    times: int | str
    parameters: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        chosen = ",".join(f"{name}={value}" for name, value in self.parameters)
        return f"{self.fault.name}:{chosen}@{self.operation} x {self.times}"


def cells(operations: list[str]) -> Iterator[Cell]:
    """What can hit a sample that uses these operations."""
    for fault in FAULTS.values():
        if fault.name in NOT_FOR_SAMPLES:
            continue
        for name in operations:
            if not fault.can_hit(name):
                continue
            once_only = name.endswith(".delete") or fault.outcome == "slow"
            lasting = () if once_only else ("all",)
            transient = (*TRANSIENT, "broken", "content")
            first = (1,) if fault.outcome in transient else ()
            for times in (*first, *lasting):
                yield from (Cell(fault, name, times, pair) for pair in choices(fault))


def choices(fault: Fault) -> Iterator[tuple[tuple[str, str], ...]]:
    """The fault's parameters: each choice once, the others as they are."""
    if not fault.choices:
        yield ()
    for name, values in fault.choices.items():
        yield from (((name, value),) for value in values)


def plain(output: str) -> str:
    """What is printed, without ids, paths, times, counts and reports of waiting."""
    output = re.sub(r"(?m)^ *[\d.]+ s  (?:queued|in_progress)\n", "", output)
    return re.sub(r"[0-9a-f]{16,}|/\S+|\d+(?:\.\d+)?", "#", output)


def is_about(fault: Fault, request: Request) -> bool:
    """Whether the fault can befall this request: a refusal is for a schema only."""
    return fault.name != "refusal" or b'"json_schema"' in request.body


@dataclass
class Hits:
    """Counts what a fault hits; `lost` is what was made though no reply told of it."""

    service: Service
    strike: Callable[[Emulator, Request], Reply]
    requests: list[Request] = field(default_factory=list)
    lost: list[object] = field(default_factory=list)

    def __call__(self, emulator: Emulator, request: Request) -> Reply:
        before = self.service.left_behind()
        self.requests.append(request)
        try:
            reply = self.strike(emulator, request)
            if not isinstance(reply.body, bytes):
                reply.body = iter(list(reply.body))
            return reply
        finally:
            made = [each for each in self.service.left_behind() if each not in before]
            self.lost += made


def verdict(
    cell: Cell, result: Run, clean: str, service: Service, lost: list[object]
) -> str:
    """How a cell ended; anything but the good ends says what is wrong."""
    error, outcome = result.error, cell.fault.outcome
    said = f"{result.output}{error!r}"
    if any(secret in said for secret in (KEY, IMAGE_KEY, "eyJ")):
        return "a secret is printed"
    left = [each for each in service.left_behind() if each not in lost]
    if left:
        return f"left behind: {left}"
    if len(service.sent) > MAX_REQUESTS or service.clock.slept > MAX_SECONDS:
        return f"{len(service.sent)} requests in {service.clock.slept:.0f} s"
    if error is None:
        if plain(result.output) == plain(clean):
            return "recovered"
        model_told = '"error' in str(service.created()[-1]["input"])
        if outcome == "content" and (model_told or "detected: True" in result.output):
            return "told"
        return f"passed off as success: {result.output[-200:]!r}"
    if outcome in TRANSIENT and cell.times == 1:
        return f"not recovered: {error!r}"
    return "clear" if names_the_cause(error) else f"says nothing: {error!r}"


def names_the_cause(error: BaseException) -> bool:
    """Whether the last line that a user sees says what happened."""
    if isinstance(error, SystemExit):
        return isinstance(error.code, str) and len(error.code.split()) > 1
    if isinstance(error, openai.APIStatusError):
        return str(error.status_code) in str(error)
    if isinstance(error, openai.APIError | httpx2.HTTPError):
        return len(str(error).split()) > 1
    return isinstance(error, json.JSONDecodeError)


def operations(service: Service) -> list[str]:
    """What was asked of the service, in order."""
    paths = [(sent.method, sent.path) for sent in service.sent]
    return [operation(*each) or "" for each in paths if each[1].startswith("/openai/")]


def interrupted(service: Service, at: int) -> None:
    """Ctrl-C as request number `at` is about to be sent."""
    count = 0

    def answer(_: Request) -> Reply | None:
        nonlocal count
        count += 1
        if count == at:
            signal.raise_signal(signal.SIGINT)
        return None

    service.answer = answer


@pytest.mark.parametrize("name", NAMES)
def test_no_fault_ends_badly(
    name: str,
    run: Callable[..., Run],
    service: Service,
    matrix: dict[str, int],
) -> None:
    clean = run(name, stdin=TYPED)
    assert clean.error is None
    used = operations(service)
    emulator = service.images if "image-generate" in name else service.emulator
    bad: list[str] = []

    for cell in cells(list(dict.fromkeys(used))):
        service.renew()
        rule = emulator.faults.add(
            cell.fault.name,
            operation=cell.operation,
            times=cell.times,
            **dict(cell.parameters),
        )
        hits = Hits(service, rule.strike)
        rule.strike = hits
        result = run(name, stdin=TYPED)
        if not any(is_about(cell.fault, request) for request in hits.requests):
            continue
        # Where no reply came through, nobody can know what was made.
        lost = hits.lost if cell.fault.outcome == "broken" else []
        end = verdict(cell, result, clean.output, service, lost)
        if end in ("recovered", "told", "clear"):
            matrix[end] += 1
        else:
            matrix["bad"] += 1
            bad.append(f"{cell}: {end}")

    assert bad == []


@pytest.mark.parametrize("name", NAMES)
def test_ctrl_c_leaves_nothing_at_whatever_request(
    name: str, run: Callable[..., Run], service: Service, matrix: dict[str, int]
) -> None:
    run(name, stdin=TYPED)

    for at, used in enumerate(operations(service), 1):
        if used.endswith(".delete"):
            continue  # who interrupts the cleaning up wants no more of it
        service.renew()
        interrupted(service, at)
        result = run(name, stdin=TYPED)

        assert service.left_behind() == [], f"at request {at}"
        if "conversation" in name:
            assert result.error is None
        matrix["clear"] += 1
