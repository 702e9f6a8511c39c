"""Deep research: several searches and a report; nothing without a source of data."""

from typing import Any

import pytest

from emulator.tests.conftest import Client
from responses_emulator.account import deployment
from responses_emulator.http import Json

WEB = {"type": "web_search_preview"}
CODE = {"type": "code_interpreter", "container": {"type": "auto"}}
MCP = {
    "type": "mcp",
    "server_label": "docs",
    "server_url": "https://learn.microsoft.com/api/mcp",
    "require_approval": "never",
}
QUESTION = "The Eiffel Tower and Paris. How tall is the tower? Where does Munich lie?"


@pytest.fixture
def research(client: Client) -> Client:
    client.emulator.world.deployments["o3"] = deployment("o3=o3-deep-research")
    return client


def calls(response: Json) -> list[Json]:
    return [i for i in response["output"] if i["type"] == "web_search_call"]


@pytest.mark.parametrize("tools", [{}, {"tools": []}, {"tools": [CODE]}])
def test_a_source_of_data_is_needed(research: Client, tools: Json):
    error = research.refused("Hello.", model="o3", **tools)
    assert "You must include at least one" in error["message"]
    assert error["param"] == "tools"


@pytest.mark.parametrize("tools", [[WEB], [{"type": "web_search"}], [MCP], [WEB, CODE]])
def test_each_source_will_do(research: Client, tools: list[Json]):
    made = research.create(QUESTION, model="o3", tools=tools)
    assert made["output"][-1]["type"] == "message"


@pytest.mark.parametrize(
    ("tool", "param"),
    [
        ({"type": "function", "name": "f", "parameters": {}}, "tools"),
        ({**MCP, "require_approval": "always"}, "tools[1].require_approval"),
        ({**MCP, "require_approval": None}, "tools[1].require_approval"),
    ],
)
def test_it_asks_nobody_and_calls_no_functions(
    research: Client, tool: Json, param: str
):
    assert research.refused(model="o3", tools=[WEB, tool])["param"] == param


def test_it_searches_more_than_once_opens_pages_and_cites_them(research: Client):
    made = research.create(QUESTION, model="o3", tools=[WEB], background=True)
    assert made["status"] == "queued"
    research.clock.now += 3
    done = research.json("GET", f"/responses/{made['id']}")
    kinds = [call["action"]["type"] for call in calls(done)]
    assert kinds.count("search") >= 2
    assert kinds.count("open_page") >= 2
    [part] = done["output"][-1]["content"]
    cited = {note["url"] for note in part["annotations"]}
    opened = {c["action"]["url"] for c in calls(done) if "url" in c["action"]}
    assert opened == cited
    assert len(cited) >= 2


def test_even_small_talk_is_searched_for(research: Client):
    assert calls(
        research.create("Tell me a joke about otters.", model="o3", tools=[WEB])
    )


@pytest.mark.parametrize("most", [1, 2, 3])
def test_calls_are_bounded_by_the_request(research: Client, most: int):
    made = research.create(QUESTION, model="o3", tools=[WEB], max_tool_calls=most)
    assert len(calls(made)) == most


@pytest.mark.parametrize(
    ("reasoning", "searches"), [({"effort": "high"}, True), ({"effort": "low"}, False)]
)
def test_other_models_research_when_they_think_hard(
    client: Client, reasoning: Any, searches: bool
):
    made = client.create(
        "Sort out the Eiffel Tower. Sort out Munich.",
        model="gpt-6-luna",
        tools=[{"type": "web_search"}],
        reasoning=reasoning,
    )
    assert (len(calls(made)) > 1) is searches


def test_domains_hold_for_research_as_well(research: Client):
    tool = {"type": "web_search", "filters": {"allowed_domains": ["wikipedia.org"]}}
    made = research.create("James Webb. Paris.", model="o3", tools=[tool])
    [part] = made["output"][-1]["content"]
    assert part["annotations"]
    assert all("wikipedia.org/" in note["url"] for note in part["annotations"])
