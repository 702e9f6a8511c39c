import re
from base64 import b64encode

import pytest
from lark import Lark

from emulator.tests.conftest import GET_WEATHER, Client, text
from emulator.tests.model.values.test_grammar import QUERY, SUMS
from emulator.tests.models import Says
from emulator.tests.subprocesses import printed
from responses_emulator.model.steps import Text

PHONE = r"\d{3}-\d{4}"
MATH = {
    "type": "custom",
    "name": "math_exp",
    "description": "Compute a math expression.",
    "format": {"type": "grammar", "syntax": "lark", "definition": SUMS},
}
SQL = {
    "type": "custom",
    "name": "run_sql",
    "description": "Query the database.",
    "format": {"type": "grammar", "syntax": "lark", "definition": QUERY},
}
DIAL = {
    "type": "custom",
    "name": "dial",
    "format": {"type": "grammar", "syntax": "regex", "definition": PHONE},
}
NOTE = {"type": "custom", "name": "take_note", "description": "Keep a note."}
SHAPE = {
    "type": "json_schema",
    "name": "shape",
    "strict": True,
    "schema": {
        "type": "object",
        "properties": {"answer": {"type": "string"}},
        "required": ["answer"],
        "additionalProperties": False,
    },
}


def calls(response):
    return [item for item in response["output"] if item["type"].endswith("_call")]


def test_the_input_of_a_custom_tool_matches_its_lark_grammar(client):
    (call,) = calls(client.create("Query the database for 7 rows.", tools=[SQL]))

    assert (call["type"], call["name"]) == ("custom_tool_call", "run_sql")
    Lark(QUERY).parse(call["input"])


def test_the_input_of_a_custom_tool_matches_its_regex(client):
    for prompt in ("Dial 555-1234 now.", "Dial my mother."):
        (call,) = calls(client.create(prompt, tools=[DIAL]))
        assert re.fullmatch(PHONE, call["input"])


def test_a_custom_tool_without_a_grammar_gets_free_text(client):
    (call,) = calls(client.create("Take a note: `buy milk`.", tools=[NOTE]))

    assert call["input"] == "buy milk"


def test_the_output_of_a_custom_tool_becomes_the_answer(client):
    first = client.create("Compute 4 plus 7.", tools=[MATH])
    (call,) = calls(first)
    output = {
        "type": "custom_tool_call_output",
        "call_id": call["call_id"],
        "output": "11",
    }
    chained = client.create([output], tools=[MATH], previous_response_id=first["id"])
    question = {"role": "user", "content": "Compute 4 plus 7."}
    resent = client.create([question, *first["output"], output], tools=[MATH])

    assert call["input"] == "4 + 7"
    for answer in (chained, resent):
        assert "11" in text(answer)


def test_an_output_needs_its_call_and_a_call_its_output(client):
    output = {"type": "custom_tool_call_output", "call_id": "call_x", "output": "11"}
    body = {"model": "gpt-5-mini", "input": [output], "tools": [MATH]}
    _, error = client.error("POST", "/responses", body)
    assert error["message"] == (
        "No tool call found for custom tool call output with call_id call_x."
    )

    first = client.create("Compute 4 plus 7.", tools=[MATH])
    body = {"model": "gpt-5-mini", "input": "Go on.", "tools": [MATH]}
    body["previous_response_id"] = first["id"]
    _, error = client.error("POST", "/responses", body)
    call_id = calls(first)[0]["call_id"]
    assert error["message"] == f"No tool output found for custom tool call {call_id}."


def test_the_input_is_streamed_in_pieces(client):
    stream = client.events("Compute 4 plus 7.", tools=[MATH])

    own = [e for e in stream if e["type"].startswith("response.custom_tool_call_input")]
    added, done = (
        next(
            event["item"]
            for event in stream
            if event["type"] == f"response.output_item.{step}"
            and event["item"]["type"] == "custom_tool_call"
        )
        for step in ("added", "done")
    )
    assert added == {**done, "input": ""}
    assert [event["type"].rpartition(".")[2] for event in own] == [
        *["delta"] * (len(own) - 1),
        "done",
    ]
    assert "".join(event.get("delta", "") for event in own) == done["input"] == "4 + 7"
    assert own[-1]["input"] == done["input"]


@pytest.mark.parametrize(
    ("syntax", "definition", "code"),
    [
        ("lark", "start: (", "invalid_value"),
        ("regex", "(", "invalid_value"),
        ("regex", "(?<=a)b", "not_supported_by_emulator"),
    ],
)
def test_a_bad_grammar_is_a_400_that_names_its_definition(
    client, syntax, definition, code
):
    format = {"type": "grammar", "syntax": syntax, "definition": definition}
    body = {
        "model": "gpt-5-mini",
        "input": "Hello.",
        "tools": [GET_WEATHER, {**DIAL, "format": format}],
    }
    status, error = client.error("POST", "/responses", body)

    where = "tools[1].format.definition"
    assert (status, error["param"], error["code"]) == (400, where, code)


def test_the_settings_of_a_custom_tool_are_echoed_with_their_defaults(client):
    response = client.create("Hello.", tools=[NOTE, DIAL])

    assert response["tools"] == [
        {**NOTE, "format": {"type": "text"}},
        DIAL,
    ]


def test_custom_tools_are_for_v1_alone():
    dated = Client(base="/openai")
    body = {"model": "gpt-5-mini", "input": "Hello.", "tools": [NOTE]}
    path = "/responses?api-version=2025-04-01-preview"
    status, error = dated.error("POST", path, body)

    assert (status, error["param"]) == (400, "tools[0].type")


# Which tool is called


@pytest.mark.parametrize(
    ("choice", "called"),
    [
        ("auto", []),
        ("none", []),
        ("required", ["get_weather"]),
        ({"type": "function", "name": "get_weather"}, ["get_weather"]),
        ({"type": "custom", "name": "math_exp"}, ["math_exp"]),
    ],
)
def test_the_tool_choice_decides_which_tool_is_called(client, choice, called):
    tools = [GET_WEATHER, MATH]
    response = client.create("Hello.", tools=tools, tool_choice=choice)

    assert [call["name"] for call in calls(response)] == called
    assert response["tool_choice"] == choice


@pytest.mark.parametrize(
    ("mode", "prompt", "called"),
    [
        ("auto", "Hello.", []),
        ("auto", "Compute the weather in Oslo.", ["math_exp"]),
        ("auto", "What's the weather in Oslo?", []),
        ("required", "What's the weather in Oslo?", ["math_exp"]),
    ],
)
def test_allowed_tools_leave_the_others_out(client, mode, prompt, called):
    choice = {
        "type": "allowed_tools",
        "mode": mode,
        "tools": [{"type": "custom", "name": "math_exp"}],
    }
    tools = [GET_WEATHER, MATH]
    response = client.create(prompt, tools=tools, tool_choice=choice)

    assert [call["name"] for call in calls(response)] == called


def test_a_function_and_a_custom_tool_are_called_side_by_side(client):
    prompt = "Compute 4 plus 7, and what's the weather in Oslo?"
    both = client.create(prompt, tools=[GET_WEATHER, MATH])
    one = client.create(prompt, tools=[GET_WEATHER, MATH], parallel_tool_calls=False)

    kinds = {call["type"] for call in calls(both)}
    assert kinds == {"function_call", "custom_tool_call"}
    assert len(calls(one)) == 1


@pytest.mark.parametrize("choice", ["required", {"type": "function"}])
def test_a_forced_function_wins_over_a_json_schema(client, choice):
    if isinstance(choice, dict):
        choice = {**choice, "name": "get_weather"}
    response = client.create(
        "Hello.", tools=[GET_WEATHER], tool_choice=choice, text={"format": SHAPE}
    )

    assert response["output"][-1]["type"] == "function_call"


# The shapes


def test_lark_is_imported_for_a_grammar_alone():
    program = "import sys, responses_emulator.core; print('lark' in sys.modules)"

    assert printed(program) == "False\n"


@pytest.mark.parametrize("kind", ["function_call", "custom_tool_call"])
def test_files_and_pictures_in_what_a_tool_gave_are_read(
    client: Client, kind: str
) -> None:
    model = Says([Text("Done.")])
    client.emulator.world.model = model
    written = {"arguments": "{}"} if kind == "function_call" else {"input": "a"}
    call = {"type": kind, "call_id": "call_1", "name": "take_note", **written}
    file = f"data:text/plain;base64,{b64encode(b'It rains.').decode()}"
    output = [
        {"type": "input_file", "filename": "note.txt", "file_data": file},
        {"type": "input_image", "image_url": "https://example.com/a.png"},
    ]
    client.create(
        [call, {"type": f"{kind}_output", "call_id": "call_1", "output": output}]
    )
    [turn] = model.turns
    assert [document.pages for document in turn.documents] == [("It rains.",)]
    assert [picture.url for picture in turn.pictures] == ["https://example.com/a.png"]
