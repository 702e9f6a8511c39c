import json
import os
from pathlib import Path

import pytest

from emulator.commands.tour import Outcome, table, tour, visit
from emulator.observe import Counter

CALLS = """\
import os, urllib.error, urllib.request
try:
    urllib.request.urlopen(os.environ["AZURE_OPENAI_V1_API_ENDPOINT"] + "models")
except urllib.error.HTTPError:
    open("left_behind.txt", "w").close()
"""


def test_a_tour_visits_every_sample_and_fails_if_one_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    samples = {
        "responses-a-aoai-v1.py": CALLS,
        "responses-b-aoai-v1.py": "print('Hm.'); raise SystemExit('No answer.')",
        "responses-chat-gradio-aoai-v1.py": "raise SystemExit('not to be run')",
        "responses-conversation-aoai-v1.py": "assert input(); assert not input()",
        "helper.py": "raise SystemExit('not a sample')",
    }
    for name, text in samples.items():
        (tmp_path / name).write_text(text, "utf-8")
    record = tmp_path / "traffic.jsonl"

    assert tour(record=record, samples=tmp_path) == 1

    printed = capsys.readouterr().out
    progress, _, closing = printed.partition("\n\n")
    assert "[1/4] ok" in progress
    assert "      Hm.\n      No answer." in progress
    lines = closing.splitlines()
    assert [line.split()[:2] for line in lines[2:7]] == [
        ["responses-a-aoai-v1.py", "ok"],
        ["responses-b-aoai-v1.py", "failed"],
        ["No", "answer."],
        ["responses-chat-gradio-aoai-v1.py", "skipped"],
        ["waits", "for"],
    ]
    assert lines[2].split()[3] == "1"
    assert lines[-1] == "2 ok, 1 failed, 1 skipped."
    assert not Path("left_behind.txt").exists()
    assert json.loads(record.read_text("utf-8"))["url"] == "/openai/v1/models"


def test_a_sample_that_takes_too_long_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "responses-slow-aoai-v1.py"
    path.write_text("import time; time.sleep(30)", "utf-8")
    outcome = visit(path, dict(os.environ), Counter(), time_limit=0.1)
    assert outcome.result == "too slow"
    assert outcome.went_wrong


def test_a_folder_without_samples_is_said(tmp_path: Path) -> None:
    assert tour(samples=tmp_path) == 1


def test_the_table_fits_into_80_columns() -> None:
    name = "responses-pdfupload-base64-entra-aoai-v1.py"
    text = table([Outcome(name, "failed", 61.25, 12, "x" * 200)], token_requests=3)
    assert max(map(len, text.splitlines())) <= 80
    assert "3 requests for a token" in text
