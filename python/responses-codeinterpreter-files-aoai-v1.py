# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Let the model compute with your file, and download the file that it makes.

Group: Tools the service runs
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Needs: a fee for each session of the code interpreter
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#code-interpreter
"""

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
SALES = "region,amount\nnorth,120\nsouth,80\nnorth,40\n"
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

# A session in it is billed, and stays for 20 idle minutes: whatever happens, it goes.
with ExitStack() as cleanup:
    container = client.containers.create(name="Sales")
    cleanup.callback(client.containers.delete, container.id)
    client.containers.files.create(container.id, file=("sales.csv", SALES.encode()))

    response = client.responses.create(
        model=MODEL,
        tools=[{"type": "code_interpreter", "container": container.id}],
        input="Sum up the amounts in sales.csv by region. Save them as totals.csv.",
    )
    print(response.output_text)

    # The container is asked what is in it: the model need not cite what it made. Ids of
    # its files (cfile_...) mean nothing to client.files.
    for file in client.containers.files.list(container.id):
        if file.source != "assistant":
            continue
        content = client.containers.files.content.retrieve(
            file.id, container_id=container.id
        )
        # The model chose the path: no folder of it counts. Each file gets a new one, so
        # that nothing is overwritten, not even by another of the same name.
        path = Path(tempfile.mkdtemp()) / Path(file.path).name
        path.write_bytes(content.read())
        print(f"Saved {path}")

if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
