"""Requests and replies as plain values: the core reads and writes these alone.

An adapter turns what arrives on a wire into a `Request`, calls `Emulator.handle`, and
sends the `Reply` on. A reply's body is either bytes or an iterator of events to be sent
one by one, made while they are being sent. An event is a dict: an adapter writes it as
its wire has it. Where the next one is not due yet, the iterator gives a `Pause`: the
adapter waits, the core never does.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

import orjson

from responses_emulator import json_text
from responses_emulator.errors import (
    ServiceError,
    malformed_json,
    not_emulated,
    unsupported_content_type,
)
from responses_emulator.signals import Pause as Pause

if TYPE_CHECKING:
    from responses_emulator.store import Kept

Json = dict[str, Any]

JSON_TYPE = "application/json"


@dataclass
class Request:
    """One HTTP request; `target` is the raw path with its query, as on the wire."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])  # lower-case
    body: bytes = b""
    # Of one that came over a WebSocket: the responses that only this connection keeps,
    # and whether output is to be made.
    kept: "Kept | None" = None
    generate: bool = True
    # A fault has hit it already.
    is_struck: bool = False
    # Who asks waits for a model in the same thread; else the reply's body has pauses.
    may_block: bool = True
    # It has a body, which was not read: who sends it may not.
    is_unread: bool = False

    path: str = field(init=False)  # without the query, percent-decoded
    # Whether it came through `/openai/v1/`; if not, with a dated api-version.
    is_v1: bool = field(init=False)

    def __post_init__(self) -> None:
        """Take the target apart: every request needs that."""
        path, _, self._query = self.target.partition("?")
        self.path = unquote(path) if "%" in path else path
        self.is_v1 = self.path.startswith("/openai/v1/")

    @property
    def query(self) -> dict[str, str]:
        """The query parameters; of a repeated one, the last value."""
        if not self._query:
            return {}
        return dict(parse_qsl(self._query, keep_blank_values=True))

    @property
    def query_lists(self) -> dict[str, list[str]]:
        """The query parameters with every value: `include[]=a&include[]=b`."""
        lists: dict[str, list[str]] = {}
        for name, value in parse_qsl(self._query):
            lists.setdefault(name.removesuffix("[]"), []).append(value)
        return lists

    def json(self) -> Json:
        """The body as a JSON object, or the service's 400 or 415."""
        type = self.headers.get("content-type", JSON_TYPE).partition(";")[0].strip()
        if type.lower() != JSON_TYPE and self.path.startswith("/openai/"):
            raise unsupported_content_type(type)
        try:
            value = json_text.parse(self.body)
        except json_text.TooManyValues as error:
            raise not_emulated(str(error)) from None
        except orjson.JSONDecodeError:
            raise malformed_json() from None
        if not isinstance(value, dict):
            raise malformed_json()
        return value  # pyright: ignore[reportUnknownVariableType]


# The events of a stream; bytes are sent as they are.
Pieces = Iterator[Json | bytes | Pause]


@dataclass(slots=True)
class Reply:
    """One HTTP reply; an iterator body is sent piece by piece as it is produced.

    Whoever does not read it to its end closes it, or lets go of it.

    The adapter sends nothing before `delay` seconds are over. `breaks` says that the
    connection is to break where the body ends: "reset" (TCP's RST), "close" (as a peer
    that goes away does) or "refuse" (as if nobody listened; over a socket, a reset).
    With a `status` of 0 it breaks before anything is sent.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    body: bytes | Pieces = b""
    delay: float = 0.0
    breaks: str = ""

    def heed(self, piece: object) -> None:
        """Be the reply that a late body has turned out to be."""
        if isinstance(piece, LateError):
            self.status = piece.status
            self.headers = self.headers | piece.headers

    @property
    def is_late(self) -> bool:
        """Whether the body is one piece that is still being made, and no stream."""
        return not isinstance(self.body, bytes) and (
            self.headers.get("content-type") == JSON_TYPE
        )


Handle = Callable[[Request], Reply]


class LateError(bytes):
    """A late body that is an error, with the status and headers of its reply."""

    def __new__(cls, error: ServiceError) -> "LateError":
        """What the service answers."""
        made = super().__new__(cls, orjson.dumps(error.body))
        made.status = error.status
        made.headers = error.headers
        return made

    status: int
    headers: dict[str, str]


class Late:
    """A body that is still being made: pauses, and then all of it in one piece.

    It is no generator: one that was never begun would not hear of its end.
    """

    def __init__(
        self,
        pauses: Iterator[Pause],
        whole: Callable[[], bytes],
        leave: Callable[[], object],
    ) -> None:
        """`whole` gives the body after the last pause; `leave` ends it before that."""
        self._pauses = pauses
        self._whole: Callable[[], bytes] | None = whole
        self._leave = leave

    def __iter__(self) -> Pieces:
        """Itself."""
        return self

    def __next__(self) -> bytes | Pause:
        """How long to wait, or the body."""
        if self._whole is None:
            raise StopIteration
        pause = next(self._pauses, None)
        if pause is not None:
            return pause
        whole, self._whole = self._whole, None
        return whole()

    def close(self) -> None:
        """Nobody waits for it any more."""
        if self._whole is not None:
            self._whole = None
            self._leave()

    def __del__(self) -> None:
        """Who lets go of it does not wait for it."""
        self.close()


def json_reply(value: object, status: int = 200) -> Reply:
    """A reply that carries one JSON value."""
    return Reply(status, {"content-type": JSON_TYPE}, orjson.dumps(value))


def sse_reply(events: Pieces) -> Reply:
    """A reply that streams events: over HTTP, each is named by its `type`."""
    return Reply(
        200,
        {
            "content-type": "text/event-stream; charset=utf-8",
            "cache-control": "no-cache",
        },
        events,
    )


def close_pieces(pieces: object) -> None:
    """Tell who makes these pieces, or events, that no more of them will be read."""
    close = getattr(pieces, "close", None)
    if close:
        close()
