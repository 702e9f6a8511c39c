"""Requests are held against the contract: exact faults, and nothing good refused."""

import json
import os
import time
import warnings
from typing import Any

import pytest

from emulator.tests.contract.distil import contract, recorded
from responses_emulator.contract import check, check_query
from responses_emulator.contract.generate import ID_PREFIXES
from responses_emulator.errors import ServiceError

WEATHER: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
FUNCTION: dict[str, Any] = {
    "type": "function",
    "name": "weather",
    "parameters": WEATHER,
    "strict": True,
}


# Chunks that overlap by more than half of one.
NARROW = {
    "type": "static",
    "static": {"max_chunk_size_tokens": 100, "chunk_overlap_tokens": 51},
}


def error(operation: str, body: dict[str, Any]) -> dict[str, Any]:
    with pytest.raises(ServiceError) as caught:
        check(operation, body)
    assert caught.value.status == 400
    assert caught.value.body["error"]["type"] == "invalid_request_error"
    return caught.value.body["error"]


def request(**parameters: Any) -> dict[str, Any]:
    return {"model": "gpt-5-mini", "input": "Hello"} | parameters


def said(*content: Any, role: str = "user") -> list[dict[str, Any]]:
    return [{"role": role, "content": list(content)}]


def test_what_is_missing_is_told_before_what_is_unknown() -> None:
    body = {"frobnicate": 1, "input": 5}
    assert error("responses.create", body)["param"] == "model"
    assert error("responses.create", body | {"model": "m"})["param"] == "frobnicate"


def test_unknown_tools_and_items_are_told_what_there_is() -> None:
    tool = error("responses.create", request(tools=[{"type": "browser"}]))
    item = error("responses.create", request(input=[{"type": "chat"}]))
    assert (tool["param"], tool["code"]) == ("tools[0].type", "invalid_value")
    assert tool["message"].startswith("Invalid value: 'browser'. Supported values are:")
    assert "'code_interpreter', " in tool["message"]
    assert (item["param"], item["code"]) == ("input[0]", "invalid_value")
    assert "'function_call_output', " in item["message"]


OTHER_OPERATIONS: list[tuple[str, dict[str, Any], str | None, str]] = [
    (
        "vector_stores.create",
        {"file_ids": ["f"] * 501},
        "file_ids",
        "array_above_max_length",
    ),
    ("vector_stores.update", {"file_ids": []}, "file_ids", "unknown_parameter"),
    ("vector_stores.search", {}, "query", "missing_required_parameter"),
    (
        "vector_stores.search",
        {"query": "q", "max_num_results": 51},
        "max_num_results",
        "integer_above_max_value",
    ),
    (
        "vector_stores.search",
        {"query": "q", "filters": {"type": "like", "key": "k", "value": "v"}},
        "filters.type",
        "invalid_value",
    ),
    (
        "vector_stores.search",
        {"query": "q", "filters": {"type": "and", "filters": [{"type": "or"}]}},
        "filters.filters[0].filters",
        "missing_required_parameter",
    ),
    ("vector_stores.files.create", {}, "file_id", "missing_required_parameter"),
    (
        "vector_stores.files.create",
        {"file_id": "f", "attributes": {"a": None}},
        "attributes.a",
        "invalid_type",
    ),
    ("vector_stores.files.update", {}, "attributes", "missing_required_parameter"),
    (
        "vector_stores.file_batches.create",
        {},
        "file_ids",
        "missing_required_parameter",
    ),
    ("vector_stores.file_batches.create", {"file_ids": []}, "file_ids", "empty_array"),
    (
        "vector_stores.file_batches.create",
        {"file_ids": ["f"], "files": [{"file_id": "f"}]},
        None,
        "mutually_exclusive_parameters",
    ),
    (
        "vector_stores.file_batches.create",
        {"files": [{"file_id": "f"}, {"file_id": "g", "chunking_strategy": NARROW}]},
        "files[1].chunking_strategy.static.chunk_overlap_tokens",
        "invalid_value",
    ),
    ("files.create", {"purpose": "vision"}, "file", "missing_required_parameter"),
    ("files.create", {"file": "", "purpose": "user_data"}, "purpose", "invalid_value"),
]


@pytest.mark.parametrize(("operation", "body", "param", "code"), OTHER_OPERATIONS)
def test_other_operations_have_contracts_of_their_own(
    operation: str, body: dict[str, Any], param: str | None, code: str
) -> None:
    fault = error(operation, body)
    assert (fault["param"], fault["code"]) == (param, code)


GOOD: list[tuple[str, dict[str, Any]]] = [
    ("responses.create", request()),
    ("responses.create", request(previous_response_id="resp_1")),
    ("responses.create", request(prompt={"id": "pmpt_1"})),
    ("responses.create", request(conversation={"id": "conv_1"})),
    (
        "responses.create",
        request(
            include=None,
            instructions=None,
            max_output_tokens=None,
            metadata=None,
            previous_response_id=None,
            reasoning=None,
            store=None,
            stream=None,
            temperature=None,
            user=None,
        ),
    ),
    ("responses.create", request(text={}, metadata={}, tools=[], include=[])),
    ("responses.create", request(tool_choice="none", stream=True, background=True)),
    ("responses.create", request(temperature=1, top_p=0.5, max_output_tokens=16)),
    ("responses.create", request(prompt_cache_retention="24h")),
    ("responses.create", request(prompt_cache_retention="in-memory")),
    ("responses.create", request(tools=[{"type": "function", "name": "get-time"}])),
    (
        "responses.create",
        request(
            tools=[
                FUNCTION,
                FUNCTION | {"strict": False, "parameters": WEATHER},
                FUNCTION | {"strict": True, "parameters": None},
                {"type": "code_interpreter", "container": {"type": "auto"}},
                {"type": "code_interpreter", "container": "cntr_1"},
                {"type": "web_search"},
                {"type": "image_generation", "size": "512x512", "partial_images": 0},
                {"type": "file_search", "vector_store_ids": ["vs_1"], "filters": None},
                {
                    "type": "mcp",
                    "server_label": "docs",
                    "server_url": "https://example.com",
                    "require_approval": {"never": {"tool_names": ["search"]}},
                    "allowed_tools": ["search"],
                    "headers": {"X": "1"},
                },
                {"type": "custom", "name": "sql"},
                {
                    "type": "namespace",
                    "name": "crm",
                    "description": "",
                    "tools": [FUNCTION],
                },
            ],
            tool_choice={"type": "web_search"},
        ),
    ),
    (
        "responses.create",
        request(
            tool_choice={
                "type": "allowed_tools",
                "mode": "auto",
                "tools": [{"type": "function", "name": "weather"}],
            }
        ),
    ),
    (
        "responses.create",
        request(
            input=[
                {"role": "developer", "content": "Be brief."},
                {"role": "user", "content": "Hi", "type": "message", "id": "msg_1"},
                {"role": "assistant", "content": "Hello"},
                {"role": "assistant", "content": [{"type": "output_text", "text": ""}]},
                *said(
                    {"type": "input_image", "image_url": "https://example.com/a.png"}
                ),
                *said({"type": "input_file", "file_id": "assistant-1"}),
                {"type": "item_reference", "id": "rs_1"},
                {"id": "msg_1"},
                {"type": None, "id": "msg_1"},
                {"type": "function_call_output", "call_id": "call_1", "output": "1"},
                {
                    "type": "mcp_approval_response",
                    "approval_request_id": "mcpr_1",
                    "approve": True,
                },
                {"type": "reasoning", "id": "rs_1", "summary": []},
                {
                    "type": "mcp_call",
                    "name": "search",
                    "arguments": "{}",
                    "server_label": "docs",
                    "error": "timed out",
                },
            ]
        ),
    ),
    (
        "responses.create",
        request(
            text={
                "format": {
                    "type": "json_schema",
                    "name": "event",
                    "schema": WEATHER,
                    "strict": True,
                }
            }
        ),
    ),
    ("vector_stores.create", {}),
    (
        "vector_stores.create",
        {"name": "handbooks \u2014 \u00fcbersicht", "metadata": {}},
    ),
    ("vector_stores.update", {"name": None, "expires_after": None}),
    ("vector_stores.search", {"query": ["a", "b"], "ranking_options": {}}),
    (
        "vector_stores.search",
        {
            "query": "a",
            "filters": {
                "type": "and",
                "filters": [
                    {"type": "eq", "key": "year", "value": 2025},
                    {"type": "in", "key": "tag", "value": ["a", 1]},
                ],
            },
        },
    ),
    (
        "vector_stores.files.create",
        {"file_id": "assistant-1", "attributes": {"a": "b", "n": 1.5, "t": True}},
    ),
    ("vector_stores.file_batches.create", {"file_ids": ["assistant-1"]}),
    ("vector_stores.file_batches.create", {"files": [{"file_id": "assistant-1"}]}),
    ("files.create", {"file": "a.pdf", "purpose": "assistants"}),
]


@pytest.mark.parametrize(("operation", "body"), GOOD)
def test_what_clients_really_send_is_accepted(
    operation: str, body: dict[str, Any]
) -> None:
    check(operation, body)


def nested(depth: int, wrap: Any, inner: Any) -> Any:
    for _ in range(depth):
        inner = wrap(inner)
    return inner


@pytest.mark.parametrize(
    "body",
    [
        request(input=nested(10_000, lambda inner: [inner], "x")),
        request(metadata=nested(10_000, lambda inner: {"a": inner}, "x")),
        request(
            tools=[
                FUNCTION
                | {
                    "parameters": nested(
                        10_000,
                        lambda inner: WEATHER | {"properties": {"city": inner}},
                        WEATHER,
                    )
                }
            ]
        ),
        request(
            tools=[
                {
                    "type": "file_search",
                    "vector_store_ids": [],
                    "filters": nested(
                        10_000,
                        lambda inner: {"type": "and", "filters": [inner]},
                        {"type": "eq", "key": "k", "value": "v"},
                    ),
                }
            ]
        ),
    ],
    ids=["input", "metadata", "parameters", "filters"],
)
def test_a_body_that_is_nested_too_deeply_is_a_400(body: dict[str, Any]) -> None:
    assert "nested too deeply" in error("responses.create", body)["message"]


def test_long_values_and_names_are_not_repeated_in_full() -> None:
    long = "x" * 1_000_000
    for body in (
        request(truncation=long),
        request(**{long: 1}),
        request(metadata={long: ""}),
        request(tools=[{"type": long}]),
        request(tools=[{"type": "code_interpreter", "container": long}]),
    ):
        assert len(json.dumps(error("responses.create", body))) < 2000


JSON_VALUES: list[Any] = [
    None, True, 0, -1, 1.5, 10**30, "", "\U0001f600", [], [None], [[]], {}, {"": None},
    {"type": None}, {"type": "function"}, [{"type": "message"}], [{"role": []}],
]  # fmt: skip


@pytest.mark.parametrize("value", JSON_VALUES, ids=json.dumps)
def test_no_json_raises_anything_but_a_service_error(value: Any) -> None:
    seeds = [body for operation, body in GOOD if operation == "responses.create"]

    def variants(whole: Any) -> Any:
        """Each place in a body replaced by the value, one at a time."""
        yield value
        if isinstance(whole, dict):
            for name in whole:
                for inner in variants(whole[name]):
                    yield whole | {name: inner}
        elif isinstance(whole, list):
            for index in range(len(whole)):
                for inner in variants(whole[index]):
                    yield [*whole[:index], inner, *whole[index + 1 :]]

    for seed in seeds:
        for body in variants(seed):
            if isinstance(body, dict):
                try:
                    check("responses.create", body)
                except ServiceError as fault:
                    assert fault.status == 400


@pytest.mark.parametrize("exchange", recorded())
def test_recorded_requests_are_judged_as_azure_did(exchange: dict[str, Any]) -> None:
    body = json.loads(exchange["request_body"])
    reply = json.loads(exchange["response_body"]) if exchange["status"] == 400 else {}
    fault: dict[str, Any] = reply.get("error", {})
    if not fault or fault["param"] == "temperature":  # a rule of the model's, not ours
        check("responses.create", body)
    else:
        assert error("responses.create", body) == fault


def output_items() -> list[Any]:
    """One item of each kind, as the SDK holds what the service returned."""
    from openai.types import responses

    item = responses.response_output_item
    message = responses.ResponseOutputMessage
    text = responses.ResponseOutputText.construct(
        type="output_text",
        text="See the handbook.",
        annotations=[
            {"type": "file_citation", "file_id": "f", "filename": "a.pdf", "index": 1},
            {
                "type": "container_file_citation",
                "container_id": "cntr_1",
                "file_id": "cfile_1",
                "filename": "a.png",
                "start_index": 0,
                "end_index": 4,
            },
            {
                "type": "url_citation",
                "url": "https://example.com",
                "title": "t",
                "start_index": 0,
                "end_index": 4,
            },
        ],
        logprobs=[{"token": "a", "bytes": [97], "logprob": -0.1, "top_logprobs": []}],
    )
    parsed = responses.ParsedResponseOutputText.construct(
        type="output_text", text="{}", annotations=[], parsed={"a": 1}
    )
    refusal = {"type": "refusal", "refusal": "No."}
    done: dict[str, Any] = {"status": "completed"}
    made: list[Any] = [
        message.construct(type="message", role="assistant", content=[text], **done),
        responses.ParsedResponseOutputMessage.construct(
            type="message", role="assistant", content=[parsed], **done
        ),
        message.construct(type="message", role="assistant", content=[refusal], **done),
        responses.ResponseReasoningItem.construct(
            type="reasoning",
            id="rs_1",
            summary=[{"type": "summary_text", "text": "Thought."}],
            encrypted_content="gAAA",
        ),
        responses.ResponseFunctionToolCall.construct(
            type="function_call", call_id="call_1", name="f", arguments="{}", **done
        ),
        responses.ParsedResponseFunctionToolCall.construct(
            type="function_call",
            call_id="call_1",
            name="f",
            arguments="{}",
            parsed_arguments={"a": 1},
            **done,
        ),
        responses.ResponseFileSearchToolCall.construct(
            type="file_search_call", queries=["q"], results=None, **done
        ),
        responses.ResponseFileSearchToolCall.construct(
            type="file_search_call",
            queries=["q"],
            results=[{"file_id": "f", "filename": "a.pdf", "score": 0.5, "text": "t"}],
            **done,
        ),
        responses.ResponseCodeInterpreterToolCall.construct(
            type="code_interpreter_call",
            code="1",
            container_id="cntr_1",
            outputs=[{"type": "logs", "logs": "1"}],
            **done,
        ),
        responses.ResponseCodeInterpreterToolCall.construct(
            type="code_interpreter_call", code=None, container_id="cntr_1", **done
        ),
        responses.ResponseFunctionWebSearch.construct(
            type="web_search_call",
            id="ws_1",
            status="searching",
            action={"type": "search", "query": "q"},
        ),
        responses.ResponseComputerToolCall.construct(
            type="computer_call",
            call_id="call_1",
            action=None,
            actions=[{"type": "screenshot"}],
            pending_safety_checks=None,
            **done,
        ),
        item.ImageGenerationCall.construct(
            type="image_generation_call",
            id="ig_1",
            status="generating",
            result="iVBO",
            revised_prompt="An otter",
        ),
        item.McpCall.construct(
            type="mcp_call",
            id="mcp_1",
            name="search",
            arguments="{}",
            server_label="docs",
            error={"type": "http_error", "code": 504, "message": "Timed out."},
        ),
        item.McpListTools.construct(
            type="mcp_list_tools",
            id="mcpl_1",
            server_label="docs",
            tools=[{"name": "search", "input_schema": {}, "annotations": {"a": 1}}],
        ),
        item.McpApprovalRequest.construct(
            type="mcp_approval_request",
            id="mcpr_1",
            name="search",
            arguments="{}",
            server_label="docs",
        ),
        responses.ResponseCompactionItem.construct(
            type="compaction", id="cmp_1", encrypted_content="gAAA", created_by="x"
        ),
        responses.ResponseCustomToolCall.construct(
            type="custom_tool_call", call_id="call_1", name="sql", input="SELECT 1"
        ),
    ]
    for one in made:
        if one.type != "custom_tool_call":  # whose id may be left out
            one.id = f"{ID_PREFIXES[one.type]}_1"
    return made


def test_output_goes_back_in_as_the_sdk_sends_it() -> None:
    for item in output_items():
        hidden = getattr(item, "__api_exclude__", None)
        sent = item.model_dump(exclude_unset=True, by_alias=True, exclude=hidden)
        check("responses.create", request(input=[sent]))


PARSED = ("input[0].content[0].parsed", "input[0].parsed_arguments")
# Thoughts have no status; `async` has an underscore as the SDK's models name it.
UNSET = ("input[0].status", "input[0].async_")


@pytest.mark.parametrize(
    ("dump", "unknown"),
    [
        ({"exclude_none": True}, set(PARSED)),
        ({}, {PARSED[0], *UNSET}),
    ],
)
def test_output_that_a_client_dumps_may_have_keys_that_are_not_known(
    dump: dict[str, Any], unknown: set[str]
) -> None:
    refused: set[str] = set()
    for item in output_items():
        try:
            check("responses.create", request(input=[item.model_dump(**dump)]))
        except ServiceError as error:
            assert error.body["error"]["code"] == "unknown_parameter"
            refused.add(error.body["error"]["param"])

    assert refused == unknown


def test_what_is_missing_in_output_that_goes_back_in_is_still_missed() -> None:
    call = {"type": "function_call", "name": "f", "arguments": "{}", "extra": 1}
    fault = error("responses.create", request(input=[call]))
    assert fault["message"] == "Missing required parameter: 'input[0].call_id'."


def test_query_parameters_come_back_as_numbers_booleans_and_lists() -> None:
    query = {
        "starting_after": ["3"],
        "stream": ["true"],
        "include": ["reasoning.encrypted_content"],
        "api-version": ["preview"],
    }
    assert check_query("responses.retrieve", query) == {
        "starting_after": 3,
        "stream": True,
        "include": ["reasoning.encrypted_content"],
    }
    assert check_query("responses.input_items.list", {"limit": ["1", "2"]}) == {
        "limit": 2
    }


@pytest.mark.parametrize(
    ("query", "param", "code"),
    [
        ({"limit": ["ten"]}, "limit", "invalid_type"),
        ({"limit": ["9" * 5000]}, "limit", "invalid_type"),
        ({"limit": ["0"]}, "limit", "integer_below_min_value"),
        ({"limit": ["101"]}, "limit", "integer_above_max_value"),
        ({"order": ["up"]}, "order", "invalid_value"),
        ({"include": ["all"]}, "include[0]", "invalid_value"),
    ],
)
def test_a_wrong_query_parameter_is_a_400(
    query: dict[str, list[str]], param: str, code: str
) -> None:
    with pytest.raises(ServiceError) as caught:
        check_query("responses.input_items.list", query)
    fault = caught.value.body["error"]
    assert (fault["param"], fault["code"]) == (param, code)


def test_a_check_costs_microseconds() -> None:
    body = request(tools=[FUNCTION], input=said({"type": "input_text", "text": "Hi"}))
    check("responses.create", body)
    fastest = float("inf")
    for _ in range(200):
        start = time.perf_counter()
        check("responses.create", body)
        fastest = min(fastest, time.perf_counter() - start)
    assert fastest < 500e-6  # about a tenth of that; the machine may be busy


@pytest.mark.filterwarnings("default:requests.json")
def test_requests_json_is_what_the_installed_sdk_says() -> None:
    from responses_emulator.contract import generate

    written = json.loads(generate.REQUESTS.read_text(encoding="utf-8"))
    names = ("azure", "openai")
    made = json.loads(generate.generate([contract(name) for name in names]))

    stale = [
        f"{part}.{name}"
        for part in ("operations", "$defs")
        for name in written[part].keys() | made[part].keys()
        if written[part].get(name) != made[part].get(name)
    ]
    told = (
        f"requests.json, made from openai {written['openai']}, is stale with openai "
        f"{made['openai']}: run python -m responses_emulator.contract.generate; "
        "it changes "
        f"{', '.join(sorted(stale))}"
    )
    # Who merely has another SDK installed is told and can go on. CI has to know.
    if stale and written["openai"] != made["openai"] and not os.environ.get("CI"):
        warnings.warn(told, stacklevel=1)
    else:
        assert not stale, told


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("stre", " Did you mean 'store' or 'stream'?"),
        ("strem", " Did you mean 'stream' or 'store'?"),
        ("temperatur", " Did you mean 'temperature'?"),
        ("modell", ""),  # which is there already
        ("z" * 1_000_000, ""),
    ],
)
def test_a_misspelled_parameter_is_told_what_it_resembles(
    name: str, meant: str
) -> None:
    message = error("responses.create", request(**{name: 1}))["message"]
    assert message.partition("'.")[2] == meant
