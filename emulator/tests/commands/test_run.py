import asyncio
import os
import signal
import subprocess
import time
from pathlib import Path
from textwrap import dedent
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from emulator.tests.subprocesses import RUN, done, no_such_signals_on_windows, started
from responses_emulator.account import KEY, environment
from responses_emulator.commands.chat_app import free_port, settings, turn
from responses_emulator.commands.surroundings import surroundings

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
