"""All that the samples send and the emulator answers, held against the contracts."""

import orjson
import pytest
from openai.types.beta import BetaResponse
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from emulator.tests.contract.check import violations
from responses_emulator.observers.record import exchange_record
from tests.samples.test_every_sample import NAMES

# They leave a stream before its end, as if the connection had been lost.
LEAVES_A_STREAM = ("responses-background-stream-aoai-v1.py",)
EVENT = TypeAdapter(ResponseStreamEvent)


@pytest.mark.parametrize("name", NAMES)
def test_traffic_keeps_to_both_published_contracts(name, finished):
    traffic = [exchange_record(exchange) for exchange in finished(name).exchanges]

    assert traffic
    assert violations(traffic) == []
    assert bool(unfinished(traffic)) == (name in LEAVES_A_STREAM)


def unfinished(traffic):
    """What a contract says of the ends of streams, had they all been read to there."""
    for exchange in traffic:
        exchange.pop("aborted", None)
    return violations(traffic, ["azure"])


@pytest.mark.parametrize("name", NAMES)
def test_replies_keep_to_the_types_of_the_sdk(name, finished):
    """Strictly: `construct`, which the client uses, would let anything through."""
    for exchange in finished(name).exchanges:
        body = b"".join(exchange.body)
        if not exchange.request.path.rstrip("/").endswith("/responses"):
            continue
        if exchange.reply.headers["content-type"].startswith("text/event-stream"):
            assert exchange.events
            for event in map(orjson.loads, exchange.events):
                EVENT.validate_python(complete(event))
        else:
            has_agents = b'"agent_name"' in body
            type = BetaResponse if has_agents else Response
            type.model_validate(complete(orjson.loads(body)))


def complete(value):
    """The one field that the SDK's type asks for and Azure does not send."""
    response = value.get("response", value)
    if response.get("usage"):
        response["usage"]["input_tokens_details"]["cache_write_tokens"] = 0
    return value
