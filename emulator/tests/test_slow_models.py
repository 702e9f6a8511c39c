"""A model may be slow and silent: nobody else waits for it, and it can be stopped."""

import asyncio
import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx2
import orjson
import pytest
from openai import APITimeoutError, AsyncOpenAI, AzureOpenAI, OpenAI
from websockets.sync.client import connect as open_socket

from emulator.tests.conftest import Client, Clock, mostly_within, parse
from emulator.tests.models import Repeats, Says
from responses_emulator.account import BATCH_MODEL, KEY, MODEL
from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.adapters.transport import AsyncTransport, Transport
from responses_emulator.core import Emulator
from responses_emulator.errors import busy
from responses_emulator.http import Pause, Reply, Request
from responses_emulator.model.steps import Call, Reasoning, Refusal, Text
from responses_emulator.resources import files
from responses_emulator.signals import Signal
from responses_emulator.store import StoredFile
from responses_emulator.testing import running

STOP_SECONDS = 5  # a silent step ends when nobody waits for it; else it never does
TEXT = "It rains in Rome, and so it should."
CITED = {
    "type": "url_citation",
    "url": "https://weather.example/rome",
    "title": "Rome",
    "start_index": 0,
    "end_index": 16,
}


def slow(*samplings: Any) -> Says:
    return Says(*samplings, waits=True)


def silent() -> Says:
    """Says a word, and then nothing until it is stopped."""
    return slow([Text("Well, "), Signal(), Text("no.")])


@contextmanager
def serving_it(model: Says) -> Iterator[str]:
    with serving(App(Emulator(model=model))) as url:
        yield url


def post(url: str, **body: Any) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    asked = {"model": MODEL, "input": "Well?", **body}
    headers = {"api-key": KEY, "content-type": "application/json"}
    connection.request("POST", "/openai/v1/responses", orjson.dumps(asked), headers)
    return connection


def get(url: str, path: str) -> tuple[int, float]:
    """Status, and how long it took."""
    began = time.monotonic()
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    connection.request("GET", f"/openai/v1{path}", headers={"api-key": KEY})
    status = connection.getresponse().status
    connection.close()
    return status, time.monotonic() - began


def assert_stops(model: Says, began: float) -> None:
    assert model.stopped.wait(5)
    assert time.monotonic() - began < STOP_SECONDS


# Nobody else waits


@pytest.mark.parametrize("stream", [True, False])
def test_while_32_responses_wait_others_are_answered(stream: bool) -> None:
    rest = Signal()
    model = Repeats([Text("Well, "), rest, Text("yes.")])
    with serving_it(model) as url, ExitStack() as opened:
        waiting = [post(url, stream=stream) for _ in range(32)]
        for connection in waiting:
            opened.callback(connection.close)
        if stream:
            for connection in waiting:
                assert b"event: " in connection.getresponse().read1()
        status, seconds = get(url, "/models")
        assert status == 200
        assert seconds < STOP_SECONDS
        rest.set()
        if not stream:
            for connection in waiting:
                reply = orjson.loads(connection.getresponse().read())
                assert reply["output"][0]["content"][0]["text"] == "Well, yes."


def batch_of(client: Client, requests: int) -> dict[str, Any]:
    """A batch that has been created, of so many requests."""
    lines = [
        orjson.dumps(
            {
                "custom_id": f"{number}",
                "method": "POST",
                "url": "/v1/responses",
                "body": {"model": BATCH_MODEL, "input": "Well?"},
            }
        )
        for number in range(requests)
    ]
    file = StoredFile("file-1", "a.jsonl", "batch", b"\n".join(lines), created_at=0)
    client.emulator.store.files.put(file.id, file)
    body = {
        "input_file_id": file.id,
        "endpoint": "/v1/responses",
        "completion_window": "24h",
    }
    return client.json("POST", "/batches", body, status=201)


def soon(holds: Callable[[], object]) -> None:
    until = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.005)


def test_a_batch_is_answered_by_a_slow_model_when_it_has_been_created() -> None:
    rest = Signal()
    client = Client()
    client.emulator = Emulator(
        clock=client.clock,
        background_seconds=6,
        model=slow([Text("One.")], [rest, Text("Two.")], [Text("Three.")]),
    )
    began = time.monotonic()
    batch = batch_of(client, 3)
    assert time.monotonic() - began < STOP_SECONDS
    assert batch["status"] == "validating"
    path = f"/batches/{batch['id']}"
    stored = client.emulator.store.batches.get(batch["id"])
    assert stored is not None
    soon(lambda: stored.results)
    client.clock.now += 60
    shown = client.json("GET", path)
    assert shown["status"] == "in_progress"
    assert shown["request_counts"] == {"total": 3, "completed": 1, "failed": 0}
    assert "finalizing_at" not in shown
    rest.set()
    soon(lambda: len(stored.results) == 3)
    soon(lambda: client.json("GET", path)["status"] == "finalizing")
    client.clock.now += 1
    done = client.json("GET", path)
    assert done["status"] == "completed"
    assert done["finalizing_at"] == done["completed_at"] - 1
    assert done["request_counts"] == {"total": 3, "completed": 3, "failed": 0}
    reply = client.send("GET", f"/files/{done['output_file_id']}/content")
    assert isinstance(reply.body, bytes)
    answers = [orjson.loads(line) for line in reply.body.splitlines()]
    assert [
        answer["response"]["body"]["output"][0]["content"][0]["text"]
        for answer in answers
    ] == ["One.", "Two.", "Three."]


def test_a_batch_that_is_cancelled_asks_a_slow_model_for_no_more() -> None:
    rest = Signal()
    model = slow([Text("One.")], [rest, Text("Two.")], [Text("Three.")])
    client = Client()
    client.emulator = Emulator(clock=client.clock, background_seconds=6, model=model)
    batch = batch_of(client, 3)
    stored = client.emulator.store.batches.get(batch["id"])
    assert stored is not None
    soon(lambda: len(model.turns) == 2)
    client.clock.now += 3
    path = f"/batches/{batch['id']}"
    client.json("POST", f"{path}/cancel")
    rest.set()
    soon(lambda: client.emulator.world.batch_pool._idle)
    assert len(model.turns) == 2
    client.clock.now += 1
    shown = client.json("GET", path)
    assert shown["status"] == "cancelled"
    assert shown["request_counts"] == {"total": 3, "completed": 1, "failed": 0}


def test_a_fault_that_waits_holds_nobody_up() -> None:
    rest = Signal()
    emulator = Emulator(model=Repeats([rest, Text("Yes.")]))
    emulator.faults.add("incomplete")
    with serving(App(emulator)) as url:
        connection = post(url)
        assert get(url, "/models")[1] < STOP_SECONDS
        rest.set()
        body = orjson.loads(connection.getresponse().read())
        assert body["status"] == "incomplete"
        connection.close()


def test_what_is_said_goes_out_before_the_rest_is_known() -> None:
    rest = Signal()
    with serving_it(slow([Text("Well, "), rest, Text("yes.")])) as url:
        client = OpenAI(api_key=KEY, base_url=f"{url}/openai/v1/")
        with client.responses.create(model=MODEL, input="Well?", stream=True) as stream:
            heard: list[str] = []
            for event in stream:
                if event.type == "response.output_text.delta":
                    heard.append(event.delta)
                    rest.set()
                if event.type == "response.completed":
                    assert event.response.output_text == "Well, yes."
        assert "".join(heard) == "Well, yes."


def test_a_late_reply_is_a_whole_one() -> None:
    rest = Signal()
    with serving_it(slow([rest, Text("Yes.")])) as url:
        connection = post(url)
        rest.set()
        reply = connection.getresponse()
        body = reply.read()
        assert reply.headers["content-length"] == str(len(body))
        assert orjson.loads(body)["status"] == "completed"
        connection.close()


# An event loop does not wait


def in_process(emulator: Emulator) -> AsyncOpenAI:
    transport = AsyncTransport(emulator.handle, waits=emulator.waits_for_a_model)
    return AsyncOpenAI(
        api_key=KEY,
        base_url="http://localhost/openai/v1/",
        http_client=httpx2.AsyncClient(transport=transport),
    )


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("fault", ["", "incomplete"])
def test_an_event_loop_never_waits_for_a_model(stream: bool, fault: str) -> None:
    rest = Signal()
    emulator = Emulator(model=slow([rest, Text("Yes.")]))
    if fault:
        emulator.faults.add(fault)

    async def ask() -> None:
        async with in_process(emulator) as client:
            reply = await client.responses.create(
                model=MODEL, input="Well?", stream=stream
            )
            if stream:
                async for _ in reply:
                    pass

    async def main() -> None:
        asking = asyncio.create_task(ask())
        for _ in range(20):  # which it could not count to if it waited
            await asyncio.sleep(0.001)
        assert not asking.done()
        rest.set()
        await asking

    asyncio.run(asyncio.wait_for(main(), 10))


@pytest.mark.parametrize("stream", [True, False])
def test_who_gives_up_in_the_same_process_stops_a_silent_model(stream: bool) -> None:
    model = silent()

    async def ask() -> None:
        async with in_process(Emulator(model=model)) as client:
            reply = await client.responses.create(
                model=MODEL, input="Well?", stream=stream
            )
            async for _ in reply:
                pass

    async def main() -> None:
        asking = asyncio.create_task(ask())
        assert await asyncio.to_thread(model.silent.wait, 5)
        began = time.monotonic()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert await asyncio.to_thread(model.stopped.wait, 5)
        assert time.monotonic() - began < STOP_SECONDS

    asyncio.run(asyncio.wait_for(main(), 10))


@pytest.mark.parametrize("stream", [True, False])
def test_a_timeout_stops_a_silent_model_in_the_same_process(stream: bool) -> None:
    model = silent()
    with running(model=model), OpenAI(max_retries=0, timeout=0.2) as client:
        with pytest.raises(APITimeoutError):
            asked = client.responses.create(model=MODEL, input="?", stream=stream)
            assert [*asked]
        # On a machine that is too busy, it was not even asked.
        assert model.stopped.wait(STOP_SECONDS) or not model.turns


def test_a_sync_client_reads_what_comes_slowly() -> None:
    rest = Signal()
    emulator = Emulator(model=slow([Text("Well, "), rest, Text("yes.")]))
    client = OpenAI(
        api_key=KEY,
        base_url="http://localhost/openai/v1/",
        http_client=httpx2.Client(transport=Transport(emulator.handle)),
    )
    said = ""
    for event in client.responses.create(model=MODEL, input="Well?", stream=True):
        if event.type == "response.output_text.delta":
            said += event.delta
            rest.set()
    assert said == "Well, yes."


# A silent step can be stopped


@pytest.mark.parametrize("stream", [True, False])
def test_who_leaves_stops_a_silent_model(stream: bool) -> None:
    def seconds() -> float:
        model = silent()
        with serving_it(model) as url:
            connection = post(url, stream=stream)
            assert model.silent.wait(5)
            began = time.monotonic()
            assert connection.sock
            connection.sock.close()
            assert model.stopped.wait(5)
            return time.monotonic() - began

    assert mostly_within(0.2, seconds)


def test_who_closes_a_websocket_stops_a_silent_model() -> None:
    model = silent()
    with serving_it(model) as url:
        address = f"{url.replace('http', 'ws')}/openai/v1/responses"
        with open_socket(
            address, additional_headers={"api-key": KEY}, proxy=None
        ) as connection:
            asked = {"type": "response.create", "model": MODEL, "input": "Well?"}
            connection.send(orjson.dumps(asked).decode())
            kinds: list[str] = []
            while "response.output_text.delta" not in kinds:  # not held back either
                kinds.append(orjson.loads(connection.recv(5))["type"])
            assert model.silent.wait(5)
            began = time.monotonic()
        assert_stops(model, began)


def test_a_server_that_ends_stops_a_silent_model() -> None:
    model = silent()
    with serving_it(model) as url:
        connection = post(url, stream=True)
        assert model.silent.wait(5)
    assert model.stopped.wait(5)
    connection.close()


@pytest.mark.parametrize("stream", [True, False])
def test_a_cancelled_response_in_the_background_stops_a_silent_model(
    stream: bool,
) -> None:
    client = Client()
    model = client.emulator.world.model = silent()
    body = {"model": MODEL, "input": "Well?", "background": True, "stream": stream}
    reply = client.send("POST", "/responses", body)
    events = parse(reply, lambda _: None) if stream else iter(())
    id = (
        next(events)["response"]["id"] if stream else orjson.loads(reply.body)["id"]  # pyright: ignore[reportArgumentType]
    )
    assert model.silent.wait(5)
    began = time.monotonic()
    cancelled = client.json("POST", f"/responses/{id}/cancel")
    assert cancelled["status"] == "cancelled"
    assert_stops(model, began)
    assert client.json("GET", f"/responses/{id}")["status"] == "cancelled"
    if stream:
        *_, last = events
        assert last["type"] == "response.failed"
        assert last["response"]["status"] == "cancelled"


def test_a_deleted_response_in_the_background_stops_a_silent_model() -> None:
    client = Client()
    model = client.emulator.world.model = silent()
    id = client.create(background=True)["id"]
    assert model.silent.wait(5)
    client.json("DELETE", f"/responses/{id}")
    assert model.stopped.wait(5)


def test_a_reset_stops_what_runs_in_the_background() -> None:
    client = Client()
    model = client.emulator.world.model = silent()
    client.create(background=True)
    assert model.silent.wait(5)
    client.emulator.reset()
    assert model.stopped.wait(5)


# In the background


def test_the_end_of_a_test_stops_what_runs_in_the_background() -> None:
    model = silent()
    with running(model=model), OpenAI() as client:
        client.responses.create(model=MODEL, input="Well?", background=True)
        assert model.silent.wait(STOP_SECONDS)
    assert model.stopped.wait(STOP_SECONDS)


def test_a_response_in_the_background_is_ready_when_the_model_is() -> None:
    rest = Signal()
    client = Client()
    client.emulator.world.model = slow([rest, Text(TEXT)])
    id = client.create(background=True)["id"]
    client.clock.now += 1_000
    shown = client.json("GET", f"/responses/{id}")
    assert (shown["status"], shown["output"]) == ("in_progress", [])
    refused = client.refused(previous_response_id=id)
    assert "not completed yet" in refused["message"]
    done = client.emulator.store.responses.get(id).done
    rest.set()
    assert done.wait(5)
    shown = client.json("GET", f"/responses/{id}")
    assert shown["status"] == "completed"
    assert shown["completed_at"] == int(client.clock.now)
    assert shown["output"][0]["content"][0]["text"] == TEXT


def test_a_stream_in_the_background_goes_on_when_the_model_does() -> None:
    rest = Signal()
    client = Client()
    client.emulator.world.model = slow([rest, Text(TEXT)])
    body = {"model": MODEL, "input": "Well?", "background": True, "stream": True}
    reply = client.send("POST", "/responses", body)
    kinds: list[str] = []
    for piece in reply.body:
        if not isinstance(piece, Pause):
            assert isinstance(piece, dict)
            kinds.append(piece["type"].removeprefix("response."))
        elif kinds[-1] == "in_progress" and not rest:
            rest.set()
        else:
            piece.pass_by(client.clock.sleep)
    assert kinds[:4] == ["created", "queued", "in_progress", "output_item.added"]
    assert kinds[-1] == "completed"
    assert kinds.count("in_progress") == 1


# What it says


def without_ids(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events with what differs from response to response blotted out."""
    shown = orjson.dumps(events, option=orjson.OPT_SORT_KEYS).decode()
    ids = {e["response"]["id"] for e in events if "response" in e}
    ids |= {e["item"]["id"] for e in events if "item" in e}
    for id in ids:
        shown = shown.replace(id, "id")
    return orjson.loads(shown)


@pytest.mark.parametrize(
    "steps",
    [
        [Text(TEXT)],
        [Text(TEXT[:2]), Text(TEXT[2:], (CITED,))],
        [Text("")],
        [Refusal("I will not.")],
        [Reasoning("First this.", 64), Reasoning("Then that.", 0, 1), Text(TEXT)],
        [Reasoning(tokens=64), Text(TEXT)],
        [Call("web_search", {"type": "search", "query": "Azure"})],
        [Text("So: "), Call("function", {}, "f")],
    ],
)
@pytest.mark.parametrize("logprobs", [False, True])
def test_slow_or_not_the_events_are_the_same(steps: list[Any], logprobs: bool) -> None:
    tools = [
        {"type": "web_search"},
        {"type": "function", "name": "f", "parameters": {}},
    ]
    settings: dict[str, Any] = {"tools": tools, "reasoning": {"summary": "auto"}}
    if logprobs:
        settings = {
            "tools": tools,
            "model": "gpt-5.4-mini",
            "top_logprobs": 1,
            "include": ["message.output_text.logprobs"],
        }
    told: list[list[dict[str, Any]]] = []
    for waits in (False, True):
        client = Client(clock=Clock())
        client.emulator.world.model = Says(steps, [], waits=waits)
        events = client.events(**settings)
        kinds = [event["type"] for event in events]
        if "response.output_text.delta" in kinds:
            events = [e for e in events if not e["type"].endswith(".delta")]
            assert "response.output_text.done" in kinds
        for number, event in enumerate(events):
            event["sequence_number"] = number
            event.pop("obfuscation", None)
        for event in events:
            for item in (event.get("item") or {}, *_output(event)):
                item.pop("call_id", None)
            if event["type"] == "response.output_item.added":
                event["item"].pop("phase", None)  # not known yet while a model waits
        told.append(without_ids(events))
    assert told[0] == told[1]


def _output(event: dict[str, Any]) -> list[dict[str, Any]]:
    return event.get("response", {}).get("output", [])


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("stream", [False, True])
def test_what_is_said_is_cut_at_the_bound(waits: bool, stream: bool) -> None:
    client = Client(model="gpt-5.4-mini")
    words = ["Hello "] * 100
    model = Says([Text(word) for word in words], waits=waits)
    client.emulator.world.model = model
    if stream:
        events = client.events(max_output_tokens=16)
        response = events[-1]["response"]
        deltas = [e["delta"] for e in events if e["type"].endswith("text.delta")]
        assert "".join(deltas) == response["output"][0]["content"][0]["text"]
    else:
        response = client.create(max_output_tokens=16)
    [message] = response["output"]
    assert response["status"] == message["status"] == "incomplete"
    assert response["incomplete_details"] == {"reason": "max_output_tokens"}
    assert message["content"][0]["text"] == "".join(words)[:64]
    assert response["usage"]["output_tokens"] == 16


class Breaks(Says):
    def steps(self, *_: Any) -> Iterator[Any]:
        yield Text("Well, ")
        raise OSError("The line is dead.")


def test_a_model_that_breaks_fails_the_response() -> None:
    client = Client()
    client.emulator.world.model = Breaks(waits=True)
    response = client.create()
    assert response["status"] == "failed"
    assert response["error"] == {
        "code": "server_error",
        "message": "The model failed: OSError.",
    }
    assert client.events()[-1]["type"] == "response.failed"
    id = client.create(background=True)["id"]
    client.emulator.store.responses.get(id).done.wait(5)
    client.clock.now += 10
    assert client.json("GET", f"/responses/{id}")["status"] == "failed"


class Refuses(Says):
    def steps(self, *_: Any) -> Iterator[Any]:
        raise busy("Too many requests wait.", 3)
        yield


@pytest.mark.parametrize("may_block", [True, False])
def test_a_model_that_refuses_leaves_no_response(may_block: bool) -> None:
    emulator = Emulator(model=Refuses(waits=True))
    headers = {"api-key": KEY, "content-type": "application/json"}
    body = orjson.dumps({"model": MODEL, "input": "Well?"})
    path = "/openai/v1/responses"
    reply = emulator.handle(Request("POST", path, headers, body, may_block=may_block))
    if not isinstance(reply.body, bytes):
        *_, whole = reply.body
        reply.heed(whole)
    assert (reply.status, reply.headers["retry-after"]) == (503, "3")
    assert len(emulator.store.responses) == 0


def test_a_tool_that_waits_does_not_hold_up_who_asks() -> None:
    emulator = Emulator(model=Says([Call("code_interpreter", {"code": "print(1)"})]))
    tool = {"type": "code_interpreter", "container": {"type": "auto"}}
    body = {"model": MODEL, "input": "Well?", "tools": [tool]}
    asked = Request(
        "POST",
        "/openai/v1/responses",
        {"api-key": KEY, "content-type": "application/json"},
        orjson.dumps(body),
        may_block=False,
    )
    reply: Reply = emulator.handle(asked)
    assert not isinstance(reply.body, bytes)
    *pauses, whole = reply.body
    assert pauses
    assert all(isinstance(pause, Pause) for pause in pauses)
    assert orjson.loads(whole)["output"][0]["outputs"] is None  # pyright: ignore[reportArgumentType]


def test_azures_older_layout_waits_as_well() -> None:
    rest = Signal()
    with serving_it(slow([rest, Text("Yes.")])) as url:
        client = AzureOpenAI(
            api_key=KEY, azure_endpoint=url, api_version="2025-04-01-preview"
        )
        rest.set()
        assert client.responses.create(model=MODEL, input="?").output_text == "Yes."


def test_a_batch_for_whose_answers_there_is_no_room_keeps_those_that_fit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one_answer = 6_000  # bytes at most; the request takes less
    monkeypatch.setattr(files, "MAX_FILE_BYTES", 2 * one_answer)
    says = slow(*([Text("Very well. " * 400)] for _ in range(4)))
    client = Client()
    client.emulator = Emulator(clock=client.clock, background_seconds=6, model=says)
    path = f"/batches/{batch_of(client, 4)['id']}"
    soon(lambda: client.emulator.world.batch_pool._idle)
    client.clock.now += 60

    done = client.json("GET", path)

    assert done["status"] == "completed"
    counts = done["request_counts"]
    assert 0 < counts["completed"] < 4
    assert counts["completed"] + counts["failed"] == 4
    reply = client.send("GET", f"/files/{done['error_file_id']}/content")
    assert isinstance(reply.body, bytes)
    for line in reply.body.splitlines():
        told = orjson.loads(line)["response"]
        assert told["status_code"] == 400
        assert told["body"]["error"]["code"] == "storage_limit_exceeded"
