"""`/dashboard/webhook_endpoints`: who is told of events. Azure's four calls.

The signing secret is the emulator's own, which is public, and as on Azure it is shown
once: when an endpoint is registered. What is sent to whom is `emulator/outbox.py`.
"""

import ipaddress

from responses_emulator import contract
from responses_emulator.account import WEBHOOK_SECRET
from responses_emulator.errors import invalid_request, not_emulated, not_found
from responses_emulator.http import Json, Reply, Request, json_reply
from responses_emulator.ids import hex_id
from responses_emulator.resources.paging import page
from responses_emulator.store import MAX_WEBHOOKS, WebhookEndpoint
from responses_emulator.urls import split
from responses_emulator.world import World

HINT_LENGTH = 4  # characters of the secret that a list shows


def create(world: World, request: Request) -> Reply:
    """`POST /dashboard/webhook_endpoints`."""
    body = request.json()
    contract.check("webhook_endpoints.create", body)
    _check_url(body["url"])
    endpoints = world.store.webhooks
    with endpoints.lock:
        if len(endpoints) >= MAX_WEBHOOKS:
            raise invalid_request(
                f"The emulator holds at most {MAX_WEBHOOKS} webhook endpoints. Delete "
                "some to make room.",
                code="storage_limit_exceeded",
            )
        endpoint = WebhookEndpoint(
            hex_id("we_"),
            body["name"],
            body["url"],
            body["event_types"],
            created_at=int(world.clock()),
        )
        endpoints.put(endpoint.id, endpoint)
    world.outbox.wake()
    return json_reply({**_body(endpoint), "signing_secret": WEBHOOK_SECRET})


def list_endpoints(world: World, request: Request) -> Reply:
    """`GET /dashboard/webhook_endpoints`, newest first."""
    bodies = [_body(endpoint) for endpoint in world.store.webhooks]
    return json_reply(page(request, bodies))


def update(world: World, request: Request, id: str) -> Reply:
    """`POST /dashboard/webhook_endpoints/{id}`: name, address or types of events."""
    endpoint = _find(world, id)
    body = request.json()
    contract.check("webhook_endpoints.update", body)
    if "url" in body:
        _check_url(body["url"])
    for name, value in body.items():
        setattr(endpoint, name, value)
    return json_reply(_body(endpoint))


def delete(world: World, _request: Request, id: str) -> Reply:
    """`DELETE /dashboard/webhook_endpoints/{id}`. It is told of nothing any more."""
    _find(world, id)
    world.store.webhooks.pop(id)
    return json_reply({"id": id, "object": "webhook.endpoint.deleted", "deleted": True})


def _find(world: World, id: str) -> WebhookEndpoint:
    endpoint = world.store.webhooks.get(id)
    if endpoint is None:
        raise not_found(f"No webhook endpoint found with id '{id}'.", "webhook_id")
    return endpoint


def _check_url(url: str) -> None:
    """The service wants https in public; nothing of the emulator leaves loopback."""
    try:
        parts = split(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
        parts = split("")
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise invalid_request(
            "Invalid 'url': expected an address that begins with 'https://' (or, in "
            "the emulator, with 'http://').",
            "url",
            "invalid_value",
        )
    if not _is_loopback(host):
        raise not_emulated(
            f"webhooks to '{host[:100]}': it sends them to loopback alone, such as "
            "'http://127.0.0.1:8000/'",
            "url",
        )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _body(endpoint: WebhookEndpoint) -> Json:
    return {
        "id": endpoint.id,
        "object": "webhook.endpoint",
        "created_at": endpoint.created_at,
        "event_types": endpoint.event_types,
        "name": endpoint.name,
        "signing_secret_hint": f"whsec_...{WEBHOOK_SECRET[-HINT_LENGTH:]}",
        "url": endpoint.url,
    }
