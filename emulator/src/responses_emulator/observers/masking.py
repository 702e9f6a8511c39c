"""Take the secrets out of what is shown or recorded."""

import re
from collections.abc import Mapping
from typing import Any, cast

MASK = "***"
# Of these the first word is no secret: `Bearer`, `Basic`.
_WITH_A_SCHEME = frozenset({"authorization", "proxy-authorization"})
# Secret, though their names do not say so as `_SECRET_NAME` knows it.
_SECRET_HEADERS = frozenset(
    {"cookie", "proxy-authorization", "set-cookie", "x-identity-header"}
)
# How a header or a query parameter is called that is one.
_SECRET_NAME = (
    r"(?i)(?:(?:^|api|access|subscription|functions?|shared)[-_]?key|token|secret|password"
    r"|^code|^sig|^signature|^authorization)$"
)
_USER_INFO = r"(?<=//)[^/?#\s]+(?=@)"
# In what is no JSON, but was meant to be.
_IN_TEXT = (
    r'("(?:authorization|access_token|signing_secret)"\s*:\s*")[^"]*',
    r'("headers"\s*:\s*\{)[^}]*',
    r'("server_url"\s*:\s*")[^"]*',
)
_MAX_DEPTH = 100  # deeper JSON is no request that a client library sends


def mask_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers without their secrets; of `Bearer abc`, `Bearer ***` is left."""
    return {name: _mask_header(name, value) for name, value in headers.items()}


def mask_target(target: str) -> str:
    """A path with its query, without keys and tokens in it."""
    path, mark, query = target.partition("?")
    if not mark:
        return target
    pairs = [pair.partition("=") for pair in query.split("&")]
    return f"{path}?" + "&".join(
        f"{name}{equals}{MASK if value and re.search(_SECRET_NAME, name) else value}"
        for name, equals, value in pairs
    )


def mask_text(text: str) -> str:
    """A body that is no whole JSON, without the secrets that can be made out in it."""
    for pattern in _IN_TEXT:
        text = re.sub(pattern, rf"\1{MASK}", text)
    return text


def mask_json(value: Any, depth: int = 0) -> Any:
    """The same JSON value without tokens and without what an MCP server is sent.

    Masked are each `access_token` and `signing_secret`, and of tools of the type `mcp`
    the `authorization`, every value in `headers`, and in `server_url` who signs in, the
    query's values and the fragment.
    What is nested absurdly deep becomes `…`.
    """
    if depth > _MAX_DEPTH:
        return "…"
    if isinstance(value, list):
        return [mask_json(item, depth + 1) for item in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    fields = cast("dict[str, Any]", value)
    secret = {"access_token", "signing_secret"}
    if fields.get("type") == "mcp":
        secret |= {"authorization", "headers"}
    masked = {
        name: _mask_field(item) if name in secret else mask_json(item, depth + 1)
        for name, item in fields.items()
    }
    if fields.get("type") == "mcp" and isinstance(fields.get("server_url"), str):
        masked["server_url"] = mask_url(fields["server_url"])
    return masked


def mask_url(url: str) -> str:
    """An address without who signs in, its query's values and its fragment."""
    rest, hash, fragment = url.partition("#")
    address, mark, query = re.sub(_USER_INFO, MASK, rest).partition("?")
    pairs = [pair.partition("=") for pair in query.split("&")]
    masked = "&".join(
        f"{name}={MASK if value else ''}" if equals else MASK if name else ""
        for name, equals, value in pairs
    )
    return address + mark + masked + hash + (MASK if fragment else "")


def _mask_field(value: Any) -> Any:
    if isinstance(value, dict):  # an MCP tool's headers: their names are no secret
        return dict.fromkeys(cast("dict[str, Any]", value), MASK)
    return None if value is None else MASK


def _mask_header(name: str, value: str) -> str:
    if name.lower() not in _SECRET_HEADERS and not re.search(_SECRET_NAME, name):
        return value
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {MASK}" if space and name.lower() in _WITH_A_SCHEME else MASK
