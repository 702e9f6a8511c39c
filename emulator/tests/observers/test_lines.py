"""Lines that cannot be written: they are lost, and nothing else is."""

import io
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from responses_emulator.http import Reply, Request, sse_reply
from responses_emulator.observers.access_log import logging_to
from responses_emulator.observers.lines import Lines
from responses_emulator.observers.observe import Observer, observe
from responses_emulator.observers.record import recording

FULL = Path("/dev/full")  # a file on a disk that has no room left
Opened = Callable[[str], AbstractContextManager[Observer]]


def of_a_record(path: str) -> AbstractContextManager[Observer]:
    return recording(Path(path))


@pytest.mark.skipif(not FULL.exists(), reason="there is no such file here")
@pytest.mark.parametrize("opened", [logging_to, of_a_record])
def test_a_full_disk_is_told_once_and_every_request_is_answered(
    opened: Opened, capsys: pytest.CaptureFixture[str]
) -> None:
    event = {"type": "response.created", "response": {}}
    with opened(str(FULL)) as observer:
        plain = observe(lambda _: Reply(200, body=b"{}"), observer)
        streamed = observe(lambda _: sse_reply(iter([event])), observer)
        for _ in range(2):
            assert plain(Request("GET", "/")).body == b"{}"
            assert [*streamed(Request("GET", "/")).body]
    said = capsys.readouterr().err
    assert said == f"Cannot write {FULL}: No space left on device. Lines are lost.\n"


def test_what_comes_after_a_failure_is_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    class FullForAWhile(io.StringIO):
        is_full = True

        def write(self, text: str, /) -> int:
            if self.is_full:
                raise OSError
            return super().write(text)

    stream = FullForAWhile()
    lines = Lines(stream, "x.log")
    lines.write("1\n")
    stream.is_full = False
    lines.write("2\n")
    assert stream.getvalue() == "2\n"
    assert capsys.readouterr().err == "Cannot write x.log: OSError. Lines are lost.\n"


def test_a_record_is_whole_when_its_reply_has_ended(tmp_path: Path) -> None:
    path = tmp_path / "record.jsonl"
    with recording(path) as observer:
        observe(lambda _: Reply(200, body=b"{}"), observer)(Request("GET", "/"))
        assert json.loads(path.read_text("utf-8"))["status"] == 200
