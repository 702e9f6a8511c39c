"""A server of chat completions for tests: it says what a test has written.

    with chat_server(says("It is ", "raining.")) as server:
        emulator = Emulator(model=behind(server))

Each request takes the next of its scripts, and the last one for ever. A script is what
goes over the wire: chunks, a signal for a silence that lasts until it is set, `BREAK`
for a connection that breaks, or a `Refused` with a status and a body.
"""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from responses_emulator.model.chat_completions.chat_model import ChatModel
from responses_emulator.model.chat_completions.endpoint import endpoint
from responses_emulator.signals import Signal

BREAK = object()
DONE = "[DONE]"
MODEL = "scripted"


@dataclass
class Refused:
    """An answer that is no success."""

    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict[str, str])


@dataclass
class Plain:
    """A completion of an endpoint that does not stream."""

    body: dict[str, Any]


@dataclass
class Closes:
    """A script after which the connection ends, although nobody has said so."""

    script: Sequence[Any]


@dataclass
class Raw:
    """What goes over the wire, head and all; then the connection ends."""

    pieces: Sequence[bytes | Signal]


# A signal: not even a head comes before it is set.
Script = Sequence[Any] | Refused | Plain | Closes | Raw | Signal


def chunk(**delta: Any) -> dict[str, Any]:
    """A chunk with this in its delta; `finish_reason` and `logprobs` are beside it."""
    choice: dict[str, Any] = {"index": 0, "finish_reason": None}
    for name in ("finish_reason", "logprobs"):
        if name in delta:
            choice[name] = delta.pop(name)
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "model": MODEL,
        "choices": [{**choice, "delta": delta}],
    }


def used(prompt: int = 11, completion: int = 7, **details: Any) -> dict[str, Any]:
    """The chunk that says what it took."""
    usage: dict[str, Any] = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }
    if "reasoning" in details:
        tokens = {"reasoning_tokens": details["reasoning"]}
        usage["completion_tokens_details"] = tokens
    if "cached" in details:
        usage["prompt_tokens_details"] = {"cached_tokens": details["cached"]}
    return {"id": "chatcmpl-1", "choices": [], "usage": usage}


def says(*pieces: str | Signal, reason: str = "stop", **usage: Any) -> list[Any]:
    """A script that says this, piece by piece."""
    said = [chunk(content=p) if isinstance(p, str) else p for p in pieces]
    return [chunk(role="assistant"), *said, chunk(finish_reason=reason), used(**usage)]


def thinks(thought: str, *pieces: str, name: str = "reasoning_content") -> list[Any]:
    """A script that thinks, in a field of its own, and then says this."""
    return [chunk(**{name: part}) for part in _halves(thought)] + says(*pieces)


def calls(*called: tuple[str, Any], text: str = "") -> list[Any]:
    """A script that calls these functions, each in several pieces."""
    made: list[Any] = [chunk(role="assistant", content=text or None)]
    for index, (name, arguments) in enumerate(called):
        given = arguments if isinstance(arguments, str) else json.dumps(arguments)
        first = {"name": name, "arguments": ""}
        call = {"index": index, "id": f"call_{index}", "type": "function"}
        made.append(chunk(tool_calls=[{**call, "function": first}]))
        for part in _halves(given):
            more = {"index": index, "function": {"arguments": part}}
            made.append(chunk(tool_calls=[more]))
    return [*made, chunk(finish_reason="tool_calls"), used()]


def _halves(text: str) -> list[str]:
    middle = len(text) // 2
    return [part for part in (text[:middle], text[middle:]) if part]


class Server(ThreadingHTTPServer):
    """What it was asked is in `asked`, bodies as they came; `keys` are those sent."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, scripts: Sequence[Script]) -> None:
        """On a free port of this machine."""
        super().__init__(("127.0.0.1", 0), Handler)
        self.scripts = list(scripts)
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.models = [MODEL, "another"]
        self.listing: Any = None  # what it says of its models instead
        self.begun = threading.Semaphore(0)  # released for each completion that began
        self.connections = 0
        self.ended: list[float] = []  # when a client was found to have gone
        self.gone = Signal()
        self.ends_with_done = True
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Its address, as an endpoint is named."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def process_request(self, request: Any, client_address: Any) -> None:
        """One more connection."""
        self.connections += 1
        super().process_request(request, client_address)

    def next_script(self, body: dict[str, Any]) -> Script:
        """What the next request gets."""
        with self._lock:
            self.asked.append(body)
            return self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        """A client that has gone, which was noticed when it was written to."""
        self.gone.set()


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Server  # pyright: ignore[reportIncompatibleVariableOverride]
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The list of models."""
        if self.path != "/v1/models":
            self._answer(404, {"error": {"message": "no such page"}})
            return
        self.server.keys.append(self.headers.get("authorization"))
        data = [{"id": name, "object": "model"} for name in self.server.models]
        listing = {"object": "list", "data": data}
        if self.server.listing is not None:
            listing = self.server.listing
        self._answer(200, listing)

    def do_POST(self) -> None:
        """A completion."""
        content = self.rfile.read(int(self.headers["content-length"]))
        is_json = "json" in self.headers["content-type"]
        body = json.loads(content) if is_json else {"form": content}
        self.server.keys.append(self.headers.get("authorization"))
        script = self.server.next_script({**body, "path": self.path})
        self.server.begun.release()
        if isinstance(script, Signal):
            self._be_silent(script)
        elif isinstance(script, Refused):
            self._answer(script.status, script.body, script.headers)
        elif isinstance(script, Plain):
            self._answer(200, script.body)
        elif isinstance(script, Raw):
            self.close_connection = True
            for piece in script.pieces:
                if isinstance(piece, Signal):
                    self._be_silent(piece)
                else:
                    self.wfile.write(piece)
                    self.wfile.flush()
        elif isinstance(script, Closes):
            self._stream(script.script)
            self.close_connection = True
        else:
            self._stream(script)

    def _stream(self, script: Sequence[Any]) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for each in script:
            if each is BREAK:
                self.close_connection = True
                self.connection.close()
                return
            if isinstance(each, Signal):
                self._be_silent(each)
            elif isinstance(each, bytes):
                self._write(each)
            else:
                self._write(b"data: " + json.dumps(each).encode() + b"\n\n")
        done = b"data: [DONE]\n\n"
        end = b"0\r\n\r\n"
        if self.server.ends_with_done:
            end = b"%x\r\n%b\r\n%b" % (len(done), done, end)
        self.wfile.write(end)

    def _be_silent(self, until: Signal) -> None:
        """Say nothing until a signal comes, or the client goes."""
        self.connection.settimeout(0.005)
        while not until:
            try:
                if not self.connection.recv(1):
                    raise ConnectionResetError
            except TimeoutError:
                continue
            except ConnectionResetError:  # as it is where something was left unread
                self.server.gone.set()
                raise
        self.connection.settimeout(None)

    def _write(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))
        self.wfile.flush()

    def _answer(
        self, status: int, body: Any, headers: dict[str, str] | None = None
    ) -> None:
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        kind = "text/plain" if isinstance(body, str) else "application/json"
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""


@contextmanager
def chat_server(*scripts: Script) -> Iterator[Server]:
    """A server with these scripts, until the block ends."""
    with Server(scripts or [says("Yes.")]) as server:
        thread = threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        )
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def behind(server: Server, **options: Any) -> ChatModel:
    """The model that a server stands for."""
    return ChatModel(endpoint(server.url, **options))
