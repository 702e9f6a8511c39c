"""Measure what the emulator costs: print the table that README.md holds.

    python emulator/benchmarks/benchmark.py [--rounds 15]

`run` and the script alone are timed in turn, pair by pair, so that a machine whose
speed drifts does not favour one of them; the ratio is taken within each pair.
"""

import argparse
import os
import platform
import re
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

from load import SURROUNDINGS, free_port  # noqa: E402

from responses_emulator.account import environment  # noqa: E402

SAMPLE = ROOT / "python" / "responses-basic-aoai-v1.py"


def main() -> None:
    """Take the three measurements and print them as one Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15, help="pairs to time")
    rounds = parser.parse_args().rounds

    print(
        f"{platform.system()}, {os.cpu_count()} CPUs, Python {sys.version.split()[0]}"
    )
    print(f"{rounds} rounds after one warm-up; median (lowest to highest)\n")
    print("| what | measured | target |")
    print("| --- | --- | --- |")
    alone, with_run = pairs(rounds)
    ratios = [ours / theirs for ours, theirs in zip(with_run, alone, strict=True)]
    print(f"| script alone, emulator already up | {spread(alone)} s | |")
    print(
        f"| `python -m responses_emulator run` of the script | {spread(with_run)} s | |"
    )
    print(f"| ratio, pair by pair | {spread(ratios)} | at most 1.15 |")
    starts = [first_answer() for _ in range(rounds + 1)][1:]
    print(f"| `serve`: start to first answer | {spread(starts)} s | at most 0.2 s |")
    samples, taken = suite()
    print(f"| {samples} samples in one process | {taken:.1f} s | at most 10 s |")


def pairs(rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of the script alone and of `run`, in turn."""
    port = free_port()
    server = serve(port)
    base_url = f"http://127.0.0.1:{port}"
    wait_for(base_url)
    settings = SURROUNDINGS | environment(base_url) | {"NO_PROXY": "127.0.0.1"}
    alone = [sys.executable, str(SAMPLE)]
    ours = [sys.executable, "-m", "responses_emulator", "run", str(SAMPLE)]
    try:
        timed = [
            (seconds(lambda: call(alone, settings)), seconds(lambda: call(ours)))
            for _ in range(rounds + 1)
        ][1:]
    finally:
        server.terminate()
        server.wait()
    return [a for a, _ in timed], [b for _, b in timed]


def first_answer() -> float:
    """Seconds from starting `serve` to its first reply."""
    port = free_port()

    def start() -> None:
        nonlocal server
        server = serve(port)
        wait_for(f"http://127.0.0.1:{port}")

    server: subprocess.Popen[bytes] | None = None
    taken = seconds(start)
    assert server
    server.terminate()
    server.wait()
    return taken


def suite() -> tuple[int, float]:
    """How many samples pytest runs over the mocked transport, and in how many seconds.

    They are all but the chat apps.
    """
    test = "tests/samples/test_every_sample.py"
    command = [sys.executable, "-m", "pytest", "-q", test, "-k", "any_folder"]
    start = time.perf_counter()
    told = subprocess.run(
        command, cwd=ROOT, env=SURROUNDINGS, capture_output=True, text=True, check=True
    )
    taken = time.perf_counter() - start
    passed = re.search(r"(\d+) passed", told.stdout)
    assert passed
    return int(passed[1]), taken


def serve(port: int) -> "subprocess.Popen[bytes]":
    """A served emulator of its own process."""
    return subprocess.Popen(
        [sys.executable, "-m", "responses_emulator", "serve", "--port", str(port)],
        cwd=ROOT,
        env=SURROUNDINGS,
        stdout=subprocess.DEVNULL,
    )


def wait_for(base_url: str) -> None:
    """Return when the server there has answered, whatever it said."""
    for _ in range(5_000):
        try:
            urllib.request.urlopen(f"{base_url}/openai/v1/models", timeout=5).close()
        except urllib.error.HTTPError as reply:
            reply.close()
            return
        except OSError:
            time.sleep(0.002)
    raise SystemExit(f"Nothing answers at {base_url}.")


def call(command: list[str], settings: dict[str, str] | None = None) -> None:
    """Run a command to its successful end, its output thrown away."""
    subprocess.run(
        command,
        cwd=ROOT,
        env=settings or SURROUNDINGS,
        stdout=subprocess.DEVNULL,
        check=True,
    )


def seconds(action: Callable[[], None]) -> float:
    """How long an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def spread(values: list[float]) -> str:
    """Median, lowest and highest."""
    median = statistics.median(values)
    return f"{median:.2f} ({min(values):.2f} to {max(values):.2f})"


if __name__ == "__main__":
    main()
