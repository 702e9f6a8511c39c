"""A text that matches a regular expression, for the expressions that schemas use."""

import re

MAX_LENGTH = 100_000  # characters of an example; more is not worth making
_CLASSES = {"d": "0123456789", "w": "abcdefghij0123456789_", "s": " "}
_LITERALS = {"n": "\n", "t": "\t", "r": "\r", "f": "\f", "v": "\v"}


class _NotUnderstood(Exception):
    """The expression uses what this reader does not know: look-around, references."""


def example(pattern: str, variant: int = 0, length: int = 0) -> str | None:
    """The shortest text that it takes, at least `length` characters where it can be.

    Different variants give different texts where a class of characters leaves the
    choice. None: the expression was not understood.
    """
    try:
        for stretch in (0, length):
            text, end = _alternatives(pattern, 0, variant, stretch)
            if end == len(pattern) and len(text) >= length:
                break
        if end != len(pattern):
            return None
        return text if re.search(pattern, text) else None
    except (_NotUnderstood, IndexError, re.error, RecursionError, OverflowError):
        return None


def is_simple(pattern: str) -> bool:
    """Whether it can be read, is short, and has no repeated group, which may repeat."""
    if len(pattern) > 200 or re.search(r"\)[*+{]", pattern):
        return False
    if re.search(r"\[\[|--|&&|~~|\|\|", pattern):
        return False  # Python warns of what they may come to mean
    try:
        re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return False
    return True


def is_quick(pattern: str, length: int) -> bool:
    """Whether matching ends soon, some 0.1 s, on texts of so many characters.

    The same is true of what `example` makes of it. Counted are the ways in which the
    parts of the expression can share a text.
    """
    if not is_simple(pattern):
        return False
    signs = [token[1] for token in _REPEATS.finditer(pattern) if token[1]]
    repeats = [_repeats(sign, 0)[:2] for sign in signs]
    length += sum(least for least, _ in repeats)
    ways = length << pattern.count("|")
    for least, most in repeats:
        ways *= 1 + min(length, length if most is None else most - least)
    return ways <= 10**7


# Repetitions, apart from what looks like them: escapes, classes, the sign of a group.
_REPEATS = re.compile(
    r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?|([*+?]|\{\d*,?\d*\})", re.DOTALL
)


def _alternatives(pattern: str, at: int, variant: int, stretch: int) -> tuple[str, int]:
    """The first of the branches a|b|c, and where they end."""
    first, at = _sequence(pattern, at, variant, stretch)
    while at < len(pattern) and pattern[at] == "|":
        _, at = _sequence(pattern, at + 1, variant, stretch)
    return first, at


def _sequence(pattern: str, at: int, variant: int, stretch: int) -> tuple[str, int]:
    parts: list[str] = []
    while at < len(pattern) and pattern[at] not in "|)":
        if pattern[at] in "^$":
            at += 1
            continue
        choices, at = _atom(pattern, at, variant, stretch)
        least, most, at = _repeats(pattern, at)
        times = least if most is None else min(least, most)
        if stretch > times:
            times = stretch if most is None else min(stretch, most)
        if times * max(map(len, choices), default=0) > MAX_LENGTH:
            raise _NotUnderstood
        # Like the digits of a number: the variant changes one place after the other.
        place = variant
        for _ in range(times):
            place, digit = divmod(place, len(choices))
            parts.append(choices[digit])
    return "".join(parts), at


def _atom(pattern: str, at: int, variant: int, stretch: int) -> tuple[list[str], int]:
    """What one place of the text may be, and where its description ends."""
    sign = pattern[at]
    if sign == "(":
        return _group(pattern, at, variant, stretch)
    if sign == "[":
        return _class(pattern, at + 1)
    if sign == ".":
        return list("abcdefghij"), at + 1
    if sign == "\\":
        return _escape(pattern, at + 1)
    if sign in "*+?":
        raise _NotUnderstood
    return [sign], at + 1


def _group(pattern: str, at: int, variant: int, stretch: int) -> tuple[list[str], int]:
    at += 1
    if pattern[at] == "?":
        named = re.match(r"\?(?::|P<\w+>|<\w+>)", pattern[at:])
        if not named:
            raise _NotUnderstood
        at += named.end()
    text, at = _alternatives(pattern, at, variant, stretch)
    if pattern[at] != ")":
        raise _NotUnderstood
    return [text], at + 1


def _escape(pattern: str, at: int) -> tuple[list[str], int]:
    sign = pattern[at]
    if sign in "bBAZzG" or (sign == "0" or sign.isdigit()):
        if sign.isdigit():
            raise _NotUnderstood
        return [""], at + 1
    if sign in _CLASSES:
        return list(_CLASSES[sign]), at + 1
    if sign in "DWS":
        return ["-" if sign == "W" else "x"], at + 1
    if sign in "xu":
        size = 2 if sign == "x" else 4
        try:
            return [chr(int(pattern[at + 1 : at + 1 + size], 16))], at + 1 + size
        except ValueError as error:
            raise _NotUnderstood from error
    if sign in "pP":
        raise _NotUnderstood
    return [_LITERALS.get(sign, sign)], at + 1


def _class(pattern: str, at: int) -> tuple[list[str], int]:
    """The characters of [...], or one outside [^...]."""
    negated = pattern[at] == "^"
    at += negated
    chosen: list[str] = []
    first = True
    while pattern[at] != "]" or first:
        first = False
        if pattern[at] == "\\":
            found, at = _escape(pattern, at + 1)
        else:
            found, at = [pattern[at]], at + 1
        if pattern[at] == "-" and pattern[at + 1] != "]" and len(found) == 1:
            if pattern[at + 1] == "\\":
                last, at = _escape(pattern, at + 2)
            else:
                last, at = [pattern[at + 1]], at + 2
            stop = min(ord(last[0]), ord(found[0]) + 60)
            found = [chr(code) for code in range(ord(found[0]), stop + 1)]
        chosen += found
    if negated:
        outside = [c for c in "abcxyz019-_ .,/ABC" if c not in chosen]
        chosen = outside
    if not chosen:
        raise _NotUnderstood
    return chosen, at + 1


def _repeats(pattern: str, at: int) -> tuple[int, int | None, int]:
    """How often the atom before `at` comes: least, most (None: any), and the end."""
    least, most, end = 1, 1, at
    sign = pattern[at : at + 1]
    bounds = re.match(r"\{(\d*)(,?)(\d*)\}", pattern[at:])
    if sign and sign in "*+?":
        least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        end = at + 1
    elif bounds and (bounds[1] or bounds[3]):
        least = int(bounds[1] or 0)
        most = least if not bounds[2] else int(bounds[3]) if bounds[3] else None
        end = at + bounds.end()
    if end > at and pattern[end : end + 1] in ("?", "+") and sign != "":
        end += 1  # lazy or possessive: the same texts
    return least, most, end
