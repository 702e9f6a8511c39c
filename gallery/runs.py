"""Run each sample on an emulator of its own, and keep what it printed and sent."""

import asyncio
import contextlib
import io
import os
import runpy
import tempfile
import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx2
import orjson

from responses_emulator.account import MCP_PATH
from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.commands.observers import watched
from responses_emulator.commands.options import (
    NO_MODELS,
    ModelOptions,
    models_of,
    served_by,
)
from responses_emulator.commands.surroundings import surroundings_of_a_script
from responses_emulator.commands.tour import CHAT_APP, CONVERSATION, LACKING, YES, visit
from responses_emulator.core import Emulator
from responses_emulator.observers import curl
from responses_emulator.observers.masking import mask_json
from responses_emulator.observers.observe import Exchange, Observer
from responses_emulator.observers.record import exchange_record
from responses_emulator.observers.wire import multipart_lines
from responses_emulator.routes import operation

# Some samples wait for the service most of their time, and a chat app takes seconds to
# start: beside them, others run.
AT_ONCE = (os.cpu_count() or 1) + 2
TYPED, END_OF_TYPED = "\x02", "\x03"  # around what somebody typed, in an output
OTHER_HOSTS = {
    "api.open-meteo.com": {
        "current": {"temperature_2m": 8.5, "wind_speed_10m": 9.4},
        "current_units": {"temperature_2m": "°C", "wind_speed_10m": "km/h"},
    }
}
really_ask = httpx2.HTTPTransport.handle_request
FOLDERS = {"work": "/home/you", "temporary": "/tmp"}  # and what a page calls them
PICTURES = (".png", ".jpg", ".webp")


@dataclass
class Run:
    """What became of a sample: all it printed, sent and got, and what it saved.

    `stopped` is why it did not end well, in its own words. `lacks` says the same where
    it is this machine that lacks something. Of each exchange, `exchanges` holds what
    `record` writes, and what else the page needs (see `Watcher.ended`).
    """

    name: str
    output: str = ""
    stopped: str = ""
    lacks: bool = False
    exchanges: list[dict[str, Any]] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)


class Watcher(Observer):
    """Keeps each exchange as the page needs it: masked, and free of threads."""

    def __init__(self) -> None:
        """Start with none."""
        self.seen: dict[int, dict[str, Any]] = {}

    def ended(self, exchange: Exchange) -> None:
        """Note a whole exchange; they end in any order."""
        request = exchange.request
        if request.path == MCP_PATH:  # between the service and the server
            return
        is_form = request.headers.get("content-type", "").startswith("multipart/")
        self.seen[exchange.number] = exchange_record(exchange) | {
            "operation": operation(request.method, request.path),
            "query": request.query,
            "events": [mask_json(orjson.loads(event)) for event in exchange.events],
            "delivery": not request.target.startswith("/"),
            "curl": curl.command(request, exchange.number),
            "form": multipart_lines(request) if is_form else None,
            "socket": request.kept is not None,
        }

    def exchanges(self) -> list[dict[str, Any]]:
        """All of them in the order of the requests."""
        return [self.seen[number] for number in sorted(self.seen)]


def answered_from_here(self: Any, request: httpx2.Request) -> httpx2.Response:
    """Other hosts that a sample calls (`Net:`) are stood in for, too."""
    if request.url.host in OTHER_HOSTS:
        return httpx2.Response(200, json=OTHER_HOSTS[request.url.host])
    return really_ask(self, request)


class Keyboard(io.StringIO):
    """What is typed, shown where a terminal would show it."""

    def readline(self, size: int | None = -1, /) -> str:
        """One line, echoed."""
        line = super().readline(-1 if size is None else size)
        if line:
            print(f"{TYPED}{line.rstrip()}{END_OF_TYPED}")
        return line


def run_all(scripts: Iterable[Path], models: ModelOptions = NO_MODELS) -> Iterator[Run]:
    """Run them, several at a time; each is given when it and those before it are done.

    `models` answer in place of the stand-in.
    """
    with ProcessPoolExecutor(AT_ONCE, mp_context=get_context("spawn")) as pool:
        # Those that take longest first.
        runs = {
            script: pool.submit(run, script, models)
            for script in sorted(scripts, key=lambda path: CHAT_APP not in path.name)
        }
        for script in scripts:
            yield runs[script].result()


def run(script: Path, models: ModelOptions = NO_MODELS) -> Run:
    """Run one sample in this process, in an empty folder; a chat app in its own."""
    emulator = Emulator(**models_of(served_by(models)))
    watcher, result = Watcher(), Run(script.name)
    with tempfile.TemporaryDirectory() as made:
        folder = str(Path(made).resolve())  # as a script there would name it
        if CHAT_APP in script.name:
            outcome = asyncio.run(visit(script, emulator, [watcher]))
            result.stopped = outcome.reason if outcome.result != "ok" else ""
            result.output = outcome.output
        else:
            handle, send = watched(emulator.handle, [watcher])
            with serving(App(emulator, handle=handle, send=send)) as url:
                result.output, result.stopped = execute(script, url, folder)
            result.lacks = result.stopped.startswith(LACKING)
        for path in sorted(Path(folder).rglob("*")):
            if path.suffix in PICTURES:
                result.pictures[path.name] = path.read_bytes()
        for part, shown in FOLDERS.items():
            result.output = result.output.replace(str(Path(folder, part)), shown)
    result.exchanges = watcher.exchanges()
    return result


def execute(script: Path, url: str, folder: str) -> tuple[str, str]:
    """Run a script as `python` would; gives what it printed, and why it stopped.

    All that it leaves on disk is in `folder`; where it works, there is a file of ours.
    """
    work, temporary = (Path(folder, part) for part in FOLDERS)
    work.mkdir()
    temporary.mkdir()
    (work / "otters.txt").write_text("Otters.\n", "utf-8")
    shown = io.StringIO()
    stopped = ""
    typed = CONVERSATION.replace("\n\n", "\n") if "conversation" in script.name else YES
    environ = surroundings_of_a_script(url, os.environ)
    with (
        patch.dict(os.environ, environ | {"PYTHON_DOTENV_DISABLED": "1"}, clear=True),
        patch("sys.stdin", Keyboard(typed)),
        patch("tempfile.tempdir", str(temporary)),
        patch.object(httpx2.HTTPTransport, "handle_request", answered_from_here),
        contextlib.chdir(work),
        contextlib.redirect_stdout(shown),
        contextlib.redirect_stderr(shown),
    ):
        try:
            runpy.run_path(str(script), run_name="__main__")
        except SystemExit as stop:
            stopped = str(stop.code or "")
        except Exception as error:  # as Python itself would end it
            stopped = traceback.format_exception_only(error)[-1].strip()
    # Of a line that was written over, a terminal shows the last state.
    lines = [line.rpartition("\r")[2] for line in shown.getvalue().split("\n")]
    return "\n".join(lines), stopped
