"""The observers that a command's options ask for."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from responses_emulator.http import Handle
    from responses_emulator.observers.observe import Observer


@contextmanager
def observers(
    *, wire: str | None = None, log: str | None = None, record: Path | None = None
) -> Generator[list[Observer]]:
    """`--wire`, `--log`, `--record`; raises OSError if a file cannot be written.

    `wire` is `text` or `curl`, `log` a path or `-`, for stdout. What they need is
    loaded only when it is asked for.
    """
    chosen: list[Observer] = []
    with ExitStack() as files:
        if record:
            from responses_emulator.observers.record import recording

            chosen.append(files.enter_context(recording(record)))
        if log is not None:
            from responses_emulator.observers.access_log import logging_to

            chosen.append(files.enter_context(logging_to(log)))
        if wire == "text":
            from responses_emulator.observers.wire import Wire

            chosen.append(Wire(sys.stderr))
        if wire == "curl":
            from responses_emulator.observers.curl import Curl

            chosen.append(Curl(sys.stderr))
        yield chosen


def watched(handle: Handle, looking_on: Sequence[Observer]) -> tuple[Handle, Handle]:
    """An emulator's `handle`, and what sends its webhooks, with observers looking on.

    The numbers of what they see go on from one to the other.
    """
    from responses_emulator.adapters.courier import post
    from responses_emulator.observers.observe import observe

    numbers = itertools.count(1)
    return (
        observe(handle, *looking_on, numbers=numbers),
        observe(post, *looking_on, numbers=numbers),
    )
