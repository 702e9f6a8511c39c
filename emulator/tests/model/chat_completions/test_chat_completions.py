"""A real model behind the emulator: what it is asked, and what comes of its answer."""

import re
import time
from typing import Any

import orjson
import pytest

from emulator.tests.conftest import (
    GET_WEATHER,
    Client,
    kinds,
    mostly_within,
    parse,
)
from emulator.tests.model.chat_completions.chat_server import (
    BREAK,
    Closes,
    Plain,
    Refused,
    behind,
    calls,
    chunk,
    says,
    thinks,
    used,
)
from responses_emulator.account import KEY
from responses_emulator.http import Reply, Request, close_pieces
from responses_emulator.model.chat_completions import deltas
from responses_emulator.signals import Signal


def texts(response: dict[str, Any]) -> list[str]:
    return [
        part["text"]
        for item in response["output"]
        if item["type"] == "message"
        for part in item["content"]
    ]


# Text


def test_a_question_goes_there_and_its_answer_comes_back(ask: Any) -> None:
    client, server = ask(says("It is ", "raining."))
    response = client.create("Umbrella?", instructions="Be brief.")
    assert texts(response) == ["It is raining."]
    assert response["status"] == "completed"
    assert response["model"] == "gpt-6-luna"
    assert response["usage"]["input_tokens"] == 11
    assert response["usage"]["output_tokens"] == 7
    [asked] = server.asked
    assert asked["path"] == "/v1/chat/completions"
    assert asked["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Umbrella?"},
    ]
    assert asked["model"] == "scripted"
    assert asked["stream"] is True
    assert server.keys == [None, None]
    for name in ("temperature", "max_tokens", "tools", "reasoning_effort"):
        assert name not in asked  # the model has its own defaults


def test_the_first_piece_leaves_when_it_has_come(ask: Any) -> None:
    rest = Signal()
    client, _ = ask(says("Well, ", rest, "yes."))
    body = {"model": "gpt-6-luna", "input": "Well?", "stream": True}
    reply = client.send("POST", "/responses", body)
    heard: list[str] = []
    assert not isinstance(reply.body, bytes)
    for piece in reply.body:
        if hasattr(piece, "pass_by"):
            piece.pass_by(time.sleep)
        elif piece["type"] == "response.output_text.delta":
            heard.append(piece["delta"])
            rest.set()
    assert "".join(heard) == "Well, yes."
    assert rest


def test_a_conversation_is_told_as_a_chat(ask: Any) -> None:
    client, server = ask(says("Hello Ada."), says("Ada."))
    first = client.create(
        [
            {"role": "developer", "content": "Be kind."},
            {"role": "user", "content": "I am Ada."},
        ],
        instructions="Be brief.",
    )
    client.create("Who am I?", previous_response_id=first["id"])
    assert server.asked[0]["messages"] == [
        {"role": "system", "content": "Be brief.\n\nBe kind."},
        {"role": "user", "content": "I am Ada."},
    ]
    assert server.asked[1]["messages"] == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "I am Ada."},
        {"role": "assistant", "content": "Hello Ada."},
        {"role": "user", "content": "Who am I?"},
    ]


def test_the_model_is_the_first_that_is_listed_or_the_one_that_is_named(
    ask: Any,
) -> None:
    client, server = ask()
    client.create()
    assert server.asked[0]["model"] == "scripted"
    client, server = ask(model="gpt-4.1")
    client, server = ask()
    client.emulator.world.model = behind(server, model="qwen3")
    client.create()
    assert server.asked[0]["model"] == "qwen3"


def test_an_endpoint_that_does_not_stream_is_heard_as_well(ask: Any) -> None:
    message = {"role": "assistant", "content": "Yes."}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 3, "completion_tokens": 1}
    client, _ = ask(Plain({"choices": [choice], "usage": usage}))
    response = client.create()
    assert texts(response) == ["Yes."]
    assert response["usage"]["total_tokens"] == 4


def test_who_does_not_count_is_estimated(ask: Any) -> None:
    client, _ = ask([chunk(content="Yes, it is."), chunk(finish_reason="stop")])
    assert client.create()["usage"]["output_tokens"] > 0


# Connections


def test_a_connection_serves_one_request_after_the_other(ask: Any) -> None:
    client, server = ask(says("Yes."))
    client.create()
    client.create()
    assert server.connections == 1


def test_a_connection_that_has_ended_meanwhile_is_another_one(ask: Any) -> None:
    client, server = ask(says("Yes."), Closes(says("Yes.")), says("Yes."))
    for _ in range(4):
        assert texts(client.create()) == ["Yes."]
    assert server.connections == 2
    assert len(server.asked) == 4


def test_a_connection_ends_with_what_is_wrong_in_a_stream(
    ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deltas, "MOST_CHARACTERS", 10)
    client, server = ask(says("Well, " * 9, Signal()))
    assert failing(client)[0] == 500
    assert server.gone.wait(5)


# Functions


def test_a_function_is_called_and_its_output_told(ask: Any) -> None:
    client, server = ask(
        calls(("get_weather", {"city": "Oslo"}), text="I will look."),
        says("It is raining."),
    )
    response = client.create("Oslo?", tools=[GET_WEATHER])
    assert kinds(response) == ["message", "function_call"]
    call = response["output"][1]
    assert (call["name"], call["arguments"]) == ("get_weather", '{"city": "Oslo"}')
    [offered] = server.asked[0]["tools"]
    assert offered["function"]["name"] == "get_weather"
    assert offered["function"]["parameters"] == GET_WEATHER["parameters"]
    output = {
        "type": "function_call_output",
        "call_id": call["call_id"],
        "output": "rain",
    }
    response = client.create(
        [output], previous_response_id=response["id"], tools=[GET_WEATHER]
    )
    assert texts(response) == ["It is raining."]
    user, assistant, tool = server.asked[1]["messages"]
    assert user == {"role": "user", "content": "Oslo?"}
    assert assistant["content"] == "I will look."
    [told] = assistant["tool_calls"]
    assert re.fullmatch("[0-9A-Za-z]{9}", told["id"])  # which is all that some take
    assert told["function"] == {
        "name": "get_weather",
        "arguments": '{"city": "Oslo"}',
    }
    assert tool == {"role": "tool", "tool_call_id": told["id"], "content": "rain"}


def test_functions_are_called_at_once_or_one_by_one(ask: Any) -> None:
    both = calls(("get_weather", {"city": "Oslo"}), ("get_weather", {"city": "Rome"}))
    client, server = ask(both, both, says("Both."))
    response = client.create("Oslo and Rome?", tools=[GET_WEATHER])
    assert kinds(response) == ["function_call", "function_call"]
    outputs = [
        {
            "type": "function_call_output",
            "call_id": item["call_id"],
            "output": item["arguments"],
        }
        for item in response["output"]
    ]
    response = client.create("One.", tools=[GET_WEATHER], parallel_tool_calls=False)
    assert kinds(response) == ["function_call"]
    assert server.asked[1]["parallel_tool_calls"] is False
    items = [{"role": "user", "content": "?"}]
    items += [
        {"type": "function_call", "call_id": o["call_id"], "name": "get_weather"}
        | {"arguments": o["output"]}
        for o in outputs
    ]
    client.create([*items, *outputs], tools=[GET_WEATHER])
    _, assistant, *tools = server.asked[2]["messages"]
    assert len(assistant["tool_calls"]) == 2
    assert [tool["content"] for tool in tools] == [o["output"] for o in outputs]


def test_garbage_as_arguments_of_a_function_is_the_callers_to_read(ask: Any) -> None:
    client, server = ask(calls(("get_weather", '{"city": "Os')), says("Again, please."))
    response = client.create("Oslo?", tools=[GET_WEATHER])
    [call] = response["output"]
    assert call["arguments"] == '{"city": "Os'
    output = {"type": "function_call_output", "call_id": call["call_id"], "output": "?"}
    client.create([output], previous_response_id=response["id"], tools=[GET_WEATHER])
    [told] = server.asked[1]["messages"][1]["tool_calls"]
    # A model's template reads it, and would break.
    assert orjson.loads(told["function"]["arguments"]) == {"unreadable": '{"city": "Os'}


def test_a_tool_that_has_to_be_called_is_asked_for_twice(ask: Any) -> None:
    client, server = ask(says("No."), calls(("get_weather", {"city": "Oslo"})))
    response = client.create("Oslo?", tools=[GET_WEATHER], tool_choice="required")
    assert kinds(response) == ["function_call"]
    assert [asked["tool_choice"] for asked in server.asked] == ["required"] * 2
    assert "Call one of the tools" in server.asked[1]["messages"][-1]["content"]
    client, _ = ask(says("No."))
    status, error = client.error(
        "POST",
        "/responses",
        {
            "model": "gpt-6-luna",
            "input": "Oslo?",
            "tools": [GET_WEATHER],
            "tool_choice": "required",
        },
    )
    assert status == 500
    assert "called no tool" in error["message"]


def test_a_function_that_does_not_exist_is_told_and_asked_again(ask: Any) -> None:
    client, server = ask(calls(("get_wether", {})), says("I cannot."))
    response = client.create("Oslo?", tools=[GET_WEATHER])
    assert texts(response) == ["I cannot."]
    *_, assistant, told = server.asked[1]["messages"]
    assert assistant["tool_calls"][0]["function"]["name"] == "get_wether"
    assert "There is no tool 'get_wether'" in told["content"]


# What goes wrong


def failing(client: Client, **body: Any) -> tuple[int, dict[str, Any]]:
    asked = {"model": client.model, "input": "Well?", **body}
    return client.error("POST", "/responses", asked)


def test_what_a_model_refuses_is_told_in_its_own_words(ask: Any) -> None:
    words = "registry.ollama.ai/library/phi does not support tools"
    refused = Refused(400, {"error": {"message": words, "type": "api_error"}})
    client, _ = ask(refused)
    status, error = failing(client, tools=[GET_WEATHER])
    assert (status, error["message"]) == (400, words)
    assert error["type"] == "invalid_request_error"
    events = client.events(tools=[GET_WEATHER])
    assert events[-1]["type"] == "response.failed"
    assert events[-1]["response"]["error"] == {
        "code": "invalid_prompt",
        "message": words,
    }


@pytest.mark.parametrize(
    ("refused", "status", "words"),
    [
        (Refused(404, {"error": "model 'x' not found"}), 404, "model 'x' not found"),
        (Refused(422, {"detail": [{"msg": "no"}]}), 422, '[{"msg":"no"}]'),
        (Refused(500, "Out of memory"), 500, "Out of memory"),
        (Refused(503, {"message": "Loading model"}), 503, "Loading model"),
        (Refused(429, {"error": {"message": "Slower."}}), 429, "Slower."),
        (Refused(401, {"error": {"message": "Bad key"}}), 500, "answered 401: Bad key"),
        (Refused(302, "", {"location": "http://x/"}), 500, "answered 302"),
    ],
)
def test_each_status_has_its_own_in_the_services_shape(
    ask: Any, refused: Refused, status: int, words: str
) -> None:
    client, _ = ask(refused)
    found, error = failing(client)
    assert found == status
    assert words in error["message"]
    assert "code" in error


def test_an_endpoint_that_is_down_is_a_503(ask: Any) -> None:
    client, server = ask()
    server.shutdown()
    server.server_close()
    status, error = failing(client)
    assert status == 503
    assert "cannot be reached" in error["message"]
    assert server.url in error["message"]


def test_a_model_that_breaks_off_fails_the_response(ask: Any) -> None:
    for script in ([chunk(content="Well, "), BREAK], [chunk(content="Well, ")]):
        client, server = ask(script)
        server.ends_with_done = False
        status, error = failing(client)
        assert status == 500
        assert "The model broke off" in error["message"]
        events = client.events()
        assert events[-1]["type"] == "response.failed"
        assert events[-1]["response"]["error"]["code"] == "server_error"


def test_a_model_that_is_silent_for_too_long_is_a_504(ask: Any) -> None:
    client, _ = ask(says(Signal()), timeout=0.1)
    status, error = failing(client)
    assert status == 504
    assert "silent for 0.1 seconds" in error["message"]


def test_a_model_that_never_ends_is_ended(
    ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deltas, "MOST_CHARACTERS", 1_000)
    thought = chunk(reasoning_content="Hm, " * 100)
    client, _ = ask([thought] * 50)
    status, error = failing(client)
    assert (status, error["message"]) == (500, "The model comes to no end.")


@pytest.mark.parametrize(
    "sent",
    [
        b"data: nonsense\n\n",
        b"data: [1]\n\n",
        b'data: {"error": {"message": "Out of memory", "code": 500}}\n\n',
    ],
)
def test_what_is_no_chunk_fails_the_response(ask: Any, sent: bytes) -> None:
    client, _ = ask([chunk(content="Well, "), sent])
    status, error = failing(client)
    assert status == 500
    assert "no JSON object" in error["message"] or "Out of memory" in error["message"]


def test_what_belongs_to_no_chunk_is_passed_over(ask: Any) -> None:
    client, _ = ask([b": ping\n\n", b"event: x\n", *says("Yes.")])
    assert texts(client.create()) == ["Yes."]


def test_a_key_is_sent_and_shown_to_nobody(ask: Any) -> None:
    echoed = Refused(400, {"error": {"message": "Bad: k3y-of-mine"}})
    client, server = ask(says("Yes."), echoed, key="k3y-of-mine")
    client.create()
    assert server.keys[-1] == "Bearer k3y-of-mine"
    assert failing(client)[1]["message"] == "Bad: ***"
    assert "k3y" not in repr(client.emulator.world.model.endpoint)


# Stop


def unblocked(client: Client, **body: Any) -> Reply:
    """The reply to who does not wait in a thread."""
    asked = {"model": client.model, "input": "Well?", **body}
    headers = {"api-key": KEY, "content-type": "application/json"}
    return client.emulator.handle(
        Request(
            "POST",
            "/openai/v1/responses",
            headers,
            orjson.dumps(asked),
            may_block=False,
        )
    )


@pytest.mark.parametrize("script", [says("Well, ", Signal()), [Signal()], Signal()])
def test_who_leaves_stops_a_silent_model(ask: Any, script: Any) -> None:
    def seconds() -> float:
        client, server = ask(script)
        reply = unblocked(client, stream=True)
        assert next(parse(reply))["type"] == "response.created"
        assert server.begun.acquire(timeout=5)
        began = time.monotonic()
        close_pieces(reply.body)
        assert server.gone.wait(5)
        return time.monotonic() - began

    assert mostly_within(0.2, seconds)


# Reasoning


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_thoughts_become_the_summary_and_their_tokens(ask: Any, name: str) -> None:
    client, server = ask(thinks("Clouds mean rain.", "Rain.", name=name))
    response = client.create(reasoning={"summary": "auto", "effort": "high"})
    thought, message = response["output"]
    assert thought["summary"][0]["text"] == "Clouds mean rain."
    assert message["content"][0]["text"] == "Rain."
    # Of the seven tokens, as many as it has letters of all that was written.
    assert response["usage"]["output_tokens_details"]["reasoning_tokens"] == 5
    assert server.asked[0]["reasoning_effort"] == "high"


def test_thoughts_between_tags_are_thoughts(ask: Any) -> None:
    pieces = ["\n<thi", "nk>\nClouds", " mean rain.</t", "hink>\n\nRa", "in <think>."]
    client, _ = ask([*says(*pieces)[:-1], used(reasoning=4)])
    response = client.create(reasoning={"summary": "auto"})
    thought, message = response["output"]
    assert thought["summary"][0]["text"] == "Clouds mean rain."
    assert message["content"][0]["text"] == "Rain <think>."
    assert response["usage"]["output_tokens_details"]["reasoning_tokens"] == 4


def test_thoughts_are_told_only_where_the_caller_wants_them(ask: Any) -> None:
    client, _ = ask(thinks("Clouds mean rain.", "Rain."))
    response = client.create()
    assert kinds(response) == ["reasoning", "message"]
    assert response["output"][0]["summary"] == []
    client, _ = ask(thinks("Clouds mean rain.", "Rain."), model="gpt-4.1")
    client.emulator.world.deployments |= _deployment("gpt-4.1")
    assert kinds(client.create()) == ["message"]


def _deployment(name: str) -> dict[str, Any]:
    from responses_emulator.account import deployment

    return {name: deployment(name)}


def test_json_of_an_answer(ask: Any) -> None:
    client, _ = ask(says("Yes."))
    raw = client.send("POST", "/responses", {"model": "gpt-6-luna", "input": "?"})
    assert orjson.loads(raw.body)["object"] == "response"
