"""What a text names, by its form: quotes, ids, dates, numbers, people, places, ...

Every function gives an empty list for what the text does not name. Of a very long text
the first MAX_PROMPT characters are read.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from responses_emulator.model.prompt import lexicon
from responses_emulator.model.prompt.words import lazy_pattern

MAX_PROMPT = 4000  # characters
MAX_LIST = 16  # values of one kind

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
    r"\b\d{1,2}(?::\d{2})?\s?[ap](?:m\b|\.m\.)|\b\d{1,2}:\d{2}\b|\bnoon\b|\bmidnight\b",
    re.IGNORECASE,
)
PATTERNS = {
    "email": lazy_pattern(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"),
    "url": lazy_pattern(r"\bhttps?://[^\s<>\"']{1,500}[^\s<>\"'.,;:!?)]"),
    "phone": lazy_pattern(r"(?<![\w.])\+?\(?\d[\d ()\-/]{5,18}\d(?![\w.]\d)"),
    "code": lazy_pattern(r"(?<![\w-])[A-Z]{2,5}(?![\w-])"),  # "MSFT", "USD"
    # "CUST-12345", "#17", "ord_7f3a": letters and figures in one.
    "id": lazy_pattern(
        r"(?<![\w-])(?:#\d+|[A-Za-z]{1,12}[-_]?\d[\w-]*|\d+[-_]?[A-Za-z][\w-]*)"
    ),
}
_NUMBER = lazy_pattern(
    r"(?<![\w.])-?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\w)"
    r"|(?<![\w.])-?\d{1,15}(?:\.\d{1,12})?(?=\D|$)"
    r"|\b(?:" + "|".join(lexicon.SMALL_NUMBERS) + r")\b",
    re.IGNORECASE,
)
_QUOTED = lazy_pattern(
    r"\"([^\"]{1,200})\"|(?<!\w)'([^'\n]{1,200})'(?!\w)|`([^`\n]{1,200})`"
    r"|[\u00ab\u300c\u300e]([^\u00bb\u300d\u300f\n]{1,200})[\u00bb\u300d\u300f]"
)
CAPITALS = r"[^\W\d_a-z][\w'-]*(?: [^\W\d_a-z][\w'-]*)*"  # "Ada", "Ada Lovelace"
_PERSON = lazy_pattern(rf"(?<!\w)(?:(?:Dr|Mr|Mrs|Ms|Prof)\. )?{CAPITALS}")
# What comes after a name that begins a sentence: a list, or a verb.
_NAME_GOES_ON = lazy_pattern(
    r"'s\b|,? (?:and|&|or) [^\W\d_a-z]|, [^\W\d_a-z]| \("
    r"| (?:is|are|was|were|will|has|have|had|can|and)\b| \w{2,}(?:s|ed)\b"
)
# A full stop ends a name, but for a short form: "St. Gallen", "U.S".
_CAPITAL_NAME = lazy_pattern(
    r"(?<![\w'])[^\W\d_a-z](?:\w?\w?\.(?= )|[\w'-]*(?:\.\w[\w'-]*)*)"
    r"(?: (?:(?:de|da|do|la|of) )?[^\W\d_a-z][\w'-]*)*"
)
_BEFORE_PLACE = lazy_pattern(
    r"\b(?:in|at|to|from|near|around|between|visit|visiting)(?: the)? $", re.IGNORECASE
)
_IN_A_ROW = lazy_pattern(r", (?:and |or )?| (?:and|or|&) (?:in |for )?")
_ROUTE = lazy_pattern(r"\bfrom\b.+\bto\b", re.IGNORECASE)


class Number(NamedTuple):
    """A number in a text; "three" is one too."""

    value: float
    start: int
    end: int


def first(text: str, kind: str) -> str | None:
    """The first "email", "url", "phone" number, "code" or "id" of a text."""
    match = PATTERNS[kind]().search(text)
    return match[0] if match else None


def quotes(text: str) -> list[tuple[int, str]]:
    """Where a text quotes something, and what."""
    matches = _QUOTED().finditer(text[:MAX_PROMPT])
    return [(m.start(), str(m[m.lastindex or 0])) for m in matches][:MAX_LIST]


def without_quotes(text: str) -> str:
    """A text without what it quotes."""
    return _QUOTED().sub("", text[:MAX_PROMPT])


def dates(text: str) -> list[str]:
    """The dates a text names, as it writes them: "Friday", "2026-05-01", "May 3"."""
    days = {day.lower(): day for day in lexicon.DAYS}
    found = [match[0] for match in _DATE().finditer(text)]
    return [days.get(written.lower(), written) for written in found][:MAX_LIST]


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
            months = [name[:3].lower() for name in lexicon.MONTHS]
            number = months.index(month[0][:3].lower()) + 1
            found.append(f"{year[0]}-{number:02}-{int(day[0]):02}")
    return found


def times(text: str) -> list[str]:
    """The times of day a text names, as it writes them."""
    return [match[0] for match in _TIME().finditer(text)]


def clock_times(text: str) -> list[str]:
    """The times of day a text names, as 15:30:00."""
    found: list[str] = []
    for written in map(str.lower, times(text)):
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


def numbers(text: str) -> list[Number]:
    """The numbers of a text, those of its dates, times and ids left out."""
    busy = {
        at
        for pattern in (_DATE, _TIME, PATTERNS["id"])
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


def mentioned(text: str, known: tuple[str, ...]) -> list[str]:
    """Those of some words that a text names, in its order."""
    found = [
        (match.start(), word)
        for word in known
        if (match := re.search(rf"(?i)(?<!\w){re.escape(word)}(?!\w)", text))
    ]
    return [word for _, word in sorted(found)]


def people(text: str) -> list[str]:
    """The people a text names, by their capitals: ["Alice", "Bob Smith"]."""
    there = {text[start:end] for start, end in _place_spans(text)}
    found: list[str] = []
    for match in _PERSON().finditer(text):
        name = re.sub(r"'s?$", "", match[0])
        before = text[max(0, match.start() - 20) : match.start()].rstrip()
        parts = name.split()
        starts = not before or before[-1] in '.!?:\n"'
        if starts and parts[0].lower() in lexicon.STARTERS:
            parts, starts = parts[1:], False
        name = " ".join(parts)
        is_acronym = name.isupper() and len(parts) == 1  # NASA
        if len(name) < 2 or is_acronym or not name[0].isupper() or name in there:
            continue
        if any(part.lower() in lexicon.NOT_PEOPLE for part in parts):
            continue
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


def likely_places(text: str) -> list[str]:
    """What may be the places of a text where a place is wanted: else other names."""
    spans = _place_spans(text) or _place_spans(text, any_name=True)
    return list(dict.fromkeys(text[start:end] for start, end in spans))


def one_place_each(text: str) -> list[str]:
    """The text once for each place that it asks about, or as it is.

    "What's the weather in London and Paris?" gives "What's the weather in London?" and
    "What's the weather in Paris?". A journey from one place to another is one question.
    """
    if len(text) > MAX_PROMPT or _ROUTE().search(text):
        return [text]
    spans = _place_spans(text)
    if not spans:  # "Kyoto, Japan" says by itself that it is a place
        others = _place_spans(text, any_name=True)
        spans = [span for span in others if ", " in text[span[0] : span[1]]]
    if len({text[start:end] for start, end in spans}) < 2:
        return [text]
    begin, end = spans[0][0], spans[-1][1]
    asked = [text[:begin] + text[span[0] : span[1]] + text[end:] for span in spans]
    return list(dict.fromkeys(asked))


@lru_cache(256)  # each property of a schema asks for them again
def _place_spans(text: str, *, any_name: bool = False) -> list[tuple[int, int]]:
    """Where the places of a text stand; with `any_name`, all that might be one."""
    found: list[tuple[int, int]] = []
    row: list[tuple[int, int]] = []
    is_place = False
    for span in _capital_names(text[:MAX_PROMPT]):
        joined = row and _IN_A_ROW().fullmatch(text, row[-1][1], span[0])
        if not joined:
            found += _of_a_row(text, row) if is_place else []
            row, is_place = [], any_name
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
        begins = name.partition(" ")[0].lower()
        if len(name) > 1 and begins not in lexicon.STARTERS | lexicon.NOT_PLACES:
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
