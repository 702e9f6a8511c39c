"""Endpoints of all kinds behind the emulator: what they send, and how it ends."""

import gzip
import json
import threading
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from typing import Any

import pytest

from emulator.tests.conftest import GET_WEATHER, Client, kinds
from emulator.tests.model.chat_completions.chat_server import (
    BREAK,
    Plain,
    Raw,
    Refused,
    Script,
    Server,
    behind,
    calls,
    chat_server,
    chunk,
    says,
    used,
)
from emulator.tests.model.chat_completions.test_chat_completions import texts
from responses_emulator.errors import ServiceError
from responses_emulator.model.chat_completions import client as client_module
from responses_emulator.model.chat_completions import deltas
from responses_emulator.model.chat_completions.endpoint import Endpoint
from responses_emulator.model.chat_completions.served import served
from responses_emulator.signals import Signal

ECHO = {"type": "custom", "name": "echo", "description": "Says it again."}
SHIRT = {**ECHO, "name": "shirt"}
SIZES = {"type": "grammar", "syntax": "regex", "definition": "^(S|M|L|XL)$"}
CITY = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "rain": {"type": "boolean"}},
    "required": ["city", "rain"],
    "additionalProperties": False,
}
IN_CITY = {"format": {"type": "json_schema", "name": "city", "schema": CITY}}
RAIN = '{"city": "Oslo", "rain": true}'


@pytest.fixture
def opened() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def ask(opened: ExitStack) -> Any:
    def made(
        *scripts: Script, model: str = "gpt-6-luna", **options: Any
    ) -> tuple[Client, Server]:
        server = opened.enter_context(chat_server(*scripts))
        client = Client(model=model)
        client.emulator.world.model = behind(server, **options)
        return client, server

    return made


def failing(client: Client, **body: Any) -> tuple[int, dict[str, Any]]:
    asked = {"model": client.model, "input": "Well?", **body}
    return client.error("POST", "/responses", asked)


def sse(*events: Any, end: str = "\n\n", done: bool = True) -> bytes:
    """These events as a stream has them."""
    texts = [e if isinstance(e, str) else json.dumps(e) for e in events]
    texts += ["[DONE]"] * done
    return "".join(f"data: {text}{end}" for text in texts).encode()


def head(status: str = "200 OK", **headers: str) -> bytes:
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode()


YES = sse(*says("Yes."))
STREAM = head(content_type="text/event-stream")


# What is an answer all the same


@pytest.mark.parametrize(
    "script",
    [
        Raw([STREAM, b": hello\n\nevent: message\nid: 1\nretry: 5\n", YES]),
        Raw([STREAM, YES.replace(b"\n", b"\r\n")]),
        Raw([STREAM, *(YES[at : at + 1] for at in range(len(YES)))]),
        Raw([STREAM, YES.replace(b"data: ", b"data:")]),
        Raw([STREAM, sse(*says("Yes."), done=False)]),
        Raw([STREAM, sse(*says("Yes."), end="\n")]),
        Raw(
            [
                STREAM,
                b"".join(
                    b"data: " + line + b"\n"
                    for each in says("Yes.")
                    for line in [*json.dumps(each, indent=1).encode().split(b"\n"), b""]
                ),
            ]
        ),
        Raw([head(content_type="application/json"), YES]),
        Raw([head(content_type="text/plain; charset=utf-8"), YES]),
        Raw([head(), YES]),
        Raw(
            [
                STREAM,
                json.dumps(
                    {
                        "choices": [
                            {"message": {"content": "Yes."}, "finish_reason": "stop"}
                        ]
                    }
                ).encode(),
            ]
        ),
        Raw(
            [
                head(content_type="text/event-stream", content_encoding="gzip"),
                gzip.compress(YES),
            ]
        ),
        Raw([head(content_encoding="X-GZip"), gzip.compress(YES)]),
        Raw([head(content_encoding="deflate"), zlib.compress(YES)]),
        Raw([head(content_encoding="identity"), YES]),
        Raw([STREAM.replace(b"HTTP/1.1", b"HTTP/1.0"), YES]),
        Raw([STREAM, sse(*says("Yes.")[:-1], done=False), b'data: {"choi']),
        Raw(
            [
                head(content_type="text/event-stream", transfer_encoding="chunked"),
                b"%x\r\n" % len(YES) + YES + b"\r\n1000\r\nhalf a chu",
            ]
        ),
        [chunk(role="assistant"), chunk(), {"choices": []}, {}, *says("Yes.")],
        [chunk(content="Yes."), chunk(finish_reason="eos")],
        [chunk(content="Yes."), chunk(finish_reason="tool_calls")],
        [
            chunk(content=[{"type": "text", "text": "Yes."}]),
            chunk(finish_reason="stop"),
        ],
        [chunk(content="Yes.", logprobs=None), *says()[1:]],
        # the whole of it once more, beside the last piece
        [
            chunk(content="Ye"),
            chunk(content="s."),
            {
                "choices": [
                    {
                        "delta": {},
                        "message": {"content": "Yes."},
                        "finish_reason": "stop",
                    }
                ]
            },
        ],
        # as completions have it that are no chat
        [{"choices": [{"text": "Ye"}]}, {"choices": [{"text": "s."}]}],
        Plain({"choices": [{"text": "Yes.", "finish_reason": "stop"}]}),
        # all of it has come, and nobody says that it is over
        Plain({"choices": [{"message": {"content": "Yes."}}]}),
        Raw([STREAM, b"\xef\xbb", b"\xbf\r\n", YES]),
        Raw([head(), b"\xef\xbb\xbf", YES]),
        Raw([STREAM, YES.replace(b"\n", b"\r")]),
        Raw([STREAM, *(bytes([each]) for each in YES.replace(b"\n", b"\r\n"))]),
        [
            *says("Yes.")[:-1],
            {"usage": {"prompt_tokens": 1, "completion_tokens": 1e30}},
        ],
        [*says("Yes.")[:-1], {"usage": {"completion_tokens": 10**30}}],
        [*says("Yes.")[:-1], {"usage": {"completion_tokens": "7"}}],
        [*says("Yes.")[:-1], {"choices": None, "usage": None}],
        [*says("Yes.")[:-1], {"usage": {"prompt_tokens": 3.0, "total_tokens": None}}],
        [chunk(content="Yes.", finish_reason="stop"), BREAK],
    ],
)
def test_what_is_odd_is_an_answer_all_the_same(ask: Any, script: Script) -> None:
    client, _ = ask(script)
    response = client.create()
    assert texts(response) == ["Yes."]
    assert response["status"] == "completed"
    assert response["usage"]["output_tokens"] >= 0
    events = client.events()
    assert events[-1]["type"] == "response.completed"
    assert [each["sequence_number"] for each in events] == list(range(len(events)))


def test_letters_that_are_cut_in_two_do_no_harm(ask: Any) -> None:
    halves = '{"choices": [{"delta": {"content": "\\ud83d"}, "index": 0}]}'
    broken = b'data: {"choices": [{"delta": {"content": "\xf0\x9f"}, "index": 0}]}\n\n'
    nan = '{"choices": [{"delta": {"content": "."}, "index": 0, "x": NaN}]}'
    client, _ = ask(Raw([STREAM, sse(halves, nan, done=False), broken, YES]))
    [text] = texts(client.create())
    assert text.endswith("Yes.")


def test_thoughts_that_never_end_are_thoughts(ask: Any) -> None:
    client, _ = ask(says("<think>Clouds, ", "and more"))
    response = client.create(reasoning={"summary": "auto"})
    assert kinds(response) == ["reasoning", "message"]
    assert texts(response) == [""]


def test_parts_that_are_thoughts_are_the_summary(ask: Any) -> None:
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "Clouds."}]}
    client, _ = ask([chunk(content=[thought]), *says("Rain.")])
    response = client.create(reasoning={"summary": "auto"})
    assert response["output"][0]["summary"][0]["text"] == "Clouds."
    assert texts(response) == ["Rain."]


# What is none


@pytest.mark.parametrize(
    ("script", "status", "words"),
    [
        (
            Raw([head("200 OK", content_type="text/html"), b"<html>Hi</html>"]),
            500,
            "<html>",
        ),
        (Refused(502, "<html><h1>Bad gateway</h1></html>"), 502, "Bad gateway"),
        (Refused(500, {}), 500, "{}"),
        (Refused(500, ""), 500, "answered 500"),
        (Refused(400, {"error": {"message": None, "code": 7}}), 400, "code"),
        (Refused(301, "", {"location": "http://127.0.0.1:1/"}), 500, "answered 301"),
        (Raw([b"SSH-2.0-OpenSSH_9.6\r\n"]), 500, "broke off"),
        (Raw([b""]), 500, "broke off"),
        (
            Raw(
                [head(content_type="text/event-stream", content_length="999"), YES[:40]]
            ),
            500,
            "broke off",
        ),
        (Raw([head(content_encoding="br"), b"x"]), 500, "compressed by 'br'"),
        (Raw([head(content_encoding="gzip"), b"no gzip"]), 500, "broke off"),
        (Raw([STREAM, b'data: {"choices": 7}\n\n']), 500, "no chunk"),
        (Raw([STREAM, b'data: {"choices": [{"delta": 7}]}\n\n']), 500, "no chunk"),
        (Raw([STREAM, b'data: {"choices": [\n\n']), 500, "no JSON object"),
        ([chunk(content="Well"), BREAK], 500, "has ended within the answer"),
        ([chunk(content="Well"), chunk(finish_reason="error")], 500, "'error'"),
        ([chunk(content="Well"), {"error": "Out of memory"}], 500, "Out of memory"),
        # as Ollama says it in the midst of a stream
        (
            Raw([STREAM, sse(chunk(), done=False), b'{"error":"It died"}\n']),
            500,
            "It died",
        ),
        # llama.cpp
        (Raw([STREAM, b'error: {"message":"It died"}\n\n']), 500, "It died"),
        # LM Studio
        (
            Raw([STREAM, b'event: error\ndata: {"message":"It died"}\n\n']),
            500,
            "It died",
        ),
        (Raw([STREAM, b"event: error\ndata: It died\n\n", YES]), 500, "It died"),
        # vLLM
        (
            [{"object": "error", "message": "It died", "code": 503}],
            503,
            "It died",
        ),
        ([{"error": {"message": "It died", "code": "503"}}], 503, "It died"),
        # what another page of a server says, with a 200
        (Plain({"detail": "No such page"}), 500, "No such page"),
        (Plain({"choices": []}), 500, "no completion"),
        (Refused(799, "Odd"), 500, "answered 799: Odd"),
        (
            [chunk(tool_calls=[{"function": {"name": "a"}}]) for _ in range(200)],
            500,
            "more than 128 tools",
        ),
    ],
)
def test_what_is_no_answer_is_told(
    ask: Any, script: Script, status: int, words: str
) -> None:
    client, server = ask(script)
    server.ends_with_done = False
    found, error = failing(client)
    assert (found, words in error["message"]) == (status, True), error
    assert error["type"] if found != 429 else True
    events = client.events()
    assert [events[0]["type"], events[-1]["type"]] == [
        "response.created",
        "response.failed",
    ]
    assert not any(each["type"] == "response.completed" for each in events)


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (Raw([STREAM, b"data: " + b"x" * 1_100]), "a line of its stream has no end."),
        (Raw([STREAM, b"data: {123456789\n" * 200]), "an event has no end."),
        (Raw([head(), b"{" + b" " * 1_100]), "its answer has no end."),
        (Refused(500, "y" * 3_000), "y" * 90),
    ],
)
def test_what_has_no_end_is_not_read_for_ever(
    ask: Any, monkeypatch: pytest.MonkeyPatch, script: Script, words: str
) -> None:
    monkeypatch.setattr(client_module, "MAX_LINE_BYTES", 1_000)
    monkeypatch.setattr(client_module, "MAX_ERROR_BYTES", 100)
    client, _ = ask(script)
    status, error = failing(client)
    assert status == 500
    assert words in error["message"]
    assert len(error["message"]) <= 100


@pytest.mark.parametrize(("spaces", "is_read"), [(1_023, True), (1_024, False)])
def test_so_much_of_nothing_may_come_before_an_answer(
    monkeypatch: pytest.MonkeyPatch, spaces: int, is_read: bool
) -> None:
    class Reply:
        def pieces(self) -> Iterator[bytes]:
            yield b" " * (spaces - 1)
            yield b"\n"
            yield json.dumps({"choices": [{"message": {"content": "Yes."}}]}).encode()

        def header(self, _name: str) -> str:
            return "text/event-stream"

    assert client_module.MAX_LINE_BYTES == 16 * 2**20
    monkeypatch.setattr(client_module, "MAX_LINE_BYTES", 1_024)
    asked: Any = client_module.Client(Endpoint("http://a.b/v1", "a.b"))
    answer = asked._answer(Reply())
    if is_read:
        assert next(answer)["choices"][0]["message"]["content"] == "Yes."
        return
    assert list(answer) == []  # it is taken for the stream that it says it is


def test_who_lists_no_model_is_told(ask: Any) -> None:
    client, server = ask(says("Yes."))
    model: Any = client.emulator.world.model
    known = model.client.listed()
    assert known[0] == "scripted"
    for listed in ({"data": []}, {"data": [{"id": ""}]}, {"models": None}, {}):
        model.client._json = lambda _text, told=listed: told
        with pytest.raises(ServiceError) as raised:
            model.client.listed()
        message = raised.value.body["error"]["message"]
        assert message == f"The model's endpoint {server.url} lists no model."
    model.client._json = lambda _text: {"models": [{"id": 7}, {"name": "x"}]}
    assert model.client.listed() == ["7", "x"]


def test_who_does_not_take_a_connection_is_told(
    ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(_self: Any) -> None:
        raise TimeoutError

    client, server = ask(says("Yes."))
    monkeypatch.setattr(HTTPConnection, "connect", never)
    status, error = failing(client)
    assert status == 503
    told = f"The model at {server.url} cannot be reached: nobody answers."
    assert error["message"] == told


def test_who_has_left_before_is_not_waited_for(ask: Any) -> None:
    client, _ = ask(says(Signal()), timeout=30)
    model: Any = client.emulator.world.model
    model.client.name()
    stop = Signal()
    stop.set()
    assert list(model.client.chunks({}, stop)) == []


@pytest.mark.parametrize(
    "nothing", [b": wait\n\n", b"\n", b"id: 1\n", b"data:\n\n", b"data: {}\n\n"]
)
def test_who_says_nothing_for_ever_is_left(
    ask: Any, nothing: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "MAX_LINE_BYTES", 4_000)
    monkeypatch.setattr(deltas, "MOST_CHARACTERS", 4_000)
    begun = sse(chunk(content="Well"), done=False)
    client, _ = ask(Raw([STREAM, begun, nothing * 6_000, YES]))
    status, error = failing(client)
    assert (status, "comes to no end" in error["message"]) == (500, True)


@pytest.mark.parametrize(
    ("code", "status"),
    [(400, 400), (404, 404), (599, 599), (399, 500), (600, 500), ("404", 404)],
)
def test_an_error_within_a_stream_may_have_a_status(
    ask: Any, code: Any, status: int
) -> None:
    client, _ = ask([{"error": {"message": "No.", "code": code}}])
    assert failing(client)[0] == status


def test_who_is_busy_says_when_to_come_back(ask: Any) -> None:
    client, _ = ask(Refused(429, {"error": {"message": "Slow."}}, {"retry-after": "7"}))
    reply = client.send("POST", "/responses", {"model": client.model, "input": "?"})
    assert reply.status == 429
    assert reply.headers["retry-after"] == "7"


@pytest.mark.parametrize(
    "sent",
    [
        Refused(401, {"error": {"message": "No k3y-of-mine", "code": "k3y-of-mine"}}),
        Refused(400, {"error": {"message": "x", "param": "k3y-of-mine"}}),
        Refused(400, "y" * 1_995 + "k3y-of-mine"),
        Raw([head(content_type="text/plain"), b"z" * 95 + b"k3y-of-mine"]),
        Raw([b"k3y-of-mine\r\n\r\n"]),
        [{"error": {"message": "Bearer k3y-of-mine", "code": "k3y-of-mine"}}],
    ],
)
def test_a_key_that_is_told_back_is_told_to_nobody(ask: Any, sent: Script) -> None:
    client, _ = ask(sent, key="k3y-of-mine")
    for told in (failing(client), client.events()[-1]):
        assert "k3y" not in json.dumps(told)


# Calls


def pieces_of(events: list[dict[str, Any]], name: str) -> list[str]:
    return [e["delta"] for e in events if e["type"] == f"response.{name}.delta"]


def test_arguments_leave_as_they_are_written(ask: Any) -> None:
    rest = Signal()
    first = {"index": 0, "id": "a", "function": {"name": "get_weather"}}
    script = [
        chunk(content="I look. "),
        chunk(
            tool_calls=[{**first, "function": {"name": "get_weather", "arguments": ""}}]
        ),
        chunk(tool_calls=[{"index": 0, "function": {"arguments": '{"city":'}}]),
        rest,
        chunk(tool_calls=[{"index": 0, "function": {"arguments": ' "Oslo"}'}}]),
        *says(reason="tool_calls")[1:],
    ]
    client, _ = ask(script)
    body = {"model": client.model, "input": "?", "tools": [GET_WEATHER], "stream": True}
    events: list[dict[str, Any]] = []
    for piece in client.send("POST", "/responses", body).body:
        if hasattr(piece, "pass_by"):
            piece.pass_by()
            continue
        assert isinstance(piece, dict)
        events.append(piece)
        if piece["type"].endswith("arguments.delta"):
            rest.set()
    assert "".join(pieces_of(events, "function_call_arguments")) == '{"city": "Oslo"}'
    names = [e["type"].removeprefix("response.") for e in events]
    after = names[names.index("output_item.done") + 1 :]
    assert after[0] == "output_item.added"
    assert after[-3:] == [
        "function_call_arguments.done",
        "output_item.done",
        "completed",
    ]
    message, call = events[-1]["response"]["output"]
    assert call["arguments"] == '{"city": "Oslo"}'
    assert call["status"] == "completed"
    added = next(
        e["item"] for e in events if e.get("item", {}).get("type") == call["type"]
    )
    assert (added["arguments"], added["status"]) == ("", "in_progress")
    assert texts(events[-1]["response"]) == ["I look. "]
    assert message["content"][0]["annotations"] == []


def piece(place: Any, name: str = "", arguments: Any = "", **more: Any) -> Any:
    function = {"name": name or None, "arguments": arguments}
    call = {"function": function, **more}
    if place is not None:
        call["index"] = place
    return chunk(tool_calls=[call])


OSLO, ROME = '{"city": "Oslo"}', '{"city": "Rome"}'
END = says(reason="tool_calls")[1:]
WEATHER = "get_weather"


@pytest.mark.parametrize(
    "script",
    [
        # interleaved
        [
            piece(0, WEATHER, OSLO[:5]),
            piece(1, WEATHER, ROME[:3]),
            piece(0, "", OSLO[5:]),
            piece(1, "", ROME[3:]),
            *END,
        ],
        # whole, without an index, without an id
        [piece(None, WEATHER, OSLO), piece(None, WEATHER, ROME), *END],
        # both in one chunk, by their ids
        [
            chunk(
                tool_calls=[
                    {"id": "a", "function": {"name": WEATHER, "arguments": OSLO}},
                    {"id": "b", "function": {"name": WEATHER, "arguments": ROME}},
                ]
            ),
            *END,
        ],
        # as objects
        [
            piece(0, WEATHER, {"city": "Oslo"}),
            piece(1, WEATHER, {"city": "Rome"}),
            *END,
        ],
        # with the name in each piece
        [
            piece(0, WEATHER, OSLO[:5]),
            piece(0, WEATHER, OSLO[5:]),
            piece(1, WEATHER, ROME),
            *END,
        ],
        # the finish as with a text
        [piece(0, WEATHER, OSLO), piece(1, WEATHER, ROME), *says()[1:]],
    ],
)
def test_calls_come_in_many_ways(ask: Any, script: Script) -> None:
    client, _ = ask(script)
    for output in (
        client.create(tools=[GET_WEATHER])["output"],
        client.events(tools=[GET_WEATHER])[-1]["response"]["output"],
    ):
        found = [json.loads(item["arguments"])["city"] for item in output]
        assert found == ["Oslo", "Rome"]
        assert len({item["call_id"] for item in output}) == 2


def test_a_text_in_the_middle_of_calls_is_one_of_its_own(ask: Any) -> None:
    script = [
        chunk(content="First. "),
        piece(0, WEATHER, OSLO[:5]),
        chunk(content="Between. "),
        piece(0, "", OSLO[5:]),
        piece(1, WEATHER, ROME),
        *END,
    ]
    client, _ = ask(script)
    response = client.create(tools=[GET_WEATHER])
    assert kinds(response) == ["message", "function_call", "message", "function_call"]
    assert texts(response) == ["First. ", "Between. "]


def test_a_custom_tools_input_leaves_as_it_is_written(ask: Any) -> None:
    said = 'One "two" \\ \n \u00e9 \U0001f600 end'
    given = json.dumps({"input": said})
    script = [piece(0, "echo", ""), *(piece(0, "", letter) for letter in given), *END]
    client, _ = ask(script)
    events = client.events(tools=[ECHO])
    deltas = pieces_of(events, "custom_tool_call_input")
    assert "".join(deltas) == said
    assert len(deltas) > 5
    [call] = events[-1]["response"]["output"]
    assert call["input"] == said
    assert client.create(tools=[ECHO])["output"][0]["input"] == said


def test_one_call_is_one_call(ask: Any) -> None:
    both = [piece(0, WEATHER, OSLO), piece(1, WEATHER, ROME), *END]
    client, _ = ask(both)
    events = client.events(tools=[GET_WEATHER], parallel_tool_calls=False)
    [call] = events[-1]["response"]["output"]
    assert call["arguments"] == OSLO
    assert "".join(pieces_of(events, "function_call_arguments")) == OSLO


def test_what_cannot_be_called_beside_a_call_is_left_out(ask: Any) -> None:
    client, server = ask([piece(0, WEATHER, OSLO), piece(1, "get_wether", ROME), *END])
    response = client.create(tools=[GET_WEATHER])
    assert kinds(response) == ["function_call"]
    assert len(server.asked) == 1


def test_no_tool_is_called_that_is_not_to_be(ask: Any) -> None:
    client, server = ask(calls((WEATHER, {"city": "Oslo"})), says("No."))
    response = client.create(tools=[GET_WEATHER], tool_choice="none")
    assert texts(response) == ["No."]
    assert "tools" not in server.asked[0]
    other = {**GET_WEATHER, "name": "get_time"}
    client, server = ask(calls((WEATHER, {})), calls(("get_time", {"city": "Oslo"})))
    response = client.create(
        tools=[GET_WEATHER, other], tool_choice={"type": "function", "name": "get_time"}
    )
    assert [item["name"] for item in response["output"]] == ["get_time"]


def test_a_call_that_is_cut_off_is_incomplete(ask: Any) -> None:
    script = [piece(0, WEATHER, OSLO), piece(1, WEATHER, ROME[:6])]
    client, _ = ask([*script, chunk(finish_reason="length"), used()])
    events = client.events(tools=[GET_WEATHER], max_output_tokens=16)
    assert events[-1]["type"] == "response.incomplete"
    assert [e["type"] for e in events[-3:-1]] == [
        "response.function_call_arguments.done",
        "response.output_item.done",
    ]
    for response in (
        events[-1]["response"],
        client.create(tools=[GET_WEATHER], max_output_tokens=16),
    ):
        assert response["incomplete_details"] == {"reason": "max_output_tokens"}
        statuses = [item["status"] for item in response["output"]]
        assert statuses == ["completed", "incomplete"]
        assert response["output"][1]["arguments"] == ROME[:6]


@pytest.mark.parametrize("reason", ["length", "max_tokens", "MAX_TOKENS"])
def test_an_answer_is_cut_off_by_each_name_of_that(ask: Any, reason: str) -> None:
    client, _ = ask(says("Well", reason=reason))
    assert client.create()["incomplete_details"] == {"reason": "max_output_tokens"}


# Shapes


def test_a_grammar_is_held_against_what_a_model_writes(ask: Any) -> None:
    tool = {**SHIRT, "format": SIZES}
    client, server = ask(
        calls(("shirt", {"input": "large"})), calls(("shirt", {"input": "L"}))
    )
    response = client.create(tools=[tool])
    assert [item["input"] for item in response["output"]] == ["L"]
    assert "does not match" in json.dumps(server.asked[1]["messages"])
    client, server = ask(calls(("shirt", {"input": "large"})))
    status, error = failing(client, tools=[tool])
    assert status == 500
    assert "does not match its grammar" in error["message"]
    assert len(server.asked) == 3


def test_rules_are_held_against_what_a_model_writes(ask: Any) -> None:
    rules = 'start: NUMBER ("+" NUMBER)*\n%import common.NUMBER\n'
    format = {"type": "grammar", "syntax": "lark", "definition": rules}
    long = "+".join(["12"] * 100)
    client, server = ask(
        calls(("shirt", {"input": "1 and 2"})), calls(("shirt", {"input": long}))
    )
    response = client.create(tools=[{**SHIRT, "format": format}])
    assert [item["input"] for item in response["output"]] == [long]
    assert len(server.asked) == 2


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ("Sure! It rains in Oslo.", "no JSON"),
        ('{"city": "Oslo"}', "does not fit its schema"),
        ("[1]", "no JSON object"),
        ("", "no JSON"),
    ],
)
def test_a_schema_is_held_against_an_answer(ask: Any, said: str, fault: str) -> None:
    client, server = ask(says(said), says(RAIN))
    response = client.create(text=IN_CITY)
    assert texts(response) == [RAIN]
    assert fault in server.asked[1]["messages"][-1]["content"]
    client, server = ask(says(said))
    status, error = failing(client, text=IN_CITY)
    assert (status, fault in error["message"]) == (500, True)
    assert error["code"] == error["type"] == "server_error"
    assert len(server.asked) == 3


def test_json_in_a_fence_is_json(ask: Any) -> None:
    client, _ = ask(says("```json\n", RAIN, "\n```"))
    assert texts(client.create(text=IN_CITY)) == [RAIN]
    events = client.events(
        text={"format": {"type": "json_object"}}, input="JSON, please."
    )
    assert texts(events[-1]["response"]) == [RAIN]


def test_json_that_is_read_as_it_is_written_comes_at_once(ask: Any) -> None:
    rest = Signal()
    client, _ = ask(says(RAIN[:10], rest, RAIN[10:]))
    body = {"model": client.model, "input": "?", "text": IN_CITY, "stream": True}
    heard: list[str] = []
    for piece in client.send("POST", "/responses", body).body:
        if hasattr(piece, "pass_by"):
            piece.pass_by()
        elif isinstance(piece, dict) and piece["type"].endswith("text.delta"):
            heard.append(piece["delta"])
            rest.set()
    assert "".join(heard) == RAIN
    client, _ = ask(says('{"city": 7}'))
    assert client.events(text=IN_CITY)[-1]["type"] == "response.failed"
    cut = says(RAIN[:10], reason="length")
    client, _ = ask(cut)
    assert client.create(text=IN_CITY)["status"] == "incomplete"


# Which models there are


@pytest.mark.parametrize(
    ("listing", "told"),
    [
        ([{"id": "a"}, {"id": "b"}], "come from a at"),
        ({"data": ["a", "b"]}, "come from a at"),
        ({"models": [{"name": "a"}]}, "come from a at"),
        ({"data": [{"id": "a\x1b[31m\nb"}]}, "come from a [31m b at"),
        ({"data": {"a": 1}}, "lists no model. Served all the same."),
        ({"data": 7}, "lists no model. Served all the same."),
        ({"data": [None, [], {}]}, "lists no model. Served all the same."),
    ],
)
def test_whatever_is_listed_the_start_goes_on(listing: Any, told: str) -> None:
    with chat_server() as server:
        server.listing = listing
        [greeting] = served(url=server.url).greetings()
        assert told in greeting


def test_an_address_without_a_path_may_lack_it() -> None:
    with chat_server() as server:
        url = server.url.removesuffix("/v1")
        [greeting] = served(url=url).greetings()
        assert f"Did you mean {url}/v1?" in greeting
        [greeting] = served(url=f"{url}/other").greetings()
        assert "Did you mean" not in greeting


# Many


def test_nothing_is_left_of_many_requests(ask: Any) -> None:
    client, server = ask(says("Yes."), parallel=2)
    before = threading.active_count()
    for _ in range(20):
        client.create()
    model: Any = client.emulator.world.model
    assert server.connections <= 2
    assert model.line.waiting == 0
    assert client.emulator.world.pool.threads <= 4
    assert threading.active_count() <= before + 8


def test_an_endpoint_that_does_not_stream_may_call(ask: Any) -> None:
    call = {
        "id": "a",
        "type": "function",
        "function": {"name": WEATHER, "arguments": OSLO},
    }
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    choice = {"message": message, "finish_reason": "tool_calls"}
    client, _ = ask(Plain({"choices": [choice]}))
    [made] = client.create(tools=[GET_WEATHER])["output"]
    assert made["arguments"] == OSLO
