"""Runs Python programs in Monty: an interpreter that reaches nothing of this machine.

Whoever writes a program, a model or a caller, it runs in a process of its own, in an
interpreter written for code that nobody has read: it has no network, no processes, no
environment and no files but those of `data_folder`. Its memory is bounded, and so is
the time of a call, sleep included, and what it prints. A process is a container's
during a call only: what a program leaves, its variables and functions, is dumped after
it and loaded before the next.

Monty is not all of Python; `tools.code_interpreter` has what it lacks.

Part of an extra, and imported at first use: whoever does has made sure that it is
there.
"""

import atexit
import io
import os
import re
import signal
import time
import tokenize
from collections.abc import Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from threading import Event, Lock, Timer
from typing import Any, Literal, NoReturn

from pydantic_monty import (
    Monty,
    MontyConversionError,
    MontyCrashedError,
    MontyRuntimeError,
    MontySession,
    MontySyntaxError,
)

from responses_emulator.programs.data_folder import ROOT, DataFolder
from responses_emulator.signals import Signal

SECONDS = 10.0  # of a clock, for one program
MAX_PROCESSES = 4
WAIT_SECONDS = 10.0  # for one of them
MAX_MEMORY = 128 * 2**20  # bytes, of a program's values
MAX_PROGRAM = 500_000  # characters
MAX_OUTPUT = 20_000  # bytes that are given back
MAX_ERROR = 4_000  # characters of a traceback
# Who ends a program is this process. Should it be gone, the program ends by itself.
SPARE_SECONDS = 1.0

TOO_LARGE = (
    "What the program left takes too much memory to be kept: variables are as they "
    "were before."
)

Stream = Literal["stdout", "stderr"]
Ending = Literal["time", "output", "stop", "crash", "places", "start"]


@dataclass(frozen=True)
class Outcome:
    """What came of a program.

    `output` is what it printed, piece by piece; `error` the traceback of what it
    raised; `exit_code` as a shell has it, and None where it was ended: `ended` says
    why, and `told` says it in a sentence. Such a program leaves nothing. `written` and
    `removed` are files, by their paths below `/mnt/data`. `session` is None where what
    it left takes too much memory; then `told` says that.
    """

    output: list[tuple[Stream, str]] = field(default_factory=list[tuple[Stream, str]])
    error: str = ""
    exit_code: int | None = 0
    ended: Ending | None = None
    told: str = ""
    written: dict[str, bytes] = field(default_factory=dict[str, bytes])
    removed: list[str] = field(default_factory=list[str])
    session: bytes | None = None

    @property
    def was_run(self) -> bool:
        """Whether it has begun at all."""
        return self.ended not in ("places", "start")

    @property
    def printed(self) -> str:
        """All that is to be said of it, as one text."""
        text = "".join(piece for _, piece in self.output)
        for more in (self.error, self.told):
            if more:
                text += f"\n{more}" if text and not text.endswith("\n") else more
        return text


def run(
    program: str,
    files: Mapping[str, bytes],
    session: bytes | None = b"",
    *,
    arguments: Sequence[str] = ("program.py",),
    most_files: int = 100,
    most_bytes: int = 64 * 2**20,
    seconds: float = SECONDS,
    stop: Signal | None = None,
) -> Outcome:
    """Run a program next to `files`, by their paths below `/mnt/data`.

    It goes on where `session`, of an earlier outcome, has ended, and prints the value
    of its last line, as in a notebook; with None it does neither, as at a command line.
    What is wrong with it is never raised. `arguments` are its `sys.argv`; `stop` ends
    it.
    """
    if len(program) > MAX_PROGRAM:
        told = f"The program is longer than {MAX_PROGRAM} characters."
        return Outcome(exit_code=1, error=told)
    call = _Call(seconds)
    folder = DataFolder(
        files, most_files=most_files, most_bytes=most_bytes, sleep=call.sleep
    )
    with ExitStack() as stack:
        try:
            process = stack.enter_context(_checkout(arguments[0], seconds))
        except TimeoutError:
            return no_place()
        except (MontyCrashedError, OSError, RuntimeError) as error:
            told = f"The interpreter cannot be started: {error}."
            return Outcome(exit_code=None, ended="start", told=told)
        with _ends(call, stop):
            return call.run(process, program, folder, session, arguments)


def no_place() -> Outcome:
    """A program that was not run, since others took all the time."""
    told = f"No place was free to run the program within {WAIT_SECONDS:g} s. Try again."
    return Outcome(exit_code=None, ended="places", told=told)


@contextmanager
def _ends(call: "_Call", stop: Signal | None) -> Generator[None]:
    """Have a signal end a call."""

    def end() -> None:
        call.end("stop")

    if stop is not None:
        stop.then(end)
    try:
        yield
    finally:
        if stop is not None:
            stop.forget(end)


class _Call:
    """One program in one process, from the loading of its session to the dump."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ended: Ending | None = None
        self._is_over = Event()
        self._process: int | None = None  # which is to be killed; None: no longer
        self._lock = Lock()
        self._output: list[tuple[Stream, str]] = []
        self._room = MAX_OUTPUT
        self._until = 0.0

    def run(
        self,
        process: MontySession,
        program: str,
        folder: DataFolder,
        session: bytes | None,
        arguments: Sequence[str],
    ) -> Outcome:
        self._until = time.monotonic() + self._seconds
        timer = Timer(self._seconds, self.end, ("time",))
        timer.daemon = True
        timer.start()
        try:
            self._begin(process)
            if session:
                process.load_session(session)
            error, code, value = self._feed(process, program, folder, arguments)
            left = None if session is None else _dumped(process)
            if left is not None and value is not None:
                self._show(process, value)
        except MontyCrashedError:
            return self._was_ended()
        finally:
            timer.cancel()
            with self._lock:
                self._process = None  # it may have another program soon
        if self._ended:
            return self._was_ended()
        told = TOO_LARGE if left is None and session is not None else ""
        return Outcome(
            self._output,
            error,
            code,
            told=told,
            written=folder.written(),
            removed=folder.removed(),
            session=left,
        )

    def end(self, why: Ending) -> None:
        """End the program, if it has not ended."""
        with self._lock:
            if self._ended is None:
                self._ended = why
                self._is_over.set()
                self._kill()

    def sleep(self, seconds: float) -> None:
        """Wait, but not longer than there is time: then the process is ended."""
        self._is_over.wait(min(seconds, max(0.0, self._until - time.monotonic()) + 1))

    def _feed(
        self,
        process: MontySession,
        program: str,
        folder: DataFolder,
        arguments: Sequence[str],
    ) -> tuple[str, int, Any]:
        """The traceback of what it raises, the exit code, and its last line's value."""
        try:
            if _prints_to_file(program):
                process.feed_run(_PRINT)
            value = process.feed_run(
                _with_names(program),
                external_lookup=self._names(arguments),
                print_callback=self._print,
                cwd=ROOT,
                os=folder,
            )
        except (MontyRuntimeError, MontySyntaxError) as error:
            raised = error.exception()
            if isinstance(raised, SystemExit):
                return *_exit_of(str(raised)), None
            return _as_written(error.display()), 1, None
        return "", 0, value

    def _names(self, arguments: Sequence[str]) -> dict[str, Any]:
        """What a program finds by names that Monty does not know."""

        def write(stream: Stream, text: object = None, /) -> int:
            if not isinstance(text, str):
                kind = type(text).__name__
                raise TypeError(f"write() argument must be str, not {kind}")
            self._print(stream, text)
            return len(text)

        return {
            "sys_argv": list(arguments),
            "sys_stdout_write": partial(write, "stdout"),
            "sys_stderr_write": partial(write, "stderr"),
            "sys_stdout_flush": _nothing,
            "sys_stderr_flush": _nothing,
            **dict.fromkeys(("exit", "quit", "sys_exit"), _exit),
        }

    def _show(self, process: MontySession, value: Any) -> None:
        """Print the value of a last line that is an expression, as a notebook does.

        The process itself does, within its bounds: a small value can have a text that
        is far larger than any memory.
        """
        with suppress(MontyConversionError, MontyRuntimeError, TypeError, ValueError):
            process.feed_run(
                "print(repr(_))", inputs={"_": value}, print_callback=self._print
            )

    def _print(self, stream: Stream, text: str) -> None:
        content = text.encode("utf-8", "replace")
        if len(content) > self._room:
            text = content[: self._room].decode("utf-8", "ignore")
            self.end("output")
        self._room -= min(self._room, len(content))
        if text:
            self._output.append((stream, text))

    def _begin(self, process: MontySession) -> None:
        with self._lock:
            self._process = process.worker_pid
            if self._ended:  # before it has begun
                self._kill()

    def _kill(self) -> None:
        if self._process is not None:
            with suppress(OSError):
                # Windows knows no SIGKILL, and ends a process at any signal.
                os.kill(self._process, getattr(signal, "SIGKILL", signal.SIGTERM))

    def _was_ended(self) -> Outcome:
        why = self._ended or "crash"
        told = {
            "time": f"Timed out after {self._seconds:g} s",
            "output": f"The output was cut after {MAX_OUTPUT} bytes",
            "stop": "Nobody waits for it any more",
        }.get(why, "The program's process has crashed; it may have run out of memory")
        told += ": the program was ended. Variables and files are as they were before."
        return Outcome(self._output, exit_code=None, ended=why, told=told)


def _dumped(process: MontySession) -> bytes | None:
    """What the program leaves; None where there is no memory to write that down."""
    try:
        return process.dump()
    except (MontyRuntimeError, RuntimeError):
        return None


# Processes


def _checkout(name: str, seconds: float) -> MontySession:
    """A process for one program, as a context."""
    return _pool().checkout(
        script_name=name,
        limits={
            "max_feed_duration_secs": seconds + SPARE_SECONDS,
            "max_memory": MAX_MEMORY,
            "max_suspensions": 2**31,  # each is a call to the folder: time bounds them
        },
        os_policy={"sleep": "call_host"},
    )


_STARTING = Lock()


def _pool() -> Monty:
    with _STARTING:  # two first programs make one pool
        return _started()


@cache
def _started() -> Monty:
    pool = Monty(
        binary_path=_binary(),
        max_processes=MAX_PROCESSES,
        checkout_timeout=WAIT_SECONDS,
    )
    pool.__enter__()
    atexit.register(pool.__exit__, None, None, None)
    return pool


def _binary() -> str | None:
    """Where the interpreter was installed; None leaves it to Monty to look.

    Monty looks into the environment of this Python alone. It may stand in another that
    this one has on its path.
    """
    with suppress(PackageNotFoundError):
        for file in files("pydantic-monty-runtime") or ():
            path = Path(str(file.locate()))
            if file.stem == "monty" and path.is_file():
                return str(path)
    return None


# What Monty lacks, and much is written with

# Of its `sys`, these. Here they have names of the same length, so that a traceback
# points at the right place.
_OF_SYS = re.compile(r"sys\.(?:argv|exit|(?:stdout|stderr)\.(?:write|flush))\b")
_PLAIN_NAME = re.compile(r"\bsys_(?:argv|exit|(?:stdout|stderr)_(?:write|flush))\b")
# Its `print` writes to no file.
_PRINT_NAME = re.compile(r"\bprint\b")
_FILE_ARGUMENT = re.compile(r"\bfile\s*=")
_PRINT = """\
import sys as _sys
_print = print
def print(*values, sep=" ", end="\\n", file=None, flush=False):
    if file in (None, _sys.stdout, _sys.stderr):
        _print(*values, sep=sep, end=end, file=file, flush=flush)
    else:
        sep = " " if sep is None else sep
        end = "\\n" if end is None else end
        file.write(sep.join([str(value) for value in values]) + end)
"""


def _prints_to_file(program: str) -> bool:
    """Whether it may; in one go, however often it prints."""
    printing = _PRINT_NAME.search(program)
    return bool(printing and _FILE_ARGUMENT.search(program, printing.end()))


def _with_names(program: str) -> str:
    """A program with plain names in place of those of `sys` that Monty lacks."""
    if not _OF_SYS.search(program):
        return program
    lines = list(io.StringIO(program))
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(program).readline))
    except (tokenize.TokenError, SyntaxError):
        return program  # Monty says what is wrong
    for token in tokens:
        (first, start), (last, end) = token.start, token.end
        if token.type == tokenize.NAME and token.string == "sys":
            found = _OF_SYS.match(lines[first - 1], start)
            end = found.end() if found else start
        elif not _is_formatted(token):
            continue  # what stands in another text stays
        for row in range(first, last + 1):
            line = lines[row - 1]
            begin, stop = (start if row == first else 0), (end if row == last else None)
            lines[row - 1] = (
                line[:begin]
                + _OF_SYS.sub(_as_plain_name, line[begin:stop])
                + ("" if stop is None else line[stop:])
            )
    return "".join(lines)


def _is_formatted(token: tokenize.TokenInfo) -> bool:
    """Whether it is an f-string, which is one token before Python 3.12."""
    prefix = token.string[:2].lower().partition("'")[0].partition('"')[0]
    return token.type == tokenize.STRING and "f" in prefix


def _as_plain_name(name: re.Match[str]) -> str:
    return name[0].replace(".", "_")


def _as_name_of_sys(name: re.Match[str]) -> str:
    return name[0].replace("_", ".")


def _as_written(traceback: str) -> str:
    """A traceback with the names that the program has, and without a long middle."""
    return _PLAIN_NAME.sub(_as_name_of_sys, _without_middle(traceback)) + "\n"


def _without_middle(text: str) -> str:
    if len(text) <= MAX_ERROR:
        return text
    begin, end = text[: MAX_ERROR // 2], text[-MAX_ERROR // 2 :]
    return f"{begin}\n[some left out]\n{end}"


def _nothing() -> None:
    """What has been printed has been handed on."""


def _exit(code: object = None, /) -> NoReturn:
    """End the program.

    The code is a copy of the program's value, outside of its bounds: a list, or an
    object, can be small and have a text that is far larger than any memory.
    """
    if isinstance(code, int):
        code = int(code) & 0xFF
    elif not isinstance(code, str | float | BaseException | None):
        code = "[a value that is no text]"
    raise SystemExit(code)


_EXIT_CODE = re.compile(r"[0-9]{1,3}")  # as `_exit` has them


def _exit_of(code: str) -> tuple[str, int]:
    """What a shell makes of the code of `sys.exit`: a text is told, and is a 1."""
    if code in ("", "None"):
        return "", 0
    if _EXIT_CODE.fullmatch(code):
        return "", int(code)
    return f"{_without_middle(code)}\n", 1
