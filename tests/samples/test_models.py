"""Every terminal sample with every model that is built in, thinking unasked or not."""

import pytest

from emulator.account import DEPLOYMENTS, MODEL
from tests.collection import NAMES

OTHERS = [
    each.name
    for each in DEPLOYMENTS
    if each.name != MODEL and not each.family.draws
]


@pytest.mark.parametrize("model", OTHERS)
@pytest.mark.parametrize("name", sorted(NAMES))
def test_the_sample_ends_well_with_every_model(name, model, finish, monkeypatch):
    monkeypatch.setenv("AZURE_OPENAI_API_MODEL", model)

    assert finish(name)
