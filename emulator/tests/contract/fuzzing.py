"""Requests made from a published contract: right ones, and ones with one thing wrong.

`requests` gives both, `queries` and `forms` the same where values come as text. What
a contract bounds is at its bounds as often as within them, and wrong is one value of a
right request: left out, of another type, too much, too many, none of the choices, or
beside it a property that nothing names.
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

# Uploads, whose bodies are forms.
FORMS = {
    "containers.files.create": ("post", "/containers/{container_id}/files"),
    "files.create": PATHS["files.create"],
}
ANY_PATHS = PATHS | FORMS
A_FILE = "{file}"  # stands for the id of one that is there
DEEPEST = 6  # levels that have more than what is required
Pairs = list[tuple[str, str]]  # names and texts, as a query and a form have them

ANYTHING: tuple[Json, ...] = ("text", 1, True, {}, [])
# Parameters that name or ask for what has to be there, which no contract knows, and the
# one that the gateway reads.
OF_WHAT_IS_THERE = ("after", "before", "starting_after", "stream", "api-version")
TEXTS = ("none of them", "", "-1", "0", "1.5", "100000", "true", "[]")
LONGEST = 600  # characters of a text that is made; what may be longer is not made so


@cache
def maker(name: str) -> "Maker":
    """The maker of `azure` or `openai`."""
    return Maker(name)


def declared(contract: str, method: str, path: str) -> dict[str, Json]:
    """What a contract says of an operation."""
    [found] = [
        operation.declared
        for operation in checker(contract).operations
        if (operation.method, operation.path) == (method.upper(), path)
    ]
    return {"parameters": [], **found}


class Maker:
    """Bodies of the operations of one contract."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.walk = Walk({}, checker(name).document)
        self.operations = {
            operation: schema
            for operation, (method, path) in PATHS.items()
            if method == "post" and operation not in FORMS
            if (schema := self.walk.operation(method, path)) is not None
        }
        self.queries = {
            operation: {
                one["name"]: one["schema"]
                for one in declared(name, method, path)["parameters"]
                if one["in"] == "query" and one["name"] not in OF_WHAT_IS_THERE
            }
            for operation, (method, path) in PATHS.items()
            if method == "get" and self.walk.operation(method, path) is not None
        }
        self.forms = {
            operation: self.walk.operation(*where) for operation, where in FORMS.items()
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


# Values that come as text


@st.composite
def queries(draw: Draw, maker: Maker) -> tuple[str, Pairs]:
    """An operation that lists or retrieves, and a query that is right or nearly so."""
    operation = draw(st.sampled_from(sorted(maker.queries)))
    schemas = maker.queries[operation]
    names: set[str] = set()
    if schemas:
        names = draw(st.sets(st.sampled_from(sorted(schemas)), max_size=3))
    pairs = [
        pair
        for name in sorted(names)
        for pair in as_pairs(name, maker.value(draw, [schemas[name]], 0))
    ]
    return operation, spoiled_pairs(draw, pairs) if draw(st.booleans()) else pairs


@st.composite
def forms(draw: Draw, maker: Maker) -> tuple[str, Pairs]:
    """The fields of an upload; the text of `file` is the content of a file."""
    operation = draw(st.sampled_from(sorted(FORMS)))
    fields: dict[str, Json] = {"file": "Hello."}
    if operation == "files.create":
        fields = maker.value(draw, [maker.forms[operation]], 0) | fields
    elif draw(st.booleans()):
        fields = {"file_id": A_FILE}  # the contract's text: one of the two
    pairs = [pair for name in fields for pair in as_pairs(name, fields[name])]
    return operation, spoiled_pairs(draw, pairs) if draw(st.booleans()) else pairs


def as_pairs(name: str, value: Json) -> Pairs:
    """How the SDK writes a value: `a`, `a[]` for a list, `a[b]` for an object."""
    if isinstance(value, dict):
        inner = [(f"{name}[{key}]", one) for key, one in value.items()]
        return [pair for key, one in inner for pair in as_pairs(key, one)]
    if isinstance(value, list):
        return [(f"{name.removesuffix('[]')}[]", as_text(one)) for one in value]
    return [] if value is None else [(name, as_text(value))]


def as_text(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def spoiled_pairs(draw: Draw, pairs: Pairs) -> Pairs:
    """The same with one of them changed, left out, or there twice."""
    how = draw(st.sampled_from(("text", "left out", "twice", "unnamed")))
    if not pairs or how == "unnamed":
        return [*pairs, ("unnamed", "1")]
    place = draw(st.integers(0, len(pairs) - 1))
    name, value = pairs[place]
    others = [*pairs[:place], *pairs[place + 1 :]]
    if how == "left out":
        return others
    if how == "twice":
        return [*pairs, (name, value)]
    return [*others, (name, draw(st.sampled_from(TEXTS)))]
