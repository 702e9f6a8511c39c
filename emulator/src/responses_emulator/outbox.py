"""What webhook endpoints are told: which events are due, to whom, and when again.

Nothing here waits or touches a socket. An adapter asks what is `due`, sends it, and
says what became of it; time comes from the emulator's clock. Only loopback is sent to:
the endpoints are registered for nothing else.

Source: Azure's page on webhooks, and the Standard Webhooks that it follows.
"""

import heapq
import itertools
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import digest
from math import inf

import orjson

from responses_emulator.account import WEBHOOK_SECRET
from responses_emulator.http import Request
from responses_emulator.ids import hex_id
from responses_emulator.store import Collection, WebhookEndpoint

# How long it waits after each failed attempt; after the last it gives up.
RETRY_SECONDS = (1, 2, 4, 8, 16, 32)
MAX_WAITING = 1_000  # deliveries; the oldest go first
MAX_WATCHED = 10_000  # responses and batches under way; those that end first go first
USER_AGENT = "OpenAI/1.0 (+https://platform.openai.com/docs/webhooks)"


@dataclass(frozen=True)
class Event:
    """Something has ended: `type` such as `response.completed`, and whose it is."""

    type: str
    id: str  # of the response or batch
    at: float  # seconds since 1970


# Asked at a time, it gives the event that has happened by then, or when to ask again;
# never (None) where there is nothing to come any more.
Look = Callable[[float], Event | float | None]


@dataclass
class Delivery:
    """One event on its way to one endpoint."""

    endpoint: WebhookEndpoint
    body: bytes
    due: float  # the clock time of the next attempt
    id: str = field(default_factory=lambda: hex_id("wh_"))
    failures: int = 0

    def signed(self, now: float) -> Request:
        """The request as it is sent at this time; its target is the whole address."""
        timestamp = str(int(now))
        return Request(
            "POST",
            self.endpoint.url,
            {
                "user-agent": USER_AGENT,
                "content-type": "application/json",
                "webhook-id": self.id,
                "webhook-timestamp": timestamp,
                "webhook-signature": signature(self.id, timestamp, self.body),
            },
            self.body,
        )


def signature(id: str, timestamp: str, body: bytes, secret: str = "") -> str:
    """The value of `webhook-signature`; `secret` is the emulator's own by default."""
    key = b64decode((secret or WEBHOOK_SECRET).removeprefix("whsec_"))
    signed = b".".join([id.encode(), timestamp.encode(), body])
    return f"v1,{b64encode(digest(key, signed, sha256)).decode()}"


class Outbox:
    """The events and deliveries of one emulator."""

    def __init__(
        self,
        clock: Callable[[], float],
        endpoints: Callable[[], Collection[WebhookEndpoint]],
    ) -> None:
        """Start with nothing to send; `endpoints` are those registered by then."""
        self._clock = clock
        self._endpoints = endpoints
        self._lock = threading.RLock()
        self._order = itertools.count()
        self._watched: list[tuple[float, int, Look]] = []  # a heap
        self._waiting: list[Delivery] = []
        # Called when there may be something to send sooner than `next_at` said.
        self.listeners: list[Callable[[], None]] = []

    def watch(self, at: float, look: Look) -> None:
        """Ask `look` at that time what has happened."""
        with self._lock:
            self._settle()
            heapq.heappush(self._watched, (at, next(self._order), look))
            if len(self._watched) > MAX_WATCHED:
                heapq.heappop(self._watched)
        self.wake()

    def wake(self) -> None:
        """Let those who send look again."""
        for listener in self.listeners:
            listener()

    def clear(self) -> None:
        """Forget what was going to be sent."""
        with self._lock:
            self._watched.clear()
            self._waiting.clear()

    def due(self) -> list[Delivery]:
        """What is to be sent now. Each is given out once, until it has `failed`."""
        with self._lock:
            self._settle()
            now = self._clock()
            due = [each for each in self._waiting if each.due <= now]
            self._waiting = [each for each in self._waiting if each.due > now]
            return [each for each in due if self._is_registered(each.endpoint)]

    def next_at(self) -> float:
        """The clock time at which more may be due; infinity: none that is known."""
        with self._lock:
            times = [each.due for each in self._waiting]
            if self._watched and len(self._endpoints()):
                times.append(self._watched[0][0])
            return min(times, default=inf)

    def failed(self, delivery: Delivery) -> None:
        """Send it again later, unless that has been tried often enough."""
        with self._lock:
            if delivery.failures < len(RETRY_SECONDS):
                pause = RETRY_SECONDS[delivery.failures]
                delivery.due = self._clock() + pause
                delivery.failures += 1
                self._wait(delivery)

    def _is_registered(self, endpoint: WebhookEndpoint) -> bool:
        return self._endpoints().get(endpoint.id) is endpoint

    def _settle(self) -> None:
        """Turn what has happened by now into deliveries."""
        now = self._clock()
        while self._watched and self._watched[0][0] <= now:
            _, _, look = heapq.heappop(self._watched)
            found = look(now)
            if isinstance(found, Event):
                self._announce(found)
            elif found is not None and now < found < inf:
                heapq.heappush(self._watched, (found, next(self._order), look))

    def _announce(self, event: Event) -> None:
        body = orjson.dumps(
            {
                "object": "event",
                "id": hex_id("evt_"),
                "type": event.type,
                "created_at": int(event.at),
                "data": {"id": event.id},
            }
        )
        for endpoint in self._endpoints():
            if event.type in endpoint.event_types:
                self._wait(Delivery(endpoint, body, due=event.at))

    def _wait(self, delivery: Delivery) -> None:
        self._waiting.append(delivery)
        if len(self._waiting) > MAX_WAITING:
            del self._waiting[0]
