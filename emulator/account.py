"""The emulator's well-known account: its key, its deployments, its variables.

Everything here is public on purpose. The key opens nothing but an emulator.
"""

from typing import NamedTuple

KEY = "azure-openai-emulator-key"
IDENTITY_HEADER = "azure-openai-emulator-identity"
API_VERSION = "2025-04-01-preview"
TOKEN_PATH = "/msi/token"  # where App Service apps ask for a token


class Deployment(NamedTuple):
    """A name that requests use as `model`, and the kind of model behind it."""

    name: str
    model: str
    reasons: bool = False
    draws: bool = False  # an image model, reached through image_generation alone
    context_window: int = 272_000  # tokens of input


MODEL = "gpt-5-mini"
IMAGE_MODEL = "gpt-image-1.5"

DEPLOYMENTS = (
    Deployment(MODEL, MODEL, reasons=True),
    Deployment("gpt-4.1", "gpt-4.1", context_window=1_047_576),
    Deployment(IMAGE_MODEL, IMAGE_MODEL, draws=True),
)


def environment(base_url: str) -> dict[str, str]:
    """Every variable that a sample or `azure-identity` reads, for an emulator there.

    `base_url` is scheme, host and port without a slash: `http://127.0.0.1:8083`.
    """
    return {
        "AZURE_OPENAI_API_KEY": KEY,
        "AZURE_OPENAI_API_ENDPOINT": base_url,
        "AZURE_OPENAI_V1_API_ENDPOINT": f"{base_url}/openai/v1/",
        "AZURE_OPENAI_API_MODEL": MODEL,
        "AZURE_OPENAI_API_VERSION": API_VERSION,
        "AZURE_OPENAI_API_IMAGE_KEY": KEY,
        "AZURE_OPENAI_V1_API_IMAGE_ENDPOINT": f"{base_url}/openai/v1/",
        "AZURE_OPENAI_API_IMAGE_MODEL": IMAGE_MODEL,
        "IDENTITY_ENDPOINT": f"{base_url}{TOKEN_PATH}",
        "IDENTITY_HEADER": IDENTITY_HEADER,
        "AZURE_TOKEN_CREDENTIALS": "ManagedIdentityCredential",
    }
