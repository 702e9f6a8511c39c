"""A line for each request: time, method, path, status, milliseconds.

    2026-11-30T09:15:02Z POST /openai/v1/responses 200 41

The line comes when the reply has ended. A status of 0 is no reply at all; `broken`
follows where the reply was not read to its end. Neither queries nor headers nor bodies
are written: there is no secret in a line.
"""

import errno
import io
import os
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TextIO

from responses_emulator.observers.lines import Lines, appended_to
from responses_emulator.observers.observe import Exchange, Observer

STDOUT = "-"
MAX_PATH = 500  # characters


@contextmanager
def logging_to(path: str) -> Generator[Observer]:
    """An observer that appends to a file, or prints if the path is `-`.

    Only its owner may read a file that it makes. Raises OSError.
    """
    if path != STDOUT:
        with appended_to(path) as file:
            yield AccessLog(io.TextIOWrapper(file, "utf-8", write_through=True), path)
    elif sys.stdout is None:  # closed before Python began: `>&-`
        raise OSError(errno.EBADF, os.strerror(errno.EBADF), "to stdout")
    else:
        yield AccessLog(sys.stdout)


class AccessLog(Observer):
    """Writes a line for each request to a stream, at once."""

    keeps_body = False

    def __init__(self, stream: TextIO, name: str = "to stdout") -> None:
        """Write to `stream`, whose name is told when it cannot be written."""
        self._lines = Lines(stream, name)

    def ended(self, exchange: Exchange) -> None:
        """Write the line of an exchange."""
        self._lines.write(line(exchange, time.time()) + "\n")


def line(exchange: Exchange, now: float) -> str:
    """What is written of an exchange that ended at `now`, in seconds since 1970."""
    request, reply = exchange.request, exchange.reply
    path = request.target.partition("?")[0]
    if not path.startswith("/"):  # a delivery to a webhook endpoint: a whole address
        path = path.partition("://")[2].rpartition("@")[2]
    words = [
        time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)),
        request.method,
        _printable(path[:MAX_PATH]),
        str(reply.status if reply else 0),
        f"{exchange.seconds * 1000:.0f}",
    ]
    return " ".join(words + ["broken"] * exchange.broken)


def _printable(path: str) -> str:
    """The path as one word, of letters that no terminal acts on."""
    return "".join(
        letter if letter.isprintable() and letter != " " else f"%{ord(letter):02X}"
        for letter in path
    )
