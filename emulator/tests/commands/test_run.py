import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from emulator.tests.subprocesses import RUN, done, no_such_signals_on_windows, started
from responses_emulator.account import DEPLOYMENTS, KEY, environment
from responses_emulator.adapters.app import App
from responses_emulator.commands.chat_app import free_port, settings, turn
from responses_emulator.commands.options import ModelOptions
from responses_emulator.commands.python import Python
from responses_emulator.commands.run import run
from responses_emulator.commands.surroundings import surroundings
from responses_emulator.core import Emulator
from responses_emulator.http import Request

WAITS = """\
    import os, time
    try:
        print(os.getpid(), os.environ["AZURE_OPENAI_API_ENDPOINT"], flush=True)
        for _ in range(300):  # a signal right before a sleep is heard after it
            time.sleep(0.1)
    except KeyboardInterrupt:
        print("Goodbye.")
        raise SystemExit(5)
"""


pytestmark = pytest.mark.usefixtures("ctrl_c_works")


def script(folder: Path, text: str) -> str:
    path = folder / "script.py"
    path.write_text(dedent(text), "utf-8")
    return str(path)


def test_input_arguments_and_exit_status_are_the_scripts_own(tmp_path: Path) -> None:
    path = script(
        tmp_path,
        """\
        import os, sys, urllib.error, urllib.request
        url = os.environ["AZURE_OPENAI_V1_API_ENDPOINT"]
        try:
            urllib.request.urlopen(f"{url}models")
        except urllib.error.HTTPError as error:
            print(error.code, sys.argv[1:], input())
        sys.exit(7)
        """,
    )
    arguments = ["--wire", "-h", "--", "a b"]
    ended = done(*RUN, path, *arguments, input="Zoë\n")
    assert ended.stdout == f"401 {arguments} Zoë\n"
    assert ended.stderr == ""
    assert ended.returncode == 7


@no_such_signals_on_windows
@pytest.mark.parametrize("shell", [[], ["sh", "-c", "trap '' INT; exec \"$@\"", "sh"]])
def test_ctrl_c_is_the_scripts_to_handle_and_nothing_is_left(
    tmp_path: Path, shell: list[str]
) -> None:
    """Also where it was started in the background, to ignore Ctrl-C."""
    command = (*shell, *RUN, script(tmp_path, WAITS))
    with started(*command, start_new_session=True) as process:
        assert process.stdout
        child, url = process.stdout.readline().split()
        os.killpg(process.pid, signal.SIGINT)  # as the terminal does
        stdout, stderr = process.communicate(timeout=20)
    assert (process.returncode, stdout, stderr) == (5, "Goodbye.\n", "")
    with pytest.raises(ProcessLookupError):
        os.kill(int(child), 0)
    with pytest.raises(URLError):
        urlopen(url, timeout=10)


@no_such_signals_on_windows
def test_sigterm_is_passed_on_and_a_signal_is_128_and_more(tmp_path: Path) -> None:
    with started(*RUN, script(tmp_path, WAITS)) as process:
        assert process.stdout
        child, _ = process.stdout.readline().split()
        process.terminate()
        process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(int(child), 0)


def test_what_is_printed_comes_through_a_pipe_at_once_in_any_letters(
    tmp_path: Path,
) -> None:
    path = script(
        tmp_path,
        """\
        import time
        print("Running on \\N{ROCKET}, caf\\N{LATIN SMALL LETTER E WITH ACUTE}")
        time.sleep(30)
        """,
    )
    # Of this machine alone; a pipe of Windows would not take the emoji.
    plain = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    plain |= {k: v for k, v in os.environ.items() if k == "PYTHONPATH"}
    crooked = {"PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    with started(*RUN, path, env=plain | crooked) as process:
        assert process.stdout
        begun = time.monotonic()
        line = process.stdout.readline()
        seconds = time.monotonic() - begun
        process.terminate()
    assert line.rstrip() == "Running on \N{ROCKET}, café"
    assert seconds < 20, "it came when the script ended"


@pytest.mark.slow
@no_such_signals_on_windows  # and an app would be left running
def test_a_chat_app_opens_and_answers_without_a_subscription(tmp_path: Path) -> None:
    port = free_port()
    plain = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    with started(
        *(*RUN, "python/responses-conversation-stream-gradio-v1.py"),
        env=plain | settings(port, str(tmp_path)),
        stderr=subprocess.STDOUT,
    ) as process:
        try:
            asked = turn(port, "My name is Ada.")
            answer = asyncio.run(asyncio.wait_for(asked, timeout=60))
        finally:
            process.terminate()
            told, _ = process.communicate(timeout=20)
    assert "Ada" in answer
    assert f"http://127.0.0.1:{port}" in told


def test_a_dotenv_does_not_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = environment("")
    lines = [f"{name}=from-dotenv" for name in (*names, "OPENAI_BASE_URL", "OTHER")]
    (tmp_path / ".env").write_text("\n".join(lines), "utf-8")
    path = script(
        tmp_path,
        """\
        import os
        from dotenv import load_dotenv
        assert load_dotenv()
        print([name for name in os.environ if os.environ[name] == "from-dotenv"])
        """,
    )
    monkeypatch.delenv("PYTHON_DOTENV_DISABLED", raising=False)
    ended = done(*RUN, path)
    assert (ended.stdout, ended.stderr) == ("['OTHER']\n", "")


def test_replies_come_from_a_file(tmp_path: Path) -> None:
    replies = tmp_path / "replies.json"
    replies.write_text('[{"reply": {"text": "It is raining."}}]', "utf-8")
    path = script(
        tmp_path,
        """\
        import openai
        reply = openai.OpenAI().responses.create(model="gpt-5-mini", input="Hm?")
        print(reply.output_text)
        """,
    )
    ended = done(*RUN, "--replies", str(replies), path)
    assert (ended.stdout, ended.stderr) == ("It is raining.\n", "")


def test_what_would_lead_the_sdk_elsewhere_is_not_handed_on() -> None:
    mine = {
        "OPENAI_API_KEY": "real",
        "OPENAI_BASE_URL": "https://example.com",
        "OPENAI_ORG_ID": "org",
        "AZURE_OPENAI_AD_TOKEN": "real",
        "AZURE_OPENAI_API_KEY": "real",
        "GRADIO_ANALYTICS_ENABLED": "True",
        "PATH": "/bin",
    }
    theirs = surroundings("http://127.0.0.1:1", mine)
    assert not {"real", "org", "https://example.com"} & set(theirs.values())
    assert theirs["OPENAI_API_KEY"] == KEY
    assert theirs["GRADIO_ANALYTICS_ENABLED"] == "False"
    assert theirs["PATH"] == "/bin"


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ({}, "127.0.0.1,localhost"),
        ({"NO_PROXY": "a.b"}, "a.b,127.0.0.1,localhost"),
        ({"NO_PROXY": "a.b", "no_proxy": "c"}, "c,127.0.0.1,localhost"),
        ({"no_proxy": "*"}, "*"),
    ],
)
def test_a_proxy_does_not_catch_loopback(mine: dict[str, str], theirs: str) -> None:
    environ = surroundings("http://127.0.0.1:1", mine)
    assert environ["NO_PROXY"] == environ["no_proxy"] == theirs


# What the options change


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What a script is run against."""
    seen: list[Any] = []

    class Seen(App):
        def __init__(self, emulator: Emulator, **options: Any) -> None:
            super().__init__(emulator, **options)
            seen.extend((emulator, options))

    monkeypatch.setattr("responses_emulator.adapters.app.App", Seen)
    handlers = {
        each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)
    }
    yield seen
    for number, handler in handlers.items():
        signal.signal(number, handler)


OWN = Python(sys.executable, "the emulator's own")


def test_without_options_nothing_is_limited_and_a_text_can_be_watched(
    tmp_path: Path, served: list[Any]
) -> None:
    assert run(script(tmp_path, ""), [], python=OWN) == 0
    emulator, options = served
    world = emulator.world
    assert (world.limits.requests, world.limits.tokens) == (None, None)
    assert (emulator.journal, emulator.faults.waiting) == (None, [])
    assert not world.lenient_history
    assert list(world.deployments) == [each.name for each in DEPLOYMENTS]
    assert options["delay"] == 0.02


def test_each_option_of_run_reaches_the_emulator(
    tmp_path: Path, served: list[Any], capfd: pytest.CaptureFixture[str]
) -> None:
    replies = tmp_path / "replies.json"
    replies.write_text('[{"reply": {"text": "From a file."}}]', "utf-8")
    here = "http://127.0.0.1:9/v1"  # where nobody is
    status = run(
        script(tmp_path, "import sys; print(sys.argv[1:]); sys.exit(3)"),
        ["a", "--b"],
        python=OWN,
        delay=0.5,
        wire="text",
        record=tmp_path / "traffic.jsonl",
        faults=["timeout@files.list"],
        replies=replies,
        rate_limit=2,
        token_limit=3,
        lenient_history=True,
        deployments=["mine=gpt-4.1"],
        models=ModelOptions(models=[f"other={here}#it"]),
        mcp_allow=["tools.example"],
    )
    assert status == 3
    emulator, options = served
    world = emulator.world
    assert (world.limits.requests, world.limits.tokens) == (2, 3)
    assert (options["delay"], world.lenient_history) == (0.5, True)
    assert [each.as_json()["fault"] for each in emulator.faults.waiting] == ["timeout"]
    assert world.deployment("mine").model == "gpt-4.1"
    assert world.deployment("other").name == "other"
    assert world.model_of("other") is not world.model_of("mine")
    assert world.mcp_hosts.names("tools.example", 443)
    request = Request(
        "POST",
        "/openai/v1/responses",
        {"api-key": KEY, "content-type": "application/json"},
        b'{"model": "gpt-6-luna", "input": "Hm?"}',
    )
    assert b"From a file." in emulator.handle(request).body
    assert (tmp_path / "traffic.jsonl").exists()
    printed = capfd.readouterr()
    assert printed.out == "['a', '--b']\n"
    assert "127.0.0.1:9" in printed.err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"faults": ["nothing"]}, "There is no fault 'nothing'"),
        ({"deployments": ["a=b"]}, "--deployment a=b: expected NAME"),
        ({"mcp_allow": ["a/b"]}, "--mcp-allow a/b: expected HOST"),
        ({"python": Python("/no/python", "")}, "Cannot start /no/python: No such file"),
        ({"record": Path("/no/where/file")}, "Cannot write /no/where/file: No such"),
    ],
)
def test_what_cannot_be_begun_is_one_sentence_and_status_2(
    options: dict[str, Any],
    said: str,
    tmp_path: Path,
    served: list[Any],
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert run(script(tmp_path, "print('started')"), [], **options) == 2
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(said) and printed.err.count("\n") == 1
    assert served == []


def test_no_script_outlives_an_emulator_that_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, served: list[Any]
) -> None:
    children: list[subprocess.Popen[bytes]] = []

    class Kept(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            children.append(self)

    monkeypatch.setattr(subprocess, "Popen", Kept)
    monkeypatch.setattr("responses_emulator.commands.run.greet", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run(script(tmp_path, "import time; time.sleep(30)"), [], python=OWN)
    [child] = children
    assert served
    assert child.returncode == (-signal.SIGKILL if os.name == "posix" else 1)
