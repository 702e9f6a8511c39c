"""Webhook endpoints, what they are told, and when they are told again."""

import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread
from typing import Any

import openai
import pytest

from emulator.tests.conftest import Client, Clock
from emulator.tests.test_slow_models import batch_of
from responses_emulator import outbox as outboxes
from responses_emulator.account import KEY, WEBHOOK_SECRET
from responses_emulator.adapters.app import App
from responses_emulator.adapters.courier import post
from responses_emulator.adapters.server import serving
from responses_emulator.core import Emulator
from responses_emulator.http import Json, Reply, Request
from responses_emulator.store import MAX_WEBHOOKS

PATH = "/dashboard/webhook_endpoints"
ENDS = ["response.completed", "response.failed", "response.incomplete"]
ALL = [*ENDS, "response.cancelled", "batch.completed", "batch.cancelled"]
URL = "http://127.0.0.1:8000/hook"


def register(client: Client, **changes: Any) -> Json:
    body = {"name": "Mine", "url": URL, "event_types": ALL, **changes}
    return client.json("POST", PATH, body)


def events(client: Client) -> list[Json]:
    """What is due, as a receiver with the SDK would read it."""
    sdk = openai.OpenAI(api_key="-", webhook_secret=WEBHOOK_SECRET)
    found: list[Json] = []
    for delivery in client.emulator.world.outbox.due():
        request = delivery.signed(time.time())
        event = sdk.webhooks.unwrap(request.body, request.headers)
        found.append(event.model_dump())
    return found


# The endpoints


def test_azures_four_calls(client: Client):
    made = register(client, event_types=["response.completed"])
    assert made == {
        "id": made["id"],
        "object": "webhook.endpoint",
        "created_at": int(client.clock.now),
        "event_types": ["response.completed"],
        "name": "Mine",
        "signing_secret": WEBHOOK_SECRET,
        "signing_secret_hint": "whsec_...b2s=",
        "url": URL,
    }
    del made["signing_secret"]  # it is shown once
    assert client.json("GET", PATH)["data"] == [made]
    changed = client.json("POST", f"{PATH}/{made['id']}", {"name": "Ours"})
    assert changed == {**made, "name": "Ours"}
    gone = client.json("DELETE", f"{PATH}/{made['id']}")
    assert gone["deleted"] is True
    assert client.json("GET", PATH)["data"] == []
    for method in ("POST", "DELETE"):
        status, error = client.error(method, f"{PATH}/{made['id']}", {"name": "N"})
        assert (status, error["param"]) == (404, "webhook_id")


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"url": None}, "invalid_type", "url"),
        ({"url": "ftp://127.0.0.1/"}, "invalid_value", "url"),
        ({"url": "http://[::1"}, "invalid_value", "url"),
        ({"url": "http://127.0.0.1:99999/"}, "invalid_value", "url"),
        ({"url": "https://example.com/"}, "not_supported_by_emulator", "url"),
        ({"url": "http://127.0.0.1.example/"}, "not_supported_by_emulator", "url"),
        ({"url": "http://169.254.169.254/"}, "not_supported_by_emulator", "url"),
        ({"event_types": []}, "empty_array", "event_types"),
        ({"event_types": ["response.done"]}, "invalid_value", "event_types[0]"),
        ({"event_types": ["video.completed"]}, "invalid_value", "event_types[0]"),
        ({"secret": "mine"}, "unknown_parameter", "secret"),
    ],
)
def test_what_is_wrong_is_named(client: Client, changes: Json, code: str, param: str):
    body = {"name": "Mine", "url": URL, "event_types": ALL, **changes}
    status, error = client.error("POST", PATH, body)
    assert (status, error["code"], error["param"]) == (400, code, param)
    assert client.json("GET", PATH)["data"] == []


def test_they_are_no_more_than_a_hundred(client: Client):
    for _ in range(MAX_WEBHOOKS):
        register(client)
    status, error = client.error(
        "POST", PATH, {"name": "Mine", "url": URL, "event_types": ALL}
    )
    assert (status, error["code"]) == (400, "storage_limit_exceeded")


def test_other_calls_of_the_dashboard_are_refused_by_name(client: Client):
    made = register(client)
    for method, path in (("GET", f"{PATH}/{made['id']}"), ("GET", "/dashboard/usage")):
        status, error = client.error(method, path)
        assert (status, error["code"]) == (404, "not_supported_by_emulator")


# What they are told


def test_end_of_a_background_response(client: Client):
    register(client)
    made = client.create(background=True)
    assert events(client) == []
    client.clock.now += 3
    [event] = events(client)
    assert event == {
        "id": event["id"],
        "created_at": int(client.clock.now),
        "data": {"id": made["id"]},
        "type": "response.completed",
        "object": "event",
    }
    assert events(client) == []


@pytest.mark.parametrize("is_cancelled", [False, True])
def test_end_of_a_batch(client: Client, is_cancelled: bool):
    register(client)
    made = batch_of(client, 2)
    path = f"/batches/{made['id']}"
    if is_cancelled:
        client.json("POST", f"{path}/cancel")
    assert events(client) == []
    client.clock.now += 60
    [event] = events(client)
    status = "cancelled" if is_cancelled else "completed"
    ended = client.json("GET", path)
    assert (ended["status"], event["type"]) == (status, f"batch.{status}")
    assert event["data"] == {"id": made["id"]}
    assert event["created_at"] == ended[f"{status}_at"]
    client.clock.now += 60
    assert events(client) == []


def test_nothing_else_is_told(client: Client):
    register(client, event_types=["response.failed"])
    client.create(background=True)
    client.create()  # no one waits for that
    client.clock.now += 3
    assert events(client) == []


def test_each_end_has_its_own_type(client: Client):
    register(client)
    client.emulator.faults.add("failed")
    client.create(background=True)
    client.create(background=True, max_output_tokens=16)
    cancelled = client.create(background=True)
    client.json("POST", f"/responses/{cancelled['id']}/cancel")
    assert [event["type"] for event in events(client)] == ["response.cancelled"]
    client.clock.now += 3
    told = [event["type"] for event in events(client)]
    assert sorted(told) == ["response.failed", "response.incomplete"]


def test_what_was_deleted_or_never_ends_is_not_told_of(client: Client):
    register(client)
    made = client.create(background=True)
    client.json("DELETE", f"/responses/{made['id']}")
    client.emulator.faults.add("background-never-ends")
    client.create(background=True)
    client.clock.now += 1_000
    assert events(client) == []


def test_who_registers_before_the_end_is_told(client: Client):
    client.create(background=True)
    register(client)
    client.clock.now += 3
    assert len(events(client)) == 1
    client.create(background=True)
    client.clock.now += 3
    late = Client(client.clock)  # a second emulator has endpoints of its own
    register(late)
    assert events(late) == []


def test_a_deleted_endpoint_is_told_of_nothing(client: Client):
    made = register(client)
    client.create(background=True)
    client.clock.now += 3
    client.json("DELETE", f"{PATH}/{made['id']}")
    assert events(client) == []


def test_reset_forgets_what_was_to_be_told(client: Client):
    register(client)
    client.create(background=True)
    client.emulator.reset()
    register(client)
    client.clock.now += 3
    assert events(client) == []


def test_reset_forgets_what_was_to_be_told_again(client: Client):
    register(client)
    client.create(background=True)
    client.clock.now += 3
    outbox = client.emulator.world.outbox
    [delivery] = outbox.due()
    outbox.failed(delivery)
    assert outbox.next_at() < float("inf")
    outbox.clear()
    assert outbox.next_at() == float("inf")


# Again


def test_a_failed_delivery_is_tried_again_later_and_not_for_ever(client: Client):
    register(client)
    client.create(background=True)
    outbox = client.emulator.world.outbox
    waits: list[float] = []
    ids: set[str] = set()
    tried = client.clock.now + 3
    while (at := outbox.next_at()) < float("inf"):
        waits.append(at - tried)
        client.clock.now = tried = at
        [delivery] = outbox.due()
        ids.add(delivery.id)
        outbox.failed(delivery)
    assert waits == [0, *outboxes.RETRY_SECONDS]
    assert len(ids) == 1  # by which a receiver knows what it had before


def test_what_waits_is_bounded(client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(outboxes, "MAX_WAITING", 3)
    monkeypatch.setattr(outboxes, "MAX_WATCHED", 4)
    register(client)
    for _ in range(9):
        client.create(background=True)
    client.clock.now += 3
    assert len(client.emulator.world.outbox.due()) == 3


def test_another_secret_another_body_or_an_old_delivery_is_refused(client: Client):
    register(client)
    client.create(background=True)
    client.clock.now += 3
    [delivery] = client.emulator.world.outbox.due()
    now = time.time()
    sdk = openai.OpenAI(api_key="-", webhook_secret=WEBHOOK_SECRET)
    request = delivery.signed(now)
    assert sdk.webhooks.unwrap(request.body, request.headers)
    old = delivery.signed(now - 301)
    for body, headers, secret in (
        (request.body + b" ", request.headers, WEBHOOK_SECRET),
        (request.body, request.headers, "whsec_b3RoZXI="),
        (old.body, old.headers, WEBHOOK_SECRET),
    ):
        with pytest.raises(openai.InvalidWebhookSignatureError):
            sdk.webhooks.unwrap(body, headers, secret=secret)


# Over sockets


class Receiver:
    """An endpoint on loopback that answers as it is told to, 200 in the end."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.got: list[tuple[bytes, dict[str, str]]] = []
        self.news = Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append((body, dict(self.headers)))
                answers = receiver.answers
                self.send_response(answers.pop(0) if answers else 200)
                self.end_headers()
                receiver.news.set()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def wait(self) -> None:
        assert self.news.wait(10)
        self.news.clear()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = Thread(target=lambda: receiver.server.serve_forever(0.02), daemon=True)
    thread.start()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


def test_a_served_emulator_delivers_until_it_is_taken(receiver: Receiver):
    clock = Clock(time.time())
    emulator = Emulator(clock=clock)
    receiver.answers = [500]
    with serving(App(emulator)) as url:
        client = openai.OpenAI(
            base_url=f"{url}/openai/v1/", api_key=KEY, webhook_secret=WEBHOOK_SECRET
        )
        body = {"name": "Mine", "url": receiver.url, "event_types": ENDS}
        client.post("/dashboard/webhook_endpoints", body=body, cast_to=object)
        made = client.responses.create(model="gpt-5-mini", input="Hi", background=True)
        assert not receiver.got
        clock.now += 3
        receiver.wait()
        for _ in range(100):  # the second time some time after the first has failed
            clock.now += outboxes.RETRY_SECONDS[0]
            if receiver.news.wait(0.1):
                break
    first, second = (
        client.webhooks.unwrap(body, headers) for body, headers in receiver.got
    )
    assert first == second
    assert (first.type, first.data.id) == ("response.completed", made.id)  # type: ignore[union-attr]
    (_, one), (_, other) = receiver.got
    assert one["webhook-id"] == other["webhook-id"]


def test_nobody_there_is_no_answer():
    assert post(Request("POST", "http://127.0.0.1:9/", {}, b"{}")) == Reply(
        0, breaks="refuse"
    )


def test_deliveries_are_told_apart_from_the_api(receiver: Receiver):
    """A record is of the API alone; `--wire` shows both, numbered in one row."""
    from responses_emulator.commands.observers import watched
    from responses_emulator.observers.observe import Exchange, Observer

    seen: list[Exchange] = []

    class Watch(Observer):
        def ended(self, exchange: Exchange) -> None:
            seen.append(exchange)

    emulator = Emulator()
    handle, send = watched(emulator.handle, [Watch()])
    handle(Request("GET", "/openai/v1/models", {"api-key": KEY}))
    send(Request("POST", receiver.url, {"content-type": "application/json"}, b"{}"))
    assert [each.number for each in seen] == [1, 2]
    assert seen[1].request.target == receiver.url


def test_an_outbox_without_endpoints_wakes_nobody():
    emulator = Emulator(clock=Clock())
    outbox = emulator.world.outbox
    outbox.watch(emulator.world.clock() + 1, lambda _: None)
    assert outbox.next_at() == float("inf")
