"""Clients that people use, each in an environment of its own, against the emulator.

    make clients

Installs from PyPI and npm into a temporary folder, so it is not part of `make test`.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from responses_emulator.account import KEY
from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.core import Emulator
from responses_emulator.observers.observe import Exchange, Observer, observe

HERE = Path(__file__).parent
INSTALLING, RUNNING = 600, 120  # seconds

SCRIPTS: dict[str, list[str]] = {
    "with_agents.py": ["openai-agents>=0.3"],
    "with_langchain.py": ["langchain-openai>=1,<2"],
    "with_node.mjs": ["openai@6", "ai@6", "@ai-sdk/openai@3", "@ai-sdk/azure@3", "zod"],
    "with_openai.py": ["openai>=3.54,<4"],
    "with_pydantic_ai.py": ["pydantic-ai-slim[openai]"],
}
CHECKS = ("text", "stream", "tool", "structured", "bad key")

pytestmark = [
    pytest.mark.clients,
    pytest.mark.filterwarnings("default"),  # of clients that have gone too early
]


class Traffic(Observer):
    """Keeps every exchange."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def ended(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)


@pytest.fixture
def traffic() -> Traffic:
    return Traffic()


@pytest.fixture
def url(traffic: Traffic) -> Iterator[str]:
    emulator = Emulator()
    with serving(App(emulator, handle=observe(emulator.handle, traffic))) as url:
        yield url


def installed(script: str, folder: Path) -> list[str]:
    """Install what a script needs; the command that runs it."""
    packages = SCRIPTS[script]
    for file in (script, "report.py"):
        shutil.copy(HERE / file, folder)
    if script.endswith(".mjs"):
        if shutil.which("npm") is None:
            pytest.skip("npm is not installed")
        run(["npm", "install", "--no-audit", "--no-fund", *packages], folder)
        return ["node", str(folder / script)]
    run([sys.executable, "-m", "venv", "env"], folder)
    python = folder / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    run([str(python), "-m", "pip", "install", "--quiet", *packages], folder)
    return [str(python), str(folder / script)]


def run(command: list[str], folder: Path) -> None:
    done = subprocess.run(
        command, cwd=folder, timeout=INSTALLING, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_client_gets_what_it_asks_for(
    script: str, url: str, traffic: Traffic, tmp_path: Path
) -> None:
    command = installed(script, tmp_path)
    environment = {**os.environ, "EMULATOR_URL": url, "EMULATOR_KEY": KEY}

    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=environment,
        timeout=RUNNING,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines() if line[:1] == "{"]
    print(lines[0]["versions"])
    found: dict[str, Any] = {line["check"]: line for line in lines[1:]}
    assert {check.partition(",")[0] for check in found} == set(CHECKS)
    for check, line in found.items():
        assert_good(check.partition(",")[0], line)
    refused = [e for e in traffic.exchanges if e.reply and e.reply.status != 200]
    assert {e.reply.status for e in refused if e.reply} == {401}
    assert len(refused) == sum(check.startswith("bad key") for check in found)


def assert_good(check: str, line: dict[str, Any]) -> None:
    """What a check found is what the emulator says to it."""
    if check == "bad key":
        assert "Access denied due to invalid subscription key" in line["raised"], line
        return
    assert "raised" not in line, line
    if check == "structured":
        assert line["said"]["city"] == "Paris", line
    else:
        assert ("Sunny" if check == "tool" else "France") in line["said"], line
