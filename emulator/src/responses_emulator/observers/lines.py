"""Where observers write their lines: a file that is appended to, or a stream.

What cannot be written any more, on a full disk for one, costs lines and no request: it
is told once.
"""

import os
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from os import PathLike
from typing import IO, BinaryIO, Generic, TypeVar

Line = TypeVar("Line", str, bytes)


@contextmanager
def appended_to(path: str | PathLike[str]) -> Generator[BinaryIO]:
    """The file at `path`, which only its owner may read if it is made now.

    Raises OSError if it cannot be opened.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    file = os.fdopen(descriptor, "ab")
    try:
        yield file
    finally:
        with suppress(OSError):  # which has been told
            file.close()


class Lines(Generic[Line]):
    """Lines that are there as soon as they are written, one after the other."""

    def __init__(self, stream: IO[Line], name: str) -> None:
        """Write to `stream`, which is called `name` when it cannot be written."""
        self._stream = stream
        self._name = name
        self._lock = threading.Lock()
        self._told = False

    def write(self, line: Line) -> None:
        """Write a line, with its end."""
        with self._lock:
            try:
                self._stream.write(line)
                self._stream.flush()
            except OSError as error:
                self._tell(error)

    def _tell(self, error: OSError) -> None:
        if self._told:
            return
        self._told = True
        why = error.strerror or type(error).__name__
        message = f"Cannot write {self._name}: {why}. Lines are lost."
        with suppress(OSError):
            print(message, file=sys.stderr, flush=True)
