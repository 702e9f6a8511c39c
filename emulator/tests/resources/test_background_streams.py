import asyncio
import json
from itertools import pairwise
from urllib.request import Request as HttpRequest
from urllib.request import urlopen

import httpx2
import pytest
from openai import AsyncOpenAI, OpenAI

from emulator.tests.conftest import parse
from responses_emulator.account import KEY
from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.adapters.transport import AsyncTransport, Transport
from responses_emulator.core import Emulator
from responses_emulator.http import Pause
from responses_emulator.resources.streaming import LOOK_SECONDS

BODY = {"model": "gpt-5-mini", "input": "Hello.", "stream": True, "background": True}
URL = "https://example.openai.azure.com/openai/v1/"


def start(client, **body):
    """A background stream, and what is due of it when it starts."""
    reply = client.send("POST", "/responses", BODY | body)
    seen = list(parse(reply))
    return reply, seen, f"/responses/{seen[0]['response']['id']}"


def kinds(events):
    return [event["type"].removeprefix("response.") for event in events]


def resume(client, path, after):
    return client.send("GET", f"{path}?stream=true&starting_after={after}")


def test_the_events_come_when_the_clock_says_so(client):
    reply, seen, path = start(client)
    assert kinds(seen) == ["created", "queued"]
    assert client.json("GET", path)["status"] == "queued"

    client.clock.now += 0.5
    assert kinds(parse(reply)) == ["in_progress"]

    client.clock.now += 1.5
    middle = kinds(parse(reply))
    assert middle[0] == "output_item.added"
    assert "completed" not in middle
    shown = client.json("GET", path)
    assert (shown["status"], shown["output"], shown["usage"]) == (
        "in_progress",
        [],
        None,
    )

    client.clock.now += 1
    last = list(parse(reply))[-1]
    assert last["type"] == "response.completed"
    assert last["response"] == client.json("GET", path)
    assert last["response"]["completed_at"] == int(client.clock.now)


def test_a_pause_is_no_longer_than_until_the_next_event_is_due(client):
    reply = client.send("POST", "/responses", BODY)
    arrived = []
    for piece in reply.body:
        if isinstance(piece, Pause):
            assert 0 < piece.seconds <= LOOK_SECONDS
            client.clock.now += piece.seconds
        else:
            arrived.append(client.clock.now)

    gaps = {round(b - a, 3) for a, b in pairwise(arrived[2:])}
    assert len(gaps) == 1  # evenly spread over the time that is left
    assert arrived[2] - arrived[0] == pytest.approx(0.5)
    assert arrived[-1] - arrived[0] == client.emulator.world.background_seconds


def test_a_dropped_connection_does_not_hurry_the_response(client):
    reply, _, path = start(client)
    client.clock.now += 1
    list(parse(reply))
    reply.body.close()

    assert client.json("GET", path)["status"] == "in_progress"
    client.clock.now += 2
    assert client.json("GET", path)["status"] == "completed"


def test_resuming_after_any_event_loses_none_and_repeats_none(client):
    _, _, path = start(client)
    whole = list(parse(resume(client, path, -1), client.clock.sleep))

    assert [event["sequence_number"] for event in whole] == list(range(len(whole)))
    for event in whole:
        number = event["sequence_number"]
        assert list(parse(resume(client, path, number))) == whole[number + 1 :]


def test_a_running_response_is_resumed_and_followed_to_its_end(client):
    reply, seen, path = start(client)
    client.clock.now += 2
    seen += parse(reply)
    reply.body.close()
    client.clock.now += 0.5

    rest = list(
        parse(resume(client, path, seen[-1]["sequence_number"]), client.clock.sleep)
    )

    numbers = [event["sequence_number"] for event in seen + rest]
    assert numbers == list(range(len(numbers)))
    assert kinds(rest)[-1] == "completed"
    assert client.clock.now == 1_790_000_003.0


@pytest.mark.parametrize(
    ("body", "lacks"),
    [
        ({"background": False}, "background"),
        ({"stream": False}, "stream"),
        ({"stream": False, "background": False}, "background"),
    ],
)
def test_only_what_was_made_for_it_is_resumed(client, body, lacks):
    reply = client.send("POST", "/responses", BODY | body)
    if isinstance(reply.body, bytes):
        id = json.loads(reply.body)["id"]
    else:
        id = next(parse(reply))["response"]["id"]
    status, error = client.error("GET", f"/responses/{id}?stream=true")
    assert (status, error["param"], error["code"]) == (400, "stream", None)
    assert error["message"].endswith(f"it was not created with {lacks}=true.")


def test_it_is_resumed_for_five_minutes(client):
    reply, seen, path = start(client)
    client.clock.now += 300
    whole = seen + list(parse(reply))
    assert list(parse(resume(client, path, -1))) == whole

    client.clock.now += 1
    status, error = client.error("GET", f"{path}?stream=true&starting_after=1")
    assert (status, error["param"], error["code"]) == (400, "stream", None)
    assert error["message"] == (
        "This response can no longer be streamed because it is more than 5 minutes old."
    )
    assert client.json("GET", path)["status"] == "completed"


def test_a_resumed_stream_gives_what_is_due_and_then_waits(client):
    _, _, path = start(client)
    client.clock.now += 0.5
    resumed = resume(client, path, 0)

    assert kinds(parse(resumed)) == ["queued", "in_progress"]
    assert list(parse(resumed)) == []
    client.clock.now += 2.5
    assert kinds(parse(resumed))[-1] == "completed"


def test_without_seconds_everything_is_due_at_once(client):
    client.emulator.world.background_seconds = 0
    _, seen, _ = start(client)

    assert kinds(seen)[-1] == "completed"


def test_a_streamed_response_joins_its_conversation_when_it_is_ready(client):
    id = client.json("POST", "/conversations")["id"]
    start(client, conversation=id)
    items = f"/conversations/{id}/items"

    client.clock.now += 2.9
    assert client.json("GET", items)["data"] == []
    client.clock.now += 0.2
    assert len(client.json("GET", items)["data"]) == 3


@pytest.mark.parametrize("stream", [False, True])
def test_what_is_not_done_yet_cannot_be_gone_on_from(client, stream):
    first = (
        start(client)[1][0]["response"]
        if stream
        else client.create("Hello.", background=True)
    )

    error = client.refused("And now?", previous_response_id=first["id"])
    assert error["param"] == "previous_response_id"
    client.clock.now += 3
    assert client.create("And now?", previous_response_id=first["id"])


def test_a_response_that_runs_is_not_the_one_to_make_room(client):
    client.emulator.store.responses.limit = 2
    running, done, newest = (
        client.create(background=background) for background in (True, False, False)
    )

    assert client.json("GET", f"/responses/{running['id']}")["status"] == "queued"
    assert client.error("GET", f"/responses/{done['id']}")[0] == 404
    client.clock.now += 3
    client.create()
    assert client.error("GET", f"/responses/{running['id']}")[0] == 404
    assert client.json("GET", f"/responses/{newest['id']}") == newest


# Cancelled


def test_a_cancelled_response_ends_all_of_its_streams(client):
    first, seen, path = start(client)
    client.clock.now += 2
    seen += parse(first)
    second = resume(client, path, -1)
    assert list(parse(second)) == seen
    cancelled = client.json("POST", f"{path}/cancel")

    assert (cancelled["status"], cancelled["output"]) == ("cancelled", [])
    for reply in (first, second):
        [end] = parse(reply, client.clock.sleep)
        assert end["type"] == "response.failed"
        assert end["sequence_number"] == len(seen)
        assert end["response"] == cancelled
    assert client.clock.now == 1_790_000_002.0  # nobody had to wait for it


def test_what_was_sent_before_a_cancel_can_still_be_resumed(client):
    reply, seen, path = start(client)
    client.clock.now += 2
    seen += parse(reply)
    client.json("POST", f"{path}/cancel")
    seen += parse(reply)
    client.clock.now += 100

    assert list(parse(resume(client, path, -1))) == seen
    assert list(parse(resume(client, path, 3))) == seen[4:]
    assert client.json("GET", path)["status"] == "cancelled"


def test_a_response_cancelled_in_the_queue_never_starts(client):
    reply, _, path = start(client)
    client.json("POST", f"{path}/cancel")

    assert kinds(parse(reply)) == ["failed"]
    assert client.json("GET", path)["usage"] is None


def test_a_cancel_is_noticed_soon_however_long_the_response_takes(client):
    client.emulator.world.background_seconds = 100_000
    reply, _, path = start(client)
    client.clock.now += 1
    list(parse(reply))
    pause = next(reply.body)
    client.json("POST", f"{path}/cancel")

    assert pause.seconds == LOOK_SECONDS
    assert kinds(parse(reply)) == ["failed"]


def test_a_stream_goes_on_to_its_end_when_its_response_was_done_before_the_cancel(
    client,
):
    reply, _, path = start(client)
    client.clock.now += 3
    assert client.json("POST", f"{path}/cancel")["status"] == "completed"

    assert kinds(parse(reply))[-1] == "completed"


# Through the SDK and over a socket


def test_the_sdk_drops_a_stream_and_resumes_it(client):
    transport = Transport(client.emulator.handle, sleep=client.clock.sleep)
    with OpenAI(
        api_key=KEY, base_url=URL, http_client=httpx2.Client(transport=transport)
    ) as sdk:
        with sdk.responses.create(**BODY) as stream:
            seen = [next(iter(stream)) for _ in range(6)]
        id, last = seen[0].response.id, seen[-1].sequence_number
        assert sdk.responses.retrieve(id).status == "in_progress"

        plain = sdk.responses.retrieve(id, stream=True, starting_after=last)
        rest = list(plain)
        with sdk.responses.stream(response_id=id, starting_after=last) as helper:
            helped = [event.sequence_number for event in helper]
            final = helper.get_final_response()

    numbers = [event.sequence_number for event in seen + rest]
    assert numbers == list(range(len(numbers)))
    assert helped == numbers[len(seen) :]
    assert final.output_text == rest[-1].response.output_text


def test_the_sdks_helper_follows_a_running_response(client):
    _, seen, _ = start(client)
    transport = Transport(client.emulator.handle, sleep=client.clock.sleep)
    with (
        OpenAI(
            api_key=KEY, base_url=URL, http_client=httpx2.Client(transport=transport)
        ) as sdk,
        sdk.responses.stream(
            response_id=seen[0]["response"]["id"], starting_after=1
        ) as stream,
    ):
        numbers = [event.sequence_number for event in stream]
        assert stream.get_final_response().status == "completed"

    assert numbers == list(range(2, numbers[-1] + 1))
    assert client.clock.now == 1_790_000_003.0


def test_the_async_client_follows_one_too(client):
    async def sleep(seconds):
        client.clock.sleep(seconds)

    async def main():
        transport = AsyncTransport(client.emulator.handle, sleep=sleep)
        async with AsyncOpenAI(
            api_key=KEY,
            base_url=URL,
            http_client=httpx2.AsyncClient(transport=transport),
        ) as sdk:
            stream = await sdk.responses.create(**BODY)
            return [event.sequence_number async for event in stream]

    numbers = asyncio.run(main())
    assert numbers == list(range(len(numbers)))
    assert client.clock.now == 1_790_000_003.0


def test_over_a_socket_a_cancel_ends_the_open_stream():
    emulator = Emulator(background_seconds=1_000)
    headers = {"api-key": KEY, "content-type": "application/json"}
    with serving(App(emulator)) as url:
        base = f"{url}/openai/v1/responses"
        created = HttpRequest(base, json.dumps(BODY).encode(), headers)
        with urlopen(created, timeout=10) as stream:
            assert stream.readline() == b"event: response.created\n"
            [stored] = emulator.store.responses
            cancel = HttpRequest(
                f"{base}/{stored.body['id']}/cancel", b"", headers, method="POST"
            )
            with urlopen(cancel, timeout=10) as reply:
                assert json.load(reply)["status"] == "cancelled"
            *_, last = stream.read().strip().split(b"\n\n")

    assert last.startswith(b"event: response.failed\n")
    assert b'"status":"cancelled"' in last


def test_a_server_sends_what_is_due_and_the_rest_later():
    emulator = Emulator(background_seconds=0.05)
    headers = {"api-key": KEY, "content-type": "application/json"}
    with serving(App(emulator)) as url:
        created = HttpRequest(
            f"{url}/openai/v1/responses", json.dumps(BODY).encode(), headers
        )
        with urlopen(created, timeout=10) as stream:
            first = [stream.readline() for _ in range(4)]
            [stored] = emulator.store.responses
            rest = stream.read()
        again = HttpRequest(
            f"{url}/openai/v1/responses/{stored.body['id']}"
            "?stream=true&starting_after=1",
            headers=headers,
        )
        with urlopen(again, timeout=10) as stream:
            resumed = stream.read()

    assert first[0] == b"event: response.created\n"
    assert first[3] == b"event: response.queued\n"
    assert b"event: response.completed\n" in rest
    assert rest.endswith(resumed)
    assert resumed.startswith(b"event: response.in_progress\n")
