"""What may be typed: every wrong value is told in one sentence, with status 2."""

import argparse
import importlib
import re
import signal
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from responses_emulator import __main__ as entry
from responses_emulator.__main__ import main
from responses_emulator.commands import command_line
from responses_emulator.commands.options import ModelOptions
from responses_emulator.commands.python import Python
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


# What is understood


def typed(*arguments: str) -> dict[str, object]:
    """What is made of it, without starting anything."""
    return vars(command_line._parser().parse_args(arguments))


OF_MODELS = {
    "model_url": None,
    "model_name": None,
    "model_key_env": None,
    "model_timeout": 120.0,
    "model_parallel": 4,
    "model_allow": [],
    "model": [],
}
OF_RUN_AND_SERVE = {
    **OF_MODELS,
    "version": False,
    "wire": None,
    "record": None,
    "fault": [],
    "replies": None,
    "rate_limit": None,
    "token_limit": None,
    "lenient_history": False,
    "deployment": [],
    "mcp_allow": [],
}


def test_without_options_everything_is_as_the_help_says() -> None:
    assert typed("serve") == OF_RUN_AND_SERVE | {
        "command": "serve",
        "host": "127.0.0.1",
        "port": 8083,
        "delay": 0.0,
        "log": None,
        "journal": False,
    }
    assert typed("run", "x.py") == OF_RUN_AND_SERVE | {
        "command": "run",
        "python": None,
        "delay": 0.02,
        "script": "x.py",
        "arguments": [],
    }
    assert typed("tour") == {
        "version": False,
        "command": "tour",
        "folder": Path("python"),
        "python": None,
        "record": None,
    }


@pytest.mark.parametrize(
    ("option", "text", "value"),
    [
        ("--delay", "0", 0.0),
        ("--delay", "60000", 60.0),
        ("--delay", "60000.1", None),
        ("--delay", "-0.1", None),
        ("--delay", "soon", None),
        ("--model-timeout", "0.001", 0.001),
        ("--model-timeout", "86400", 86_400.0),
        ("--model-timeout", "86400.1", None),
        ("--model-timeout", "-1", None),
        ("--model-timeout", "nan", None),
        ("--model-timeout", "soon", None),
        ("--model-parallel", "1", 1),
        ("--model-parallel", "999999999", 999_999_999),
        ("--model-parallel", "1000000000", None),
        ("--model-parallel", "0", None),
        ("--model-parallel", "1.5", None),
        ("--rate-limit", "\N{SUPERSCRIPT TWO}", None),
        ("--port", "0", 0),
        ("--port", "65535", 65_535),
        ("--port", "65536", None),
        ("--port", "\N{ARABIC-INDIC DIGIT ONE}", None),
    ],
)
def test_a_number_is_taken_up_to_its_bounds(
    option: str, text: str, value: float | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if value is None:
        assert f"{option}: {text!r} is not " in told(["serve", option, text], capsys)
    else:
        assert (
            typed("serve", option, text)[option.strip("-").replace("-", "_")] == value
        )


@pytest.mark.parametrize(
    "arguments",
    [
        *(["--vers"], ["serve", "--por=1"], ["serve", "--rate=1"]),
        *(["run", "--del=1", "x.py"], ["tour", "--rec=x"]),
    ],
)
def test_an_option_is_not_abbreviated(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert "unrecognized arguments: --" in told(arguments, capsys)


EVERY_OPTION = [
    *("--delay", "1000", "--record", "r.jsonl", "--replies", "a.json"),
    *("--fault", "reset", "--fault", "timeout", "--rate-limit", "2"),
    *("--token-limit", "3", "--lenient-history", "--wire=curl"),
    *("--mcp-allow", "a.example", "--mcp-allow", "b.example:8"),
    *("--model-url", HERE, "--model-name", "qwen3", "--model-key-env", "KEY"),
    *("--model-timeout", "4.5", "--model-parallel", "6"),
    *("--model-allow", "c.example", "--model", f"m={HERE}", "--model", f"n={HERE}#o"),
]
GIVEN = {
    "delay": 1.0,
    "wire": "curl",
    "record": Path("r.jsonl"),
    "faults": ["reset", "timeout"],
    "replies": Path("a.json"),
    "rate_limit": 2,
    "token_limit": 3,
    "lenient_history": True,
    "models": ModelOptions(
        url=HERE,
        name="qwen3",
        key_env="KEY",
        timeout=4.5,
        parallel=6,
        allow=["c.example"],
        models=[f"m={HERE}", f"n={HERE}#o"],
    ),
    "mcp_allow": ["a.example", "b.example:8"],
}


def called(
    patch: pytest.MonkeyPatch, command: str, *arguments: str
) -> tuple[tuple[object, ...], dict[str, object]]:
    """What a command is called with; its status is that of the whole."""
    seen: list[tuple[tuple[object, ...], dict[str, object]]] = []

    def instead(*args: object, **options: object) -> int:
        seen.append((args, options))
        return 7

    module = importlib.import_module(f"responses_emulator.commands.{command}")
    patch.setattr(module, command, instead)
    assert main([command, *arguments]) == 7
    [call] = seen
    return call


def test_serve_is_called_with_all_that_was_typed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = ["--host", "::1", "--port", "9", "--log", "l.txt", "--journal"]
    own += ["--deployment", "d", "e=o3", "--deployment", "f"]
    args, options = called(monkeypatch, "serve", *EVERY_OPTION, *own)
    assert args == ()
    assert options == GIVEN | {
        "host": "::1",
        "port": 9,
        "log": "l.txt",
        "journal": True,
        "deployments": ["d", "e=o3", "f"],
    }


def test_run_is_called_with_all_that_was_typed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = ["--deployment", "d", "--deployment", "e=o3", "--python", sys.executable]
    rest = [__file__, "--wire", "-x", "--", "y"]
    args, options = called(monkeypatch, "run", *EVERY_OPTION, *own, *rest)
    assert args == (__file__, rest[1:])
    assert options == GIVEN | {
        "python": Python(sys.executable, "--python"),
        "deployments": ["d", "e=o3"],
    }


def test_the_tour_is_called_with_all_that_was_typed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = ["--python", sys.executable, "--record", "r.jsonl", str(tmp_path)]
    args, options = called(monkeypatch, "tour", *own)
    assert args == (tmp_path,)
    assert options == {
        "python": Python(sys.executable, "--python"),
        "record": Path("r.jsonl"),
    }


def test_wire_alone_prints_the_traffic_as_it_is() -> None:
    assert typed("serve", "--wire")["wire"] == "text"
    assert typed("run", "--wire", "x.py", "y")["arguments"] == ["y"]


# What the help shows: each option with what it takes.

TAKES = {
    "run": "--python PYTHON, --record FILE, --delay MS, --fault FAULT, --replies FILE, "
    "--rate-limit RPM, --token-limit TPM, --deployment NAME[=MODEL], --model-url URL, "
    "--model NAME=URL[#REMOTE], --mcp-allow HOST[:PORT], --model-name NAME, "
    "--model-key-env VAR, --model-timeout S, --model-parallel N, --model-allow HOST, "
    "--wire, --wire=curl, --lenient-history, SCRIPT, ARGS",
    "serve": "--host HOST, --port PORT, --deployment NAME[=MODEL] [NAME[=MODEL] ...], "
    "--model-url URL, --model-name NAME, --model-key-env VAR, --model-timeout S, "
    "--model-parallel N, --model-allow HOST, --model NAME=URL[#REMOTE], --wire, "
    "--wire=curl, --log FILE, --record FILE, --delay MS, --fault FAULT, "
    "--replies FILE, --rate-limit RPM, --token-limit TPM, --lenient-history, "
    "--mcp-allow HOST[:PORT], --journal",
    "tour": "FOLDER, --python PYTHON, --record FILE",
}


@pytest.mark.parametrize("command", TAKES)
def test_the_help_has_each_option_with_what_it_takes(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as end:
        main([command, "--help"])
    assert end.value.code == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: responses-emulator {command} ")
    lines = [line.strip() for line in shown.splitlines() if line.startswith("  ")]
    entries = {re.split(r"  +", line)[0] for line in lines}
    wanted = set(TAKES[command].split(", ")) | {"-h, --help"}
    assert wanted - {"-h, --help"} <= entries
    assert {each for each in entries if each.startswith("-")} <= wanted
    if command != "tour":
        assert "\na real model:\n" in shown


def test_the_usage_of_run_names_what_stands_before_a_script(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit):
        main(["run", "-h"])
    usage = capsys.readouterr().out.partition("\n\n")[0]
    named = set(re.findall(r"--[\w-]+(?:=curl)?", usage))
    parsed = set(re.findall(r"--[\w-]+(?:=curl)?", TAKES["run"]))
    models = {"--model-name", "--model-key-env", "--model-timeout", "--model-parallel"}
    assert parsed - named == models | {"--model-allow"}
    assert usage.endswith("SCRIPT [ARGS...]")


def test_the_help_names_the_commands_and_shows_examples(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as end:
        main(["--help"])
    shown = capsys.readouterr().out
    assert end.value.code == 0
    assert shown.startswith("usage: responses-emulator [-h] [--version] COMMAND ...\n")
    for command in TAKES:
        assert re.search(rf"(?m)^    {command} ", shown)
    examples = shown.partition("\nexamples:\n")[2].splitlines()
    assert [each.split()[:2] for each in examples] == [
        ["responses-emulator", command] for command in ("run", "run", "serve")
    ]


def test_a_checkout_has_no_version(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("responses_emulator.about.installed_version", lambda: None)
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == "not installed: run from a checkout\n"


@pytest.mark.parametrize(
    ("name", "told_so"),
    [("frobnicate.deep", True), ("responses_emulator.gone", False), (None, False)],
)
def test_a_module_that_is_not_there_is_told_unless_it_is_our_own(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str | None,
    told_so: bool,
) -> None:
    def fails(**_: object) -> int:
        raise ModuleNotFoundError(name=name)

    monkeypatch.setattr("responses_emulator.commands.serve.serve", fails)
    if told_so:
        assert f" lacks {name}: " in told(["serve"], capsys)
        return
    with pytest.raises(ModuleNotFoundError):
        main(["serve"])


@pytest.mark.parametrize(
    ("status", "ends"),
    [(0, 0), (130, 130), (0x7FFFFFFF, 0x7FFFFFFF), (0xC000013A, -1073741510)],
)
def test_the_process_ends_with_the_status_of_the_command(
    status: int, ends: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows gives what has ended a script as an unsigned number, and takes none."""
    done: list[object] = []
    monkeypatch.setattr(
        entry, "print_whatever_there_is", lambda: done.append("printing")
    )
    monkeypatch.setattr(entry, "main", lambda: status)
    monkeypatch.setattr("os._exit", done.append)
    entry.run()
    assert done == ["printing", ends]
