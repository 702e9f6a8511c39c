"""The MCP servers that a response can use, and `/mcp`, the one that is built in.

Two are stood in for: Microsoft Learn's, which is open to all, and a search of the web
that wants a credential: the key in the header `x-apikey`, or a token of Microsoft
Entra ID for `https://api.microsoft.ai`. Without one it answers 401, which the API
reports as a 424. It speaks MCP's streamable HTTP, so other clients may use it, too.

A credential is looked at and forgotten: the model and the store never see it.
"""

import hmac
import ipaddress
from collections.abc import Mapping
from typing import Any, cast

from responses_emulator import json_text
from responses_emulator.account import MCP_KEY, MCP_PATH
from responses_emulator.auth import Auth
from responses_emulator.errors import ServiceError, invalid_request
from responses_emulator.http import Json, Reply, Request, json_reply
from responses_emulator.tools import McpServer, mcp, mslearn, search_server
from responses_emulator.urls import split
from responses_emulator.world import World

KEY_HEADER = "x-apikey"
AUDIENCE = "https://api.microsoft.ai"
SECRETS = ("authorization", "headers")  # of a tool
VERSIONS = ("2025-06-18", "2025-03-26")  # of the protocol, the newest first
PARSE_ERROR, NO_METHOD, BAD_PARAMETERS = -32700, -32601, -32602  # of JSON-RPC

Servers = dict[tuple[str, str], McpServer]  # by a tool's label and address


def connect(
    world: World, request: Request, tools: list[Json], choice: str | Json
) -> tuple[Servers, list[tuple[Json, ServiceError]]]:
    """The servers of a request's tools, and which of the tools have none, and why.

    Raises a 400 for a `tool_choice` of what a server does not have.
    """
    servers: Servers = {}
    unlisted: list[tuple[Json, ServiceError]] = []
    for tool in tools:
        if tool["type"] != "mcp":
            continue
        try:
            server = _connect(world, request, tool)
        except ServiceError as error:
            unlisted.append((tool, error))
            continue
        servers[key_of(tool)] = server
        label: str = tool["server_label"]
        chosen = mcp.chosen_tools(choice, label) or set[str]()
        for name in chosen - {entry["name"] for entry in server.list_tools()}:
            raise invalid_request(
                f"Tool choice '{name}' not found on the MCP server '{label}'.",
                "tool_choice",
            )
    return servers, unlisted


def key_of(tool: Json) -> tuple[str, str]:
    """By what a tool's server is found again."""
    return tool["server_label"], tool["server_url"]


def without_secrets(tool: Json) -> Json:
    """A tool as the model sees it: of one of MCP, nothing that its server is sent."""
    if tool["type"] != "mcp":
        return tool
    return {name: value for name, value in tool.items() if name not in SECRETS}


def _connect(world: World, request: Request, tool: Json) -> McpServer:
    label, url = tool["server_label"], tool["server_url"]
    if mslearn.is_learn(url):
        return mslearn
    if not _is_built_in(world, request, url):
        raise mcp.unreachable(label)
    given: dict[str, str] = tool.get("headers") or {}
    headers = {name.lower(): value for name, value in given.items()}
    if tool.get("authorization"):
        headers["authorization"] = f"Bearer {tool['authorization']}"
    if not is_let_in(world.auth, headers):
        raise mcp.unreachable(label, "401 (Unauthorized)")
    return search_server


def _is_built_in(world: World, request: Request, url: str) -> bool:
    """Whether an address is that of this emulator's own server."""
    try:
        parts = split(url)
        asked = split(f"//{request.headers.get('host', '')}")
        known = {(_host(asked.hostname), asked.port), *map(_place, world.addresses)}
        here = (_host(parts.hostname), parts.port)
    except ValueError:
        return False
    is_http = parts.scheme in ("http", "https")
    return is_http and here in known and parts.path.rstrip("/") == MCP_PATH


def _place(address: str) -> tuple[str, int | None]:
    parts = split(address)
    return _host(parts.hostname), parts.port


def _host(name: str | None) -> str:
    """A host by one name: this machine has several."""
    try:
        is_loopback = ipaddress.ip_address(name or "").is_loopback
    except ValueError:
        is_loopback = False
    return "localhost" if is_loopback else name or ""


def is_let_in(auth: Auth, headers: Mapping[str, str]) -> bool:
    """Whether a request with these headers, their names in lower case, may go on."""
    key = headers.get(KEY_HEADER, "")
    if hmac.compare_digest(key.encode(), MCP_KEY.encode()):
        return True
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and auth.audience(token.strip()) == AUDIENCE


# The server's own HTTP


def serve(world: World, request: Request) -> Reply:
    """Answer one request to `/mcp`: a JSON-RPC message in, a JSON-RPC message out."""
    if not is_let_in(world.auth, request.headers):
        reply = json_reply({"error": "unauthorized"}, 401)
        reply.headers["www-authenticate"] = "Bearer"
        return reply
    if request.method != "POST":  # no stream to listen to, no session to end
        return Reply(405, {"allow": "POST"})
    try:
        message: Any = json_text.parse(request.body)
    except ValueError:
        message = None
    if not isinstance(message, dict):
        return _error(None, PARSE_ERROR, "Expected one JSON-RPC message.", 400)
    asked = cast("Json", message)
    if "id" not in asked:
        return Reply(202)  # a notification
    method: Any = asked.get("method")
    given: Any = asked.get("params")
    parameters = cast("Json", given) if isinstance(given, dict) else {}
    if method == "initialize":
        wanted: Any = parameters.get("protocolVersion")
        return _result(
            asked["id"],
            {
                "protocolVersion": wanted if wanted in VERSIONS else VERSIONS[0],
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "emulator-search", "version": "1"},
            },
        )
    if method == "ping":
        return _result(asked["id"], {})
    if method == "tools/list":
        return _result(asked["id"], {"tools": _tools()})
    if method == "tools/call":
        return _call(asked["id"], parameters)
    return _error(asked["id"], NO_METHOD, "There is no such method.")


def _call(id: object, parameters: Json) -> Reply:
    name: Any = parameters.get("name")
    arguments: Any = parameters.get("arguments", {})
    known = [entry["name"] for entry in search_server.list_tools()]
    if name not in known or not isinstance(arguments, dict):
        return _error(
            id, BAD_PARAMETERS, f"Expected 'name' ({', '.join(known)}) and 'arguments'."
        )
    text = search_server.call(name, cast("Json", arguments))
    content = [{"type": "text", "text": text}]
    return _result(id, {"content": content, "isError": False})


def _tools() -> list[Json]:
    """The tools as the protocol spells them."""
    return [
        {
            "name": entry["name"],
            "description": entry["description"],
            "inputSchema": entry["input_schema"],
            "annotations": entry["annotations"],
        }
        for entry in search_server.list_tools()
    ]


def _result(id: object, result: Json) -> Reply:
    return json_reply({"jsonrpc": "2.0", "id": id, "result": result})


def _error(id: object, code: int, message: str, status: int = 200) -> Reply:
    error = {"code": code, "message": message}
    return json_reply({"jsonrpc": "2.0", "id": id, "error": error}, status)
