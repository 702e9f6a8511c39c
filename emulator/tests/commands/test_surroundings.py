"""The environment that has a script's clients talk to an emulator, and to it alone."""

import pytest

from responses_emulator.account import environment
from responses_emulator.commands.surroundings import (
    surroundings,
    surroundings_of_a_script,
)

URL = "http://127.0.0.1:1"
# What bare `OpenAI()` and `AzureOpenAI()` read, and what keeps the rest at home.
BESIDE = {
    "OPENAI_API_KEY": "azure-openai-emulator-key",
    "OPENAI_BASE_URL": "http://127.0.0.1:1/openai/v1/",
    "AZURE_OPENAI_ENDPOINT": "http://127.0.0.1:1",
    "OPENAI_API_VERSION": "2025-04-01-preview",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "no_proxy": "127.0.0.1,localhost",
    "NO_PROXY": "127.0.0.1,localhost",
}


def test_what_is_set_is_all_that_leads_here() -> None:
    assert surroundings(URL, {}) == environment(URL) | BESIDE
    assert surroundings(URL, dict.fromkeys(BESIDE, "mine") | {"no_proxy": ""}) == (
        environment(URL)
        | BESIDE
        | {
            "no_proxy": "mine,127.0.0.1,localhost",
            "NO_PROXY": "mine,127.0.0.1,localhost",
        }
    )


@pytest.mark.parametrize(
    "name",
    [
        *("AZURE_CLIENT_ID", "AZURE_OPENAI_AD_TOKEN", "IDENTITY_SERVER_THUMBPRINT"),
        *("MSI_ENDPOINT", "MSI_SECRET", "OPENAI_ADMIN_KEY", "OPENAI_CUSTOM_HEADERS"),
        *("OPENAI_ORG_ID", "OPENAI_PROJECT_ID"),
    ],
)
def test_what_would_sign_in_elsewhere_is_left_out(name: str) -> None:
    given = {name: "real", "PATH": "/bin", f"{name}_OF_MINE": "kept"}
    kept = surroundings(URL, given)
    assert name not in kept
    assert (kept["PATH"], kept[f"{name}_OF_MINE"]) == ("/bin", "kept")
    assert name in given


def test_a_script_prints_at_once_and_in_any_letters() -> None:
    mine = {"PYTHONUNBUFFERED": "", "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    assert surroundings_of_a_script(URL, mine) == surroundings(URL, {}) | {
        "PYTHONIOENCODING": "utf-8",
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",
    }
