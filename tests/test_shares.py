"""The tests of a run are shared out so that none is lost and the longest come first."""

from pathlib import Path

import pytest

from tests.collection import ROOT
from tests.shares import LONGEST, ONE_BY_ONE, place, share

pytest_plugins = "pytester"

FOLDERS = (ROOT / "tests", ROOT / "long_tests", ROOT / "emulator" / "tests")


@pytest.mark.parametrize(
    ("test", "goes_with"),
    [
        ("tests/test_x.py::test_y", "tests/test_x.py"),
        ("tests/test_x.py::test_y[a/b::c.py]", "tests/test_x.py"),
        ("long_tests/browser/test_x.py::test_y[a]", "browser"),
        (f"tests/{ONE_BY_ONE}::test_y[a]", f"tests/{ONE_BY_ONE}::test_y[a]"),
    ],
)
def test_a_test_goes_with_its_folder_or_its_file_or_alone(
    test: str, goes_with: str
) -> None:
    assert share(test) == goes_with


def test_what_takes_longest_comes_first() -> None:
    browser, short = Path("long_tests/browser/test_page.py"), Path("tests/test_x.py")

    assert place(browser) < place(Path("long_tests/faults") / ONE_BY_ONE) < place(short)


def test_all_that_is_named_is_there() -> None:
    there = {path.name for folder in FOLDERS for path in folder.rglob("*")}

    assert {*LONGEST} <= there


def test_in_workers_every_test_runs_once_and_those_of_a_file_together(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    tests = """
        import pytest

        @pytest.mark.parametrize("number", range(6))
        def test_it(number, request):
            worker = request.config.workerinput["workerid"]
            with open(f"{request.path.stem}.txt", "a") as file:
                file.write(f"{number} {worker}\\n")
    """
    names = ("test_one", "test_two", Path(ONE_BY_ONE).stem)
    pytester.makepyfile(**dict.fromkeys(names, tests))
    plugins = ("-p", "xdist.plugin", "-p", "tests.shares")

    result = pytester.runpytest_subprocess(*plugins, "-n", "2")

    result.assert_outcomes(passed=18)
    ran: dict[str, list[list[str]]] = {}
    for name in names:
        lines = (pytester.path / f"{name}.txt").read_text("utf-8").splitlines()
        ran[name] = [line.split() for line in lines]
    for lines in ran.values():
        assert sorted(number for number, _ in lines) == list("012345")
    assert len({worker for _, worker in ran["test_one"]}) == 1
    assert len({worker for _, worker in ran["test_two"]}) == 1
