"""The tour for real: samples as processes of their own, and what they sent."""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from emulator.tests.contract.check import violations
from responses_emulator.commands.python import Python
from responses_emulator.commands.tour import tour
from tests.collection import ROOT
from tests.samples.test_wire_contract import LEAVES_A_STREAM, unfinished

SAMPLES = ROOT / "python"
HANDFUL = (
    "responses-basic-entra-aoai-v1.py",
    "responses-conversation-aoai-v1.py",
    "responses-mcp-mslearn-gradio-aoai-v1.py",
    "responses-stream-sse-aoai.py",
)
Traffic = list[dict[str, object]]


@pytest.fixture
def toured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[[Path], Traffic]:
    """A tour on which every sample ends well, and the exchanges that it records."""

    def toured(samples: Path) -> Traffic:
        record = tmp_path / "traffic.jsonl"
        status = tour(samples, python=Python(sys.executable, "this"), record=record)
        assert status == 0, capsys.readouterr().out
        lines = record.read_bytes().splitlines()
        return [orjson.loads(line) for line in lines]

    return toured


def test_samples_of_each_kind_end_well(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    toured: Callable[[Path], Traffic],
) -> None:
    samples = tmp_path / "python"
    samples.mkdir()
    shutil.copytree(SAMPLES.parent / "assets", tmp_path / "assets")
    for name in HANDFUL:
        shutil.copy(SAMPLES / name, samples)

    traffic = toured(samples)

    rows = capsys.readouterr().out.partition("\n\n")[2].splitlines()[2:6]
    assert [row.split()[0] for row in rows] == list(HANDFUL)
    assert [row.split()[-1] for row in rows] == ["1", "2", "1", "1"]
    assert len(traffic) == 5
    assert not [exchange for exchange in traffic if "aborted" in exchange]
    assert violations(traffic) == []


@pytest.mark.slow
def test_every_sample_ends_well_and_keeps_to_both_published_contracts(
    toured: Callable[[Path], Traffic],
) -> None:
    traffic = toured(SAMPLES)
    assert len(traffic) >= len([*SAMPLES.glob("responses-*.py")])
    assert violations(traffic) == []
    assert len(unfinished(traffic)) == len(LEAVES_A_STREAM)
