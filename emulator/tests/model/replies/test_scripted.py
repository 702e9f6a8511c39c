"""Replies that a test has written."""

import re
from typing import Any

import orjson
import pytest

from emulator.tests.conftest import GET_WEATHER, Client, text
from responses_emulator.http import Request
from responses_emulator.model.replies import scripted

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
    assert text(client.create()) != "It is raining."


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
        {
            "type": "mcp_call",
            "arguments": "{}",
            "name": "search",
            "server_label": "docs",
            "output": "Found.",
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


# An item as a test writes it, the beginning of its id, and whether it has a status.
KINDS = [
    ({"content": "Hi."}, "msg", True),
    ({"type": "reasoning"}, "rs", False),
    ({"type": "function_call", "name": "f", "arguments": "{}"}, "fc", True),
    ({"type": "custom_tool_call", "name": "f", "input": "a"}, "ctc", False),
    ({"type": "file_search_call", "queries": ["a"]}, "fs", True),
    (
        {"type": "web_search_call", "action": {"type": "search", "query": "a"}},
        "ws",
        True,
    ),
    (
        {"type": "code_interpreter_call", "code": "1", "container_id": "cntr_1"},
        "ci",
        True,
    ),
    ({"type": "image_generation_call", "result": "aGVsbG8="}, "ig", True),
    (
        {"type": "mcp_call", "name": "f", "arguments": "{}", "server_label": "s"},
        "mcp",
        True,
    ),
    ({"type": "mcp_list_tools", "server_label": "s", "tools": []}, "mcpl", False),
    (
        {"type": "mcp_approval_request", "name": "f", "arguments": "{}"}
        | {"server_label": "s"},
        "mcpr",
        False,
    ),
    ({"type": "shell_call", "action": {"commands": ["ls"]}}, "sh", True),
    (
        {
            "type": "local_shell_call",
            "action": {"type": "exec", "command": ["ls"], "env": {}},
        },
        "lsh",
        True,
    ),
    (
        {"type": "apply_patch_call", "operation": {"type": "delete_file", "path": "a"}},
        "apc",
        True,
    ),
    ({"type": "computer_call", "actions": [{"type": "screenshot"}]}, "cu", True),
    ({"type": "tool_search_call", "arguments": {"query": "a"}}, "tsc", True),
    ({"type": "tool_search_output", "tools": []}, "tso", True),
]
ANSWERED = {
    *("function_call", "custom_tool_call", "shell_call", "local_shell_call"),
    *("apply_patch_call", "computer_call"),
}


@pytest.mark.parametrize(("item", "prefix", "has_status"), KINDS)
def test_an_item_gets_what_its_kind_has(
    item: dict[str, Any], prefix: str, has_status: bool
) -> None:
    made = scripted.fresh(scripted.output_item(item, "output[0]"))
    assert re.fullmatch(f"{prefix}_[0-9a-f]{{48}}", made["id"])
    assert made.get("status") == ("completed" if has_status else None)
    is_answered = item.get("type") in ANSWERED
    assert bool(re.fullmatch("call_[0-9A-Za-z]{24}", made.get("call_id", ""))) is (
        is_answered
    )


def test_a_servers_call_may_have_failed(client: Client) -> None:
    call = {"type": "mcp_call", "name": "f", "arguments": "{}", "server_label": "s"}
    for error in (None, {"type": "http_error", "code": 500, "message": "No."}):
        client.emulator.reply_with({**call, "error": error})
        events = client.events()
        end = "failed" if error else "completed"
        assert events[-1]["response"]["output"][0]["status"] == end
        assert f"response.mcp_call.{end}" in [event["type"] for event in events]


def test_what_waits_is_counted_until_it_is_taken_or_cleared(client: Client) -> None:
    waiting = client.emulator.world.scripted
    client.emulator.reply_with("One.", times=2)
    client.emulator.reply_with("Two.")
    assert (len(waiting), waiting._held > 0) == (3, True)
    for left in (2, 1, 0):
        client.create()
        assert len(waiting) == left
    assert waiting._held == 0
    client.emulator.reply_with("Three.")
    waiting.clear()
    assert (len(waiting), waiting._held) == (0, 0)


def test_replies_come_in_their_order_and_as_often_as_asked(client: Client) -> None:
    client.emulator.reply_with("One.")
    client.emulator.reply_with("Two.", times=2)
    said = [text(client.create()) for _ in range(3)]
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


def test_what_waits_is_bounded_by_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = scripted.Scripted()
    monkeypatch.setattr(scripted, "MAX_REPLY_BYTES", 5_000)
    monkeypatch.setattr(scripted, "MAX_WAITING_BYTES", 6_000)
    with pytest.raises(ValueError, match="A reply has at most 0 MB"):
        waiting.add(["x" * 5_000])
    with pytest.raises(ValueError, match="at least one item"):
        waiting.add([])

    def fill() -> None:
        waiting.add(["x" * 2_000], times=2)
        with pytest.raises(ValueError, match="At most 0 MB of replies wait"):
            waiting.add(["x" * 3_000])
        assert len(waiting) == 2

    fill()
    assert waiting.take()
    assert len(waiting) == 1
    assert waiting.take()
    assert waiting.take() is None
    fill()
    waiting.clear()
    assert len(waiting) == 0
    fill()
