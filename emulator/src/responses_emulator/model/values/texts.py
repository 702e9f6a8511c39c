"""Texts that keep what a schema asks of them: patterns, formats, lengths at once.

What follows expressions is imported where there are some: few schemas have any.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any, NamedTuple

from responses_emulator.model.prompt.words import shortened

Schema = dict[str, Any]

MAX_LENGTH = 100_000  # characters of a text that is made
MAX_HOST = 253  # of the name of a host
MAX_LOCAL = 64  # of an address, before the @
MAX_MATCHED = 200  # of one that a pattern is tried on, unless it has to be longer
MAX_CANDIDATES = 2_000  # texts that are tried, where an expression was only guessed

_DAY = "(?:0[1-9]|[12][0-9]|3[01])"  # that a month has so many, `_in_format` sees
_DATE = f"(?:20|19)[0-9]{{2}}-(?:0[1-9]|1[0-2])-{_DAY}"
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_TIME = rf"{_CLOCK}(?:\.[0-9]{{1,6}})?(?:Z|[+-](?:0[0-9]|1[0-2]):[0-5][0-9])"
_LABEL = "[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?"
_HOST = rf"[a-z]{{2,20}}(\.{_LABEL})*\.[a-z]{{2,12}}"
_EMAIL = (
    r"[A-Za-z0-9]{1,20}([._+-][A-Za-z0-9]{1,20}){0,2}"
    rf"@({_LABEL}\.)+[a-z]{{2,12}}"
)
_PATH = r"(/[A-Za-z0-9._~-]*)*"
_URI = (
    rf"(https?|ftp)://({_LABEL}\.)*{_LABEL}(:[1-9][0-9]{{0,3}})?{_PATH}"
    r"(\?[A-Za-z0-9=&_-]*)?(#[A-Za-z0-9_-]*)?"
)
_BYTE = "(?:[1-9]?[0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])"
_HEX = "[0-9a-f]{1,4}"
# What each format is shown by, and an expression for (most of) its texts.
FORMATS = {
    "date": ("2000-01-01", _DATE),
    "date-time": ("2000-01-01T00:00:00Z", f"{_DATE}T{_TIME}"),
    "time": ("00:00:00Z", _TIME),
    "duration": (
        "PT1H",
        "P([1-9][0-9]{0,3}[DW]|([1-9][0-9]{0,3}D)?T[1-9][0-9]{0,3}[HMS])",
    ),
    "email": ("someone@example.com", _EMAIL),
    "idn-email": ("someone@example.com", _EMAIL),
    "hostname": ("example.com", _HOST),
    "idn-hostname": ("example.com", _HOST),
    "uri": ("https://example.com/", _URI),
    "url": ("https://example.com/", _URI),
    "iri": ("https://example.com/", _URI),
    "uri-reference": ("/", rf"({_URI}|{_PATH})"),
    "iri-reference": ("/", rf"({_URI}|{_PATH})"),
    "uri-template": ("https://example.com/{id}", rf"{_URI}|{_PATH}/\{{[a-z]+\}}"),
    "ipv4": ("192.0.2.1", rf"{_BYTE}(\.{_BYTE}){{3}}"),
    "ipv6": ("2001:db8::1", f"({_HEX}:){{7}}{_HEX}|({_HEX}:){{1,5}}:{_HEX}"),
    "uuid": (
        "00000000-0000-4000-8000-000000000000",
        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    ),
    "json-pointer": ("/0", r"(/[A-Za-z0-9_-]*)*"),
    "relative-json-pointer": ("0", r"[1-9]?[0-9](/[A-Za-z0-9_-]*)*"),
    "regex": (".*", r"[a-z0-9]+|\.\*|\^[a-z]+\$"),
    "byte": ("AA==", "([A-Za-z0-9]{4})*([A-Za-z0-9][AQgw]==)?"),
}

# Expressions for what is rarer, where a pattern asks for it.
_ANY_DATE = f"[12][0-9]{{3}}-(?:0[1-9]|1[0-2])-{_DAY}"
_ANY_TIME = rf"{_CLOCK}(?:\.[0-9]{{1,9}})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_ANY_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ANY_HOST = rf"{_ANY_LABEL}(\.{_ANY_LABEL})*"
_ANY_PATH = "([A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-F]{2})*"
_ANY_URI = (
    rf"[a-z][a-z0-9+.-]*:(//([a-z0-9._~!$&'()*+,;=:-]+@)?{_ANY_HOST}(:[0-9]{{1,5}})?"
    rf"(/{_ANY_PATH})?|[A-Za-z0-9]{_ANY_PATH})"
)
_ANY_REST = rf"(\?({_ANY_PATH}|[?/])*)?(#({_ANY_PATH}|[?/])*)?"
_COUNT = "[0-9]{1,3}"
RARER = {
    "date": _ANY_DATE,
    "date-time": f"{_ANY_DATE}T{_ANY_TIME}",
    "time": _ANY_TIME,
    "duration": (
        f"P(({_COUNT}Y)?({_COUNT}M)?({_COUNT}D)?)(T({_COUNT}H)?({_COUNT}M)?({_COUNT}S)?)?"
    ),
    "email": rf"[A-Za-z0-9!#$%&'*+/=?^_{{|}}~.-]{{1,64}}@{_ANY_HOST}",
    "hostname": _ANY_HOST,
    "uri": f"({_ANY_URI}){_ANY_REST}",
    "ipv6": (
        f"({_HEX}:){{6}}{_HEX}:{_HEX}|::({_HEX}(:{_HEX}){{0,5}})?"
        f"|({_HEX}:){{1,3}}(:{_HEX}){{1,4}}|({_HEX}:){{1,6}}:|::ffff:{_BYTE}(\\.{_BYTE}){{3}}"
    ),
    "uuid": "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "json-pointer": "(/([^~/]|~[01])*)*",
    "regex": r"([ -Z^-z|]|\\[.*+?^$(){}|/dws\[\]-]|\[\^?[a-z0-9-]+\])+",
}
RARER.update(
    {
        "idn-email": RARER["email"],
        "idn-hostname": RARER["hostname"],
        "url": RARER["uri"],
        "iri": RARER["uri"],
        "uri-reference": f"({_ANY_URI}|(?![^/?#]*:){_ANY_PATH}){_ANY_REST}",
        "iri-reference": f"({_ANY_URI}|(?![^/?#]*:){_ANY_PATH}){_ANY_REST}",
    }
)


class Asked(NamedTuple):
    """What a schema asks of a text."""

    patterns: tuple[str, ...]
    absent: tuple[str, ...]  # patterns that must not be found in it
    formats: tuple[str, ...]
    least: int
    most: int


def asked(schema: Schema, least: int, most: int) -> Asked:
    """What a schema, with the parts of its `allOf` and its `not`, asks of a text."""
    if _ASKING.isdisjoint(schema):
        return Asked((), (), (), least, most)
    parts = list(_parts(schema))
    nots = [each["not"] for each in parts if isinstance(each.get("not"), dict)]
    return Asked(
        tuple(each["pattern"] for each in parts if "pattern" in each),
        tuple(each["pattern"] for each in nots if _is_pattern(each)),
        tuple(each["format"] for each in parts if each.get("format") in FORMATS),
        least,
        most,
    )


_ASKING = frozenset(("pattern", "format", "allOf", "not"))


def _parts(schema: Schema) -> Iterator[Schema]:
    yield schema
    for part in schema.get("allOf") or ():
        if isinstance(part, dict):
            yield from _parts(part)  # pyright: ignore[reportUnknownArgumentType]


def _is_pattern(schema: Schema) -> bool:
    """Whether it asks for a pattern, and for nothing else."""
    return isinstance(schema.get("pattern"), str) and schema.keys() <= {
        "pattern",
        "type",
    }


def fits(text: str, asked: Asked) -> bool:
    """Whether a text keeps it all."""
    if not asked.least <= len(text) <= asked.most:
        return False
    if any(form in FORMATS and not _in_format(text, form) for form in asked.formats):
        return False
    if not asked.patterns and not asked.absent:
        return True
    if len(text) > max(MAX_MATCHED, asked.least):
        return False
    return all(found(each, text) for each in asked.patterns) and not any(
        found(each, text) for each in asked.absent
    )


def found(pattern: str, text: str) -> bool:
    """Whether a pattern is found in a text; one that cannot be read is not."""
    from responses_emulator.model.values.regular import in_python

    try:
        return bool(re.search(in_python(pattern), text, re.ASCII))
    except (re.error, RecursionError, OverflowError):
        return False


def told(asked: Asked) -> str:
    """What is asked, in words."""
    parts = [f"'pattern' {shortened(each)!r}" for each in asked.patterns]
    parts += [f"no 'pattern' {shortened(each)!r}" for each in asked.absent]
    parts += [f"'format' {each!r}" for each in asked.formats]
    if asked.least:
        parts.append(f"'minLength' {asked.least}")
    if asked.most < MAX_LENGTH:
        parts.append(f"'maxLength' {asked.most}")
    return " and ".join(parts)


def nth(asked: Asked, variant: int) -> str | None:
    """The text that keeps it all: variants differ. None where there are not so many."""
    if asked.most < asked.least:
        return None
    if asked.formats and not (asked.patterns or asked.absent or variant):
        shown = FORMATS[asked.formats[0]][0]
        if fits(shown, asked) and len(asked.formats) == 1:
            return shown
    if not (asked.patterns or asked.absent or asked.formats):
        return _words(variant, asked.least, asked.most)
    return _several(asked).nth(variant)


class _Several:
    """Texts that are made one after the other, when they are asked for."""

    def __init__(self, asked: Asked) -> None:
        self._known: list[str] = []
        self._more = self._made(asked)

    def nth(self, at: int) -> str | None:
        while len(self._known) <= at:
            text = next(self._more, None)
            if text is None:
                return None
            self._known.append(text)
        return self._known[at]

    @staticmethod
    def _made(asked: Asked) -> Iterator[str]:
        from responses_emulator.model.values.regular import Language, NotUnderstood

        most = None if asked.most >= MAX_LENGTH else asked.most
        usual = [FORMATS[form][1] for form in asked.formats]
        rarer = [RARER.get(form, FORMATS[form][1]) for form in asked.formats]
        for expressions in (usual, rarer) if rarer != usual else (usual,):
            try:
                language = Language(asked.patterns, asked.absent, expressions)
            except NotUnderstood:
                return
            misses = 0
            found = False
            for text in language.texts(asked.least, most):
                if fits(text, asked):
                    yield text
                    found = True
                else:
                    misses += 1
                if misses > MAX_CANDIDATES:
                    break
            if found:
                return


@lru_cache(maxsize=64)
def _several(asked: Asked) -> _Several:
    return _Several(asked)


def _words(variant: int, least: int, most: int) -> str | None:
    """A text that says that nothing is known; longer or shorter where it has to be."""
    text = f"unknown {variant + 1}" if variant else "unknown"
    if variant and most < len(text):
        return _letters(variant, least, most)
    if len(text) < least:
        return (text + " unknown" * (least // 8 + 1))[:least]
    return text[:most]


def _letters(variant: int, least: int, most: int) -> str | None:
    signs = ascii_lowercase
    size = sum(len(signs) ** length for length in range(1, min(most, MOST_SHORT) + 1))
    if variant > size and most <= MOST_SHORT:
        signs, variant = _OTHERS, variant - size
    letters = ""
    while variant and len(letters) < most:
        variant, digit = divmod(variant - 1, len(signs))
        letters += signs[digit]
    return None if variant else letters.ljust(least, "-")


MOST_SHORT = 3  # characters: there are few texts in small letters that have no more
# What comes then; the most are as many as there are of Chinese letters.
_OTHERS = ascii_uppercase + digits + "".join(map(chr, range(0x4E00, 0x9FA6)))


def _in_format(text: str, form: str) -> bool:
    """Whether a text of the shape of a date names a day that there is."""
    if form in ("date", "date-time"):
        match = re.match(r"\d{4}-(\d{2})-(\d{2})", text)
        if not match or not 1 <= int(match[1]) <= 12:
            return False
        year, month, day = int(text[:4]), int(match[1]), int(match[2])
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        days = (31, 28 + leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]
        return 1 <= day <= days
    if form in ("hostname", "idn-hostname"):
        return len(text) <= MAX_HOST
    if form in ("email", "idn-email"):
        local, _, host = text.rpartition("@")
        is_odd = local.startswith(".") or local.endswith(".") or ".." in local
        return len(local) <= MAX_LOCAL and len(host) <= MAX_HOST and not is_odd
    if form == "duration":
        return text[-1] not in "PT"
    if form == "regex":
        try:
            re.compile(text)
        except (re.error, RecursionError, OverflowError):
            return False
    return True
