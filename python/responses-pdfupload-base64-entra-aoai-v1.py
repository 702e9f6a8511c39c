# /// script
# requires-python = ">=3.11"
# dependencies = ["azure-identity>=1.27,<2", "openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Ask about a PDF that is sent along with the question.

Group: Pictures and files
Auth: Microsoft Entra ID
Env: AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Reads: assets/employee_handbook.pdf
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#convert-pdf-to-base64-and-analyze
"""

import base64
import os
from pathlib import Path

from azure.identity import DefaultAzureCredential, get_bearer_token_provider
from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
SCOPE = "https://cognitiveservices.azure.com/.default"  # what the token is for
HANDBOOK = Path(__file__).parent.parent / "assets" / "employee_handbook.pdf"
client = OpenAI(
    api_key=get_bearer_token_provider(DefaultAzureCredential(), SCOPE),  # always fresh
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

pdf = base64.b64encode(HANDBOOK.read_bytes()).decode()
url = f"data:application/pdf;base64,{pdf}"
content: list = [
    {"type": "input_file", "filename": HANDBOOK.name, "file_data": url},
    {"type": "input_text", "text": "What are the company values?"},
]

response = client.responses.create(
    model=MODEL, input=[{"role": "user", "content": content}]
)

print(response.output_text)
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
