"""Function tools: which ones a prompt calls for, and the answer from their results."""

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from responses_emulator.model.prompt import expressions, extraction, spans
from responses_emulator.model.prompt.extraction import Property
from responses_emulator.model.prompt.words import (
    capital_first,
    lazy_pattern,
    listed,
    name_words,
    shortened,
    stem,
    terms,
    word_list,
)
from responses_emulator.model.values.keywords import as_dict
from responses_emulator.model.values.numbers import is_number
from responses_emulator.model.values.schema import calls

MAX_CALLS = 16  # of one turn
MAX_TOOLS = 256  # that are looked at
MAX_FACTS = 12  # that one result's sentence tells
MAX_ENTRIES = 5  # of a list that an answer tells

# Words of a tool's name or description that are no sign of what it is for.
_GENERIC = frozenset(
    stem(word)
    for word in word_list(
        "function tool call return returns get set fetch given current value values "
        "name user data information info string number object list parameter input "
        "output result results retrieve provide provides please tell show give one "
        "new use g e i id type point now"
    )
)
_BOOKKEEPING = word_list(
    "generationtime_ms utc_offset_seconds elevation interval timezone_abbreviation "
    "request_id id"
)
# What the signs of an expression do, in the words of functions that do it.
_OPERATIONS = {
    "+": frozenset(map(stem, word_list("add plus sum addition"))),
    "-": frozenset(map(stem, word_list("subtract minus difference subtraction"))),
    "*": frozenset(map(stem, word_list("multiply times product multiplication"))),
    "/": frozenset(map(stem, word_list("divide quotient division"))),
    "%": frozenset(map(stem, word_list("modulo mod remainder"))),
    "^": frozenset(map(stem, word_list("power pow exponent"))),
}
_CALCULATES = frozenset(
    map(stem, word_list("calculate calculator compute evaluate math expression"))
)
# Kinds of values of which one in the prompt is a sign for a function that takes such.
_TELLING: dict[str, Callable[[str], object]] = {
    "place": spans.places,
    "date": spans.iso_dates,
    "email": partial(spans.first, kind="email"),
    "url": partial(spans.first, kind="url"),
    "phone": partial(spans.first, kind="phone"),
}
# A prompt that says that the one tool that there is be used.
_THE_TOOL = lazy_pattern(
    r"\b(?:use|using|call|with) (?:the|your|this|a) (?:\w+ )?(?:tool|function)\b",
    re.IGNORECASE,
)
_DONE = frozenset(("", "ok", "done", "success", "true", "null", "none"))


def choose(
    tools: list[dict[str, Any]], prompt: str
) -> list[tuple[str, dict[str, Any]]]:
    """The calls that the model makes: pairs of a function's name and its arguments.

    The tool that shares most with the prompt is called, then each that answers for what
    no earlier one did. It may share words, the operation of an arithmetic expression,
    or take a place or an address that the prompt has. Nothing in common, no call.
    Raises ValueError where a tool's parameters cannot be filled.
    """
    text = prompt[: extraction.MAX_PROMPT]
    functions = [tool for tool in tools if tool.get("type") == "function"][:MAX_TOOLS]
    if len(functions) == 1 and _THE_TOOL().search(text):
        return _calls(functions[0], prompt)[:MAX_CALLS]
    said = _said(text) - _GENERIC
    signs = [(_name_signs(tool), _other_signs(tool), tool) for tool in functions]
    chosen: list[tuple[set[str], dict[str, Any]]] = []
    while said and signs:
        scored = [
            (3 * len(said & names) + len(said & others), -at)
            for at, (names, others, _) in enumerate(signs)
        ]
        score, at = max(scored)
        names, others, tool = signs.pop(-at)
        # One word of a description is a weak sign: enough only for the first call.
        if not score or (chosen and not said & names):
            break
        said = said - names - others
        chosen.append((names, tool))
    several = len(chosen) > 1
    made: list[tuple[str, dict[str, Any]]] = []
    for names, tool in chosen:
        made += _calls(tool, (several and _clause(text, names)) or prompt)
    return made[:MAX_CALLS]


def answer(prompt: str, results: list[tuple[str, dict[str, Any], str]]) -> str:
    """What the model says of function results: name, arguments and output of each call.

    An output is usually JSON; {"error": why} becomes a sentence that says so.
    """
    places = spans.places(prompt)
    if len(places) != len(results):
        places = [""] * len(results)  # it is not about one each
    subjects = [
        _subject(prompt, result, results, place)
        for result, place in zip(results, places, strict=True)
    ]
    told = [
        _sentence(name, subject, output)
        for (name, _, output), subject in zip(results, subjects, strict=True)
    ]
    if not told:
        return "There is no result to answer from."
    return " ".join(dict.fromkeys(told))


def _calls(tool: dict[str, Any], prompt: str) -> list[tuple[str, dict[str, Any]]]:
    """The calls of one tool; one for an operation gets its own sums alone."""
    does = _name_signs(tool)
    sums = [
        one.text
        for one in expressions.find(prompt)
        if any(_OPERATIONS[sign] & does for sign in one.signs)
    ]
    return [
        (str(tool.get("name")), arguments)
        for asked in sums or [prompt]
        for arguments in calls(tool, asked)
    ]


def _clause(text: str, signs: set[str]) -> str | None:
    """The part of a prompt that a function is called for, if it has its own place."""
    for part in re.split(r",? and |[;.?!]\s", text):
        if signs.intersection(terms(part)) and spans.places(part):
            return part
    return None


def _said(text: str) -> set[str]:
    """The telling words of a prompt, what its arithmetic does, and telling values."""
    said = set(terms(text))
    found = expressions.find(text)
    if found:
        said |= _CALCULATES
    for one in found:
        said = said.union(*(_OPERATIONS[sign] for sign in one.signs))
    return said | {f"<{kind}>" for kind, found in _TELLING.items() if found(text)}


def _name_signs(tool: dict[str, Any]) -> set[str]:
    """The words of a function's name, and the kinds of telling values that it takes."""
    name = _text(tool.get("name"))
    properties = as_dict(as_dict(tool.get("parameters")).get("properties"))
    kinds = {
        extraction.kind_of(Property(each)) for each in (name, *list(properties)[:50])
    }
    signs = {stem(word) for word in name_words(name)} - _GENERIC
    return signs | {f"<{kind}>" for kind in _TELLING.keys() & kinds}


def _other_signs(tool: dict[str, Any]) -> set[str]:
    """The words of the description, and those that the parameters share with it."""
    parameters = as_dict(tool.get("parameters"))
    signs = set(terms(_text(tool.get("description"))[:2000]))
    for name, value in list(as_dict(parameters.get("properties")).items())[:50]:
        about = (
            f"{' '.join(name_words(name))} {_text(as_dict(value).get('description'))}"
        )
        signs |= set(terms(about[:500]))
    return signs - _GENERIC


def _subject(
    prompt: str,
    result: tuple[str, dict[str, Any], str],
    results: list[tuple[str, dict[str, Any], str]],
    asked_about: str,
) -> str:
    """How a sentence about this result begins: "In London", "For MSFT", or ""."""
    name, arguments, _ = result
    if place := _place(arguments, asked_about):
        return f"In {place}"
    others = [given for other, given, _ in results if other == name]
    for key, value in arguments.items():
        if not isinstance(value, str | int | float) or isinstance(value, bool):
            continue
        told = str(value)
        differs = any(other.get(key) != value for other in others)
        mentioned = isinstance(value, str) and told.lower() in prompt.lower()
        if 0 < len(told) <= 40 and (differs or mentioned):
            return f"For {told}"
    return ""


def _place(arguments: dict[str, Any], asked_about: str) -> str | None:
    """The place that the arguments name, or have the position of."""
    latitude = longitude = None
    for key, value in arguments.items():
        kind = extraction.kind_of(Property(key))
        if isinstance(value, str) and value and kind in ("place", "country"):
            return None if value == "unknown" else value
        if isinstance(value, int | float):
            parts = set(name_words(key))
            latitude = value if parts & {"latitude", "lat"} else latitude
            longitude = value if parts & {"longitude", "lon", "lng"} else longitude
    if latitude is None or longitude is None:
        return None
    return asked_about or f"the place at {latitude}, {longitude}"


def _sentence(name: str, subject: str, output: str) -> str:
    """One sentence about one result."""
    value = _parsed(output)
    about = f"{subject}: " if subject else ""
    if isinstance(value, dict):
        facts = _with_units(cast(dict[str, Any], value))
        if facts.get("error"):
            return _failure(name, subject, facts["error"])
        told = [_fact(key, each) for key, each in _flat(facts, subject)]
        if told:
            lead = f"{subject} " if subject else ""
            return capital_first(f"{lead}{listed(told)}.")
        return f"{about}{name} is done."
    if isinstance(value, list):
        return f"{about}{_entries(cast(list[Any], value))}"
    text = str(value).strip()
    if isinstance(value, str) and text.lower() not in _DONE:
        if text.lower().startswith(("error", "exception", "traceback")):
            return _failure(name, subject, text)
        return about + text + ("" if text.endswith((".", "!", "?")) else ".")
    if isinstance(value, bool) or value is None or text.lower() in _DONE:
        no = value is False
        return f"{about}{name} {'did not succeed' if no else 'is done'}."
    return f"{about}the result is {text}." if about else f"The result is {text}."


def _failure(name: str, subject: str, error: Any) -> str:
    """That it could not be found out, and why."""
    if isinstance(error, dict):
        details = cast(dict[str, Any], error)
        error = details.get("message") or json.dumps(details)
    why = shortened(str(error), 300).rstrip(".")
    where = f"{subject[0].lower()}{subject[1:]}, " if subject else ""
    return f"I could not find this out: {where}{name} failed with “{why}”."


def _parsed(output: str) -> Any:
    try:
        return json.loads(output)
    except (ValueError, RecursionError):
        return output


def _with_units(facts: dict[str, Any]) -> dict[str, Any]:
    """Units worked in: {"wind": 9, "wind_unit": "km/h"} -> {"wind": "9 km/h"}."""
    merged = dict(facts)
    for key, value in facts.items():
        for ending in ("_units", "_unit"):
            units = merged.get(key + ending)
            if isinstance(units, str) and is_number(value):
                merged[key] = f"{value} {units}"
                del merged[key + ending]
            elif isinstance(units, dict) and isinstance(value, dict):
                names = cast(dict[str, Any], units)
                merged[key] = {
                    inner: f"{each} {names[inner]}"
                    if is_number(each) and isinstance(names.get(inner), str)
                    else each
                    for inner, each in cast(dict[str, Any], value).items()
                }
                del merged[key + ending]
    value, unit = merged.get("value"), merged.get("unit")
    if is_number(value) and isinstance(unit, str):
        merged["value"] = f"{value} {unit}"
        del merged["unit"]
    return merged


def _flat(facts: dict[str, Any], subject: str) -> list[tuple[str, Any]]:
    """The facts worth telling, those of inner objects under their own names."""
    found: list[tuple[str, Any]] = []
    waiting = list(facts.items())
    while waiting and len(found) < MAX_FACTS:
        key, value = waiting.pop(0)
        parts = set(name_words(key))
        if key in _BOOKKEEPING or parts & {"latitude", "longitude", "lat", "lon"}:
            continue
        if isinstance(value, dict):
            waiting = [*_with_units(cast(dict[str, Any], value)).items(), *waiting]
        elif (subject and str(value).lower() in subject.lower() and str(value)) or (
            key in ("ok", "success", "status") and str(value).lower() in _DONE
        ):
            continue
        elif value not in (None, "", []):
            found.append((key, value))
    return found


def _fact(key: str, value: Any) -> str:
    """The temperature is 11.2 °C; it is raining; the items are a, b and c."""
    parts = name_words(key)
    label = " ".join(word for word in parts if not re.fullmatch(r"\d+m", word)) or key
    if isinstance(value, bool):
        if parts[:1] == ["is"] and len(parts) > 1:
            return f"it is {'' if value else 'not '}{' '.join(parts[1:])}"
        return f"the answer for {label} is {'yes' if value else 'no'}"
    if isinstance(value, list):
        members = cast(list[Any], value)
        return f"the {label} {'are' if len(members) > 1 else 'is'} {_members(members)}"
    many = label.endswith("s") and not label.endswith(("ss", "us", "is"))
    return f"the {label} {'are' if many else 'is'} {_scalar(value)}"


def _entries(members: list[Any]) -> str:
    if not members:
        return "Nothing was found."
    many = "There is 1 result" if len(members) == 1 else f"There are {len(members)}"
    return f"{many}{'' if len(members) == 1 else ' results'}: {_members(members)}."


def _members(members: list[Any]) -> str:
    told: list[str] = []
    for member in members[:MAX_ENTRIES]:
        if isinstance(member, dict):
            facts = _flat(_with_units(cast(dict[str, Any], member)), "")
            told.append(
                "; ".join(f"{' '.join(name_words(k))}: {_scalar(v)}" for k, v in facts)
            )
        else:
            told.append(_scalar(member))
    if any("; " in each for each in told):
        told = [f"({at}) {each}" for at, each in enumerate(told, 1)]
    rest = len(members) - len(told)
    return listed([*told, f"{rest} more"] if rest else told)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list):
        return shortened(json.dumps(value, ensure_ascii=False), 200)
    return shortened(str(value), 400).rstrip(".")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
