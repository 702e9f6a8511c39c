"""Replies that a test has written."""

from typing import Any

import orjson
import pytest

from emulator.tests.conftest import GET_WEATHER, Client
from responses_emulator.http import Request

CALL = {"type": "function_call", "name": "get_weather", "arguments": {"city": "Oslo"}}


def nested() -> Any:
    """JSON as deep as the parser lets it be."""
    return orjson.loads(b'{"a": [' + b"[" * 1000 + b"]" * 1000 + b"]}")


@pytest.mark.parametrize("stream", [False, True])
def test_the_next_response_says_what_is_scripted(client: Client, stream: bool) -> None:
    client.emulator.reply_with("It is raining.")
    if stream:
        events = client.events()
        said = "".join(
            event["delta"]
            for event in events
            if event["type"] == "response.output_text.delta"
        )
        response = events[-1]["response"]
        assert said == "It is raining."
    else:
        response = client.create()
    [item] = response["output"]
    assert item["content"][0]["text"] == "It is raining."
    assert response["usage"]["output_tokens"] > 0
    stored = client.json("GET", f"/responses/{response['id']}")
    assert stored["output"] == response["output"]
    assert client.create()["output"][-1]["content"][0]["text"] != "It is raining."


@pytest.mark.parametrize(
    "item",
    [
        {"content": [{"type": "output_text", "text": "It is raining."}]},
        {"content": [{"type": "refusal", "refusal": "No."}]},
        {"type": "custom_tool_call", "name": "sql", "input": "select 1"},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},
        {"type": "file_search_call", "queries": ["rain"]},
        {"type": "image_generation_call", "result": "aGVsbG8="},
        {
            "type": "code_interpreter_call",
            "code": "1 + 1",
            "container_id": "cntr_1",
            "outputs": None,
        },
        {
            "type": "mcp_approval_request",
            "arguments": "{}",
            "name": "search",
            "server_label": "docs",
        },
    ],
)
def test_every_kind_of_item_can_be_scripted(
    client: Client, item: dict[str, Any]
) -> None:
    client.emulator.reply_with(item, times=2)
    [made] = client.create()["output"]
    assert made["id"]
    *_, last = client.events()
    assert last["response"]["output"][0]["type"] == item.get("type", "message")


def test_replies_come_in_their_order_and_as_often_as_asked(client: Client) -> None:
    client.emulator.reply_with("One.")
    client.emulator.reply_with("Two.", times=2)
    said = [client.create()["output"][-1]["content"][0]["text"] for _ in range(3)]
    assert said == ["One.", "Two.", "Two."]


def test_a_scripted_call_gets_ids_and_can_be_answered(client: Client) -> None:
    client.emulator.reply_with(CALL, CALL)
    first = client.create(tools=[GET_WEATHER])
    one, two = first["output"]
    assert orjson.loads(one["arguments"]) == {"city": "Oslo"}
    assert one["call_id"] != two["call_id"] and one["id"] != two["id"]
    results = [
        {"type": "function_call_output", "call_id": call["call_id"], "output": "Rain."}
        for call in (one, two)
    ]
    client.emulator.reply_with("Bring an umbrella.")
    last = client.create(results, tools=[GET_WEATHER], previous_response_id=first["id"])
    assert last["output"][0]["content"][0]["text"] == "Bring an umbrella."


def test_a_refused_request_leaves_the_script_alone(client: Client) -> None:
    client.emulator.reply_with("Later.")
    client.refused(temperature=9)
    assert client.create()["output"][0]["content"][0]["text"] == "Later."


@pytest.mark.parametrize(
    ("item", "says"),
    [
        ({"type": "function_call", "arguments": "{}"}, "output[0]"),
        ({"type": "function_call", "name": "f", "arguments": 5}, "output[0].arguments"),
        ({"type": "tea"}, "output[0].type"),
        ({"type": "message"}, "output[0]"),
        ({"type": "message", "content": [{"type": "tea"}]}, "output[0]"),
        ({"type": "message", "content": []}, "output[0].content"),
        ({"type": "message", "content": 5}, "output[0].content"),
        ({"content": [{"type": "input_text", "text": "x"}]}, "output[0].content[0]"),
        ({"content": [{"type": "output_text"}]}, "output[0].content[0]"),
        (
            {"role": "user", "content": [{"type": "output_text", "text": "x"}]},
            "output[0].role",
        ),
        ({"type": ["message"]}, "output[0].type"),
        ({"type": "function_call", "name": "f", "arguments": nested()}, "output[0]"),
        (5, "output[0]"),
    ],
)
def test_what_is_no_output_is_refused_when_it_is_scripted(
    client: Client, item: Any, says: str
) -> None:
    with pytest.raises(ValueError) as raised:
        client.emulator.reply_with(item)
    assert says in str(raised.value)
    with pytest.raises(ValueError, match="at least one item"):
        client.emulator.reply_with()
    assert len(client.emulator.world.scripted) == 0


def test_other_languages_script_replies_over_http(client: Client) -> None:
    def post(body: object) -> int:
        request = Request("POST", "/emulator/replies", {}, orjson.dumps(body))
        return client.emulator.handle(request).status

    assert post({"output": ["Hello."], "times": 2}) == 200
    assert client.create()["output"][0]["content"][0]["text"] == "Hello."
    for wrong in (
        {},
        {"output": "Hello."},
        {"output": []},
        {"output": [{"type": "tea"}]},
        {"output": ["x"], "times": 0},
        {"output": ["x"], "times": True},
        {"output": ["x"], "times": 1e9},
    ):
        assert post(wrong) == 400
