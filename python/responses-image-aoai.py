# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Ask about a picture on your disk.

Group: Pictures and files
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_API_ENDPOINT, AZURE_OPENAI_API_VERSION,
    AZURE_OPENAI_API_MODEL
Reads: assets/book_cover.jpg
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#base64-encoded-image
"""

import base64
import mimetypes
import os
from pathlib import Path

from dotenv import load_dotenv
from openai import AzureOpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
PICTURE = Path(__file__).parent.parent / "assets" / "book_cover.jpg"
client = AzureOpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    azure_endpoint=os.environ["AZURE_OPENAI_API_ENDPOINT"],
    api_version=os.environ["AZURE_OPENAI_API_VERSION"],
)

media_type, _ = mimetypes.guess_type(PICTURE)
data = base64.b64encode(PICTURE.read_bytes()).decode()
url = f"data:{media_type};base64,{data}"
content: list = [
    {"type": "input_text", "text": "What is on this book cover?"},
    {"type": "input_image", "image_url": url, "detail": "auto"},
]

response = client.responses.create(
    model=MODEL, input=[{"role": "user", "content": content}]
)

print(response.output_text)
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
