"""`/emulator/...`: what a test suite in any language asks of the emulator itself.

No key is needed. Requests from web pages are refused: they bring an `Origin`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from responses_emulator.errors import ServiceError, invalid_request, unknown_url
from responses_emulator.faults import Rule, make_rule, parse
from responses_emulator.http import Json, Reply, Request, json_reply

if TYPE_CHECKING:
    from responses_emulator.core import Emulator

PREFIX = "/emulator/"


def handle(emulator: "Emulator", request: Request) -> Reply:
    """Answer one request, errors included."""
    try:
        check(request)
        action = _ACTIONS.get((request.method, request.path))
        if action is None:
            raise unknown_url(request.method, request.path)
        return action(emulator, request)
    except ServiceError as error:
        return json_reply(error.body, error.status)


def check(request: Request) -> None:
    """Raise a 403 for who may not ask, whatever the body says."""
    if "origin" in request.headers:
        raise invalid_request("This is not for web pages.", status=403)


def _list_faults(emulator: "Emulator", _: Request) -> Reply:
    """The table, and the faults that wait for requests."""
    from responses_emulator.faults.table import FAULTS

    return json_reply(
        {
            "faults": [fault.as_json() for fault in FAULTS.values()],
            "waiting": [rule.as_json() for rule in emulator.faults.waiting],
        }
    )


def _add_fault(emulator: "Emulator", request: Request) -> Reply:
    """`{"fault": "NAME"}`, with `operation`, `times`, `after` and parameters.

    The name may be the whole fault in text, as the command line has it.
    """
    body = request.json()
    name = body.pop("fault", None)
    if not isinstance(name, str):
        raise invalid_request("Expected a string, the name of a fault.", "fault")
    try:
        rule = _rule(body, name) if body else parse(name)
        emulator.faults.put(rule)
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


def _clear_faults(emulator: "Emulator", _: Request) -> Reply:
    """Take away the faults that wait."""
    emulator.faults.clear()
    return json_reply({"waiting": []})


def _add_reply(emulator: "Emulator", request: Request) -> Reply:
    """`{"output": [TEXT or ITEM, ...], "times": 1}`: the next response's output."""
    body = request.json()
    output: Any = body.get("output")
    times: Any = body.get("times", 1)
    if not isinstance(output, list):
        raise invalid_request("Expected a list of texts and output items.", "output")
    if type(times) is not int or not 0 < times <= MAX_TIMES:
        raise invalid_request(f"Expected a number from 1 to {MAX_TIMES}.", "times")
    try:
        emulator.reply_with(*cast("list[Any]", output), times=times)
    except ValueError as error:
        raise invalid_request(str(error), "output") from None
    return json_reply({"waiting": len(emulator.scripted)})


def _list_requests(emulator: "Emulator", _: Request) -> Reply:
    """The last requests, oldest first."""
    if emulator.journal is None:
        raise _NO_JOURNAL
    return json_reply({"data": [one.as_json() for one in emulator.requests]})


def _verdict(emulator: "Emulator", _: Request) -> Reply:
    """How the client behaved."""
    if emulator.journal is None:
        raise _NO_JOURNAL
    return json_reply(emulator.verdict().as_json())


def _reset(emulator: "Emulator", _: Request) -> Reply:
    """Forget everything."""
    emulator.reset()
    return json_reply({"reset": True})


MAX_TIMES = 1_000
_NO_JOURNAL = invalid_request("No journal is kept: start the emulator with --journal.")
_ACTIONS: dict[tuple[str, str], Callable[["Emulator", Request], Reply]] = {
    ("GET", "/emulator/faults"): _list_faults,
    ("POST", "/emulator/faults"): _add_fault,
    ("DELETE", "/emulator/faults"): _clear_faults,
    ("POST", "/emulator/replies"): _add_reply,
    ("GET", "/emulator/requests"): _list_requests,
    ("GET", "/emulator/verdict"): _verdict,
    ("POST", "/emulator/reset"): _reset,
}
