"""The number that a property gets from a prompt, or the numbers, or how many."""

import re

from responses_emulator.model.prompt import expressions, lexicon, spans
from responses_emulator.model.prompt.properties import Property, Source, kind_of
from responses_emulator.model.prompt.spans import MAX_LIST, Number
from responses_emulator.model.prompt.words import lazy_pattern, stem

_MADE_UP = lazy_pattern(
    r"\b(?:generate|create|invent|make up|make|produce|give|suggest|write)\b",
    re.IGNORECASE,
)


def number_for(drawn_from: Source, prop: Property) -> float | None:
    """A number for this property; no number is given out twice.

    It is the one beside the property's name, or beside what such is measured in; else,
    where there has to be one, the next that is beside no other property's.
    """
    text = drawn_from.text
    if kind_of(prop) == "answer":
        worked = [one.result for one in expressions.find(text)]
        return float(worked[0]) if worked else None
    free = [n for n in spans.numbers(text) if n.start not in drawn_from.used]
    number = _year(free) if "year" in prop.words else None
    number = number or _beside(text, free, prop)
    if number is None and prop.needed and free:
        others = [Property(name) for name in prop.numbers if name != prop.name]
        theirs = {_beside(text, free, other) for other in others}
        number = next((n for n in free if n not in theirs), free[0])
    if number is None:
        return None
    drawn_from.used.add(number.start)
    return number.value


def _year(free: list[Number]) -> Number | None:
    return next((n for n in free if n.value in range(1000, 3000)), None)


def _beside(text: str, free: list[Number], prop: Property) -> Number | None:
    """The number next to a word of the property's name, or to what measures it."""
    names = {stem(word) for word in prop.words} - lexicon.VAGUE - {"a"}
    wanted = names.union(*(lexicon.MEASURED_IN.get(name, ()) for name in names))
    near = [
        (
            _marks(text[max(0, number.start - 25) : number.start])[-1:],
            _marks(text[number.end : number.end + 40]),
            number,
        )
        for number in free
    ]
    for before, after, number in near:
        if wanted.intersection(before) or wanted.intersection(after[:1]):
            return number
    return next((number for _, after, number in near if wanted & set(after[:2])), None)


def _marks(text: str) -> list[str]:
    """The words and signs of a text, but for what binds a number to its name."""
    found = re.findall(r"[^\W\d_]+|[$\u00a3\u20ac\u00a5%\u00b0]|[,.;]\s", text.lower())
    return [stem(word) for word in found if word not in ("is", "of", "to")]


def numbers_for(drawn_from: Source) -> list[float]:
    """All numbers of the prompt, for a property that takes several."""
    return [number.value for number in spans.numbers(drawn_from.text)]


def count_for(drawn_from: Source) -> int:
    """How many of something a prompt wants made up; 0 where it wants none.

    "Generate three profiles" wants three, "make up some users" wants two.
    """
    asked = _MADE_UP().search(drawn_from.text)
    if asked is None:
        return 0
    for number in spans.numbers(drawn_from.text):
        if number.start >= asked.start() and number.value in range(1, MAX_LIST + 1):
            return int(number.value)
    return 2
