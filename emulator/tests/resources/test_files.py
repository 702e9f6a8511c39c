from typing import Any

import orjson
import pytest

from responses_emulator.errors import ServiceError
from responses_emulator.http import Reply, Request
from responses_emulator.resources import files
from responses_emulator.store import Store


class World:
    """As much of a world as these handlers use."""

    def __init__(self) -> None:
        self.store = Store()
        self.now = 1_790_000_000.0

    def clock(self) -> float:
        return self.now


Parts = dict[str, str | tuple[str, bytes]]


def form(parts: Parts) -> Request:
    body = b""
    for name, value in parts.items():
        filename = "" if isinstance(value, str) else f'; filename="{value[0]}"'
        content = value.encode() if isinstance(value, str) else value[1]
        head = f'--b\r\nContent-Disposition: form-data; name="{name}"{filename}\r\n\r\n'
        body += head.encode() + content + b"\r\n"
    headers = {"content-type": "multipart/form-data; boundary=b"}
    return Request("POST", "/openai/v1/files", headers, body + b"--b--\r\n")


def upload(world: Any, content: bytes = b"hello", /, **parts: str) -> dict[str, Any]:
    fields: Parts = {"file": ("a.txt", content), "purpose": "assistants", **parts}
    return body(files.create(world, form(fields)))


def body(reply: Reply) -> dict[str, Any]:
    assert reply.status == 200
    assert isinstance(reply.body, bytes)
    return orjson.loads(reply.body)


def get(query: str = "") -> Request:
    return Request("GET", f"/openai/v1/files{query}")


def refused(call: Any, *arguments: Any) -> tuple[int, dict[str, Any]]:
    with pytest.raises(ServiceError) as raised:
        call(*arguments)
    return raised.value.status, raised.value.body["error"]


@pytest.fixture
def world() -> Any:
    return World()


def test_upload_gives_the_file_object(world: Any):
    file = upload(world, b"hello")
    id = file.pop("id")
    assert id.startswith("assistant-")
    assert len(id) == len("assistant-") + 22
    assert file == {
        "object": "file",
        "bytes": 5,
        "created_at": 1_790_000_000,
        "filename": "a.txt",
        "purpose": "assistants",
        "status": "processed",
    }


@pytest.mark.parametrize("purpose", ["batch", "fine-tune", "vision", "evals"])
def test_other_purposes_have_other_ids(world: Any, purpose: str):
    file = upload(world, purpose=purpose)
    assert file["id"].startswith("file-")
    assert len(file["id"]) == len("file-") + 32
    assert file["purpose"] == purpose


def test_content_comes_back_byte_for_byte(world: Any):
    content = bytes(range(256))
    file = upload(world, content)
    reply = files.content(world, get(), file["id"])
    assert reply.headers["content-type"] == "application/octet-stream"
    assert reply.body == content
    assert body(files.retrieve(world, get(), file["id"])) == file


def test_deleted_file_is_gone(world: Any):
    id = upload(world)["id"]
    assert body(files.delete(world, get(), id)) == {
        "id": id,
        "object": "file",
        "deleted": True,
    }
    for call in (files.retrieve, files.content, files.delete):
        status, error = refused(call, world, get(), id)
        assert (status, error["message"]) == (404, f"No such File object: {id}")


def test_user_data_is_refused_and_the_error_names_what_is_not(world: Any):
    fields: Parts = {"file": ("a.pdf", b"%PDF-"), "purpose": "user_data"}
    status, error = refused(files.create, world, form(fields))
    assert (status, error["param"], error["code"]) == (400, "purpose", "invalid_value")
    assert "'assistants'" in error["message"]
    assert len(world.store.files) == 0


@pytest.mark.parametrize(
    ("parts", "param", "code"),
    [
        ({"purpose": "assistants"}, "file", "missing_required_parameter"),
        ({"file": "no file", "purpose": "assistants"}, "file", "invalid_type"),
        ({"file": ("", b"x"), "purpose": "assistants"}, "file", "invalid_type"),
        (
            {"file": ("a" * 999, b"x"), "purpose": "assistants"},
            "file",
            "string_above_max_length",
        ),
        ({"file": ("a.txt", b""), "purpose": "assistants"}, "file", "empty_file"),
        ({"file": ("a.txt", b"x")}, "purpose", "missing_required_parameter"),
        (
            {"file": ("a.txt", b"x"), "purpose": ("p", b"assistants")},
            "purpose",
            "missing_required_parameter",
        ),
        ({"file": ("a.txt", b"x"), "purpose": ""}, "purpose", "invalid_value"),
        (
            {"file": ("a.txt", b"x"), "purpose": "batch", "colour": "red"},
            "colour",
            "unknown_parameter",
        ),
    ],
)
def test_bad_upload_is_a_400_that_names_the_field(
    world: Any, parts: Parts, param: str, code: str
):
    status, error = refused(files.create, world, form(parts))
    assert (status, error["param"], error["code"]) == (400, param, code)


def test_a_files_name_may_be_so_long_and_no_longer(world: Any):
    longest = "a" * (files.MAX_FILENAME - 4) + ".txt"
    fields: Parts = {"file": (longest, b"hello"), "purpose": "assistants"}
    assert body(files.create(world, form(fields)))["filename"] == longest

    fields["file"] = (f"a{longest}", b"hello")
    status, error = refused(files.create, world, form(fields))
    told = (status, error["param"], error["code"])
    assert told == (400, "file", "string_above_max_length")
    assert "at most 512 characters, but got 513" in error["message"]
    assert len(world.store.files) == 1


def expiry(seconds: str, anchor: str = "created_at") -> dict[str, str]:
    return {"expires_after[anchor]": anchor, "expires_after[seconds]": seconds}


def test_file_expires_when_its_time_has_come(world: Any):
    file = upload(world, **expiry("1209600"))
    assert file["expires_at"] == file["created_at"] + 14 * 86_400
    world.now += 14 * 86_400 - 1
    assert body(files.retrieve(world, get(), file["id"])) == file
    world.now += 1
    assert body(files.list_files(world, get()))["data"] == []
    assert refused(files.retrieve, world, get(), file["id"])[0] == 404


@pytest.mark.parametrize(
    "parts",
    [
        expiry("1209599"),
        expiry("2592001"),
        expiry("3600"),
        expiry("-1"),
        expiry("9" * 5000),
        expiry("\u0661209600"),
        expiry("1209600", "last_active_at"),
        {"expires_after[anchor]": "created_at"},
        {"expires_after[seconds]": "1209600"},
    ],
)
def test_bad_expiry_is_a_400(world: Any, parts: dict[str, str]):
    fields: Parts = {"file": ("a.txt", b"x"), "purpose": "assistants", **parts}
    status, error = refused(files.create, world, form(fields))
    assert status == 400
    is_missing = len(parts) < 2
    assert error["code"] == (
        "missing_required_parameter" if is_missing else "invalid_value"
    )
    at_fault = "anchor" if "last_active_at" in parts.values() else "seconds"
    if is_missing:
        at_fault = "seconds" if "expires_after[anchor]" in parts else "anchor"
    assert error["param"] == f"expires_after[{at_fault}]"


def test_full_store_refuses_and_keeps_what_it_has(
    world: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 10)
    first = upload(world, b"123456")
    fields: Parts = {"file": ("a.txt", b"12345"), "purpose": "assistants"}
    assert refused(files.create, world, form(fields))[0] == 400
    assert body(files.retrieve(world, get(), first["id"])) == first
    upload(world, b"1234")


def test_no_upload_pushes_out_another(world: Any):
    world.store.files.limit = 2
    ids = {upload(world)["id"], upload(world)["id"]}
    fields: Parts = {"file": ("a.txt", b"x"), "purpose": "assistants"}
    assert refused(files.create, world, form(fields))[0] == 400
    assert {file.id for file in world.store.files} == ids


def test_list_is_paged_newest_first(world: Any):
    ids = [upload(world)["id"] for _ in range(5)]
    ids.reverse()
    assert [f["id"] for f in body(files.list_files(world, get()))["data"]] == ids
    first = body(files.list_files(world, get("?limit=2")))
    assert [file["id"] for file in first["data"]] == ids[:2]
    assert (first["first_id"], first["last_id"]) == (ids[0], ids[1])
    assert first["has_more"] is True
    last = body(files.list_files(world, get(f"?limit=3&after={ids[1]}")))
    assert [file["id"] for file in last["data"]] == ids[2:]
    assert last["has_more"] is False
    oldest = body(files.list_files(world, get("?order=asc&limit=1")))
    assert oldest["data"][0]["id"] == ids[-1]


def test_list_can_be_of_one_purpose(world: Any):
    upload(world)
    id = upload(world, purpose="batch")["id"]
    [file] = body(files.list_files(world, get("?purpose=batch")))["data"]
    assert file["id"] == id


def test_empty_list_has_the_list_shape(world: Any):
    assert body(files.list_files(world, get())) == {
        "object": "list",
        "data": [],
        "first_id": "",
        "last_id": "",
        "has_more": False,
    }


@pytest.mark.parametrize(
    ("query", "param", "code"),
    [
        ("?limit=", "limit", "invalid_type"),
        ("?limit=" + "9" * 5000, "limit", "invalid_type"),
        ("?limit=%C2%B2", "limit", "invalid_type"),
        ("?limit=0", "limit", "integer_below_min_value"),
        ("?limit=10001", "limit", "integer_above_max_value"),
        ("?order=up", "order", "invalid_value"),
        ("?after=file-0", "after", None),
        ("?before=file-0", "before", None),
        ("?purpose=user_data", "purpose", "invalid_value"),
    ],
)
def test_bad_list_query_is_a_400(world: Any, query: str, param: str, code: str | None):
    status, error = refused(files.list_files, world, get(query))
    assert (status, error["param"], error["code"]) == (400, param, code)


def test_a_page_may_be_as_long_as_the_highest_limit(world: Any):
    ids = [upload(world)["id"] for _ in range(3)]
    for limit in (1, 10_000):
        page = body(files.list_files(world, get(f"?limit={limit}&order=asc")))
        assert [file["id"] for file in page["data"]] == ids[:limit]
        assert page["has_more"] is (limit < 3)
    page = body(files.list_files(world, get(f"?limit=3&before={ids[2]}&order=asc")))
    assert [file["id"] for file in page["data"]] == ids[:2]
    assert (page["last_id"], page["has_more"]) == (ids[1], False)
    page = body(files.list_files(world, get(f"?limit=1&before={ids[2]}&order=asc")))
    assert [file["id"] for file in page["data"]] == [ids[1]]
    assert page["has_more"] is True
