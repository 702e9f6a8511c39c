"""Draws the value that a named property wants from a prompt.

What a prompt names is found by its form (`spans`); what a property wants is told by
the words of its name (`lexicon.KINDS`). Each function gives None, or an empty list,
for what the prompt does not say.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from responses_emulator.model.prompt import expressions, lexicon, spans
from responses_emulator.model.prompt.spans import MAX_LIST, MAX_PROMPT, Number
from responses_emulator.model.prompt.words import (
    STOP_WORDS,
    capital_first,
    lazy_pattern,
    listed,
    name_words,
    plain,
    sentences,
    shortened,
    stem,
    subject,
    word_list,
    words,
)

LONGEST_NAME = 200  # characters: patterns are made of its words, and remembered

_TOLD_NAME = lazy_pattern(
    rf"\b(?:name is|named|called|call me|I am|I'm)\s+({spans.CAPITALS})"
)
# "in boston": a question that ends in a place, written as one types in a hurry.
_LOOSE_PLACE = lazy_pattern(
    r"\b(?:in|for|at|near)\s+([^\W\d_][\w'-]*(?:,?\s+[^\W\d_][\w'-]*){0,2})"
    r"\s*(?:(?:right now|now|today|tomorrow|please)\s*)?[?.!]*\s*$",
    re.IGNORECASE,
)
_CITY_IN = lazy_pattern(rf"(?<!\w)({spans.CAPITALS}) (?:is )?in ({spans.CAPITALS})")
# "a science fair on": what an article begins, up to the next preposition.
_THING = lazy_pattern(
    r"(?i)\b(?:an?|the)\s+([^.,;!?\n]{2,80}?)(?=\s+(?:on|at|in|with|this|next|for|from"
    r"|tomorrow|today|tonight|and|between|to|of)\b|[.,;!?\n]|$)"
)
_MADE_UP = lazy_pattern(
    r"\b(?:generate|create|invent|make up|make|produce|give|suggest|write)\b",
    re.IGNORECASE,
)
_KEYS = lazy_pattern(
    r"\b(?:keys?|fields?|propert(?:y|ies)|attributes?)\b", re.IGNORECASE
)
_LIST_BREAK = lazy_pattern(r"\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or|&)\s+")
# Of two values that a prompt names, properties with these words want the first or last.
_FIRST = frozenset(word_list("from origin source start departure old begin"))
_LAST = frozenset(
    word_list("to destination target end finish until return arrival new out checkout")
)
# Kinds of which a quoted text is the value, wherever it stands.
_QUOTED_KINDS = (None, "person", "event", "name", "subject", "whole")
_ID_WORDS = frozenset(
    ("id", "code", "key", "no", "number", "ref", "reference", "sku", "account")
)


@dataclass
class Source:
    """A prompt, and which of its numbers, ids and quotes were given out already."""

    text: str
    used: set[int] = field(default_factory=set[int])  # where what was given out starts


class Property(NamedTuple):
    """What a schema says about the value it wants."""

    name: str  # as in the schema, may be empty
    about: str = ""  # title and description
    siblings: frozenset[str] = frozenset()  # the kinds of the properties beside it
    needed: bool = True  # whether there has to be a value, and not null

    @property
    def words(self) -> tuple[str, ...]:
        """The words in its name; of an endless one, those at its beginning."""
        return _words_of(self.name[:LONGEST_NAME])


@lru_cache(1_000)
def _words_of(name: str) -> tuple[str, ...]:
    return tuple(name_words(name))


def source(prompt: str) -> Source:
    """What values are drawn from."""
    return Source(plain(prompt[:MAX_PROMPT]))


def kind_of(prop: Property) -> str | None:
    """What sort of value is wanted: "person", "date", ...; by the name's last words."""
    joined = stem("".join(prop.words))
    if joined in lexicon.KIND_OF:
        return lexicon.KIND_OF[joined]
    for word in reversed(prop.words):
        if stem(word) in lexicon.KIND_OF and not (
            word == "name" and len(prop.words) > 1
        ):
            return lexicon.KIND_OF[stem(word)]
    if "name" in prop.words:
        return "person" if {"first", "last", "full"} & set(prop.words) else "name"
    if prop.words and len(prop.words[-1]) > 2:
        return None
    for word in words(prop.about[:300]):
        if stem(word) in lexicon.KIND_OF:
            return lexicon.KIND_OF[stem(word)]
    return None


# Texts


def text_for(drawn_from: Source, prop: Property) -> str | None:
    """A text for this property: what is said to be it, a quote, an id, or its kind."""
    if not drawn_from.text.strip():
        return None
    if label := _labelled(drawn_from.text, prop):
        return label
    kind = kind_of(prop)
    if kind in _QUOTED_KINDS and (quoted := _next_quoted(drawn_from)):
        return quoted
    may_be_id = not kind or _ID_WORDS.intersection(prop.words)
    if may_be_id and (found := _id(drawn_from, prop)):
        return found
    if kind in spans.PATTERNS:
        return _in_its_role(drawn_from.text, _all_of(drawn_from.text, kind), prop)
    return _TEXTS[kind](drawn_from.text, prop) if kind else None


def texts_for(drawn_from: Source, prop: Property) -> list[str]:
    """The texts for a property that takes several, each once."""
    text, kind = drawn_from.text, kind_of(prop)
    found: list[str] = []
    if kind == "person":
        found = spans.people(text)
    elif kind in ("place", "country"):
        found = spans.places(text)
    elif kind in ("date", "datetime"):
        found = spans.dates(text)
    elif kind == "language":
        found = spans.mentioned(text, lexicon.LANGUAGES)
    elif kind in spans.PATTERNS:
        found = _all_of(text, kind)
    elif kind in ("subject", "whole", "event"):
        one = text_for(drawn_from, prop)
        found = [one] if one else []
    elif not kind or kind == "name":
        found = _enumerated(text, prop)
    return list(dict.fromkeys(found))[:MAX_LIST]


def _all_of(text: str, kind: str) -> list[str]:
    return [match[0] for match in spans.PATTERNS[kind]().finditer(text)]


def _labelled(text: str, prop: Property) -> str | None:
    """What stands behind the property's own name: "title: Dune", "priority is low"."""
    if not prop.words or len(prop.words) > 6:
        return None
    name = r"[ _-]?".join(map(re.escape, prop.words))
    match = re.search(
        rf"(?<!which )(?<!what )\b{name}\s*(?::|=|\bis\b|\bare\b)"
        r"\s*([^\s,;.!?\n][^,;!?\n]{0,120})",
        text,
        re.IGNORECASE,
    )
    if not match:
        return None
    value = re.split(r"\.(?:\s|$)|\s+and\s+(?:my|the|his|her)\b", match[1])[0].strip()
    begins = (words(value) or [""])[0]
    if begins in STOP_WORDS and begins not in ("a", "an", "the", "no", "yes", "i"):
        return None
    value = value.strip("\"' ")
    if kind_of(prop) in ("person", "name", "place"):
        capital = re.match(spans.CAPITALS, value)
        value = capital[0] if capital else value
    return value or None


def _next_quoted(drawn_from: Source) -> str | None:
    """The first quoted text that no other property has got."""
    for start, quoted in spans.quotes(drawn_from.text):
        if start not in drawn_from.used:
            drawn_from.used.add(start)
            return quoted
    return None


def _id(drawn_from: Source, prop: Property) -> str | None:
    """The id that a property is named after, as `CUST-12345` for `customer_id`."""
    text, named = drawn_from.text, set(prop.words)
    found = list(spans.PATTERNS["id"]().finditer(text))
    for match in found:
        before = words(text[max(0, match.start() - 40) : match.start()])[-1:]
        letters = (re.match("[A-Za-z]*", match[0]) or [""])[0].lower()
        alike = letters and any(word.startswith(letters) for word in named)
        if alike or named.intersection(before):
            drawn_from.used.add(match.start())
            return match[0]
    if named & _ID_WORDS and (beside := _number_beside(text, prop)):
        return beside
    left = [match for match in found if match.start() not in drawn_from.used]
    if not left or not (named & _ID_WORDS or len(found) == 1):
        return None
    drawn_from.used.add(left[0].start())
    return left[0][0]


def _number_beside(text: str, prop: Property) -> str | None:
    """The figures after what an id is of: "order 98765" for `order_id`."""
    of = "|".join(re.escape(word) for word in prop.words if word not in _ID_WORDS)
    if not of:
        return None
    match = re.search(rf"(?i)\b(?:{of})s?\s+(?:number |no\.? |id )?#?(\d[\w-]*)", text)
    return match[1] if match else None


def _in_its_role(text: str, found: list[str], prop: Property) -> str | None:
    """The one of these values that a property wants: where from, where to, or any."""
    named = set(prop.words)
    for preposition, role, at in (("from", _FIRST, 0), ("to|into|until", _LAST, -1)):
        if named & role:
            for value in found:
                if re.search(rf"(?i)\b(?:{preposition}) {re.escape(value)}", text):
                    return value
            return found[at] if len(found) > 1 else None
    return found[0] if found else None


def _person(text: str, prop: Property) -> str | None:
    told = _TOLD_NAME().search(text)
    found = [told[1]] if told else spans.people(text)
    if not found:
        return None
    if "first" in prop.words:
        return found[0].split()[0]
    if "last" in prop.words or "family" in prop.words:
        return found[0].split()[-1] if " " in found[0] else None
    many = any(w.endswith("s") and stem(w) in lexicon.KIND_OF for w in prop.words)
    return listed(found) if many or "people" in prop.words else found[0]


def _event(text: str, prop: Property) -> str | None:
    del prop
    thing = _THING().search(text)
    return " ".join(map(capital_first, thing[1].split())) if thing else None


def _name(text: str, prop: Property) -> str | None:
    of_event = prop.siblings & {"person", "date", "place", "time"}
    draw = (_event, _person) if of_event else (_person, _event)
    return draw[0](text, prop) or draw[1](text, prop)


def _place(text: str, prop: Property) -> str | None:
    found = spans.likely_places(text)
    if (_FIRST | _LAST).intersection(prop.words):
        return _in_its_role(text, found, prop)
    if "country" in prop.siblings and (both := _city_in_country(text, found)):
        return both[0]
    if found:
        return found[0]
    loose = _LOOSE_PLACE().search(text)
    if loose and STOP_WORDS.isdisjoint(words(loose[1])):
        return capital_first(loose[1])
    return None


def _country(text: str, prop: Property) -> str | None:
    """What stands after a place's comma, or a place where nothing else is one."""
    both = _city_in_country(text, spans.likely_places(text))
    if both:
        return both[1]
    return None if "place" in prop.siblings else _place(text, prop)


def _city_in_country(text: str, places: list[str]) -> tuple[str, str] | None:
    """The parts of "Paris, France", or of "Paris is in France"."""
    if places and ", " in places[0]:
        city, _, country = places[0].partition(", ")
        return city, country
    told = _CITY_IN().search(text)
    if told and told[1].lower() not in lexicon.STARTERS:
        return told[1], told[2]
    return None


def _date(text: str, prop: Property) -> str | None:
    found = spans.dates(text)
    if len(found) == 1 and "date" not in prop.siblings:
        return found[0]
    return _in_its_role(text, found, prop)


def _time(text: str, prop: Property) -> str | None:
    if found := spans.times(text):
        return _in_its_role(text, found, prop) or found[0]
    return None if "date" in prop.siblings else _date(text, prop)


def _datetime(text: str, prop: Property) -> str | None:
    parts = [_date(text, prop), *spans.times(text)[:1]]
    return " ".join(part for part in parts if part) or None


def _subject(text: str, prop: Property) -> str | None:
    del prop
    return subject(text)


def _gist(text: str, prop: Property) -> str | None:
    del prop
    return shortened((sentences(text) or [""])[0], 200) or None


def _whole(text: str, prop: Property) -> str | None:
    del prop
    return text.strip()


def _sum(text: str, prop: Property) -> str | None:
    del prop
    return next((one.text for one in expressions.find(text)), None)


def _answer(text: str, prop: Property) -> str | None:
    del prop
    return next((one.result for one in expressions.find(text)), None)


def _language(text: str, prop: Property) -> str | None:
    found = spans.mentioned(text, lexicon.LANGUAGES)
    return _in_its_role(text, found, prop)


_TEXTS: dict[str, Callable[[str, Property], str | None]] = {
    "datetime": _datetime,
    "date": _date,
    "time": _time,
    "place": _place,
    "country": _country,
    "person": _person,
    "event": _event,
    "name": _name,
    "subject": _subject,
    "gist": _gist,
    "whole": _whole,
    "sum": _sum,
    "answer": _answer,
    "language": _language,
}


def _enumerated(text: str, prop: Property) -> list[str]:
    """The list that a sentence makes: "buy milk, eggs and bread"."""
    name = "|".join(re.escape(word) for word in prop.words) or r"(?!)"
    match = re.search(
        rf"(?:\b(?:{name})\s*(?::|are|is)|:|\b(?:buy|need|get|add|with|of|are|includ\w+"
        r"|contains?|like|between|compare|using|uses))\s+"
        r"([^.;:!?\n]{1,80}?(?:,[^.;:!?,\n]{1,80}){0,20}(?:,?\s(?:and|or|&)\s)[^.;:!?,\n]"
        r"{1,80}|[^.;:!?,\n]{1,80}(?:,[^.;:!?,\n]{1,80}){1,20})",
        text,
        re.IGNORECASE,
    )
    parts = _LIST_BREAK().split(match[1]) if match else []
    bare = [re.sub(r"^(?:an?|the|some|my)\s+", "", part.strip()) for part in parts]
    return [part for part in bare if part]


# Numbers

# What stands beside a number, here written as #, for properties with these words.
_MARKS = (
    (
        lexicon.MONEY,
        lazy_pattern(r"[$£€¥]\s?#|#\s?(?:dollar|euro|pound|cent|usd|eur|gbp|[€$£])"),
    ),
    (lexicon.PERCENT, lazy_pattern(r"#\s?%")),
    (
        lexicon.AGE,
        lazy_pattern(
            r"(?:\bage[ds]?:?|\bis|\bam|'m|,|\() ?#|#[- ]?(?:years?[- ]old|yo\b)"
        ),
    ),
)
_BETWEEN_NUMBERS = STOP_WORDS | {"times", "plus", "minus", "divided", "multiplied"}


def number_for(drawn_from: Source, prop: Property) -> float | None:
    """A number for this property; no number is given out twice.

    One with the property's mark or beside its name; else one of nothing in particular;
    and for a count, or where there has to be one, the next.
    """
    names = {stem(word) for word in prop.words}
    text = drawn_from.text
    if names & {"answer", "result", "solution"}:
        worked = _answer(text, prop)
        return float(worked) if worked else None
    free = [n for n in spans.numbers(text) if n.start not in drawn_from.used]
    marked = any((names - lexicon.VAGUE) & wanted for wanted, _ in _MARKS)
    counts = bool(names & lexicon.COUNTS) and not names & _ID_STEMS
    number = (
        _with_its_mark(text, free, names)
        or _beside(text, free, names)
        or (_whole_number(free) if counts else None)
        or _bare(text, free)
        or (next(iter(free), None) if prop.needed and not marked else None)
    )
    if number is None:
        return None
    drawn_from.used.add(number.start)
    return number.value


_ID_STEMS = frozenset(map(stem, _ID_WORDS - {"number", "no"})) | {"phon", "order"}


def _with_its_mark(text: str, free: list[Number], names: set[str]) -> Number | None:
    for wanted, mark in _MARKS:
        for number in free if names & wanted else ():
            before = text[max(0, number.start - 8) : number.start]
            after = text[number.end : number.end + 12]
            if mark().search(f"{before}#{after}".lower()):
                return number
    return None


def _beside(text: str, free: list[Number], names: set[str]) -> Number | None:
    """The number next to one of the property's own words."""
    wanted = names - lexicon.VAGUE - {"a"}
    for number in free:
        after = words(text[number.end : number.end + 40])[:2]
        before = words(text[max(0, number.start - 40) : number.start])[-3:]
        near = after + [word for word in before if word not in ("is", "of", "to")][-1:]
        if wanted & {stem(word) for word in near}:
            return number
    return None


def _whole_number(free: list[Number]) -> Number | None:
    return next((n for n in free if n.value >= 0 and n.value == int(n.value)), None)


def _bare(text: str, free: list[Number]) -> Number | None:
    """A number that is of nothing in particular: no noun follows it."""
    for number in free:
        after = re.match(r"\s*([^\W\d_]+)", text[number.end : number.end + 40])
        if after is None or after[1].lower() in _BETWEEN_NUMBERS:
            return number
    return None


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


# Booleans and enums


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
    at = -1 if _LAST.intersection(prop.words) else 0
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


# The keys of an object


def keys_asked_for(text: str) -> list[str]:
    """The keys that a text wants of a JSON object.

    They are those of an object that it shows, or what it quotes, or lists, beside the
    word "key".
    """
    text = plain(text[-MAX_PROMPT:])
    found: list[str] = []
    if shown := re.search(r"\{\s*\"[^{}]{1,1000}\}", text):
        found = re.findall(r"\"([^\"\n]{1,60})\"\s*:", shown[0])
    for sentence in sentences(text) if not found else []:
        if match := _KEYS().search(sentence):
            quoted = [text for _, text in spans.quotes(sentence)]
            after = re.split(r",\s*(?:and\s+)?|\s+and\s+|:\s*", sentence[match.end() :])
            bare = [re.split(r"\s(?:of|for|in|about)\s", part)[0] for part in after]
            found += quoted or [part.strip(" .") for part in bare]
    keys = [key for key in found if re.fullmatch(r"[A-Za-z_][\w-]{0,60}", key)]
    return list(dict.fromkeys(keys))[:MAX_LIST]
