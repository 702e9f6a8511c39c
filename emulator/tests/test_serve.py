import errno
import gc
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from dotenv import dotenv_values

from responses_emulator.__main__ import main
from responses_emulator.account import KEY, deployment, environment
from responses_emulator.adapters.listener import listen
from responses_emulator.commands.serve import env_lines, serve

ROOT = Path(__file__).resolve().parent.parent.parent

no_such_signals_on_windows = pytest.mark.skipif(
    sys.platform == "win32", reason="no signal for one process there"
)


@pytest.fixture(autouse=True)
def ctrl_c_works() -> Iterator[None]:
    """A child of a process that ignores SIGINT ignores it as well."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@no_such_signals_on_windows
def test_serve_prints_a_dotenv_and_answers_until_ctrl_c(tmp_path: Path) -> None:
    record = tmp_path / "traffic.jsonl"
    command = [sys.executable, "-m", "responses_emulator", "serve", "--port", "0"]
    with subprocess.Popen(
        [*command, "--deployment", "mine", "--record", str(record)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
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
        assert serve(host="127.0.0.1", port=port) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert f"Port {port} is in use" in error


def test_a_host_that_is_not_ours_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_host: str, _port: int) -> None:
        raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))

    monkeypatch.setattr("responses_emulator.commands.serve.listen", refuse)
    assert serve(host="192.0.2.1", port=0) == 2
    assert "Cannot listen on 192.0.2.1" in capsys.readouterr().err


@no_such_signals_on_windows
def test_another_address_is_served_only_with_a_warning() -> None:
    command = [sys.executable, "-m", "responses_emulator", "serve", "--port", "0"]
    with subprocess.Popen(
        [*command, "--host", "0.0.0.0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=10)
    assert stderr.startswith("Warning: other machines can reach this emulator.")


def test_a_record_that_cannot_be_written_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert serve(host="127.0.0.1", port=0, record=tmp_path) == 2
    assert str(tmp_path) in capsys.readouterr().err


def test_a_deployment_has_a_name_and_a_known_model() -> None:
    assert deployment("mine").model == "gpt-6-luna"
    assert deployment("o1team").model == "gpt-6-luna"
    assert deployment("gpt-5.1").model == "gpt-5.1"
    assert deployment("mine=gpt-4.1-mini").model == "gpt-4.1-mini"
    assert deployment("pictures=gpt-image-2").family.draws
    for reasoning in ("o3-deep-research", "mine=gpt-5.6-sol", "gpt-5-pro"):
        assert deployment(reasoning).family.reasons
    for plain in ("gpt-4o-mini", "mine=gpt-5-chat", "gpt-4.1"):
        assert not deployment(plain).family.reasons
    for wrong in ("mine=gpt-9", "mine=gpt-40", "=gpt-4.1", ""):
        with pytest.raises(ValueError, match="such as gpt-6-luna"):
            deployment(wrong)


def test_the_printed_lines_are_a_dotenv_with_comments() -> None:
    lines = env_lines("http://127.0.0.1:1").splitlines()
    assert all(line.startswith("#") or "=" in line for line in lines)


@pytest.mark.parametrize("option", ["--port=65536", "--port=-1", "--port=x"])
def test_a_port_that_cannot_be_is_refused(option: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["serve", option])


def test_without_a_command_the_help_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 0
    assert "run one script against an emulator" in capsys.readouterr().out
