"""Files, vector stores and models, held against the published contracts."""

from typing import Any

import httpx2
import openai
import pytest

from emulator.tests.conftest import Client
from emulator.tests.exchanges import Call, violations
from emulator.tests.resources.test_container_files import upload, uploaded
from responses_emulator.account import DEPLOYMENTS, KEY
from responses_emulator.adapters.transport import Transport

TEXT = b"The company stands for integrity.\n"


@pytest.fixture
def service(client: Client) -> openai.OpenAI:
    return openai.OpenAI(
        api_key=KEY,
        base_url="http://localhost/openai/v1",
        http_client=httpx2.Client(transport=Transport(client.emulator.handle)),
        max_retries=0,
    )


def stored(client: Client) -> str:
    return client.json("POST", "/vector_stores", {"name": "docs"})["id"]


# Both contracts


@pytest.mark.parametrize("contract", ["azure", "openai"])
def test_vector_stores_keep_to_the_contract(client: Client, contract: str) -> None:
    good, bad = uploaded(client, TEXT, "a.txt"), uploaded(client, b"\0", "b.txt")
    path = f"/vector_stores/{stored(client)}"
    filters = {"type": "eq", "key": "shelf", "value": "a"}
    calls: list[Call] = [
        (
            "POST",
            "/vector_stores",
            {
                "name": "more",
                "file_ids": [good],
                "expires_after": {"anchor": "last_active_at", "days": 1},
                "metadata": {"a": "b"},
            },
        ),
        ("GET", "/vector_stores?limit=1", None),
        ("POST", path, {"name": "new", "metadata": None}),
        ("POST", f"{path}/files", {"file_id": good, "attributes": {"shelf": 1}}),
        ("POST", f"{path}/files", {"file_id": bad}),
        ("POST", f"{path}/files/{good}", {"attributes": {"shelf": "a", "b": True}}),
        ("GET", f"{path}/files", None),
        ("GET", f"{path}/files?filter=failed", None),
        ("GET", f"{path}/files/{bad}", None),
        ("GET", path, None),
        ("POST", f"{path}/search", {"query": "integrity", "filters": filters}),
        ("DELETE", f"{path}/files/{bad}", None),
        ("DELETE", path, None),
        ("GET", path, None),
    ]
    if contract == "openai":  # Azure's gives a file's content the shape of a search's
        calls.insert(10, ("GET", f"{path}/files/{good}/content", None))
    assert violations(client, contract, calls) == []


@pytest.mark.parametrize("contract", ["azure", "openai"])
def test_file_batches_keep_to_the_contract_in_every_state(
    client: Client, contract: str
) -> None:
    client.emulator.world.indexing_seconds = 10
    names = ("a.txt", "b.txt", "c.txt")
    members = [uploaded(client, TEXT, name) for name in names]
    path = f"/vector_stores/{stored(client)}"
    batch = client.json("POST", f"{path}/file_batches", {"file_ids": members})
    calls: list[Call] = [
        ("GET", f"{path}/file_batches/{batch['id']}", None),
        ("GET", f"{path}/file_batches/{batch['id']}/files", None),
        ("GET", f"{path}/files/{members[0]}", None),
        ("GET", path, None),
    ]
    found = violations(client, contract, calls)
    client.clock.now += 10
    found += violations(client, contract, calls)
    cancel = ("POST", f"{path}/file_batches/{batch['id']}/cancel", {})
    found += violations(client, contract, [cancel, *calls])
    assert found == []
    counts = client.json("GET", path)["file_counts"]
    assert (counts["completed"], counts["cancelled"]) == (1, 2)


@pytest.mark.parametrize("contract", ["azure", "openai"])
def test_files_keep_to_the_contract(client: Client, contract: str) -> None:
    path = f"/files/{uploaded(client, TEXT, 'a.txt')}"
    calls: list[Call] = [
        ("GET", "/files", None),
        ("GET", "/files?limit=1&order=asc&purpose=assistants", None),
        ("GET", path, None),
        ("DELETE", path, None),
        ("GET", path, None),
    ]
    assert violations(client, contract, calls) == []


def test_models_keep_to_the_contract_that_has_them(client: Client) -> None:
    calls: list[Call] = [
        ("GET", "/models", None),
        *(("GET", f"/models/{one.model}", None) for one in DEPLOYMENTS),
        ("GET", "/models/none", None),
    ]
    assert violations(client, "azure", calls) == []


# Limits


@pytest.mark.parametrize(
    ("attributes", "param"),
    [
        ({str(number): 1 for number in range(16)}, None),
        ({str(number): 1 for number in range(17)}, ""),
        ({"k" * 64: True}, None),
        ({"k" * 65: True}, "." + "k" * 65),
        ({"k": "v" * 512}, None),
        ({"k": "v" * 513}, ".k"),
        ({"k": 1.5}, None),
        ({"k": None}, ".k"),
        ({"k": ["v"]}, ".k"),
        ({"k": {}}, ".k"),
        ([], ""),
    ],
)
def test_attributes_have_their_limits_wherever_they_are_set(
    client: Client, attributes: Any, param: str | None
) -> None:
    file = uploaded(client, TEXT, "a.txt")
    path = f"/vector_stores/{stored(client)}"
    client.json("POST", f"{path}/files", {"file_id": file})
    set_ = {"attributes": attributes}
    for where, body, prefix in (
        (f"{path}/files", {"file_id": file, **set_}, "attributes"),
        (f"{path}/files/{file}", set_, "attributes"),
        (f"{path}/file_batches", {"file_ids": [file], **set_}, "attributes"),
        (
            f"{path}/file_batches",
            {"files": [{"file_id": file, **set_}]},
            "files[0].attributes",
        ),
    ):
        if param is None:
            client.json("POST", where, body)
            shown = client.json("GET", f"{path}/files/{file}")["attributes"]
            assert shown == attributes
        else:
            status, error = client.error("POST", where, body)
            assert (status, error["param"]) == (400, prefix + param)


@pytest.mark.parametrize(
    ("size", "overlap", "param"),
    [
        (100, 50, None),
        (4096, 2048, None),
        (4096, 0, None),
        (99, 0, "max_chunk_size_tokens"),
        (4097, 0, "max_chunk_size_tokens"),
        (100, 51, "chunk_overlap_tokens"),
        (100, -1, "chunk_overlap_tokens"),
    ],
)
def test_chunks_have_their_bounds_wherever_they_are_set(
    client: Client, size: int, overlap: int, param: str | None
) -> None:
    file = uploaded(client, TEXT, "a.txt")
    path = f"/vector_stores/{stored(client)}"
    static = {"max_chunk_size_tokens": size, "chunk_overlap_tokens": overlap}
    strategy = {"chunking_strategy": {"type": "static", "static": static}}
    for where, body in (
        ("/vector_stores", {"file_ids": [file], **strategy}),
        (f"{path}/files", {"file_id": file, **strategy}),
        (f"{path}/file_batches", {"file_ids": [file], **strategy}),
    ):
        if param is None:
            client.json("POST", where, body)
        else:
            status, error = client.error("POST", where, body)
            assert status == 400
            assert error["param"] == f"chunking_strategy.static.{param}"


# File names


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd.txt",
        "/etc/passwd.txt",
        "..",
        "a;b=c.txt",
        "a'b.txt",
        "%41.txt",
        " .txt",
        "Größe 日本 \N{GRINNING FACE}.txt",
    ],
)
def test_file_name_is_data_and_comes_back_as_it_was(
    service: openai.OpenAI, name: str
) -> None:
    file = service.files.create(file=(name, TEXT), purpose="assistants")
    assert file.filename == name
    assert service.files.retrieve(file.id).filename == name
    assert [one.filename for one in service.files.list()] == [name]
    store = service.vector_stores.create(file_ids=[file.id])
    for hit in service.vector_stores.search(store.id, query="integrity"):
        assert hit.filename == name
    assert service.files.content(file.id).content == TEXT


@pytest.mark.parametrize(
    ("name", "sent"),
    [('a"b.txt', "a%22b.txt"), ("a\r\nX-A: b.txt", "a%0D%0AX-A: b.txt")],
)
def test_quotes_and_line_ends_in_a_name_stay_as_the_client_writes_them(
    service: openai.OpenAI, name: str, sent: str
) -> None:
    file = service.files.create(file=(name, TEXT), purpose="assistants")
    assert file.filename == sent


def test_file_name_that_is_too_long_is_refused_with_the_length(client: Client) -> None:
    status, answer = upload(client, "/files", "a" * 513, TEXT, purpose="assistants")
    assert status == 400
    assert answer["error"]["param"] == "file"
    assert "512" in answer["error"]["message"]
    upload(client, "/files", "a" * 512, TEXT, purpose="assistants")


# What the service does not have


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/uploads"),
        ("POST", "/uploads/upload_1/parts"),
        ("POST", "/uploads/upload_1/complete"),
        ("POST", "/uploads/upload_1/cancel"),
    ],
)
def test_what_azure_does_not_have_is_its_404(
    client: Client, method: str, path: str
) -> None:
    status, error = client.error(method, path, {})
    assert status == 404
    assert f"{method} /v1{path}" in error["message"]
