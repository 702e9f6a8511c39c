"""What a text names, by its form: quotes, ids, dates, times, numbers, addresses.

Every function gives an empty list for what the text does not name. Of a very long text
the first MAX_PROMPT characters are read.
"""

import re
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
    r"|\b(?:the day after tomorrow|tomorrow|today|tonight|yesterday)\b",
    re.IGNORECASE,
)
_TIME = lazy_pattern(
    r"\b\d{1,2}(?::\d{2})?\s?[ap](?:m\b|\.m\.)|(?<!\d)\d{1,2}:\d{2}(?!\d)"
    r"|\bnoon\b|\bmidnight\b",
    re.IGNORECASE,
)
PATTERNS = {
    "email": lazy_pattern(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}"),
    "url": lazy_pattern(r"\bhttps?://[^\s<>\"']{1,500}[^\s<>\"'.,;:!?)]"),
    "phone": lazy_pattern(r"(?<![\w.])\+?\(?\d[\d ()\-/]{5,18}\d(?![\w.]\d)"),
    "code": lazy_pattern(r"(?<![\w-])[A-Z]{2,5}(?![\w-])"),  # "MSFT", "USD"
    # "CUST-12345", "#17", "ord_7f3a": letters and figures in one. What begins with a
    # figure and has a word after it is a number: "12-year-old", "10km", "24GB".
    "id": lazy_pattern(
        r"(?<![\w-])(?:#\d+|[A-Za-z]{1,12}[-_]?\d[\w-]*"
        r"|\d+(?:[-_][A-Z]|[A-Z](?![A-Za-z])|[-_]?[A-Za-z]+\d)[\w-]*)"
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


class Number(NamedTuple):
    """A number in a text; "three" is one too."""

    value: float
    start: int
    end: int


def first(text: str, kind: str) -> str | None:
    """The first "email", "url", "phone" number, "code" or "id" of a text."""
    match = PATTERNS[kind]().search(text)
    return match[0] if match else None


def every(text: str, kind: str) -> list[str]:
    """All of such a kind, in the text's order."""
    return [match[0] for match in PATTERNS[kind]().finditer(text)][:MAX_LIST]


def quotes(text: str) -> list[str]:
    """What a text quotes."""
    matches = _QUOTED().finditer(text[:MAX_PROMPT])
    return [str(m[m.lastindex or 0]) for m in matches][:MAX_LIST]


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
