# /// script
# requires-python = ">=3.11"
# dependencies = ["azure-identity>=1.27,<2", "openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Draw a picture from a description and save it.

Group: Tools the service runs
Auth: Microsoft Entra ID
Env: AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL, AZURE_OPENAI_API_IMAGE_MODEL
Needs: a preview: a deployment of an image model in the same resource
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses
"""

import base64
import os
import tempfile
from pathlib import Path

from azure.identity import DefaultAzureCredential, get_bearer_token_provider
from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
IMAGE_MODEL = os.environ["AZURE_OPENAI_API_IMAGE_MODEL"]  # and the one that draws
SCOPE = "https://cognitiveservices.azure.com/.default"  # what the token is for
client = OpenAI(
    api_key=get_bearer_token_provider(DefaultAzureCredential(), SCOPE),  # always fresh
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)


def save(name: str, picture: bytes) -> Path:
    """Write into the current folder or, where that is not allowed, a temporary one."""
    path = Path(name)
    try:
        path.write_bytes(picture)
    except OSError as error:
        print(f"The current folder cannot be written to: {error.strerror}")
        path = Path(tempfile.gettempdir()) / name
        path.write_bytes(picture)
    return path.absolute()


response = client.responses.create(
    model=MODEL,
    tools=[{"type": "image_generation", "output_format": "png"}],
    input="Draw an otter that looks at the stars.",
    # The deployment that draws is named here, the one that talks in `model`.
    extra_headers={"x-ms-oai-image-generation-deployment": IMAGE_MODEL},
)

if response.output_text:  # mostly there is a picture alone
    print(response.output_text)

saved = []
for item in response.output:
    if item.type == "image_generation_call" and item.result:
        path = save(f"{item.id}.png", base64.b64decode(item.result))
        print(f"Saved {path}")
        saved.append(path)

if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
if not saved:
    raise SystemExit("The model drew no picture.")
