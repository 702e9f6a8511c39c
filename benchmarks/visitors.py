"""Measure many visitors of the chat app at once: print the tables in README.md.

    python benchmarks/visitors.py [--rounds 3] [--visitors 1 8 50] [--before COMMIT]

The emulator (visitors_service.py), the app, unmodified, and Gradio's own floor
(visitors_floor.py) are processes of their own; this one is all the visitors
(visitors_page.py). They talk to each other over the loopback alone. Linux only (/proc).
The floor yields what the app has yielded to one visitor. What the app's streams cost
the SDK is measured apart, without Gradio, in this process. With COMMIT, the app of that
commit and its own floor are measured in the same rounds: its files are taken from git.
"""

import argparse
import asyncio
import contextlib
import importlib.util
import io
import json
import os
import platform
import re
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Awaitable, Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from openai import AsyncOpenAI, DefaultAsyncHttpxClient
from visitors_page import Visitor, fetch

HERE = Path(__file__).parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT))

from responses_emulator.account import KEY, MODEL  # noqa: E402
from responses_emulator.commands.surroundings import surroundings  # noqa: E402

APP = "responses-conversation-stream-gradio-v1.py"
FLOOR = "visitors_floor.py"
SERVICE = HERE / "visitors_service.py"
POEM = "Write a poem of 100 words about {}."  # about 180 events: four seconds
MOST_SECONDS = 120  # no turn of all visitors takes that long unless something hangs
COLUMNS = {
    "chunk": "first chunk, s",
    "token": "first token, s",
    "last": "last visitor's, s",
    "wall": "all done, s",
    "yields": "yields",
    "app": "app's CPU, s",
    "service": "service's",
    "client": "visitors'",
}

Numbers = dict[str, float]


@dataclass
class Side:
    """An app and its floor, and the page that knows how to use them."""

    name: str
    folder: Path
    visitor: type[Visitor] = Visitor

    @property
    def app(self) -> Path:
        """The script that is the app."""
        return self.folder / "python" / APP

    @property
    def floor(self) -> Path:
        """The script that is its floor: FILE with constants is its argument."""
        return self.folder / "benchmarks" / FLOOR


def before(commit: str, folder: Path) -> Side:
    """The app as it was at a commit, with the benchmark of then, put into a folder."""
    command = ["git", "-C", str(ROOT), "archive", commit]
    archive = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    page = folder / "benchmarks" / "visitors_page.py"
    spec = importlib.util.spec_from_file_location("page_before", page)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Side("before", folder, module.Visitor)


async def opened(count: int, port: int, side: Side) -> list[Visitor]:
    """A page for each visitor."""
    config = await fetch(port, "/config")
    return [side.visitor(port, config, f"Xyz{n:02}") for n in range(count)]


async def crowd(visitors: list[Visitor], service: int, pids: list[int]) -> Numbers:
    """Three turns of all visitors; the second, a poem for each, is measured."""

    async def turn(text: str) -> float:
        start = time.perf_counter()
        async with asyncio.timeout(MOST_SECONDS):
            await asyncio.gather(*(v.say(text.format(v.name)) for v in visitors))
        return time.perf_counter() - start

    await turn("My name is {}.")
    before = [cpu_seconds(pid) for pid in pids]
    wall = await turn(POEM)
    used = [cpu_seconds(p) - b for p, b in zip(pids, before, strict=True)]
    numbers = {
        "chunk": median(v.first_chunk for v in visitors),
        "token": median(v.first_token for v in visitors),
        "last": max(v.first_token for v in visitors),
        "wall": wall,
        "yields": median(len(v.turns[1]) for v in visitors),
        **dict(zip(("app", "service", "client"), used, strict=True)),
    }
    await turn("What is my name?")
    numbers["mixed"] = await mixed_up(visitors, service) if service else 0
    return numbers


async def mixed_up(visitors: list[Visitor], service: int) -> int:
    """How many visitors got, or sent, text or ids that are not theirs."""
    wrong = 0
    taken: set[str] = set()
    for visitor in visitors:
        read = b"".join(visitor.read).decode()
        chat = visitor.shown[visitor.chatbot]
        ids = [i for m in chat if (i := (m["metadata"] or {}).get("id"))]
        path = "/openai/v1/responses/"
        stored = [await fetch(service, path + i) for i in ids]
        sent = json.dumps(await fetch(service, f"{path}{ids[-1]}/input_items"))
        wrong += not (
            set(re.findall(r"Xyz\d\d", read + sent)) == {visitor.name}
            and visitor.name in json.dumps(chat[-1])  # "Your name is ..."
            and set(re.findall(r"resp_\w+", read)) == set(ids)
            and [r["previous_response_id"] for r in stored] == [None, *ids[:-1]]
            and taken.isdisjoint(ids)
        )
        taken.update(ids)
    return wrong


async def streams(count: int, client: AsyncOpenAI) -> Numbers:
    """CPU seconds for the poems' streams: bytes read, and objects made of them."""

    async def read(name: str) -> None:
        async with client.responses.with_streaming_response.create(
            **request(name)
        ) as reply:
            async for _ in reply.iter_bytes():
                pass

    async def made(name: str) -> None:
        async with await client.responses.create(**request(name)) as stream:
            async for _ in stream:
                pass

    def request(name: str) -> dict[str, Any]:
        reasoning = {"effort": "medium", "summary": "auto"}
        poem = POEM.format(name)
        return {"model": MODEL, "input": poem, "reasoning": reasoning, "stream": True}

    async def seconds(one: Callable[[str], Awaitable[None]]) -> float:
        begin = time.process_time()
        await asyncio.gather(*(one(f"Xyz{n:02}") for n in range(count)))
        return time.process_time() - begin

    return {"read": await seconds(read), "made": await seconds(made)}


def cpu_seconds(pid: int) -> float:
    """What a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes(pid: int, what: str = "VmRSS") -> float:
    """Memory of a process; VmHWM is the most that VmRSS has been."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition(f"{what}:")[2].split()[0]) / 1024


@contextlib.contextmanager
def running(script: Path, *arguments: str, **env: str) -> Generator[tuple[int, int]]:
    """Port and process id of a script that serves, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(script), *(a.format(port=port) for a in arguments)]
    settings = {**os.environ, **env, "GRADIO_SERVER_PORT": str(port)}
    quiet = {**settings, "GRADIO_ANALYTICS_ENABLED": "False"}
    process = subprocess.Popen(command, env=quiet, stdout=subprocess.DEVNULL)
    try:
        for _ in range(600):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            time.sleep(0.1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


@dataclass
class Served:
    """A process that visitors can be sent to."""

    name: str
    side: Side
    port: int
    pid: int
    service: int  # the port of the emulator that it asks; a floor asks none


async def started(
    side: Side, service: int, others: list[int], ends: contextlib.ExitStack
) -> tuple[Served, Served]:
    """An app and its floor, which gives what one visitor alone got from the app."""
    url = f"http://127.0.0.1:{service}"
    port, pid = ends.enter_context(running(side.app, **surroundings(url, {})))
    alone: list[tuple[float, Visitor]] = []
    for _ in range(3):
        visitors = await opened(1, port, side)
        numbers = await crowd(visitors, service, [pid, *others])
        alone.append((numbers["wall"], visitors[0]))
    _, fastest = min(alone, key=lambda one: one[0])
    constants = Path(ends.enter_context(TemporaryDirectory())) / "constants.json"
    constants.write_text(json.dumps(fastest.constants()), "utf-8")
    floor = ends.enter_context(running(side.floor, str(constants)))
    await crowd(await opened(1, floor[0], side), 0, [floor[1], *others])
    app_name = "app" if side.name == "now" else side.name
    floor_name = "floor" if side.name == "now" else f"floor {side.name}"
    return (
        Served(app_name, side, port, pid, service),
        Served(floor_name, side, *floor, 0),
    )


async def measure(counts: list[int], rounds: int, commit: str | None) -> None:
    """Run the apps and their floors in turn and print what came out."""
    found: dict[tuple[str, int], list[Numbers]] = {}
    few, many = min(counts), max(counts)
    with contextlib.ExitStack() as ends:
        service, service_pid = ends.enter_context(running(SERVICE, "{port}"))
        others = [service_pid, os.getpid()]
        served = [*await started(Side("now", ROOT), service, others, ends)]
        app = served[0]
        rest = megabytes(app.pid)
        if commit:
            old = before(commit, Path(ends.enter_context(TemporaryDirectory())))
            served += await started(old, service, others, ends)
        client = AsyncOpenAI(
            api_key=KEY,
            base_url=f"http://127.0.0.1:{service}/openai/v1/",
            http_client=DefaultAsyncHttpxClient(trust_env=False),  # no proxy
        )
        await streams(1, client)
        for _ in range(rounds):
            for n in counts:
                for one in served:
                    visitors = await opened(n, one.port, one.side)
                    numbers = await crowd(visitors, one.service, [one.pid, *others])
                    found.setdefault((one.name, n), []).append(numbers)
            found["app", many][-1] |= await streams(many, client)
        each = (megabytes(app.pid, "VmHWM") - rest) / many

    print(f"{platform.system()}, {os.cpu_count()} CPUs, ", end="")
    print(f"Python {platform.python_version()}; median of {rounds} rounds.\n")
    print(f"| | visitors | {' | '.join(COLUMNS.values())} |")
    print("| --- " * (len(COLUMNS) + 2) + "|")
    for (name, n), taken in found.items():
        cells = [f"{median(r[c] for r in taken):.4g}" for c in COLUMNS]
        print(f"| {name} | {n} | {' | '.join(cells)} |")

    def ratio(what: str, over: tuple[str, int], under: tuple[str, int]) -> str:
        pairs = zip(found[over], found[under], strict=True)
        return f"{median(o[what] / u[what] for o, u in pairs):.2f}"

    one, some, all_ = (("app", count) for count in (few, *counts[1:2], many))
    idle, least = ("floor", few), ("floor", many)

    def above(name: str, floor: str, count: int) -> float:
        pairs = zip(found[name, count], found[floor, count], strict=True)
        return median(app["app"] - floor["app"] for app, floor in pairs)

    mixed = sum(r["mixed"] for taken in found.values() for r in taken)
    print("\n| what | measured | target |")
    print("| --- | --- | --- |")
    print(
        f"| last first token, {some[1]} to {few} | {ratio('last', some, one)} | 1.2 |"
    )
    print(f"| first token, {many} to {few} | {ratio('token', all_, one)} | |")
    print(f"| the floor's, {many} to {few} | {ratio('token', least, idle)} | |")
    print(f"| first token, app to floor | {ratio('token', all_, least)} | 1.3 |")
    print(f"| all done, app to floor | {ratio('wall', all_, least)} | 1.2 |")
    for n in counts:
        cpu = above("app", "floor", n)
        target = f"{above('before', 'floor before', n):.2f} s" if commit else ""
        what = f"app's CPU above the floor's, {n} visitors"
        print(f"| {what} | {cpu:.2f} s | {target} |")
    print(f"| visitors who got or sent what is another's | {mixed:.0f} | 0 |")
    print(f"| memory at rest | {rest:.0f} MB | |")
    print(f"| memory for each visitor | {each:.2f} MB | |")

    app_cpu, read, made = (
        median(r[c] for r in found[all_]) for c in ("app", "read", "made")
    )
    gradio = median(r["app"] for r in found[least])
    print(f"\n| where the app's CPU goes, {many} visitors | s | share |")
    print("| --- | --- | --- |")
    for what, spent in {
        "Gradio: all that the floor does": gradio,
        "the SDK: reads the streams from their connections": read,
        "the SDK: makes an object of each event": made - read,
        "the rest: what these cost each other, and the app's own": (
            app_cpu - gradio - made
        ),
        "all": app_cpu,
    }.items():
        print(f"| {what} | {spent:.2f} | {spent / app_cpu:.0%} |")


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--visitors", type=int, nargs="+", default=[1, 8, 50])
    parser.add_argument("--before", metavar="COMMIT")
    arguments = parser.parse_args()
    asyncio.run(measure(arguments.visitors, arguments.rounds, arguments.before))


if __name__ == "__main__":
    main()
