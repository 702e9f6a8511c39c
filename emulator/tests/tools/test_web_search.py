"""Web search: what is searched for, what is cited, and what is said of it."""

from typing import Any

import pytest

from emulator.tests.conftest import Client, kinds, text
from responses_emulator.tools import web_search

QUESTION = "How tall is the Eiffel Tower?"
SOURCES = ["web_search_call.action.sources"]


def searched(
    client: Client, prompt: str = QUESTION, *, include: Any = (), **tool: Any
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The call and the message's one part."""
    response = client.create(
        prompt,
        model="gpt-5.4-mini",
        tools=[{"type": "web_search", **tool}],
        include=list(include),
    )
    call, message = response["output"]
    assert call["type"] == "web_search_call"
    return call, message["content"][0]


def test_the_answer_cites_pages_at_the_right_place(client: Client):
    call, part = searched(client, include=SOURCES)

    assert call["action"]["query"] == "How tall is the Eiffel Tower"
    assert "330 m" in part["text"]
    assert part["annotations"]
    for cited in part["annotations"]:
        assert cited["type"] == "url_citation"
        link = part["text"][cited["start_index"] : cited["end_index"]]
        assert link.startswith("([") and link.endswith(f"({cited['url']}))")
    assert part["annotations"][0]["title"] == "Eiffel Tower"
    urls = [source["url"] for source in call["action"]["sources"]]
    assert [cited["url"] for cited in part["annotations"]] == urls


def test_sources_come_only_when_asked_for(client: Client):
    assert "sources" not in searched(client)[0]["action"]
    assert "sources" in searched(client, include=SOURCES)[0]["action"]


def test_every_answer_says_that_nothing_was_fetched(client: Client):
    assert "emulator's own small catalogue" in searched(client)[1]["text"]
    call, part = searched(client, "Search the web for zyxwvut", include=SOURCES)
    assert call["action"]["sources"] == [] == part["annotations"]
    assert "emulator's own small catalogue" in part["text"]


def test_only_allowed_domains_and_those_below_are_searched(client: Client):
    prompt = "Search the web for Paris and its tower."
    domains = {"allowed_domains": ["wikipedia.org"]}
    call, _ = searched(client, prompt, include=SOURCES, filters=domains)
    urls = [source["url"] for source in call["action"]["sources"]]
    assert {"https://en.wikipedia.org/wiki/Paris"} <= set(urls)
    assert all(".wikipedia.org/" in url for url in urls)

    call, _ = searched(
        client, include=SOURCES, filters={"allowed_domains": ["example.com"]}
    )
    assert call["action"]["sources"] == []


def test_the_context_size_sets_how_many_pages_are_read(client: Client):
    prompt = "Search the web for sights in Paris, London and Munich."
    counts = [
        len(searched(client, prompt, search_context_size=size)[1]["annotations"])
        for size in ("low", "high")
    ]
    assert counts[0] == 1 < counts[1]


def test_the_location_is_searched_with_and_echoed(client: Client):
    place = {"type": "approximate", "city": "Munich", "country": "DE"}
    tool = {"type": "web_search", "user_location": place}
    response = client.create("What are the sights near me?", tools=[tool])
    [call] = [i for i in response["output"] if i["type"] == "web_search_call"]
    assert call["action"]["query"].endswith("Munich")
    assert "Bavaria" in text(response)
    assert response["tools"][0]["user_location"] == place
    assert response["tools"][0]["search_context_size"] == "medium"


def test_the_stream_has_every_event(client: Client):
    events = client.events(
        QUESTION, model="gpt-5.4-mini", tools=[{"type": "web_search"}]
    )
    kinds = [event["type"].removeprefix("response.") for event in events]
    assert kinds[2:7] == [
        "output_item.added",
        "web_search_call.in_progress",
        "web_search_call.searching",
        "web_search_call.completed",
        "output_item.done",
    ]
    assert "sources" not in events[6]["item"]["action"]
    added = [e for e in events if e["type"].endswith("annotation.added")]
    final = events[-1]["response"]["output"][1]["content"][0]
    assert [event["annotation"] for event in added] == final["annotations"]


@pytest.mark.parametrize(
    "type",
    [
        "web_search_2025_08_26",
        "web_search_preview",
        "web_search_preview_2025_03_11",
    ],
)
def test_the_earlier_names_are_served(client: Client, type: str):
    response = client.create(QUESTION, tools=[{"type": type}])
    assert "web_search_call" in kinds(response)
    assert response["tools"][0]["type"] == type


def test_small_talk_needs_no_search_unless_forced(client: Client):
    tools = [{"type": "web_search"}]
    prompt = "Tell me a joke."
    output = client.create(prompt, tools=tools, model="gpt-5.4-mini")["output"]
    assert [item["type"] for item in output] == ["message"]
    for choice in ("required", {"type": "web_search"}):
        output = client.create(
            prompt, tools=tools, tool_choice=choice, model="gpt-5.4-mini"
        )["output"]
        assert output[0]["type"] == "web_search_call"


def test_the_items_are_accepted_as_input(client: Client):
    tools = [{"type": "web_search"}]
    asked = {"role": "user", "content": QUESTION}
    first = client.create([asked], tools=tools, model="gpt-5.4-mini")
    thanks = {"role": "user", "content": "Thank you."}
    client.create([asked, *first["output"], thanks], tools=tools, model="gpt-5.4-mini")


def test_bad_settings_are_refused(client: Client):
    def param(**tool: Any) -> str:
        return client.refused(tools=[{"type": "web_search", **tool}])["param"]

    assert param(search_context_size="huge") == "tools[0].search_context_size"
    assert param(color=1) == "tools[0].color"
    many = {"allowed_domains": ["a.com"] * 101}
    assert param(filters=many) == "tools[0].filters.allowed_domains"
    blocked = {"blocked_domains": ["a.com"]}
    assert param(filters=blocked) == "tools[0].filters.blocked_domains"
    pictures = {"type": "web_search_preview", "search_content_types": ["image"]}
    assert client.refused(tools=[pictures])["code"] == "not_supported_by_emulator"


def test_a_word_that_a_page_is_about_is_worth_two_that_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Alike is first who stands first; who has less than half of the best is none."""
    pages = {
        "twice": {"title": "Zeppelin", "words": "hangar", "content": ""},
        "half": {"title": "", "words": "", "content": "zeppelin hangar"},
        "as much": {"title": "Hangar", "words": "", "content": ""},
        "too little": {"title": "", "words": "", "content": "zeppelin"},
    }

    def found(*names: str) -> list[str]:
        monkeypatch.setattr(web_search, "_catalogue", lambda: [pages[n] for n in names])
        known = {id(page): name for name, page in pages.items()}
        return [known[id(page)] for page in web_search.ranked("zeppelin hangar")]

    assert found("half", "as much", "twice") == ["twice", "half", "as much"]
    assert found("as much", "half") == ["as much", "half"]
    assert found("half", "as much") == ["half", "as much"]
    assert found("too little") == []
