"""The loop: what a request says of its tools holds, whatever a model says."""

from base64 import b64decode
from collections.abc import Iterator, Sequence
from typing import Any

import orjson
import pytest

from emulator.tests.conftest import Client, approved, kinds
from emulator.tests.models import Says
from responses_emulator.account import IMAGE_MODEL
from responses_emulator.errors import invalid_request
from responses_emulator.model.steps import (
    Call,
    Cut,
    Reasoning,
    Refusal,
    Step,
    Text,
    Usage,
    Whole,
    Writing,
)
from responses_emulator.model.turn import Turn
from responses_emulator.resources.settings import IMAGE_HEADER
from responses_emulator.signals import Signal
from responses_emulator.tools.mslearn import FETCH, LEARN, SEARCH

WEATHER = {
    "type": "function",
    "name": "get_weather",
    "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
}
TIME = {**WEATHER, "name": "get_time"}
CODE = {"type": "code_interpreter", "container": {"type": "auto"}}
WEB = {"type": "web_search"}
DOCS = {
    "type": "mcp",
    "server_label": "learn",
    "server_url": LEARN,
    "require_approval": "never",
}

ASK_WEATHER = Call("function", {"city": "Rome"}, "get_weather")
ASK_TIME = Call("function", "{}", "get_time")
SEARCH_WEB = Call("web_search", {"type": "search", "query": "Azure"})
SEARCH_DOCS = Call("mcp", {"query": "quota"}, SEARCH, "learn")
DONE = Text("Done.")


def ask(
    client: Client, *samplings: Sequence[Step], **body: Any
) -> tuple[dict[str, Any], Says]:
    model = Says(*samplings)
    client.emulator.world.model = model
    return client.create("Hello?", **body), model


def test_pieces_of_text_are_one_message(client: Client) -> None:
    response, model = ask(client, [Text("It "), Text("rains.")])
    [message] = response["output"]
    assert message["content"][0]["text"] == "It rains."
    assert response["status"] == "completed"
    assert [turn.prompt for turn in model.turns] == ["Hello?"]


def test_a_refusal_is_a_message_of_its_own(client: Client) -> None:
    response, _ = ask(client, [Refusal("I will "), Refusal("not.")])
    [message] = response["output"]
    assert message["content"] == [{"type": "refusal", "refusal": "I will not."}]


def test_a_hosted_tools_result_goes_back_to_the_model(client: Client) -> None:
    calls = [Call("code_interpreter", {"code": "print(6 * 7)"})]
    response, model = ask(client, calls, [DONE], tools=[CODE])
    assert kinds(response) == ["code_interpreter_call", "message"]
    [result] = model.turns[1].results
    assert result.found.printed == "42\n"
    assert model.turns[1].items[-1]["type"] == "code_interpreter_call"
    assert model.turns[1].prompt == "Hello?"


def test_a_call_of_the_callers_tool_ends_the_turn(client: Client) -> None:
    samplings = [SEARCH_WEB, ASK_WEATHER], [DONE]
    response, model = ask(client, *samplings, tools=[WEATHER, WEB])
    assert kinds(response) == ["web_search_call", "function_call"]
    assert response["output"][1]["arguments"] == '{"city":"Rome"}'
    assert len(model.turns) == 1


@pytest.mark.parametrize(
    ("choice", "called"),
    [
        ("auto", ["get_weather", "get_time"]),
        ("none", []),
        ({"type": "function", "name": "get_time"}, ["get_time"]),
        (
            {
                "type": "allowed_tools",
                "mode": "auto",
                "tools": [{"type": "function", "name": "get_weather"}],
            },
            ["get_weather"],
        ),
    ],
)
def test_only_what_tool_choice_leaves_is_called(
    client: Client, choice: Any, called: list[str]
) -> None:
    tools = [WEATHER, TIME]
    response, model = ask(
        client, [ASK_WEATHER, ASK_TIME], tools=tools, tool_choice=choice
    )
    assert [item["name"] for item in response["output"]] == called
    assert [tool["name"] for tool in model.turns[0].tools] == called


def test_a_tool_that_is_not_there_is_not_called(client: Client) -> None:
    call = Call("function", {}, "delete_all")
    response, _ = ask(client, [call, DONE], tools=[WEATHER])
    assert kinds(response) == ["message"]
    response, _ = ask(client, [SEARCH_WEB, DONE])
    assert kinds(response) == ["message"]


def test_what_has_to_be_called_is_called_and_nothing_said(client: Client) -> None:
    response, model = ask(
        client, [DONE, ASK_WEATHER], tools=[WEATHER], tool_choice="required"
    )
    assert kinds(response) == ["function_call"]
    assert model.turns[0].must_call


def test_a_model_that_calls_nothing_although_it_has_to_fails(client: Client) -> None:
    response, _ = ask(client, [DONE], tools=[WEATHER], tool_choice="required")
    assert response["status"] == "failed"
    assert response["error"]["code"] == "server_error"
    assert response["output"] == []


def test_after_a_hosted_call_nothing_has_to_be_called_any_more(client: Client) -> None:
    response, model = ask(
        client, [SEARCH_WEB], [DONE], tools=[WEB], tool_choice="required"
    )
    assert kinds(response) == ["web_search_call", "message"]
    assert [turn.must_call for turn in model.turns] == [True, False]


def test_without_parallel_calls_there_is_one_at_a_time(client: Client) -> None:
    samplings = [ASK_WEATHER, ASK_TIME], [DONE]
    response, _ = ask(
        client, *samplings, tools=[WEATHER, TIME], parallel_tool_calls=False
    )
    assert [item["name"] for item in response["output"]] == ["get_weather"]
    samplings = [SEARCH_WEB, SEARCH_WEB], [SEARCH_WEB], [DONE]
    response, _ = ask(client, *samplings, tools=[WEB], parallel_tool_calls=False)
    assert kinds(response) == ["web_search_call", "web_search_call", "message"]


@pytest.mark.parametrize("most", [1, 2])
def test_max_tool_calls_bounds_what_is_run(client: Client, most: int) -> None:
    samplings = [SEARCH_WEB, SEARCH_WEB, SEARCH_WEB, ASK_WEATHER], [DONE]
    response, _ = ask(client, *samplings, tools=[WEB, WEATHER], max_tool_calls=most)
    assert kinds(response) == ["web_search_call"] * most + ["function_call"]


def test_max_tool_calls_counts_calls_of_servers(client: Client) -> None:
    samplings = [SEARCH_DOCS, SEARCH_DOCS, SEARCH_WEB], [DONE]
    response, _ = ask(client, *samplings, tools=[DOCS, WEB], max_tool_calls=2)
    assert kinds(response) == ["mcp_list_tools", "mcp_call", "mcp_call", "message"]


def test_what_may_not_be_called_any_more_is_not_offered(client: Client) -> None:
    tools = [WEB, WEATHER]
    _, model = ask(client, [SEARCH_WEB], [DONE], tools=tools, max_tool_calls=1)
    offered = [[tool["type"] for tool in turn.tools] for turn in model.turns]
    assert offered == [["web_search", "function"], ["function"]]


def test_a_model_that_never_ends_to_call_is_ended(client: Client) -> None:
    response, model = ask(client, *[[SEARCH_WEB]] * 1_000, tools=[WEB])
    assert kinds(response) == ["web_search_call"] * 128
    assert len(model.turns) == 129


def test_a_servers_tools_are_listed_and_called(client: Client) -> None:
    response, model = ask(client, [SEARCH_DOCS], [DONE], tools=[DOCS])
    assert kinds(response) == ["mcp_list_tools", "mcp_call", "message"]
    assert "results" in model.turns[1].results[0].found
    names = [entry["name"] for entry in model.turns[0].servers["learn"]]
    assert names[0] == SEARCH and FETCH in names


def test_a_servers_tool_that_is_not_allowed_is_not_called(client: Client) -> None:
    tools = [{**DOCS, "allowed_tools": [FETCH]}]
    response, model = ask(client, [SEARCH_DOCS, DONE], tools=tools)
    assert kinds(response) == ["mcp_list_tools", "message"]
    assert len(model.turns[0].servers["learn"]) == 1


def test_what_needs_approval_is_asked_for_then_made(client: Client) -> None:
    tools = [{**DOCS, "require_approval": "always"}]
    asked, model = ask(client, [SEARCH_DOCS, SEARCH_WEB], tools=[*tools, WEB])
    assert kinds(asked) == ["mcp_list_tools", "mcp_approval_request"]
    for approve, made in ((True, ["mcp_call", "message"]), (False, ["message"])):
        model = Says([DONE])
        client.emulator.world.model = model
        answer = approved(asked["output"][1]["id"], approve)
        response = client.create(
            [answer], tools=tools, previous_response_id=asked["id"]
        )
        assert kinds(response) == made
        [result] = model.turns[0].results
        assert result.refused is not approve
        assert (result.found is not None) is approve


@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_call_that_was_approved_counts_as_well(client: Client, most: int) -> None:
    tools = [{**DOCS, "require_approval": "always"}]
    asked, _ = ask(client, [SEARCH_DOCS], tools=tools)
    model = Says([SEARCH_WEB, SEARCH_WEB, SEARCH_WEB], [DONE])
    client.emulator.world.model = model
    answer = approved(asked["output"][1]["id"])
    response = client.create(
        [answer],
        tools=[*tools, WEB],
        previous_response_id=asked["id"],
        max_tool_calls=most,
    )
    called = [kind for kind in kinds(response) if kind.endswith("_call")]
    assert called == ["mcp_call"] + ["web_search_call"] * (most - 1)


def test_what_the_model_has_counted_is_the_usage(client: Client) -> None:
    samplings = [SEARCH_WEB, Usage(10, 4)], [DONE, Usage(20, 6, 5)]
    response, _ = ask(client, *samplings, tools=[WEB])
    usage = response["usage"]
    assert (usage["input_tokens"], usage["output_tokens"]) == (30, 10)
    assert usage["output_tokens_details"]["reasoning_tokens"] == 5
    assert usage["total_tokens"] == 40


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "invalid_prompt"),
        (424, "server_error"),
        (429, "rate_limit_exceeded"),
        (499, "invalid_prompt"),
        (500, "server_error"),
        (503, "server_error"),
    ],
)
def test_a_stream_ends_with_the_code_of_what_went_wrong(
    client: Client, status: int, code: str
) -> None:
    class Fails(Says):
        def steps(self, turn: Turn, stop: Signal) -> Iterator[Step]:
            yield from super().steps(turn, stop)
            raise invalid_request("No.", status=status)

    client.emulator.world.model = Fails(waits=True)
    last = client.events("Hello?")[-1]
    assert last["type"] == "response.failed"
    assert last["response"]["error"] == {"code": code, "message": "No."}


def test_what_was_written_is_no_longer_left_to_be_written(client: Client) -> None:
    samplings = [SEARCH_WEB, Usage(10, 40)], [SEARCH_WEB, Usage(10, 70)], [DONE]
    _, model = ask(client, *samplings, tools=[WEB], max_output_tokens=100)
    left = [turn.settings["max_output_tokens"] for turn in model.turns]
    assert left == [100, 60, 1]


@pytest.mark.parametrize(
    ("first", "second", "told"), [(3, 4, 7), (3, None, 3), (None, 4, 4), (0, 4, 4)]
)
def test_what_was_cached_adds_up_where_it_is_counted(
    client: Client, first: int | None, second: int | None, told: int
) -> None:
    one = [SEARCH_WEB, Usage(10, 4, cached_tokens=first)]
    other = [DONE, Usage(20, 6, cached_tokens=second)]
    response, _ = ask(client, one, other, tools=[WEB])
    details = response["usage"]["input_tokens_details"]
    assert details["cached_tokens"] == told


def test_a_summary_goes_out_where_it_was_asked_for(client: Client) -> None:
    steps = [
        Reasoning("First ", 64),
        Reasoning("this."),
        Reasoning("Then that.", part=1),
        DONE,
    ]
    response, _ = ask(client, steps, reasoning={"summary": "auto"})
    texts = [part["text"] for part in response["output"][0]["summary"]]
    assert texts == ["First this.", "Then that."]
    assert response["usage"]["output_tokens_details"]["reasoning_tokens"] == 64
    response, _ = ask(client, steps)
    assert response["output"][0]["summary"] == []


def test_a_scripted_reply_goes_before_the_model(client: Client) -> None:
    client.emulator.reply_with("From the test.")
    response, model = ask(client, [DONE], tools=[DOCS])
    assert kinds(response) == ["message"]
    assert model.turns == []


WRITES_WEATHER = Writing('{"city":"Rome"}', "function", "get_weather")
WRITES_TIME = Writing("{}", "function", "get_time")


@pytest.mark.parametrize("waits", [True, False])
@pytest.mark.parametrize("parallel", [True, False])
def test_a_call_that_is_being_written_is_one_like_any_other(
    client: Client, waits: bool, parallel: bool
) -> None:
    steps = [WRITES_WEATHER, ASK_WEATHER, WRITES_TIME, ASK_TIME]
    client.emulator.world.model = Says(steps, waits=waits)
    response = client.create(
        "Hello?", tools=[WEATHER, TIME], parallel_tool_calls=parallel
    )
    called = ["get_weather", "get_time"] if parallel else ["get_weather"]
    assert [item["name"] for item in response["output"]] == called
    assert response["output"][0]["arguments"] == '{"city":"Rome"}'


@pytest.mark.parametrize("waits", [True, False])
def test_what_is_written_after_a_whole_call_comes_after_it(
    client: Client, waits: bool
) -> None:
    client.emulator.world.model = Says(
        [ASK_WEATHER, WRITES_TIME, ASK_TIME], waits=waits
    )
    response = client.create("Hello?", tools=[WEATHER, TIME])
    called = [item["name"] for item in response["output"]]
    assert called == ["get_weather", "get_time"]


class Draws(Says):
    """A model that draws, and says what it was asked to."""

    def draw(
        self, prompt: str, tool: dict[str, Any], stop: Signal, over: bytes | None
    ) -> bytes:
        assert (tool["type"], over, bool(stop)) == ("image_generation", None, False)
        return prompt.encode()


def test_beside_a_model_that_draws_other_tools_do_what_they_do(client: Client) -> None:
    client.emulator.world.models = {IMAGE_MODEL: Draws()}
    calls = [SEARCH_WEB, Call("image_generation", {"prompt": "A cat."})]
    tools = [WEB, {"type": "image_generation", "model": IMAGE_MODEL}]
    headers = {IMAGE_HEADER: IMAGE_MODEL}
    client.emulator.world.model = Says(calls, [DONE])
    body = {"model": client.model, "input": "Hello?", "tools": tools}
    reply = client.send("POST", "/responses", body, **headers)
    assert isinstance(reply.body, bytes)
    response = orjson.loads(reply.body)
    assert kinds(response) == ["web_search_call", "image_generation_call", "message"]
    assert b64decode(response["output"][1]["result"]) == b"A cat."


CUT_OFF = [
    (WEATHER, Call("function", '{"city":', "get_weather"), "fc"),
    (CODE, Call("code_interpreter", {"code": "print("}), "ci"),
    (
        {"type": "file_search", "vector_store_ids": ["vs_1"]},
        Call("file_search", {"queries": ["quo"]}),
        "fs",
    ),
    (DOCS, Call("mcp", '{"query":', SEARCH, "learn"), "mcp"),
    (WEB, SEARCH_WEB, None),
]


@pytest.mark.parametrize(
    ("tool", "call", "prefix"), CUT_OFF, ids=[tool["type"] for tool, _, _ in CUT_OFF]
)
def test_a_call_that_is_cut_off_is_not_made(
    client: Client, tool: dict[str, Any], call: Call, prefix: str | None
) -> None:
    if tool["type"] == "file_search":
        id = client.json("POST", "/vector_stores", {"name": "a"})["id"]
        tool = {**tool, "vector_store_ids": [id]}
    response, model = ask(client, [Cut(calls=(call,))], [DONE], tools=[tool])
    assert response["status"] == "incomplete"
    assert response["incomplete_details"] == {"reason": "max_output_tokens"}
    made = [item for item in response["output"] if item["type"] != "mcp_list_tools"]
    assert [item["id"].partition("_")[0] for item in made] == [prefix] * bool(prefix)
    assert all(item["status"] == "incomplete" for item in made)
    assert len(model.turns) == 1


def test_a_whole_item_is_what_had_to_be_called(client: Client) -> None:
    call = {"type": "function_call", "status": "completed", "arguments": "{}"}
    call |= {"id": "fc_1", "call_id": "call_1", "name": "get_time"}
    response, _ = ask(client, [Whole(call)], tools=[TIME], tool_choice="required")
    assert (response["status"], response["output"]) == ("completed", [call])
