"""Extracts the values a named property wants from a prompt: people, dates, numbers.

Every function gives None, or an empty list, for what the prompt does not say. Of a very
long prompt only the first MAX_PROMPT characters are read.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from responses_emulator.model.prompt import expressions, lexicon
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
    words,
)

MAX_PROMPT = 4000  # characters
MAX_LIST = 16  # values of one kind
LONGEST_NAME = 200  # characters: patterns are made of its words, and remembered


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

    @property
    def words(self) -> tuple[str, ...]:
        """The words in its name; of an endless one, those at its beginning."""
        return _words_of(self.name[:LONGEST_NAME])


@lru_cache(1_000)
def _words_of(name: str) -> tuple[str, ...]:
    return tuple(name_words(name))


class Number(NamedTuple):
    """A number in a prompt; "three" is one too."""

    value: float
    start: int
    end: int


_MONTHS = "|".join(f"{m[:3]}(?:{m[3:]})?" for m in lexicon.MONTHS)
_MONTH = rf"(?:{_MONTHS})\.?"
_DATE = lazy_pattern(
    r"(?<![\d-])\d{4}-\d{2}-\d{2}(?![\d-])"
    rf"|\b{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?\b"
    rf"|\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}(?:,?\s+\d{{4}})?(?!\w)"
    rf"|\b(?:{'|'.join(lexicon.DAYS)})\b"
    r"|\b(?:the day after tomorrow|tomorrow|today|tonight|yesterday)\b"
    r"|\bnext (?:week|month|year)\b",
    re.IGNORECASE,
)
_TIME = lazy_pattern(
    r"\b\d{1,2}(?::\d{2})?\s?[ap]\.?m\b\.?|\b\d{1,2}:\d{2}\b|\bnoon\b|\bmidnight\b",
    re.IGNORECASE,
)
_PATTERNS = {
    "email": lazy_pattern(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"),
    "url": lazy_pattern(r"\bhttps?://[^\s<>\"']{1,500}[^\s<>\"'.,;:!?)]"),
    "phone": lazy_pattern(r"(?<![\w.])\+?\(?\d[\d ()\-/]{5,18}\d(?![\w.]\d)"),
}
_NUMBER = lazy_pattern(
    r"(?<![\w.])-?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\w)"
    r"|(?<![\w.])-?\d{1,15}(?:\.\d{1,12})?(?=\D|$)"
    r"|\b(?:" + "|".join(lexicon.SMALL_NUMBERS) + r")\b",
    re.IGNORECASE,
)
_CAPITALS = r"[^\W\d_a-z][\w'-]*(?: [^\W\d_a-z][\w'-]*)*"  # "Ada", "Ada Lovelace"
# What comes after a name that begins a sentence: a list, or a verb.
_NAME_GOES_ON = lazy_pattern(
    r"'s\b|,? (?:and|&|or) [^\W\d_a-z]|, [^\W\d_a-z]| \("
    r"| (?:is|are|was|were|will|has|have|had|went|met|bought|said|wants?|can|and)\b"
    r"| \w{2,}(?:s|ed)\b"
)
_CAPITAL_NAME = lazy_pattern(
    r"(?<![\w'])[^\W\d_a-z][\w'.-]*(?: (?:(?:de|da|do|la|of) )?[^\W\d_a-z][\w'-]*)*"
)
_BEFORE_PLACE = lazy_pattern(
    r"\b(?:in|at|to|from|near|around|between|visit|visiting)(?: the)? $", re.IGNORECASE
)
_IN_A_ROW = lazy_pattern(r", (?:and |or )?| (?:and|or|&) ")
# "in boston": a question that ends in a place, written as one types in a hurry.
_LOOSE_PLACE = lazy_pattern(
    r"\b(?:in|for|at|near)\s+([^\W\d_][\w'-]*(?:,?\s+[^\W\d_][\w'-]*){0,2})"
    r"\s*(?:(?:right now|now|today|tomorrow|please)\s*)?[?.!]*\s*$",
    re.IGNORECASE,
)
_ROUTE = lazy_pattern(r"\bfrom\b.+\bto\b", re.IGNORECASE)
# "CUST-12345", "#17", "ord_7f3a": letters and figures in one.
_ID = lazy_pattern(
    r"(?<![\w-])(?:#\d+|[A-Za-z]{1,12}[-_]?\d[\w-]*|\d+[-_]?[A-Za-z][\w-]*)"
)
_MADE_UP = lazy_pattern(
    r"\b(?:generate|create|invent|make up|make|produce|give|suggest|write)\b",
    re.IGNORECASE,
)
_KEYS = lazy_pattern(
    r"\b(?:keys?|fields?|propert(?:y|ies)|attributes?)\b", re.IGNORECASE
)
_TICKER = lazy_pattern(r"(?<![\w-])[A-Z]{2,5}(?![\w-])")
_EVENT = lazy_pattern(
    r"\b(?:go(?:ing|es)?\s+to|went\s+to|attend\w*|visit\w*|host\w*|organi[sz]\w*"
    r"|having|hav|have|schedul\w*|plan\w*|book\w*|join\w*|add|creat\w*|celebrat\w*"
    r"|invited\s+to|meet\w*\s+(?:at|for)|is|there's)\s+"
    r"(?:a|an|the|their|our|my|his|her)\s+"
    r"(?:(?:new|calendar)\s+)?(?:event\s+(?:for|called|named)\s+)?(?:(?:a|an|the)\s+)?"
    r"([^.,;!?\n]{2,80}?)(?=\s+(?:on|at|in|with|this|next|for|from|tomorrow|today"
    r"|tonight|and|between|to|of)\b|[.,;!?\n]|$)",
    re.IGNORECASE,
)
_QUOTED = lazy_pattern(
    r"\"([^\"]{1,200})\"|(?<!\w)'([^'\n]{1,200})'(?!\w)|`([^`\n]{1,200})`"
    r"|[\u00ab\u300c\u300e]([^\u00bb\u300d\u300f\n]{1,200})[\u00bb\u300d\u300f]"
)


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


def text_for(drawn_from: Source, prop: Property) -> str | None:
    """A text for this property."""
    if not drawn_from.text.strip():
        return None
    if label := _labelled(drawn_from.text, prop):
        return label
    kind = kind_of(prop)
    if kind in _QUOTED_KINDS and (quoted := _next_quoted(drawn_from)):
        return quoted
    if found := _id(drawn_from, prop):
        return found
    return _TEXTS[kind](drawn_from, prop) if kind else None


def without_quotes(text: str) -> str:
    """A text without what it quotes."""
    return _QUOTED().sub("", plain(text[:MAX_PROMPT]))


def _next_quoted(drawn_from: Source) -> str | None:
    """The first quoted text that no other property has got."""
    for match in _QUOTED().finditer(drawn_from.text):
        if match.start() not in drawn_from.used:
            drawn_from.used.add(match.start())
            return str(match[match.lastindex or 0])
    return None


def quoted_texts(text: str) -> list[str]:
    """What a text has in quotes."""
    matches = _QUOTED().finditer(text[:MAX_PROMPT])
    return [str(match[match.lastindex or 0]) for match in matches][:MAX_LIST]


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
            listed_after = re.split(
                r",\s*(?:and\s+)?|\s+and\s+|:\s*", sentence[match.end() :]
            )
            found += quoted_texts(sentence) or [
                part.strip(" .") for part in listed_after
            ]
    keys = [key for key in found if re.fullmatch(r"[A-Za-z_][\w-]{0,60}", key)]
    return list(dict.fromkeys(keys))[:MAX_LIST]


def _id(drawn_from: Source, prop: Property) -> str | None:
    """The id that a property is named after, as `CUST-12345` for `customer_id`."""
    text, named = drawn_from.text, set(prop.words)
    if named & {"ticker", "symbol"}:
        return next(iter(_TICKER().findall(text)), None)
    if not named & _ID_WORDS and kind_of(prop):
        return None
    found = list(_ID().finditer(text))
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


# Kinds of which a quoted text is the value, wherever it stands.
_QUOTED_KINDS = (None, "person", "event", "name", "subject", "whole")
_ID_WORDS = frozenset(
    ("id", "code", "key", "no", "number", "ref", "reference", "sku", "account")
)


def texts_for(drawn_from: Source, prop: Property) -> list[str]:
    """The texts for a property that takes several, each once."""
    text, kind = drawn_from.text, kind_of(prop)
    found: list[str] = []
    if kind == "person":
        found = people(text)
    elif kind == "place" or kind == "country":
        found = places(text)
    elif kind in ("date", "datetime"):
        found = dates(text)
    elif kind == "language":
        found = _mentioned(text, lexicon.LANGUAGES)
    elif kind == "colour":
        found = _mentioned(text, lexicon.COLOURS)
    elif kind in _PATTERNS:
        found = _PATTERNS[kind]().findall(text)
    elif kind == "subject" and "query" not in "".join(prop.words):
        found = [word for word in words(subject(text)) if word not in STOP_WORDS]
    elif kind in ("subject", "whole", "event"):
        one = text_for(drawn_from, prop)
        found = [one] if one else []
    elif not kind or kind == "name":
        found = _enumerated(text, prop)
    return list(dict.fromkeys(found))[:MAX_LIST]


def number_for(drawn_from: Source, prop: Property) -> float | None:
    """A number for this property; no number is given out twice."""
    names = {stem(word) for word in prop.words}
    if names & {"answer", "result", "solution"}:
        worked = _answer(drawn_from, prop)
        return float(worked) if worked else None
    free = [n for n in numbers(drawn_from.text) if n.start not in drawn_from.used]
    for choose in (_money, _age, _percent, _year, _beside, _count, _bare):
        if number := choose(drawn_from.text, free, names):
            drawn_from.used.add(number.start)
            return number.value
    return None


def count_for(drawn_from: Source) -> int:
    """How many of something a prompt wants made up; 0 where it wants none.

    "Generate three profiles" wants three, "make up some users" wants two.
    """
    asked = _MADE_UP().search(drawn_from.text)
    if asked is None:
        return 0
    for number in numbers(drawn_from.text):
        if number.start >= asked.start() and number.value in range(1, MAX_LIST + 1):
            return int(number.value)
    return 2


def numbers_for(drawn_from: Source) -> list[float]:
    """All numbers of the prompt, for a property that takes several."""
    return [number.value for number in numbers(drawn_from.text)][:100]


def boolean_for(drawn_from: Source, prop: Property) -> bool | None:
    """Whether the prompt says so: None when it says nothing of it."""
    wanted = [
        stem(w) for w in prop.words if stem(w) not in lexicon.VAGUE and len(w) > 2
    ]
    said = [stem(word) for word in _raw_words(drawn_from.text)]
    if not wanted or not all(word in said for word in wanted):
        return None
    at = said.index(wanted[0])
    before = said[max(0, at - 3) : at]
    negations = {"not", "no", "without", "never", "don't", "isn't", "non"}
    return not negations & set(before)


def choice_for(drawn_from: Source, prop: Property, values: list[Any]) -> Any | None:
    """The one of an enum's values that the prompt speaks of."""
    found = choices_for(drawn_from, values)
    if found:
        return found[0]
    texts = {value.lower(): value for value in values if isinstance(value, str)}
    if kind_of(prop) == "unit":
        return next((texts[t] for t in ("celsius", "metric", "c") if t in texts), None)
    return None


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
            at = next((n.start for n in numbers(drawn_from.text) if n[0] == value), -1)
            if at >= 0:
                found.append((at, 0, value))
    found.sort(key=lambda hit: hit[:2])
    return [value for _, _, value in found]


def people(text: str) -> list[str]:
    """The people a text names, by their capitals: ["Alice", "Bob Smith"]."""
    there = {text[start:end] for start, end in _place_spans(text)}
    found: list[str] = []
    for match in re.finditer(rf"(?<!\w)(?:(?:Dr|Mr|Mrs|Ms|Prof)\. )?{_CAPITALS}", text):
        name = re.sub(r"'s?$", "", match[0])
        before = text[max(0, match.start() - 20) : match.start()].rstrip()
        parts = name.split()
        starts = not before or before[-1] in '.!?:\n"'
        if starts and parts[0].lower() in lexicon.STARTERS:
            parts, starts = parts[1:], False
        name = " ".join(parts)
        if not name or not name[0].isupper() or name in there or len(name) < 2:
            continue
        if any(part.lower() in lexicon.NOT_PEOPLE for part in parts):
            continue
        if name.isupper() and len(parts) == 1:
            continue  # NASA
        if re.search(r"\b(?:in|at|from|near|the|visit)$", before, re.IGNORECASE):
            continue
        if starts and not _NAME_GOES_ON().match(text, match.start() + len(name)):
            continue  # the sentence's first word has a capital anyway
        found.append(name)
    return list(dict.fromkeys(found))[:MAX_LIST]


def places(text: str) -> list[str]:
    """The places a text names: capitals after in, at, to or from, and those in a row.

    "Boston, MA" and "Lyon, France" are one each, "Rome, Lyon and Bern" are three.
    """
    return list(dict.fromkeys(text[start:end] for start, end in _place_spans(text)))


def one_place_each(text: str) -> list[str]:
    """The text once for each place that it asks about, or as it is.

    "What's the weather in London and Paris?" gives "What's the weather in London?" and
    "What's the weather in Paris?". A journey from one place to another is one question.
    """
    if len(text) > MAX_PROMPT or _ROUTE().search(text):
        return [text]
    spans = _place_spans(text)
    if len({text[start:end] for start, end in spans}) < 2:
        return [text]
    first, last = spans[0][0], spans[-1][1]
    asked = [text[:first] + text[start:end] + text[last:] for start, end in spans]
    return list(dict.fromkeys(asked))


@lru_cache(256)  # each property of a schema asks for them again
def _place_spans(text: str) -> list[tuple[int, int]]:
    """Where the places of a text stand."""
    found: list[tuple[int, int]] = []
    row: list[tuple[int, int]] = []
    is_place = False
    for span in _capital_names(text[:MAX_PROMPT]):
        joined = row and _IN_A_ROW().fullmatch(text, row[-1][1], span[0])
        if not joined:
            found += _of_a_row(text, row) if is_place else []
            row, is_place = [], False
        row.append(span)
        before = text[max(0, span[0] - 20) : span[0]]
        is_place = is_place or bool(_BEFORE_PLACE().search(before))
    found += _of_a_row(text, row) if is_place else []
    return found[:MAX_LIST]


def _capital_names(text: str) -> list[tuple[int, int]]:
    """Where names stand: words with a capital that are not known to be none."""
    found: list[tuple[int, int]] = []
    for match in _CAPITAL_NAME().finditer(text):
        name = re.sub(r"(?:'s)?[.'-]*$", "", match[0])
        first = name.partition(" ")[0].lower()
        if len(name) > 1 and first not in lexicon.STARTERS | lexicon.NOT_PLACES:
            found.append((match.start(), match.start() + len(name)))
    return found


def _of_a_row(text: str, row: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The places of a row of names: a region after a comma belongs to its city."""
    groups: list[list[tuple[int, int]]] = []
    parts: list[list[tuple[int, int]]] = []  # what stands between "and" and "or"
    for index, span in enumerate(row):
        between = text[row[index - 1][1] : span[0]] if index else ""
        short = re.fullmatch("[A-Z]{2,3}", text[span[0] : span[1]])
        if between == ", " and short and groups:
            groups[-1].append(span)
        else:
            groups.append([span])
        if between == ", ":
            parts[-1].append(span)
        else:
            parts.append([span])
    if all(len(part) == 2 for part in parts):
        groups = parts
    return [(group[0][0], group[-1][1]) for group in groups]


def dates(text: str) -> list[str]:
    """The dates a text names, as it writes them: "Friday", "2026-05-01", "May 3"."""
    return [_day(match[0]) for match in _DATE().finditer(text)][:MAX_LIST]


def iso_dates(text: str) -> list[str]:
    """The dates of a text that are complete, as 2026-05-31."""
    found: list[str] = []
    for written in dates(text):
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", written):
            found.append(written)
            continue
        year = re.search(r"\d{4}$", written)
        month = re.search(_MONTH, written, re.IGNORECASE)
        day = re.search(r"(?<!\d)\d{1,2}(?!\d)", written)
        if year and month and day:
            number = [m[:3].lower() for m in lexicon.MONTHS].index(
                month[0][:3].lower()
            ) + 1
            found.append(f"{year[0]}-{number:02}-{int(day[0]):02}")
    return found


def clock_times(text: str) -> list[str]:
    """The times of day a text names, as 15:30:00."""
    found: list[str] = []
    for match in _TIME().finditer(text):
        written = match[0].lower()
        if written in ("noon", "midnight"):
            found.append("12:00:00" if written == "noon" else "00:00:00")
            continue
        parts = [int(part) for part in re.findall(r"\d+", written)]
        hour, minute = parts[0], parts[1] if len(parts) > 1 else 0
        if "m" in written:
            hour = hour % 12 + (12 if "p" in written else 0)
        if hour < 24 and minute < 60:
            found.append(f"{hour:02}:{minute:02}:00")
    return found


def pattern_in(text: str, kind: str) -> str | None:
    """The first "email", "url" or "phone" number of a text."""
    match = _PATTERNS[kind]().search(text)
    return match[0] if match else None


def numbers(text: str) -> list[Number]:
    """The numbers of a text, those of its dates, times and ids left out."""
    busy = {
        at
        for pattern in (_DATE, _TIME, _ID)
        for match in pattern().finditer(text)
        for at in range(*match.span())
    }
    found: list[Number] = []
    for match in _NUMBER().finditer(text):
        if match.start() in busy:
            continue
        written = match[0].lower().replace(",", "")
        value = lexicon.SMALL_NUMBERS.get(written)
        if value is None:
            value = float(written) if "." in written else int(written)
        found.append(Number(value, match.start(), match.end()))
        if len(found) == 100:
            break
    return found


def _labelled(text: str, prop: Property) -> str | None:
    """What stands behind the property's own name: "title: Dune", "priority is low"."""
    if not prop.words or len(prop.words) > 6:
        return None
    name = r"[ _-]?".join(map(re.escape, prop.words))
    match = re.search(
        rf"\b{name}\s*(?::|=|\bis\b|\bare\b)\s*([^\s,;.!?\n][^,;!?\n]{{0,120}})",
        text,
        re.IGNORECASE,
    )
    if not match:
        return None
    value = re.split(r"\.(?:\s|$)|\s+and\s+(?:my|the|his|her)\b", match[1])[0].strip()
    first = (words(value) or [""])[0]
    if first in STOP_WORDS and first not in ("a", "an", "the", "no", "yes", "i"):
        return None
    value = value.strip("\"' ")
    if kind_of(prop) in ("person", "name", "place") and (
        capital := re.match(r"[^\W\d_a-z][\w'-]*(?:\s+[^\W\d_a-z][\w'-]*)*", value)
    ):
        return capital[0]
    return value or None


def _person(drawn_from: Source, prop: Property) -> str | None:
    text = drawn_from.text
    told = re.search(
        r"\b(?:name is|named|called|call me|I am|I'm)\s+"
        rf"({_CAPITALS})",
        text,
    )
    found = [told[1]] if told else people(text)
    if not found:
        return None
    plural = {"people", "names"} & set(prop.words) or any(
        word.endswith("s") and stem(word) in lexicon.KIND_OF for word in prop.words
    )
    if "first" in prop.words:
        return found[0].split()[0]
    if "last" in prop.words or "family" in prop.words:
        return found[0].split()[-1] if " " in found[0] else None
    return listed(found) if plural else found[0]


def _event(drawn_from: Source, prop: Property) -> str | None:
    del prop
    if quoted := _QUOTED().search(drawn_from.text):
        return quoted[1] or quoted[2]
    if match := _EVENT().search(drawn_from.text):
        return _title_case(match[1])
    if match := re.match(
        r"\s*(?:please\s+)?(?:schedule|book|plan|add|create|organi[sz]e)\s+"
        r"([^.,;!?\n]{2,80}?)(?=\s+(?:on|at|in|with|for|tomorrow|to)\b|[.,;!?]|$)",
        drawn_from.text,
        re.IGNORECASE,
    ):
        return _title_case(match[1])
    return None


def _name(drawn_from: Source, prop: Property) -> str | None:
    if prop.siblings & {"person", "date", "place", "time"}:
        return _event(drawn_from, prop) or _person(drawn_from, prop)
    return _person(drawn_from, prop) or _event(drawn_from, prop)


def _place(drawn_from: Source, prop: Property) -> str | None:
    text = drawn_from.text
    found = places(text)
    way = {"from": {"origin", "from", "departure", "source", "start"}}
    way["to"] = {"destination", "to", "arrival", "target", "end"}
    for preposition, names in way.items():
        if names & set(prop.words):
            for place in found:
                if re.search(
                    rf"\b{preposition} {re.escape(place)}", text, re.IGNORECASE
                ):
                    return place
            if preposition == "from":
                return None
    if found:
        return found[0].partition(", ")[0] if "country" in prop.siblings else found[0]
    if (loose := _LOOSE_PLACE().search(text)) and not set(words(loose[1])) & STOP_WORDS:
        return capital_first(loose[1])
    others = [text[start:end] for start, end in _capital_names(text)]
    return next(iter(others), None)


def _date(drawn_from: Source, prop: Property) -> str | None:
    found = dates(drawn_from.text)
    last = {"end", "until", "return", "to", "checkout", "finish", "out"}
    if len(found) > 1 and last & set(prop.words):
        return found[1]
    if found and last & set(prop.words) and "date" in prop.siblings:
        return None
    return found[0] if found else None


def _time(drawn_from: Source, prop: Property) -> str | None:
    match = _TIME().search(drawn_from.text)
    if match:
        return match[0]
    return None if "date" in prop.siblings else _date(drawn_from, prop)


def _datetime(drawn_from: Source, prop: Property) -> str | None:
    day, hour = _date(drawn_from, prop), _TIME().search(drawn_from.text)
    return " ".join(part for part in (day, hour and hour[0]) if part) or None


def _subject(drawn_from: Source, prop: Property) -> str | None:
    if "question" in prop.words:
        return shortened(drawn_from.text, 500)
    return subject(drawn_from.text)


def _whole(drawn_from: Source, prop: Property) -> str | None:
    del prop
    quoted = _QUOTED().search(drawn_from.text)
    return (quoted[1] or quoted[2]) if quoted else drawn_from.text.strip()


def _sum(drawn_from: Source, prop: Property) -> str | None:
    del prop
    return next((one.text for one in expressions.find(drawn_from.text)), None)


def _answer(drawn_from: Source, prop: Property) -> str | None:
    del prop
    return next((one.result for one in expressions.find(drawn_from.text)), None)


def _gist(drawn_from: Source, prop: Property) -> str | None:
    del prop
    first = (sentences(drawn_from.text) or [""])[0]
    return shortened(first, 200) or None


def _language(drawn_from: Source, prop: Property) -> str | None:
    found = _mentioned(drawn_from.text, lexicon.LANGUAGES)
    last = {"target", "to"} & set(prop.words)
    if not found or (len(found) == 1 and {"source", "from"} & set(prop.words)):
        return None
    return found[-1] if last else found[0]


def _currency(drawn_from: Source, prop: Property) -> str | None:
    del prop
    if code := re.search(
        r"\b(?:USD|EUR|GBP|JPY|CHF|INR|CAD|AUD|SEK|NOK)\b", drawn_from.text
    ):
        return code[0]
    low = drawn_from.text.lower()
    return next(
        (code for sign, code in lexicon.CURRENCIES.items() if sign in low), None
    )


def _colour(drawn_from: Source, prop: Property) -> str | None:
    del prop
    return next(iter(_mentioned(drawn_from.text, lexicon.COLOURS)), None)


def _unit(drawn_from: Source, prop: Property) -> str | None:
    del prop
    units = ["celsius", "fahrenheit", "kelvin", "metric", "imperial"]
    return next(iter(_mentioned(drawn_from.text, units)), None)


def _by_pattern(kind: str) -> Callable[[Source, Property], str | None]:
    def draw(drawn_from: Source, prop: Property) -> str | None:
        del prop
        return pattern_in(drawn_from.text, kind)

    return draw


def _country(drawn_from: Source, prop: Property) -> str | None:
    """What stands after a place's comma, or a place where nothing else is one."""
    found = places(drawn_from.text)
    if found and ", " in found[0]:
        return found[0].partition(", ")[2]
    return None if "place" in prop.siblings else _place(drawn_from, prop)


_TEXTS: dict[str, Callable[[Source, Property], str | None]] = {
    "email": _by_pattern("email"),
    "url": _by_pattern("url"),
    "phone": _by_pattern("phone"),
    "datetime": _datetime,
    "date": _date,
    "time": _time,
    "place": _place,
    "country": _country,
    "person": _person,
    "event": _event,
    "name": _name,
    "subject": _subject,
    "whole": _whole,
    "sum": _sum,
    "answer": _answer,
    "language": _language,
    "currency": _currency,
    "colour": _colour,
    "gist": _gist,
    "unit": _unit,
}


def _money(text: str, free: list[Number], names: set[str]) -> Number | None:
    if not names & lexicon.MONEY:
        return None
    for number in free:
        before = text[max(0, number.start - 2) : number.start]
        after = text[number.end : number.end + 10].lower()
        if re.search(r"[$£€¥]\s?$", before) or re.match(
            r"\s?(?:dollar|euro|pound|usd|eur|gbp|cents|[€$£])", after
        ):
            return number
    return None


def _age(text: str, free: list[Number], names: set[str]) -> Number | None:
    if not names & {"age", "ag", "old"}:
        return None
    for number in free:
        after = text[number.end : number.end + 12].lower()
        before = text[max(0, number.start - 8) : number.start].lower()
        if re.match(r"[- ]?(?:years?[- ]old|yo\b)", after) or re.search(
            r"(?:\bage[ds]?:?|\bis|\bam|'m|,|\() ?$", before
        ):
            return number
    return None


def _percent(text: str, free: list[Number], names: set[str]) -> Number | None:
    if not names & lexicon.PERCENT:
        return None
    return next((n for n in free if text[n.end : n.end + 2].strip()[:1] == "%"), None)


def _year(text: str, free: list[Number], names: set[str]) -> Number | None:
    del text
    if "year" not in names:
        return None
    return next((n for n in free if n.value in range(1000, 2200)), None)


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


def _count(text: str, free: list[Number], names: set[str]) -> Number | None:
    del text
    if not names & lexicon.COUNTS or names & lexicon.NOT_COUNTED:
        return None
    return next((n for n in free if n.value >= 0 and n.value == int(n.value)), None)


_BETWEEN_NUMBERS = STOP_WORDS | {"times", "plus", "minus", "divided", "multiplied"}


def _bare(text: str, free: list[Number], names: set[str]) -> Number | None:
    """A number that is of nothing in particular: no noun follows it."""
    del names
    for number in free:
        after = re.match(r"\s*([^\W\d_]+)", text[number.end : number.end + 40])
        if after is None or after[1].lower() in _BETWEEN_NUMBERS:
            return number
    return None


def _mentioned(text: str, known: Sequence[str], *, exact: bool = False) -> list[str]:
    """Those of some words that a text names, in its order."""
    flags = 0 if exact else re.IGNORECASE
    found = [
        (match.start(), word)
        for word in dict.fromkeys(known)
        if (match := re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, flags))
    ]
    return [word for _, word in sorted(found)]


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
    if not match:
        return []
    parts = re.split(r"\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or|&)\s+", match[1])
    return [
        re.sub(r"^(?:an?|the|some|my)\s+", "", part.strip())
        for part in parts
        if part.strip()
    ]


def _raw_words(text: str) -> list[str]:
    return re.findall(r"°?[^\W_]+(?:'[^\W_]+)?", text.lower())


def _position(said: list[str], wanted: list[str]) -> int | None:
    if not wanted:
        return None
    for at in range(len(said) - len(wanted) + 1):
        if said[at : at + len(wanted)] == wanted:
            return at
    return None


def _day(written: str) -> str:
    low = written.lower()
    day = next((day for day in lexicon.DAYS if day.lower() == low), None)
    return day or written


def _title_case(text: str) -> str:
    small = {"of", "the", "and", "in", "for", "to", "on", "a", "an"}
    parts = text.split()
    return " ".join(
        part if at and part in small else capital_first(part)
        for at, part in enumerate(parts)
    )
