"""Measure the emulator as a service, next to aimock where that is given.

    python benchmarks/service.py [--aimock PATH] [--seconds 5]

Needs `wrk`. PATH is where `npm install @copilotkit/aimock` was run. Both servers get
the same requests, and aimock is told to answer with as many bytes.
"""

import argparse
import gc
import http.client
import os
import platform
import re
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import orjson
from benchmark import free_port, serve

from emulator.account import KEY, MODEL
from emulator.core import Emulator
from emulator.http import Pieces, Reply, Request

PATH = "/openai/v1/responses"
HEADERS = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
PROMPT = "Say hello to the world in one sentence."
COUNT = "Count to 100."  # streams 199 deltas: numbers and the commas between them
DELTAS = 199
STREAMS = 50
STORED = 100_000
AIMOCK = Path("node_modules/@copilotkit/aimock/dist/cli.js")
Measured = dict[str, str]


def main() -> None:
    """Take all measurements and print them as one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--aimock", type=Path, help="where aimock is installed")
    parser.add_argument("--seconds", type=int, default=5, help="of each run of wrk")
    asked = parser.parse_args()

    ours = service(lambda port: serve(port), PATH, asked.seconds, store=True)
    theirs: Measured = {}
    if asked.aimock:
        with tempfile.TemporaryDirectory() as folder:
            fixtures = write_fixtures(Path(folder))
            command = ["node", str(asked.aimock / AIMOCK), "--log-level", "silent"]
            command += ["--chunk-size", "2", "--fixtures", str(fixtures)]
            theirs = service(
                lambda port: subprocess.Popen(
                    [*command, "--port", str(port)], stdout=subprocess.DEVNULL
                ),
                "/v1/responses",
                asked.seconds,
                store=False,
            )
    python = platform.python_version()
    print(f"{platform.system()}, {os.cpu_count()} CPUs, Python {python}\n")
    print("| what | emulator | aimock | target |")
    print("| --- | --- | --- | --- |")
    for what, target in TARGETS.items():
        print(f"| {what} | {ours[what]} | {theirs.get(what, '')} | {target} |")
    for what, measured, target in in_process():
        print(f"| {what} | {measured} | | {target} |")


TARGETS = {
    "plain create, 1 connection, requests/s": "aimock's",
    "plain create, 8 connections, requests/s": "aimock's",
    "plain create, 32 connections, requests/s": "aimock's",
    "the server's CPU for one at 8 connections, us": "",
    f"stream of {DELTAS} deltas, events/s": "aimock's",
    "first event, ms": "aimock's",
    "start to first answer, s": "at most 0.2",
    "memory idle, MB": "at most 40",
    f"memory after {STORED:,} more responses, MB": "bounded",
}


# Over HTTP


def service(
    start: Callable[[int], "subprocess.Popen[bytes]"],
    path: str,
    seconds: int,
    *,
    store: bool,
) -> Measured:
    """What a server of its own process does, by the names in TARGETS."""
    whats = iter(TARGETS)
    starts = [first_answer(start, path) for _ in range(5)]
    with running(start, path) as (process, url):
        idle = memory(process)
        rates = [wrk(url, 1, seconds)]
        used = cpu(process)
        rates.append(wrk(url, 8, seconds))
        used = (cpu(process) - used) / (rates[1] * seconds)
        rates.append(wrk(url, 32, seconds))
        events, first = streams(url)
        if store:
            fill(url)
        full = memory(process)
    values = [f"{rate:,.0f}" for rate in rates]
    values.append(f"{used * 1e6:.0f}")
    values += [f"{events:,.0f}", f"{first * 1000:.1f}"]
    values += [f"{statistics.median(starts):.2f}", f"{idle:.0f}"]
    values += [f"{full:.0f}" if store else ""]
    return dict(zip(whats, values, strict=True))


@contextmanager
def running(
    start: Callable[[int], "subprocess.Popen[bytes]"], path: str
) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """A server that has answered once, and the URL to post to."""
    port = free_port()
    process = start(port)
    url = f"http://127.0.0.1:{port}{path}"
    try:
        until_answered(url)
        yield process, url
    finally:
        process.terminate()
        process.wait()


def first_answer(start: Callable[[int], "subprocess.Popen[bytes]"], path: str) -> float:
    """Seconds from starting a server to its first answer to a create."""
    begin = time.perf_counter()
    with running(start, path):
        return time.perf_counter() - begin


def until_answered(url: str) -> None:
    """Return when a create has been answered."""
    for _ in range(5_000):
        try:
            post(url, {"model": MODEL, "input": PROMPT})
        except OSError:
            time.sleep(0.001)
        else:
            return
    raise SystemExit(f"Nothing answers at {url}.")


def post(url: str, body: object) -> bytes:
    """The reply to one request. Raises OSError, also for what is no 200."""
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.netloc)
    try:
        connection.request("POST", place.path, orjson.dumps(body), HEADERS)
        reply = connection.getresponse()
        content = reply.read()
    finally:
        connection.close()
    if reply.status != 200:
        raise OSError(f"{reply.status} {content[:200]!r}")
    return content


def wrk(url: str, connections: int, seconds: int) -> float:
    """Plain creates per second over so many connections."""
    body = orjson.dumps({"model": MODEL, "input": PROMPT}).decode()
    headers = "\n".join(f'wrk.headers["{k}"] = "{v}"' for k, v in HEADERS.items())
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(f"wrk.method = 'POST'\nwrk.body = '{body}'\n{headers}\n")
        script.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
        command += ["-s", script.name, url]
        told = subprocess.run(command, capture_output=True, text=True, check=True)
    if "Non-2xx" in told.stdout or "Socket errors" in told.stdout:
        raise SystemExit(told.stdout)
    found = re.search(r"Requests/sec:\s+([\d.]+)", told.stdout)
    assert found
    return float(found[1])


def streams(url: str) -> tuple[float, float]:
    """Events per second of the best stream, and the median seconds to the first."""
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
    return statistics.median(rates), statistics.median(firsts)


def fill(url: str) -> None:
    """Create STORED responses, over one connection."""
    place = urlsplit(url)
    body = orjson.dumps({"model": MODEL, "input": PROMPT})
    connection = http.client.HTTPConnection(place.netloc)
    for _ in range(STORED):
        connection.request("POST", place.path, body, HEADERS)
        connection.getresponse().read()
    connection.close()


def cpu(process: "subprocess.Popen[bytes]") -> float:
    """Seconds of CPU that a process has used; Linux only."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(process: "subprocess.Popen[bytes]") -> float:
    """Resident memory of a process, in MB (10^6 bytes); Linux only."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024 / 1e6


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


def in_process() -> Iterator[tuple[str, str, str]]:
    """What the SDK costs on the emulator's transport; and a long chain."""
    import httpx2
    from openai import OpenAI

    from emulator.adapters.transport import Transport

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
    told = f"{ours_ms:.2f} ms, {ours_ms / constant_ms:.2f} x"
    what = "in process, one create through the SDK, to a constant reply"
    yield what, told, f"at most 1.15 x {constant_ms:.2f} ms"

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
        "fewer than all",
    )
    early, late = chain()
    yield (
        "chain by `previous_response_id`: turn 1,000 to turn 10",
        f"{late * 1e6:.0f} to {early * 1e6:.0f} us, {late / early:.1f} x",
        "at most 2 x",
    )


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
