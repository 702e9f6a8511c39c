"""What real clients send besides the obvious, and what they get for it."""

from typing import Any

import pytest

from emulator.tests.conftest import GET_WEATHER, Client, kinds, text

FORMAT = {
    "type": "json_schema",
    "name": "city",
    "schema": GET_WEATHER["parameters"],
    "strict": True,
}
WEATHER = "What is the weather in Oslo?"


def lasting(response: dict[str, Any]) -> dict[str, Any]:
    """A response without its ids."""
    output = [{**item, "id": None} for item in response["output"]]
    return {**response, "id": None, "output": output}


def test_v1_takes_the_api_version_preview(client: Client) -> None:
    body = {"model": "gpt-5-mini", "input": "Hello."}
    made = client.json("POST", "/responses?api-version=preview", body)
    assert client.json("GET", f"/responses/{made['id']}?api-version=preview") == made


def test_input_items_go_on_after_one_in_either_order(client: Client) -> None:
    turns = [{"role": "user", "content": f"Turn {n}."} for n in range(3)]
    path = f"/responses/{client.create(turns)['id']}/input_items"
    first, second, third = client.json("GET", f"{path}?order=asc")["data"]
    assert first["content"][0]["text"] == "Turn 0."
    page = client.json("GET", f"{path}?order=asc&after={first['id']}")
    assert page["data"] == [second, third]
    page = client.json("GET", f"{path}?order=asc&after={first['id']}&limit=1")
    assert (page["data"], page["has_more"]) == ([second], True)
    page = client.json("GET", f"{path}?after={third['id']}")
    assert page["data"] == [second, first]


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_an_empty_after_starts_at_the_beginning(client: Client, order: str) -> None:
    path = f"/responses/{client.create()['id']}/input_items?order={order}"
    assert client.json("GET", f"{path}&after=") == client.json("GET", path)


def test_turns_without_a_type_are_remembered_with_a_plain_assistants(
    client: Client,
) -> None:
    answer = client.create(
        [
            {"role": "user", "content": "My name is Ada."},
            {"role": "assistant", "content": "Hello, Ada."},
            {"role": "user", "content": "What is my name?"},
        ]
    )
    assert "Ada" in text(answer)
    path = f"/responses/{answer['id']}/input_items?order=asc"
    said = client.json("GET", path)["data"][1]
    assert (said["type"], said["role"]) == ("message", "assistant")
    assert said["content"][0]["type"] == "output_text"
    assert said["content"][0]["text"] == "Hello, Ada."


@pytest.mark.parametrize(
    "sent",
    [
        dict.fromkeys(["include", "instructions", "max_output_tokens", "metadata"]),
        dict.fromkeys(["user", "previous_response_id"]),
        {"text": {}, "metadata": {}, "tools": [], "include": []},
    ],
)
def test_null_and_empty_are_as_good_as_nothing(
    client: Client, sent: dict[str, Any]
) -> None:
    assert lasting(client.create(**sent)) == lasting(client.create())


def test_no_tool_can_be_chosen_where_there_is_none(client: Client) -> None:
    answer = client.create(WEATHER, tool_choice="none")
    assert answer["tool_choice"] == "none"
    assert kinds(answer)[-1] == "message"


def test_a_forced_tool_goes_before_a_format(client: Client) -> None:
    forced = {"type": "function", "name": "get_weather"}
    asked = {"tools": [GET_WEATHER], "text": {"format": FORMAT}}
    answer = client.create(WEATHER, tool_choice=forced, **asked)
    assert answer["output"][-1]["type"] == "function_call"
    assert answer["output"][-1]["arguments"] == '{"city":"Oslo"}'


@pytest.mark.parametrize("strict", [{"strict": False}, {}])
def test_a_function_need_not_be_strict(client: Client, strict: dict[str, Any]) -> None:
    loose = {"type": "object", "properties": {"city": {"type": "string"}}}
    tool = {"type": "function", "name": "get-the-weather", "parameters": loose}
    answer = client.create(WEATHER, tools=[tool | strict])
    call = answer["output"][-1]
    assert (call["type"], call["name"]) == ("function_call", "get-the-weather")
    assert call["arguments"] == '{"city":"Oslo"}'


def test_a_question_may_be_repeated_next_to_the_result(client: Client) -> None:
    first = client.create(WEATHER, tools=[GET_WEATHER])
    call = first["output"][-1]
    result = {"type": "function_call_output", "call_id": call["call_id"]}
    answer = client.create(
        [{"role": "user", "content": WEATHER}, result | {"output": "Sunny, 20 °C."}],
        tools=[GET_WEATHER],
        previous_response_id=first["id"],
    )
    assert kinds(answer)[-1] == "message"
    assert "Sunny, 20 °C" in text(answer)
