"""`/containers`: where code interpreter's programs run. Listed, retrieved, deleted."""

from typing import TYPE_CHECKING

from emulator.errors import not_found
from emulator.http import Json, Reply, Request, json_reply
from emulator.ids import new_id
from emulator.resources.paging import page
from emulator.store import StoredContainer

if TYPE_CHECKING:
    from emulator.core import Emulator

IDLE_MINUTES = 20  # after which the service lets a container go


def for_tool(emulator: "Emulator", tool: Json) -> str:
    """The id of the container that a code_interpreter tool names, or of a new one."""
    now = int(emulator.clock())
    if isinstance(tool["container"], str):
        container = find(emulator, tool["container"])
        container.last_active_at = now
        return container.id
    container = StoredContainer(new_id("cntr"), created_at=now, last_active_at=now)
    emulator.store.containers.put(container.id, container)
    return container.id


def list_containers(emulator: "Emulator", request: Request) -> Reply:
    """`GET /containers`."""
    live = [c for c in emulator.store.containers if not _is_gone(emulator, c)]
    return json_reply(page(request, [_body(c) for c in live]))


def retrieve(emulator: "Emulator", _request: Request, id: str) -> Reply:
    """`GET /containers/{container_id}`."""
    return json_reply(_body(find(emulator, id)))


def delete(emulator: "Emulator", _request: Request, id: str) -> Reply:
    """`DELETE /containers/{container_id}`."""
    find(emulator, id)
    emulator.store.containers.pop(id)
    return json_reply({"id": id, "object": "container.deleted", "deleted": True})


def find(emulator: "Emulator", id: str) -> StoredContainer:
    """The container with this id, or the service's 404."""
    container = emulator.store.containers.get(id)
    if container is None or _is_gone(emulator, container):
        raise not_found(f"Container with id '{id}' not found.")
    return container


def _is_gone(emulator: "Emulator", container: StoredContainer) -> bool:
    return emulator.clock() > container.last_active_at + IDLE_MINUTES * 60


def _body(container: StoredContainer) -> Json:
    return {
        "id": container.id,
        "object": "container",
        "name": "auto",
        "status": "running",
        "created_at": container.created_at,
        "last_active_at": container.last_active_at,
        "expires_after": {"anchor": "last_active_at", "minutes": IDLE_MINUTES},
    }
