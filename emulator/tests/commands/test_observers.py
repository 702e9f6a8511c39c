"""The observers that a command's options ask for, and what they look at."""

import sys
from pathlib import Path

import pytest

from responses_emulator.commands.observers import observers, watched
from responses_emulator.http import Reply, Request
from responses_emulator.observers.access_log import AccessLog
from responses_emulator.observers.curl import Curl
from responses_emulator.observers.observe import Exchange, Observer
from responses_emulator.observers.wire import Wire


def test_each_option_brings_its_observer(tmp_path: Path) -> None:
    record, log = tmp_path / "traffic.jsonl", tmp_path / "log.txt"
    with observers() as chosen:
        assert chosen == []
    with observers(wire="text", log=str(log), record=record) as chosen:
        recorder, logging, wire = chosen
        assert record.exists() and log.exists()
        assert type(logging) is AccessLog
        assert type(wire) is Wire and wire._stream is sys.stderr
        assert type(recorder) not in (AccessLog, Wire)
    with observers(wire="curl") as chosen:
        [curl] = chosen
        assert type(curl) is Curl and curl._stream is sys.stderr


def test_a_file_that_cannot_be_written_is_said_before_anything_starts(
    tmp_path: Path,
) -> None:
    nowhere = tmp_path / "nowhere" / "file"
    for options in ({"record": nowhere}, {"log": str(nowhere)}):
        with pytest.raises(OSError) as raised, observers(**options):
            raise AssertionError("It was opened.")
        assert str(raised.value.filename) == str(nowhere)


def test_what_is_sent_is_seen_as_well_as_what_comes_and_numbered_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[tuple[int, str]] = []

    class Seen(Observer):
        def asked(self, exchange: Exchange) -> None:
            seen.append((exchange.number, exchange.request.target))

    monkeypatch.setattr(
        "responses_emulator.adapters.courier.post", lambda _: Reply(202)
    )
    handle, send = watched(lambda _: Reply(200), [Seen()])
    assert handle(Request("GET", "/a")).status == 200
    assert send(Request("POST", "/b")).status == 202
    assert handle(Request("GET", "/c")).status == 200
    assert seen == [(1, "/a"), (2, "/b"), (3, "/c")]
