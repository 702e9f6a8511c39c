"""What a live Azure resource answered, and what the emulator answers to the same."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from emulator.tests.contract.distil import recorded
from responses_emulator.account import KEY, deployment
from responses_emulator.core import Emulator
from responses_emulator.frames import server_sent
from responses_emulator.http import Request

# Declared, because the recorded resource has a deployment of this name.
NANO = deployment("gpt-5-nano")

# Where the two may differ, by the end of the path. The recordings are of September
# 2025. Payloads of 2026 have these fields, and the emulator follows the newer ones.
NEWER = (
    "completed_at",
    "frequency_penalty",
    "presence_penalty",
    "prompt_cache_retention",
    "text.verbosity",
    "top_logprobs",
)
# In the newer payloads a list where the recordings have null.
NEWER_TYPES = ("content_filters",)
# Tools in the first recordings came back without it, in the last ones with it.
SOMETIMES = ("parameters.additionalProperties",)


@pytest.mark.parametrize("exchange", recorded())
def test_a_recorded_request_gets_the_status_and_the_shape_that_azure_gave(
    exchange: dict[str, Any],
) -> None:
    headers = {name.lower(): v for name, v in exchange["request_headers"].items()}
    request = Request(
        exchange["method"],
        exchange["url"],
        {**headers, "api-key": KEY},
        exchange["request_body"].encode(),
    )

    reply = Emulator(deployments=[NANO]).handle(request)

    pieces = [reply.body] if isinstance(reply.body, bytes) else reply.body
    body = b"".join(map(server_sent, pieces))
    assert reply.status == exchange["status"]
    assert reply.headers["content-type"] == exchange["response_headers"]["Content-Type"]
    if reply.status == 400:
        assert json.loads(body) == json.loads(exchange["response_body"])
        return
    azure, ours = values(exchange["response_body"]), values(body.decode())
    assert [v.get("type") for v in ours] == [v.get("type") for v in azure]
    assert [*differences(azure, ours)] == []


def values(body: str) -> list[dict[str, Any]]:
    """The body, or the data of each of its events."""
    if body.startswith("event: "):
        frames = body.strip().split("\n\n")
        return [json.loads(frame.partition("\ndata: ")[2]) for frame in frames]
    return [json.loads(body)]


def differences(azure: object, ours: object, path: str = "") -> Iterator[str]:
    """Where keys, types, lengths or the words of an enum are not the same."""
    if isinstance(azure, dict) and isinstance(ours, dict):
        for name in azure.keys() | ours.keys():
            place = f"{path}.{name}"
            if name in azure and name in ours:
                yield from differences(azure[name], ours[name], place)
            elif not place.endswith(SOMETIMES if name in azure else NEWER + SOMETIMES):
                yield f"{place}: {'Azure' if name in azure else 'ours'} alone has it"
    elif isinstance(azure, list) and isinstance(ours, list):
        if len(azure) != len(ours):
            yield f"{path}: {azure!r} and {ours!r}"
        for index, (one, other) in enumerate(zip(azure, ours, strict=False)):
            yield from differences(one, other, f"{path}[{index}]")
    elif type(azure) is not type(ours):
        if not path.endswith(NEWER_TYPES):
            yield f"{path}: {azure!r} and {ours!r}"
    elif path.endswith(EXACT) and azure != ours:
        yield f"{path}: {azure!r} and {ours!r}"


EXACT = (
    ".object",
    ".type",
    ".status",
    ".reason",
    ".model",
    ".effort",
    ".max_output_tokens",
    ".output_tokens",
    ".reasoning_tokens",
    ".sequence_number",
    ".output_index",
    ".service_tier",
    ".store",
    ".strict",
    ".temperature",
    ".tool_choice",
    ".top_p",
    ".truncation",
)
