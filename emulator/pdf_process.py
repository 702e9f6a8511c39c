"""Reads PDFs, and long HTML, in processes of their own, which can be ended.

A PDF can be made so that its reader never comes to an end, or takes all the memory
there is, at any step: its cross references, its tree of pages, its fonts, what a page
draws. No check within the reader is sure to be reached, so the reader has a process, a
time limit that kills it, and a memory limit (not on Windows; macOS heeds it little).
The parser of HTML takes a time that grows with the square of what is malformed.
A process that was quick reads the next PDF, too: starting one takes some 0.2 s.
"""

import atexit
import json
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import BoundedSemaphore, Event, Timer
from typing import Any

from emulator.documents import UnreadableDocument, text_of_html

MAX_SECONDS = 30.0  # of work on one PDF
MAX_MEMORY = 2**30  # bytes
MAX_PROCESSES = 4
QUICK_SECONDS = 1.0  # who took longer may have grown, and is not kept
LENGTH_BYTES = 8  # before each file that a process is given, then a byte for its kind
PDF, HTML = b"P", b"H"
NAMES = {PDF: "PDF", HTML: "HTML"}

START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from emulator.pdf_process import serve; serve(*map(int, sys.argv[2:]))"
)


class Readers:
    """Processes that read PDFs, one PDF each at a time; at most one is kept waiting."""

    def __init__(
        self, *, seconds: float = MAX_SECONDS, memory: int = MAX_MEMORY
    ) -> None:
        """Start nothing yet. The limits hold for each PDF; `memory` is in bytes."""
        self.seconds = seconds
        self.memory = memory
        self._places = BoundedSemaphore(MAX_PROCESSES)
        self._waiting: list[subprocess.Popen[bytes]] = []
        atexit.register(self.close)

    def pages(self, content: bytes) -> tuple[str, ...]:
        """The text of each page. Raises UnreadableDocument, at a limit, too."""
        return self._take(PDF, content)

    def html(self, content: bytes) -> str:
        """The text of an HTML file in UTF-8. Raises UnreadableDocument likewise."""
        return self._take(HTML, content)[0]

    def _take(self, kind: bytes, content: bytes) -> tuple[str, ...]:
        if not self._places.acquire(timeout=self.seconds):
            raise UnreadableDocument("Too many files are being read, try again later.")
        try:
            return self._read(kind, content)
        except OSError as error:
            raise UnreadableDocument(
                f"The reader of files cannot be started: {error.strerror}."
            ) from error
        finally:
            self._places.release()

    def close(self) -> None:
        """End the process that waits, if there is one."""
        while self._waiting:
            _end(self._waiting.pop())

    def _read(self, kind: bytes, content: bytes) -> tuple[str, ...]:
        process = self._process()
        timed_out = Event()

        def stop() -> None:
            timed_out.set()
            process.kill()

        timer = Timer(self.seconds, stop)
        timer.daemon = True
        timer.start()
        started = time.monotonic()
        answer = b""
        try:
            answer = _ask(process, kind + content)
        finally:
            timer.cancel()
            timer.join()  # no kill may come when another PDF is being read
            quick = time.monotonic() - started < QUICK_SECONDS
            if answer and quick and not timed_out.is_set():
                self._waiting.append(process)
                while len(self._waiting) > 1:
                    _end(self._waiting.pop(0))
            else:
                _end(process)
        if not answer:
            raise UnreadableDocument(
                f"Reading the {NAMES[kind]} takes too long."
                if timed_out.is_set()
                else f"The {NAMES[kind]} takes too much memory, or breaks its reader."
            )
        read: dict[str, Any] = json.loads(answer)
        if "error" in read:
            raise UnreadableDocument(read["error"])
        return tuple(read["pages"])

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
        limits = str(int(self.seconds) + 2), str(self.memory)
        return subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", "-c", START, json.dumps(path), *limits],
            # Windows can't start Python without this one variable.
            env={k: v for k, v in os.environ.items() if k.upper() == "SYSTEMROOT"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the emulator, which then ends this
        )


def _ask(process: subprocess.Popen[bytes], content: bytes) -> bytes:
    """What a process answers; nothing if it ends before it does."""
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(len(content).to_bytes(LENGTH_BYTES))
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


def serve(seconds: int, memory: int) -> None:
    """Within such a process: answer each file with a line of JSON, until no more come.

    The limits are set here because `preexec_fn` is not safe where there are threads.
    The one on CPU time is a last resort, should the emulator be gone.
    """
    for limit, value in (("AS", memory), ("CORE", 0), ("FSIZE", 0), ("NPROC", 0)):
        _limit(limit, value)
    while length := sys.stdin.buffer.read(LENGTH_BYTES):
        _limit("CPU", int(_cpu_seconds()) + seconds)
        answer: dict[str, object]
        try:
            content = sys.stdin.buffer.read(int.from_bytes(length))
            answer = {"pages": _pages(content[:1], content[1:])}
        except UnreadableDocument as error:
            answer = {"error": error.message}
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()


def _pages(kind: bytes, content: bytes) -> tuple[str, ...]:
    if kind == HTML:
        return (text_of_html(content.decode()),)
    from emulator import pdf  # with pypdf behind it, slow to load

    return pdf.pages(content)


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
