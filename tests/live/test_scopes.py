"""Which Entra ID scopes the resource takes: report, do not judge."""

import pytest

from tests.live.resource import Resource
from tests.live.scopes import SCOPES, probe


def test_the_scopes_are_reported(
    resource: Resource,
    scopes: list[tuple[str, str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in resource.variables.items():
        monkeypatch.setenv(name, value)  # azure-identity reads where to sign in
    base_url = resource.variables["AZURE_OPENAI_V1_API_ENDPOINT"]

    scopes += [(scope, *probe(base_url, scope)) for scope in SCOPES]
