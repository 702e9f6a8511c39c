"""Make `requests.json` from the openai SDK that is installed and published contracts.

    python -m responses_emulator.contract.generate CONTRACT...

Types and names are the SDK's. Lengths, patterns, ranges, counts and formats are those
of the contracts: OpenAPI documents as JSON, of which the first counts where several
bound a value. In a checkout they are `azure-v1.json` and `openai.json`, in this order,
in the folder `emulator/tests/contract`.

The file is JSON Schema, narrowed so that the checker can walk it fast:

- `$ref` is the bare name of one of the `$defs`; a `const` is an `enum` of one.
- `nullable` says that null will do. There is no type `null`.
- An object with `properties` has no others.
- `anyOf` maps each JSON type that will do to its schema.
- Objects of several kinds are told apart by `discriminator`, the name of a property
  whose values `mapping` maps to schemas. Where it is absent, `fallback` has pairs: the
  first whose property is there says which value to assume.
- `idPrefix` is what an id begins with; empty, any id will do that has the form of one.
- `tolerant` marks what the service itself made, and a client hands back: in there null
  stands for absent. Of a key that is not known it does not: null is a value, too.

What neither of the sources says, or where Azure differs from them, is in `amend`, and
counts before the contracts.
"""

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

import openai
from openai.types import (
    batch_create_params,
    batch_list_params,
    container_create_params,
    container_list_params,
    file_create_params,
    file_list_params,
    skill_list_params,
    skill_update_params,
    vector_store_create_params,
    vector_store_list_params,
    vector_store_search_params,
    vector_store_update_params,
)
from openai.types.beta import beta_response_input_item_param as beta_items
from openai.types.beta import response_create_params as beta_create_params
from openai.types.containers import file_list_params as container_file_list_params
from openai.types.conversations import (
    conversation_create_params,
    conversation_update_params,
)
from openai.types.conversations import item_create_params as item_create
from openai.types.conversations import item_list_params as item_list
from openai.types.conversations import item_retrieve_params as item_retrieve
from openai.types.file_purpose import FilePurpose
from openai.types.responses import (
    ResponseOutputItem,
    input_item_list_params,
    response_compact_params,
    response_create_params,
    response_retrieve_params,
)
from openai.types.skills import version_list_params
from openai.types.vector_stores import (
    file_batch_create_params,
    file_batch_list_files_params,
    file_update_params,
)
from openai.types.vector_stores import file_create_params as store_file_create_params
from openai.types.vector_stores import file_list_params as store_file_list_params
from openai.types.webhooks import webhook_create_params, webhook_update_params
from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from responses_emulator.contract.bounds import carry_over

Schema = dict[str, Any]

REQUESTS = Path(__file__).with_name("requests.json")

BODIES: dict[str, Any] = {
    "conversations.create": conversation_create_params.ConversationCreateParams,
    "conversations.items.create": item_create.ItemCreateParams,
    "conversations.update": conversation_update_params.ConversationUpdateParams,
    "responses.create": response_create_params.ResponseCreateParamsBase,
    "responses.compact": response_compact_params.ResponseCompactParams,
    "webhook_endpoints.create": webhook_create_params.WebhookCreateParams,
    "webhook_endpoints.update": webhook_update_params.WebhookUpdateParams,
    "batches.create": batch_create_params.BatchCreateParams,
    "containers.create": container_create_params.ContainerCreateParams,
    "skills.update": skill_update_params.SkillUpdateParams,
    "vector_stores.create": vector_store_create_params.VectorStoreCreateParams,
    "vector_stores.update": vector_store_update_params.VectorStoreUpdateParams,
    "vector_stores.search": vector_store_search_params.VectorStoreSearchParams,
    "vector_stores.files.create": store_file_create_params.FileCreateParams,
    "vector_stores.files.update": file_update_params.FileUpdateParams,
    "vector_stores.file_batches.create": file_batch_create_params.FileBatchCreateParams,
}
QUERIES: dict[str, Any] = {
    "conversations.items.list": item_list.ItemListParams,
    "conversations.items.retrieve": item_retrieve.ItemRetrieveParams,
    "batches.list": batch_list_params.BatchListParams,
    "containers.list": container_list_params.ContainerListParams,
    "containers.files.list": container_file_list_params.FileListParams,
    "files.list": file_list_params.FileListParams,
    "skills.list": skill_list_params.SkillListParams,
    "skills.versions.list": version_list_params.VersionListParams,
    "responses.input_items.list": input_item_list_params.InputItemListParams,
    "responses.retrieve": response_retrieve_params.ResponseRetrieveParamsBase,
    "vector_stores.list": vector_store_list_params.VectorStoreListParams,
    "vector_stores.files.list": store_file_list_params.FileListParams,
    "vector_stores.file_batches.list_files": (
        file_batch_list_files_params.FileBatchListFilesParams
    ),
}
PATH_PARAMETERS = ("conversation_id", "vector_store_id", "webhook_endpoint_id")

# Only a client makes these, although the service may list them as output.
CLIENT_MADE = {
    "additional_tools",
    "computer_call_output",
    "custom_tool_call_output",
    "function_call_output",
    "local_shell_call_output",
    "mcp_approval_response",
}
AZURES_EVENTS = [
    *(f"response.{end}" for end in ("completed", "failed", "cancelled", "incomplete")),
    *(f"batch.{end}" for end in ("completed", "failed", "cancelled", "expired")),
    *(f"fine_tuning.job.{end}" for end in ("succeeded", "failed", "cancelled")),
    "realtime.call.incoming",
]
AGENT_ITEMS: dict[str, Any] = {
    "AgentMessage": beta_items.AgentMessage,
    "MultiAgentCall": beta_items.MultiAgentCall,
    "MultiAgentCallOutput": beta_items.MultiAgentCallOutput,
}
NAME = {"minLength": 1, "maxLength": 64, "pattern": "^[a-zA-Z0-9_-]+$"}
FUNCTION_NAME = NAME | {"maxLength": 128}
CALL_ID = {"minLength": 1, "maxLength": 64}
# What the ids of items begin with, by their type: as users quote the service, and else
# as recorded items have them. Of an output it is what its call's id begins with. The
# kinds that are not here have an id of any beginning.
ID_PREFIXES = {
    "apply_patch_call": "apc",
    "apply_patch_call_output": "apc",
    "code_interpreter_call": "ci",
    "compaction": "cmp",
    "computer_call": "cu",
    "computer_call_output": "cu",
    "custom_tool_call": "ctc",
    "custom_tool_call_output": "ctco",
    "file_search_call": "fs",
    "function_call": "fc",
    "function_call_output": "fc",
    "image_generation_call": "ig",
    "local_shell_call": "lsh",
    "mcp_approval_request": "mcpr",
    "mcp_approval_response": "mcp",
    "mcp_call": "mcp",
    "mcp_list_tools": "mcpl",
    "message": "msg",
    "reasoning": "rs",
    "shell_call": "sh",
    "shell_call_output": "sh",
    "tool_search_call": "tsc",
    "tool_search_output": "tso",
    "web_search_call": "ws",
}
# What may be null by Azure's contract, and not by the SDK's types.
NULLABLE = (
    ("ResponseCustomToolCallOutputParam", "id"),
    ("ResponseFormatTextJSONSchemaConfigParam", "description"),
)
MAX_TEXT = 10_485_760  # characters of a text that a request brings
MAX_ARGUMENTS = 1_048_576
TYPE_NAMES = {"string", "integer", "number", "boolean", "array", "object"}


def generate(contracts: list[dict[str, Any]]) -> str:
    """The text of `requests.json` for the SDK that is installed and these contracts."""
    types = BODIES | QUERIES
    parts: dict[str, Any] = {
        "expiry": file_create_params.ExpiresAfter,
        "MultiAgent": beta_create_params.MultiAgent,
        **AGENT_ITEMS,
    }
    adapters: list[tuple[str, JsonSchemaMode, TypeAdapter[Any]]] = [
        (name, "validation", TypeAdapter(type))
        for name, type in (types | parts).items()
    ]
    references, schemas = TypeAdapter.json_schemas(adapters)
    defs: dict[str, Schema] = schemas["$defs"]
    operations = {name: defs[_name(references[name, "validation"])] for name in types}
    operations["files.create"] = {
        "type": "object",
        "properties": {
            "file": {},  # the upload itself: a part of the form, not of any JSON
            "purpose": {"type": "string", "enum": list(get_args(FilePurpose))},
            "expires_after": references["expiry", "validation"],
        },
        "required": ["file", "purpose"],
    }
    amend(operations, defs)
    for schema in operations.values():
        for name in PATH_PARAMETERS:
            schema["properties"].pop(name, None)
        schema["required"] = sorted(
            set(schema.get("required", [])).difference(PATH_PARAMETERS)
        )
    narrowed = {name: narrow(schema, defs) for name, schema in operations.items()}
    reachable = _reachable(narrowed.values(), defs)
    for schema in reachable.values():
        # All of these go back as the service made them, and `exclude_none` drops null.
        schema["required"] = [
            name
            for name in schema.get("required", ())
            if "nullable" not in schema["properties"][name]
        ]
    for name, property in NULLABLE:
        reachable[name]["properties"][property]["nullable"] = True
    add_reported(narrowed, reachable)
    carry_over(narrowed, reachable, contracts)
    titles = [f"{one['info']['title']} {one['info']['version']}" for one in contracts]
    return _text(narrowed, reachable, titles)


def amend(operations: dict[str, Schema], defs: dict[str, Schema]) -> None:
    """Change the SDK's schemas in place to what Azure is known to do."""
    create = operations["responses.create"]["properties"]
    # The two types of the SDK for this operation differ in `stream` alone.
    create["stream"] = {"anyOf": [{"type": "boolean"}, {"type": "null"}]}
    create["user"] = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    create["model"] = {"type": "string"}
    # In no contract. The service knows them, and models that think refuse them in the
    # words that they have for `temperature`; the bounds are those of chat completions.
    for name in ("frequency_penalty", "presence_penalty"):
        number = {"type": "number", "minimum": -2, "maximum": 2}
        create[name] = {"anyOf": [number, {"type": "null"}]}
    operations["responses.create"]["required"] = ["model"]
    # Azure's contract spells it with a hyphen, the SDK with an underscore.
    create["prompt_cache_retention"]["anyOf"][0]["enum"].append("in-memory")

    # Of the prompt cache, what Azure's page has; the SDK has more.
    for name, schema in defs.items():
        if name.endswith("PromptCacheOptions"):
            for newer in ("comparison_response_id", "prewarm"):
                schema["properties"].pop(newer, None)
            schema["properties"]["ttl"]["enum"] = ["30m"]
        elif name.endswith("PromptCacheBreakpoint"):
            schema["properties"].pop("ttl", None)
    create["multi_agent"] = {
        "anyOf": [{"$ref": "#/$defs/" + _key("MultiAgent", defs)}, {"type": "null"}]
    }
    agents = defs[_key("MultiAgent", defs)]["properties"]
    agents["max_concurrent_subagents"]["minimum"] = 1

    compact = operations["responses.compact"]["properties"]
    compact["model"] = {"type": "string"}
    compact["prompt_cache_retention"] = create["prompt_cache_retention"]
    compact["previous_response_id"] = create["previous_response_id"]

    operations["responses.retrieve"]["properties"]["stream"] = {"type": "boolean"}
    # Sixteen pairs, as the descriptions of the parameters say.
    pairs = {"maxProperties": 16, "propertyNames": {"maxLength": 64}}
    files = [defs[name] for name in defs if name.endswith("File")]
    for schema in [*operations.values(), *files]:
        for name in ("metadata", "attributes"):
            if name in schema["properties"]:
                mapping = schema["properties"][name]["anyOf"][0]
                mapping |= pairs
                values = mapping["additionalProperties"]
                values.get("anyOf", [values])[0]["maxLength"] = 512

    # Tools. Traffic recorded on Azure shows functions without the two.
    function = defs["FunctionToolParam"]
    function["required"] = ["name", "type"]
    # The same function inside a namespace is typed more loosely by the SDK.
    defs["ToolFunction"]["properties"]["parameters"] = function["properties"][
        "parameters"
    ]
    for name in ("FunctionToolParam", "ToolFunction"):
        defs[name]["properties"]["name"] |= FUNCTION_NAME
    for name in ("CustomToolParam", "ResponseFormatTextJSONSchemaConfigParam"):
        defs[name]["properties"]["name"] |= NAME
    idle = operations["containers.create"]["properties"]["expires_after"]
    defs[_name(idle)]["properties"]["minutes"]["minimum"] = 1
    for name, schema in defs.items():
        domains = schema.get("properties", {}).get("allowed_domains")
        if domains and name.endswith("Filters"):
            domains["anyOf"][0]["maxItems"] = 100
    search = defs["FileSearchToolParam"]["properties"]
    search["vector_store_ids"]["minItems"] = 1  # users report the service's 400
    # As OpenAI's contract has them.
    defs["ToolSearchToolParam"]["properties"]["parameters"] = {
        "anyOf": [{"type": "object"}, {"type": "null"}]
    }
    search["max_num_results"] |= {"minimum": 1, "maximum": 50}
    for name, schema in defs.items():
        if name.endswith("RankingOptions"):
            schema["properties"]["score_threshold"] |= {"minimum": 0, "maximum": 1}
    # The SDK leaves the nested filter untyped, because it nests without end.
    defs["CompoundFilter"]["properties"]["filters"]["items"]["anyOf"][1] = {
        "$ref": "#/$defs/CompoundFilter"
    }
    # The SDK's list of tools that can be forced lags behind its list of tools.
    defs["ToolChoiceTypesParam"]["properties"]["type"]["enum"].append("web_search")

    _amend_input(create["input"]["anyOf"][1]["items"], defs)
    compact["input"] = {"anyOf": [*create["input"]["anyOf"], {"type": "null"}]}
    items = create["input"]["anyOf"][1]
    added = operations["conversations.items.create"]
    del added["properties"]["include"]  # stands in the query
    added["properties"]["items"] = items
    operations["conversations.create"]["properties"]["items"] = {
        "anyOf": [items, {"type": "null"}]
    }

    # Webhooks: the events that Azure's page lists, and bounds that a name needs.
    for name in ("webhook_endpoints.create", "webhook_endpoints.update"):
        properties = operations[name]["properties"]
        properties["event_types"]["items"] = {"type": "string", "enum": AZURES_EVENTS}
        properties["event_types"] |= {"minItems": 1, "maxItems": len(AZURES_EVENTS)}
        properties["name"] |= {"minLength": 1, "maxLength": 256}
        properties["url"] |= {"minLength": 1, "maxLength": 2_048}

    # What is kept for each of a thousand needs a bound, too; Azure tells of none.
    for name in ("vector_stores.create", "vector_stores.update", "containers.create"):
        named = operations[name]["properties"]["name"]
        named.get("anyOf", [named])[0]["maxLength"] = 4_096

    # Files. Azure has no purpose `user_data`: a document's is `assistants`.
    operations["files.create"]["properties"]["purpose"]["enum"].remove("user_data")
    # Azure's documentation writes the endpoints of a batch without `/v1`, too.
    endpoints = operations["batches.create"]["properties"]["endpoint"]["enum"]
    endpoints += [endpoint.removeprefix("/v1") for endpoint in list(endpoints)]
    for name, schema in defs.items():
        if name.endswith("ExpiresAfter"):
            schema["properties"].get("seconds", {}).update(
                minimum=1_209_600,  # 14 days, says Azure; OpenAI: an hour
                maximum=2_592_000,
            )
    chunks = defs["StaticFileChunkingStrategyParam"]["properties"]
    chunks["chunk_overlap_tokens"] |= {"minimum": 0}
    for name in QUERIES:
        limit = operations[name]["properties"].get("limit")
        if limit is not None:
            most = 10_000 if name == "files.list" else 100
            limit |= {"minimum": 1, "maximum": most}


def _amend_input(items: Schema, defs: dict[str, Schema]) -> None:
    """Give `input` the messages that the service takes, and mark its own items."""
    easy, message = defs["EasyInputMessageParam"], defs["Message"]
    output = defs["ResponseOutputMessageParam"]
    # Three types of the SDK overlap. The service goes by the role, and says of
    # an assistant's message that its parts are `output_text` and `refusal`. A phase is
    # an assistant's alone.
    phaseless = {key: one for key, one in easy["properties"].items() if key != "phase"}
    defs["InputMessage"] = {
        "type": "object",
        "properties": phaseless
        | {
            "role": message["properties"]["role"],
            "status": message["properties"]["status"],
            "id": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        },
        "required": ["content", "role"],
    }
    output["properties"]["content"] = {
        "anyOf": [{"type": "string"}, output["properties"]["content"]]
    }
    messages = {f"#/$defs/{name}" for name in ("EasyInputMessageParam", "Message")}
    items["anyOf"] = [{"$ref": "#/$defs/InputMessage"}] + [
        item for item in items["anyOf"] if item["$ref"] not in messages
    ]
    # With several agents, which are a preview, there are more.
    of_agents = [_key(name, defs) for name in AGENT_ITEMS]
    items["anyOf"] += [{"$ref": f"#/$defs/{key}"} for key in of_agents]
    for key in of_agents:
        defs[key]["tolerant"] = True
    items["fallback"] = [["role", "message"], ["id", "item_reference"]]

    output["required"] = ["content", "role"]
    # Recorded clients leave these out, and the service fills them in.
    defs["ResponseOutputTextParam"]["required"].remove("annotations")
    defs["ResponseInputImageParam"]["required"].remove("detail")
    made_by_service = {
        get_args(item.model_fields["type"].annotation)[0]: item
        for item in get_args(get_args(ResponseOutputItem)[0])
    }
    agent = defs[_key("AgentMessage", defs)]["properties"]["agent"]
    for item in items["anyOf"]:
        schema = defs[_name(item)]
        type = schema["properties"]["type"].get("const")
        if type in CLIENT_MADE or schema is defs["InputMessage"]:
            continue
        if type in made_by_service:
            schema["tolerant"] = True
            optional = {"id", "status"}
            # The SDK's `exclude_none` drops what may be null.
            optional |= {
                name
                for name, value in schema["properties"].items()
                if {"type": "null"} in value.get("anyOf", [])
            }
            schema["required"] = sorted(set(schema["required"]) - optional)
            # What an item has when it comes, it may have when it goes back.
            if "created_by" in made_by_service[type].model_fields:
                schema["properties"]["created_by"] = {"type": "string"}
            schema["properties"]["agent"] = agent
    # The SDK's type has it, and the service refuses it (openai-python#3008).
    del defs["ResponseReasoningItemParam"]["properties"]["status"]
    # Azure's contract has it of each command's output, too.
    printed = defs["ResponseFunctionShellCallOutputContentParam"]["properties"]
    printed["created_by"] = {"type": "string"}
    # A recorded call of the newer tool has null here.
    defs["ResponseComputerToolCallParam"]["required"].remove("pending_safety_checks")
    # It comes back as the text that the service gave, or as an object.
    defs["McpCall"]["properties"]["error"] = {}


def add_reported(operations: dict[str, Schema], defs: dict[str, Schema]) -> None:
    """Bounds that no contract has, and of which users quote the service's words.

    In place, in narrowed schemas. Lengths: openai/codex#14355 and #13270,
    azure-sdk-for-python#46307, coder/mux#3138, and reports to BerriAI/litellm (`user`).
    Tools: Azure refuses 135.
    The text of reasoning does not go back: querymt#976. Ids: openai-cs-agents-demo#34,
    langchainjs#11044. None of these was tried against a live resource.
    """
    create = operations["responses.create"]["properties"]
    compact = operations["responses.compact"]["properties"]
    conversation = create["conversation"]["anyOf"]["string"]
    for schema, bounds in (
        (create["input"]["anyOf"]["string"], {"maxLength": MAX_TEXT}),
        (create["instructions"], {"maxLength": MAX_ARGUMENTS}),
        (create["max_tool_calls"], {"minimum": 1}),
        (create["prompt_cache_key"], {"maxLength": 64}),
        (create["tools"], {"maxItems": 128}),
        (create["user"], {"maxLength": 64}),
        (create["previous_response_id"], {"idPrefix": "resp"}),
        (compact["previous_response_id"], {"idPrefix": "resp"}),
        (conversation, {"idPrefix": "conv"}),
    ):
        schema |= bounds
    for name, property, bounds in (
        ("ResponseConversationParamParam", "id", {"idPrefix": "conv"}),
        ("ContainerReferenceParam", "container_id", {"idPrefix": "cntr"}),
        ("CodeInterpreter", "container", {"idPrefix": "cntr"}),
        ("ToolCodeInterpreter", "container", {"idPrefix": "cntr"}),
        ("InputMessage", "content", {"maxLength": MAX_TEXT}),
        ("ResponseOutputMessageParam", "content", {"maxLength": MAX_TEXT}),
        ("ResponseInputTextParam", "text", {"maxLength": MAX_TEXT}),
        ("ResponseOutputTextParam", "text", {"maxLength": MAX_TEXT}),
        ("ResponseCustomToolCallOutputParam", "output", {"maxLength": MAX_TEXT}),
        ("ResponseFunctionToolCallParam", "arguments", {"maxLength": MAX_ARGUMENTS}),
        ("ResponseFunctionToolCallParam", "name", FUNCTION_NAME),
        ("McpApprovalResponse", "approval_request_id", {"idPrefix": "mcpr"}),
        ("ItemReference", "id", {"idPrefix": ""}),
        ("LocalShellCallOutput", "id", {"idPrefix": ""}),  # that of its call
    ):
        schema = defs[name]["properties"][property]
        schema.get("anyOf", {}).get("string", schema).update(bounds)
    defs["ResponseReasoningItemParam"]["properties"]["content"]["maxItems"] = 0
    output = defs["FunctionCallOutput"]  # with null for an id, the types say
    output["required"] = sorted({*output["required"], "call_id"})
    for type, schema in _items(create["input"]["anyOf"]["array"]["items"], defs):
        properties = schema["properties"]
        if type in ID_PREFIXES and "id" in properties:
            properties["id"] |= {"maxLength": 64, "idPrefix": ID_PREFIXES[type]}
        if "call_id" in properties:
            properties["call_id"] |= CALL_ID


def _items(union: Schema, defs: dict[str, Schema]) -> Iterable[tuple[str, Schema]]:
    """Every kind of item by its type; of messages there are several."""
    for type, variant in union["mapping"].items():
        for schema in variant.get("mapping", {"": variant}).values():
            yield type, defs[schema["$ref"]]


def narrow(schema: Schema, defs: dict[str, Schema]) -> Schema:
    """One JSON Schema, as pydantic writes it, in the form described above."""
    if "$ref" in schema:
        return {"$ref": _short(_name(schema))}
    if "anyOf" in schema:
        return _narrow_union(schema, defs)
    narrowed = {
        key: value
        for key, value in schema.items()
        if key not in {"title", "description", "default", "const"}
    }
    if "const" in schema:
        narrowed["enum"] = [schema["const"]]
    if "items" in schema:
        narrowed["items"] = narrow(schema["items"], defs)
    if "properties" in schema:
        narrowed["properties"] = {
            name: narrow(value, defs) for name, value in schema["properties"].items()
        }
        narrowed["required"] = sorted(schema.get("required", []))
    if isinstance(schema.get("additionalProperties"), dict):
        narrowed["additionalProperties"] = narrow(schema["additionalProperties"], defs)
    elif "additionalProperties" in schema:
        del narrowed["additionalProperties"]  # true: whatever keys there are
    return narrowed


def _narrow_union(schema: Schema, defs: dict[str, Schema]) -> Schema:
    """An `anyOf`: by JSON type, and objects of several kinds by their `type`."""
    by_type: dict[str, list[Schema]] = {}
    nullable: Schema = {}
    for variant in schema["anyOf"]:
        target = defs[_name(variant)] if "$ref" in variant else variant
        if target.get("type") == "null":
            nullable = {"nullable": True}
        elif "type" not in target:
            return {}
        else:
            by_type.setdefault(target["type"], []).append(variant)
    by_one = {
        type: narrow(variants[0], defs)
        if len(variants) == 1
        else _of_several(type, variants, defs)
        for type, variants in by_type.items()
    }
    unknown = by_one.keys() - TYPE_NAMES
    if unknown:
        raise ValueError(f"the checker does not know the types {sorted(unknown)}")
    if "object" in by_one and "fallback" in schema:
        by_one["object"]["fallback"] = schema["fallback"]
    if len(by_one) == 1:
        return next(iter(by_one.values())) | nullable
    return {"anyOf": by_one} | nullable


def _of_several(type: str, variants: list[Schema], defs: dict[str, Schema]) -> Schema:
    """Several variants of one JSON type as one schema."""
    if type == "object":
        return _discriminated("type", variants, defs)
    if type != "string":
        raise ValueError(f"the checker cannot tell {type} variants apart: {variants}")
    plain = [variant for variant in variants if "enum" not in variant]
    if plain:  # any string will do; the SDK lists well-known ones beside it
        return narrow(plain[0], defs)
    return {"type": "string", "enum": [value for v in variants for value in v["enum"]]}


def _discriminated(
    discriminator: str, variants: list[Schema], defs: dict[str, Schema]
) -> Schema:
    """Objects told apart by one property, and those still alike by their `role`."""
    groups: dict[str, list[Schema]] = {}
    for variant in variants:
        property = defs[_name(variant)]["properties"][discriminator]
        property = property.get("anyOf", [property])[0]
        for value in property.get("enum") or [property["const"]]:
            groups.setdefault(value, []).append(variant)
    if discriminator == "role" and any(len(group) > 1 for group in groups.values()):
        raise ValueError(f"the checker cannot tell these apart: {groups}")
    return {
        "type": "object",
        "discriminator": discriminator,
        "mapping": {
            value: narrow(group[0], defs)
            if len(group) == 1
            else _discriminated("role", group, defs)
            for value, group in groups.items()
        },
    }


def _reachable(roots: Iterable[Schema], defs: dict[str, Schema]) -> dict[str, Schema]:
    """The definitions that these schemas use, narrowed."""
    names = {_short(name): name for name in defs}
    found: dict[str, Schema] = {}
    to_do = list(roots)
    while to_do:
        for name in re.findall(r'"\$ref": "([^"]+)"', json.dumps(to_do.pop())):
            if name not in found:
                found[name] = narrow(defs[names[name]], defs)
                to_do.append(found[name])
    return found


def _key(name: str, defs: dict[str, Schema]) -> str:
    """The key of a definition by the last part of its name, of which there is one."""
    [key] = [key for key in defs if key.split("__")[-1] == name]
    return key


def _name(reference: Schema) -> str:
    """The name of the definition that a pydantic `$ref` points at."""
    return reference["$ref"].removeprefix("#/$defs/")


def _short(name: str) -> str:
    """A definition's name; of those that occur twice, the module and the name."""
    return ".".join(name.split("__")[-2:])


def _text(
    operations: dict[str, Schema], defs: dict[str, Schema], contracts: list[str]
) -> str:
    """JSON with one line for each operation and definition: diffs can be read."""

    def lines(schemas: dict[str, Schema]) -> str:
        return ",\n".join(
            f"{json.dumps(name)}:"
            f"{json.dumps(schema, sort_keys=True, separators=(',', ':'))}"
            for name, schema in sorted(schemas.items())
        )

    return (
        f'{{"openai":{json.dumps(openai.__version__)},\n'
        f'"contracts":{json.dumps(contracts)},\n'
        f'"operations":{{\n{lines(operations)}\n}},\n'
        f'"$defs":{{\n{lines(defs)}\n}}}}\n'
    )


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit("Name the published contracts, Azure's first: see the docstring.")
    documents = [json.loads(Path(name).read_text("utf-8")) for name in sys.argv[1:]]
    REQUESTS.write_text(generate(documents), encoding="utf-8")
    print(f"{REQUESTS.name}: made from openai {openai.__version__}")
