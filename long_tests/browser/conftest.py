"""The apps as a user starts them, in headless Chromium, on an emulator served here."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest

from emulator.tests.contract.check import violations
from long_tests.browser.chat import Chat
from long_tests.browser.scripted import Answer, asks_for_a_response
from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.commands.surroundings import surroundings
from responses_emulator.core import Emulator
from responses_emulator.http import Reply, Request
from responses_emulator.observers.observe import Exchange, Observer, observe
from responses_emulator.observers.record import exchange_record

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ViewportSize

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LEGACY = "responses-conversation-stream-gradio.py"
V1 = "responses-conversation-stream-gradio-v1.py"
MCP = "responses-mcp-mslearn-gradio-aoai-v1.py"

BROWSERS = (
    "chromium-headless-shell",  # the fastest: there is no window behind the page
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WINDOW: "ViewportSize" = {"width": 1000, "height": 800}
PATIENCE = 240  # seconds until a process must be there, or done: some machine is slow


@dataclass
class Service(Observer):
    """The served emulator: what it was asked, and what a test answers in its place."""

    app: App = field(init=False)
    emulator: Emulator = field(default_factory=Emulator)
    requests: list[Request] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)  # the emulator's own
    answer: Answer = lambda _: None

    def __post_init__(self) -> None:
        self.app = App(self.emulator, handle=self.handle)
        self.ask = observe(lambda request: self.emulator.handle(request), self)

    def handle(self, request: Request) -> Reply:
        self.requests.append(request)
        return self.answer(request) or self.ask(request)

    def ended(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)

    def reset(self) -> None:
        """Forget what an earlier test did."""
        self.emulator = Emulator()
        self.requests = []
        self.exchanges = []
        self.answer = lambda _: None
        self.app.delay = 0

    def bodies(self) -> list[dict[str, Any]]:
        """The bodies of the requests for a response, in order."""
        return [r.json() for r in self.requests if asks_for_a_response(r)]

    def ids(self) -> list[str]:
        """The ids of the responses that the emulator has stored, oldest first."""
        return [stored.body["id"] for stored in self.emulator.store.responses]


class Running:
    """The apps, each a process as a user starts it, and the service behind them."""

    def __init__(self) -> None:
        """Start none: each takes seconds, and some run needs but one."""
        self.service = Service()
        self.ends = ExitStack()
        self.folder = Path(self.ends.enter_context(TemporaryDirectory()))
        self.service_url = self.ends.enter_context(serving(self.service.app))
        self.apps: dict[str, tuple[subprocess.Popen[bytes], str]] = {}

    def start(self, name: str) -> None:
        """Start the process of an app, which has a URL of its own."""
        port = free_port()
        environment = surroundings(self.service_url, os.environ) | {
            "GRADIO_ANALYTICS_ENABLED": "False",
            "GRADIO_SERVER_PORT": str(port),
            "GRADIO_TEMP_DIR": str(self.folder / "uploads"),
            "PYTHON_DOTENV_DISABLED": "1",
        }
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, ROOT / "python" / name],
                cwd=self.folder,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.ends.callback(process.wait)
        self.ends.callback(process.send_signal, signal.SIGTERM)
        self.apps[name] = process, f"http://127.0.0.1:{port}"

    def url(self, name: str) -> str:
        """Where an app answers, once it does."""
        if name not in self.apps:
            self.start(name)
        process, url = self.apps[name]
        until = time.monotonic() + PATIENCE
        while not answers(url):
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail((self.folder / f"{name}.log").read_text("utf-8"))
            time.sleep(0.1)
        return url


@pytest.fixture(scope="package")
def running() -> Iterator[Running]:
    if not CHROMIUM:
        pytest.skip("no browser: install Chromium (apt-get install chromium)")
    running = Running()
    yield running
    running.ends.close()


@pytest.fixture
def service(running: Running) -> Iterator[Service]:
    """The service behind the apps, with nothing stored and no faults.

    At the end, what the emulator itself was asked and answered keeps to the contracts.
    """
    service = running.service
    service.reset()
    yield service
    service.answer = lambda _: None
    assert violations(map(exchange_record, service.exchanges)) == []


@pytest.fixture(scope="package")
def browser(running: Running) -> Iterator["Browser"]:
    assert running  # what is missing is said there
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def apps(running: Running) -> Callable[[str], str]:
    """The URL of an app by its file name, once it answers there."""
    return running.url


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/config", timeout=5):
            return True
    except OSError:
        return False


@pytest.fixture
def visitor(
    browser: "Browser", apps: Callable[[str], str], service: Service
) -> Iterator[Callable[..., Chat]]:
    """Open an app as somebody new; each call is another person with a browser."""
    assert service
    contexts: list[BrowserContext] = []

    def visit(name: str = V1, **how: Any) -> Chat:
        contexts.append(browser.new_context(**{"viewport": WINDOW, **how}))
        return Chat.open(contexts[-1].new_page(), apps(name))

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture(scope="package")
def pages(
    browser: "Browser", apps: Callable[[str], str]
) -> Iterator[Callable[[str], Chat]]:
    """An app's page that tests share, one after the other: a new tab takes seconds."""
    chats: dict[str, Chat] = {}

    def page(name: str) -> Chat:
        if name not in chats:
            context = browser.new_context(viewport=WINDOW, reduced_motion="reduce")
            chats[name] = Chat.open(context.new_page(), apps(name))
            # What a link opens: behind it, the page would be drawn once a second.
            context.on("page", lambda other: other.close())
        return chats[name]

    yield page
    for chat in chats.values():
        chat.page.context.close()


@pytest.fixture
def opened(
    pages: Callable[[str], Chat], service: Service
) -> Iterator[Callable[[str], Chat]]:
    """Open an app anew. At the end: nothing was fetched from anywhere else."""
    assert service
    chats: list[Chat] = []

    def open_anew(name: str) -> Chat:
        chat = pages(name)
        chat.reload(forget=True)
        chats.append(chat)
        return chat

    yield open_anew
    assert [url for chat in chats for url in chat.elsewhere] == []


@pytest.fixture
def chat(opened: Callable[[str], Chat]) -> Chat:
    """The v1 chat app, just opened."""
    return opened(V1)


@pytest.fixture
def learn(opened: Callable[[str], Chat]) -> Chat:
    """The app that looks things up on Microsoft Learn, just opened."""
    return opened(MCP)
