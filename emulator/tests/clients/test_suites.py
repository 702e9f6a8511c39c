"""Suites that other people wrote, and frameworks as they come, against the emulator.

    make clients

Each is installed from PyPI into an environment of its own. What only a repository has
is run from a copy that `OPENRESPONSES=FOLDER` names.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from openai import OpenAI

from emulator.tests.clients.test_clients import HERE, run
from responses_emulator.account import DEPLOYMENTS, IMAGE_MODEL, KEY, deployment
from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.core import Emulator

RUNNING = 600  # seconds
OTHERS = ("gpt-image", "batch")  # deployments that answer no request of Responses
SERVING = [d.name for d in DEPLOYMENTS if not any(part in d.name for part in OTHERS)]
FRAMEWORKS = {
    "pydantic_ai": ["pydantic-ai-slim[openai]>=2"],
    "agents": ["openai-agents>=0.24"],
    "agent_framework": ["agent-framework-core>=1.23", "agent-framework-openai>=1.17"],
}
LANGCHAIN = ["langchain-openai>=1,<2", "langchain-tests>=1,<2", "pytest-asyncio"]
# What is left out of LangChain's tests, with the words in which it says so.
LEFT_OUT = {
    "Model does not support audio inputs.": "no model of Responses hears",
    "Model does not explicitly support Anthropic inputs.": "blocks of another maker",
    "VCR not set up.": "a recording of one's own traffic",
}
BESIDE = (
    "report.py",
    "with_defaults.py",
    "suite_langchain.py",
    "suite_langchain_openai.py",
    "suite_openai.py",
)
OPENAI = ["openai[aiohttp]>=3.54,<4", "pytest", "pytest-asyncio", "rich"]
INSTRUCTOR = ["instructor>=1.17,<2", "pytest>=8,<9", "pytest-asyncio", "python-dotenv"]
LANGCHAIN_OPENAI = [*LANGCHAIN, "langchain", "pytest-retry", "vcrpy"]
# The models that its tests name, and what they search for in a file.
LANGCHAINS_MODELS = (
    *("gpt-4.1", "gpt-4o-mini", "gpt-5", "gpt-5-nano", "gpt-5.1", "gpt-5.2", "gpt-5.4"),
    *("gpt-5.6-luna", "gpt-6-astra", IMAGE_MODEL),
)
DEEP_RESEARCH = b"Deep research by OpenAI reads many sources and writes a report."
INSTRUCTORS_MODEL = "gpt-4.1-nano"  # which its tests name
LOOP = "session"  # the client that LangChain shares outlives the loop of one test
COPY = (
    "git clone https://github.com/openresponses/openresponses && "
    "OPENRESPONSES=openresponses make clients"
)
OPEN_RESPONSES = ["bun@1", "zod@3"]  # all that the tests import, and what runs them

pytestmark = pytest.mark.clients


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    with serving(App(Emulator())) as url:
        yield {**os.environ, "EMULATOR_URL": url, "EMULATOR_KEY": KEY}


def installed(folder: Path, packages: list[str]) -> str:
    """The Python of a new environment with these packages, and the scripts beside."""
    for file in BESIDE:
        shutil.copy(HERE / file, folder)
    run([sys.executable, "-m", "venv", "env"], folder)
    python = folder / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    run([str(python), "-m", "pip", "install", "--quiet", *packages], folder)
    return str(python)


def answer(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    """What a command says."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        timeout=RUNNING,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_framework_works_as_it_comes_on_every_deployment(
    framework: str, environment: dict[str, str], tmp_path: Path
) -> None:
    python = installed(tmp_path, FRAMEWORKS[framework])
    environment["DEPLOYMENTS"] = ",".join(SERVING)
    said = answer([python, "with_defaults.py", framework], tmp_path, environment)
    lines = [json.loads(line) for line in said.splitlines() if line[:1] == "{"]
    print(lines[0]["versions"])
    assert len(lines) - 1 == len(SERVING) * 2 * 3, said
    for line in lines[1:]:
        assert "raised" not in line, line
        expected = "Sunny" if line["check"].startswith("tool") else "France"
        assert expected in line["said"], line


def test_langchains_standard_tests_pass(
    environment: dict[str, str], tmp_path: Path
) -> None:
    python = installed(tmp_path, LANGCHAIN)
    options = ["-q", "--asyncio-mode=auto", "-rs", "--tb=short", "-W", "ignore"]
    for name in ("test", "fixture"):
        options += ["-o", f"asyncio_default_{name}_loop_scope={LOOP}"]
    command = [python, "-m", "pytest", *options, "suite_langchain.py"]
    said = answer(command, tmp_path, environment)
    print(said.splitlines()[-1])
    assert re.search(r"^\d+ passed, \d+ skipped", said, re.MULTILINE), said
    reasons = set(re.findall(r"^SKIPPED .*?\.py:\d+: (.*)$", said, re.MULTILINE))
    assert reasons <= set(LEFT_OUT), reasons - set(LEFT_OUT)


def unpacked(python: str, package: str, folder: Path) -> Path:
    """The source package of what is installed there; it has the tests."""
    asked = f"from importlib.metadata import version; print(version('{package}'))"
    of = answer([python, "-c", asked], folder, dict(os.environ)).strip()
    print(package, of)
    options = ["--quiet", "--no-deps", f"--no-binary={package}"]
    run([python, "-m", "pip", "download", *options, f"{package}=={of}"], folder)
    [archive] = folder.glob("*.tar.gz")
    shutil.unpack_archive(archive, folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


def test_openais_generated_tests_pass_with_real_ids(tmp_path: Path) -> None:
    python = installed(tmp_path, OPENAI)
    source = unpacked(python, "openai", tmp_path)
    with serving(App(Emulator(background_seconds=0.1))) as url:
        environment = {
            **os.environ,
            "PYTHONPATH": str(tmp_path),
            "TEST_API_BASE_URL": f"{url}/openai/v1",
            "EMULATOR_KEY": KEY,
        }
        options = ["-q", "--tb=short", "--show-capture=no", "-o", "addopts="]
        options += ["-p", "suite_openai", "tests/api_resources"]
        said = answer([python, "-m", "pytest", *options], source, environment)
    print(said.splitlines()[-1])
    ended = r"^\d+ passed, \d+ skipped, \d+ deselected, \d+ xfailed in"
    assert re.search(ended, said, re.MULTILINE), said
    assert "accepted: " not in said and "unused: " not in said, said


def test_langchain_openais_own_tests_of_responses_pass(tmp_path: Path) -> None:
    python = installed(tmp_path, LANGCHAIN_OPENAI)
    source = unpacked(python, "langchain-openai", tmp_path)
    deployments = [deployment(name) for name in LANGCHAINS_MODELS]
    with serving(App(Emulator(deployments=deployments))) as url:
        client = OpenAI(base_url=f"{url}/openai/v1", api_key=KEY)
        store = client.vector_stores.create()
        client.vector_stores.files.upload_and_poll(
            file=("a.txt", DEEP_RESEARCH), vector_store_id=store.id
        )
        environment = {
            **os.environ,
            "PYTHONPATH": str(tmp_path),
            "OPENAI_BASE_URL": f"{url}/openai/v1",
            "OPENAI_API_KEY": KEY,
            "OPENAI_VECTOR_STORE_ID": store.id,
            "OPENAI_CUSTOM_HEADERS": (
                f"x-ms-oai-image-generation-deployment: {IMAGE_MODEL}"
            ),
        }
        options = ["-q", "--tb=short", "--asyncio-mode=auto", "-o", "addopts="]
        for name in ("test", "fixture"):
            options += ["-o", f"asyncio_default_{name}_loop_scope={LOOP}"]
        options += ["-p", "suite_langchain_openai"]
        options += ["tests/integration_tests/chat_models/test_responses_api.py"]
        said = answer([python, "-m", "pytest", *options], source, environment)
    print(said.splitlines()[-1])
    assert re.search(r"^\d+ passed, 1 skipped, \d+ xfailed", said, re.MULTILINE), said


def test_instructors_tests_of_responses_pass(tmp_path: Path) -> None:
    python = installed(tmp_path, INSTRUCTOR)
    source = unpacked(python, "instructor", tmp_path)
    emulator = Emulator(deployments=[deployment(INSTRUCTORS_MODEL)])
    with serving(App(emulator)) as url:
        keys = {"OPENAI_BASE_URL": f"{url}/openai/v1", "OPENAI_API_KEY": KEY}
        options = ["-q", "--tb=short", "--asyncio-mode=auto", "-o", "addopts="]
        options += ["tests/llm/test_openai/slow/test_response.py"]
        environment = {**os.environ, **keys}
        said = answer([python, "-m", "pytest", *options], source, environment)
    print(said.splitlines()[-1])
    assert re.search(r"^\d+ passed in", said, re.MULTILINE), said


def test_the_compliance_tests_of_open_responses_pass(
    environment: dict[str, str], tmp_path: Path
) -> None:
    copy = os.environ.get("OPENRESPONSES")
    if not copy:
        pytest.skip(f"needs a copy of the repository: {COPY}")
    for part in ("bin", "src"):
        shutil.copytree(Path(copy) / part, tmp_path / part)
    # The copy's own package.json asks for the whole website, and its hooks for Git.
    (tmp_path / "package.json").write_text('{"private": true}', "utf-8")
    run(["npm", "install", "--no-audit", "--no-fund", *OPEN_RESPONSES], tmp_path)
    options = ["--base-url", environment["EMULATOR_URL"] + "/openai/v1"]
    options += ["--api-key", KEY, "--model", "gpt-5.4-mini"]
    bun = str(tmp_path / "node_modules" / ".bin" / "bun")
    said = answer([bun, "bin/compliance-test.ts", *options], tmp_path, environment)
    print(said)
    assert "All tests passed!" in said, said
