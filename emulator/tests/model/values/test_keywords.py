"""Where schemas stand in a schema, which are plain, and what a reference names."""

from typing import Any

import pytest

from responses_emulator.model.values import keywords

A, B, C = {"const": "a"}, {"const": "b"}, {"const": "c"}
ONE = (
    *("additionalItems", "unevaluatedItems", "contains", "additionalProperties"),
    *("unevaluatedProperties", "propertyNames", "not", "if", "then", "else", "items"),
)
ARRAY = ("items", "prefixItems", "allOf", "anyOf", "oneOf")
OBJECT = (
    *("properties", "patternProperties", "dependentSchemas", "dependencies"),
    *("$defs", "definitions"),
)


@pytest.mark.parametrize(
    ("rule", "inner"),
    [
        *(({keyword: A}, [A]) for keyword in ONE),
        *(({keyword: [A, B]}, [A, B]) for keyword in ARRAY),
        *(({keyword: {"x": A, "y": B}}, [A, B]) for keyword in OBJECT),
        ({"default": A, "examples": [A], "enum": [A], "const": A, "type": "x"}, []),
        ({"not": [A], "anyOf": "x", "properties": [A], "items": True}, []),
    ],
)
def test_what_is_inside_is_found_and_changed(
    rule: dict[str, Any], inner: list[Any]
) -> None:
    assert [each for each in keywords.inside(rule) if each is not True] == inner
    seen: list[Any] = []

    def change(part: dict[str, Any]) -> dict[str, Any]:
        seen.append(part)
        return {**part, "seen": True}

    made = keywords.mapped(rule, change)
    assert seen[:-1] == inner
    assert made == {**_marked(rule, inner), "seen": True}
    assert not any("seen" in each for each in inner)


def _marked(value: Any, inner: list[Any]) -> Any:
    """A copy in which the inner schemas are marked; one that holds none is as it is."""
    if not inner:
        return value
    if any(value is each for each in inner):
        return {**value, "seen": True}
    if isinstance(value, dict):
        return {name: _marked(each, inner) for name, each in value.items()}
    if isinstance(value, list):
        return [_marked(each, inner) for each in value]
    return value


def test_a_list_of_items_has_another_name_today() -> None:
    old = {"properties": {"x": {"items": [A, B], "additionalItems": C, "maxItems": 3}}}
    new = {"properties": {"x": {"prefixItems": [A, B], "items": C, "maxItems": 3}}}
    assert keywords.in_todays_terms(old) == new
    assert keywords.in_todays_terms(new) == new
    assert keywords.in_todays_terms({"items": [A]}) == {"prefixItems": [A]}
    assert keywords.in_todays_terms(True) is True


ROOT = {
    "$defs": {"x": A, "a/b": B, "m~n": C, "two words": A, "list": [A, {"y": B}]},
}


@pytest.mark.parametrize(
    ("reference", "named"),
    [
        ("#", ROOT),
        ("#/$defs/x", A),
        ("#/$defs/a~1b", B),
        ("#/$defs/m~0n", C),
        ("#/$defs/two%20words", A),
        ("#/$defs/list/0", A),
        ("#/$defs/list/1/y", B),
        ("#/$defs/list/2", None),
        ("#/$defs/list/-1", None),
        ("#/$defs/list/x", None),
        ("#/$defs/z", None),
        ("#/$defs/x/const/a", None),
        ("#x", None),
        ("x", None),
        ("", None),
    ],
)
def test_a_pointer_names_a_part(reference: str, named: Any) -> None:
    assert keywords.pointed_at(ROOT, reference) == named


TAGGED = [
    {
        "type": "object",
        "properties": {"kind": {"const": name}, "n": {"type": "integer"}},
        "required": ["kind"],
    }
    for name in ("a", "b")
]
LOOSE = {"type": "object", "properties": {"kind": {"enum": ["a", "c"]}}}


@pytest.mark.parametrize(
    "rule",
    [
        True,
        {},
        {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        {"oneOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
        {"oneOf": TAGGED},
        {"oneOf": [{"$ref": "#/$defs/t"}, TAGGED[1]], "$defs": {"t": TAGGED[0]}},
        {"oneOf": [{**LOOSE, "required": ["kind"]}, TAGGED[1]]},
        {"$ref": "#/$defs/x", "$defs": {"x": A}},
        {"anyOf": [A, B], "title": "T"},
        {"enum": [1, 2], "minimum": 0},
        {"enum": [1, 2], "minimum": 0, "maximum": 2},
        {"const": [1]},
        {"enum": [[1]], "type": "array"},
        {"type": "string", "pattern": "^a+$", "format": "mine"},
        {"prefixItems": [A]},
        {"uniqueItems": True},
        {"exclusiveMinimum": 1},
    ],
)
def test_what_is_plain(rule: Any) -> None:
    assert keywords.is_plain(rule)


@pytest.mark.parametrize(
    "rule",
    [
        {"properties": {"x": 7}},
        {"not": A},
        {"oneOf": []},
        {"oneOf": [{"type": "integer"}, {"type": "number"}]},
        {"oneOf": [{"type": "string"}, {"type": ["string", "null"]}]},
        {"oneOf": [{"type": "string"}, {}]},
        {"oneOf": [TAGGED[0], TAGGED[0]]},
        {"oneOf": [LOOSE, TAGGED[1]]},
        {"oneOf": [{**LOOSE, "required": ["kind"]}, TAGGED[0]]},
        {"oneOf": [{"type": "object"}, TAGGED[0]]},
        {"oneOf": TAGGED, "type": "object"},
        {"oneOf": TAGGED, "not": A},
        {"$ref": "#/$defs/z"},
        {"$ref": "#/$defs/x", "minimum": 1, "$defs": {"x": A}},
        {"anyOf": [A, B], "type": "string"},
        {"const": 1, "minimum": 0, "maximum": 2},
        {"enum": [[1], 2], "minItems": 0, "maxItems": 2},
        {"type": "string", "pattern": "^a+$", "format": "date"},
        {"type": "string", "pattern": "^(a+)+$"},
        {"type": "string", "pattern": 7},
        {"prefixItems": [A], "uniqueItems": True},
        {"exclusiveMinimum": True},
        {"exclusiveMaximum": False},
        {"items": [A]},
    ],
)
def test_what_is_not(rule: Any) -> None:
    assert not keywords.is_plain(rule)
    assert not keywords.is_plain({"properties": {"x": {"items": rule}}})


def test_what_is_no_schema_is_not_plain() -> None:
    assert not keywords.is_plain(None)
    assert not keywords.is_plain({"properties": {"x": None}})


def test_what_may_take_its_time_may_be_slow_to_match() -> None:
    slow = {"type": "string", "pattern": "^(a+)+$"}
    assert keywords.is_plain(slow, at_any_speed=True)
