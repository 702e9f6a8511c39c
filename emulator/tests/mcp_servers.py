"""Real MCP servers on loopback, for tests: the SDK's, and some that misbehave."""

import asyncio
import ssl
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import uvicorn
from mcp.server.mcpserver import Context, Image, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import BaseModel

from responses_emulator.adapters.listener import base_url, listen


class Size(BaseModel):
    """What the tool `ask_back` would ask a person."""

    size: int


@dataclass
class Seen:
    """A server, and what it was sent."""

    url: str = ""
    base: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    waiting: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)
    cancelled: threading.Event = field(default_factory=threading.Event)

    @property
    def methods(self) -> list[str]:
        """The methods of JSON-RPC that it was asked, in order."""
        return [message.get("method", "") for message in self.messages]

    def forget(self) -> None:
        """As if it had been asked nothing."""
        self.messages.clear()
        self.headers.clear()
        for event in (self.waiting, self.let_go, self.cancelled):
            event.clear()


def _tools(seen: Seen) -> MCPServer:
    server = MCPServer("tests")
    reads = ToolAnnotations(read_only_hint=True)

    @server.tool(annotations=reads)
    def multiply(a: int, b: int) -> str:
        """Multiply two numbers."""
        return str(a * b)

    @server.tool()
    def forget_everything() -> str:
        """Forget everything."""
        return "done"

    @server.tool()
    def explode() -> str:
        """Explode."""
        raise ToolError("It exploded.")

    @server.tool()
    async def wait_long() -> str:
        """Wait for very long."""
        seen.waiting.set()
        try:
            await asyncio.to_thread(seen.let_go.wait, 20)
        except asyncio.CancelledError:
            seen.cancelled.set()
            seen.let_go.set()
            raise
        return "at last"

    @server.tool()
    async def ask_back(context: Context[Any]) -> str:
        """Ask back."""
        return str(await context.elicit("How big?", Size))

    @server.tool(structured_output=False)
    def draw() -> list[Any]:
        """Draw."""
        return ["A dot:", Image(data=b"dot", format="png")]

    return server


def _watching(app: Any, seen: Seen) -> Any:
    """The same application, with everything it is sent written down."""

    async def watched(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["method"] != "POST":
            await app(scope, receive, send)
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        seen.messages.append(orjson.loads(body))
        seen.headers.append({k.decode(): v.decode() for k, v in scope["headers"]})
        given = False

        async def again() -> Any:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await app(scope, again, send)

    return watched


@contextmanager
def sdk_server(*, older: bool = False) -> Generator[Seen]:
    """A server of the SDK until the block ends; `older`: over the transport of 2024."""
    seen = Seen()
    tools = _tools(seen)
    app = tools.sse_app() if older else tools.streamable_http_app()
    listener = listen()
    seen.base = base_url(listener)
    seen.url = seen.base + ("/sse" if older else "/mcp")
    config = uvicorn.Config(_watching(app, seen), log_config=None, lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener]}, daemon=True
    )
    thread.start()
    try:
        yield seen
    finally:
        server.should_exit = True
        server.force_exit = True
        seen.let_go.set()
        thread.join(5)


Answer = Callable[[BaseHTTPRequestHandler, dict[str, Any]], None]


@contextmanager
def crooked(
    answer: Answer,
    listen: Callable[[BaseHTTPRequestHandler], None] | None = None,
    tls: ssl.SSLContext | None = None,
) -> Generator[Seen]:
    """A server whose every POST is answered by `answer`, which gets the message.

    `listen` answers each GET, 405 if there is none; with `tls` it is served so.
    """
    seen = Seen()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one write

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            message = orjson.loads(body)
            seen.messages.append(message)
            seen.headers.append({k.lower(): v for k, v in self.headers.items()})
            answer(self, message)

        def do_GET(self) -> None:
            if listen is None:
                say(self, 405)
            else:
                listen(self)

        def do_DELETE(self) -> None:
            say(self, 405)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    scheme = "http" if tls is None else "https"
    seen.base = f"{scheme}://127.0.0.1:{server.server_port}"
    seen.url = f"{seen.base}/mcp"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        seen.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join(5)


def say(
    handler: BaseHTTPRequestHandler,
    status: int,
    body: bytes = b"",
    type: str = "application/json",
    **headers: str,
) -> None:
    """Answer a request."""
    handler.send_response(status)
    handler.send_header("content-type", type)
    handler.send_header("content-length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def reply(
    handler: BaseHTTPRequestHandler, message: dict[str, Any], result: Any
) -> None:
    """Answer a message of JSON-RPC with a result."""
    told = {"jsonrpc": "2.0", "id": message.get("id"), "result": result}
    say(handler, 200, orjson.dumps(told))


def well_behaved(
    handler: BaseHTTPRequestHandler, message: dict[str, Any], tools: Any = None
) -> None:
    """Answer as a server of 2025 that has one tool does."""
    method = message.get("method")
    if method == "initialize":
        reply(
            handler,
            message,
            {
                "protocolVersion": "2025-06-18",
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "crooked", "version": "1"},
            },
        )
    elif method == "tools/list":
        tool = {"name": "look", "inputSchema": {"type": "object"}}
        reply(handler, message, {"tools": [tool] if tools is None else tools})
    elif method == "tools/call":
        content = [{"type": "text", "text": "looked"}]
        reply(handler, message, {"content": content})
    elif "id" in message:
        error = {"code": -32601, "message": "There is no such method."}
        told = {"jsonrpc": "2.0", "id": message["id"], "error": error}
        say(handler, 200, orjson.dumps(told))
    else:
        say(handler, 202)
