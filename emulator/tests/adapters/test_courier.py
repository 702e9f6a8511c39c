"""How deliveries are sent: over sockets, in threads, and no more than a few at once."""

import http.client
import threading
from collections.abc import Callable
from typing import Any

import pytest

from emulator.tests.conftest import Clock
from responses_emulator.adapters import courier
from responses_emulator.adapters.courier import delivering, post
from responses_emulator.core import Emulator
from responses_emulator.http import Reply, Request
from responses_emulator.outbox import Event
from responses_emulator.store import WebhookEndpoint
from responses_emulator.world import World

DONE = "response.completed"
Couriers = Callable[[], list[threading.Thread]]


def a_world(*, endpoint: bool = True) -> World:
    world = Emulator(clock=Clock()).world
    if endpoint:
        register(world)
    return world


def register(world: World) -> None:
    endpoint = WebhookEndpoint("we_1", "Mine", "http://127.0.0.1:9/", [DONE], 0)
    world.store.webhooks.put(endpoint.id, endpoint)


def happens(world: World) -> None:
    world.outbox.watch(world.clock(), lambda now: Event(DONE, "resp_1", now))


@pytest.fixture
def couriers() -> Couriers:
    """Those that have begun since this test did."""
    before = set(threading.enumerate())

    def begun() -> list[threading.Thread]:
        others = set(threading.enumerate()) - before
        return [each for each in others if each.name == "courier"]

    return begun


@pytest.mark.parametrize(
    ("status", "again"),
    [(200, False), (204, False), (299, False), (300, True), (500, True), (0, True)],
)
def test_what_is_not_answered_2xx_is_sent_again(status: int, again: bool) -> None:
    world = a_world()
    by: list[threading.Thread] = []
    sent = threading.Event()

    def send(request: Request) -> Reply:
        assert request.headers["webhook-timestamp"] == str(int(world.clock()))
        by.append(threading.current_thread())
        sent.set()
        return Reply(status)

    with delivering(world, send):
        happens(world)
        assert sent.wait(10)
        by[0].join(10)
    assert (world.outbox.next_at() == world.clock() + 1) is again
    assert (by[0].name, by[0].daemon) == ("delivery", True)


def test_nothing_runs_before_the_first_endpoint_and_one_thread_does_then(
    couriers: Couriers,
) -> None:
    world = a_world(endpoint=False)
    assert couriers() == []
    with delivering(world, lambda _: Reply()):
        happens(world)
        assert couriers() == []
        register(world)
        happens(world)
        happens(world)
        [thread] = couriers()
        assert thread.daemon
    thread.join(10)
    assert couriers() == []
    assert world.outbox.listeners == []


def test_at_most_eight_are_under_way() -> None:
    world = a_world()
    under_way, go_on = threading.Semaphore(0), threading.Event()
    sent: list[int] = []

    def send(_: Request) -> Reply:
        under_way.release()
        assert go_on.wait(10)
        sent.append(1)
        return Reply()

    with delivering(world, send):
        for _ in range(20):
            happens(world)
        for _ in range(8):
            assert under_way.acquire(timeout=10)
        assert not under_way.acquire(timeout=0.05)
        go_on.set()
        for _ in range(12):
            assert under_way.acquire(timeout=10)
    assert sent


def test_who_has_ended_begins_nothing(couriers: Couriers) -> None:
    world = a_world()
    ended = courier._Courier(world, lambda _: Reply())
    ended.stop()
    ended.wake()
    assert couriers() == []


def test_it_looks_again_soon_only_if_something_may_be_due(couriers: Couriers) -> None:
    """The emulator's clock need not be that of this machine."""
    world = a_world()
    looked = threading.Semaphore(0)
    waited: list[float | None] = []

    class News(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout)
            looked.release()
            return super().wait(10)

    one = courier._Courier(world, lambda _: Reply())
    one._news = News()
    one.wake()
    for _ in range(2):  # for the first of them there are news already
        assert looked.acquire(timeout=10)
    assert waited == [None, None]
    world.outbox.watch(world.clock() + 60, lambda _: None)
    one.wake()
    assert looked.acquire(timeout=10)
    assert waited == [None, None, 0.25]
    [thread] = couriers()
    one.stop()
    thread.join(10)
    assert not thread.is_alive()


class Connection:
    """Notes what it is asked to send."""

    made: "list[Connection]"
    answer: int | Exception

    def __init__(self, *target: Any, timeout: float) -> None:
        self.asked: list[Any] = [type(self).__name__, *target, timeout]
        self.made.append(self)

    def request(self, *request: Any) -> None:
        self.asked += request

    def getresponse(self) -> Reply:
        if isinstance(self.answer, Exception):
            raise self.answer
        return Reply(self.answer)

    def close(self) -> None:
        self.asked.append("closed")


@pytest.mark.parametrize(
    ("url", "kind", "host", "port", "target"),
    [
        ("http://127.0.0.1:8/a/b?c=d", "http", "127.0.0.1", 8, "/a/b?c=d"),
        ("http://localhost", "http", "localhost", None, "/"),
        ("http://localhost?a=b", "http", "localhost", None, "/?a=b"),
        ("http://localhost//a#part", "http", "localhost", None, "//a"),
        ("https://[::1]:8/", "https", "::1", 8, "/"),
        ("http:///a", "http", "", None, "/a"),
    ],
)
@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (204, Reply(204)),
        (OSError("gone"), Reply(0, breaks="refuse")),
        (http.client.BadStatusLine("?"), Reply(0, breaks="refuse")),
    ],
    ids=str,
)
def test_a_delivery_is_a_post_to_its_whole_address(
    url: str,
    kind: str,
    host: str,
    port: int | None,
    target: str,
    answer: Any,
    expected: Reply,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[Connection] = []
    kinds = {
        name: type(name, (Connection,), {"made": made, "answer": answer})
        for name in ("http", "https")
    }
    monkeypatch.setattr(http.client, "HTTPConnection", kinds["http"])
    monkeypatch.setattr(http.client, "HTTPSConnection", kinds["https"])
    assert post(Request("POST", url, {"x": "y"}, b"{}")) == expected
    [connection] = made
    sent = ["POST", target, b"{}", {"x": "y"}]
    assert connection.asked == [kind, host, port, 10, *sent, "closed"]
