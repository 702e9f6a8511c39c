# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Label a response, read it again later by its id, and delete it.

Group: Conversations and what is kept
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_API_ENDPOINT, AZURE_OPENAI_API_VERSION,
    AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses
"""

import os
from contextlib import ExitStack

from dotenv import load_dotenv
from openai import AzureOpenAI, NotFoundError

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
client = AzureOpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    azure_endpoint=os.environ["AZURE_OPENAI_API_ENDPOINT"],
    api_version=os.environ["AZURE_OPENAI_API_VERSION"],
)

# Azure keeps a response for 30 days; here it is deleted when the block ends.
with ExitStack() as cleanup:
    response = client.responses.create(
        model=MODEL,
        input="Tell me a joke.",
        metadata={"customer": "4711"},  # up to 16 pairs, kept and returned with it
    )
    cleanup.callback(client.responses.delete, response.id)

    # Whoever has the id and a key can read it: the answer, and what was asked.
    stored = client.responses.retrieve(response.id)
    print(f"{stored.metadata}: {stored.output_text}")
    for item in client.responses.input_items.list(response.id):
        print(f"Input: {item.to_json(indent=None)}")
    if response.status != "completed":  # cut off or failed: nothing was raised
        raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")

try:
    client.responses.retrieve(response.id)
except NotFoundError:
    print("It is deleted.")
