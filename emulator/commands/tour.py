"""`tour`: every sample against one emulator, and a table of how it went."""

import os
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from emulator.adapters.server import serving
from emulator.commands.observers import observers
from emulator.commands.surroundings import surroundings
from emulator.observe import Counter, observe

SAMPLES = Path(__file__).resolve().parent.parent.parent / "python"
SKIPPED = {"gradio": "waits for a browser"}  # part of a sample's name: why
TIME_LIMIT = 60.0  # seconds for one sample
CONVERSATION = (
    "My name is Ada.\n\nWhat is my name?\nexit\n"  # for those that read stdin
)


@dataclass(frozen=True)
class Outcome:
    """How one sample went; `output` is what it printed, `seconds` how long it took."""

    sample: str
    result: str  # ok, failed, too slow or skipped
    seconds: float = 0.0
    requests: int = 0
    reason: str = ""  # the last line of its error, or why it was skipped
    output: str = ""

    @property
    def went_wrong(self) -> bool:
        """Whether the tour fails because of it."""
        return self.result not in ("ok", "skipped")


def tour(record: Path | None = None, samples: Path = SAMPLES) -> int:
    """Run every sample in `samples`; gives 0, or 1 if any did not end well."""
    from emulator.adapters.asgi import App
    from emulator.core import Emulator

    scripts = sorted(samples.glob("responses-*.py"))
    if not scripts:
        print(f"There are no samples in {samples}.", file=sys.stderr)
        return 1
    counter = Counter()
    outcomes: list[Outcome] = []
    look = _Look(sys.stdout.isatty() and not os.environ.get("NO_COLOR"))
    try:
        with observers(record=record) as looking_on:
            emulator = Emulator()
            handle = observe(emulator.handle, counter, *looking_on)
            with serving(App(emulator, handle=handle)) as url:
                environ = surroundings(url, os.environ)
                for number, script in enumerate(scripts, 1):
                    outcome = visit(script, environ, counter)
                    outcomes.append(outcome)
                    print(_progress(number, len(scripts), outcome, look), flush=True)
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nThe tour was broken off.")
        return 130
    print()
    print(table(outcomes, counter.token_requests))
    return 1 if any(outcome.went_wrong for outcome in outcomes) else 0


def visit(
    script: Path,
    environ: dict[str, str],
    counter: Counter,
    time_limit: float = TIME_LIMIT,
) -> Outcome:
    """Run one sample in an empty folder, which goes with all that it leaves there."""
    for part, why in SKIPPED.items():
        if part in script.name:
            return Outcome(script.name, "skipped", reason=why)
    before, start = counter.requests, time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(
                [sys.executable, str(script)],
                input=CONVERSATION if "conversation" in script.name else "",
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                env={**environ, "PYTHONIOENCODING": "utf-8"},
                cwd=folder,
                timeout=time_limit,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            result = "too slow"
            reason = f"stopped after {time_limit:.0f} seconds"
            output = _text(error.stdout) + _text(error.stderr)
        else:
            result = "failed" if done.returncode else "ok"
            output = done.stdout + done.stderr
            reason = _last_line(done.stderr) or f"exit status {done.returncode}"
    return Outcome(
        script.name,
        result,
        time.perf_counter() - start,
        counter.requests - before,
        "" if result == "ok" else reason,
        output,
    )


def table(outcomes: Sequence[Outcome], token_requests: int = 0) -> str:
    """The outcomes, one a line, and what they come to; at most 80 columns wide."""
    wide = max(len("sample"), *(len(outcome.sample) for outcome in outcomes))
    rule = f"{'-' * wide}  --------  -------  --------"
    lines = [f"{'sample':{wide}}  {'outcome':8}  seconds  requests", rule]
    for outcome in outcomes:
        head = f"{outcome.sample:{wide}}  {outcome.result:8}"
        if outcome.result == "skipped":
            lines.append(head.rstrip())
        else:
            lines.append(f"{head}  {outcome.seconds:7.1f}  {outcome.requests:8}")
        if outcome.reason:
            lines.append(f"  {_cut(outcome.reason, 76)}")
    seconds = sum(outcome.seconds for outcome in outcomes)
    requests = sum(outcome.requests for outcome in outcomes)
    total = f"{len(outcomes)} samples"
    lines += [rule, f"{total:{wide}}  {'':8}  {seconds:7.1f}  {requests:8}", ""]
    counts = [
        f"{count} {result}"
        for result in ("ok", "failed", "too slow", "skipped")
        if (count := sum(outcome.result == result for outcome in outcomes))
    ]
    tokens = f" {token_requests} requests for a token are not counted above."
    lines.append(", ".join(counts) + "." + (tokens if token_requests else ""))
    return "\n".join(lines)


@dataclass(frozen=True)
class _Look:
    colour: bool

    def paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.colour else text


def _progress(number: int, count: int, outcome: Outcome, look: _Look) -> str:
    code = {"ok": "32", "skipped": "33"}.get(outcome.result, "31")
    result = look.paint(f"{outcome.result:8}", code)
    place = f"[{number:{len(str(count))}}/{count}]"
    line = f"{place} {result} {outcome.seconds:5.1f} s  {outcome.sample}"
    if outcome.result == "skipped":
        return f"{place} {result}          {outcome.sample} ({outcome.reason})"
    if not outcome.went_wrong:
        return line
    printed = outcome.output.strip() or "(It printed nothing.)"
    return f"{line}\n{textwrap.indent(printed, '      ', lambda _: True)}"


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else ""


def _text(output: str | bytes | None) -> str:
    """What a stopped process had printed: bytes, whatever was asked for."""
    if isinstance(output, bytes):
        return output.decode("utf-8", "replace")
    return output or ""


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 3] + "..."
