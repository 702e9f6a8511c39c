# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Ask about a picture on the web.

Group: Pictures and files
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_API_ENDPOINT, AZURE_OPENAI_API_VERSION,
    AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#image-url
"""

import os

from dotenv import load_dotenv
from openai import AzureOpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
IMAGE_URL = (
    "https://learn.microsoft.com/azure/ai-services/computer-vision/media/quickstarts/"
    "presentation.png"
)
client = AzureOpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    azure_endpoint=os.environ["AZURE_OPENAI_API_ENDPOINT"],
    api_version=os.environ["AZURE_OPENAI_API_VERSION"],
)

content: list = [
    {"type": "input_text", "text": "Describe this picture."},
    {"type": "input_image", "image_url": IMAGE_URL, "detail": "auto"},
]

response = client.responses.create(
    model=MODEL, input=[{"role": "user", "content": content}]
)

print(response.output_text)
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
