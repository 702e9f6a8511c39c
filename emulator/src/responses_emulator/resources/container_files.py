"""`/containers/{id}/files`: what a program finds, and what it wrote."""

from responses_emulator import contract
from responses_emulator.errors import (
    ServiceError,
    invalid_request,
    missing_parameter,
    not_found,
    unknown_parameter,
)
from responses_emulator.http import Json, Reply, Request, json_reply
from responses_emulator.ids import new_id
from responses_emulator.multipart import Upload, read_form
from responses_emulator.resources import files, workspaces
from responses_emulator.resources.paging import page
from responses_emulator.store import ContainerFile
from responses_emulator.world import World

FOLDER = "/mnt/data/"


def create(world: World, request: Request, id: str) -> Reply:
    """`POST /containers/{id}/files`: a form with a file, or the id of an upload."""
    container = workspaces.find(world, id)
    if request.headers.get("content-type", "").startswith("application/json"):
        sent: Json = request.json()
    else:
        sent = dict(read_form(request))
    for name in sent:
        if name not in ("file", "file_id"):
            raise unknown_parameter(name)
    file_id, upload = sent.get("file_id"), sent.get("file")
    if file_id is not None and upload is not None:
        raise invalid_request("Expected one of 'file' and 'file_id', not both.", "file")
    if file_id is not None:
        if not isinstance(file_id, str):
            raise _no_type("file_id", "a string")
        source = files.find(world, file_id, "file_id")
        file = workspaces.copy_in(world, container, source, "file_id")
    elif upload is None:
        raise missing_parameter("file")
    elif not isinstance(upload, Upload) or not upload.filename:
        raise _no_type("file", "a file with a file name")
    else:
        file = workspaces.put(world, container, new_id("upload"), upload, "file")
    container.last_active_at = int(world.clock())
    return json_reply(_body(file))


def list_files(world: World, request: Request, id: str) -> Reply:
    """`GET /containers/{id}/files`."""
    contract.check_query("containers.files.list", request.query_lists)
    container = workspaces.find(world, id)
    return json_reply(page(request, [_body(file) for file in container.files]))


def retrieve(world: World, _request: Request, id: str, file_id: str) -> Reply:
    """`GET /containers/{id}/files/{file_id}`."""
    return json_reply(_body(_find(world, id, file_id)))


def content(world: World, _request: Request, id: str, file_id: str) -> Reply:
    """`GET /containers/{id}/files/{file_id}/content`: the bytes."""
    headers = {"content-type": "application/octet-stream"}
    return Reply(200, headers, _find(world, id, file_id).content)


def delete(world: World, _request: Request, id: str, file_id: str) -> Reply:
    """`DELETE /containers/{id}/files/{file_id}`."""
    _find(world, id, file_id)
    workspaces.find(world, id).files.pop(file_id)
    return json_reply(
        {"id": file_id, "object": "container.file.deleted", "deleted": True}
    )


def _find(world: World, id: str, file_id: str) -> ContainerFile:
    file = workspaces.find(world, id).files.get(file_id)
    if file is None:
        raise not_found(f"Container file with id '{file_id}' not found.")
    return file


def _no_type(param: str, expected: str) -> ServiceError:
    return invalid_request(
        f"Invalid type for '{param}': expected {expected}.", param, "invalid_type"
    )


def _body(file: ContainerFile) -> Json:
    return {
        "id": file.id,
        "object": "container.file",
        "container_id": file.container_id,
        "created_at": file.created_at,
        "bytes": len(file.content),
        "path": FOLDER + file.name,
        "source": file.source,
    }
