"""The stand-in for remote MCP servers: its tools, its results and its honesty."""

import json
from typing import Any

import pytest

from emulator.tests.conftest import Client
from responses_emulator.model.items import Item
from responses_emulator.model.standin.searches import pages_in
from responses_emulator.tools.mcp import unreachable
from responses_emulator.tools.mslearn import (
    FETCH,
    LEARN,
    MAX_RESULTS,
    NOTE,
    SAMPLES,
    SEARCH,
    call,
    catalogue,
    is_learn,
    list_tools,
)

TOOLS = list_tools()


def results(name: str, **arguments: str) -> list[Item]:
    return json.loads(call(name, arguments))["results"]


def test_the_server_of_microsoft_learn_has_its_three_tools():
    assert [tool["name"] for tool in TOOLS] == [
        "microsoft_docs_search",
        "microsoft_code_sample_search",
        "microsoft_docs_fetch",
    ]
    for tool in TOOLS:
        assert tool["description"]
        hints = dict(tool["annotations"])
        assert hints.pop("title").startswith("Microsoft ")
        assert hints == {
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": True,
        }
        schema = tool["input_schema"]
        needed = "url" if tool["name"] == FETCH else "query"
        assert schema.keys() == {
            *("type", "properties", "required", "additionalProperties")
        }
        assert (schema["type"], schema["required"]) == ("object", [needed])
        assert schema["additionalProperties"] is False
        assert {each["type"] for each in schema["properties"].values()} == {"string"}
    [samples] = [tool for tool in TOOLS if tool["name"] == SAMPLES]
    assert samples["input_schema"]["properties"]["language"]["enum"] == [
        *("csharp", "javascript", "typescript", "python", "powershell", "azurecli"),
        *("al", "sql", "java", "kusto", "cpp", "go", "rust", "ruby", "php"),
    ]


@pytest.mark.parametrize(
    "url",
    [LEARN, LEARN + "/", "https://LEARN.microsoft.com/api/mcp?a=1"],
)
def test_the_server_is_known_by_any_spelling_of_its_address(url: str):
    assert is_learn(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://learn.microsoft.com/api/mcp",
        "https://learn.microsoft.com.example/api/mcp",
        "https://example.com/mcp",
        "https://[",
    ],
)
def test_another_server_is_answered_with_the_error_of_the_service(url: str):
    assert not is_learn(url)
    error = unreachable("my_server")
    assert error.status == 424
    assert error.body == {
        "error": {
            "message": "Error retrieving tool list from MCP server: 'my_server'. Http "
            "status code: 424 (Failed Dependency)",
            "type": "external_connector_error",
            "param": "tools",
            "code": "http_error",
        }
    }


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("What is the Responses API?", "Use the Azure OpenAI Responses API"),
        ("which api version should I use", "API version lifecycle of Azure OpenAI"),
        ("structured outputs", "Structured outputs"),
        ("keyless sign in with Entra ID", "Sign in to Azure OpenAI without keys"),
        ("429 rate limit", "Quotas and limits of Azure OpenAI"),
    ],
)
def test_a_search_finds_the_page_on_the_topic_first(query: str, title: str):
    found = results(SEARCH, query=query)
    assert found[0]["title"].startswith(title)
    assert set(found[0]) == {"title", "content", "contentUrl"}
    assert len(found) <= MAX_RESULTS


def test_a_search_for_something_else_finds_nothing():
    assert results(SEARCH, query="the capital of Atlantis") == []
    article = catalogue()[0]["content"].lower()
    assert "generation" in article  # one word of a page is too little
    assert results(SEARCH, query="generation") == []


def test_code_samples_are_of_the_language_asked_for():
    found = results(SAMPLES, query="identity role", language="azurecli")
    assert found
    assert {sample["language"] for sample in found} == {"azurecli"}
    assert "az role assignment create" in found[0]["codeSnippet"]
    assert results(SAMPLES, query="identity role", language="rust") == []
    assert results(SAMPLES, query="responses api")[0]["language"] == "python"
    every = results(SAMPLES, query="responses api", language="klingon")
    assert every == results(SAMPLES, query="responses api")
    keys = {"description", "codeSnippet", "link", "language"}
    assert all(sample.keys() == keys for sample in every)
    assert len(every) <= MAX_RESULTS


def test_an_article_is_fetched_by_its_address_in_any_of_its_forms():
    page = "https://learn.microsoft.com/en-us/azure/foundry/openai/how-to/quota"
    article = call(FETCH, {"url": page})
    assert article.startswith("# Quotas and limits")
    short = page.replace("/en-us", "") + "/?tabs=rest#limits"
    assert call(FETCH, {"url": short}) == article
    missing = call(FETCH, {"url": page + "-not"})
    assert missing.startswith("The emulator has no article for")


def test_every_output_says_where_it_comes_from():
    for name, arguments in (
        (SEARCH, {"query": "quota"}),
        (SAMPLES, {"query": "quota"}),
        (
            FETCH,
            {
                "url": "https://learn.microsoft.com/en-us/azure/foundry/openai/how-to/quota"
            },
        ),
    ):
        assert NOTE in call(name, arguments)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        (SEARCH, {}),
        (SEARCH, {"query": 7}),
        (SAMPLES, {"query": "  "}),
        (FETCH, {"query": "quota"}),
        ("no_such_tool", {"query": "quota"}),
    ],
)
def test_a_wrong_call_is_told_in_the_output(name: str, arguments: dict[str, Any]):
    output = call(name, arguments)
    assert "needs the argument" in output or "Unknown tool" in output


ARTICLE = "https://learn.microsoft.com/en-us/azure/foundry/openai/how-to/quota"


def asked(
    client: Client, prompt: str, **tool: Any
) -> tuple[list[tuple[str, Item]], str]:
    """The calls that the stand-in makes, and what it says."""
    server = {"type": "mcp", "server_label": "learn", "server_url": LEARN}
    tools = [{**server, "require_approval": "never", **tool}]
    output = client.create(prompt, tools=tools)["output"]
    calls = [
        (item["name"], json.loads(item["arguments"]))
        for item in output
        if item["type"] == "mcp_call"
    ]
    return calls, output[-1]["content"][0]["text"]


@pytest.mark.parametrize(
    ("prompt", "query"),
    [
        ("What is the Responses API?", "What is the Responses API"),
        ("How big is a blob? Look it up.", "How big is a blob"),
        ("Search Microsoft Learn for structured outputs.", "structured outputs"),
        ("Please search the docs for rate limits", "rate limits"),
        ("Can you look up Bicep please?", "Bicep"),
        ("What is web search?", "What is web search"),
        ("Search Microsoft Learn for", "Search Microsoft Learn for"),
    ],
)
def test_a_question_is_searched_for_without_the_request_to_search(
    client: Client, prompt: str, query: str
):
    assert asked(client, prompt)[0] == [(SEARCH, {"query": query})]


def test_an_address_in_the_prompt_is_fetched(client: Client):
    calls, told = asked(client, f"Summarize {ARTICLE}.")
    assert calls == [(FETCH, {"url": ARTICLE})]
    assert "Quotas and limits" in told and NOTE in told


def test_only_allowed_tools_are_called(client: Client):
    prompt = "How do I use structured outputs in Python?"
    for name in (SEARCH, SAMPLES):
        assert asked(client, prompt, allowed_tools=[name])[0][0][0] == name


@pytest.mark.parametrize("prompt", ["hello", "Tell me a joke.", "Thanks!", "x" * 9_000])
def test_small_talk_calls_no_tool(client: Client, prompt: str):
    assert asked(client, prompt)[0] == []


def test_the_answer_begins_with_the_sentence_that_answers_the_question(client: Client):
    prompt = "How long does Azure OpenAI keep a stored response? Look it up."
    first, *others = asked(client, prompt)[1].split("\n\n")
    assert "30 days" in first
    assert "[Use the Azure OpenAI Responses API](https://learn." in first
    assert "tools such as file search" not in first
    assert all(part.startswith(("See also [", "(")) for part in others)
    assert others[-1] == f"({NOTE})"


def test_the_best_of_several_pages_is_told_and_the_next_two_are_linked(client: Client):
    prompt = "Find api tools identity key"
    pages = results(SEARCH, query=prompt)[:3]
    told = asked(client, prompt)[1]
    assert len(pages) == 3
    assert [page["contentUrl"] in told for page in pages] == [True] * 3
    assert pages[1]["content"] not in told


def test_it_is_said_where_nothing_is_found(client: Client):
    told = asked(client, "What is Atlantis?")[1]
    assert "found nothing" in told and NOTE in told


def test_the_links_lead_to_microsoft_learn_and_none_comes_twice():
    pages = [page["contentUrl"] for page in results(SEARCH, query="api tools identity")]
    assert len(pages) == len(set(pages)) > 0
    assert all(page.startswith("https://learn.microsoft.com/en-us/") for page in pages)


@pytest.mark.parametrize(
    "output",
    [
        "no JSON",
        "[" * 50_000,
        "[]",
        '{"results": 3}',
        '{"results": [3]}',
        '{"results": [{"title": "A", "content": "", "url": "https://a.example"}]}',
        '{"results": [{"title": "A", "content": ["b"], "url": "https://a.example"}]}',
        '{"results": [{"title": "A", "content": "B."}]}',
    ],
)
def test_what_is_no_list_of_pages_is_not_taken_for_one(output: str):
    assert pages_in(output) is None
