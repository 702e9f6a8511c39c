"""The text that a property gets from a prompt, or the texts.

It is what the prompt calls by the property's name, or quotes, or the value of its kind
(`texts_by_kind`) in its role ("from", "to"), or else the first of them that no other
property has got. None, or an empty list, for what the prompt does not say.
"""

import re

from responses_emulator.model.prompt import lexicon, spans
from responses_emulator.model.prompt.properties import (
    FIRST,
    ID_WORDS,
    LAST,
    ROLES,
    Property,
    Source,
    kind_of,
)
from responses_emulator.model.prompt.spans import MAX_LIST
from responses_emulator.model.prompt.texts_by_kind import texts_of
from responses_emulator.model.prompt.words import STOP_WORDS, lazy_pattern, words

_LIST_BREAK = lazy_pattern(r"\s*,\s*(?:and\s+|or\s+)?|\s+(?:and|or|&)\s+")
_LIST_ENDS = lazy_pattern(r"\s(?:to|on|in|into|at|for|from|as)\s")
_FROM_TO = lazy_pattern(
    r"(\S+) (?:to|into|until) (\S+)|\d (\S+) in (\S+)", re.IGNORECASE
)
_IN_THE = r"(?i)\b(?:of|in|on|from|to) (?:the |my )?"
_AFTER_FROM = r"(?i)\bfrom (?:the )?"
_AFTER_TO = r"(?i)\b(?:to|into|until) (?:the )?"
# Kinds of which a quoted text is the value, wherever it stands.
_QUOTED_KINDS = (
    *(None, "id", "person", "event", "thing", "name", "subject", "gist", "whole"),
)
_WITH_A_NUMBER = (None, "id", "spot", "thing")


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
    for_somebody = kind in (None, "person") and ROLES.intersection(prop.words)
    addresses = spans.every(text, "email") if for_somebody else []
    if address := in_its_role(text, addresses, prop):
        return address
    if kind in _QUOTED_KINDS and (quoted := _not_used(drawn_from, spans.quotes(text))):
        return quoted
    if kind in _WITH_A_NUMBER and (beside := _beside_its_name(text, prop)):
        return beside
    found = texts_of(text, prop)
    if ROLES.intersection(prop.words):
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
    named = [word for word in prop.words if word not in ID_WORDS] or prop.words
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
        (FIRST, _AFTER_FROM, _AFTER_TO, 0),
        (LAST, _AFTER_TO, _AFTER_FROM, -1),
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
    word = ends[0 if FIRST.intersection(prop.words) else 1].strip(".,;:!?\"'")
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
