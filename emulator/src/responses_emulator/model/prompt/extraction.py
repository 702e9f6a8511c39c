"""Draws the value that a named property wants from a prompt.

What a prompt names is found by its form (`spans`); what a property wants is told by
the words of its name (`lexicon.KINDS`). Of several values of a kind, a property gets
the one in its role ("from", "to"), or else the first that no other property has got.
Each function gives None, or an empty list, for what the prompt does not say.
"""

import itertools
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
LONGEST_THING = 4  # words

# What stands between a city and its country: "Quito is the capital of Ecuador".
_IS_IN = lazy_pattern(r" (?:is|lies) (?:\w+ ){0,3}(?:in|of) (?:the )?")
# What comes before a thing, and before where something is.
_BEFORE_THING = lazy_pattern(r"\b(?:an?|the|my|our) ", re.IGNORECASE)
_BEFORE_SPOT = lazy_pattern(r"\b(?:in|at|near|for) (?:(?:the|my|our) )?", re.IGNORECASE)
_LETTERS = lazy_pattern(r"[^\W\d_][\w'-]*")
_ENDS_A_THING = STOP_WORDS | frozenset(word_list("between next tomorrow tonight"))
_MADE_UP = lazy_pattern(
    r"\b(?:generate|create|invent|make up|make|produce|give|suggest|write)\b",
    re.IGNORECASE,
)
_KEYS = lazy_pattern(
    r"\b(?:keys?|fields?|propert(?:y|ies)|attributes?)\b", re.IGNORECASE
)
_LIST_BREAK = lazy_pattern(r"\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or|&)\s+")
_LIST_ENDS = lazy_pattern(r"\s(?:to|on|in|into|at|for|from|as)\s")
_FROM_TO = lazy_pattern(
    r"(\S+) (?:to|into|until) (\S+)|\d (\S+) in (\S+)", re.IGNORECASE
)

# Of two values that a prompt names, properties with these words want the first or last.
_FIRST = frozenset(word_list("from origin source start departure old begin sender"))
_LAST = frozenset(
    word_list(
        "to destination target end finish until return arrival new out checkout "
        "recipient receiver"
    )
)
_ROLES = _FIRST | _LAST
_IN_THE = r"(?i)\b(?:of|in|on|from|to) (?:the |my )?"
_AFTER_FROM = r"(?i)\bfrom (?:the )?"
_AFTER_TO = r"(?i)\b(?:to|into|until) (?:the )?"
# Kinds of which a quoted text is the value, wherever it stands.
_QUOTED_KINDS = (
    *(None, "id", "person", "event", "thing", "name", "subject", "gist", "whole"),
)
_WITH_A_NUMBER = (None, "id", "spot", "thing")
_ID_WORDS = frozenset(
    ("id", "code", "key", "no", "number", "ref", "reference", "sku", "account")
)

_HAVE_IDS = frozenset(("person", "event", "thing", "spot"))


@dataclass
class Source:
    """A prompt, and what of it was given out already."""

    text: str
    used: set[int | str] = field(default_factory=set[int | str])
    """Where numbers start, and texts as they are."""


class Property(NamedTuple):
    """What a schema says about the value it wants."""

    name: str  # as in the schema, may be empty
    about: str = ""  # title and description
    siblings: frozenset[str] = frozenset()  # the kinds of the properties beside it
    needed: bool = True  # whether there has to be a value, and not null
    numbers: tuple[str, ...] = ()  # the names of the object's properties that are some

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
    named = prop.words
    kinds = [kind for word in named if (kind := lexicon.KIND_OF.get(stem(word)))]
    if kinds and kinds[-1] == "name":  # a customer's, say
        return kinds[-2] if kinds[:-1] else _whose_name(named)
    if named and named[-1] in _ID_WORDS and _HAVE_IDS.issuperset(kinds[-1:]):
        return "id"
    if kinds or (named and len(named[-1]) > 2):
        return kinds[-1] if kinds else None
    about = (lexicon.KIND_OF.get(stem(word)) for word in words(prop.about[:300]))
    return next(filter(None, about), None)


def _whose_name(named: tuple[str, ...]) -> str:
    is_a_persons = {"first", "last", "family", "full"}.intersection(named)
    return "person" if is_a_persons else "name"


# Texts


def text_for(drawn_from: Source, prop: Property) -> str | None:
    """A text for this property: what is said to be it, a quote, or one of its kind."""
    value = _text_for(drawn_from, prop)
    if value is not None:
        drawn_from.used.add(value)
    return value


def _text_for(drawn_from: Source, prop: Property) -> str | None:
    text, kind = drawn_from.text, kind_of(prop)
    if not text.strip():
        return None
    if label := _labelled(text, prop):
        return label
    for_somebody = kind in (None, "person") and _ROLES.intersection(prop.words)
    addresses = spans.every(text, "email") if for_somebody else []
    if address := in_its_role(text, addresses, prop):
        return address
    if kind in _QUOTED_KINDS and (quoted := _not_used(drawn_from, spans.quotes(text))):
        return quoted
    if kind in _WITH_A_NUMBER and (beside := _beside_its_name(text, prop)):
        return beside
    found = texts_of(text, prop)
    if _ROLES.intersection(prop.words):
        return in_its_role(text, found, prop) or _end(text, prop)
    return _not_used(drawn_from, found) or next(iter(found), None)


def texts_for(drawn_from: Source, prop: Property) -> list[str]:
    """The texts for a property that takes several, each once."""
    text, kind = drawn_from.text, kind_of(prop)
    quoted = spans.quotes(text) if kind in _QUOTED_KINDS else []
    found = [each for each in quoted if each not in drawn_from.used]
    if not found and kind in (None, "name", "id", "thing"):
        found = _enumerated(text)
    return list(dict.fromkeys(found or texts_of(text, prop)))[:MAX_LIST]


def texts_of(text: str, prop: Property) -> list[str]:
    """All texts of the sort that a property wants, in the prompt's order."""
    kind = kind_of(prop)
    if kind is None:
        ids = spans.every(text, "id")
        return ids if len(ids) == 1 else []
    if kind in spans.PATTERNS:
        return spans.every(text, kind)
    return _TEXTS[kind](text, prop)


def _not_used(drawn_from: Source, found: list[str]) -> str | None:
    """The first of these that no other property has got."""
    return next((each for each in found if each not in drawn_from.used), None)


def _labelled(text: str, prop: Property) -> str | None:
    """What stands behind the property's own name: "title: Dune", "priority is low"."""
    if not prop.words:
        return None
    name = r"[ _-]?".join(map(re.escape, prop.words))
    sign = r"\s*(?::|=|\bis\b|\bare\b)"
    said = r"\s*([^\s,;.!?\n][^,;!?\n]{0,120})"
    before = r"(?i)(?<!which )(?<!what )\b"
    match = re.search(f"{before}{name}{sign}{said}", text)
    kind = kind_of(prop)
    if not match and kind == "place":
        # What is said of a location is said of a city as well.
        alike = lexicon.KINDS[kind].replace(" ", "|")
        match = re.search(f"{before}(?:{alike})\\s*:{said}", text)
    if not match:
        return None
    value = re.split(r"(?i)\.(?:\s|$)|\s+and\s+(?:i|my|the|his|her)\b", match[1])[0]
    begins = (words(value) or [""])[0]
    if begins in STOP_WORDS and begins not in ("a", "an", "the", "no", "yes", "i"):
        return None
    return value.strip("\"' ") or None


def _beside_its_name(text: str, prop: Property) -> str | None:
    """What stands after what it is of: "order 98765", "Dock 9", "in the table x"."""
    named = [word for word in prop.words if word not in _ID_WORDS] or prop.words
    of = "|".join(map(re.escape, named)) or "(?!)"
    match = re.search(
        rf"(?i)\b(?:{of})s?\s+(?:number |no\.? |id )?(#?[a-z_-]*\d[\w-]*)", text
    )
    if match:
        return match[1]
    after_in = re.finditer(rf"{_IN_THE}(?:{of})\s+([^\W\d_][\w-]*)\W*(\w*)", text)
    # Not "of the order arrived late": what follows the name begins something else.
    return next((m[1] for m in after_in if not m[2] or m[2] in STOP_WORDS), None)


def in_its_role(text: str, found: list[str], prop: Property) -> str | None:
    """The one of these values that a property wants: where from, where to, or any."""
    named = set(prop.words)
    for role, own, other, at in (
        (_FIRST, _AFTER_FROM, _AFTER_TO, 0),
        (_LAST, _AFTER_TO, _AFTER_FROM, -1),
    ):
        if named & role:
            owned = [v for v in found if re.search(own + re.escape(v), text)]
            left = [v for v in found if not re.search(other + re.escape(v), text)]
            return owned[0] if owned else left[at] if left else None
    return next(iter(found), None)


def _end(text: str, prop: Property) -> str | None:
    """The word before or after "to": "Convert 250 GBP into JPY"."""
    match = _FROM_TO().search(text)
    if match is None:
        return None
    ends = [end for end in match.groups() if end]
    word = ends[0 if _FIRST.intersection(prop.words) else 1].strip(".,;:!?\"'")
    may_be = word[:1].isupper() or kind_of(prop) in (None, "id")
    return word if may_be and word.lower() not in STOP_WORDS else None


def _enumerated(text: str) -> list[str]:
    """The longest list that a sentence makes: "buy milk, eggs and bread"."""
    longest: list[str] = []
    for sentence in re.split(r"[.;:!?\n]\s|[.;:!?\n]$", text):
        parts = [part.split() for part in _LIST_BREAK().split(sentence)]
        if len(parts[0]) > 1 and parts[0][0][0].isupper():  # says what is to be done
            parts[0].pop(0)
        # Its first thing comes after the last word that is none.
        while not lexicon.STARTERS.isdisjoint(map(str.lower, parts[0][:-1])):
            parts[0].pop(0)
        parts[-1] = _LIST_ENDS().split(" ".join(parts[-1]) + " ")[0].split()
        bare = [part[1:] if part[:1] in _ARTICLES else part for part in parts]
        if len(bare) > len(longest) and all(map(_is_thing, bare)):
            longest = [" ".join(part) for part in bare]
    return longest if len(longest) > 1 else []


_ARTICLES = (["a"], ["an"], ["the"], ["some"], ["my"])


def _is_thing(part: list[str]) -> bool:
    return bool(part) and STOP_WORDS.isdisjoint(part)


def _people(text: str, prop: Property) -> list[str]:
    """The names of people, or the part of each that a property wants."""
    found = spans.people(text)
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
    found = [told[0]] if told else spans.likely_places(text)
    if "country" in prop.siblings:
        return [place.partition(", ")[0] for place in found]
    # "in cape town", as one types in a hurry
    loose = _after(text, _BEFORE_SPOT) if not found else []
    return found or list(map(_as_a_title, loose))


def _countries(text: str, prop: Property) -> list[str]:
    """What stands after a place's comma, or a place where nothing else is one."""
    if told := _city_in_country(text):
        return [told[1]]
    found = spans.likely_places(text)
    regions = [place.partition(", ")[2] for place in found if ", " in place]
    return regions or ([] if "place" in prop.siblings else found)


def _city_in_country(text: str) -> tuple[str, str] | None:
    """The two of "Paris is in France"."""
    names = spans.names(text)
    for city, country in itertools.pairwise(names):
        if _IS_IN().fullmatch(text, city.end, country.start):
            return city.text, country.text
    return None


def _dates(text: str, prop: Property) -> list[str]:
    found = spans.dates(text)
    # One date alone begins something.
    return [] if len(found) == 1 and _LAST.intersection(prop.words) else found


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


# Numbers


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
            after = re.split(r",\s*(?:and\s+)?|\s+and\s+|:\s*", sentence[match.end() :])
            bare = [re.split(r"\s(?:of|for|in|about)\s", part)[0] for part in after]
            found += spans.quotes(sentence) or [part.strip(" .") for part in bare]
    keys = [key for key in found if re.fullmatch(r"[A-Za-z_][\w-]{0,60}", key)]
    return list(dict.fromkeys(keys))[:MAX_LIST]
