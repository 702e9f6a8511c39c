"""The MCP servers that a response can use, and `/mcp`, one of those built in.

Two are built in: one in place of Microsoft Learn's, which is open to all, and a search
of the web that wants a credential: the key in the header `x-apikey`, or a token of
Microsoft Entra ID for `https://api.microsoft.ai`. Without one it answers 401, which the
API reports as a 424. Any other is reached over HTTP, where `world.mcp_hosts` allows it.

A credential is handed on and forgotten: the model and the store never see it.
"""

import hmac
import ipaddress
import re
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from responses_emulator import extras
from responses_emulator.account import MCP_KEY, MCP_PATH
from responses_emulator.auth import Auth
from responses_emulator.errors import invalid_request, not_emulated
from responses_emulator.hosts import Forbidden, Hosts
from responses_emulator.http import Json, Reply, Request, json_reply
from responses_emulator.signals import Signal
from responses_emulator.tools import mslearn
from responses_emulator.tools.mcp import Failure
from responses_emulator.urls import split
from responses_emulator.world import World

if TYPE_CHECKING:
    from responses_emulator.tools.mcp_session import Carrier, Session

KEY_HEADER = "x-apikey"
AUDIENCE = "https://api.microsoft.ai"
SECRETS = ("authorization", "headers")  # of a tool
_LABEL = r"[A-Za-z][A-Za-z0-9_-]*"
_HEADER = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_VALUE = r"[\t\x20-\x7e]*"


class Server:
    """One server, as a response uses it; nothing is loaded before it is asked."""

    def __init__(
        self,
        url: str,
        headers: dict[str, str],
        carrier: Callable[[], "Carrier"],
        *,
        waits: bool = False,
    ) -> None:
        """`carrier` makes what carries requests there; it may raise a Failure instead.

        `waits`: it may take long.
        """
        self.waits = waits
        self._url = url
        self._headers = headers
        self._carrier = carrier
        self._session: Session | None = None

    def list_tools(self, stop: Signal) -> list[Json]:
        """All its tools, as entries of an `mcp_list_tools` item. Raises Failure."""
        return self._begun().list_tools(stop)

    def call(self, name: str, arguments: Json, stop: Signal) -> str:
        """The output of one call. Raises Failure."""
        return self._begun().call(name, arguments, stop)

    def close(self) -> None:
        """Leave it."""
        if self._session is not None:
            self._session.close()

    def _begun(self) -> "Session":
        if self._session is None:
            carrier = self._carrier()
            from responses_emulator.tools.mcp_session import Session

            self._session = Session(self._url, self._headers, carrier)
        return self._session


Servers = dict[tuple[str, str], Server]  # by a tool's label and address


def named(world: World, request: Request, tools: list[Json]) -> Servers:
    """The servers of a request's tools, none of which has been asked yet.

    Raises the 400 for labels that are none or that come twice, for headers that cannot
    be sent, and for want of the extra.
    """
    servers: Servers = {}
    labels: set[str] = set()
    for index, tool in enumerate(tools):
        if tool["type"] == "mcp":
            extras.need("mcp", "To use an MCP server", f"tools[{index}]")
            _check_label(tool["server_label"], labels, f"tools[{index}].server_label")
            labels.add(tool["server_label"])
            headers = _headers(tool, f"tools[{index}]")
            servers[key_of(tool)] = _server(world, request, tool, headers)
    return servers


def _check_label(label: str, before: set[str], param: str) -> None:
    """What the service takes is known from pomerium/mcp-app-demo#18, not its words."""
    if not re.fullmatch(_LABEL, label):
        raise invalid_request(
            f"Invalid '{param}': '{label[:100]}'. It must start with a letter and have "
            "only letters, digits, '-' and '_'.",
            param,
            "invalid_value",
        )
    if label in before:  # by it a call finds its server
        raise invalid_request(
            f"Invalid '{param}': there is another MCP server with the label '{label}'.",
            param,
            "invalid_value",
        )


def key_of(tool: Json) -> tuple[str, str]:
    """By what a tool's server is found again."""
    return tool["server_label"], tool["server_url"]


def without_secrets(tool: Json) -> Json:
    """A tool as the model sees it: of one of MCP, nothing that its server is sent."""
    if tool["type"] != "mcp":
        return tool
    return {name: value for name, value in tool.items() if name not in SECRETS}


def _headers(tool: Json, place: str) -> dict[str, str]:
    """What a tool has its server sent, each name once."""
    given: dict[str, str] = tool.get("headers") or {}
    headers = {name.lower(): value for name, value in given.items()}
    for name, value in headers.items():
        if not (re.fullmatch(_HEADER, name) and re.fullmatch(_VALUE, value)):
            raise invalid_request(  # which does not repeat the value
                f"Invalid header '{name[:100]}': its name or its value is none that "
                "HTTP has.",
                f"{place}.headers",
                "invalid_value",
            )
    token = (tool.get("authorization") or "").strip(" ")
    if token:
        if len(token.split(" ")) > 1:
            # What the service makes of it, no source tells. It cannot be a token, and
            # to send "Bearer Bearer ..." helps nobody.
            raise not_emulated(
                "a scheme in 'authorization', such as 'Bearer': it is the token alone, "
                "and 'Bearer' is put before it. Another scheme goes into 'headers'",
                f"{place}.authorization",
            )
        if not re.fullmatch(_VALUE, token):
            raise invalid_request(
                "Invalid 'authorization': it is no value that HTTP has.",
                f"{place}.authorization",
                "invalid_value",
            )
        headers["authorization"] = f"Bearer {token}"
    return headers


def _server(
    world: World, request: Request, tool: Json, headers: dict[str, str]
) -> Server:
    url: str = tool["server_url"]
    if _is_learn(world, url):
        return Server(url, headers, _learn)
    if _is_built_in(world, request, url):
        return Server(url, headers, partial(_search, world.auth))
    failure = _why_not(world.mcp_hosts, url)
    if failure is not None:
        return Server(url, headers, partial(_nowhere, failure))
    return Server(url, headers, partial(_outside, world), waits=True)


def is_outside(world: World, request: Request, url: str) -> bool:
    """Whether a server is reached over HTTP, and so may take long."""
    return not (
        _is_learn(world, url)
        or _is_built_in(world, request, url)
        or _why_not(world.mcp_hosts, url)
    )


def _is_learn(world: World, url: str) -> bool:
    """Whether the server built in stands for this one: unless its host was named."""
    return mslearn.is_learn(url) and not world.mcp_hosts.names(mslearn.HOST, 443)


def _why_not(hosts: Hosts, url: str) -> Failure | None:
    """Why an address is not even dialled, if it is not."""
    try:
        parts = split(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return Failure.of_status(HTTPStatus.FAILED_DEPENDENCY)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        hosts.check(parts.hostname, port)
    except ValueError:  # no address at all
        return Failure.of_status(HTTPStatus.FAILED_DEPENDENCY)
    except Forbidden as forbidden:
        return Failure.of_status(HTTPStatus.FAILED_DEPENDENCY, str(forbidden))
    return None


# What carries requests to each: to import these loads the SDK.


def _nowhere(failure: Failure) -> "Carrier":
    raise failure


def _learn() -> "Carrier":
    from responses_emulator.tools import mcp_own, mcp_session

    return mcp_session.BuiltIn(mcp_own.LEARN.server)


def _search(auth: Auth) -> "Carrier":
    from responses_emulator.tools import mcp_own, mcp_session

    return mcp_session.BuiltIn(mcp_own.SEARCH.server, partial(is_let_in, auth))


def _outside(world: World) -> "Carrier":
    from responses_emulator.tools.mcp_session import Dialling

    return Dialling(world.mcp_hosts)


def _is_built_in(world: World, request: Request, url: str) -> bool:
    """Whether an address is that of this emulator's own server."""
    try:
        parts = split(url)
        asked = split(f"//{request.headers.get('host', '')}")
        known = {(_host(asked.hostname), asked.port), *map(_place, world.addresses)}
        here = (_host(parts.hostname), parts.port)
    except ValueError:
        return False
    return here in known and parts.path.rstrip("/") == MCP_PATH


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


def serve(world: World, request: Request) -> Reply:
    """Answer one request to `/mcp`: other clients of the protocol use it over HTTP."""
    if not is_let_in(world.auth, request.headers):
        reply = json_reply({"error": "unauthorized"}, 401)
        reply.headers["www-authenticate"] = "Bearer"
        return reply
    if request.method != "POST":  # no stream to listen to, no session to end
        return Reply(405, {"allow": "POST"})
    extras.need("mcp", "To be an MCP server")
    from responses_emulator.tools import mcp_own

    return Reply(*mcp_own.answer(mcp_own.SEARCH, request.headers, request.body))
