"""`/containers`: where code interpreter's programs and the hosted shell run.

Past its idle minutes, counted from its last use by the emulator's clock, a container is
gone and its files with it.
"""

from responses_emulator import contract
from responses_emulator.http import Json, Reply, Request, json_reply
from responses_emulator.resources import workspaces
from responses_emulator.resources.paging import page
from responses_emulator.store import StoredContainer
from responses_emulator.world import World


def create(world: World, request: Request) -> Reply:
    """`POST /containers`."""
    body = request.json()
    contract.check("containers.create", body)
    workspaces.check_network(body, "network_policy")
    expiry: Json = body.get("expires_after") or {}
    container = workspaces.new(world, body, body.get("file_ids") or [], "file_ids")
    container.name = body["name"]
    container.idle_minutes = expiry.get("minutes", container.idle_minutes)
    return json_reply(_body(container))


def list_containers(world: World, request: Request) -> Reply:
    """`GET /containers`, all or those named `name`."""
    query = contract.check_query("containers.list", request.query_lists)
    workspaces.forget_expired(world)
    name = query.get("name")
    shown = [c for c in world.store.containers if name in (None, c.name)]
    return json_reply(page(request, [_body(container) for container in shown]))


def retrieve(world: World, _request: Request, id: str) -> Reply:
    """`GET /containers/{container_id}`."""
    return json_reply(_body(workspaces.find(world, id)))


def delete(world: World, _request: Request, id: str) -> Reply:
    """`DELETE /containers/{container_id}`."""
    workspaces.find(world, id)
    world.store.containers.pop(id)
    return json_reply({"id": id, "object": "container.deleted", "deleted": True})


def _body(container: StoredContainer) -> Json:
    return {
        "id": container.id,
        "object": "container",
        "name": container.name,
        "status": "running",
        "created_at": container.created_at,
        "last_active_at": container.last_active_at,
        "expires_after": {
            "anchor": "last_active_at",
            "minutes": container.idle_minutes,
        },
        "memory_limit": container.memory_limit,
    }
