"""How a sample may end when something goes wrong, and how it may not.

`recovered`: what is printed is what a run without the fault prints. `told`: the model
or the reader got to know, and the answer is whole. `clear`: the script stops and names
the cause. All else is bad, and says what it is.
"""

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import httpx2
import openai
from azure.core.exceptions import ClientAuthenticationError
from pydantic import ValidationError
from websockets.exceptions import WebSocketException

from responses_emulator.account import MCP_KEY
from tests.samples.conftest import KEY, Run, Service

BLAMES = ("error", "last_error", "incomplete_details")


def trouble(result: Run, service: Service, lost: list[object]) -> str:
    """What no ending may have, whatever happened: empty where there is nothing."""
    said = everything_said(result)
    if any(secret in said for secret in (KEY, MCP_KEY, "eyJ")):
        return "a secret is printed"
    left = [each for each in service.left_behind() if each not in lost]
    if left:
        return f"left behind: {left}"
    if service.open:
        return f"still being read: {[each.request.target for each in service.open]}"
    return ""


def everything_said(result: Run) -> str:
    """All that a user gets to see: the output, and the traceback's last lines."""
    told = [result.output, result.errors]
    error = result.error
    while error:
        told += [str(error), repr(error)]
        hidden = None if error.__suppress_context__ else error.__context__
        error = error.__cause__ or hidden
    return "\n".join(told)


def names_the_cause(error: BaseException) -> bool:
    """Whether the last line that a user sees says what happened."""
    if isinstance(error, SystemExit):
        return isinstance(error.code, str) and len(error.code.split()) > 1
    if isinstance(error, openai.APIStatusError):
        return str(error.status_code) in str(error)
    if isinstance(error, openai.OpenAIError | httpx2.HTTPError):
        return len(str(error).split()) > 1
    if isinstance(error, ClientAuthenticationError):
        return "identity" in str(error)
    if isinstance(error, RuntimeError):  # the SDK's, of a stream that broke off
        return "`response.completed`" in str(error)
    if isinstance(error, WebSocketException):  # of a WebSocket
        return len(str(error).split()) > 1
    return isinstance(error, json.JSONDecodeError | ValidationError)


def plain(output: str) -> str:
    """What is printed, without ids, paths, times, counts and reports of waiting."""
    output = whole(output)
    output = re.sub(r"(?m)^ *[\d.]+ s  \S.*\n", "", output)
    return re.sub(r"[0-9a-f]{16,}|/\S+|\d+(?:\.\d+)?", "#", output)


def whole(output: str) -> str:
    """What is printed, without the line on a connection that is lost in its middle."""
    return re.sub(r"\n--- Lost after event \d+: .*\n", "", output)


def reasons(status: int, pieces: list[Any]) -> set[str]:
    """What a reply says went wrong: the texts of its errors; a stream's last event."""
    body = (bodies(pieces) or [None])[-1]
    if body is None:
        return set()  # an edge server's plain text: the SDK shows the status alone
    return set(texts(body) if status >= 400 else blame(body))


def text_in(pieces: list[Any]) -> str:
    """The text that a reply brings: of a stream, as far as it came."""
    found = bodies(pieces)
    deltas = [
        b["delta"] for b in found if b.get("type") == "response.output_text.delta"
    ]
    items = [item for body in found for item in body.get("output") or []]
    items = [item for item in items if _is_of_the_root(item)]
    parts = [part for item in items for part in item.get("content") or []]
    return "".join(deltas or [part["text"] for part in parts if "text" in part])


def _is_of_the_root(item: dict[str, Any]) -> bool:
    """Whether an item is for the user, and not for the first of several agents."""
    return (item.get("agent") or {}).get("agent_name", "/root") == "/root"


def bodies(pieces: list[Any]) -> list[dict[str, Any]]:
    """The JSON of a plain reply, or of a stream's events; nothing where it is none."""
    found: list[dict[str, Any]] = []
    for piece in pieces:
        if isinstance(piece, dict):
            found.append(piece)
        elif isinstance(piece, bytes):
            with suppress(ValueError):
                found.append(json.loads(piece))
    return found


def blame(value: Any) -> Iterator[str]:
    """The texts of all errors in some JSON, however deep."""
    for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if name in BLAMES:
            yield from texts(inner)
        elif isinstance(inner, dict | list):
            yield from blame(inner)


def texts(value: Any) -> Iterator[str]:
    """All texts in some JSON; not those that name a type only."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name != "type":
                yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)
