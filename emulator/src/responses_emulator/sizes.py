"""How much memory a value takes: the one notion of size that all bounds go by."""

from collections.abc import Iterable
from sys import getsizeof
from typing import Any

EMPTY = 64  # bytes of a list or an object of JSON
ENTRY = 8  # bytes of one of a list; an object has about six times that for each
NUMBER = 32


def size_of(value: Any) -> int:
    """About how many bytes a value of JSON takes, with all that is in it.

    Bytes count as well. What several of these share is counted for each.
    """
    total = 0
    waiting: list[Iterable[Any]] = [(value,)]
    while waiting:
        for one in waiting.pop():
            # JSON has these kinds and none that are made from them.
            kind = one.__class__
            if kind is str or kind is bytes:
                total += getsizeof(one)
            elif kind is dict:
                total += EMPTY + sum(map(len, one)) + 6 * ENTRY * len(one)
                waiting.append(one.values())
            elif kind is list or kind is tuple:
                total += EMPTY + ENTRY * len(one)
                waiting.append(one)
            else:
                total += NUMBER
    return total
