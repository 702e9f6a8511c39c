"""Filters over the attributes of files, as `file_search` and a search take them."""

from collections.abc import Callable
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from responses_emulator.errors import invalid_request
from responses_emulator.http import Json

MAX_DEPTH = 20

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": eq,
    "ne": ne,
    "gt": gt,
    "gte": ge,
    "lt": lt,
    "lte": le,
    "in": lambda value, several: any(
        _same_kind(value, v) and value == v for v in several
    ),
    "nin": lambda value, several: (
        not any(_same_kind(value, v) and value == v for v in several)
    ),
}


def matches(filter: Json, attributes: Json, depth: int = 0) -> bool:
    """Whether a file with these attributes passes the filter.

    A file that lacks the key passes only `ne` and `nin`. A malformed filter is a 400.
    """
    if depth > MAX_DEPTH:
        raise invalid_request("The filter is nested too deeply.", "filters")
    kind = filter.get("type")
    if kind in ("and", "or"):
        parts: object = filter.get("filters")
        if not isinstance(parts, list) or not all(
            isinstance(part, dict)
            for part in parts  # pyright: ignore[reportUnknownVariableType]
        ):
            raise invalid_request(
                f"A filter of type '{kind}' needs 'filters', a list of filters.",
                "filters",
            )
        nested: list[Json] = parts  # pyright: ignore[reportUnknownVariableType]
        # Every part is looked at, so that a malformed one is always reported.
        results = [matches(part, attributes, depth + 1) for part in nested]
        return all(results) if kind == "and" else any(results)
    return _compares(filter, attributes)


def _compares(filter: Json, attributes: Json) -> bool:
    kind, key = filter.get("type"), filter.get("key")
    if kind not in COMPARISONS:
        supported = ", ".join(f"'{name}'" for name in (*COMPARISONS, "and", "or"))
        raise invalid_request(
            f"Invalid value: '{kind}'. Supported values are: {supported}.",
            "filters.type",
            "invalid_value",
        )
    if not isinstance(key, str) or "value" not in filter:
        raise invalid_request(
            f"A filter of type '{kind}' needs 'key' and 'value'.", "filters"
        )
    wanted = filter["value"]
    if (kind in ("in", "nin")) != isinstance(wanted, list):
        shape = "a list" if kind in ("in", "nin") else "a string, number or boolean"
        raise invalid_request(
            f"The value of a filter of type '{kind}' is {shape}.",
            "filters.value",
            "invalid_type",
        )
    if key not in attributes:
        return kind in ("ne", "nin")
    value = attributes[key]
    if not isinstance(wanted, list) and not _same_kind(value, wanted):
        return kind == "ne"
    return COMPARISONS[kind](value, wanted)


def _same_kind(one: object, other: object) -> bool:
    """Text compares with text, a boolean with a boolean, a number with a number."""
    for kind in (str, bool):
        if isinstance(one, kind) or isinstance(other, kind):
            return isinstance(one, kind) and isinstance(other, kind)
    return isinstance(one, (int, float)) and isinstance(other, (int, float))
