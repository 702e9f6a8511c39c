"""Where the time of one create goes, stage by stage, within the server.

    python emulator/benchmarks/service_stages.py [--seconds 3]

Needs `wrk`. Each stage is timed without those that it calls. To read the clock twice a
stage costs some of what is measured: the sum is a little more than without.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from load import SURROUNDINGS, cpu
from service import PATH, rate, running

from responses_emulator import contract
from responses_emulator.adapters import connection
from responses_emulator.commands.serve import serve
from responses_emulator.core import Emulator
from responses_emulator.model.standin import plain_answers
from responses_emulator.resources import responses

# In the order in which a request comes to them.
STAGES: dict[str, tuple[Any, str]] = {
    "read the request": (connection.Connection, "data_received"),
    "core, route, resource, store": (Emulator, "handle"),
    "contract": (contract, "check"),
    "model: what to say": (plain_answers, "answer"),
    "the reply as JSON": (responses, "json_reply"),
    "the reply's head": (connection, "head"),
    "write it to the socket": (connection.Connection, "_write_whole"),
}
REST = "event loop, and waiting for the next request"
CASES = {
    "the same, 1 connection": (1, True),
    "the same, 8": (8, True),
    "asked once, 8": (8, False),
}


def main() -> None:
    """Print the table that README.md holds; or be the server that is looked at."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=int, default=3, help="of each run of wrk")
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--into", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.port:
        taken = Stopwatch()
        for stage, (owner, name) in STAGES.items():
            setattr(owner, name, taken.timed(stage, getattr(owner, name)))
        serve(host="127.0.0.1", port=asked.port)
        medians = {stage: statistics.median(taken.seconds[stage]) for stage in STAGES}
        asked.into.write_text(json.dumps(medians))
        return
    columns = {name: stages(*case, asked.seconds) for name, case in CASES.items()}
    print(f"{platform.system()}, {os.cpu_count()} CPUs, ", end="")
    print(f"Python {platform.python_version()}; us of CPU, medians\n")
    print(f"| stage | {' | '.join(CASES)} |")
    print("| --- |" + " --- |" * len(CASES))
    for stage in [*STAGES, REST, "all"]:
        values = [f"{column[stage] * 1e6:.1f}" for column in columns.values()]
        print(f"| {stage} | {' | '.join(values)} |")


class Stopwatch:
    """Times functions that call each other, each without the others."""

    def __init__(self) -> None:
        """Nothing is timed yet."""
        self.seconds: dict[str, list[float]] = {stage: [] for stage in STAGES}
        self._running: list[float] = []  # seconds so far, outermost first
        self._since = 0.0

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function; each call's seconds are kept under `stage`."""
        kept, running, clock = self.seconds[stage], self._running, time.perf_counter

        def call(*args: Any, **named: Any) -> Any:
            now = clock()
            if running:
                running[-1] += now - self._since
            running.append(0.0)
            self._since = clock()
            try:
                return function(*args, **named)
            finally:
                now = clock()
                kept.append(running.pop() + now - self._since)
                self._since = clock()

        return call


def stages(connections: int, again: bool, seconds: int) -> dict[str, float]:
    """Seconds of each stage, for a server of its own; parameters as for `rate`."""
    with TemporaryDirectory() as folder:
        into = Path(folder) / "medians.json"

        def start(port: int) -> "subprocess.Popen[bytes]":
            command = [sys.executable, __file__, "--port", str(port)]
            command += ["--into", str(into)]
            output = subprocess.DEVNULL
            return subprocess.Popen(command, env=SURROUNDINGS, stdout=output)

        with running(start, PATH) as (process, url):
            used = cpu(process)
            answered = seconds * rate(url, connections, seconds, again=again)
            used = (cpu(process) - used) / answered
        taken: dict[str, float] = json.loads(into.read_text())
    return taken | {REST: used - sum(taken.values()), "all": used}


if __name__ == "__main__":
    main()
