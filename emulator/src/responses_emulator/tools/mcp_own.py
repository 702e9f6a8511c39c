"""The MCP servers that are built in: the SDK's server side over short texts of our own.

Importing this loads the SDK; they begin with the first tool that names one, and there
is one of each in a process. The client that reaches all others asks them in memory,
which takes two thirds of the CPU; other programs ask one of them over HTTP.
"""

import asyncio
from collections.abc import Mapping
from types import ModuleType
from typing import Any

import httpx2
from mcp import MCPError, types
from mcp.server import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from responses_emulator.tools import mcp_session, mslearn, search_server

VERSION = "1"
ANSWER_SECONDS = 10.0
# Headers that say how a message is carried, and not what it is.
_OF_CONNECTIONS = ("connection", "content-length", "host", "transfer-encoding")


class OwnServer:
    """One server; as an ASGI application it begins with the first request."""

    def __init__(self, name: str, tools: ModuleType) -> None:
        """`tools` has `list_tools()` and `call(name, arguments)`."""
        self._tools = tools
        self.server = Server(
            name, version=VERSION, on_list_tools=self._list, on_call_tool=self._call
        )
        self._manager = StreamableHTTPSessionManager(
            self.server, json_response=True, stateless=True
        )
        self._running: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, as an ASGI application does."""
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        await self._ready.wait()
        await self._manager.asgi_app(scope, receive, send)

    async def _run(self) -> None:
        async with self._manager.run():
            self._ready.set()
            await asyncio.Event().wait()

    async def _list(self, _context: Any, _page: Any) -> types.ListToolsResult:
        tools = [
            types.Tool(
                name=entry["name"],
                description=entry["description"],
                input_schema=entry["input_schema"],
                annotations=types.ToolAnnotations.model_validate(entry["annotations"]),
            )
            for entry in self._tools.list_tools()
        ]
        return types.ListToolsResult(tools=tools)

    async def _call(
        self, _context: Any, asked: types.CallToolRequestParams
    ) -> types.CallToolResult:
        names = [entry["name"] for entry in self._tools.list_tools()]
        if asked.name not in names:
            raise MCPError(types.INVALID_PARAMS, f"Unknown tool: '{asked.name}'")
        text = self._tools.call(asked.name, asked.arguments or {})
        return types.CallToolResult(content=[types.TextContent(text=text)])


LEARN = OwnServer("emulator-learn", mslearn)
SEARCH = OwnServer("emulator-search", search_server)


def answer(
    server: OwnServer, headers: Mapping[str, str], body: bytes
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of what a server says to a POST of another client."""
    passed_on = {
        name: value for name, value in headers.items() if name not in _OF_CONNECTIONS
    }
    request = httpx2.Request(
        "POST", "http://emulator/", headers=passed_on, content=body
    )

    async def ask() -> httpx2.Response:
        response = await httpx2.ASGITransport(server).handle_async_request(request)
        await response.aread()
        return response

    response = mcp_session.begin(ask()).result(ANSWER_SECONDS)
    kept = {
        name: value
        for name, value in response.headers.items()
        if name not in _OF_CONNECTIONS
    }
    return response.status_code, kept, response.content
