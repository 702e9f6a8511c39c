"""A secret with a break or a space around it does no harm, over a real socket.

Pasted into a form or mounted as a file, a key often ends in a line break. The HTTP
library refuses such a header, and its error quotes it: the whole key. Over the mocked
transport of the other tests nothing of that shows. Whatever sample is found to read a
secret is tried.
"""

import asyncio
import http.server
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest

from responses_emulator.account import KEY, environment
from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.commands.surroundings import surroundings
from responses_emulator.core import Emulator
from responses_emulator.http import Request
from tests.collection import APPS, FOLDER, SAMPLES, variables_read_by
from tests.live import features
from tests.samples import receiver
from tests.samples.apps import load
from tests.samples.conftest import Clock, Run, open_meteo, started
from tests.samples.endings import everything_said

pytestmark = pytest.mark.usefixtures("few_pieces")

SECRET = ("KEY", "SECRET", "TOKEN", "PASSWORD")
AROUND = {
    "LF after": "{}\n",
    "CRLF after": "{}\r\n",
    "space after": "{} ",
    "LF before": "\n{}",
    "CRLF before": "\r\n{}",
    "space before": " {}",
}
INSIDE = "{}\n{}"
EXPLAINS = ("errors", "ratelimit")  # they say themselves why there is no connection


def secrets_of(path: Path) -> list[str]:
    """The variables with a secret that a sample reads."""
    return [
        name for name in variables_read_by(path) if any(part in name for part in SECRET)
    ]


READERS = [path for path in SAMPLES if secrets_of(path)]


def test_every_sample_without_entra_in_its_name_is_tried() -> None:
    assert {path for path in SAMPLES if "-entra-" not in path.name} <= set(READERS)


@pytest.fixture(scope="module")
def resource() -> Iterator[tuple[str, Emulator, Clock]]:
    """An emulator on a socket: its URL, itself, and its time."""
    clock = Clock()
    # A stream of what goes on in the background would wait for a clock that stands.
    emulator = Emulator(clock=clock, background_seconds=0)
    with serving(App(emulator)) as url:
        yield url, emulator, clock


@pytest.fixture
def emulator(
    resource: tuple[str, Emulator, Clock],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Emulator:
    """The emulator that the environment leads to; nobody waits in this thread."""
    url, emulator, clock = resource
    emulator.reset()
    # The test receives what the emulator would send.
    monkeypatch.setattr(emulator.world.outbox, "listeners", [])
    for name, value in surroundings(url, os.environ).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(time, "sleep", clock.sleep)
    server = receiver.server(emulator, clock.sleep)
    monkeypatch.setattr(http.server, "ThreadingHTTPServer", server)
    sleep = asyncio.sleep

    async def at_once(seconds: float, *rest: Any) -> None:
        here = threading.current_thread() is threading.main_thread()
        await sleep(0 if here else seconds, *rest)

    for module in (asyncio, anyio):  # the async client waits with anyio's
        monkeypatch.setattr(module, "sleep", at_once)
    monkeypatch.setattr(httpx2, "get", weather)
    return emulator


def weather(url: str, *, params: dict[str, Any], **_: Any) -> httpx2.Response:
    """What a sample's own call to another host would bring."""
    query = {name: str(value) for name, value in params.items()}
    reply = open_meteo(Request("GET", "/v1/forecast", query=query))
    assert isinstance(reply.body, bytes)
    request = httpx2.Request("GET", url)
    return httpx2.Response(reply.status, content=reply.body, request=request)


@pytest.fixture
def run(
    emulator: Emulator,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[[Path, str], Run]:
    """Run a sample whose secrets are all put into a form, such as `"{} "`."""
    assert emulator

    def run(path: Path, form: str) -> Run:
        for name in secrets_of(path):
            value = os.environ[name]
            half = len(value) // 2
            inside = form.count("{}") == 2
            parts = (value[:half], value[half:]) if inside else (value,)
            monkeypatch.setenv(name, form.format(*parts))
        if path in APPS:
            return asked(path, capsys)
        return started(path, features.of(path.name).typed, monkeypatch, capsys)

    return run


def asked(path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Load a chat app and ask it one question; what it shows counts as its output."""

    async def ask() -> str:
        app = await load(path)
        history = app["question"]("My name is Ada.", [])
        async with app["client"]:
            return str([page async for page in app["answer"](history, "visitor")])

    result = Run()
    pages = ""
    try:
        pages = asyncio.run(ask())
    except Exception as error:
        result.error = error
    result.output, result.errors = capsys.readouterr()
    result.output += pages
    return result


def printed(result: Run) -> list[str]:
    """The secrets, and their halves, in all that a user gets to see."""
    said = everything_said(result)
    values = [
        value
        for name, value in environment("").items()
        if any(part in name for part in SECRET)
    ]
    halves = [KEY[: len(KEY) // 2], KEY[len(KEY) // 2 :]]
    return [value for value in (*values, *halves) if value in said]


@pytest.mark.parametrize("form", AROUND.values(), ids=AROUND)
@pytest.mark.parametrize("path", READERS, ids=lambda path: path.name)
def test_what_was_pasted_around_a_secret_does_no_harm(
    path: Path, form: str, run: Callable[[Path, str], Run], emulator: Emulator
) -> None:
    result = run(path, form)

    assert result.error is None
    assert printed(result) == []
    ended = {response.body["status"] for response in emulator.store.responses}
    assert ended <= {"completed"}
    if path in APPS:
        assert ended


@pytest.mark.parametrize(
    "path",
    [path for path in READERS if any(part in path.name for part in EXPLAINS)],
    ids=lambda path: path.name,
)
def test_what_is_told_of_a_break_inside_a_key_does_not_show_it(
    path: Path, run: Callable[[Path, str], Run]
) -> None:
    result = run(path, INSIDE)

    assert printed(result) == []
    assert "LocalProtocolError" in result.stopped_with


@pytest.mark.parametrize("form", ["{}\n", "{}\r\n", "{} "], ids=repr)
def test_a_key_that_is_read_as_it_stands_is_found_out(
    form: str, run: Callable[[Path, str], Run], tmp_path: Path
) -> None:
    """The tests above can fail."""
    source = (FOLDER / "responses-basic-aoai-v1.py").read_text("utf-8")
    careless = tmp_path / "careless.py"
    careless.write_text(source.replace(".strip()", ""), "utf-8")

    assert KEY in printed(run(careless, form))
