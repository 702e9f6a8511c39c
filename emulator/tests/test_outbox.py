"""What endpoints are told, and when: each request as it is sent."""

import hashlib
import hmac
import re
from base64 import b64decode, b64encode
from math import inf

import orjson
import pytest

from emulator.tests.conftest import Clock
from responses_emulator.account import WEBHOOK_SECRET
from responses_emulator.outbox import Delivery, Event, Look, Outbox, signature
from responses_emulator.store import Collection, WebhookEndpoint

DONE, FAILED = "response.completed", "response.failed"
START = 1_790_000_000


class Office:
    """An outbox with its endpoints and its clock."""

    def __init__(self) -> None:
        self.clock = Clock(START + 0.75)
        self.endpoints: Collection[WebhookEndpoint] = Collection(100)
        self.box = Outbox(self.clock, lambda: self.endpoints)

    def register(self, id: str = "we_1", *types: str) -> WebhookEndpoint:
        url = f"http://127.0.0.1:1/{id}"
        endpoint = WebhookEndpoint(id, "Mine", url, [*(types or [DONE])], START)
        self.endpoints.put(id, endpoint)
        return endpoint

    def happens(self, id: str = "resp_1", type: str = DONE, after: float = 0) -> None:
        at = self.clock() + after
        self.box.watch(at, lambda now: Event(type, id, now))

    def told(self) -> list[str]:
        """Whose events are due, by their paths and ids."""
        due = [each.signed(0) for each in self.box.due()]
        return [
            f"{each.target[-4:]} {orjson.loads(each.body)['data']['id']}"
            for each in due
        ]


@pytest.fixture
def office() -> Office:
    return Office()


def test_a_request_as_it_is_sent(office: Office) -> None:
    office.register()
    office.happens()
    [delivery] = office.box.due()
    request = delivery.signed(START + 5.9)
    body = orjson.loads(request.body)
    assert body == {
        "object": "event",
        "id": body["id"],
        "type": DONE,
        "created_at": START,
        "data": {"id": "resp_1"},
    }
    assert re.fullmatch(r"evt_[0-9a-f]+", body["id"])
    assert (request.method, request.target) == ("POST", "http://127.0.0.1:1/we_1")
    key = b64decode(WEBHOOK_SECRET.removeprefix("whsec_"))
    signed = f"{delivery.id}.{START + 5}.".encode() + request.body
    digest = b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert request.headers == {
        "user-agent": "OpenAI/1.0 (+https://platform.openai.com/docs/webhooks)",
        "content-type": "application/json",
        "webhook-id": delivery.id,
        "webhook-timestamp": str(START + 5),
        "webhook-signature": f"v1,{digest}",
    }
    assert re.fullmatch(r"wh_[0-9a-f]+", delivery.id)


def test_a_signature_with_a_secret_of_ones_own() -> None:
    own = signature("wh_1", "1", b"{}", "whsec_b3RoZXI=")
    digest = hmac.new(b"other", b"wh_1.1.{}", hashlib.sha256).digest()
    assert own == f"v1,{b64encode(digest).decode()}"
    assert own != signature("wh_1", "1", b"{}")


def test_an_event_is_told_when_it_has_happened_and_once(office: Office) -> None:
    office.register()
    assert office.box.next_at() == inf
    office.happens("resp_2", after=5)
    office.happens("resp_1", after=3)
    assert office.box.next_at() == office.clock() + 3
    office.clock.now += 2.99
    assert office.told() == []
    office.clock.now = START + 3.75
    assert office.told() == ["we_1 resp_1"]
    assert office.told() == []
    assert office.box.next_at() == office.clock() + 2
    office.clock.now += 100
    assert office.told() == ["we_1 resp_2"]
    assert office.box.next_at() == inf


def test_each_endpoint_is_told_of_its_own_types(office: Office) -> None:
    office.register("we_1", DONE, FAILED)
    office.register("we_2", FAILED)
    office.happens("resp_1")
    office.happens("resp_2", FAILED)
    assert office.told() == ["we_1 resp_1", "we_1 resp_2", "we_2 resp_2"]


def test_who_is_deleted_or_registered_anew_is_not_told(office: Office) -> None:
    office.register("we_1")
    office.register("we_2")
    office.happens(after=1)
    office.clock.now += 1
    office.box.watch(office.clock() + 9, lambda _: None)  # by now it has happened
    office.endpoints.pop("we_1")
    office.register("we_2")
    assert office.told() == []


@pytest.mark.parametrize("last", [None, inf, 0.0])
def test_who_is_asked_says_when_to_ask_again(
    office: Office, last: float | None
) -> None:
    office.register()
    asked: list[float] = []

    def look(now: float) -> float | None:
        asked.append(now - START)
        return now + 10 if len(asked) < 3 else last

    office.box.watch(office.clock(), look)
    for _ in range(6):
        office.box.due()
        office.clock.now += 5
    assert asked == [0.75, 10.75, 20.75]
    assert office.box.next_at() == inf


def test_without_an_endpoint_nobody_need_look_again(office: Office) -> None:
    office.happens(after=3)
    assert office.box.next_at() == inf
    office.register()
    assert office.box.next_at() == office.clock() + 3
    office.clock.now += 3
    [delivery] = office.box.due()
    office.box.failed(delivery)
    office.happens(after=30)
    assert office.box.next_at() == office.clock() + 1


def test_what_fails_is_sent_again_after_these_seconds(office: Office) -> None:
    office.register()
    office.happens()
    [delivery] = office.box.due()
    assert delivery.failures == 0
    waits: list[float] = []
    for _ in range(7):
        office.box.failed(delivery)
        at = office.box.next_at()
        if at < inf:
            waits.append(at - office.clock())
            office.clock.now = at
            assert office.box.due() == [delivery]
    assert waits == [1, 2, 4, 8, 16, 32]  # as the README has it
    assert delivery.failures == 6


def test_a_thousand_events_wait_and_the_oldest_go_first(office: Office) -> None:
    office.register()
    for number in range(1_002):
        office.happens(f"resp_{number}")
    told = office.told()
    assert len(told) == 1_000
    assert (told[0], told[-1]) == ("we_1 resp_2", "we_1 resp_1001")


def test_ten_thousand_are_watched_and_those_that_end_first_go_first(
    office: Office,
) -> None:
    office.register()

    def never(_: float) -> None:
        return None

    looks: list[Look] = [never] * 10_000
    for number, look in enumerate(looks):
        office.box.watch(office.clock() + 10 + number, look)
    assert office.box.next_at() == office.clock() + 10
    office.box.watch(office.clock() + 5_000.5, never)
    assert office.box.next_at() == office.clock() + 11


def test_who_sends_is_told_that_there_may_be_something(office: Office) -> None:
    woken: list[int] = []
    office.box.listeners += [lambda: woken.append(1), lambda: woken.append(2)]
    office.happens()
    assert woken == [1, 2]
    office.box.wake()
    assert woken == [1, 2, 1, 2]


def test_what_is_cleared_is_not_told(office: Office) -> None:
    endpoint = office.register()
    office.happens(after=5)
    delivery = Delivery(endpoint, b"{}", due=office.clock())
    office.box.failed(delivery)
    office.box.clear()
    assert office.box.next_at() == inf
    office.clock.now += 100
    assert office.box.due() == []
