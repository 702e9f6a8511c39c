"""Every exchange of a run that was answered 2xx, held against contracts and SDK.

An exchange is a dict as `responses_emulator.observers.record` writes it; `test` is
whose it is.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import orjson
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
from emulator.tests.contract.lacking import rows

Exchange = dict[str, Any]
# Its breaches of the contracts, those by what a contract lacks among them: contract and
# line.
Breaches = list[tuple[str, str]]

# What tests of the suite send although a contract forbids it, and the emulator, as the
# service does, lets through. What a contract lacks stands in contract/lacking.py.
LET_THROUGH = (
    # Of what the service made and a client sends back, there may be more: what the SDK
    # has parsed, or what a contract has in the output alone.
    r"  request  \$\.input\[\d+\]\.(\S+\.)?parsed(_arguments)?  additionalProperties: ",
    r"  request  \$\.input\[\d+\]\.(environment|status)  additionalProperties: ",
    # Or less: LangChain leaves out `outputs`, and by its recordings is answered.
    r"  request  \$\.input\[\d+\]\.(call_id|content|result|role|status)  required: ",
    r"  request  \$\.input\[\d+\]\.outputs  required: ",
    # Newer than Azure's file; openai-python's generated tests send them.
    r"  request  \$\.network_policy  additionalProperties: ",
    r"  \$\.tools\[\d+\]\.output_schema  additionalProperties: ",
    # An assistant's message that has no status.
    r"  request  \$\.input\[\d+\]\.content\[\d+\]\.type  enum: \"output_text\" ",
    # The SDK's dumps have null where there is nothing.
    r"  request  \$\.input\[\d+\]\.\w+  (enum|type): null is not ",
)

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


def held(exchange: Exchange) -> tuple[Exchange, Breaches]:
    """The exchange, and all that the contracts forbid of it."""
    return exchange, [
        (contract, str(fault))
        for contract in CONTRACTS
        for fault in checker(contract).faults(exchange)
    ]


def faults(traffic: list[tuple[Exchange, Breaches]]) -> Iterator[tuple[str, str]]:
    """What is wrong with single exchanges: the test that had them, and the text."""
    told_of: dict[str, dict[str, None]] = defaultdict(dict)  # in order, each once
    for exchange, breaches in traffic:
        for told in (*forbidden(exchange, breaches), *misfits(exchange)):
            told_of[exchange["test"]][told] = None
    for test, told in told_of.items():
        yield test, "\n".join(told)


def forbidden(exchange: Exchange, breaches: Breaches) -> Iterator[str]:
    """Breaches of the contracts, without what these lack and what is let through."""
    for contract, line in breaches:
        let_through = any(re.search(each, line) for each in LET_THROUGH)
        if not rows(contract, line) and not let_through:
            yield f"{contract}: {line}\n  {exchange['request_body'][:300]}".rstrip()


def misfits(exchange: Exchange) -> Iterator[str]:
    """The places where a reply is not what the SDK's types say."""
    body = exchange["response_body"]
    if SDK_LAGS in body:
        return
    path = exchange["url"].partition("?")[0]
    for value in values(exchange["response_headers"]["content-type"], body):
        for place in misfit_places(value, path):
            if not place.endswith(AZURE_OMITS):
                yield f"the SDK's types: {exchange['url']}: {place}"


def values(content_type: str, body: str) -> Iterator[Any]:
    """The JSON of a reply, or of each of its events; nothing if it is a file."""
    if content_type.startswith("text/event-stream"):
        for frame in body.split("\n\n")[:-1]:
            yield orjson.loads(frame.partition("\ndata: ")[2])
    elif content_type.startswith("application/json"):
        yield orjson.loads(body)


def misfit_places(value: dict[str, Any], path: str) -> Iterator[str]:
    """The places where a reply or an event is not what the SDK's type says.

    Strictly: `construct`, which the client uses, would let anything through.
    """
    for element in value["data"] if isinstance(value.get("data"), list) else ():
        yield from misfit_places(element, path)
    name = value.get("object")
    if name == "list" or str(name).endswith(".page"):
        return
    if name == "response.compaction":
        # The contract has messages of the user in there, and the SDK's type has not.
        for item in value["output"]:
            yield from misfit_places(item, "/input_items")
        value = value | {"output": []}
    text = orjson.dumps(value)
    has_agents = b'"agent_name"' in text
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
        adapter(type).validate_json(text, strict=True)
    except ValidationError as error:
        for fault in error.errors():
            yield ".".join(str(key) for key in fault["loc"])


@cache
def adapter(type: Any) -> TypeAdapter[Any]:
    return TypeAdapter(type)
