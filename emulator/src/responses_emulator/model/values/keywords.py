"""The keywords of JSON Schema: where schemas stand in a schema, and which are plain."""

from collections.abc import Callable, Iterator
from typing import Any, cast
from urllib.parse import unquote

from responses_emulator.model.values import quick
from responses_emulator.model.values.texts import FORMATS, MAX_MATCHED

Schema = dict[str, Any]

# Where a keyword's value is a schema, an array of them, or an object of them.
_ONE = (
    "items",
    "additionalItems",
    "unevaluatedItems",
    "contains",
    "additionalProperties",
    "unevaluatedProperties",
    "propertyNames",
    "not",
    "if",
    "then",
    "else",
)
_ARRAY = ("items", "prefixItems", "allOf", "anyOf", "oneOf")
_OBJECT = (
    "properties",
    "patternProperties",
    "dependentSchemas",
    "dependencies",
    "$defs",
    "definitions",
)
_HOLDERS = frozenset((*_ONE, *_ARRAY, *_OBJECT))
# What can only be kept by trying it on a validator.
BEYOND_PLAIN = frozenset(
    (
        "allOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "contains",
        "minContains",
        "maxContains",
        "additionalItems",
        "unevaluatedItems",
        "propertyNames",
        "patternProperties",
        "unevaluatedProperties",
        "dependentRequired",
        "dependentSchemas",
        "dependencies",
        "$dynamicRef",
        "$recursiveRef",
    )
)
_BRANCHES = ("anyOf", "oneOf", "$ref")
_ASSERTIONS = frozenset(
    (
        "type",
        "enum",
        "const",
        "properties",
        "required",
        "minProperties",
        "maxProperties",
        "additionalProperties",
        "items",
        "prefixItems",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minLength",
        "maxLength",
        "pattern",
        "format",
        *_BRANCHES,
    )
)
# What is plain or not by what stands beside it, or by its value.
_LOOKED_AT = BEYOND_PLAIN.union(
    _BRANCHES,
    ("const", "enum", "exclusiveMaximum", "exclusiveMinimum", "pattern"),
    ("prefixItems", "uniqueItems"),
)


def as_dict(value: Any) -> Schema:
    """A JSON value if it is an object, else an empty one."""
    return cast(Schema, value) if isinstance(value, dict) else {}


def as_list(value: Any) -> list[Any]:
    """A JSON value if it is an array, else an empty one."""
    return cast(list[Any], value) if isinstance(value, list) else []


def types(schema: Schema) -> list[str]:
    """The types that a schema names."""
    kinds = schema.get("type")
    return [kinds] if isinstance(kinds, str) else [str(kind) for kind in as_list(kinds)]


def inside(schema: Schema) -> Iterator[Any]:
    """The schemas directly inside a schema."""
    for keyword in schema.keys() & _HOLDERS:
        value = schema[keyword]
        if isinstance(value, dict):
            if keyword in _OBJECT:
                yield from cast(Schema, value).values()
            else:
                yield cast(Schema, value)
        elif isinstance(value, list) and keyword in _ARRAY:
            yield from cast(list[Any], value)


def mapped(schema: Any, change: Callable[[Schema], Schema]) -> Any:
    """A copy of a schema in which each schema, the inner ones first, is changed."""
    if not isinstance(schema, dict):
        return schema
    copy: Schema = {}
    for keyword, value in cast(Schema, schema).items():
        if keyword in _OBJECT and isinstance(value, dict):
            members = cast(Schema, value)
            copy[keyword] = {
                name: mapped(each, change) for name, each in members.items()
            }
        elif keyword in _ARRAY and isinstance(value, list):
            copy[keyword] = [mapped(each, change) for each in cast(list[Any], value)]
        else:
            copy[keyword] = mapped(value, change) if keyword in _ONE else value
    return change(copy)


def in_todays_terms(schema: Any) -> Any:
    """A schema in which a list of `items`, as in draft 7, is called `prefixItems`."""
    return mapped(schema, _in_todays_terms)


def _in_todays_terms(schema: Schema) -> Schema:
    if not isinstance(schema.get("items"), list):
        return schema
    rest = {k: v for k, v in schema.items() if k not in ("items", "additionalItems")}
    rest["prefixItems"] = schema["items"]
    if "additionalItems" in schema:
        rest["items"] = schema["additionalItems"]
    return rest


def is_plain(schema: Any, *, at_any_speed: bool = False) -> bool:
    """Whether a value that `filling` makes of it, without a judge, is valid.

    What is malformed is not plain, nor what has a pattern that may be slow to match,
    unless it may take its time.
    """
    waiting = [schema]
    for part in waiting:  # which grows by what is inside
        if isinstance(part, bool):
            continue
        if not isinstance(part, dict):
            return False
        inner = cast(Schema, part)
        if not _LOOKED_AT.isdisjoint(inner):
            if not _is_plain(inner, schema):
                return False
            if "pattern" in inner and not (at_any_speed or _is_quick(inner)):
                return False
        if isinstance(inner.get("items"), list):
            return False  # draft 7
        waiting.extend(inside(inner))
    return True


def _is_plain(schema: Schema, root: Any) -> bool:
    keys = schema.keys()
    if not keys.isdisjoint(BEYOND_PLAIN) and not (
        keys & BEYOND_PLAIN == {"oneOf"} and _are_apart(as_list(schema["oneOf"]), root)
    ):
        return False
    for keyword in _BRANCHES:
        if keyword in keys and len(keys & _ASSERTIONS) > 1:
            return False
    if "$ref" in keys and pointed_at(root, str(schema["$ref"])) is None:
        return False
    if isinstance(schema.get("exclusiveMinimum", schema.get("exclusiveMaximum")), bool):
        return False  # draft 4
    if "uniqueItems" in keys and "prefixItems" in keys:
        return False
    if not keys.isdisjoint(("enum", "const")):
        given = [schema.get("const"), *as_list(schema.get("enum"))]
        others = len(keys & _ASSERTIONS - {"type"}) > 1
        return not others or ("const" not in keys and not any(map(_is_large, given)))
    form = schema.get("format", "")
    return "pattern" not in keys or (isinstance(form, str) and form not in FORMATS)


def _is_large(value: Any) -> bool:
    return isinstance(value, dict | list)


def _is_quick(schema: Schema) -> bool:
    expression, least = schema["pattern"], schema.get("minLength", 0)
    return (
        isinstance(expression, str)
        and isinstance(least, int)
        and quick.is_quick(expression, max(MAX_MATCHED, least))
    )


def pointed_at(root: Any, ref: str) -> Any:
    """What a local JSON pointer names; None for what is not there, or no pointer."""
    if ref != "#" and not ref.startswith("#/"):
        return None
    found: Any = root
    for step in unquote(ref.removeprefix("#")).split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list):
            members = cast(list[Any], found)
            if not key.isdecimal() or int(key) >= len(members):
                return None
            found = members[int(key)]
        elif key in as_dict(found):
            found = as_dict(found)[key]
        else:
            return None
    return found


def _are_apart(branches: list[Any], root: Any) -> bool:
    """Whether no value fits two of these: they have a type, or a tag, each its own."""
    if not 0 < len(branches) <= _MOST_BRANCHES:
        return False
    seen = [as_dict(_target(branch, root)) for branch in branches]
    kinds = [kind for each in seen for kind in types(each) or ["object", "object"]]
    if len(set(kinds)) == len(kinds) and not {"integer", "number"} <= set(kinds):
        return True
    if any(types(each) != ["object"] for each in seen):
        return False
    tags = _tags(seen[0], root)
    for each in seen[1:]:
        tags &= _tags(each, root)
    return any(_differ(seen, tag, root) for tag in tags)


_MOST_BRANCHES = 500


def _target(schema: Any, root: Any) -> Any:
    """A schema, or what it refers to."""
    ref = as_dict(schema).get("$ref")
    return (
        pointed_at(root, ref)
        if isinstance(ref, str) and ref.startswith("#")
        else schema
    )


def _tags(schema: Schema, root: Any) -> set[str]:
    """The required properties of which a schema says the values."""
    properties = as_dict(schema.get("properties"))
    return {
        name
        for name in as_list(schema.get("required"))
        if isinstance(name, str) and _values(properties.get(name), root)
    }


def _values(schema: Any, root: Any) -> list[Any]:
    target = as_dict(_target(schema, root))
    return [target["const"]] if "const" in target else as_list(target.get("enum"))


def _differ(branches: list[Schema], tag: str, root: Any) -> bool:
    found = [
        value for each in branches for value in _values(each["properties"][tag], root)
    ]
    texts = [value for value in found if isinstance(value, str)]
    return len(texts) == len(found) == len(set(texts))
