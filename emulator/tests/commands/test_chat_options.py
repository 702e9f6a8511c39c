"""The options that put a real model behind an emulator, and what they let through."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from emulator.tests.model.chat_completions.chat_server import Refused, chat_server, says
from emulator.tests.subprocesses import RUN, done, printed
from responses_emulator import extras
from responses_emulator.commands.options import ModelOptions, served_by
from responses_emulator.model.chat_completions.chat_model import ChatModel
from responses_emulator.testing import LeftLoopback, running

# The SDK takes a second to load.
ASK = """\
import json, os, sys, urllib.error, urllib.request
url = os.environ["OPENAI_BASE_URL"] + "responses"
key = {"api-key": os.environ["OPENAI_API_KEY"], "content-type": "application/json"}
for model in sys.argv[1:]:
    body = json.dumps({"model": model, "input": "Umbrella?"}).encode()
    request = urllib.request.Request(url, body, key)
    try:
        reply = json.load(urllib.request.urlopen(request))
    except urllib.error.HTTPError as error:
        print(error.code)
    else:
        print(reply["output"][-1]["content"][0]["text"], reply["model"])
"""
KEY = "a-key-of-mine"


def run(
    folder: Path, *options: str, models: str = "gpt-6-luna", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a script that asks one model after the other."""
    script = folder / "ask.py"
    script.write_text(ASK, "utf-8")
    command = (*RUN, *options, str(script), *models.split())
    return done(*command, env={**os.environ, **variables})


def test_a_script_is_answered_by_the_model(tmp_path: Path) -> None:
    record = tmp_path / "record.jsonl"
    with chat_server(says("It is raining.")) as server:
        ended = run(
            tmp_path,
            *("--model-url", server.url, "--model-name", "another", "--wire"),
            *("--model-key-env", "MINE", "--record", str(record)),
            MINE=f" {KEY}\n",
        )
    assert ended.stdout == "It is raining. gpt-6-luna\n"
    assert f"Answers come from another at {server.url}." in ended.stderr
    assert server.keys[-1] == f"Bearer {KEY}"
    assert server.asked[0]["model"] == "another"
    assert KEY not in ended.stderr
    assert KEY not in record.read_text("utf-8")


def test_each_deployment_has_a_model_of_its_own(tmp_path: Path) -> None:
    with chat_server(says("From one.")) as one, chat_server(says("From two.")) as two:
        options = (
            *("--model-url", one.url, "--deployment", "mine=gpt-4.1"),
            *("--model", f"mine={two.url}#qwen3", "--model", f"new={two.url}"),
        )
        ended = run(tmp_path, *options, models="gpt-6-luna mine new")
    assert ended.stdout.splitlines() == [
        "From one. gpt-6-luna",
        "From two. gpt-4.1",
        "From two. gpt-6-luna",
    ]
    assert [asked["model"] for asked in two.asked] == ["qwen3", "scripted"]


def test_an_endpoint_that_is_not_there_is_told_and_served_all_the_same(
    tmp_path: Path,
) -> None:
    ended = run(tmp_path, "--model-url", "http://127.0.0.1:1/v1")
    assert "http://127.0.0.1:1/v1 cannot be reached" in ended.stderr
    assert "Served all the same." in ended.stderr
    assert ended.stdout == "503\n"


def test_a_name_that_is_not_listed_is_told(tmp_path: Path) -> None:
    with chat_server() as server:
        ended = run(tmp_path, "--model-url", server.url, "--model-name", "qwen3")
    assert "lists other models: scripted, another." in ended.stderr


def test_a_model_needs_no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "is_there", lambda _extra: False)
    monkeypatch.setitem(sys.modules, "httpx2", None)
    with chat_server(says("Yes.")) as server:
        real = served_by(ModelOptions(url=server.url))
        assert real
        assert isinstance(real.default, ChatModel)
        assert real.default.client.listed() == ["scripted", "another"]


def test_without_these_options_nothing_is_imported_for_them() -> None:
    code = "import sys, responses_emulator.commands.serve, responses_emulator.core\n"
    code += "print([m for m in sys.modules if 'chat_completions' in m or 'httpx' in m])"
    assert printed(code) == "[]\n"


def test_a_key_goes_to_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINE", KEY)
    here, there = "http://127.0.0.1:1/v1", "http://127.0.0.1:2/v1"
    real = served_by(
        ModelOptions(url=here, key_env="MINE", models=[f"a={here}", f"b={there}"])
    )
    assert real
    keys = [each.endpoint.key for each in (real.default, *real.of.values())]  # pyright: ignore
    assert keys == [KEY, KEY, ""]
    with pytest.raises(ValueError, match="Whose key it is"):
        served_by(ModelOptions(key_env="MINE", models=[f"a={here}", f"b={there}"]))


# In a test's own process


def ask(**options: Any) -> str:
    client = openai.OpenAI(max_retries=0, **options)
    return client.responses.create(model="gpt-6-luna", input="?").output_text


def test_running_has_a_real_model_behind_it() -> None:
    with chat_server(says("It is raining.")) as server:
        with running(model_url=server.url, model_key=KEY, model_name="another") as it:
            assert ask() == "It is raining."
            it.reply_with("Written.")
            assert ask() == "Written."
            assert KEY not in repr(it.requests)
        assert server.keys == [f"Bearer {KEY}"]
        with running(models={"gpt-5-mini": f"{server.url}#qwen3"}):
            response = openai.OpenAI().responses.create(model="gpt-5-mini", input="?")
        assert response.model == "gpt-5-mini"
        assert server.asked[-1]["model"] == "qwen3"


def test_another_machine_has_to_be_named() -> None:
    named = r"models\.example is another machine"
    with (
        pytest.raises(ValueError, match=named),
        running(model_url="https://models.example/v1"),
    ):
        pass


def led_to(server: Any) -> Callable[..., Any]:
    """A look-up of names that finds every other machine on this one's port."""
    port = server.server_address[1]
    known = socket.getaddrinfo

    def lookup(host: Any, *args: Any, **options: Any) -> list[Any]:
        if not str(host).endswith((".com", ".example")):
            return known(host, *args, **options)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    return lookup


def test_the_emulator_reaches_what_was_named_and_the_test_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = "http://models.openai.azure.com/v1"  # where clients are led to the emulator
    with chat_server(says("From afar.")) as server:
        monkeypatch.setattr(socket, "getaddrinfo", led_to(server))
        with running(model_url=url, model_allow=["models.openai.azure.com"]):
            assert ask() == "From afar."
        with running(
            model_url="http://models.example/v1", model_allow=["models.example"]
        ) as it:
            with pytest.raises(LeftLoopback):
                httpx2.get("http://models.example/v1/models", trust_env=False)
            it.escapes.clear()
            assert ask() == "From afar."
            with pytest.raises(LeftLoopback):
                socket.create_connection(("models.example", 80))
            it.escapes.clear()


def test_a_redirect_leads_nowhere() -> None:
    elsewhere = Refused(307, "", {"location": "http://models.example/v1"})
    with chat_server(elsewhere) as server, running(model_url=server.url) as it:
        with pytest.raises(openai.InternalServerError, match="answered 307"):
            ask()
        assert it.escapes == []
