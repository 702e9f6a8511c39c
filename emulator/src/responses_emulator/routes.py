"""Which handler answers which method and path, and through which api-version.

Every path stands twice: under `/openai/v1/` (api-version optional) and under `/openai/`
(a dated api-version required).
"""

from collections.abc import Callable, Sequence

from responses_emulator.account import TOKEN_PATH
from responses_emulator.errors import (
    gateway_error,
    not_emulated,
    resource_not_found,
    unknown_url,
)
from responses_emulator.http import Reply, Request
from responses_emulator.resources import (
    batches,
    compaction,
    container_files,
    containers,
    conversations,
    files,
    models,
    responses,
    skills,
    vector_store_files,
    vector_stores,
    webhooks,
)

Handler = Callable[..., Reply]  # (emulator, request, *ids from the path)

# The dated versions that serve files and vector stores; Responses came later.
DATED_VERSIONS = (
    "2024-05-01-preview",
    "2024-07-01-preview",
    "2024-08-01-preview",
    "2024-09-01-preview",
    "2024-10-01-preview",
    "2024-10-21",
    "2024-12-01-preview",
    "2025-01-01-preview",
    "2025-02-01-preview",
    "2025-03-01-preview",
    "2025-04-01-preview",
)
FIRST_WITH_RESPONSES = "2025-03-01-preview"
BATCH = "/vector_stores/{id}/file_batches/{batch}"
WEBHOOKS = "/dashboard/webhook_endpoints"
V1_VERSIONS = ("v1", "preview", "latest")
# What Azure serves besides. All of it is refused by name.
NOT_EMULATED = (
    "assistants",
    "audio",
    "chat",
    "completions",
    "dashboard",  # where webhooks are registered; the rest of it
    "deployments",
    "embeddings",
    "evals",
    "fine_tuning",
    "images",
    "realtime",
    "threads",
    "videos",
)
V1_ONLY = (
    "/conversations",
    "/dashboard",
    "/responses/compact",
    "/skills",
)  # no dated version has these

ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("POST", "/responses", responses.create),
    ("POST", "/responses/compact", compaction.compact),
    ("GET", "/responses/{id}", responses.retrieve),
    ("DELETE", "/responses/{id}", responses.delete),
    ("POST", "/responses/{id}/cancel", responses.cancel),
    ("GET", "/responses/{id}/input_items", responses.input_items),
    ("POST", "/conversations", conversations.create),
    ("GET", "/conversations/{id}", conversations.retrieve),
    ("POST", "/conversations/{id}", conversations.update),
    ("DELETE", "/conversations/{id}", conversations.delete),
    ("POST", "/conversations/{id}/items", conversations.create_items),
    ("GET", "/conversations/{id}/items", conversations.list_items),
    ("GET", "/conversations/{id}/items/{item}", conversations.retrieve_item),
    ("DELETE", "/conversations/{id}/items/{item}", conversations.delete_item),
    ("POST", "/files", files.create),
    ("GET", "/files", files.list_files),
    ("GET", "/files/{id}", files.retrieve),
    ("GET", "/files/{id}/content", files.content),
    ("DELETE", "/files/{id}", files.delete),
    ("POST", "/vector_stores", vector_stores.create),
    ("GET", "/vector_stores", vector_stores.list_vector_stores),
    ("GET", "/vector_stores/{id}", vector_stores.retrieve),
    ("POST", "/vector_stores/{id}", vector_stores.update),
    ("DELETE", "/vector_stores/{id}", vector_stores.delete),
    ("POST", "/vector_stores/{id}/search", vector_stores.search),
    ("POST", "/vector_stores/{id}/files", vector_store_files.create),
    ("GET", "/vector_stores/{id}/files", vector_store_files.list_files),
    ("GET", "/vector_stores/{id}/files/{file}", vector_store_files.retrieve),
    ("POST", "/vector_stores/{id}/files/{file}", vector_store_files.update),
    ("DELETE", "/vector_stores/{id}/files/{file}", vector_store_files.delete),
    ("GET", "/vector_stores/{id}/files/{file}/content", vector_store_files.content),
    ("POST", "/vector_stores/{id}/file_batches", vector_store_files.create_batch),
    ("GET", f"{BATCH}", vector_store_files.retrieve_batch),
    ("POST", f"{BATCH}/cancel", vector_store_files.cancel_batch),
    ("GET", f"{BATCH}/files", vector_store_files.list_batch_files),
    ("POST", "/containers", containers.create),
    ("GET", "/containers", containers.list_containers),
    ("GET", "/containers/{id}", containers.retrieve),
    ("DELETE", "/containers/{id}", containers.delete),
    ("POST", "/batches", batches.create),
    ("GET", "/batches", batches.list_batches),
    ("GET", "/batches/{id}", batches.retrieve),
    ("POST", "/batches/{id}/cancel", batches.cancel),
    ("POST", "/containers/{id}/files", container_files.create),
    ("GET", "/containers/{id}/files", container_files.list_files),
    ("GET", "/containers/{id}/files/{file}", container_files.retrieve),
    ("GET", "/containers/{id}/files/{file}/content", container_files.content),
    ("DELETE", "/containers/{id}/files/{file}", container_files.delete),
    ("POST", f"{WEBHOOKS}", webhooks.create),
    ("GET", f"{WEBHOOKS}", webhooks.list_endpoints),
    ("POST", f"{WEBHOOKS}/{{id}}", webhooks.update),
    ("DELETE", f"{WEBHOOKS}/{{id}}", webhooks.delete),
    ("POST", "/skills", skills.create),
    ("GET", "/skills", skills.list_skills),
    ("GET", "/skills/{id}", skills.retrieve),
    ("POST", "/skills/{id}", skills.update),
    ("DELETE", "/skills/{id}", skills.delete),
    ("GET", "/skills/{id}/content", skills.content),
    ("POST", "/skills/{id}/versions", skills.create_version),
    ("GET", "/skills/{id}/versions", skills.list_versions),
    ("GET", "/skills/{id}/versions/{version}", skills.retrieve_version),
    ("DELETE", "/skills/{id}/versions/{version}", skills.delete_version),
    ("GET", "/skills/{id}/versions/{version}/content", skills.version_content),
    ("GET", "/models", models.list_models),
    ("GET", "/models/{id}", models.retrieve),
)


def find(request: Request) -> tuple[Handler, list[str]]:
    """The handler of a request and the ids in its path, or the service's 4xx."""
    path = "/" + request.path.removeprefix("/openai/").removeprefix("v1/").strip("/")
    _check_version(request, path)
    handler = _FIXED.get((request.method, path))
    if handler is not None:
        return handler, []
    parts = path.split("/")
    for template, handler in _WITH_IDS.get((request.method, len(parts)), ()):
        named = list(zip(template, parts, strict=True))
        ids = [part for name, part in named if name.startswith("{")]
        if all(ids) and all(n == p for n, p in named if not n.startswith("{")):
            return handler, ids
    deletes_model = request.method == "DELETE" and parts[1] == "models"  # a tuned one
    if parts[1] in NOT_EMULATED or deletes_model:
        error = not_emulated(f"the operation {request.method} {path}")
        error.status = 404
        raise error
    if request.is_v1:
        raise unknown_url(request.method, f"/v1{path}")
    raise resource_not_found()


def operation(method: str, path: str) -> str:
    """An operation's name, much as the SDK calls it: `vector_stores.files.create`.

    Found from the path's form alone, so every method and path has one. The token
    endpoint's is `identity.token`.
    """
    if path == TOKEN_PATH:
        return "identity.token"
    path = path.removeprefix("/openai/").removeprefix("v1/").strip("/")
    parts = path.removeprefix("dashboard/").split("/")
    last = parts.pop() if len(parts) > 1 and parts[-1] in _ACTIONS else ""
    if not last:
        is_one = len(parts) % 2 == 0
        last = {
            "GET": "retrieve" if is_one else "list",
            "POST": "update" if is_one else "create",
            "DELETE": "delete",
        }.get(method, method.lower())
    return ".".join([*parts[::2], last])


_ACTIONS = ("cancel", "compact", "content", "search")


def _check_version(request: Request, path: str) -> None:
    version = request.query.get("api-version")
    if request.is_v1:
        if version is not None and version not in V1_VERSIONS:
            raise gateway_error(400, "BadRequest", "API version not supported")
        return
    if version is None or path.startswith(V1_ONLY):
        raise resource_not_found()
    is_response = path.startswith("/responses")
    if is_response and version in DATED_VERSIONS and version < FIRST_WITH_RESPONSES:
        raise gateway_error(
            400,
            "BadRequest",
            "Azure OpenAI Responses API is enabled only for api-version "
            f"{FIRST_WITH_RESPONSES} and later",
        )
    if version not in DATED_VERSIONS:
        raise gateway_error(400, "BadRequest", "API version not supported")


_FIXED = {
    (method, template): handler
    for method, template, handler in ROUTES
    if "{" not in template
}
# The others by method and number of parts.
_WITH_IDS: dict[tuple[str, int], list[tuple[Sequence[str], Handler]]] = {}
for _method, _template, _handler in ROUTES:
    if "{" in _template:
        _parts = _template.split("/")
        _WITH_IDS.setdefault((_method, len(_parts)), []).append((_parts, _handler))
OPERATIONS = frozenset(
    {operation(method, template) for method, template, _ in ROUTES} | {"identity.token"}
)
