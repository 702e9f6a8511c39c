"""The pytest plugin, in runs of pytest as other people start them."""

import inspect
import os
import re
import subprocess
import sys
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent

import pytest

from responses_emulator import pytest_plugin
from responses_emulator.testing import running


def run(
    folder: Path, tests: str, *options: str
) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run tests in a folder of their own; the last line tells how many passed."""
    (folder / "test_it.py").write_text(dedent(tests), "utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options],
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k != "PYTEST_ADDOPTS"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done, done.stdout.splitlines()[-1]


def test_installing_is_enough_and_each_test_has_its_own(tmp_path: Path) -> None:
    tests = """\
        import urllib.request, os
        import pytest

        before = dict(os.environ)

        @pytest.mark.parametrize("_", [1, 2])
        def test_one(responses_emulator, _):
            assert responses_emulator.requests == []
            url = os.environ["AZURE_OPENAI_API_ENDPOINT"]
            assert url == responses_emulator.url
            urllib.request.urlopen(url)
            assert len(responses_emulator.requests) == 1

        def test_without():
            assert "AZURE_OPENAI_API_ENDPOINT" not in os.environ
    """
    done, last = run(tmp_path, tests, "--strict-markers", "-W", "error")
    assert last.startswith("3 passed"), done.stdout


def test_a_marker_takes_what_running_takes_and_the_nearest_one_wins(
    tmp_path: Path,
) -> None:
    tests = """\
        import pytest

        pytestmark = pytest.mark.responses_emulator(rate_limit=1, key="mine")

        @pytest.mark.responses_emulator(rate_limit=2)
        class TestIt:
            @pytest.mark.responses_emulator(rate_limit=3, clock=lambda: 5.0)
            def test_a(self, responses_emulator):
                assert responses_emulator.world.limits.requests == 3
                assert responses_emulator.world.clock() == 5.0

            def test_b(self, responses_emulator):
                assert responses_emulator.world.limits.requests == 2

        def test_c(responses_emulator, monkeypatch):
            import os
            assert responses_emulator.world.limits.requests == 1
            assert os.environ["AZURE_OPENAI_API_KEY"] == "mine"
    """
    done, last = run(tmp_path, tests, "--strict-markers")
    assert last.startswith("3 passed"), done.stdout


@pytest.mark.parametrize(
    ("marked", "said"),
    [
        ("rate_limits=1", "has no parameter 'rate_limits'; there are: key, "),
        ("1", "takes parameters by their names, not 1; there are: key, "),
    ],
)
def test_an_unknown_parameter_fails_by_its_name(
    tmp_path: Path, marked: str, said: str
) -> None:
    tests = f"""\
        import pytest

        @pytest.mark.responses_emulator({marked})
        def test_it(responses_emulator):
            pass
    """
    done, last = run(tmp_path, tests)
    assert last.startswith("1 error"), done.stdout
    assert f"@pytest.mark.responses_emulator {said}" in done.stdout
    for parameter in inspect.signature(running).parameters:
        assert parameter in done.stdout


def test_a_value_that_makes_no_sense_fails_by_its_name_without_a_traceback(
    tmp_path: Path,
) -> None:
    tests = """\
        import pytest

        @pytest.mark.responses_emulator(rate_limit="many")
        def test_it(responses_emulator):
            pass
    """
    done, last = run(tmp_path, tests)
    assert last.startswith("1 error"), done.stdout
    said = "rate_limit='many' is not a whole number from 1."
    assert f"\n@pytest.mark.responses_emulator: {said}\n" in done.stdout
    assert "testing.py" not in done.stdout


def test_the_readme_names_every_parameter() -> None:
    readme = Path(__file__).parents[1].joinpath("README.md").read_text("utf-8")
    [told] = re.findall(r"every parameter of `running\(\)`: (.*?)\. Any other", readme)
    named = {name.strip("`") for name in told.split(", ")}
    assert named == set(inspect.signature(running).parameters)


def test_it_may_be_asked_for_in_a_fixture_and_in_async_code(tmp_path: Path) -> None:
    tests = """\
        import asyncio
        import openai
        import pytest

        @pytest.fixture
        def client(responses_emulator):
            responses_emulator.reply_with("It is raining.", times=2)
            with openai.OpenAI() as client:
                yield client

        def test_it(client):
            reply = client.responses.create(model="gpt-6-luna", input="Hm?")
            assert reply.output_text == "It is raining."

        def test_async(responses_emulator):
            async def ask():
                async with openai.AsyncOpenAI() as client:
                    return await client.responses.create(model="gpt-6-luna", input="?")
            assert asyncio.run(ask()).status == "completed"
    """
    done, last = run(tmp_path, tests)
    assert last.startswith("2 passed"), done.stdout


@pytest.mark.skipif(not find_spec("xdist"), reason="no pytest-xdist here")
def test_it_works_in_several_processes(tmp_path: Path) -> None:
    tests = """\
        import pytest

        @pytest.mark.responses_emulator(rate_limit=1)
        @pytest.mark.parametrize("_", range(4))
        def test_it(responses_emulator, _):
            assert responses_emulator.world.limits.requests == 1
    """
    done, last = run(tmp_path, tests, "--strict-markers", "-n", "2")
    assert last.startswith("4 passed"), done.stdout


def test_it_imports_nothing_but_pytest() -> None:
    [plugin] = [
        each
        for each in entry_points(group="pytest11")
        if each.value == pytest_plugin.__name__
    ]
    assert plugin.name == pytest_plugin.NAME
    code = (
        "import sys, pytest; before = set(sys.modules);"
        f"import {pytest_plugin.__name__};"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.split() == [
        "responses_emulator",
        "responses_emulator.pytest_plugin",
    ]


def test_a_run_that_asks_for_no_emulator_loads_none(tmp_path: Path) -> None:
    tests = """\
        import sys

        def test_it():
            ours = [name for name in sys.modules if name.startswith("responses_em")]
            assert len(ours) == 2, ours
    """
    done, last = run(tmp_path, tests)
    assert last.startswith("1 passed"), done.stdout
