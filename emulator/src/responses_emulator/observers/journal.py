"""What was asked of an emulator, secrets masked, and whether the client behaved."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson

from responses_emulator.http import Json, Request
from responses_emulator.observers.masking import mask_headers, mask_json
from responses_emulator.observers.observe import Exchange, Observer
from responses_emulator.sizes import size_of

MAX_ENTRIES = 1_000  # the oldest go first
MAX_BYTES = 64 * 2**20  # of all entries together, their bodies as they were sent
RETRIED = (408, 409, 429)  # of the 4xx, what a client may repeat as it is
ENDS = ("response.completed", "response.incomplete", "response.failed", "error")
TOLERANCE = 0.01  # seconds, of clocks


@dataclass
class Entry:
    """One request and what became of it; times are the emulator's clock's."""

    method: str
    path: str
    headers: dict[str, str]
    # As it was sent; empty where it is a form, or larger than all that is kept. Secrets
    # are masked when it is looked at, so it is not shown.
    body: bytes = field(repr=False)
    asked_at: float
    status: int | None = None
    ended_at: float | None = None
    wait: float | None = None  # seconds that the reply asked the client to wait
    cut: bool = False  # a stream that did not come to its end
    response_id: str | None = None  # of a stream
    key: int = 0  # equal for requests that say the same
    size: int = 0  # bytes that it takes

    @property
    def json(self) -> Any:
        """The body's JSON, None where it is none; secrets masked, as in the headers.

        It is read anew each time: JSON takes up to twenty times as much as its text.
        """
        try:
            return mask_json(orjson.loads(self.body)) if self.body else None
        except orjson.JSONDecodeError:
            return None

    def as_json(self) -> Json:
        """The entry for other languages."""
        return {
            "method": self.method,
            "path": self.path,
            "headers": self.headers,
            "json": self.json,
            "status": self.status,
            "cut": self.cut,
        }


@dataclass
class Verdict:
    """How the client behaved; None where there was no occasion.

    `findings` says in a sentence each what was wrong.
    """

    waited_as_told: bool | None = None  # retry-after was honoured
    left_refusals_alone: bool | None = None  # a 400 was not sent again
    noticed_cut_streams: bool | None = None  # such a request was repeated or resumed
    findings: list[str] = field(default_factory=list[str])

    @property
    def ok(self) -> bool:
        """Whether there is nothing to complain about."""
        return not self.findings

    def as_json(self) -> Json:
        """The verdict for other languages."""
        return {
            "ok": self.ok,
            "waited_as_told": self.waited_as_told,
            "left_refusals_alone": self.left_refusals_alone,
            "noticed_cut_streams": self.noticed_cut_streams,
            "findings": self.findings,
        }


class Journal(Observer):
    """Keeps the last requests."""

    keeps_body = False

    def __init__(self, clock: Callable[[], float]) -> None:
        """Start empty."""
        self._clock = clock
        self._entries: deque[tuple[int, Entry]] = deque()
        self._held = 0  # bytes
        self._lock = threading.Lock()

    def asked(self, exchange: Exchange) -> None:
        """Note the request."""
        entry = _entry(exchange.request, self._clock())
        with self._lock:
            if len(self._entries) == MAX_ENTRIES:
                self._forget_one()
            self._entries.append((exchange.number, entry))
            self._held += entry.size
            while self._held > MAX_BYTES and len(self._entries) > 1:
                self._forget_one()

    def ended(self, exchange: Exchange) -> None:
        """Note what became of it."""
        with self._lock:
            for number, entry in reversed(self._entries):
                if number == exchange.number:
                    _end(entry, exchange, self._clock())
                    break

    def _forget_one(self) -> None:
        """Let the oldest go."""
        _, oldest = self._entries.popleft()
        self._held -= oldest.size

    def entries(self) -> list[Entry]:
        """The requests, oldest first."""
        with self._lock:
            return [entry for _, entry in self._entries]

    def clear(self) -> None:
        """Forget them."""
        with self._lock:
            self._entries.clear()
            self._held = 0

    def verdict(self) -> Verdict:
        """How the client behaved so far."""
        verdict = Verdict()
        entries = self.entries()
        for index, entry in enumerate(entries):
            later = entries[index + 1 :]
            again = next((one for one in later if one.key == entry.key), None)
            what = f"{entry.method} {entry.path}"
            if entry.wait is not None and entry.ended_at is not None and again:
                waited = again.asked_at - entry.ended_at
                good = waited >= entry.wait - TOLERANCE
                verdict.waited_as_told = verdict.waited_as_told is not False and good
                if not good:
                    verdict.findings.append(
                        f"{what} was told to wait {entry.wait:g} s and came back after "
                        f"{waited:.3g} s."
                    )
            status = entry.status or 0
            if 400 <= status < 500 and status not in RETRIED:
                good = again is None
                verdict.left_refusals_alone = (
                    verdict.left_refusals_alone is not False and good
                )
                if not good:
                    verdict.findings.append(
                        f"{what} was refused with {status} and sent again as it was."
                    )
            if entry.cut:
                good = again is not None or _is_resumed(entry, later)
                verdict.noticed_cut_streams = (
                    verdict.noticed_cut_streams is not False and good
                )
                if not good:
                    verdict.findings.append(
                        f"The stream of {what} was cut, and was neither asked for "
                        "again nor resumed."
                    )
        return verdict


def _entry(request: Request, now: float) -> Entry:
    is_form = request.headers.get("content-type", "").lower().startswith("multipart/")
    headers = mask_headers(request.headers)
    taken = size_of([request.path, headers])
    body = b"" if is_form or len(request.body) + taken > MAX_BYTES else request.body
    # What was not read is no other request's repetition.
    said = object() if request.is_unread else request.body
    return Entry(
        request.method,
        request.path,
        headers,
        body,
        now,
        key=hash((request.method, request.target, said)),
        size=taken + size_of(body),
    )


def _end(entry: Entry, exchange: Exchange, now: float) -> None:
    entry.ended_at = now
    reply = exchange.reply
    if reply is None:
        return
    entry.status = reply.status or None
    wait = reply.headers.get("retry-after-ms")
    if reply.status >= 400 and wait is not None:
        entry.wait = int(wait) / 1000
    if reply.headers.get("content-type", "").startswith("text/event-stream"):
        if exchange.first and "response" in exchange.first:
            entry.response_id = exchange.first["response"]["id"]
        # To leave a stream early is the client's own choice; to be cut off is not.
        was_cut = bool(reply.breaks) or not exchange.broken
        entry.cut = was_cut and not (exchange.last and exchange.last["type"] in ENDS)


def _is_resumed(entry: Entry, later: list[Entry]) -> bool:
    id = entry.response_id
    return id is not None and any(
        one.method == "GET" and one.path.endswith(f"/responses/{id}") for one in later
    )
