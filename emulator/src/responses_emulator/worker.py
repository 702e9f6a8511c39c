"""What runs in a process of its own, with its limits; `processes` starts it.

Nothing imports this module, and it imports what reads and writes when that is asked
for: some of it is slow to load.
"""

import json
import os
import signal
import sys
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from responses_emulator.processes import HAS_CPU_LIMIT, KINDS, LENGTH_BYTES, Task
from responses_emulator.readers.outcome import Read, UnreadableDocument

OF_VALUES: tuple[Task, ...] = ("grammar", "schema", "check")


def serve(memory: int) -> None:
    """Answer each piece of work with a line of JSON, until no more comes.

    The limits are set here because `preexec_fn` is not safe where there are threads.
    The one on CPU time is a last resort, should the emulator be gone.
    """
    for limit, value in (("AS", memory), ("CORE", 0), ("FSIZE", 0), ("NPROC", 0)):
        _limit(limit, value)
    while length := sys.stdin.buffer.read(LENGTH_BYTES):
        milliseconds = int.from_bytes(sys.stdin.buffer.read(LENGTH_BYTES))
        _limit("CPU", int(_cpu_seconds()) + milliseconds // 1000 + 2)
        content = sys.stdin.buffer.read(int.from_bytes(length))
        if HAS_CPU_LIMIT:  # it ends the process, whatever that is doing
            signal.setitimer(signal.ITIMER_PROF, milliseconds / 1000)
        answer = _work(KINDS[content[:1]], content[1:])
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()
        if HAS_CPU_LIMIT:
            signal.setitimer(signal.ITIMER_PROF, 0)


def _work(task: Task, content: bytes) -> dict[str, object]:
    try:
        if task in OF_VALUES:
            return {"result": _of_value(task, content)}
        return {"result": asdict(_read(task, content))}
    except UnreadableDocument as error:
        return {"error": error.message, "kind": "UnreadableDocument"}
    except ValueError as error:
        if task not in OF_VALUES:
            raise  # a reader that breaks
        return {"error": str(error), "kind": type(error).__name__}


def _read(task: Task, content: bytes) -> Read:
    if task == "pdf":
        from responses_emulator.readers import pdf

        return pdf.read(content)
    if task == "word":
        from responses_emulator.readers import word

        return word.read(content)
    if task == "powerpoint":
        from responses_emulator.readers import powerpoint

        return powerpoint.read(content)
    from responses_emulator.readers import html

    return Read((html.text_of(content.decode()),))


def _of_value(task: Task, content: bytes) -> object:
    asked: dict[str, Any] = json.loads(content)
    if task == "check":
        from responses_emulator.model.values import checks

        return checks.fault_here(**asked)
    if task == "grammar":
        from responses_emulator.model.values import grammar

        return grammar.write_here(**asked)
    from responses_emulator.model.values import schema

    return schema.fill_here(**asked)


def _limit(name: str, value: int) -> None:
    """Lower the soft limit, so that the next one may be higher again."""
    try:
        import resource
    except ImportError:
        return  # Windows
    with suppress(AttributeError, OSError, ValueError):  # unknown here, or lower anyway
        kind = getattr(resource, "RLIMIT_" + name)
        resource.setrlimit(kind, (value, resource.getrlimit(kind)[1]))


def _cpu_seconds() -> float:
    return sum(os.times()[:2])
