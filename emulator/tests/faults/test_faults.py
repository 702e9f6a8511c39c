"""Faults on demand: each one does what its row says, in both carriers."""

import asyncio
import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, get_args

import httpx2
import openai
import pytest
from openai.types.responses import ResponseError
from openai.types.responses.response_error import Misalignment
from openai.types.vector_stores.vector_store_file import LastError
from pydantic import TypeAdapter

from emulator.tests.conftest import GET_WEATHER, Client, text
from emulator.tests.conftest import parse as events_of
from emulator.tests.exchanges import violations
from emulator.tests.resources.test_files import upload
from responses_emulator.account import KEY, TOKEN_PATH
from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.adapters.transport import AsyncTransport, Transport
from responses_emulator.core import Emulator
from responses_emulator.faults import HEADER, failures, parse
from responses_emulator.faults.table import FAULTS
from responses_emulator.http import Pause, Request
from responses_emulator.routes import OPERATIONS
from responses_emulator.tools.mslearn import LEARN

MODEL = "gpt-5-mini"
LEARN_TOOL: Any = {
    "type": "mcp",
    "server_label": "learn",
    "server_url": LEARN,
    "require_approval": "never",
}
CARRIERS = ("in process", "server")


@contextmanager
def carried(
    emulator: Emulator, carrier: str, **options: Any
) -> Iterator[openai.OpenAI]:
    """The SDK, its requests carried to the emulator; nothing is retried."""
    options = {"max_retries": 0, "timeout": 10, **options}
    if carrier == "in process":
        http_client = httpx2.Client(transport=Transport(emulator.handle))
        with openai.OpenAI(
            api_key=KEY,
            base_url="https://example.openai.azure.com/openai/v1/",
            http_client=http_client,
            **options,
        ) as sdk:
            yield sdk
        return
    with (
        serving(App(emulator)) as url,
        openai.OpenAI(api_key=KEY, base_url=f"{url}/openai/v1/", **options) as sdk,
    ):
        yield sdk


@pytest.fixture(params=CARRIERS)
def sdk(request: pytest.FixtureRequest, client: Client) -> Iterator[openai.OpenAI]:
    with carried(client.emulator, request.param) as sdk:
        yield sdk


# The registry


def test_a_fault_hits_the_next_request_once(client: Client) -> None:
    client.emulator.faults.add("server-error")
    assert client.error("POST", "/responses")[0] == 500
    assert client.create()["status"] == "completed"


def test_a_fault_hits_so_many_requests_or_all(client: Client) -> None:
    client.emulator.faults.add("unavailable", times=2)
    statuses = [client.send("GET", "/models").status for _ in range(3)]
    assert statuses == [503, 503, 200]

    client.emulator.faults.add("unavailable", times="all")
    assert {client.send("GET", "/models").status for _ in range(5)} == {503}
    client.emulator.faults.clear()
    assert client.send("GET", "/models").status == 200


def test_a_fault_lets_pass_what_it_is_told_to(client: Client) -> None:
    client.emulator.faults.add("timeout", after=1)
    statuses = [client.send("GET", "/models").status for _ in range(3)]
    assert statuses == [200, 408, 200]


def test_a_fault_waits_for_its_operation(client: Client) -> None:
    client.emulator.faults.add("timeout", operation="files.list")
    assert client.create()["status"] == "completed"
    assert client.send("GET", "/files").status == 408


def test_a_fault_hits_the_dated_layout_as_well(client: Client) -> None:
    client.base = "/openai"
    client.emulator.faults.add("timeout", operation="vector_stores.files.list")
    version = "?api-version=2025-04-01-preview"
    assert client.send("GET", f"/files{version}").status == 200
    assert client.send("GET", f"/vector_stores/vs_1/files{version}").status == 408


def test_a_reply_says_which_fault_it_had(client: Client) -> None:
    client.emulator.faults.add("timeout")
    assert client.send("GET", "/files").headers[HEADER] == "timeout"
    assert HEADER not in client.send("GET", "/files").headers


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no-such-fault", "There is no fault 'no-such-fault'"),
        ("delay:seconds=1", "it takes ms, times, after, not 'seconds'"),
        ("delay:ms=soon", "ms is a whole number from 0"),
        ("delay:ms=-1", "ms is a whole number from 0"),
        ("status:status=0", "status is from 400 to 599"),
        ("status:status=204", "status is from 400 to 599"),
        ("delay:times=0", "times is a whole number from 1"),
        ("delay:ms", "expected KEY=VALUE"),
        ("reset:how=gently", "how is one of reset, close, refuse"),
        ("filter-output:category=x", "category is one of hate, self_harm, sexual"),
        (
            "stream-error:code=gently",
            "code is one of server_error, rate_limit_exceeded",
        ),
        ("delay@nowhere", "There is no operation 'nowhere'"),
        ("failed@files.create", "it hits responses.create, not files.create"),
    ],
)
def test_what_is_wrong_with_a_fault_is_said(text: str, says: str) -> None:
    with pytest.raises(ValueError) as raised:
        parse(text)
    assert says in str(raised.value)


def test_a_fault_in_text_has_parameters_and_an_operation() -> None:
    rule = parse("rate-limited:retry_after_ms=50,times=all,after=2@files.create")
    assert rule.as_json() == {
        "fault": "rate-limited",
        "operation": "files.create",
        "times": "all",
        "after": 2,
        "retry_after_ms": 50,
    }


def test_a_request_brings_its_own_fault(client: Client) -> None:
    reply = client.send("GET", "/files", x_emulator_fault="status:status=418,code=Tea")
    assert reply.status == 418
    assert client.send("GET", "/files").status == 200


def test_a_wrong_fault_in_a_header_is_a_400_that_lists_them(client: Client) -> None:
    status, error = client.error("GET", "/files", x_emulator_fault="tea")
    assert (status, error["param"]) == (400, HEADER)
    assert "rate-limited" in error["message"]


def test_operations_are_named_as_in_the_sdk() -> None:
    named = {"responses.create", "responses.input_items.list", "files.content"}
    named |= {"vector_stores.file_batches.create", "conversations.items.retrieve"}
    assert named <= OPERATIONS


# Errors


STATUSES = {
    "status": 500,
    "wrong-key": 401,
    "no-key": 401,
    "expired-token": 401,
    "no-role": 401,
    "key-auth-disabled": 403,
    "firewall": 403,
    "deployment-not-found": 404,
    "model-not-found": 404,
    "resource-not-found": 404,
    "api-version-too-old": 400,
    "api-version-unknown": 400,
    "unsupported-parameter": 400,
    "operation-not-supported": 400,
    "bad-request": 400,
    "timeout": 408,
    "rate-limited": 429,
    "at-capacity": 429,
    "server-error": 500,
    "backend-not-set": 500,
    "unavailable": 503,
    "filter-prompt": 400,
}


@pytest.mark.parametrize("name", STATUSES)
def test_the_sdk_raises_what_it_raises_on_azure(sdk: openai.OpenAI, name: str) -> None:
    with pytest.raises(openai.APIStatusError) as raised:
        sdk.responses.create(model=MODEL, input="Hello.", extra_headers={HEADER: name})
    assert raised.value.status_code == STATUSES[name]
    assert raised.value.response.headers[HEADER] == name


def test_a_limit_says_when_to_come_back_in_seconds_and_in_milliseconds(
    client: Client,
) -> None:
    client.emulator.faults.add("rate-limited", retry_after_ms=1500)
    headers = client.send(
        "POST", "/responses", {"model": MODEL, "input": "Hi."}
    ).headers
    assert (headers["retry-after"], headers["retry-after-ms"]) == ("2", "1500")


def test_a_status_has_the_body_that_was_asked_for(client: Client) -> None:
    client.emulator.faults.add("status", status=409, code="Conflict", message="No.")
    assert client.error("GET", "/files") == (
        409,
        {"code": "Conflict", "message": "No."},
    )


def test_the_identity_endpoint_can_refuse_a_token(client: Client) -> None:
    client.emulator.faults.add("token-refused")
    assert client.create()["status"] == "completed"  # it is not meant
    refused = client.emulator.handle(Request("GET", TOKEN_PATH))
    assert refused.status == 400
    assert isinstance(refused.body, bytes)
    assert json.loads(refused.body) == {
        "statusCode": 400,
        "message": "No managed identity was found for the requested resource.",
    }


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (
            "rate-limitd",
            "There is no fault 'rate-limitd': did you mean 'rate-limited'?",
        ),
        ("reset:operation=response.create", "did you mean 'responses.create'?"),
        ("xyz", "There is no fault 'xyz'; there are: status, "),
    ],
)
def test_a_fault_that_there_is_not_is_told_what_there_is(
    client: Client, spec: str, said: str
) -> None:
    name, _, rest = spec.partition(":operation=")
    with pytest.raises(ValueError) as raised:
        client.emulator.faults.add(name, **({"operation": rest} if rest else {}))
    assert said in str(raised.value)


def test_a_fault_hits_once_unless_it_is_told_otherwise(client: Client) -> None:
    client.emulator.faults.add("server-error")
    body = {"model": client.model, "input": "Hello."}
    statuses = [client.send("POST", "/responses", body).status for _ in range(3)]
    assert statuses == [500, 200, 200]


# Connections


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("body", [{}, {"stream": True}, {"tools": [GET_WEATHER]}])
@pytest.mark.parametrize("how", ["reset", "close"])
def test_a_reset_before_the_reply_is_a_connection_error_that_is_retried(
    client: Client, carrier: str, how: str, body: dict[str, Any]
) -> None:
    broken = httpx2.ReadError if how == "reset" else httpx2.RemoteProtocolError
    client.emulator.faults.add("reset", how=how)
    with carried(client.emulator, carrier) as sdk:
        with pytest.raises(openai.APIConnectionError) as raised:
            sdk.responses.create(model=MODEL, input="Hello.", **body)
        assert isinstance(raised.value.__cause__, broken)
        assert len(client.emulator.store.responses) == 0
        sdk.responses.create(model=MODEL, input="Hello.", **body)


def test_a_refused_connection_is_one_in_process(client: Client) -> None:
    client.emulator.faults.add("reset", how="refuse")
    with (
        carried(client.emulator, "in process") as sdk,
        pytest.raises(openai.APIConnectionError) as raised,
    ):
        sdk.models.list()
    assert isinstance(raised.value.__cause__, httpx2.ConnectError)


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("how", ["reset", "close"])
@pytest.mark.parametrize("body", [{}, {"tools": [GET_WEATHER]}])
def test_a_reset_in_the_reply_breaks_it_in_the_middle(
    client: Client, carrier: str, how: str, body: dict[str, Any]
) -> None:
    broken = httpx2.ReadError if how == "reset" else httpx2.RemoteProtocolError
    client.emulator.faults.add("reset-in-reply", how=how)
    with (
        carried(client.emulator, carrier) as sdk,
        pytest.raises(openai.APIConnectionError) as raised,
    ):
        sdk.responses.create(model=MODEL, input="Hello.", **body)
    assert isinstance(raised.value.__cause__, broken)
    assert len(client.emulator.store.responses) == 1  # it was answered


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("how", ["reset", "close"])
@pytest.mark.parametrize("body", [{}, {"tools": [GET_WEATHER]}])
def test_a_reset_in_a_stream_comes_after_so_many_events(
    client: Client, carrier: str, how: str, body: dict[str, Any]
) -> None:
    client.emulator.faults.add("reset-in-reply", how=how, events=3)
    seen: list[str] = []
    with carried(client.emulator, carrier) as sdk:
        stream = sdk.responses.create(model=MODEL, input="Hello.", stream=True, **body)
        with pytest.raises((openai.APIConnectionError, httpx2.TransportError)):
            for event in stream:
                seen.append(event.type)
    assert seen == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
    ]
    [stored] = client.emulator.store.responses
    assert stored.body["status"] == "cancelled"


def test_a_reset_over_a_socket_is_tcps_own() -> None:
    emulator = Emulator()
    emulator.faults.add("reset")
    with serving(App(emulator)) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), 10) as raw:
            raw.sendall(b"GET /openai/v1/models HTTP/1.1\r\nhost: localhost\r\n\r\n")
            with pytest.raises(ConnectionResetError):
                raw.recv(1)


def test_a_delay_holds_up_nobody_else() -> None:
    emulator = Emulator()
    emulator.faults.add("delay", ms=60_000)
    body = json.dumps({"model": MODEL, "input": "Hello."})
    headers = {"api-key": KEY, "content-type": "application/json"}
    started = time.monotonic()
    with serving(App(emulator)) as url:
        late, prompt = (
            http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
            for _ in range(2)
        )
        late.request("POST", "/openai/v1/responses", body, headers)
        while not len(emulator.store.responses):  # it has been answered, not sent
            assert time.monotonic() - started < 10
        prompt.request("POST", "/openai/v1/responses", body, headers)
        assert prompt.getresponse().status == 200
        late.close()
        prompt.close()
    assert time.monotonic() - started < 10  # who left is not waited for


def test_a_delay_in_process_is_slept(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    client.emulator.faults.add("delay", ms=1500)
    with carried(client.emulator, "in process") as sdk:
        assert sdk.models.list().data
    assert slept == [1.5]


def test_the_async_client_meets_the_same_faults(client: Client) -> None:
    client.emulator.faults.add("reset-in-reply", events=2)
    client.emulator.faults.add("delay", ms=1)

    async def main() -> None:
        async with openai.AsyncOpenAI(
            api_key=KEY,
            base_url="https://example.openai.azure.com/openai/v1/",
            http_client=httpx2.AsyncClient(
                transport=AsyncTransport(client.emulator.handle)
            ),
            max_retries=0,
        ) as sdk:
            stream = await sdk.responses.create(
                model=MODEL, input="Hello.", stream=True
            )
            with pytest.raises((openai.APIConnectionError, httpx2.ReadError)):
                async for _ in stream:
                    pass
            await sdk.models.list()

    asyncio.run(main())


# Replies


def test_truncated_json_is_no_json(sdk: openai.OpenAI, client: Client) -> None:
    client.emulator.faults.add("truncated-json")
    with pytest.raises((openai.APIError, json.JSONDecodeError)):
        sdk.responses.create(model=MODEL, input="Hello.")


def test_a_stream_that_stops_raises_nothing(sdk: openai.OpenAI, client: Client) -> None:
    client.emulator.faults.add("stream-stops", events=5)
    stream = sdk.responses.create(model=MODEL, input="Hello.", stream=True)
    kinds = [event.type for event in stream]
    assert len(kinds) == 5
    client.emulator.faults.add("stream-stops", events=10_000)
    stream = sdk.responses.create(model=MODEL, input="Hello.", stream=True)
    *_, last = stream
    assert last.type == "response.output_item.done"


@pytest.mark.parametrize("code", ["server_error", "rate_limit_exceeded"])
def test_an_error_in_a_stream_is_raised(
    sdk: openai.OpenAI, client: Client, code: str
) -> None:
    client.emulator.faults.add("stream-error", code=code, events=2)
    stream = sdk.responses.create(model=MODEL, input="Hello.", stream=True)
    seen: list[str] = []
    with pytest.raises(openai.APIError) as raised:
        for event in stream:
            seen.append(event.type)
    assert len(seen) == 2
    assert raised.value.code == code
    is_limited = "Rate limit is exceeded." in raised.value.message
    assert is_limited == (code == "rate_limit_exceeded")


def test_a_flat_error_is_as_the_contract_has_it(client: Client) -> None:
    client.emulator.faults.add("stream-error", shape="flat", events=1)
    created, error = client.events()
    assert created["type"] == "response.created"
    assert (error["type"], error["code"]) == ("error", "server_error")


def pieces_of(client: Client, fault: str, **parameters: Any) -> list[Any]:
    client.emulator.faults.add(fault, **parameters)
    body = {"model": MODEL, "input": "Hello.", "stream": True}
    return list(client.send("POST", "/responses", body).body)


@pytest.mark.parametrize(
    ("where", "place"),
    [
        ({"events": 2}, 2),
        ({"at": "response.output_text.delta"}, 6),
        ({"at": "response.completed"}, -2),
    ],
)
def test_a_stream_stalls_at_a_given_event_and_goes_on(
    client: Client, where: dict[str, Any], place: int
) -> None:
    pieces = pieces_of(client, "stream-stalls", ms=45_000, **where)
    assert pieces[place] == Pause(45)
    following = pieces[place + 1]["type"]
    assert following == where.get("at", following)
    events = [piece for piece in pieces if piece != Pause(45)]
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    assert events[-1]["type"] == "response.completed"


@pytest.mark.parametrize("where", [{"events": 9999}, {"at": "response.refusal.delta"}])
def test_where_a_stream_does_not_come_it_does_not_stall(
    client: Client, where: dict[str, Any]
) -> None:
    pieces = pieces_of(client, "stream-stalls", **where)
    assert not [piece for piece in pieces if isinstance(piece, Pause)]


def test_a_silent_stream_gives_signs_of_life(client: Client) -> None:
    pieces = pieces_of(client, "keepalive", events=3, ms=30_000, count=2)
    alive = [{"type": "keepalive", "sequence_number": number} for number in (3, 4)]
    assert pieces[3:7] == [Pause(30), alive[0], Pause(30), alive[1]]
    numbers = [event["sequence_number"] for event in pieces if event != Pause(30)]
    assert numbers == list(range(len(numbers)))


@pytest.mark.parametrize("way", ["create", "stream"])
def test_the_sdk_survives_them(sdk: openai.OpenAI, client: Client, way: str) -> None:
    client.emulator.faults.add("keepalive", ms=1)
    if way == "stream":
        with sdk.responses.stream(model=MODEL, input="Hello.") as stream:
            kinds = [event.type for event in stream]
            assert stream.get_final_response().output_text
    else:
        created = sdk.responses.create(model=MODEL, input="Hello.", stream=True)
        kinds = [event.type for event in created]
    assert "keepalive" in kinds
    assert kinds[-1] == "response.completed"


# Answers


@pytest.mark.parametrize("stream", [False, True])
def test_a_failed_response_comes_with_200(client: Client, stream: bool) -> None:
    client.emulator.faults.add("failed")
    if stream:
        *_, last = client.events()
        assert last["type"] == "response.failed"
        response = last["response"]
    else:
        response = client.create()
    assert response["status"] == "failed"
    assert response["error"]["code"] == "server_error"
    assert (response["usage"], response["completed_at"]) == (None, None)
    assert response["output"] == []
    assert client.json("GET", f"/responses/{response['id']}") == response


def test_a_background_response_fails_when_its_time_has_come(client: Client) -> None:
    client.emulator.faults.add("failed")
    queued = client.create(background=True)
    assert queued["status"] == "queued"
    client.clock.now += 10
    assert client.json("GET", f"/responses/{queued['id']}")["status"] == "failed"


def test_a_background_response_that_never_ends_can_be_cancelled(client: Client) -> None:
    client.emulator.faults.add("background-never-ends")
    assert client.create()["status"] == "completed"  # not in the background: not meant
    path = f"/responses/{client.create(background=True)['id']}"
    client.clock.now += 1e6
    assert client.json("GET", path)["status"] == "in_progress"
    assert client.json("POST", f"{path}/cancel")["status"] == "cancelled"


def test_somebody_else_cancels_a_background_response(client: Client) -> None:
    client.emulator.faults.add("background-cancelled")
    assert client.create()["status"] == "completed"  # not in the background: not meant
    queued = client.create(background=True)
    assert queued["status"] == "queued"
    path = f"/responses/{queued['id']}"
    assert client.json("GET", path)["status"] == "cancelled"
    client.clock.now += 1e6
    assert client.json("GET", path)["status"] == "cancelled"


def test_a_background_stream_that_somebody_cancels_ends(client: Client) -> None:
    client.emulator.faults.add("background-cancelled")
    events = client.events(background=True)
    kinds = [event["type"].removeprefix("response.") for event in events]
    assert kinds == ["created", "queued", "failed"]
    assert events[-1]["response"]["status"] == "cancelled"


def test_a_background_stream_fails_when_its_time_has_come(client: Client) -> None:
    client.emulator.faults.add("failed")
    body = {"model": MODEL, "input": "Hi.", "background": True, "stream": True}
    pieces = client.send("POST", "/responses", body).body
    kinds: list[str] = []
    for piece in pieces:
        if isinstance(piece, Pause):
            client.clock.now += piece.seconds
        else:
            assert isinstance(piece, dict)
            kinds.append(piece["type"])
    assert kinds == [
        "response.created",
        "response.queued",
        "response.in_progress",
        "response.failed",
    ]


def test_a_background_stream_that_never_ends_waits(client: Client) -> None:
    client.emulator.faults.add("background-never-ends")
    body = {"model": MODEL, "input": "Hi.", "background": True, "stream": True}
    pieces = iter(client.send("POST", "/responses", body).body)
    begun = [next(pieces), next(pieces)]
    client.clock.now += 1e6
    assert isinstance(next(pieces), dict)  # in progress
    assert all(isinstance(next(pieces), Pause) for _ in range(100))
    assert all(isinstance(piece, dict) for piece in begun)


@pytest.mark.parametrize("reason", ["max_output_tokens", "content_filter"])
def test_an_answer_is_cut_for_a_reason(client: Client, reason: str) -> None:
    whole = text(client.create())
    client.emulator.faults.add("incomplete", reason=reason)
    *_, last = client.events()
    response = last["response"]
    assert last["type"] == "response.incomplete"
    assert response["incomplete_details"] == {"reason": reason}
    cut = text(response)
    assert whole.startswith(cut) and len(cut) < len(whole)
    usage = response["usage"]
    assert usage["output_tokens"] < client.create()["usage"]["output_tokens"]
    assert usage["total_tokens"] == usage["input_tokens"] + usage["output_tokens"]


def test_a_refusal_comes_for_an_answer(client: Client) -> None:
    client.emulator.faults.add("refusal")
    *_, item = client.create()["output"]
    assert item["content"][0]["type"] == "refusal"


@pytest.mark.parametrize("name", ["arguments-not-json", "unknown-function"])
@pytest.mark.parametrize("stream", [False, True])
def test_a_function_call_is_not_to_be_trusted(
    client: Client, name: str, stream: bool
) -> None:
    client.emulator.faults.add(name)
    body = {"input": "What is the weather in Oslo?", "tools": [GET_WEATHER]}
    if stream:
        response = client.events(**body)[-1]["response"]
    else:
        response = client.create(**body)
    *_, call = response["output"]
    assert call["type"] == "function_call"
    if name == "unknown-function":
        assert call["name"] == "no_such_function"
        assert json.loads(call["arguments"])
    else:
        assert call["name"] == "get_weather"
        with pytest.raises(json.JSONDecodeError):
            json.loads(call["arguments"])


def test_arguments_can_have_the_wrong_type(client: Client) -> None:
    client.emulator.faults.add("arguments-of-wrong-type")
    *_, call = client.create("Weather in Oslo?", tools=[GET_WEATHER])["output"]
    assert json.loads(call["arguments"]) == {"city": ["wrong"]}


def test_who_would_not_call_calls_with_what_the_prompt_has(client: Client) -> None:
    client.emulator.faults.add("unknown-function")
    *_, call = client.create("I was in Oslo.", tools=[GET_WEATHER])["output"]
    assert call["type"] == "function_call"
    assert json.loads(call["arguments"]) == {"city": "Oslo"}


def test_a_model_can_call_for_ever(client: Client) -> None:
    client.emulator.faults.add("calls-for-ever", times="all")
    first = client.create("Weather in Oslo?", tools=[GET_WEATHER])
    again = client.create(
        [
            {
                "type": "function_call_output",
                "call_id": first["output"][-1]["call_id"],
                "output": "Rain.",
            }
        ],
        tools=[GET_WEATHER],
        previous_response_id=first["id"],
    )
    assert again["output"][-1]["type"] == "function_call"


def test_a_function_fault_passes_a_request_without_functions(client: Client) -> None:
    client.emulator.faults.add("unknown-function")
    assert client.create()["output"][-1]["type"] == "message"
    assert client.emulator.faults.waiting


# Calls of MCP servers


@pytest.mark.parametrize("stream", [False, True])
def test_the_tools_of_an_mcp_server_cannot_be_listed(
    sdk: openai.OpenAI, stream: bool
) -> None:
    with pytest.raises(openai.APIStatusError) as raised:
        sdk.responses.create(
            model=MODEL,
            input="How do I stream a response?",
            tools=[LEARN_TOOL],
            stream=stream,
            extra_headers={HEADER: "mcp-unreachable"},
        )
    assert raised.value.status_code == 424
    assert "tool list from MCP server: 'learn'" in raised.value.message


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("shape", ["text", "object"])
def test_a_call_to_an_mcp_server_fails(
    client: Client, shape: str, stream: bool
) -> None:
    client.emulator.faults.add("mcp-call-fails", shape=shape)
    ask = {"input": "How do I stream a response?", "tools": [LEARN_TOOL]}
    if stream:
        events = client.events(**ask)
        response = events[-1]["response"]
        kinds = [event["type"] for event in events]
        assert "response.mcp_call.failed" in kinds
        assert "response.mcp_call.completed" not in kinds
    else:
        response = client.create(**ask)
    *_, call, answer = response["output"]
    assert (call["type"], call["status"]) == ("mcp_call", "failed")
    assert call["output"] is None
    assert "error occurred" in json.dumps(call["error"])
    if shape == "object":
        assert call["error"]["type"] == "mcp_tool_execution_error"
        assert [part["type"] for part in call["error"]["content"]] == ["text"]
    else:
        assert isinstance(call["error"], str)
    assert "failed" in answer["content"][0]["text"]
    assert response["status"] == "completed"
    assert client.json("GET", f"/responses/{response['id']}") == response


def test_an_mcp_fault_passes_what_calls_no_server(client: Client) -> None:
    client.emulator.faults.add("mcp-unreachable")
    client.emulator.faults.add("mcp-call-fails")
    assert client.create()["status"] == "completed"
    assert len(client.emulator.faults.waiting) == 2
    client.emulator.faults.waiting.pop(0)
    *_, answer = client.create("Tell me a joke.", tools=[LEARN_TOOL])["output"]
    assert "failed" not in answer["content"][0]["text"]


def test_where_a_call_failed_an_answer_that_is_data_stays_data(client: Client) -> None:
    client.emulator.faults.add("mcp-call-fails")
    schema = {
        "type": "object",
        "properties": {"days": {"type": "integer"}},
        "required": ["days"],
        "additionalProperties": False,
    }
    shape = {"type": "json_schema", "name": "kept", "schema": schema, "strict": True}
    *_, answer = client.create(
        "How long is a response kept?", tools=[LEARN_TOOL], text={"format": shape}
    )["output"]
    assert list(json.loads(answer["content"][0]["text"])) == ["days"]


# Indexing


def uploaded(client: Client) -> str:
    return upload(client.emulator.world)["id"]


@pytest.mark.parametrize(
    ("name", "status"),
    [("indexing-fails", "failed"), ("indexing-never-ends", "in_progress")],
)
def test_indexing_fails_or_never_ends(client: Client, name: str, status: str) -> None:
    file = uploaded(client)
    store = client.json("POST", "/vector_stores", {"name": "docs"})
    path = f"/vector_stores/{store['id']}"
    client.emulator.faults.add(name)
    shown = client.json("POST", f"{path}/files", {"file_id": file})
    assert shown["status"] == status
    assert (shown["last_error"] is not None) == (status == "failed")
    assert client.json("GET", f"{path}/files/{file}") == shown
    counts = client.json("GET", path)["file_counts"]
    assert counts[status] == counts["total"] == 1

    client.json("POST", f"{path}/files", {"file_id": file})  # anew, without a fault
    assert client.json("GET", path)["file_counts"]["completed"] == 1


def test_indexing_fails_of_the_files_that_a_new_store_is_made_with(
    client: Client,
) -> None:
    file = uploaded(client)
    client.emulator.faults.add("indexing-fails")
    store = client.json("POST", "/vector_stores", {"file_ids": [file]})
    assert store["file_counts"]["failed"] == 1
    shown = client.json("GET", f"/vector_stores/{store['id']}/files/{file}")
    assert (shown["status"], shown["usage_bytes"]) == ("failed", 0)


def test_what_is_refused_is_not_indexed(client: Client) -> None:
    client.emulator.faults.add("indexing-fails")
    asked = {"file_id": uploaded(client)}
    status, error = client.error("POST", "/vector_stores/vs_1/files", asked)
    assert (status, error["param"]) == (404, "vector_store_id")


def test_indexing_fails_in_the_dated_layout_as_well(client: Client) -> None:
    file = uploaded(client)
    client.base = "/openai"
    client.emulator.faults.add("indexing-fails")
    path = "/vector_stores?api-version=2025-04-01-preview"
    store = client.json("POST", path, {"file_ids": [file]})
    assert store["file_counts"]["failed"] == 1


@pytest.mark.parametrize("padded", [True, False])
@pytest.mark.parametrize("background", [False, True])
def test_deltas_of_a_fault_are_padded_as_others_are(
    client: Client, background: bool, padded: bool
) -> None:
    client.emulator.faults.add("incomplete")
    options = {"include_obfuscation": padded}
    told = client.events(stream_options=options, background=background)
    deltas = [each for each in told if each["type"].endswith("text.delta")]
    assert deltas
    assert all(("obfuscation" in each) is padded for each in deltas)


def test_half_an_answer_is_half_of_it(client: Client) -> None:
    asked = "Count to 20."
    whole = client.create(asked)["output"][-1]["content"][0]["text"]
    client.emulator.faults.add("incomplete")
    half = client.create(asked)["output"][-1]["content"][0]["text"]
    assert half == whole[: len(whole) // 2]
    listed = client.send("GET", "/models").body
    client.emulator.faults.add("truncated-json")
    assert client.send("GET", "/models").body == listed[: len(listed) // 2]


def test_a_stream_that_is_not_stored_is_cut_as_well(client: Client) -> None:
    client.emulator.faults.add("incomplete")
    last = client.events("Count to 20.", store=False)[-1]
    assert last["response"]["status"] == "incomplete"
    assert len(client.emulator.store.responses) == 0


@pytest.mark.parametrize("count", [1, 2])
def test_what_follows_signs_of_life_is_numbered_on(client: Client, count: int) -> None:
    client.emulator.faults.add("keepalive", ms=1, count=count)
    numbers = [each["sequence_number"] for each in client.events()]
    assert numbers == [*range(len(numbers))]


def test_a_stream_that_a_query_asks_for_is_one(client: Client) -> None:
    made = client.create(background=True, stream=False)
    client.clock.now += 10
    client.emulator.faults.add("stream-stops", events=2)
    path = f"/responses/{made['id']}"
    assert client.json("GET", path)["status"] == "completed"
    assert len(client.emulator.faults.waiting) == 1
    client.send("GET", f"{path}?stream=true")
    assert client.emulator.faults.waiting == []


def test_a_thousand_faults_wait(client: Client) -> None:
    for _ in range(1_000):
        client.emulator.faults.add("timeout")
    with pytest.raises(ValueError, match="At most 1,000 faults wait"):
        client.emulator.faults.add("timeout")


@pytest.mark.parametrize("code", failures.INDEXING)
def test_indexing_fails_with_any_code_of_the_api(client: Client, code: str) -> None:
    file = uploaded(client)
    store = client.json("POST", "/vector_stores", {"name": "docs"})
    client.emulator.faults.add("indexing-fails", code=code)
    path = f"/vector_stores/{store['id']}/files"
    shown = client.json("POST", path, {"file_id": file})
    assert shown["last_error"] == {"code": code, "message": failures.INDEXING[code]}
    assert (
        TypeAdapter(LastError).validate_python(shown["last_error"], strict=True).message
    )
    assert set(get_args(LastError.model_fields["code"].annotation)) == set(
        failures.INDEXING
    )


def test_a_batch_that_never_ends_can_be_cancelled(client: Client) -> None:
    file = uploaded(client)
    store = client.json("POST", "/vector_stores", {"name": "docs"})
    client.emulator.faults.add("indexing-never-ends")
    path = f"/vector_stores/{store['id']}/file_batches"
    batch = client.json("POST", path, {"file_ids": [file]})
    assert batch["status"] == "in_progress"
    cancelled = client.json("POST", f"{path}/{batch['id']}/cancel")
    assert cancelled["status"] == "cancelled"
    assert cancelled["file_counts"]["cancelled"] == 1


# All of them


@pytest.mark.parametrize("contract", ["azure", "openai"])
def test_faults_of_an_answer_keep_to_the_contract(
    client: Client, contract: str
) -> None:
    names = ["failed", "incomplete", "refusal", "unknown-function", "filter-output"]
    names += ["arguments-not-json", "filter-annotates", "calls-for-ever"]
    body = {"model": MODEL, "input": "Hello.", "tools": [GET_WEATHER]}
    found: list[str] = []
    for name in names:
        for stream in (False, True):
            client.emulator.faults.add(name)
            call = ("POST", "/responses", {**body, "stream": stream})
            found += violations(client, contract, [call])
    assert not client.emulator.faults.waiting
    assert found == []


# The contracts have it flat; users of Azure met it nested.
@pytest.mark.parametrize("contract", ["azure", "openai"])
def test_an_error_in_a_stream_keeps_to_the_contract_if_it_is_flat(
    client: Client, contract: str
) -> None:
    client.emulator.faults.add("stream-error", shape="flat", events=2)
    ask = {"model": MODEL, "input": "Hello.", "stream": True}
    [told] = violations(client, contract, [("POST", "/responses", ask)])
    assert "  order: the stream ends without one of " in told  # the error is its end


# The two contracts do not agree: a text, or an object.
@pytest.mark.parametrize(
    ("contract", "shape"), [("azure", "text"), ("openai", "object")]
)
@pytest.mark.parametrize("stream", [False, True])
def test_a_failed_call_to_an_mcp_server_keeps_to_its_contract(
    client: Client, contract: str, shape: str, stream: bool
) -> None:
    client.emulator.faults.add("mcp-call-fails", shape=shape)
    ask = {"model": MODEL, "input": "How do I stream?", "tools": [LEARN_TOOL]}
    call = ("POST", "/responses", {**ask, "stream": stream})
    assert violations(client, contract, [call]) == []


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("code", failures.CODES)
def test_a_response_fails_with_any_code_of_the_api(
    client: Client, code: str, stream: bool
) -> None:
    client.emulator.faults.add("failed", code=code)
    response = client.events()[-1]["response"] if stream else client.create()

    assert response["status"] == "failed"
    assert response["error"]["code"] == code
    assert ("misalignment" in response["error"]) is (
        code == "misalignment_policy_violation"
    )
    told = TypeAdapter(ResponseError).validate_python(response["error"])
    assert told.message


@pytest.mark.parametrize("stream", [False, True])
def test_a_response_fails_with_a_code_that_no_contract_has(
    client: Client, stream: bool
) -> None:
    client.emulator.faults.add("failed", code="context_length_exceeded")
    response = client.events()[-1]["response"] if stream else client.create()
    assert response["error"]["code"] == "context_length_exceeded"
    assert response["error"]["message"]
    with pytest.raises(ValueError, match="code is a text"):
        client.emulator.faults.add("failed", code=" ")


def test_all_codes_of_the_sdk_and_of_the_contract_are_there() -> None:
    assert set(get_args(ResponseError.model_fields["code"].annotation)) == set(
        failures.CODES
    )


def test_what_a_model_was_stopped_for_is_told(client: Client) -> None:
    client.emulator.faults.add("failed", code="misalignment_policy_violation")
    told = Misalignment.model_validate(client.create()["error"]["misalignment"])

    assert told.error_type == "potentially_unintended_data_transfer"
    assert told.detailed_explanation
    assert told.steer
    assert told.steer.message


@pytest.mark.parametrize("name", ["filter-annotates", "filter-output"])
def test_what_the_filter_found_once_is_not_in_the_next_answer(
    client: Client, name: str
) -> None:
    before = client.create()["content_filters"]
    client.emulator.faults.add(name)
    assert client.create()["content_filters"] != before
    assert client.create()["content_filters"] == before


@pytest.mark.parametrize("name", sorted(FAULTS))
def test_every_fault_answers_whatever_it_is_asked(client: Client, name: str) -> None:
    for where in sorted(OPERATIONS):
        if FAULTS[name].can_hit(where):
            parse(f"{name}@{where}")
    for body in (
        None,
        [],
        {"model": MODEL},
        {"model": MODEL, "input": "Hi.", "stream": True, "tools": "none"},
        {"model": MODEL, "input": "Hi.", "tools": [{"type": "function"}, 5]},
        {"model": MODEL, "input": "Hi.", "tools": [{"type": "mcp"}]},
        {"model": MODEL, "input": "Hi.", "tools": [{**LEARN_TOOL, "server_label": 5}]},
        {"model": MODEL, "input": "Hi.", "background": True, "stream": True},
    ):
        reply = client.send("POST", "/responses", body, x_emulator_fault=name)
        assert reply.status < 500 or name in STATUSES
        if not isinstance(reply.body, bytes):
            assert list(events_of(reply))


@pytest.mark.parametrize(
    ("name", "parameter"),
    [(fault.name, each) for fault in FAULTS.values() for each in fault.choices],
)
def test_a_parameter_with_choices_takes_no_other_value(name, parameter):
    fault = FAULTS[name]
    assert fault.parameters[parameter] in fault.choices[parameter]
    for value in fault.choices[parameter]:
        assert parse(f"{name}:{parameter}={value}")
    if parameter in fault.any_text:
        assert parse(f"{name}:{parameter}=no-such-value")
        return
    with pytest.raises(ValueError, match=f"{parameter} is one of "):
        parse(f"{name}:{parameter}=no-such-value")
