"""Deferred tools: found by the service, or by the caller."""

import pytest

from emulator.tests.conftest import GET_WEATHER, Client, steps

SEARCH = {"type": "tool_search"}
DEFERRED = {**GET_WEATHER, "defer_loading": True}
ORDERS = {
    "type": "function",
    "name": "list_orders",
    "description": "List the orders of a customer.",
    "strict": True,
    "defer_loading": True,
    "parameters": {
        "type": "object",
        "properties": {"customer": {"type": "string"}},
        "required": ["customer"],
        "additionalProperties": False,
    },
}
CRM = {
    "type": "namespace",
    "name": "crm",
    "description": "Customers and their orders.",
    "tools": [ORDERS],
}
MODEL = "gpt-6-luna"  # the tool came with gpt-5.4
WEATHER = "What is the weather in Paris?"
LIST = "List the orders of customer Ada."


@pytest.fixture
def client() -> Client:
    return Client(model=MODEL)


def test_a_deferred_function_is_searched_for_and_called(client):
    response = client.create(WEATHER, tools=[SEARCH, DEFERRED, CRM])
    search, found, call = response["output"][-3:]

    assert steps(response) == [
        "tool_search_call",
        "tool_search_output",
        "function_call",
    ]
    assert (search["execution"], search["call_id"]) == ("server", None)
    assert search["arguments"] == {"paths": ["get_weather"]}
    assert found["tools"] == [DEFERRED]
    assert (call["namespace"], call["name"]) == ("get_weather", "get_weather")


def test_what_a_search_found_is_told_with_all_its_keys(client):
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}}
    short = {
        "type": "function",
        "name": "get_weather",
        "defer_loading": True,
        "parameters": parameters,
    }
    response = client.create("get_weather of Paris", tools=[SEARCH, short])
    [found] = [i for i in response["output"] if i["type"] == "tool_search_output"]
    assert found["tools"] == [
        {
            **short,
            "description": None,
            "strict": True,
            "parameters": {**parameters, "additionalProperties": False},
        }
    ]


def test_a_function_in_a_namespace_is_called_with_its_namespace(client):
    response = client.create(LIST, tools=[SEARCH, DEFERRED, CRM])
    search, found, call = response["output"][-3:]

    assert search["arguments"] == {"paths": ["crm"]}
    assert found["tools"] == [CRM]
    assert (call["namespace"], call["name"]) == ("crm", "list_orders")


def test_a_function_that_was_found_is_known_in_the_turns_that_follow(client):
    first = client.create(WEATHER, tools=[SEARCH, DEFERRED])
    call = first["output"][-1]
    output = {
        "type": "function_call_output",
        "call_id": call["call_id"],
        "output": '{"temperature": "21 °C"}',
    }
    second = client.create(
        [output], tools=[SEARCH, DEFERRED], previous_response_id=first["id"]
    )
    third = client.create(
        "And the weather in Rome?",
        tools=[SEARCH, DEFERRED],
        previous_response_id=second["id"],
    )

    assert steps(second) == ["message"]
    assert steps(third) == ["function_call"]


def test_nothing_is_searched_for_where_a_known_function_or_none_fits(client):
    known = client.create(WEATHER, tools=[SEARCH, GET_WEATHER, CRM])
    nothing = client.create("Tell me a joke.", tools=[SEARCH, CRM])

    assert steps(known) == ["function_call"]
    assert steps(nothing) == ["message"]


def test_a_namespace_needs_no_search_where_nothing_is_deferred(client):
    open_orders = {**ORDERS, "defer_loading": False}
    response = client.create(LIST, tools=[{**CRM, "tools": [open_orders]}])

    assert response["output"][-1]["namespace"] == "crm"


def test_the_caller_can_search_itself(client):
    tool = {"type": "tool_search", "execution": "client", "description": "Find tools."}
    first = client.create(WEATHER, tools=[tool])
    search = first["output"][-1]

    assert search["type"] == "tool_search_call"
    assert search["execution"] == "client"
    assert search["arguments"] == {"query": WEATHER}
    found = {
        "type": "tool_search_output",
        "call_id": search["call_id"],
        "execution": "client",
        "status": "completed",
        "tools": [GET_WEATHER],
    }
    second = client.create([found], tools=[tool], previous_response_id=first["id"])
    assert second["output"][-1]["name"] == "get_weather"


def test_a_choice_names_one_function_of_a_namespace(client):
    other = {**ORDERS, "name": "list_notes", "defer_loading": False}
    crm = {**CRM, "tools": [{**ORDERS, "defer_loading": False}, other]}
    choice = {"type": "function", "name": "list_notes"}
    response = client.create(LIST, tools=[crm], tool_choice=choice)

    assert response["output"][-1]["name"] == "list_notes"


def test_a_deferred_tool_without_a_search_is_refused(client):
    assert client.refused(WEATHER, tools=[DEFERRED])["param"] == (
        "tools[0].defer_loading"
    )
    assert client.refused(LIST, tools=[CRM])["param"] == (
        "tools[0].tools[0].defer_loading"
    )


def test_the_callers_search_gets_what_its_parameters_ask_for(client):
    parameters = {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    }
    search = {
        "type": "tool_search",
        "execution": "client",
        "description": "Find tools.",
        "parameters": parameters,
    }
    output = client.create("How is the weather in Oslo?", tools=[search, DEFERRED])
    [call] = [item for item in output["output"] if item["type"] == "tool_search_call"]
    assert call["arguments"] == {"city": "Oslo"}
