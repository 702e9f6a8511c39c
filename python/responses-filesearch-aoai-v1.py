# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Answer a question from a PDF in a vector store and name the files it cites.

Group: Tools the service runs
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Reads: assets/employee_handbook.pdf
Needs: a fee for what the vector store holds
Docs: https://learn.microsoft.com/azure/ai-foundry/openai/latest
"""

import os
import time
from contextlib import ExitStack
from pathlib import Path

from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
HANDBOOK = Path(__file__).parent.parent / "assets" / "employee_handbook.pdf"
MAX_SECONDS = 120  # how long indexing may take
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

# Stored files cost money: whatever happens below, the callbacks registered here
# run when the block ends, newest first.
with ExitStack() as cleanup:
    file = client.files.create(file=HANDBOOK, purpose="assistants")
    cleanup.callback(client.files.delete, file.id)

    vector_store = client.vector_stores.create(
        name="Employee handbook",
        expires_after={"anchor": "last_active_at", "days": 1},  # if not deleted
    )
    cleanup.callback(client.vector_stores.delete, vector_store.id)

    indexed = client.vector_stores.files.create(vector_store.id, file_id=file.id)
    start = time.monotonic()
    while indexed.status == "in_progress":
        waited = time.monotonic() - start
        print(f"{waited:5.1f} s  indexing {file.filename}", flush=True)
        if waited > MAX_SECONDS:
            break
        time.sleep(1)
        indexed = client.vector_stores.files.retrieve(
            file.id, vector_store_id=vector_store.id
        )
    if indexed.status != "completed":
        raise SystemExit(f"Indexing {indexed.status}: {indexed.last_error}")

    response = client.responses.create(
        model=MODEL,
        tools=[{"type": "file_search", "vector_store_ids": [vector_store.id]}],
        input="What are the company values?",
    )

    print(response.output_text)

    cited = {
        annotation.filename
        for item in response.output
        if item.type == "message"
        for part in item.content
        if part.type == "output_text"
        for annotation in part.annotations
        if annotation.type == "file_citation"
    }
    print("Cited:", ", ".join(sorted(cited)) or "nothing")
    if response.status != "completed":  # cut off or failed: nothing was raised
        raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
