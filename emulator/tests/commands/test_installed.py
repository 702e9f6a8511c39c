"""The wheel in fresh environments, and whatever the README says one does with it.

Slow, since packages are installed: `pytest -m slow` runs this, and so does .ci/run.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from textwrap import dedent
from typing import Any

import pytest

from responses_emulator.account import KEY
from responses_emulator.extras import DISTRIBUTION

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="paths and signals of POSIX"),
]

ROOT = Path(__file__).resolve().parents[3]
PROJECT = ROOT / "emulator"
MAX_WHEEL_BYTES = 2**20
PAIRS = 15
MAX_PLUGIN_SHARE = 0.1  # of what a run takes without it
END_SECONDS = 5
# The server that the README's test of one's own MCP server takes for granted.
MY_SERVER = f"""
import sys
import pytest

sys.path.append({str(ROOT)!r})

@pytest.fixture
def my_server():
    from emulator.tests.mcp_servers import sdk_server
    with sdk_server() as server:
        yield server.url
"""
# Of a sample and of tests, beside the emulator.
OTHERS = ("openai", "python-dotenv", "pytest", "pytest-xdist", "pytest-asyncio")


class Environment:
    """A virtual environment, and an empty folder to work in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "work"
        self.folder.mkdir(parents=True)
        self.bin = folder / "venv" / "bin"
        self.environ = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AZURE_", "OPENAI_", "PYTHON", "PYTEST", "VIRTUAL"))
        } | {"PATH": f"{self.bin}{os.pathsep}{os.environ['PATH']}"}
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)

    def run(self, *command: str, status: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command in the folder, as if the environment were active."""
        done = subprocess.run(
            [shutil.which(command[0], path=self.environ["PATH"]) or "", *command[1:]],
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            encoding="utf-8",
            timeout=300,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return done

    def install(self, *packages: str) -> None:
        self.run("python", "-m", "pip", "install", "--quiet", *packages)

    @contextmanager
    def serving(self, *command: str) -> Iterator[str]:
        """A server until the block ends; SIGTERM ends it in time, with status 0."""
        with subprocess.Popen(
            [shutil.which(command[0], path=self.environ["PATH"]) or "", *command[1:]],
            cwd=self.folder,
            env=self.environ,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout
            try:
                for line in process.stdout:
                    if line.startswith("AZURE_OPENAI_API_ENDPOINT="):
                        yield line.strip().partition("=")[2]
                        break
            except BaseException:
                process.kill()
                raise
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            self.printed = process.communicate(timeout=20)[0]
            assert time.monotonic() - began < END_SECONDS
            assert process.returncode == 0


def cpu_seconds_of_children() -> float:
    """What all processes took that were started here and have ended."""
    import resource  # here: Windows has none

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def ask(url: str, path: str = "", body: Any = None, **headers: str) -> Any:
    """What the server answers, as JSON, errors as well."""
    sent = None if body is None else json.dumps(body).encode()
    known = {"api-key": KEY, "content-type": "application/json"} | headers
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url + path, sent, known)
        ) as r:
            return json.load(r)
    except urllib.error.HTTPError as error:
        return json.load(error)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: a build leaves folders behind."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("LICENSE", "README.md", "pyproject.toml"):
        shutil.copy(PROJECT / name, folder)
    shutil.copytree(
        PROJECT / "src",
        folder / "src",
        ignore=shutil.ignore_patterns("*.egg-info", "__pycache__"),
    )
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "."]
    subprocess.run(command, cwd=folder, check=True)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The wheel alone, with what it needs."""
    environment = Environment(tmp_path_factory.mktemp("bare"))
    environment.install(str(wheel))
    return environment


@pytest.fixture(scope="module")
def whole(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The wheel with all extras, the SDK, and what tests are run with."""
    environment = Environment(tmp_path_factory.mktemp("whole"))
    environment.install(f"{wheel}[all]", *OTHERS)
    return environment


# The wheel alone


def test_the_wheel_has_the_package_its_types_and_its_licence_and_no_more(
    wheel: Path,
) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    source = PROJECT / "src"
    expected = {
        path.relative_to(source).as_posix()
        for pattern in ("*.py", "*.json", "py.typed")
        for path in source.rglob(pattern)
    }
    assert {name for name in names if ".dist-info/" not in name} == expected
    assert "responses_emulator/py.typed" in names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_wheel_is_small_and_needs_three_packages(
    wheel: Path, bare: Environment
) -> None:
    assert wheel.stat().st_size < MAX_WHEEL_BYTES
    listed = bare.run("python", "-m", "pip", "list", "--format=freeze").stdout.lower()
    there = {line.partition("==")[0] for line in listed.splitlines()}
    needed = {"cryptography", "httptools", "orjson", "cffi", "pycparser"}
    assert there - {"pip", "setuptools"} == needed | {DISTRIBUTION}


@pytest.mark.parametrize(
    "command", [("responses-emulator",), ("python", "-m", "responses_emulator")]
)
def test_it_serves_and_runs_a_script_without_any_extra(
    bare: Environment, command: tuple[str, ...]
) -> None:
    with bare.serving(*command, "serve", "--port", "0") as url:
        assert ask(url)["name"] == DISTRIBUTION
        body = {"model": "gpt-6-luna", "input": "Hello."}
        assert ask(url, "/openai/v1/responses", body)["status"] == "completed"
    (bare.folder / "x.py").write_text("import os; print(os.environ['OPENAI_API_KEY'])")
    assert bare.run(*command, "run", "x.py").stdout == f"{KEY}\n"


def test_running_needs_neither_the_sdk_nor_httpx2(bare: Environment) -> None:
    code = (
        "import os, urllib.request as u\n"
        "from responses_emulator.testing import running\n"
        "with running() as emulator:\n"
        "    u.urlopen(os.environ['AZURE_OPENAI_API_ENDPOINT'])\n"
        "    print(len(emulator.requests))"
    )
    assert bare.run("python", "-c", code).stdout == "1\n"


def test_the_command_that_a_refusal_names_brings_the_extra(bare: Environment) -> None:
    body = {
        "model": "gpt-6-luna",
        "input": "Hello.",
        "tools": [
            {
                "type": "custom",
                "name": "a",
                "format": {
                    "type": "grammar",
                    "syntax": "lark",
                    "definition": 'start: "a"',
                },
            }
        ],
    }
    serve = ("responses-emulator", "serve", "--port", "0")
    with bare.serving(*serve) as url:
        error = ask(url, "/openai/v1/responses", body)["error"]
        assert error["code"] == "not_supported_by_emulator"
        named = error["message"].partition("this brings it: ")[2]
        bare.run(*shlex.split(named))
        assert ask(url, "/openai/v1/responses", body)["status"] == "completed"


def test_a_chat_app_on_the_tour_is_refused_in_one_sentence(bare: Environment) -> None:
    told = bare.run("responses-emulator", "tour", ".", status=2).stderr
    assert told.count("\n") == 1 and "its extra 'client'" in told


# With everything


def test_the_tests_of_the_readme_pass(whole: Environment) -> None:
    text = (PROJECT / "README.md").read_text("utf-8")
    chapter = text.split("\n## For your own tests\n")[1].split("\n## ")[0]
    examples = re.findall(r"(?ms)^```python\n(.*?)^```$", chapter)
    (whole.folder / "test_readme.py").write_text("\n\n".join(examples), "utf-8")
    (whole.folder / "conftest.py").write_text(MY_SERVER, "utf-8")
    strictly = ("pytest", "-q", "--strict-markers", "-W", "error", "test_readme.py")
    for options in ((), ("-n", "2")):  # pytest-asyncio itself would warn here
        done = whole.run(*strictly, "-p", "no:asyncio", *options)
        assert f"{len(examples)} passed" in done.stdout


def test_a_test_of_ones_own_passes_on_asyncio_and_in_several_processes(
    whole: Environment,
) -> None:
    tests = """\
        import openai
        import pytest

        pytestmark = pytest.mark.responses_emulator(rate_limit=2)

        @pytest.mark.asyncio
        @pytest.mark.parametrize("number", range(4))
        async def test_async(responses_emulator, number):
            responses_emulator.reply_with(f"Answer {number}.")
            async with openai.AsyncOpenAI() as client:
                async with client.responses.stream(
                    model="gpt-6-luna", input="Hm?"
                ) as stream:
                    reply = await stream.get_final_response()
            assert reply.output_text == f"Answer {number}."
            assert len(responses_emulator.requests) == 1
    """
    (whole.folder / "test_own.py").write_text(dedent(tests), "utf-8")
    for options in ((), ("-n", "2"), ("-o", "asyncio_mode=auto")):
        done = whole.run("pytest", "-q", "--strict-markers", "test_own.py", *options)
        assert "4 passed" in done.stdout


def test_a_sample_runs_against_what_is_served(whole: Environment) -> None:
    sample = "responses-basic-aoai-v1.py"
    shutil.copy(ROOT / "python" / sample, whole.folder)
    with whole.serving(
        "responses-emulator", "serve", "--port", "0", "--log", "-"
    ) as url:
        lines = [
            f"AZURE_OPENAI_V1_API_ENDPOINT={url}/openai/v1/",
            f"AZURE_OPENAI_API_KEY={KEY}",
            "AZURE_OPENAI_API_MODEL=gpt-6-luna",
        ]
        (whole.folder / ".env").write_text("\n".join(lines), "utf-8")
        assert whole.run("python", sample).stdout.strip()
    assert re.search(r"Z POST /openai/v1/responses 200 \d+\n", whole.printed)
    (whole.folder / ".env").unlink()
    assert whole.run("responses-emulator", "run", sample).stdout.strip()


def test_the_plugin_costs_next_to_nothing_where_it_is_not_asked_for(
    whole: Environment,
) -> None:
    """What it adds to `--collect-only`, with and without it in turns.

    The time is that of a CPU, and held against a run without it: no machine is too slow
    for that. Beside other work the median of the pairs, which is told, scatters by more
    than what is looked for; the least times of either kind hardly do.
    """
    (whole.folder / "test_nothing.py").write_text("def test_it():\n    pass\n", "utf-8")
    collect = ("pytest", "-q", "--collect-only", "test_nothing.py")

    def seconds(*options: str) -> float:
        began = cpu_seconds_of_children()
        whole.run(*collect, *options)
        return cpu_seconds_of_children() - began

    without = ("-p", "no:responses_emulator")
    seconds(), seconds(*without)  # what is to be compiled is compiled now
    with_it: list[float] = []
    without_it: list[float] = []
    for pair in range(PAIRS):
        if pair % 2:
            without_it.append(seconds(*without))
            with_it.append(seconds())
        else:
            with_it.append(seconds())
            without_it.append(seconds(*without))
    pairs = zip(with_it, without_it, strict=True)
    added = [more - less for more, less in pairs]
    print(f"median {median(added) * 1000:.1f} ms of {PAIRS} pairs")
    assert min(with_it) < (1 + MAX_PLUGIN_SHARE) * min(without_it)


# The Dockerfile


def test_the_commands_of_the_dockerfile_work(tmp_path: Path) -> None:
    lines = (PROJECT / "Dockerfile").read_text("utf-8").splitlines()
    steps = [line.partition(" ")[::2] for line in lines if line and line[0] != "#"]
    told = dict(steps)
    assert list(told) == ["FROM", "COPY", "RUN", "USER", "EXPOSE", "CMD"]
    assert told["COPY"] == ". /emulator"

    environment = Environment(tmp_path)
    copy = tmp_path / "emulator"
    copy.mkdir()
    ignored = (PROJECT / ".dockerignore").read_text("utf-8").split()
    assert ignored[0] == "*"
    for name in ignored[1:]:
        source = PROJECT / name.removeprefix("!")
        if source.is_dir():
            shutil.copytree(source, copy / source.name)
        else:
            shutil.copy(source, copy)
    environment.run("sh", "-c", told["RUN"].replace("/emulator", str(copy)))
    command = json.loads(told["CMD"])
    assert told["EXPOSE"] == "8083"
    with environment.serving(*command, "--port", "0") as url:
        assert all(ask(url)["extras"].values())
    assert "Z GET / 200 " in environment.printed


# From a repository


def test_it_is_installed_from_git_as_the_readme_says(tmp_path: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("no repository")
    text = (PROJECT / "README.md").read_text("utf-8")
    [address] = re.findall(r"@ (git\+https://\S+)#subdirectory=emulator", text)
    assert address
    environment = Environment(tmp_path)
    environment.install(f"git+file://{ROOT}#subdirectory=emulator")
    assert "serve" in environment.run("responses-emulator", "--help").stdout
