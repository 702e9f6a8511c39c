"""Values for schemas are valid, drawn from the prompt, and the same every time."""

import math
import random
import re
import time
from fractions import Fraction
from typing import Any

import orjson
import pytest

from responses_emulator.model.prompt.people_and_places import one_place_each
from responses_emulator.model.values import quick, schema
from responses_emulator.model.values.schema import calls, fill, fill_here
from responses_emulator.processes import Processes

FORMATS = {
    "date": r"\d{4}-\d\d-\d\d",
    "date-time": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ",
    "time": r"\d\d:\d\d:\d\dZ",
    "duration": r"P(T?\d+[HMSDW])",
    "email": r"[^@ ]+@[^@ ]+\.[a-z]+",
    "uri": r"https?://\S+",
    "uuid": r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "ipv4": r"\d+(\.\d+){3}",
}
TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
}


def is_a(value: Any, kind: str) -> bool:
    if kind in ("integer", "number"):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return kind == "number" or value == int(value)
    return isinstance(value, TYPES[kind])


def faults(value: Any, rule: Any, root: Any, at: str = "$") -> list[str]:
    """What a validator finds wrong, written without a look at the code under test."""
    if rule is True or rule == {}:
        return []
    if rule is False:
        return [f"{at}: nothing is allowed here"]
    found: list[str] = []

    def check(holds: bool, why: str) -> None:
        if not holds:
            found.append(f"{at}: {value!r} {why}")

    if "$ref" in rule:
        target = root
        for step in rule["$ref"].split("/")[1:]:
            target = target[step]
        found += faults(value, target, root, at)
    for part in rule.get("allOf", []):
        found += faults(value, part, root, at)
    if "anyOf" in rule:
        hits = [b for b in rule["anyOf"] if not faults(value, b, root, at)]
        check(bool(hits), "fits no branch")
    if "oneOf" in rule:
        hits = [b for b in rule["oneOf"] if not faults(value, b, root, at)]
        check(len(hits) == 1, f"fits {len(hits)} branches")
    if "type" in rule:
        kinds = rule["type"] if isinstance(rule["type"], list) else [rule["type"]]
        check(any(is_a(value, kind) for kind in kinds), f"is not {kinds}")
    if "enum" in rule:
        check(value in rule["enum"], "is not in the enum")
    if "const" in rule:
        check(value == rule["const"], "is not the constant")
    if isinstance(value, str):
        check(rule.get("minLength", 0) <= len(value), "is too short")
        check(len(value) <= rule.get("maxLength", math.inf), "is too long")
        check(bool(re.search(rule.get("pattern", ""), value)), "is off the pattern")
        form = FORMATS.get(rule.get("format", ""), r"(?s).*")
        check(bool(re.fullmatch(form, value)), f"is no {rule.get('format')}")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        check(value >= rule.get("minimum", -math.inf), "is too small")
        check(value <= rule.get("maximum", math.inf), "is too large")
        check(value > rule.get("exclusiveMinimum", -math.inf), "is too small")
        check(value < rule.get("exclusiveMaximum", math.inf), "is too large")
        if "multipleOf" in rule:
            rest = Fraction(str(value)) % Fraction(str(rule["multipleOf"]))
            check(rest == 0, "is no multiple")
    elif isinstance(value, list):
        check(rule.get("minItems", 0) <= len(value), "has too few")
        check(len(value) <= rule.get("maxItems", math.inf), "has too many")
        if rule.get("uniqueItems"):
            check(all(v not in value[:i] for i, v in enumerate(value)), "repeats")
        first = rule.get("prefixItems", [])
        for index, member in enumerate(value):
            part = first[index] if index < len(first) else rule.get("items", {})
            found += faults(member, part, root, f"{at}[{index}]")
    elif isinstance(value, dict):
        check(set(rule.get("required", [])) <= set(value), "lacks a property")
        check(rule.get("minProperties", 0) <= len(value), "has too few")
        check(len(value) <= rule.get("maxProperties", math.inf), "has too many")
        for name, member in value.items():
            part = rule.get("properties", {}).get(
                name, rule.get("additionalProperties", {})
            )
            found += faults(member, part, root, f"{at}.{name}")
    return found


def thing(**properties: Any) -> dict[str, Any]:
    """A strict object schema with these properties; a bare word is a type."""
    return {
        "type": "object",
        "properties": {
            name: {"type": part} if isinstance(part, str | list) else part
            for name, part in properties.items()
        },
        "required": list(properties),
        "additionalProperties": False,
    }


STRINGS = {"type": "array", "items": {"type": "string"}}
NODE = {
    "type": "object",
    "properties": {
        "value": {"type": "string"},
        "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]},
        "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
    },
    "required": ["value", "next", "children"],
    "additionalProperties": False,
}
SCHEMAS: list[Any] = [
    {},
    True,
    {"type": "object"},
    {"type": ["string", "null"]},
    {"type": ["integer", "string"]},
    {"type": "string", "enum": ["a", "b"]},
    {"enum": [1, None, "x"]},
    {"const": {"a": [1]}},
    {"type": "string", "minLength": 50},
    {"type": "string", "maxLength": 3},
    {"type": "string", "maxLength": 0},
    {"type": "string", "pattern": r"^[A-Z]{3}-\d{4}$"},
    {"type": "string", "pattern": r"^@[a-zA-Z0-9_]+$"},
    {"type": "string", "pattern": r"^(?:red|green)(\.\d{2,})?$"},
    {"type": "string", "pattern": "^a+$", "minLength": 7},
    *({"type": "string", "format": form} for form in FORMATS),
    {"type": "integer", "minimum": 5},
    {"type": "integer", "maximum": -5},
    {"type": "integer", "exclusiveMinimum": 0},
    {"type": "integer", "minimum": 10, "multipleOf": 7},
    {"type": "integer", "multipleOf": 1.5, "minimum": 1},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    {"type": "number", "minimum": 0.1, "maximum": 0.1},
    {"type": "number", "multipleOf": 0.01, "minimum": 0.005},
    {"type": "number", "exclusiveMaximum": 0},
    {"type": "number", "exclusiveMinimum": 2.5},
    {"minimum": 3},
    {"type": "array"},
    {"type": "array", "minItems": 3, "items": {"type": "string"}},
    {"type": "array", "maxItems": 1, "items": {"type": "string"}},
    {"type": "array", "minItems": 5, "uniqueItems": True, "items": {"type": "string"}},
    {
        "type": "array",
        "minItems": 3,
        "uniqueItems": True,
        "items": {"type": "integer", "minimum": -1, "maximum": 1},
    },
    {"type": "array", "minItems": 2, "uniqueItems": True, "items": {"type": "boolean"}},
    {
        "type": "array",
        "minItems": 4,
        "uniqueItems": True,
        "items": {"type": "string", "pattern": r"^\d{2}$"},
    },
    {
        "type": "array",
        "minItems": 3,
        "uniqueItems": True,
        "items": {"enum": ["x", "y", "z"]},
    },
    {
        "type": "array",
        "minItems": 3,
        "uniqueItems": True,
        "items": thing(name="string", id={"type": "string", "format": "uuid"}),
    },
    {
        "type": "array",
        "minItems": 60,
        "uniqueItems": True,
        "items": {"type": "string", "maxLength": 2},
    },
    {
        "type": "array",
        "prefixItems": [{"type": "string"}, {"type": "integer"}],
        "items": False,
        "minItems": 2,
    },
    {"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 3},
    {"type": "object", "required": ["city"]},
    {"type": "object", "additionalProperties": {"type": "string"}, "required": ["k"]},
    {
        "type": "object",
        "properties": {"a": {"const": 1}, "city": {"type": "string"}},
        "maxProperties": 1,
        "required": ["a"],
    },
    {"anyOf": [{"type": "null"}, {"type": "string"}]},
    {"oneOf": [{"type": "integer"}, {"type": "number"}]},
    {
        "oneOf": [
            thing(kind={"const": "cat"}, lives="integer"),
            thing(kind={"const": "dog"}, tricks=STRINGS),
        ]
    },
    {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "integer"}}},
            {"properties": {"a": {"minimum": 4}}, "required": ["a"]},
        ]
    },
    {"allOf": [{"type": ["string", "null"]}, {"type": "string", "minLength": 2}]},
    {
        "allOf": [
            {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        ]
    },
    {"$ref": "#/$defs/node", "$defs": {"node": NODE}},
    {
        "type": "object",
        "properties": {
            "label": {"type": "string"},
            "children": {"type": "array", "items": {"$ref": "#"}},
        },
        "required": ["label", "children"],
    },
    {
        "$defs": {
            "expr": {
                "anyOf": [
                    thing(left={"$ref": "#/$defs/expr"}, op="string"),
                    {"type": "number"},
                ]
            }
        },
        "$ref": "#/$defs/expr",
    },
    thing(
        name="string",
        age=["integer", "null"],
        tags=STRINGS,
        address=thing(street="string", city="string", zip="string"),
        when={"type": "string", "format": "date-time"},
        price={"type": "number", "minimum": 0},
        members={"type": "array", "items": thing(name="string", role="string")},
    ),
    thing(
        steps={"type": "array", "items": thing(explanation="string", output="string")},
        final_answer="string",
    ),
]
PROMPTS = [
    "",
    "Hello",
    "Alice and Bob are going to a science fair on Friday.",
    "Book 3 tickets for $12.50 from Oslo to Paris on 2026-05-31 at 3pm for Ada Byron.",
    "What's the weather in London and Paris, and São Paulo?",
    "how can I solve 8x + 7 = -23?",
    "\x00\ud7ff日本語 🙂 " * 50,
    "A" * 20_000,
    "name: x, age: -1, date: never, email: nobody, 99999999999999 units",
]


@pytest.mark.parametrize("rule", SCHEMAS, ids=range(len(SCHEMAS)))
def test_every_value_is_valid(rule: Any):
    for prompt in PROMPTS:
        value = fill(rule, prompt, name="answer")
        assert faults(value, rule, rule) == [], prompt
        assert fill(rule, prompt, name="answer") == value


def made_up(chance: random.Random, depth: int) -> Any:
    """A random satisfiable schema."""
    names = ["name", "city", "date", "count", "price", "is_open", "items", "email", "x"]
    kinds = ["string", "integer", "number", "boolean", "null", "enum"]
    kind = chance.choice([*kinds, "object", "array"])
    if depth == 0 and kind in ("object", "array"):
        kind = "string"
    if kind == "enum":
        return {"enum": chance.sample(["low", "high", "London", 3, None, True], 3)}
    if kind in ("integer", "number"):
        low = chance.randint(-20, 20)
        rule = {"type": kind, "minimum": low, "maximum": low + chance.randint(4, 40)}
        if chance.random() < 0.3:
            rule["multipleOf"] = chance.choice([1, 2, 3, 0.5, 0.25])
        return rule
    if kind == "string":
        low = chance.randint(0, 12)
        return {"type": kind, "minLength": low, "maxLength": low + chance.randint(0, 9)}
    if kind == "array":
        low = chance.randint(0, 2)
        return {
            "type": "array",
            "items": made_up(chance, depth - 1),
            "minItems": low,
            "maxItems": low + 2,
        }
    if kind == "object":
        chosen = chance.sample(names, chance.randint(0, 5))
        return {
            "type": ["object", "null"] if chance.random() < 0.2 else "object",
            "properties": {name: made_up(chance, depth - 1) for name in chosen},
            "required": [name for name in chosen if chance.random() < 0.6],
            "additionalProperties": False,
        }
    return {"type": kind}


def test_random_schemas_are_filled_with_valid_values():
    chance = random.Random(8)
    for _ in range(400):
        rule = made_up(chance, 3)
        value = fill(rule, chance.choice(PROMPTS[:6]))
        assert faults(value, rule, rule) == [], rule


@pytest.mark.parametrize(
    "rule",
    [
        False,
        {"type": "string", "minLength": 3, "maxLength": 2},
        {"type": "integer", "minimum": 3, "maximum": 2},
        {"type": "array", "minItems": 3, "uniqueItems": True, "items": {"const": 1}},
        {"type": "array", "minItems": 10**12},
        {"type": "string", "minLength": 10**12},
        {"type": "object", "minProperties": 10**12},
        {"enum": []},
        {"$ref": "#"},
        {"$defs": {"a": thing(a={"$ref": "#/$defs/a"})}, "$ref": "#/$defs/a"},
    ],
)
def test_what_cannot_be_filled_is_a_value_error(rule: Any):
    with pytest.raises(ValueError, match="schema"):
        fill(rule, "Hello")


def test_an_entangled_schema_ends_soon():
    names = [f"n{number}" for number in range(12)]
    every = {name: {"$ref": f"#/$defs/{name}"} for name in names}
    rule = {
        "$defs": {name: {"type": "object", "properties": every} for name in names},
        "$ref": "#/$defs/n0",
    }
    started = time.process_time()
    assert fill(rule, "Hello") == {}
    assert time.process_time() - started < 10


def test_malformed_schemas_do_no_harm():
    for rule in [
        {"type": "object", "properties": [], "required": "name"},
        {"type": 7},
        {"type": "number", "multipleOf": 0},
        {"type": "string", "pattern": "("},
        {"type": "string", "pattern": "x", "format": [[]]},
        {"anyOf": "x"},
    ]:
        try:
            fill(rule, "Hello")
        except ValueError as error:
            assert "schema" in str(error)


EVENT = thing(name="string", date="string", participants=STRINGS)


def test_the_science_fair_comes_out_right():
    assert fill(EVENT, "Alice and Bob are going to a science fair on Friday.") == {
        "name": "Science Fair",
        "date": "Friday",
        "participants": ["Alice", "Bob"],
    }


@pytest.mark.parametrize(
    ("rule", "prompt", "expected"),
    [
        (
            thing(name="string", age="integer"),
            "My name is Jane Doe and I am 34 years old.",
            {"name": "Jane Doe", "age": 34},
        ),
        (
            thing(quantity="integer", price="number"),
            "Buy 3 tickets for $12.50 each.",
            {"quantity": 3, "price": 12.5},
        ),
        (thing(a="number", b="number"), "Add 2 and 40.", {"a": 2, "b": 40}),
        (
            thing(location="string", unit={"enum": ["celsius", "fahrenheit"]}),
            "How warm is it in Oslo, in fahrenheit?",
            {"location": "Oslo", "unit": "fahrenheit"},
        ),
        (
            thing(location="string", unit={"enum": ["fahrenheit", "celsius"]}),
            "Weather in San Francisco, CA",
            {"location": "San Francisco, CA", "unit": "fahrenheit"},
        ),
        (
            thing(origin="string", destination="string", date="string"),
            "Find a flight from Berlin to Tokyo on 3 May 2026.",
            {"origin": "Berlin", "destination": "Tokyo", "date": "3 May 2026"},
        ),
        (
            thing(date={"type": "string", "format": "date"}),
            "See you on May 3rd, 2026.",
            {"date": "2026-05-03"},
        ),
        (
            thing(start={"type": "string", "format": "date-time"}),
            "Start 2026-02-28 at 3:15pm.",
            {"start": "2026-02-28T15:15:00Z"},
        ),
        (
            thing(to={"type": "string", "format": "email"}, subject="string"),
            "Send bob@example.org a note; subject: Lunch.",
            {"to": "bob@example.org", "subject": "Lunch"},
        ),
        (
            thing(text="string", target_language="string"),
            "Translate 'good morning' into French.",
            {"text": "good morning", "target_language": "French"},
        ),
        (
            thing(query="string"),
            "Please search for the capital of Australia.",
            {"query": "the capital of Australia"},
        ),
        (
            thing(vegetarian="boolean", gift="boolean"),
            "One vegetarian menu, please.",
            {"vegetarian": True, "gift": False},
        ),
        (
            thing(urgent="boolean"),
            "This is not urgent.",
            {"urgent": False},
        ),
        (
            thing(items=STRINGS),
            "Put on my list: milk, two eggs and some bread.",
            {"items": ["milk", "two eggs", "bread"]},
        ),
        (
            thing(cities=STRINGS),
            "Who lives in Oslo or Tokyo?",
            {"cities": ["Oslo", "Tokyo"]},
        ),
        (
            thing(
                people={"type": "array", "items": thing(name="string", age="integer")}
            ),
            "Alice is 30 and Bob is 25.",
            {"people": [{"name": "Alice", "age": 30}, {"name": "Bob", "age": 25}]},
        ),
        (
            thing(expression="string", result="number"),
            "What is 12 * (3 + 4)?",
            {"expression": "12 * (3 + 4)", "result": 84},
        ),
        (
            thing(tags={"type": "array", "items": {"enum": ["red", "green", "blue"]}}),
            "The blue and the red one.",
            {"tags": ["blue", "red"]},
        ),
        (thing(nickname=["string", "null"]), "Hello there.", {"nickname": None}),
        (
            thing(serial="string", weight="number"),
            "Hi.",
            {"serial": "unknown", "weight": 0},
        ),
        (
            thing(size={"type": "string", "default": "medium"}),
            "A pizza, please.",
            {"size": "medium"},
        ),
    ],
)
def test_values_are_drawn_from_the_prompt(rule: Any, prompt: str, expected: Any):
    assert fill(rule, prompt) == expected


# A property, what is said, and what becomes of it.
WORDS = [
    *(
        ("currency", "string", said, code)
        for said, code in (
            ("70 NOK", "NOK"), ("70 SEK or so", "SEK"),
        )
    ),
    *(
        ("amount", "number", said, amount)
        for said, amount in (
            ("£7 for 2 of us", 7), ("2 of us at € 12.50", 12.5), ("¥700 for 2", 700),
            ("2 of us, 9 dollars", 9), ("2 of us, 9 pounds", 9), ("2 of us, 9 eur", 9),
            ("2 of us for 90 cents", 90),
        )
    ),
    *(
        ("count", "integer", f"{word} eggs, please.", count)
        for word, count in (
            ("Zero", 0), ("One", 1), ("Seven", 7), ("Twelve", 12), ("A dozen", 12),
            ("Twenty", 20), ("Thirty", 30), ("Fifty", 50), ("A hundred", 100),
        )
    ),
    *(
        ("time", {"type": "string", "format": "time"}, said, time)
        for said, time in (
            ("At noon.", "12:00:00Z"), ("At midnight.", "00:00:00Z"),
            ("At 7 p.m.", "19:00:00Z"), ("At 12:05 am.", "00:05:00Z"),
            ("At 12:05 pm.", "12:05:00Z"), ("At 17:45.", "17:45:00Z"),
        )
    ),
    *(
        ("date", {"type": "string", "format": "date"}, said, "2026-03-04")
        for said in ("On March 4, 2026.", "On 4 March 2026.", "On 2026-03-04.")
    ),
    *(
        (name, "string", "We fly from Lima to Rome.", place)
        for name, place in (
            ("origin", "Lima"), ("departure_city", "Lima"),
            ("destination", "Rome"), ("arrival_city", "Rome"),
        )
    ),
    *(
        (name, "string", "From 2026-01-02 until 2026-01-05.", day)
        for name, day in (
            ("start_date", "2026-01-02"), ("checkin_date", "2026-01-02"),
            ("end_date", "2026-01-05"), ("until_date", "2026-01-05"),
            ("return_date", "2026-01-05"), ("checkout_date", "2026-01-05"),
            ("finish_date", "2026-01-05"),
        )
    ),
    *(
        (name, "string", "Translate it from German to Polish.", language)
        for name, language in (
            ("source_language", "German"), ("from_language", "German"),
            ("target_language", "Polish"), ("to_language", "Polish"),
        )
    ),
    *(
        (name, {"type": "string", "format": form}, said, text)
        for name, form, said, text in (
            ("host", "ipv4", "Ping 10.2.3.4 now.", "10.2.3.4"),
            ("key", "uuid", "It is 0f8fad5b-d9cb-469f-a165-70867728950e, or so.",
             "0f8fad5b-d9cb-469f-a165-70867728950e"),
            ("wait", "duration", "Wait for 3 hours.", "PT3H"),
            ("wait", "duration", "Wait for 20 minutes.", "PT20M"),
            ("wait", "duration", "Wait for 5 seconds.", "PT5S"),
            ("wait", "duration", "Wait for 2 days.", "P2D"),
            ("wait", "duration", "Wait for 2 weeks.", "P2W"),
            ("from", "email", "Mail me@x.org.", "me@x.org"),
            ("from", "idn-email", "Mail me@x.org.", "me@x.org"),
            ("page", "uri", "See https://x.org/a.", "https://x.org/a"),
            ("page", "iri", "See https://x.org/a.", "https://x.org/a"),
            ("at", "date-time", "On 2026-05-01 at 7 pm.", "2026-05-01T19:00:00Z"),
            ("at", "date-time", "On 2026-05-01.", "2026-05-01T00:00:00Z"),
        )
    ),
    *(
        ("x", {"type": "string", "description": about}, "It rains in Lima today.", text)
        for about, text in (("The city.", "Lima"), ("A colour.", "unknown"))
    ),
    ("name", "string", "My name is Ada Byron.", "Ada Byron"),
    ("first_name", "string", "I am Ada Byron.", "Ada"),
    ("last_name", "string", "I am Ada Byron.", "Byron"),
    ("family_name", "string", "Call me Ada.", "unknown"),
    ("title", "string", "title: Dune", "Dune"),
    ("priority", "string", "The priority is low and the title is Dune.", "low"),
    ("priority", "string", "priority=high; rest=none", "high"),
    ("event", "string", "Please schedule a board meeting on Friday.", "Board Meeting"),
    ("items", STRINGS, "Buy milk, some eggs and the bread.", ["milk", "eggs", "bread"]),
    ("ingredients", STRINGS, "Its ingredients: flour & butter.", ["flour", "butter"]),
    ("toppings", STRINGS, "A pizza with ham, olives.", ["ham", "olives"]),
    ("cities", STRINGS, "Weather in Boston, MA and Reno, NV?",
     ["Boston, MA", "Reno, NV"]),
    ("rows", "integer", "A table with 4 columns and 7 rows.", 7),
    ("height", "integer", "The width is 4 and the height 7.", 7),
    ("seats", "integer", "On 2026-05-01 at 7 pm we need 4 seats.", 4),
    ("n", "integer", "On May 3 give me 5.", 5),
    ("dates", STRINGS, "On Friday, on May 3 and on 2026-06-07.",
     ["Friday", "May 3", "2026-06-07"]),
    ("extra_large", "boolean", "Extra large, please.", True),
    ("address", "string", "Deliver to Baker Street.", "Baker Street"),
    ("state", "string", "The weather in Austin, TX", "TX"),
    ("language", "string", "In French or in Greek?", "French"),
    ("email", "string", "Mail me@x.org, or call +1 555 123 4567.", "me@x.org"),
    ("phone", "string", "Mail me@x.org, or call +1 555 123 4567.", "+1 555 123 4567"),
    ("website", "string", "See https://x.org/a?b=c.", "https://x.org/a?b=c"),
    ("summary", "string", "It rained. All was wet.", "It rained."),
    ("question", "string", "Why is it wet?", "Why is it wet?"),
    ("country", "string", "The weather in Paris, France.", "France"),
    ("age", "integer", "She is 41 years old.", 41),
    ("discount", "number", "15% off the 80.", 15),
    ("year", "integer", "The 3 best books of 1999.", 1999),
    ("order_ref", "string", "Where is my order #4711?", "#4711"),
    ("sku", "string", "Do you have AB-123?", "AB-123"),
    ("day", "string", "See you next Tuesday.", "Tuesday"),
    ("enabled", "boolean", "Do not enable it.", False),
    ("wifi", "boolean", "A room without wifi.", False),
    ("wifi", "boolean", "A room with wifi.", True),
    ("country", "string", "Fly to Norway.", "Norway"),
    ("timestamp", "string", "On May 3 at 3:15pm.", "May 3 3:15pm"),
    ("timestamp", "string", "At 3:15pm, not at 5pm.", "3:15pm"),
    ("topics", STRINGS, "Tell me about whales, please.", ["whales"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "kind", "said", "value"), WORDS)
def test_a_property_is_drawn_from_the_words_for_it(
    name: str, kind: Any, said: str, value: Any
):
    assert fill(thing(**{name: kind}), said) == {name: value}


def test_what_is_optional_and_not_said_is_left_out():
    rule = thing(city="string", phone="string") | {"required": []}
    assert fill(rule, "It rains in Lima.") == {"city": "Lima"}


def test_a_function_of_one_place_is_called_for_each():
    tool = {"type": "function", "name": "f"}
    prompt = "What's the weather in London and Paris?"
    assert len(calls(tool | {"parameters": thing(city="string")}, prompt)) == 2
    many = calls(tool | {"parameters": thing(cities=STRINGS)}, prompt)
    assert many == [{"cities": ["London", "Paris"]}]
    assert calls(tool, prompt) == [{}]
    assert calls(tool | {"parameters": None}, prompt) == [{}]


def test_rules_stay_fast_on_hostile_text():
    started = time.process_time()
    for text in ["1a " * 5000, "(" * 9999, "a," * 9999, "A " * 9999, "in " * 9999]:
        for rule in [EVENT, thing(query="string", items=STRINGS, n="number")]:
            fill(rule, text)
        one_place_each(text)
    fill({"type": "string", "pattern": "^(a+)+$"}, "a" * 4000 + "b", name="text")
    assert time.process_time() - started < 15


@pytest.mark.parametrize(
    ("rule", "prompt"),
    [
        ({"pattern": "a*a*a*a*a*a*a*a*b"}, "a" * 190),
        ({"pattern": ".*.*.*.*.*.*x"}, "a" * 190),
        ({"pattern": "(a|a)*b"}, "a" * 190),
        ({"pattern": "(a|a)(a|a)" * 20 + "b"}, "a" * 190),
        ({"pattern": "^(([a-z])+.)+[A-Z]([a-z])+$"}, "a" * 190),
        ({"pattern": "(a+)+$b", "minLength": 60}, ""),
        ({"pattern": "a*a*a*b?$c", "minLength": 5_000}, ""),
        ({"pattern": "a" * 300 + "a?" * 60 + "$b"}, ""),
        ({"pattern": r"\a" * 90 + "x"}, ""),
        ({"pattern": "[[" * 90}, ""),
    ],
)
def test_a_pattern_that_would_be_tried_for_ever_is_not(
    monkeypatch: pytest.MonkeyPatch, rule: Any, prompt: str
):
    fillers = Processes(seconds=1)
    monkeypatch.setattr(schema, "_fillers", lambda: fillers)
    started = time.monotonic()
    try:
        value = fill(thing(a={"type": "string", **rule}), prompt)
    except ValueError as error:
        assert "schema" in str(error) or "too long" in str(error)
    else:
        assert re.search(rule["pattern"], value["a"])
    assert time.monotonic() - started < 20
    fillers.close()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (r"^\d{3}-\d{4}$", True),
        (r"^[A-Z]{2,3}-\d+$", True),
        ("^(low|medium|high)$", True),
        (r"^[+*?{|]\+\*\?$", True),
        (r"^\w+@\w+\.[a-z]+$", False),
        ("^[a-z]+(-[a-z]+)*$", False),
        (".*.*x", True),
        (".*.*.*x", False),
        ("a?" * 20 + "b", False),
        ("(a|a)" * 20 + "b", False),
        ("a" * 201, False),
        ("(", False),
    ],
)
def test_a_pattern_is_quick_if_its_parts_can_share_a_text_in_few_ways(
    expression: str, expected: bool
):
    assert quick.is_quick(expression, 200) is expected


def test_a_pattern_that_may_be_slow_is_filled_alike():
    for expression in (r"^[a-z]+(-[a-z]+)*$", r"^\w+@\w+\.(com|org)$"):
        rule = thing(a={"type": "string", "pattern": expression})
        value = fill(rule, "Write to ada@example.com, about a-b-c.")
        assert value == fill_here(rule, "Write to ada@example.com, about a-b-c.")
        assert re.search(expression, value["a"])


@pytest.mark.parametrize("bound", [2**63, 2**64, 1e30, -1e30, 1.7e308])
@pytest.mark.parametrize("keyword", ["minimum", "maximum", "exclusiveMinimum"])
@pytest.mark.parametrize("kind", ["integer", "number"])
def test_numbers_beyond_64_bits_can_be_written(kind: str, keyword: str, bound: float):
    rule = thing(a={"type": kind, keyword: bound})
    value = orjson.loads(orjson.dumps(fill(rule, "9" * 40)))["a"]
    assert value <= bound if keyword == "maximum" else value >= bound


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "format": ["date"]},
        {"allOf": [{"minimum": 1}, {"minimum": "x"}], "type": "integer"},
        {"allOf": [{"format": "date"}, {"format": {}}], "type": "string"},
    ],
)
def test_a_keyword_of_the_wrong_type_is_said_to_be_malformed(schema):
    with pytest.raises(ValueError, match="malformed"):
        fill(schema, "Friday")
