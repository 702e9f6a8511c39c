"""Hold what an emulator answers against the published contracts."""

from collections.abc import Iterator
from typing import Any

import orjson

from emulator.tests.conftest import Client
from emulator.tests.contract.check import checker
from responses_emulator.frames import server_sent
from responses_emulator.http import Pause, Reply

Call = tuple[str, str, dict[str, Any] | None]  # method, path below the base, body


def violations(client: Client, contract: str, calls: list[Call]) -> list[str]:
    """What a contract forbids of these exchanges, a line each."""
    found: list[str] = []
    for method, path, body in calls:
        reply = client.send(method, path, body)
        pieces = [reply.body] if isinstance(reply.body, bytes) else read(client, reply)
        exchange = {
            "method": method,
            "url": f"http://localhost{client.base}{path}",
            "request_headers": {"content-type": "application/json"},
            "request_body": "" if body is None else orjson.dumps(body).decode(),
            "status": reply.status,
            "response_headers": reply.headers,
            "response_body": b"".join(pieces).decode(),
        }
        found += checker(contract).violations(exchange)
    return found


def read(client: Client, reply: Reply) -> Iterator[bytes]:
    """The pieces of a streamed reply; its pauses pass on the client's clock."""
    assert not isinstance(reply.body, bytes)
    for piece in map(server_sent, reply.body):
        if isinstance(piece, Pause):
            client.clock.sleep(piece.seconds)
        else:
            yield piece
