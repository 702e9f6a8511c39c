import asyncio
import io
import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from emulator.tests.subprocesses import no_such_signals_on_windows, started
from responses_emulator.commands.command_line import print_whatever_there_is
from responses_emulator.commands.python import Python
from responses_emulator.commands.tour import (
    Outcome,
    _Look,
    _progress,
    table,
    tour,
    visit,
)
from responses_emulator.core import Emulator

CALLS = """\
import os, urllib.error, urllib.request
try:
    urllib.request.urlopen(os.environ["AZURE_OPENAI_V1_API_ENDPOINT"] + "models")
except urllib.error.HTTPError:
    open("left_behind.txt", "w").close()
"""
WAITS = """\
import os, pathlib, time
pathlib.Path(__file__ + ".pid").write_text(str(os.getpid()))
time.sleep(30)
"""
# What the tour needs of Gradio: the same paths, the same events.
CHATS = """\
import json, os, pathlib, time
from http.server import BaseHTTPRequestHandler, HTTPServer

pathlib.Path(__file__ + ".pid").write_text(str(os.getpid()))
KIND, EVENTS = %r

class App(BaseHTTPRequestHandler):
    def reply(self, body):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body.encode())

    def do_GET(self):
        if self.path == "/gradio_api/startup-events":
            return self.reply("true")
        if self.path == "/gradio_api/info":
            message = {"parameter_name": "sent", "label": "Message",
                "python_type": {"type": KIND}, "parameter_default": None}
            history = {"parameter_name": "earlier", "label": "Chat",
                "python_type": {"type": "list"}, "parameter_default": None}
            return self.reply(json.dumps(
                {"named_endpoints": {"/reply": {"parameters": [message, history]}}}))
        assert self.path == "/gradio_api/call/reply/7", self.path
        self.reply("".join(
            f"event: {name}\\ndata: {json.dumps(data)}\\n\\n" for name, data in EVENTS))

    def do_POST(self):
        assert self.path == "/gradio_api/call/reply", self.path
        sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
        message, history = sent["data"]
        assert history == []
        assert (isinstance(message, dict) and message["files"] == []) == (KIND != "str")
        self.reply(json.dumps({"event_id": "7"}))

    def log_message(self, *_):
        pass

assert os.environ["GRADIO_ANALYTICS_ENABLED"] == "False"
assert pathlib.Path(os.environ["GRADIO_TEMP_DIR"]) == pathlib.Path.cwd()
served = HTTPServer(("127.0.0.1", int(os.environ["GRADIO_SERVER_PORT"])), App)
"""
SERVES = """\
try:
    served.serve_forever()
except KeyboardInterrupt:
    print("Goodbye.")
"""
THOUGHT = {"content": "Hm.", "metadata": {"title": "Thinking"}}
ANSWER = ["complete", [[THOUGHT, {"content": "Thirty days."}], None]]


def chat_app(
    folder: Path,
    events: object,
    kind: str = "str",
    *,
    serves: str = SERVES,
) -> Path:
    path = folder / "responses-chat-gradio-v1.py"
    path.write_text(CHATS % ((kind, events),) + serves, "utf-8")
    return path


def pid(script: Path) -> int:
    """The number that a process wrote next to its script, or 0 if it has not yet."""
    path = Path(f"{script}.pid")
    return int(path.read_text("utf-8") or 0) if path.exists() else 0


def is_gone(script: Path) -> bool:
    """Whether the process that ran the script is gone, if it ever came to run it."""
    if number := pid(script):
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return True
        return False
    return True


def test_a_tour_visits_every_sample_and_fails_if_one_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    samples = {
        "responses-a-aoai-v1.py": CALLS,
        "responses-b-aoai-v1.py": "print('Hm.'); raise SystemExit('No answer.')",
        "responses-conversation-aoai-v1.py": "assert input(); assert not input()",
        "responses-d-aoai-v1.py": CALLS + CALLS,
        "helper.py": "raise SystemExit('not a sample')",
    }
    for name, text in samples.items():
        (tmp_path / name).write_text(text, "utf-8")
    record = tmp_path / "traffic.jsonl"

    assert tour(tmp_path, record=record) == 1

    printed = capsys.readouterr().out
    progress, _, closing = printed.partition("\n\n")
    assert "[1/4] " in progress
    assert "[4/4] " in progress
    assert "      Hm.\n      No answer." in progress
    lines = closing.splitlines()
    assert [(*line.split()[:2], line.split()[-1]) for line in lines[2:7]] == [
        ("responses-a-aoai-v1.py", "ok", "1"),
        ("responses-b-aoai-v1.py", "failed", "0"),
        ("No", "answer.", "answer."),
        ("responses-conversation-aoai-v1.py", "ok", "0"),
        ("responses-d-aoai-v1.py", "ok", "2"),
    ]
    assert lines[8].split()[-1] == "3"
    assert lines[-1].startswith("3 ok, 1 failed in ")
    assert not Path("left_behind.txt").exists()
    urls = [json.loads(line)["url"] for line in record.read_text("utf-8").splitlines()]
    assert urls == ["/openai/v1/models"] * 3


def test_what_a_pipe_cannot_take_is_printed_as_an_escape(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pipe = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(pipe, encoding="cp1252"))
    print_whatever_there_is()
    print("Done \N{ROCKET}, café", end="", flush=True)
    assert pipe.getvalue() == b"Done \\U0001f680, caf\xe9"


def test_a_sample_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "responses-slow-aoai-v1.py"
    path.write_text("import time\nprint('Hm.', flush=True)\ntime.sleep(30)", "utf-8")
    outcome = asyncio.run(visit(path, Emulator(), time_limit=0.5))
    assert outcome.result == "too slow"
    assert outcome.output.endswith("\nstopped after 0.5 seconds")


def test_a_folder_without_samples_is_said(tmp_path: Path) -> None:
    assert tour(tmp_path) == 2


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("responses_emulator.commands.tour.AT_ONCE", 3)


@pytest.mark.usefixtures("plain")
def test_the_table_adds_up_and_says_why() -> None:
    outcomes = [
        Outcome("responses-a.py", "ok", 1.5, 2, 1),
        Outcome("responses-longer.py", "failed", 61.04, 10, 0, "No key."),
        Outcome("responses-s.py", "skipped", 0.5, 0, 0, f"No browser: {'x' * 99}"),
        Outcome("responses-t.py", "too slow", 60, 1, 2, "stopped after 60 seconds"),
    ]
    cut = f"No browser: {'x' * 61}..."
    assert table(outcomes, 62.6).splitlines() == [
        "sample               outcome   seconds  requests",
        "-------------------  --------  -------  --------",
        "responses-a.py       ok            1.5         2",
        "responses-longer.py  failed       61.0        10",
        "  No key.",
        "responses-s.py       skipped       0.5         0",
        f"  {cut}",
        "responses-t.py       too slow     60.0         1",
        "  stopped after 60 seconds",
        "-------------------  --------  -------  --------",
        "4 samples                        123.0        13",
        "",
        "1 ok, 1 failed, 1 skipped, 1 too slow in 63 s, 3 at a time.",
        "Requests for a token, not counted above: 3.",
    ]
    assert table(outcomes[1:2], 1).endswith("\n\n1 failed in 1 s, 3 at a time.")
    short = table([Outcome("a.py", "ok")], 0).splitlines()
    assert short[0] == "sample  outcome   seconds  requests"


@pytest.mark.parametrize(
    ("result", "colour"),
    [("ok", "32"), ("skipped", "33"), ("failed", "31"), ("too slow", "31")],
)
def test_progress_is_coloured_by_how_it_went(result: str, colour: str) -> None:
    outcome = Outcome("responses-a.py", result, 1.5, output="Hm.\n\nNo key.\n")
    padded = result.ljust(8)
    said = "" if result == "ok" else "\n      Hm.\n      \n      No key."
    shown = _progress(3, 12, outcome, _Look(False))
    assert shown == f"[ 3/12] {padded}   1.5 s  responses-a.py{said}"
    painted = _progress(12, 12, outcome, _Look(True))
    assert painted.startswith(f"[12/12] \x1b[{colour}m{padded}\x1b[0m   1.5 s  ")


class Terminal(io.StringIO):
    """A stdout that keeps what has been seen whenever something was."""

    def __init__(self, is_one: bool) -> None:
        super().__init__()
        self._is_one = is_one
        self.seen: list[str] = []

    def isatty(self) -> bool:
        return self._is_one

    def flush(self) -> None:
        self.seen.append(self.getvalue())


@pytest.mark.parametrize(
    ("is_terminal", "no_colour", "coloured"),
    [(True, "", True), (True, "1", False), (False, "", False)],
)
def test_each_sample_is_reported_when_it_is_done(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_terminal: bool,
    no_colour: str,
    coloured: bool,
) -> None:
    (tmp_path / "responses-a.py").touch()
    terminal = Terminal(is_terminal)
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("NO_COLOR", no_colour)
    assert tour(tmp_path, python=Python(sys.executable, "")) == 0
    assert terminal.seen[0].startswith("[1/1] ")
    assert "outcome" not in terminal.seen[0]
    assert ("\x1b[32m" in terminal.getvalue()) is coloured


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("responses-conversation-a.py", "My name is Ada.\n\nWhat is my name?\nexit\n"),
        ("responses-approve.py", "y\n" * 20),
    ],
)
def test_a_sample_that_asks_is_answered(tmp_path: Path, name: str, typed: str) -> None:
    path = tmp_path / name
    path.write_text("import sys; print(repr(sys.stdin.read()))", "utf-8")
    outcome = asyncio.run(visit(path, Emulator()))
    assert (outcome.sample, outcome.result, outcome.reason) == (name, "ok", "")
    assert outcome.output == f"{typed!r}\n"
    assert outcome.seconds > 0


def test_requests_for_a_token_are_counted_apart(tmp_path: Path) -> None:
    path = tmp_path / "responses-a.py"
    path.write_text(
        "import os, urllib.error, urllib.request\n"
        "for name in ('IDENTITY_ENDPOINT', 'OPENAI_BASE_URL', 'OPENAI_BASE_URL'):\n"
        "    try:\n"
        "        urllib.request.urlopen(os.environ[name])\n"
        "    except urllib.error.HTTPError:\n"
        "        pass\n",
        "utf-8",
    )
    outcome = asyncio.run(visit(path, Emulator()))
    assert (outcome.requests, outcome.token_requests) == (2, 1)


def test_a_sample_that_says_nothing_has_its_status_for_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "responses-a.py"
    path.write_text("raise SystemExit(3)", "utf-8")
    outcome = asyncio.run(visit(path, Emulator()))
    assert (outcome.result, outcome.reason) == ("failed", "exit status 3")
    assert outcome.output == "\nexit status 3"


def test_what_cannot_be_written_started_or_found_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "responses-a.py").touch()
    nowhere = tmp_path / "nowhere" / "file"
    assert tour(tmp_path, record=nowhere) == 2
    said = capsys.readouterr()
    assert said.err == f"Cannot write {nowhere}: No such file or directory.\n"
    assert tour(tmp_path, python=Python("/no/python", "--python")) == 2
    said = capsys.readouterr()
    assert said.err == "Cannot start /no/python: No such file or directory.\n"
    assert tour(tmp_path / "nowhere") == 2
    said = capsys.readouterr()
    assert said.err == f"There are no samples in {tmp_path / 'nowhere'}.\n"


# Chat apps


@pytest.mark.parametrize("kind", ["str", "dict(text: str, files: list[filepath])"])
@no_such_signals_on_windows
def test_a_chat_app_has_one_turn_and_is_stopped(tmp_path: Path, kind: str) -> None:
    events = [["generating", [[], None]], ["heartbeat", None], ANSWER]
    path = chat_app(tmp_path, events, kind)

    outcome = asyncio.run(visit(path, Emulator()))

    assert (outcome.result, outcome.output) == ("ok", "Goodbye.\n")
    assert is_gone(path)


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([["complete", [[], None]]], "the app's answer is empty"),
        ([["complete", ["  "]]], "the app's answer is empty"),
        ([["complete", [[{"content": ""}], None]]], "the app's answer is empty"),
        ([["complete", [[{"content": [{"text": ""}]}]]]], "the app's answer is empty"),
        ([["complete", []]], "unexpected reply: IndexError list index out of range"),
        ([["error", {"error": "Too many visitors."}]], "Too many visitors."),
        ([["error", None]], "the app reported an error"),
        ([["generating", ANSWER[1]]], "the app's answer broke off"),
    ],
)
@no_such_signals_on_windows
def test_a_chat_app_without_an_answer_has_failed(
    tmp_path: Path, events: object, reason: str
) -> None:
    path = chat_app(tmp_path, events)
    outcome = asyncio.run(visit(path, Emulator()))
    assert (outcome.result, outcome.reason) == ("failed", reason)
    assert reason in outcome.output
    assert is_gone(path)


def test_a_chat_app_that_does_not_start_has_failed(tmp_path: Path) -> None:
    path = chat_app(tmp_path, [], serves="raise SystemExit('No.\\nNo key.')")
    outcome = asyncio.run(visit(path, Emulator()))
    assert (outcome.result, outcome.reason) == ("failed", "No key.")


def test_a_chat_app_that_dies_in_its_turn_has_failed(tmp_path: Path) -> None:
    path = chat_app(
        tmp_path, [], serves="App.do_POST = lambda self: os._exit(3)\n" + SERVES
    )
    outcome = asyncio.run(visit(path, Emulator()))
    assert (outcome.result, outcome.reason) == ("failed", "the app reported an error")


@pytest.mark.parametrize("waits", ["do_GET", "do_POST"])
@no_such_signals_on_windows
def test_a_chat_app_that_hangs_is_stopped(tmp_path: Path, waits: str) -> None:
    hangs = f"App.{waits} = lambda self: time.sleep(30)\n"
    path = chat_app(tmp_path, [], serves=hangs + SERVES)
    outcome = asyncio.run(visit(path, Emulator(), time_limit=1))
    assert outcome.result == "too slow"
    assert is_gone(path)


@no_such_signals_on_windows
def test_a_chat_app_that_ignores_ctrl_c_has_failed(tmp_path: Path) -> None:
    ignores = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    path = chat_app(tmp_path, [ANSWER], serves=ignores + SERVES)
    outcome = asyncio.run(visit(path, Emulator(), stop_limit=0.1))
    assert (outcome.result, outcome.reason) == (
        "failed",
        "not ended 0.1 s after Ctrl-C",
    )
    assert is_gone(path)


# The end


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@no_such_signals_on_windows
def test_what_breaks_off_a_tour_ends_its_samples(tmp_path: Path, number: int) -> None:
    samples = [tmp_path / name for name in ("responses-a.py", "responses-b-gradio.py")]
    for path in samples:
        path.write_text(WAITS, "utf-8")
    (tmp_path / "responses-c.py").write_text("raise SystemExit('in vain')", "utf-8")
    code = (
        "import sys, pathlib; from responses_emulator.commands import tour;"
        "tour.AT_ONCE = 2; sys.exit(tour.tour(pathlib.Path(sys.argv[1])))"
    )
    with started(sys.executable, "-c", code, str(tmp_path)) as process:
        until = time.monotonic() + 20
        while not all(map(pid, samples)):
            assert time.monotonic() < until
            time.sleep(0.02)
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=20)
    assert (process.returncode, stderr) == (130, "")
    assert stdout == "\nThe tour was broken off.\n"
    assert all(map(is_gone, samples))


def test_signals_are_as_before_after_a_tour(tmp_path: Path) -> None:
    before = [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)]
    (tmp_path / "responses-a.py").write_text("", "utf-8")
    assert tour(tmp_path) == 0
    assert [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)] == before


def test_the_table_fits_into_80_columns() -> None:
    name = "responses-pdfupload-base64-entra-aoai-v1.py"
    failed = Outcome(name, "failed", 61.25, 12, 3, "x" * 200)
    text = table([failed, Outcome(name, "too slow"), Outcome(name, "ok")], 99.9)
    assert max(map(len, text.splitlines())) <= 80
    assert "1 ok, 1 failed, 1 too slow in 100 s" in text
    assert text.endswith("Requests for a token, not counted above: 3.")


def test_a_sample_that_lacks_a_program_here_is_skipped_with_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reason = "No browser: install one."
    script = tmp_path / "responses-one.py"
    script.write_text(f"raise SystemExit({reason!r})")
    (tmp_path / "responses-two.py").write_text("print('fine')")

    assert tour(tmp_path) == 0
    shown = capsys.readouterr().out
    assert "skipped" in shown and reason in shown
    assert "1 ok, 1 skipped in " in shown
