"""A conversation with an MCP server over HTTP, through the SDK's client.

Importing this loads the SDK: that takes half a second and 55 MB, once. All sessions
live on one event loop in a thread of its own. Who asks waits in a thread of the pool.

The SDK forgets with which status a server refuses, and reads on however long a reply
is: so what goes over HTTP is watched here. Nothing of it is logged, since addresses and
headers may hold secrets.
"""

import asyncio
import json
import logging
import ssl
import threading
import time
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Mapping,
)
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from http import HTTPStatus
from typing import Any, TypeVar, cast
from urllib.parse import parse_qsl, unquote, urlsplit

import httpx2
import orjson
from mcp import Client, MCPError, types
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from mcp.server import Server
from pydantic import ValidationError

from responses_emulator import outgoing
from responses_emulator.hosts import Forbidden, Hosts
from responses_emulator.model.items import Item
from responses_emulator.signals import Signal
from responses_emulator.tools.mcp import Failure

Answer = TypeVar("Answer")

LIST_SECONDS = 20.0  # to connect, and to tell all tools
CALL_SECONDS = 60.0  # of one call, to connect included
CONNECT_SECONDS = 10.0  # to one address
CLOSE_SECONDS = 2.0  # to say goodbye
REPLY_BYTES = 4 * 2**20  # of all that a server says to one question
MOST_TOOLS = 512
MOST_PAGES = 64  # of a list of tools
MOST_REQUESTS = 256  # that one question may lead to, answers to the server included
MESSAGE_CHARACTERS = 2_000  # of an error
SECRET_CHARACTERS = 6  # a shorter value is not looked for in what a server says
REDACTED = "<redacted>"

# Of those who speak HTTP; some begin with the first connection.
_LOGGERS = (
    "httpx2",
    *(f"httpcore2.{part}" for part in ("connection", "http11", "http2", "proxy")),
)
# What the older transport says to who speaks the new one.
_OLDER = (400, 404, 405, 406, 415)
# What the SDK says in place of a server's status.
_STAND_INS = ("Server returned an error response", "Not Found", "Session terminated")
# How the SDK begins what it says of an answer that it cannot read.
_UNREADABLE = "Failed to parse "
# The statuses that an error of JSON-RPC comes with, for which it stands then.
_WITH_A_MESSAGE = (200, 400, 404)
# Whoever speaks HTTP sets these, and nobody else.
_NOT_PASSED_ON = frozenset(
    (
        *("accept", "accept-encoding", "connection", "content-length"),
        *("content-type", "host", "te", "trailer", "transfer-encoding", "upgrade"),
    )
)


class Session:
    """A connection to one server; the first question opens it. It is to be closed."""

    def __init__(
        self,
        url: str,
        headers: dict[str, str],
        carrier: "Carrier",
    ) -> None:
        """`headers` go with each request, which `carrier` takes there."""
        self._url = url
        self._headers = {
            name: value
            for name, value in headers.items()
            if name.lower() not in _NOT_PASSED_ON
        }
        self._secrets = _secrets(url, self._headers)
        self._watch = _Watch()
        self._carrier = carrier
        self._task: asyncio.Task[None] | None = None
        self._client: asyncio.Future[Client] | None = None
        self._leaving = asyncio.Event()

    def list_tools(self, stop: Signal) -> list[Item]:
        """All its tools, as entries of an `mcp_list_tools` item. Raises Failure.

        `stop` ends it, with concurrent.futures.CancelledError.
        """
        return _THREAD.wait_for(self._ask(_tools, LIST_SECONDS), stop)

    def call(self, name: str, arguments: Item, stop: Signal) -> str:
        """The output of one call. Raises Failure; `stop` ends it in the same way."""

        async def call(client: Client) -> str:
            return _output(await client.call_tool(name, arguments))

        return _THREAD.wait_for(self._ask(call, CALL_SECONDS), stop)

    def close(self) -> None:
        """Nobody asks any more. The server's goodbye is not waited for."""
        if self._task is not None:
            _THREAD.begin(self._leave())

    # On the event loop

    async def _ask(
        self, ask: Callable[[Client], Awaitable[Answer]], seconds: float
    ) -> Answer:
        self._watch.begin()
        try:
            async with asyncio.timeout(seconds):
                try:
                    return await self._answered(ask)
                except MCPError:
                    if not self._watch.has_expired:
                        raise
                # The server has forgotten the session, and has done nothing: once more
                # in a new one, as the protocol wants it.
                await self._end()
                self._watch.begin()
                return await self._answered(ask)
        except Exception as error:  # its text may hold what was sent
            if isinstance(error, TimeoutError | ConnectionError) and self._task:
                self._task.cancel()  # another question connects anew
            failure = self._failure(error)
            raise failure.without(self._secrets, REDACTED) from None

    async def _answered(self, ask: Callable[[Client], Awaitable[Answer]]) -> Answer:
        """What the server says; the first question connects."""
        if self._task is None or self._task.done():
            self._client = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._live(self._client))
        assert self._client
        client = await self._unless_it_ends(self._task, asyncio.shield(self._client))
        return await self._unless_it_ends(self._task, ask(client))

    async def _unless_it_ends(
        self, task: asyncio.Task[None], answer: Awaitable[Answer]
    ) -> Answer:
        """The answer, or ConnectionError where there will never be one."""
        asking = asyncio.ensure_future(answer)
        refused = asyncio.ensure_future(self._watch.refused.wait())
        try:
            await asyncio.wait(
                {asking, refused, task}, return_when=asyncio.FIRST_COMPLETED
            )
            if asking.done():
                return asking.result()
            raise ConnectionError
        finally:
            asking.cancel()
            refused.cancel()

    async def _live(self, ready: asyncio.Future[Client]) -> None:
        """Hold the connection until nobody asks any more."""
        self._watch.is_older = False
        try:
            try:
                if isinstance(self._carrier, BuiltIn):
                    server = self._carrier.let_in(self._headers)
                    await self._hold(self._inside(server), ready)
                    return
                await self._hold(self._streamable(), ready)
            except Exception:
                if ready.done() or self._watch.status not in _OLDER:
                    raise
                refusal = self._watch.status
                try:
                    await self._hold(self._older(), ready)
                except Exception:
                    if not ready.done():
                        self._watch.status = refusal
                    raise
        except Exception as error:
            if not ready.done():
                ready.set_exception(error)
                ready.exception()  # who asked may have gone
        finally:
            ready.cancel()

    async def _hold(
        self,
        opened: AbstractAsyncContextManager[Client],
        ready: asyncio.Future[Client],
    ) -> None:
        async with opened as client:
            # What a tool returns is taken as it is. To hold it against the tool's own
            # schema, the SDK would list the tools once more.
            client.session.validate_tool_result = _take_as_it_is
            ready.set_result(client)
            await self._leaving.wait()

    @asynccontextmanager
    async def _inside(self, server: Server[Any]) -> AsyncGenerator[Client]:
        """One that is built in: as it is, without HTTP in between."""
        async with Client(server, cache=None) as client:
            yield client

    @asynccontextmanager
    async def _streamable(self) -> AsyncGenerator[Client]:
        async with self._http_client() as http:
            transport = streamable_http_client(
                self._url, http_client=http, max_sse_event_size=REPLY_BYTES
            )
            async with Client(transport, cache=None) as client:
                yield client

    @asynccontextmanager
    async def _older(self) -> AsyncGenerator[Client]:
        """The transport of 2024: a stream of events, and posts beside it."""
        self._watch.is_older = True
        transport = sse_client(self._url, httpx_client_factory=self._http_client)
        async with Client(transport, cache=None, mode="legacy") as client:
            yield client

    def _http_client(self, *_args: Any, **_options: Any) -> httpx2.AsyncClient:
        """A client that is as this session has it, whoever asks for one."""
        assert not isinstance(self._carrier, BuiltIn)
        return httpx2.AsyncClient(
            transport=_Watched(self._carrier, self._watch),
            headers={**self._headers, "accept-encoding": "identity"},
            # How long a whole question may take is minded elsewhere.
            timeout=httpx2.Timeout(None, connect=CONNECT_SECONDS),
        )

    async def _leave(self) -> None:
        self._leaving.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=CLOSE_SECONDS)
            self._task.cancel()

    async def _end(self) -> None:
        """End the connection; the next question connects anew."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task], timeout=CLOSE_SECONDS)

    def _failure(self, error: Exception) -> Failure:
        """What became of a question, without a word of what was sent."""
        error = _innermost(error)
        if isinstance(error, Failure):
            return error
        if isinstance(error, TimeoutError):
            return Failure.of_status(HTTPStatus.GATEWAY_TIMEOUT)
        if self._watch.fault:
            return Failure.of_protocol(types.INTERNAL_ERROR, self._watch.fault)
        if self._watch.why:
            return Failure.of_status(HTTPStatus.FAILED_DEPENDENCY, self._watch.why)
        told = error if isinstance(error, MCPError) else None
        status = self._watch.status
        says_more = told is not None and told.message not in _STAND_INS
        if status and not (says_more and status in _WITH_A_MESSAGE):
            return Failure.of_status(status)
        if told is not None and not told.message.startswith(_UNREADABLE):
            code = max(-(2**31), min(told.code, 2**31 - 1))  # it may be of any size
            return Failure.of_protocol(code, told.message[:MESSAGE_CHARACTERS])
        if told is not None or isinstance(error, ValueError | RuntimeError):
            why = f"The server's answer is not what MCP has{_detail(error)}."
            return Failure.of_protocol(types.INTERNAL_ERROR, why)
        return Failure.of_status(HTTPStatus.FAILED_DEPENDENCY)


def _detail(error: Exception) -> str:
    """Where an answer is wrong, and how, but nothing of what stands there."""
    if isinstance(error, ValidationError):
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, fault["loc"]))
        text = f"{place}: {fault['msg']}" if place else fault["msg"]
    elif isinstance(error, MCPError):
        text = "it is no message of JSON-RPC 2.0"
    else:
        text = str(error)
    text = text[:MESSAGE_CHARACTERS].partition("\n")[0].rstrip(".")
    return f": {text}" if text else ""


def _secrets(url: str, headers: Mapping[str, str]) -> list[str]:
    """What was sent in confidence, and an error of the server may repeat; long first.

    Of `Bearer abc` that is `abc` as well.
    """
    parts = urlsplit(url)
    values = [value.strip() for value in headers.values()]
    values += [value.partition(" ")[2].strip() for value in headers.values()]
    values += [value for _, value in parse_qsl(parts.query)]
    values += [parts.query, parts.fragment, unquote(parts.fragment)]
    for text in (parts.username, parts.password):
        values += [text or "", unquote(text or "")]
    found = {value for value in values if len(value) >= SECRET_CHARACTERS}
    return sorted(found, key=len, reverse=True)


def _innermost(error: Exception) -> Exception:
    """The first error of a group, as task groups make them."""
    while isinstance(error, ExceptionGroup):
        error = cast("ExceptionGroup[Exception]", error).exceptions[0]
    return error


async def _take_as_it_is(name: str, result: types.CallToolResult) -> None:
    pass


async def _tools(client: Client) -> list[Item]:
    """The tools of all pages. Raises Failure where they do not come to an end."""
    tools: list[types.Tool] = []
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = await client.list_tools(cursor=cursor)
        tools += page.tools
        cursor = page.next_cursor
        if not cursor or len(tools) > MOST_TOOLS:  # some end with an empty one
            break
    if cursor or len(tools) > MOST_TOOLS:
        raise Failure.of_protocol(
            types.INTERNAL_ERROR,
            f"The server has more than {MOST_TOOLS} tools, or {MOST_PAGES} pages of "
            "them.",
        )
    return [_entry(orjson.loads(tool.model_dump_json(by_alias=True))) for tool in tools]


def _entry(tool: Item) -> Item:
    annotations: Item | None = tool["annotations"]
    return {
        "name": tool["name"],
        "description": tool["description"],
        "input_schema": tool["inputSchema"],
        "annotations": annotations
        and {name: value for name, value in annotations.items() if value is not None},
    }


def _output(result: types.CallToolResult) -> str:
    """What a call has brought, as one text. Raises Failure for a tool's own error."""
    if result.is_error:
        raise Failure.of_execution([_plain(block) for block in result.content])
    if not result.content and result.structured_content is not None:
        return json.dumps(result.structured_content, ensure_ascii=False)
    return "\n".join(map(_text, result.content))


def _text(block: types.ContentBlock) -> str:
    """A text as it is, anything else as its JSON."""
    if isinstance(block, types.TextContent):
        return block.text
    if isinstance(block, types.EmbeddedResource) and isinstance(
        block.resource, types.TextResourceContents
    ):
        return block.resource.text
    return orjson.dumps(_plain(block)).decode()


def _plain(model: types.ContentBlock) -> Item:
    # Through its text: a number may be larger than those that the emulator can write.
    return orjson.loads(model.model_dump_json(by_alias=True, exclude_none=True))


# What goes over HTTP


class _Watch:
    """What is known of the replies to the question of this moment."""

    def __init__(self) -> None:
        self.is_older = False  # the transport is that of 2024
        self.refused = asyncio.Event()
        self.begin()

    def begin(self) -> None:
        """A question: nothing has been said to it."""
        self.status: int | None = None  # of the last refusal
        self.has_expired = False  # the server no longer knows the session
        self.requests = 0
        self.why = ""  # the host may not, or cannot, be reached
        self.fault = ""  # of a reply
        self.size = 0
        self.refused.clear()

    def see(self, request: httpx2.Request, response: httpx2.Response) -> None:
        """Keep the status. To listen for more is offered, and may well be refused."""
        if request.method == "GET" and not self.is_older:
            return
        if response.status_code == HTTPStatus.NOT_FOUND and (
            "mcp-session-id" in request.headers
        ):
            self.has_expired = True
        self.status = response.status_code if response.status_code >= 300 else None
        # The SDK would wait for an answer to what was refused, and to what has moved.
        if self.status and (self.is_older or self.status < 400):
            self.refused.set()

    def ask(self) -> None:
        """One more request goes out."""
        self.requests += 1
        if self.requests > MOST_REQUESTS:
            self.say(f"The server has led to more than {MOST_REQUESTS} requests.")

    def count(self, size: int) -> None:
        """So many bytes have come."""
        self.size += size
        if self.size > REPLY_BYTES:
            self.say(f"The server's reply is larger than {REPLY_BYTES} bytes.")

    def say(self, fault: str) -> None:
        """This goes no further."""
        self.fault = fault
        self.refused.set()
        raise httpx2.StreamError(fault)


class BuiltIn:
    """What stands in place of HTTP where a server is built in."""

    def __init__(
        self,
        server: Server[Any],
        lets_in: Callable[[Mapping[str, str]], bool] | None = None,
    ) -> None:
        """`lets_in` looks at the headers; without it the server is open to all."""
        self._server = server
        self._lets_in = lets_in

    def let_in(self, headers: Mapping[str, str]) -> Server[Any]:
        """The server, or its Failure: 401."""
        if self._lets_in is None or self._lets_in(headers):
            return self._server
        raise Failure.of_status(HTTPStatus.UNAUTHORIZED)


Carrier = httpx2.AsyncBaseTransport | BuiltIn


class _Watched(httpx2.AsyncBaseTransport):
    """Carries requests by another transport; a redirect is a refusal like any other."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, watch: _Watch) -> None:
        self._inner = inner
        self._watch = watch

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self._watch.ask()
        try:
            response = await self._inner.handle_async_request(request)
        except (Forbidden, _NoCertificates) as error:
            self._watch.why = str(error)
            raise httpx2.ConnectError("It may not be reached.") from None
        except httpx2.ConnectError as error:
            self._watch.why = _why_no_tls(error)
            raise
        self._watch.see(request, response)
        if "content-encoding" in response.headers:
            self._watch.say("The server's reply is packed, which was not asked for.")
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        stream: httpx2.AsyncByteStream = _Counted(response.stream, self._watch)
        question = _question(request)
        if question is not None and _is_one_message(response):
            stream = _Answer(stream, self._watch, question)
        return httpx2.Response(
            response.status_code,
            # Without a place to go to nobody follows.
            headers=[pair for pair in response.headers.raw if pair[0] != b"location"],
            stream=stream,
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        await self._inner.aclose()


class _NoCertificates(Exception):
    """Those that are trusted cannot be read: the environment names a wrong file."""

    def __init__(self) -> None:
        super().__init__("What SSL_CERT_FILE or SSL_CERT_DIR names cannot be read.")


def _why_no_tls(error: BaseException | None) -> str:
    """What is wrong with a server's certificate, or its TLS, if that is why."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return (
                f"Its certificate is not trusted: {error.verify_message.rstrip('.')}. "
                "SSL_CERT_FILE names a file with those that are."
            )
        if isinstance(error, ssl.SSLError):
            return "It does not speak TLS as https wants it."
        error = error.__cause__ or error.__context__
    return ""


class _Counted(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream, watch: _Watch) -> None:
        self._stream = stream
        self._watch = watch

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self._stream:
            self._watch.count(len(piece))
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


class _Answer(httpx2.AsyncByteStream):
    """A reply that is one message: the answer to this question, or a fault.

    The SDK would wait on for the answer to its own.
    """

    def __init__(
        self, stream: httpx2.AsyncByteStream, watch: _Watch, question: int | str
    ) -> None:
        self._stream = stream
        self._watch = watch
        self._question = question

    async def __aiter__(self) -> AsyncIterator[bytes]:
        body = b"".join([piece async for piece in self._stream])
        try:
            message: Any = orjson.loads(body)
        except orjson.JSONDecodeError:
            message = None  # the SDK says what is wrong with it
        if isinstance(message, dict):
            answer = cast("Item", message)
            if answer.get("id") is None and answer.get("error"):
                # As it is where a server could not read the question.
                body = orjson.dumps({**answer, "id": self._question})
            elif "method" in answer or str(answer.get("id")) != str(self._question):
                self._watch.say("The server has answered what it was not asked.")
        yield body

    async def aclose(self) -> None:
        await self._stream.aclose()


def _question(request: httpx2.Request) -> int | str | None:
    """The id of the question that a request asks, if it asks one."""
    if request.method != "POST":
        return None
    message: Any = orjson.loads(request.content)
    return message["id"] if "id" in message and "method" in message else None


def _is_one_message(response: httpx2.Response) -> bool:
    kind = response.headers.get("content-type", "").lower()
    return response.status_code < 300 and kind.startswith("application/json")


class Dialling(httpx2.AsyncBaseTransport):
    """Dials hosts that may be reached, at an address that was looked at.

    A host is looked up once. The request names it as before, in `Host` and for TLS.
    """

    def __init__(self, hosts: Hosts) -> None:
        """`hosts` says which those are."""
        self._hosts = hosts
        self._found: dict[tuple[str, int], list[str]] = {}
        self._by_scheme: dict[str, httpx2.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Carry one request. Raises Forbidden."""
        url = request.url
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            addresses = await self._addresses(url.host, port)
        except OSError:
            raise httpx2.ConnectError("The host is not known.") from None
        if url.scheme not in self._by_scheme:
            # To read the certificates that are trusted takes a while.
            trusted = url.scheme == "https"
            try:
                transport = httpx2.AsyncHTTPTransport(verify=trusted)
            except OSError:  # an SSLError is one
                raise _NoCertificates from None
            self._by_scheme[url.scheme] = transport
        request.extensions = {**request.extensions, "sni_hostname": url.host}
        for address in addresses[:-1]:
            try:
                return await self._dial(request, url.copy_with(host=address))
            except httpx2.ConnectError:
                continue
        return await self._dial(request, url.copy_with(host=addresses[-1]))

    async def aclose(self) -> None:
        """Close its connections."""
        for transport in self._by_scheme.values():
            await transport.aclose()

    async def _addresses(self, host: str, port: int) -> list[str]:
        found = self._found.get((host, port))
        if found is None:
            with outgoing.reaching(host):
                found = await asyncio.to_thread(self._hosts.addresses, host, port)
            self._found[host, port] = found
        return found

    async def _dial(self, request: httpx2.Request, url: httpx2.URL) -> httpx2.Response:
        request.url = url
        with outgoing.reaching(url.host):
            return await self._by_scheme[url.scheme].handle_async_request(request)


# The thread


class _Thread:
    """An event loop in a thread that begins with the first question."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def begin(self, work: Coroutine[Any, Any, Answer]) -> Future[Answer]:
        """Have this done, and do not wait for it."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                # Tests that move `time.monotonic` do not end what is on its way.
                self._loop.time = time.perf_counter
                self._thread = threading.Thread(
                    target=self._loop.run_forever, name="mcp", daemon=True
                )
                self._thread.start()
                self._keep_quiet()
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def wait_for(self, work: Coroutine[Any, Any, Answer], stop: Signal) -> Answer:
        """What comes of it. Raises CancelledError when `stop` happens."""
        doing = self.begin(work)
        stop.then(doing.cancel)
        try:
            return doing.result()
        finally:
            stop.forget(doing.cancel)

    def _keep_quiet(self) -> None:
        """Have nothing logged of what goes on in this thread."""
        loaded = [*logging.root.manager.loggerDict]
        of_sdk = [name for name in loaded if name.partition(".")[0] == "mcp"]
        for name in (*of_sdk, *_LOGGERS):
            logging.getLogger(name).addFilter(self._is_of_others)

    def _is_of_others(self, record: logging.LogRecord) -> bool:
        return self._thread is None or record.thread != self._thread.ident


_THREAD = _Thread()
begin = _THREAD.begin
wait_for = _THREAD.wait_for
