"""The people and places that a text names, by their capitals and what comes before.

Every function gives an empty list for what the text does not name.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from responses_emulator.model.prompt import lexicon
from responses_emulator.model.prompt.spans import MAX_LIST, MAX_PROMPT, PATTERNS
from responses_emulator.model.prompt.words import lazy_pattern, words

# "Ada", "Jan de Vries", "St. Gallen", "U.S": else a full stop ends a name.
_NAME = lazy_pattern(
    r"(?<![\w'])(?:(?:St|Mt|Dr|Mrs?|Ms|Prof)\. )?[^\W\d_a-z][\w'-]*(?:\.\w[\w'-]*)*"
    r"(?: (?:(?:de|da|do|la|of|van|von) )?[^\W\d_a-z][\w'-]*)*"
)
# What comes after a name that begins a sentence: a list, or a verb.
_NAME_GOES_ON = lazy_pattern(r"'s\b|,| \(| (?:and|&|or) | \w*(?:s|d|ll)\b")
_BEFORE_PLACE = lazy_pattern(
    r"\b(in|at|near|around|visit|visiting|to|from|between)(?: the)? $", re.IGNORECASE
)
# Between two that are one place: "Times Square in New York", "Dock 9 in Antwerp".
_LIES_IN = lazy_pattern(r"( \d+)? in (?:the )?")
_FOR_PEOPLE_TOO = frozenset(("to", "from", "between"))
_IN_A_ROW = lazy_pattern(r", (?:and |or )?| (?:and|or|&) (?:in |for )?")


class Name(NamedTuple):
    """Words with a capital in a text that are not known to be no name."""

    text: str
    start: int
    end: int


class _Row(NamedTuple):
    """Names in a row, as "Rome, Lyon and Bern"."""

    names: list[Name]
    before: str  # of what stands before a place, what stands before one; may be empty


def names(text: str) -> list[Name]:
    """The names in a text: people, places, titles, without what begins a sentence."""
    found: list[Name] = []
    for match in _NAME().finditer(text[:MAX_PROMPT]):
        name = re.sub(r"(?:'s)?[.'-]*$", "", match[0])
        end = match.start() + len(name)
        while name and not set(words(name)[:1]).isdisjoint(lexicon.STARTERS):
            name = name.partition(" ")[2]
        begins = name.partition(" ")[0].lower()
        if len(name) > 1 and begins not in lexicon.NO_NAMES:
            found.append(Name(name, end - len(name), end))
    return found


def people(text: str) -> list[str]:
    """The people a text names: ["Alice", "Bob Smith"]; places are others."""
    rows = _rows(text)
    certain = [row for row in rows if not row.before]
    others = [row for row in rows if row.before in _FOR_PEOPLE_TOO]
    for some in (certain, others):
        found = [
            " ".join(part for part in _own_name(name) if not _is_acronym(part))
            for row in some
            for name in row.names
            if name.text[0].isupper() and not _is_doubtful(text, name)
        ]
        if found := list(dict.fromkeys(filter(None, found)))[:MAX_LIST]:
            return found
    return []


def _own_name(name: Name) -> list[str]:
    """The words of a person's name, without what they are of: "Ada Berg of Acme"."""
    return name.text.partition(" of ")[0].split()


def _is_acronym(word: str) -> bool:
    return len(word) > 1 and word.isupper()  # NASA, CEO


def _is_doubtful(text: str, name: Name) -> bool:
    """Whether it is one word that may have its capital from beginning a sentence."""
    before = text[max(0, name.start - 20) : name.start].rstrip(" ")
    begins = not before or before[-1] in '.!?:\n"'
    return begins and " " not in name.text and not _NAME_GOES_ON().match(text, name.end)


def places(text: str) -> list[str]:
    """The places a text names: capitals after in, at, to or from, and those in a row.

    "Boston, MA" and "Lyon, France" are one each, "Rome, Lyon and Bern" are three.
    """
    return list(dict.fromkeys(p.text for p in _of_rows(text, _place_rows(text))))


def likely_places(text: str) -> list[str]:
    """What may be the places of a text where a place is wanted: else other names."""
    rows = _rows(text)
    sure = [row for row in rows if not _is_doubtful(text, row.names[0])]
    found = places(text) or [place.text for place in _of_rows(text, sure or rows)]
    return list(dict.fromkeys(found))


def one_place_each(text: str) -> list[str]:
    """The text once for each place that it asks about, or as it is.

    "What's the weather in London and Paris?" gives "What's the weather in London?" and
    "What's the weather in Paris?".
    """
    found = _of_rows(text, _place_rows(text))
    if not found:  # "Kyoto, Japan" says by itself that it is a place
        found = [each for each in _of_rows(text, _rows(text)) if ", " in each.text]
    return _one_each(text, found)


def one_each(text: str, kind: str) -> list[str]:
    """The text once for each value of such a kind that it has, or as it is."""
    matches = PATTERNS[kind]().finditer(text[:MAX_PROMPT])
    return _one_each(text, [Name(match[0], *match.span()) for match in matches])


def _one_each(text: str, found: list[Name]) -> list[str]:
    if len({each.text for each in found}) < 2 or len(text) > MAX_PROMPT:
        return [text]
    begin, end = found[0].start, found[-1].end
    asked = [text[:begin] + each.text + text[end:] for each in found[:MAX_LIST]]
    return list(dict.fromkeys(asked))


@lru_cache(256)  # each property of a schema asks for them again
def _rows(text: str) -> list[_Row]:
    """The names of a text, in rows."""
    rows: list[_Row] = []
    for name in names(text):
        before = _BEFORE_PLACE().search(text[max(0, name.start - 20) : name.start])
        preposition = before[1].lower() if before else ""
        if rows and _IN_A_ROW().fullmatch(text, rows[-1].names[-1].end, name.start):
            row = rows[-1]
            rows[-1] = _Row([*row.names, name], row.before or preposition)
        else:
            rows.append(_Row([name], preposition))
    return rows


def _place_rows(text: str) -> list[_Row]:
    """The rows of places; of one that lies in another, the one to go by.

    That is the first, as in "at the Louvre in Paris", unless it is numbered ("Dock 9 in
    Antwerp") or may be somebody ("to Ada in Rome").
    """
    found: list[_Row] = []
    for row in _rows(text):
        if not row.before:
            continue
        before = found[-1] if found else row
        last = before.names[-1]
        lies_in = _LIES_IN().fullmatch(text, last.end, row.names[0].start)
        is_numbered = lies_in and (lies_in[1] or last.text[-2:-1] == " ")  # or "Hall C"
        if not lies_in:
            found.append(row)
        elif is_numbered or before.before in _FOR_PEOPLE_TOO:
            found[-1] = row
    return found


def _has_a_state(part: list[Name]) -> bool:
    """Whether it is a place as "Reno, NV, USA"."""
    short = [name.text.isupper() for name in part[:2]]
    return len(part) == 3 and short == [False, True]


def _of_rows(text: str, rows: list[_Row]) -> list[Name]:
    """The places of rows: where all have a region after a comma, it belongs to them."""
    found: list[Name] = []
    for row in rows:
        parts: list[list[Name]] = []  # what stands between "and" and "or"
        for at, name in enumerate(row.names):
            if at and text[row.names[at - 1].end : name.start] == ", ":
                parts[-1].append(name)
            else:
                parts.append([name])
        if not all(len(part) == 2 or _has_a_state(part) for part in parts):
            parts = [[name] for name in row.names]
        for part in parts:
            start, end = part[0].start, part[-1].end
            found.append(Name(text[start:end], start, end))
    return found[:MAX_LIST]
