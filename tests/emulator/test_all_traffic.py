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

from emulator.observe import Exchange
from emulator.record import exchange_record
from tests.emulator.exchanges import checker
from tests.emulator.test_recorded import RECORDED
from tests.traffic import Traffic

NEWER = "newer than this contract"

# Where a contract is behind the service, or at odds with itself: what stands in a
# violation, and why it is none.
ALLOWED: dict[str, dict[str, str]] = {
    "azure": {
        # Documented by Microsoft as working; held against OpenAI's contract.
        r"tool_search|\bnamespace\b|defer_loading": NEWER,
        r"\.error  wrong_type: .* got object .*\[OpenAI\.\S*Mcp": NEWER,
        r"'(allowed_callers|mode|context|phase)' is not in the schema": NEWER,
        r"tools\[\d+\]\.action  unknown_property": NEWER,  # of image_generation
        r'"computer"|\[OpenAI\.\S*ComputerToolCall\]': NEWER,
        r"FunctionShell|shell_call_": NEWER,
        r"POST /containers  request  \$\.skills ": NEWER,
        r"context_management|compaction|/compact ": NEWER,
        r"cache_write_tokens|prompt_cache_(options|breakpoint)": NEWER,
        r'reasoning\.effort  bad_enum: "max"': "it is older than gpt-5.6, which has it",
        r"misalignment|data_residency_mismatch|bio_policy": "codes of the SDK's, newer",
        r"custom_blocklists  wrong_type: .* got null": "clients have met it",
        r'purpose  bad_enum: "vision" is not one of': NEWER,  # Microsoft documents it
        r"web_search(_preview)?_20\d\d": "it has no dated names",
        r'filters\.type .* "n?in" is not': NEWER,
        # The parameters of the SDK that Azure's file leaves out.
        r"GET /containers .* query  name ": "a filter that OpenAI's contract has",
        r"/input_items .* query  include ": "a parameter that OpenAI's contract has",
        r"/files/\{file_id\}/content  response": "it has the page of a search there",
        r"  request  \$\.input\[\d+\]\.type  .* got null": "a reference's may be null",
        # Said to be a form; Azure's documentation sends JSON, to `/v1/responses` too.
        r"POST /batches .* request ": "older than batches of responses",
        r"POST /conversations  request  \$  missing_body": "every property is optional",
        r"POST /containers/\S+/files  request .* content_type": "its text allows JSON",
    },
    "openai": {
        r"GET /models|(GET|POST) /batches": "the file was cut down to other operations",
        r"\[EmptyModelParam\]": "stands where a function's JSON Schema does",
        r"\[MCPApprovalResponse\]": "the item as stored, mixed up with the one sent",
        r"compaction\.compacting": "an event of the SDK, newer than this contract",
    },
}
EITHER = [
    # Documented by Microsoft, and in neither: webhooks, and the preview of agents.
    r"/dashboard/webhook_endpoints",
    r"query parameter 'beta' is not declared",
    r"multi_agent|agent_message|property 'agent' is not in the schema",
    # Newer than both: of the SDK alone.
    r"(GET|POST|DELETE) /skills",
    r"property '(async|image)' is not in the schema",
    # Both have it in the list of tools, and forget it in the list of those to force.
    r'tool_choice\.type  unknown_variant: type "web_search" ',
    # In what the service made and a client sends back, more or less is let through.
    r"  request  \$\.input\[\d+\]\.[\w.\[\]]+  "
    r"(unknown_property|missing_required|wrong_type.* got null)",
    # A stream that its reader leaves, as if the connection had been lost.
    r"POST /responses  sse\[end\] .* seq.no_terminal",
    # A stream that is taken up again after its last event.
    r"GET /responses/\{response_id\}  sse\[end\] .* seq.empty",
]

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


def is_allowed(line: str) -> bool:
    """Whether a violation is one of a contract that is behind the service."""
    lines = [*ALLOWED["azure"], *ALLOWED["openai"], *EITHER]
    return any(re.search(each, line) for each in lines)


@pytest.fixture
def exchanges(traffic: Traffic) -> list[Exchange]:
    """One of each kind of exchange with the API; skips the test where there is none."""
    different = {
        (e.request.method, e.request.target, e.request.body): e
        for e in traffic.exchanges
        if e.request.path.startswith("/openai/") and BLOCKED not in b"".join(e.body)
    }
    if not different:
        pytest.skip("no test that ran before this one has asked an emulator anything")
    return list(different.values())


@pytest.mark.parametrize("contract", ALLOWED)
def test_no_exchange_breaks_a_published_contract(
    contract: str, exchanges: list[Exchange]
) -> None:
    allowed = re.compile("|".join([*ALLOWED[contract], *EITHER]))
    found: set[str] = set()
    for exchange in exchanges:
        for violation in checker(contract).check_exchange(exchange_record(exchange)):
            line = violation.line()
            if violation.severity == "error" and not allowed.search(line):
                found.add(f"{line}\n  {exchange.request.body[:300]!r}")
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


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded traffic is not here")
def test_azures_own_replies_break_the_sdk_types_in_one_place() -> None:
    found: set[str] = set()
    for file in RECORDED.glob("*.jsonl"):
        for line in file.read_text(encoding="utf-8").splitlines():
            exchange = json.loads(line)
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
