"""Each tool plain and streamed: the same items, and every event that leads to them."""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import orjson
import pytest

from emulator.tests.conftest import GET_WEATHER, Client
from emulator.tests.resources.test_container_files import uploaded
from emulator.tests.tools.test_tool_choice import IMAGES, LEARN, NOTE
from responses_emulator.http import Pause

# What stands between `output_item.added` and `output_item.done` of each item, deltas in
# a row as one.
TEXT = [
    "content_part.added",
    "output_text.delta",
    "output_text.done",
    "content_part.done",
]
CITED = [*TEXT[:2], "output_text.annotation.added", *TEXT[2:]]
FUNCTION = ["function_call_arguments.delta", "function_call_arguments.done"]
LISTED = ["mcp_list_tools.in_progress", "mcp_list_tools.completed"]
SEARCHED = ["in_progress", "searching", "completed"]
RAN = [
    "code_interpreter_call.in_progress",
    "code_interpreter_call_code.delta",
    "code_interpreter_call_code.done",
    "code_interpreter_call.interpreting",
    "code_interpreter_call.completed",
]
PYTHON = {"type": "code_interpreter", "container": {"type": "auto"}}
DEFERRED = {**GET_WEATHER, "defer_loading": True}
CASES: dict[str, tuple[str, list[dict[str, Any]], list[tuple[str, list[str]]]]] = {
    "function": (
        "What's the weather in Oslo?",
        [GET_WEATHER],
        [("function_call", FUNCTION)],
    ),
    "functions side by side": (
        "What's the weather in Oslo and in Paris?",
        [GET_WEATHER],
        [("function_call", FUNCTION)] * 2,
    ),
    "custom": (
        "Take a note: `buy milk`.",
        [{**NOTE, "description": "Keep a note."}],
        [
            (
                "custom_tool_call",
                ["custom_tool_call_input.delta", "custom_tool_call_input.done"],
            )
        ],
    ),
    "file search": (
        "On which day is Gerda watered?",
        [{"type": "file_search"}],
        [
            ("file_search_call", [f"file_search_call.{step}" for step in SEARCHED]),
            ("message", CITED),
        ],
    ),
    "web search": (
        "Search the web for Azure Functions.",
        [{"type": "web_search"}],
        [
            ("web_search_call", [f"web_search_call.{step}" for step in SEARCHED]),
            ("message", CITED),
        ],
    ),
    "code interpreter": (
        "Use Python to compute 17 * 23.",
        [PYTHON],
        [
            ("code_interpreter_call", RAN),
            ("message", TEXT),
        ],
    ),
    "code interpreter with a file out": (
        "Compute 17 * 23 and save it as result.csv.",
        [PYTHON],
        [
            ("code_interpreter_call", RAN),
            ("message", CITED),
        ],
    ),
    "image generation": (
        "Draw a red cat.",
        [{"type": "image_generation", "partial_images": 2}],
        [
            (
                "image_generation_call",
                [
                    "image_generation_call.in_progress",
                    "image_generation_call.generating",
                    "image_generation_call.partial_image",
                    "image_generation_call.partial_image",
                    "image_generation_call.completed",
                ],
            ),
            ("message", TEXT),
        ],
    ),
    "mcp": (
        "What does Microsoft Learn say about Azure Functions?",
        [LEARN],
        [
            ("mcp_list_tools", LISTED),
            (
                "mcp_call",
                [
                    "mcp_call.in_progress",
                    "mcp_call_arguments.delta",
                    "mcp_call_arguments.done",
                    "mcp_call.completed",
                ],
            ),
            ("message", TEXT),
        ],
    ),
    "mcp with approval": (
        "What does Microsoft Learn say about Azure Functions?",
        [{**LEARN, "require_approval": "always"}],
        [("mcp_list_tools", LISTED), ("mcp_approval_request", [])],
    ),
    "shell": (
        "List the files in this folder.",
        [{"type": "shell"}],
        [
            (
                "shell_call",
                [
                    "shell_call_command.added",
                    "shell_call_command.delta",
                    "shell_call_command.done",
                ],
            )
        ],
    ),
    "local shell": (
        "List the files in this folder.",
        [{"type": "local_shell"}],
        [("local_shell_call", [])],
    ),
    "apply patch": (
        "Create a file a.txt that says 'Hi'.",
        [{"type": "apply_patch"}],
        [("apply_patch_call", [])],
    ),
    "computer": (
        "Open the page and search for otters.",
        [{"type": "computer"}],
        [("computer_call", [])],
    ),
    "tool search": (
        "What's the weather in Oslo?",
        [DEFERRED, {"type": "tool_search"}],
        [
            ("tool_search_call", []),
            ("tool_search_output", []),
            ("function_call", FUNCTION),
        ],
    ),
    "none": ("Count to 3.", [], [("message", TEXT)]),
}


def ask(client: Client, name: str, *, stream: bool) -> Any:
    prompt, tools, _ = CASES[name]
    if tools and tools[0]["type"] == "file_search":
        file = uploaded(client, b"Gerda is watered on Thursdays.", "a.txt")
        store = client.json("POST", "/vector_stores", {"file_ids": [file]})["id"]
        tools = [{**tools[0], "vector_store_ids": [store]}]
    body = {"model": "gpt-5.4-mini", "input": prompt, "tools": tools, "stream": stream}
    reply = client.send("POST", "/responses", body, **IMAGES)
    assert reply.status == 200, reply.body
    if isinstance(reply.body, bytes):
        return orjson.loads(reply.body)
    return [event for event in reply.body if not isinstance(event, Pause)]


def collapsed(events: list[dict[str, Any]]) -> Iterator[str]:
    """The events' names; of deltas in a row one, and of citations."""
    names = [event["type"].removeprefix("response.") for event in events]
    for name, same in groupby(names):
        yield from [name] if name.endswith((".delta", "annotation.added")) else same


def lasting(output: list[dict[str, Any]]) -> str:
    """Items without what is new each time: ids."""
    text = orjson.dumps(output, option=orjson.OPT_SORT_KEYS).decode()
    return re.sub(
        r"\b(assistant|file|cfile|cntr|call|vs|[a-z]{2,5})[-_]\w{16,}", "ID", text
    )


@pytest.mark.parametrize("name", CASES)
def test_a_tool_streams_its_whole_sequence(client: Client, name: str) -> None:
    events = ask(client, name, stream=True)
    expected = ["created", "in_progress"]
    for _, middle in CASES[name][2]:
        expected += ["output_item.added", *middle, "output_item.done"]
    assert list(collapsed(events)) == [*expected, "completed"]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    items = [e["item"] for e in events if e["type"] == "response.output_item.done"]
    assert [item["type"] for item in items] == [kind for kind, _ in CASES[name][2]]
    assert events[-1]["response"]["output"] == items


@pytest.mark.parametrize("name", CASES)
def test_deltas_make_up_what_is_done(client: Client, name: str) -> None:
    events = ask(client, name, stream=True)
    gathered: dict[tuple[str, int, int], str] = {}
    done = 0
    for event in events:
        kind, _, step = event["type"].rpartition(".")
        place = (kind, event.get("output_index", 0), event.get("content_index", 0))
        if step == "delta":
            gathered[place] = gathered.get(place, "") + event["delta"]
        elif step == "done" and place in gathered:
            whole = [
                event.get(k) for k in ("text", "arguments", "input", "code", "command")
            ]
            assert gathered[place] in whole
            done += 1
    assert done == len(gathered)


@pytest.mark.parametrize("name", CASES)
def test_a_tool_says_the_same_plain_and_streamed(client: Client, name: str) -> None:
    plain = ask(Client(), name, stream=False)
    streamed = ask(client, name, stream=True)[-1]["response"]
    assert lasting(plain["output"]) == lasting(streamed["output"])
    assert plain["usage"] == streamed["usage"]
    assert plain["status"] == streamed["status"] == "completed"
