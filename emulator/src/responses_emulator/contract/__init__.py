"""Requests are held against the contract: the first fault is the service's 400.

The contract is `requests.json`; `generate.py` makes it and says what its keywords mean.
"""

import functools
import re
from collections.abc import Mapping, Sized
from pathlib import Path
from typing import Any

import orjson

from responses_emulator.contract import faults
from responses_emulator.contract.json_schema import first_fault
from responses_emulator.contract.spelling import suggestions
from responses_emulator.errors import (
    ServiceError,
    invalid_request,
    missing_parameter,
    unknown_parameter,
)

Schema = dict[str, Any]

MAX_DEPTH = 100  # levels of a body; orjson writes no more than 254 of an answer

# Parameters of chat completions that the Responses API has elsewhere. The service names
# the place of these; `max_tokens`, `n`, `seed` and others it calls unknown.
MOVED = {
    "function_call": "tool_choice",
    "functions": "tools",
    "max_completion_tokens": "max_output_tokens",
    "messages": "input",
    "reasoning_effort": "reasoning.effort",
    "response_format": "text.format",
    "verbosity": "text.verbosity",
}

_JSON_TYPES = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    list: "array",
    dict: "object",
    type(None): "null",
}
# In this order the service tells the faults of the parameters of a response, whatever
# their order in the body: measured at OpenAI with pairs of faults, in August 2026
# (kangminlee-maker/local-OAuth-CLI-API-adapter, docs/conformance-matrix.md). What is
# not here was not measured, and comes last.
_ORDER = (
    *("model", "input", "previous_response_id", "conversation", "prompt"),
    *("moderation", "include", "tools", "tool_choice", "metadata", "text"),
    *("temperature", "top_p", "presence_penalty", "frequency_penalty"),
    *("parallel_tool_calls", "stream", "stream_options", "background"),
    *("max_output_tokens", "max_tool_calls", "reasoning", "user"),
    *("safety_identifier", "prompt_cache_options", "prompt_cache_key"),
    *("prompt_cache_retention", "truncation", "instructions", "store"),
    *("service_tier", "top_logprobs", "context_management"),
)
_SOURCES = ("input", "previous_response_id", "prompt", "conversation")  # of a response
_CHUNKING = (
    *("vector_stores.create", "vector_stores.files.create"),
    "vector_stores.file_batches.create",
)
_NEEDED = ("model", "input")  # told before all else
_ANYTHING: Schema = {}
_ANY_STRING: Schema = {"type": "string"}
_ROLES = ("assistant", "system", "developer", "user")
# What the service knows in any message, or in the output of a tool.
_PARTS = frozenset(
    (
        *("input_text", "input_image", "output_text", "refusal", "input_file"),
        *("computer_screenshot", "summary_text"),
    )
)
# What the service says that it wants in these places. Null comes as what a null is to
# it where a text has to be, as users have measured it.
_WANTED = {
    "input": "one of a string or array of input items",
    "metadata": "a metadata object",
    "tools": "an array of tools",
}
# An effort may be an integer, says the service, and then takes none.
_EFFORT = "reasoning.effort"
_WANTED_OF_INTEGERS = {_EFFORT: "one of 'minimal', 'low', 'medium', or 'high'"}
_NEVER_NULL = ("input", "model")
_AN_ITEM = re.compile(r"(input|items)\[\d+\]")
_ID = re.compile(r"[A-Za-z0-9_-]+")
# Data URLs may be long: what follows the beginning is read where it is decoded.
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(//)?[^\s/]")
_NOUNS = {"integer": "integer", "number": "decimal"}  # the others are named as in JSON


def check(operation: str, body: dict[str, Any]) -> None:
    """Hold a body against the contract of an operation such as `responses.create`.

    Raises the service's 400 for the first fault: what is missing comes before what is
    unknown, and both before a wrong value. What `check_source` says comes later.
    """
    if _too_deep(body):
        raise invalid_request(
            f"Invalid body: nested too deeply. Expected at most {MAX_DEPTH} levels.",
            code="invalid_value",
        )
    schema = _contract()["operations"][operation]
    if operation == "responses.create":
        for name in _NEEDED:
            if name not in body:
                raise missing_parameter(name)
    try:
        _check(schema, body, "", False)
    except ServiceError:
        if operation == "responses.create":
            _check(schema, _in_order(body), "", False)
        raise
    if operation == "responses.create":
        _check_response(body)
    elif operation == "vector_stores.file_batches.create":
        _check_batch(body)
    if operation in _CHUNKING:
        _check_overlap(body.get("chunking_strategy") or {}, "chunking_strategy")
        for index, file in enumerate(body.get("files") or ()):
            place = f"files[{index}].chunking_strategy"
            _check_overlap(file.get("chunking_strategy") or {}, place)


def check_query(operation: str, query: Mapping[str, list[str]]) -> dict[str, Any]:
    """The query parameters of an operation, as numbers, booleans and lists.

    `query` holds every value of each name, without a trailing `[]`. Names that the
    operation does not have are left out, as the service does. Raises its 400.
    """
    properties: Schema = _contract()["operations"][operation]["properties"]
    body: dict[str, Any] = {}
    for name, schema in properties.items():
        if not query.get(name):
            continue
        text = query[name][-1]
        if schema["type"] == "array":
            body[name] = query[name]
        elif schema["type"] == "integer" and re.fullmatch(r"-?[0-9]{1,18}", text):
            body[name] = int(text)
        elif schema["type"] == "boolean" and text in ("true", "false"):
            body[name] = text == "true"
        else:
            body[name] = text
    check(operation, body)
    return body


def forgive(operation: str, body: dict[str, Any], name: str) -> None:
    """Take the keys away that items of the service's own do not have.

    The items are the body's property `name`. What is no such item is left as it is, for
    `check` to find.
    """
    if name in body:
        schema = _contract()["operations"][operation]["properties"][name]
        body[name] = _forgiven(schema, body[name], False)


def _forgiven(schema: Schema, value: Any, tolerant: bool) -> Any:
    schema = _resolve(schema)
    if not schema:
        return value  # anything will do
    if isinstance(value, list):
        items: list[Any] = value  # pyright: ignore[reportUnknownVariableType]
        schema = schema.get("anyOf", {"array": schema}).get("array", schema)
        inner: Schema = schema.get("items", _ANYTHING)
        return [_forgiven(inner, item, tolerant) for item in items]
    if not isinstance(value, dict):
        return value
    pairs: dict[str, Any] = value  # pyright: ignore[reportUnknownVariableType]
    schema = _resolve(schema.get("anyOf", {}).get("object", schema))
    try:
        while "mapping" in schema:
            schema = _variant(schema, pairs, "")
    except ServiceError:
        return pairs
    tolerant = tolerant or "tolerant" in schema
    properties: Schema = schema.get("properties", {})
    return {
        key: _forgiven(properties.get(key, _ANYTHING), item, tolerant)
        for key, item in pairs.items()
        if key in properties or not (tolerant and properties)
    }


@functools.cache
def _contract() -> dict[str, Any]:
    return orjson.loads(Path(__file__).with_name("requests.json").read_bytes())


def _resolve(schema: Schema) -> Schema:
    return _contract()["$defs"][schema["$ref"]] if "$ref" in schema else schema


def _check(schema: Schema, value: Any, path: str, tolerant: bool) -> None:
    """Raise the first fault of a value; `tolerant` as `generate.py` explains it."""
    given = _JSON_TYPES[type(value)]
    if given == "null" and "nullable" in schema:
        return
    if "anyOf" in schema:
        variants = schema["anyOf"]
        if given == "integer" and given not in variants:
            given = "number"
        if given not in variants:
            raise _wrong_type(schema, value, path)
        schema = variants[given]
    if "$ref" in schema:
        schema = _resolve(schema)
    expected = schema.get("type")
    if expected is None:
        return  # anything will do
    if given != expected and not (expected == "number" and given == "integer"):
        raise _wrong_type(schema, value, path)
    if expected == "string":
        _check_string(schema, value, path)
    elif expected == "object":
        _check_object(schema, value, path, tolerant)
    elif expected == "array":
        _check_length(
            path, value, "array", schema.get("minItems"), schema.get("maxItems")
        )
        items = schema["items"]
        for index, item in enumerate(value):
            _check(items, item, f"{path}[{index}]", tolerant)
    elif expected != "boolean":
        _check_bounds(schema, value, path)


def _check_object(
    schema: Schema, value: dict[str, Any], path: str, tolerant: bool
) -> None:
    while "mapping" in schema:
        schema = _variant(schema, value, path)
    tolerant = tolerant or "tolerant" in schema
    properties = schema.get("properties")
    if properties is None:
        _check_pairs(schema, value, path)
        return
    prefix = f"{path}." if path else ""
    for name in schema["required"]:
        if name not in value:
            raise missing_parameter(prefix + name)
    if not value.keys() <= properties.keys():
        raise _unknown(schema, value, prefix)
    for name, item in value.items():
        if tolerant and item is None and name not in schema["required"]:
            continue
        property = properties.get(name, _ANYTHING)
        # Most values are plain strings, and those need no call.
        if property != _ANY_STRING or type(item) is not str:
            _check(property, item, prefix + name, tolerant)


def _unknown(schema: Schema, value: dict[str, Any], prefix: str) -> ServiceError:
    """The fault of the first property that a schema does not have."""
    unknown = next(name for name in value if name not in schema["properties"])
    if schema is not _contract()["operations"]["responses.create"]:
        return unknown_parameter(prefix + faults.short(unknown))
    if unknown in MOVED:
        return faults.moved(unknown, MOVED[unknown])
    meant = suggestions(unknown, schema["properties"], value)
    return faults.unknown(faults.short(unknown), meant)


def _variant(schema: Schema, value: dict[str, Any], path: str) -> Schema:
    """The schema of an object of several kinds, by its `type` or `role`."""
    discriminator, mapping = schema["discriminator"], schema["mapping"]
    kind = value.get(discriminator)
    if kind is None:
        for name, assumed in schema.get("fallback", ()):
            if name in value:
                return _resolve(mapping[assumed])
    if not isinstance(kind, str) or kind not in mapping:
        raise _no_variant(schema, value, path)
    return _resolve(mapping[kind])


def _no_variant(schema: Schema, value: dict[str, Any], path: str) -> ServiceError:
    """The fault of an object that is none of the kinds that it might be.

    Of items and of what a message has in it, the service names the whole object: it
    has looked for a schema that fits. Of other objects it names the property.
    """
    discriminator, known = schema["discriminator"], sorted(schema["mapping"])
    kind = value.get(discriminator)
    is_item = "fallback" in schema
    if is_item and kind is None:
        discriminator, known = "role", _ROLES  # no type, and so a message
    if is_item or discriminator == "role":
        return faults.unsupported(path, kind if isinstance(kind, str) else "", known)
    place = f"{path}.{discriminator}"
    if discriminator not in value:
        return missing_parameter(place)
    if not isinstance(kind, str):
        return _wrong_type(_ANY_STRING, kind, place)
    if not _PARTS.issuperset(known):
        return faults.unsupported(place, kind, known)
    if kind in _PARTS:  # of another message's
        return faults.unsupported(path, kind, known)
    return faults.unsupported(place, kind, _PARTS)


def _check_pairs(schema: Schema, value: dict[str, Any], path: str) -> None:
    """An object whose keys are the caller's own, such as `metadata`."""
    most = schema.get("maxProperties")
    if most is not None and len(value) > most:
        raise faults.too_many_properties(path, len(value), most)
    longest = schema.get("propertyNames", {}).get("maxLength")
    values = schema.get("additionalProperties")
    if values is None:
        return
    for name, item in value.items():
        if longest is not None and len(name) > longest:
            raise faults.long_property_name(path, name, longest)
        _check(values, item, f"{path}.{faults.short(name)}", False)


def _check_string(schema: Schema, value: str, path: str) -> None:
    if "enum" in schema:
        if value not in schema["enum"]:
            raise faults.unsupported(path, value, schema["enum"])
        return
    if "maxLength" in schema or "minLength" in schema:
        _check_length(
            path, value, "string", schema.get("minLength"), schema.get("maxLength")
        )
    pattern = schema.get("pattern")
    if pattern is not None and not re.fullmatch(pattern, value):
        raise faults.no_match(path, pattern)
    prefix = schema.get("idPrefix")
    if prefix is not None:
        check_id(path, value, prefix)
    if "format" in schema and not _URI.match(value):
        raise faults.no_url(path)


def check_id(path: str, id: str, prefix: str) -> None:
    """Raise the fault of an id that has not the form of what it should name."""
    if not _ID.fullmatch(id):
        raise faults.odd_id(path, id)
    if not id.startswith(prefix):
        raise faults.wrong_id(path, id, prefix)
    if id.endswith("_"):  # nothing follows; the service says no more than this, either
        raise faults.odd_id(path, id)


def _check_length(
    path: str, value: Sized, noun: str, least: int | None, most: int | None
) -> None:
    if least is not None and len(value) < least:
        raise faults.empty(path, noun, least)
    if most is not None and len(value) > most:
        raise faults.too_long(path, noun, len(value), most)


def _check_bounds(schema: Schema, value: float, path: str) -> None:
    noun = _NOUNS[schema["type"]]
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and value < least:
        raise faults.below_minimum(path, noun, value, least)
    if most is not None and value > most:
        raise faults.above_maximum(path, noun, value, most)


def check_source(body: dict[str, Any]) -> None:
    """Raise the 400 of a response that is asked about nothing.

    The service looks for what a body refers to before it says so, and at what the
    model takes after it.
    """
    if not any(body.get(source) for source in _SOURCES):
        raise invalid_request(
            'One of "input" or "previous_response_id" or \'prompt\' or '
            "'conversation' must be provided.",
            code="missing_required_parameter",
        )


def _in_order(body: dict[str, Any]) -> dict[str, Any]:
    """The parameters as the service goes through them."""
    known = {name: body[name] for name in _ORDER if name in body}
    return known | body


def _check_response(body: dict[str, Any]) -> None:
    """The rules of `responses.create` that concern several parameters at once."""
    previous = body.get("previous_response_id")
    if previous is not None and body.get("conversation") is not None:
        raise faults.mutually_exclusive("previous_response_id", "conversation")
    for index, tool in enumerate(body.get("tools", ())):
        _check_tool(tool, f"tools[{index}]")
    format: dict[str, Any] = body.get("text", {}).get("format", {})
    if format.get("type") == "json_schema":
        strict = bool(format.get("strict"))
        fault = first_fault(format["schema"], strict=strict, of_function=False)
        if fault is not None:
            raise faults.format_schema(format["name"], fault)


def _check_tool(tool: dict[str, Any], path: str) -> None:
    if tool["type"] == "namespace":
        for index, inner in enumerate(tool["tools"]):
            _check_tool(inner, f"{path}.tools[{index}]")
    elif tool["type"] == "mcp":
        if not tool.keys() & {"server_url", "connector_id", "tunnel_id"}:
            raise missing_parameter(f"{path}.server_url")
    elif tool["type"] == "function" and tool.get("parameters") is not None:
        strict = bool(tool.get("strict"))
        fault = first_fault(tool["parameters"], strict=strict, of_function=True)
        if fault is not None:
            raise faults.function_schema(tool["name"], fault, path)


def _check_batch(body: dict[str, Any]) -> None:
    if "file_ids" not in body and "files" not in body:
        raise missing_parameter("file_ids")
    if "file_ids" in body and "files" in body:
        raise faults.mutually_exclusive("file_ids", "files")


def _check_overlap(strategy: dict[str, Any], path: str) -> None:
    """Chunks overlap by half of one at most, says the contract's text."""
    static: dict[str, int] | None = strategy.get("static")
    if static is None:
        return
    most = static["max_chunk_size_tokens"] // 2
    if static["chunk_overlap_tokens"] > most:
        place = f"{path}.static.chunk_overlap_tokens"
        raise invalid_request(
            f"Invalid '{place}': expected at most half of 'max_chunk_size_tokens', "
            f"{most}, but got {static['chunk_overlap_tokens']} instead.",
            place,
            "invalid_value",
        )


def _too_deep(body: Any) -> bool:
    """Whether a value has more than `MAX_DEPTH` levels; found without recursion."""
    level = [body]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for value in level
            for child in (value.values() if type(value) is dict else value)
            if type(child) is dict or type(child) is list
        ]
        if not level:
            return False
    return True


def _wrong_type(schema: Schema, value: Any, path: str) -> ServiceError:
    got = _JSON_TYPES[type(value)]
    if value is None and path in _NEVER_NULL:
        return faults.wrong_type_in_words(path, "a string", "object")
    if got == "integer" and path in _WANTED_OF_INTEGERS:
        return faults.wrong_type_in_words(path, _WANTED_OF_INTEGERS[path], got)
    if path == _EFFORT:
        named = faults.choices(schema["enum"])
        return faults.wrong_type_in_words(
            path, f"one of one of {named} or integer", got
        )
    if path.endswith(".image_url"):
        return faults.wrong_type_in_words(path, "an image URL", got)
    if path in _WANTED:
        return faults.wrong_type_in_words(path, _WANTED[path], got)
    if _AN_ITEM.fullmatch(path):
        return faults.wrong_type_in_words(path, "an input item", got)
    if "anyOf" in schema:
        expected = [_expected(variant) for variant in schema["anyOf"].values()]
    else:
        expected = [_expected(schema)]
    return faults.wrong_type(path, expected, got)


def _expected(schema: Schema) -> str:
    """What a schema expects: `array of objects`, `decimal`, `'low' or 'high'`."""
    schema = _resolve(schema)
    type: str = schema["type"]
    if "enum" in schema:
        return faults.choices(schema["enum"])
    if type == "array":
        item = _resolve(schema["items"])
        if "enum" in item:
            return f"array of one of {_expected(item)}"
        return f"array of {_expected(item)}s" if "type" in item else "array"
    return _NOUNS.get(type, type)
