"""A turn as the messages of a chat, and the body that an endpoint is asked."""

from base64 import b64decode
from typing import Any

import orjson
import pytest

from responses_emulator.model.chat_completions import messages, request
from responses_emulator.model.chat_completions.messages import REFUSED, UNKNOWN
from responses_emulator.model.chat_completions.offers import Offers
from responses_emulator.model.chat_completions.results import GONE
from responses_emulator.model.steps import Call, Result
from responses_emulator.model.turn import Document, Picture, Turn
from responses_emulator.tools import Printed

PIXEL = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAA"
    "AABJRU5ErkJggg=="
)
URL = "https://pictures.example/a.png"
TAKEN = "the picture that was asked for"


def said(role: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"type": "message", "role": role, "content": [*parts]}


def text(words: str) -> dict[str, Any]:
    return {"type": "input_text", "text": words}


def of(*items: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    turn = Turn([*items], **more)
    return messages.of_turn(turn, Offers(turn))


def exchange(call: dict[str, Any], told: dict[str, Any]) -> tuple[str, Any, str]:
    """The name and the arguments of a call of one tool, and what came of it."""
    assert list(call) == ["role", "content", "tool_calls"]
    assert (call["role"], call["content"]) == ("assistant", None)
    [made] = call["tool_calls"]
    assert made["type"] == "function"
    assert told["role"] == "tool"
    assert told["tool_call_id"] == made["id"]
    function = made["function"]
    return function["name"], orjson.loads(function["arguments"]), told["content"]


# What is said


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([said("user", text("a"), text("b"))], [("user", "a\nb")]),
        ([{"role": "user", "content": "a"}], [("user", "a")]),
        (
            [
                said("assistant", {"type": "output_text", "text": "a"}),
                said("assistant", {"type": "refusal", "refusal": "b"}),
            ],
            [("assistant", "a"), ("assistant", "b")],
        ),
        (
            [
                said(
                    "assistant",
                    {"type": "output_text", "text": "a"},
                    {"type": "output_text", "text": "b"},
                )
            ],
            [("assistant", "a\nb")],
        ),
        ([{"type": "reasoning", "id": "rs_1", "summary": []}], []),
        (
            [said("developer", text("a")), said("system", text("b"))],
            [("system", "a\n\nb")],
        ),
        (
            [said("user", text("a")), said("developer", text("b"))],
            [("user", "a"), ("system", "b")],
        ),
        (
            [said(role, text(role[0])) for role in ("system", "user", "developer")],
            [("system", "s"), ("user", "u"), ("system", "d")],
        ),
    ],
)
def test_what_was_said_is_told_as_it_was(
    items: list[dict[str, Any]], expected: list[tuple[str, str]]
) -> None:
    made = [{"role": role, "content": content} for role, content in expected]
    assert of(*items) == made
    began = [{"role": "system", "content": "Be brief."}]
    if expected and expected[0][0] == "system":
        began[0]["content"] += f"\n\n{made.pop(0)['content']}"
    assert of(*items, instructions="Be brief.") == began + made


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PIXEL, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF....WEBP", "image/webp"),
        (b"BM", "image/png"),
    ],
)
def test_a_picture_of_any_kind_goes_as_data(content: bytes, kind: str) -> None:
    part = {"type": "input_image", "file_id": "file-1", "detail": "low"}
    [asked] = of(
        said("user", text("?"), part),
        picture=lambda one: Picture(content) if one is part else None,
    )
    first, second = asked["content"]
    assert first == {"type": "text", "text": "?"}
    assert second["type"] == "image_url"
    assert second["image_url"]["detail"] == "low"
    head, _, data = second["image_url"]["url"].partition(",")
    assert head == f"data:{kind};base64"
    assert b64decode(data) == content


def test_an_address_goes_as_it_is_and_what_is_gone_is_told() -> None:
    for detail, sent in (("high", {"detail": "high"}), ("auto", {}), (None, {})):
        part = {"type": "input_image", "image_url": URL, "detail": detail}
        [asked] = of(said("user", part))
        image = {"type": "image_url", "image_url": {"url": URL, **sent}}
        assert asked["content"] == [image]
    gone = {"type": "input_image", "file_id": "file-1"}
    for picture in (None, Picture(None)):
        [asked] = of(said("user", gone), picture=lambda _, p=picture: p)
        assert asked["content"] == "(a picture that was deleted)"


@pytest.mark.parametrize(
    ("pages", "more", "told"),
    [
        (("One.",), {}, "One."),
        (("One.", "Two."), {}, "[page 1]\nOne.\n\n[page 2]\nTwo."),
        (
            ("One.", ""),
            {"damaged": (2,)},
            "[page 1]\nOne.\n\n[page 2]\n\n\n(Page 2 of a.pdf cannot be read.)",
        ),
    ],
)
def test_a_file_is_told_page_by_page(
    pages: tuple[str, ...], more: dict[str, Any], told: str
) -> None:
    part = {"type": "input_file", "file_id": "file-1"}
    document = Document("a.pdf", pages, part=part, **more)
    [asked] = of(said("user", part), documents=[document])
    assert asked["content"] == f'<file name="a.pdf">\n{told}\n</file>'


def test_a_file_that_was_deleted_is_named() -> None:
    for part, name in (
        ({"file_id": "file-1"}, "file-1"),
        ({"file_id": "file-1", "filename": "a.txt"}, "a.txt"),
    ):
        [asked] = of(said("user", {"type": "input_file", **part}))
        assert asked["content"] == f"(the file {name} was deleted)"


@pytest.mark.parametrize(
    ("about", "sentence"),
    [
        ({}, "a.pdf has no text: it is blank."),
        ({"pages": ("x",)}, ""),
        (
            {"pages": ("x",), "damaged": (1, 4)},
            "Pages 1 and 4 of a.pdf cannot be read.",
        ),
        (
            {"pages": ("x",), "pictures": (2,)},
            "Page 2 of a.pdf: pictures without text, and what is on them is not read.",
        ),
        (
            {"pages": ("x",), "damaged": (1,), "pictures": (2,)},
            "Page 1 of a.pdf cannot be read. Page 2 of a.pdf: pictures without text, "
            "and what is on them is not read.",
        ),
        (
            {"pages": (" ",), "pictures": (1,)},
            "a.pdf has no text: it shows pictures, as a scan does, and what is on them "
            "is not read.",
        ),
        (
            {"pages": ("x",), "damaged": tuple(range(1, 11))},
            "Pages 1, 2, 3, 4, 5, 6, 7, 8, 9 and 10 of a.pdf cannot be read.",
        ),
        (
            {"pages": ("x",), "damaged": tuple(range(1, 14))},
            "Pages 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 3 more of a.pdf cannot be read.",
        ),
    ],
)
def test_what_of_a_file_is_not_read_is_a_sentence(
    about: dict[str, Any], sentence: str
) -> None:
    assert Document("a.pdf", **{"pages": (), **about}).unread == sentence


# What the caller carries out

SHELL = {"commands": ["ls"]}
OPERATION = {"type": "delete_file", "path": "a.py"}
RAN = {"outcome": {"type": "exit", "exit_code": 0}}


@pytest.mark.parametrize(
    ("call", "name", "given", "output", "told"),
    [
        (
            {"type": "function_call", "name": "f", "arguments": '{"a":1}'},
            "f",
            {"a": 1},
            {"output": [text("x"), text("y")]},
            "x\ny",
        ),
        (
            {"type": "custom_tool_call", "name": "c", "input": "hi"},
            "c",
            {"input": "hi"},
            {"output": "ho"},
            "ho",
        ),
        (
            {"type": "shell_call", "action": SHELL},
            "shell",
            SHELL,
            {"output": [{**RAN, "stdout": "a", "stderr": "b"}, {**RAN, "stdout": "c"}]},
            "a\nb\nc",
        ),
        (
            {"type": "shell_call", "action": SHELL},
            "shell",
            SHELL,
            {"output": [{"stdout": "a", "outcome": {"type": "timeout"}}]},
            "a\n(it took too long)",
        ),
        (
            {"type": "shell_call", "action": SHELL},
            "shell",
            SHELL,
            {"output": [RAN]},
            "(it printed nothing)",
        ),
        (
            {"type": "apply_patch_call", "operation": OPERATION},
            "apply_patch",
            {"operation": OPERATION},
            {"status": "completed"},
            "completed.",
        ),
        (
            {"type": "computer_call", "actions": [{"type": "wait"}]},
            "computer",
            {"actions": [{"type": "wait"}]},
            {"output": {"type": "input_text", "text": "A desk."}},
            "The screen now:\nA desk.",
        ),
        (
            {"type": "computer_call", "action": {"type": "wait"}},
            "computer",
            {"actions": [{"type": "wait"}]},
            {"output": {"type": "input_text", "text": "A desk."}},
            "The screen now:\nA desk.",
        ),
    ],
)
def test_a_call_and_its_output_stand_side_by_side(
    call: dict[str, Any],
    name: str,
    given: dict[str, Any],
    output: dict[str, Any],
    told: str,
) -> None:
    made = {"id": "x_1", "call_id": "call_1", **call}
    came = {"type": f"{call['type']}_output", "call_id": "call_1", **output}
    # Wherever the output stands.
    for items in ([made, came], [came, made]):
        found = [each for each in of(*items) if each["role"] in ("assistant", "tool")]
        assert exchange(*found) == (name, given, told)
    assert exchange(*of(made)) == (name, given, UNKNOWN)


def test_the_local_shells_output_has_its_calls_id_as_its_own() -> None:
    action = {"type": "exec", "command": ["ls", "-l"]}
    call = {"type": "local_shell_call", "id": "lsh_1", "action": action}
    came = {"type": "local_shell_call_output", "id": "lsh_1", "output": "a.txt"}
    command = {"command": ["ls", "-l"]}
    assert exchange(*of(call, came)) == ("local_shell", command, "a.txt")


def test_calls_in_a_row_are_one_message_with_what_was_said_before() -> None:
    def call(number: int) -> dict[str, Any]:
        return {
            "type": "function_call",
            "id": f"fc_{number}",
            "call_id": f"call_{number}",
            "name": "f",
            "namespace": "crm",
            "arguments": "{}",
        }

    def output(number: int, told: Any) -> dict[str, Any]:
        kind = "function_call_output"
        return {"type": kind, "call_id": f"call_{number}", "output": told}

    shown = [text("See."), {"type": "input_image", "image_url": URL}]
    spoke = said("assistant", {"type": "output_text", "text": "I look."})
    made = of(spoke, call(1), call(2), output(1, "x"), output(2, shown), call(3))
    assert [each["role"] for each in made] == [
        *("assistant", "tool", "tool", "user", "assistant", "tool"),
    ]
    first, one, two, picture, third, nothing = made
    assert first["content"] == "I look."
    ids = [each["id"] for each in first["tool_calls"]]
    assert [one["tool_call_id"], two["tool_call_id"]] == ids
    assert all(len(id) == 9 and id.isalnum() for id in ids)
    assert (one["content"], two["content"]) == ("x", "See.")
    intro = {"type": "text", "text": "(what the tool shows)"}
    image = {"type": "image_url", "image_url": {"url": URL}}
    assert picture["content"] == [intro, image]
    assert third["content"] is None
    assert nothing["content"] == UNKNOWN


# What the service carries out


def hosted(kind: str, **about: Any) -> dict[str, Any]:
    return {"type": kind, "id": "h_1", "status": "completed", **about}


PAGE = {"title": "T", "url": URL, "content": "C", "score": 1}
FOUND = {"file_id": "file-1", "filename": "a.txt", "text": "x" * 4_001, "score": 1.0}
FAILED = {"type": "mcp_tool_execution_error", "content": "No."}


@pytest.mark.parametrize(
    ("item", "found", "name", "given", "told"),
    [
        (
            hosted("file_search_call", queries=["q"], results=None),
            ...,
            "file_search",
            {"queries": ["q"]},
            GONE,
        ),
        (
            hosted("file_search_call", results=[]),
            ...,
            "file_search",
            {"queries": []},
            "Nothing was found.",
        ),
        (
            hosted("file_search_call", queries=["q"], results=[FOUND]),
            ...,
            "file_search",
            {"queries": ["q"]},
            [{"file": "a.txt", "passage": "x" * 4_000}],
        ),
        (
            hosted("code_interpreter_call", code="1", outputs=None),
            ...,
            "code_interpreter",
            {"code": "1"},
            GONE,
        ),
        (
            hosted("code_interpreter_call", outputs=[{"logs": "a"}, {"logs": "b"}]),
            ...,
            "code_interpreter",
            {"code": ""},
            "ab",
        ),
        (
            hosted("code_interpreter_call", code="1", outputs=None),
            Printed("", {"a.csv": "f1", "b.csv": "f2"}, "cntr_1"),
            "code_interpreter",
            {"code": "1"},
            "The program has printed nothing: print what you want to see.\n"
            "[Written to /mnt/data: a.csv, b.csv]",
        ),
        (
            hosted("web_search_call", action={"type": "search", "query": "q"}),
            ...,
            "web_search",
            {"query": "q"},
            GONE,
        ),
        (
            hosted("web_search_call", action={"type": "open_page", "url": URL}),
            [],
            "web_search",
            {"query": URL},
            "Nothing was found.",
        ),
        (
            hosted("web_search_call"),
            [PAGE],
            "web_search",
            {"query": ""},
            [{"title": "T", "url": URL, "content": "C"}],
        ),
        (
            hosted("mcp_call", name="m", server_label="s", arguments='{"a":1}')
            | {"output": "ok", "error": None},
            ...,
            "m",
            {"a": 1},
            "ok",
        ),
        (
            hosted("mcp_call", name="m", server_label="s", arguments="")
            | {"output": None, "error": FAILED},
            ...,
            "m",
            {},
            'The call failed: {"type": "mcp_tool_execution_error", "content": "No."}',
        ),
        (
            hosted("mcp_call", name="m", server_label="s", arguments="{}"),
            ...,
            "m",
            {},
            "",
        ),
        (
            hosted("image_generation_call", revised_prompt="A dot"),
            ...,
            "image_generation",
            {"prompt": "A dot"},
            "The picture is drawn, and the user sees it.",
        ),
        (
            hosted("image_generation_call"),
            ...,
            "image_generation",
            {"prompt": TAKEN},
            "The picture is drawn, and the user sees it.",
        ),
    ],
)
def test_what_came_of_a_hosted_call_is_told(
    item: dict[str, Any], found: Any, name: str, given: dict[str, Any], told: Any
) -> None:
    results = [Result(Call("x", {}), (item,), found)] if found is not ... else []
    made_name, made, content = exchange(*of(item, results=results))
    assert (made_name, made) == (name, given)
    assert (content if isinstance(told, str) else orjson.loads(content)) == told


def test_tools_that_were_found_are_told_with_what_found_them() -> None:
    tools = [
        {"type": "function", "name": "a"},
        {"type": "namespace", "name": "n", "tools": [{"type": "custom", "name": "b"}]},
    ]
    call = {"type": "tool_search_call", "id": "t_1", "execution": "server"}
    output = {"type": "tool_search_output", "id": "t_2", "execution": "server"}
    name, given, told = exchange(*of(call, {**output, "tools": tools}))
    assert (name, given) == ("tool_search", {"names": ["a", "b"]})
    assert told == "You can call these now: a, b."
    assert exchange(*of({**output, "tools": []}))[2] == "No such tool was found."


def test_a_search_that_the_caller_carries_out_is_told() -> None:
    shared = {"call_id": "call_1", "execution": "client"}
    call = {"type": "tool_search_call", "id": "t_1", "arguments": {"goal": "x"}}
    tools = [{"type": "function", "name": "a"}]
    output = {"type": "tool_search_output", "id": "t_2", "tools": tools}
    name, given, told = exchange(*of({**call, **shared}, {**output, **shared}))
    assert (name, given) == ("tool_search", {"goal": "x"})
    assert told == "You can call these now: a."


def test_an_approval_is_told_where_it_was_not_given() -> None:
    asked = {
        "type": "mcp_approval_request",
        "id": "mcpr_1",
        "name": "m",
        "server_label": "s",
        "arguments": '{"a":1}',
    }

    def verdict(approve: bool, of: str = "mcpr_1") -> dict[str, Any]:
        kind = "mcp_approval_response"
        return {"type": kind, "approval_request_id": of, "approve": approve}

    assert exchange(*of(asked, verdict(False))) == ("m", {"a": 1}, REFUSED)
    assert of(asked, verdict(True)) == of(asked) == of(asked, verdict(False, "x")) == []


def test_what_agents_have_said_is_told() -> None:
    call = {
        "type": "multi_agent_call",
        "id": "ma_1",
        "call_id": "call_1",
        "action": "wait_agent",
        "arguments": '{"agent_names":["/root/a"]}',
    }
    parts = [{"type": "output_text", "text": words} for words in ("All ", "well.")]
    output = {"type": "multi_agent_call_output", "call_id": "call_1", "output": parts}
    given = {"agent_names": ["/root/a"]}
    assert exchange(*of(call, output)) == ("wait_agent", given, "All well.")
    result = Result(
        Call("multi_agent", {}), (call,), [("/root/a", "Yes."), ("b", "No.")]
    )
    told = exchange(*of(call, output, results=[result]))[2]
    assert told == "/root/a: Yes.\n\nb: No."
    assert exchange(*of(call))[2] == ""


# What an endpoint is asked


def body(turn: Turn) -> dict[str, Any]:
    return request.body(turn, "m", [], Offers(turn))


ALWAYS = {
    "model": "m",
    "messages": [],
    "stream": True,
    "stream_options": {"include_usage": True},
}
LOGPROBS = ["message.output_text.logprobs"]


@pytest.mark.parametrize(
    ("settings", "sent"),
    [
        ({}, {}),
        (
            {"temperature": 0, "top_p": 0.5, "stream": False},
            {"temperature": 0, "top_p": 0.5},
        ),
        (
            {"presence_penalty": 1, "frequency_penalty": -1, "temperature": None},
            {"presence_penalty": 1, "frequency_penalty": -1},
        ),
        ({"max_output_tokens": 16}, {"max_tokens": 16}),
        ({"reasoning": {"effort": "high"}}, {"reasoning_effort": "high"}),
        ({"reasoning": {"summary": "auto"}, "text": None}, {}),
        ({"text": {"verbosity": "low"}}, {"verbosity": "low"}),
        ({"include": LOGPROBS}, {"logprobs": True}),
        (
            {"include": LOGPROBS, "top_logprobs": 2},
            {"logprobs": True, "top_logprobs": 2},
        ),
        ({"top_logprobs": 2, "parallel_tool_calls": False}, {}),
    ],
)
def test_what_was_asked_for_is_sent_and_nothing_else(
    settings: dict[str, Any], sent: dict[str, Any]
) -> None:
    assert body(Turn([], settings=settings)) == {**ALWAYS, **sent}


def test_tools_are_sent_with_how_they_are_to_be_called() -> None:
    function = {"type": "function", "name": "f", "strict": True}
    sent = {
        "type": "function",
        "function": {
            "name": "f",
            "description": "",
            "parameters": {"type": "object", "properties": {}, "required": []},
            "strict": True,
        },
    }
    assert body(Turn([], tools=[function])) == {**ALWAYS, "tools": [sent]}
    settings = {"parallel_tool_calls": False}
    asked = body(Turn([], tools=[function], must_call=True, settings=settings))
    assert asked["tool_choice"] == "required"
    assert asked["parallel_tool_calls"] is False
    del sent["function"]["strict"]
    lax = {**function, "strict": False}
    assert body(Turn([], tools=[lax]))["tools"] == [sent]


SCHEMA = {"type": "object"}


@pytest.mark.parametrize(
    ("format", "sent"),
    [
        ({"type": "json_object"}, {"type": "json_object"}),
        (
            {"type": "json_schema", "name": "n", "schema": SCHEMA},
            {
                "type": "json_schema",
                "json_schema": {"name": "n", "schema": SCHEMA, "strict": True},
            },
        ),
        (
            {"type": "json_schema", "name": "n", "schema": SCHEMA, "strict": False}
            | {"description": "d"},
            {
                "type": "json_schema",
                "json_schema": {
                    "name": "n",
                    "schema": SCHEMA,
                    "description": "d",
                    "strict": False,
                },
            },
        ),
    ],
)
def test_a_format_is_sent(format: dict[str, Any], sent: dict[str, Any]) -> None:
    assert body(Turn([], format=format)) == {**ALWAYS, "response_format": sent}
