"""Shells: one on Azure, with files and skills, and one on this machine, which asks."""

import subprocess
import sys
import tempfile
from pathlib import Path

import orjson
import pytest

from responses_emulator.http import json_reply
from tests.samples.conftest import SAMPLES

HOSTED = "responses-shell-hosted-aoai-v1.py"
SKILLS = "responses-skills-aoai-v1.py"
LOCAL = "responses-shell-local-aoai-v1.py"
V1 = "/openai/v1"
no_ls_on_windows = pytest.mark.skipif(sys.platform == "win32", reason="no ls there")


# In a container of the service's


def test_hosted_runs_your_program_on_your_file_and_fetches_what_it_wrote(
    finish, service, tmp_path
):
    output = finish(HOSTED)

    container = service.sent[3].json["tools"][0]["environment"]["container_id"]
    place = f"{V1}/containers/{container}"
    *calls, content, deleted = service.calls()
    assert calls == [
        ("POST", f"{V1}/containers"),
        ("POST", f"{place}/files"),
        ("POST", f"{place}/files"),
        ("POST", f"{V1}/responses"),
        ("GET", f"{place}/files"),
    ]
    assert content[1].startswith(f"{place}/files/") and content[1].endswith("/content")
    assert deleted == ("DELETE", place)
    [body] = service.created()
    assert body["tools"] == [
        {
            "type": "shell",
            "environment": {"type": "container_reference", "container_id": container},
        }
    ]
    first, second = [row for row in output.splitlines() if row.startswith("$ ")]
    assert first.startswith("$ python ") and first.endswith("-sales.csv")
    assert second == "$ cat totals.csv"
    assert "North,150\nSouth,250\n" in output
    saved = Path(output.splitlines()[-1].removeprefix("Saved "))
    assert saved.name == "totals.csv"
    assert saved.read_text() == "North,150\nSouth,250\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["/etc/totals.csv", "../../totals.csv", "totals.csv"])
def test_hosted_saves_in_a_new_folder_whatever_path_the_model_chose(
    path, run, service, tmp_path
):
    def answer(request):
        if request.method != "GET" or not request.path.endswith("/files"):
            return None
        listed = orjson.loads(service.emulator.handle(request).body)
        for file in listed["data"]:
            file["path"] = path
        return json_reply(listed)

    service.answer = answer
    result = run(HOSTED)

    assert result.error is None
    saved = Path(result.output.splitlines()[-1].removeprefix("Saved "))
    assert saved.name == "totals.csv"
    assert [file.name for file in saved.parent.iterdir()] == ["totals.csv"]
    assert saved.parent.parent == Path(tempfile.gettempdir())
    assert list(tmp_path.iterdir()) == []


def test_skills_uploads_mounts_and_deletes(finish, service):
    output = finish(SKILLS)

    uploaded, asked, *deleted = service.sent
    assert (uploaded.method, uploaded.path) == ("POST", f"{V1}/skills")
    assert b'filename="parcel-price/SKILL.md"' in uploaded.body
    assert b'filename="parcel-price/price.py"' in uploaded.body
    [tool] = asked.json["tools"]
    [skill] = tool["environment"]["skills"]
    assert tool == {
        "type": "shell",
        "environment": {"type": "container_auto", "skills": [skill]},
    }
    assert skill["type"] == "skill_reference"
    assert [(sent.method, sent.path.split("/")[3]) for sent in deleted] == [
        ("DELETE", "containers"),
        ("DELETE", "skills"),
    ]
    assert deleted[1].path == f"{V1}/skills/{skill['skill_id']}"
    assert output == (
        "$ cat skills/parcel-price/SKILL.md\n"
        "$ python skills/parcel-price/price.py 7.5\n"
        "`python skills/parcel-price/price.py 7.5` printed:\n\n13.90 EUR\n"
    )


# On this machine


def answering(service, *commands, **action):
    """The model asks for these commands at first; then it is itself again."""

    def answer(request):
        if len(service.created()) != 1:
            return None
        reply = service.emulator.handle(request)
        response = orjson.loads(reply.body)
        stored = service.emulator.store.responses.get(response["id"])
        call = {
            "id": "sh_1",
            "type": "shell_call",
            "call_id": "call_1",
            "status": "completed",
            "action": {
                "commands": list(commands),
                "timeout_ms": None,
                "max_output_length": None,
                **action,
            },
            "environment": {"type": "local"},
        }
        stored.body["output"] = response["output"] = [call]
        return json_reply(response)

    service.answer = answer


def told(service):
    """What the model was told of its commands."""
    [output] = service.created()[1]["input"]
    return output["output"]


@pytest.fixture
def started(monkeypatch):
    """The commands that were started, instead of starting them."""
    commands = []

    def run(words, **options):
        assert not options.get("shell")
        assert options["stdin"] is subprocess.DEVNULL
        commands.append(words)
        return subprocess.CompletedProcess(words, 0, "otters.txt\n", "")

    monkeypatch.setattr(subprocess, "run", run)
    return commands


@no_ls_on_windows
def test_local_asks_and_runs_what_was_agreed_to(finish, service, tmp_path):
    (tmp_path / "otters.txt").touch()

    output = finish(LOCAL, stdin="y\n")

    first, second = service.created()
    assert first["tools"] == [{"type": "shell", "environment": {"type": "local"}}]
    assert "Allowed: df, du, ls, pwd, uname." in first["instructions"]
    assert second["previous_response_id"]
    [result] = second["input"]
    assert result["type"] == "shell_call_output"
    assert result["output"][0]["outcome"] == {"type": "exit", "exit_code": 0}
    assert "otters.txt" in result["output"][0]["stdout"]
    assert output.startswith("Run ls -la? [y/n] ")
    assert "otters.txt" in output


@pytest.mark.parametrize(
    "answer", ["", "\n", "n\n", "yes\n", "Y\n", " y\n", "y \n", "yy\n", "\ny\n", "j\n"]
)
def test_local_takes_anything_but_y_for_a_no_and_ends_well(
    answer, finish, service, started
):
    output = finish(LOCAL, stdin=answer)

    assert started == []
    assert "Not run: ls -la: the user said no\n" in output
    [chunk] = told(service)
    assert chunk["outcome"] == {"type": "exit", "exit_code": 1}
    assert chunk["stderr"] == "Not run: the user said no"


@pytest.mark.parametrize(
    "command",
    [
        "rm -rf /",
        "cat .env",
        "/bin/ls",
        "sh -c ls",
        "./ls",
        "sudo ls",
        "LS",
        "",
        "X=1 ls",
        "'ls -la'",
        "ls 'open",
    ],
)
def test_local_does_not_even_ask_for_what_is_not_allowed(
    command, finish, service, started
):
    answering(service, command)
    output = finish(LOCAL, stdin="y\ny\n")

    assert started == []
    assert "[y/n]" not in output
    assert f"Not run: {command}: " in output
    assert told(service)[0]["outcome"]["exit_code"] == 1


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("ls; rm x", ["ls;", "rm", "x"]),
        ("ls && rm x", ["ls", "&&", "rm", "x"]),
        ("ls | sh", ["ls", "|", "sh"]),
        ("ls $(rm x)", ["ls", "$(rm", "x)"]),
        ("ls `rm x`", ["ls", "`rm", "x`"]),
        ("ls > x", ["ls", ">", "x"]),
        ("ls *", ["ls", "*"]),
        ("ls 'a b'", ["ls", "a b"]),
    ],
)
def test_local_lets_no_shell_see_a_command(command, words, finish, service, started):
    answering(service, command)
    output = finish(LOCAL, stdin="y\n")

    assert started == ([words] if words[0] == "ls" else [])
    if words[0] == "ls":
        assert "Run ls" in output


@no_ls_on_windows
def test_local_really_hands_such_words_to_the_program(finish, service, tmp_path):
    (tmp_path / "precious").touch()
    answering(service, "ls && rm precious", "ls $(rm precious)")

    finish(LOCAL, stdin="y\ny\n")

    assert (tmp_path / "precious").exists()
    assert all(chunk["outcome"]["exit_code"] for chunk in told(service))


def test_local_answers_each_command_and_repeats_the_length(finish, service, started):
    answering(service, "ls", "rm x", "pwd", max_output_length=4096)
    finish(LOCAL, stdin="y\nn\n")

    assert started == [["ls"]]
    [output] = service.created()[1]["input"]
    assert output["call_id"] == "call_1"
    assert output["max_output_length"] == 4096
    codes = [chunk["outcome"]["exit_code"] for chunk in output["output"]]
    assert codes == [0, 1, 1]


def test_local_says_what_took_too_long(finish, service, monkeypatch):
    def run(words, *, timeout, **_):
        raise subprocess.TimeoutExpired(words, timeout)

    monkeypatch.setattr(subprocess, "run", run)
    output = finish(LOCAL, stdin="y\n")

    assert "Stopped after 20 seconds.\n" in output
    assert told(service)[0]["outcome"] == {"type": "timeout"}


def test_local_says_what_is_not_installed_here(finish, service, monkeypatch):
    def run(words, **_):
        raise FileNotFoundError(2, "No such file or directory", words[0])

    monkeypatch.setattr(subprocess, "run", run)
    output = finish(LOCAL, stdin="y\n")

    assert "Not run: ls -la: [Errno 2] No such file or directory: 'ls'\n" in output
    assert told(service)[0]["outcome"]["exit_code"] == 1


def test_local_stops_a_model_that_keeps_asking(run, service, started):
    def answer(request):
        if not request.path.endswith("/responses"):
            return None
        reply = service.emulator.handle(request)
        response = orjson.loads(reply.body)
        call = {
            "id": f"sh_{len(service.sent)}",
            "type": "shell_call",
            "call_id": f"call_{len(service.sent)}",
            "status": "completed",
            "action": {"commands": ["ls"]},
            "environment": {"type": "local"},
        }
        stored = service.emulator.store.responses.get(response["id"])
        stored.body["output"] = response["output"] = [call]
        return json_reply(response)

    service.answer = answer
    result = run(LOCAL, stdin="y\n" * 20)

    assert result.stopped_with == "Unfinished: no answer after 5 turns"
    assert len(started) == 5


def test_no_sample_uses_a_shell_or_runs_what_it_did_not_ask_for():
    source = Path(SAMPLES / LOCAL).read_text("utf-8")
    assert "shell=True" not in source
    assert "os.system" not in source
