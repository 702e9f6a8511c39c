"""What a served emulator holds on to after clients that send much, or go early.

    python emulator/benchmarks/memory.py [--only WORD]

Linux alone. Each case has a server of its own. Measured is its resident memory: before,
the most while the case runs, and five seconds after it. What the store keeps by its own
limits is emptied by `POST /emulator/reset`, half-way and at the end. While a case runs,
another client asks for `GET /models` all the time: the longest that it waited is
measured, too.
"""

import argparse
import os
import platform
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

import orjson  # noqa: E402
from load import SURROUNDINGS, free_port  # noqa: E402

from emulator.tests.adapters.victim import HANDSHAKE, create, frame  # noqa: E402
from emulator.tests.readers import pdf_bombs  # noqa: E402
from responses_emulator.account import KEY, MODEL  # noqa: E402

MB = 2**20
REST_SECONDS = 5  # after the case, before what is held is measured
FORM = "multipart/form-data; boundary=b"


@dataclass
class Server:
    """A served emulator, and how it is spoken to."""

    port: int
    pid: int

    @property
    def memory(self) -> float:
        """The MB that are resident."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+)", status)
        assert found
        return int(found[1]) / 1024

    def open(self) -> socket.socket:
        """A connection of its own."""
        return socket.create_connection(("127.0.0.1", self.port), 60)

    def ask(
        self, method: str, path: str, body: Any = None, type: str = "application/json"
    ) -> tuple[int, Any]:
        """The status and the JSON of a reply to who has the key."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        sent = body if isinstance(body, bytes | None) else orjson.dumps(body)
        headers = {"api-key": KEY, "content-type": type}
        try:
            connection.request(method, path, sent, headers)
            reply = connection.getresponse()
            return reply.status, orjson.loads(reply.read() or b"null")
        finally:
            connection.close()

    def upload(self, content: bytes, name: str, purpose: str = "assistants") -> str:
        """The id of a file that has been uploaded."""
        part = '--b\r\ncontent-disposition: form-data; name="%s"'
        form = (
            f"{part % 'purpose'}\r\n\r\n{purpose}\r\n{part % 'file'}; "
            f'filename="{name}"\r\n\r\n'
        ).encode()
        body = form + content + b"\r\n--b--\r\n"
        status, file = self.ask("POST", "/openai/v1/files", body, FORM)
        assert status == 200, file
        return file["id"]


def head(path: str, *lines: str, key: bool = True) -> bytes:
    """The head of a request with a body."""
    with_key = [f"api-key: {KEY}"] if key else []
    first = [f"POST {path} HTTP/1.1", "Host: localhost", *with_key]
    return "\r\n".join([*first, *lines, "", ""]).encode()


def send(server: Server, start: bytes, content: bytes, *, keep: float = 0.0) -> bytes:
    """Send a request as it is, whole or not, and go; what came back by then."""
    with server.open() as client:
        with suppress(OSError):
            client.sendall(start)
            client.sendall(content)
        client.settimeout(keep or 0.05)
        with suppress(OSError):
            return client.recv(65536)
    return b""


def at_once(count: int, work: Callable[[int], object]) -> None:
    """Do it so many times, all at the same time."""
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(work, range(count)))


@contextmanager
def web_socket(server: Server) -> Iterator[socket.socket]:
    """A connection on which the handshake has been made."""
    with server.open() as client:
        client.sendall(f"{HANDSHAKE}\r\n".encode())
        client.recv(65536)
        yield client


# The cases


def uploads_without_a_key(server: Server) -> None:
    """8 uploads of 75 MB without a key, cut off."""
    lines = (f"content-type: {FORM}", f"content-length: {100 * MB}")
    start = head("/openai/v1/files", *lines, key=False)
    at_once(8, lambda _: send(server, start, bytes(75 * MB)))


def forms_of_a_web_page(server: Server) -> None:
    """6 unfinished forms of 500 MB from another origin, to the API and the controls."""

    def one(number: int) -> None:
        path = ("/openai/v1/files", "/emulator/replies")[number % 2]
        lines = (
            "origin: https://evil.example",
            f"content-type: {FORM}",
            f"content-length: {501 * MB}",
        )
        send(server, head(path, *lines, key=False), bytes(500 * MB), keep=1)

    at_once(6, one)


def uploads_with_a_key(server: Server) -> None:
    """8 uploads of 75 MB with the key, cut off: half of them in chunks."""

    def one(number: int) -> None:
        lines = [f"content-type: {FORM}", f"content-length: {76 * MB}"]
        content = bytes(75 * MB)
        if number % 2:
            lines[1] = "transfer-encoding: chunked"
            content = (b"100000\r\n" + bytes(MB) + b"\r\n") * 75
        send(server, head("/openai/v1/files", *lines), content)

    at_once(8, one)


def one_large_upload(server: Server) -> None:
    """An upload of 400 MB, and 4 of 20 MB beside it, whole; then deleted."""
    ids: list[str] = []
    sizes = [400, 20, 20, 20, 20]
    at_once(5, lambda n: ids.append(server.upload(bytes(sizes[n] * MB), "a.txt")))
    for id in ids:
        server.ask("DELETE", f"/openai/v1/files/{id}")


def tiny_chunks(server: Server) -> None:
    """4 JSON bodies of 8 MB in chunks of two bytes, cut off."""
    start = head("/openai/v1/responses", "transfer-encoding: chunked")
    at_once(4, lambda _: send(server, start, b"2\r\n[]\r\n" * 4 * MB))


def a_header_without_end(server: Server) -> None:
    """8 headers of 50 MB, and 8 trailers."""
    start = b"GET / HTTP/1.1\r\nHost: localhost\r\nx: "
    trailer = head("/openai/v1/responses", "transfer-encoding: chunked")
    trailer += b"2\r\n{}\r\n0\r\nx: "
    at_once(16, lambda n: send(server, (start, trailer)[n % 2], b"a" * 50 * MB))


def many_requests_in_a_row(server: Server) -> None:
    """50 connections, each with 20,000 requests after one that takes its time."""
    first = create(input="Count to 900.", stream=True, tools=[{"type": "web_search"}])
    rest = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n" * 20_000

    def one(_: int) -> None:
        with server.open() as client:
            client.settimeout(2)
            with suppress(OSError):
                client.sendall(first + rest)
            time.sleep(2)

    at_once(50, one)


def half_requests(server: Server) -> None:
    """2,000 half requests, of half a head or half a body of 60 KB, for 3 s."""
    path = "/openai/v1/responses"
    half_a_body = head(path, "content-length: 60000") + bytes(30_000)
    half_a_head = head(path, "x-long: " + "a" * 20_000)[:-2]
    with ExitStack() as opened:
        for number in range(2_000):
            client = opened.enter_context(server.open())
            client.sendall((half_a_body, half_a_head)[number % 2])
        time.sleep(3)


def idle_connections(server: Server) -> None:
    """1,000 connections and 1,000 WebSockets, idle after one answer, for 3 s."""
    asked = {"type": "response.create", "model": MODEL, "input": "Hi", "store": False}
    with ExitStack() as opened:
        for _ in range(1_000):
            client = opened.enter_context(server.open())
            client.sendall(create(input="Hi"))
            client.recv(65536)
            client = opened.enter_context(web_socket(server))
            client.sendall(frame(orjson.dumps(asked)))
            client.recv(65536)
        time.sleep(3)


def clients_that_never_read(server: Server) -> None:
    """50 clients that ask for streams and 50 for a file of 50 MB, and never read."""
    id = server.upload(bytes(50 * MB), "a.txt")
    stream = create(input="Count to 900.", stream=True)
    file = f"GET /openai/v1/files/{id}/content HTTP/1.1\r\napi-key: {KEY}\r\n"
    with ExitStack() as opened:
        for number in range(100):
            client = opened.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            client.connect(("127.0.0.1", server.port))
            whole = f"{file}Host: localhost\r\n\r\n".encode()
            client.sendall((stream * 50, whole)[number % 2])
        time.sleep(3)


def upgrades_with_a_body(server: Server) -> None:
    """500 upgrades to a WebSocket with a body, whole or not."""
    for number in range(500):
        framing = ("content-length: 50000", "transfer-encoding: chunked")[number % 2]
        start = f"{HANDSHAKE}{framing}\r\n\r\n".encode()
        answered = send(server, start, bytes(50_000 * (number % 4 < 2)), keep=5)
        assert answered.startswith(b"HTTP/1.1 400 "), answered


def searches_of_a_long_word(server: Server) -> None:
    """30 searches of a word of 5 MB."""
    file = server.upload(b"One two three.", "a.txt")
    path = "/openai/v1/vector_stores"
    _, made = server.ask("POST", path, {"file_ids": [file]})
    for number in range(30):
        query = {"query": f"{number}" + "a" * 5 * MB}
        status, found = server.ask("POST", f"{path}/{made['id']}/search", query)
        assert status == 200, found


def streams_left_early(server: Server) -> None:
    """240 streams of prompts of 3 MB, left before their first event."""
    for number in range(240):
        content = create(input=f"{number} " + "a" * 3 * MB, stream=True)
        with server.open() as client:
            client.sendall(content)


def web_socket_streams_left_early(server: Server) -> None:
    """240 such streams over WebSockets, half of them not to be stored."""
    for number in range(240):
        asked = {"type": "response.create", "model": MODEL, "store": number % 2 == 0}
        asked["input"] = f"{number} " + "a" * 3 * MB
        with web_socket(server) as client:
            client.sendall(frame(orjson.dumps(asked)))


def web_socket_messages_unfinished(server: Server) -> None:
    """8 WebSockets with 70 MB of a message that does not end."""

    def one(_: int) -> None:
        with web_socket(server) as client, suppress(OSError):
            client.settimeout(2)
            client.sendall(frame(bytes(80 * MB))[: 70 * MB])

    at_once(8, one)


def empty_fragments(server: Server) -> None:
    """4 WebSockets with a million empty fragments each."""

    def one(_: int) -> None:
        with web_socket(server) as client, suppress(OSError):
            client.settimeout(5)
            client.sendall(frame(b"", 0x01) + frame(b"", 0x00) * MB)

    at_once(4, one)


def pings(server: Server) -> None:
    """4 WebSockets with 200,000 pings each, whose pongs nobody reads."""

    def one(_: int) -> None:
        with web_socket(server) as client, suppress(OSError):
            client.settimeout(2)
            client.sendall(frame(b"", 0x89) * 200_000)

    at_once(4, one)


def refused_bodies(server: Server) -> None:
    """60 refused bodies of 1 MB of `[],[],...`, and of 1 MB of text; with a journal."""
    for number in range(60):
        for body in (b'{"input":[' + b"[]," * (MB // 3) + b"[]]}", b"[" * MB):
            start = head(
                "/openai/v1/responses",
                f"content-length: {len(body)}",
                key=number % 2 == 0,
            )
            send(server, start, body, keep=10)


def scripted_replies(server: Server) -> None:
    """100 scripted replies of 4 MB."""
    for _ in range(100):
        server.ask("POST", "/emulator/replies", {"output": ["a" * 4 * MB]})


def batches_of_removed_files(server: Server) -> None:
    """20 times 8 files of 1 MB in a file batch, with attributes, then removed."""
    path = "/openai/v1/vector_stores"
    _, made = server.ask("POST", path, {})
    words = b" ".join(b"word%d" % (number % 20_000) for number in range(100_000))
    for _ in range(20):
        ids = [server.upload(words, "a.txt") for _ in range(8)]
        files = [{"file_id": id, "attributes": {"a": "b" * 500}} for id in ids]
        server.ask("POST", f"{path}/{made['id']}/file_batches", {"files": files})
        for id in ids:
            server.ask("DELETE", f"/openai/v1/files/{id}")


def large_files_read(server: Server) -> None:
    """8 text files of 15 MB read for a response each, then deleted."""
    for number in range(8):
        id = server.upload(b"%d some text. " % number * MB, "a.txt")
        part = {"type": "input_file", "file_id": id}
        message = {"role": "user", "content": [part]}
        server.ask("POST", "/openai/v1/responses", {"model": MODEL, "input": [message]})
        server.ask("DELETE", f"/openai/v1/files/{id}")


def slow_pdfs(server: Server) -> None:
    """40 PDFs at once, each of which takes 30 s of CPU to read."""
    id = server.upload(pdf_bombs.SLOW, "a.pdf")
    message = {"role": "user", "content": [{"type": "input_file", "file_id": id}]}
    body = {"model": MODEL, "input": [message]}

    def one(_: int) -> None:
        with server.open() as client:
            client.settimeout(25)
            client.sendall(create(**body))
            with suppress(OSError):
                client.recv(65536)

    at_once(40, one)


def hostile_prompts(server: Server) -> None:
    """Prompts, tools, schemas and histories that are long to take apart."""
    for body in HOSTILE:
        server.ask("POST", "/openai/v1/responses", {"model": MODEL, **body})


def a_function(number: int, **properties: object) -> dict[str, object]:
    """A function tool."""
    parameters = {"type": "object", "properties": properties}
    return {"type": "function", "name": f"f{number}", "parameters": parameters}


def nested(depth: int) -> dict[str, object]:
    """A schema of objects in objects."""
    schema: dict[str, object] = {"type": "string"}
    for _ in range(depth):
        properties = {"a": schema}
        schema = {
            "type": "object",
            "properties": properties,
            "required": ["a"],
            "additionalProperties": False,
        }
    return schema


def as_format(schema: object) -> dict[str, object]:
    """A request's `text` that asks for a schema."""
    return {"format": {"type": "json_schema", "name": "a", "schema": schema}}


def said(*texts: str) -> list[dict[str, str]]:
    """What a user has said in several messages."""
    return [{"role": "user", "content": text} for text in texts]


PROMPTS = [
    ("1+" * 59 + "= 5 word ") * 125,
    "(" * 4_000,
    "(1+" * 2_000,
    "9" * 4_000 + " * " + "9" * 4_000,
    "9**9**9 " * 500,
    "a" * 15_000,
    "aa aa " * 2_500,
    "x = " * 1_000,
    "My name is " * 300,
    "weather in Paris, " * 220,
    "Paris, " * 570,
    "1. " * 1_200,
    "What is " + ", " * 1_900 + "?",
    "12:30 " * 650,
    "story " * 660 + "?",
    "haiku " * 660 + "?",
    "-_--" * 990 + " = ?",
    "abc-123 " * 490 + "?",
]
CITY = {"city": {"type": "string"}, "on": {"type": "string", "format": "date"}}
HOSTILE: list[dict[str, object]] = [
    *({"input": prompt} for prompt in PROMPTS),
    *({"input": prompt, "tools": [a_function(1, **CITY)]} for prompt in PROMPTS),
    *({"input": prompt, "text": as_format(nested(3))} for prompt in PROMPTS),
    {"input": "Hi", "tools": [a_function(n, **CITY) for n in range(128)]},
    {"input": "Hi", "text": as_format(nested(90))},
    {"input": "Hi", "text": as_format({"enum": [f"e{n}" for n in range(50_000)]})},
    {"input": said(*(f"I like thing {n}." for n in range(2_000)), "What do I like?")},
    {"input": said(*["My name is Ada. " * 250] * 200, "What is my name?")},
    {"input": "word " * 1_000_000},
]

CASES: dict[Callable[[Server], None], tuple[str, ...]] = {
    uploads_without_a_key: (),
    forms_of_a_web_page: (),
    uploads_with_a_key: (),
    one_large_upload: (),
    tiny_chunks: (),
    a_header_without_end: (),
    many_requests_in_a_row: (),
    half_requests: (),
    idle_connections: (),
    clients_that_never_read: (),
    searches_of_a_long_word: (),
    streams_left_early: (),
    web_socket_streams_left_early: (),
    web_socket_messages_unfinished: (),
    upgrades_with_a_body: (),
    empty_fragments: (),
    pings: (),
    refused_bodies: ("--journal",),
    scripted_replies: (),
    batches_of_removed_files: (),
    large_files_read: (),
    slow_pdfs: (),
    hostile_prompts: (),
}


# Measuring


@contextmanager
def serving(options: tuple[str, ...]) -> Iterator[Server]:
    """A server in a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "responses_emulator", "serve", "--port", str(port)]
    process = subprocess.Popen(
        [*command, *options], cwd=ROOT, env=SURROUNDINGS, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout
        process.stdout.readline()
        server = Server(port, process.pid)
        for _ in range(20):  # what the first of each kind loads is not counted
            server.ask("POST", "/openai/v1/responses", {"model": MODEL, "input": "Hi"})
            server.ask("GET", "/openai/v1/models")
        yield server
    finally:
        process.terminate()
        process.wait()


class Watch:
    """Looks at a server while a case runs: its memory, and how long others wait."""

    def __init__(self, server: Server) -> None:
        """Begin to look."""
        self.server = server
        self.most = 0.0
        self.longest = 0.0
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=look) for look in (self._weigh, self._wait)
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Look no more."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _weigh(self) -> None:
        while not self._over.wait(0.01):
            self.most = max(self.most, self.server.memory)

    def _wait(self) -> None:
        command = [sys.executable, "-c", ASKING, str(self.server.port), KEY]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as asking:
            self._over.wait()
            told, _ = asking.communicate("\n")
        self.longest = float(told)


# In a process of its own: this one is busy with sending.
ASKING = """
import select, sys, time
from http.client import HTTPConnection
longest = 0.0
connection = HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=60)
while not select.select([sys.stdin], [], [], 0.01)[0]:
    asked = time.perf_counter()
    connection.request("GET", "/openai/v1/models", headers={"api-key": sys.argv[2]})
    connection.getresponse().read()
    longest = max(longest, time.perf_counter() - asked)
print(longest)
"""


def measure(case: Callable[[Server], None], options: tuple[str, ...]) -> str:
    """A row of the table."""
    with serving(options) as server:
        before = server.memory
        watch = Watch(server)
        began = time.perf_counter()
        case(server)
        seconds = time.perf_counter() - began
        watch.end()
        for _ in range(2):  # some of it is still being worked on, and stored
            time.sleep(REST_SECONDS / 2)
            server.ask("POST", "/emulator/reset")
        more = server.memory - before
    what = (case.__doc__ or "").strip().rstrip(".")
    most = watch.most - before
    return f"| {what} | {most:.0f} | {more:.0f} | {watch.longest:.2f} | {seconds:.1f} |"


def main() -> None:
    """Print the table that README.md holds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", help="cases whose name has this in it")
    asked = parser.parse_args()
    print(f"{platform.system()}, {os.cpu_count()} CPUs, ", end="")
    print(f"Python {platform.python_version()}\n")
    print("| case | at most, MB | 5 s later, MB | others waited, s | took, s |")
    print("| --- | --- | --- | --- | --- |")
    for case, options in CASES.items():
        if asked.only in case.__name__:
            print(measure(case, options), flush=True)


if __name__ == "__main__":
    main()
