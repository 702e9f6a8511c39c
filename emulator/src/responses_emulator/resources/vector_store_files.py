"""`/vector_stores/{id}/files` and `/file_batches`: what a vector store holds."""

from responses_emulator import contract
from responses_emulator.errors import invalid_request, missing_parameter, not_found
from responses_emulator.http import Json, Reply, Request, json_reply
from responses_emulator.ids import short_id
from responses_emulator.readers import documents
from responses_emulator.resources import files, indexing
from responses_emulator.resources.paging import page
from responses_emulator.resources.vector_stores import find, find_active, touch
from responses_emulator.store import FileBatch, VectorStoreFile
from responses_emulator.world import World

STATUSES = ("in_progress", "completed", "failed", "cancelled")


def create(world: World, request: Request, id: str) -> Reply:
    """`POST /vector_stores/{id}/files`. A file that is in there is indexed anew."""
    vector_store = find_active(world, id)
    body = request.json()
    contract.check("vector_stores.files.create", body)
    file = indexing.index(world, id, body)
    indexing.add(world, vector_store, [file])
    touch(world, vector_store)
    return json_reply(_body(file))


def list_files(world: World, request: Request, id: str) -> Reply:
    """`GET /vector_stores/{id}/files`, all or those in the state `filter`."""
    return json_reply(_list(request, list(find(world, id).files)))


def retrieve(
    world: World,
    request: Request,  # noqa: ARG001
    id: str,
    file_id: str,
) -> Reply:
    """`GET /vector_stores/{id}/files/{file_id}`."""
    return json_reply(_body(_find(world, id, file_id)))


def update(world: World, request: Request, id: str, file_id: str) -> Reply:
    """`POST /vector_stores/{id}/files/{file_id}`: the file's attributes."""
    file = _find(world, id, file_id)
    body = request.json()
    contract.check("vector_stores.files.update", body)
    file.attributes = body["attributes"] or {}
    find(world, id).files.weigh_again(file_id)
    touch(world, find_active(world, id))
    return json_reply(_body(file))


def delete(
    world: World,
    request: Request,  # noqa: ARG001
    id: str,
    file_id: str,
) -> Reply:
    """`DELETE /vector_stores/{id}/files/{file_id}`. The uploaded file stays."""
    _find(world, id, file_id)
    vector_store = find(world, id)
    vector_store.remove(file_id)
    return json_reply(
        {"id": file_id, "object": "vector_store.file.deleted", "deleted": True}
    )


def content(
    world: World,
    request: Request,  # noqa: ARG001
    id: str,
    file_id: str,
) -> Reply:
    """`GET /vector_stores/{id}/files/{file_id}/content`: the text, page by page."""
    status = _find(world, id, file_id).status
    if status in ("in_progress", "cancelled"):
        raise invalid_request(f"The file was not indexed: it is {status}.")
    uploaded = files.find(world, file_id)
    try:
        document = documents.read(uploaded.filename, uploaded.content)
    except documents.UnreadableDocument as error:
        raise invalid_request(f"The file was not indexed: {error.message}") from None
    return json_reply(
        {
            "object": "vector_store.file_content.page",
            "data": [{"type": "text", "text": text} for text in document.pages],
            "has_more": False,
            "next_page": None,
        }
    )


def create_batch(world: World, request: Request, id: str) -> Reply:
    """`POST /vector_stores/{id}/file_batches`."""
    vector_store = find_active(world, id)
    body = request.json()
    contract.check("vector_stores.file_batches.create", body)
    if body.get("file_ids") and body.get("files"):
        raise invalid_request("Use 'file_ids' or 'files', not both.", "files")
    if body.get("files"):
        asked: list[Json] = body["files"]
    elif body.get("file_ids"):
        asked = [{**body, "file_id": file_id} for file_id in body["file_ids"]]
    else:
        raise missing_parameter("file_ids")
    once = {one["file_id"]: one for one in asked}.values()
    batch = FileBatch(
        short_id("vsfb_", 32),
        id,
        created_at=int(world.clock()),
        files=[
            indexing.index(world, id, one, place=place)
            for place, one in enumerate(once)
        ],
    )
    indexing.add(world, vector_store, batch.files)
    vector_store.batches.put(batch.id, batch)
    touch(world, vector_store)
    return json_reply(_batch_body(batch))


def retrieve_batch(
    world: World,
    request: Request,  # noqa: ARG001
    id: str,
    batch_id: str,
) -> Reply:
    """`GET /vector_stores/{id}/file_batches/{batch_id}`."""
    return json_reply(_batch_body(_find_batch(world, id, batch_id)))


def cancel_batch(
    world: World,
    request: Request,  # noqa: ARG001
    id: str,
    batch_id: str,
) -> Reply:
    """`POST .../{batch_id}/cancel`. What is done already stays so."""
    batch = _find_batch(world, id, batch_id)
    for file in batch.files:
        file.cancel()
    return json_reply(_batch_body(batch))


def list_batch_files(world: World, request: Request, id: str, batch_id: str) -> Reply:
    """`GET .../{batch_id}/files`: those of them that are still in the vector store."""
    batch = _find_batch(world, id, batch_id)
    there = find(world, id).files
    members = [file for file in batch.files if there.get(file.id) is file]
    return json_reply(_list(request, members))


def _list(request: Request, members: list[VectorStoreFile]) -> Json:
    status = request.query.get("filter")
    if status and status not in STATUSES:
        supported = ", ".join(f"'{one}'" for one in STATUSES)
        raise invalid_request(
            f"Invalid value: '{status}'. Supported values are: {supported}.",
            "filter",
            "invalid_value",
        )
    bodies = [_body(file) for file in members]
    return page(
        request, [body for body in bodies if not status or body["status"] == status]
    )


def _find(world: World, id: str, file_id: str) -> VectorStoreFile:
    file = find(world, id).files.get(file_id)
    if file is None:
        raise not_found(
            f"No file found with id '{file_id}' in vector store '{id}'.", "file_id"
        )
    return file


def _find_batch(world: World, id: str, batch_id: str) -> FileBatch:
    batch = find(world, id).batches.get(batch_id)
    if batch is None:
        raise not_found(
            f"No file batch found with id '{batch_id}' in vector store '{id}'.",
            "batch_id",
        )
    indexing.settle(world, batch.files)
    return batch


def _body(file: VectorStoreFile) -> Json:
    return {
        "id": file.id,
        "object": "vector_store.file",
        "usage_bytes": file.usage_bytes if file.is_done else 0,
        "created_at": file.created_at,
        "vector_store_id": file.vector_store_id,
        "status": file.status,
        "last_error": file.last_error if file.is_done else None,
        "chunking_strategy": {
            "type": "static",
            "static": {
                "max_chunk_size_tokens": file.max_tokens,
                "chunk_overlap_tokens": file.overlap,
            },
        },
        "attributes": file.attributes,
    }


def _batch_body(batch: FileBatch) -> Json:
    states = {file.status for file in batch.files}
    return {
        "id": batch.id,
        "object": "vector_store.files_batch",
        "created_at": batch.created_at,
        "vector_store_id": batch.vector_store_id,
        "status": next(
            (s for s in ("in_progress", "cancelled") if s in states), "completed"
        ),
        "file_counts": indexing.counts(batch.files),
    }
