"""`/emulator/...`: what a test suite in any language asks of the emulator itself.

No key is needed. Requests from web pages are refused: they bring an `Origin`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from responses_emulator.errors import ServiceError, invalid_request, unknown_url
from responses_emulator.faults import Faults, Rule, make_rule, parse
from responses_emulator.http import Json, Reply, Request, json_reply
from responses_emulator.model.replies.scripted import Scripted

if TYPE_CHECKING:  # imported where one is kept
    from responses_emulator.observers.journal import Journal

PREFIX = "/emulator/"


@dataclass(frozen=True)
class Control:
    """What of an emulator can be asked for and changed in this way."""

    faults: Faults
    scripted: Scripted
    journal: "Journal | None"
    reset: Callable[[], None]

    def handle(self, request: Request) -> Reply:
        """Answer one request, errors included."""
        try:
            check(request)
            action = _ACTIONS.get((request.method, request.path))
            if action is None:
                raise unknown_url(request.method, request.path)
            return action(self, request)
        except ServiceError as error:
            return json_reply(error.body, error.status)


def check(request: Request) -> None:
    """Raise a 403 for who may not ask, whatever the body says."""
    if "origin" in request.headers:
        raise invalid_request("This is not for web pages.", status=403)


def _list_faults(control: Control, _: Request) -> Reply:
    """The table, and the faults that wait for requests."""
    from responses_emulator.faults.table import FAULTS

    return json_reply(
        {
            "faults": [fault.as_json() for fault in FAULTS.values()],
            "waiting": [rule.as_json() for rule in control.faults.waiting],
        }
    )


def _add_fault(control: Control, request: Request) -> Reply:
    """`{"fault": "NAME"}`, with `operation`, `times`, `after` and parameters.

    The name may be the whole fault in text, as the command line has it.
    """
    body = request.json()
    name = body.pop("fault", None)
    if not isinstance(name, str):
        raise invalid_request("Expected a string, the name of a fault.", "fault")
    try:
        rule = _rule(body, name) if body else parse(name)
        control.faults.put(rule)
    except ValueError as error:
        raise invalid_request(str(error), "fault") from None
    return json_reply(rule.as_json())


def _rule(body: Json, name: str) -> Rule:
    for key, value in body.items():
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise ValueError(f"{key} is a string or a whole number.")
    where = body.pop("operation", None)
    times, after = body.pop("times", 1), body.pop("after", 0)
    return make_rule(name, where, times, after, body)


def _clear_faults(control: Control, _: Request) -> Reply:
    """Take away the faults that wait."""
    control.faults.clear()
    return json_reply({"waiting": []})


def _add_reply(control: Control, request: Request) -> Reply:
    """`{"output": [TEXT or ITEM, ...], "times": 1}`: the next response's output."""
    body = request.json()
    output: Any = body.get("output")
    times: Any = body.get("times", 1)
    if not isinstance(output, list):
        raise invalid_request("Expected a list of texts and output items.", "output")
    if type(times) is not int or not 0 < times <= MAX_TIMES:
        raise invalid_request(f"Expected a number from 1 to {MAX_TIMES}.", "times")
    try:
        control.scripted.add(cast("list[Any]", output), times)
    except ValueError as error:
        raise invalid_request(str(error), "output") from None
    return json_reply({"waiting": len(control.scripted)})


def _list_requests(control: Control, _: Request) -> Reply:
    """The last requests, oldest first."""
    if control.journal is None:
        raise _NO_JOURNAL
    return json_reply({"data": [one.as_json() for one in control.journal.entries()]})


def _verdict(control: Control, _: Request) -> Reply:
    """How the client behaved."""
    if control.journal is None:
        raise _NO_JOURNAL
    return json_reply(control.journal.verdict().as_json())


def _reset(control: Control, _: Request) -> Reply:
    """Forget everything."""
    control.reset()
    return json_reply({"reset": True})


MAX_TIMES = 1_000
_NO_JOURNAL = invalid_request("No journal is kept: start the emulator with --journal.")
_ACTIONS: dict[tuple[str, str], Callable[[Control, Request], Reply]] = {
    ("GET", "/emulator/faults"): _list_faults,
    ("POST", "/emulator/faults"): _add_fault,
    ("DELETE", "/emulator/faults"): _clear_faults,
    ("POST", "/emulator/replies"): _add_reply,
    ("GET", "/emulator/requests"): _list_requests,
    ("GET", "/emulator/verdict"): _verdict,
    ("POST", "/emulator/reset"): _reset,
}
