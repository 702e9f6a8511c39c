"""What a request sets: kept, echoed, acted on, and refused past its limits."""

import orjson
import pytest

from emulator.tests.conftest import GET_WEATHER, kinds
from responses_emulator.resources.settings import ALWAYS_TAKEN
from responses_emulator.tools.mslearn import LEARN

MOST = {f"{n:02}" + "k" * 62: "v" * 512 for n in range(16)}
TOO_MUCH = [
    ({**MOST, "one-more": ""}, "metadata", "object_above_max_properties"),
    ({"k" * 65: ""}, "metadata." + "k" * 65, "property_name_above_max_length"),
    ({"k": "v" * 513}, "metadata.k", "string_above_max_length"),
]
MCP = {
    "type": "mcp",
    "server_label": "learn",
    "server_url": LEARN,
    "require_approval": "never",
}
ALWAYS = {
    "instructions": "Be brief.",
    "max_output_tokens": 1000,
    "metadata": {"a": "b"},
    "store": False,
    "user": "ada",
}
TWO_CALLS = "How do I stream a response? Show me sample code."


@pytest.mark.parametrize("path", ["/responses", "/conversations", "/vector_stores"])
def test_metadata_is_kept_and_replaced_up_to_its_limits(client, path):
    needed = {"model": "gpt-5-mini", "input": "Hello."} if path == "/responses" else {}

    created = client.json("POST", path, {**needed, "metadata": MOST})

    place = f"{path}/{created['id']}"
    assert created["metadata"] == client.json("GET", place)["metadata"] == MOST
    if not needed:  # of a response nothing is changed
        replaced = client.json("POST", place, {"metadata": {"a": "b"}})
        assert replaced["metadata"] == {"a": "b"}
        assert client.json("POST", place, {"metadata": MOST})["metadata"] == MOST
    for metadata, param, code in TOO_MUCH:
        for where in (path,) if needed else (path, place):
            body = {**needed, "metadata": metadata}
            status, error = client.error("POST", where, body)
            assert (status, error["param"], error["code"]) == (400, param, code)
    assert client.json("GET", place)["metadata"] == MOST


@pytest.mark.parametrize("version", ["v1", "2025-03-01-preview"])
@pytest.mark.parametrize("model", ["gpt-5-mini", "gpt-5.4-mini"])
def test_what_is_always_taken_is_taken_by_each_model_and_version(
    client, model, version
):
    if version != "v1":
        client.base = "/openai"
    path = "/responses" if version == "v1" else f"/responses?api-version={version}"
    asked = {"model": model, "input": "Hello."}
    first = client.json("POST", path, asked)
    asked |= ALWAYS | {"previous_response_id": first["id"]}

    told = client.json("POST", path, asked)

    assert asked.keys() | {"stream"} == ALWAYS_TAKEN
    assert {name: told[name] for name in ALWAYS} == ALWAYS


@pytest.mark.parametrize(("most", "made"), [(None, 2), (2, 2), (1, 1)])
def test_no_more_hosted_tools_are_called_than_max_tool_calls_allows(client, most, made):
    response = client.create(TWO_CALLS, tools=[MCP], max_tool_calls=most)

    assert kinds(response).count("mcp_call") == made
    assert kinds(response)[-1] == "message"
    assert response["max_tool_calls"] == most


@pytest.mark.parametrize(
    "asked",
    [
        {"tools": [{**GET_WEATHER, "async": False, "allowed_callers": ["direct"]}]},
        {"tools": [{"type": "custom", "name": "g", "allowed_callers": None}]},
        {"reasoning": {"mode": "standard", "context": "current_turn"}},
        {"image": {}},
    ],
)
def test_what_is_not_emulated_may_be_named_where_it_asks_for_nothing(client, asked):
    assert client.create(**asked)["status"] == "completed"


def test_the_callers_own_functions_do_not_count(client):
    question = "What's the weather in Oslo and in Paris?"
    response = client.create(question, tools=[GET_WEATHER], max_tool_calls=1)

    assert kinds(response).count("function_call") == 2


@pytest.mark.parametrize("background", [False, True])
@pytest.mark.parametrize(
    ("options", "padded"),
    [
        ({}, True),
        ({"stream_options": None}, True),
        ({"stream_options": {}}, True),
        ({"stream_options": {"include_obfuscation": True}}, True),
        ({"stream_options": {"include_obfuscation": False}}, False),
    ],
)
def test_deltas_are_padded_unless_stream_options_say_no(
    client, background, options, padded
):
    events = client.events(background=background, **options)

    deltas = [event for event in events if event["type"].endswith(".delta")]
    assert deltas
    assert all(("obfuscation" in event) is padded for event in deltas)


@pytest.mark.parametrize("name", ["user", "safety_identifier", "prompt_cache_key"])
def test_who_asks_is_echoed_and_kept(client, name):
    created = client.create(**{name: "somebody"})

    assert created[name] == "somebody"
    assert client.json("GET", f"/responses/{created['id']}")[name] == "somebody"
    assert client.create(**{name: None})[name] is None


def test_a_safety_identifier_may_have_64_characters(client):
    assert client.create(safety_identifier="s" * 64)["safety_identifier"] == "s" * 64


# A tool as it is asked for, and what a response says of it besides.
ECHOED = [
    (GET_WEATHER, {}),
    ({"type": "custom", "name": "g"}, {"format": {"type": "text"}}),
    (
        {"type": "code_interpreter", "container": {"type": "auto"}},
        {},
    ),
    (
        {"type": "web_search"},
        {"search_context_size": "medium", "user_location": None},
    ),
    (
        {"type": "image_generation"},
        {
            "background": "auto",
            "moderation": "auto",
            "output_compression": 100,
            "output_format": "png",
            "quality": "auto",
            "size": "auto",
        },
    ),
    (
        {
            "type": "mcp",
            "server_label": "l",
            "server_url": "https://learn.microsoft.com/api/mcp",
        },
        {"allowed_tools": None, "headers": None, "require_approval": "always"},
    ),
    ({"type": "shell"}, {}),
    ({"type": "local_shell"}, {}),
    ({"type": "apply_patch"}, {}),
]


@pytest.mark.parametrize(("tool", "besides"), ECHOED, ids=lambda each: each.get("type"))
def test_a_tool_is_echoed_with_what_it_does_by_default(client, tool, besides):
    header = {"x_ms_oai_image_generation_deployment": "gpt-image-2.5-flare"}
    body = {"model": "gpt-5-mini", "input": "Hello.", "tools": [tool]}
    reply = client.send("POST", "/responses", body, **header)

    assert orjson.loads(reply.body)["tools"] == [{**tool, **besides}]


def test_a_file_search_is_echoed_with_how_it_ranks(client):
    store = client.json("POST", "/vector_stores", {})["id"]
    tool = {"type": "file_search", "vector_store_ids": [store]}
    for asked, told in (
        ({}, {"ranker": "auto", "score_threshold": 0.0}),
        ({"score_threshold": 0.5}, {"ranker": "auto", "score_threshold": 0.5}),
    ):
        asked_for = {**tool, "ranking_options": asked} if asked else tool
        [echoed] = client.create(tools=[asked_for])["tools"]
        assert echoed == {
            **tool,
            "filters": None,
            "max_num_results": 20,
            "ranking_options": told,
        }


@pytest.mark.parametrize(
    ("asked", "echoed"),
    [
        ({}, {"format": {"type": "text"}, "verbosity": "medium"}),
        (
            {"verbosity": "low"},
            {"format": {"type": "text"}, "verbosity": "low"},
        ),
        (
            {"format": {"type": "json_object"}},
            {"format": {"type": "json_object"}, "verbosity": "medium"},
        ),
    ],
)
def test_the_shape_of_the_text_is_echoed(client, asked, echoed):
    assert client.create("Hello, as JSON.", text=asked)["text"] == echoed
