"""What a request asks of an answer reaches a real model, and what comes is bounded."""

from base64 import b64decode, b64encode
from functools import partial
from typing import Any

import orjson
import pytest

from emulator.tests.conftest import GET_WEATHER
from emulator.tests.model.chat_completions.chat_server import (
    Refused,
    calls,
    chunk,
    says,
    used,
)
from emulator.tests.readers.pdf_files import page_of, pdf

PIXEL = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAA"
    "AABJRU5ErkJggg=="
)


@pytest.fixture
def ask(ask: Any) -> Any:
    """A model that takes more parameters than others is asked."""
    return partial(ask, model="gpt-4.1")


@pytest.mark.parametrize(
    ("model", "body", "sent"),
    [
        ("gpt-4.1", {"temperature": 0.2, "top_p": 0.9}, {"temperature": 0.2}),
        ("gpt-4.1", {"max_output_tokens": 50}, {"max_tokens": 50}),
        (
            "gpt-4.1",
            {"include": ["message.output_text.logprobs"], "top_logprobs": 2},
            {"logprobs": True, "top_logprobs": 2},
        ),
        ("gpt-6-luna", {"reasoning": {"effort": "low"}}, {"reasoning_effort": "low"}),
        ("gpt-6-luna", {"text": {"verbosity": "low"}}, {"verbosity": "low"}),
        (
            "gpt-4.1",
            {"text": {"format": {"type": "json_object"}}, "input": "As JSON."},
            {"response_format": {"type": "json_object"}},
        ),
        (
            "gpt-4.1",
            {"metadata": {"a": "b"}, "user": "me", "store": False},
            {"metadata": None, "user": None, "store": None},
        ),
    ],
)
def test_parameters_reach_the_model(
    ask: Any, model: str, body: dict[str, Any], sent: dict[str, Any]
) -> None:
    client, server = ask(says("{}"), model=model)
    client.create(**{"input": "Well?", **body})
    [asked] = server.asked
    assert {name: asked.get(name) for name in sent} == sent


def test_what_the_deployment_does_not_take_never_gets_there(ask: Any) -> None:
    client, server = ask(says("Yes."), model="gpt-6-luna")
    assert client.refused(temperature=0.2)["param"] == "temperature"
    assert server.asked == []


def test_a_schema_is_asked_for_and_its_json_comes_back(ask: Any) -> None:
    schema = {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
        "additionalProperties": False,
    }
    format = {"type": "json_schema", "name": "place", "schema": schema, "strict": True}
    client, server = ask(says('{"city": ', '"Oslo"}'))
    response = client.create(text={"format": format})
    text = response["output"][0]["content"][0]["text"]
    assert orjson.loads(text) == {"city": "Oslo"}
    assert server.asked[0]["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "place", "schema": schema, "strict": True},
    }


def test_an_answer_that_is_cut_is_incomplete(ask: Any) -> None:
    script = says("It was a dark and ", reason="length", completion=4)
    for stream in (False, True):
        client, _ = ask(script)
        if stream:
            response = client.events(max_output_tokens=16)[-1]["response"]
        else:
            response = client.create(max_output_tokens=16)
        assert response["status"] == "incomplete"
        assert response["incomplete_details"] == {"reason": "max_output_tokens"}
        [message] = response["output"]
        assert message["status"] == "incomplete"
        assert message["content"][0]["text"] == "It was a dark and "
        assert response["usage"]["output_tokens"] == 4


def test_what_a_filter_cuts_is_incomplete_for_that_reason(ask: Any) -> None:
    client, _ = ask(says("It was ", reason="content_filter"))
    response = client.create()
    assert response["incomplete_details"] == {"reason": "content_filter"}


def test_an_answer_within_the_bound_is_not_cut_by_an_estimate(ask: Any) -> None:
    words = "Incomprehensibilities " * 20  # of a model whose tokens are long
    client, _ = ask(says(words, completion=16))
    response = client.create(max_output_tokens=16)
    assert response["status"] == "completed"
    assert response["output"][0]["content"][0]["text"] == words


def test_the_bound_is_of_the_whole_response(ask: Any) -> None:
    search = calls(("web_search", {"query": "Azure quota"}))
    client, server = ask(search, says("Found."))
    client.create(max_output_tokens=50, tools=[{"type": "web_search"}])
    assert [asked["max_tokens"] for asked in server.asked] == [50, 43]


def test_a_newer_name_of_the_bound_is_learnt(ask: Any) -> None:
    words = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    client, server = ask(Refused(400, {"error": {"message": words}}), says("Yes."))
    for _ in range(2):
        client.create(max_output_tokens=50)
    names = [
        [name for name in asked if name.startswith("max_")] for asked in server.asked
    ]
    assert names == [
        ["max_tokens"],
        ["max_completion_tokens"],
        ["max_completion_tokens"],
    ]


def test_usage_is_as_the_model_counts_it(ask: Any) -> None:
    script = [*says("Yes.")[:-1], used(1200, 30, reasoning=20, cached=1024)]
    client, _ = ask(script)
    usage = client.create()["usage"]
    assert usage["input_tokens"] == 1200
    assert usage["input_tokens_details"]["cached_tokens"] == 1024
    assert usage["output_tokens_details"] == {"reasoning_tokens": 20}
    assert usage["total_tokens"] == 1230


def test_log_probabilities_are_the_models_own(ask: Any) -> None:
    top = [{"token": "Yes", "logprob": -0.1}, {"token": "No", "logprob": -2.5}]
    entry = {"token": "Yes", "logprob": -0.1, "bytes": [89, 101, 115]}
    logprobs = {"content": [{**entry, "top_logprobs": top}]}
    script = [
        chunk(content="Yes", logprobs=logprobs),
        chunk(
            content=", sir.", logprobs={"content": [{"token": ", sir.", "logprob": -1}]}
        ),
        chunk(finish_reason="stop"),
    ]
    client, _ = ask(script)
    body = {"include": ["message.output_text.logprobs"], "top_logprobs": 2}
    [message] = client.create(**body)["output"]
    told = message["content"][0]["logprobs"]
    assert [each["token"] for each in told] == ["Yes", ", sir."]
    assert [each["token"] for each in told[0]["top_logprobs"]] == ["Yes", "No"]
    events = client.events(**body)
    deltas = [e for e in events if e["type"] == "response.output_text.delta"]
    assert [d["delta"] for d in deltas] == ["Yes", ", sir."]
    assert deltas[1]["logprobs"][0]["logprob"] == -1


def test_a_model_without_log_probabilities_has_none_made_up(ask: Any) -> None:
    client, _ = ask(says("Yes."))
    [message] = client.create(include=["message.output_text.logprobs"])["output"]
    assert message["content"][0]["logprobs"] == []


def test_pictures_go_to_a_model_that_sees(ask: Any) -> None:
    client, server = ask(says("A dot."))
    url = f"data:image/png;base64,{b64encode(PIXEL).decode()}"
    content = [
        {"type": "input_text", "text": "What is it?"},
        {"type": "input_image", "image_url": url, "detail": "low"},
        {"type": "input_image", "image_url": "https://example.com/a.png"},
    ]
    first = client.create([{"role": "user", "content": content}])
    client.create("Again.", previous_response_id=first["id"])
    told = server.asked[0]["messages"][0]["content"]
    assert told == [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": url, "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
    ]
    assert server.asked[1]["messages"][0]["content"] == told


def test_an_uploaded_picture_is_sent_in_each_turn_until_it_is_deleted(ask: Any) -> None:
    from responses_emulator.store import StoredFile

    client, server = ask(says("A dot."))
    file = StoredFile("file-1", "dot.png", "vision", PIXEL, 0)
    client.emulator.store.files.put(file.id, file)
    part = {"type": "input_image", "file_id": file.id}
    first = client.create([{"role": "user", "content": [part]}])
    url = f"data:image/png;base64,{b64encode(PIXEL).decode()}"
    [image] = server.asked[0]["messages"][0]["content"]
    assert image == {"type": "image_url", "image_url": {"url": url}}
    client.emulator.store.files.pop(file.id)
    client.create("Again.", previous_response_id=first["id"])
    assert "deleted" in server.asked[1]["messages"][0]["content"]


def test_a_pdf_goes_there_as_text(ask: Any) -> None:
    client, server = ask(says("Eighteen days."))
    data = b64encode(pdf(page_of("You have eighteen days."))).decode()
    part = {
        "type": "input_file",
        "filename": "days.pdf",
        "file_data": f"data:application/pdf;base64,{data}",
    }
    question = {"type": "input_text", "text": "How many?"}
    first = client.create([{"role": "user", "content": [part, question]}])
    client.create("Sure?", previous_response_id=first["id"])
    for asked in server.asked:
        content = asked["messages"][0]["content"]
        assert content.startswith('<file name="days.pdf">')
        assert "You have eighteen days." in content
        assert content.endswith("How many?")


def test_what_a_tool_shows_is_seen_as_well(ask: Any) -> None:
    client, server = ask(calls(("get_weather", {"city": "Oslo"})), says("Rain."))
    first = client.create("Oslo?", tools=[GET_WEATHER])
    url = f"data:image/png;base64,{b64encode(PIXEL).decode()}"
    output = {
        "type": "function_call_output",
        "call_id": first["output"][0]["call_id"],
        "output": [
            {"type": "input_text", "text": "See:"},
            {"type": "input_image", "image_url": url},
        ],
    }
    client.create([output], previous_response_id=first["id"], tools=[GET_WEATHER])
    *_, tool, shown = server.asked[1]["messages"]
    assert (tool["role"], tool["content"]) == ("tool", "See:")
    assert shown["role"] == "user"
    assert shown["content"][1]["image_url"]["url"] == url
