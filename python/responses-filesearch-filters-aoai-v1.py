# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Search only the files with the right attributes, and see what was found.

Group: Tools the service runs
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Needs: a fee for what the vector store holds
Docs: https://learn.microsoft.com/azure/ai-foundry/openai/latest
"""

import os
import time
from contextlib import ExitStack

from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
POLICIES = {
    2025: "Travel policy of 2025: a hotel may cost 120 euros per night.",
    2026: "Travel policy of 2026: a hotel may cost 150 euros per night.",
}
MAX_SECONDS = 120  # how long the indexing of a file may take
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

with ExitStack() as cleanup:
    vector_store = client.vector_stores.create(
        name="Travel policies",
        expires_after={"anchor": "last_active_at", "days": 1},  # if not deleted
    )
    cleanup.callback(client.vector_stores.delete, vector_store.id)

    for year, text in POLICIES.items():
        file = client.files.create(
            file=(f"policy-{year}.txt", text.encode()), purpose="assistants"
        )
        cleanup.callback(client.files.delete, file.id)

        indexed = client.vector_stores.files.create(
            vector_store.id, file_id=file.id, attributes={"year": year}
        )
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
        tools=[
            {
                "type": "file_search",
                "vector_store_ids": [vector_store.id],
                "filters": {"type": "eq", "key": "year", "value": 2026},
                "max_num_results": 5,
            }
        ],
        include=["file_search_call.results"],  # the passages that the model was given
        input="How much may a hotel cost per night?",
    )

for item in response.output:
    if item.type == "file_search_call":
        for result in item.results or []:
            print(f"{result.filename}, score {result.score or 0:.2f}: {result.text}")

print(response.output_text)
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
