"""A value for any schema: made in several ways, and given if a validator takes it.

The validator's library also reduces a schema to a canonical form, in which conditions,
negations and overlapping choices have become plain ones where they can be. From there
it is filled like any other; what is left to try is tried on the validator, place by
place. Imported where it is needed, in a worker process: few schemas ask for so much.
"""

import json
from typing import Any, NoReturn

import jsonschema_rs
from jsonschema_rs import canonical

from responses_emulator.model.values import filling, keywords
from responses_emulator.model.values.bounds import OverBound
from responses_emulator.model.values.keywords import BEYOND_PLAIN, as_dict
from responses_emulator.model.values.regular import in_rust

Schema = dict[str, Any]

MAX_BACKTRACKS = 100_000  # of a pattern, on one text
ROUNDS = (1, 3)  # how often a $ref may lead to itself: first the shortest way
_WHOLE = "the-whole"  # what a $ref to the root becomes one to
_PATTERNS = jsonschema_rs.FancyRegexOptions(backtrack_limit=MAX_BACKTRACKS)


def value(schema: Any, prompt: str, *, name: str = "") -> Any:
    """A value that is valid for the schema, drawn from the prompt where it can be.

    Raises ValueError where no value is valid, and why; OverBound where none was found.
    """
    today = keywords.in_todays_terms(schema)
    dated = isinstance(as_dict(schema).get("$schema"), str)
    schema = keywords.mapped(schema if dated else today, _readable)
    validator = _validator(schema)
    if _turns_in_a_circle(schema, schema):
        raise ValueError("No value is valid for this schema: a $ref leads to itself.")
    tried = _tried(today, prompt, name)
    if tried and validator.is_valid(tried[0]):
        return tried[0]
    reduced = _reduced(schema)
    if reduced is None:
        reduced = _reduced(keywords.mapped(schema, _of_scalars)) or None
    if reduced is False:
        _refuse(schema, never=True)
    told: dict[str, Schema] = {}
    _collect(today, told)
    reduced = _whole(schema if reduced is None else reduced, told)
    judge = _Judge(as_dict(as_dict(reduced).get("$defs")), told)
    over: Exception | None = None
    for rounds in ROUNDS:
        for said in dict.fromkeys((prompt, "")):
            try:
                found = filling.filled(
                    reduced, said, name=name, judge=judge, rounds=rounds
                )
            except ValueError as error:
                over = error
                continue
            if validator.is_valid(found):
                return found
    _refuse(schema, over)


def fault(schema: Any, value: Any) -> str | None:
    """What a schema does not take of a value. Raises ValueError for what is none."""
    dated = isinstance(as_dict(schema).get("$schema"), str)
    today = schema if dated else keywords.in_todays_terms(schema)
    error = next(_validator(keywords.mapped(today, _readable)).iter_errors(value), None)
    if error is None:
        return None
    place = "/".join(map(str, error.instance_path))
    return f"{error.message} (at /{place})." if place else f"{error.message}."


def _readable(schema: Schema) -> Schema:
    """A schema whose patterns are written as the validator reads them."""
    expression = schema.get("pattern")
    if isinstance(expression, str):
        schema = schema | {"pattern": in_rust(expression)}
    patterned = schema.get("patternProperties")
    if isinstance(patterned, dict):
        members = {in_rust(each): part for each, part in as_dict(patterned).items()}
        schema = schema | {"patternProperties": members}
    return schema


def _turns_in_a_circle(schema: Any, root: Any) -> bool:
    """Whether a schema is nothing but a reference that leads back to itself."""
    seen: list[str] = []
    while isinstance(ref := as_dict(schema).get("$ref"), str):
        if ref in seen:
            return True
        seen.append(ref)
        schema = keywords.pointed_at(root, ref)
    return False


def _tried(schema: Any, prompt: str, name: str) -> list[Any]:
    """The value that is made without a judge, or none."""
    try:
        return [filling.filled(schema, prompt, name=name)]
    except ValueError:
        return []


def _validator(schema: Any) -> jsonschema_rs.Validator:
    """Raises ValueError for what is no schema."""
    try:
        return jsonschema_rs.validator_for(
            schema, validate_formats=True, pattern_options=_PATTERNS, offline=True
        )
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        first = str(error).strip().splitlines()[0]
        raise ValueError(f"The schema is malformed: {first}") from None


def _of_scalars(schema: Schema) -> Schema:
    """A schema whose `enum` has no arrays and objects, where others are in it.

    What rules those out has no canonical form. Whether the value that is made without
    a thought of them may stand, the validator knows.
    """
    given = keywords.as_list(schema.get("enum"))
    kept = [each for each in given if not isinstance(each, dict | list)]
    return schema | {"enum": kept} if kept else schema


def _reduced(schema: Any) -> Any:
    """The canonical form; False where nothing is valid, None where there is no form."""
    try:
        reduced = jsonschema_rs.canonicalize(
            schema, validate_formats=True, pattern_options=_PATTERNS, offline=True
        )
    except (ValueError, canonical.CanonicalizationError):
        return None
    if reduced.satisfiability() is canonical.Satisfiability.NO:
        return False
    if isinstance(reduced.view(), canonical.RawView):
        return None
    return reduced.to_json_schema()


def _refuse(
    schema: Any, over: Exception | None = None, *, never: bool = False
) -> NoReturn:
    """Say why there is no value, as far as that can be told.

    `never`: it is known that none can be.
    """
    if isinstance(over, OverBound):
        raise over
    try:
        reasons = canonical.find_unsatisfiable(
            schema, validate_formats=True, pattern_options=_PATTERNS, offline=True
        )
    except (ValueError, canonical.CanonicalizationError):
        reasons = {}
    if "" not in reasons and never and _refers(schema):
        raise ValueError(
            "No value is valid for this schema: a $ref leads back without an end."
        )
    if "" not in reasons:
        why = over or "No value was found that is valid for this schema."
        raise OverBound(str(why))
    # The innermost says most.
    place = max(reasons, key=lambda pointer: (pointer.count("/"), pointer))
    raise ValueError(
        f"No value is valid for this schema: {_told(place, reasons[place])}."
    )


def _refers(schema: Any) -> bool:
    """Whether there is a reference in a schema."""
    keys = as_dict(schema)
    return "$ref" in keys or any(map(_refers, keywords.inside(keys)))


def _told(place: str, reason: Any) -> str:
    where = f"at '{place}' " if place else ""
    causes = getattr(reason, "causes", None) or [getattr(reason, "cause", None)]
    parts = [_part(each, place) for each in causes if each is not None]
    if not parts:
        return f"{where}nothing is allowed"
    return f"{where}nothing keeps {' together with '.join(parts)}"


def _part(cause: Any, place: str) -> str:
    words = " and ".join(f"'{keyword}'" for keyword in cause.keywords)
    if cause.pointer == place:
        return words or "it"
    return f"{words} of '{cause.pointer}'" if words else f"'{cause.pointer}'"


def _whole(reduced: Any, told: dict[str, Schema]) -> Any:
    """The canonical form, its root a definition: what is within may refer to it."""
    root = _retold(reduced, told)
    if not isinstance(root, dict):
        return root
    rest = as_dict(root)
    defs = as_dict(rest.get("$defs")) | as_dict(rest.get("definitions"))
    outside = ("$id", "$defs", "definitions")
    defs[_WHOLE] = {key: part for key, part in rest.items() if key not in outside}
    return {"$ref": f"#/$defs/{_WHOLE}", "$defs": defs}


def _retold(reduced: Any, told: dict[str, Schema]) -> Any:
    """The canonical form, with what it leaves out: titles, defaults, and the order."""
    order = {name: at for at, name in enumerate(told)}

    def change(part: Schema) -> Schema:
        part.pop("$schema", None)
        if part.get("$ref") == "#":
            part["$ref"] = f"#/$defs/{_WHOLE}"
        properties = as_dict(part.get("properties"))
        known = sorted(properties, key=lambda name: order.get(name, len(order)))
        inner = {name: _with(properties[name], told.get(name, {})) for name in known}
        return part | {"properties": inner} if inner else part

    return keywords.mapped(keywords.in_todays_terms(reduced), change)


def _collect(schema: Any, told: dict[str, Schema]) -> None:
    """What a schema says of each property that it names, wherever that is."""
    for name, part in as_dict(as_dict(schema).get("properties")).items():
        kept = {k: v for k, v in as_dict(part).items() if k in _TOLD}
        told[name] = kept | told.get(name, {})
    for part in keywords.inside(as_dict(schema)):
        _collect(part, told)


_TOLD = ("title", "description", "default")


def _with(part: Any, told: Schema) -> Any:
    return part if isinstance(part, bool) else told | as_dict(part)


class _Judge:
    """Knows of each part of a schema what is valid for it."""

    def __init__(self, definitions: Schema, told: dict[str, Schema]) -> None:
        self._definitions = definitions
        self._told = told
        self._validators: dict[str, jsonschema_rs.Validator] = {}
        self._joined: dict[str, Any] = {}

    def holds(self, schema: Schema, value: Any) -> bool:
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            self._validators[key] = _validator(self._document(schema))
        return self._validators[key].is_valid(value)

    def joined(self, schemas: list[Any]) -> Any:
        parts = [each for each in schemas if each not in (True, {})]
        if False in schemas:
            return False
        if not parts:
            return {}
        if len(parts) == 1 and as_dict(parts[0]).keys().isdisjoint(BEYOND_PLAIN):
            return parts[0]
        key = json.dumps(parts, sort_keys=True)
        if key not in self._joined:
            document = parts[0] if len(parts) == 1 else {"allOf": parts}
            reduced = _reduced(self._document(document))
            joined = None if reduced is None else _retold(reduced, self._told)
            as_dict(joined).pop("$defs", None)
            self._joined[key] = joined
        return self._joined[key]

    def _document(self, schema: Any) -> Any:
        if not self._definitions or not isinstance(schema, dict):
            return schema
        return as_dict(schema) | {"$defs": self._definitions}
