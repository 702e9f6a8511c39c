"""All terminal samples with a scripted real model behind the emulator, over a socket.

They are run in this process, where the SDK is loaded once; the tour runs each in one of
its own. What they exchange is held against both contracts and the SDK's types at the
end of the run, as all that these tests exchange.
"""

import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from emulator.tests.model.chat_completions.chat_brain import Brain
from emulator.tests.model.chat_completions.chat_server import behind
from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.commands.surroundings import surroundings
from responses_emulator.core import Emulator
from tests.collection import APPS, FOLDER, SAMPLES
from tests.live import features
from tests.samples.conftest import started
from tests.samples.test_secrets import weather

pytestmark = pytest.mark.slow

NAMES = sorted(path.name for path in SAMPLES if path not in APPS)
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
    name: str,
    url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for variable, value in surroundings(url, os.environ).items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setattr(httpx2, "get", weather)  # what a sample asks of another host
    monkeypatch.chdir(tmp_path)
    feature = features.of(name)

    done = started(FOLDER / name, feature.typed, monkeypatch, capsys)

    if feature.missing and re.search(feature.missing, str(done.error), re.MULTILINE):
        pytest.skip(str(done.error))
    if done.error:
        raise done.error
    if features.feature_of(name) not in CONTENT:
        assert re.search(feature.prints, done.output), done.output
