import io
import json
import re

import pytest

from responses_emulator.http import Json, Reply, Request, json_reply, sse_reply
from responses_emulator.observers.observe import observe
from responses_emulator.observers.wire import Look, Wire, event_line, look_for

PLAIN = Look()
NARROW = Look(colour=True, width=80)


def show(request: Request, reply: Reply, look: Look = PLAIN) -> str:
    stream = io.StringIO()
    list(observe(lambda _: reply, Wire(stream, look))(request).body)
    return re.sub(r"in \d+ ms", "in N ms", stream.getvalue())


def posted(body: Json, **headers: str) -> Request:
    return Request(
        "POST",
        "/openai/responses?api-version=v1",
        {"content-type": "application/json", **headers},
        json.dumps(body).encode(),
    )


def delta(text: str) -> Json:
    return {
        "type": "response.output_text.delta",
        "sequence_number": 4,
        "item_id": "msg_" + "0" * 48,
        "output_index": 0,
        "content_index": 0,
        "delta": text,
        "logprobs": [],
    }


def uncoloured(text: str) -> str:
    return re.sub("\x1b\\[[0-9;]*m", "", text)


def test_an_exchange_reads_like_this() -> None:
    request = posted({"model": "gpt-5-mini", "input": "Tell me a joke."}, host="x")
    reply = json_reply({"error": {"code": "DeploymentNotFound"}}, 404)
    assert show(request, reply) == (
        "→ #1 POST /openai/responses?api-version=v1\n"
        "  content-type: application/json\n"
        '  {"model": "gpt-5-mini", "input": "Tell me a joke."}\n'
        "\n"
        "← #1 404 Not Found in N ms\n"
        "  content-type: application/json\n"
        '  {"error": {"code": "DeploymentNotFound"}}\n'
        "\n"
    )


def test_json_too_long_for_a_line_is_indented() -> None:
    text = show(posted({"a": {"b": "x" * 60}, "c": [1, 2]}), Reply(), NARROW)
    assert uncoloured(text).splitlines()[2:6] == [
        "  {",
        f'    "a": {{"b": "{"x" * 60}"}},',
        '    "c": [1, 2]',
        "  }",
    ]


def test_no_secret_is_shown() -> None:
    tools = [{"type": "mcp", "authorization": "s3cret", "headers": {"a": "s3cret"}}]
    headers = {"authorization": "Bearer s3cret", "api-key": "s3cret"}
    text = show(
        posted({"tools": tools}, **headers), json_reply({"access_token": "s3cret"})
    )
    text += event_line({"type": "response.created", "tools": tools}, PLAIN)
    assert "s3cret" not in text
    assert "authorization: Bearer ***" in text


def test_base64_is_shortened_and_a_question_is_not() -> None:
    question = "What are the company's values? " * 8
    url = "data:application/pdf;base64," + "JVBE" * 9000
    text = show(posted({"input": question, "file_data": url}), Reply())
    assert question in text
    assert '"data:application/pdf;base64,JVBEJVBEJVBE… (36,028 characters)"' in text


def test_multipart_is_shown_by_its_fields() -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nassistants\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n'
        b"Content-Type: application/pdf\r\n\r\n" + b"\x00" * 2000 + b"\r\n--x--\r\n"
    )
    headers = {"content-type": "multipart/form-data; boundary=x"}
    text = show(Request("POST", "/openai/v1/files", headers, body), Reply())
    assert "  purpose = assistants\n  file = a.pdf (2,000 bytes)\n" in text


@pytest.mark.parametrize(
    "kind", ["multipart/form-data", "multipart/form-data; boundary=x"]
)
def test_broken_multipart_is_shown_by_its_size(kind: str) -> None:
    text = show(Request("POST", "/", {"content-type": kind}, b"nothing"), Reply())
    assert "(7 bytes)" in text


def test_bodies_that_are_no_json_are_shown_too() -> None:
    picture = Reply(headers={"content-type": "image/png"}, body=b"\x89PNG" * 300)
    text = show(Request("POST", "/", {"content-type": "text/plain"}, b"{oops"), picture)
    assert "  {oops\n" in text
    assert "  (1,200 bytes)\n" in text


def test_each_event_is_a_line_without_its_type() -> None:
    text = show(Request("POST", "/"), sse_reply(iter([delta("Why "), delta("not?")])))
    assert (
        '  response.output_text.delta  {"sequence_number": 4, "item_id": "msg_' in text
    )
    assert text.count('"type"') == 0
    assert text.endswith("  2 events in N ms\n\n")


def test_on_a_terminal_a_line_fits_and_counters_go_before_the_text() -> None:
    for words in ("Why ", "Why not? " * 30):
        line = event_line(delta(words), NARROW)
        assert "\x1b[36m" in line
        assert '"delta": "Why ' in uncoloured(line)
        assert "item_id" not in line
        assert len(uncoloured(line)) <= 80


def test_control_characters_do_not_reach_the_terminal() -> None:
    request = posted({"input": "a\x1b[2Jb\x9bc\u202ed"}, accept="x\x1by")
    assert not re.search("[\x1b\x9b\u202e]", show(request, Reply()))


def test_a_stream_says_that_it_goes_on_after_another_exchange() -> None:
    stream = io.StringIO()
    replies = iter([sse_reply(iter([delta("a"), delta("b")])), Reply(204)])
    handle = observe(lambda _: next(replies), Wire(stream, PLAIN))
    pieces = handle(Request("POST", "/openai/v1/responses")).body
    assert not isinstance(pieces, bytes)
    next(pieces)
    handle(Request("DELETE", "/openai/v1/files/file-1"))
    next(pieces)
    lines = stream.getvalue().splitlines()
    assert lines[-2] == "← #1 goes on"
    assert '"delta": "b"' in lines[-1]


def test_a_stream_broken_off_says_so() -> None:
    stream = io.StringIO()
    handle = observe(lambda _: sse_reply(iter([delta("a")])), Wire(stream, PLAIN))
    body = handle(Request("POST", "/")).body
    body.close()  # pyright: ignore[reportAttributeAccessIssue]
    assert "Broken off after 0 events." in stream.getvalue()


def test_an_exchange_goes_on_when_nobody_reads_what_is_printed() -> None:
    class Closed(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError

    handle = observe(lambda _: Reply(204), Wire(Closed(), PLAIN))
    assert handle(Request("GET", "/")).status == 204


def test_colour_is_for_terminals_that_want_it() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert look_for(io.StringIO(), {}) == Look()
    assert look_for(Terminal(), {}) == Look(colour=True, width=80)
    assert not look_for(Terminal(), {"NO_COLOR": "1"}).colour
    assert not look_for(Terminal(), {"TERM": "dumb"}).colour


def test_a_connection_that_breaks_on_purpose_is_told() -> None:
    reply = Reply(0, {"x-emulator-fault": "reset"}, breaks="reset")
    assert show(Request("GET", "/a"), reply) == (
        "→ #1 GET /a\n\n← #1 no reply (reset) in N ms\n  x-emulator-fault: reset\n\n"
    )
    half = Reply(200, {"content-type": "text/plain"}, b"ha", breaks="close")
    assert show(Request("GET", "/a"), half).endswith("\n  Broken off here (close).\n\n")
