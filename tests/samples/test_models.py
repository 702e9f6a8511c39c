"""Every terminal sample with a model that does not think unless it is asked to."""

import pytest

from responses_emulator.account import deployment
from tests.samples.test_every_sample import NAMES

MODEL = "gpt-5.4-mini"
# Only later models have what they show, or their deployment is another one.
FOR_OTHERS = ("flex", "multi-agent", "batch")


@pytest.mark.usefixtures("few_pieces")
@pytest.mark.parametrize(
    "name", [name for name in NAMES if not any(part in name for part in FOR_OTHERS)]
)
def test_the_sample_ends_well_without_a_thought(name, run, service, monkeypatch):
    monkeypatch.setenv("AZURE_OPENAI_API_MODEL", MODEL)

    result = run(name)

    assert result.error is None
    assert result.output
    assert service.created()
    for response in service.emulator.store.responses:
        asked = response.body["reasoning"]["effort"] != "none"
        kinds = {item["type"] for item in response.body["output"]}
        assert ("reasoning" in kinds) is asked


def test_the_model_does_not_think_unasked() -> None:
    assert deployment(MODEL).family.default_effort == "none"
