"""Which JSON Schemas a request may bring: the rules, in the service's words."""

import json
from typing import Any

import pytest

from emulator.tests.conftest import Client
from emulator.tests.test_families import with_model
from responses_emulator.contract import check
from responses_emulator.errors import ServiceError

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
CLOSED = "'additionalProperties' is required to be supplied and to be false."
REQUIRED = (
    "'required' is required to be supplied and to be an array including every key in "
    "properties."
)
UNTYPED = "schema must have a 'type' key."
NO_ITEMS = "array schema missing items."
NO_PROPERTIES = "object schema missing properties."
NO_OBJECT = "schema must be a JSON Schema of 'type: \"object\"', got 'type: \"{}\"'."
AT_THE_TOP = (
    "schema must have type 'object' and not have 'oneOf'/'anyOf'/'allOf'/'enum'/'const'"
    "/'not' at the top level."
)
NOT_AT_THE_TOP = (
    "reference can only point to definitions defined at the top level of the schema."
)
FEWER = (
    "Consider reducing the number of enums, or use 'strict: false' to opt out of "
    "structured outputs."
)


def closed(**properties: Any) -> Schema:
    """A strict object with these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": [*properties],
        "additionalProperties": False,
    }


def within(place: Any, fault: str) -> str:
    return f"In context={place!r}, {fault}"


def nowhere(place: Any, reference: str) -> str:
    said = f"reference to component '{reference}' which was not found in the schema."
    return within(place, said)


def deep(levels: int) -> Schema:
    """Objects in objects: so many of them."""
    schema = closed(v={"type": "integer"})
    for _ in range(levels - 1):
        schema = closed(c=schema)
    return schema


def refused(schema: Any, *, strict: bool) -> tuple[str, str]:
    """What is said of a schema: of a function's parameters, and of a format."""
    said: list[str] = []
    tool = {"type": "function", "name": "f", "parameters": schema, "strict": strict}
    format = {"type": "json_schema", "name": "n", "schema": schema, "strict": strict}
    for parameters, what, place, code in (
        (
            {"tools": [tool]},
            "function 'f'",
            "tools[0].parameters",
            "function_parameters",
        ),
        (
            {"text": {"format": format}},
            "response_format 'n'",
            "text.format.schema",
            "json_schema",
        ),
    ):
        with pytest.raises(ServiceError) as caught:
            check("responses.create", {"model": "m", "input": "Hi", **parameters})
        error = caught.value.body["error"]
        assert (caught.value.status, error["param"]) == (400, place)
        assert error["code"] == f"invalid_{code}"
        beginning = f"Invalid schema for {what}: "
        assert error["message"].startswith(beginning)
        said.append(error["message"].removeprefix(beginning))
    return said[0], said[1]


def taken(schema: Any, *, strict: bool) -> None:
    tool = {"type": "function", "name": "f", "parameters": schema, "strict": strict}
    format = {"type": "json_schema", "name": "n", "schema": schema, "strict": strict}
    for parameters in ({"tools": [tool]}, {"text": {"format": format}}):
        check("responses.create", {"model": "m", "input": "Hi", **parameters})


S = ("properties", "s")
# What is refused whether a schema is strict or not.
ALWAYS: list[tuple[Any, str]] = [
    ({"properties": {}}, NO_OBJECT.format(None)),
    ({"oneOf": [closed()]}, NO_OBJECT.format(None)),
    ({"$ref": "#/$defs/A", "$defs": {"A": closed()}}, NO_OBJECT.format(None)),
    ({"type": "array", "items": TEXT}, NO_OBJECT.format("array")),
    (closed(s={"type": "array"}), within(S, NO_ITEMS)),
    (
        closed(s={"type": "array", "prefixItems": [TEXT], "minItems": 1}),
        within(S, NO_ITEMS),
    ),
    (
        closed(s={"anyOf": [{"type": "array"}, {"type": "null"}]}),
        within((*S, "anyOf", "0"), NO_ITEMS),
    ),
    (closed(s={"$ref": "#/$defs/A"}), nowhere(S, "#/$defs/A")),
    (closed(s={"$ref": "#/definitions/A"}), nowhere(S, "#/definitions/A")),
    (
        closed(s={"type": "array", "items": {"$ref": "#/$defs/A"}}) | {"$defs": {}},
        nowhere((*S, "items"), "#/$defs/A"),
    ),
    (
        closed(s={"$ref": "https://example.com/a"}),
        nowhere(S, "https://example.com/a"),
    ),
    (closed(s={"$ref": "A"}) | {"$defs": {"A": TEXT}}, nowhere(S, "A")),
    # No JSON Schema at all. Quoted: `exclusiveMinimum` as it was in draft 4, which
    # some libraries still write, and patterns that are JavaScript's alone.
    *(
        (closed(s=TEXT | {keyword: value}), fault)
        for keyword, value, fault in (
            ("exclusiveMinimum", True, "True is not of type 'number'."),
            ("maximum", "9", "'9' is not of type 'number'."),
            ("pattern", "(?<name>a)", "'(?<name>a)' is not a 'regex'."),
            ("pattern", "\\p{Cc}", "'\\\\p{Cc}' is not a 'regex'."),
            ("pattern", 5, "5 is not of type 'string'."),
            ("patternProperties", {"(": {}}, "'(' is not a 'regex'."),
            ("minLength", "1", "'1' is not of type 'integer'."),
            ("minItems", -1, "-1 is less than the minimum of 0."),
            ("uniqueItems", "yes", "'yes' is not of type 'boolean'."),
            ("description", 5, "5 is not of type 'string'."),
            ("title", ["T"], "['T'] is not of type 'string'."),
            ("$ref", {}, "{} is not of type 'string'."),
            ("anyOf", [], "[] should be non-empty."),
        )
    ),
    (closed() | {"required": None}, "None is not of type 'array'."),
    (closed(s=TEXT | {"required": True}), "True is not of type 'array'."),
    (closed() | {"required": [{}]}, "{} is not of type 'string'."),
    (closed(s=TEXT) | {"required": ["s", "s"]}, "['s', 's'] has non-unique elements."),
    (closed() | {"properties": []}, "[] is not of type 'object'."),
    (closed(s="text"), "'text' is not of type 'object', 'boolean'."),
    (
        closed(s={"type": "strin"}),
        "'strin' is not valid under any of the given schemas.",
    ),
    (
        closed(s={"type": ["string", 5]}),
        "['string', 5] is not valid under any of the given schemas.",
    ),
    (closed(s={"type": "string", "enum": "a"}), "'a' is not of type 'array'."),
    (closed(s={"anyOf": {}}), "{} is not of type 'array'."),
]
STRICT: list[tuple[Any, str]] = [
    ({}, NO_OBJECT.format(None)),
    ({"type": "object"}, within((), NO_PROPERTIES)),
    (
        {"type": "object", "additionalProperties": TEXT},
        within((), NO_PROPERTIES),
    ),
    ({"type": "object", "properties": {}}, within((), CLOSED)),
    (closed(s=TEXT) | {"additionalProperties": True}, within((), CLOSED)),
    (closed(s=TEXT) | {"required": []}, within((), f"{REQUIRED} Missing 's'.")),
    (
        closed(s=TEXT) | {"required": ["s", "t"]},
        within((), f"{REQUIRED} Extra required key 't' supplied."),
    ),
    (
        closed(s={"type": ["object", "null"], "properties": {}}),
        within((*S, "type", "0"), CLOSED),
    ),
    (
        closed(s={"type": ["null", "object"], "properties": {}}),
        within((*S, "type", "1"), CLOSED),
    ),
    (
        closed(s={"type": "array", "items": {"type": "object", "properties": {}}}),
        within((*S, "items"), CLOSED),
    ),
    (
        closed(s={"anyOf": [{"type": "object", "properties": {}}]}),
        within((*S, "anyOf", "0"), CLOSED),
    ),
    (
        closed() | {"$defs": {"Step": {"type": "object", "properties": {}}}},
        within(("$defs", "Step"), CLOSED),
    ),
    *((closed() | {name: []}, AT_THE_TOP) for name in ("oneOf", "anyOf", "allOf")),
    *((closed() | {"enum": [{}]}, AT_THE_TOP), (closed() | {"not": {}}, AT_THE_TOP)),
    # What Microsoft's table has, and what there is no support of besides
    *(
        (
            closed(s={"type": type, keyword: value}),
            within(S, f"'{keyword}' is not permitted."),
        )
        for type, keyword, value in (
            ("string", "minLength", 3),
            ("string", "maxLength", 3),
            ("object", "patternProperties", {}),
            ("object", "unevaluatedProperties", False),
            ("object", "propertyNames", TEXT),
            ("object", "minProperties", 1),
            ("object", "maxProperties", 1),
            ("array", "unevaluatedItems", False),
            ("array", "contains", TEXT),
            ("array", "minContains", 1),
            ("array", "maxContains", 1),
            ("array", "uniqueItems", True),
            ("string", "allOf", [TEXT]),
            ("string", "oneOf", [TEXT]),
            ("string", "not", TEXT),
            ("string", "if", TEXT),
            ("string", "then", TEXT),
            ("string", "else", TEXT),
            ("object", "dependentRequired", {}),
            ("object", "dependentSchemas", {}),
        )
    ),
    *(
        (
            closed(s=TEXT | {"format": name}),
            within(S, f"'{name}' is not a valid format."),
        )
        for name in ("uri", "regex", "json-pointer", "credit-card")
    ),
    *(
        (closed(s=untyped), within(S, UNTYPED))
        for untyped in ({"description": "d"}, {"const": "a"}, {"enum": ["a"]})
    ),
    (closed(s=True), within(S, "schema must be an object.")),
    (
        closed(s={"type": "array", "items": [TEXT]}),
        "[{'type': 'string'}] is not of type 'object', 'boolean'.",
    ),
    # References
    (
        closed(s={"$ref": "#/$defs/H", "description": "d"}) | {"$defs": {"H": TEXT}},
        f"context={S}, $ref cannot have keywords {{'description'}}.",
    ),
    (
        closed(s={"$ref": "#", "title": "t", "default": None}),
        f"context={S}, $ref cannot have keywords {{'default', 'title'}}.",
    ),
    (
        closed(a=TEXT, s={"$ref": "#/properties/a"}),
        within(S, NOT_AT_THE_TOP),
    ),
    (
        closed(s={"$ref": "#/$defs/A/properties/b"}) | {"$defs": {"A": closed(b=TEXT)}},
        within(S, NOT_AT_THE_TOP),
    ),
    # Limits
    (deep(11), "11 levels of nesting exceeds limit of 10."),
    (deep(13), "13 levels of nesting exceeds limit of 10."),
    (
        closed(**{f"p{n}": TEXT for n in range(5_001)}),
        "5001 parameters exceeds limit of 5000.",
    ),
    (
        closed(s={"type": "integer", "enum": [*range(1_001)]}),
        "Expected at most 1000 enum values in total within a single schema when using "
        f"structured outputs, but received 1001. {FEWER}",
    ),
    (
        closed(**{f"p{n}": TEXT | {"enum": ["a"] * 251} for n in range(4)}),
        "Expected at most 1000 enum values in total within a single schema when using "
        f"structured outputs, but received 1004. {FEWER}",
    ),
    (
        closed(s=TEXT | {"enum": [f"{n:060}" for n in range(251)]}),
        "Expected at most 15000 total characters across enum values when there are "
        f"more than 250 enum values, but received 15060. {FEWER}",
    ),
    (
        closed(**{"p" * 120_001: TEXT}),
        "120001 characters exceeds limit of 120000.",
    ),
]
# What the documents and users contradict each other about, and what is surely taken.
STRICT_TAKEN: list[Any] = [
    closed(),
    closed(s=TEXT | {"title": "T", "description": "d", "default": "a"}),
    *(
        closed(s=TEXT | {"format": name})
        for name in (
            *("date-time", "time", "date", "duration", "email", "hostname"),
            *("ipv4", "ipv6", "uuid"),
        )
    ),
    closed(s=TEXT | {"pattern": "^[a-z]+$"}),
    closed(s={"type": "integer", "minimum": 1, "maximum": 5, "multipleOf": 2}),
    closed(s={"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}),
    closed(s={"type": "array", "items": TEXT, "minItems": 1, "maxItems": 2}),
    closed(s=TEXT | {"enum": ["a"]}, t=TEXT | {"const": "b"}),
    closed(s={"type": ["string", "null"]}),
    closed(s={"anyOf": [TEXT, {"type": "null"}]}),
    closed(s={"$ref": "#"}),
    closed(s={"$ref": "#/$defs/A"}) | {"$defs": {"A": closed(b=TEXT)}},
    closed(s={"$ref": "#/definitions/A"}) | {"definitions": {"A": TEXT}},
    closed(description=TEXT, minLength={"type": "integer"}),  # names, no keywords
    deep(10),
    closed(**{f"p{n}": TEXT for n in range(5_000)}),
    closed(s={"type": "integer", "enum": [*range(1_000)]}),
    closed(s=TEXT | {"enum": [f"{n:0100}" for n in range(250)]}),
]
LOOSE_TAKEN: list[Any] = [
    {"type": "object", "properties": {}},
    {"type": "object", "properties": {"s": {}, "t": True}},
    {"type": "object", "properties": {"s": TEXT | {"minLength": 3, "format": "uri"}}},
    {"type": "object", "properties": {"s": {"type": "object"}}},
    {
        "type": "object",
        "properties": {"s": {"$ref": "#/$defs/A", "description": "d"}},
        "$defs": {"A": TEXT},
    },
    closed(a=TEXT, s={"$ref": "#/properties/a"}),
    closed(s={"$ref": "#a"}) | {"$defs": {"A": TEXT | {"$anchor": "a"}}},
    closed() | {"oneOf": [{"required": ["a"]}], "if": {}, "then": {}, "not": {}},
    {"type": "object", "properties": {"s": {"type": "array", "items": [TEXT, {}]}}},
    {"type": "object", "properties": {}, "patternProperties": {"^a": TEXT}},
    deep(20),
]


@pytest.mark.parametrize(("schema", "fault"), STRICT)
def test_a_strict_schema_that_breaks_a_rule_is_refused(schema: Any, fault: str) -> None:
    assert refused(schema, strict=True) == (fault, fault)


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(("schema", "fault"), ALWAYS)
def test_some_rules_hold_of_every_schema(schema: Any, fault: str, strict: bool) -> None:
    assert refused(schema, strict=strict) == (fault, fault)


@pytest.mark.parametrize("schema", STRICT_TAKEN)
def test_what_is_supported_or_in_dispute_is_taken(schema: Any) -> None:
    taken(schema, strict=True)


@pytest.mark.parametrize("schema", [*STRICT_TAKEN, *LOOSE_TAKEN])
def test_a_schema_that_is_not_strict_may_have_more(schema: Any) -> None:
    taken(schema, strict=False)


@pytest.mark.parametrize(
    "holder",
    [
        *(
            {keyword: "text"}
            for keyword in (
                *("additionalProperties", "contains", "else", "if", "items", "not"),
                *("propertyNames", "then", "unevaluatedItems"),
                "unevaluatedProperties",
            )
        ),
        *({keyword: ["text"]} for keyword in ("allOf", "anyOf", "oneOf")),
        {"prefixItems": [{}, "text"]},
        *(
            {keyword: {"a": "text"}}
            for keyword in (
                *("properties", "patternProperties", "$defs", "definitions"),
                "dependentSchemas",
            )
        ),
    ],
    ids=lambda holder: next(iter(holder)),
)
def test_a_schema_is_looked_for_wherever_one_may_stand(holder: Schema) -> None:
    said = "'text' is not of type 'object', 'boolean'."
    schema = {"type": "object", "properties": {"s": holder}}
    assert refused(schema, strict=False) == (said, said)
    nested = {"type": "object", "properties": {"s": {"not": {"anyOf": [holder]}}}}
    assert refused(nested, strict=False) == (said, said)


def test_a_function_without_parameters_says_so() -> None:
    function = {"type": "function", "name": "f", "strict": False}
    for parameters in ({}, {"parameters": None}, {"parameters": {}}):
        tools = [function | parameters]
        check("responses.create", {"model": "m", "input": "Hi", "tools": tools})
    for parameters in ({"type": "object"}, {"type": "object", "required": []}):
        tools = [function | {"parameters": parameters}]
        with pytest.raises(ServiceError) as caught:
            check("responses.create", {"model": "m", "input": "Hi", "tools": tools})
        assert NO_PROPERTIES in caught.value.body["error"]["message"]


def test_a_function_in_a_namespace_is_held_to_the_rules_too() -> None:
    function = {
        "type": "function",
        "name": "f",
        "parameters": {"type": "object", "properties": {}},
        "strict": True,
    }
    tool = {"type": "namespace", "name": "n", "description": "", "tools": [function]}
    with pytest.raises(ServiceError) as caught:
        check("responses.create", {"model": "m", "input": "Hi", "tools": [tool]})
    assert caught.value.body["error"]["param"] == "tools[0].tools[0].parameters"


def test_older_models_take_no_union_in_a_namespace_either(client: Client) -> None:
    with_model(client, "gpt-4.1")
    union = closed() | {"anyOf": [{"required": []}]}
    function = {"type": "function", "name": "f", "parameters": union, "strict": False}
    tool = {"type": "namespace", "name": "n", "description": "", "tools": [function]}
    error = client.refused(model="gpt-4.1", tools=[tool])
    assert error["param"] == "tools[0].tools[0].parameters"
    assert AT_THE_TOP in error["message"]


def test_a_long_value_is_not_repeated_in_full() -> None:
    long = "x" * 1_000_000
    for schema in (
        closed(s={"type": long}),
        closed(s={"$ref": f"#/{long}"}),
        closed(s=TEXT | {"format": long}),
        closed() | {"required": [long, long]},
    ):
        assert len(json.dumps(refused(schema, strict=True))) < 2_000
