import re

import pytest

from tests.samples.faults import ending_as

SAMPLES = ["responses-websearch-aoai-v1.py", "responses-websearch-entra-aoai-v1.py"]
STREAM = "responses-websearch-stream-sse-aoai-v1.py"

CITATION = {
    "type": "url_citation",
    "url": "https://example.com/a",
    "title": "A",
    "start_index": 0,
    "end_index": 1,
}


def answer(*annotations):
    text = {
        "type": "output_text",
        "text": "It says so.",
        "annotations": annotations,
        "logprobs": [],
    }
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [text],
    }


def search(**action):
    return {
        "id": "ws_1",
        "type": "web_search_call",
        "status": "searching",  # as Azure leaves it
        "action": action,
    }


@pytest.mark.parametrize("name", SAMPLES)
def test_websearch_searches_named_sites_and_links_what_it_cites(name, finish, service):
    output = finish(name)

    [body] = service.created()
    assert body["tools"] == [
        {
            "type": "web_search",
            "filters": {"allowed_domains": ["learn.microsoft.com"]},
            "user_location": {
                "type": "approximate",
                "country": "DE",
                "city": "Berlin",
            },
            "search_context_size": "low",
        }
    ]
    assert body["include"] == ["web_search_call.action.sources"]
    searched, *_, source = output.splitlines()
    assert re.fullmatch(r"Searched: \w.*\w \(pages found: \d+\)", searched)
    assert source.startswith("Source: ")
    assert "<https://learn.microsoft.com/" in source


@pytest.mark.parametrize("name", SAMPLES)
def test_websearch_shows_each_page_once_and_each_kind_of_action(name, run, service):
    service.answer = ending_as(
        service.emulator,
        status="completed",
        output=[
            search(type="search", query="old", sources=None),
            search(type="search", queries=["new", "newer"], sources=[]),
            search(type="open_page", url="https://example.com/a"),
            answer(CITATION, CITATION),
        ],
    )

    assert run(name).output.splitlines() == [
        "Searched: old (pages found: 0)",
        "Searched: new; newer (pages found: 0)",
        "It says so.",
        "Source: A <https://example.com/a>",
    ]


def test_websearch_stream_shows_the_search_then_the_answer_then_the_links(
    finish, service
):
    output = finish(STREAM)

    [body] = service.created()
    assert body["stream"] is True
    assert body["tools"] == [{"type": "web_search"}]
    first, *rest = output.splitlines()
    assert first == "Searching the web ..."
    [stored] = service.emulator.store.responses
    text = stored.body["output"][-1]["content"][0]["text"]
    assert output.startswith(f"{first}\n{text}\nSource: ")
    assert any("<https://learn.microsoft.com/" in line for line in rest)
