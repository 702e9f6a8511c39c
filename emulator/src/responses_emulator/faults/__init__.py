"""Faults on demand: which ones there are, and which requests they are to hit.

    emulator.faults.add("rate-limited", operation="responses.create", times=2)

Python, the command line, a request's header and the control endpoint name the faults of
one table, `faults.table.FAULTS`. In text a fault is written
`NAME[:KEY=VALUE,...][@OPERATION]`: `rate-limited:retry_after_ms=50@files.create`.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from responses_emulator.faults.call import Call, Parameter
from responses_emulator.http import Handle, Reply, Request
from responses_emulator.routes import OPERATIONS, operation
from responses_emulator.world import World

if TYPE_CHECKING:
    from responses_emulator.faults.table import Fault

HEADER = "x-emulator-fault"  # of a request: the fault to have; of a reply: what it had
# In a request for a response these bring the content filter's faults about, as if the
# filter had found something: for who cannot add a header or a rule.
MARK = b"[content filter: "
PHRASES = {
    b"[content filter: prompt]": "filter-prompt",
    b"[content filter: jailbreak]": "filter-prompt:category=jailbreak",
    b"[content filter: blocklist]": "filter-prompt:category=custom_blocklists",
    b"[content filter: older shape]": "filter-prompt:shape=innererror",
    b"[content filter: no categories]": "filter-prompt:shape=none",
    b"[content filter: output]": "filter-output",
    b"[content filter: protected material]": (
        "filter-output:category=protected_material_text"
    ),
    b"[content filter: stream]": "filter-stream",
    b"[content filter: note]": "filter-annotates",
    b"[content filter: task adherence]": (
        "filter-annotates:category=task_adherence,source=completion"
    ),
    b"[content filter: personal data]": (
        "filter-annotates:category=personally_identifiable_information,"
        "source=completion"
    ),
    b"[content filter: every note]": "filter-annotates:category=all",
    b"[content filter: error]": "filter-annotates:category=error",
    b"[content filter: null]": "filter-annotates:category=null",
    b"[content filter: no report]": "filter-annotates:category=no-report",
}
MAX_WAITING = 1_000  # rules
MAX_TEXT = 4_000  # characters of a fault in text, or of one of its parameters
MAX_NAME = 100  # of a wrong name that is compared with those that there are
FOR_GOOD = "all"  # as `times`: every request, until the fault is taken away


@dataclass
class Rule:
    """One fault that waits for its requests.

    `times` is how many it still hits (None: all), `after` how many it lets pass first,
    `operation` the only one that it hits (None: each that the fault can hit).
    """

    fault: "Fault"
    parameters: dict[str, Parameter]
    operation: str | None = None
    times: int | None = 1
    after: int = 0

    def hits(self, name: str, request: Request) -> bool:
        """Whether a request of the operation `name` is one for it."""
        if self.operation not in (None, name):
            return False
        return self.fault.can_hit(name) and self.fault.is_asked_for(request)

    def strike(self, world: World, request: Request, handle: Handle) -> Reply:
        """The reply to a request that is hit; `handle` answers without a fault."""
        reply = self.fault.strike(Call(world, request, self.parameters, handle))
        reply.headers[HEADER] = self.fault.name
        return reply

    def as_json(self) -> dict[str, Any]:
        """The rule as the control endpoint shows it."""
        return {
            "fault": self.fault.name,
            "operation": self.operation,
            "times": FOR_GOOD if self.times is None else self.times,
            "after": self.after,
            **self.parameters,
        }


@dataclass
class Faults:
    """The faults that wait for one emulator's requests, the oldest rule first."""

    waiting: list[Rule] = field(default_factory=list[Rule])
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(
        self,
        fault: str,
        *,
        operation: str | None = None,
        times: int | str = 1,
        after: int = 0,
        **parameters: Parameter,
    ) -> Rule:
        """Have `fault` hit the next request, or the next `times`, or "all".

        Raises ValueError for a name, parameter or operation that does not exist.
        """
        new = make_rule(fault, operation, times, after, parameters)
        self.put(new)
        return new

    def put(self, new: Rule) -> None:
        """Let a rule wait for its requests. Raises ValueError if too many wait."""
        with self._lock:
            if len(self.waiting) >= MAX_WAITING:
                raise ValueError(f"At most {MAX_WAITING:,} faults wait.")
            self.waiting.append(new)

    def clear(self) -> None:
        """Take all faults away. Files whose indexing they hold up stay held up."""
        with self._lock:
            self.waiting.clear()

    def take(self, request: Request) -> Rule | None:
        """The rule that hits this request, counted as used; None if there is none.

        The request's own header comes first, then what it says, then what waits. Raises
        ValueError if the header is wrong.
        """
        name = operation(request.method, request.path)
        if HEADER in request.headers:
            own = parse(request.headers[HEADER])
            return own if own.hits(name, request) else None
        if MARK in request.body and name == "responses.create":
            for phrase, fault in PHRASES.items():
                if phrase in request.body and (own := parse(fault)).hits(name, request):
                    return own
        with self._lock:
            for found in self.waiting:
                if not found.hits(name, request):
                    continue
                if found.after:
                    found.after -= 1
                    continue
                if found.times is not None:
                    found.times -= 1
                    if not found.times:
                        self.waiting.remove(found)
                return found
        return None


def parse(text: str) -> Rule:
    """The rule that `NAME[:KEY=VALUE,...][@OPERATION]` describes, or a ValueError."""
    if len(text) > MAX_TEXT:
        raise ValueError(f"A fault has at most {MAX_TEXT:,} characters.")
    head, at, where = text.strip().partition("@")
    name, colon, listed = head.partition(":")
    parameters: dict[str, Parameter] = {}
    for pair in listed.split(",") if colon else ():
        key, equals, value = pair.partition("=")
        if not equals:
            raise ValueError(f"{text!r}: expected KEY=VALUE, not {pair!r}.")
        if key.strip() in parameters:
            raise ValueError(f"{text!r}: {key.strip()} is given twice.")
        parameters[key.strip()] = value.strip()
    times, after = parameters.pop("times", 1), parameters.pop("after", 0)
    return make_rule(
        name.strip(), where.strip() if at else None, times, after, parameters
    )


def make_rule(
    name: str,
    where: str | None,
    times: Parameter,
    after: Parameter,
    parameters: dict[str, Parameter],
) -> Rule:
    """A rule, its parts checked; a ValueError says what is wrong, and what there is."""
    from responses_emulator.faults.table import FAULTS  # only where there is a fault

    fault = FAULTS.get(name[:MAX_TEXT])
    if fault is None:
        raise ValueError(_no_such("fault", name, FAULTS))
    values = dict(fault.parameters)
    for key, value in parameters.items():
        if len(key) + len(str(value)) > MAX_TEXT:
            raise ValueError(f"{name}: a parameter is too long.")
        if key not in values:
            known = ", ".join([*values, "times", "after"])
            raise ValueError(f"{name}: it takes {known}, not {key!r}.")
        default = values[key]
        values[key] = (
            str(value) if isinstance(default, str) else _number(value, f"{name}: {key}")
        )
        allowed = fault.ranges.get(key)
        if allowed and values[key] not in allowed:
            raise ValueError(f"{name}: {key} is from {allowed[0]} to {allowed[-1]}.")
        choices = fault.choices.get(key)
        if key in fault.any_text:
            if not str(values[key]).strip():
                raise ValueError(f"{name}: {key} is a text that is not empty.")
        elif choices and values[key] not in choices:
            raise ValueError(f"{name}: {key} is one of {', '.join(choices)}.")
    if where is not None and where not in OPERATIONS:
        raise ValueError(_no_such("operation", where, sorted(OPERATIONS)))
    if where is not None and not fault.can_hit(where):
        raise ValueError(f"{name}: it hits {fault.where}, not {where}.")
    count = None if times == FOR_GOOD else _number(times, f"{name}: times", least=1)
    return Rule(fault, values, where, count, _number(after, f"{name}: after"))


def _no_such(kind: str, name: str, known: Iterable[str]) -> str:
    """There is none of that name: the nearest that there is, or else all of them."""
    from difflib import get_close_matches

    there_are = list(known)
    nearest = get_close_matches(str(name)[:MAX_NAME], there_are, n=1)
    if nearest:
        return f"There is no {kind} {name!r}: did you mean {nearest[0]!r}?"
    return f"There is no {kind} {name!r}; there are: {', '.join(there_are)}."


def _number(value: object, what: str, least: int = 0) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and least <= int(text) < 1e9):
        raise ValueError(f"{what} is a whole number from {least}, not {text!r}.")
    return int(text)
