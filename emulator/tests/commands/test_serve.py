import errno
import gc
import http.client
import io
import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any
from urllib.request import Request, urlopen

import pytest
from dotenv import dotenv_values

from emulator.tests.subprocesses import SERVE, no_such_signals_on_windows, started
from responses_emulator import http as http_
from responses_emulator.account import DEPLOYMENTS, KEY, environment
from responses_emulator.adapters.app import App
from responses_emulator.adapters.listener import listen
from responses_emulator.adapters.server import serving
from responses_emulator.commands.options import ModelOptions
from responses_emulator.commands.serve import (
    _warn_unless_loopback,
    env_lines,
    serve,
)
from responses_emulator.core import Emulator

pytestmark = pytest.mark.usefixtures("ctrl_c_works")


@no_such_signals_on_windows
def test_serve_prints_a_dotenv_and_answers_until_ctrl_c(tmp_path: Path) -> None:
    record = tmp_path / "traffic.jsonl"
    command = (*SERVE, "--deployment", "mine", "--record", str(record))
    with started(*command) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(2)]
        while not lines[-1].startswith("AZURE_TOKEN_CREDENTIALS="):
            lines.append(process.stdout.readline())
        variables = dotenv_values(stream=io.StringIO("".join(lines)))
        url = variables["AZURE_OPENAI_API_ENDPOINT"]
        assert url and variables == environment(url)
        assert url.startswith("http://127.0.0.1:")  # nobody else reaches it

        body = json.dumps({"model": "mine", "input": "Hello."}).encode()
        headers = {"api-key": KEY, "content-type": "application/json"}
        request = Request(f"{url}/openai/v1/responses", body, headers)
        with urlopen(request, timeout=10) as reply:
            assert json.load(reply)["status"] == "completed"

        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=10)
    assert (process.returncode, stdout, stderr) == (0, "", "")
    assert json.loads(record.read_text("utf-8"))["status"] == 200


def test_what_serve_holds_is_seldom_looked_through_for_garbage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[tuple[int, int]] = []

    def look() -> None:
        seen.append((gc.get_freeze_count(), gc.get_threshold()[0]))

    monkeypatch.setattr("responses_emulator.commands.serve._wait_for_signal", look)
    thresholds = gc.get_threshold()
    gc.set_threshold(700, 10, 10)  # Python's own
    try:
        assert serve(host="127.0.0.1", port=0) == 0
    finally:
        gc.unfreeze()
        gc.set_threshold(*thresholds)
    [(frozen, threshold)] = seen
    assert frozen > 10_000  # all that was loaded
    assert threshold >= 50 * 700


def test_a_port_in_use_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    with listen() as taken:
        port = taken.getsockname()[1]
        assert serve(host="127.0.0.1", port=port) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert f"Port {port} is in use" in error


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL)),
        UnicodeEncodeError("idna", "a..b", 1, 2, "label empty"),
    ],
)
def test_a_host_that_is_not_ours_is_said(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    def refuse(_host: str, _port: int) -> None:
        raise error

    monkeypatch.setattr("responses_emulator.commands.serve.listen", refuse)
    assert serve(host="192.0.2.1", port=0) == 2
    assert "Cannot listen on 192.0.2.1" in capsys.readouterr().err


@no_such_signals_on_windows
def test_another_address_is_served_only_with_a_warning() -> None:
    with started(*SERVE, "--host", "0.0.0.0") as process:
        assert process.stdout
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=10)
    assert stderr.startswith("Warning: other machines can reach this emulator.")


def test_the_printed_lines_are_a_dotenv_with_comments() -> None:
    lines = env_lines("http://127.0.0.1:1").splitlines()
    assert all(line.startswith("#") or "=" in line for line in lines)


@no_such_signals_on_windows
def test_sigterm_ends_open_streams_in_time_with_status_0() -> None:
    with started(*SERVE, "--delay", "60000", "--log", "-") as process:
        assert process.stdout
        url = ""
        while not url:
            name, _, value = process.stdout.readline().strip().partition("=")
            url = value if name == "AZURE_OPENAI_API_ENDPOINT" else ""
        body = {"model": "gpt-6-luna", "input": "Hello.", "stream": True}
        headers = {"api-key": KEY, "content-type": "application/json"}
        connections = [
            http.client.HTTPConnection(url.removeprefix("http://")) for _ in range(3)
        ]
        for connection in connections:
            connection.request(
                "POST", "/openai/v1/responses", json.dumps(body), headers
            )
        with urlopen(url) as reply:  # and so all of these have come
            assert reply.status == 200
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        for connection in connections:
            with pytest.raises((http.client.HTTPException, ConnectionError)):
                connection.getresponse().read()
        stdout, stderr = process.communicate(timeout=20)
    assert time.monotonic() - began < 5
    assert (process.returncode, stderr) == (0, "")
    logged = [line for line in stdout.splitlines() if " POST " in line]
    assert len(logged) == 3 and all(line.endswith(" broken") for line in logged)


@no_such_signals_on_windows
def test_a_log_that_nobody_reads_any_more_changes_no_status() -> None:
    with started(*SERVE, "--log", "-") as process:
        assert process.stdout
        url = ""
        while not url:
            name, _, value = process.stdout.readline().strip().partition("=")
            url = value if name == "AZURE_OPENAI_API_ENDPOINT" else ""
        while not process.stdout.readline().startswith("AZURE_TOKEN_CREDENTIALS"):
            pass
        process.stdout.close()
        for _ in range(2):
            with urlopen(url) as reply:
                assert reply.status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        assert process.stderr
        said = process.stderr.read()
    assert said == "Cannot write to stdout: Broken pipe. Lines are lost.\n"


def test_nobody_waits_for_a_thread_that_is_still_at_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("responses_emulator.adapters.server.GRACE_SECONDS", 0.05)
    monkeypatch.setattr("responses_emulator.adapters.server.END_SECONDS", 0.2)
    at_work, done = Event(), Event()

    def works(_request: http_.Request) -> http_.Reply:
        at_work.set()
        done.wait(30)
        return http_.Reply(200)

    with serving(App(Emulator(), handle=works)) as url:
        connection = http.client.HTTPConnection(url.removeprefix("http://"))
        connection.request("GET", "/")
        assert at_work.wait(10)
        began = time.monotonic()
    assert time.monotonic() - began < 5
    done.set()
    connection.close()


# What the options change


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What is served, by a `serve` that ends as soon as it has begun."""
    seen: list[Any] = []

    class Seen(App):
        def __init__(self, emulator: Emulator, **options: Any) -> None:
            super().__init__(emulator, **options)
            seen.extend((emulator, options))

    monkeypatch.setattr("responses_emulator.adapters.app.App", Seen)
    commands = "responses_emulator.commands"
    monkeypatch.setattr(f"{commands}.serve._wait_for_signal", lambda: None)
    monkeypatch.setattr(f"{commands}.serve._look_for_garbage_less_often", lambda: None)
    term, interval = signal.getsignal(signal.SIGTERM), sys.getswitchinterval()
    yield seen
    signal.signal(signal.SIGTERM, term)
    sys.setswitchinterval(interval)


def test_without_options_nothing_is_limited_kept_or_slowed(served: list[Any]) -> None:
    assert serve(host="127.0.0.1", port=0) == 0
    emulator, options = served
    world = emulator.world
    assert (world.limits.requests, world.limits.tokens) == (None, None)
    assert (emulator.journal, emulator.faults.waiting) == (None, [])
    assert not world.lenient_history
    assert list(world.deployments) == [each.name for each in DEPLOYMENTS]
    assert options["delay"] == 0
    assert signal.getsignal(signal.SIGTERM) is signal.default_int_handler
    assert sys.getswitchinterval() == pytest.approx(0.0005)


def test_each_option_of_serve_reaches_the_emulator(
    served: list[Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replies = tmp_path / "replies.json"
    replies.write_text('[{"reply": {"text": "From a file."}}]', "utf-8")
    record, log = tmp_path / "traffic.jsonl", tmp_path / "log.txt"
    status = serve(
        host="127.0.0.1",
        port=0,
        delay=0.5,
        deployments=["mine=gpt-4.1"],
        wire="text",
        log=str(log),
        record=record,
        faults=["timeout@files.list"],
        replies=replies,
        rate_limit=2,
        token_limit=300_000,
        lenient_history=True,
        journal=True,
        mcp_allow=["tools.example"],
    )
    assert status == 0
    emulator, options = served
    world = emulator.world
    assert (world.limits.requests, world.limits.tokens) == (2, 300_000)
    assert (options["delay"], world.lenient_history) == (0.5, True)
    assert emulator.requests == []
    assert [each.as_json()["fault"] for each in emulator.faults.waiting] == ["timeout"]
    assert world.deployment("mine").model == "gpt-4.1"
    assert world.mcp_hosts.names("tools.example", 443)
    body = b'{"model": "mine", "input": "Hm?"}'
    headers = {"api-key": KEY, "content-type": "application/json"}
    request = http_.Request("POST", "/openai/v1/responses", headers, body)
    assert b"From a file." in emulator.handle(request).body
    assert record.exists() and log.exists()
    printed = capsys.readouterr()
    assert printed.err == ""


def test_real_models_stand_behind_what_is_served(
    served: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    here = "http://127.0.0.1:9/v1"  # where nobody is
    models = ModelOptions(url=here, name="qwen3", models=[f"mine={here}#other"])
    assert serve(host="127.0.0.1", port=0, models=models) == 0
    world = served[0].world
    assert world.waits
    assert world.model_of("mine") is not world.model
    assert world.deployment("mine").name == "mine"
    assert "127.0.0.1:9" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("address", "warns"),
    [
        *(("127.0.0.1", False), ("127.0.0.2", False), ("::1", False)),
        *(("0.0.0.0", True), ("::", True), ("fe80::1%eth0", True)),
    ],
)
def test_who_can_be_reached_from_elsewhere_is_warned(
    address: str, warns: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    _warn_unless_loopback(address)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("Warning: other machines can reach") is warns
    assert bool(printed.err) is warns


def test_the_printed_lines_say_what_they_are_for() -> None:
    lines = env_lines("http://127.0.0.1:1").splitlines()
    assert lines[:2] == [
        "# The emulator listens at http://127.0.0.1:1; Ctrl-C ends it, and what it "
        "holds is gone.",
        "# Put these lines into .env:",
    ]
    at = lines.index("# With these the Entra ID samples sign in:")
    assert [line.partition("=")[0] for line in lines[at + 1 :]] == [
        "IDENTITY_ENDPOINT",
        "IDENTITY_HEADER",
        "AZURE_TOKEN_CREDENTIALS",
    ]


def test_who_interrupts_before_it_serves_has_ended_it(
    monkeypatch: pytest.MonkeyPatch, served: list[Any]
) -> None:
    def interrupted(_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("responses_emulator.commands.serve.greet", interrupted)
    assert serve(host="127.0.0.1", port=0) == 0
    assert served
