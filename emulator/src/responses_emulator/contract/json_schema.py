"""The rules for the JSON Schemas that a request brings, strict ones and others.

Sources: Microsoft's page on structured outputs (what is not supported), OpenAI's guide
to them, of which Microsoft says that the subset is the same (limits, formats), and what
users quote of the service, on Azure where there is such a quote. The documents
contradict each other about `pattern`, `default`, ranges and numbers of items, which are
taken. Nothing of it was tried against a live resource.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import unquote

from responses_emulator.contract.faults import short

Schema = dict[str, Any]
Context = tuple[str, ...]

# Of a strict schema. Beside what Microsoft's table has, what was seen to be refused.
FORBIDDEN = (
    *("allOf", "dependentRequired", "dependentSchemas", "else", "if", "not", "oneOf"),
    *("then", "minLength", "maxLength"),
    *("maxProperties", "minProperties", "patternProperties", "propertyNames"),
    *("unevaluatedProperties", "contains", "maxContains", "minContains"),
    *("unevaluatedItems", "uniqueItems"),
)
FORMATS = (
    *("date", "date-time", "duration", "email", "hostname", "ipv4", "ipv6", "time"),
    "uuid",
)
UNTYPED = ("$ref", "anyOf", "type")  # one of them is there
NOT_AT_THE_TOP = ("oneOf", "anyOf", "allOf", "enum", "const", "not")
TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
# Where a schema has others in it: under names, in lists, and one by itself.
NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
LISTED = ("allOf", "anyOf", "oneOf", "prefixItems")
SINGLE = (
    *("additionalProperties", "contains", "else", "if", "items", "not"),
    *("propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"),
)
# What a keyword has: counts are never below 0.
COUNTS = (
    *("maxContains", "maxItems", "maxLength", "maxProperties"),
    *("minContains", "minItems", "minLength", "minProperties"),
)
VALUES = {
    **dict.fromkeys(("$comment", "$id", "$ref", "$schema"), "string"),
    **dict.fromkeys(("contentEncoding", "contentMediaType", "description"), "string"),
    **dict.fromkeys(("format", "pattern", "title"), "string"),
    **dict.fromkeys(("exclusiveMaximum", "exclusiveMinimum", "maximum"), "number"),
    **dict.fromkeys(("minimum", "multipleOf"), "number"),
    **dict.fromkeys(COUNTS, "integer"),
    **dict.fromkeys(("deprecated", "readOnly", "uniqueItems", "writeOnly"), "boolean"),
}
MOST_PATTERNS = 20_000  # characters of patterns that are read
MAX_LEVELS = 10
MAX_PROPERTIES = 5_000
MAX_ENUM_VALUES = 1_000
MAX_CHARACTERS = 120_000  # of names, and of values of `enum` and `const`
LARGE_ENUM = 250  # values; the texts of one that has more are bounded, too
MAX_LARGE_ENUM = 15_000


def first_fault(schema: Schema, *, strict: bool, of_function: bool) -> str | None:
    """What the service says of the first rule broken, or None if all are kept.

    The sentence comes without its beginning, "Invalid schema for function 'name': ".
    """
    if not strict and not schema:
        return None  # a function without parameters
    if strict and schema.get("type") == "object" and combines_at_the_top(schema):
        return top_fault()
    fault = _malformed(schema, strict=strict) or _pattern_fault(schema)
    if fault is not None:
        return fault
    if schema.get("type") != "object":
        return (
            "schema must be a JSON Schema of 'type: \"object\"', got 'type: "
            f'"{schema.get("type")}"\'.'
        )
    if strict:
        return _strict_fault(schema, schema, ()) or _limit_fault(schema)
    if of_function and "properties" not in schema:
        return "In context=(), object schema missing properties."
    return _loose_fault(schema, schema, ())


def combines_at_the_top(schema: Schema) -> bool:
    """Whether a schema is several in one, which older models do not take either."""
    return any(keyword in schema for keyword in NOT_AT_THE_TOP)


def top_fault() -> str:
    """What the service says of a schema that is several in one."""
    named = "/".join(f"'{keyword}'" for keyword in NOT_AT_THE_TOP)
    return f"schema must have type 'object' and not have {named} at the top level."


# Is it a JSON Schema at all?


def _malformed(schema: Any, *, strict: bool) -> str | None:
    """What a validator of JSON Schemas says of this one: the first fault of any."""
    if not isinstance(schema, dict):
        return None if isinstance(schema, bool) else _no(schema, "object", "boolean")
    keys = cast("Schema", schema)
    fault = _malformed_own(keys)
    if fault is not None:
        return fault
    inner = [keys[keyword] for keyword in SINGLE if keyword in keys]
    if isinstance(keys.get("items"), list) and not strict:
        # Until draft 7, `items` could be a list; it still is where nothing is strict.
        inner.remove(keys["items"])
        inner += keys["items"]
    inner += [value for value, _ in _inner(keys, (*NAMED, *LISTED))]
    for value in inner:
        fault = _malformed(value, strict=strict)
        if fault is not None:
            return fault
    return None


def _malformed_own(schema: Schema) -> str | None:
    """A fault of a schema's own keywords."""
    for keyword in NAMED:
        if not isinstance(schema.get(keyword, {}), dict):
            return _no(schema[keyword], "object")
    for keyword in (*LISTED, "enum", "required"):
        if not isinstance(schema.get(keyword, []), list):
            return _no(schema[keyword], "array")
    required: list[Any] = schema.get("required", [])
    for name in required:
        if not isinstance(name, str):
            return _no(name, "string")
    if len(set(required)) != len(required):
        return f"{_shown(required)} has non-unique elements."
    types: Any = schema.get("type", "object")
    named = [types]
    if isinstance(types, list) and types:
        named = cast("list[Any]", types)
    if any(not isinstance(one, str) or one not in TYPES for one in named):
        return f"{_shown(types)} is not valid under any of the given schemas."
    return _malformed_values(schema)


def _malformed_values(schema: Schema) -> str | None:
    """A keyword whose value is of a type that it cannot have, or out of its range."""
    for keyword, type in VALUES.items():
        if keyword in schema and not _is_of_type(schema[keyword], type):
            return _no(schema[keyword], type)
    for keyword in LISTED:
        if keyword in schema and not schema[keyword]:
            return "[] should be non-empty."
    for keyword in COUNTS:
        if schema.get(keyword, 0) < 0:
            return f"{_shown(schema[keyword])} is less than the minimum of 0."
    return None


def _pattern_fault(root: Schema) -> str | None:
    """The first pattern that Python's `re`, which the service uses, cannot read.

    What would take long to read is left to where it is matched.
    """
    patterns = [pattern for schema in _all(root) for pattern in _patterns(schema)]
    if sum(map(len, patterns)) > MOST_PATTERNS:
        return None
    for pattern in patterns:
        try:
            re.compile(pattern)
        except FutureWarning:  # where warnings are errors; it is one all the same
            continue
        except (re.error, OverflowError, RecursionError):
            return f"{_shown(pattern)} is not a 'regex'."
    return None


def _all(root: Schema) -> Iterator[Schema]:
    """A schema and all that are in it."""
    to_do: list[Any] = [root]
    while to_do:
        schema = to_do.pop()
        if isinstance(schema, dict):
            keys = cast("Schema", schema)
            yield keys
            to_do += [inner for inner, _ in _inner(keys, (*NAMED, *LISTED, *SINGLE))]


def _patterns(schema: Schema) -> Iterator[str]:
    yield from schema.get("patternProperties", ())
    if "pattern" in schema:
        yield schema["pattern"]


def _is_of_type(value: Any, type: str) -> bool:
    if type == "boolean" or isinstance(value, bool):
        return type == "boolean" and isinstance(value, bool)
    if type == "integer" and isinstance(value, float):
        return value.is_integer()
    return isinstance(
        value, {"integer": int, "number": int | float, "string": str}[type]
    )


def _no(value: Any, *types: str) -> str:
    return f"{_shown(value)} is not of type {', '.join(map(repr, types))}."


def _shown(value: Any) -> str:
    return short(repr(value))


# Strict schemas


def _strict_fault(schema: Any, root: Schema, context: Context) -> str | None:
    if not isinstance(schema, dict):
        return _at(context, "schema must be an object.")
    keys = cast("Schema", schema)
    if "$ref" in keys and len(keys) > 1:
        others = ", ".join(map(repr, sorted(keys.keys() - {"$ref"})))
        return f"context={context!r}, $ref cannot have keywords {{{others}}}."
    for keyword in FORBIDDEN:
        if keyword in keys:
            return _at(context, f"'{keyword}' is not permitted.")
    if "$ref" in keys:
        return _reference_fault(keys["$ref"], root, context)
    if not any(keyword in keys for keyword in UNTYPED):
        return _at(context, "schema must have a 'type' key.")
    if keys.get("format", FORMATS[0]) not in FORMATS:
        return _at(context, f"{_shown(keys['format'])} is not a valid format.")
    for type, place in _types(keys, context):
        fault = _type_fault(keys, type, place)
        if fault is not None:
            return fault
    for inner, place in _inner(keys, ("properties", "$defs", "definitions", "anyOf")):
        fault = _strict_fault(inner, root, (*context, *place))
        if fault is not None:
            return fault
    if "items" in keys:
        return _strict_fault(keys["items"], root, (*context, "items"))
    return None


def _types(schema: Schema, context: Context) -> Iterator[tuple[str, Context]]:
    """Each type that a value may have, with the place of which its faults are told."""
    types = schema.get("type")
    if isinstance(types, list):
        for index, type in enumerate(cast("list[str]", types)):
            yield type, (*context, "type", str(index))
    elif types is not None:
        yield types, context


def _type_fault(schema: Schema, type: str, context: Context) -> str | None:
    """An array has items; an object is closed, and all its properties are required."""
    if type == "array" and "items" not in schema:
        return _at(context, "array schema missing items.")
    if type != "object":
        return None
    if "properties" not in schema:
        return _at(context, "object schema missing properties.")
    if schema.get("additionalProperties") is not False:
        return _at(
            context,
            "'additionalProperties' is required to be supplied and to be false.",
        )
    rule = (
        "'required' is required to be supplied and to be an array including every key "
        "in properties."
    )
    properties = [
        name for name, inner in schema["properties"].items() if not _is_passed_by(inner)
    ]
    required: list[str] = schema.get("required", [])
    for name in properties:
        if name not in required:
            return _at(context, f"{rule} Missing '{name}'.")
    for name in required:
        if name not in properties:
            return _at(context, f"{rule} Extra required key '{name}' supplied.")
    return None


def _is_passed_by(schema: Any) -> bool:
    """Whether the service goes on as if a property were not there.

    It does so where nothing is said of a value, and of an object without `properties`,
    which is what a mapping with keys of its own makes. Then its name in `required` is
    one too many: measured at OpenAI in September 2026, and reported for years.
    """
    if not isinstance(schema, dict):
        return False
    keys = cast("Schema", schema)
    is_open = keys.get("type") == "object" and "properties" not in keys
    return not keys or (is_open and not any(one in keys for one in FORBIDDEN))


def _reference_fault(reference: Any, root: Schema, context: Context) -> str | None:
    """A reference leads to the schema itself or to a definition at its top."""
    parts = str(reference).split("/")
    if parts == ["#"]:
        return None
    if not _leads_somewhere(reference, root):
        return _nowhere(reference, context)
    if len(parts) != 3 or parts[1] not in ("$defs", "definitions"):
        return _at(
            context,
            "reference can only point to definitions defined at the top level of the "
            "schema.",
        )
    return None


def _limit_fault(root: Schema) -> str | None:
    """How deep a strict schema may be, and how much there may be in it.

    What is referred to counts once, where it stands. The words for the characters are
    not the service's.
    """
    levels = properties = values = characters = 0
    for schema, depth in _with_depth(root, 0):
        levels = max(levels, depth)
        names = [*schema.get("properties", ()), *schema.get("$defs", ())]
        properties += len(schema.get("properties", ()))
        listed: list[Any] = schema.get("enum", [])
        values += len(listed)
        texts = sum(len(value) for value in listed if isinstance(value, str))
        if len(listed) > LARGE_ENUM and texts > MAX_LARGE_ENUM:
            return (
                f"Expected at most {MAX_LARGE_ENUM} total characters across enum "
                f"values when there are more than {LARGE_ENUM} enum values, but "
                f"received {texts}. {_FEWER}"
            )
        constant = schema.get("const")
        characters += texts + sum(map(len, names))
        characters += len(constant) if isinstance(constant, str) else 0
    if levels > MAX_LEVELS:
        return f"{levels} levels of nesting exceeds limit of {MAX_LEVELS}."
    if properties > MAX_PROPERTIES:
        return f"{properties} parameters exceeds limit of {MAX_PROPERTIES}."
    if values > MAX_ENUM_VALUES:
        return (
            f"Expected at most {MAX_ENUM_VALUES} enum values in total within a single "
            f"schema when using structured outputs, but received {values}. {_FEWER}"
        )
    if characters > MAX_CHARACTERS:
        return f"{characters} characters exceeds limit of {MAX_CHARACTERS}."
    return None


_FEWER = (
    "Consider reducing the number of enums, or use 'strict: false' to opt out of "
    "structured outputs."
)


def _with_depth(schema: Schema, depth: int) -> Iterator[tuple[Schema, int]]:
    """Every schema in a schema, with the number of objects that it is inside of.

    It counts itself if it is one. A definition begins anew.
    """
    types = [type for type, _ in _types(schema, ())]
    own = depth + ("object" in types)
    yield schema, own
    for inner, _ in _inner(schema, ("properties", "anyOf")):
        yield from _with_depth(inner, own)
    for inner, _ in _inner(schema, ("$defs", "definitions")):
        yield from _with_depth(inner, 0)
    if "items" in schema:
        yield from _with_depth(schema["items"], own)


# Schemas that are not strict


def _loose_fault(schema: Any, root: Schema, context: Context) -> str | None:
    """A reference leads somewhere, and an array has items."""
    if not isinstance(schema, dict):
        return None
    keys = cast("Schema", schema)
    reference = keys.get("$ref", "#")
    if not _leads_somewhere(reference, root) and not _is_anchor(reference, root):
        return _nowhere(reference, context)
    if "items" not in keys and any(type == "array" for type, _ in _types(keys, ())):
        return _at(context, "array schema missing items.")
    for inner, place in _inner(keys, (*NAMED, *LISTED, *SINGLE)):
        fault = _loose_fault(inner, root, (*context, *place))
        if fault is not None:
            return fault
    return None


# Both


def _inner(schema: Schema, keywords: tuple[str, ...]) -> Iterator[tuple[Any, Context]]:
    """The schemas directly inside a schema, each with its place in it."""
    for keyword in keywords:
        value = schema.get(keyword)
        if keyword in NAMED and isinstance(value, dict):
            for name, inner in cast("Schema", value).items():
                yield inner, (keyword, name)
        elif isinstance(value, list) and keyword in (*LISTED, "items"):
            for index, inner in enumerate(cast("list[Any]", value)):
                yield inner, (keyword, str(index))
        elif isinstance(value, dict) and keyword in SINGLE:
            yield value, (keyword,)


def _leads_somewhere(reference: Any, root: Schema) -> bool:
    """Whether there is a schema where a reference points to, in this document."""
    beginning, *parts = str(reference).split("/")
    if beginning != "#":
        return False
    node: Any = root
    for part in parts:
        name = unquote(part).replace("~1", "/").replace("~0", "~")
        if isinstance(node, list):
            places = enumerate(cast("list[Any]", node))
            node = {str(place): one for place, one in places}
        if not isinstance(node, dict) or name not in node:
            return False
        node = cast("Schema", node)[name]
    return True


def _is_anchor(reference: Any, root: Schema) -> bool:
    """Whether a reference is a name that some schema in the document gives itself."""
    text = str(reference)
    named = f'"$id": {json.dumps(text)}', f'"$anchor": {json.dumps(text[1:])}'
    written = json.dumps(root)
    return any(name in written for name in named)


def _nowhere(reference: Any, context: Context) -> str:
    return _at(
        context,
        f"reference to component '{short(str(reference))}' which was not found in the "
        "schema.",
    )


def _at(context: Context, fault: str) -> str:
    return f"In context={context!r}, {fault}"
