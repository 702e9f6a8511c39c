"""Run a sample unmodified, over a mocked transport that ends in the emulator's core."""

import asyncio
import http.server
import io
import pickle
import re
import sys
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from dataclasses import dataclass, field
from functools import cache
from math import ceil
from pathlib import Path
from ssl import SSLContext
from types import CodeType, ModuleType
from typing import Any

import anyio
import httpx2
import orjson
import pytest
from httpx2._transports import default
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosedError, InvalidStatus
from websockets.http11 import Response
from websockets.uri import parse_uri

from responses_emulator import events
from responses_emulator.account import (
    API_VERSION,
    BATCH_MODEL,
    FLEX_MODEL,
    IDENTITY_HEADER,
    IMAGE_MODEL,
    MCP_KEY,
    MCP_PATH,
    MODEL,
    WEBHOOK_SECRET,
    WEBHOOK_URL,
)
from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.adapters.transport import AsyncTransport, Transport
from responses_emulator.core import Emulator
from responses_emulator.frames import Frames, text
from responses_emulator.http import Pause, Reply, Request, json_reply
from responses_emulator.model.context.prompt_cache import PromptCache
from responses_emulator.model.standin import document_answers
from responses_emulator.observers.observe import Exchange, Observer, observe
from responses_emulator.readers import passages, picture
from responses_emulator.resources import batches
from responses_emulator.resources.sessions import Session
from responses_emulator.routes import operation
from responses_emulator.store import Store
from responses_emulator.tools import drawing
from tests.live import features
from tests.samples import receiver
from tests.samples.browser import Browser

SAMPLES = Path(__file__).parents[2] / "python"
HOST = "example.openai.azure.com"
KEY = "the-key"

ENDLESS = 5000  # requests
COSTS = ("validating", "in_progress", "finalizing")  # a batch that is one of these
PIECES = 24  # in which a text is streamed at most: more of them are more of the same
NO_SCHEME = "Request URL is missing an 'http://' or 'https://' protocol."  # httpx2's

let_others_run = asyncio.sleep
Answer = Callable[[Request], Reply | None]


@dataclass
class Sent:
    """One request as the transport saw it."""

    method: str
    host: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return orjson.loads(self.body)


@dataclass
class Run:
    """What became of one sample."""

    output: str = ""
    errors: str = ""  # what went to stderr
    error: BaseException | None = None

    @property
    def stopped_with(self) -> str:
        """What the script said when it stopped with a message of its own."""
        assert isinstance(self.error, SystemExit), f"no SystemExit but {self.error!r}"
        return str(self.error.code)


@dataclass(frozen=True)
class Finished:
    """A run that ended well and left nothing, and all that was seen of it."""

    printed: str
    sent: list[Sent]
    exchanges: list[Exchange]
    created: list[dict[str, Any]]  # the bodies of the requests for a response
    written: list[Path]  # the files, in the folder that it was started in


@dataclass
class Clock:
    """The emulator's time, which passes only while somebody sleeps.

    It begins now: `azure-identity` would not keep a token that has run out.
    """

    slept: float = 0.0
    began: float = field(default_factory=time.time)

    def __call__(self) -> float:
        return self.began + self.slept

    def sleep(self, seconds: float) -> None:
        self.slept += seconds

    async def sleep_async(self, seconds: float) -> None:
        """Those who sleep at the same time wake in turn, and the time passes once."""
        wake_at = self.slept + max(seconds, 0)
        await let_others_run(0)
        self.slept = max(self.slept, wake_at)


@dataclass
class Service(Observer):
    """An emulated resource, and what it was sent."""

    clock: Clock = field(default_factory=Clock)
    sent: list[Sent] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)  # those that have ended
    open: list[Exchange] = field(default_factory=list)  # those that have not
    # A test may answer a request itself: it gets the request, None passes it on.
    answer: Answer = lambda _: None
    # And it may act at any moment: it is told of each by what is about to happen.
    moment: Callable[[str], None] = lambda _: None

    def __post_init__(self) -> None:
        self.emulator = Emulator(clock=self.clock, key=KEY)
        self.handles = {
            HOST: observe(lambda r: self.answer(r) or self.emulator.handle(r), self),
            "api.open-meteo.com": lambda r: self.answer(r) or open_meteo(r),
        }

    def asked(self, exchange: Exchange) -> None:
        self.open.append(exchange)

    def written(self, exchange: Exchange, piece: Any) -> None:  # noqa: ARG002
        if isinstance(piece, dict):  # an event, not a piece of another body
            self.moment(f"event: {piece['type']}")

    def ended(self, exchange: Exchange) -> None:
        self.open.remove(exchange)
        self.exchanges.append(exchange)

    def renew(self) -> None:
        """Forget what was stored, sent, slept and written; the resource stays."""
        for path in Path.cwd().iterdir():
            path.unlink()
        self.sent.clear()
        self.exchanges.clear()
        self.open.clear()
        self.clock.slept = 0.0
        self.answer = self.moment = lambda _: None
        self.emulator.world.store = Store()
        self.emulator.world.outbox.clear()
        self.emulator.world.prompt_cache = PromptCache()
        self.emulator.faults.clear()

    def calls(self) -> list[tuple[str, str]]:
        """Method and path of each request, in order."""
        return [(sent.method, sent.path) for sent in self.sent]

    def created(self) -> list[dict[str, Any]]:
        """The bodies of the requests for a response, in order."""
        return [
            sent.json
            for sent in self.sent
            if sent.method == "POST" and sent.path.endswith("/responses")
        ]

    def left_behind(self) -> list[object]:
        """What is stored or still running, stored responses aside."""
        now = self.clock()
        store = self.emulator.store
        return [
            *store.files,
            *store.vector_stores,
            *store.containers,
            *store.skills,
            *store.webhooks,
            *(batch for batch in store.batches if batches._status(batch, now) in COSTS),
            *(response for response in store.responses if response.ready_at > now),
        ]


class Interruptible(httpx2.AsyncByteStream):
    """A body that lets the event loop run between two pieces, as a socket would."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self.stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for piece in self.stream:
            await let_others_run(0)
            yield piece

    async def aclose(self) -> None:
        await self.stream.aclose()


class Socket:
    """What `websockets` would have connected to the service, without a socket.

    Messages are answered while they are read, in the sample's own thread: so it can be
    stopped at any moment.
    """

    def __init__(self, session: Session, sleep: Callable[[float], None]) -> None:
        self._session = session
        self._sleep = sleep
        self._frames: Frames = iter(())
        self._events: Generator | None = None

    def send(self, message: str | bytes) -> None:
        self._events = self._session.answer(message)
        self._frames = map(text, self._events)

    def recv(self, **_: object) -> bytes:
        for frame in self._frames:
            if not isinstance(frame, Pause):
                return frame
            self._sleep(frame.seconds)
        if not self._session.is_over:
            pytest.fail("The sample waits for ever")
        raise ConnectionClosedError(None, None)

    def close(self, **_: object) -> None:
        if self._events:
            self._events.close()
        self._session.close()


def open_meteo(request: Request) -> Reply:
    """The two readings that the samples ask for; warmer in the south."""
    try:
        latitude = float(request.query["latitude"])
    except ValueError:
        return json_reply({"error": True, "reason": "No latitude."}, 400)
    assert request.query["current"] == "temperature_2m,wind_speed_10m"
    return json_reply(
        {
            "current": {
                "temperature_2m": round(60 - latitude, 1),
                "wind_speed_10m": 9.4,
            },
            "current_units": {"temperature_2m": "°C", "wind_speed_10m": "km/h"},
        }
    )


@pytest.fixture(scope="session")
def identity() -> Iterator[tuple[str, dict[str, Emulator]]]:
    """A managed-identity endpoint on loopback: its URL, and whose tokens it issues."""
    issuer: dict[str, Emulator] = {}

    def handle(request: Request) -> Reply:
        return issuer["emulator"].handle(request)

    with serving(App(Emulator(), handle=handle)) as url:
        yield f"{url}/msi/token", issuer


@pytest.fixture(scope="module", autouse=True)
def one_tls_context() -> Iterator[None]:
    """Each client loads all certificates anew: most of a sample's time, for nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(default, "create_ssl_context", lambda **_: tls_context())
        yield


@cache
def tls_context() -> SSLContext:
    return httpx2.create_ssl_context()


def once(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which remembers what it gave for which arguments.

    How many `seconds` there were left for it is none of them. Random ids, which the
    names of files have, may differ: what it gave comes with those of the new call.
    """
    given: dict[bytes, bytes] = {}

    def call(*args: Any, **options: Any) -> Any:
        asked = pickle.dumps((args, options | {"seconds": None}))
        ids = list(dict.fromkeys(RANDOM_ID.findall(asked)))
        key = renamed(asked, ids, NUMBERED)
        if key not in given:
            result = pickle.dumps(function(*args, **options))
            given[key] = renamed(result, ids, NUMBERED)
        return pickle.loads(renamed(given[key], NUMBERED, ids))

    return call


RANDOM_ID = re.compile(rb"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
NUMBERED = [b"%032d" % number for number in range(100)]  # as long as an id


def renamed(pickled: bytes, names: list[bytes], others: list[bytes]) -> bytes:
    """The same value with other names in it, each as long as the one before."""
    for name, other in zip(names, others, strict=False):
        pickled = pickled.replace(name, other)
    return pickled


# What the emulator takes longest for is, for the same question, the same each time.
SLOW = [
    (module, name, once(getattr(module, name)))
    for module, name in (
        (drawing, "draw"),
        (passages, "search_terms"),
        (picture, "_measured"),
        (document_answers, "answer_from"),
    )
]


@pytest.fixture(scope="module", autouse=True)
def nothing_slow_is_done_twice() -> Iterator[None]:
    """A sample runs some hundred times: under each fault, stopped at any moment."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name, function in SLOW:
            patch.setattr(module, name, function)
        yield


@pytest.fixture
def few_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """No text comes in hundreds of pieces: for the client, each is much work."""
    tokens = events.tokens

    def in_few(text: str) -> list[str]:
        words = tokens(text)
        each = max(1, ceil(len(words) / PIECES))
        return ["".join(words[at : at + each]) for at in range(0, len(words), each)]

    monkeypatch.setattr(events, "tokens", in_few)


@pytest.fixture(autouse=True)
def browser(monkeypatch: pytest.MonkeyPatch) -> Browser:
    """In place of a real one, which takes a second to start."""
    browser = Browser()
    monkeypatch.setattr("playwright.sync_api.sync_playwright", browser.start)
    return browser


@pytest.fixture
def service(
    monkeypatch: pytest.MonkeyPatch,
    identity: tuple[str, dict[str, Emulator]],
    tmp_path: Path,
) -> Service:
    """The service that a sample reaches."""
    service = Service()
    url, issuer = identity
    issuer["emulator"] = service.emulator
    for name, value in {
        "AZURE_OPENAI_API_KEY": KEY,
        "AZURE_OPENAI_API_ENDPOINT": f"https://{HOST}",
        "AZURE_OPENAI_V1_API_ENDPOINT": f"https://{HOST}/openai/v1/",
        "AZURE_OPENAI_API_MODEL": MODEL,
        "AZURE_OPENAI_API_VERSION": API_VERSION,
        "AZURE_OPENAI_API_IMAGE_MODEL": IMAGE_MODEL,
        "MCP_SERVER_URL": f"https://{HOST}{MCP_PATH}",
        "MCP_API_KEY": MCP_KEY,
        "AZURE_OPENAI_API_BATCH_MODEL": BATCH_MODEL,
        "AZURE_OPENAI_API_FLEX_MODEL": FLEX_MODEL,
        "OPENAI_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "WEBHOOK_URL": WEBHOOK_URL,
        "IDENTITY_ENDPOINT": url,
        "IDENTITY_HEADER": IDENTITY_HEADER,
        "AZURE_TOKEN_CREDENTIALS": "ManagedIdentityCredential",
    }.items():
        monkeypatch.setenv(name, value)

    def note(request: httpx2.Request, body: bytes) -> None:
        service.moment(
            f"{request.method} {operation(request.method, request.url.path)}"
        )
        if not request.url.scheme:
            raise httpx2.UnsupportedProtocol(NO_SCHEME)
        if request.url.scheme != "https" or request.url.host not in service.handles:
            pytest.fail(f"A request to {request.url}")  # what no `except` hides
        if len(service.sent) > ENDLESS:
            pytest.fail("The sample asks for ever")
        service.sent.append(
            Sent(
                request.method,
                request.url.host,
                request.url.path,
                dict(request.url.params),
                {k.lower(): v for k, v in request.headers.items()},
                body,
            )
        )

    def handle(_self: object, request: httpx2.Request) -> httpx2.Response:
        note(request, request.read())
        return Transport(service.handles[request.url.host]).handle_request(request)

    async def handle_async(_self: object, request: httpx2.Request) -> httpx2.Response:
        note(request, await request.aread())
        transport = AsyncTransport(
            service.handles[request.url.host], sleep=service.clock.sleep_async
        )
        response = await transport.handle_async_request(request)
        response.stream = Interruptible(response.stream)
        return response

    def connect(url: str, *, additional_headers: dict[str, str], **_: object) -> Socket:
        parse_uri(url)  # which raises for one that is no address
        address = httpx2.URL(url)
        headers = {name.lower(): value for name, value in additional_headers.items()}

        def asked(request: Request) -> Reply:
            there = address.copy_with(scheme="https")
            note(httpx2.Request("POST", there, headers=request.headers), request.body)
            return service.handles[address.host](request)

        handshake = Request("GET", address.raw_path.decode(), headers)
        opened = service.emulator.connect(handshake, asked)
        if isinstance(opened, Reply):
            raise InvalidStatus(Response(opened.status, "Refused", Headers()))
        return Socket(opened, sleep)

    really_sleep = time.sleep

    def sleep(seconds: float) -> None:
        if sys._getframe(1).f_globals["__name__"] == "subprocess":
            really_sleep(seconds)  # until a program of this machine has ended
            return
        service.moment("sleep")
        service.clock.sleep(seconds)

    async def sleep_async(seconds: float) -> None:
        service.moment("sleep")
        await service.clock.sleep_async(seconds)

    monkeypatch.setattr(httpx2.HTTPTransport, "handle_request", handle)
    monkeypatch.setattr(httpx2.AsyncHTTPTransport, "handle_async_request", handle_async)

    monkeypatch.setattr("websockets.sync.client.connect", connect)

    monkeypatch.setattr(
        http.server,
        "ThreadingHTTPServer",
        receiver.server(
            service.emulator, service.clock.sleep, lambda kind: service.moment(kind)
        ),
    )
    monkeypatch.setattr(time, "sleep", sleep)
    for module in (asyncio, anyio):  # the async client waits with anyio's
        monkeypatch.setattr(module, "sleep", sleep_async)
    monotonic = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: monotonic() + service.clock.slept)
    monkeypatch.chdir(tmp_path)
    return service


def started(
    path: Path,
    stdin: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run a script in this process, as `python` would; `stdin` is what is typed."""
    monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    result = Run()
    try:
        execute(path)
    except (Exception, SystemExit, KeyboardInterrupt) as error:
        result.error = error
    result.output, result.errors = capsys.readouterr()
    return result


def execute(path: Path) -> None:
    """As `runpy.run_path` does, but what is in the file is compiled once only."""
    code = compiled(path.read_bytes(), str(path))
    main = ModuleType("__main__")
    main.__file__ = str(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "__main__", main)
        patch.setattr(sys, "argv", [str(path)])
        exec(code, main.__dict__)


@cache
def compiled(source: bytes, path: str) -> CodeType:
    return compile(source, path, "exec", dont_inherit=True)


@pytest.fixture
def run(
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[..., Run]:
    """Run a sample by its file name, as `python` would.

    `stdin` is what is typed: if nothing is said, what a live run would type.
    """
    assert service

    def run(name: str, stdin: str | None = None) -> Run:
        typed = features.of(name).typed if stdin is None else stdin
        return started(SAMPLES / name, typed, monkeypatch, capsys)

    return run


@pytest.fixture
def finish(run: Callable[..., Run], service: Service) -> Callable[..., str]:
    """Run a sample that must succeed and leave nothing; gives what it printed."""

    def finish(name: str, stdin: str | None = None) -> str:
        result = run(name, stdin)
        if result.error:
            raise result.error
        assert service.left_behind() == []
        return result.output

    return finish


FINISHED: dict[str, Finished] = {}


@pytest.fixture
def finished(request: pytest.FixtureRequest) -> Callable[[str], Finished]:
    """How a sample ends well: for tests that only look at that, it is run once."""

    def finished(name: str) -> Finished:
        if name not in FINISHED:
            finish = request.getfixturevalue("finish")
            service = request.getfixturevalue("service")
            FINISHED[name] = Finished(
                finish(name),
                service.sent,
                service.exchanges,
                service.created(),
                sorted(Path.cwd().iterdir()),
            )
        return FINISHED[name]

    return finished
