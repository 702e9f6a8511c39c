# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Draw a picture from a description and save it.

Group: Tools the service runs
Auth: API key
Env: AZURE_OPENAI_API_IMAGE_KEY, AZURE_OPENAI_V1_API_IMAGE_ENDPOINT,
    AZURE_OPENAI_API_IMAGE_MODEL, AZURE_OPENAI_API_MODEL
Needs: a deployment of an image model, a preview
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses
"""

import base64
import os
from pathlib import Path

from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
IMAGE_MODEL = os.environ["AZURE_OPENAI_API_IMAGE_MODEL"]  # and the one that draws
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_IMAGE_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_IMAGE_ENDPOINT"],
)

response = client.responses.create(
    model=MODEL,
    tools=[{"type": "image_generation", "output_format": "png"}],
    input="Draw an otter that looks at the stars.",
    # The deployment that draws is named here, the one that talks in `model`.
    extra_headers={"x-ms-oai-image-generation-deployment": IMAGE_MODEL},
)

print(response.output_text)

path = None
for item in response.output:
    if item.type == "image_generation_call" and item.result:
        path = Path(f"{item.id}.png")
        path.write_bytes(base64.b64decode(item.result))
        print(f"Saved {path.absolute()}")

if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
if not path:
    raise SystemExit("The model drew no picture.")
