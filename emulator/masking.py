"""Take the secrets out of what is shown or recorded."""

from collections.abc import Mapping
from typing import Any, cast

MASK = "***"
SECRET_HEADERS = frozenset(
    {
        "api-key",
        "authorization",
        "cookie",
        "ocp-apim-subscription-key",
        "proxy-authorization",
        "set-cookie",
        "x-identity-header",
    }
)
_MAX_DEPTH = 100  # deeper JSON is no request that a client library sends


def mask_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers without their secrets; of `Bearer abc`, `Bearer ***` is left."""
    return {
        name: _mask_value(value) if name.lower() in SECRET_HEADERS else value
        for name, value in headers.items()
    }


def mask_json(value: Any, depth: int = 0) -> Any:
    """The same JSON value without tokens and without what an MCP server is sent.

    Masked are each `access_token`, and of tools of the type `mcp` the `authorization`
    and every value in `headers`. What is nested absurdly deep becomes `…`.
    """
    if depth > _MAX_DEPTH:
        return "…"
    if isinstance(value, list):
        return [mask_json(item, depth + 1) for item in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    fields = cast("dict[str, Any]", value)
    secret = {"access_token"}
    if fields.get("type") == "mcp":
        secret |= {"authorization", "headers"}
    return {
        name: _mask_field(item) if name in secret else mask_json(item, depth + 1)
        for name, item in fields.items()
    }


def _mask_field(value: Any) -> Any:
    if isinstance(value, dict):  # an MCP tool's headers: their names are no secret
        return dict.fromkeys(cast("dict[str, Any]", value), MASK)
    return None if value is None else MASK


def _mask_value(value: str) -> str:
    scheme, space, _ = value.partition(" ")
    return f"{scheme} {MASK}" if space else MASK
