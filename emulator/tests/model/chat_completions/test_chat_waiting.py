"""A real model takes so many requests at once; and what runs in the background."""

import time
from typing import Any

import orjson

from emulator.tests.conftest import Client, parse
from emulator.tests.model.chat_completions.chat_server import calls, says
from responses_emulator.account import KEY
from responses_emulator.http import Pause, Reply, Request, close_pieces
from responses_emulator.signals import Signal
from responses_emulator.waiting import Line

STOP_SECONDS = 5  # what is not stopped goes on for ever


def send(client: Client, **body: Any) -> Reply:
    """The reply to who does not wait in a thread."""
    asked = {"model": client.model, "input": "Well?", **body}
    headers = {"api-key": KEY, "content-type": "application/json"}
    path = "/openai/v1/responses"
    return client.emulator.handle(
        Request("POST", path, headers, orjson.dumps(asked), may_block=False)
    )


def kinds(reply: Reply) -> list[str]:
    """The kinds of all events that are there by now."""
    return [event["type"].removeprefix("response.") for event in parse(reply)]


def rest(reply: Reply) -> list[dict[str, Any]]:
    """All other events, as they come."""
    events: list[dict[str, Any]] = []
    assert not isinstance(reply.body, bytes)
    for piece in reply.body:
        if isinstance(piece, Pause):
            piece.pass_by()
        else:
            assert isinstance(piece, dict)
            events.append(piece)
    return events


def eventually(client: Client, id: str, status: str) -> dict[str, Any]:
    until = time.monotonic() + 5
    while (shown := client.json("GET", f"/responses/{id}"))["status"] != status:
        assert time.monotonic() < until, shown["status"]
        time.sleep(0.002)
    return shown


# The line


def test_who_is_one_too_many_waits_and_is_seen_to() -> None:
    line = Line(2, most=1)
    first, second, third = line.enter(), line.enter(), line.enter()
    assert first.called
    assert second.called
    assert not third.called
    assert line.is_full
    first.leave()
    first.leave()
    assert third.called
    assert not line.is_full


def test_who_gives_up_lets_others_go_first() -> None:
    line = Line(1)
    first, second, third = line.enter(), line.enter(), line.enter()
    second.leave()
    assert line.waiting == 1
    first.leave()
    assert third.called


def test_a_stream_that_waits_for_its_model_is_queued(ask: Any) -> None:
    busy = Signal()
    client, server = ask(says(busy, "One."), says("Two."), parallel=1)
    one, two = send(client, stream=True), send(client, stream=True)
    assert kinds(one) == ["created", "in_progress"]
    assert server.begun.acquire(timeout=5)
    first = parse(two)
    created = next(first)
    assert created["response"]["status"] == "queued"
    assert [event["type"] for event in first] == ["response.queued"]
    assert len(server.asked) == 1
    id = created["response"]["id"]
    assert client.json("GET", f"/responses/{id}")["status"] == "queued"
    busy.set()
    assert rest(one)[-1]["type"] == "response.completed"
    told = rest(two)
    assert [event["type"] for event in told][:2] == [
        "response.in_progress",
        "response.output_item.added",
    ]
    assert told[-1]["response"]["output"][0]["content"][0]["text"] == "Two."
    assert [event["sequence_number"] for event in told] == list(range(2, 2 + len(told)))


def test_too_many_that_wait_are_told_to_come_back(ask: Any) -> None:
    client, server = ask(says(Signal()), parallel=1)
    model: Any = client.emulator.world.model
    model.line = Line(1, most=2)
    replies = [send(client, stream=True) for _ in range(3)]
    for reply in replies:
        kinds(reply)
    status, error = client.error(
        "POST", "/responses", {"model": "gpt-6-luna", "input": "?"}
    )
    assert status == 503
    assert "Too many requests wait" in error["message"]
    assert server.begun.acquire(timeout=5)
    began = time.monotonic()
    for reply in replies:
        close_pieces(reply.body)
    assert server.gone.wait(5)
    assert time.monotonic() - began < STOP_SECONDS
    assert model.line.waiting == 0


def test_no_more_wait_than_may_although_all_come_at_once(ask: Any) -> None:
    client, _ = ask(says(Signal()), parallel=1)
    model: Any = client.emulator.world.model
    model.line = Line(1, most=2)
    replies = [send(client, stream=True) for _ in range(20)]  # none is read yet
    ends = [kinds(reply)[-1] for reply in replies]
    assert ends == ["in_progress", "queued", "queued", *["failed"] * 17]
    assert model.line.waiting == 2
    for reply in replies:
        close_pieces(reply.body)
    assert model.line.waiting == 0


def test_a_response_in_the_background_is_queued_as_well(ask: Any) -> None:
    busy = Signal()
    client, server = ask(says(busy, "One."), says("Two."), parallel=1)
    one = client.create(background=True)
    assert server.begun.acquire(timeout=5)
    assert one["status"] == "in_progress"
    two = client.create(background=True)
    assert client.json("GET", f"/responses/{two['id']}")["status"] == "queued"
    three = client.create(background=True)
    cancelled = client.json("POST", f"/responses/{three['id']}/cancel")
    assert cancelled["status"] == "cancelled"
    busy.set()
    eventually(client, one["id"], "completed")
    done = eventually(client, two["id"], "completed")
    assert done["output"][0]["content"][0]["text"] == "Two."
    assert client.json("GET", f"/responses/{three['id']}")["status"] == "cancelled"
    assert len(server.asked) == 2


# In the background


def test_the_background_takes_as_long_as_the_model_does(ask: Any) -> None:
    client, _ = ask(says("Yes."))
    made = client.create(background=True)
    done = eventually(client, made["id"], "completed")
    assert done["completed_at"] == int(client.clock.now)  # which stands still


def test_a_stream_in_the_background_is_followed_and_resumed(ask: Any) -> None:
    more = Signal()
    client, _ = ask(says("Well, ", more, "yes."))
    reply = send(client, stream=True, background=True)
    heard: list[dict[str, Any]] = []
    assert not isinstance(reply.body, bytes)
    for piece in reply.body:
        if isinstance(piece, Pause):
            piece.pass_by()
            continue
        assert isinstance(piece, dict)
        heard.append(piece)
        if piece["type"] == "response.output_text.delta":
            break  # the first piece has left, although the last has not come
    assert [event["type"] for event in heard[:3]] == [
        "response.created",
        "response.queued",
        "response.in_progress",
    ]
    close_pieces(reply.body)  # it is dropped, and runs on
    id = heard[0]["response"]["id"]
    last = heard[-1]["sequence_number"]
    more.set()
    resumed = client.send("GET", f"/responses/{id}?stream=true&starting_after={last}")
    events = heard + rest(resumed)
    assert [each["sequence_number"] for each in events] == list(range(len(events)))
    deltas = [e["delta"] for e in events if e["type"].endswith("output_text.delta")]
    assert "".join(deltas) == "Well, yes."
    assert events[-1]["response"]["usage"]["input_tokens"] == 11
    plain = client.create("Well?", background=True)["id"]
    eventually(client, plain, "completed")
    followed, other = map(client.emulator.store.responses.get, (id, plain))
    assert followed is not None
    assert other is not None
    assert followed.takes > other.takes + 2 * 200  # two pieces are kept besides
    again = rest(client.send("GET", f"/responses/{id}?stream=true"))
    assert [e["type"] for e in again] == [e["type"] for e in events]
    client.clock.now += 302
    client.create("Well?", background=True)  # whoever waits for others looks around
    assert followed.log is None
    assert followed.takes == followed.size


def test_a_followed_response_is_cancelled(ask: Any) -> None:
    client, server = ask(says("Well, ", Signal()))
    reply = send(client, stream=True, background=True)
    [created, *_] = parse(reply)
    id = created["response"]["id"]
    assert server.begun.acquire(timeout=5)
    began = time.monotonic()
    client.json("POST", f"/responses/{id}/cancel")
    assert server.gone.wait(5)
    assert time.monotonic() - began < STOP_SECONDS
    last = rest(reply)[-1]
    assert last["type"] == "response.failed"
    assert last["response"]["status"] == "cancelled"


def test_what_a_model_refuses_fails_in_the_background(ask: Any) -> None:
    client, server = ask(says("x"))
    server.shutdown()
    server.server_close()
    made = client.create(background=True)
    failed = eventually(client, made["id"], "failed")
    assert failed["error"]["code"] == "server_error"


def test_a_model_that_never_ends_to_call_is_ended(ask: Any) -> None:
    client, _ = ask(calls(("web_search", {"query": "Azure"})))
    response = client.create(tools=[{"type": "web_search"}], max_tool_calls=3)
    made = [item["type"] for item in response["output"]]
    assert made == ["web_search_call"] * 3 + ["message"]
    assert response["status"] == "completed"
