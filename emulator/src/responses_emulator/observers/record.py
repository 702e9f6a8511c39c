"""Write every exchange to a file: one JSON object per line, secrets masked.

Each line holds `method`, `url` (path and query), `request_headers`, `request_body`,
`status`, `response_headers` and `response_body`. Bodies are text; where they are not,
they are base64 and `request_body_encoding` or `response_body_encoding` says so.
`aborted` stands in the line of a reply that was not read to its end. Requests for a
token, those to the MCP server and deliveries to webhook endpoints are no part of the
API and are not recorded.
"""

import base64
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson

from responses_emulator.account import MCP_PATH, TOKEN_PATH
from responses_emulator.frames import server_sent
from responses_emulator.observers.lines import Lines, appended_to
from responses_emulator.observers.masking import (
    mask_headers,
    mask_json,
    mask_target,
    mask_text,
)
from responses_emulator.observers.observe import Exchange, Observer


@contextmanager
def recording(path: Path) -> Generator[Observer]:
    """An observer that appends to `path`, which only its owner may read."""
    with appended_to(path) as file:
        yield _Recorder(Lines(file, str(path)))


class _Recorder(Observer):
    def __init__(self, lines: Lines[bytes]) -> None:
        self._lines = lines

    def ended(self, exchange: Exchange) -> None:
        path = exchange.request.path
        if path in (TOKEN_PATH, MCP_PATH) or not path.startswith("/"):
            return
        line = orjson.dumps(exchange_record(exchange), option=orjson.OPT_APPEND_NEWLINE)
        self._lines.write(line)


def exchange_record(exchange: Exchange) -> dict[str, Any]:
    """What is written of an exchange."""
    request, reply = exchange.request, exchange.reply
    headers = reply.headers if reply else {}
    record: dict[str, Any] = {
        "method": request.method,
        "url": mask_target(request.target),
        "request_headers": mask_headers(request.headers),
        **_body("request_body", _masked(request.body)),
        "status": (reply.status or None) if reply else None,
        "response_headers": mask_headers(headers),
    }
    events = map(mask_json, map(orjson.loads, exchange.events))
    streamed = b"".join(map(server_sent, events))
    record |= _body("response_body", streamed or _masked(b"".join(exchange.body)))
    if exchange.broken:
        record["aborted"] = "the reply was not read to its end"
    return record


def _body(name: str, body: bytes) -> dict[str, str]:
    try:
        return {name: body.decode()}
    except UnicodeDecodeError:
        text = base64.b64encode(body).decode()
        return {name: text, f"{name}_encoding": "base64"}


def _masked(body: bytes) -> bytes:
    """The body as it was, to the byte, unless there is a secret in it."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        if not body.lstrip().startswith((b"{", b"[")):
            return body
        return mask_text(body.decode("latin-1")).encode("latin-1")
    masked = mask_json(value)
    return body if masked == value else orjson.dumps(masked)
