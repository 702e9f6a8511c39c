"""What is answered at which path, by which method, through which api-version."""

import orjson
import pytest

from responses_emulator.account import KEY, deployment
from responses_emulator.core import Emulator
from responses_emulator.http import Request
from responses_emulator.routes import OPERATIONS, ROUTES, operation

# Every operation that is served: its method, its path, and its name, much as the SDK's.
SERVED = """
POST   /responses                             responses.create
POST   /responses/compact                     responses.compact
GET    /responses/x                           responses.retrieve
DELETE /responses/x                           responses.delete
POST   /responses/x/cancel                    responses.cancel
GET    /responses/x/input_items               responses.input_items.list
POST   /conversations                         conversations.create
GET    /conversations/x                       conversations.retrieve
POST   /conversations/x                       conversations.update
DELETE /conversations/x                       conversations.delete
POST   /conversations/x/items                 conversations.items.create
GET    /conversations/x/items                 conversations.items.list
GET    /conversations/x/items/y               conversations.items.retrieve
DELETE /conversations/x/items/y               conversations.items.delete
POST   /files                                 files.create
GET    /files                                 files.list
GET    /files/x                               files.retrieve
GET    /files/x/content                       files.content
DELETE /files/x                               files.delete
POST   /vector_stores                         vector_stores.create
GET    /vector_stores                         vector_stores.list
GET    /vector_stores/x                       vector_stores.retrieve
POST   /vector_stores/x                       vector_stores.update
DELETE /vector_stores/x                       vector_stores.delete
POST   /vector_stores/x/search                vector_stores.search
POST   /vector_stores/x/files                 vector_stores.files.create
GET    /vector_stores/x/files                 vector_stores.files.list
GET    /vector_stores/x/files/y               vector_stores.files.retrieve
POST   /vector_stores/x/files/y               vector_stores.files.update
DELETE /vector_stores/x/files/y               vector_stores.files.delete
GET    /vector_stores/x/files/y/content       vector_stores.files.content
POST   /vector_stores/x/file_batches          vector_stores.file_batches.create
GET    /vector_stores/x/file_batches/y        vector_stores.file_batches.retrieve
POST   /vector_stores/x/file_batches/y/cancel vector_stores.file_batches.cancel
GET    /vector_stores/x/file_batches/y/files  vector_stores.file_batches.files.list
POST   /containers                            containers.create
GET    /containers                            containers.list
GET    /containers/x                          containers.retrieve
DELETE /containers/x                          containers.delete
POST   /containers/x/files                    containers.files.create
GET    /containers/x/files                    containers.files.list
GET    /containers/x/files/y                  containers.files.retrieve
GET    /containers/x/files/y/content          containers.files.content
DELETE /containers/x/files/y                  containers.files.delete
POST   /batches                               batches.create
GET    /batches                               batches.list
GET    /batches/x                             batches.retrieve
POST   /batches/x/cancel                      batches.cancel
POST   /dashboard/webhook_endpoints           webhook_endpoints.create
GET    /dashboard/webhook_endpoints           webhook_endpoints.list
POST   /dashboard/webhook_endpoints/x         webhook_endpoints.update
DELETE /dashboard/webhook_endpoints/x         webhook_endpoints.delete
POST   /skills                                skills.create
GET    /skills                                skills.list
GET    /skills/x                              skills.retrieve
POST   /skills/x                              skills.update
DELETE /skills/x                              skills.delete
GET    /skills/x/content                      skills.content
POST   /skills/x/versions                     skills.versions.create
GET    /skills/x/versions                     skills.versions.list
GET    /skills/x/versions/y                   skills.versions.retrieve
DELETE /skills/x/versions/y                   skills.versions.delete
GET    /skills/x/versions/y/content           skills.versions.content
GET    /models                                models.list
GET    /models/x                              models.retrieve
"""
EACH = [tuple(line.split()) for line in SERVED.strip().splitlines()]
ONLY_V1 = ("/conversations", "/dashboard", "/responses/compact", "/skills")
NO_SUCH_PATH = {"code": "404", "message": "Resource not found"}
NO_SUCH_VERSION = {"code": "BadRequest", "message": "API version not supported"}
DATED = "?api-version=2025-04-01-preview"


def told(method: str, target: str) -> tuple[int, dict]:
    """The status and the inner error of a request with nothing in it, if it is one."""
    headers = {"api-key": KEY, "content-type": "application/json"}
    reply = Emulator().handle(Request(method, target, headers, b"{}"))
    body = orjson.loads(reply.body) if reply.body else {}
    return reply.status, body.get("error") or {}


def is_served(method: str, target: str) -> bool:
    """Whether anybody answers, and be it that there is nothing of that id."""
    _, error = told(method, target)
    nobody = ("unknown_url", "not_supported_by_emulator", "404", "BadRequest")
    return error.get("code") not in nobody


@pytest.mark.parametrize(("method", "path", "_name"), EACH)
def test_each_operation_is_served_in_the_layouts_that_have_it(method, path, _name):
    assert is_served(method, f"/openai/v1{path}")
    if path.startswith(ONLY_V1):
        assert told(method, f"/openai{path}{DATED}") == (404, NO_SUCH_PATH)
    else:
        assert is_served(method, f"/openai{path}{DATED}")
    assert told(method, f"/openai{path}") == (404, NO_SUCH_PATH)


@pytest.mark.parametrize(("method", "path", "name"), EACH)
def test_each_operation_has_its_name_in_both_layouts(method, path, name):
    assert operation(method, f"/openai/v1{path}") == name
    assert operation(method, f"/openai{path}") == name
    assert operation(method, f"/openai/v1{path}/") == name


def test_those_are_all_operations():
    assert len(ROUTES) == len(EACH)
    assert {*OPERATIONS} == {name for _, _, name in EACH} | {"identity.token"}
    assert operation("GET", "/msi/token") == "identity.token"
    assert operation("PATCH", "/openai/v1/files/x") == "files.patch"


@pytest.mark.parametrize("path", sorted({path for _, path, _ in EACH}))
def test_another_method_is_nobodys(path):
    taken = {method for method, other, _ in EACH if other == path}
    for method in {"PUT", "PATCH", "DELETE", "POST", "GET"} - taken:
        if path.startswith(("/dashboard", "/models")):
            continue  # which is refused by name
        if path == "/responses/compact" and method in ("GET", "DELETE"):
            continue  # there it is an id
        status, error = told(method, f"/openai/v1{path}")
        assert (status, error["code"]) == (404, "unknown_url")
        assert f"Unknown request URL: {method} /v1{path}. " in error["message"]


@pytest.mark.parametrize(
    "path",
    [
        "/files/",  # a slash at the end is no id
        "/vector_stores//files",
        "/skills/x/versions//content",
        "/responses/x/nothing",
        "/nothing",
        "/",
    ],
)
def test_what_has_no_id_or_no_name_is_no_operation(path):
    method = "DELETE" if path == "/files/" else "GET"
    status, error = told(method, f"/openai/v1{path}")
    assert (status, error["code"]) == (404, "unknown_url")
    assert told(method, f"/openai{path}{DATED}") == (404, NO_SUCH_PATH)


@pytest.mark.parametrize(
    "name",
    [
        *("assistants", "audio", "chat", "completions", "dashboard", "deployments"),
        *("embeddings", "evals", "fine_tuning", "images", "realtime", "threads"),
        "videos",
    ],
)
def test_what_azure_has_besides_is_refused_by_name(name):
    for target in (f"/openai/v1/{name}/x", f"/openai/{name}/x{DATED}"):
        if name == "dashboard" and "v1" not in target:
            continue  # of v1 alone
        status, error = told("POST", target)
        assert (status, error["code"]) == (404, "not_supported_by_emulator")
        assert f"does not support the operation POST /{name}/x." in error["message"]


def test_a_tuned_model_is_not_deleted():
    status, error = told("DELETE", "/openai/v1/models/x")
    assert (status, error["code"]) == (404, "not_supported_by_emulator")


@pytest.mark.parametrize(
    ("version", "has_files", "has_responses"),
    [
        ("2024-02-01", False, False),
        ("2024-05-01-preview", True, False),
        ("2024-07-01-preview", True, False),
        ("2024-08-01-preview", True, False),
        ("2024-09-01-preview", True, False),
        ("2024-10-01-preview", True, False),
        ("2024-10-21", True, False),
        ("2024-12-01-preview", True, False),
        ("2025-01-01-preview", True, False),
        ("2025-02-01-preview", True, False),
        ("2025-03-01-preview", True, True),
        ("2025-04-01-preview", True, True),
        ("2026-01-01", False, False),
        ("preview", False, False),
        ("", False, False),
    ],
)
def test_a_dated_version_has_what_azure_had_by_then(version, has_files, has_responses):
    query = f"?api-version={version}"
    files = told("GET", f"/openai/files{query}")
    status, error = told("GET", f"/openai/responses/resp_{48 * '0'}{query}")

    assert files == ((200, {}) if has_files else (400, NO_SUCH_VERSION))
    if has_responses:
        assert (status, error["code"]) == (404, None)
    elif has_files:
        assert (status, error["code"]) == (400, "BadRequest")
        assert error["message"].endswith(
            "only for api-version 2025-03-01-preview and later"
        )
    else:
        assert (status, error) == (400, NO_SUCH_VERSION)


@pytest.mark.parametrize(
    "version", ["v1", "preview", "latest", "2025-04-01-preview", ""]
)
def test_v1_has_no_dates(version):
    target = f"/openai/v1/responses/resp_{48 * '0'}?api-version={version}"
    status, error = told("GET", target)
    if version in ("v1", "preview", "latest"):
        assert (status, error["code"]) == (404, None)
    else:
        assert (status, error) == (400, NO_SUCH_VERSION)


def send(client, method, target):
    reply = client.emulator.handle(Request(method, target, {"api-key": KEY}))
    return reply.status, orjson.loads(reply.body)


@pytest.mark.parametrize(
    "target",
    [
        "/openai/v1/models",
        "/openai/v1/models?api-version=preview",
        "/openai/v1/models?api-version=v1",
        "/openai/models?api-version=2025-04-01-preview",
        "/openai/models?api-version=2024-10-21",
    ],
)
def test_both_layouts_are_served(client, target):
    status, body = send(client, "GET", target)

    assert status == 200
    assert "gpt-5-mini" in [model["id"] for model in body["data"]]


@pytest.mark.parametrize(
    "type", ["application/json; charset=utf-8", "Application/JSON"]
)
def test_a_content_type_may_have_parameters_and_capitals(client, type):
    body = {"model": "gpt-5-mini", "input": "Hello."}
    assert client.send("POST", "/responses", body, content_type=type).status == 200


def test_every_reply_carries_the_ids_for_a_support_ticket(client):
    first, second = (client.send("GET", "/models").headers for _ in range(2))

    assert first["apim-request-id"] != second["apim-request-id"]
    assert {"apim-request-id", "x-request-id", "x-ms-region"} <= set(first)


def test_a_model_is_listed_once_however_often_it_is_deployed():
    emulator = Emulator(deployments=[deployment("a"), deployment("b")])
    reply = emulator.handle(Request("GET", "/openai/v1/models", {"api-key": KEY}))
    assert [model["id"] for model in orjson.loads(reply.body)["data"]] == ["gpt-6-luna"]


def test_a_model_can_be_looked_up_and_an_unknown_one_is_not_found(client):
    assert client.json("GET", "/models/gpt-5.4-mini")["object"] == "model"
    assert client.error("GET", "/models/nothing")[0] == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"model": ',
        b"[]",
        b"null",
        b'"text"',
        b"\xff",
        b"{'model': 1}",
        b'{"model": NaN}',
        b'{"model": "gpt-5-mini", "input": "\xff"}',
        b'{"model": "gpt-5-mini", "input": "\\ud800"}',
        b"[" * 100_000,
        b'\xef\xbb\xbf{"model": "gpt-5-mini"}',
    ],
)
@pytest.mark.parametrize("path", ["/responses", "/vector_stores", "/batches"])
def test_a_body_that_is_no_json_object_is_said_to_be_none(client, path, body):
    headers = {"api-key": KEY, "content-type": "application/json"}
    request = Request("POST", f"/openai/v1{path}", headers, body)
    reply = client.emulator.handle(request)
    if reply.status == 404:
        return  # there is no such thing to send a body to
    error = orjson.loads(reply.body)["error"]
    assert reply.status == 400
    assert error["message"].startswith("We could not parse the JSON body")
    assert (error["type"], error["param"], error["code"]) == (
        "invalid_request_error",
        None,
        None,
    )
