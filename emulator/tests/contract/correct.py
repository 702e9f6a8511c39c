"""Put right where a published contract is known to be wrong, or behind the service.

`corrections.json` has, for each contract, its corrections: a `name`, the `ground` for
it, and `changes`. A change says where it applies:

    component         components by name; * stands for any text, and there may be a list
    with_properties   every object that has all of these properties
    with_keywords     every schema that has these keywords with these values
    replies           what an operation replies with this status, of every operation
    operation, status what this operation replies with this status

and what is done there:

    add, extend       properties are added: to the object, or as one more in its `allOf`
    nullable          these properties may be null
    optional          these properties may be left out
    set               keywords of the schema are set; with null, taken away
    set_property      the schema of a property is another
    refer             the reference in a property is to another component
    kinds             the discriminator maps these values; with null, no longer
    untagged          which kind an object is that has no tag
    schema            the schema of a reply
    any_body          a reply may have any body

Three changes make something new: `define` a component by its `schema`; `copy` a
component `as` another, `alone` if without its bases, with what is `required`,
`nullable` and `replace`d; `events` of a stream by OpenAI's component.

A change that changes nothing is `stale`, and a test fails.
"""

import copy
import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from emulator.tests.contract.distil import METHODS, contract
from emulator.tests.contract.schemas import PREFIX

Json = Any
CORRECTIONS = Path(__file__).with_name("corrections.json")
STREAM = "text/event-stream"


@cache
def corrections() -> dict[str, list[dict[str, Json]]]:
    """By contract: `name`, `ground` and `changes` of each correction."""
    return json.loads(CORRECTIONS.read_text("utf-8"))


def corrected(name: str) -> dict[str, Json]:
    """The contract of `azure` or `openai` with all corrections.

    Its `events` maps the types of a stream's events to the references of their schemas.
    """
    document = contract(name)
    document["events"] = _events(document)
    for correction in corrections()[name]:
        for change in correction["changes"]:
            apply(change, document)
    return document


def stale(name: str) -> Iterator[str]:
    """The changes that change nothing: the contract has caught up."""
    document = contract(name)
    document["events"] = _events(document)
    for correction in corrections()[name]:
        for change in correction["changes"]:
            before = copy.deepcopy(document)
            apply(change, document)
            if document == before:
                yield f"{correction['name']}: {change}"


def apply(change: dict[str, Json], document: dict[str, Json]) -> None:
    """Make one change in a document."""
    components = document["components"]["schemas"]
    if "define" in change:
        components[change["define"]] = change["schema"]
    elif "copy" in change:
        components[change["as"]] = _copied(change, components)
    elif "events" in change:
        for event, component in change["events"].items():
            name = f"OpenAI.{component}"
            components[name] = _of_azure(_openai()[component], components)
            document["events"][event] = PREFIX + name
    elif "replies" in change or "operation" in change:
        for reply in _replies(change, document):
            _change_reply(change, reply)
    else:
        for schema in [*_schemas(change, document)]:
            _change(change, schema)


def _copied(change: dict[str, Json], components: dict[str, Json]) -> Json:
    made = copy.deepcopy(components[change["copy"]])
    if change.get("alone"):
        del made["allOf"]
    made["required"] = change.get("required", made.get("required", []))
    made["properties"] |= change.get("replace", {})
    # What has to be there is there for a reason.
    optional = set(change.get("nullable", ())).difference(made["required"])
    _change({"nullable": sorted(optional)}, made)
    return made


@cache
def _openai() -> dict[str, Json]:
    return contract("openai")["components"]["schemas"]


def _of_azure(node: Json, components: dict[str, Json]) -> Json:
    """OpenAI's schema with Azure's components in it, which are named `OpenAI.`..."""
    if isinstance(node, list):
        return [_of_azure(item, components) for item in node]
    if not isinstance(node, dict):
        return copy.deepcopy(node)
    if "$ref" in node:
        name = "OpenAI." + node["$ref"].removeprefix(PREFIX)
        if name not in components:
            raise KeyError(f"Azure's contract has no component {name}")
        return {**node, "$ref": PREFIX + name}
    return {key: _of_azure(value, components) for key, value in node.items()}


def _events(document: dict[str, Json]) -> dict[str, str]:
    """The events of a stream that have a schema: theirs are marked in two ways."""
    [reply] = _operation_replies(document, "post", "/responses", "200")
    stream = reply["content"][STREAM]
    if "itemSchema" in stream:  # OpenAPI 3.2 tells the parts of an event
        return {
            event["properties"]["event"]["const"]: event["properties"]["data"][
                "contentSchema"
            ]["$ref"]
            for event in stream["itemSchema"]["oneOf"]
            if "contentSchema" in event["properties"]["data"]
        }
    components = document["components"]["schemas"]
    union = components[stream["schema"]["$ref"].removeprefix(PREFIX)]["anyOf"]
    return {
        kind: branch["$ref"]
        for branch in union
        for kind in components[branch["$ref"].removeprefix(PREFIX)]["properties"][
            "type"
        ]["enum"]
    }


def _schemas(change: dict[str, Json], document: dict[str, Json]) -> Iterator[Json]:
    if "component" in change:
        patterns = change["component"]
        patterns = [patterns] if isinstance(patterns, str) else patterns
        for pattern in patterns:
            for name, schema in document["components"]["schemas"].items():
                if fnmatchcase(name, pattern):
                    yield schema
        return
    properties = set(change.get("with_properties", ()))
    keywords = change.get("with_keywords", {}).items()
    for node in _nodes([document["paths"], document["components"]]):
        own = node.get("properties")
        if properties and isinstance(own, dict) and properties <= own.keys():
            yield node
        if keywords and all(node.get(key) == value for key, value in keywords):
            yield node


def _nodes(node: Json) -> Iterator[dict[str, Json]]:
    if isinstance(node, dict):
        yield node
    if isinstance(node, dict | list):
        for value in node.values() if isinstance(node, dict) else node:
            yield from _nodes(value)


def _change(change: dict[str, Json], schema: dict[str, Json]) -> None:
    properties = schema.get("properties", {})
    for name, added in change.get("add", {}).items():
        properties.setdefault(name, copy.deepcopy(added))
    if "extend" in change:
        part = {"type": "object", "properties": copy.deepcopy(change["extend"])}
        schema["allOf"].append(part)
    for name in change.get("nullable", ()):
        own = properties.get(name)
        if own is not None and {"type": "null"} not in own.get("anyOf", ()):
            properties[name] = {"anyOf": [own, {"type": "null"}]}
    if "optional" in change:
        required = schema.get("required", ())
        schema["required"] = [n for n in required if n not in change["optional"]]
    for name, (before, after) in change.get("refer", {}).items():
        if properties[name] == {"$ref": PREFIX + before}:
            properties[name] = {"$ref": PREFIX + after}
    for key, value in change.get("set", {}).items():
        if value is None:
            schema.pop(key, None)
        else:
            schema[key] = copy.deepcopy(value)
    for tag, kinds in change.get("kinds", {}).items():
        mapping = schema["discriminator"]["mapping"]
        if kinds is None:
            mapping.pop(tag, None)
        elif isinstance(kinds, str):
            mapping[tag] = PREFIX + kinds
        else:
            mapping[tag] = [PREFIX + kind for kind in kinds]
    if "untagged" in change:
        schema["x-untagged"] = change["untagged"]


def _replies(change: dict[str, Json], document: dict[str, Json]) -> Iterator[Json]:
    if "operation" in change:
        method, path = change["operation"].split()
        yield from _operation_replies(document, method.lower(), path, change["status"])
        return
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield from _operation_replies(document, method, path, change["replies"])


def _operation_replies(
    document: dict[str, Json], method: str, path: str, status: str
) -> Iterator[Json]:
    replies = document["paths"][path][method].get("responses", {})
    if status in replies:
        yield replies[status]


def _change_reply(change: dict[str, Json], reply: dict[str, Json]) -> None:
    if change.get("any_body"):
        reply["content"] = {"*/*": {}}
    elif "schema" in change:
        content = reply.setdefault("content", {})
        content["application/json"] = {"schema": change["schema"]}
    else:
        schema = reply["content"]["application/json"]["schema"]
        schema["properties"] |= copy.deepcopy(change["set_property"])
