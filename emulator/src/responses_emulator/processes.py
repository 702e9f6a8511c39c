"""Work that may never end is done in processes of its own, which can be ended.

A PDF can be made so that its reader never comes to an end, takes all the memory there
is or crashes, at any step: its cross references, its tree of pages, its fonts, what a
page draws. A Word file is an archive, which may unpack to anything. The parser of HTML
takes a time that grows with the square of what is malformed. A caller's regular
expression or grammar can have more ways to match a short text than can ever be tried,
and no other thread runs while it is tried.

No check within such work is sure to be reached, so it has a process, a time limit that
kills it, and a memory limit (not on Windows; macOS heeds it little). Time is that of a
CPU, so that a busy machine fails nothing (on Windows it is the clock's). A process that
was quick takes on what comes next, too: starting one takes some 0.2 s.

There are few places, and a bounded number of threads waits for one: all others would
have to wait with them. Who finds none may come back later.
"""

import atexit
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import BoundedSemaphore, Event, Timer
from typing import Any, Literal

MAX_MEMORY = 2**30  # bytes
MAX_PROCESSES = 4
MAX_WAITING = 12  # threads that wait for one of them
PLACE_SECONDS = 10.0  # that each waits
CLOCK = 10  # times the seconds of a CPU: then it is ended although it was not at work
QUICK_SECONDS = 1.0  # who took longer may have grown, and is not kept
# Before each piece of work: its length, and how many ms it may take. The work's first
# byte is its kind.
LENGTH_BYTES = 8
HAS_CPU_LIMIT = hasattr(signal, "setitimer")  # Windows has none
OUT_OF_TIME = [
    getattr(signal, name) for name in ("SIGPROF", "SIGXCPU") if hasattr(signal, name)
]

Task = Literal["pdf", "html", "word", "powerpoint", "grammar", "schema", "check"]
KINDS: dict[bytes, Task] = {
    b"P": "pdf",
    b"H": "html",
    b"W": "word",
    b"T": "powerpoint",
    b"G": "grammar",
    b"S": "schema",
    b"C": "check",
}
BYTES = {task: kind for kind, task in KINDS.items()}

START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from responses_emulator.worker import serve; serve(*map(int, sys.argv[2:]))"
)


class Ended(Exception):
    """The work was ended at a limit, or has not begun."""

    def __init__(self, why: Literal["time", "memory", "places", "start"]) -> None:
        """Keep what stood in the way: `memory` is also a process that has crashed."""
        super().__init__(why)
        self.why = why


class Failed(Exception):
    """The work came to nothing; the message is meant for the API's user."""

    def __init__(self, message: str, kind: str) -> None:
        """Keep the message and the name of the exception that had it."""
        super().__init__(message)
        self.message = message
        self.kind = kind


class Processes:
    """Processes with one piece of work each at a time; at most one is kept waiting."""

    def __init__(self, *, seconds: float, memory: int = MAX_MEMORY) -> None:
        """Start nothing yet. The limits hold for each piece; `memory` is in bytes."""
        self.seconds = seconds
        self.memory = memory
        self._places = BoundedSemaphore(MAX_PROCESSES)
        self._queue = BoundedSemaphore(MAX_PROCESSES + MAX_WAITING)
        self._waiting: list[subprocess.Popen[bytes]] = []
        atexit.register(self.close)

    def do(self, task: Task, content: bytes) -> Any:
        """What the task makes of `content`, as `worker` has it.

        Raises Failed where it says that it cannot, and Ended.
        """
        if not self._queue.acquire(blocking=False):
            raise Ended("places")
        try:
            if not self._places.acquire(timeout=PLACE_SECONDS):
                raise Ended("places")
            try:
                return self._do(task, content)
            except OSError as error:
                raise Ended("start") from error
            finally:
                self._places.release()
        finally:
            self._queue.release()

    def close(self) -> None:
        """End the process that waits, if there is one."""
        while self._waiting:
            _end(self._waiting.pop())

    def _do(self, task: Task, content: bytes) -> Any:
        process = self._process()
        timed_out = Event()

        def stop() -> None:
            timed_out.set()
            process.kill()

        timer = Timer(self.seconds * (CLOCK if HAS_CPU_LIMIT else 1), stop)
        timer.daemon = True
        timer.start()
        started = time.monotonic()
        answer = b""
        try:
            answer = _ask(process, BYTES[task] + content, self.seconds)
        finally:
            timer.cancel()
            timer.join()  # no kill may come when it has another piece of work
            quick = time.monotonic() - started < QUICK_SECONDS
            if answer and quick and not timed_out.is_set():
                self._waiting.append(process)
                while len(self._waiting) > 1:
                    _end(self._waiting.pop(0))
            else:
                _end(process)
        if not answer:
            # A process that has used up its time ends by a signal.
            late = timed_out.is_set() or -process.returncode in OUT_OF_TIME
            raise Ended("time" if late else "memory")
        told: dict[str, Any] = json.loads(answer)
        if "error" in told:
            raise Failed(told["error"], told["kind"])
        return told["result"]

    def _process(self) -> subprocess.Popen[bytes]:
        with suppress(IndexError):
            while True:
                process = self._waiting.pop()
                if process.poll() is None:
                    return process
                _end(process)
        return self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        path = [str(Path(entry).absolute()) for entry in sys.path]
        told = json.dumps(path), str(self.memory)
        return subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", "-c", START, *told],
            # Windows can't start Python without this one variable.
            env={k: v for k, v in os.environ.items() if k.upper() == "SYSTEMROOT"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the emulator, which then ends this
        )


def _ask(process: subprocess.Popen[bytes], content: bytes, seconds: float) -> bytes:
    """What a process answers; nothing if it ends before it does."""
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(len(content).to_bytes(LENGTH_BYTES))
        process.stdin.write(int(seconds * 1000).to_bytes(LENGTH_BYTES))
        process.stdin.write(content)
        process.stdin.flush()
        answer = process.stdout.readline()
    except OSError:
        return b""
    return answer if answer.endswith(b"\n") else b""


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with suppress(OSError):  # what it did not take any more
                pipe.close()
    process.wait()
