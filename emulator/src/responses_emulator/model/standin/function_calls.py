"""Function tools: which ones a prompt calls for, and with which arguments."""

import itertools
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from responses_emulator.model.prompt import expressions, people_and_places, spans
from responses_emulator.model.prompt.properties import Property, kind_of
from responses_emulator.model.prompt.words import (
    is_question,
    is_request,
    lazy_pattern,
    name_words,
    stem,
    terms,
    word_list,
)
from responses_emulator.model.values.keywords import as_dict
from responses_emulator.model.values.schema import calls

MAX_CALLS = 16  # of one turn
MAX_TOOLS = 256  # that are looked at

# Words of a tool's name or description that are no sign of what it is for.
_GENERIC = frozenset(
    stem(word)
    for word in word_list(
        "function tool call return returns get set fetch given current value values "
        "name user data information info string number object list parameter input "
        "output result results retrieve provide provides please tell show give one "
        "use g e i id type point now"
    )
)
# What the signs of an expression do, in the words of functions that do it.
_OPERATIONS = {
    sign: frozenset(map(stem, word_list(row)))
    for sign, row in {
        "+": "add plus sum addition",
        "-": "subtract minus difference subtraction",
        "*": "multiply times product multiplication",
        "/": "divide quotient division",
        "%": "modulo mod remainder",
        "^": "power pow exponent",
    }.items()
}
_CALCULATES = frozenset(
    map(stem, word_list("calculate calculator compute evaluate math expression"))
)
# Kinds of values of which one in the prompt is a sign for a function that takes such.
_TELLING: dict[str, Callable[[str], object]] = {
    "place": people_and_places.places,
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


def choose(
    tools: list[dict[str, Any]], prompt: str
) -> list[tuple[str, dict[str, Any]]]:
    """The calls that the model makes: pairs of a function's name and its arguments.

    The tool that shares most with the prompt is called, then each that answers for what
    no earlier one did. It may share words, the operation of an arithmetic expression,
    or take a place or an address that the prompt has. Nothing in common, no call.
    Raises ValueError where a tool's parameters cannot be filled.
    """
    text = prompt[: spans.MAX_PROMPT]
    functions = [tool for tool in tools if tool.get("type") == "function"][:MAX_TOOLS]
    if len(functions) == 1 and _THE_TOOL().search(text):
        return _calls(functions[0], prompt)[:MAX_CALLS]
    said = _said(text) - _GENERIC
    signs = [(_name_signs(tool), _about(tool), tool) for tool in functions]
    chosen: list[tuple[set[str], dict[str, Any]]] = []
    while said and signs:
        scored = [
            (3 * len(said & names) + len(said & about), -at)
            for at, (names, about, _) in enumerate(signs)
        ]
        score, at = max(scored)
        names, about, tool = signs.pop(-at)
        # A word of a description is a weak sign: enough only for the first call.
        if not score or (chosen and not said & names and len(said & about) < 2):
            break
        said = said - names - about
        chosen.append((names, tool))
    parts = _parts(text, [names for names, _ in chosen])
    made: list[tuple[str, dict[str, Any]]] = []
    for part, (_, tool) in zip(parts, chosen, strict=True):
        made += _calls(tool, part or prompt)
    return made[:MAX_CALLS]


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


def _parts(text: str, signs: list[set[str]]) -> list[str]:
    """What a text says to each of several functions; empty for all of it.

    It is from a word of the function's name up to one of another's, if there is a
    number or a place in between.
    """
    if len(signs) < 2:
        return [""] * len(signs)
    starts: dict[int, int] = {}  # of functions, by where a word for them is
    for word in re.finditer(r"[^\W\d_]+", text):
        of = [at for at, names in enumerate(signs) if stem(word[0]) in names]
        if of and of[0] not in starts.values():
            starts[word.start()] = of[0]
    parts = [""] * len(signs)
    for start, end in itertools.pairwise([*starts, len(text)]):
        part = text[start:end]
        if people_and_places.places(part) or spans.numbers(part) or spans.times(part):
            parts[starts[start]] = part
    return parts


def _said(text: str) -> set[str]:
    """The telling words of a prompt, what its arithmetic does, and telling values."""
    said = set(terms(text))
    signs = {sign for one in expressions.find(text) for sign in one.signs}
    for sign, alike in _OPERATIONS.items():
        if sign in signs or said & alike:
            said |= alike
    if signs or said & _CALCULATES:
        said |= _CALCULATES
    if not (is_question(text) or is_request(text)):
        return said
    return said | {f"<{kind}>" for kind, found in _TELLING.items() if found(text)}


def _name_signs(tool: dict[str, Any]) -> set[str]:
    """The words of a function's name, and the kinds of telling values that it takes."""
    name = _text(tool.get("name"))
    properties = as_dict(as_dict(tool.get("parameters")).get("properties"))
    kinds = {kind_of(Property(each)) for each in (name, *list(properties)[:50])}
    signs = {stem(word) for word in name_words(name)} - _GENERIC
    return signs | {f"<{kind}>" for kind in _TELLING.keys() & kinds}


def _about(tool: dict[str, Any]) -> set[str]:
    """The words of a function's description, and of its parameters' names."""
    properties = as_dict(as_dict(tool.get("parameters")).get("properties"))
    named = " ".join(" ".join(name_words(name[:200])) for name in list(properties)[:50])
    return set(terms(f"{_text(tool.get('description'))[:2000]} {named}")) - _GENERIC


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
