"""Every exchange of this run that was answered 2xx, held against contracts and SDK.

These tests run last. What they see depends on which tests ran before them, and is not
what ran apart.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import pytest
from openai import types
from openai.types import (
    beta,
    containers,
    conversations,
    responses,
    skills,
    vector_stores,
)
from pydantic import BaseModel, TypeAdapter, ValidationError

from emulator.tests.contract.check import CONTRACTS, checker
from emulator.tests.contract.distil import recorded
from emulator.tests.contract.lacking import rows
from emulator.tests.traffic import Traffic
from responses_emulator.observe import Exchange
from responses_emulator.record import exchange_record

# What tests of the suite send although a contract forbids it, and the emulator, as the
# service does, lets through. What a contract lacks stands in contract/lacking.py.
LET_THROUGH = (
    # Of what the service made and a client sends back, there may be more: what the SDK
    # has parsed, or what a contract has in the output alone.
    r"  request  \$\.input\[\d+\]\.(\S+\.)?parsed(_arguments)?  additionalProperties: ",
    r"  request  \$\.input\[\d+\]\.(environment|status)  additionalProperties: ",
    # Or less.
    r"  request  \$\.input\[\d+\]\.(call_id|content|result|role|status)  required: ",
    # An assistant's message that has no status.
    r"  request  \$\.input\[\d+\]\.content\[\d+\]\.type  enum: \"output_text\" ",
    # The SDK's dumps have null where there is nothing.
    r"  request  \$\.input\[\d+\]\.\w+  (enum|type): null is not ",
)

# A stream that the filter blocks ends as users saw it, and no contract has that.
BLOCKED = b'"code":"content_policy_violation"'

# What the SDK asks for and Azure does not send, by the end of the place.
AZURE_OMITS = "usage.input_tokens_details.cache_write_tokens"
# The SDK's list of tools that can be forced lags behind its list of tools.
SDK_LAGS = '"tool_choice":{"type":"web_search"}'

TYPES: dict[str, Any] = {
    "batch": types.Batch,
    "container": types.ContainerRetrieveResponse,
    "container.file": containers.FileRetrieveResponse,
    "conversation": conversations.Conversation,
    "file": types.FileObject,
    "model": types.Model,
    "response": responses.Response,
    "response.compaction": responses.CompactedResponse,
    "skill": types.Skill,
    "skill.version": skills.SkillVersion,
    "vector_store": types.VectorStore,
    "vector_store.file": vector_stores.VectorStoreFile,
    "vector_store.files_batch": vector_stores.VectorStoreFileBatch,
    # Azure's page has another name for the object than the SDK.
    "webhook.endpoint": dict[str, Any],
}
DELETED: dict[str, Any] = {
    "conversation.deleted": conversations.ConversationDeletedResource,
    "file": types.FileDeleted,
    "skill.deleted": types.DeletedSkill,
    "skill.version.deleted": skills.DeletedSkillVersion,
    "vector_store.deleted": types.VectorStoreDeleted,
    "vector_store.file.deleted": vector_stores.VectorStoreFileDeleted,
    # The SDK reads nothing out of these.
    "container.deleted": dict[str, Any],
    "container.file.deleted": dict[str, Any],
    "response": dict[str, Any],
    "webhook.endpoint.deleted": dict[str, Any],
}
# By the path, what does not say which object it is.
ELEMENTS: dict[str, Any] = {
    r"/input_items$": responses.ResponseItem,
    r"/conversations/[^/]+/items": conversations.ConversationItem,
    r"/search$": types.VectorStoreSearchResponse,
    r"/content$": vector_stores.FileContentResponse,
}


def by_type(union: Any) -> dict[str, type[BaseModel]]:
    """The events of a union, by their types."""
    return {
        type: event
        for event in get_args(get_args(union)[0])
        for type in get_args(event.model_fields["type"].annotation)
    }


EVENTS = by_type(responses.ResponseStreamEvent)
AGENT_EVENTS = by_type(beta.BetaResponseStreamEvent)  # of a run of several agents


def different(traffic: Traffic) -> list[Exchange]:
    """One of each kind of exchange with the API."""
    kinds = {
        (e.request.method, e.request.target, e.request.body): e
        for e in traffic.to_the_api()
        if BLOCKED not in b"".join(e.body)
    }
    return list(kinds.values())


@cache
def forbidden(exchange: Exchange) -> list[tuple[str, str]]:
    """What the contracts forbid of it: contract and line, what they lack among them."""
    record = exchange_record(exchange)
    return [
        (contract, str(fault))
        for contract in CONTRACTS
        for fault in checker(contract).faults(record)
    ]


@pytest.fixture
def exchanges(traffic: Traffic) -> list[Exchange]:
    """None if no test ran before; whether all are there, `test_whole_run.py` tells."""
    return different(traffic)


def test_no_exchange_breaks_a_published_contract(exchanges: list[Exchange]) -> None:
    let_through = re.compile("|".join(LET_THROUGH))
    found: set[str] = set()
    for exchange in exchanges:
        for contract, line in forbidden(exchange):
            if not rows(contract, line) and not let_through.search(line):
                found.add(f"{contract}: {line}\n  {exchange.request.body[:300]!r}")
    assert not found, "\n".join(sorted(found))


def test_every_reply_is_what_the_sdk_types_say(exchanges: list[Exchange]) -> None:
    found: set[str] = set()
    for exchange in exchanges:
        body = b"".join(exchange.body).decode(errors="replace")
        assert exchange.reply
        for value in values(exchange.reply.headers["content-type"], body):
            for fault in faults(value, exchange.request.path):
                if not fault.endswith(AZURE_OMITS) and SDK_LAGS not in body:
                    found.add(f"{exchange.request.target}: {fault}")
    assert not found, "\n".join(sorted(found))


def test_azures_own_replies_break_the_sdk_types_in_one_place() -> None:
    found: set[str] = set()
    for exchange in recorded():
        if exchange["status"] < 300:
            type = exchange["response_headers"]["Content-Type"]
            for value in values(type, exchange["response_body"]):
                found.update(faults(value, exchange["url"]))
    assert {fault.removeprefix("response.") for fault in found} == {AZURE_OMITS}


def values(content_type: str, body: str) -> Iterator[Any]:
    """The JSON of a reply, or of each of its events; nothing if it is a file."""
    if content_type.startswith("text/event-stream"):
        for frame in body.split("\n\n")[:-1]:
            yield json.loads(frame.partition("\ndata: ")[2])
    elif content_type.startswith("application/json"):
        yield json.loads(body)


def faults(value: dict[str, Any], path: str) -> Iterator[str]:
    """The places where a reply or an event is not what the SDK's type says.

    Strictly: `construct`, which the client uses, would let anything through.
    """
    for element in value["data"] if isinstance(value.get("data"), list) else ():
        yield from faults(element, path)
    name = value.get("object")
    if name == "list" or str(name).endswith(".page"):
        return
    if name == "response.compaction":
        # The contract has messages of the user in there, and the SDK's type has not.
        for item in value["output"]:
            yield from faults(item, "/input_items")
        value = value | {"output": []}
    has_agents = '"agent_name"' in json.dumps(value)
    if "sequence_number" in value:
        type = (AGENT_EVENTS if has_agents else EVENTS).get(value["type"])
    elif name == "response" and has_agents and not value.get("deleted"):
        type = beta.BetaResponse
    elif value.get("deleted"):
        type = DELETED.get(name)
    elif name in TYPES:
        type = TYPES[name]
    else:
        type = next((t for end, t in ELEMENTS.items() if re.search(end, path)), None)
    if type is None:
        yield f"no type of the SDK is known for {value}"
        return
    try:
        adapter(type).validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        for fault in error.errors():
            yield ".".join(str(key) for key in fault["loc"])


@cache
def adapter(type: Any) -> TypeAdapter[Any]:
    return TypeAdapter(type)
