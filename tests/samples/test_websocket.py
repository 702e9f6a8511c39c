"""The one sample that speaks no HTTP."""

import os
import subprocess
import sys

import orjson

from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.commands.surroundings import surroundings_of_a_script
from responses_emulator.core import Emulator
from tests.samples.conftest import SAMPLES

NAME = "responses-websocket-aoai-v1.py"


def test_websocket_asks_both_questions_over_one_connection(finish, service):
    output = finish(NAME)

    first, second = service.created()
    assert first["input"] == "My name is Ada."
    assert second["input"] == "What is my name?"
    assert "previous_response_id" not in first or not first["previous_response_id"]
    assert second["previous_response_id"].startswith("resp_")
    for body in (first, second):
        assert body["store"] is False
    assert not list(service.emulator.store.responses)
    lines = output.splitlines()
    assert lines[0] == "You: My name is Ada."
    assert lines[2] == "You: What is my name?"
    assert "Ada" in lines[3]


def test_websocket_works_over_a_socket():
    emulator = Emulator()
    with serving(App(emulator)) as url:
        run = subprocess.run(
            [sys.executable, str(SAMPLES / NAME)],
            env=surroundings_of_a_script(url, os.environ),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert run.stderr == ""
    assert "Ada" in run.stdout.splitlines()[3]


def test_websocket_says_so_when_the_connection_closes(run, monkeypatch):
    from websockets.exceptions import ConnectionClosedOK

    from tests.samples.conftest import Socket

    def closed(*_, **__):
        raise ConnectionClosedOK(None, None)

    monkeypatch.setattr(Socket, "recv", closed)

    result = run(NAME)

    assert result.stopped_with == "Unfinished: the connection was closed"


def test_websocket_tells_what_an_error_event_says(run, monkeypatch):
    from tests.samples.conftest import Socket

    event = {"type": "error", "message": "Too much.", "code": None, "param": None}
    monkeypatch.setattr(Socket, "recv", lambda *_, **__: orjson.dumps(event))

    assert "Too much." in run(NAME).stopped_with
