"""The same requests to the live service and to the emulator: report, do not judge."""

from tests.live.drift import (
    CASES,
    Difference,
    ask_emulator,
    ask_live,
    differences,
)
from tests.live.resource import Resource


def test_drift_is_reported(resource: Resource, drift: list[Difference]) -> None:
    base_url = str(resource.client.base_url)
    headers = _credentials(resource)
    first = ask_live(base_url, headers, CASES[0], resource.model)
    assert first.status == 200, first.body

    for case in CASES:
        live = ask_live(base_url, {} if case.key else headers, case, resource.model)
        ours = ask_emulator(case, resource.model, first.body["model"])
        drift += differences(case, live, ours)


def _credentials(resource: Resource) -> dict[str, str]:
    """The header that the SDK would send."""
    key = resource.variables.get("AZURE_OPENAI_API_KEY")
    if key:
        return {"api-key": key}
    resource.client._refresh_api_key()
    return {"authorization": f"Bearer {resource.client.api_key}"}
