"""Turn the schemas of an OpenAPI document into JSON Schema that can be compiled.

What OpenAPI leaves to the reader is said outright here, for a validator:

- A property that no schema at a place names is forbidden there, at every depth. For
  that, `allOf` is merged into one object: only the whole knows all names.
- Kinds of objects are told apart by their tag: a discriminator's property, or `type`,
  `object` or `role`. A fault is then one in the kind that was meant, not that none of
  twenty kinds fits.
- `oneOf` means `anyOf`. `nullable` means that null will do, too.

A base with a discriminator, wherever it stands as the schema of a value, is the choice
among its subtypes; in the `allOf` of a subtype it is no more than its own properties.
"""

from collections.abc import Iterable
from typing import Any

Schema = Any  # a dict, or True
Json = Any

PREFIX = "#/components/schemas/"
TAGS = ("type", "object", "role")
TYPES: tuple[str, ...] = ("null", "boolean", "number", "string", "array", "object")
# What is asserted of a value itself, whatever else applies to it.
ASSERTIONS = (
    "const",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "propertyNames",
    "type",
    "uniqueItems",
)


class Schemas:
    """Schemas for values, gathered in `defs` as references ask for them."""

    def __init__(self, components: dict[str, Schema]) -> None:
        self.components = components
        self.defs: dict[str, Schema] = {}

    def place(self, node: Schema) -> Schema:
        """The schema for a value at a place where a document has this one."""
        if node is True or not node:
            return True
        if set(node) == {"$ref"}:
            name = node["$ref"].removeprefix(PREFIX)
            if name not in self.defs:
                self.defs[name] = True  # while it is made: schemas contain themselves
                made = self.body(_not_recursive(self.components[name], node["$ref"]))
                self.defs[name] = made
            return {"$ref": f"#/$defs/{name}"}
        return self.body(node)

    def body(self, node: Schema) -> Schema:
        if node.get("nullable"):
            rest = {key: value for key, value in node.items() if key != "nullable"}
            return self.union([rest, {"type": "null"}])
        union = node.get("oneOf") or node.get("anyOf")
        discriminator = node.get("discriminator", {})
        if union is None and "mapping" in discriminator:
            return self.subtypes(node)
        if union is None:
            return self.alias(node) or self.merged(node)
        rest = {
            key: value
            for key, value in node.items()
            if key not in ("oneOf", "anyOf", "discriminator", "default")
        }
        tags = [discriminator["propertyName"]] if discriminator else TAGS
        if not rest:
            return self.union(union, tags)
        if any(self.is_object(branch) for branch in union) and self.is_object(rest):
            return self.union([{"allOf": [rest, branch]} for branch in union], tags)
        return {"allOf": [self.merged(rest), self.union(union, tags)]}

    # One kind

    def alias(self, node: Schema) -> Schema | None:
        """Another schema with nothing more than assertions, if that is what it is."""
        others = [{"$ref": node["$ref"]}] if "$ref" in node else []
        others += node.get("allOf", ())
        if len(others) != 1 or "properties" in node or "required" in node:
            return None
        own = {key: node[key] for key in ASSERTIONS if key in node}
        place = self.place(others[0])
        return {"allOf": [place, own]} if own else place

    def merged(self, node: Schema) -> Schema:
        """A schema without alternatives, and all that it is made of, as one."""
        parts = [*self.parts(node)]
        if any("oneOf" in part or "anyOf" in part for part in parts):
            raise NotImplementedError(f"alternatives in what is merged: {node}")
        made: list[Schema] = []
        for part in parts:
            own = {key: part[key] for key in ASSERTIONS if key in part}
            if "items" in part:
                own["items"] = self.place(part["items"])
            if own and own not in made:
                made.append(own)
        named = self.properties(parts)
        required = sorted({name for p in parts for name in p.get("required", ())})
        if required:
            made.append({"required": required})
        if named is not None:
            made.append(named)
        result: Schema = {}
        for one in made:
            if result.keys() & one.keys():
                return {"allOf": made}
            result |= one
        return result or True

    def parts(self, node: Schema) -> Iterable[Schema]:
        """What applies to a value together: the node, what it refers to, its bases."""
        if "$ref" in node:
            yield from self.parts(self.target(node))
        for base in node.get("allOf", ()):
            yield from self.parts(base)
        yield node

    def properties(self, parts: list[Schema]) -> Schema | None:
        """What the parts say of properties: as a rule, there are no others."""
        schemas: dict[str, list[Schema]] = {}
        others: list[Schema] = []
        named = False
        for part in parts:
            named = named or "properties" in part
            for name, schema in part.get("properties", {}).items():
                if schema not in schemas.setdefault(name, []):
                    schemas[name].append(schema)
            other = part.get("additionalProperties", part.get("unevaluatedProperties"))
            if other is not None and other is not False:
                others.append(other)
        if not named and not others:
            return None
        made: Schema = {
            "properties": {
                name: self.place(one[0])
                if len(one) == 1
                else {"allOf": [self.place(schema) for schema in one]}
                for name, one in schemas.items()
            }
        }
        if not others:
            made["additionalProperties"] = False
        elif all(other not in (True, {}) for other in others):
            made["additionalProperties"] = self.place(others[0])
        return made

    # Several kinds

    def subtypes(self, base: Schema) -> Schema:
        """The choice among the subtypes that a base's discriminator names."""
        tag = base["discriminator"]["propertyName"]
        by_value: dict[Json, list[Schema]] = {}
        for value, references in base["discriminator"]["mapping"].items():
            references = [references] if isinstance(references, str) else references
            by_value[value] = [{"$ref": reference} for reference in references]
        untagged = by_value.get(base.get("x-untagged", ""), [])
        return self.by_tag(tag, by_value, [], untagged, ())

    def union(self, branches: list[Schema], tags: Iterable[str] = TAGS) -> Schema:
        """The choice among branches: by the JSON type of the value, then by its tag."""
        by_type: dict[str, list[int]] = {}
        for type in TYPES:
            fits = [i for i, b in enumerate(branches) if type in self.types(b)]
            if fits:
                by_type[type] = fits
        groups: dict[tuple[int, ...], list[str]] = {}
        for type, fits in by_type.items():
            groups.setdefault(tuple(fits), []).append(type)
        if len(groups) == 1:
            [[fits, types]] = groups.items()
            chosen = self.choice([branches[i] for i in fits], tags)
            return {"type": types, "allOf": [chosen]} if len(types) < 6 else chosen
        return {
            "type": [*by_type],
            "allOf": [
                {
                    "if": {"type": types},
                    "then": self.choice([branches[i] for i in fits], tags),
                }
                for fits, types in groups.items()
            ],
        }

    def choice(self, branches: list[Schema], tags: Iterable[str]) -> Schema:
        """The choice among branches for values of one type."""
        if len(branches) == 1:
            return self.place(branches[0])
        tags = list(tags)
        for index, tag in enumerate(tags):
            facts = [(branch, *self.tag(branch, tag)) for branch in branches]
            if all(values is None for _, values, _ in facts):
                continue
            by_value: dict[Json, list[Schema]] = {}
            for _, values, _ in facts:
                for value in values or ():
                    by_value[value] = [
                        b for b, v, _ in facts if v is None or value in v
                    ]
            others = [branch for branch, values, _ in facts if values is None]
            untagged = [b for b, values, required in facts if not (values and required)]
            return self.by_tag(tag, by_value, others, untagged, tags[index + 1 :])
        return {"anyOf": [self.place(branch) for branch in branches]}

    def by_tag(
        self,
        tag: str,
        by_value: dict[Json, list[Schema]],
        others: list[Schema],
        untagged: list[Schema],
        tags: Iterable[str],
    ) -> Schema:
        """The choice by a tag: what its values mean, what others do, what none does."""
        groups: dict[str, tuple[list[Json], list[Schema]]] = {}
        for value, branches in by_value.items():
            groups.setdefault(str(branches), ([], branches))[0].append(value)
        rules: list[Schema] = [
            {
                "if": {"required": [tag], "properties": {tag: {"enum": values}}},
                "then": self.choice(branches, tags),
            }
            for values, branches in groups.values()
        ]
        known = {"enum": sorted(by_value, key=str)}
        if others:
            unknown = {"required": [tag], "properties": {tag: {"not": known}}}
            rules.append({"if": unknown, "then": self.choice(others, tags)})
        else:
            rules.append({"properties": {tag: known}})
        if untagged:
            none = {"not": {"required": [tag]}}
            rules.append({"if": none, "then": self.choice(untagged, tags)})
        else:
            rules.append({"required": [tag]})
        return {"type": "object", "allOf": rules}

    # What can be said of a schema without a value

    def target(self, node: Schema) -> Schema:
        reference = node["$ref"]
        schema = self.components[reference.removeprefix(PREFIX)]
        return _not_recursive(schema, reference)

    def is_object(self, node: Schema) -> bool:
        """Whether it names properties."""
        return "properties" in node or any(
            self.is_object(part) for part in self.parts(node) if part is not node
        )

    def types(self, node: Schema, above: frozenset[str] = frozenset()) -> set[str]:
        """The JSON types that a value may have; an integer is a number."""
        found = set(TYPES)
        if node is True or not node:
            return found
        if "type" in node:
            types = node["type"] if isinstance(node["type"], list) else [node["type"]]
            found &= {type.replace("integer", "number") for type in types}
        elif "enum" in node or "const" in node:
            values = node.get("enum", [node.get("const")])
            found &= {_type(value) for value in values}
        elif "properties" in node:
            found = {"object"}
        if "$ref" in node and node["$ref"] not in above:
            found &= self.types(self.target(node), above | {node["$ref"]})
        for base in node.get("allOf", ()):
            found &= self.types(base, above)
        for union in (node.get("oneOf"), node.get("anyOf")):
            if union:
                found &= set().union(*(self.types(branch, above) for branch in union))
        return found | {"null"} if node.get("nullable") else found

    def tag(
        self, node: Schema, name: str, above: frozenset[str] = frozenset()
    ) -> tuple[frozenset[Json] | None, bool]:
        """The values that a property may have, if they are few, and if it has to be."""
        if node is True or not node:
            return None, False
        found: list[frozenset[Json]] = []
        required = name in node.get("required", ())
        inner = [(node, above)] if "oneOf" in node or "anyOf" in node else []
        if "$ref" in node and node["$ref"] not in above:
            values, needed = self.tag(self.target(node), name, above | {node["$ref"]})
            found += [] if values is None else [values]
            required = required or needed
        discriminator = node.get("discriminator", {})
        if discriminator.get("propertyName") == name and "mapping" in discriminator:
            found.append(frozenset(discriminator["mapping"]))
        own = node.get("properties", {}).get(name)
        if own is not None:
            values = self.values(own)
            found += [] if values is None else [values]
        for base in node.get("allOf", ()):
            values, needed = self.tag(base, name, above)
            is_base = "$ref" in base and "mapping" in self.target(base).get(
                "discriminator", {}
            )
            # What a base's discriminator knows does not restrict a subtype.
            found += [] if values is None or is_base else [values]
            required = required or needed
        for union in (node.get("oneOf"), node.get("anyOf")) if inner else ():
            if union:
                facts = [self.tag(branch, name, above) for branch in union]
                if all(values is not None for values, _ in facts):
                    found.append(frozenset().union(*(v for v, _ in facts if v)))
                required = required or all(needed for _, needed in facts)
        return (frozenset.intersection(*found) if found else None), required

    def values(self, node: Schema) -> frozenset[Json] | None:
        """The texts (and null) that a schema allows, if they are few."""
        if node is True or not node:
            return None
        if node.get("type") == "null":
            return frozenset([None])
        if "const" in node or "enum" in node:
            return frozenset(node.get("enum", [node.get("const")]))
        if "$ref" in node:
            return self.values(self.target(node))
        union = node.get("oneOf") or node.get("anyOf") or node.get("allOf")
        if union:
            each = [self.values(branch) for branch in union]
            if all(values is not None for values in each):
                return frozenset().union(*(values for values in each if values))
        return None


def _not_recursive(node: Schema, reference: str) -> Schema:
    """The node, with the reference to it where it refers to itself as `#`."""
    if isinstance(node, list):
        return [_not_recursive(item, reference) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("$recursiveRef") == "#":
        return {"$ref": reference}
    return {key: _not_recursive(value, reference) for key, value in node.items()}


def _type(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "number"
