"""`/files`: upload, list, retrieve, content, delete."""

from responses_emulator.errors import (
    ServiceError,
    invalid_request,
    missing_parameter,
    not_found,
    unknown_parameter,
)
from responses_emulator.http import Json, Reply, Request, json_reply
from responses_emulator.ids import hex_id, short_id
from responses_emulator.multipart import Upload, read_form
from responses_emulator.resources.paging import page
from responses_emulator.store import MAX_FILE_BYTES, StoredFile
from responses_emulator.world import World

PURPOSES = ("assistants", "batch", "fine-tune", "vision", "evals")
LISTED_PURPOSES = (*PURPOSES, "batch_output")  # what the emulator itself makes, too
FIELDS = ("file", "purpose", "expires_after[anchor]", "expires_after[seconds]")
SHORTEST_LIFE, LONGEST_LIFE = 1_209_600, 2_592_000  # seconds: 14 to 30 days
MAX_FILENAME = 512
HIGHEST_LIMIT = 10_000


def create(world: World, request: Request) -> Reply:
    """`POST /files`, a multipart form."""
    form = read_form(request)
    for name in form:
        if name not in FIELDS:
            raise unknown_parameter(name)
    upload, purpose = form.get("file"), form.get("purpose")
    if upload is None:
        raise missing_parameter("file")
    if not isinstance(upload, Upload) or not upload.filename:
        raise invalid_request(
            "Invalid type for 'file': expected a file with a file name.",
            "file",
            "invalid_type",
        )
    if len(upload.filename) > MAX_FILENAME:
        raise invalid_request(
            f"The file's name is too long. Expected at most {MAX_FILENAME} characters, "
            f"but got {len(upload.filename)} instead.",
            "file",
            "string_above_max_length",
        )
    if not isinstance(purpose, str):
        raise missing_parameter("purpose")
    if purpose not in PURPOSES:
        raise _invalid_value("purpose", purpose, PURPOSES)
    if not upload.content:
        raise invalid_request("The file is empty.", "file", "empty_file")

    now = int(world.clock())
    lifetime = _lifetime(form)
    id = short_id("assistant-", 22) if purpose == "assistants" else hex_id("file-")
    file = StoredFile(
        id,
        upload.filename,
        purpose,
        upload.content,
        created_at=now,
        expires_at=None if lifetime is None else now + lifetime,
    )
    forget_expired(world)
    with world.store.files.lock:
        check_room(world, len(file.content))
        world.store.files.put(file.id, file)
    return json_reply(_body(file))


def list_files(world: World, request: Request) -> Reply:
    """`GET /files`."""
    forget_expired(world)
    purpose = request.query.get("purpose")
    if purpose and purpose not in LISTED_PURPOSES:
        raise _invalid_value("purpose", purpose, LISTED_PURPOSES)
    bodies = [
        _body(file)
        for file in world.store.files
        if not purpose or file.purpose == purpose
    ]
    return json_reply(
        page(request, bodies, default_limit=HIGHEST_LIMIT, max_limit=HIGHEST_LIMIT)
    )


def retrieve(world: World, request: Request, id: str) -> Reply:  # noqa: ARG001
    """`GET /files/{id}`."""
    return json_reply(_body(find(world, id)))


def content(world: World, request: Request, id: str) -> Reply:  # noqa: ARG001
    """`GET /files/{id}/content`: the bytes as they were uploaded."""
    headers = {"content-type": "application/octet-stream"}
    return Reply(200, headers, find(world, id).content)


def delete(world: World, request: Request, id: str) -> Reply:  # noqa: ARG001
    """`DELETE /files/{id}`. The file leaves every vector store, too."""
    _forget(world, find(world, id))
    return json_reply({"id": id, "object": "file", "deleted": True})


def find(world: World, id: str, param: str = "id") -> StoredFile:
    """The file with this id, or the service's 404 that blames `param`."""
    forget_expired(world)
    file = world.store.files.get(id)
    if file is None:
        raise not_found(f"No such File object: {id}", param)
    return file


def check_room(world: World, size: int) -> None:
    """A 400 if a file of so many bytes does not fit in."""
    files = world.store.files
    stored = sum(len(other.content) for other in files)
    if len(files) >= files.limit or stored + size > MAX_FILE_BYTES:
        raise invalid_request(
            f"The emulator holds at most {files.limit:,} files and "
            f"{MAX_FILE_BYTES // 2**20} MB in all. Delete files to make room.",
            "file",
            "storage_limit_exceeded",
        )


def forget_expired(world: World) -> None:
    """Drop the files whose time has come, from the vector stores, too."""
    now = world.clock()
    for file in world.store.files:
        if file.expires_at is not None and file.expires_at <= now:
            _forget(world, file)


def _forget(world: World, file: StoredFile) -> None:
    world.store.files.pop(file.id)
    for vector_store in world.store.vector_stores:
        vector_store.remove(file.id)


def _body(file: StoredFile) -> Json:
    body: Json = {
        "id": file.id,
        "object": "file",
        "bytes": len(file.content),
        "created_at": file.created_at,
        "filename": file.filename,
        "purpose": file.purpose,
        "status": "processed",
    }
    if file.expires_at is not None:
        body["expires_at"] = file.expires_at
    return body


def _lifetime(form: dict[str, str | Upload]) -> int | None:
    """The seconds after which the file expires, if the form sets that."""
    anchor = form.get("expires_after[anchor]")
    seconds = form.get("expires_after[seconds]")
    if anchor is None and seconds is None:
        return None
    if anchor is None or seconds is None:
        missing = "anchor" if anchor is None else "seconds"
        raise missing_parameter(f"expires_after[{missing}]")
    if anchor != "created_at":
        raise _invalid_value("expires_after[anchor]", str(anchor), ("created_at",))
    digits = str(seconds)
    plain = digits.isascii() and digits.isdigit() and len(digits) < 10
    number = int(digits) if plain else 0
    if not SHORTEST_LIFE <= number <= LONGEST_LIFE:
        raise invalid_request(
            f"Invalid 'expires_after[seconds]': expected an integer from "
            f"{SHORTEST_LIFE} to {LONGEST_LIFE}.",
            "expires_after[seconds]",
            "invalid_value",
        )
    return number


def _invalid_value(param: str, value: str, supported: tuple[str, ...]) -> ServiceError:
    choices = ", ".join(f"'{one}'" for one in supported)
    return invalid_request(
        f"Invalid value: '{value}'. Supported values are: {choices}.",
        param,
        "invalid_value",
    )
