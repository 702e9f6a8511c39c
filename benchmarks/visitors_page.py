"""A page of a Gradio chat without a browser, for visitors.py: as cheap as can be.

It does what the page does: it fires the event of Gradio's `/config` that submits the
textbox, then those that follow from it, and reads the event stream.
"""

import asyncio
import json
import sys
import time
import uuid
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

from gradio_client.utils import apply_diff

sys.path.insert(0, str(Path(__file__).parent.parent))

from responses_emulator.account import KEY

LONGEST_LINE = 2**22


class Visitor:
    """One page in one browser: what it shows, and all that it has read."""

    def __init__(self, port: int, config: dict[str, Any], name: str) -> None:
        """Open the page of the app at `port`; `config` is what its `/config` says."""
        self.port, self.name, self.events = port, name, config["dependencies"]
        components = {c["type"]: c["id"] for c in config["components"]}
        self.chatbot = components["chatbot"]
        self.session = uuid.uuid4().hex
        self.shown: dict[int, Any] = {}  # the value of each component
        self.read: list[bytes] = []
        self.turns: list[list[tuple[float, Any]]] = []  # seconds, what came then
        self.stream = asyncio.Lock()  # a page has one event stream
        asked = [e for e in self.events if triggered(e, "submit") and e["backend_fn"]]
        [submit] = asked
        self.submit = submit
        self.shown[self.chatbot] = []

    async def say(self, text: str) -> None:
        """Submit a message; return when the page is ready for the next one."""
        self.start = time.perf_counter()
        self.first_chunk = self.first_token = 0.0  # seconds
        self.turns.append([])
        self.shown[self.submit["inputs"][0]] = {"text": text, "files": []}
        await self.fire(self.submit)

    async def fire(self, event: dict[str, Any]) -> None:
        """Run an event and all that follow from it."""
        output = await (self.queued(event) if event["queue"] else self.direct(event))
        for component, value in zip(event["outputs"], output["data"], strict=True):
            if not (isinstance(value, dict) and "__type__" in value):  # not a property
                self.shown[component] = value
        changed = output.get("changed_state_ids") or []
        followers = [
            later
            for later in self.events
            if later["backend_fn"]  # others are a script's of the page
            and (
                later["trigger_after"] == event["id"]
                or any(triggered(later, "change", state) for state in changed)
            )
        ]
        await asyncio.gather(*map(self.fire, followers))

    async def direct(self, event: dict[str, Any], path: str = "run/predict") -> Any:
        """What the app replies to an event."""
        body = {
            "data": [self.shown.get(component) for component in event["inputs"]],
            "fn_index": event["id"],
            "session_hash": self.session,
        }
        reply = b"".join([line async for line in get(self.port, path, body)])
        self.read.append(reply)
        return json.loads(reply)

    async def queued(self, event: dict[str, Any]) -> dict[str, Any]:
        """The output of an event that goes through Gradio's queue."""
        async with self.stream:
            await self.direct(event, "queue/join")
            so_far: list[Any] = []
            output: dict[str, Any] = {}
            began = time.perf_counter()
            path = f"queue/data?session_hash={self.session}"
            async for line in get(self.port, path):
                if not line.startswith(b"data: "):
                    continue
                self.read.append(line)
                message = json.loads(line[6:])
                output = message.get("output") or output
                if not message.get("success", True):
                    raise RuntimeError(line.decode())
                if message["msg"] == "process_starts":
                    began = time.perf_counter()
                elif message["msg"] == "process_generating":
                    new = message["output"]["data"]
                    self.turns[-1].append((time.perf_counter() - began, new))
                    if not self.first_token:  # later diffs need not be applied
                        so_far = applied(so_far, new)
                        self.look(so_far[event["outputs"].index(self.chatbot)])
            return output

    def look(self, messages: list[dict[str, Any]]) -> None:
        """Note the seconds until the answer, or the thoughts before it, show."""
        if messages[-1]["role"] == "assistant":
            passed = time.perf_counter() - self.start
            self.first_chunk = self.first_chunk or passed
            if not (messages[-1]["metadata"] or {}).get("title"):
                self.first_token = passed

    def constants(self) -> list[list[tuple[float, list[dict[str, Any]]]]]:
        """What an app must yield, and when, to show in each turn what this page did.

        The seconds are those since Gradio has called the app.
        """
        place = self.submit["outputs"].index(self.chatbot)
        return [list(yielded(turn, place)) for turn in self.turns]


def yielded(
    turn: list[tuple[float, Any]], place: int
) -> Iterator[tuple[float, list[Any]]]:
    """The messages, as an app gives them to Gradio, of each chunk of a turn."""
    so_far: list[Any] = []
    for seconds, new in turn:
        so_far = applied(so_far, new)
        messages = so_far[place]
        asked = max(n for n, m in enumerate(messages) if m["role"] == "user")
        yield (
            seconds,
            [
                {key: m[key] for key in ("role", "content", "metadata")}
                for m in messages[asked + 1 :]
            ],
        )


def applied(so_far: list[Any], new: list[Any]) -> list[Any]:
    """The outputs after a chunk: the first one is whole, the others are diffs."""
    pairs = zip(so_far, new, strict=True)
    return [apply_diff(*pair) for pair in pairs] if so_far else new


def triggered(event: dict[str, Any], by: str, component: int | None = None) -> bool:
    """Whether an event is triggered `by` that of a component, or of any."""
    return any(name == by and component in (None, it) for it, name in event["targets"])


async def get(port: int, path: str, body: Any = None) -> AsyncGenerator[bytes]:
    """The lines of a reply: as little work as can be, for the app needs the CPU.

    Those of a chunked one include the chunks' sizes; uvicorn splits no line.
    """
    payload = b"" if body is None else json.dumps(body).encode()
    path = path if path.startswith("/") else f"/gradio_api/{path}"
    head = (
        f"{'GET' if body is None else 'POST'} {path} HTTP/1.1\r\n"
        f"host: 127.0.0.1:{port}\r\napi-key: {KEY}\r\nconnection: close\r\n"
        f"content-type: application/json\r\ncontent-length: {len(payload)}\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, limit=LONGEST_LINE
    )
    try:
        writer.write(head.encode() + payload)
        reply = await reader.readuntil(b"\r\n\r\n")
        if reply.split(b" ", 2)[1] != b"200":
            raise RuntimeError(f"{path}: {reply.decode()}{(await reader.read())[:999]}")
        async for line in reader:
            yield line
    finally:
        writer.close()


async def fetch(port: int, path: str) -> Any:
    """A JSON document."""
    return json.loads(b"".join([line async for line in get(port, path)]))
