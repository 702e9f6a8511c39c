# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Upload a PDF, ask about it, and delete it.

Group: Pictures and files
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Reads: assets/employee_handbook.pdf
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#upload-pdf-and-analyze
"""

import os
from contextlib import ExitStack
from pathlib import Path

from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
HANDBOOK = Path(__file__).parent.parent / "assets" / "employee_handbook.pdf"
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

with ExitStack() as cleanup:  # a stored file costs money: it is deleted in any case
    file = client.files.create(file=HANDBOOK, purpose="assistants")
    cleanup.callback(client.files.delete, file.id)

    content: list = [
        {"type": "input_file", "file_id": file.id},
        {"type": "input_text", "text": "What are the company values?"},
    ]
    response = client.responses.create(
        model=MODEL, input=[{"role": "user", "content": content}]
    )

print(response.output_text)
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
