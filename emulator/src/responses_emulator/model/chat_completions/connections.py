"""HTTP to one endpoint, as the standard library speaks it.

A connection that has brought a whole reply serves the next request, and whoever waits
for one can be stopped from another thread. Neither proxies of the environment are used
nor redirects followed: what may be reached was named.
"""

import socket
import threading
import weakref
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from http.client import (
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    HTTPSConnection,
    IncompleteRead,
)
from typing import TYPE_CHECKING

from responses_emulator import outgoing
from responses_emulator.model.chat_completions.endpoint import Endpoint
from responses_emulator.signals import Signal
from responses_emulator.urls import split

if TYPE_CHECKING:
    import ssl

CONNECT_SECONDS = 5.0
END_SECONDS = 0.05
PIECE_BYTES = 64 * 2**10
ENDED = "the connection has ended within the answer"
# What may go wrong with a reply; `ValueError` is the standard library's own.
BROKEN = (HTTPException, OSError, ValueError, zlib.error)


class Unreachable(Exception):
    """Nobody answers there; the text says why."""


@dataclass(frozen=True)
class Asked:
    """A request; `timeout` is for how many seconds its reply may be silent."""

    method: str
    path: str  # below the endpoint's address
    content: bytes | None
    headers: dict[str, str]
    timeout: float


class Reply:
    """A reply whose body is unread."""

    def __init__(self, response: HTTPResponse) -> None:
        """Its head has come."""
        self.status = response.status
        self._response = response

    def header(self, name: str) -> str:
        """A header; without one, nothing."""
        return self._response.headers.get(name) or ""

    def pieces(self) -> Iterator[bytes]:
        """The body, each piece when it has come."""
        decoded = _decoder(self.header("content-encoding"))
        try:
            while piece := self._response.read1(PIECE_BYTES):
                yield decoded(piece) if decoded else piece
        except IncompleteRead:
            raise HTTPException(ENDED) from None
        if self._response.length:
            raise HTTPException(ENDED)


class Connections:
    """The connections to an endpoint: as many as there are requests at once."""

    def __init__(self, endpoint: Endpoint) -> None:
        """None is opened before there is a request."""
        parts = split(endpoint.url)
        self._host = parts.hostname or ""
        self._port = parts.port
        self._path = parts.path
        self._is_safe = parts.scheme == "https"
        self._most_idle = endpoint.parallel
        self._idle: list[HTTPConnection] = []
        self._lock = threading.Lock()
        weakref.finalize(self, _close_all, self._idle)

    @contextmanager
    def asking(self, asked: Asked, stop: Signal) -> Generator[Reply]:
        """The reply to a request. Raises `Unreachable`, or one of `BROKEN`."""
        with _Wire(stop) as wire:
            response = self._asked_over_one_kept(wire, asked)
            if response is None:
                wire.use(self._opened())
                response = self._response(wire, asked)
            yield Reply(response)
            if wire.is_free(response):
                self._keep(wire.given_up())

    def _asked_over_one_kept(self, wire: "_Wire", asked: Asked) -> HTTPResponse | None:
        """The reply over a connection that was used; None if it has ended meanwhile."""
        connection = self._kept()
        if connection is None:
            return None
        wire.use(connection)
        try:
            return self._response(wire, asked)
        except ConnectionError:  # among them that it has ended without a reply
            if wire.is_stopped:
                raise
            return None

    def _response(self, wire: "_Wire", asked: Asked) -> HTTPResponse:
        connection = wire.within(asked.timeout)
        path = self._path + asked.path
        connection.request(asked.method, path, asked.content, asked.headers)
        return wire.heard(connection.getresponse())

    def _kept(self) -> HTTPConnection | None:
        """One that an earlier request has left, and that the other side still holds."""
        while True:
            with self._lock:
                connection = self._idle.pop() if self._idle else None
            if connection is None or not _has_news(connection):
                return connection
            connection.close()  # what it says now is that it has ended

    def _keep(self, connection: HTTPConnection) -> None:
        with self._lock:
            if len(self._idle) < self._most_idle:
                self._idle.append(connection)
                return
        connection.close()

    def _opened(self) -> HTTPConnection:
        if self._is_safe:
            connection = HTTPSConnection(
                self._host, self._port, timeout=CONNECT_SECONDS, context=_certificates()
            )
        else:
            connection = HTTPConnection(self._host, self._port, timeout=CONNECT_SECONDS)
        try:
            with outgoing.reaching(self._host):
                connection.connect()
        except TimeoutError:
            connection.close()
            raise Unreachable("nobody answers") from None
        except OSError as error:
            connection.close()
            raise Unreachable(str(error)) from None
        return connection


class _Wire:
    """What a request goes over, which another thread can break."""

    def __init__(self, stop: Signal) -> None:
        self._stop = stop
        self._connection: HTTPConnection | None = None
        self._response: HTTPResponse | None = None
        self._socket: socket.socket | None = None  # also where the connection is done

    def __enter__(self) -> "_Wire":
        self._stop.then(self._break)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.forget(self._break)
        if self._response is not None:
            self._response.close()
        if self._connection is not None:
            self._connection.close()

    @property
    def is_stopped(self) -> bool:
        """Whether nobody waits for the reply any more."""
        return bool(self._stop)

    def use(self, connection: HTTPConnection) -> None:
        """Go over this connection from now on, and over no other."""
        if self._connection is not None:
            self._connection.close()
        self._connection = connection
        self._socket = connection.sock
        if self._stop:
            self._break()

    def within(self, seconds: float) -> HTTPConnection:
        """The connection, silent for no longer than this."""
        assert self._connection is not None
        assert self._socket is not None
        self._socket.settimeout(seconds)
        return self._connection

    def heard(self, response: HTTPResponse) -> HTTPResponse:
        """This is what comes over it."""
        self._response = response
        return response

    def is_free(self, response: HTTPResponse) -> bool:
        """Whether nothing of a reply is left, so that it can serve another request.

        What ends the body of a stream that has said that it is over comes soon, or it
        is not waited for.
        """
        if response.will_close or self._stop or self._socket is None:
            return False
        self._socket.settimeout(END_SECONDS)
        with suppress(*BROKEN):
            while response.length != 0 and response.read1(PIECE_BYTES):
                pass
            return response.isclosed() or response.length == 0
        return False

    def given_up(self) -> HTTPConnection:
        """The connection, which is used for something else from now on."""
        assert self._connection is not None
        connection, self._connection = self._connection, None
        return connection

    def _break(self) -> None:
        """Have whoever reads from it go on at once: there is nothing more."""
        if self._socket is not None:
            with suppress(OSError):  # it has ended already
                # Of a TLS socket as well: it is the connection below that ends.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _has_news(connection: HTTPConnection) -> bool:
    """Whether the other side has ended it, or says what nobody has asked for."""
    if connection.sock is None:
        return True
    connection.sock.settimeout(0)
    try:
        # Of a TLS socket as well: what is looked for is below that.
        socket.socket.recv(connection.sock, 1, socket.MSG_PEEK)
    except BlockingIOError:
        return False
    except OSError:
        pass
    return True


def _close_all(connections: list[HTTPConnection]) -> None:
    for connection in connections:
        connection.close()


@cache
def _certificates() -> "ssl.SSLContext":
    """Whom to trust: whom this machine does, and whom `SSL_CERT_FILE` has."""
    import ssl

    return ssl.create_default_context()


def _decoder(encoding: str) -> Callable[[bytes], bytes] | None:
    """What undoes a compression, which nobody has asked for."""
    if encoding.lower() in ("", "identity"):
        return None
    if encoding.lower() in ("gzip", "x-gzip", "deflate"):
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress
    raise HTTPException(f"its answer is compressed by {encoding[:40]!r}")
