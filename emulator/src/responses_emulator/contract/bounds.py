"""Carry the bounds of published contracts over to what `generate.py` made of the SDK.

The SDK's types have names and kinds, and no lengths, patterns, ranges, counts and
formats. A contract (OpenAPI) has them. Both describe the same bodies, so they are
walked together from each operation down, by the names of properties and the tags of
what comes in several kinds. Where a value may be several things in the contract, a
bound holds if all of these have it, and the loosest counts; the same goes for a
definition that is used in several places.

A contract is the OpenAPI document as `json.loads` gives it.
"""

from collections.abc import Iterable, Sequence
from typing import Any

Schema = Any
Place = Sequence[Schema]  # schemas of a contract that hold of a value together
Bounds = dict[str, Any]

REFERENCE = "#/components/"
METHODS_WITH_QUERIES = ("get",)
# Which of two bounds is the looser. Others are held only where all agree.
LOOSER = {
    "maxItems": max,
    "maxLength": max,
    "maxProperties": max,
    "maximum": max,
    "minItems": min,
    "minLength": min,
    "minimum": min,
}
# What is carried over, by the type of the value: contracts have some at wrong ones.
BOUNDS = {
    "array": ("maxItems", "minItems"),
    "integer": ("maximum", "minimum"),
    "number": ("maximum", "minimum"),
    "object": ("maxProperties", "propertyNames"),
    "string": ("format", "maxLength", "minLength", "pattern"),
}
FORMATS = ("uri",)  # of the others, a request has none, or they say what the type says
# An operation of the SDK, and where contracts have it.
PATHS = {
    "batches.create": ("post", "/batches"),
    "batches.list": ("get", "/batches"),
    "containers.create": ("post", "/containers"),
    "containers.list": ("get", "/containers"),
    "containers.files.list": ("get", "/containers/{container_id}/files"),
    "conversations.create": ("post", "/conversations"),
    "conversations.update": ("post", "/conversations/{conversation_id}"),
    "conversations.items.create": ("post", "/conversations/{conversation_id}/items"),
    "conversations.items.list": ("get", "/conversations/{conversation_id}/items"),
    "conversations.items.retrieve": (
        "get",
        "/conversations/{conversation_id}/items/{item_id}",
    ),
    "files.create": ("post", "/files"),
    "files.list": ("get", "/files"),
    "responses.create": ("post", "/responses"),
    "responses.compact": ("post", "/responses/compact"),
    "responses.retrieve": ("get", "/responses/{response_id}"),
    "responses.input_items.list": ("get", "/responses/{response_id}/input_items"),
    "vector_stores.create": ("post", "/vector_stores"),
    "vector_stores.list": ("get", "/vector_stores"),
    "vector_stores.update": ("post", "/vector_stores/{vector_store_id}"),
    "vector_stores.search": ("post", "/vector_stores/{vector_store_id}/search"),
    "vector_stores.files.create": ("post", "/vector_stores/{vector_store_id}/files"),
    "vector_stores.files.list": ("get", "/vector_stores/{vector_store_id}/files"),
    "vector_stores.files.update": (
        "post",
        "/vector_stores/{vector_store_id}/files/{file_id}",
    ),
    "vector_stores.file_batches.create": (
        "post",
        "/vector_stores/{vector_store_id}/file_batches",
    ),
    "vector_stores.file_batches.list_files": (
        "get",
        "/vector_stores/{vector_store_id}/file_batches/{batch_id}/files",
    ),
}


def carry_over(
    operations: dict[str, Schema],
    defs: dict[str, Schema],
    contracts: Iterable[dict[str, Any]],
) -> None:
    """Add the bounds of contracts to narrowed schemas, in place.

    What a schema has already stays, so the first contract that bounds a value counts.
    """
    for document in contracts:
        walk = Walk(defs, document)
        for name, schema in operations.items():
            body = walk.operation(*PATHS[name]) if name in PATHS else None
            if body is not None:
                walk.pair(schema, [[body]])
        for node, bounds in walk.found():
            for keyword, value in bounds.items():
                node.setdefault(keyword, value)


class Walk:
    """One contract, walked beside the schemas; `found` has what it bounds."""

    def __init__(self, defs: dict[str, Schema], document: dict[str, Any]) -> None:
        self.defs = defs
        self.document = document
        # By the identity of a schema: itself, and what each visit found.
        self.visits: dict[int, tuple[Schema, list[Bounds]]] = {}
        self.walked: set[tuple[Any, ...]] = set()

    def found(self) -> Iterable[tuple[Schema, Bounds]]:
        """Each schema with the bounds that all visits agree on."""
        for node, visits in self.visits.values():
            yield node, _loosest(visits)

    def operation(self, method: str, path: str) -> Schema | None:
        """The schema of a body, or that of a query as an object."""
        operation = self.document["paths"].get(path, {}).get(method)
        if not operation:
            return None
        if method in METHODS_WITH_QUERIES:
            named = [self._resolved(one) for one in operation.get("parameters", ())]
            return {
                "type": "object",
                "properties": {one["name"]: one["schema"] for one in named},
            }
        content = self._resolved(operation["requestBody"])["content"]
        [first, *_] = [
            content[kind]
            for kind in ("application/json", "multipart/form-data")
            if kind in content
        ]
        return first["schema"]

    def _resolved(self, node: Schema) -> Schema:
        if "$ref" not in node:
            return node
        kind, _, name = node["$ref"].removeprefix(REFERENCE).partition("/")
        return self.document["components"][kind][name]

    def pair(self, node: Schema, places: Sequence[Place]) -> None:
        """Walk one of the schemas beside the places where a contract has its value."""
        if "$ref" in node:
            node = self.defs[node["$ref"]]
        key = (id(node), *sorted(tuple(map(id, place)) for place in places))
        if key in self.walked or not node:
            return
        self.walked.add(key)
        if "anyOf" in node:
            for variant in node["anyOf"].values():
                self.pair(variant, places)
            return
        choices = [one for place in places for one in self.choices(place)]
        self._pair_choices(node, choices)

    def _pair_choices(self, node: Schema, choices: list[Place]) -> None:
        fitting = [choice for choice in choices if _fits(node, choice)]
        if "mapping" in node:
            tag = node["discriminator"]
            for value, variant in node["mapping"].items():
                tagged = [c for c in fitting if self._may_be(c, tag, value)]
                target = self.defs[variant["$ref"]] if "$ref" in variant else variant
                self._pair_choices(target, tagged)
            return
        if "enum" in node or not fitting:
            return
        bounds = _loosest([_bounds(choice, node["type"]) for choice in fitting])
        self.visits.setdefault(id(node), (node, []))[1].append(bounds)
        for name, property in node.get("properties", {}).items():
            self._pair_inner(property, fitting, name)
        if "items" in node:
            items = [inner_of(choice, "items") for choice in fitting]
            self.pair(node["items"], [place for place in items if place])
        values = node.get("additionalProperties")
        if values is not None:
            inner = [inner_of(choice, "additionalProperties") for choice in fitting]
            self.pair(values, [place for place in inner if place])

    def _pair_inner(self, property: Schema, choices: list[Place], name: str) -> None:
        places = [property_of(choice, name) for choice in choices]
        self.pair(property, [place for place in places if place])

    def choices(self, place: Place) -> list[Place]:
        """What a value may be: each choice is the schemas that hold of it together."""
        made: list[list[Schema]] = [[]]
        for node in place:
            made = [[*a, *b] for a in made for b in self._choices_of(node)]
        return [*made]

    def _choices_of(self, node: Schema, *, is_base: bool = False) -> list[list[Schema]]:
        union = node.get("oneOf") or node.get("anyOf")
        mapping = node.get("discriminator", {}).get("mapping")
        if mapping and not union and not is_base:  # the choice among its subtypes
            kinds = [[to] if isinstance(to, str) else to for to in mapping.values()]
            targets = [{"$ref": target} for kind in kinds for target in kind]
            return [one for target in targets for one in self._choices_of(target)]
        made: list[list[Schema]] = [[node]]
        if "$ref" in node:
            target = self._resolved(node)
            made = [
                [*a, *b]
                for a in made
                for b in self._choices_of(target, is_base=is_base)
            ]
        for base in node.get("allOf", ()):
            made = [
                [*a, *b] for a in made for b in self._choices_of(base, is_base=True)
            ]
        if union:
            branches = [c for branch in union for c in self._choices_of(branch)]
            made = [[*a, *b] for a in made for b in branches]
        return made

    def _may_be(self, choice: Place, tag: str, value: str) -> bool:
        """Whether an object may have this value in the property that is its tag."""
        place = property_of(choice, tag)
        known = [values_of(one) for one in self.choices(place)] if place else []
        return not known or any(one is None or value in one for one in known)


def _fits(node: Schema, choice: Place) -> bool:
    """Whether a value of this schema's type may be what a contract has there."""
    expected = "object" if "mapping" in node else node.get("type")
    return type_of(choice) in (
        {"number", "integer"} if expected == "number" else {expected}
    )


def type_of(choice: Place) -> str | None:
    """The JSON type of a value; None: it may have any."""
    for node in choice:
        if isinstance(node.get("type"), str):
            return node["type"]
        if "properties" in node:
            return "object"
        if "enum" in node or "const" in node:
            return "string"
    return None


def values_of(choice: Place) -> set[Any] | None:
    """The values that a property may have, if they are few."""
    for node in choice:
        if "enum" in node or "const" in node:
            return set(node.get("enum", [node.get("const")]))
    return None


def property_of(choice: Place, name: str) -> Place:
    """The schemas of one of an object's properties; none: it is not named."""
    return [
        node["properties"][name]
        for node in choice
        if name in node.get("properties", {})
    ]


def inner_of(choice: Place, keyword: str) -> Place:
    """The schemas of what is in a value: `items`, `additionalProperties`."""
    return [node[keyword] for node in choice if isinstance(node.get(keyword), dict)]


def _bounds(choice: Place, type: str) -> Bounds | None:
    """All that is said of a value's size and form; None of one that is in a list."""
    if any("enum" in node or "const" in node for node in choice):
        return None
    return {
        keyword: node[keyword]
        for node in choice
        for keyword in BOUNDS.get(type, ())
        if keyword in node and _is_held(keyword, node[keyword])
    }


def _is_held(keyword: str, value: Any) -> bool:
    if keyword in ("minLength", "minItems") and value > 1:
        raise ValueError(f"the checker has no words for {keyword} {value}")
    return keyword != "format" or value in FORMATS


def _loosest(each: Sequence[Bounds | None]) -> Bounds:
    """What holds of a value that may be any of several things."""
    bound = [bounds for bounds in each if bounds is not None]
    if not bound:
        return {}
    first, *others = bound
    loosest: Bounds = {}
    for keyword, value in first.items():
        values: list[Any] = [value, *(bounds.get(keyword) for bounds in others)]
        if None in values:
            continue
        if keyword in LOOSER:
            loosest[keyword] = LOOSER[keyword](values)
        elif all(other == value for other in values):
            loosest[keyword] = value
    return loosest
