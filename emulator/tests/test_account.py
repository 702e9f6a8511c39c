"""The well-known account: what it deploys, and the variables that lead to it."""

import pytest

from responses_emulator.account import DEPLOYMENTS, deployment, environment

# A deployment as it is typed, its name, its model, and whether it serves batches.
TYPED = [
    ("mine", "mine", "gpt-6-luna", False),
    ("o1team", "o1team", "gpt-6-luna", False),
    ("gpt-5.1", "gpt-5.1", "gpt-5.1", False),
    ("mine=gpt-4.1-mini", "mine", "gpt-4.1-mini", False),
    ("gpt-5.1=o3", "gpt-5.1", "o3", False),
    ("pictures=gpt-image-2", "pictures", "gpt-image-2", False),
    ("mine=gpt-5.1:batch", "mine", "gpt-5.1", True),
]
WRONG = ["mine=gpt-9", "mine=gpt-40", "=gpt-4.1", "", "=", "mine=", "gpt-4.1="]
WRONG += [
    "mine=gpt-4.1:",
    "mine=gpt-4.1:x",
    "mine:batch",
    "gpt-4.1:batch",
    "a=b=gpt-4.1",
]


@pytest.mark.parametrize(("text", "name", "model", "is_batch"), TYPED)
def test_a_deployment_is_typed_as_a_name_and_a_model(
    text: str, name: str, model: str, is_batch: bool
) -> None:
    made = deployment(text)
    assert (made.name, made.model, made.is_batch) == (name, model, is_batch)
    assert made.family.draws is ("image" in model)


@pytest.mark.parametrize("text", WRONG)
def test_what_is_no_deployment_is_said_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="such as gpt-6-luna") as error:
        deployment(text)
    assert str(error.value).startswith(f"--deployment {text}: expected NAME, ")


def test_an_environment_has_what_the_samples_read() -> None:
    variables = environment("http://127.0.0.1:1")
    assert variables == {
        "AZURE_OPENAI_API_KEY": "azure-openai-emulator-key",
        "AZURE_OPENAI_API_ENDPOINT": "http://127.0.0.1:1",
        "AZURE_OPENAI_V1_API_ENDPOINT": "http://127.0.0.1:1/openai/v1/",
        "AZURE_OPENAI_API_MODEL": "gpt-6-luna",
        "AZURE_OPENAI_API_BATCH_MODEL": "gpt-6-luna-batch",
        "AZURE_OPENAI_API_FLEX_MODEL": "gpt-5.6-sol",
        "AZURE_OPENAI_API_VERSION": "2025-04-01-preview",
        "AZURE_OPENAI_API_IMAGE_MODEL": "gpt-image-2.5-flare",
        "OPENAI_WEBHOOK_SECRET": "whsec_YXp1cmUtb3BlbmFpLWVtdWxhdG9yLXdlYmhvb2s=",
        "WEBHOOK_URL": "http://127.0.0.1:8000/",
        "MCP_SERVER_URL": "http://127.0.0.1:1/mcp",
        "MCP_API_KEY": "azure-openai-emulator-mcp-key",
        "IDENTITY_ENDPOINT": "http://127.0.0.1:1/msi/token",
        "IDENTITY_HEADER": "azure-openai-emulator-identity",
        "AZURE_TOKEN_CREDENTIALS": "ManagedIdentityCredential",
    }
    names = {each.name for each in DEPLOYMENTS}
    assert {value for name, value in variables.items() if "_MODEL" in name} <= names
