import base64
import json
from pathlib import Path
from typing import Any

from responses_emulator.http import Reply, Request, json_reply, sse_reply
from responses_emulator.observers.observe import observe
from responses_emulator.observers.record import recording


def record(
    path: Path, request: Request, reply: Reply, read: int = 99
) -> dict[str, Any]:
    with recording(path) as observer:
        body = observe(lambda _: reply, observer)(request).body
        if not isinstance(body, bytes):
            for _, _ in zip(range(read), body, strict=False):
                pass
            body.close()  # pyright: ignore[reportAttributeAccessIssue]
    return json.loads(path.read_text("utf-8").splitlines()[-1])


def test_an_exchange_is_one_line_and_the_bodies_are_exact(tmp_path: Path) -> None:
    request = Request(
        "POST", "/openai/v1/responses?a=b", {}, b'{ "input":  "Z\xc3\xbc"}'
    )
    line = record(tmp_path / "a.jsonl", request, json_reply({"id": "resp_1"}, 400))
    assert line == {
        "method": "POST",
        "url": "/openai/v1/responses?a=b",
        "request_headers": {},
        "request_body": '{ "input":  "Zü"}',
        "status": 400,
        "response_headers": {"content-type": "application/json"},
        "response_body": '{"id":"resp_1"}',
    }


def test_lines_are_appended(tmp_path: Path) -> None:
    for _ in range(2):
        record(tmp_path / "a.jsonl", Request("GET", "/"), Reply())
    assert len((tmp_path / "a.jsonl").read_bytes().splitlines()) == 2


def test_bytes_that_are_no_text_are_base64(tmp_path: Path) -> None:
    line = record(
        tmp_path / "a", Request("POST", "/", {}, b"\xff"), Reply(body=b"\xfe")
    )
    assert line["request_body_encoding"] == line["response_body_encoding"] == "base64"
    assert base64.b64decode(line["request_body"]) == b"\xff"
    assert base64.b64decode(line["response_body"]) == b"\xfe"


def test_no_secret_is_recorded(tmp_path: Path) -> None:
    tools = [{"type": "mcp", "authorization": "s3cret", "headers": {"a": "s3cret"}}]
    headers = {"authorization": "Bearer s3cret", "x-identity-header": "s3cret"}
    body = json.dumps({"tools": tools}).encode()
    request = Request("POST", "/", headers, body)
    event = {"type": "response.created", "response": {"tools": tools}}
    for reply in (json_reply({"access_token": "s3cret"}), sse_reply(iter([event]))):
        record(tmp_path / "a", request, reply)
    text = (tmp_path / "a").read_text("utf-8")
    assert "s3cret" not in text
    assert text.count("***") > 6


def test_a_stream_is_recorded_as_it_was_sent(tmp_path: Path) -> None:
    reply = sse_reply(iter([{"type": "a"}, {"type": "b"}]))
    line = record(tmp_path / "a", Request("POST", "/"), reply)
    assert line["response_body"] == (
        'event: a\ndata: {"type":"a"}\n\nevent: b\ndata: {"type":"b"}\n\n'
    )
    assert "aborted" not in line


def test_a_stream_broken_off_is_recorded_as_far_as_it_came(tmp_path: Path) -> None:
    reply = sse_reply(iter([{"type": "a"}, {"type": "b"}]))
    line = record(tmp_path / "a", Request("POST", "/"), reply, read=1)
    assert line["response_body"] == 'event: a\ndata: {"type":"a"}\n\n'
    assert line["aborted"]


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    record(tmp_path / "a", Request("GET", "/"), Reply())
    assert (tmp_path / "a").stat().st_mode & 0o077 == 0


def test_a_connection_that_broke_has_no_status_and_is_aborted(tmp_path: Path) -> None:
    line = record(tmp_path / "a", Request("GET", "/"), Reply(0, breaks="reset"))
    assert line["status"] is None
    assert "aborted" in line
