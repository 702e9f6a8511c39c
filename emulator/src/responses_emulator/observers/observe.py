"""Look on while a `handle` function answers: what goes in, what comes out, and when.

    handle = observe(emulator.handle, Wire(sys.stderr), counter)

Nothing is changed or held back: a streamed reply passes piece by piece.
"""

import itertools
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import orjson

from responses_emulator.http import (
    Handle,
    Json,
    Pause,
    Pieces,
    Reply,
    Request,
    close_pieces,
)


@dataclass(eq=False)
class Exchange:
    """One request and, as far as it has come, its reply.

    `number` counts from 1. If somebody who looks on keeps bodies, `body` holds that of
    the reply, or of a stream `events`, each as the JSON that it was when it was made;
    `first` and `last` are events of a stream. `broken` says that the reply was not read
    to its end.
    """

    number: int
    request: Request
    reply: Reply | None = None
    body: list[bytes] = field(default_factory=list[bytes])
    events: list[bytes] = field(default_factory=list[bytes])
    first: Json | None = None
    last: Json | None = None
    broken: bool = False
    started: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """How long ago the request came in."""
        return time.perf_counter() - self.started


class Observer:
    """What an observer may want to know; calls come from several threads at once."""

    keeps_body = True  # whether the bodies of exchanges are to be kept for it

    def asked(self, exchange: Exchange) -> None:
        """A request has come in."""

    def answered(self, exchange: Exchange) -> None:
        """Status and headers are known; a body that is not streamed is, too."""

    def written(self, exchange: Exchange, piece: Json | bytes) -> None:
        """One more event of a stream, or piece of another body, is about to be sent."""

    def ended(self, exchange: Exchange) -> None:
        """The reply is complete, or was broken off."""


class Counter(Observer):
    """Counts requests: those to the API, and those for a token."""

    keeps_body = False

    def __init__(self) -> None:
        """Start at zero."""
        self._lock = threading.Lock()
        self.requests = 0
        self.token_requests = 0

    def asked(self, exchange: Exchange) -> None:
        """Count it where it belongs."""
        with self._lock:
            if exchange.request.path.startswith("/openai/"):
                self.requests += 1
            else:
                self.token_requests += 1


def observe(
    handle: Handle, *observers: Observer, numbers: Iterator[int] | None = None
) -> Handle:
    """The same function, with observers looking on.

    Who looks on at several functions gives them the same `numbers`.
    """
    if not observers:
        return handle
    numbers = numbers or itertools.count(1)
    keeps_body = any(observer.keeps_body for observer in observers)

    def observed(request: Request) -> Reply:
        exchange = Exchange(next(numbers), request)
        for observer in observers:
            observer.asked(exchange)
        try:
            reply = handle(request)
        except BaseException:
            _end(exchange, observers, broken=True)
            raise
        exchange.reply = reply
        if keeps_body and isinstance(reply.body, bytes):
            exchange.body.append(reply.body)
        if not reply.is_late:  # it may still become an error
            for observer in observers:
                observer.answered(exchange)
        if isinstance(reply.body, bytes):
            _end(exchange, observers, broken=bool(reply.breaks))
            return reply
        pieces = _Pieces(exchange, reply.body, observers, keeps_body=keeps_body)
        return replace(reply, body=pieces)

    return observed


class _Pieces:
    """A streamed body; unlike a generator it notices a close before its first piece."""

    def __init__(
        self,
        exchange: Exchange,
        pieces: Pieces,
        observers: tuple[Observer, ...],
        *,
        keeps_body: bool,
    ) -> None:
        self._exchange = exchange
        self._keeps_body = keeps_body
        self._pieces = pieces
        self._observers = observers
        self._breaks = bool(exchange.reply and exchange.reply.breaks)
        self._ended = False

    def __iter__(self) -> Pieces:
        return self

    def __next__(self) -> Json | bytes | Pause:
        try:
            piece = next(self._pieces)
        except BaseException as error:
            self._end(broken=not isinstance(error, StopIteration) or self._breaks)
            raise
        if isinstance(piece, Pause):
            return piece
        exchange = self._exchange
        if exchange.reply is not None and exchange.reply.is_late:
            exchange.reply.heed(piece)
            for observer in self._observers:
                observer.answered(exchange)
        if isinstance(piece, dict):
            exchange.first = exchange.first or piece
            exchange.last = piece
            if self._keeps_body:
                exchange.events.append(orjson.dumps(piece))
        elif self._keeps_body:
            exchange.body.append(piece)
        for observer in self._observers:
            observer.written(exchange, piece)
        return piece

    def close(self) -> None:
        """End what is still being written."""
        try:
            close_pieces(self._pieces)
        finally:
            self._end(broken=True)

    def __del__(self) -> None:
        self.close()

    def _end(self, *, broken: bool) -> None:
        if not self._ended:
            self._ended = True
            _end(self._exchange, self._observers, broken=broken)


def _end(exchange: Exchange, observers: tuple[Observer, ...], *, broken: bool) -> None:
    exchange.broken = broken
    for observer in observers:
        observer.ended(exchange)
