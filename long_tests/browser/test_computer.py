"""The sample of computer use, with a real browser on its real page."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from long_tests.browser.conftest import PATIENCE
from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.commands.surroundings import surroundings_of_a_script
from responses_emulator.core import Emulator
from tests.collection import FOLDER

SAMPLE = FOLDER / "responses-computer-aoai-v1.py"


def test_the_model_searches_on_the_page_and_sees_what_came_of_it(
    tmp_path: Path,
) -> None:
    emulator = Emulator(journal=True)
    with serving(App(emulator)) as url:
        done = subprocess.run(
            [sys.executable, SAMPLE],
            env=surroundings_of_a_script(url, os.environ),
            cwd=tmp_path,
            input="",
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    if done.stderr.startswith("No browser: "):
        pytest.skip(done.stderr.strip())

    assert done.returncode == 0, done.stderr
    assert "I searched for “Otters in Space”" in done.stdout
    pictures = [
        item["output"]["image_url"]
        for request in emulator.requests
        for item in request.json["input"]
        if isinstance(item, dict)
    ]
    assert len(pictures) == 3
    # Typed and entered, the page looks otherwise; nothing changes while it waits.
    assert pictures[0] != pictures[1] == pictures[2]
