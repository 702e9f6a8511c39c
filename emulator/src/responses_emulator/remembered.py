"""What is remembered since it took long to make: bounded by what it takes to hold."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Remembered(Generic[Value]):
    """The values that were asked for last, at most so many bytes of them.

    Keys are digests, however long what they stand for is.
    """

    def __init__(self, most: int, size: Callable[[Value], int]) -> None:
        """Remember nothing yet; `size` gives the bytes of a value."""
        self._most = most
        self._size = size
        self._held = 0
        self._values: OrderedDict[bytes, tuple[int, Value]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, make: Callable[[], Value], *named: str | bytes) -> Value:
        """What `make` has made for this name, now or before."""
        key = _digest(named)
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key][1]
        value = make()
        self._keep(key, value)
        return value

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._values.clear()
            self._held = 0

    def _keep(self, key: bytes, value: Value) -> None:
        size = self._size(value) + len(key)
        with self._lock:
            if size > self._most or key in self._values:
                return
            self._values[key] = size, value
            self._held += size
            while self._held > self._most:
                _, (gone, _) = self._values.popitem(last=False)
                self._held -= gone


def _digest(named: tuple[str | bytes, ...]) -> bytes:
    digest = blake2b(digest_size=16)
    for part in named:
        raw = part if isinstance(part, bytes) else part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8))
        digest.update(raw)
    return digest.digest()
