"""What a run asks emulators is judged at its end, however many processes it has."""

import os
from pathlib import Path

import pytest

from emulator.tests.all_traffic import AZURE_OMITS, misfit_places, values
from emulator.tests.contract.distil import recorded
from emulator.tests.traffic import Traffic
from responses_emulator.http import Reply, Request
from responses_emulator.observers.observe import observe
from tests.collection import ROOT

pytest_plugins = "pytester"

TESTS = """
    import os
    import pytest
    from responses_emulator.account import KEY
    from responses_emulator.core import Emulator
    from responses_emulator.http import Request, json_reply
    from emulator.tests import traffic

    def ask_for(path):
        return Emulator().handle(Request("GET", path, {"api-key": KEY}))

    def test_that_keeps_to_the_contracts(matrix):
        assert ask_for("/openai/v1/models").status == 200
        matrix({"one cell": "recovered", "another": "clear"})

    def test_that_breaks_them(matrix, monkeypatch):
        reply = json_reply({"object": "model", "id": 1})
        monkeypatch.setattr(traffic, "handle", lambda *_: reply)
        assert ask_for("/openai/v1/models/gpt-6-luna").status == 200
        matrix({"a cell in another process": "clear"})
"""
CRASHES = """
    @pytest.mark.parametrize("_", range(6))  # so that the others come first
    def test_that_takes_its_turn(_):
        pass

    def test_that_crashes():
        os._exit(1)
"""
TOLD = [
    "*ERROR at teardown of test_that_breaks_them*",
    "azure: GET /models/{model}  reply  $.id  type: *",
    "the SDK's types: /openai/v1/models/gpt-6-luna: id",
    "3 cells: 1 recovered, 0 told, 2 clear, 0 bad",
]
PLUGINS = ("xdist.plugin", "emulator.tests.traffic", "tests.matrix")


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """Run tests of its own, with what the suite registers and nothing else."""
    found_here = [str(ROOT), str(ROOT / "emulator" / "src")]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(found_here))
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(tests: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(test_it=tests)
        plugins = [part for plugin in PLUGINS for part in ("-p", plugin)]
        return pytester.runpytest_subprocess(*plugins, *options)

    return run


def test_what_breaks_a_contract_is_an_error_of_its_test(run):
    result = run(TESTS)

    result.assert_outcomes(passed=2, errors=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(TOLD)
    result.stdout.no_fnmatch_line("*test_that_keeps_to_the_contracts*")


def test_workers_tell_the_same_and_one_that_leaves_no_account_fails_the_run(run):
    result = run(TESTS + CRASHES, "-n", "2")

    result.assert_outcomes(passed=8, failed=1, errors=2)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(TOLD)
    result.stdout.re_match_lines(
        ["FAILED .*test_that_crashes", "ERROR traffic of gw[0-9] - The file is missing"]
    )


def test_of_a_file_only_the_begin_is_written_down(tmp_path: Path) -> None:
    traffic = Traffic(tmp_path / "traffic.jsonl")
    reply = Reply(200, {"content-type": "application/octet-stream"}, bytes(10**6))
    request = Request("GET", "/openai/v1/files/file-1/content")
    observe(lambda _: reply, traffic)(request)
    traffic.end(whole=False)

    assert 0 < (tmp_path / "traffic.jsonl").stat().st_size < 20_000


def test_azures_own_replies_break_the_sdk_types_in_one_place() -> None:
    found: set[str] = set()
    for exchange in recorded():
        if exchange["status"] < 300:
            type = exchange["response_headers"]["Content-Type"]
            for value in values(type, exchange["response_body"]):
                found.update(misfit_places(value, exchange["url"]))
    assert {fault.removeprefix("response.") for fault in found} == {AZURE_OMITS}
