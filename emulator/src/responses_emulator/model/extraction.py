"""Extracts the values a named property wants from a prompt: people, dates, numbers.

Every function gives None, or an empty list, for what the prompt does not say. Of a very
long prompt only the first MAX_PROMPT characters are read.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from responses_emulator.model import gazetteer, lexicon, sums
from responses_emulator.model.arithmetic import shown
from responses_emulator.model.words import (
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
    """A prompt, and which of its numbers have been given out already."""

    text: str
    used: set[int] = field(default_factory=set[int])  # where those numbers start


class Property(NamedTuple):
    """What a schema says about the value it wants."""

    name: str  # as in the schema, may be empty
    about: str = ""  # title and description
    siblings: frozenset[str] = frozenset()  # the kinds of the properties beside it

    @property
    def words(self) -> list[str]:
        """The words in its name; of an endless one, those at its beginning."""
        return name_words(self.name[:LONGEST_NAME])


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
_PLACE = lazy_pattern(
    r"\b(?:in|at|to|from|near|around|visit|visiting) (?:the )?"
    r"([^\W\d_a-z][\w'.-]*(?: (?:(?:de|la|of) )?[^\W\d_a-z][\w'-]*)*"
    r"(?:, [A-Z]{2}\b)?)"
)
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
_QUOTED = lazy_pattern(r"[\"]([^\"]{1,200})[\"]|(?<!\w)'([^'\n]{1,200})'(?!\w)")


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
    return _TEXTS[kind](drawn_from, prop) if kind else None


def texts_for(drawn_from: Source, prop: Property) -> list[str]:
    """The texts for a property that takes several, each once."""
    text, kind = drawn_from.text, kind_of(prop)
    found: list[str] = []
    if kind == "person":
        found = people(text)
    elif kind == "place":
        found = places(text)
    elif kind == "country":
        found = _countries(text)
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
    if names & {"latitud", "lat", "longitud", "lon", "lng", "long"}:
        return _coordinate(drawn_from.text, names)
    if names & {"answer", "result", "solution"}:
        worked = _worked_out(drawn_from.text)
        return float(worked) if worked else None
    free = [n for n in numbers(drawn_from.text) if n.start not in drawn_from.used]
    for choose in (_money, _age, _percent, _year, _beside, _count, _operand):
        if number := choose(drawn_from.text, free, names):
            drawn_from.used.add(number.start)
            return number.value
    return None


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
    if texts.keys() & {"positive", "negative"}:
        return texts.get(_sentiment(drawn_from.text) or "")
    low = drawn_from.text.lower()
    for text, value in texts.items():
        for word in lexicon.SYNONYMS.get(text, "").split():
            if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", low):
                return value
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
    cities = {mention.city.name for mention in gazetteer.mentions(text)}
    found: list[str] = []
    for match in re.finditer(rf"(?<!\w)(?:(?:Dr|Mr|Mrs|Ms|Prof)\. )?{_CAPITALS}", text):
        name = re.sub(r"'s?$", "", match[0])
        before = text[max(0, match.start() - 20) : match.start()].rstrip()
        parts = name.split()
        starts = not before or before[-1] in '.!?:\n"'
        if starts and parts[0].lower() in lexicon.STARTERS:
            parts, starts = parts[1:], False
        name = " ".join(parts)
        if not name or not name[0].isupper() or name in cities or len(name) < 2:
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
    """The places a text names: known cities, and capitals after in, at, to or from."""
    found = [(m.start, m.end, m.city.name) for m in gazetteer.mentions(text)]
    taken = {at for start, end, _ in found for at in range(start, end)}
    for match in _PLACE().finditer(text):
        start, end = match.span(1)
        name = match[1].rstrip(".'-")
        first = name.split()[0].lower()
        if not taken.isdisjoint(range(start, end)):
            continue
        if first in lexicon.STARTERS or first in lexicon.NOT_PLACES or len(name) < 2:
            continue
        found.append((start, end, name))
        taken.update(range(start, end))
    return list(dict.fromkeys(name for _, _, name in sorted(found)))[:MAX_LIST]


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
    """The numbers of a text, those of its dates and times of day left out."""
    busy = {
        at
        for pattern in (_DATE, _TIME)
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
    if not found:
        loose = re.search(
            r"\b(?:weather|temperature|forecast|rain\w*|time)\b.{0,30}?"
            r"\b(?:in|for|at)\s+([^\W\d_][\w'-]*(?:\s+[^\W\d_][\w'-]*)?)\s*[?.!]?\s*$",
            text,
        )
        usable = loose and not set(words(loose[1])) & (STOP_WORDS | {"moment"})
        return capital_first(loose[1]) if loose and usable else None
    city = gazetteer.cities().get(found[0].lower())
    state = re.search(rf"{re.escape(found[0])},\s*([A-Z]{{2}})\b", text)
    if state:
        return f"{found[0]}, {state[1]}"
    if city and "country" in words(prop.about) and "country" not in prop.siblings:
        return f"{city.name}, {city.country}"
    return found[0]


def _countries(text: str) -> list[str]:
    known = [*lexicon.COUNTRIES, *gazetteer.countries()]
    found = _mentioned(text, known, exact=True)
    if found:
        return found
    cities = [mention.city.country for mention in gazetteer.mentions(text)]
    return list(dict.fromkeys(cities))


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
    if equation := sums.equation(drawn_from.text):
        return equation.text
    found = sums.results(drawn_from.text)
    return found[0][0] if found else None


def _answer(drawn_from: Source, prop: Property) -> str | None:
    del prop
    equation = sums.equation(drawn_from.text)
    worked = _worked_out(drawn_from.text)
    return f"{equation.unknown} = {worked}" if equation and worked else worked


def _worked_out(text: str) -> str | None:
    equation = sums.equation(text)
    if equation and equation.solution is not None:
        return shown(equation.solution)
    if puzzle := sums.difference_puzzle(text):
        return shown((puzzle[2] - puzzle[3]) / 2)
    found = sums.results(text)
    return shown(found[0][1]) if found else None


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


def _timezone(drawn_from: Source, prop: Property) -> str | None:
    del prop
    if zone := re.search(r"\b[A-Z][a-z]+/[A-Z][A-Za-z_]+\b|\bUTC\b", drawn_from.text):
        return zone[0]
    found = gazetteer.mentions(drawn_from.text)
    return found[0].city.timezone if found else None


def _colour(drawn_from: Source, prop: Property) -> str | None:
    del prop
    return next(iter(_mentioned(drawn_from.text, lexicon.COLOURS)), None)


def _sentiment(text: str) -> str | None:
    said = words(text)
    good = sum(word in lexicon.POSITIVE for word in said)
    bad = sum(word in lexicon.NEGATIVE for word in said)
    if re.search(
        r"\b(?:not|n't|isn't|wasn't)\s+(?:\w+\s+)?(?:"
        + "|".join(lexicon.POSITIVE)
        + r")\b",
        text.lower(),
    ):
        good, bad = good - 1, bad + 1
    return "positive" if good > bad else "negative" if bad > good else "neutral"


def _sentiment_text(drawn_from: Source, prop: Property) -> str | None:
    del prop
    return _sentiment(drawn_from.text)


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
    del prop
    return next(iter(_countries(drawn_from.text)), None)


_TEXTS: dict[str, Callable[[Source, Property], str | None]] = {
    "email": _by_pattern("email"),
    "url": _by_pattern("url"),
    "phone": _by_pattern("phone"),
    "datetime": _datetime,
    "date": _date,
    "time": _time,
    "place": _place,
    "country": _country,
    "timezone": _timezone,
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
    "sentiment": _sentiment_text,
    "unit": _unit,
}


def _coordinate(text: str, names: set[str]) -> float | None:
    found = gazetteer.mentions(text)
    if not found:
        return None
    north = bool(names & {"latitud", "lat"})
    return found[0].city.latitude if north else found[0].city.longitude


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


def _operand(text: str, free: list[Number], names: set[str]) -> Number | None:
    del text
    return free[0] if free and names and names <= lexicon.OPERANDS else None


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
