"""Putting uploaded files into vector stores: read, cut into passages, counted."""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import inf

from responses_emulator.errors import ServiceError, invalid_request
from responses_emulator.http import Json
from responses_emulator.readers import documents
from responses_emulator.readers.passages import Full, split
from responses_emulator.resources import files
from responses_emulator.store import MAX_INDEX_BYTES, VectorStore, VectorStoreFile
from responses_emulator.world import World

MAX_TOKENS, OVERLAP = 800, 400  # of the `auto` strategy


def index(
    world: World,
    vector_store_id: str,
    asked: Json,
    param: str = "file_id",
    place: int = 0,
) -> VectorStoreFile:
    """The file that `asked` names, cut up as it asks; not yet in the vector store.

    `asked` has `file_id`, and maybe `attributes` and `chunking_strategy`. A file that
    cannot be read is a failed one; an unknown file is a 404 that blames `param`. It is
    the file at `place` of those that are indexed together, one after the other.
    """
    uploaded = files.find(world, asked["file_id"], param)
    max_tokens, overlap = _sizes(asked.get("chunking_strategy"))
    file = VectorStoreFile(
        uploaded.id,
        vector_store_id,
        created_at=int(world.clock()),
        max_tokens=max_tokens,
        overlap=overlap,
        attributes=asked.get("attributes") or {},
    )
    if world.indexing_seconds:
        file.state = "in_progress"
        file.ready_at = world.clock() + world.indexing_seconds * (place + 1)
    try:
        document = documents.read(uploaded.filename, uploaded.content)
    except documents.UnreadableDocument as error:
        file.last_error = {"code": error.code, "message": error.message}
        return file
    file.passages = split(document, max_tokens, overlap, uploaded.id)
    file.usage_bytes = sum(len(passage.text.encode()) for passage in file.passages)
    # A file of which some is read is `completed` all the same.
    if document.damaged or not document.has_text:
        file.last_error = {"code": "invalid_file", "message": document.unread}
    return file


def add(
    world: World, vector_store: VectorStore, indexed: Sequence[VectorStoreFile]
) -> None:
    """Put indexed files into a vector store. A 400 if they would take too much room.

    They are read at once: a search need not wait, and it is known what they take.
    """
    stores = world.store.vector_stores
    with stores.lock:
        used = sum(store.size for store in stores)
        if used + sum(file.size for file in indexed) > MAX_INDEX_BYTES:
            raise _full()
        for file in indexed:
            vector_store.add(file)
        room = MAX_INDEX_BYTES - sum(store.size for store in stores)
    try:
        read(vector_store, room + vector_store.index.held)
    except Full:
        for file in indexed:
            vector_store.remove(file.id)
        raise _full() from None


def _full() -> ServiceError:
    return invalid_request(
        f"The emulator's vector stores hold at most {MAX_INDEX_BYTES // 2**20} MB in "
        "all, their indexes included. Delete files from them to make room.",
        code="storage_limit_exceeded",
    )


def read(vector_store: VectorStore, most: float = inf) -> None:
    """Bring the index in line with the files. Full: it would take more than `most`."""
    vector_store.index.update((file.passages for file in vector_store.files), most)


def settle(world: World, members: Iterable[VectorStoreFile]) -> None:
    """Let the files be done whose time has come."""
    now = world.clock()
    for file in members:
        file.settle(now)


def counts(members: Sequence[VectorStoreFile]) -> Json:
    """How many files are in which state."""
    states = Counter(file.status for file in members)
    named = ("in_progress", "completed", "failed", "cancelled")
    return {**{name: states[name] for name in named}, "total": len(members)}


def _sizes(strategy: Json | None) -> tuple[int, int]:
    if strategy is None or strategy["type"] == "auto":
        return MAX_TOKENS, OVERLAP
    static: Json = strategy["static"]
    max_tokens: int = static["max_chunk_size_tokens"]
    overlap: int = static["chunk_overlap_tokens"]
    if not 0 <= overlap <= max_tokens // 2:
        raise invalid_request(
            "Invalid 'chunking_strategy.static.chunk_overlap_tokens': expected at most "
            f"half of max_chunk_size_tokens, {max_tokens // 2}, but got {overlap}.",
            "chunking_strategy.static.chunk_overlap_tokens",
            "invalid_value",
        )
    return max_tokens, overlap
