"""MCP: which tools may be called, with and without approval, and what stays secret."""

from typing import Any

import orjson
import pytest

from emulator.tests.conftest import Client, approved, kinds
from emulator.tests.models import Says
from responses_emulator.frames import server_sent
from responses_emulator.model.standin import mcp as standin
from responses_emulator.model.steps import Call, Text
from responses_emulator.model.turn import Turn
from responses_emulator.tools.mslearn import FETCH, LEARN, SAMPLES, SEARCH

QUESTION = "How do I stream a response? Show me sample code."
TOOL = {"type": "mcp", "server_label": "learn", "server_url": LEARN}
FREE = {**TOOL, "require_approval": "never"}


def asked_and_called(client: Client, **tool: Any) -> tuple[list[str], list[str]]:
    """The names of the tools that were asked for, and of those that were called."""
    output = client.create(QUESTION, tools=[{**TOOL, **tool}])["output"]
    return (
        [i["name"] for i in output if i["type"] == "mcp_approval_request"],
        [i["name"] for i in output if i["type"] == "mcp_call"],
    )


@pytest.mark.parametrize(
    ("rule", "asked"),
    [
        ("always", [SEARCH, SAMPLES]),
        ("never", []),
        ({"never": {"tool_names": [SEARCH, SAMPLES]}}, []),
        ({"never": {"tool_names": [SEARCH]}}, [SAMPLES]),
        ({"never": {"read_only": True}}, []),
        ({"never": {"read_only": False}}, [SEARCH, SAMPLES]),
        ({"always": {"tool_names": [SAMPLES]}}, [SAMPLES]),
        ({"always": {"tool_names": [FETCH]}}, []),
        ({"always": {"read_only": True}}, [SEARCH, SAMPLES]),
        ({"always": {"tool_names": [SEARCH]}, "never": {"read_only": True}}, [SEARCH]),
        ({"always": {}, "never": {"tool_names": [SEARCH]}}, [SEARCH, SAMPLES]),
        ({}, [SEARCH, SAMPLES]),
    ],
)
def test_approval_is_asked_for_as_the_rule_says(
    client: Client, rule: Any, asked: list[str]
):
    requests, calls = asked_and_called(client, require_approval=rule)
    assert requests == asked
    assert bool(calls) is not bool(asked)


@pytest.mark.parametrize(
    ("allowed", "names"),
    [
        ([SEARCH], [SEARCH]),
        ({"tool_names": [SAMPLES, FETCH]}, [SAMPLES, FETCH]),
        ({"read_only": True}, [SEARCH, SAMPLES, FETCH]),
        ({"read_only": False}, []),
        ({}, [SEARCH, SAMPLES, FETCH]),
    ],
)
def test_only_allowed_tools_are_listed(client: Client, allowed: Any, names: list[str]):
    tool = {**FREE, "allowed_tools": allowed}
    [listed] = [
        item
        for item in client.create(QUESTION, tools=[tool])["output"]
        if item["type"] == "mcp_list_tools"
    ]
    assert [entry["name"] for entry in listed["tools"]] == names


@pytest.mark.parametrize("name", [SEARCH, SAMPLES, FETCH])
@pytest.mark.parametrize("prompt", [QUESTION, "Tell me a joke."])
def test_a_tool_choice_names_the_tool_that_is_called(
    client: Client, name: str, prompt: str
):
    choice = {"type": "mcp", "server_label": "learn", "name": name}
    output = client.create(prompt, tools=[FREE], tool_choice=choice)["output"]
    calls = [item for item in output if item["type"] == "mcp_call"]
    assert [call["name"] for call in calls] == [name]
    assert calls[0]["status"] == "completed"
    assert output[-1]["type"] == "message"


def test_a_tool_choice_that_the_server_does_not_have_is_refused(client: Client):
    choice = {"type": "mcp", "server_label": "learn", "name": "launch_rocket"}
    error = client.refused(QUESTION, tools=[FREE], tool_choice=choice)
    assert error["param"] == "tool_choice"
    assert "launch_rocket" in error["message"]


def test_each_call_is_approved_or_denied_by_itself(client: Client):
    first = client.create(QUESTION, tools=[TOOL])
    requests = [i for i in first["output"] if i["type"] == "mcp_approval_request"]
    assert [request["name"] for request in requests] == [SEARCH, SAMPLES]
    answers = [
        approved(request["id"], request["name"] == SEARCH) for request in requests
    ]
    second = client.create(answers, tools=[TOOL], previous_response_id=first["id"])
    [call] = [item for item in second["output"] if item["type"] == "mcp_call"]
    assert (call["name"], call["approval_request_id"]) == (SEARCH, requests[0]["id"])


def test_an_approval_works_with_items_that_the_caller_keeps(client: Client):
    asked = {"role": "user", "content": QUESTION}
    first = client.create([asked], tools=[TOOL], model="gpt-5.4-mini", store=False)
    answers = [
        approved(item["id"])
        for item in first["output"]
        if item["type"] == "mcp_approval_request"
    ]
    again = [asked, *first["output"], *answers]
    second = client.create(again, tools=[TOOL], model="gpt-5.4-mini", store=False)
    assert kinds(second) == ["mcp_call", "mcp_call", "message"]


def test_an_approval_of_nothing_is_refused(client: Client):
    answer = approved("mcpr_0")
    error = client.refused([answer], tools=[TOOL])
    assert (error["param"], "mcpr_0" in error["message"]) == ("input", True)


def ids_of(response: dict[str, Any], kind: str) -> list[str]:
    key = "id" if kind == "mcp_approval_request" else "approval_request_id"
    return [item[key] for item in response["output"] if item["type"] == kind]


def search(query: str) -> Call:
    return Call("mcp", {"query": query}, SEARCH, "learn")


@pytest.mark.parametrize("shared", [False, True])
def test_what_was_approved_is_called_once_however_long_the_conversation(
    client: Client, shared: bool
):
    model = Says([search("one")], [search("two")], [Text("There.")])
    client.emulator.world.model = model
    place: dict[str, Any] = {}
    if shared:
        place = {"conversation": client.json("POST", "/conversations", {})["id"]}
    first = client.create(QUESTION, tools=[TOOL], **place)
    called: list[str] = []
    for _ in range(2):
        [asked] = ids_of(first, "mcp_approval_request")
        called.append(asked)
        before = place or {"previous_response_id": first["id"]}
        first = client.create([approved(asked)], tools=[TOOL], **before)
        assert ids_of(first, "mcp_call") == [asked]
    assert len(set(called)) == 2


@pytest.mark.parametrize("before", [False, True])
def test_an_approval_may_come_with_a_message(client: Client, before: bool):
    client.emulator.world.model = Says([search("one")], [Text("There.")])
    first = client.create(QUESTION, tools=[TOOL])
    [asked] = ids_of(first, "mcp_approval_request")
    message = {"role": "user", "content": "Go on."}
    sent = [approved(asked), message] if before else [message, approved(asked)]
    second = client.create(sent, tools=[TOOL], previous_response_id=first["id"])
    assert ids_of(second, "mcp_call") == [asked]


def test_what_is_denied_is_told_once(client: Client):
    model = Says([search("one")], [Text("So be it.")], [Text("Yes?")])
    client.emulator.world.model = model
    first = client.create(QUESTION, tools=[TOOL])
    [asked] = ids_of(first, "mcp_approval_request")
    answer = approved(asked, approve=False)
    second = client.create([answer], tools=[TOOL], previous_response_id=first["id"])
    client.create("And now?", tools=[TOOL], previous_response_id=second["id"])
    told = [[result.refused for result in turn.results] for turn in model.turns]
    assert told == [[], [True], []]


def test_nothing_is_approved_twice(client: Client):
    client.emulator.world.model = Says([search("one")], [Text("There.")])
    first = client.create(QUESTION, tools=[TOOL])
    [asked] = ids_of(first, "mcp_approval_request")
    sent, options = [approved(asked)], {"tools": [TOOL]}
    twice = client.refused(sent * 2, previous_response_id=first["id"], **options)
    assert "Duplicate mcp_approval_response" in twice["message"]
    second = client.create(sent, previous_response_id=first["id"], **options)
    again = client.refused(sent, previous_response_id=second["id"], **options)
    assert asked in again["message"]


@pytest.mark.parametrize("label", ["", "my server", "-a", "é", "a.b"])
def test_a_label_is_a_word(client: Client, label: str):
    error = client.refused(QUESTION, tools=[{**FREE, "server_label": label}])
    assert (error["param"], error["code"]) == ("tools[0].server_label", "invalid_value")


def test_two_servers_have_two_labels(client: Client):
    other = {**FREE, "server_url": "http://localhost:9/mcp"}
    error = client.refused(QUESTION, tools=[FREE, other])
    assert error["param"] == "tools[1].server_label"


@pytest.mark.parametrize("stream", [False, True])
def test_what_a_server_is_sent_is_nowhere_to_be_found(client: Client, stream: bool):
    tool = {**TOOL, "authorization": "t0p-secret", "headers": {"x-key": "t0p-secret"}}
    body = {"model": "gpt-5-mini", "input": QUESTION, "tools": [tool], "stream": stream}
    reply = client.send("POST", "/responses", body)
    pieces = [reply.body] if isinstance(reply.body, bytes) else reply.body
    answered = b"".join(map(server_sent, pieces))
    assert b"mcp_approval_request" in answered
    [stored] = client.emulator.store.responses
    id = stored.body["id"]
    kept = orjson.dumps([stored.body, stored.input_items])
    items = client.send("GET", f"/responses/{id}/input_items").body
    again = client.send("GET", f"/responses/{id}").body
    assert isinstance(items, bytes)
    assert isinstance(again, bytes)
    for place in (answered, kept, items, again):
        assert b"t0p-secret" not in place
    assert b'"headers":{"x-key":"<redacted>"}' in again


def test_a_stream_tells_that_the_tools_cannot_be_listed(client: Client):
    unknown = {**FREE, "server_url": "https://example.com/mcp", "server_label": "other"}
    events = client.events(QUESTION, tools=[FREE, unknown])
    assert [event["type"].removeprefix("response.") for event in events] == [
        "created",
        "in_progress",
        "output_item.added",
        "mcp_list_tools.in_progress",
        "mcp_list_tools.failed",
        "output_item.done",
        "failed",
    ]
    response = events[-1]["response"]
    [listed] = response["output"]
    assert (listed["tools"], listed["server_label"]) == ([], "other")
    assert "424" in listed["error"]
    assert response["error"] == {"code": "server_error", "message": listed["error"]}
    stored = client.json("GET", f"/responses/{response['id']}")
    assert stored["status"] == "failed"


def test_in_the_background_it_fails_when_its_time_has_come(client: Client):
    unknown = {**FREE, "server_url": "https://example.com/mcp"}
    first = client.create(QUESTION, tools=[unknown], background=True)
    assert (first["status"], first["output"]) == ("queued", [])
    client.clock.sleep(client.emulator.world.background_seconds)
    later = client.json("GET", f"/responses/{first['id']}")
    assert (later["status"], later["usage"]) == ("failed", None)
    assert "Error retrieving tool list" in later["error"]["message"]


def test_a_call_that_fails_is_told_as_such(client: Client):
    first = client.create(QUESTION, tools=[TOOL])
    answers = [
        approved(item["id"])
        for item in first["output"]
        if item["type"] == "mcp_approval_request"
    ]
    # Meanwhile the caller has taken the second tool away.
    tool = {**TOOL, "allowed_tools": [SEARCH]}
    again = {"tools": [tool], "previous_response_id": first["id"]}
    events = client.events(answers, **again)
    calls = [e["item"] for e in events if e["type"] == "response.output_item.done"][:2]
    assert [(call["name"], call["status"]) for call in calls] == [
        (SEARCH, "completed"),
        (SAMPLES, "failed"),
    ]
    assert calls[1]["output"] is None
    assert calls[1]["error"] == {
        "type": "mcp_tool_execution_error",
        "content": [{"type": "text", "text": f"Unknown tool: '{SAMPLES}'"}],
    }
    names = [e["type"] for e in events if e.get("item_id") == calls[1]["id"]]
    assert names[0] == "response.mcp_call.in_progress"
    assert names[-2:] == [
        "response.mcp_call_arguments.done",
        "response.mcp_call.failed",
    ]
    assert events[-1]["type"] == "response.completed"


# Which of a server's tools is called


def offering(**tools: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    def schema(properties: dict[str, Any]) -> dict[str, Any]:
        required = list(properties)
        return {"type": "object", "properties": properties, "required": required}

    entries = [
        {"name": name, "description": "", "input_schema": schema(properties)}
        for name, properties in tools.items()
    ]
    return {"s": entries}


TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("prompt", "tools", "called"),
    [
        (
            "Summarise https://a.example/b, please.",
            {"lookup": {"query": TEXT}, "fetch": {"url": TEXT}},
            [("fetch", {"url": "https://a.example/b"})],
        ),
        (
            "Delete the order 17.",
            {"never": {"x": {"enum": []}}, "delete_order": {"id": {"type": "integer"}}},
            [("delete_order", {"id": 17})],
        ),
        ("Hello.", {"fetch": {"url": TEXT}}, []),
    ],
)
def test_what_a_prompt_needs_is_called(
    prompt: str, tools: dict[str, Any], called: list[Any]
) -> None:
    turn = Turn([{"role": "user", "content": prompt}], servers=offering(**tools))
    made = list(standin.calls(turn, {"type": "mcp", "server_label": "s"}))
    assert made == [Call("mcp", given, name, "s") for name, given in called]
