"""What goes over the wire to an endpoint: a body there, chunks back, piece by piece.

What goes wrong is raised as the service's error, with the endpoint's own words. A key
goes into one header and nowhere else: where the endpoint repeats it, it is blotted out.
"""

import json
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any, NoReturn, cast

import orjson

from responses_emulator.errors import (
    ServiceError,
    gateway_error,
    invalid_request,
    retry_after,
)
from responses_emulator.model.chat_completions.connections import (
    BROKEN,
    Asked,
    Connections,
    Reply,
    Unreachable,
)
from responses_emulator.model.chat_completions.endpoint import Endpoint
from responses_emulator.model.items import Item
from responses_emulator.signals import Signal

LOOK_SECONDS = 2.0  # for a first look at what an endpoint lists
MAX_LINE_BYTES = 16 * 2**20  # of a stream, and of a body that is none
MAX_ERROR_BYTES = 64 * 2**10
MAX_WORDS = 2_000  # characters of an endpoint's words
AGAIN_SECONDS = 2.0  # after which an endpoint that is busy may be asked again
SSE_BEGINS = (b"d", b"e", b"i", b"r", b":")  # data, event, id, retry, a comment
NOTHING = b"\xef\xbb\xbf \t\r\n"  # with which a body may begin: a mark, and space
# The end of a stream, for those who have not said before why it ends.
DONE: Item = {"choices": [{"finish_reason": "stop"}]}


class Client:
    """Speaks to one endpoint. Nothing is imported or opened before it is asked."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Ask this endpoint."""
        self.endpoint = endpoint
        self._name = endpoint.model
        self._connections = Connections(endpoint)

    def name(self) -> str:
        """What the endpoint calls its model. Raises ServiceError."""
        return self._name or self.listed()[0]

    def listed(self) -> list[str]:
        """The models that the endpoint lists, one at least. Raises ServiceError."""
        asked = self._request("GET", "/models", None, LOOK_SECONDS)
        with self._asking(asked, Signal()) as reply:
            body = _read(reply, MAX_LINE_BYTES).lstrip(NOTHING)
        if body.startswith(b"["):  # some have the list alone
            body = b'{"data":%b}' % body
        told = self._json(body)
        entries: Any = told.get("data") or told.get("models")
        is_list = isinstance(entries, list)
        listed = cast("list[Any]", entries) if is_list else []
        names = [name for name in map(_model_name, listed) if name]
        if not names:
            raise _trouble(f"The model's endpoint {self.endpoint.url} lists no model.")
        self._name = self._name or names[0]
        return names

    def chunks(self, body: Item, stop: Signal) -> Iterator[Item]:
        """The chunks of a completion; of an endpoint that does not stream, one."""
        content = orjson.dumps(body)
        timeout = self.endpoint.timeout
        asked = self._request("POST", "/chat/completions", content, timeout)
        try:
            with self._asking(asked, stop) as reply:
                yield from self._answer(reply)
        except ServiceError:
            if not stop:  # who stops it breaks the connection
                raise

    def post(self, path: str, body: Item, stop: Signal) -> Item:
        """What the endpoint answers to another request."""
        return self._posted(path, "application/json", orjson.dumps(body), stop)

    def post_form(self, path: str, kind: str, form: bytes, stop: Signal) -> Item:
        """What the endpoint answers to a form; `kind` is its content type."""
        return self._posted(path, kind, form, stop)

    def _posted(self, path: str, kind: str, content: bytes, stop: Signal) -> Item:
        asked = self._request("POST", path, content, self.endpoint.timeout, kind)
        with self._asking(asked, stop) as reply:
            return self._checked(self._json(_read(reply, MAX_LINE_BYTES)))

    def _answer(self, reply: Reply) -> Iterator[Item]:
        """What a reply is, a stream or one completion: it shows by its beginning.

        Not all endpoints say in their headers what they send.
        """
        pieces = reply.pieces()
        begun = b""
        passed = 0
        while not begun and passed < MAX_LINE_BYTES:
            piece = next(pieces, None)
            if piece is None:
                break
            passed += len(piece)
            begun = piece.lstrip(NOTHING)
        rest = chain((begun,), pieces)
        begins = begun[:1]
        is_stream = "text/event-stream" in reply.header("content-type")
        if begins == b"{" or not (is_stream or begins in SSE_BEGINS):
            yield self._completion(self._json(_whole(rest, MAX_LINE_BYTES)))
        else:
            yield from self._events(rest)

    def _completion(self, body: Item) -> Item:
        """A completion that has come in one piece, and so has come to its end."""
        self._checked(body)
        choices: Any = body.get("choices")
        if not (isinstance(choices, list) and choices):
            words, _, _ = _words(body)
            raise _trouble(
                f"The model's endpoint sent no completion: {self._shown(words)}"
            )
        for choice in cast("list[Item]", choices[:1]):
            if isinstance(choice, dict):  # pyright: ignore[reportUnnecessaryIsInstance]
                choice["finish_reason"] = choice.get("finish_reason") or "stop"
        return body

    def _events(self, pieces: Iterable[bytes]) -> Iterator[Item]:
        """The data of a stream's events, up to its end."""
        data = b""  # of an event that is not whole yet: it may have several lines
        passed = 0  # bytes that say nothing, in a row
        is_error = False  # as the event is called
        for line in _lines(pieces):
            if line.startswith(b"{") and not data:
                # Ollama ends a stream so that goes wrong.
                yield self._checked(self._json(line))
                continue
            name, _, value = line.partition(b":")
            name, value = name.strip(), value.strip()
            if name == b"error" or (is_error and name == b"data"):  # llama.cpp's way
                raise self._refusal(
                    500, _parsed(value) or value.decode(errors="replace")
                )
            if name in (b"event", b""):
                is_error = value == b"error"
            passed = 0 if name == b"data" and value else passed + len(line) + 1
            if passed > MAX_LINE_BYTES:
                raise _trouble("The model comes to no end, and says nothing.")
            if name == b"data" and value:
                if value == b"[DONE]":
                    yield DONE
                    return
                data += value + b"\n"
                if len(data) > MAX_LINE_BYTES:
                    raise _trouble("The model broke off: an event has no end.")
                chunk = _parsed(data) if value.endswith(b"}") else None
                if chunk is not None:
                    yield self._checked(chunk)
                elif data.startswith(b"{"):
                    continue
                else:
                    self._json(data)  # which it is not
                data = b""
            elif data and not line.strip():
                self._json(data)

    def _checked(self, chunk: Item) -> Item:
        error: Any = chunk.get("error")
        if error:
            code = cast("Item", error).get("code") if isinstance(error, dict) else None
            raise self._refusal(_status(code), chunk)
        if chunk.get("object") == "error" or (
            "choices" not in chunk and isinstance(_said(chunk), str)
        ):
            raise self._refusal(_status(chunk.get("code")), chunk)
        return chunk

    def _request(
        self,
        method: str,
        path: str,
        content: bytes | None,
        timeout: float,
        kind: str = "application/json",
    ) -> Asked:
        headers = {"accept": "text/event-stream, application/json"}
        if content is not None:
            headers["content-type"] = kind
        if self.endpoint.key:
            headers["authorization"] = f"Bearer {self.endpoint.key}"
        return Asked(method, path, content, headers, timeout)

    @contextmanager
    def _asking(self, asked: Asked, stop: Signal) -> Generator[Reply]:
        """The reply to a request, its body unread. Raises ServiceError."""
        try:
            with self._connections.asking(asked, stop) as reply:
                if reply.status >= 300:
                    self._refuse(reply)
                yield reply
        except Unreachable as error:
            self._say(
                gateway_error(
                    503,
                    "ServiceUnavailable",
                    f"The model at {self.endpoint.url} cannot be reached: {error}.",
                )
            )
        except TimeoutError:
            words = f"The model was silent for {asked.timeout:g} seconds."
            self._say(gateway_error(504, "Timeout", words))
        except BROKEN as error:
            words = str(error) or type(error).__name__
            self._say(_trouble(f"The model broke off: {self._without_key(words)}"))

    def _without_key(self, words: str) -> str:
        """What somebody has said, who may repeat the key."""
        key = self.endpoint.key
        return words.replace(key, "***") if key else words

    def _shown(self, said: str | None) -> str | None:
        """What an endpoint says, as it may be told: without the key, and not at length.

        A key that is cut in two would not be found.
        """
        return said and self._without_key(said)[:MAX_WORDS]

    def _json(self, text: bytes) -> Item:
        value = _parsed(text)
        if value is None:
            said = self._without_key(text[:MAX_WORDS].decode("utf-8", "replace"))
            raise _trouble(
                f"The model's endpoint sent what is no JSON object: {said[:100]!r}."
            )
        return value

    def _refuse(self, reply: Reply) -> NoReturn:
        """Raise what an endpoint says that it does not do."""
        status = reply.status
        said = _read(reply, MAX_ERROR_BYTES, whole=False)
        try:
            body: Any = orjson.loads(said)
        except orjson.JSONDecodeError:
            body = said.decode("utf-8", "replace")
        error = self._refusal(status, body)
        wait = reply.header("retry-after")
        if wait.isascii() and wait.isdigit():
            error.headers = {"retry-after": wait}
        raise error

    def _refusal(self, status: int, body: Any) -> ServiceError:
        """The service's error for one of the endpoint's, with its own words."""
        words, code, param = map(self._shown, _words(body))
        words = words or f"The model's endpoint answered {status}."
        if not 400 <= status < 600 or status in (401, 403, 407):
            # It is not who asks the emulator that is not let in.
            url = self.endpoint.url
            return _trouble(f"The model's endpoint {url} answered {status}: {words}")
        if status == 429:
            error = gateway_error(429, "RateLimitReached", words)
            error.headers = retry_after(AGAIN_SECONDS)
            return error
        if status >= 500:
            return invalid_request(
                words, param, code or "server_error", status=status, type="server_error"
            )
        return invalid_request(words, param, code, status=status)

    def _say(self, error: ServiceError) -> NoReturn:
        raise error from None  # whose text may quote a header


def _model_name(entry: Any) -> str:
    """What an entry of a list calls its model; nothing where it is no entry."""
    if isinstance(entry, dict):
        model = cast("Item", entry)
        entry = model.get("id") or model.get("name") or model.get("model")
    return str(entry) if isinstance(entry, str | int) else ""


def _status(code: Any) -> int:
    """The status that an error within a stream names, as a number or a text."""
    if isinstance(code, str) and code.isdecimal():
        code = int(code[:4])
    return code if isinstance(code, int) and 400 <= code < 600 else 500


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a body as they come; a last one that is not ended is none."""
    left = bytearray()
    for piece in _with_one_end(pieces):
        first, ends, rest = piece.partition(b"\n")
        left += first
        if len(left) > MAX_LINE_BYTES:
            raise _trouble("The model broke off: a line of its stream has no end.")
        if ends:
            yield bytes(left)
            *lines, last = rest.split(b"\n")
            yield from lines
            left = bytearray(last)


def _with_one_end(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same text with lines that all end alike: a stream has three ways to."""
    is_half = False  # of an end in two characters
    for piece in pieces:
        rest = piece[1:] if is_half and piece.startswith(b"\n") else piece
        is_half = rest.endswith(b"\r")
        yield rest.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _read(reply: Reply, most: int, *, whole: bool = True) -> bytes:
    """A body of so many bytes at most; more is an error, unless a part will do."""
    return _whole(reply.pieces(), most, whole=whole)


def _whole(pieces: Iterable[bytes], most: int, *, whole: bool = True) -> bytes:
    read = bytearray()
    for piece in pieces:
        read += piece
        if len(read) > most:
            if whole:
                raise _trouble("The model broke off: its answer has no end.")
            break
    return bytes(read[:most])


def _parsed(text: bytes) -> Item | None:
    """A JSON object, of one that is not strict as well; None where there is none.

    Some write NaN, cut letters in two, or have halves of letters as escapes.
    """
    try:
        value: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            value = json.loads(
                text.decode("utf-8", "replace"), parse_constant=lambda _: None
            )
            shown = json.dumps(value, ensure_ascii=False)
            value = orjson.loads(shown.encode("utf-8", "replace"))
        except (ValueError, RecursionError):
            return None
    return cast("Item", value) if isinstance(value, dict) else None


def _said(error: Item) -> Any:
    """What an error says, wherever it says it."""
    return error.get("message") or error.get("detail")


def _words(body: Any) -> tuple[str, str | None, str | None]:
    """What an error says, its code and its parameter, in whichever shape it comes."""
    if isinstance(body, dict):
        told = cast("Item", body)
        error: Any = told.get("error") or told
        if isinstance(error, dict):
            found = cast("Item", error)
            words = _said(found) or told.get("detail")
            code, param = found.get("code"), found.get("param")
            if not isinstance(words, str):
                words = orjson.dumps(words or told).decode()
            return (
                words,
                code if isinstance(code, str) else None,
                param if isinstance(param, str) else None,
            )
        return str(error), None, None
    return str(body).strip(), None, None


def _trouble(message: str) -> ServiceError:
    """The model, and not who asks, has done something wrong."""
    return invalid_request(
        message, code="server_error", status=500, type="server_error"
    )
