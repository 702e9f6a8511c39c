# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Hold a conversation of which the service keeps nothing.

Group: Conversations and what is kept
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Needs: a model that reasons
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#encrypted-reasoning-items
"""

import os

from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

history: list = []
for question in ("My name is Ada.", "What is my name?"):
    history.append({"role": "user", "content": question})
    response = client.responses.create(
        model=MODEL,
        input=history,
        store=False,
        reasoning={"effort": "low"},  # some models do not think unless asked to
        include=["reasoning.encrypted_content"],
    )

    print(response.output_text)
    if response.status != "completed":  # cut off or failed: nothing was raised
        raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")

    # The service forgets all of it: what the model thought goes back with what it said.
    history += response.output
