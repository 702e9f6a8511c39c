"""Measure the emulator as a service, next to aimock where that is given.

    python emulator/benchmarks/service.py [--aimock PATH] [--rounds 5] [--seconds 3]

Needs `wrk`. PATH is where `npm install @copilotkit/aimock` was run. Both servers get
the same requests, and aimock is told to answer with as many bytes. The floor is what is
left of the emulator when it gives a constant: service_floor.py, or the SDK over it.
"""

import argparse
import gc
import http.client
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import orjson
from benchmark import serve
from load import SURROUNDINGS, cpu, free_port, memory, until_answered, wrk
from service_floor import HEADERS, PATH, PROMPT

from responses_emulator.account import KEY, MODEL
from responses_emulator.core import Emulator
from responses_emulator.http import Pieces, Reply, Request

COUNT = "Count to 100."  # streams 199 deltas: numbers and the commas between them
DELTAS = 199
STREAMS = 50
STORED = 100_000
AIMOCK = Path("node_modules/@copilotkit/aimock/dist/cli.js")
Measured = dict[str, float]  # by the names in MEASURED
Server = tuple[Callable[[int], "subprocess.Popen[bytes]"], str]  # start on a port, path


def main() -> None:
    """Take all measurements and print them as one Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--aimock", type=Path, help="where aimock is installed")
    parser.add_argument("--seconds", type=int, default=3, help="of each run of wrk")
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()

    servers: dict[str, Server] = {"emulator": (serve, PATH), "floor": (floor, PATH)}
    with tempfile.TemporaryDirectory() as folder:
        if asked.aimock:
            fixtures = write_fixtures(Path(folder))
            command = ["node", str(asked.aimock / AIMOCK), "--log-level", "silent"]
            command += ["--chunk-size", "2", "--fixtures", str(fixtures)]
            servers["aimock"] = (
                lambda port: subprocess.Popen(
                    [*command, "--port", str(port)], stdout=subprocess.DEVNULL
                ),
                "/v1/responses",
            )
        measured = over_http(servers, asked.rounds, asked.seconds)
    python = platform.python_version()
    print(f"{platform.system()}, {os.cpu_count()} CPUs, Python {python}\n")
    print("| what | emulator | aimock | floor | target |")
    print("| --- | --- | --- | --- | --- |")
    for what, (form, _, target) in MEASURED.items():
        values = [
            measured.get(n, {}).get(what) for n in ("emulator", "aimock", "floor")
        ]
        shown = ["" if value is None else form.format(value) for value in values]
        print(f"| {what} | {' | '.join(shown)} | {target} |")
    for what, told, lowest, target in in_process():
        print(f"| {what} | {told} | | {lowest} | {target} |")


def floor(port: int) -> "subprocess.Popen[bytes]":
    """The emulator's server, giving a constant."""
    command = [sys.executable, "service_floor.py", str(port)]
    return subprocess.Popen(command, cwd=Path(__file__).parent, env=SURROUNDINGS)


# Over HTTP: of each row the form of its number, which of several is the best, and the
# target. What others do on a machine makes a server slower, and never quicker.
MEASURED: dict[str, tuple[str, Callable[[list[float]], float], str]] = {
    "plain create, 1 connection, requests/s": ("{:,.0f}", max, "aimock's"),
    "plain create, 8 connections, requests/s": ("{:,.0f}", max, "aimock's"),
    "plain create, 32 connections, requests/s": ("{:,.0f}", max, "aimock's"),
    "the same at 8, no question asked twice, requests/s": ("{:,.0f}", max, "aimock's"),
    "the server's CPU for one at 8 connections, us": ("{:.0f}", min, ""),
    f"stream of {DELTAS} deltas, events/s": ("{:,.0f}", max, "aimock's"),
    "first event, ms": ("{:.1f}", min, "aimock's"),
    "start to first answer, s": ("{:.2f}", min, "at most 0.2"),
    "memory idle, MB": ("{:.0f}", min, "at most 40"),
    f"memory after {STORED:,} more responses, MB": ("{:.0f}", min, "bounded"),
}


def over_http(
    servers: dict[str, Server], rounds: int, seconds: int
) -> dict[str, Measured]:
    """The best of several rounds, in which the servers take turns."""
    taken: dict[str, list[list[float]]] = {name: [] for name in servers}
    starts: dict[str, list[float]] = {name: [] for name in servers}
    with ExitStack() as stack:
        for _ in range(rounds):
            for name, server in servers.items():
                starts[name].append(first_answer(*server))
        up = {name: stack.enter_context(running(*s)) for name, s in servers.items()}
        idle = {name: memory(process) for name, (process, _) in up.items()}
        for _ in range(rounds):
            for name, (process, url) in up.items():
                taken[name].append(creates(process, url, seconds))
                if name != "floor":
                    taken[name][-1] += streams(url)
        process, url = up["emulator"]
        fill(url)
        full = memory(process)
    measured: dict[str, Measured] = {}
    for name, lists in taken.items():
        columns = [list(column) for column in zip(*lists, strict=True)]
        if name != "floor":
            columns += [starts[name], [idle[name]]]
        measured[name] = {
            what: best(column)
            for (what, (_, best, _)), column in zip(
                MEASURED.items(), columns, strict=False
            )
        }
    measured["emulator"][list(MEASURED)[-1]] = full
    return measured


def creates(process: "subprocess.Popen[bytes]", url: str, seconds: int) -> list[float]:
    """The rows of MEASURED that are about plain creates."""
    one = rate(url, 1, seconds)
    used = cpu(process)
    eight = rate(url, 8, seconds)
    used = (cpu(process) - used) / (eight * seconds)
    many = rate(url, 32, seconds)
    fresh = rate(url, 8, seconds, again=False)
    return [one, eight, many, fresh, used * 1e6]


def rate(url: str, connections: int, seconds: int, *, again: bool = True) -> float:
    """Plain creates per second: the same `again`, or each a question of its own."""
    body = {"model": MODEL, "input": PROMPT if again else f"{PROMPT} %d"}
    return wrk(url, HEADERS, body, connections, seconds, numbered=not again)


@contextmanager
def running(
    start: Callable[[int], "subprocess.Popen[bytes]"], path: str
) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """A server that has answered once, and the URL to post to."""
    port = free_port()
    process = start(port)
    url = f"http://127.0.0.1:{port}{path}"
    try:
        until_answered(url, HEADERS, {"model": MODEL, "input": PROMPT})
        yield process, url
    finally:
        process.terminate()
        process.wait()


def first_answer(start: Callable[[int], "subprocess.Popen[bytes]"], path: str) -> float:
    """Seconds from starting a server to its first answer to a create."""
    begin = time.perf_counter()
    with running(start, path):
        return time.perf_counter() - begin


def streams(url: str) -> list[float]:
    """The rows of MEASURED that are about streams: the median of several."""
    place = urlsplit(url)
    body = orjson.dumps({"model": MODEL, "input": COUNT, "stream": True})
    rates: list[float] = []
    firsts: list[float] = []
    connection = http.client.HTTPConnection(place.netloc)
    for _ in range(STREAMS):
        begin = time.perf_counter()
        connection.request("POST", place.path, body, HEADERS)
        reply = connection.getresponse()
        content = reply.read1(65536)
        firsts.append(time.perf_counter() - begin)
        content += reply.read()
        taken = time.perf_counter() - begin
        deltas = content.count(b"event: response.output_text.delta")
        if deltas != DELTAS:
            raise SystemExit(f"A stream had {deltas} deltas instead of {DELTAS}.")
        rates.append(content.count(b"\ndata: ") / taken)
    connection.close()
    return [statistics.median(rates), statistics.median(firsts) * 1000]


def fill(url: str) -> None:
    """Create STORED responses, over one connection."""
    place = urlsplit(url)
    body = orjson.dumps({"model": MODEL, "input": PROMPT})
    connection = http.client.HTTPConnection(place.netloc)
    for _ in range(STORED):
        connection.request("POST", place.path, body, HEADERS)
        connection.getresponse().read()
    connection.close()


def write_fixtures(folder: Path) -> Path:
    """What aimock answers: as many bytes, and as many deltas of two characters."""
    request = {"model": MODEL, "input": PROMPT}
    size = len(handle(Emulator(), request))
    fixtures = [
        {"match": {"userMessage": PROMPT}, "response": {"content": "x" * (size - 700)}},
        {"match": {"userMessage": COUNT}, "response": {"content": "ab" * DELTAS}},
    ]
    path = folder / "fixtures.json"
    path.write_bytes(orjson.dumps({"fixtures": fixtures}))
    return path


# In process


def in_process() -> Iterator[tuple[str, str, str, str]]:
    """What the SDK costs on the emulator's transport; and a long chain.

    Gives what is measured, the emulator's figure, the floor's, and the target.
    """
    import httpx2
    from openai import OpenAI

    from responses_emulator.adapters.transport import Transport

    emulator = Emulator()
    reply = handle(emulator, {"model": MODEL, "input": PROMPT})

    def constant(_: httpx2.Request) -> httpx2.Response:
        headers = {"content-type": "application/json"}
        return httpx2.Response(200, headers=headers, content=reply)

    def client(transport: httpx2.BaseTransport) -> OpenAI:
        http_client = httpx2.Client(transport=transport)
        base_url = "http://emulator/openai/v1/"
        return OpenAI(api_key=KEY, base_url=base_url, http_client=http_client)

    floor = client(httpx2.MockTransport(constant))
    ours = client(Transport(emulator.handle))
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(1_000):  # in turn: the machine's speed drifts
        for sdk, taken in zip((floor, ours), times, strict=True):
            begin = time.perf_counter()
            sdk.responses.create(model=MODEL, input=PROMPT)
            taken.append(time.perf_counter() - begin)
    constant_ms, ours_ms = (statistics.median(taken) * 1000 for taken in times)
    ratio = statistics.median(b / a for a, b in zip(*times, strict=True))
    yield "in process, one create without the SDK", f"{alone(emulator):.0f} us", "", ""
    told = f"{ours_ms:.2f} ms, {ratio:.2f} x"
    what = "in process, one create through the SDK"
    yield what, told, f"{constant_ms:.2f} ms", "at most 1.15 x the floor"

    def made_at_the_first() -> int:
        made = 0

        def watched(request: Request) -> Reply:
            nonlocal made
            answer = emulator.handle(request)
            if not isinstance(answer.body, bytes):
                answer.body = counted(answer.body)
            return answer

        def counted(pieces: Pieces) -> Pieces:
            nonlocal made
            for piece in pieces:
                made += 1
                yield piece

        with client(Transport(watched)).responses.create(
            model=MODEL, input=COUNT, stream=True
        ) as stream:
            next(iter(stream))
            return made

    yield (
        f"in process, events made when the first of {DELTAS} deltas' is read",
        str(made_at_the_first()),
        "",
        "fewer than all",
    )
    early, late = chain()
    yield (
        "chain by `previous_response_id`: turn 1,000 to turn 10",
        f"{late * 1e6:.0f} to {early * 1e6:.0f} us, {late / early:.1f} x",
        "",
        "at most 2 x",
    )


def alone(emulator: Emulator) -> float:
    """Microseconds of one create, over and over: of the quickest hundred."""
    body = {"model": MODEL, "input": PROMPT}

    def hundred() -> float:
        begin = time.perf_counter()
        for _ in range(100):
            handle(emulator, body)
        return (time.perf_counter() - begin) / 100

    return min(hundred() for _ in range(50)) * 1e6


def chain() -> tuple[float, float]:
    """Median seconds of turns around 10 and around 1,000 of one chain."""
    emulator = Emulator()
    previous: str | None = None
    times: list[float] = []
    for turn in range(1_005):
        body = {
            "model": MODEL,
            "input": f"Note {turn}.",
            "previous_response_id": previous,
        }
        gc.collect(0)
        begin = time.perf_counter()
        content = handle(emulator, body)
        times.append(time.perf_counter() - begin)
        previous = orjson.loads(content)["id"]
    return statistics.median(times[5:15]), statistics.median(times[995:1005])


def handle(emulator: Emulator, body: object) -> bytes:
    """The body of the reply to a create."""
    reply = emulator.handle(Request("POST", PATH, HEADERS, orjson.dumps(body)))
    assert isinstance(reply.body, bytes)
    assert reply.status == 200, reply.body
    return reply.body


if __name__ == "__main__":
    main()
