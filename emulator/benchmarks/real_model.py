"""What the emulator adds to a real model's own time.

    python emulator/benchmarks/real_model.py [--rounds 15] [--pace 5]

The model is scripted: a server of chat completions that says its first token after 50
ms, and then one each PACE milliseconds. It is asked directly and through the emulator,
in turn, by 1 and by 8 clients at once. Each client has a thread and reads what comes as
it comes; the ratio is taken within each pair.
"""

import argparse
import asyncio
import http.client
import os
import platform
import socket
import statistics
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from typing import NamedTuple

import orjson
from load import SURROUNDINGS, free_port

from responses_emulator.account import KEY, MODEL

FIRST_SECONDS = 0.05
TOKENS = 200
STREAMS = (1, 8)
ENDPOINT = "--endpoint"


class Timed(NamedTuple):
    """How long after its request a stream's first token came, and its last."""

    first: float
    last: float

    @property
    def tokens_per_second(self) -> float:
        """Of the stream, once it has begun."""
        return (TOKENS - 1) / (self.last - self.first)


class Pair(NamedTuple):
    """One round: asked directly, and through the emulator."""

    direct: list[Timed]
    through: list[Timed]


def main() -> None:
    """Measure, and print a Markdown table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--pace", type=float, default=5.0, help="ms between tokens")
    asked = parser.parse_args()
    with ExitStack() as started:
        model, emulator = free_port(), free_port()
        command = [sys.executable, __file__, ENDPOINT, str(model), str(asked.pace)]
        endpoint = started.enter_context(subprocess.Popen(command))
        started.callback(endpoint.kill)
        wait_for(model)
        url = f"http://127.0.0.1:{model}/v1"
        serve = ["serve", "--port", str(emulator), "--model-url", url]
        serve += ["--model-parallel", str(max(STREAMS))]
        server = started.enter_context(
            subprocess.Popen(
                [sys.executable, "-m", "responses_emulator", *serve],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=SURROUNDINGS,
            )
        )
        started.callback(server.terminate)
        wait_for(emulator)
        measured: dict[int, list[Pair]] = {streams: [] for streams in STREAMS}
        for number in range(asked.rounds + 1):
            for streams in STREAMS:
                pair = Pair(ask(streams, model), ask(streams, emulator))
                if number:  # the first one warms up
                    measured[streams].append(pair)
        print(table(measured, asked.rounds, asked.pace))


def wait_for(port: int) -> None:
    """Return when somebody listens there."""
    for _ in range(5_000):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.002)
        else:
            return
    raise SystemExit(f"Nothing answers at port {port}.")


def ask(streams: int, port: int) -> list[Timed]:
    """So many clients at once."""
    timed: list[Timed] = []
    threads = [
        threading.Thread(target=lambda: timed.append(stream(port)))
        for _ in range(streams)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(timed) == streams
    return timed


def stream(port: int) -> Timed:
    """One stream of one of the two, which tell their tokens by different names."""
    path, body, mark = "/v1/chat/completions", {"messages": []}, b'"content":'
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/")  # so that to connect is no part of it
    if b"mulator" in connection.getresponse().read():
        path, body = "/openai/v1/responses", {"model": MODEL, "input": "Go on."}
        mark = b"response.output_text.delta\ndata"
    headers = {"api-key": KEY, "content-type": "application/json"}
    began = time.perf_counter()
    connection.request("POST", path, orjson.dumps({**body, "stream": True}), headers)
    response = connection.getresponse()
    assert response.status == 200, response.read()
    first = last = 0.0
    tokens = 0
    while piece := response.read1():
        found = piece.count(mark)
        if found:
            last = time.perf_counter() - began
            first = first or last
            tokens += found
    connection.close()
    assert tokens == TOKENS, tokens
    return Timed(first, last)


def table(measured: dict[int, list[Pair]], rounds: int, pace: float) -> str:
    """What was measured, beside what it should be."""
    lines = [
        f"{platform.system()}, {os.cpu_count()} CPUs, Python "
        f"{platform.python_version()}; {rounds} rounds after one warm-up, a token each "
        f"{pace:g} ms; median (lowest to highest).",
        "",
        "| what | directly | through the emulator | difference | target |",
        "| --- | --- | --- | --- | --- |",
    ]
    for streams, pairs in measured.items():
        direct = [1000 * median(pair.direct, "first") for pair in pairs]
        through = [1000 * median(pair.through, "first") for pair in pairs]
        more = [b - a for a, b in zip(direct, through, strict=True)]
        lines.append(
            f"| first token, streams at once: {streams} | {shown(direct)} ms | "
            f"{shown(through)} ms | {shown(more)} ms later | at most 5 ms |"
        )
    for streams, pairs in measured.items():
        direct = [median(pair.direct, "tokens_per_second") for pair in pairs]
        through = [median(pair.through, "tokens_per_second") for pair in pairs]
        ratio = [b / a for a, b in zip(direct, through, strict=True)]
        lines.append(
            f"| tokens/s of each, streams at once: {streams} | {shown(direct)} | "
            f"{shown(through)} | {shown(ratio, 3)} x | at least 0.95 x |"
        )
    return "\n".join(lines)


def median(timed: list[Timed], name: str) -> float:
    """Of the streams of one round."""
    return statistics.median(getattr(each, name) for each in timed)


def shown(values: list[float], digits: int = 1) -> str:
    """The median, and what is around it."""
    low, high = min(values), max(values)
    middle = statistics.median(values)
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


# The model


async def endpoint(port: int, pace: float) -> None:
    """Serve chat completions that come at a pace."""

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = 0
                for line in head.lower().split(b"\r\n"):
                    if line.startswith(b"content-length:"):
                        length = int(line.partition(b":")[2])
                await reader.readexactly(length)
                if head.startswith(b"POST"):
                    await complete(writer, pace)
                else:
                    data = b'{"data": [{"id": "paced"}]}'
                    kind = b"content-type: application/json\r\n"
                    size = b"content-length: %d\r\n\r\n" % len(data)
                    writer.write(b"HTTP/1.1 200 OK\r\n" + kind + size + data)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", port)
    await server.serve_forever()


async def complete(writer: asyncio.StreamWriter, pace: float) -> None:
    """One completion. Each token has its time, however long the ones before took."""

    def send(event: bytes) -> None:
        data = b"data: " + event + b"\n\n"
        writer.write(b"%x\r\n%b\r\n" % (len(data), data))

    writer.write(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
        b"transfer-encoding: chunked\r\n\r\n"
    )
    begins = time.monotonic() + FIRST_SECONDS
    for number in range(TOKENS):
        await asyncio.sleep(begins + number * pace / 1000 - time.monotonic())
        send(b'{"choices": [{"index": 0, "delta": {"content": " token"}}]}')
        await writer.drain()
    send(b'{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}')
    send(b'{"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 200}}')
    send(b"[DONE]")
    writer.write(b"0\r\n\r\n")
    await writer.drain()


if __name__ == "__main__":
    if sys.argv[1:2] == [ENDPOINT]:
        asyncio.run(endpoint(int(sys.argv[2]), float(sys.argv[3])))
    else:
        main()
