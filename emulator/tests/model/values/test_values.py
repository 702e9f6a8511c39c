"""A value for any schema: what share of a battery gets one, and what the rest is told.

`schemas.json` has the battery: of each schema its kind, and whether a value is valid
for it at all. The validator is the judge, with formats taken for assertions.
"""

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from emulator.tests.conftest import Client, text
from responses_emulator import extras
from responses_emulator.adapters.lanes import Lane, lane_of_body
from responses_emulator.model.values import checks, filling, judged, keywords, schema
from responses_emulator.model.values.schema import OverBound, fill, fill_here
from responses_emulator.processes import Processes

BATTERY: list[dict[str, Any]] = json.loads(
    Path(__file__).with_name("schemas.json").read_text("utf-8")
)
PLAINEST: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("values.yaml").read_text("utf-8")
)
LEAST_SHARE = 0.95
PROMPTS = ["Hello.", "Ada Byron flies from Oslo to Paris on 2026-05-31 for 250 euros."]


def is_valid(rule: Any, value: Any) -> bool:
    rule = rule if "$schema" in rule else keywords.in_todays_terms(rule)
    return jsonschema_rs.validator_for(rule, validate_formats=True).is_valid(value)


def made(rule: Any, prompt: str) -> list[Any]:
    try:
        return [fill_here(rule, prompt)]
    except ValueError as error:
        assert str(error), rule
        return []


@pytest.mark.parametrize("prompt", PROMPTS)
def test_satisfiable_schemas_get_a_valid_value(prompt: str):
    missed: list[Any] = []
    asked, good = Counter[str](), Counter[str]()
    for case in BATTERY:
        if case["satisfiable"]:
            asked[case["kind"]] += 1
            found = made(case["schema"], prompt)
            if found and is_valid(case["schema"], found[0]):
                good[case["kind"]] += 1
            else:
                missed.append((case["schema"], *found))
    share = good.total() / asked.total()
    print(f"\n{good.total()} of {asked.total()} schemas got a valid value: {share:.1%}")
    assert asked.total() >= 150
    assert share >= LEAST_SHARE, missed
    assert all(good[kind] for kind in asked)


@pytest.mark.parametrize(
    "form",
    [
        *("date", "date-time", "time", "duration", "email", "idn-email", "hostname"),
        *("idn-hostname", "uri", "iri", "uri-reference", "iri-reference"),
        *("uri-template", "ipv4", "ipv6", "uuid", "json-pointer"),
        *("relative-json-pointer", "regex"),
    ],
)
@pytest.mark.parametrize("more", [{}, {"minLength": 30}, {"maxLength": 40}])
def test_each_format_is_kept(form: str, more: dict[str, int]):
    rule = {"type": "string", "format": form, **more}
    if more.get("minLength", 0) > LONGEST.get(form, 30):
        with pytest.raises(ValueError, match="schema"):
            fill(rule, "Hello.")
    else:
        assert is_valid(rule, fill(rule, "Hello."))


# Of some formats no text is as long as any other.
LONGEST = {"date": 10, "ipv4": 15, "time": 25, "duration": 20}


def test_no_value_is_made_where_none_is_valid():
    taken = [
        case["schema"]
        for case in BATTERY
        if not case["satisfiable"] and made(case["schema"], "Hello.")
    ]
    assert taken == []


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (
            {"allOf": [{"type": "integer", "minimum": 5}, {"maximum": 3}]},
            "'minimum' of '/allOf/0' together with 'maximum' of '/allOf/1'",
        ),
        (
            {
                "type": "object",
                "properties": {"a": {"type": "string", "enum": [1]}},
                "required": ["a"],
            },
            "at '/properties/a' nothing keeps 'type' and 'enum'",
        ),
        ({"$ref": "#"}, "a $ref leads to itself"),
        (
            {
                "type": "object",
                "properties": {"next": {"$ref": "#"}},
                "required": ["next"],
            },
            "a $ref leads back without an end",
        ),
        ({"$ref": "#/$defs/a"}, "malformed: Pointer '/$defs/a' does not exist"),
        ({"not": {}, "type": 7}, "malformed: 7 is not valid"),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(rule: Any, said: str):
    with pytest.raises(ValueError, match="schema") as caught:
        fill(rule, "Hello.")
    assert said in str(caught.value)
    assert not isinstance(caught.value, OverBound)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"type": "array", "minItems": 10**6}, "wants 1,000,000 items"),
        (
            {
                "type": "array",
                "items": {"const": 1},
                "contains": {"const": 1},
                "maxContains": 1,
                "minItems": 2,
            },
            "no array was found that keeps 'contains'",
        ),
        ({"type": "array", "minItems": 50_000}, "takes more than 20,000 steps"),
        (
            {"type": "string", "pattern": f"^(?=a)b{'c' * 9000}$"},
            f"no text was found that keeps 'pattern' '^(?=a)b{'c' * 72}\u2026'",
        ),
        (
            {"type": "string", "pattern": "^(?=a)b"},
            "no text was found that keeps 'pattern' '^(?=a)b'",
        ),
    ],
)
def test_what_is_not_found_is_refused_as_such(rule: Any, said: str):
    with pytest.raises(OverBound) as caught:
        fill(rule, "Hello.")
    assert said in str(caught.value)


@pytest.mark.parametrize("prompt", ["Generate three profiles", "Make up 3 profiles"])
def test_as_many_members_are_made_up_as_are_asked_for(prompt: str):
    profile = {"type": "object", "properties": {"name": {"type": "string"}}}
    profile |= {"required": ["name"], "additionalProperties": False}
    for members in (profile, {"$ref": "#/$defs/Profile"}):
        profiles = {"type": "array", "items": members}
        rule = {
            "type": "object",
            "properties": {"profiles": profiles},
            "required": ["profiles"],
            "additionalProperties": False,
            "$defs": {"Profile": profile},
        }
        assert len(fill(rule, prompt)["profiles"]) == 3


def test_meaning_survives_where_a_schema_is_entangled():
    rule = {
        "type": "object",
        "properties": {
            "zone": {"type": "string"},
            "name": {"type": "string"},
            "city": {"type": "string", "not": {"const": "Oslo"}},
            "size": {"type": "string", "default": "medium"},
        },
        "required": ["zone", "name", "city", "size"],
        "if": {"properties": {"city": {"const": "Paris"}}},
        "then": {"required": ["day"]},
    }
    value = fill(rule, "Ada Byron goes to Paris.")
    assert is_valid(rule, value)
    assert [*value][:4] == ["zone", "name", "city", "size"]
    assert (value["name"], value["city"]) == ("Ada Byron", "Paris")
    assert (value["zone"], value["size"]) == ("unknown", "medium")


# Where it runs


def tagged(*kinds: str) -> dict[str, Any]:
    branches = [
        {
            "type": "object",
            "properties": {"kind": {"const": kind}, kind: {"type": "string"}},
            "required": ["kind", kind],
        }
        for kind in kinds
    ]
    return {"oneOf": branches}


PLAIN = [
    {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
    {"type": "string", "pattern": r"^\d{3}$"},
    {"anyOf": [{"type": "string"}, {"type": "null"}]},
    {"$ref": "#/$defs/a", "description": "b", "$defs": {"a": {"type": "integer"}}},
    tagged("cat", "dog"),
    {"oneOf": [{"type": "string"}, {"type": "integer"}]},
    {"enum": ["a", "bb"], "minLength": 2},
]
ENTANGLED = [
    {"not": {"type": "string"}},
    {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    {"oneOf": [tagged("cat")["oneOf"][0], {"type": "object"}]},
    tagged("cat", "cat"),
    {"type": "string", "format": "date", "pattern": "^2"},
    {"$ref": "#/$defs/a", "minimum": 3, "$defs": {"a": {"type": "integer"}}},
    {"type": "array", "items": [{"type": "string"}]},
    {"const": "a", "enum": ["b"]},
    {"enum": [[1], [1, 2]], "minItems": 2},
    {"type": "object", "anyOf": [{"required": ["a"]}]},
    {"properties": {"a": 7}},
]


@pytest.mark.parametrize("rule", PLAIN)
def test_plain_schemas_are_filled_at_once(monkeypatch: pytest.MonkeyPatch, rule: Any):
    assert keywords.is_plain(rule)
    monkeypatch.setattr(schema, "_made", None)  # what asks a worker
    assert is_valid(rule, fill(rule, "Hello."))


@pytest.mark.parametrize("rule", ENTANGLED)
def test_others_are_not_taken_for_plain(rule: Any):
    assert not keywords.is_plain(rule)


def test_what_waits_for_a_worker_keeps_nobody_else_waiting():
    def lane(rule: Any) -> Lane:
        return lane_of_body(json.dumps({"tools": [{"parameters": rule}]}).encode())

    assert lane({"type": "object", "not": {"required": ["a"]}}) is Lane.LONG
    assert lane({"type": "object", "allOf": [{"required": ["a"]}]}) is Lane.LONG
    assert lane(PLAIN[0]) is Lane.ORDINARY
    assert lane({"type": "string", "description": 'if "not" then'}) is Lane.ORDINARY


def test_a_schema_is_filled_once_for_a_request(
    client: Client, monkeypatch: pytest.MonkeyPatch
):
    asked: list[bytes] = []
    ask = Processes.do

    def counted(self: Processes, task: Any, content: bytes) -> Any:
        asked.append(content)
        return ask(self, task, content)

    monkeypatch.setattr(Processes, "do", counted)
    schema.made.clear()
    rule = {"type": "object", "required": ["a"], "not": {"required": ["b"]}}
    format = {"type": "json_schema", "name": "n", "schema": rule}
    body = client.create("Hello.", text={"format": format})
    assert json.loads(text(body)) == {"a": "unknown"}
    assert len(asked) == 1


def test_slow_ones_end_and_are_refused_by_name(
    client: Client, monkeypatch: pytest.MonkeyPatch
):
    hasty = Processes(seconds=0.5)
    monkeypatch.setattr(schema, "_fillers", lambda: hasty)
    choices = [
        {"anyOf": [{"required": [f"a{i}"]}, {"maxProperties": i}]} for i in range(40)
    ]
    rule = {
        "type": "object",
        "properties": {},
        "allOf": choices,
        "not": {"required": ["a0"]},
    }
    tool = {"type": "function", "name": "f", "parameters": rule, "strict": False}
    started = time.monotonic()
    asked = {"model": client.model, "input": "Hello.", "tools": [tool]}
    reply = client.send("POST", "/responses", asked)
    assert reply.status in (200, 400)
    if reply.status == 400:
        assert isinstance(reply.body, bytes)
        error = json.loads(reply.body)["error"]
        assert error["code"] == "not_supported_by_emulator"
        assert error["param"] == "tools[0].parameters"
    assert time.monotonic() - started < 10
    hasty.close()


def test_without_the_extra_it_is_refused_by_name(
    client: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(schema, "fill_here", None)
    without = [name for name in extras.EXTRAS if name != "schemas"]
    monkeypatch.setattr(extras, "is_there", lambda extra: extra in without)
    tool = {"type": "function", "name": "f", "strict": False}
    rule = {"type": "object", "properties": {}, "not": {"required": ["a"]}}
    tool["parameters"] = rule
    asked = {"model": client.model, "input": "Hello.", "tools": [tool]}
    status, error = client.error("POST", "/responses", asked)
    assert (status, error["code"]) == (400, "not_supported_by_emulator")
    assert error["param"] == "tools[0].parameters"
    assert "its extra 'schemas', which is not installed" in error["message"]


def test_the_judge_is_what_the_battery_is_held_against():
    with pytest.raises(ValueError, match="No value is valid"):
        judged.value({"type": "string", "not": {"type": "string"}}, "Hello.")


# What needs no judge, nor a worker: each value to the letter.
FILLED: list[tuple[Any, str, Any]] = [
    ({"enum": ["a", "b"], "default": "b"}, "", "b"),
    ({"enum": ["a", "b"], "default": "c"}, "", "a"),
    ({"enum": ["a", "Unknown"]}, "", "Unknown"),
    ({"enum": ["a", None]}, "", None),
    ({"enum": ["a", None], "type": "string"}, "", "a"),
    ({"enum": [True, "a"], "type": "string"}, "", "a"),
    ({"enum": [None, True], "type": "boolean"}, "", True),
    ({"enum": [0.5, 2.0], "type": "integer"}, "", 2.0),
    ({"enum": [1, "a", [1], {"a": 1}], "type": "array"}, "", [1]),
    ({"enum": [1, "a", [1], {"a": 1}], "type": "object"}, "", {"a": 1}),
    ({"enum": ["a", 0.5, 1], "type": "number"}, "", 0.5),
    ({"enum": ["a", True, 1], "type": "integer"}, "", 1),
    ({"type": "integer", "default": 7}, "", 7),
    ({"type": "integer", "default": 7, "maximum": 3}, "", 0),
    ({"type": "number", "exclusiveMinimum": 0, "maximum": 9}, "", 4.5),
    ({"type": "integer", "minimum": -9, "maximum": -2}, "", -2),
    (
        {
            "type": "array",
            "uniqueItems": True,
            "minItems": 3,
            "items": {
                "anyOf": [{"const": 1}, False, {"enum": [2, 3]}, {"type": "null"}]
            },
        },
        "",
        [None, 2, 3],
    ),
    (
        {
            "type": "array",
            "uniqueItems": True,
            "minItems": 4,
            "items": {"type": ["boolean", "odd", "null", "string"]},
        },
        "",
        ...,
    ),
    (
        {
            "type": "array",
            "uniqueItems": True,
            "minItems": 3,
            "items": {"type": "number", "minimum": 2, "maximum": 2},
        },
        "",
        None,
    ),
    (
        {
            "type": "object",
            "properties": {"ab": {"type": "integer"}, "b": {"type": "integer"}},
            "patternProperties": {"^a": {"minimum": 3}, "b$": {"maximum": 5}},
            "required": ["ab", "b", "abc", "x"],
            "additionalProperties": {"const": 7},
        },
        "",
        {"ab": 3, "b": 0, "abc": 3, "x": 7},
    ),
    ({"type": "array", "minItems": 2, "maxItems": 1}, "", None),
    ({"allOf": [{"allOf": [{"minimum": 3}]}, {"allOf": [{"minimum": 2}]}]}, "", 3),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "said", "value"), FILLED)
def test_a_value_is_the_plainest(rule: Any, said: str, value: Any) -> None:
    if value is None and "enum" not in rule:
        with pytest.raises(ValueError, match="No value was found"):
            filling.filled(rule, said)
        return
    made = filling.filled(rule, said)
    if value is not ...:
        assert (made, type(made)) == (value, type(value))
    else:
        assert is_valid(rule | {"items": {"type": ["boolean", "null", "string"]}}, made)


@pytest.mark.parametrize("case", PLAINEST, ids=range(len(PLAINEST)))
def test_the_value_of_a_table_is_the_plainest(case: dict[str, Any]) -> None:
    make = filling.filled if case.get("alone") else judged.value
    made = make(case["schema"], case.get("prompt", ""))
    assert (made, type(made)) == (case["value"], type(case["value"]))
    assert case.get("alone") or is_valid(case["schema"], made)


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (False, "No value was found"),
        ({"allOf": [{"type": "string"}, False]}, "No value was found"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]}, "No value was found"),
        (
            {"type": "object", "required": ["a", "b"], "maxProperties": 1},
            "No value was",
        ),
        ({"type": "object", "minProperties": 2, "maxProperties": 1}, "No value was"),
        (
            {"type": "object", "additionalProperties": False, "minProperties": 1},
            "No value was found",
        ),
        (
            {
                "$ref": "#/$defs/n",
                "$defs": {
                    "n": {
                        "type": "object",
                        "properties": {"next": {"$ref": "#/$defs/n"}},
                        "required": ["next"],
                    }
                },
            },
            "No value was found",
        ),
        ({"$ref": "#/$defs/x"}, r"The schema's \$ref '#/\$defs/x' leads nowhere"),
        ({"type": "string", "minLength": 100_001}, "a text of 100,001 characters"),
    ],
)
def test_without_a_judge_there_is_no_value(rule: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        filling.filled(rule, "")


def test_what_is_too_much_is_refused() -> None:
    with pytest.raises(filling.OverBound, match="wants 100,001 items"):
        filling.filled({"type": "array", "minItems": 100_001}, "")
    with pytest.raises(filling.OverBound, match="wants 100,001 properties"):
        filling.filled({"type": "object", "minProperties": 100_001}, "")


@pytest.mark.parametrize(
    ("syntax", "definition", "text", "told"),
    [
        ("schema", {"type": "integer"}, "7", None),
        ("schema", {"type": "integer"}, '"7"', '"7" is not of type "integer".'),
        (
            "schema",
            {"properties": {"a": {"items": {"const": 1}}}},
            '{"a": [1, 2]}',
            "1 was expected (at /a/1).",
        ),
        ("schema", {"items": [{"const": 1}]}, "[2]", "1 was expected (at /0)."),
        ("schema", {"maxLength": 1}, f'"{"x" * 400}"', f'"{"x" * 299}'),
        ("regex", "a+", "aa", None),
    ],
)
def test_what_is_wrong_with_a_text_is_told(
    syntax: str, definition: Any, text: str, told: str | None
) -> None:
    assert checks.fault_here(syntax, definition, text) == told


def test_without_a_judge_the_reason_is_the_fillers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(schema, "_can_judge", lambda: False)
    monkeypatch.setattr(judged, "value", None)
    with pytest.raises(ValueError, match="No value was found for this schema"):
        fill_here({"type": "array", "minItems": 2, "maxItems": 1}, "")
    with pytest.raises(OverBound, match="wants 100,001 items"):
        fill_here({"type": "array", "minItems": 100_001}, "")


EMPTY = {"type": "integer", "minimum": 5, "maximum": 3}


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (EMPTY, "nothing keeps 'minimum' and 'maximum'"),
        (
            {"type": "object", "properties": {"a": EMPTY}, "required": ["a"]},
            "at '/properties/a' nothing keeps 'minimum' and 'maximum'",
        ),
        (
            {"type": "object", "properties": {"a": False}, "required": ["a"]},
            "at '/properties/a' nothing is allowed",
        ),
        (
            {"allOf": [{"type": "string"}, {"type": "integer"}]},
            "nothing keeps 'type' of '/allOf/0' together with 'type' of '/allOf/1'",
        ),
        ({"enum": []}, "nothing keeps 'enum'"),
    ],
)
def test_the_reason_is_told_to_the_letter(rule: Any, reason: str) -> None:
    with pytest.raises(ValueError) as told:
        judged.value(rule, "")
    assert str(told.value) == f"No value is valid for this schema: {reason}."


def test_a_long_list_of_values_is_looked_through_once():
    """Where each of 20,000 values was held against the schema for each member."""
    many = {"enum": [f"v{number}" for number in range(20_000)], "type": "string"}
    rule = {"type": "array", "items": many, "uniqueItems": True, "minItems": 2_000}
    started = time.process_time()
    assert len(set(fill(rule, "Hello."))) == 2_000
    assert time.process_time() - started < 10
