"""Values that are valid for a JSON Schema, drawn from the prompt where they can be.

Understood are the keywords of the strict subset and the usual rest: type, properties,
required, additionalProperties, items, prefixItems, enum, const, anyOf, oneOf, allOf,
$ref, format, pattern, and the bounds of numbers, texts, arrays and objects.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, TypeGuard, cast
from urllib.parse import unquote

from responses_emulator.errors import busy
from responses_emulator.model import extraction, pattern
from responses_emulator.model.extraction import Property, Source
from responses_emulator.model.words import name_words

if TYPE_CHECKING:
    from responses_emulator.processes import Processes

Schema = dict[str, Any]

MAX_STEPS = 20_000  # schemas looked at for one value
MAX_UNITS = 100_000  # characters of a text, members of an array or object
MAX_MATCHED = 200  # characters of a text that a pattern is tried on
MAX_SECONDS = 5.0  # of work on a schema whose patterns may be slow

_FORMATS = {
    "date": "2000-01-01",
    "date-time": "2000-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "duration": "PT1H",
    "email": "someone@example.com",
    "idn-email": "someone@example.com",
    "hostname": "example.com",
    "idn-hostname": "example.com",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "iri": "https://example.com/",
    "uri-reference": "/",
    "iri-reference": "/",
    "uri-template": "https://example.com/{id}",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "json-pointer": "/0",
    "relative-json-pointer": "0",
    "regex": ".*",
    "byte": "AA==",
}
_NOT_SAID = ("unknown", "other", "none", "unspecified", "n/a", "not_specified")


class Filled(NamedTuple):
    """A value, and whether any of it came from the prompt."""

    value: Any
    found: bool


class _NoValue(Exception):
    """This schema has no finite value on this way: another must be taken."""


@dataclass
class _Work:
    """What is the same all through one value."""

    root: Schema
    source: Source
    steps: int = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise ValueError("The schema is too deeply entangled to fill.")

    @property
    def is_long(self) -> bool:
        """Half of the steps are used: only what is required is still filled."""
        return self.steps > MAX_STEPS // 2


class _Place(NamedTuple):
    """Where in the value one is."""

    prop: Property
    refs: frozenset[str] = frozenset()  # the $refs that led here
    variant: int = 0  # members of a set differ by it


def fill(schema: Schema, prompt: str, *, name: str = "") -> Any:
    """A value that is valid for the schema, drawn from the prompt where it can be.

    `name` is what the value as a whole is called. Of what the prompt does not say,
    optional properties are left out, nullable ones are null, and the others hold a
    plain value: their default, "unknown", 0, false, []. The same arguments give the
    same value. Raises ValueError where no value is valid, or none of reasonable size.
    With a pattern that may be slow, it is made in a process that can be ended.
    """
    if all(pattern.is_quick(*each) for each in _patterns(schema)):
        return fill_here(schema, prompt, name=name)
    from responses_emulator.processes import Ended, Failed

    asked = {"schema": schema, "prompt": prompt, "name": name}
    try:
        return _fillers().do("schema", json.dumps(asked).encode())
    except Failed as error:
        raise ValueError(error.message) from None
    except Ended as error:
        if error.why == "places":
            raise busy("Too many schemas are being read.", MAX_SECONDS) from error
        why = {
            "time": "Its patterns take too long to match.",
            "memory": "Its patterns take too much memory, or break their matcher.",
            "start": "Its patterns cannot be matched: the matcher cannot be started.",
        }[error.why]
        raise ValueError(why) from error


@cache
def _fillers() -> "Processes":
    from responses_emulator.processes import Processes

    return Processes(seconds=MAX_SECONDS)


def _patterns(schema: Any) -> Iterator[tuple[str, int]]:
    """Each `pattern`, wherever it stands, and how long a text it is tried on."""
    waiting = [schema]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            inner = cast(Schema, value)
            if isinstance(inner.get("pattern"), str):
                yield inner["pattern"], max(MAX_MATCHED, _size(inner, "minLength", 0))
            waiting.extend(inner.values())
        elif isinstance(value, list):
            waiting.extend(cast(list[Any], value))


def fill_here(schema: Schema, prompt: str, *, name: str = "") -> Any:
    """What `fill` gives, made in this process; a pattern may keep it for ever."""
    work = _Work(schema, extraction.source(prompt))
    place = _Place(Property(name), frozenset({"#"}))
    try:
        return _filled(work, schema, place).value
    except (_NoValue, RecursionError) as error:
        raise ValueError("No value is valid for this schema.") from error
    except TypeError as error:  # {"minimum": "x"}, {"format": []} and the like
        raise ValueError("A keyword has a value of the wrong type.") from error
    except OverflowError as error:
        raise ValueError("A number of the schema is too large.") from error


def calls(tool: Schema, prompt: str) -> list[Schema]:
    """The arguments of the calls that answer the prompt with this function tool.

    One call for each place that the prompt asks about, if the function takes one place;
    else one call. Raises ValueError like `fill`.
    """
    parameters = as_dict(tool.get("parameters")) or {"type": "object"}
    prompts = [prompt]
    if _takes_a_place(parameters):
        prompts = extraction.one_place_each(prompt)
    name = str(tool.get("name") or "")
    found = [_arguments(fill(parameters, each, name=name)) for each in prompts]
    return [each for at, each in enumerate(found) if each not in found[:at]]


def _arguments(value: Any) -> Schema:
    return cast(Schema, value) if isinstance(value, dict) else {}


def _takes_a_place(parameters: Schema) -> bool:
    """Whether the function is asked about one place a call."""
    kinds: list[str | None] = []
    for name, value in as_dict(parameters.get("properties")).items():
        about = as_dict(value)
        if "array" in _types(about):
            continue
        kind = extraction.kind_of(Property(name))
        if set(name_words(name)) & {"latitude", "lat"}:
            kind = "place"
        kinds.append(kind)
    places = kinds.count("place")
    return places == 1 or (places == 0 and "country" in kinds)


# What follows fills one kind of schema each, and raises _NoValue where it cannot.


def _filled(work: _Work, schema: Any, place: _Place) -> Filled:
    work.step()
    if schema is False:
        raise _NoValue
    schema, place = _resolved(work, as_dict(schema), place)
    about = " ".join(str(schema.get(key) or "") for key in ("title", "description"))
    place = place._replace(prop=place.prop._replace(about=about.strip()))
    if "const" in schema:
        return Filled(schema["const"], False)
    if "enum" in schema:
        return _choice(work, schema, place)
    for keyword in ("anyOf", "oneOf"):
        if _list(schema.get(keyword)):
            return _branch(work, schema, keyword, place)
    return _typed(work, schema, place)


def _resolved(work: _Work, schema: Schema, place: _Place) -> tuple[Schema, _Place]:
    """The schema with its $ref and allOf worked in."""
    while "$ref" in schema or "allOf" in schema:
        work.step()
        rest = {k: v for k, v in schema.items() if k not in ("$ref", "allOf")}
        if "$ref" in schema:
            ref = str(schema["$ref"])
            if ref in place.refs:
                raise _NoValue  # this way never ends
            place = place._replace(refs=place.refs | {ref})
            rest = _merged(_at(work.root, ref), rest)
        for part in _list(schema.get("allOf")):
            if part is False:
                raise _NoValue
            rest = _merged(rest, as_dict(part))
        schema = rest
    return schema, place


def _at(root: Schema, ref: str) -> Schema:
    """What a local JSON pointer names; {} for what is not there."""
    found: Any = root
    for step in unquote(ref.removeprefix("#")).split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list):
            members = _list(found)
            found = (
                members[int(key)] if key.isdigit() and int(key) < len(members) else {}
            )
        else:
            found = as_dict(found).get(key, {})
    return as_dict(found)


def _merged(one: Schema, other: Schema) -> Schema:
    """A schema that takes what both take."""
    merged = one | other
    for key in sorted(one.keys() & other.keys()):
        a, b = one[key], other[key]
        if key in ("minimum", "exclusiveMinimum", "minLength", "minItems"):
            merged[key] = max(a, b)
        elif key in ("maximum", "exclusiveMaximum", "maxLength", "maxItems"):
            merged[key] = min(a, b)
        elif key == "required":
            merged[key] = list(dict.fromkeys(_list(a) + _list(b)))
        elif key == "properties":
            a, b = as_dict(a), as_dict(b)
            shared = {
                name: {"allOf": [a[name], b[name]]} for name in a.keys() & b.keys()
            }
            merged[key] = a | b | shared
        elif key == "enum":
            merged[key] = [value for value in _list(a) if value in _list(b)]
        elif key == "type":
            merged[key] = _common_types(one, other)
            if not merged[key]:
                merged["enum"] = []  # nothing is of both types
        elif key in ("items", "additionalProperties"):
            merged[key] = False if a is False or b is False else {"allOf": [a, b]}
        elif key in ("anyOf", "oneOf", "allOf"):
            merged[key] = a
            merged["allOf"] = [*_list(merged.get("allOf")), {key: b}]
            if key != "allOf":
                # Both choices must hold: take the second's branches one by one.
                del merged["allOf"]
                merged[key] = [{"allOf": [x, y]} for x in _list(a) for y in _list(b)]
            else:
                merged[key] = _list(a) + _list(b)
    return merged


def _common_types(one: Schema, other: Schema) -> list[str]:
    a, b = _types(one), _types(other)
    both = [kind for kind in a if kind in b]
    if "integer" in a + b and "number" in a + b and "integer" not in both:
        both.append("integer")
    return both


def _choice(work: _Work, schema: Schema, place: _Place) -> Filled:
    values = [value for value in _list(schema["enum"]) if _fits_type(value, schema)]
    if not values:
        raise _NoValue
    if not place.variant:
        chosen = extraction.choice_for(work.source, place.prop, values)
        if chosen is not None:
            return Filled(chosen, True)
        if "default" in schema and schema["default"] in values:
            return Filled(schema["default"], False)
        if None in values:
            return Filled(None, False)
        for value in values:
            if isinstance(value, str) and value.lower() in _NOT_SAID:
                return Filled(value, False)
    if place.variant >= len(values):
        raise _NoValue
    return Filled(values[place.variant], False)


def _branch(work: _Work, schema: Schema, keyword: str, place: _Place) -> Filled:
    """The first branch that the prompt speaks of; else null; else the first."""
    base = {key: value for key, value in schema.items() if key != keyword}
    branches = [b for b in _list(schema[keyword]) if b is not False]
    if keyword == "oneOf":
        branches = _apart(branches)
    without: list[Filled] = []
    for branch in branches:
        whole = _merged(base, as_dict(branch))
        try:
            filled = _filled(work, whole, place)
        except _NoValue:
            continue
        if filled.found:
            return filled
        without.append(filled)
        if work.is_long:
            break
    if not without:
        raise _NoValue
    nulls = [filled for filled in without if filled.value is None]
    return (nulls or without)[0] if not place.variant else without[0]


def _apart(branches: list[Any]) -> list[Any]:
    """The branches of a oneOf, integers kept out of those that take any number."""
    kinds = [_types(as_dict(branch)) for branch in branches]
    if ["integer"] not in kinds or ["number"] not in kinds:
        return branches
    fraction = {"exclusiveMinimum": 0, "exclusiveMaximum": 1}
    return [
        _merged(as_dict(branch), fraction) if kind == ["number"] else branch
        for branch, kind in zip(branches, kinds, strict=True)
        if kind != ["integer"]  # a whole number would fit both
    ]


def _typed(work: _Work, schema: Schema, place: _Place) -> Filled:
    kinds = _types(schema)
    if not kinds:
        return _untyped(work, schema, place)
    without: list[Filled] = []
    for kind in kinds:
        if kind not in _FILLERS:
            continue
        try:
            filled = _FILLERS[kind](work, schema, place)
        except _NoValue:
            continue
        if filled.found or len(kinds) == 1:
            return filled
        without.append(filled)
    if not without:
        raise _NoValue
    if "null" in kinds and not place.variant and "default" not in schema:
        return Filled(None, False)
    return without[0]


def _untyped(work: _Work, schema: Schema, place: _Place) -> Filled:
    """A schema that names no type: its keywords hint at one, else it is a text."""
    for kind, hints in _HINTS.items():
        if schema.keys() & hints:
            return _FILLERS[kind](work, schema, place)
    return _text(work, schema, place)


def _object(work: _Work, schema: Schema, place: _Place) -> Filled:
    properties = as_dict(schema.get("properties"))
    required = dict.fromkeys(str(name) for name in _list(schema.get("required")))
    kinds = {name: extraction.kind_of(Property(name)) for name in properties}
    common = Counter(kind for kind in kinds.values() if kind)
    value: Schema = {}
    found = False
    names = [*properties, *(name for name in required if name not in properties)]
    for name in names:
        needed = name in required
        if work.is_long and not needed:
            continue
        own = kinds.get(name)
        others = frozenset(kind for kind in common if kind != own or common[kind] > 1)
        inner = place._replace(prop=Property(name, siblings=others))
        part = properties.get(name, schema.get("additionalProperties", {}))
        try:
            filled = _filled(work, part, inner)
        except _NoValue:
            if needed:
                raise
            continue
        if needed or filled.found:
            value[name] = filled.value
            found = found or filled.found
    _make_up(work, schema, place, value)
    most = schema.get("maxProperties")
    for name in [name for name in value if name not in required]:
        if isinstance(most, int) and len(value) > most:
            del value[name]
    return Filled(value, found)


def _make_up(work: _Work, schema: Schema, place: _Place, value: Schema) -> None:
    """Add members until there are minProperties, its own properties first."""
    least = schema.get("minProperties")
    if not isinstance(least, int) or len(value) >= least:
        return
    if least > MAX_UNITS:
        raise ValueError(f"The schema wants {least} properties.")
    properties = as_dict(schema.get("properties"))
    for name, part in properties.items():
        if len(value) < least and name not in value:
            inner = place._replace(prop=Property(name))
            value[name] = _filled(work, part, inner).value
    rest = schema.get("additionalProperties", {})
    number = 0
    while len(value) < least:
        number += 1
        if f"key{number}" not in properties:
            inner = place._replace(prop=Property(f"key{number}"))
            value[f"key{number}"] = _filled(work, rest, inner).value


def _array(work: _Work, schema: Schema, place: _Place) -> Filled:
    least = _size(schema, "minItems", 0)
    most = _size(schema, "maxItems", MAX_UNITS)
    if least > MAX_UNITS:
        raise ValueError(f"The schema wants {least} items.")
    first = _list(schema.get("prefixItems"))[:most]
    items = schema.get("items", {})
    found: list[Any] = []
    if not first and not work.is_long and items is not False:
        found = _members(work, items, place)
    if schema.get("uniqueItems"):
        found = [value for at, value in enumerate(found) if value not in found[:at]]
    found = found[:most]
    values = list(found)
    any_found = bool(found)
    if len(first) < least or not found:
        for part in first:
            filled = _filled(work, part, place)
            values.append(filled.value)
            any_found = any_found or filled.found
    variant = place.variant
    if not least and len(found) < 2 and _types(as_dict(items)) == ["object"]:
        least = min(extraction.count_for(work.source), most)
        values = values if least < 2 else []  # they are to be made up
    while len(values) < least:
        if items is False or variant > 2 * least + len(values) + place.variant:
            raise _NoValue
        value = _filled(work, items, place._replace(variant=variant)).value
        variant += bool(schema.get("uniqueItems"))
        if not schema.get("uniqueItems") or value not in values:
            values.append(value)
    return Filled(values, any_found)


def _members(work: _Work, items: Any, place: _Place) -> list[Any]:
    """The members that the prompt gives an array."""
    try:
        item, place = _resolved(work, as_dict(items), place)
    except _NoValue:
        return []
    kinds = _types(item)
    if "enum" in item:
        return extraction.choices_for(work.source, _list(item["enum"]))
    if "string" in kinds or not (kinds or item):
        texts = extraction.texts_for(work.source, place.prop)
        return [text for text in texts if _fits_text(text, item)]
    if {"number", "integer"} & set(kinds):
        given = map(_number_as_json, extraction.numbers_for(work.source))
        return [number for number in given if _fits_number(number, item)]
    if "object" in kinds or "properties" in item:
        return _member_objects(work, item, place)
    return []


def _member_objects(work: _Work, item: Schema, place: _Place) -> list[Any]:
    """One object for each person or place the prompt names, or one in all."""
    properties = as_dict(item.get("properties"))
    about = extraction.kind_of(place.prop)
    text = work.source.text
    names: list[str] = []
    if about == "person" or (not about and "name" in properties):
        names = extraction.people(text)
    elif about == "place" or (not about and {"city", "latitude"} & properties.keys()):
        names = extraction.places(text)
    starts = sorted(text.find(name) for name in names)
    values: list[Any] = []
    for at, start in enumerate(starts or [0]):
        end = starts[at + 1] if at + 1 < len(starts) else len(text)
        part = _Work(work.root, Source(text[start:end]), work.steps)
        try:
            filled = _filled(part, item, place)
        except _NoValue:
            return []
        finally:
            work.steps = part.steps
        if filled.found or starts:
            values.append(filled.value)
    return values


def _text(work: _Work, schema: Schema, place: _Place) -> Filled:
    form = schema.get("format")
    if not place.variant:
        if form in _FORMATS:
            drawn = _drawn_format(work.source, str(form))
        else:
            drawn = extraction.text_for(work.source, place.prop)
        if drawn:
            most = _size(schema, "maxLength", MAX_UNITS)
            if form not in _FORMATS and "pattern" not in schema:
                drawn = drawn[:most]
            if _fits_text(drawn, schema):
                return Filled(drawn, True)
    default = schema.get("default")
    if isinstance(default, str) and not place.variant and _fits_text(default, schema):
        return Filled(default, False)
    return Filled(_plain_text(schema, place.variant), False)


def _drawn_format(source: Source, form: str) -> str | None:
    """A text of the prompt in one of JSON Schema's formats."""
    text = source.text
    days, hours = extraction.iso_dates(text), extraction.clock_times(text)
    if form == "date":
        return days[0] if days else None
    if form == "time":
        return hours[0] + "Z" if hours else None
    if form == "date-time":
        return f"{days[0]}T{hours[0] if hours else '00:00:00'}Z" if days else None
    if form in ("email", "idn-email"):
        return extraction.pattern_in(text, "email")
    if form in ("uri", "url", "iri"):
        return extraction.pattern_in(text, "url")
    match = None
    if form == "uuid":
        match = re.search(
            r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b", text
        )
    if form == "ipv4":
        part = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
        match = re.search(rf"(?<![\d.]){part}(?:\.{part}){{3}}(?![\d.])", text)
    if form == "duration" and (
        span := re.search(r"\b(\d{1,4})[ -]?(hour|minute|second|day|week)", text)
    ):
        unit = span[2][0].upper()
        return f"P{span[1]}{unit}" if unit in "DW" else f"PT{span[1]}{unit}"
    return match[0] if match else None


def _plain_text(schema: Schema, variant: int) -> str:
    form = schema.get("format")
    if form in _FORMATS:
        return _varied_format(str(form), variant)
    least = _size(schema, "minLength", 0)
    most = _size(schema, "maxLength", MAX_UNITS)
    if least > MAX_UNITS:
        raise ValueError(f"The schema wants a text of {least} characters.")
    if isinstance(schema.get("pattern"), str):
        text = pattern.example(schema["pattern"], variant, least)
        if text is None or not least <= len(text) <= most:
            raise _NoValue
        return text
    if most < least:
        raise _NoValue
    text = f"unknown {variant + 1}" if variant else "unknown"
    if variant and most < len(text):
        text = _short_text(variant, most)
    return (
        (text + " unknown" * (least // 8 + 1))[:least]
        if len(text) < least
        else text[:most]
    )


def _short_text(variant: int, most: int) -> str:
    letters = ""
    while variant and len(letters) < most:
        variant, digit = divmod(variant - 1, 26)
        letters += chr(ord("a") + digit)
    return letters


def _varied_format(form: str, variant: int) -> str:
    """A text of the format; other variants are other texts where a number is in it."""
    text = _FORMATS[form]
    if not variant:
        return text
    if form in ("date", "date-time"):
        year, rest = 2000 + variant, text[4:]
        return f"{year % 10_000:04}{rest}"
    if form == "time":
        return f"{variant // 3600 % 24:02}:{variant // 60 % 60:02}:{variant % 60:02}Z"
    if form == "duration":
        return f"PT{variant + 1}H"
    if form == "ipv4":
        return f"192.0.{variant // 256 % 256}.{variant % 256}"
    if form == "ipv6":
        return f"2001:db8::{variant + 1:x}"
    if form == "uuid":
        return text[:24] + f"{variant:012x}"
    if form == "relative-json-pointer":
        return str(variant)
    if form == "regex":
        return f"a{{{variant}}}"
    if form == "byte":
        raise _NoValue
    if "someone" in text:
        return text.replace("someone", f"someone{variant}")
    if "example" in text:
        return text.replace("example", f"example{variant}")
    return f"{text}{variant}"


def _number(work: _Work, schema: Schema, place: _Place) -> Filled:
    if not place.variant:
        drawn = extraction.number_for(work.source, place.prop)
        if drawn is not None:
            number = _number_as_json(drawn)
            if _fits_number(number, schema):
                return Filled(number, True)
        default = schema.get("default")
        if is_number(default) and _fits_number(default, schema):
            return Filled(default, False)
    return Filled(_plain_number(schema, place.variant), False)


def _plain_number(schema: Schema, variant: int) -> int | float:
    """Zero, or what is nearest to it within the bounds."""
    low, high = _bounds(schema)
    low_open, high_open = (
        _fraction(schema.get(key)) is not None and bound == _fraction(schema.get(key))
        for key, bound in (("exclusiveMinimum", low), ("exclusiveMaximum", high))
    )
    step = _step(schema)
    if step:
        lowest = None if low is None else math.ceil(low / step)
        if lowest is not None and low_open and lowest * step == low:
            lowest += 1
        highest = None if high is None else math.floor(high / step)
        if highest is not None and high_open and highest * step == high:
            highest -= 1
        if lowest is not None and highest is not None and lowest > highest:
            raise _NoValue
        times = _nearest_to_zero(lowest, highest, variant)
        return _number_as_json(times * step)
    if low is None and high is None:
        return variant
    if low is None or high is None:
        edge = low if high is None else high
        assert edge is not None
        inward = 1 if high is None else -1
        if (edge < 0) == (inward > 0) and edge:
            return inward * variant  # zero is allowed
        return _number_as_json(edge + inward * (variant + (low_open or high_open)))
    if low > high or (low == high and (low_open or high_open)):
        raise _NoValue
    if low == high and variant:
        raise _NoValue
    zero_is_out = (low == 0 and low_open) or (high == 0 and high_open)
    if not variant and low <= 0 <= high and not zero_is_out:
        return 0
    if not variant and not low_open:
        return _number_as_json(low)
    return _number_as_json(low + (high - low) * Fraction(1, variant + 2))


def _nearest_to_zero(low: int | None, high: int | None, variant: int) -> int:
    """The variant-th whole number from the one nearest to zero, within bounds."""
    start = max(0, low) if low is not None else 0
    if high is not None and start > high:
        start = high
    up = start + variant
    if high is None or up <= high:
        return up
    down = start - (up - high)
    if low is not None and down < low:
        raise _NoValue
    return down


def _boolean(work: _Work, schema: Schema, place: _Place) -> Filled:
    if place.variant:
        if place.variant > 1:
            raise _NoValue
        return Filled(True, False)
    drawn = extraction.boolean_for(work.source, place.prop)
    if drawn is not None:
        return Filled(drawn, True)
    return Filled(schema.get("default") is True, False)


def _null(work: _Work, schema: Schema, place: _Place) -> Filled:
    del work, schema
    if place.variant:
        raise _NoValue
    return Filled(None, False)


_FILLERS: dict[str, Callable[[_Work, Schema, _Place], Filled]] = {
    "string": _text,
    "object": _object,
    "array": _array,
    "integer": _number,
    "number": _number,
    "boolean": _boolean,
    "null": _null,
}
_HINTS = {
    "object": {"properties", "required", "additionalProperties", "minProperties"},
    "array": {"items", "prefixItems", "minItems", "maxItems", "uniqueItems"},
    "number": {
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
    },
}


# Whether a value that was drawn may stand.


def _fits_type(value: Any, schema: Schema) -> bool:
    kinds = _types(schema)
    if not kinds:
        return True
    if value is None:
        return "null" in kinds
    if isinstance(value, bool):
        return "boolean" in kinds
    if isinstance(value, int):
        return bool({"integer", "number"} & set(kinds))
    if isinstance(value, float):
        return "number" in kinds or (value.is_integer() and "integer" in kinds)
    if isinstance(value, str):
        return "string" in kinds
    return ("array" if isinstance(value, list) else "object") in kinds


def _fits_text(text: str, schema: Schema) -> bool:
    most = _size(schema, "maxLength", len(text))
    if not _size(schema, "minLength", 0) <= len(text) <= most:
        return False
    if schema.get("format") in _FORMATS and not _in_format(text, schema["format"]):
        return False
    expression = schema.get("pattern")
    if not isinstance(expression, str):
        return True
    if len(text) > MAX_MATCHED:
        return False
    try:
        return bool(re.search(expression, text))
    except (re.error, RecursionError, OverflowError):
        return False


def _in_format(text: str, form: str) -> bool:
    """Whether a text of the shape of a date names a day that there is."""
    if form in ("date", "date-time"):
        match = re.match(r"\d{4}-(\d{2})-(\d{2})", text)
        if not match or not 1 <= int(match[1]) <= 12:
            return False
        year, month, day = int(text[:4]), int(match[1]), int(match[2])
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        days = (31, 28 + leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]
        return 1 <= day <= days
    return True


def _fits_number(number: int | float, schema: Schema) -> bool:
    value = _fraction(number)
    if value is None:
        return False
    low, high = _bounds(schema)
    if (low is not None and value < low) or (high is not None and value > high):
        return False
    if value in (
        _fraction(schema.get("exclusiveMinimum")),
        _fraction(schema.get("exclusiveMaximum")),
    ):
        return False
    step = _step(schema)
    return not step or value % step == 0


def _bounds(schema: Schema) -> tuple[Fraction | None, Fraction | None]:
    lows = [_fraction(schema.get(key)) for key in ("minimum", "exclusiveMinimum")]
    highs = [_fraction(schema.get(key)) for key in ("maximum", "exclusiveMaximum")]
    return (
        max((low for low in lows if low is not None), default=None),
        min((high for high in highs if high is not None), default=None),
    )


def _step(schema: Schema) -> Fraction | None:
    """What the number is a multiple of; None: any number will do."""
    multiple = _fraction(schema.get("multipleOf"))
    kinds = _types(schema)
    whole = "integer" in kinds and "number" not in kinds
    if multiple is None or multiple <= 0:
        return Fraction(1) if whole else None
    if whole:
        # The least common multiple of one and the fraction.
        return Fraction(multiple.numerator)
    return multiple


def _number_as_json(number: Fraction | float) -> int | float:
    whole = number == int(number) and abs(number) < 2**63  # larger ones do not travel
    return int(number) if whole else float(number)


def is_number(value: Any) -> TypeGuard[int | float]:
    """Whether a JSON value is a number: true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _fraction(value: Any) -> Fraction | None:
    """A number as it was written: 0.1 is a tenth. None for what is no number."""
    if not is_number(value) or not math.isfinite(value):
        return None
    return Fraction(str(value))


def _size(schema: Schema, key: str, otherwise: int) -> int:
    value = schema.get(key)
    return int(value) if is_number(value) and math.isfinite(value) else otherwise


def _types(schema: Schema) -> list[str]:
    kinds = schema.get("type")
    return [str(kind) for kind in _list(kinds)] or (
        [kinds] if isinstance(kinds, str) else []
    )


def as_dict(value: Any) -> Schema:
    """A JSON value if it is an object, else an empty one."""
    return cast(Schema, value) if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return cast(list[Any], value) if isinstance(value, list) else []
