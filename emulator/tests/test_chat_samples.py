"""All terminal samples with a scripted real model behind the emulator.

What they exchange is held against both contracts and the SDK's types at the end of the
run, as all that these tests exchange.
"""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.tests.chat_brain import Brain
from emulator.tests.chat_server import behind
from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.commands.surroundings import surroundings_of_a_script
from responses_emulator.core import Emulator
from tests.collection import APPS, FOLDER, SAMPLES
from tests.live import features

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("real model")]

NAMES = sorted(path.name for path in SAMPLES if path not in APPS)
SECONDS = 60
# What only a model that understands the question would do, or that caches prompts.
CONTENT = ("batch", "cache", "mcp-auth", "shell-hosted", "skills")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Brain() as brain:
        threading.Thread(target=brain.serve_forever, daemon=True).start()
        emulator = Emulator(model=behind(brain, parallel=4))
        with serving(App(emulator)) as url:
            yield url
        brain.shutdown()
        assert brain.asked


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_gets_its_answers_from_the_model(
    name: str, url: str, tmp_path: Path
) -> None:
    feature = features.of(name)
    done = subprocess.run(
        [sys.executable, str(FOLDER / name)],
        input=feature.typed,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=tmp_path,
        env=surroundings_of_a_script(url, os.environ),
        timeout=SECONDS,
        check=False,
    )
    if feature.missing and re.search(feature.missing, done.stderr, re.MULTILINE):
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    if features.feature_of(name) not in CONTENT:
        assert re.search(feature.prints, done.stdout), done.stdout
