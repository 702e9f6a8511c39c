"""What goes over the wire to an endpoint: a body there, chunks back, piece by piece.

What goes wrong is raised as the service's error, with the endpoint's own words. A key
goes into one header and nowhere else: where the endpoint repeats it, it is blotted out.
"""

import inspect
import socket
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NoReturn, cast

import orjson

from responses_emulator import extras, outgoing
from responses_emulator.errors import (
    ServiceError,
    gateway_error,
    invalid_request,
    retry_after,
)
from responses_emulator.model.chat_completions.endpoint import Endpoint
from responses_emulator.model.items import Item
from responses_emulator.signals import Signal

if TYPE_CHECKING:
    import ssl

    import httpx2

CONNECT_SECONDS = 5.0
LOOK_SECONDS = 2.0  # for a first look at what an endpoint lists
MAX_LINE_BYTES = 16 * 2**20  # of a stream, and of a body that is none
MAX_ERROR_BYTES = 64 * 2**10
MAX_WORDS = 2_000  # characters of an endpoint's words
AGAIN_SECONDS = 2.0  # after which an endpoint that is busy may be asked again
# The end of a stream, for those who have not said before why it ends.
DONE: Item = {"choices": [{"finish_reason": "stop"}]}
PURPOSE = "To ask a model at an address"


class Client:
    """Speaks to one endpoint. Nothing is imported or opened before it is asked."""

    def __init__(self, endpoint: Endpoint) -> None:
        """Ask this endpoint."""
        self.endpoint = endpoint
        self._name = endpoint.model
        self._lock = threading.Lock()

    def name(self) -> str:
        """What the endpoint calls its model. Raises ServiceError."""
        if self._name is None:
            self._name = self.listed()[0]
        return self._name

    def listed(self) -> list[str]:
        """The models that the endpoint lists, one at least. Raises ServiceError."""
        with self._asking(Signal(), "GET", "/models", None, LOOK_SECONDS) as response:
            told = _json(_read(response, MAX_LINE_BYTES))
        entries: list[Item] = told.get("data") or told.get("models") or []
        names = [str(entry["id"]) for entry in entries if entry.get("id")]
        if not names:
            raise _trouble(f"The model's endpoint {self.endpoint.url} lists no model.")
        return names

    def chunks(self, body: Item, stop: Signal) -> Iterator[Item]:
        """The chunks of a completion; of an endpoint that does not stream, one."""
        path = "/chat/completions"
        timeout = self.endpoint.timeout
        try:
            with self._asking(stop, "POST", path, body, timeout) as response:
                if "text/event-stream" in response.headers.get("content-type", ""):
                    yield from self._events(response)
                else:
                    yield self._checked(_json(_read(response, MAX_LINE_BYTES)))
        except ServiceError:
            if not stop:  # who stops it breaks the connection
                raise

    def post(self, path: str, body: Item, stop: Signal) -> Item:
        """What the endpoint answers to another request."""
        timeout = self.endpoint.timeout
        with self._asking(stop, "POST", path, body, timeout) as response:
            return self._checked(_json(_read(response, MAX_LINE_BYTES)))

    def _events(self, response: "httpx2.Response") -> Iterator[Item]:
        """The data of a stream's events, up to its end."""
        for line in _lines(response):
            name, _, data = line.partition(b":")
            data = data.strip()
            if name.strip() != b"data" or not data:
                continue
            if data == b"[DONE]":
                yield DONE
                return
            yield self._checked(_json(data))

    def _checked(self, chunk: Item) -> Item:
        error: Any = chunk.get("error")
        if error:
            code = cast("Item", error).get("code") if isinstance(error, dict) else None
            status = code if isinstance(code, int) and 400 <= code < 600 else 500
            raise self._refusal(status, chunk)
        return chunk

    @contextmanager
    def _asking(
        self, stop: Signal, method: str, path: str, body: Item | None, timeout: float
    ) -> "Generator[httpx2.Response]":
        """The reply to a request, its body unread. Raises ServiceError."""
        import httpx2

        endpoint = self.endpoint
        line = _Connection()
        content = None if body is None else orjson.dumps(body)
        headers = {"accept": "text/event-stream, application/json"}
        if content is not None:
            headers["content-type"] = "application/json"
        if endpoint.key:
            headers["authorization"] = f"Bearer {endpoint.key}"
        stop.then(line.end)
        try:
            with (
                outgoing.reaching(endpoint.host),
                self._http.stream(
                    method,
                    endpoint.url + path,
                    content=content,
                    headers=headers,
                    timeout=httpx2.Timeout(timeout, connect=CONNECT_SECONDS),
                    extensions={"trace": line.heed},
                ) as response,
            ):
                if response.status_code >= 300:
                    self._refuse(response)
                yield response
        except httpx2.TimeoutException as error:
            self._say(self._silent(error, timeout))
        except (httpx2.ConnectError, httpx2.UnsupportedProtocol) as error:
            self._say(
                gateway_error(
                    503,
                    "ServiceUnavailable",
                    f"The model at {endpoint.url} cannot be reached: {error}.",
                )
            )
        except (httpx2.HTTPError, OSError, ValueError) as error:
            self._say(_trouble(f"The model broke off: {error or type(error).__name__}"))
        finally:
            stop.forget(line.end)

    @cached_property
    def _http(self) -> "httpx2.Client":
        extras.need("client", PURPOSE)
        import httpx2

        # Each request has a connection of its own, which who stops it breaks. Proxies
        # of the environment are for others: what may be reached was named.
        limits = httpx2.Limits(max_keepalive_connections=0)
        transport = _direct()(verify=_certificates(), limits=limits, trust_env=False)
        return httpx2.Client(transport=transport, trust_env=False)

    def _silent(self, error: Exception, timeout: float) -> ServiceError:
        import httpx2

        if isinstance(error, httpx2.ConnectTimeout):
            return gateway_error(
                503,
                "ServiceUnavailable",
                f"The model at {self.endpoint.url} cannot be reached: nobody answers.",
            )
        return gateway_error(
            504, "Timeout", f"The model was silent for {timeout:g} seconds."
        )

    def _refuse(self, response: "httpx2.Response") -> NoReturn:
        """Raise what an endpoint says that it does not do."""
        status = response.status_code
        said = _read(response, MAX_ERROR_BYTES, whole=False)
        try:
            body: Any = orjson.loads(said)
        except orjson.JSONDecodeError:
            body = said.decode("utf-8", "replace")
        error = self._refusal(status, body)
        wait = response.headers.get("retry-after")
        if wait is not None and wait.isascii() and wait.isdigit():
            error.headers = {"retry-after": wait}
        raise error

    def _refusal(self, status: int, body: Any) -> ServiceError:
        """The service's error for one of the endpoint's, with its own words."""
        words, code, param = _words(body)
        words = words or f"The model's endpoint answered {status}."
        if self.endpoint.key:
            words = words.replace(self.endpoint.key, "***")
        if 300 <= status < 400 or status in (401, 403, 407):
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


class _Connection:
    """The connection of one request, which another thread can end."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None
        self._ended = False

    def heed(self, event: str, info: dict[str, Any]) -> None:
        """Know the socket when there is one: `httpcore2` tells what it does."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._socket = info["return_value"].get_extra_info("socket")
            if self._ended:
                self.end()

    def end(self) -> None:
        """Have whoever reads from it go on at once: there is nothing more."""
        self._ended = True
        if self._socket is not None:
            with suppress(OSError):  # it has ended already
                # Of a TLS socket as well: it is the connection below that ends.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


@cache
def _direct() -> "type[httpx2.HTTPTransport]":
    """A transport that reaches the network where others are led to an emulator."""
    import httpx2

    class Direct(httpx2.HTTPTransport):
        def handle_request(self, request: httpx2.Request) -> httpx2.Response:
            send = inspect.unwrap(httpx2.HTTPTransport.handle_request)
            return send(self, request)

    return Direct


@cache
def _certificates() -> "ssl.SSLContext":
    """Whom to trust; to read that takes a while."""
    import httpx2

    return httpx2.create_ssl_context(trust_env=False)


def _lines(response: "httpx2.Response") -> Iterator[bytes]:
    """The lines of a body as they come; a last one that is not ended is none."""
    left = b""
    for piece in response.iter_bytes():
        *lines, left = (left + piece).split(b"\n")
        yield from lines
        if len(left) > MAX_LINE_BYTES:
            raise _trouble("The model broke off: a line of its stream has no end.")


def _read(response: "httpx2.Response", most: int, *, whole: bool = True) -> bytes:
    """A body of so many bytes at most; more is an error, unless a part will do."""
    read = bytearray()
    for piece in response.iter_bytes():
        read += piece
        if len(read) > most:
            if whole:
                raise _trouble("The model broke off: its answer has no end.")
            break
    return bytes(read[:most])


def _json(text: bytes) -> Item:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        shown = text[:100].decode("utf-8", "replace")
        raise _trouble(f"The model's endpoint sent what is no JSON object: {shown!r}.")
    return cast("Item", value)


def _words(body: Any) -> tuple[str, str | None, str | None]:
    """What an error says, its code and its parameter, in whichever shape it comes."""
    if isinstance(body, dict):
        told = cast("Item", body)
        error: Any = told.get("error") or told
        if isinstance(error, dict):
            found = cast("Item", error)
            words = found.get("message") or found.get("detail") or told.get("detail")
            code, param = found.get("code"), found.get("param")
            if not isinstance(words, str):
                words = orjson.dumps(words or told).decode()
            return (
                words[:MAX_WORDS],
                code if isinstance(code, str) else None,
                param if isinstance(param, str) else None,
            )
        return str(error)[:MAX_WORDS], None, None
    return str(body).strip()[:MAX_WORDS], None, None


def _trouble(message: str) -> ServiceError:
    """The model, and not who asks, has done something wrong."""
    return invalid_request(
        message, code="server_error", status=500, type="server_error"
    )


Chunks = Callable[[Item, Signal], Iterator[Item]]
