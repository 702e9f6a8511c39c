"""`serve --log`: a line for each request, and no secret in it."""

import io
import json
import re
import stat
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from websockets.sync.client import connect

from responses_emulator.account import KEY
from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.core import Emulator
from responses_emulator.http import Reply, Request
from responses_emulator.observers.access_log import AccessLog, line, logging_to
from responses_emulator.observers.curl import Curl
from responses_emulator.observers.observe import Exchange, observe

SECRET = "s3cr3t"
LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (\S+) (\S+) (\d+) \d+( broken)?")


def read(text: str) -> list[tuple[str | None, ...]]:
    found = [LINE.fullmatch(each) for each in text.splitlines()]
    return [each.groups() for each in found if each]


def test_each_request_is_a_line_when_its_reply_has_ended() -> None:
    stream = io.StringIO()
    emulator = Emulator()
    handle = observe(emulator.handle, AccessLog(stream))
    body = json.dumps({"model": "gpt-6-luna", "input": SECRET, "stream": True})
    with serving(App(emulator, handle=handle)) as url:
        headers = {"api-key": KEY, "content-type": "application/json"}
        path = f"{url}/openai/v1/responses"
        asked = urllib.request.Request(path, body.encode(), headers)
        with urllib.request.urlopen(asked) as reply:
            reply.read()
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(
                urllib.request.Request(
                    f"{url}/openai/v1/models?api-key={SECRET}",
                    headers={"api-key": SECRET},
                )
            )
    assert read(stream.getvalue()) == [
        ("POST", "/openai/v1/responses", "200", None),
        ("GET", "/openai/v1/models", "401", None),
    ]
    assert SECRET not in stream.getvalue() and KEY not in stream.getvalue()


def test_a_stream_that_was_left_and_a_reply_that_never_came_are_told() -> None:
    left = Exchange(1, Request("POST", "/x"), Reply(200), broken=True)
    assert line(left, 0.0).startswith("1970-01-01T00:00:00Z POST /x 200 ")
    assert line(left, 0.0).endswith(" broken")
    assert " /x 0 " in line(Exchange(1, Request("GET", "/x"), Reply(0)), 0.0)


def test_nothing_in_a_path_acts_on_a_terminal_or_signs_in() -> None:
    strange = Exchange(1, Request("GET", "/a b\x1b[31m" + "c" * 1_000), Reply(404))
    assert " /a%20b%1B[31mccc" in line(strange, 0.0)
    assert len(line(strange, 0.0)) < 600
    hook = Exchange(1, Request("POST", f"http://me:{SECRET}@127.0.0.1/x?y"), Reply(200))
    assert " 127.0.0.1/x 200 " in line(hook, 0.0)


def test_a_file_is_added_to_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    for _ in range(2):
        with logging_to(str(path)) as log:
            log.ended(Exchange(1, Request("GET", "/"), Reply(200)))
    assert len(read(path.read_text("utf-8"))) == 2
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def test_a_dash_is_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with logging_to("-") as log:
        log.ended(Exchange(1, Request("GET", "/a"), Reply(204)))
    assert read(capsys.readouterr().out) == [("GET", "/a", "204", None)]


def test_a_line_reads_like_this(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.perf_counter", lambda: 0.0416)
    asked = Request("POST", "/openai/v1/responses?api-version=preview")
    exchange = Exchange(1, asked, Reply(200), started=0.0)
    told = "2026-11-30T09:15:02Z POST /openai/v1/responses 200 42"
    assert line(exchange, 1_796_030_102.9) == told
    exchange.broken = True
    assert line(exchange, 1_796_030_102.9) == f"{told} broken"
    failed = Exchange(1, Request("GET", "/é\u202e"), started=0.0)
    assert line(failed, 0.0) == "1970-01-01T00:00:00Z GET /é%202E 0 42"


def test_so_much_of_a_path_is_written() -> None:
    whole, longer = ("/" + "a" * length for length in (499, 500))
    for path in (whole, longer, f"https://x@y.example{whole}"):
        exchange = Exchange(1, Request("GET", path), Reply(200))
        _, _, written, _, _ = line(exchange, 0.0).split(" ")
        assert len(written) == 500
        assert written == path.rpartition("@")[2][:500]


def test_a_log_that_nobody_reads_stops_nothing() -> None:
    class Closed(io.StringIO):
        def write(self, _text: str, /) -> int:
            raise BrokenPipeError

    AccessLog(Closed()).ended(Exchange(1, Request("GET", "/"), Reply(200)))


def test_each_turn_over_a_websocket_is_a_line_and_a_command() -> None:
    stream, commands = io.StringIO(), io.StringIO()
    emulator = Emulator()
    handle = observe(emulator.handle, AccessLog(stream), Curl(commands))
    turn = {"type": "response.create", "model": "gpt-6-luna", "input": "Hello."}
    with serving(App(emulator, handle=handle)) as url:
        address = f"{url.replace('http', 'ws')}/openai/v1/responses"
        with connect(address, additional_headers={"api-key": KEY}) as socket:
            for _ in range(2):
                socket.send(json.dumps(turn))
                while json.loads(socket.recv(10))["type"] != "response.completed":
                    pass
    assert read(stream.getvalue()) == [
        ("POST", "/openai/v1/responses", "200", None),
        ("POST", "/openai/v1/responses", "200", None),
    ]
    assert commands.getvalue().count("# Sent over a WebSocket.\ncurl ") == 2
