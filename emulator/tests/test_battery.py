"""Each part of the API once, as the unmodified SDK speaks to a served emulator.

Nothing here looks inside, and the details of each part are tests of its own room. What
is refused stands in `errors.yaml`, of which each case is sent by the SDK, too. Order
and numbers of events are held against `contract/order.py` in every stream of the suite.
"""

import base64
import io
import json
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

from emulator.tests.conftest import Clock, approved
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


# State


def test_a_chain_remembers(sdk):
    first = sdk.responses.create(model=MODEL, input="My name is Ada.")
    second = sdk.responses.create(
        model=MODEL, input="What is my name?", previous_response_id=first.id
    )
    assert "Ada" in second.output_text


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
    answer = approved(one(first, "mcp_approval_request").id)
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
