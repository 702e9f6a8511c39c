"""`tool_choice` in all its forms: what is forced is called, what is left out is not."""

from typing import Any

import orjson
import pytest

from emulator.tests.conftest import GET_WEATHER, Client, kinds
from emulator.tests.resources.test_container_files import uploaded

IMAGES = {"x_ms_oai_image_generation_deployment": "gpt-image-2.5-flare"}
LEARN = {
    "type": "mcp",
    "server_label": "learn",
    "server_url": "https://learn.microsoft.com/api/mcp",
    "require_approval": "never",
}
NOTE = {"type": "custom", "name": "take_note"}
NAMESPACE = {
    "type": "namespace",
    "name": "crm",
    "description": "Customers.",
    "tools": [{**GET_WEATHER, "name": "find_customer"}],
}
# Each tool, a choice of it, and the item that its call is.
TOOLS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    (GET_WEATHER, {"type": "function", "name": "get_weather"}, "function_call"),
    (NAMESPACE, {"type": "function", "name": "find_customer"}, "function_call"),
    (NOTE, {"type": "custom", "name": "take_note"}, "custom_tool_call"),
    (LEARN, {"type": "mcp", "server_label": "learn"}, "mcp_call"),
    (
        LEARN,
        {"type": "mcp", "server_label": "learn", "name": "microsoft_docs_search"},
        "mcp_call",
    ),
    ({"type": "web_search"}, {"type": "web_search"}, "web_search_call"),
    (
        {"type": "code_interpreter", "container": {"type": "auto"}},
        {"type": "code_interpreter"},
        "code_interpreter_call",
    ),
    (
        {"type": "image_generation"},
        {"type": "image_generation"},
        "image_generation_call",
    ),
    ({"type": "shell"}, {"type": "shell"}, "shell_call"),
    ({"type": "apply_patch"}, {"type": "apply_patch"}, "apply_patch_call"),
    ({"type": "computer"}, {"type": "computer"}, "computer_call"),
    ({"type": "file_search"}, {"type": "file_search"}, "file_search_call"),
]
IDS = [str(choice.get("name") or choice["type"]) for _, choice, _ in TOOLS]


def answered(
    client: Client, tools: list[dict[str, Any]], choice: Any, **body: Any
) -> list[str]:
    """The types of the items that a greeting gets, but for what precedes a call."""
    for tool in tools:
        if tool["type"] == "file_search" and "vector_store_ids" not in tool:
            file = uploaded(client, b"Hello. The office opens at nine.", "a.txt")
            store = client.json("POST", "/vector_stores", {"file_ids": [file]})["id"]
            tools = [{**tool, "vector_store_ids": [store]}]
    asked = {"model": "gpt-5-mini", "input": "Hello.", "tools": tools, **body}
    if choice is not None:
        asked["tool_choice"] = choice
    reply = client.send("POST", "/responses", asked, **IMAGES)
    assert reply.status == 200, reply.body
    assert isinstance(reply.body, bytes)
    return kinds(orjson.loads(reply.body))


@pytest.mark.parametrize(("tool", "choice", "call"), TOOLS, ids=IDS)
def test_a_tool_that_is_chosen_is_called(
    client: Client, tool: dict[str, Any], choice: dict[str, Any], call: str
) -> None:
    assert call in answered(client, [tool], choice)
    assert call in answered(client, [tool], "required")
    allowed = {"type": "allowed_tools", "tools": [choice]}
    assert call in answered(client, [tool], {**allowed, "mode": "required"})


@pytest.mark.parametrize(("tool", "choice", "call"), TOOLS, ids=IDS)
def test_a_tool_that_is_not_wanted_is_not_called(
    client: Client, tool: dict[str, Any], choice: dict[str, Any], call: str
) -> None:
    assert call not in answered(client, [tool], "none")
    if tool["type"] not in ("file_search", "image_generation"):  # who look anyway
        allowed = {"type": "allowed_tools", "mode": "auto", "tools": [choice]}
        assert call not in answered(client, [tool], allowed)
        assert call not in answered(client, [tool], "auto")
        assert call not in answered(client, [tool], None)


@pytest.mark.parametrize("choice", [choice for _, choice, _ in TOOLS], ids=IDS)
def test_a_choice_that_is_not_among_the_tools_is_a_400(
    client: Client, choice: dict[str, Any]
) -> None:
    other = {"type": "local_shell"}
    allowed = {"type": "allowed_tools", "mode": "auto", "tools": [choice]}
    for wrong in (choice, allowed):
        error = client.refused(tools=[other], tool_choice=wrong)
        assert error["param"] == "tool_choice"
        named = f"Tool choice '{wrong['type']}' not found in 'tools' parameter."
        assert error["message"] == named


def test_a_call_is_required_of_nobody_without_tools(client: Client) -> None:
    error = client.refused(tools=[], tool_choice="required")
    assert error["param"] == "tool_choice"
    assert "message" in answered(client, [], "none")


def test_of_two_tools_the_chosen_one_alone_is_called(client: Client) -> None:
    tools = [{"type": "web_search"}, LEARN]
    types = answered(client, tools, {"type": "mcp", "server_label": "learn"})
    assert "mcp_call" in types and "web_search_call" not in types
    types = answered(client, tools, {"type": "web_search"})
    assert "web_search_call" in types and "mcp_list_tools" not in types


@pytest.mark.parametrize(
    ("tool", "prompt"),
    [
        ({"type": "web_search"}, "Search the web for news about otters."),
        (LEARN, "What does Microsoft Learn say about Azure Functions?"),
        (
            {"type": "code_interpreter", "container": {"type": "auto"}},
            "Use Python to compute 17 * 23.",
        ),
        ({"type": "image_generation"}, "Draw a red cat."),
        ({"type": "file_search"}, "At what time does the office open?"),
    ],
    ids=lambda value: value["type"] if isinstance(value, dict) else "",
)
def test_max_tool_calls_of_1_leaves_one_call_of_a_hosted_tool(
    client: Client, tool: dict[str, Any], prompt: str
) -> None:
    calls = [
        [t for t in answered(client, [tool], None, input=prompt, **most) if "call" in t]
        for most in ({}, {"max_tool_calls": 1})
    ]
    assert [len(each) for each in calls] == [1, 1]
