"""The texts of a prompt that are of the kind that a property wants."""

import itertools
import re
from collections.abc import Callable

from responses_emulator.model.prompt import (
    expressions,
    lexicon,
    people_and_places,
    spans,
)
from responses_emulator.model.prompt.properties import LAST, Property, kind_of
from responses_emulator.model.prompt.words import (
    STOP_WORDS,
    capital_first,
    lazy_pattern,
    sentences,
    shortened,
    subject,
    word_list,
)

LONGEST_THING = 4  # words

# What stands between a city and its country: "Quito is the capital of Ecuador".
_IS_IN = lazy_pattern(r" (?:is|lies) (?:\w+ ){0,3}(?:in|of) (?:the )?")
# What comes before a thing, and before where something is.
_BEFORE_THING = lazy_pattern(r"\b(?:an?|the|my|our) ", re.IGNORECASE)
_BEFORE_SPOT = lazy_pattern(r"\b(?:in|at|near|for) (?:(?:the|my|our) )?", re.IGNORECASE)
_LETTERS = lazy_pattern(r"[^\W\d_][\w'-]*")
_ENDS_A_THING = STOP_WORDS | frozenset(word_list("between next tomorrow tonight"))


def texts_of(text: str, prop: Property) -> list[str]:
    """All texts of the sort that a property wants, in the prompt's order."""
    kind = kind_of(prop)
    if kind is None:
        ids = spans.every(text, "id")
        return ids if len(ids) == 1 else []
    if kind in spans.PATTERNS:
        return spans.every(text, kind)
    return _TEXTS[kind](text, prop)


def _people(text: str, prop: Property) -> list[str]:
    """The names of people, or the part of each that a property wants."""
    found = people_and_places.people(text)
    if "first" in prop.words:
        return [name.split()[0] for name in found]
    if not {"last", "family"}.isdisjoint(prop.words):
        return [name.split()[-1] for name in found if " " in name]
    return found


def _after(text: str, before: Callable[[], re.Pattern[str]]) -> list[str]:
    """What follows such a word, up to a punctuation mark or a word that goes on."""
    found: list[str] = []
    for begin in before().finditer(text):
        clause = re.split(r"[.,;:!?\n]", text[begin.end() : begin.end() + 80])[0]
        parts = itertools.takewhile(_is_of_a_thing, clause.split())
        found.append(" ".join(itertools.islice(parts, LONGEST_THING)))
    return list(filter(None, found))


def _as_a_title(text: str) -> str:
    return " ".join(map(capital_first, text.split()))


def _is_of_a_thing(word: str) -> bool:
    return bool(_LETTERS().fullmatch(word)) and word.lower() not in _ENDS_A_THING


def _names(text: str, prop: Property) -> list[str]:
    """The names of people, or, beside those, of what they do together."""
    return _events(text, prop) if "person" in prop.siblings else _people(text, prop)


def _events(text: str, prop: Property) -> list[str]:
    """What an article begins: "a science fair" is Science Fair."""
    del prop
    return list(map(_as_a_title, _after(text, _BEFORE_THING)))


def _places(text: str, prop: Property) -> list[str]:
    told = None if prop.siblings & {"person", "name"} else _city_in_country(text)
    found = [told[0]] if told else people_and_places.likely_places(text)
    if "country" in prop.siblings:
        return [place.partition(", ")[0] for place in found]
    # "in cape town", as one types in a hurry
    loose = _after(text, _BEFORE_SPOT) if not found else []
    return found or list(map(_as_a_title, loose))


def _countries(text: str, prop: Property) -> list[str]:
    """What stands after a place's comma, or a place where nothing else is one."""
    if told := _city_in_country(text):
        return [told[1]]
    found = people_and_places.likely_places(text)
    regions = [place.partition(", ")[2] for place in found if ", " in place]
    return regions or ([] if "place" in prop.siblings else found)


def _city_in_country(text: str) -> tuple[str, str] | None:
    """The two of "Paris is in France"."""
    names = people_and_places.names(text)
    for city, country in itertools.pairwise(names):
        if _IS_IN().fullmatch(text, city.end, country.start):
            return city.text, country.text
    return None


def _dates(text: str, prop: Property) -> list[str]:
    found = spans.dates(text)
    # One date alone begins something.
    return [] if len(found) == 1 and LAST.intersection(prop.words) else found


def _moments(text: str, prop: Property) -> list[str]:
    del prop
    parts = [*spans.dates(text)[:1], *spans.times(text)[:1]]
    return [" ".join(parts)] if parts else []


_TEXTS: dict[str, Callable[[str, Property], list[str]]] = {
    "datetime": _moments,
    "date": _dates,
    "time": lambda text, _: spans.times(text),
    "place": _places,
    "country": _countries,
    "person": _people,
    "spot": lambda text, _: _after(text, _BEFORE_SPOT),
    "thing": lambda text, _: _after(text, _BEFORE_THING),
    "event": _events,
    "name": _names,
    "subject": lambda text, _: [subject(text)],
    "gist": lambda text, _: [shortened(text, 200) for text in sentences(text)[:1]],
    "whole": lambda text, _: [text.strip()],
    "sum": lambda text, _: [one.text for one in expressions.find(text)],
    "answer": lambda text, _: [one.result for one in expressions.find(text)],
    "language": lambda text, _: spans.mentioned(text, lexicon.LANGUAGES),
}
