"""Requests made from a published contract: right ones, and ones with one thing wrong.

`requests` gives both. What a contract bounds is at its bounds as often as within them,
and wrong is one value of a right body: left out, of another type, too much, too many,
none of the choices, or beside it a property that nothing names.
"""

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from hypothesis import strategies as st

from emulator.tests.contract.check import checker
from responses_emulator.contract.bounds import (
    PATHS,
    Place,
    Walk,
    inner_of,
    property_of,
    type_of,
    values_of,
)
from responses_emulator.contract.generate import ID_PREFIXES

Json = Any
Draw = Callable[[st.SearchStrategy[Any]], Any]

DEEPEST = 6  # levels that have more than what is required
ANYTHING: tuple[Json, ...] = ("text", 1, True, {}, [])
LONGEST = 600  # characters of a text that is made; what may be longer is not made so


@cache
def maker(name: str) -> "Maker":
    """The maker of `azure` or `openai`."""
    return Maker(name)


class Maker:
    """Bodies of the operations of one contract."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.walk = Walk({}, checker(name).document)
        self.operations = {
            operation: schema
            for operation, (method, path) in PATHS.items()
            if method == "post" and operation != "files.create"  # which takes a form
            if (schema := self.walk.operation(method, path)) is not None
        }

    def body(self, draw: Draw, operation: str) -> Json:
        """A body that the contract allows."""
        body = self.value(draw, [self.operations[operation]], 0)
        if operation == "responses.create" and draw(st.booleans()):
            return {"model": "m", "input": "Hi", **body}
        return body

    def value(self, draw: Draw, place: Place, depth: int) -> Json:
        choices = self.walk.choices(place)
        simple = [one for one in choices if type_of(one) not in ("array", "object")]
        choice = draw(
            st.sampled_from((simple or choices) if depth > DEEPEST else choices)
        )
        known = values_of(choice)
        if known is not None:
            return draw(st.sampled_from(sorted(known, key=str)))
        make = getattr(self, type_of(choice) or "anything")
        return make(draw, choice, depth)

    def anything(self, draw: Draw, choice: Place, _depth: int) -> Json:
        if any("$recursiveRef" in node for node in choice):
            return {"type": "eq", "key": "k", "value": "v"}
        return draw(st.sampled_from(ANYTHING))

    def null(self, _draw: Draw, _choice: Place, _depth: int) -> Json:
        return None

    def boolean(self, draw: Draw, _choice: Place, _depth: int) -> Json:
        return draw(st.booleans())

    def integer(self, draw: Draw, choice: Place, _depth: int) -> Json:
        least = bound(choice, "minimum", 0)
        return draw(st.sampled_from([least, bound(choice, "maximum", least + 9)]))

    def number(self, draw: Draw, choice: Place, _depth: int) -> Json:
        least = bound(choice, "minimum", 0)
        most = bound(choice, "maximum", least + 9)
        return draw(st.sampled_from([least, (least + most) / 2, most]))

    def string(self, draw: Draw, choice: Place, _depth: int) -> Json:
        if any(node.get("format") == "uri" for node in choice):
            return "https://example.com/a"
        for node in choice:
            if str(node.get("pattern")).startswith("^tunnel_"):
                return "tunnel_" + "0" * 32
        most = min(bound(choice, "maxLength", 8), LONGEST)
        lengths = {bound(choice, "minLength", 0), most, min(most, 5)}
        return "a" * draw(st.sampled_from(sorted(lengths)))

    def array(self, draw: Draw, choice: Place, depth: int) -> Json:
        least = bound(choice, "minItems", 0)
        most = bound(choice, "maxItems", least + 2)
        count = draw(st.sampled_from(sorted({least, min(most, least + 1)})))
        items = inner_of(choice, "items")
        return [self.value(draw, items, depth + 1) for _ in range(count)]

    def object(self, draw: Draw, choice: Place, depth: int) -> Json:
        required = {name for node in choice for name in node.get("required", ())}
        names = {name for node in choice for name in node.get("properties", {})}
        optional = sorted(names - required)
        more: set[str] = set()
        if optional and depth <= DEEPEST:
            more = draw(st.sets(st.sampled_from(optional), max_size=3))
        made = {
            name: self.value(draw, property_of(choice, name), depth + 1)
            for name in sorted((required & names) | more)
        }
        prefix = ID_PREFIXES.get(made.get("type", ""), "")
        if "id" in made and draw(st.booleans()):
            made["id"] = f"{prefix or 'id'}_1"  # or there would be no other fault
        values = inner_of(choice, "additionalProperties")
        if values and values != [{}] and not made and draw(st.booleans()):
            made["k"] = self.value(draw, values, depth + 1)
        return made


def bound(choice: Place, keyword: str, otherwise: Any) -> Any:
    for node in choice:
        if keyword in node:
            return node[keyword]
    return otherwise


# One thing wrong


def places(
    value: Json, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[str | int, ...]]:
    """The way to each value inside of a value."""
    if path:
        yield path
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for key, one in inner:
            yield from places(one, (*path, key))


def spoiled(draw: Draw, body: Json) -> Json:
    """The body with one value changed."""
    body = json.loads(json.dumps(body))
    path = draw(st.sampled_from([*places(body)] or [()]))
    if not path:
        return {**body, "unnamed": 1}
    holder = body
    for key in path[:-1]:
        holder = holder[key]
    key, value = path[-1], holder[path[-1]]
    how = draw(st.sampled_from(("left out", "added", "type", "more", "less", "other")))
    if how == "left out" and isinstance(holder, dict):
        del holder[key]
    elif how == "added" and isinstance(value, dict):
        value["unnamed"] = 1
    elif how == "more" and isinstance(value, str | list):
        holder[key] = value * 1_000 if value else value
    elif how == "more" and isinstance(value, int | float):
        holder[key] = value + 100_000
    elif how == "less" and not isinstance(value, bool):
        holder[key] = type(value)() if not isinstance(value, int | float) else value - 9
    elif how == "other":
        holder[key] = "none of them"
    else:
        holder[key] = draw(st.sampled_from((*ANYTHING, None)))
    return body


@st.composite
def requests(draw: Draw, maker: Maker) -> tuple[str, Json]:
    """An operation, and a body for it that is right or nearly so."""
    operation = draw(st.sampled_from(sorted(maker.operations)))
    body = maker.body(draw, operation)
    return operation, spoiled(draw, body) if draw(st.booleans()) else body
