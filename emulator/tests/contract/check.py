"""Hold exchanges against a published contract.

    checker("azure").violations(exchange)   # what it forbids
    checker("openai").faults(exchange)      # with what is in LACKING, the table of gaps

An exchange is a dict as `responses_emulator.observers.record` writes it: `method`,
`url`, `request_headers`, `request_body`, `status`, `response_headers`,
`response_body`; a body is text, or base64 where `request_body_encoding` or
`response_body_encoding` says so. `aborted` says that the reply was not read to its
end: then a stream may lack its end.

Held against the contract are: that the operation is there, query parameters, the body
of the request, the status, content type and body of the reply, and each event of a
stream; and the order of events against `order`. A property that the contract does not
name is a violation, at every depth.

Not checked are formats such as dates, headers, keys, what several exchanges have to do
with each other, which model takes which parameter, and what goes over a WebSocket.
"""

import base64
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
import orjson

from emulator.tests.contract import bodies
from emulator.tests.contract.correct import STREAM, corrected
from emulator.tests.contract.distil import METHODS
from emulator.tests.contract.lacking import rows
from emulator.tests.contract.order import Order
from emulator.tests.contract.schemas import PREFIX, Schemas

Json = Any

CONTRACTS = ("azure", "openai")
VERSION = re.compile(r"\d{4}-\d\d-\d\d(-preview)?|v1|preview|latest")
JSON = "application/json"
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
ERROR = PREFIX + "ErrorResponse"  # the body of a status that is not declared
LONGEST = 300  # characters of a message
NOTHING = object()  # where there is no body


@dataclass(frozen=True)
class Violation:
    """One thing that a contract forbids; as text it is one line."""

    operation: str  # POST /responses
    part: str  # request, query, reply, or event 3 response.created
    place: str  # $.tools[0].type
    kind: str  # a keyword of JSON Schema, or what else was wrong: order, status, ...
    message: str
    component: str = ""  # of the contract

    def __str__(self) -> str:
        where = f"{self.operation}  {self.part}  {self.place}"
        component = f"  [{self.component}]" if self.component else ""
        return f"{where}  {self.kind}: {self.message[:LONGEST]}{component}"


@dataclass(frozen=True)
class Operation:
    """What a contract has under a method and a path."""

    method: str
    path: str
    parts: tuple[str, ...]
    declared: dict[str, Json]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    def fits(self, parts: list[str]) -> bool:
        """Whether this is the operation of a path, whatever the method."""
        return len(parts) == len(self.parts) and all(
            own == part or (own.startswith("{") and part)
            for own, part in zip(self.parts, parts, strict=True)
        )


class Checker:
    """One contract, ready to hold exchanges against."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.document = corrected(name)
        self.schemas = Schemas(self.document["components"]["schemas"])
        self.operations = sorted(
            (
                Operation(method.upper(), path, _parts(path), item[method])
                for path, item in self.document["paths"].items()
                for method in METHODS
                if item.get(method)
            ),
            key=lambda operation: sum(p.startswith("{") for p in operation.parts),
        )
        # One validator has all there is to hold: each schema stands as a property.
        self.roots: dict[str, Json] = {}
        for reference in (*self.document["events"].values(), ERROR):
            self.root({"$ref": reference})
        for operation in self.operations:
            for node in self.nodes(operation.declared):
                self.root(node)
        self.validator = jsonschema_rs.Draft202012Validator(
            {"properties": self.roots, "$defs": self.schemas.defs}
        )

    def violations(self, exchange: dict[str, Json]) -> list[str]:
        """What the contract forbids, a line each, without what it is known to lack."""
        return [
            str(fault)
            for fault in self.faults(exchange)
            if not rows(self.name, str(fault))
        ]

    def faults(self, exchange: dict[str, Json]) -> list[Violation]:
        """All that the contract forbids of an exchange."""
        method = exchange["method"].upper()
        layout, parts, query = _located(exchange["url"])
        path = "/" + "/".join(parts)
        here = [operation for operation in self.operations if operation.fits(parts)]
        for operation in here:
            if operation.method == method:
                return [
                    Violation(operation.name, *fault)
                    for fault in self.exchange(operation, layout, query, exchange)
                ]
        known = ", ".join(operation.method for operation in here) or "no method"
        message = f"the contract has {known} here"
        return [Violation(f"{method} {path}", "url", "$", "operation", message)]

    def stream_faults(self, text: str, after: int | None = None) -> list[Violation]:
        """All that the contract forbids of a stream, alone or taken up again."""
        return [Violation("", *fault) for fault in self.stream(text, after)]

    # What goes together

    def exchange(
        self, operation: Operation, layout: str, query: str, exchange: dict[str, Json]
    ) -> Iterator[tuple[str, ...]]:
        declared = operation.declared
        for place, kind, message, *component in self.query(layout, query, declared):
            yield "query", place, kind, message, *component
        asked: Json = None
        try:
            asked = self.request_body(exchange)
        except ValueError as error:
            yield "request", "$", "body", f"cannot be read: {error}"
        else:
            for fault in self.request(operation, exchange, asked):
                yield "request", *fault
        yield from self.reply(operation, query, asked, exchange)

    def query(
        self, layout: str, text: str, declared: dict[str, Json]
    ) -> Iterator[tuple[str, ...]]:
        given = bodies.query(text)
        known = {
            parameter["name"].removesuffix("[]"): parameter
            for parameter in declared.get("parameters", ())
            if parameter["in"] == "query"
        }
        version = given.get("api-version", [""])[-1]
        if layout == "dated" and not VERSION.fullmatch(version):
            yield "api-version", "version", f"{version!r} is not a version of the API"
        if layout != "v1" or "api-version" not in known:
            given.pop("api-version", None)
        for name, texts in given.items():
            if name not in known:
                yield name, "parameter", f"is not one of {sorted(known)}"
                continue
            schema = known[name]["schema"]
            types = self.schemas.types(schema)
            value: Json = [bodies.from_text(text, types) for text in texts]
            if "array" not in types:
                if len(value) > 1:
                    yield name, "parameter", "is there more than once"
                value = value[-1]
            elif len(texts) == 1:
                value = texts[0].split(",")
            for place, *fault in self.value(schema, value):
                yield name + place.removeprefix("$"), *fault
        for name, parameter in known.items():
            if parameter.get("required") and name not in given:
                yield name, "required", "the parameter is missing"

    def request_body(self, exchange: dict[str, Json]) -> Json:
        """The body of a request: JSON, or a form's fields as such."""
        body = _bytes(exchange, "request_body")
        content_type = _header(exchange, "request_headers", "content-type")
        if not body:
            return NOTHING
        if content_type.startswith(FORMS):
            return bodies.nested(bodies.fields(body, content_type))
        return orjson.loads(body)

    def request(
        self, operation: Operation, exchange: dict[str, Json], body: Json
    ) -> Iterator[tuple[str, ...]]:
        declared = operation.declared.get("requestBody")
        if body is NOTHING:
            always = operation.path == "/responses"  # though Azure's file forgets it
            if declared and (always or declared.get("required")):
                yield "$", "body", "the request has no body"
            return
        if declared is None:
            if body:
                yield "$", "body", "the operation takes no body"
            return
        content = declared["content"]
        content_type = _media_type(exchange, "request_headers")
        if content_type not in content:
            takes = ", ".join(content)
            yield "$", "content type", f"{content_type or 'none'}, and not {takes}"
            if content_type not in ("", JSON, *FORMS):
                return
        media = content.get(content_type) or next(iter(content.values()))
        schema = media.get("schema", {})
        if content_type in FORMS:
            body = self.typed(schema, body)
        yield from self.value(schema, body)

    def typed(self, schema: Json, value: Json) -> Json:
        """A form's texts as the values that a schema asks for in their place."""
        types = self.schemas.types(schema)
        if isinstance(value, dict):
            named: dict[str, Json] = {}
            for part in self.alternatives(schema):
                named |= part.get("properties", {})
            return {k: self.typed(named.get(k, {}), v) for k, v in value.items()}
        if isinstance(value, list):
            items = [p["items"] for p in self.alternatives(schema) if "items" in p]
            return [self.typed(items[0] if items else {}, one) for one in value]
        if types == {"array"}:
            return [value]
        return bodies.from_text(value, types)

    def alternatives(self, schema: Json) -> Iterator[Json]:
        """All that a schema is made of, whichever of its kinds a value is."""
        for part in self.schemas.parts(schema) if schema else ():
            yield part
            for branch in (*part.get("oneOf", ()), *part.get("anyOf", ())):
                yield from self.alternatives(branch)

    def reply(
        self, operation: Operation, query: str, asked: Json, exchange: dict[str, Json]
    ) -> Iterator[tuple[str, ...]]:
        status = exchange.get("status")
        if status is None:
            yield "reply", "$", "status", "there is no reply"
            return
        replies = operation.declared.get("responses", {})
        reply = replies.get(str(status), replies.get(f"{status // 100}XX"))
        if reply is None and status >= 400:
            reply = replies.get("default")
            error = {"content": {JSON: {"schema": {"$ref": ERROR}}}}
            reply = error if reply is None else reply
        if reply is None:
            yield "reply", "$", "status", f"{status} is not one of {sorted(replies)}"
            reply = {}
        reply = self.resolved(reply)
        content_type = _media_type(exchange, "response_headers")
        parameters = bodies.query(query)
        asks = isinstance(asked, dict) and asked.get("stream") is True
        asks = asks and operation.path == "/responses"
        asks = asks or "true" in parameters.get("stream", ())
        if (content_type == STREAM) != (asks and status == 200):
            which = "a stream" if asks else "no stream"
            what = content_type or "nothing"
            yield "reply", "$", "content type", f"{which} was asked for, it is {what}"
        body = _bytes(exchange, "response_body")
        if content_type == STREAM:
            after = parameters.get("starting_after", [""])[-1]
            resumed = int(after) if re.fullmatch(r"-?\d+", after) else None
            text = body.decode("utf-8", "replace")
            yield from self.stream(text, resumed, left="aborted" in exchange)
        else:
            for fault in self.reply_body(reply.get("content"), content_type, body):
                yield "reply", *fault

    def reply_body(
        self, content: Json, content_type: str, body: bytes
    ) -> Iterator[tuple[str, ...]]:
        if not content or "*/*" in content:
            return
        media = content.get(content_type)
        if media is None:
            if set(content) == {"application/octet-stream"}:
                return  # a file, of whatever type it is
            takes = ", ".join(content)
            yield "$", "content type", f"{content_type or 'none'}, and not {takes}"
            if content_type not in ("", JSON):
                return
            media = next(iter(content.values()))
        if content_type not in ("", JSON) or "schema" not in media:
            return
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            yield "$", "body", f"is not JSON: {error}"
            return
        yield from self.value(media["schema"], value)

    def stream(
        self, text: str, after: int | None, *, left: bool = False
    ) -> Iterator[tuple[str, ...]]:
        """What is wrong with a stream, whose end is not looked at if it was left."""
        order = Order(after)
        events = self.document["events"]
        if "\ufffd" in text:
            yield "reply", "$", "body", "is not UTF-8"
        for index, (name, data, closed) in enumerate(bodies.sse(text)):
            part = f"event {index} {name}"
            if not closed:
                yield part, "$", "frame", "no blank line follows"
            try:
                event = orjson.loads(data)
            except orjson.JSONDecodeError as error:
                yield part, "$", "frame", f"its data is not JSON: {error}"
                continue
            if not isinstance(event, dict):
                yield part, "$", "type", f"{data} is not an object"
                continue
            kind = str(event.get("type"))
            if kind != name:
                yield (
                    part,
                    "$.type",
                    "frame",
                    f"{kind!r} is not the name of the event",
                )
            if kind not in events:
                yield part, "$.type", "event", f"{kind!r} is not in the contract"
            else:
                for fault in self.value({"$ref": events[kind]}, event):
                    yield part, *fault
            for place, message in order.next(kind, event):
                yield part, place, "order", message
        for place, message in () if left else order.end():
            yield "reply", place, "order", message

    # One value and one schema

    def value(self, schema: Json, value: Json) -> Iterator[tuple[str, ...]]:
        """Place, kind, message and component of what a schema forbids of a value."""
        name = self.root(schema)
        for error in self.validator.iter_errors({name: value}):
            yield from _faults(error)

    def component(self, name: str, value: Json) -> list[tuple[str, ...]]:
        """What a component of the contract forbids of a value."""
        return [*self.value({"$ref": PREFIX + name}, value)]

    def root(self, schema: Json) -> str:
        name = orjson.dumps(schema).decode()
        if name not in self.roots:
            self.roots[name] = self.schemas.place(schema)
        return name

    def nodes(self, declared: dict[str, Json]) -> Iterator[Json]:
        """The schemas of an operation: parameters, the request's body, the replies'."""
        yield from (p["schema"] for p in declared.get("parameters", ()))
        replies = map(self.resolved, declared.get("responses", {}).values())
        for part in (declared.get("requestBody", {}), *replies):
            for media in part.get("content", {}).values():
                if "schema" in media:
                    yield media["schema"]

    def resolved(self, node: Json) -> Json:
        """A reply, or the one that it refers to."""
        if "$ref" not in node:
            return node
        kind, _, name = node["$ref"].removeprefix("#/components/").partition("/")
        return self.document["components"][kind][name]


@cache
def checker(name: str) -> Checker:
    """The checker of `azure` or `openai`."""
    return Checker(name)


def violations(
    exchanges: Iterable[dict[str, Json]], contracts: Iterable[str] = CONTRACTS
) -> list[str]:
    """What the contracts forbid of exchanges, a line each."""
    return [
        f"{contract}: {line}"
        for exchange in exchanges
        for contract in contracts
        for line in checker(contract).violations(exchange)
    ]


def _faults(error: jsonschema_rs.ValidationError) -> Iterator[tuple[str, ...]]:
    kind = error.kind
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.AnyOf):
        # The branch that was meant is the one with the least to say.
        for inner in min(kind.context, key=len):
            yield from _faults(inner)
        return
    place = "$" + "".join(
        f"[{key}]" if isinstance(key, int) else f".{key}"
        for key in error.instance_path[1:]  # without the name of the root
    )
    path = error.schema_path
    named = [i for i, key in enumerate(path) if key == "$defs"]
    component = str(path[named[-1] + 1]) if named else ""
    if isinstance(kind, jsonschema_rs.ValidationErrorKind.AdditionalProperties):
        for name in kind.unexpected:
            yield f"{place}.{name}", str(path[-1]), "is not in the contract", component
    elif isinstance(kind, jsonschema_rs.ValidationErrorKind.Required):
        yield f"{place}.{kind.property}", str(path[-1]), "is missing", component
    else:
        yield place, str(path[-1]), error.message, component


def _located(url: str) -> tuple[str, list[str], str]:
    """The layout of a URL, `v1` or `dated`; its parts below that; and its query."""
    split = urlsplit(url)
    parts = [part for part in split.path.split("/") if part]
    if "openai" in parts:
        parts = parts[parts.index("openai") + 1 :]
        layout = "dated"
    else:
        layout = "v1"
    if parts[:1] == ["v1"]:
        return "v1", parts[1:], split.query
    if parts[:1] == ["deployments"]:
        parts = parts[2:]
    return layout, parts, split.query


def _parts(path: str) -> tuple[str, ...]:
    return tuple(path.strip("/").split("/"))


def _bytes(exchange: dict[str, Json], name: str) -> bytes:
    body = exchange.get(name) or ""
    if exchange.get(f"{name}_encoding") == "base64":
        return base64.b64decode(body)
    return body.encode()


def _header(exchange: dict[str, Json], which: str, name: str) -> str:
    headers = exchange.get(which) or {}
    return next((v for k, v in headers.items() if k.lower() == name), "")


def _media_type(exchange: dict[str, Json], which: str) -> str:
    return _header(exchange, which, "content-type").split(";")[0].strip().lower()
