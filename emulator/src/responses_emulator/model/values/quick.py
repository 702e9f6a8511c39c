"""Whether a regular expression is sure to be matched soon, however it turns out."""

import re

# Repetitions, apart from what looks like them: escapes, classes, the sign of a group.
_REPEATS = r"(?s)\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?|([*+?]|\{\d*,?\d*\})"
MAX_WAYS = 10**7


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

    Counted are the ways in which the parts of the expression can share a text.
    """
    if not is_simple(pattern):
        return False
    signs = [token[1] for token in re.finditer(_REPEATS, pattern) if token[1]]
    repeats = [_bounds(sign) for sign in signs]
    length += sum(least for least, _ in repeats)
    ways = length << pattern.count("|")
    for least, most in repeats:
        ways *= 1 + min(length, length if most is None else most - least)
    return ways <= MAX_WAYS


def _bounds(sign: str) -> tuple[int, int | None]:
    """How often what stands before a sign comes: least, and most (None: any)."""
    if sign in "*+?":
        return {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
    least, comma, most = sign[1:-1].partition(",")
    if not comma:
        return int(least or 1), int(least or 1)
    return int(least or 0), int(most) if most else None
