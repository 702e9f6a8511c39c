"""`/vector_stores`: create, list, retrieve, update, delete, search.

Files are indexed while they are being added: a file is `completed` or `failed` at once,
or by the clock when the emulator's `indexing_seconds` have passed.
"""

from collections.abc import Sequence

from responses_emulator import contract
from responses_emulator.errors import ServiceError, invalid_request, not_found
from responses_emulator.http import Json, Reply, Request, json_reply
from responses_emulator.ids import short_id
from responses_emulator.model.prompt.words import subject
from responses_emulator.readers.passages import Passage
from responses_emulator.resources import files, filters, indexing
from responses_emulator.resources.paging import page
from responses_emulator.store import VectorStore
from responses_emulator.tools import Hit
from responses_emulator.world import World

SECONDS_A_DAY = 86_400


def create(world: World, request: Request) -> Reply:
    """`POST /vector_stores`."""
    body = request.json()
    contract.check("vector_stores.create", body)
    now = int(world.clock())
    vector_store = VectorStore(
        short_id("vs_"),
        body.get("name") or "",
        created_at=now,
        last_active_at=now,
        expires_days=_days(body),
        metadata=body.get("metadata") or {},
    )
    once = dict.fromkeys(body.get("file_ids") or [])
    indexed = [
        indexing.index(
            world, vector_store.id, {**body, "file_id": file_id}, "file_ids", place
        )
        for place, file_id in enumerate(once)
    ]
    stores = world.store.vector_stores
    with stores.lock:
        if len(stores) >= stores.limit:
            raise invalid_request(
                f"The emulator holds at most {stores.limit:,} vector stores. Delete "
                "some to make room.",
                code="storage_limit_exceeded",
            )
        stores.put(vector_store.id, vector_store)
    try:
        indexing.add(world, vector_store, indexed)
    except ServiceError:
        stores.pop(vector_store.id)
        raise
    return json_reply(_body(world, vector_store))


def list_vector_stores(world: World, request: Request) -> Reply:
    """`GET /vector_stores`."""
    bodies = [_body(world, store) for store in world.store.vector_stores]
    return json_reply(page(request, bodies))


def retrieve(world: World, request: Request, id: str) -> Reply:  # noqa: ARG001
    """`GET /vector_stores/{id}`. An expired one can still be looked at."""
    return json_reply(_body(world, find(world, id)))


def update(world: World, request: Request, id: str) -> Reply:
    """`POST /vector_stores/{id}`: name, metadata and expiry."""
    vector_store = find_active(world, id)
    body = request.json()
    contract.check("vector_stores.update", body)
    if "name" in body:
        vector_store.name = body["name"] or ""
    if "metadata" in body:
        vector_store.metadata = body["metadata"] or {}
    if "expires_after" in body:
        vector_store.expires_days = _days(body)
    touch(world, vector_store)
    return json_reply(_body(world, vector_store))


def delete(world: World, request: Request, id: str) -> Reply:  # noqa: ARG001
    """`DELETE /vector_stores/{id}`. The uploaded files stay."""
    find(world, id)
    world.store.vector_stores.pop(id)
    return json_reply({"id": id, "object": "vector_store.deleted", "deleted": True})


def search(world: World, request: Request, id: str) -> Reply:
    """`POST /vector_stores/{id}/search`: the passages that fit best, best first."""
    find_active(world, id)
    body = request.json()
    contract.check("vector_stores.search", body)
    query: str | list[str] = body["query"]
    queries = [query] if isinstance(query, str) else query
    if body.get("rewrite_query"):
        queries = [subject(one) for one in queries]
    wanted = body.get("max_num_results") or 10
    options: Json = body.get("ranking_options") or {}
    hits = search_stores(
        world,
        [id],
        queries,
        wanted + 1,  # one more tells whether there are more
        body.get("filters"),
        options.get("score_threshold") or 0.0,
    )
    results = [
        {
            "file_id": hit.file_id,
            "filename": hit.filename,
            "score": hit.score,
            "attributes": hit.attributes,
            "content": [{"type": "text", "text": hit.text}],
        }
        for hit in hits[:wanted]
    ]
    return json_reply(
        {
            "object": "vector_store.search_results.page",
            "search_query": queries,
            "data": results,
            # There is no request for a next page, so none is promised.
            "has_more": len(hits) > wanted,
            "next_page": None,
        }
    )


def search_stores(
    world: World,
    vector_store_ids: Sequence[str],
    queries: Sequence[str],
    max_num_results: int,
    filter: Json | None,
    score_threshold: float,
) -> list[Hit]:
    """The passages of these stores that fit any of the queries, best first.

    Raises the service's 404 for an unknown store, its 400 for an expired one and for a
    malformed filter.
    """
    stores = [find_active(world, id) for id in dict.fromkeys(vector_store_ids)]
    if filter is not None:
        filters.matches(filter, {})  # a malformed one is an error without any file, too
    # A file that is in several of them is searched once, in the last one.
    home = {file.id: store for store in stores for file in store.files}
    fitting: dict[int, tuple[Passage, float]] = {}  # by the passage's identity
    attributes: dict[str, Json] = {}
    for vector_store in stores:
        touch(world, vector_store)
        members = [
            file
            for file in vector_store.files
            if home[file.id] is vector_store
            and file.is_done
            and (filter is None or filters.matches(filter, file.attributes))
        ]
        attributes |= {file.id: file.attributes for file in members}
        indexing.read(vector_store)
        for query in queries:
            for passage, score in vector_store.index.rank(
                query, max_num_results, [file.passages for file in members]
            ):
                known = fitting.get(id(passage))
                if known is None or score > known[1]:
                    fitting[id(passage)] = passage, score
    best = sorted(fitting.values(), key=lambda found: -found[1])
    return [
        Hit(
            file_id=passage.file_id,
            filename=passage.filename,
            score=score,
            text=passage.text,
            attributes=dict(attributes[passage.file_id]),
        )
        for passage, score in best[:max_num_results]
        if score >= score_threshold
    ]


PARAM = "vector_store_id"  # blamed where nothing else is


def find(world: World, id: str, param: str = PARAM) -> VectorStore:
    """The vector store with this id, or the service's 404 that blames `param`."""
    files.forget_expired(world)
    vector_store = world.store.vector_stores.get(id)
    if vector_store is None:
        if param == PARAM:
            raise not_found(f"No vector store found with id '{id}'.", param)
        # Of a tool's, which may be several, the service tells a list.
        raise not_found(f"Vector store with id ['{id}'] not found.", param)
    indexing.settle(world, vector_store.files)
    return vector_store


def find_active(world: World, id: str, param: str = PARAM) -> VectorStore:
    """The vector store with this id; a 404 if there is none, a 400 if expired."""
    vector_store = find(world, id, param)
    if _is_expired(world, vector_store):
        raise _expired(id, param)
    return vector_store


def touch(world: World, vector_store: VectorStore) -> None:
    """Note that the vector store is in use, which puts off its expiry."""
    vector_store.last_active_at = int(world.clock())


def _expired(id: str, param: str = PARAM) -> ServiceError:
    return invalid_request(f"Vector store '{id}' has expired.", param, "expired")


def _is_expired(world: World, vector_store: VectorStore) -> bool:
    expires_at = _expires_at(vector_store)
    return expires_at is not None and expires_at <= world.clock()


def _expires_at(vector_store: VectorStore) -> int | None:
    if vector_store.expires_days is None:
        return None
    return vector_store.last_active_at + vector_store.expires_days * SECONDS_A_DAY


def _days(body: Json) -> int | None:
    expires_after: Json = body.get("expires_after") or {}
    return expires_after.get("days")


def _body(world: World, vector_store: VectorStore) -> Json:
    members = list(vector_store.files)
    indexing.settle(world, members)
    counts = indexing.counts(members)
    status = "in_progress" if counts["in_progress"] else "completed"
    if _is_expired(world, vector_store):
        status = "expired"
    body: Json = {
        "id": vector_store.id,
        "object": "vector_store",
        "created_at": vector_store.created_at,
        "name": vector_store.name,
        "usage_bytes": sum(file.usage_bytes for file in members if file.is_done),
        "file_counts": counts,
        "status": status,
        "expires_at": _expires_at(vector_store),
        "last_active_at": vector_store.last_active_at,
        "metadata": vector_store.metadata,
    }
    if vector_store.expires_days is not None:
        body["expires_after"] = {
            "anchor": "last_active_at",
            "days": vector_store.expires_days,
        }
    return body
