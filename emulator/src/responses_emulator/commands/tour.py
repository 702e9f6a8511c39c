"""`tour`: every sample against one emulator, and a table of how it went."""

import asyncio
import os
import signal
import sys
import tempfile
import textwrap
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.commands.observers import observers
from responses_emulator.commands.python import Python, choose
from responses_emulator.commands.surroundings import surroundings_of_a_script
from responses_emulator.core import Emulator
from responses_emulator.observers.observe import Counter, Observer, observe

CHAT_APP = "gradio"  # part of the name of those samples that serve a page
CONVERSATION = (
    "My name is Ada.\n\nWhat is my name?\nexit\n"  # for those that read stdin
)
YES = "y\n" * 20  # for those that ask whether they may
TIME_LIMIT = 60.0  # seconds for one sample
STOP_LIMIT = 10.0  # seconds for a chat app to end after Ctrl-C
# Most of a sample's time goes into loading the SDK, which keeps one core busy.
AT_ONCE = min(os.cpu_count() or 1, 4)
LACKING = "No browser: "  # how a sample says that this machine lacks what it needs
UNTOLD = "the app reported an error"  # unless its stderr knows more

# What a sample prints: done, with stdout and stderr, when it has ended.
Printing = asyncio.Future[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Outcome:
    """How one sample went; `output` is what it printed, `seconds` how long it took."""

    sample: str
    result: str  # ok, failed, skipped or too slow
    seconds: float = 0.0
    requests: int = 0
    token_requests: int = 0
    reason: str = ""  # the last line of what went wrong
    output: str = ""


def tour(
    samples: Path, *, python: Python | None = None, record: Path | None = None
) -> int:
    """Run every sample in `samples`; gives 0, or 1 if any did not end well.

    `python` runs them, by default what `python.choose` finds. One that says that this
    machine lacks a program is skipped, and no failure.
    """
    scripts = sorted(samples.glob("responses-*.py"))
    if not scripts:
        print(f"There are no samples in {samples}.", file=sys.stderr)
        return 2
    python = python or choose()
    start = time.perf_counter()
    look = _Look(sys.stdout.isatty() and not os.environ.get("NO_COLOR"))
    done = 0

    def report(outcome: Outcome) -> None:
        nonlocal done
        done += 1
        print(_progress(done, len(scripts), outcome, look), flush=True)

    try:
        with _interruptible(), observers(record=record) as looking_on:
            outcomes = asyncio.run(_visit_all(scripts, python, looking_on, report))
    except OSError as error:
        does = "write" if record and error.filename == str(record) else "start"
        print(f"Cannot {does} {error.filename}: {error.strerror}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nThe tour was broken off.")
        return 130
    print()
    print(table(outcomes, time.perf_counter() - start))
    return 0 if all(outcome.result in ("ok", "skipped") for outcome in outcomes) else 1


@contextmanager
def _interruptible() -> Generator[None]:
    """Whatever ends the tour ends what it has started, too.

    SIGTERM does what Ctrl-C does. A job in the background may have to ignore Ctrl-C,
    and then so would the chat apps, which are stopped by it.
    """

    def as_ctrl_c(_signal: int, _frame: object) -> None:
        signal.raise_signal(signal.SIGINT)

    term = signal.signal(signal.SIGTERM, as_ctrl_c)
    interrupt = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, term)
        signal.signal(signal.SIGINT, interrupt)


async def _visit_all(
    scripts: Sequence[Path],
    python: Python,
    looking_on: Sequence[Observer],
    report: Callable[[Outcome], None],
) -> list[Outcome]:
    """Some at once, each reported when it is done; the outcomes are in order."""
    emulator = Emulator()
    places = asyncio.Semaphore(AT_ONCE)

    async def one(script: Path) -> Outcome:
        async with places:
            outcome = await visit(script, emulator, looking_on, python=python.path)
        report(outcome)
        return outcome

    try:
        async with asyncio.TaskGroup() as group:  # it ends when all of them have
            tasks = [group.create_task(one(script)) for script in scripts]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]


async def visit(
    script: Path,
    emulator: Emulator,
    looking_on: Sequence[Observer] = (),
    *,
    python: str = sys.executable,
    time_limit: float = TIME_LIMIT,
    stop_limit: float = STOP_LIMIT,
) -> Outcome:
    """Run one sample in an empty folder, which goes with all that it leaves there.

    It reaches the emulator at a port of its own, so that its requests can be counted.
    A chat app has one turn and is then stopped, within `stop_limit` seconds.
    """
    chats, counter, start = CHAT_APP in script.name, Counter(), time.perf_counter()
    typed = CONVERSATION if "conversation" in script.name else YES
    app = App(emulator, handle=observe(emulator.handle, counter, *looking_on))
    result = reason = ""
    with tempfile.TemporaryDirectory() as folder, serving(app) as url:
        environ = surroundings_of_a_script(url, os.environ)
        port = 0
        if chats:
            from responses_emulator.commands.chat_app import free_port, settings

            port = free_port()
            environ |= settings(port, folder)
        child = await asyncio.create_subprocess_exec(
            python,
            str(script.absolute()),
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
            env=environ,
            cwd=folder,
        )
        printing = asyncio.ensure_future(child.communicate(typed.encode()))
        try:
            async with asyncio.timeout(time_limit):
                if chats:
                    reason = await _converse(child, printing, port, stop_limit)
                else:
                    await asyncio.wait({printing})
                    reason = _end(child, printing) if child.returncode else ""
        except TimeoutError:
            result = "too slow"
            reason = f"stopped after {time_limit:g} seconds"
        finally:
            if child.returncode is None:
                child.kill()
            await asyncio.wait({printing})
    if reason == UNTOLD:
        reason = _last_line(printing) or reason
    if reason.startswith(LACKING):
        result = "skipped"
    output = "".join(text.decode("utf-8", "replace") for text in printing.result())
    if reason not in output:
        output += f"\n{reason}"
    return Outcome(
        script.name,
        result or ("failed" if reason else "ok"),
        time.perf_counter() - start,
        counter.requests,
        counter.token_requests,
        reason,
        output,
    )


async def _converse(
    child: Process, printing: Printing, port: int, stop_limit: float
) -> str:
    """One turn with a chat app, then Ctrl-C; says what went wrong, if anything did."""
    import httpx2

    from responses_emulator.commands.chat_app import NoAnswerError, turn

    talking = asyncio.ensure_future(turn(port))
    try:
        await asyncio.wait({talking, printing}, return_when=asyncio.FIRST_COMPLETED)
        if not talking.done():
            return _end(child, printing)
        talking.result()
    except NoAnswerError as error:
        return str(error) or UNTOLD
    except httpx2.HTTPError:
        return UNTOLD
    except (LookupError, TypeError, ValueError) as error:
        return f"unexpected reply: {type(error).__name__} {error}"
    finally:
        talking.cancel()
    if os.name == "posix":
        child.send_signal(signal.SIGINT)
    else:
        child.terminate()
    await asyncio.wait({printing}, timeout=stop_limit)
    return "" if printing.done() else f"not ended {stop_limit:g} s after Ctrl-C"


def _end(child: Process, printing: Printing) -> str:
    """How a sample ended before it should have."""
    return _last_line(printing) or f"exit status {child.returncode}"


def _last_line(printing: Printing) -> str:
    """The last line on stderr of a sample that has ended."""
    lines = printing.result()[1].decode("utf-8", "replace").strip().splitlines()
    return lines[-1].strip() if lines else ""


def table(outcomes: Sequence[Outcome], seconds: float) -> str:
    """The outcomes, one a line, and what they come to; at most 80 columns wide.

    `seconds` is what the whole tour took: less than the samples one by one.
    """
    wide = max(len("sample"), *(len(outcome.sample) for outcome in outcomes))
    rule = f"{'-' * wide}  --------  -------  --------"
    lines = [f"{'sample':{wide}}  {'outcome':8}  seconds  requests", rule]
    for outcome in outcomes:
        lines.append(_row(outcome.sample, outcome.result, [outcome], wide))
        if outcome.reason:
            lines.append(f"  {_cut(outcome.reason, 76)}")
    lines += [rule, _row(f"{len(outcomes)} samples", "", outcomes, wide), ""]
    counts = [
        f"{count} {result}"
        for result in ("ok", "failed", "skipped", "too slow")
        if (count := sum(outcome.result == result for outcome in outcomes))
    ]
    lines.append(f"{', '.join(counts)} in {seconds:.0f} s, {AT_ONCE} at a time.")
    tokens = sum(outcome.token_requests for outcome in outcomes)
    if tokens:
        lines.append(f"Requests for a token, not counted above: {tokens}.")
    return "\n".join(lines)


def _row(name: str, result: str, outcomes: Sequence[Outcome], wide: int) -> str:
    seconds = sum(outcome.seconds for outcome in outcomes)
    requests = sum(outcome.requests for outcome in outcomes)
    return f"{name:{wide}}  {result:8}  {seconds:7.1f}  {requests:8}"


@dataclass(frozen=True)
class _Look:
    colour: bool

    def paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text


def _progress(number: int, count: int, outcome: Outcome, look: _Look) -> str:
    colour = {"ok": "32", "skipped": "33"}.get(outcome.result, "31")
    result = look.paint(f"{outcome.result:8}", colour)
    place = f"[{number:{len(str(count))}}/{count}]"
    line = f"{place} {result} {outcome.seconds:5.1f} s  {outcome.sample}"
    if outcome.result == "ok":
        return line
    return (
        f"{line}\n{textwrap.indent(outcome.output.strip(), '      ', lambda _: True)}"
    )


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."
