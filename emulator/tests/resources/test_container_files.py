"""Containers with files: put in by the caller, read and written by programs."""

import ast
from typing import Any

import orjson
import pytest

from emulator.tests.conftest import Client
from responses_emulator.account import KEY
from responses_emulator.http import Request
from responses_emulator.resources import workspaces

SALES = b"month,region,sales\nJan,North,100\nFeb,South,250.5\nMar,North,50\n"
TABLE = "How many lines has the table? Save that as totals.csv."


def upload(client: Client, path: str, name: str, content: bytes, **fields: str):
    """Send a form; the service's answer and its status."""
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
        for key, value in fields.items()
    ]
    head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"'
    body = "".join(parts).encode()
    if name:
        body += f"{head}\r\n\r\n".encode() + content + b"\r\n"
    reply = client.emulator.handle(
        Request(
            "POST",
            client.base + path,
            {"api-key": KEY, "content-type": "multipart/form-data; boundary=b"},
            body + b"--b--\r\n",
        )
    )
    assert isinstance(reply.body, bytes)
    return reply.status, orjson.loads(reply.body)


def uploaded(client: Client, content: bytes = SALES, name: str = "sales.csv") -> str:
    status, file = upload(client, "/files", name, content, purpose="assistants")
    assert status == 200
    return file["id"]


def container(client: Client, **body: Any) -> str:
    return client.json("POST", "/containers", {"name": "mine", **body})["id"]


def download(client: Client, container_id: str, file_id: str) -> bytes:
    path = f"/containers/{container_id}/files/{file_id}/content"
    reply = client.send("GET", path)
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/octet-stream"
    assert isinstance(reply.body, bytes)
    return reply.body


def with_file(client: Client, prompt: str, **body: Any) -> tuple[Any, Any]:
    """The call and the message that answer a prompt about an uploaded table."""
    tool: dict[str, Any] = {
        "type": "code_interpreter",
        "container": {"type": "auto", "file_ids": [uploaded(client)]},
    }
    response = client.create(
        prompt, tools=[tool], include=["code_interpreter_call.outputs"], **body
    )
    call, message = response["output"][-2:]
    assert call["type"] == "code_interpreter_call"
    return call, message


def test_a_program_reads_the_file_and_writes_one(client: Client):
    call, message = with_file(client, TABLE)

    [output] = call["outputs"]
    assert f"bytes = {len(SALES)}, lines = 4\n" in output["logs"]
    [part] = message["content"]
    [cited] = part["annotations"]
    assert cited["type"] == "container_file_citation"
    assert cited["container_id"] == call["container_id"]
    assert cited["filename"] == "totals.csv"
    start, end = cited["start_index"], cited["end_index"]
    assert part["text"][start:end] == "sandbox:/mnt/data/totals.csv"
    written = download(client, cited["container_id"], cited["file_id"])
    assert written.decode() == output["logs"]


def test_of_a_long_name_the_end_is_kept(client: Client):
    path = f"/containers/{container(client)}/files"
    name = "a" * 56 + ".csv"
    for sent in (name, f"a{name}", f"b/{name}"):
        status, file = upload(client, path, sent, SALES)
        assert status == 200
        assert file["path"].partition("-")[2] == name


def test_a_written_file_is_had_through_its_container_only(client: Client):
    _, message = with_file(client, TABLE)
    [cited] = message["content"][0]["annotations"]

    assert cited["file_id"].startswith("cfile_")
    path = f"/files/{cited['file_id']}"
    assert client.error("GET", path)[0] == 404
    assert client.error("GET", f"{path}/content")[0] == 404


def test_the_stream_has_every_event_of_the_code_and_the_citation(client: Client):
    tool = {
        "type": "code_interpreter",
        "container": {"type": "auto", "file_ids": [uploaded(client)]},
    }
    events = client.events(TABLE, tools=[tool], model="gpt-5.4-mini")
    kinds = [e["type"].removeprefix("response.") for e in events]
    order = [  # where each first comes
        "code_interpreter_call.in_progress",
        "code_interpreter_call_code.delta",
        "code_interpreter_call_code.done",
        "code_interpreter_call.interpreting",
        "code_interpreter_call.completed",
        "output_text.delta",
        "output_text.annotation.added",
        "output_text.done",
    ]
    assert [kinds.index(kind) for kind in order] == sorted(map(kinds.index, order))
    code = "".join(
        e["delta"] for e in events if e["type"].endswith("interpreter_call_code.delta")
    )
    assert code == events[-1]["response"]["output"][0]["code"]


def test_the_next_turn_finds_what_the_last_one_wrote(client: Client):
    tool = {"type": "code_interpreter", "container": {"type": "auto"}}
    first = client.create("Write 5 * 5 to squares.csv.", tools=[tool], store=True)
    second = client.create(
        "What is in squares.csv?",
        tools=[tool],
        previous_response_id=first["id"],
        include=["code_interpreter_call.outputs"],
    )
    [before] = [i for i in first["output"] if i["type"] == "code_interpreter_call"]
    [call] = [i for i in second["output"] if i["type"] == "code_interpreter_call"]
    assert call["container_id"] == before["container_id"]
    assert "5 * 5 = 25\n" in call["outputs"][0]["logs"]


def test_the_conversation_can_be_sent_back_as_input(client: Client):
    tool = {"type": "code_interpreter", "container": {"type": "auto"}}
    question = {"role": "user", "content": "Work out 5 * 5."}
    first = client.create([question], tools=[tool], model="gpt-5.4-mini")
    again = [question, *first["output"], {"role": "user", "content": "Thank you."}]
    assert client.create(again, tools=[tool], model="gpt-5.4-mini")["output"]


@pytest.mark.parametrize(
    ("name", "content", "prompt", "line"),
    [
        ("a.txt", b"one two\nthree\n", "How many lines has the file?", "lines = 2"),
        ("a.json", b'{"a": 1}', "Count the lines of the file.", "lines = 1"),
        ("a.csv", b"x\n", "Analyze the data.", "lines = 1"),
        ("a.csv", b"x\nnan\ninf\n1\n", "How many rows?", "lines = 4"),
        ("a.bin", b"\0\1\2", "How large is the file?", "bytes = 3"),
    ],
)
def test_each_kind_of_file_is_read(
    client: Client, name: str, content: bytes, prompt: str, line: str
):
    ids = [uploaded(client, content, name)]
    tool = {"type": "code_interpreter", "container": container(client, file_ids=ids)}
    response = client.create(
        prompt, tools=[tool], include=["code_interpreter_call.outputs"]
    )
    [call] = [i for i in response["output"] if i["type"] == "code_interpreter_call"]
    assert line in call["outputs"][0]["logs"]


NAMES = [
    "a'); import os; os.system('id') #.csv",
    "../../etc/passwd",
    "--help.csv",
    '".csv',
]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_name_is_data(client: Client, name: str):
    id = container(client)
    status, file = upload(client, f"/containers/{id}/files", name, SALES)
    assert status == 200
    assert file["path"].startswith("/mnt/data/")
    assert "/" not in file["path"].removeprefix("/mnt/data/")
    tool = {"type": "code_interpreter", "container": id}
    response = client.create("Analyze the file.", tools=[tool])
    [call] = [i for i in response["output"] if i["type"] == "code_interpreter_call"]
    names = {n.id for n in ast.walk(ast.parse(call["code"])) if isinstance(n, ast.Name)}
    assert "os" not in names and "import os" not in call["code"].partition("\n")[2]


def test_files_of_a_container_are_created_listed_retrieved_and_deleted(client: Client):
    id = container(client)
    path = f"/containers/{id}/files"
    _, first = upload(client, path, "a.txt", b"abc")
    second = client.json("POST", path, {"file_id": uploaded(client)})
    _, third = upload(client, path, "", b"", file_id=uploaded(client))

    assert first["object"] == "container.file"
    assert (first["bytes"], first["source"], first["container_id"]) == (3, "user", id)
    assert first["path"].endswith("-a.txt")
    listed = client.json("GET", f"{path}?order=asc&limit=2")
    assert [f["id"] for f in listed["data"]] == [first["id"], second["id"]]
    assert listed["has_more"] is True
    assert client.json("GET", f"{path}/{third['id']}") == third
    assert download(client, id, second["id"]) == SALES
    gone = client.json("DELETE", f"{path}/{first['id']}")
    assert gone == {
        "id": first["id"],
        "object": "container.file.deleted",
        "deleted": True,
    }
    assert client.error("GET", f"{path}/{first['id']}")[0] == 404
    assert client.error("GET", f"{path}/{first['id']}/content")[0] == 404


def test_a_bad_container_file_is_refused(client: Client):
    path = f"/containers/{container(client)}/files"
    assert upload(client, path, "", b"")[1]["error"]["param"] == "file"
    assert upload(client, path, "a", b"x", file_id="file-1")[0] == 400
    assert upload(client, path, "a", b"x", other="1")[1]["error"]["param"] == "other"
    assert client.error("POST", path, {"file_id": 7})[0] == 400
    assert client.error("POST", path, {"file_id": "file-1"})[0] == 404
    assert client.error("POST", "/containers/cntr_0/files", {"file_id": "x"})[0] == 404


def test_a_container_is_created_with_what_was_asked_for(client: Client):
    made = client.json(
        "POST",
        "/containers",
        {
            "name": "mine",
            "memory_limit": "4g",
            "expires_after": {"anchor": "last_active_at", "minutes": 5},
            "file_ids": [uploaded(client)],
        },
    )
    assert (made["name"], made["memory_limit"]) == ("mine", "4g")
    assert made["expires_after"] == {"anchor": "last_active_at", "minutes": 5}
    path = f"/containers/{made['id']}"
    assert client.json("GET", path)["expires_after"] == made["expires_after"]
    assert len(client.json("GET", f"{path}/files")["data"]) == 1
    assert client.json("GET", "/containers?name=other")["data"] == []
    client.clock.now += 5 * 60 + 1
    assert client.error("GET", path)[0] == 404
    assert client.error("GET", f"{path}/files")[0] == 404


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "name"),
        ({"name": "a", "color": "red"}, "color"),
        ({"name": "a", "memory_limit": "2g"}, "memory_limit"),
        ({"name": "a", "file_ids": ["file-1"]}, "file_ids"),
        (
            {
                "name": "a",
                "network_policy": {"type": "allowlist", "allowed_domains": ["a.com"]},
            },
            "network_policy",
        ),
    ],
)
def test_a_bad_container_is_refused(client: Client, body: Any, param: str):
    status, error = client.error("POST", "/containers", body)
    assert status in (400, 404)
    assert error["param"] == param


def test_an_unknown_file_for_the_container_is_refused_before_a_stream(client: Client):
    tool = {
        "type": "code_interpreter",
        "container": {"type": "auto", "file_ids": ["x"]},
    }
    body = {"model": "gpt-5-mini", "input": "Hi", "tools": [tool], "stream": True}
    assert client.error("POST", "/responses", body)[0] == 404


def test_the_room_in_containers_is_bounded(client: Client, monkeypatch):
    monkeypatch.setattr(
        "responses_emulator.resources.workspaces.MAX_CONTAINER_BYTES", 100
    )
    id = container(client)
    status, body = upload(client, f"/containers/{id}/files", "a", b"x" * 101)
    assert (status, body["error"]["code"]) == (400, "storage_limit_exceeded")
    assert upload(client, f"/containers/{id}/files", "a", b"x" * 60)[0] == 200
    other = f"/containers/{container(client)}/files"
    assert upload(client, other, "a", b"x" * 60)[0] == 400
    client.json("DELETE", f"/containers/{id}")
    assert upload(client, other, "a", b"x" * 60)[0] == 200


def test_a_container_has_at_most_100_files(client: Client):
    path = f"/containers/{container(client)}/files"
    for number in range(100):
        assert upload(client, path, f"{number}.txt", b"x")[0] == 200
    status, answer = upload(client, path, "one-more.txt", b"x")
    assert status == 400
    assert "at most 100 files" in answer["error"]["message"]
    assert len(client.json("GET", f"{path}?limit=100")["data"]) == 100


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("a.csv", "a.csv"),
        ("../a.csv", "a.csv"),
        ("C:\\\\files\\a b.csv", "a_b.csv"),
        ("/tmp/_a.csv", "_a.csv"),
        ("-rf", "rf"),
        ("..", "file"),
        ("", "file"),
    ],
)
def test_a_name_is_no_path_and_no_option(name: str, plain: str):
    assert workspaces.plain_name(name) == plain


def test_the_room_in_containers_is_had_to_the_last_byte(
    client: Client, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(workspaces, "MAX_CONTAINER_BYTES", 100)
    path = f"/containers/{container(client)}/files"
    assert upload(client, path, "a.txt", b"a" * 100)[0] == 200
    assert upload(client, path, "b.txt", b"b")[0] == 400
