"""What may be typed: every wrong value is told in one sentence, with status 2."""

import argparse
import signal
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from responses_emulator.__main__ import main
from responses_emulator.commands import command_line
from responses_emulator.extras import DISTRIBUTION

NOWHERE = "nowhere/file"
HERE = "http://127.0.0.1/v1"
# Of options that `serve` and `run` both have: what is typed, and what is told.
OF_BOTH: list[tuple[list[str], str]] = [
    (["--delay", "-1"], "'-1' is not from 0 to 60000"),
    (["--delay", "nan"], "'nan' is not from 0 to 60000"),
    (["--deployment", "a=b"], "expected NAME, NAME=MODEL or NAME=MODEL:batch"),
    (["--deployment", "mine="], "expected NAME"),
    (["--deployment", "mine=gpt-4.1:x"], "expected NAME"),
    (["--deployment", ""], "expected NAME"),
    (["--deployment", "my model"], "a deployment's name has no spaces"),
    (["--deployment", " =gpt-4.1"], "a deployment's name has no spaces"),
    (["--deployment", "x" * 101], "at most 100 characters"),
    (["--fault", "rate-limit"], "did you mean 'rate-limited'"),
    (["--fault", "reset@response.create"], "did you mean 'responses.create'"),
    (["--fault", "xyzzy"], "there are: status, "),
    (["--fault", "delay:ms=x"], "ms is a whole number from 0"),
    (["--fault", "delay:ms=1,ms=2"], "ms is given twice"),
    (["--fault", ""], "There is no fault ''; there are: "),
    (["--fault", "delay:"], "expected KEY=VALUE, not ''"),
    (["--fault", "delay:ms=1,"], "expected KEY=VALUE, not ''"),
    (["--fault", "delay@"], "There is no operation ''; there are: "),
    (["--lenient-history=1"], "it takes no '1'"),
    (["--mcp-allow", "http://a"], "expected HOST or HOST:PORT"),
    (["--mcp-allow", "a:b"], "expected HOST or HOST:PORT"),
    (["--model", "gpt-4.1"], "expected NAME=URL"),
    (["--model", f"={HERE}"], "expected NAME=URL"),
    (["--model", f"a={HERE}", "--model", "a=http://[::1]/v1"], "twice"),
    (["--model-allow", "models.example"], "--model-url is missing"),
    (["--model-key-env", "NO_SUCH"], "there is no such variable"),
    (["--model-key-env", ""], "there is no such variable"),
    (["--model-name", ""], "--model-url is missing"),
    (["--model-name", " ", "--model-url", HERE], "a model's name is empty"),
    (["--model-name", "qwen3"], "--model-url is missing"),
    (["--model-parallel", "none"], "'none' is not a whole number"),
    (["--model-timeout", "0"], "'0' is not from above 0 to 86400"),
    (["--model-url", "11434"], "is no address of a model"),
    (["--model-url", ""], "'' is no address of a model"),
    (["--model-url", "http://my model/v1"], "is no address of a model"),
    (["--model-url", "ftp://127.0.0.1/v1"], "is no address of a model"),
    (["--model-url", "http://a:s3cret@127.0.0.1/v1"], "holds no password"),
    (["--model-url", f"{HERE}?key=1"], "nothing after its path"),
    (["--model-url", "http://models.example/v1"], "--model-allow models.example"),
    (["--model-url", "http://10.0.0.7:8000/v1"], "another machine"),
    (["--nonsense"], "unrecognized arguments: --nonsense"),
    (["--rate-limit", "0"], "'0' is not a whole number from 1"),
    (["--record", NOWHERE], f"Cannot write {NOWHERE}: "),
    (["--record", ""], "--record: it is empty"),
    (["--replies", NOWHERE], f"{NOWHERE}: "),
    (["--replies", ""], "--replies: it is empty"),
    (["--token-limit", "many"], "'many' is not a whole number from 1"),
    (["--wire=x"], "--wire: it takes curl, not 'x'"),
]
OF_ONE: list[tuple[list[str], str]] = [
    (["serve", "--journal=2"], "it takes no '2'"),
    (["serve", "--log", NOWHERE], f"Cannot write {NOWHERE}: "),
    (["serve", "--log", ""], "--log: it is empty"),
    (["serve", "--host", ""], "--host: it is empty"),
    (["serve", "--port=65536"], "'65536' is not from 0 to 65535"),
    (["serve", "--port=-1"], "'-1' is not from 0 to 65535"),
    (["serve", "--port"], "expected one argument"),
    (["run"], "the following arguments are required: SCRIPT (more:"),
    (["run", "nowhere.py"], "There is no file nowhere.py"),
    (["run", ""], "SCRIPT: it is empty"),
    (["run", "--python", "nowhere", "nowhere.py"], "there is no such program"),
    (["tour", "nowhere"], "There is no folder nowhere"),
    (["tour", "."], "There are no samples in ."),
    (["tour", ""], "FOLDER: it is empty"),
    (["tour", "--python", "nowhere", "."], "there is no such program"),
    (["tour", "samples", "--record", NOWHERE], f"Cannot write {NOWHERE}: "),
    (["tour", "--nonsense"], "unrecognized arguments: --nonsense"),
    (["nonsense"], "invalid choice: 'nonsense'"),
]


@pytest.fixture(autouse=True)
def signals_are_as_before() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What is said on stderr: one sentence."""
    try:
        status = main(arguments)
    except SystemExit as end:
        status = end.code
    out, said = capsys.readouterr()
    assert (status, out) == (2, "")
    assert said.endswith((".\n", "?\n")) and said.count("\n") == 1
    assert "Traceback" not in said and "s3cret" not in said
    return said


@pytest.mark.parametrize("command", ["serve", "run"])
@pytest.mark.parametrize(("options", "said"), OF_BOTH, ids=lambda each: " ".join(each))
def test_a_wrong_value_is_told_in_one_sentence_with_status_2(
    command: str,
    options: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    rest = [__file__] if command == "run" else ["--port", "0"]
    assert said in told([command, *options, *rest], capsys)


@pytest.mark.parametrize(("arguments", "said"), OF_ONE, ids=lambda each: " ".join(each))
def test_what_one_command_cannot_be_told(
    arguments: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("samples").mkdir()
    Path("samples", "responses-a.py").touch()
    assert said in told(arguments, capsys)


def test_that_was_every_option() -> None:
    tried = {(command, o[0]) for command in ("serve", "run") for o, _ in OF_BOTH}
    tried |= {(arguments[0], each) for arguments, _ in OF_ONE for each in arguments[1:]}
    known = {f"{command} {option.partition('=')[0]}" for command, option in tried}
    [commands] = [
        action.choices
        for action in command_line._parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    ]
    there_are = {
        f"{command} {option.partition('=')[0]}"
        for command, parser in commands.items()
        for option in parser._option_string_actions
        if option not in ("-h", "--help")
    }
    assert there_are <= known


def test_without_a_command_the_help_is_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main([]) == 0
    assert "run one script against an emulator" in capsys.readouterr().out


def test_the_version_is_that_of_the_distribution(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"{version(DISTRIBUTION)}\n"
