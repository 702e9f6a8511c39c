import pytest

from emulator.tests.conftest import GET_WEATHER, parse
from responses_emulator import events

CODE = {"type": "code_interpreter", "container": {"type": "auto"}}
DRAW = {"type": "image_generation"}
LEARN = {
    "type": "mcp",
    "server_label": "mslearn",
    "server_url": "https://learn.microsoft.com/api/mcp",
    "require_approval": "never",
}


def sequence(client, prompt, tool, **body):
    """The types of a stream's events between the lifecycle ones, repeats left out."""
    reply = client.send(
        "POST",
        "/responses",
        {
            "model": "gpt-5.4-mini",
            "input": prompt,
            "tools": [tool],
            "stream": True,
            **body,
        },
        x_ms_oai_image_generation_deployment="gpt-image-2.5-flare",
    )
    seen = [event["type"].removeprefix("response.") for event in parse(reply)]
    assert seen[:2] == ["created", "in_progress"]
    assert seen[-1] == "completed"
    return [
        kind for before, kind in zip(["", *seen], seen, strict=False) if kind != before
    ][2:-1]


MESSAGE = [
    "output_item.added",
    "content_part.added",
    "output_text.delta",
    "output_text.done",
    "content_part.done",
    "output_item.done",
]


@pytest.mark.parametrize(
    ("prompt", "tool", "expected"),
    [
        (
            "What is 17 * 23?",
            CODE,
            [
                "output_item.added",
                "code_interpreter_call.in_progress",
                "code_interpreter_call_code.delta",
                "code_interpreter_call_code.done",
                "code_interpreter_call.interpreting",
                "code_interpreter_call.completed",
                "output_item.done",
                *MESSAGE,
            ],
        ),
        (
            "Draw a house.",
            DRAW,
            [
                "output_item.added",
                "image_generation_call.in_progress",
                "image_generation_call.generating",
                "image_generation_call.completed",
                "output_item.done",
                *MESSAGE,
            ],
        ),
        (
            "Look up structured outputs.",
            LEARN,
            [
                "output_item.added",
                "mcp_list_tools.in_progress",
                "mcp_list_tools.completed",
                "output_item.done",
                "output_item.added",
                "mcp_call.in_progress",
                "mcp_call_arguments.delta",
                "mcp_call_arguments.done",
                "mcp_call.completed",
                "output_item.done",
                *MESSAGE,
            ],
        ),
        (
            "What's the weather in Oslo?",
            GET_WEATHER,
            [
                "output_item.added",
                "function_call_arguments.delta",
                "function_call_arguments.done",
                "output_item.done",
            ],
        ),
    ],
    ids=["code_interpreter", "image_generation", "mcp", "function"],
)
def test_a_tool_call_unfolds_in_the_services_order(client, prompt, tool, expected):
    assert sequence(client, prompt, tool) == expected


def test_reasoning_unfolds_part_by_part(client):
    stream = client.events("Hello.", reasoning={"summary": "auto"})

    item = next(e["item"] for e in stream if e["type"] == "response.output_item.done")
    for index, part in enumerate(item["summary"]):
        own = [event for event in stream if event.get("summary_index") == index]
        kinds = [event["type"].rpartition("summary_")[2] for event in own]
        deltas = "".join(event.get("delta", "") for event in own)
        assert (kinds[0], kinds[-2:]) == ("part.added", ["text.done", "part.done"])
        assert deltas == part["text"]


def test_a_refusal_is_streamed_as_one(client):
    shape = {
        "type": "object",
        "properties": {},
        "required": [],
        "additionalProperties": False,
    }
    refusal = {"type": "refusal", "refusal": "I cannot help with that."}
    client.emulator.reply_with({"content": [refusal]})
    stream = client.events(
        "How do I get into a house?",
        text={"format": {"type": "json_schema", "name": "a", "schema": shape}},
    )

    deltas = [e["delta"] for e in stream if e["type"] == "response.refusal.delta"]
    [done] = [e for e in stream if e["type"] == "response.refusal.done"]
    assert "".join(deltas) == done["refusal"]
    assert not any(e["type"].startswith("response.output_text") for e in stream)


def test_arguments_arrive_in_pieces_that_make_up_the_whole(client):
    stream = client.events("What's the weather in Oslo?", tools=[GET_WEATHER])

    name = "response.function_call_arguments"
    deltas = [e["delta"] for e in stream if e["type"] == f"{name}.delta"]
    [done] = [e for e in stream if e["type"] == f"{name}.done"]
    assert len(deltas) > 1
    assert "".join(deltas) == done["arguments"] == '{"city":"Oslo"}'
    assert "name" not in done


@pytest.mark.parametrize(
    "text", ["", " ", "a", "a b", " a  b \n", "é, ü!\n\n日本語 `x` 1.5%", "a" * 5000]
)
def test_tokens_make_up_the_text(text):
    assert "".join(events.tokens(text)) == text
