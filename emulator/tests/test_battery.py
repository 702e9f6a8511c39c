"""What emulators of this API were compared by: at least one test for each check.

The unmodified SDK calls a served emulator over loopback. Nothing here looks inside.

The comparison's rows, and where they stand below:
- plain create, streams, the order and numbers of events, bodies and events that are
  valid by the contract, settings echoed, usage: "Responses";
- chains, retrieve, delete, input items, conversations, compaction: "State";
- background, cancel, resumed streams, WebSocket: "In the background";
- functions, custom tools, structured outputs: "Tools of the caller's";
- files, vector stores, file search, code interpreter, pictures, MCP, web search,
  reasoning in the open and encrypted, batches: "Tools of the service's";
- both URL layouts, Entra ID, the content filter, headers of the gateway: "Azure";
- api-versions, DeploymentNotFound, 401, requests that make no sense: `errors.yaml`, of
  which each case is sent by the SDK, too;
- 429, broken connections, cut JSON and streams, latency: "Faults";
- what was recorded is replayed, and all of it in one process: "For tests".
"""

import base64
import io
import json
import re
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest
from azure.identity import ManagedIdentityCredential, get_bearer_token_provider
from openai import AzureOpenAI, OpenAI
from PIL import Image
from pydantic import BaseModel

from emulator.tests.conftest import Clock
from emulator.tests.contract.check import checker
from responses_emulator.account import IMAGE_MODEL, KEY, environment
from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.adapters.transport import Transport
from responses_emulator.core import Emulator

# The SDK opens a WebSocket in a way that newer versions of its library deplore.
pytestmark = pytest.mark.filterwarnings(
    r"ignore:connect\(\) must be used as a context manager:DeprecationWarning"
)

MODEL = "gpt-5-mini"
NO_REASONING = "gpt-5.4-mini"
VERSION = "2025-04-01-preview"
SCOPE = "https://cognitiveservices.azure.com/.default"
CLOCK = Clock()

WEATHER: Any = {
    "type": "function",
    "name": "get_weather",
    "description": "Get the current weather in a city.",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
        },
        "required": ["city", "unit"],
        "additionalProperties": False,
    },
}
LEARN: Any = {
    "type": "mcp",
    "server_label": "learn",
    "server_url": "https://learn.microsoft.com/api/mcp",
}
PYTHON: Any = {"type": "code_interpreter", "container": {"type": "auto"}}
FACTS = b"The office plant is called Gerda.\n\nGerda is watered on Thursdays.\n"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving(App(Emulator(clock=CLOCK))) as url:
        yield url


@pytest.fixture(scope="module")
def sdk(url: str) -> Iterator[OpenAI]:
    with OpenAI(api_key=KEY, base_url=f"{url}/openai/v1/", max_retries=0) as sdk:
        yield sdk


@pytest.fixture(scope="module")
def store(sdk: OpenAI) -> str:
    """A vector store with one file in it."""
    file = sdk.files.create(file=("plant.txt", FACTS), purpose="assistants")
    store = sdk.vector_stores.create(name="facts")
    added = sdk.vector_stores.files.create_and_poll(file.id, vector_store_id=store.id)
    assert added.status == "completed"
    return store.id


def kinds(response: Any) -> list[str]:
    return [item.type for item in response.output]


def one(response: Any, kind: str) -> Any:
    [item] = [item for item in response.output if item.type == kind]
    return item


# Responses


def test_a_question_gets_an_answer(sdk):
    response = sdk.responses.create(model=MODEL, input="Count to 3.")
    assert (response.status, response.output_text) == ("completed", "1, 2, 3")


def test_a_stream_ends_in_what_its_deltas_make_up(sdk):
    with sdk.responses.stream(model=MODEL, input="Count to 5.") as stream:
        deltas = [e.delta for e in stream if e.type == "response.output_text.delta"]
        final = stream.get_final_response()
    assert len(deltas) > 3
    assert "".join(deltas) == final.output_text == "1, 2, 3, 4, 5"


def test_a_stream_has_every_event_in_its_order(sdk):
    events = sdk.responses.create(model=NO_REASONING, input="Hello.", stream=True)
    names = [event.type.removeprefix("response.") for event in events]
    assert [name for name in names if name != "output_text.delta"] == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]


def test_events_are_numbered_without_a_gap(sdk):
    events = list(sdk.responses.create(model=MODEL, input="Hello.", stream=True))
    assert [e.sequence_number for e in events] == list(range(len(events)))


def asked_raw(url: str, body: dict[str, Any]) -> dict[str, Any]:
    """An exchange of JSON, as the contract's checker reads it."""
    reply = httpx2.post(
        f"{url}/openai/v1/responses", json=body, headers={"api-key": KEY}
    )
    return {
        "method": "POST",
        "url": str(reply.url),
        "request_headers": {"content-type": "application/json"},
        "request_body": json.dumps(body),
        "status": reply.status_code,
        "response_headers": dict(reply.headers),
        "response_body": reply.text,
    }


@pytest.mark.parametrize("contract", ["azure", "openai"])
def test_a_body_is_valid_by_the_published_contract(url, contract):
    exchange = asked_raw(url, {"model": MODEL, "input": "Hello."})
    assert checker(contract).violations(exchange) == []


@pytest.mark.parametrize("contract", ["azure", "openai"])
def test_events_are_valid_by_the_published_contract(url, contract):
    exchange = asked_raw(url, {"model": MODEL, "input": "Hello.", "stream": True})
    assert checker(contract).violations(exchange) == []


def test_settings_are_echoed(sdk):
    response = sdk.responses.create(
        model=NO_REASONING,
        input="Hello.",
        instructions="Be kind.",
        temperature=0.25,
        metadata={"a": "b"},
        tools=[WEATHER],
        user="u",
    )
    assert response.instructions == "Be kind."
    assert (response.temperature, response.metadata) == (0.25, {"a": "b"})
    assert response.tools[0].name == "get_weather"
    assert response.user == "u"


def test_usage_grows_with_what_is_said(sdk):
    short = sdk.responses.create(model=NO_REASONING, input="Hello.").usage
    long = sdk.responses.create(model=NO_REASONING, input="Hello. " * 100).usage
    assert long.input_tokens > 20 * short.input_tokens > 0
    assert short.total_tokens == short.input_tokens + short.output_tokens


def test_ids_are_new_each_time(sdk):
    ids = {sdk.responses.create(model=MODEL, input="Hello.").id for _ in range(3)}
    assert len(ids) == 3


def test_an_answer_that_is_cut_is_incomplete(sdk):
    response = sdk.responses.create(
        model=NO_REASONING, input="Count to 100.", max_output_tokens=16
    )
    assert response.status == "incomplete"
    assert response.incomplete_details.reason == "max_output_tokens"


# State


def test_a_chain_remembers(sdk):
    first = sdk.responses.create(model=MODEL, input="My name is Ada.")
    second = sdk.responses.create(
        model=MODEL, input="What is my name?", previous_response_id=first.id
    )
    assert "Ada" in second.output_text


def test_a_response_is_retrieved(sdk):
    made = sdk.responses.create(model=MODEL, input="Hello.")
    assert sdk.responses.retrieve(made.id).output_text == made.output_text


def test_input_items_are_listed(sdk):
    made = sdk.responses.create(
        model=MODEL,
        input=[{"role": "user", "content": text} for text in ("One.", "Two.")],
    )
    listed = sdk.responses.input_items.list(made.id, order="asc", limit=1)
    assert [item.content[0].text for item in listed] == ["One.", "Two."]


def test_a_conversation_is_kept_on_the_service(sdk):
    talk = sdk.conversations.create()
    sdk.responses.create(model=MODEL, input="My name is Ada.", conversation=talk.id)
    answer = sdk.responses.create(
        model=MODEL, input="What is my name?", conversation=talk.id
    )
    assert "Ada" in answer.output_text
    assert len(list(sdk.conversations.items.list(talk.id))) >= 4


def test_a_conversation_is_compacted(sdk):
    first = sdk.responses.create(model=MODEL, input="My name is Ada.")
    folded = sdk.responses.compact(model=MODEL, previous_response_id=first.id)
    again = [item.to_dict(warnings=False) for item in folded.output]
    again.append({"role": "user", "content": "What is my name?"})
    assert "Ada" in sdk.responses.create(model=MODEL, input=again).output_text


# In the background


def test_a_response_in_the_background_is_queued_and_then_complete(sdk):
    made = sdk.responses.create(model=MODEL, input="Hello.", background=True)
    assert made.status == "queued"
    CLOCK.sleep(1)
    assert sdk.responses.retrieve(made.id).status == "in_progress"
    CLOCK.sleep(10)
    assert sdk.responses.retrieve(made.id).output_text


def test_a_response_in_the_background_is_cancelled(sdk):
    made = sdk.responses.create(model=MODEL, input="Hello.", background=True)
    assert sdk.responses.cancel(made.id).status == "cancelled"
    CLOCK.sleep(10)
    assert sdk.responses.retrieve(made.id).status == "cancelled"


def test_a_dropped_stream_is_resumed_where_it_broke_off(sdk):
    with sdk.responses.create(
        model=MODEL, input="Count to 9.", background=True, stream=True
    ) as stream:
        first = [next(stream), next(stream)]
    CLOCK.sleep(10)
    rest = sdk.responses.retrieve(
        first[0].response.id, stream=True, starting_after=first[1].sequence_number
    )
    events = [*first, *rest]
    assert [e.sequence_number for e in events] == list(range(len(events)))
    assert events[-1].response.output_text.endswith("9")


def test_several_responses_go_over_one_websocket(url):
    sdk = OpenAI(api_key=KEY, base_url=f"{url}/openai/v1/")
    with sdk.responses.connect() as connection:
        ids: list[str] = []
        for text in ("My name is Ada.", "What is my name?"):
            previous = {"previous_response_id": ids[-1]} if ids else {}
            connection.response.create(model=MODEL, input=text, **previous)
            for event in connection:
                if event.type == "response.completed":
                    break
            ids.append(event.response.id)
    assert "Ada" in event.response.output_text


# Tools of the caller's


def test_arguments_are_made_from_a_functions_schema(sdk):
    response = sdk.responses.create(
        model=MODEL, input="What is the weather in Oslo?", tools=[WEATHER]
    )
    call = one(response, "function_call")
    arguments = json.loads(call.arguments)
    assert (call.name, arguments["city"]) == ("get_weather", "Oslo")
    assert arguments["unit"] in ("celsius", "fahrenheit")


def test_a_functions_result_becomes_the_answer(sdk):
    ask = {"model": MODEL, "tools": [WEATHER]}
    first = sdk.responses.create(input="What is the weather in Oslo?", **ask)
    output = {
        "type": "function_call_output",
        "call_id": one(first, "function_call").call_id,
        "output": '{"temperature": "7 degrees"}',
    }
    second = sdk.responses.create(input=[output], previous_response_id=first.id, **ask)
    assert kinds(second) == ["message"]
    assert "7 degrees" in second.output_text


def test_functions_are_called_side_by_side(sdk):
    ask = {
        "model": MODEL,
        "input": "What is the weather in Oslo and in Rome?",
        "tools": [WEATHER],
    }
    many = sdk.responses.create(**ask)
    single = sdk.responses.create(**ask, parallel_tool_calls=False)
    assert kinds(many).count("function_call") == 2
    assert kinds(single).count("function_call") == 1


def test_a_function_is_forced_or_forbidden(sdk):
    ask = {"model": MODEL, "tools": [WEATHER]}
    forced = sdk.responses.create(
        input="Hello.", tool_choice={"type": "function", "name": "get_weather"}, **ask
    )
    free = sdk.responses.create(
        input="What is the weather in Oslo?", tool_choice="none", **ask
    )
    assert "function_call" in kinds(forced)
    assert "function_call" not in kinds(free)


def test_arguments_are_streamed_in_pieces(sdk):
    events = list(
        sdk.responses.create(
            model=MODEL,
            input="What is the weather in Oslo?",
            tools=[WEATHER],
            stream=True,
        )
    )
    name = "response.function_call_arguments"
    pieces = [e.delta for e in events if e.type == f"{name}.delta"]
    [done] = [e for e in events if e.type == f"{name}.done"]
    assert len(pieces) > 1
    assert "".join(pieces) == done.arguments


def test_a_custom_tools_input_matches_its_grammar(sdk):
    response = sdk.responses.create(
        model=MODEL,
        input="Call 555-1234.",
        tools=[
            {
                "type": "custom",
                "name": "call",
                "format": {
                    "type": "grammar",
                    "syntax": "regex",
                    "definition": r"\d{3}-\d{4}",
                },
            }
        ],
        tool_choice="required",
    )
    assert re.fullmatch(r"\d{3}-\d{4}", one(response, "custom_tool_call").input)


class Event(BaseModel):
    name: str
    date: str
    participants: list[str]


def test_an_answer_keeps_to_a_schema(sdk):
    response = sdk.responses.parse(
        model=MODEL,
        input="Alice and Bob are going to a science fair on Friday.",
        text_format=Event,
    )
    assert response.output_parsed.participants == ["Alice", "Bob"]


# Tools of the service's


def test_a_file_comes_back_as_it_was(sdk):
    file = sdk.files.create(file=("a.bin", bytes(range(256))), purpose="assistants")
    assert sdk.files.content(file.id).read() == bytes(range(256))
    sdk.files.delete(file.id)
    with pytest.raises(openai.NotFoundError):
        sdk.files.retrieve(file.id)


def test_a_vector_store_is_searched(sdk, store):
    found = sdk.vector_stores.search(store, query="When is Gerda watered?")
    assert "Thursdays" in next(iter(found)).content[0].text


def test_file_search_answers_from_a_file_and_cites_it(sdk, store):
    response = sdk.responses.create(
        model=MODEL,
        input="When is Gerda watered?",
        tools=[{"type": "file_search", "vector_store_ids": [store]}],
        include=["file_search_call.results"],
    )
    assert "Thursday" in response.output_text
    assert one(response, "file_search_call").results
    [part] = one(response, "message").content
    assert part.annotations[0].filename == "plant.txt"


def test_code_interpreter_really_runs_a_program(sdk):
    response = sdk.responses.create(
        model=MODEL,
        input="What is 12345 * 6789?",
        tools=[PYTHON],
        include=["code_interpreter_call.outputs"],
    )
    call = one(response, "code_interpreter_call")
    assert call.code
    assert "83810205" in call.outputs[0].logs
    assert "83" in response.output_text


def test_a_file_that_a_program_wrote_is_had_from_its_container_only(sdk):
    table = sdk.files.create(
        file=("sales.csv", b"month,sales\nJanuary,3\nFebruary,5\n"),
        purpose="assistants",
    )
    container = {"type": "auto", "file_ids": [table.id]}
    response = sdk.responses.create(
        model=MODEL,
        input="How many lines has the table? Save that as lines.txt.",
        tools=[{"type": "code_interpreter", "container": container}],
    )
    cited = [
        annotation
        for item in response.output
        if item.type == "message"
        for part in item.content
        for annotation in part.annotations
        if annotation.type == "container_file_citation"
    ]
    assert cited
    written = sdk.containers.files.content.retrieve(
        cited[0].file_id, container_id=cited[0].container_id
    )
    assert b"lines = 3" in written.read()
    with pytest.raises(openai.NotFoundError):
        sdk.files.content(cited[0].file_id)


DRAW: Any = {
    "model": MODEL,
    "input": "Draw a red house.",
    "tools": [{"type": "image_generation", "partial_images": 2}],
    "extra_headers": {"x-ms-oai-image-generation-deployment": IMAGE_MODEL},
}


def test_a_picture_is_one(sdk):
    call = one(sdk.responses.create(**DRAW), "image_generation_call")
    picture = Image.open(io.BytesIO(base64.b64decode(call.result)))
    assert picture.size == (1024, 1024)


def test_a_picture_is_streamed_with_previews(sdk):
    events = list(sdk.responses.create(**DRAW, stream=True))
    name = "response.image_generation_call.partial_image"
    previews = [e.partial_image_b64 for e in events if e.type == name]
    assert len(previews) == 2
    assert all(Image.open(io.BytesIO(base64.b64decode(p))) for p in previews)


def test_a_remote_mcp_servers_tools_are_listed_and_called(sdk):
    response = sdk.responses.create(
        model=MODEL,
        input="How do I stream a response?",
        tools=[{**LEARN, "require_approval": "never"}],
    )
    assert one(response, "mcp_list_tools").tools
    assert one(response, "mcp_call").output


def test_a_call_of_a_remote_mcp_server_waits_for_approval(sdk):
    ask = {"model": MODEL, "tools": [LEARN]}
    first = sdk.responses.create(input="How do I stream a response?", **ask)
    answer = {
        "type": "mcp_approval_response",
        "approval_request_id": one(first, "mcp_approval_request").id,
        "approve": True,
    }
    second = sdk.responses.create(input=[answer], previous_response_id=first.id, **ask)
    assert one(second, "mcp_call").output


def test_a_web_search_cites_its_pages_where_they_are_named(sdk):
    response = sdk.responses.create(
        model=MODEL,
        input="Search the web: what is Azure OpenAI?",
        tools=[{"type": "web_search"}],
        include=["web_search_call.action.sources"],
    )
    assert one(response, "web_search_call").action.sources
    [part] = one(response, "message").content
    for cited in part.annotations:
        assert cited.url in part.text[cited.start_index : cited.end_index]


def test_reasoning_is_summed_up(sdk):
    response = sdk.responses.create(
        model=MODEL,
        input="What is 17 * 23?",
        reasoning={"effort": "high", "summary": "auto"},
    )
    assert one(response, "reasoning").summary[0].text
    assert response.usage.output_tokens_details.reasoning_tokens > 0


def test_encrypted_reasoning_goes_back_in(sdk):
    ask = {"model": MODEL, "store": False, "include": ["reasoning.encrypted_content"]}
    first = sdk.responses.create(input="My name is Ada.", **ask)
    assert one(first, "reasoning").encrypted_content
    turns = [
        {"role": "user", "content": "My name is Ada."},
        *first.output,
        {"role": "user", "content": "What is my name?"},
    ]
    assert "Ada" in sdk.responses.create(input=turns, **ask).output_text


def test_a_batch_answers_each_of_its_lines(sdk):
    line = {"method": "POST", "url": "/v1/responses"}
    line["body"] = {"model": "gpt-6-luna-batch", "input": "Count to 3."}
    lines = [{"custom_id": id, **line} for id in ("a", "b")]
    file = sdk.files.create(
        file=("batch.jsonl", "\n".join(map(json.dumps, lines)).encode()),
        purpose="batch",
    )
    batch = sdk.batches.create(
        input_file_id=file.id, endpoint="/v1/responses", completion_window="24h"
    )
    CLOCK.sleep(60)
    batch = sdk.batches.retrieve(batch.id)
    output = sdk.files.content(batch.output_file_id).text.splitlines()
    assert {json.loads(line)["custom_id"] for line in output} == {"a", "b"}


# Azure


def test_the_v1_path_takes_the_header_api_key(url):
    reply = httpx2.get(f"{url}/openai/v1/models", headers={"api-key": KEY})
    assert reply.status_code == 200


def test_the_dated_path_is_served(url):
    with AzureOpenAI(azure_endpoint=url, api_key=KEY, api_version=VERSION) as dated:
        response = dated.responses.create(model=MODEL, input="Hello.")
    assert response.status == "completed"


def test_a_token_of_microsoft_entra_id_is_accepted(url, monkeypatch):
    for name, value in environment(url).items():
        monkeypatch.setenv(name, value)
    # The clock of the service is the machine's own here: tokens are dated by it.
    monkeypatch.setattr(CLOCK, "now", time.time())
    with ManagedIdentityCredential() as credential:
        sdk = OpenAI(
            base_url=f"{url}/openai/v1/",
            api_key=get_bearer_token_provider(credential, SCOPE),
            max_retries=0,
        )
        assert sdk.responses.create(model=MODEL, input="Hello.").output_text


def test_a_reply_tells_what_the_content_filter_found(sdk):
    response = sdk.responses.create(model=MODEL, input="Hello.")
    sources = [entry["source_type"] for entry in response.content_filters]
    assert sources == ["prompt", "completion"]


def test_a_reply_has_the_ids_and_limits_of_the_gateway(sdk):
    raw = sdk.responses.with_raw_response.create(model=MODEL, input="Hello.")
    assert {"apim-request-id", "x-request-id", "x-ms-region"} <= raw.headers.keys()
    assert raw.headers["x-ratelimit-remaining-requests"]


# Faults


def fault(text: str) -> dict[str, str]:
    return {"x-emulator-fault": text}


def test_a_limit_says_when_to_come_back_and_the_sdk_does(url):
    sdk = OpenAI(api_key=KEY, base_url=f"{url}/openai/v1/", max_retries=2)
    rule = {"fault": "rate-limited", "retry_after_ms": 1, "times": 2}
    httpx2.post(f"{url}/emulator/faults", json=rule).raise_for_status()
    assert sdk.responses.create(model=MODEL, input="Hello.").status == "completed"


def test_a_connection_breaks_when_that_is_asked_for(sdk):
    with pytest.raises(openai.APIConnectionError):
        sdk.responses.create(model=MODEL, input="Hello.", extra_headers=fault("reset"))


def test_a_stream_stops_when_that_is_asked_for(sdk):
    events = list(
        sdk.responses.create(
            model=MODEL,
            input="Hello.",
            stream=True,
            extra_headers=fault("stream-stops:events=4"),
        )
    )
    assert len(events) == 4
    assert events[-1].type != "response.completed"


def test_json_is_cut_when_that_is_asked_for(sdk):
    with pytest.raises(json.JSONDecodeError):
        sdk.responses.create(
            model=MODEL, input="Hello.", extra_headers=fault("truncated-json")
        )


def test_a_reply_is_late_when_that_is_asked_for(sdk):
    started = time.perf_counter()
    sdk.responses.create(
        model=MODEL, input="Hello.", extra_headers=fault("delay:ms=50")
    )
    assert time.perf_counter() - started >= 0.05


# For tests


@pytest.mark.parametrize("stream", [False, True])
def test_what_was_recorded_is_replayed(url, sdk, stream):
    recorded = sdk.responses.create(model=MODEL, input="Weather?", tools=[WEATHER])
    output = [item.model_dump(exclude_none=True) for item in recorded.output]
    httpx2.post(f"{url}/emulator/replies", json={"output": output}).raise_for_status()
    if stream:
        with sdk.responses.stream(model=MODEL, input="Something else.") as events:
            replayed = events.get_final_response()
    else:
        replayed = sdk.responses.create(model=MODEL, input="Something else.")
    assert [item.type for item in replayed.output] == kinds(recorded)
    assert replayed.output_text == recorded.output_text
    after = sdk.responses.create(model=MODEL, input="Count to 3.")
    assert after.output_text == "1, 2, 3"


def test_all_of_it_is_had_in_one_process_too(monkeypatch):
    def no_socket(*args):
        raise AssertionError(args)

    monkeypatch.setattr(socket.socket, "connect", no_socket)
    with httpx2.Client(transport=Transport(Emulator().handle)) as client:
        sdk = OpenAI(
            api_key=KEY, base_url="http://emulator/openai/v1/", http_client=client
        )
        events = list(sdk.responses.create(model=MODEL, input="Hello.", stream=True))
    assert events[-1].type == "response.completed"
