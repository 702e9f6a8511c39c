import io
import json
import os
import re
from collections.abc import Callable
from typing import Any

import pytest

from responses_emulator import extras
from responses_emulator.http import Json, Reply, Request, json_reply, sse_reply
from responses_emulator.observers.observe import Exchange, observe
from responses_emulator.observers.wire import (
    Look,
    Wire,
    body_lines,
    event_line,
    look_for,
    reply_text,
    request_text,
    short_json,
)

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


def test_on_a_terminal_an_exchange_looks_like_this() -> None:
    headers = {"host": "x", "api-key": "k", "openai-beta": "a=b", "accept": "*/*"}
    event = {"type": "response.created", "sequence_number": 0}
    reply = sse_reply(iter([event, {"type": "error"}]))
    text = show(posted({"input": "Hi.", "n": 1}, **headers), reply, NARROW)
    bold, dim, green, blue, yellow, cyan, end = (
        f"\x1b[{code}m" for code in ("1", "2", "1;32", "1;34", "33", "36", "0")
    )
    assert text == (
        f"{green}→{end} {dim}#1{end} {bold}POST{end} /openai/responses?api-version=v1\n"
        f"  {dim}content-type:{end} application/json\n"
        f"  {dim}api-key:{end} ***\n"
        f"  {dim}openai-beta:{end} a=b\n"
        f'  {{{cyan}"input"{end}: "Hi.", {cyan}"n"{end}: 1}}\n'
        "\n"
        f"{blue}←{end} {dim}#1{end} {blue}200 OK{end} {dim}in N ms{end}\n"
        f"  {dim}content-type:{end} text/event-stream; charset=utf-8\n"
        f"  {dim}response.{end}{yellow}created{end}  "
        f'{{{cyan}"sequence_number"{end}: 0}}\n'
        f"  {dim}error{end}{yellow}{end}  {{}}\n"
        f"{dim}  2 events in N ms{end}\n"
        "\n"
    )


def test_what_went_wrong_stands_out() -> None:
    red, yellow, dim, end = (f"\x1b[{code}m" for code in ("1;31", "33", "2", "0"))
    for status, told in ((400, "400 Bad Request"), (500, "500 Internal Server Error")):
        text = show(Request("GET", "/"), Reply(status), NARROW)
        assert f"{red}←{end} {dim}#1{end} {red}{told}{end}" in text
    text = show(Request("GET", "/"), Reply(0, breaks="reset"), NARROW)
    assert f"{red}no reply (reset){end}" in text
    assert red not in show(Request("GET", "/"), Reply(399), NARROW)
    half = Reply(200, {}, b"{}", breaks="close")
    assert f"\n{yellow}  Broken off here (close).{end}\n\n" in show(
        Request("GET", "/"), half, NARROW
    )
    cut = Reply(200, {"content-type": "text/event-stream"}, iter([delta("a")]))
    cut.breaks = "reset"
    assert show(Request("GET", "/"), cut, NARROW).endswith(
        f"{yellow}  Broken off after 1 events.{end}\n\n"
    )


HEADERS = (
    *("api-key", "authorization", "x-identity-header", "accept", "content-type"),
    *("openai-beta", "webhook-id", "x-ms-useragent", "apim-request-id"),
    *("retry-after", "retry-after-ms", "location", "x-emulator-fault", "host"),
)


def names(text: str) -> list[str]:
    return re.findall("(?m)^  ([a-z-]+): ", text)


def test_of_the_headers_those_are_shown_that_teach_something() -> None:
    headers = dict.fromkeys(HEADERS, "a")
    exchange = Exchange(1, Request("GET", "/", headers), Reply(200, headers))
    assert names(request_text(exchange, PLAIN)) == list(HEADERS[:8])
    assert names(reply_text(exchange, PLAIN)) == [
        *("content-type", "apim-request-id", "retry-after", "location"),
        "x-emulator-fault",
    ]
    exchange = Exchange(1, Request("GET", "/", {"accept": "*/*"}))
    assert request_text(exchange, PLAIN) == "→ #1 GET /\n"


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.0, "0 ms"),
        (0.0416, "42 ms"),
        (0.9, "900 ms"),
        (1.0, "1.0 s"),
        (9.26, "9.3 s"),
    ],
)
def test_how_long_it_took_is_told_for_people(
    seconds: float, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.perf_counter", lambda: seconds)
    exchange = Exchange(3, Request("GET", "/"), Reply(499), started=0.0)
    assert reply_text(exchange, PLAIN) == f"← #3 499 in {told}\n"


@pytest.mark.parametrize(
    ("width", "room"), [(None, 98), (200, 98), (100, 98), (99, 97), (40, 38)]
)
def test_json_takes_as_many_columns_as_there_are_and_at_most_a_hundred(
    width: int | None, room: int
) -> None:
    look = Look(width=width)
    for longer in (0, 1):
        # Of two words, or it would be shortened.
        value = {"a": "b " + "c" * (room - 11 + longer), "d": 1}
        value["a"] = value["a"][: room - len('{"a": "", "d": 1}') + longer]
        lines = body_lines(json.dumps(value).encode(), "", look)
        assert len(lines) == (4 if longer else 1)
    assert max(map(len, lines)) <= room + 2


def test_json_is_laid_out_as_deep_as_it_has_to_be() -> None:
    value = {
        "first": [{"a": 1, "b": [1, 22]}, {"c": "d" * 11}],
        "k": {"e": "f" * 8},
        "l": {"e": "f" * 9},
        "g": "h" * 40,
        "i": [],
    }
    body = json.dumps(value).encode()
    assert body_lines(body, "", Look(width=26)) == [
        "  {",
        '    "first": [',
        "      {",
        '        "a": 1,',
        '        "b": [1, 22]',
        "      },",
        '      {"c": "ddddddddddd"}',
        "    ],",
        '    "k": {"e": "ffffffff"},',
        '    "l": {',
        '      "e": "fffffffff"',
        "    },",
        f'    "g": "{"h" * 40}",',
        '    "i": []',
        "  }",
    ]


@pytest.mark.parametrize(
    ("type", "lines"),
    [
        ("text/plain", ["  a\\u000ab \ufffd"]),
        ("application/json", ["  a\\u000ab \ufffd"]),
        ("application/pdf", ["  (5 bytes)"]),
        ("", ["  (5 bytes)"]),
    ],
)
def test_a_body_that_is_no_json_is_shown_if_it_is_text(
    type: str, lines: list[str]
) -> None:
    assert body_lines(b"a\nb \xff", type, PLAIN) == lines
    assert body_lines(b"", type, PLAIN) == []


def test_what_was_meant_to_be_json_is_masked_and_shortened() -> None:
    body = b'{"authorization": "s3cret", "input": "' + b"a " * 400
    [line] = body_lines(body, "application/json", PLAIN)
    assert line.startswith('  {"authorization": "***", "input": "a a a')
    assert line.endswith("… (835 characters)")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a" * 80, None),
        ("a" * 81, "a" * 40 + "… (81 characters)"),
        ("a" * 80 + " b", "a" * 40 + "… (82 characters)"),
        ("a" * 79 + " b", None),
        ("a " * 300, None),
        ("a " * 300 + "b", "a " * 150 + "… (601 characters)"),
        ("a" * 5_000, "a" * 40 + "… (5,000 characters)"),
    ],
)
def test_a_long_text_is_shown_by_its_beginning(text: str, shown: str | None) -> None:
    shown = shown or text
    assert short_json(text) == shown
    assert short_json({"a": [text, 1, None], "b": {"c": text}}) == {
        "a": [shown, 1, None],
        "b": {"c": shown},
    }


def test_an_event_is_cut_off_where_the_terminal_ends() -> None:
    """Two columns before the name of 14, two after it, and the rest is its room."""
    line = '  response.added  {"item": {"a": 1}}'
    event = {"type": "response.added", "item": {"a": 1}}
    assert event_line(event, Look(width=len(line))) == line
    assert event_line(event, Look(width=len(line) - 1)) == line[:-2] + "…"
    assert event_line(event, Look(width=1)) == line[:27] + "…"  # room for ten
    assert event_line(event, PLAIN) == line
    assert event["type"] == "response.added"  # it is still to be sent


def test_counters_go_one_after_another_until_it_fits() -> None:
    counters: dict[str, Any] = {  # the last goes first
        "sequence_number": 1,
        "output_index": 2,
        "content_index": 3,
        "summary_index": 4,
        "item_id": "m",
        "logprobs": [],
        "obfuscation": "x",
    }
    for count in range(len(counters) + 1):
        left = {"delta": "b", **dict(list(counters.items())[:count])}
        mark = "{…, " if count < len(counters) else "{"
        line = f"  a  {mark}{json.dumps(left)[1:]}"
        event = {"type": "a", "delta": "b", **counters}
        assert event_line(event, Look(width=len(line))) == line
        assert event_line(event, Look(width=len(line) - 1)) != line
    alone = {"type": "a", "sequence_number": 10**20, "output_index": None}
    assert event_line(alone, Look(width=20)) == "  a  {…}"


def test_keys_are_coloured_and_values_are_not() -> None:
    line = event_line({"type": "a", 'b"c': "d", "e": ['"f": 1']}, Look(colour=True))
    keys = re.findall("\x1b\\[36m(.*?)\x1b\\[0m", line)
    assert keys == [r'"b\"c"', '"e"']


def test_a_form_is_shown_without_what_would_act_on_a_terminal() -> None:
    value = "a\x1b" + "b" * 100
    body = (
        '--x\r\nContent-Disposition: form-data; name="a\x1b"\r\n\r\n'
        f'{value}\r\n--x\r\nContent-Disposition: form-data; name="b"\r\n\r\n'
        '\r\n--x\r\nContent-Disposition: form-data; name="c"; filename="d\u202e"\r\n'
        "\r\n1\r\n--x--\r\n"
    )
    headers = {"content-type": "multipart/form-data; boundary=x"}
    request = Request("POST", "/", headers, body.encode())
    assert request_text(Exchange(1, request), PLAIN).splitlines()[2:] == [
        f"  a\\u001b = a\\u001b{'b' * 38}… (102 characters)",
        "  b = ",
        "  c = d\\u202e (1 bytes)",
    ]


def test_the_type_of_a_form_is_told_in_any_case(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'
    headers = {"content-type": "Multipart/Form-Data; boundary=x"}
    exchange = Exchange(1, Request("POST", "/", headers, body))
    assert request_text(exchange, PLAIN).splitlines()[2:] == ["  a = b"]
    monkeypatch.setattr(extras, "is_there", lambda extra: extra != "uploads")
    assert request_text(exchange, PLAIN).splitlines()[2:] == [f"  ({len(body)} bytes)"]


def test_who_prints_is_asked_how_wide_and_whether_in_colour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

        def fileno(self) -> int:
            return 7

    def gone(_descriptor: int) -> os.terminal_size:
        raise OSError

    def columns(number: int) -> Callable[[int], os.terminal_size]:
        return lambda descriptor: os.terminal_size(
            (number if descriptor == 7 else 1, 1)
        )

    for size, width in ((columns(132), 132), (columns(0), 80), (gone, 80)):
        monkeypatch.setattr("os.get_terminal_size", size)
        assert look_for(Terminal(), {"NO_COLOR": "", "TERM": "a"}) == Look(True, width)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr("os.get_terminal_size", columns(10))
    stream = Terminal()
    list(
        observe(lambda _: sse_reply(iter([delta("a")])), Wire(stream))(
            Request("GET", "/")
        ).body
    )
    assert "\x1b" not in stream.getvalue()
    assert "…" in stream.getvalue()


def test_streams_at_once_are_counted_apart() -> None:
    stream = io.StringIO()
    handle = observe(lambda _: sse_reply(iter([delta("a")] * 3)), Wire(stream, PLAIN))
    one, other = (handle(Request("GET", "/")).body for _ in range(2))
    assert not isinstance(one, bytes) and not isinstance(other, bytes)
    next(one)
    assert stream.getvalue().count("goes on") == 1
    next(one)
    assert stream.getvalue().count("goes on") == 1
    next(other)
    one.close()  # pyright: ignore[reportAttributeAccessIssue]
    list(other)
    told = re.findall(
        r"← #(\d) goes on|after (\d) events|  (\d) events", stream.getvalue()
    )
    assert ["".join(one) for one in told] == ["1", "2", "1", "2", "2", "3"]


def test_a_late_answer_and_pieces_of_a_text_are_shown_as_bodies() -> None:
    pieces = Reply(200, {"content-type": "text/plain"}, iter([b"a b", b"c\x1b"]))
    text = show(Request("GET", "/"), pieces)
    assert text.endswith(
        "  content-type: text/plain\n  a b\n  c\\u001b\n  0 events in N ms\n\n"
    )


def test_what_failed_without_a_reply_is_told() -> None:
    def fails(_: Request) -> Reply:
        raise OSError

    stream = io.StringIO()
    with pytest.raises(OSError):
        observe(fails, Wire(stream, PLAIN))(Request("GET", "/"))
    assert stream.getvalue() == "→ #1 GET /\n\n  Broken off after 0 events.\n\n"
