"""The emulator's well-known account: its key, its deployments, its variables.

Everything here is public on purpose. The key opens nothing but an emulator.
"""

from typing import NamedTuple

from responses_emulator.families import EXAMPLES, Family, family

KEY = "azure-openai-emulator-key"
IDENTITY_HEADER = "azure-openai-emulator-identity"
# Of every webhook endpoint: whoever receives its events can know it beforehand.
WEBHOOK_SECRET = "whsec_YXp1cmUtb3BlbmFpLWVtdWxhdG9yLXdlYmhvb2s="
WEBHOOK_URL = "http://127.0.0.1:8000/"  # where the sample that receives events listens
MCP_KEY = "azure-openai-emulator-mcp-key"  # of the MCP server that is built in
MCP_PATH = "/mcp"
API_VERSION = "2025-04-01-preview"
TOKEN_PATH = "/msi/token"  # where App Service apps ask for a token


class Deployment(NamedTuple):
    """A name that requests use as `model`, and the model behind it."""

    name: str
    model: str
    family: Family
    is_batch: bool = False  # of the type Global-Batch: it serves batches and no others


MOST_LETTERS = 100  # of a deployment's name; Azure's own have at most 64


def deployment(text: str) -> Deployment:
    """The deployment that `NAME`, `NAME=MODEL` or `NAME=MODEL:batch` describes.

    A name that is a model's stands for that model, any other for the default one.
    Raises ValueError.
    """
    name, equals, model = text.partition("=")
    model, colon, kind = model.partition(":")
    known = family(model if equals else name)
    if name and (not name.isprintable() or " " in name or len(name) > MOST_LETTERS):
        raise ValueError(
            f"--deployment {text[:MOST_LETTERS]!r}: a deployment's name has no spaces, "
            f"and at most {MOST_LETTERS} characters."
        )
    if name and ":" not in name:
        if known and (kind == "batch" if colon else True):
            return Deployment(name, model or name, known, is_batch=bool(colon))
        if not equals:
            return deployment(f"{name}={MODEL}")
    raise ValueError(
        f"--deployment {text}: expected NAME, NAME=MODEL or NAME=MODEL:batch, with a "
        f"model of Azure's such as {EXAMPLES}."
    )


MODEL = "gpt-6-luna"
IMAGE_MODEL = "gpt-image-2.5-flare"
BATCH_MODEL = "gpt-6-luna-batch"
FLEX_MODEL = "gpt-5.6-sol"
DEPLOYMENTS = tuple(
    deployment(name)
    for name in (
        MODEL,
        "gpt-5.4-mini",
        FLEX_MODEL,
        "gpt-5-mini",  # Azure retires it on 6 February 2027
        IMAGE_MODEL,
        f"{BATCH_MODEL}={MODEL}:batch",
    )
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
        "AZURE_OPENAI_API_BATCH_MODEL": BATCH_MODEL,
        "AZURE_OPENAI_API_FLEX_MODEL": FLEX_MODEL,
        "AZURE_OPENAI_API_VERSION": API_VERSION,
        "AZURE_OPENAI_API_IMAGE_MODEL": IMAGE_MODEL,
        "OPENAI_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "WEBHOOK_URL": WEBHOOK_URL,
        "MCP_SERVER_URL": f"{base_url}{MCP_PATH}",
        "MCP_API_KEY": MCP_KEY,
        "IDENTITY_ENDPOINT": f"{base_url}{TOKEN_PATH}",
        "IDENTITY_HEADER": IDENTITY_HEADER,
        "AZURE_TOKEN_CREDENTIALS": "ManagedIdentityCredential",
    }
