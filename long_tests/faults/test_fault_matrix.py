"""Every terminal sample under every fault of the emulator's table: none ends badly.

A cell is one sample under one fault at one operation. A fault that the table gets, and
a sample that the collection gets, are in it by themselves. `endings.py` says which ends
are good; bad is all else: a failure passed off as success, a stop that says nothing,
something left on the service, a key that is printed, a wait without a bound.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from responses_emulator.faults.table import FAULTS, Fault
from responses_emulator.http import (
    Handle,
    Pause,
    Reply,
    Request,
    close_pieces,
    json_reply,
)
from responses_emulator.routes import operation
from responses_emulator.world import World
from tests.collection import FOLDER, docstring_fields
from tests.samples.conftest import Run, Service
from tests.samples.endings import (
    everything_said,
    names_the_cause,
    plain,
    reasons,
    text_in,
    trouble,
    whole,
)
from tests.samples.test_every_sample import ENTRA, NAMES, WEBSOCKET
from tests.test_twins import key_twin, legacy

pytestmark = pytest.mark.usefixtures("few_pieces")

Piece = bytes | Pause
MAX_REQUESTS = 400  # of one script, with all its retries and its polling
MAX_SECONDS = 1300  # that it may wait
EVENTS = 12  # of a stream that breaks off: some words have arrived by then
TRANSIENT = ("retry", "slow")
# Half of an answer is worth a look; half of an object, or of many answers, is not.
WHOLE_ONLY = [name for name in NAMES if "structured" in name or "ratelimit" in name]
# They show the calls of the model, whatever is in them, and run none.
SHOWS_CALLS = [
    name
    for name in NAMES
    if any(part in name for part in ("-choice-", "-function-stream-", "-tool-search-"))
]
CALL_FAULTS = (
    "arguments-not-json",
    "arguments-of-wrong-type",
    "unknown-function",
    "calls-for-ever",
)
# What cannot end as it should here, with the reason.
NOT_TRIED = {
    ("background-stream", "background-never-ends"): "the SDK gives up after ten silent "
    "minutes of a socket, of which there is none here",
    ("codeinterpreter-files", "reset-in-reply"): "the attempt whose reply was lost has "
    "already left a file in the container",
    ("websocket", "stream-stops"): "a socket that is open and silent is waited for",
}
CALLS_OTHERS = [
    name
    for name in NAMES
    if "Net" in docstring_fields((FOLDER / name).read_text(encoding="utf-8"))
]
OTHERS_FAIL = {
    "503": Reply(503),
    "no JSON": Reply(200, {"content-type": "text/html"}, b"<html>"),
    "not what was asked for": json_reply({"error": True}),
    "reset": Reply(0, breaks="reset"),
    "refused": Reply(0, breaks="refuse"),
}
# Most cells differ from others in the choice of a parameter alone, such as the code
# with which a response fails. Of each fault, operation and number of times a sample
# meets one choice, the next sample the next one, so that each is met; the rest is slow.
#
# A legacy sample has a v1 twin with the same lesson, line by line (test_twins.py), most
# of those that sign in with Entra ID have one that has a key. What the other way in may
# change shows in one cell of each fault and operation, and in all cells of the sign-in.
TWINS = [name for name in NAMES if legacy(FOLDER / name) or key_twin(FOLDER / name)]
OTHERS = [name for name in NAMES if name not in TWINS]
SIGN_IN = "identity.token"
# A fault that a client cannot tell from a whole answer of a model that says little.
NOT_FOR_SAMPLES = ("status",)  # any status: each one has a row of its own


@dataclass(frozen=True)
class Cell:
    """One fault at one operation: the first time only, or each time."""

    fault: Fault
    operation: str
    times: int | str
    parameters: tuple[tuple[str, str | int], ...] = ()

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


def choices(fault: Fault) -> Iterator[tuple[tuple[str, str | int], ...]]:
    """The fault's parameters: each choice once, the others as they are."""
    middle = (("events", EVENTS),) if "events" in fault.parameters else ()
    if not fault.choices:
        yield middle
    for name, values in fault.choices.items():
        yield from (((name, value), *middle) for value in values)


def is_about(fault: Fault, request: Request) -> bool:
    """Whether the fault can befall this request: a refusal is for a schema only."""
    return fault.name != "refusal" or b'"json_schema"' in request.body


def is_left_out(name: str, fault: str) -> bool:
    """Whether a sample is not tried under a fault, for one of the reasons above."""
    if name in SHOWS_CALLS and fault in CALL_FAULTS:
        return True
    return any(part in name and fault == other for part, other in NOT_TRIED)


@dataclass
class Hits:
    """Counts what a fault hits.

    `lost` is what was made, of which `untold` is what no reply names: all that they say
    is in `told`. `reasons` is what the replies say went wrong, `arrived` the text that
    the last of them had all the same.
    """

    service: Service
    strike: Callable[[World, Request, Handle], Reply]
    requests: list[Request] = field(default_factory=list)
    lost: list[object] = field(default_factory=list)
    told: str = ""
    reasons: set[str] = field(default_factory=set)
    arrived: str = ""

    def __call__(self, world: World, request: Request, handle: Handle) -> Reply:
        before = self.service.left_behind()
        self.requests.append(request)
        try:
            reply = self.strike(world, request, handle)
            if isinstance(reply.body, bytes):
                self.note(reply.status, [reply.body])
            else:
                reply.body = self.noted(reply.status, reply.body)
            return reply
        finally:
            made = [each for each in self.service.left_behind() if each not in before]
            self.lost += made

    @property
    def untold(self) -> list[object]:
        return [each for each in self.lost if id_of(each) not in self.told]

    def noted(self, status: int, stream: Iterable[Piece]) -> Iterator[Piece]:
        """The stream, which is noted as far as it is read: it may follow the clock."""
        pieces: list[Piece] = []
        try:
            for piece in stream:
                pieces.append(piece)
                yield piece
        finally:
            self.note(status, pieces)
            close_pieces(stream)

    def note(self, status: int, pieces: Sequence[Piece]) -> None:
        self.reasons |= reasons(status, list(pieces))
        self.arrived = text_in(list(pieces))
        self.told += str(pieces)


def id_of(record: Any) -> str:
    """The id of something that is stored."""
    return record.body["id"] if hasattr(record, "body") else record.id


def verdict(
    cell: Cell,
    result: Run,
    clean: str,
    service: Service,
    hits: Hits,
    *,
    tries_again: bool,
) -> str:
    """How a cell ended; anything but the good ends says what is wrong."""
    error, outcome = result.error, cell.fault.outcome
    # Where no reply came through, or none names it, nobody can know what was made.
    lost = hits.lost if outcome == "broken" else hits.untold
    found = trouble(result, service, lost)
    if found:
        return found
    if len(service.sent) > MAX_REQUESTS or service.clock.slept > MAX_SECONDS:
        return f"{len(service.sent)} requests in {service.clock.slept:.0f} s"
    asked_for = int(cell.fault.parameters.get("retry_after_ms", 0)) / 1000
    if tries_again and cell.times == 1 and service.clock.slept < asked_for:
        return f"waited {service.clock.slept:.1f} s, not {asked_for:.1f} s"
    said = everything_said(result)
    if outcome in ("broken", "unfinished") and hits.arrived not in whole(result.output):
        return f"does not show {hits.arrived!r}"
    is_told = not hits.reasons or any(reason in said for reason in hits.reasons)
    if error is None:
        if plain(result.output) == plain(clean):
            return "recovered"
        model_told = '"error' in str(service.created()[-1]["input"])
        # Who shows the content filter's reports, shows others; nobody else notices.
        shown = cell.fault.name == "filter-annotates"
        told = model_told or (is_told and hits.reasons) or shown
        if outcome == "content" and told:
            return "told"
        return f"passed off as success: {result.output[-200:]!r}"
    if outcome in TRANSIENT and cell.times == 1 and tries_again:
        return f"not recovered: {error!r}"
    if not names_the_cause(error):
        return f"says nothing: {error!r}"
    return "clear" if is_told else f"says {error!r}, and not {sorted(hits.reasons)}"


def operations(service: Service) -> list[str]:
    """What was asked of the service, in order."""
    paths = [(sent.method, sent.path) for sent in service.sent]
    return [operation(*each) or "" for each in paths if each[1].startswith("/openai/")]


def met_first(name: str, every: Iterable[Cell]) -> list[Cell]:
    """The cells that are not slow."""
    alike: dict[tuple[str, str, int | str], list[Cell]] = defaultdict(list)
    signing_in: list[Cell] = []
    for cell in every:
        if name in TWINS and cell.operation == SIGN_IN:
            signing_in.append(cell)
        else:
            alike[cell.fault.name, cell.operation, cell.times].append(cell)
    turn = (TWINS if name in TWINS else OTHERS).index(name)
    met = [choices[turn % len(choices)] for choices in alike.values()]
    if name in TWINS:  # the last of each is a fault that lasts
        met = list({(cell.fault.name, cell.operation): cell for cell in met}.values())
    return [*met, *signing_in]


def left_for_later(name: str, every: Iterable[Cell]) -> list[Cell]:
    """The cells that are slow: all others."""
    cells = list(every)
    met = set(map(str, met_first(name, cells)))
    return [cell for cell in cells if str(cell) not in met]


def test_each_choice_is_met_first_by_some_sample() -> None:
    def shown(name: str) -> set[str]:
        return {str(cell) for cell in met_first(name, cells(["responses.create"]))}

    assert set().union(*map(shown, OTHERS)) == {
        str(cell) for cell in cells(["responses.create"])
    }


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "chosen", [met_first, pytest.param(left_for_later, marks=pytest.mark.slow)]
)
def test_no_fault_ends_badly(
    name: str,
    chosen: Callable[[str, Iterable[Cell]], list[Cell]],
    run: Callable[..., Run],
    service: Service,
    matrix: Callable[[dict[str, str]], None],
) -> None:
    clean = run(name)
    assert clean.error is None
    used = dict.fromkeys(operations(service))
    if name in ENTRA:
        used[SIGN_IN] = None
    ends: dict[str, str] = {}

    for cell in chosen(name, cells(list(used))):
        if is_left_out(name, cell.fault.name):
            continue
        service.renew()
        rule = service.emulator.faults.add(
            cell.fault.name,
            operation=cell.operation,
            times=cell.times,
            **dict(cell.parameters),
        )
        rule.strike = hits = Hits(service, rule.strike)
        result = run(name)
        hits.arrived = "" if name in WHOLE_ONLY else hits.arrived
        if any(is_about(cell.fault, request) for request in hits.requests):
            ends[str(cell)] = verdict(
                cell,
                result,
                clean.output,
                service,
                hits,
                tries_again=name not in WEBSOCKET,  # as the SDK does over HTTP
            )

    matrix(ends)


@pytest.mark.parametrize("name", CALLS_OTHERS)
def test_a_tool_of_its_own_that_fails_is_told_to_the_model(
    name: str,
    run: Callable[..., Run],
    service: Service,
    matrix: Callable[[dict[str, str]], None],
) -> None:
    ends: dict[str, str] = {}

    for what, failure in OTHERS_FAIL.items():
        service.renew()
        service.answer = lambda request, failure=failure: (
            None if request.path.startswith("/openai/") else failure
        )
        result = run(name)
        told = '"error' in str(service.created()[-1]["input"])
        found = trouble(result, service, []) or str(result.error or "")
        ends[f"{what} of another host"] = found or ("told" if told else "not told")

    matrix(ends)
