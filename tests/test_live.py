"""`pytest --live`, shown to work against a served emulator as a service of its own."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from emulator.account import MODEL, environment
from emulator.adapters.app import App
from emulator.adapters.server import serving
from emulator.core import Emulator
from emulator.http import Reply, Request, json_reply
from tests.collection import ROOT
from tests.live.drift import CASES, Answer, ask_emulator, differences

PDF = "responses-pdfupload-aoai-v1"
Live = Callable[..., subprocess.CompletedProcess[str]]


def pytest_live(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "--live", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture
def live(tmp_path: Path) -> Live:
    def live(
        only: str, handle: Callable[[Request], Reply] | None = None, **changes: str
    ) -> subprocess.CompletedProcess[str]:
        """The chosen tests, against a service that `handle` is."""
        with serving(App(Emulator(), handle=handle)) as url:
            variables = environment(url) | changes
            file = tmp_path / "resource.env"
            file.write_text("".join(f"{k}={v}\n" for k, v in variables.items()))
            return pytest_live(f"--env={file}", "-k", only)

    return live


def test_it_says_what_it_will_do_and_reports_what_worked(live: Live) -> None:
    run = live(f"(basic and v1 and not stateless) or {PDF} or drift")

    assert run.returncode == 0, run.stdout + run.stderr
    assert f"deployment {MODEL}" in run.stdout
    assert "tokens of input" in run.stdout
    for name in ("basic-aoai-v1", "basic-entra-aoai-v1", "pdfupload-aoai-v1"):
        assert f"responses-{name}.py" in run.stdout
    assert run.stdout.count(" worked") == 3
    assert "\n0 differences\n" in run.stdout
    assert "4 passed" in run.stdout


def test_what_a_sample_leaves_on_the_service_fails_it(live: Live) -> None:
    emulator = Emulator()

    def keeps_files(request: Request) -> Reply:
        if request.method == "DELETE" and "/files/" in request.path:
            id = request.path.rpartition("/")[2]
            return json_reply({"id": id, "object": "file", "deleted": True})
        return emulator.handle(request)

    run = live(PDF, keeps_files)

    assert run.returncode == 1
    assert "failed  left behind: assistant-" in run.stdout


def test_what_the_service_refuses_is_named_with_its_error(live: Live) -> None:
    run = live("responses-basic-aoai-v1", AZURE_OPENAI_API_MODEL="no-such-name")

    assert run.returncode == 1
    assert "refused  Error code: 404" in run.stdout
    assert "The API deployment for this resource does not exist" in run.stdout


def test_a_sample_whose_variables_are_not_set_is_not_tried(live: Live) -> None:
    run = live("responses-basic-aoai", AZURE_OPENAI_API_ENDPOINT="")

    assert run.returncode == 0, run.stdout
    assert "not tried  not set: AZURE_OPENAI_API_ENDPOINT" in run.stdout
    assert "1 passed, 1 skipped" in run.stdout


def test_without_an_env_nothing_is_run(tmp_path: Path) -> None:
    run = pytest_live(f"--env={tmp_path / 'missing.env'}")

    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert "Copy .env.sample to .env" in run.stderr
    assert "passed" not in run.stdout


# The drift report


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_emulator_does_not_differ_from_another(case) -> None:
    answer = ask_emulator(case, MODEL, MODEL)

    assert answer.status in (200, 400, 401, 404)
    assert (answer.status == 200) == (CASES.index(case) < 6)
    assert differences(case, answer, ask_emulator(case, MODEL, MODEL)) == []


def found(live: Answer, ours: Answer) -> list[tuple[str, str]]:
    return [(each.severity, each.place) for each in differences(CASES[0], live, ours)]


def test_differences_are_told_by_severity_the_worst_first() -> None:
    ours = Answer(400, {"error": {"code": "a", "message": "x", "param": None}})
    live = Answer(400, {"error": {"code": "b", "message": "y", "param": None}, "n": 1})

    assert found(live, ours) == [
        ("critical", "$.error.code"),
        ("warning", "$.n"),
        ("info", "$.error.message"),
    ]
    assert found(live, replace(ours, status=404)) == [("critical", "status")]


def test_values_may_differ_but_types_may_not() -> None:
    ours = Answer(200, {"id": "a", "n": 1, "x": None, "list": [{"a": 1}]})
    live = Answer(200, {"id": "b", "n": 2.5, "x": {}, "list": [{"a": 2}, {"b": 1}]})

    assert found(live, ours) == [("info", "$.x")]
    text, number = Answer(200, {"n": "1"}), Answer(200, {"n": 1})
    assert found(text, number) == [("critical", "$.n")]


def test_the_order_of_events_matters_and_the_number_of_deltas_does_not() -> None:
    def stream(*kinds: str) -> Answer:
        return Answer(200, None, tuple({"type": kind} for kind in kinds))

    ours = stream("created", "delta", "delta", "done")

    assert found(stream("created", "delta", "done"), ours) == []
    assert found(stream("created", "done", "delta"), ours) == [("critical", "events")]
