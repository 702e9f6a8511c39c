"""An emulator in other people's tests: in one process, over HTTP, nothing leaves."""

import asyncio
import os
import re
import shlex
import socket
import subprocess
import sys
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import httpx2
import openai
import orjson
import pytest

from emulator.tests.models import Says
from responses_emulator.account import KEY
from responses_emulator.testing import LeftLoopback, RunningEmulator, _Guard, running

MODEL = "gpt-5-mini"
ROOT = Path(__file__).resolve().parent.parent.parent


def ask(**options: Any) -> str:
    """The application under test: it knows nothing of an emulator."""
    with openai.OpenAI(**options) as client:
        return client.responses.create(model=MODEL, input="Hello.").output_text


def test_an_application_talks_to_the_emulator_by_its_environment() -> None:
    with running() as emulator:
        emulator.reply_with("It is raining.")
        assert ask() == "It is raining."
        assert [entry.path for entry in emulator.requests] == ["/openai/v1/responses"]


def test_replies_come_from_a_file_or_a_list(tmp_path: Path) -> None:
    entries = [{"match": {"text": "Hello."}, "reply": {"text": "It is raining."}}]
    path = tmp_path / "replies.json"
    path.write_bytes(orjson.dumps(entries))
    for replies in (path, str(path), entries):
        with running(replies=replies):
            assert ask() == "It is raining."
    fault = [{"reply": {"fault": "rate-limited:retry_after_ms=1"}, "times": 1}]
    with running(replies=fault + entries) as emulator:
        assert ask() == "It is raining."
        assert [entry.status for entry in emulator.requests] == [429, 200]
    with pytest.raises(ValueError, match="unknown key 'answer'"):
        running(replies=[{"answer": "x"}]).__enter__()


def test_deployments_may_be_named_as_on_the_command_line() -> None:
    for named in (["mine=gpt-4.1", "other"], "mine=gpt-4.1"):
        with running(deployments=named), openai.OpenAI() as client:
            assert client.responses.create(model="mine", input="Hi.").model == "gpt-4.1"
            with pytest.raises(openai.NotFoundError):
                client.responses.create(model=MODEL, input="Hi.")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"deployments": ["a=b"]}, "expected NAME"),
        ({"rate_limit": 0}, "rate_limit=0 is not a whole number from 1"),
        ({"token_limit": "9"}, "token_limit='9' is not"),
        ({"background_seconds": -1}, "background_seconds=-1 is not a number from 0"),
        ({"indexing_seconds": "soon"}, "indexing_seconds='soon' is not"),
        ({"model": "http://127.0.0.1:1/v1"}, "an address is model_url"),
        ({"model_allow": "x.example"}, "without its address"),
        ({"mcp_allow": None}, "mcp_allow=None is not a list"),
        ({"mcp_allow": [5]}, "mcp_allow=5 is not a host's name"),
        ({"model_allow": 5}, "model_allow=5 is not a list"),
        ({"deployments": 5}, "deployments=5 is not a list"),
        ({"deployments": [5]}, "deployments=5 is not a Deployment or its name"),
        ({"deployments": ["my model"]}, "a deployment's name has no spaces"),
        ({"key": ""}, "key='' is not a key"),
        ({"key": "a\nb"}, "is not a key"),
        ({"key": " a"}, "is not a key"),
        ({"key": None}, "key=None is not a key"),
        ({"clock": 5}, "clock=5 is not a function"),
        ({"model": 5}, "model=5 is not a Model"),
        ({"model": Says}, "is not a Model"),
        ({"replies": 5}, "replies=5 is not a file or a list"),
        ({"replies": ""}, "replies='' is not a file or a list"),
        ({"replies": {"match": {}}}, "is not a file or a list"),
        ({"replies": b"[]"}, "is not a file or a list"),
        ({"lenient_history": "no"}, "lenient_history='no' is not a bool"),
        ({"model_url": 5}, "model_url=5 is not an address"),
        ({"model_name": 5}, "model_name=5 is not a name"),
        ({"model_key": None}, "model_key=None is not a text"),
        ({"models": ["a"]}, "models=['a'] is not a dict"),
        ({"models": {"a": 5}}, "models={'a': 5} is not a dict"),
        ({"models": {5: "http://127.0.0.1:1/v1"}}, "is not a dict"),
        ({"model_url": ""}, "'' is no address of a model"),
        ({"model_name": ""}, "without its address"),
        ({"mcp_allow": "http://x/y"}, "http://x/y: expected HOST"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_a_value_error(
    options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        running(**options).__enter__()


def test_a_client_that_was_made_before_is_led_there_too() -> None:
    url = "https://mine.openai.azure.com/openai/v1/"
    client = openai.OpenAI(api_key="mine", base_url=url)
    with client, running(key="mine") as emulator:
        client.responses.create(model=MODEL, input="Hello.")
        assert len(emulator.requests) == 1
        assert os.environ["AZURE_OPENAI_API_KEY"] == "mine"


def test_the_async_client_and_azures_client_are_led_there() -> None:
    async def main() -> str:
        async with openai.AsyncAzureOpenAI() as client:
            reply = await client.responses.create(model=MODEL, input="Hello.")
            return reply.output_text

    with running() as emulator:
        emulator.reply_with("Async.")
        assert asyncio.run(main()) == "Async."
        assert emulator.requests[0].path == "/openai/responses"


def test_another_process_reaches_the_same_emulator() -> None:
    program = (
        "import json, os, urllib.request\n"
        "request = urllib.request.Request(\n"
        "    os.environ['OPENAI_BASE_URL'] + 'responses',\n"
        """    b'{"model": "gpt-5-mini", "input": "Hello."}',\n"""
        "    {'api-key': os.environ['AZURE_OPENAI_API_KEY'],\n"
        "     'content-type': 'application/json'})\n"
        "reply = json.load(urllib.request.urlopen(request))\n"
        "print(reply['output'][0]['content'][0]['text'])\n"
    )
    with running() as emulator:
        emulator.reply_with("From afar.")
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=30
        )
        assert (done.stdout, done.stderr) == ("From afar.\n", "")
        with urllib.request.urlopen(f"{emulator.url}/emulator/requests") as reply:
            [entry] = orjson.loads(reply.read())["data"]
        assert entry["headers"]["api-key"] == "***"


def test_each_one_starts_afresh_and_leaves_everything_as_it_was() -> None:
    before = dict(os.environ)
    parts = (
        httpx2.HTTPTransport.handle_request,
        httpx2.AsyncHTTPTransport.handle_async_request,
        socket.socket.connect,
        socket.getaddrinfo,
    )
    with running() as first:
        ask()
        assert len(first.store.responses) == 1
    with running() as second:
        assert len(second.store.responses) == 0
        assert second.requests == []
    assert dict(os.environ) == before
    assert parts == (
        httpx2.HTTPTransport.handle_request,
        httpx2.AsyncHTTPTransport.handle_async_request,
        socket.socket.connect,
        socket.getaddrinfo,
    )


def test_it_is_undone_when_a_test_fails() -> None:
    before = dict(os.environ)
    with pytest.raises(ZeroDivisionError), running():
        _ = 1 / 0
    assert dict(os.environ) == before


# The guard

ATTEMPTS = {
    "openai": lambda: ask(api_key=KEY, base_url="https://api.openai.com/v1"),
    "httpx2": lambda: httpx2.get("https://host.example/"),
    "urllib": lambda: urllib.request.urlopen("http://192.0.2.1/"),
    "a name": lambda: socket.getaddrinfo("host.example", 443),
    "an address": lambda: socket.create_connection(("192.0.2.1", 443), 0.1),
    "IPv6": lambda: socket.create_connection(("2001:db8::1", 443), 0.1),
    "asyncio": lambda: asyncio.run(open_connection()),
}


async def open_connection() -> None:
    await asyncio.open_connection("192.0.2.1", 443)


@pytest.mark.parametrize("name", ATTEMPTS)
def test_nothing_leaves_loopback(name: str) -> None:
    with (
        pytest.raises(LeftLoopback, match="reached for the network"),
        running(),
    ):
        ATTEMPTS[name]()


def test_httpx_is_watched_as_well() -> None:
    with pytest.raises(LeftLoopback), running():
        httpx.get("https://host.example/")


def test_who_swallows_it_is_found_at_the_end() -> None:
    with (
        pytest.raises(LeftLoopback, match=r"host\.example"),
        running(),
        suppress(BaseException),
    ):
        socket.getaddrinfo("host.example", 443)

    with running() as emulator:  # a test that provokes it
        with suppress(LeftLoopback):
            socket.getaddrinfo("host.example", 443)
        assert "host.example" in emulator.escapes[0]
        emulator.reset()


def test_loopback_is_let_through() -> None:
    with running(), running() as other:
        assert httpx2.get(f"{other.url}/emulator/faults").status_code == 200
        with urllib.request.urlopen(f"{other.url}/emulator/faults") as reply:
            assert reply.status == 200


@pytest.mark.parametrize(
    ("host", "is_led_here"),
    [
        *(("mine.openai.azure.com", True), ("mine.services.ai.azure.com", True)),
        *(("mine.cognitiveservices.azure.com", True), ("openai.azure.com", False)),
        *(("mine.openai.azure.com.example", False), ("api.openai.com", False)),
    ],
)
def test_azures_addresses_are_led_here_and_no_others(
    host: str, is_led_here: bool
) -> None:
    async def ask() -> int:
        async with httpx2.AsyncClient() as client:
            return (await client.get(f"https://{host}/")).status_code

    with running() as emulator:
        if is_led_here:
            assert httpx2.get(f"https://{host}/").status_code == 200
            assert asyncio.run(ask()) == 200
            return
        with pytest.raises(LeftLoopback, match=re.escape(repr(host))):
            httpx2.get(f"https://{host}/")
        with pytest.raises(LeftLoopback, match=re.escape(repr(host))):
            asyncio.run(ask())
        assert emulator.escapes == [f"A test reached for the network: {host!r}."] * 2
        emulator.reset()


@pytest.mark.parametrize(
    ("host", "is_here"),
    [
        *((None, True), ("", True), ("localhost", True), (b"127.0.0.1", True)),
        *(("127.9.9.9", True), ("[::1]", True), ("::1%lo", True), ("0.0.0.0", True)),
        *(("::", True), ("::ffff:127.0.0.1", True), ("::ffff:10.0.0.1", False)),
        *(("10.0.0.1", False), (b"models.example", False), ("local", False)),
    ],
)
def test_loopback_has_many_names(host: object, is_here: bool) -> None:
    escapes: list[str] = []
    guard = _Guard(escapes)
    if is_here:
        guard.check(host)
        assert escapes == []
        return
    with pytest.raises(LeftLoopback):
        guard.check(host)
    assert escapes == [f"A test reached for the network: {host!r}."]


def test_each_parameter_reaches_the_emulator() -> None:
    now = 1_790_000_000.0
    with running(
        key="mine",
        clock=lambda: now,
        background_seconds=1,
        indexing_seconds=2.5,
        rate_limit=3,
        token_limit=4,
        lenient_history=True,
        mcp_allow="tools.example",
        models={"own": Says()},
        deployments=["own", "other=gpt-4.1"],
        replies=[{"reply": {"text": "It is raining."}}],
    ) as emulator:
        world = emulator.world
        assert world.clock() == now
        assert (world.background_seconds, world.indexing_seconds) == (1, 2.5)
        assert (world.limits.requests, world.limits.tokens) == (3, 4)
        assert world.lenient_history
        assert world.mcp_hosts.names("tools.example", 443)
        assert world.model_of("own") is not world.model_of("other")
        assert list(world.deployments) == ["own", "other"]
        assert os.environ["OPENAI_API_KEY"] == os.environ["AZURE_OPENAI_API_KEY"]
        assert os.environ["OPENAI_API_KEY"] == "mine"
        assert emulator.requests == []
    with running() as emulator:
        world = emulator.world
        assert (world.background_seconds, world.indexing_seconds) == (3, 0)
        assert (world.limits.requests, world.limits.tokens) == (None, None)
        assert not world.lenient_history
        assert os.environ["OPENAI_API_KEY"] == KEY
    model = Says()
    with running(model=model) as emulator:
        assert emulator.world.model is model


# With the SDK's own retries


def test_the_sdk_passes_the_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1_790_000_000.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr("time.sleep", sleep)
    with running(clock=lambda: now[0]) as emulator:
        emulator.faults.add("rate-limited", retry_after_ms=2500)
        emulator.faults.add("server-error")
        emulator.faults.add("reset")
        assert ask(max_retries=3)
        statuses = [entry.status for entry in emulator.requests]
        assert statuses == [429, 500, None, 200]
        verdict = emulator.verdict()
    assert (verdict.waited_as_told, verdict.findings) == (True, [])


def test_a_running_emulator_is_an_emulator_with_an_address() -> None:
    with running(rate_limit=1) as emulator:
        assert isinstance(emulator, RunningEmulator)
        assert emulator.url.startswith("http://127.0.0.1:")
        ask()
        with pytest.raises(openai.RateLimitError):
            ask(max_retries=0)


# The README: its examples run as they stand there


def examples(language: str, chapter: str = "For your own tests") -> list[str]:
    text = (ROOT / "emulator" / "README.md").read_text("utf-8")
    chapter = text.split(f"\n## {chapter}\n")[1].split("\n## ")[0]
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", chapter)


MY_SERVER = """
import pytest
from emulator.tests.mcp_servers import sdk_server

@pytest.fixture
def my_server():
    with sdk_server() as server:
        yield server.url
"""


def test_the_examples_for_pytest_pass(tmp_path: Path) -> None:
    written = examples("python")
    assert len(written) >= 8
    written += examples("python", "A real model behind it")
    path = tmp_path / "test_examples.py"
    path.write_text("\n\n".join(written), "utf-8")
    (tmp_path / "conftest.py").write_text(MY_SERVER, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout
    assert "10 passed" in done.stdout


def test_the_examples_for_other_languages_are_answered() -> None:
    """Each `curl` of the page, sent without curl."""
    [script] = examples("sh")
    with running() as emulator:
        answers: list[Any] = []
        for line in script.splitlines():
            command, *words = shlex.split(line.partition(" #")[0].replace("$E", "EE"))
            if command != "curl":
                continue
            url = words.pop(0).replace("EE", f"{emulator.url}/emulator")
            options = dict(zip(words[::2], words[1::2], strict=True))
            body = options.get("-d")
            request = urllib.request.Request(
                url,
                body.encode() if body is not None else None,
                method=options.get("-X"),
            )
            with urllib.request.urlopen(request) as reply:
                answers.append(orjson.loads(reply.read()))
    scripted, waiting, log, verdict, reset = answers
    assert scripted == {"waiting": 1}
    assert waiting["fault"] == "rate-limited"
    assert log == {"data": []}
    assert verdict["ok"] is True
    assert reset == {"reset": True}
