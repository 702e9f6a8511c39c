"""What runs in a process of its own is reported as if it had run here."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.apart import Apart
from tests.collection import ROOT

pytest_plugins = "pytester"

TESTS = """
    import os
    import pytest

    def test_that_passes():
        pass

    def test_that_fails():
        print("printed")
        assert 1 == 2

    def test_that_is_skipped():
        pytest.skip("for a reason")

    def test_that_crashes():
        os._exit(1)
"""
TEST_THAT_WAITS = """
    import time
    from pathlib import Path

    def test_that_waits():
        try:
            Path("begun").touch()
            for _ in range(600):  # a signal right before a sleep is heard after it
                time.sleep(0.1)
        finally:
            Path("cleaned-up").touch()
"""


@pytest.fixture
def items(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, request
) -> list[pytest.Item]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return pytester.getitems(request.param)


@pytest.fixture
def apart(items: list[pytest.Item]) -> Iterator[Apart]:
    apart = Apart(items, items[0].config)
    yield apart
    apart.end()


@pytest.mark.parametrize("items", [TESTS], indirect=True)
def test_each_outcome_is_told_and_nothing_that_is_missing_passes(apart, items):
    reports = [apart.reports_of(item) for item in items]

    assert [[(report.when, report.outcome) for report in each] for each in reports] == [
        [("setup", "passed"), ("call", "passed"), ("teardown", "passed")],
        [("setup", "passed"), ("call", "failed"), ("teardown", "passed")],
        [("setup", "passed"), ("call", "skipped"), ("teardown", "passed")],
        [("setup", "passed"), ("call", "failed")],
    ]
    [_, failed, _] = reports[1]
    assert "assert 1 == 2" in failed.longreprtext
    assert failed.capstdout == "printed\n"
    [_, skipped, _] = reports[2]
    path, line, reason = skipped.longrepr
    assert isinstance(skipped.longrepr, tuple), "pytest asserts that, too"
    assert (Path(path).suffix, line, reason) == (".py", 12, "Skipped: for a reason")
    assert "ended:" in reports[3][1].longreprtext


@pytest.mark.parametrize("items", [TEST_THAT_WAITS], indirect=True)
@pytest.mark.skipif(
    sys.platform == "win32", reason="to end a process there is not to interrupt it"
)
def test_to_end_it_is_to_interrupt_it(apart, pytester):
    while not (pytester.path / "begun").exists():
        assert apart.process.poll() is None
        time.sleep(0.01)

    apart.end()

    assert (pytester.path / "cleaned-up").exists()


def test_without_a_browser_its_tests_are_skipped_and_say_why():
    test = "tests/browser/test_stop.py::test_thoughts_can_be_stopped"
    run = subprocess.run(
        [sys.executable, "-m", "pytest", test],
        cwd=ROOT,
        env=os.environ | {"PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "1 skipped" in run.stdout
    assert "install Chromium" in run.stdout
