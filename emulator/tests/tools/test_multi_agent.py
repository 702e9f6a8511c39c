"""Several agents: a preview, one made-up round."""

from typing import Any

import httpx2
import openai
import pytest

from emulator.tests.conftest import Client, kinds, parse
from responses_emulator.account import KEY
from responses_emulator.adapters.transport import Transport
from responses_emulator.http import Json

LIST = "Review these.\n- Alpha: two regions.\n- Beta: a standby.\n- Gamma: a backup."
ON = {"enabled": True}
PREVIEW = "/responses?beta=true&api-version=preview"


def body(input: object = LIST, **changes: Any) -> Json:
    return {"model": "gpt-6-luna", "input": input, "multi_agent": ON, **changes}


def run(client: Client, input: object = LIST, **changes: Any) -> list[Json]:
    return client.json("POST", PREVIEW, body(input, **changes))["output"]


def by(items: list[Json], type: str) -> list[Json]:
    return [item for item in items if item["type"] == type]


def test_each_point_of_a_list_has_an_agent_of_its_own(client: Client):
    output = run(client)
    actions = [item["action"] for item in by(output, "multi_agent_call")]
    assert actions == ["spawn_agent"] * 3 + ["wait_agent"]
    names = ["/root/alpha", "/root/beta", "/root/gamma"]
    told = by(output, "agent_message")
    assert [item["author"] for item in told] == names
    assert {item["recipient"] for item in told} == {"/root"}
    messages = by(output, "message")
    assert [item["agent"]["agent_name"] for item in messages] == [*names, "/root"]
    assert {item["phase"] for item in messages} == {"final_answer"}
    assert all(name in messages[-1]["content"][0]["text"] for name in names)


def test_calls_and_their_outputs_belong_together(client: Client):
    output = run(client)
    calls = by(output, "multi_agent_call")
    outputs = by(output, "multi_agent_call_output")
    assert [each["call_id"] for each in calls] == [each["call_id"] for each in outputs]


def test_what_agents_tell_each_other_is_encrypted(client: Client):
    [first, *_] = by(run(client), "agent_message")
    [part] = first["content"]
    assert part["type"] == "encrypted_content"
    opened = client.emulator.world.cipher.open(part["encrypted_content"])
    assert opened is not None
    assert opened.text == by(run(client), "message")[0]["content"][0]["text"]


def test_no_more_are_active_than_allowed(client: Client):
    two = {"enabled": True, "max_concurrent_subagents": 2}
    assert len(by(run(client, multi_agent=two), "agent_message")) == 2


@pytest.mark.parametrize("input", ["What is the capital of France?", "- One point."])
def test_who_has_nothing_to_divide_answers_alone(client: Client, input: str):
    output = run(client, input)
    assert by(output, "multi_agent_call") == []
    assert output[-1]["agent"] == {"agent_name": "/root"}
    assert output[-1]["phase"] == "final_answer"


def test_with_tools_the_root_calls_them(client: Client):
    tool = {"type": "function", "name": "review", "parameters": {}, "strict": False}
    output = run(client, tools=[tool], tool_choice="required")
    [call] = by(output, "function_call")
    assert call["agent"] == {"agent_name": "/root"}


def test_switched_off_there_are_no_agents(client: Client):
    off = run(client, multi_agent={"enabled": False})
    assert all("agent" not in item for item in off)


@pytest.mark.parametrize(
    ("changes", "param", "code"),
    [
        ({"model": "gpt-5.4-mini"}, "multi_agent", "unsupported_parameter"),
        ({"max_tool_calls": 3}, "max_tool_calls", "unsupported_parameter"),
        (
            {"reasoning": {"summary": "auto"}},
            "reasoning.summary",
            "unsupported_parameter",
        ),
        ({"multi_agent": {}}, "multi_agent.enabled", "missing_required_parameter"),
        (
            {"multi_agent": {**ON, "depth": 2}},
            "multi_agent.depth",
            "unknown_parameter",
        ),
    ],
)
def test_what_it_does_without(client: Client, changes: Json, param: str, code: str):
    status, error = client.error("POST", PREVIEW, body(**changes))
    assert (status, error["param"], error["code"]) == (400, param, code)


@pytest.mark.parametrize(
    "path", ["/responses", "/responses?api-version=v1", "/responses?beta=true"]
)
def test_without_the_preview_the_parameter_is_unknown(client: Client, path: str):
    status, error = client.error("POST", path, body())
    assert (status, error["code"]) == (400, "unknown_parameter")
    replayed = [*run(client), {"role": "user", "content": "And now?"}]
    status, error = client.error(
        "POST", path, {"model": "gpt-6-luna", "input": replayed}
    )
    assert (status, error["code"]) == (400, "invalid_value")


def test_a_run_is_gone_on_from_by_id_and_by_hand(client: Client):
    first = client.json("POST", PREVIEW, body())
    again = run(client, "And now?", previous_response_id=first["id"])
    assert again[-1]["agent"] == {"agent_name": "/root"}
    replayed = [*first["output"], {"role": "user", "content": "And now?"}]
    assert run(client, replayed)[-1]["type"] == "message"


def test_it_cannot_be_compacted(client: Client):
    sent = {"model": "gpt-6-luna", "input": run(client)}
    status, error = client.error("POST", "/responses/compact", sent)
    assert (status, error["param"]) == (400, "input")


def test_it_compacts_by_itself_when_it_gets_long(client: Client):
    long = [{"role": "user", "content": "word " * 200_000}]
    assert run(client, long)[-1]["type"] == "compaction"


def test_it_streams_and_runs_in_the_background(client: Client):
    reply = client.send("POST", PREVIEW, body(stream=True))
    done = [e for e in parse(reply) if e["type"] == "response.output_item.done"]
    types = [event["item"]["type"] for event in done]
    assert types == [item["type"] for item in run(client)]
    made = client.json("POST", PREVIEW, body(background=True))
    client.clock.now += 3
    shown = client.json("GET", f"/responses/{made['id']}?api-version=preview")
    assert kinds(shown) == types


def test_the_sdks_beta_client_reads_all_of_it(client: Client):
    sdk = openai.OpenAI(
        base_url="http://emulator/openai/v1/",
        api_key=KEY,
        default_query={"api-version": "preview"},
        http_client=httpx2.Client(transport=Transport(client.emulator.handle)),
        _strict_response_validation=True,
    )
    response = sdk.beta.responses.create(
        model="gpt-6-luna", input=LIST, multi_agent={"enabled": True}
    )
    kinds = {item.type for item in response.output}
    assert {"multi_agent_call", "agent_message", "message"} <= kinds
