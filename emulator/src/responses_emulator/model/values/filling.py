"""Fills a JSON Schema, from the prompt where it says something that fits.

Understood are the keywords of the strict subset, and what a `Judge` sees to: with one,
each value of a schema that asks for more is tried on it, and another is made where it
does not hold.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

from responses_emulator.model.prompt import (
    people_and_places,
    property_choices,
    property_numbers,
    property_texts,
    spans,
)
from responses_emulator.model.prompt.properties import Property, Source, kind_of
from responses_emulator.model.values import numbers, texts
from responses_emulator.model.values.bounds import OverBound
from responses_emulator.model.values.keywords import (
    BEYOND_PLAIN,
    as_dict,
    as_list,
    pointed_at,
    types,
)

Schema = dict[str, Any]

MAX_STEPS = 20_000  # schemas looked at for one value
MAX_STEPS_FOR_THE_BEST = 1_000  # then the first branch that has a value is taken
MAX_UNITS = 100_000  # characters of a text, members of an array or object
MAX_TRIES = 200  # values of one schema that are tried on the judge
MAX_NUMBERS = 20  # properties of an object that keep a number for themselves
MAX_FAILURES = 8  # to make a value, before no more is tried
_NOT_SAID = ("unknown", "other", "none", "unspecified", "n/a", "not_specified")


class NoValue(Exception):
    """This schema has no finite value on this way: another must be taken."""


class Judge(Protocol):
    """Knows of all keywords whether they hold."""

    def holds(self, schema: Schema, value: Any) -> bool:
        """Whether a value is valid for a part of the schema."""
        ...

    def joined(self, schemas: list[Any]) -> Any:
        """One schema that takes what all of them take, in the simplest terms.

        False where that is nothing, and None where there are no simpler terms.
        """
        ...


class Filled(NamedTuple):
    """A value, and whether any of it came from the prompt."""

    value: Any
    found: bool


@dataclass
class _Work:
    """What is the same all through one value."""

    root: Schema
    source: Source
    most: int = MAX_STEPS
    judge: Judge | None = None
    rounds: int = 1  # how often a $ref may lead to itself
    steps: int = 0
    why: str = ""  # what could not be made first
    # By the identity of a schema, which is held so that no other gets that.
    known: dict[int, tuple[Schema, list[Any]]] = field(
        default_factory=dict[int, tuple[Schema, list[Any]]]
    )

    def fails(self, why: str) -> NoValue:
        """What is raised where a value cannot be made; the first reason is told."""
        self.why = self.why or why
        return NoValue()

    def choices(self, schema: Schema) -> list[Any]:
        """What a schema names that keeps the rest of it: found out once."""
        known = self.known.get(id(schema))
        if known:
            return known[1]
        given = [schema["const"]] if "const" in schema else as_list(schema["enum"])
        values = [value for value in given if _fits(value, schema)]
        self.known[id(schema)] = schema, values
        return values

    def step(self) -> None:
        self.steps += 1
        if self.steps > self.most:
            raise OverBound(f"To fill the schema takes more than {self.most:,} steps.")

    @property
    def is_long(self) -> bool:
        """Half of the steps are used: only what is required is still filled."""
        return self.steps > self.most // 2


class _Place(NamedTuple):
    """Where in the value one is."""

    prop: Property
    refs: tuple[str, ...] = ()  # the $refs that led here
    variant: int = 0  # members of a set differ by it


def filled(
    schema: Any,
    prompt: str,
    *,
    name: str = "",
    steps: int = MAX_STEPS,
    judge: Judge | None = None,
    rounds: int = 1,
) -> Any:
    """A value for the schema; `name` is what the value as a whole is called.

    Without a judge it is valid where `keywords.is_plain` says so of the schema. Raises
    ValueError where none was found, and OverBound.
    """
    work = _Work(as_dict(schema), Source.of(prompt), steps, judge, rounds)
    try:
        return _filled(work, schema, _Place(Property(name), ("#",))).value
    except (NoValue, numbers.Exhausted, RecursionError) as error:
        why = f": {work.why}" if work.why else ""
        raise ValueError(f"No value was found for this schema{why}.") from error
    except TypeError as error:  # {"minimum": "x"} and the like
        raise ValueError("A keyword of the schema has the wrong type.") from error
    except OverflowError as error:
        raise ValueError("A number of the schema is too large.") from error


# What follows fills one kind of schema each, and raises NoValue where it cannot.


def _filled(work: _Work, schema: Any, place: _Place) -> Filled:
    work.step()
    if schema is False:
        raise NoValue
    schema = as_dict(schema)
    if "$ref" in schema or "allOf" in schema:
        schema, place = _resolved(work, schema, place)
    about = " ".join(str(schema.get(key) or "") for key in ("title", "description"))
    place = place._replace(prop=place.prop._replace(about=about.strip()))
    if work.judge is None or schema.keys().isdisjoint(BEYOND_PLAIN):
        return _unjudged(work, schema, place)
    schema = _joined(work, [schema])
    if "$ref" in schema:
        return _filled(work, schema, place)
    failures = 0
    for variant in range(place.variant, place.variant + MAX_TRIES):
        try:
            filled = _unjudged(work, schema, place._replace(variant=variant))
        except (NoValue, numbers.Exhausted):
            failures += 1
            if failures > MAX_FAILURES:
                break
            continue
        if work.judge.holds(schema, filled.value):
            return filled
    kept = " and ".join(f"'{key}'" for key in schema if key in BEYOND_PLAIN)
    raise work.fails(f"no value that was tried keeps {kept}")


def _unjudged(work: _Work, schema: Schema, place: _Place) -> Filled:
    """A value that keeps what is plain in a schema."""
    if "const" in schema or "enum" in schema:
        return _choice(work, schema, place)
    for keyword in ("anyOf", "oneOf"):
        if as_list(schema.get(keyword)):
            return _branch(work, schema, keyword, place)
    return _typed(work, schema, place)


def _resolved(work: _Work, schema: Schema, place: _Place) -> tuple[Schema, _Place]:
    """The schema with its $ref worked in; its allOf too, unless a judge knows of it."""
    while "$ref" in schema or _is_to_join(work, schema):
        work.step()
        rest = {k: v for k, v in schema.items() if k not in _JOINED}
        parts: list[Any] = [rest, *as_list(schema.get("allOf"))]
        if "$ref" in schema:
            parts.insert(0, {"$ref": schema["$ref"]})
        for number, part in enumerate(parts):
            if "$ref" in as_dict(part):
                target, place = _target(work, part["$ref"], place)
                others = {k: v for k, v in part.items() if k != "$ref"}
                parts[number] = {"allOf": [target, others]} if others else target
        schema = _joined(work, parts)
    return schema, place


_JOINED = ("$ref", "allOf", "$defs", "definitions")


def _is_to_join(work: _Work, schema: Schema) -> bool:
    parts = as_list(schema.get("allOf"))
    return bool(parts) and (
        work.judge is None or any("$ref" in as_dict(part) for part in parts)
    )


def _target(work: _Work, ref: Any, place: _Place) -> tuple[Any, _Place]:
    """What a reference leads to, and that one has been there."""
    if place.refs.count(ref) >= work.rounds:
        raise work.fails(f"the way by '$ref' {ref!r} never ends")
    target = pointed_at(work.root, str(ref))
    if target is None:
        raise ValueError(f"The schema's $ref '{ref}' leads nowhere.")
    return target, place._replace(refs=(*place.refs, str(ref)))


def _joined(work: _Work, parts: list[Any]) -> Schema:
    """A schema that takes what all of them take, as far as that is known here."""
    if False in parts:
        raise NoValue
    joined = work.judge.joined(parts) if work.judge else None
    if joined is False:
        raise NoValue
    if joined is not None:
        return as_dict(joined)
    whole: Schema = {}
    for part in parts:
        whole = _merged(whole, as_dict(part))
    return whole


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
            merged[key] = list(dict.fromkeys(as_list(a) + as_list(b)))
        elif key == "properties":
            a, b = as_dict(a), as_dict(b)
            shared = {
                name: {"allOf": [a[name], b[name]]} for name in a.keys() & b.keys()
            }
            merged[key] = a | b | shared
        elif key == "enum":
            merged[key] = [value for value in as_list(a) if value in as_list(b)]
        elif key == "type":
            merged[key] = _common_types(one, other)
            if not merged[key]:
                merged["enum"] = []  # nothing is of both types
        elif key in ("items", "additionalProperties"):
            merged[key] = False if a is False or b is False else {"allOf": [a, b]}
        elif key == "allOf":
            merged[key] = as_list(a) + as_list(b)
        elif key in ("anyOf", "oneOf"):  # both choices must hold: one after the other
            merged[key] = [{"allOf": [each, {key: b}]} for each in as_list(a)]
    return merged


def _common_types(one: Schema, other: Schema) -> list[str]:
    a, b = types(one), types(other)
    both = [kind for kind in a if kind in b]
    if "integer" in a + b and "number" in a + b and "integer" not in both:
        both.append("integer")
    return both


def _choice(work: _Work, schema: Schema, place: _Place) -> Filled:
    values = work.choices(schema)
    if not place.variant and "const" not in schema:
        chosen = property_choices.choice_for(work.source, place.prop, values)
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
        raise NoValue
    return Filled(values[place.variant], False)


def _branch(work: _Work, schema: Schema, keyword: str, place: _Place) -> Filled:
    """The first branch that the prompt speaks of; else null; else the first."""
    base = {key: value for key, value in schema.items() if key != keyword}
    variant = place.variant
    without: list[Filled] = []
    for branch in as_list(schema[keyword]):
        if branch is False:
            continue
        whole = _merged(base, as_dict(branch))
        size = _count(whole) if variant else None
        if size is not None and variant >= size:
            variant -= size  # this branch has no more
            continue
        try:
            filled = _filled(work, whole, place._replace(variant=variant))
        except (NoValue, numbers.Exhausted):
            continue
        if filled.found or place.variant:
            return filled
        without.append(filled)
        if work.steps > MAX_STEPS_FOR_THE_BEST:
            break
    if not without:
        raise NoValue
    nulls = [filled for filled in without if filled.value is None]
    return (nulls or without)[0]


def _typed(work: _Work, schema: Schema, place: _Place) -> Filled:
    kinds = types(schema)
    if not kinds:
        return _untyped(work, schema, place)
    variant = place.variant
    without: list[Filled] = []
    for kind in kinds:
        if kind not in _FILLERS:
            continue
        size = _count({**schema, "type": kind}) if variant and len(kinds) > 1 else None
        if size is not None and variant >= size:
            variant -= size  # there are no more of this type
            continue
        try:
            inner = place._replace(variant=variant) if place.variant else place
            filled = _FILLERS[kind](work, schema, inner)
        except (NoValue, numbers.Exhausted):
            continue
        if filled.found or place.variant or len(kinds) == 1:
            return filled
        without.append(filled)
    if not without:
        raise NoValue
    if "null" in kinds and "default" not in schema:
        return Filled(None, False)
    return without[0]


def _untyped(work: _Work, schema: Schema, place: _Place) -> Filled:
    """A schema that names no type: its keywords hint at one, else it is a text."""
    for kind, hints in _HINTS.items():
        if schema.keys() & hints:
            return _FILLERS[kind](work, schema, place)
    return _text(work, schema, place)


def _count(schema: Any) -> int | None:
    """How many values a schema takes, where that is easily told; None: many."""
    if schema is False:
        return 0
    schema = as_dict(schema)
    if "const" in schema:
        return 1
    if "enum" in schema:
        return len(as_list(schema["enum"]))
    if "anyOf" in schema:
        counts = [_count(each) for each in as_list(schema["anyOf"])]
        return None if None in counts else sum(each or 0 for each in counts)
    counts = [
        numbers.count(schema)
        if kind == "integer"
        else {"null": 1, "boolean": 2}.get(kind)
        for kind in types(schema)
    ]
    return None if None in counts or not counts else sum(each or 0 for each in counts)


def _product(slots: list[Any]) -> int | None:
    """How many arrays these schemas of members take; None: many."""
    product = 1
    for slot in slots:
        size = _count(slot)
        if size is None:
            return None
        product *= size
    return product


# Objects


def _object(work: _Work, schema: Schema, place: _Place) -> Filled:
    properties = as_dict(schema.get("properties"))
    required = dict.fromkeys(str(name) for name in as_list(schema.get("required")))
    kinds = {name: kind_of(Property(name)) for name in properties}
    common = Counter(kind for kind in kinds.values() if kind)
    counted = [name for name, each in properties.items() if _is_number(each)]
    value: Schema = {}
    found = False
    left = place.variant  # like the digits of a number, shared out to the members
    for name in [*properties, *(name for name in required if name not in properties)]:
        needed = name in required
        if work.is_long and not needed:
            continue
        own = kinds.get(name)
        others = frozenset(kind for kind in common if kind != own or common[kind] > 1)
        part = _of_member(work, schema, name)
        prop = Property(name, "", others, needed and not _may_be_null(part))
        prop = prop._replace(numbers=tuple(counted[:MAX_NUMBERS]))
        inner = place._replace(prop=prop, variant=0)
        try:
            if needed:
                filled, left = _member(work, part, inner, left)
            else:
                filled = _filled(work, part, inner)
        except (NoValue, numbers.Exhausted):
            if needed:
                raise
            continue
        if needed or filled.found:
            value[name] = filled.value
            found = found or filled.found
    most = _size(schema, "maxProperties", MAX_UNITS)
    if len(required) > most:
        raise NoValue
    for name in [name for name in value if name not in required]:
        if len(value) > most:
            del value[name]
    least = _size(schema, "minProperties", 0)
    if left:  # one member more makes it another object
        least, left = max(least, len(value) + 1), left - 1
    if least > MAX_UNITS:
        raise OverBound(f"The schema wants {least:,} properties.")
    if least > most:
        raise NoValue
    _make_up(work, schema, place._replace(variant=left), value, least)
    return Filled(value, found)


def _may_be_null(part: Any) -> bool:
    branches = [part, *as_list(as_dict(part).get("anyOf"))]
    return any("null" in types(as_dict(branch)) for branch in branches)


def _member(work: _Work, part: Any, place: _Place, left: int) -> tuple[Filled, int]:
    """The value of a member, by its share of the variant, and what is left of that."""
    size = _count(part) if left else None
    digit = left if size is None else left % max(size, 1)
    if not digit:
        return _filled(work, part, place), left // max(size or 1, 1)
    try:
        filled = _filled(work, part, place._replace(variant=digit))
    except (NoValue, numbers.Exhausted):
        return _filled(work, part, place), left
    return filled, 0 if size is None else left // size


def _of_member(work: _Work, schema: Schema, name: str) -> Any:
    """The schema of a member's value."""
    properties = as_dict(schema.get("properties"))
    if name in properties and "patternProperties" not in schema:
        return properties[name]
    parts = [properties[name]] if name in properties else []
    for expression, part in as_dict(schema.get("patternProperties")).items():
        if texts.found(expression, name):
            parts.append(part)
    if not parts:
        return schema.get("additionalProperties", {})
    return _joined(work, parts) if len(parts) > 1 else parts[0]


def _make_up(
    work: _Work, schema: Schema, place: _Place, value: Schema, least: int
) -> None:
    """Add members until there are enough, the schema's own properties first."""
    names = [name for name in as_dict(schema.get("properties")) if name not in value]
    more = _names(work, schema)
    failures = 0
    while len(value) < least:
        name = names.pop(0) if names else next(more, None)
        if name is None or failures > MAX_TRIES:
            raise NoValue
        if name in value:
            continue
        inner = place._replace(prop=Property(name))
        try:
            value[name] = _filled(work, _of_member(work, schema, name), inner).value
        except (NoValue, numbers.Exhausted):
            failures += 1


def _names(work: _Work, schema: Schema) -> Iterator[str]:
    """Names for further members, of each sort that a schema tells apart in turns."""
    rules = [schema["propertyNames"]] if "propertyNames" in schema else []
    patterned = as_dict(schema.get("patternProperties"))
    for expression in (each for each, part in patterned.items() if part is False):
        rules.append(_naming(without=[expression]))
    patterns = [each for each, part in patterned.items() if part is not False]
    sorts: list[list[Any]] = []
    for expression in patterns:
        others = [each for each in patterns if each != expression]
        sorts.append([*rules, _naming(expression, others)])
        if others:
            sorts.append([*rules, _naming(expression)])
    if schema.get("additionalProperties", True) is not False:
        sorts.insert(0, [*rules, _naming(without=patterns)])
    sources: list[Iterator[str]]
    if not patterned and not rules:
        sources = [iter(f"key{at}" for at in range(1, MAX_UNITS))] if sorts else []
    else:
        sources = [_named(work, each) for each in sorts]
    while sources:
        for source in list(sources):
            name = next(source, None)
            if name is None:
                sources.remove(source)
            else:
                yield name


def _naming(pattern: str = "", without: Sequence[str] = ()) -> Schema:
    """The schema of a name in which a pattern is found, and others are not."""
    rule: Schema = {"type": "string", "pattern": pattern} if pattern else {}
    if without:
        rule["allOf"] = [{"not": {"pattern": each}} for each in without]
    return rule


def _named(work: _Work, rules: list[Any]) -> Iterator[str]:
    """The names that keep all of these rules, as many as there are."""
    work = replace(work, source=Source(""))
    for variant in range(MAX_UNITS):
        try:
            rule = _joined(work, [{"type": "string"}, *rules])
            yield str(_filled(work, rule, _Place(Property(""), variant=variant)).value)
        except (NoValue, numbers.Exhausted):
            return


# Arrays


def _array(work: _Work, schema: Schema, place: _Place) -> Filled:
    least = _size(schema, "minItems", 0)
    most = _size(schema, "maxItems", MAX_UNITS)
    if least > MAX_UNITS:
        raise OverBound(f"The schema wants {least:,} items.")
    if least > most:
        raise NoValue
    wanted = list(_contained(schema))
    if wanted:
        return _containing(work, schema, place, wanted)
    first = as_list(schema.get("prefixItems"))[:most]
    items = schema.get("items", {})
    unique = schema.get("uniqueItems") is True
    found: list[Any] = []
    if not (first or place.variant or work.is_long or items is False):
        found = _members(work, items, place)
    if unique:
        found = list({_key(value): value for value in found}.values())
    found = found[:most]
    variant = place.variant
    if not least and len(found) < 2 and _are_objects(work, items, place):
        least = min(property_numbers.count_for(work.source), most)
        found = found if least < 2 else []  # they are to be made up
    slots = [*first[: max(least, len(first))], *[items] * (least - len(first))]
    while variant and not (unique and slots):
        size = _product(slots)
        if size is None or variant < size:
            break
        if len(slots) >= most or items is False:
            raise NoValue
        variant -= size  # there are no more of this length
        slots.append(items)
    least = max(least, len(slots))
    values, drawn = found, bool(found)
    if len(found) < least or first:
        rest = _slots_filled(
            work, slots[len(found) :], place._replace(variant=variant), unique, found
        )
        values, drawn = found + rest.value, drawn or rest.found
    return Filled(values, drawn)


def _are_objects(work: _Work, items: Any, place: _Place) -> bool:
    """Whether the members of an array are objects, be it through a $ref."""
    try:
        item, _ = _resolved(work, as_dict(items), place)
    except NoValue:
        return False
    return types(item) == ["object"]


def _slots_filled(
    work: _Work, slots: list[Any], place: _Place, unique: bool, before: list[Any]
) -> Filled:
    """A value for each of these schemas; where they must differ, from all `before`."""
    if unique:
        return _different(work, slots, place, before)
    values: list[Any] = []
    found = False
    left = place.variant  # like the digits of a number, shared out to the members
    inner = place._replace(variant=0)
    for slot in slots:
        filled, left = _member(work, slot, inner, left)
        values.append(filled.value)
        found = found or filled.found
    return Filled(values, found)


def _different(
    work: _Work, slots: list[Any], place: _Place, before: list[Any]
) -> Filled:
    """A value for each of these schemas, no two alike."""
    seen = {_key(value) for value in before}
    found = False
    variant = place.variant
    counts = {id(slot): _count(slot) for slot in slots}
    are_alike = len(counts) < 2
    size = next(iter(counts.values()), None)
    if variant and are_alike and size is not None and not before:
        orders = _in_order(variant, size, len(slots))
        each = [
            _filled(work, slot, place._replace(variant=at))
            for slot, at in zip(slots, orders, strict=True)
        ]
        return Filled([one.value for one in each], any(one.found for one in each))
    values: list[Any] = [None] * len(slots)
    # Who has the least choice goes first.
    for at in sorted(
        range(len(slots)), key=lambda at: counts[id(slots[at])] or math.inf
    ):
        for _ in range(MAX_TRIES + len(seen)):
            filled = _filled(work, slots[at], place._replace(variant=variant))
            if _key(filled.value) not in seen:
                break
            variant += 1
        else:
            raise work.fails("there are not as many values as 'uniqueItems' asks for")
        values[at] = filled.value
        found = found or filled.found
        seen.add(_key(filled.value))
        variant = variant + 1 if are_alike else place.variant
    return Filled(values, found)


def _in_order(variant: int, size: int, length: int) -> list[int]:
    """The numbers of so many different values of `size`, in the order of a variant."""
    if length > size:
        raise NoValue
    left = list(range(size))
    chosen: list[int] = []
    for _ in range(length):
        variant, digit = divmod(variant, len(left))
        chosen.append(left.pop(digit))
    if variant:
        raise NoValue
    return chosen


def _key(value: Any) -> str:
    """Equal for values that are the same in JSON: 1 and 1.0, but not 1 and true."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)


def _contained(schema: Schema) -> Iterator[tuple[Any, int, float]]:
    """What an array is to contain, how often at least, and at most."""
    parts = [schema, *(as_dict(each) for each in as_list(schema.get("allOf")))]
    for part in parts:
        if "contains" in part:
            least = _size(part, "minContains", 1)
            most = _size(part, "maxContains", MAX_UNITS)
            yield part["contains"], least, most


def _containing(
    work: _Work, schema: Schema, place: _Place, wanted: list[tuple[Any, int, float]]
) -> Filled:
    """An array of members that it is to contain, and of others."""
    if work.judge is None:
        raise NoValue
    least = _size(schema, "minItems", 0)
    most = _size(schema, "maxItems", MAX_UNITS)
    first = as_list(schema.get("prefixItems"))
    rest = schema.get("items", {})
    count = sum(number for _, number, _ in wanted)
    if count > MAX_UNITS:
        raise OverBound(f"The schema wants {count:,} items.")
    shortest = min(max(least, count), most)
    for length in range(shortest, min(most, shortest + len(first)) + 1):
        slots = [*first[:length], *[rest] * (length - len(first))]
        shared = _shared_out(work, slots, wanted)
        if shared:
            unique = schema.get("uniqueItems") is True
            return _slots_filled(work, shared, place, unique, [])
        if not length and not shared and not count:
            return Filled([], False)
    raise work.fails("no array was found that keeps 'contains'")


def _shared_out(
    work: _Work, slots: list[Any], wanted: list[tuple[Any, int, float]]
) -> list[Any]:
    """The schemas of the members of an array that contains it all; [] if none can."""
    slots = list(slots)
    taken = [0 for _ in slots]
    for inner, least, most in wanted:
        with_it, without_it = _either_way(work, slots, inner, most)
        free = [at for at in range(len(slots)) if at in with_it and at in without_it]
        have_to = [at for at in range(len(slots)) if at not in without_it]
        # The last are the freest, and one that has nothing to bear yet is better.
        free.sort(key=lambda at: (taken[at], -at))
        chosen = [*have_to, *free[: max(0, least - len(have_to))]]
        if not least <= len(chosen) <= most or any(at not in with_it for at in chosen):
            return []
        for at in range(len(slots)):
            if at in chosen:
                slots[at] = with_it[at]
                taken[at] += 1
            elif most < len(slots):
                slots[at] = without_it[at]
    return slots


def _either_way(
    work: _Work, slots: list[Any], inner: Any, most: float
) -> tuple[dict[int, Any], dict[int, Any]]:
    """The schemas of the members that can be what is wanted, and that need not be.

    Where there cannot be too many, whether one needs not does not matter.
    """
    with_it: dict[int, Any] = {}
    without_it: dict[int, Any] = {}
    for at, slot in enumerate(slots):
        with suppress(NoValue):
            with_it[at] = _joined(work, [slot, inner])
        with suppress(NoValue):
            few = most >= len(slots)
            without_it[at] = slot if few else _joined(work, [slot, {"not": inner}])
    return with_it, without_it


def _members(work: _Work, items: Any, place: _Place) -> list[Any]:
    """The members that the prompt gives an array."""
    try:
        item, place = _resolved(work, as_dict(items), place)
    except NoValue:
        return []
    kinds = types(item)
    if "enum" in item:
        return property_choices.choices_for(work.source, as_list(item["enum"]))
    if "string" in kinds or not (kinds or item):
        given = property_texts.texts_for(work.source, place.prop)
        return [text for text in given if texts.fits(text, _asked(item))]
    if {"number", "integer"} & set(kinds):
        known = map(numbers.as_json, property_numbers.numbers_for(work.source))
        return [number for number in known if numbers.fits(number, item)]
    if "object" in kinds or "properties" in item:
        return _member_objects(work, item, place)
    return []


def _member_objects(work: _Work, item: Schema, place: _Place) -> list[Any]:
    """One object for each person or place the prompt names, or one in all."""
    properties = as_dict(item.get("properties"))
    about = kind_of(place.prop)
    text = work.source.text
    names: list[str] = []
    if about == "person" or (not about and "name" in properties):
        names = people_and_places.people(text)
    elif about == "place" or (not about and {"city", "latitude"} & properties.keys()):
        names = people_and_places.likely_places(text)
    starts = sorted(text.find(name) for name in names)
    values: list[Any] = []
    for at, start in enumerate(starts or [0]):
        end = starts[at + 1] if at + 1 < len(starts) else len(text)
        part = replace(work, source=Source(text[start:end]))
        try:
            filled = _filled(part, item, place)
        except NoValue:
            return []
        finally:
            work.steps = part.steps
        if filled.found or starts:
            values.append(filled.value)
    return values


# Texts, numbers, and the rest


def _text(work: _Work, schema: Schema, place: _Place) -> Filled:
    asked = _asked(schema)
    if asked.least > MAX_UNITS:
        raise OverBound(f"The schema wants a text of {asked.least:,} characters.")
    if not place.variant:
        drawn = _drawn(work, schema, place)
        if drawn and not (asked.formats or asked.patterns):
            drawn = drawn[: asked.most]
        if drawn and texts.fits(drawn, asked):
            return Filled(drawn, True)
        default = schema.get("default")
        if isinstance(default, str) and texts.fits(default, asked):
            return Filled(default, False)
    text = texts.nth(asked, place.variant)
    if text is None:
        raise work.fails(f"no text was found that keeps {texts.told(asked)}")
    return Filled(text, False)


def _asked(schema: Schema) -> texts.Asked:
    least = _size(schema, "minLength", 0)
    return texts.asked(schema, least, _size(schema, "maxLength", MAX_UNITS))


def _drawn(work: _Work, schema: Schema, place: _Place) -> str | None:
    form = schema.get("format")
    if form in texts.FORMATS:
        return _drawn_format(work.source, str(form), place.prop)
    return property_texts.text_for(work.source, place.prop)


def _drawn_format(source: Source, form: str, prop: Property) -> str | None:
    """A text of the prompt in one of JSON Schema's formats."""
    text = source.text
    days, hours = spans.iso_dates(text), spans.clock_times(text)
    if form == "date":
        return property_texts.in_its_role(text, days, prop)
    if form == "time":
        return hours[0] + "Z" if hours else None
    if form == "date-time":
        return f"{days[0]}T{hours[0] if hours else '00:00:00'}Z" if days else None
    if form in ("email", "idn-email"):
        return spans.first(text, "email")
    if form in ("uri", "url", "iri"):
        return spans.first(text, "url")
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


def _is_number(schema: Any) -> bool:
    return not {"number", "integer"}.isdisjoint(types(as_dict(schema)))


def _number(work: _Work, schema: Schema, place: _Place) -> Filled:
    if not place.variant:
        drawn = property_numbers.number_for(work.source, place.prop)
        if drawn is not None:
            number = numbers.as_json(drawn)
            if numbers.fits(number, schema):
                return Filled(number, True)
        default = schema.get("default")
        if numbers.is_number(default) and numbers.fits(default, schema):
            return Filled(default, False)
    return Filled(numbers.nth(schema, place.variant), False)


def _boolean(work: _Work, schema: Schema, place: _Place) -> Filled:
    if place.variant:
        if place.variant > 1:
            raise NoValue
        return Filled(schema.get("default") is not True, False)
    drawn = property_choices.boolean_for(work.source, place.prop)
    if drawn is not None:
        return Filled(drawn, True)
    return Filled(schema.get("default") is True, False)


def _null(work: _Work, schema: Schema, place: _Place) -> Filled:
    del work, schema
    if place.variant:
        raise NoValue
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


# Whether a value may stand


def _fits(value: Any, schema: Schema) -> bool:
    """Whether a value keeps the type of a schema, and what it asks of one value."""
    if not _fits_type(value, schema):
        return False
    if isinstance(value, str):
        return texts.fits(value, _asked(schema))
    if numbers.is_number(value):
        return numbers.fits(value, {k: v for k, v in schema.items() if k != "type"})
    return True


def _fits_type(value: Any, schema: Schema) -> bool:
    kinds = types(schema)
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


def _size(schema: Schema, key: str, otherwise: int) -> int:
    value = schema.get(key)
    if numbers.is_number(value) and math.isfinite(value):
        return int(value)
    return otherwise
