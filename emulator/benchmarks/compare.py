"""Compare the speed of two commits of the emulator, each in a checkout of its own.

    git worktree add ../before COMMIT
    python emulator/benchmarks/compare.py ../before . [--pairs 15] [--only "first ev"]
    python emulator/benchmarks/compare.py ../before . --instructions

Both run with the Python that runs this. Needs `wrk` (`apt-get install wrk`), and for
`--instructions` also `valgrind`. In each pair both servers start anew, and each row is
taken of one right after the other, in turn the one or the other first: a machine whose
speed drifts favours neither.

The ratio is that of speeds, pair by pair: above 1, the second is faster, or smaller.
Shown is its median with the interval in which the true median lies with at least 95 %
(from the order of the ratios alone, whatever their distribution).
"""

import argparse
import http.client
import math
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import orjson
from load import SURROUNDINGS, free_port, memory, until_answered, wrk

# Where the package is in a checkout, and what it is called: the newest layout first.
LAYOUTS = (("emulator/src", "responses_emulator"), (".", "emulator"))
PROMPT = "Say hello to the world in one sentence."
STREAMED = "Write five sentences about the sea."  # as long whichever commit answers
STREAMS = 300
LEAST_RATIO = 0.95
MOST_INSTRUCTIONS = 1.05


@dataclass(frozen=True)
class Checkout:
    """A commit of the emulator in a folder, and how it is started."""

    folder: Path

    @property
    def layout(self) -> tuple[Path, str]:
        """The folder that the package is imported from, and the package's name."""
        for place, package in LAYOUTS:
            if (self.folder / place / package / "__main__.py").is_file():
                return (self.folder / place).resolve(), package
        raise SystemExit(f"There is no emulator in {self.folder}.")

    @property
    def commit(self) -> str:
        """What is checked out, and whether something was changed since."""
        command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
        told = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, check=False
        )
        return told.stdout.strip() or self.folder.name

    @property
    def surroundings(self) -> dict[str, str]:
        """The environment in which its package, and no other, is found."""
        return {**SURROUNDINGS, "PYTHONPATH": str(self.layout[0])}

    def python(self, *before: str) -> list[str]:
        """The command that runs its module, `before` in front of Python."""
        return [*before, sys.executable, "-m", self.layout[1]]


class Server:
    """A served emulator, told to stop at the end of the block."""

    def __init__(
        self, checkout: Checkout, *before: str, fixed: dict[str, str] | None = None
    ) -> None:
        """Start it, and wait until it has answered a create."""
        self._log = tempfile.TemporaryFile()  # a pipe would fill up  # noqa: SIM115
        command = [*checkout.python(*before), "serve", "--port", str(free_port())]
        began = time.perf_counter()
        self.process = subprocess.Popen(
            command,
            cwd=checkout.layout[0],
            env={**checkout.surroundings, **(fixed or {})},
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        self._read_settings()
        until_answered(self.url, self.headers, self.body)
        self.start = time.perf_counter() - began  # seconds to its first answer
        self.idle = memory(self.process)

    def _read_settings(self) -> None:
        """Where it is, its key and its model, from what it prints for a `.env`."""
        assert self.process.stdout
        settings: dict[str, str] = {}
        while "AZURE_OPENAI_API_MODEL" not in settings:
            line = self.process.stdout.readline().decode()
            if not line:
                raise SystemExit(self.log())
            name, _, value = line.strip().partition("=")
            settings[name] = value
        self.url = settings["AZURE_OPENAI_V1_API_ENDPOINT"] + "responses"
        self.headers = {
            "authorization": f"Bearer {settings['AZURE_OPENAI_API_KEY']}",
            "content-type": "application/json",
        }
        self.body = {"model": settings["AZURE_OPENAI_API_MODEL"], "input": PROMPT}

    def __enter__(self) -> "Server":
        """The server."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        self.stop()
        self._log.close()

    def stop(self) -> None:
        """End it, and leave what it has logged to be read."""
        if self.process.poll() is None:
            self.process.terminate()
            self.process.communicate()

    def log(self) -> str:
        """What it has written to its standard error."""
        self._log.seek(0)
        return self._log.read().decode()

    def creates(self, connections: int, seconds: int, *, numbered: bool) -> float:
        """Requests per second."""
        body = {**self.body, "input": f"{PROMPT} %d"} if numbered else self.body
        return wrk(
            self.url, self.headers, body, connections, seconds, numbered=numbered
        )

    def first_event(self) -> float:
        """Milliseconds until a stream's first bytes are there: the least of many.

        What else the machine does only adds to it, to a half of them on a busy one.
        """
        place = urlsplit(self.url)
        body = orjson.dumps({**self.body, "input": STREAMED, "stream": True})
        connection = http.client.HTTPConnection(place.netloc)
        taken: list[float] = []
        for _ in range(STREAMS):
            began = time.perf_counter()
            connection.request("POST", place.path, body, self.headers)
            reply = connection.getresponse()
            first = reply.read1(65536)
            taken.append(time.perf_counter() - began)
            if b"response.completed" not in first + reply.read():
                raise SystemExit("A stream did not come to its end.")
        connection.close()
        return min(taken) * 1000


# Of each row: what is measured, the form of its number, and whether more is better. The
# order counts: memory is looked at when all rows before it have filled the store.
Row = tuple[str, str, Callable[[Server], float], bool]


def rows(seconds: int) -> list[Row]:
    """What is compared."""

    def creates(connections: int, *, numbered: bool = False) -> Row:
        what = f"requests/s, {connections} connection{'s' * (connections > 1)}"
        if numbered:
            what += ", no question asked twice"

        def measure(server: Server) -> float:
            return server.creates(connections, seconds, numbered=numbered)

        return (what, "{:,.0f}", measure, True)

    return [
        ("start to first answer, s", "{:.3f}", lambda server: server.start, False),
        ("memory idle, MB", "{:.1f}", lambda server: server.idle, False),
        creates(1),
        creates(8),
        creates(32),
        creates(8, numbered=True),
        ("first event, ms, the least", "{:.3f}", Server.first_event, False),
        (
            "memory when the store is full, MB",
            "{:.1f}",
            lambda server: memory(server.process),
            False,
        ),
    ]


def compare(checkouts: list[Checkout], pairs: int, measured: list[Row]) -> None:
    """Print the medians of each row, and those of the ratio with its interval."""
    values: list[list[tuple[float, float]]] = [[] for _ in measured]
    for number in range(pairs + 1):
        order = [0, 1] if number % 2 else [1, 0]
        with ExitStack() as stack:
            servers = {n: stack.enter_context(Server(checkouts[n])) for n in order}
            for row, (_, _, measure, _) in enumerate(measured):
                taken = {n: measure(servers[n]) for n in order}
                if number:  # the first pair compiles, and is not counted
                    values[row].append((taken[0], taken[1]))
        print(f"\rpair {number} of {pairs} ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    print("| what | before | after | ratio (95 %) | at least 0.95 |")
    print("| --- | --- | --- | --- | --- |")
    for (what, form, _, more), pairs_of in zip(measured, values, strict=True):
        before, after = (
            statistics.median(each) for each in zip(*pairs_of, strict=True)
        )
        ratios = [b / a if more else a / b for a, b in pairs_of]
        low, high = interval(ratios)
        middle = statistics.median(ratios)
        shown = f"{form.format(before)} | {form.format(after)}"
        told = f"{middle:.3f} ({low:.3f} to {high:.3f})"
        print(f"| {what} | {shown} | {told} | {verdict(low, high)} |")


def interval(values: list[float]) -> tuple[float, float]:
    """Between which the true median of at least six lies with 95 %: the sign test."""
    ordered = sorted(values)
    count = len(ordered)
    left_out = 0  # at either end
    while chance_of_missing(count, left_out + 1) <= 0.05:
        left_out += 1
    return ordered[left_out], ordered[-1 - left_out]


def chance_of_missing(count: int, left_out: int) -> float:
    """That the true median is not between what is left of so many values."""
    if 2 * left_out >= count:
        return 1.0
    return 2 * sum(math.comb(count, n) for n in range(left_out + 1)) / 2**count


def verdict(low: float, high: float) -> str:
    """Whether an interval lies above, below or on both sides of the least ratio."""
    if low >= LEAST_RATIO:
        return "holds"
    return "missed" if high < LEAST_RATIO else "open"


# Instructions. They are the same on a busy machine, and nearly so in every run.

FEW, MANY = 500, 2_500  # creates: what starting takes is in both, and so in neither
VALGRIND = (
    "valgrind",
    "--tool=cachegrind",
    "--cache-sim=no",
    "--cachegrind-out-file=/dev/null",
)
FIXED = {"PYTHONHASHSEED": "0"}
IN_PROCESS = """
import sys
from {emulator} import Emulator
from {request} import Request
emulator = Emulator(key="key")
headers = {{"authorization": "Bearer key", "content-type": "application/json"}}
for _ in range(int(sys.argv[1])):
    reply = emulator.handle(Request("POST", "/openai/v1/responses", headers, {body!r}))
    assert reply.status == 200, reply.body
"""


def compare_instructions(checkouts: list[Checkout]) -> None:
    """Print what one create takes, over HTTP and in process."""
    print("| instructions of one create | before | after | ratio | at most 1.05 |")
    print("| --- | --- | --- | --- | --- |")
    for what, count in (("in process", in_process), ("over HTTP", served)):
        before, after = (
            (count(each, MANY) - count(each, FEW)) / (MANY - FEW) for each in checkouts
        )
        ratio = after / before
        told = "holds" if ratio <= MOST_INSTRUCTIONS else "missed"
        print(f"| {what} | {before:,.0f} | {after:,.0f} | {ratio:.3f} | {told} |")


def served(checkout: Checkout, creates: int) -> int:
    """Instructions of a server that has answered so many creates."""
    with Server(checkout, *VALGRIND, fixed=FIXED) as server:
        place = urlsplit(server.url)
        content = orjson.dumps(server.body)
        connection = http.client.HTTPConnection(place.netloc)
        for _ in range(creates):
            connection.request("POST", place.path, content, server.headers)
            connection.getresponse().read()
        connection.close()
        server.stop()
        return counted(server.log())


def in_process(checkout: Checkout, creates: int) -> int:
    """Instructions of so many creates, given to the core by themselves."""
    body = orjson.dumps({"model": model(checkout), "input": PROMPT})
    script = IN_PROCESS.format(
        emulator=module_of(checkout, "Emulator"),
        request=module_of(checkout, "Request"),
        body=body,
    )
    command = [*VALGRIND, sys.executable, "-c", script, str(creates)]
    surroundings = {**checkout.surroundings, **FIXED}
    told = subprocess.run(
        command, env=surroundings, capture_output=True, text=True, check=False
    )
    if told.returncode:
        raise SystemExit(told.stderr)
    return counted(told.stderr)


def counted(told: str) -> int:
    """The number that cachegrind gives at its end."""
    found = re.search(r"I +refs: +([\d,]+)", told)
    if not found:
        raise SystemExit(told)
    return int(found[1].replace(",", ""))


def model(checkout: Checkout) -> str:
    """The deployment that a server tells of."""
    with Server(checkout) as server:
        return server.body["model"]


def module_of(checkout: Checkout, name: str) -> str:
    """The module of the package that has a class of this name."""
    folder, package = checkout.layout
    for path in sorted((folder / package).rglob("*.py")):
        if re.search(rf"^class {name}\b", path.read_text("utf-8"), re.MULTILINE):
            parts = path.relative_to(folder).with_suffix("").parts
            return ".".join(part for part in parts if part != "__init__")
    raise SystemExit(f"There is no class {name} in {folder / package}.")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("before", type=Path, help="a checkout")
    parser.add_argument("after", type=Path, help="another one")
    parser.add_argument("--pairs", type=int, default=15, help="six or more")
    parser.add_argument("--seconds", type=int, default=1, help="of each run of wrk")
    parser.add_argument("--only", default="", help="rows with this in their name")
    parser.add_argument(
        "--instructions", action="store_true", help="count them, and measure no time"
    )
    asked = parser.parse_args()
    if asked.pairs < 6:
        parser.error("Fewer than six pairs say nothing with 95 %.")
    measured = [row for row in rows(asked.seconds) if asked.only in row[0]]
    if not measured:
        parser.error(f"There is no row with {asked.only!r} in its name.")
    checkouts = [Checkout(asked.before), Checkout(asked.after)]
    before, after = (f"{each.commit} ({each.layout[1]})" for each in checkouts)
    print(f"{platform.system()}, {os.cpu_count()} CPUs, ", end="")
    print(f"Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}; ", end="")
    if asked.instructions:
        print(f"{before} and {after}\n")
        compare_instructions(checkouts)
    else:
        print(f"{asked.pairs} pairs of {before} and {after}\n")
        compare(checkouts, asked.pairs, measured)


if __name__ == "__main__":
    main()
