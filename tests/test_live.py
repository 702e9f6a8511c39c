"""`pytest --live`, shown to work against a served emulator as a service of its own."""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from responses_emulator.account import MODEL, environment
from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.auth import AUDIENCES
from responses_emulator.core import Emulator
from responses_emulator.errors import wrong_token
from responses_emulator.http import Reply, Request, json_reply
from tests.collection import ROOT, SAMPLES
from tests.live.drift import CASES, Answer, ask_emulator, differences
from tests.live.features import FEATURES, Feature, feature_of
from tests.live.report import Result, rows
from tests.live.test_samples import verdict

PDF = "responses-pdfupload-aoai-v1"
Ended = subprocess.CompletedProcess[str]
Live = Callable[..., Ended]


@pytest.fixture
def pytest_live(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Live:
    """`pytest --live`, run within this process, which has imported all that it needs.

    Each sample is a process of its own all the same.
    """

    def pytest_live(*arguments: str) -> Ended:
        monkeypatch.chdir(ROOT)
        status = pytest.main(["--live", "-pno:cacheprovider", *arguments])
        return subprocess.CompletedProcess(arguments, status, *capsys.readouterr())

    return pytest_live


@pytest.fixture
def live(tmp_path: Path, pytest_live: Live) -> Live:
    def live(
        only: str, handle: Callable[[Request], Reply] | None = None, **changes: str
    ) -> Ended:
        """The chosen tests, against a service that `handle` is."""
        with serving(App(Emulator(), handle=handle)) as url:
            variables = environment(url) | changes
            file = tmp_path / "resource.env"
            file.write_text("".join(f"{k}={v}\n" for k, v in variables.items()))
            return pytest_live(f"--env={file}", "-k", only)

    return live


def test_it_says_what_it_will_do_and_reports_what_worked(live: Live) -> None:
    basic = "(basic and v1 and not stateless and not async)"
    run = live(f"{basic} or {PDF} or drift or codeinterpreter-aoai or gradio-v1")

    assert run.returncode == 0, run.stdout + run.stderr
    assert f"deployment {MODEL}" in run.stdout
    assert re.search(r"ask for about \d\d+ responses", run.stdout)
    assert re.search(r"^\* codeinterpreter: a fee", run.stdout, re.MULTILINE)
    assert re.search(r"^  filesearch: a fee", run.stdout, re.MULTILINE)
    assert "are told y: computer, mcp-approval, shell-local.\n" in run.stdout
    assert re.search(r"^basic +worked +v1, v1 Entra$", run.stdout, re.MULTILINE)
    assert re.search(r"^pdfupload +worked +v1$", run.stdout, re.MULTILINE)
    assert "\n0 differences\n" in run.stdout
    assert "codeinterpreter  " in run.stdout
    assert "not tried  v1 (a fee for each session: add --costly)" in run.stdout
    assert "not tried  v1 (a page: start it and chat)" in run.stdout
    assert "4 passed, 2 skipped" in run.stdout


@pytest.mark.parametrize("refuses", AUDIENCES)
def test_it_tells_which_scopes_the_resource_takes(live: Live, refuses: str) -> None:
    emulator = Emulator()

    def handle(request: Request) -> Reply:
        token = request.headers.get("authorization", "").partition(" ")[2]
        if token.count(".") == 2 and audience_of(token) == refuses:
            error = wrong_token()
            return json_reply(error.body, error.status)
        return emulator.handle(request)

    run = live("scopes", handle, AZURE_OPENAI_API_KEY="")

    assert run.returncode == 0, run.stdout
    for audience in AUDIENCES:
        result = "refused  401: " if audience == refuses else "taken"
        line = rf"^{re.escape(audience)}/\.default +{result}"
        assert re.search(line, run.stdout, re.MULTILINE), run.stdout


def audience_of(token: str) -> str:
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))["aud"]


def test_what_a_sample_leaves_fails_it_and_one_that_lacks_a_variable_is_not_tried(
    live: Live,
) -> None:
    emulator = Emulator()

    def keeps_files(request: Request) -> Reply:
        if request.method == "DELETE" and "/files/" in request.path:
            id = request.path.rpartition("/")[2]
            return json_reply({"id": id, "object": "file", "deleted": True})
        return emulator.handle(request)

    only = f"{PDF} or responses-basic-aoai"
    run = live(only, keeps_files, AZURE_OPENAI_API_ENDPOINT="")

    assert run.returncode == 1
    assert re.search(r"failed +v1 \(left behind: assistant-", run.stdout)
    row = (
        r"partly +worked: v1; not tried: legacy \(not set: AZURE_OPENAI_API_ENDPOINT\)"
    )
    assert re.search(row, run.stdout)
    assert "1 failed, 1 passed, 1 skipped" in run.stdout


def test_what_the_service_refuses_is_named_with_its_error(live: Live) -> None:
    run = live("responses-basic-aoai-v1", AZURE_OPENAI_API_MODEL="no-such-name")

    assert run.returncode == 1
    assert "refused  v1 (Error code: 404" in run.stdout
    assert "The API deployment for this resource does not exist" in run.stdout


def test_without_an_env_nothing_is_run(tmp_path: Path) -> None:
    """As it is typed: in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "--live", f"--env={tmp_path / 'missing.env'}"],
        cwd=ROOT,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )

    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert "Copy .env.sample to .env" in run.stderr
    assert "passed" not in run.stdout


# How a sample ended


def ended(returncode: int, stdout: str = "", stderr: str = "") -> Any:
    return subprocess.CompletedProcess([], returncode, stdout, stderr)


NOT_HERE = "openai.NotFoundError: Error code: 404 - {'error': {}}"


def test_what_a_sample_says_that_it_needs_may_be_lacking() -> None:
    image, basic = "responses-image-generate-aoai-v1.py", "responses-basic-aoai-v1.py"

    result, why = verdict(image, ended(1, stderr=NOT_HERE), set())
    assert result == "lacking"
    assert why.startswith("needs a preview: ")
    assert "Error code: 404" in why
    assert verdict(basic, ended(1, stderr=NOT_HERE), set())[0] == "refused"
    unauthorized = NOT_HERE.replace("404", "401")
    assert verdict(image, ended(1, stderr=unauthorized), set())[0] == "refused"
    assert verdict(image, ended(1, stderr=NOT_HERE), {"file-1"})[0] == "failed"
    shut = NOT_HERE.replace("NotFoundError", "APIStatusError").replace("404", "424")
    mcp = "responses-mcp-auth-entra-aoai-v1.py"
    assert verdict(mcp, ended(1, stderr=shut), set())[0] == "lacking"
    assert verdict(image, ended(1, stderr="KeyError: 'x'"), set())[0] == "failed"


def test_what_this_machine_lacks_is_no_failure(monkeypatch) -> None:
    monkeypatch.setitem(FEATURES, "basic", Feature(missing="install Chromium"))
    name = "responses-basic-aoai-v1.py"

    said = ended(1, stderr="No browser: install Chromium, for example")
    assert verdict(name, said, set())[0] == "not tried"
    assert verdict(name, ended(1, stderr="Something else"), set())[0] == "failed"


def test_a_batch_that_goes_on_is_no_failure_and_what_it_keeps_is_named() -> None:
    name = "responses-batch-aoai-v1.py"

    said = ended(1, stderr="Unfinished: in_progress. Run this again to wait on.")
    result, why = verdict(name, said, {"batch_1", "file-1"})
    assert result == "not tried"
    assert why.startswith("left behind: batch_1, file-1; Unfinished: in_progress")
    assert verdict(name, ended(1, stderr="Unfinished: failed"), set())[0] == "failed"


def test_a_feature_is_a_row_with_all_its_variants() -> None:
    names = [
        "responses-basic-aoai.py",
        "responses-basic-entra-aoai-v1.py",
        "responses-basic-aoai-v1.py",
        "responses-pdfupload-aoai-entra-v1.py",
        "responses-mcp-aoai-v1.py",
        "responses-mcp-entra-aoai-v1.py",
    ]
    ends = [
        ("worked", ""),
        ("not tried", "not set: X"),
        ("worked", ""),
        ("failed", "why"),
        ("refused", "no"),
        ("refused", "no"),
    ]
    results = [Result(name, *end) for name, end in zip(names, ends, strict=True)]

    assert list(rows(results)) == [
        ("basic", "partly", "worked: v1, legacy; not tried: v1 Entra (not set: X)"),
        ("mcp", "refused", "v1, v1 Entra (no)"),
        ("pdfupload", "failed", "v1 Entra (why)"),
    ]


def test_every_row_of_the_table_has_samples() -> None:
    assert set(FEATURES) <= {feature_of(path.name) for path in SAMPLES}


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
