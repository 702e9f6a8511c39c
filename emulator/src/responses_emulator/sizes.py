"""How much memory a value takes: the one notion of size that all bounds go by."""

from sys import getsizeof
from typing import Any, cast

EMPTY = 64  # bytes of a list or an object of JSON
ENTRY = 8  # bytes of one of a list; an object has about six times that for each
NUMBER = 32


def size_of(value: Any) -> int:
    """About how many bytes a value of JSON takes, with all that is in it.

    Bytes count as well. What several of these share is counted for each.
    """
    total = 0
    waiting: list[Any] = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str | bytes):
            total += getsizeof(one)
        elif isinstance(one, dict):
            fields = cast("dict[str, Any]", one)
            total += EMPTY + sum(map(len, fields)) + 6 * ENTRY * len(fields)
            waiting.extend(fields.values())
        elif isinstance(one, list | tuple):
            entries = cast("list[Any]", one)
            total += EMPTY + ENTRY * len(entries)
            waiting.extend(entries)
        else:
            total += NUMBER
    return total
