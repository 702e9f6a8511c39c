"""The emulator's well-known account: its key, its deployments, its variables.

Everything here is public on purpose. The key opens nothing but an emulator.
"""

import re
from typing import NamedTuple

KEY = "azure-openai-emulator-key"
IDENTITY_HEADER = "azure-openai-emulator-identity"
# Of every webhook endpoint: whoever receives its events can know it beforehand.
WEBHOOK_SECRET = "whsec_YXp1cmUtb3BlbmFpLWVtdWxhdG9yLXdlYmhvb2s="
WEBHOOK_URL = "http://127.0.0.1:8000/"  # where the sample that receives events listens
API_VERSION = "2025-04-01-preview"
TOKEN_PATH = "/msi/token"  # where App Service apps ask for a token


class Deployment(NamedTuple):
    """A name that requests use as `model`, and the kind of model behind it."""

    name: str
    model: str
    reasons: bool = False
    draws: bool = False  # an image model, reached through image_generation alone
    context_window: int = 272_000  # tokens of input


# What is known of a model by how its name begins: the first that fits.
FAMILIES: tuple[tuple[str, Deployment], ...] = (
    ("gpt-image", Deployment("", "", draws=True)),
    ("gpt-4.1", Deployment("", "", context_window=1_047_576)),
    ("gpt-4o", Deployment("", "", context_window=128_000)),
    ("gpt-5-chat", Deployment("", "", context_window=128_000)),
    ("gpt-5", Deployment("", "", reasons=True)),
    ("gpt-6", Deployment("", "", reasons=True)),
    ("o1", Deployment("", "", reasons=True, context_window=200_000)),
    ("o3", Deployment("", "", reasons=True, context_window=200_000)),
    ("o4", Deployment("", "", reasons=True, context_window=200_000)),
)

MODEL = "gpt-5-mini"
IMAGE_MODEL = "gpt-image-1.5"

DEPLOYMENTS = (
    Deployment(MODEL, MODEL, reasons=True),
    Deployment("gpt-4.1", "gpt-4.1", context_window=1_047_576),
    Deployment(IMAGE_MODEL, IMAGE_MODEL, draws=True),
)


def deployment(text: str) -> Deployment:
    """The deployment that `NAME` or `NAME=MODEL` describes. Raises ValueError.

    A name that is a model's stands for that model, any other for the default one.
    """
    name, _, model = text.partition("=")
    for begin, family in FAMILIES:
        if name and re.match(rf"{re.escape(begin)}(?![a-z0-9])", model or name):
            return family._replace(name=name, model=model or name)
    if name and not model:
        return DEPLOYMENTS[0]._replace(name=name)
    families = ", ".join(begin for begin, _ in FAMILIES)
    raise ValueError(
        f"--deployment {text}: expected NAME or NAME=MODEL, with a model of these "
        f"families: {families}."
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
        "OPENAI_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "WEBHOOK_URL": WEBHOOK_URL,
        "IDENTITY_ENDPOINT": f"{base_url}{TOKEN_PATH}",
        "IDENTITY_HEADER": IDENTITY_HEADER,
        "AZURE_TOKEN_CREDENTIALS": "ManagedIdentityCredential",
    }
