"""Containers as the tools and the routes use them: found, filled, let go.

A file in a container has an id of its own (`cfile_`), also where it is a copy of an
uploaded one: the Files API knows none of them.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import partial

from responses_emulator.errors import (
    ServiceError,
    invalid_request,
    not_emulated,
    not_found,
)
from responses_emulator.http import Json
from responses_emulator.ids import new_id
from responses_emulator.multipart import Upload
from responses_emulator.resources import files, skills
from responses_emulator.store import (
    MAX_BYTES_IN_CONTAINER,
    MAX_CONTAINER_BYTES,
    MAX_CONTAINER_FILES,
    ContainerFile,
    SkillVersion,
    StoredContainer,
    StoredFile,
)
from responses_emulator.tools import Kept, Skill, Workspace
from responses_emulator.world import World

MAX_NAME = 60  # characters that are kept of a file's name


def find(world: World, id: str, param: str | None = None) -> StoredContainer:
    """The container with this id, or the service's 404 that blames `param`."""
    forget_expired(world)
    container = world.store.containers.get(id)
    if container is None:
        raise not_found(f"Container with id '{id}' not found.", param)
    return container


def is_there(world: World, id: str) -> bool:
    """Whether there is a container with this id, still."""
    forget_expired(world)
    return world.store.containers.get(id) is not None


def forget_expired(world: World) -> None:
    """Drop the containers that were idle for too long."""
    now = world.clock()
    for container in world.store.containers:
        if now > container.last_active_at + container.idle_minutes * 60:
            world.store.containers.pop(container.id)


def new(
    world: World, settings: Json, file_ids: list[str], param: str
) -> StoredContainer:
    """A stored container with copies of these files; a file that is not there: 404.

    `settings` are those of the API: `memory_limit` and `skills` are heeded.
    """
    uploads = [files.find(world, id, param) for id in file_ids]
    mounted = skills.mounted(world, settings.get("skills") or [], "skills")
    if not _has_room(world, None, uploads, mounted):
        raise _too_much(param)
    now = int(world.clock())
    container = StoredContainer(
        new_id("cntr"),
        created_at=now,
        last_active_at=now,
        memory_limit=settings.get("memory_limit") or "1g",
        skills=mounted,
    )
    for upload in uploads:
        copy_in(world, container, upload, param)
    world.store.containers.put(container.id, container)
    return container


def check_network(settings: Json, param: str) -> None:
    """No program of the emulator reaches a network, whatever the policy."""
    policy: Json = settings.get("network_policy") or {"type": "disabled"}
    if policy["type"] != "disabled":
        raise not_emulated("a container with a network", param)


def copy_in(
    world: World, container: StoredContainer, file: StoredFile, param: str
) -> ContainerFile:
    """Put a copy of an uploaded file into a container, or raise a 400."""
    return put(world, container, file.id, file, param)


def keep(
    world: World, container: StoredContainer, name: str, content: bytes
) -> str | None:
    """The id of a file that a program wrote.

    None where there is no room for it, or where no container can have its name.
    """
    if any(plain_name(part) != part for part in name.split("/")):
        return None
    old = _named(container, name)
    id = old.id if old else _id(container, f"written {name}")
    now = int(world.clock())
    file = ContainerFile(id, container.id, name, "assistant", content, now)
    if not _has_room(world, container, [file], instead_of=old):
        return None
    if old:
        old.content = content
    else:
        container.files.put(id, file)
    return id


def save(
    world: World,
    container: StoredContainer,
    written: Mapping[str, bytes],
    removed: Sequence[str],
    session: bytes | None,
) -> Kept:
    """Keep what a program has left, as far as there is room.

    Without a session the container has the one that it had.
    """
    for name in removed:
        file = _named(container, name)
        if file:
            container.files.pop(file.id)
    ids = {name: keep(world, container, name, b) for name, b in written.items()}
    old = container.session
    container.session = old if session is None else session
    has_room = _has_room(world, container, [])
    if not has_room:
        container.session = old
    return Kept(
        {name: id for name, id in ids.items() if id is not None},
        [name for name, id in ids.items() if id is None],
        session=has_room,
    )


def _named(container: StoredContainer, name: str) -> ContainerFile | None:
    return next((file for file in container.files if file.name == name), None)


def put(
    world: World,
    container: StoredContainer,
    key: str,
    source: StoredFile | Upload,
    param: str,
) -> ContainerFile:
    """Put a caller's file into a container, or raise a 400; `key` makes its id."""
    if not _has_room(world, container, [source]):
        raise _too_much(param)
    id = _id(container, key)
    file = ContainerFile(
        id,
        container.id,
        # As on the service. Two files of one name, and one with the name of a file
        # that a program writes, can't meet.
        f"{id.removeprefix('cfile_')}-{plain_name(source.filename)}",
        "user",
        source.content,
        int(world.clock()),
    )
    container.files.put(id, file)
    return file


def _id(container: StoredContainer, key: str) -> str:
    """An id of 32 digits that the same file has again in the same container."""
    digest = hashlib.sha256(f"{container.id} {key}".encode()).hexdigest()
    return f"cfile_{digest[:32]}"


def plain_name(filename: str) -> str:
    """A name that no system takes for a path or for an option: a.csv of ../a.csv."""
    name = re.split(r"[/\\]", filename)[-1]
    return re.sub(r"[^\w.()-]", "_", name).strip(".-")[-MAX_NAME:] or "file"


def _has_room(
    world: World,
    container: StoredContainer | None,
    more: Sequence[StoredFile | ContainerFile | Upload],
    mounted: Sequence[SkillVersion] = (),
    instead_of: ContainerFile | None = None,
) -> bool:
    """Whether these files fit into a container (None: a new one), and into them all.

    `mounted` are the skills of a new one. They are counted, since they stay in it when
    they are deleted.
    """
    count, size = len(more), sum(len(file.content) for file in more)
    if container is not None:
        count += len(container.files)
        size += container.size
    if instead_of is not None:
        count -= 1
        size -= len(instead_of.content)
    return (
        count <= MAX_CONTAINER_FILES
        and size <= MAX_BYTES_IN_CONTAINER
        and size + _held_besides(world, container, mounted) <= MAX_CONTAINER_BYTES
    )


def _held_besides(
    world: World,
    container: StoredContainer | None,
    mounted: Sequence[SkillVersion] = (),
) -> int:
    """The bytes of all other containers, and of all skills that are mounted."""
    containers = list(world.store.containers)
    skills = [version for each in containers for version in each.skills]
    held = sum(version.bundle.size for version in [*skills, *mounted])
    return held + sum(each.size for each in containers if each is not container)


def _room(world: World, container: StoredContainer) -> int:
    """The bytes that its files may have, all together."""
    left = MAX_CONTAINER_BYTES - _held_besides(world, container)
    return max(0, min(MAX_BYTES_IN_CONTAINER, left) - len(container.session))


def _too_much(param: str) -> ServiceError:
    return invalid_request(
        f"The emulator holds at most {MAX_CONTAINER_FILES} files and "
        f"{MAX_BYTES_IN_CONTAINER // 2**20} MB in a container, and "
        f"{MAX_CONTAINER_BYTES // 2**20} MB in all containers.",
        param,
        "storage_limit_exceeded",
    )


# For the tools


def check_wanted(world: World, wanted: str | Json, place: str) -> None:
    """Raise what is wrong with a tool's container before anything is made.

    `wanted` is its id, or the settings of one that is to be made; `place` is where the
    request has that.
    """
    if isinstance(wanted, str):
        find(world, wanted, place)
        return
    check_network(wanted, f"{place}.network_policy")
    ids: list[str] = wanted.get("file_ids") or []
    uploads = [
        files.find(world, id, f"{place}.file_ids[{index}]")
        for index, id in enumerate(ids)
    ]
    mounted = skills.mounted(world, wanted.get("skills") or [], f"{place}.skills")
    if not _has_room(world, None, uploads, mounted):
        raise _too_much(f"{place}.file_ids")


def for_tool(world: World, wanted: str | Json, items: list[Json]) -> Workspace:
    """The container that a tool names, or one with the settings that it asks for.

    Code interpreter (`auto`) goes on in the conversation's last container; a shell
    (`container_auto`) gets a new one for each request.
    """
    if isinstance(wanted, str):
        container = find(world, wanted)
    else:
        goes_on = wanted["type"] == "auto"
        container = _last_used(world, items) if goes_on else None
        ids: list[str] = wanted.get("file_ids") or []
        missing = [
            file
            for file in (files.find(world, id, "tools") for id in ids)
            if container and container.files.get(_id(container, file.id)) is None
        ]
        if container is None or not _has_room(world, container, missing):
            container = new(world, wanted, ids, "tools")
            missing = []
        for file in missing:
            copy_in(world, container, file, "tools")
    container.last_active_at = int(world.clock())
    mounted = [version.bundle for version in container.skills]
    return Workspace(
        container.id,
        {file.name: file.content for file in container.files},
        partial(keep, world, container),
        tuple(Skill(each.name, each.description, each.files) for each in mounted),
        session=container.session,
        most_files=MAX_CONTAINER_FILES,
        most_bytes=_room(world, container),
        save=partial(save, world, container),
        turn=container.turn,
    )


def _last_used(world: World, items: list[Json]) -> StoredContainer | None:
    """The container of the newest call of the conversation, if it is still there."""
    forget_expired(world)
    for item in reversed(items):
        if item.get("type") == "code_interpreter_call":
            return world.store.containers.get(item.get("container_id") or "")
    return None
