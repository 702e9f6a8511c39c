"""The rules that a JSON Schema keeps when it comes with `strict: true`."""

from typing import Any

FORBIDDEN = (
    "allOf",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "not",
    "oneOf",
    "patternProperties",
    "then",
)
UNTYPED = {"$ref", "anyOf", "const", "enum", "type"}  # one of them must be there

Context = tuple[str, ...]


def first_fault(schema: dict[str, Any]) -> str | None:
    """What the service says of the first rule broken, or None if all are kept.

    The sentence comes without its beginning, "Invalid schema for function 'name': ".
    """
    if schema.get("type") != "object":
        return (
            "schema must be a JSON Schema of 'type: \"object\"', got 'type: "
            f'"{schema.get("type")}"\'.'
        )
    return _fault(schema, ())


def _fault(schema: Any, context: Context) -> str | None:
    if not isinstance(schema, dict):
        return _at(context, "schema must be an object.")
    keys: dict[str, Any] = schema  # pyright: ignore[reportUnknownVariableType]
    for keyword in FORBIDDEN:
        if keyword in keys:
            return _at(context, f"'{keyword}' is not permitted.")
    if not keys.keys() & UNTYPED and "properties" not in keys:
        return _at(context, "schema must have a 'type' key.")
    types = _list(keys.get("type")) or [keys.get("type")]
    if "object" in types or "properties" in keys:
        fault = _object_fault(keys, context)
        if fault is not None:
            return fault
    if "array" in types and "items" not in keys:
        return _at(context, "array schema missing items.")
    for inner, place in _inner(keys):
        fault = _fault(inner, (*context, *place))
        if fault is not None:
            return fault
    return None


def _object_fault(schema: dict[str, Any], context: Context) -> str | None:
    """An object is closed, and each of its properties is required."""
    if schema.get("additionalProperties") is not False:
        return _at(
            context,
            "'additionalProperties' is required to be supplied and to be false.",
        )
    rule = (
        "'required' is required to be supplied and to be an array including every key "
        "in properties."
    )
    properties, required = _dict(schema.get("properties")), schema.get("required", [])
    if not isinstance(required, list):
        return _at(context, rule)
    for name in properties:
        if name not in required:
            return _at(context, f"{rule} Missing '{name}'.")
    for name in _list(required):
        if not isinstance(name, str) or name not in properties:
            return _at(context, f"{rule} Extra required key '{name}' supplied.")
    return None


def _inner(schema: dict[str, Any]) -> list[tuple[Any, Context]]:
    """The schemas directly inside a schema, each with its place in it."""
    inner: list[tuple[Any, Context]] = []
    for keyword in ("properties", "$defs", "definitions"):
        for name, value in _dict(schema.get(keyword)).items():
            inner.append((value, (keyword, name)))
    for index, value in enumerate(_list(schema.get("anyOf"))):
        inner.append((value, ("anyOf", str(index))))
    if "items" in schema:
        inner.append((schema["items"], ("items",)))
    return inner


def _at(context: Context, fault: str) -> str:
    return f"In context={context!r}, {fault}"


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}  # pyright: ignore[reportUnknownVariableType]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []  # pyright: ignore[reportUnknownVariableType]
