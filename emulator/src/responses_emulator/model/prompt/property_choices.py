"""What a prompt chooses: whether something is so, and which values of an enum."""

import re
from typing import Any

from responses_emulator.model.prompt import lexicon, spans
from responses_emulator.model.prompt.properties import LAST, Property, Source
from responses_emulator.model.prompt.words import name_words, stem


def boolean_for(drawn_from: Source, prop: Property) -> bool | None:
    """Whether the prompt says so: None when it says nothing of it."""
    wanted = [
        stem(w) for w in prop.words if stem(w) not in lexicon.VAGUE and len(w) > 2
    ]
    said = [stem(word) for word in _raw_words(drawn_from.text)]
    if not wanted or not all(word in said for word in wanted):
        return None
    at = said.index(wanted[0])
    negations = {"not", "no", "without", "never", "don't", "isn't", "non"}
    return negations.isdisjoint(said[max(0, at - 3) : at])


def choices_for(drawn_from: Source, values: list[Any]) -> list[Any]:
    """Those of an enum's values that the prompt mentions, in its order."""
    said = [stem(word) for word in _raw_words(drawn_from.text)]
    found: list[tuple[int, int, Any]] = []
    for value in values[:1000]:
        if isinstance(value, str):
            wanted = [stem(word) for word in name_words(value)]
            at = _position(said, wanted)
            if at is not None:
                found.append((at, -len(wanted), value))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            known = spans.numbers(drawn_from.text)
            at = next((n.start for n in known if n.value == value), -1)
            if at >= 0:
                found.append((at, 0, value))
    found.sort(key=lambda hit: hit[:2])
    return [value for _, _, value in found]


def choice_for(drawn_from: Source, prop: Property, values: list[Any]) -> Any | None:
    """The one of an enum's values that the prompt speaks of."""
    found = choices_for(drawn_from, values)
    at = -1 if LAST.intersection(prop.words) else 0
    return found[at] if found else None


def _raw_words(text: str) -> list[str]:
    return re.findall(r"°?[^\W_]+(?:'[^\W_]+)?", text.lower())


def _position(said: list[str], wanted: list[str]) -> int | None:
    if not wanted:
        return None
    for at in range(len(said) - len(wanted) + 1):
        if said[at : at + len(wanted)] == wanted:
            return at
    return None
