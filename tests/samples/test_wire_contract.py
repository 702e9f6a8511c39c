"""All that the samples send and the emulator answers, held against the contracts."""

import importlib.util
import re
from pathlib import Path

import orjson
import pytest
from openai.types.beta import BetaResponse
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from emulator.record import exchange_record
from tests.samples.test_every_sample import NAMES

CHECKER = Path(__file__).parents[3] / "shared" / "contract" / "spec_check.py"


def spec_check():
    if not CHECKER.exists():
        pytest.skip(f"the published contracts are not here: {CHECKER}")
    import sys

    spec = importlib.util.spec_from_file_location("spec_check", CHECKER)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["spec_check"] = module  # its dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def checkers():
    module = spec_check()
    return {
        "azure": module.SpecChecker("azure"),
        "openai": module.SpecChecker("openai", azure_extensions=True),
    }


@pytest.mark.parametrize("name", NAMES)
def test_traffic_keeps_to_both_published_contracts(name, checkers, finish, service):
    finish(name)

    # Each contract is behind the service here and there; that module says where.
    from tests.emulator.test_all_traffic import ALLOWED, EITHER

    assert service.exchanges
    for contract, checker in checkers.items():
        allowed = re.compile("|".join([*ALLOWED[contract], *EITHER]))
        for exchange in service.exchanges:
            found = checker.check_exchange(exchange_record(exchange))
            lines = [v.line() for v in found if v.severity == "error"]
            assert [line for line in lines if not allowed.search(line)] == []


@pytest.mark.parametrize("name", NAMES)
def test_replies_keep_to_the_types_of_the_sdk(name, finish, service):
    """Strictly: `construct`, which the client uses, would let anything through."""
    finish(name)

    event_type = TypeAdapter(ResponseStreamEvent)
    for exchange in service.exchanges:
        body = b"".join(exchange.body)
        if not exchange.request.path.rstrip("/").endswith("/responses"):
            continue
        if exchange.reply.headers["content-type"].startswith("text/event-stream"):
            for line in body.splitlines():
                if line.startswith(b"data: "):
                    event_type.validate_python(complete(orjson.loads(line[6:])))
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
