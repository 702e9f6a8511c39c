"""The distilled files are what the script makes, and it tells when they are not."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from emulator.tests.contract import distil
from emulator.tests.contract.correct import corrections, stale

NAMES = [*distil.sources()]
LONGEST = 400_000  # bytes of all distilled files together


def said(capsys: pytest.CaptureFixture[str]) -> str:
    output, errors = capsys.readouterr()
    return output + errors


@pytest.fixture
def original(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that is, as far as the sources say, what `openai.json` is distilled from.

    What is distilled once more stays as it is, so that the file itself will do.
    """
    path = tmp_path / "original.json"
    path.write_text(distil.text_of("openai"), "utf-8", newline="\n")
    told = {name: dict(source) for name, source in distil.sources().items()}
    told["openai"]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    monkeypatch.setattr(distil, "sources", lambda: told)
    return path


@pytest.mark.parametrize("name", NAMES)
def test_each_file_says_where_it_is_from(name: str) -> None:
    source = distil.sources()[name]
    assert source["source"].startswith("https://")
    assert re.fullmatch(r"\d{4}-\d\d(-\d\d)?", source["date"])
    assert "MIT" in source["licence"]
    assert re.fullmatch(r"[0-9a-f]{64}", source["sha256"])


@pytest.mark.parametrize("name", NAMES)
def test_no_file_was_changed_by_hand(name: str) -> None:
    text = distil.text_of(name)
    told = distil.sources()[name]["distilled_sha256"]
    assert hashlib.sha256(text.encode()).hexdigest() == told


@pytest.mark.parametrize("name", NAMES)
def test_nothing_more_can_be_left_out(name: str) -> None:
    text = distil.text_of(name)
    assert distil.distil(text) == (name, text)


def test_the_files_are_small() -> None:
    assert sum(len(distil.text_of(name).encode()) for name in NAMES) < LONGEST


def test_lengths_patterns_and_ranges_are_kept() -> None:
    text = distil.text_of("openai")
    for keyword in ("minLength", "maxLength", "pattern", "minimum", "maxItems"):
        assert f'"{keyword}":' in text


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_file_is_an_error(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distil, "HERE", tmp_path)
    with pytest.raises(FileNotFoundError):
        distil.text_of(name)


def test_the_original_is_recognized(
    original: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert distil.main(["--check", str(original)]) == 0
    assert "openai.json is distilled from it" in said(capsys)


def test_another_version_is_told_apart_by_what_differs(
    original: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(original.read_text("utf-8"))
    schemas = document["components"]["schemas"]
    schemas["Reasoning"]["properties"]["speed"] = {"type": "string"}
    document["paths"]["/audio/speech"] = {"post": {}}
    del document["paths"]["/uploads"]
    original.write_text(json.dumps(document), "utf-8")

    assert distil.main(["--check", str(original)]) == 1

    told = said(capsys)
    assert "SHA-256 is" in told
    assert "openai.json lacks: /audio/speech\n" in told
    assert "openai.json has too much: /uploads" in told
    assert re.search(r"openai.json has otherwise: Reasoning\n", told)


def test_text_alone_makes_no_other_distilled_file(
    original: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor does an original that says the same of other features."""
    document = json.loads(original.read_text("utf-8"))
    document["components"]["schemas"]["Reasoning"]["description"] = "How it thinks."
    document["components"]["schemas"]["Speech"] = {"type": "object"}
    original.write_text(json.dumps(document), "utf-8")

    assert distil.main(["--check", str(original)]) == 1

    told = said(capsys)
    assert "SHA-256 is" in told
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize("content", ["", "no JSON", "{}", '{"info": {"title": "X"}}'])
def test_what_is_no_original_is_refused(
    tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "other.json"
    path.write_text(content)
    assert distil.main(["--check", str(path)]) == 2
    assert f"{path}: cannot be distilled: " in said(capsys)
    assert distil.main(["--check", str(tmp_path / "none.json")]) == 2


# Corrections


@pytest.mark.parametrize("name", ["azure", "openai"])
def test_every_correction_has_a_ground_and_is_needed(name: str) -> None:
    names = [correction["name"] for correction in corrections()[name]]
    assert len(names) == len(set(names))
    assert all(len(correction["ground"]) > 30 for correction in corrections()[name])
    assert [*stale(name)] == []
