import base64
import json
from pathlib import Path
from typing import Any

import pytest

from responses_emulator.account import MCP_PATH, TOKEN_PATH
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


@pytest.mark.parametrize(
    ("target", "is_recorded"),
    [
        ("/openai/v1/models", True),
        ("/nowhere", True),
        (TOKEN_PATH, False),
        (f"{TOKEN_PATH}?resource=x", False),
        (MCP_PATH, False),
        ("http://127.0.0.1:9/hook", False),
    ],
)
def test_what_is_no_part_of_the_api_is_not_recorded(
    tmp_path: Path, target: str, is_recorded: bool
) -> None:
    with recording(tmp_path / "a") as observer:
        observe(lambda _: Reply(), observer)(Request("GET", target))
        # A line is there before the file is closed.
        assert len((tmp_path / "a").read_bytes().splitlines()) == is_recorded


def test_the_target_and_the_headers_are_masked(tmp_path: Path) -> None:
    reply = Reply(200, {"set-cookie": "s3cret"})
    line = record(tmp_path / "a", Request("GET", "/?api-key=s3cret&a=b"), reply)
    assert line["url"] == "/?api-key=***&a=b"
    assert line["response_headers"] == {"set-cookie": "***"}


def test_what_failed_without_a_reply_has_no_status(tmp_path: Path) -> None:
    def fails(_: Request) -> Reply:
        raise OSError

    with recording(tmp_path / "a") as observer, pytest.raises(OSError):
        observe(fails, observer)(Request("GET", "/"))
    line = json.loads((tmp_path / "a").read_text("utf-8"))
    assert (line["status"], line["response_headers"]) == (None, {})
    assert (line["response_body"], line["aborted"]) == (
        "",
        "the reply was not read to its end",
    )


@pytest.mark.parametrize(
    ("body", "written"),
    [
        (b'  {"headers": {"a": "s"}, \xc3\xbc', '  {"headers": {***}, \u00fc'),
        (b'[{"access_token": "s"', '[{"access_token": "***"'),
        (b'{"access_token": "s",  "a":1}', '{"access_token":"***","a":1}'),
        (b'{"a":  1}', '{"a":  1}'),
        (b'say "access_token": "s"', 'say "access_token": "s"'),
        (b"", ""),
    ],
)
def test_a_body_is_written_as_it_was_unless_a_secret_is_in_it(
    tmp_path: Path, body: bytes, written: str
) -> None:
    line = record(tmp_path / "a", Request("POST", "/", {}, body), Reply(body=body))
    assert (line["request_body"], line["response_body"]) == (written, written)


def test_pieces_that_are_no_events_are_recorded_together(tmp_path: Path) -> None:
    reply = Reply(200, {}, iter([b"a", b"b"]))
    assert record(tmp_path / "a", Request("GET", "/"), reply)["response_body"] == "ab"
