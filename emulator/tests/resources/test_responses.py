import base64
import json
import re

import pytest

from emulator.tests.conftest import GET_WEATHER, Client, kinds, parse, text
from emulator.tests.tools.test_caller_tools import SCREENSHOT
from responses_emulator.resources import conversation

# Create


def test_the_same_question_gets_the_same_answer_under_a_fresh_id(client):
    first, second = client.create("Tell me a joke."), client.create("Tell me a joke.")

    assert text(first) == text(second)
    assert first["id"] != second["id"]
    assert re.fullmatch(r"resp_[0-9a-f]{48}", first["id"])


def test_settings_are_echoed_and_the_rest_has_the_services_defaults(client):
    response = client.create(
        instructions="Be brief.",
        max_output_tokens=500,
        metadata={"a": "b"},
        reasoning={"effort": "low", "summary": "auto"},
        parallel_tool_calls=False,
        truncation="auto",
        user="somebody",
    )

    assert response["instructions"] == "Be brief."
    assert response["max_output_tokens"] == 500
    assert response["metadata"] == {"a": "b"}
    assert response["reasoning"] == {"effort": "low", "summary": "detailed"}
    assert response["parallel_tool_calls"] is False
    assert response["truncation"] == "auto"
    assert response["user"] == "somebody"
    assert response["model"] == "gpt-5-mini"
    assert response["store"] is True
    assert response["tool_choice"] == "auto"
    assert response["text"] == {"format": {"type": "text"}, "verbosity": "medium"}
    assert response["background"] is False


def test_a_good_answer_carries_content_filters_as_on_azure(client):
    prompt, completion = client.create()["content_filters"]

    assert prompt["source_type"] == "prompt"
    assert prompt["content_filter_results"]["jailbreak"]["detected"] is False
    assert completion["source_type"] == "completion"
    for entry in (prompt, completion):
        assert entry["blocked"] is False
        assert entry["content_filter_results"]["violence"] == {
            "filtered": False,
            "severity": "safe",
        }


def test_usage_adds_up_and_grows_with_the_input(client):
    short = client.create("Hello.")["usage"]
    long = client.create("Hello. " * 100)["usage"]

    assert long["input_tokens"] > short["input_tokens"] + 100
    for usage in (short, long):
        assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]
        thought = usage["output_tokens_details"]["reasoning_tokens"]
        assert 0 < thought < usage["output_tokens"]


@pytest.mark.parametrize(
    ("effort", "thinks"), [("minimal", False), ("low", True), ("high", True)]
)
def test_effort_decides_how_much_is_thought(client, effort, thinks):
    response = client.create(reasoning={"effort": effort})

    assert ("reasoning" in kinds(response)) is thinks
    details = response["usage"]["output_tokens_details"]
    assert (details["reasoning_tokens"] > 0) is thinks


def test_a_summary_comes_only_when_asked_for(client):
    assert client.create()["output"][0]["summary"] == []
    asked = client.create(reasoning={"summary": "auto"})["output"][0]["summary"]
    assert asked
    assert all(part["type"] == "summary_text" for part in asked)


def test_an_answer_is_cut_at_max_output_tokens(client):
    response = client.create(
        "Write a long story about otters.",
        reasoning={"effort": "low"},
        max_output_tokens=80,
    )

    assert response["status"] == "incomplete"
    assert response["incomplete_details"] == {"reason": "max_output_tokens"}
    assert response["output"][-1]["status"] == "incomplete"
    assert len(text(response)) == (80 - 64) * 4
    assert response["usage"]["output_tokens"] == 80


def test_thinking_can_take_every_token(client):
    response = client.create(reasoning={"effort": "high"}, max_output_tokens=16)

    assert response["status"] == "incomplete"
    assert kinds(response) == ["reasoning"]
    assert response["usage"]["output_tokens"] == 0  # not one whole step of 64


def test_input_may_be_a_list_of_turns_without_types(client):
    response = client.create(
        [
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": "My name is Ada."},
            {"role": "assistant", "content": "Hello Ada."},
            {
                "role": "user",
                "content": [{"type": "input_text", "text": "What is my name?"}],
            },
        ]
    )

    assert "Ada" in text(response)


def test_a_dated_version_seals_what_was_thought(client):
    client.base = "/openai"
    path = "/responses?api-version=2025-04-01-preview"
    asked = {
        "model": "gpt-5-mini",
        "store": False,
        "include": ["reasoning.encrypted_content"],
    }
    made = client.json("POST", path, {**asked, "input": "My name is Ada."})
    assert made["output"][0]["encrypted_content"]
    history = [*made["output"], {"role": "user", "content": "Go on."}]
    made = client.json("POST", path, {**asked, "input": history})
    assert made["status"] == "completed"


# Chains and storage


def test_a_chain_remembers_over_several_turns(client):
    first = client.create("My name is Ada.")
    second = client.create("Tell me a joke.", previous_response_id=first["id"])
    third = client.create("What is my name?", previous_response_id=second["id"])

    assert "Ada" in text(third)
    assert third["previous_response_id"] == second["id"]
    assert third["usage"]["input_tokens"] > first["usage"]["input_tokens"]
    assert "Ada" not in text(client.create("What is my name?"))


def test_instructions_are_not_carried_over(client):
    first = client.create("Hello.", instructions="x" * 4000)
    second = client.create("Hello.", previous_response_id=first["id"])

    assert second["instructions"] is None
    assert second["usage"]["input_tokens"] < first["usage"]["input_tokens"]


def test_deleting_a_link_breaks_the_chain(client):
    first = client.create("My name is Ada.")
    second = client.create("Hello.", previous_response_id=first["id"])
    client.json("DELETE", f"/responses/{first['id']}")

    error = client.refused("Hello.", previous_response_id=second["id"])
    assert error["code"] == "previous_response_not_found"


def test_a_stored_response_can_be_retrieved_until_it_is_deleted(client):
    created = client.create()
    path = f"/responses/{created['id']}"

    assert client.json("GET", path) == created
    assert client.json("DELETE", path)["deleted"] is True
    assert client.error("GET", path)[0] == 404
    assert client.error("DELETE", path)[0] == 404


def test_nothing_is_kept_of_a_response_that_is_not_stored(client):
    created = client.create(store=False)

    assert created["store"] is False
    assert client.error("GET", f"/responses/{created['id']}")[0] == 404
    assert len(client.emulator.store.responses) == 0


def test_input_items_are_listed_newest_first_unless_asked_otherwise(client):
    turns = [{"role": "user", "content": str(number)} for number in range(3)]
    path = f"/responses/{client.create(turns)['id']}/input_items"

    newest_first = client.json("GET", path)
    oldest_first = client.json("GET", f"{path}?order=asc&limit=2")

    def said(page):
        return [item["content"][0]["text"] for item in page["data"]]

    assert said(newest_first) == ["2", "1", "0"]
    assert (said(oldest_first), oldest_first["has_more"]) == (["0", "1"], True)
    after = oldest_first["last_id"]
    assert said(client.json("GET", f"{path}?order=asc&after={after}")) == ["2"]


def test_encrypted_reasoning_goes_round_and_only_here(client):
    options = {"store": False, "include": ["reasoning.encrypted_content"]}
    first = client.create("My name is Ada.", **options)
    history = [
        {"role": "user", "content": "My name is Ada."},
        *first["output"],
        {"role": "user", "content": "What is my name?"},
    ]

    assert "Ada" in text(client.create(history, **options))
    error = Client().refused(history, **options)
    assert error["code"] == "invalid_encrypted_content"
    assert error["param"] is None


def test_reasoning_that_was_not_kept_is_not_found(client):
    first = client.create("Hello.", store=False)
    status, error = client.error(
        "POST", "/responses", {"model": "gpt-5-mini", "input": first["output"]}
    )

    assert status == 400  # 404 on OpenAI's own service
    assert "Items are not persisted when `store` is set to false" in error["message"]


@pytest.mark.parametrize("type", [{"type": "item_reference"}, {"type": None}, {}])
def test_an_item_can_be_sent_by_reference(client, type):
    first = client.create("My name is Ada.")
    [item] = client.json("GET", f"/responses/{first['id']}/input_items")["data"]

    answer = client.create(
        [
            {"id": item["id"], **type},
            {"role": "user", "content": "What is my name?"},
        ]
    )

    assert "Ada" in text(answer)


def test_a_message_with_an_id_and_without_a_type_is_a_message(client):
    answer = client.create(
        [
            {"id": "msg_1", "role": "user", "content": "My name is Ada."},
            {"id": "msg_2", "role": "assistant", "content": "Hello, Ada."},
            {"role": "user", "content": "What is my name?"},
        ]
    )

    assert "Ada" in text(answer)


# Function tools


def test_a_function_is_called_and_its_result_is_used(client):
    first = client.create("What's the weather in Oslo?", tools=[GET_WEATHER])
    call = first["output"][-1]
    assert (call["type"], call["name"]) == ("function_call", "get_weather")
    assert call["arguments"] == '{"city":"Oslo"}'

    output = {
        "type": "function_call_output",
        "call_id": call["call_id"],
        "output": '{"temperature": "3 °C"}',
    }
    second = client.create(
        [output], previous_response_id=first["id"], tools=[GET_WEATHER]
    )

    assert kinds(second) == ["message"]
    assert "3 °C" in text(second)


def test_parallel_calls_can_be_switched_off(client):
    question = "What's the weather in Oslo and in Paris?"
    many = client.create(question, tools=[GET_WEATHER])
    one = client.create(question, tools=[GET_WEATHER], parallel_tool_calls=False)

    assert kinds(many).count("function_call") == 2
    assert kinds(one).count("function_call") == 1


def test_minimal_effort_knows_no_parallel_calls(client):
    question = "What's the weather in Oslo and in Paris?"
    response = client.create(
        question, tools=[GET_WEATHER], reasoning={"effort": "minimal"}
    )

    assert kinds(response).count("function_call") == 1


def test_a_call_without_a_result_is_refused(client):
    first = client.create("What's the weather in Oslo?", tools=[GET_WEATHER])

    error = client.refused("And now?", previous_response_id=first["id"])
    assert "No tool output found" in error["message"]


# Formats


def test_an_answer_keeps_to_a_json_schema(client):
    import orjson

    shape = {
        "type": "object",
        "properties": {"answer": {"type": "string"}, "sure": {"type": "boolean"}},
        "required": ["answer", "sure"],
        "additionalProperties": False,
    }
    response = client.create(
        text={"format": {"type": "json_schema", "name": "a", "schema": shape}}
    )

    answer = orjson.loads(text(response))
    assert isinstance(answer["answer"], str)
    assert isinstance(answer["sure"], bool)


# Files and pictures in the input


def question(part):
    return [
        {
            "role": "user",
            "content": [part, {"type": "input_text", "text": "What is the secret?"}],
        }
    ]


def test_a_text_file_is_answered_from(client):
    data = base64.b64encode(b"Our plan\n\nThe secret is a blue door.\n").decode()
    response = client.create(
        question(
            {
                "type": "input_file",
                "filename": "plan.txt",
                "file_data": f"data:text/plain;base64,{data}",
            }
        )
    )

    assert "blue door" in text(response)


def test_a_file_is_still_known_in_the_next_turn_and_small_talk_goes_on(client):
    data = base64.b64encode(b"Our plan\n\nThe secret is a blue door.\n").decode()
    file = {
        "type": "input_file",
        "filename": "plan.txt",
        "file_data": f"data:text/plain;base64,{data}",
    }
    first = client.create(question(file))
    follow_up = {"previous_response_id": first["id"]}

    assert "blue door" in text(client.create("And the secret?", **follow_up))
    assert "plan" not in text(client.create("Hello!", **follow_up))


def test_a_question_that_the_file_does_not_answer_is_said_to_be_so(client):
    data = base64.b64encode(b"Tulips are planted in October.\n").decode()
    file = {
        "type": "input_file",
        "filename": "garden.txt",
        "file_data": f"data:text/plain;base64,{data}",
    }

    assert "not" in text(client.create(question(file)))


def test_items_are_listed_as_the_service_fills_them_in(client):
    said = {"type": "output_text", "text": "I look it up.", "annotations": []}
    earlier = {"type": "message", "id": "msg_1", "status": "completed"}
    earlier |= {"role": "assistant", "content": [said]}
    call = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    created = client.create(
        [
            {"role": "user", "content": "Hello."},
            {**earlier, "phase": "commentary"},
            {**call, "status": None},
            {"type": "function_call_output", "call_id": "c", "output": "1"},
        ]
    )
    path = f"/responses/{created['id']}/input_items?order=asc"
    _, message, called, result = client.json("GET", path)["data"]

    assert message["phase"] == "commentary"
    assert message["content"] == [{**said, "logprobs": []}]
    assert called == {**call, "id": called["id"], "status": "completed"}
    assert result["status"] == "completed"


PRINTED = {"stdout": "a", "stderr": "", "outcome": {"type": "exit", "exit_code": 0}}
DONE = {"status": "completed"}
# An item that a client writes, the beginning of the id that it gets, and what is filled
# in. Calls and their outputs belong together.
WRITTEN = [
    (
        {"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"},
        "fc",
        DONE,
    ),
    ({"type": "function_call_output", "call_id": "a", "output": "1"}, "fco", DONE),
    (
        {"type": "custom_tool_call", "call_id": "b", "name": "g", "input": "1"},
        "ctc",
        {},
    ),
    ({"type": "custom_tool_call_output", "call_id": "b", "output": "1"}, "ctco", {}),
    (
        {"type": "shell_call", "call_id": "c", "action": {"commands": ["ls"]}},
        "sh",
        {
            "action": {
                "commands": ["ls"],
                "timeout_ms": None,
                "max_output_length": None,
            },
            "environment": None,
            **DONE,
        },
    ),
    (
        {"type": "shell_call_output", "call_id": "c", "output": [PRINTED]},
        "sho",
        {"max_output_length": None, **DONE},
    ),
    (
        {
            "type": "apply_patch_call",
            "call_id": "d",
            "operation": {"type": "delete_file", "path": "a"},
            "status": "completed",
        },
        "apc",
        {},
    ),
    (
        {"type": "apply_patch_call_output", "call_id": "d", "status": "completed"},
        "apco",
        {"output": None},
    ),
    (
        {
            "type": "computer_call",
            "call_id": "e",
            "actions": [{"type": "screenshot"}],
            "status": "completed",
        },
        "cu",
        {"pending_safety_checks": []},
    ),
    (
        {
            "type": "computer_call_output",
            "call_id": "e",
            "output": {"type": "computer_screenshot", "image_url": SCREENSHOT},
        },
        "cuo",
        DONE,
    ),
    (
        {"type": "tool_search_call", "arguments": {"query": "q"}},
        "tsc",
        {"call_id": None, "execution": "server", **DONE},
    ),
    (
        {"type": "tool_search_output", "execution": "server", "tools": []},
        "tso",
        {"call_id": None, **DONE},
    ),
    (
        {
            "type": "mcp_approval_response",
            "approval_request_id": "mcpr_1",
            "approve": False,
        },
        "mcpa",
        {},
    ),
    (
        {"type": "mcp_approval_request", "arguments": "{}", "name": "f"}
        | {"server_label": "s"},
        "mcpr",
        {},
    ),
    ({"type": "mcp_call", "arguments": "{}", "name": "f"}, "mcp", {}),
    ({"type": "mcp_list_tools", "server_label": "s", "tools": []}, "mcpl", {}),
    ({"type": "file_search_call", "queries": ["q"]}, "fs", DONE),
    ({"type": "web_search_call", "status": None}, "ws", DONE),
    (
        {"type": "code_interpreter_call", "container_id": "c"},
        "ci",
        {"code": None, **DONE},
    ),
    (
        {"type": "image_generation_call", "status": "generating"},
        "ig",
        {"result": None},
    ),
    ({"type": "local_shell_call", "call_id": "f", "action": {}}, "lsh", DONE),
    ({"type": "local_shell_call_output", "output": "1"}, "lsho", DONE),
    ({"type": "multi_agent_call", "action": "wait_agent"}, "mac", {}),
    ({"type": "multi_agent_call_output", "output": []}, "maco", {}),
    ({"type": "agent_message", "author": "/root/a"}, "amsg", {}),
]


def test_a_text_is_the_content_of_whoever_speaks(client):
    said = [{"role": role, "content": "Hi."} for role in ("user", "assistant")]
    kept = conversation.new_items(client.emulator.world, said)

    empty = {"annotations": [], "logprobs": []}
    assert [item["content"] for item in kept] == [
        [{"type": "input_text", "text": "Hi."}],
        [{"type": "output_text", "text": "Hi.", **empty}],
    ]


def test_what_a_client_writes_itself_gets_ids_of_its_kind_and_what_it_lacks(client):
    items = [item for item, _, _ in WRITTEN]
    kept = conversation.new_items(client.emulator.world, items)

    for item, (sent, prefix, filled_in) in zip(kept, WRITTEN, strict=True):
        assert re.fullmatch(f"{prefix}_[0-9a-f]{{48}}", item["id"]), item
        assert item == {"id": item["id"], **sent, **filled_in}


def test_json_without_a_schema_is_asked_for_in_words(client):
    format = {"format": {"type": "json_object"}}
    asked = client.create("Hello, as JSON.", text=format)
    assert isinstance(json.loads(text(asked)), dict)
    follow_up = {"text": format, "previous_response_id": asked["id"]}
    assert client.create("Once more.", **follow_up)["status"] == "completed"
    told = client.create("Hello.", text=format, instructions="Answer in JSON.")
    assert told["status"] == "completed"


# Background


def test_background_moves_by_the_clock_alone(client):
    created = client.create("Hello.", background=True)
    path = f"/responses/{created['id']}"
    assert (created["status"], created["output"]) == ("queued", [])
    assert client.json("GET", path)["status"] == "queued"

    client.clock.now += 1
    running = client.json("GET", path)
    assert (running["status"], running["output"], running["usage"]) == (
        "in_progress",
        [],
        None,
    )

    client.clock.now += 3
    done = client.json("GET", path)
    assert done["status"] == "completed"
    assert kinds(done)[-1] == "message"


def test_background_can_be_cancelled_twice_and_stays_cancelled(client):
    created = client.create("Hello.", background=True)
    path = f"/responses/{created['id']}"

    for _ in range(2):
        cancelled = client.json("POST", f"{path}/cancel")
        assert (cancelled["status"], cancelled["output"]) == ("cancelled", [])
    client.clock.now += 100
    assert client.json("GET", path)["status"] == "cancelled"


def test_cancelling_what_is_done_changes_nothing(client):
    created = client.create("Hello.", background=True)
    client.clock.now += 100

    assert (
        client.json("POST", f"/responses/{created['id']}/cancel")["status"]
        == "completed"
    )


def test_a_foreground_response_cannot_be_cancelled(client):
    created = client.create()

    status, error = client.error("POST", f"/responses/{created['id']}/cancel")
    assert status == 400
    assert "background" in error["message"]


# Streams


def test_a_stream_ends_in_what_is_stored(client):
    events = client.events("Tell me a joke.")

    assert [e["sequence_number"] for e in events] == list(range(len(events)))
    assert events[0]["type"] == "response.created"
    assert events[0]["response"]["output"] == []
    assert events[1]["type"] == "response.in_progress"
    last = events[-1]
    assert last["type"] == "response.completed"
    assert (
        client.json("GET", f"/responses/{last['response']['id']}") == last["response"]
    )
    deltas = [e["delta"] for e in events if e["type"] == "response.output_text.delta"]
    assert "".join(deltas) == text(last["response"])


def test_a_streamed_answer_is_the_plain_one(client):
    plain = client.create("Tell me a joke.")
    streamed = client.events("Tell me a joke.")[-1]["response"]

    assert text(plain) == text(streamed)
    assert plain["usage"] == streamed["usage"]


def test_obfuscation_can_be_switched_off(client):
    with_it = client.events()
    without = client.events(stream_options={"include_obfuscation": False})

    assert any("obfuscation" in event for event in with_it)
    assert not any("obfuscation" in event for event in without)


def test_a_cut_stream_ends_as_incomplete(client):
    events = client.events("Write a long story about otters.", max_output_tokens=150)

    assert events[-1]["type"] == "response.incomplete"


def test_a_stream_is_made_while_it_is_read(client):
    body = {"model": "gpt-5-mini", "input": "Hello.", "stream": True}
    reply = client.send("POST", "/responses", body)
    events = parse(reply)
    first = next(events)

    path = f"/responses/{first['response']['id']}"
    assert client.json("GET", path)["status"] == "in_progress"
    list(events)
    assert client.json("GET", path)["status"] == "completed"


def test_leaving_a_stream_early_cancels_the_response(client):
    body = {"model": "gpt-5-mini", "input": "Hello.", "stream": True}
    reply = client.send("POST", "/responses", body)
    first = next(parse(reply))
    reply.body.close()

    path = f"/responses/{first['response']['id']}"
    assert client.json("GET", path)["status"] == "cancelled"


@pytest.mark.parametrize("background", [False, True])
def test_what_was_not_streamed_cannot_be_resumed(client, background):
    created = client.create(background=background)

    path = f"/responses/{created['id']}"
    status, error = client.error("GET", f"{path}?stream=true")
    assert (status, error["param"]) == (400, "stream")


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("?stream=perhaps", "stream"),
        ("?starting_after=x", "starting_after"),
        ("?include[]=everything", "include[0]"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(client, query, param):
    created = client.create()

    status, error = client.error("GET", f"/responses/{created['id']}{query}")
    assert (status, error["param"]) == (400, param)


def test_a_resumed_stream_can_leave_out_obfuscation(client):
    events = client.events(background=True)
    path = f"/responses/{events[0]['response']['id']}"

    query = "?stream=true&include_obfuscation=false"
    resumed = list(parse(client.send("GET", path + query), client.clock.sleep))
    assert [event["type"] for event in resumed] == [event["type"] for event in events]
    assert not any("obfuscation" in event for event in resumed)
