# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Talk to a model that remembers what was said before.

Group: Conversations and what is kept
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#chaining-responses-together
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

previous_id = None
try:
    print("Say something. To end: exit, Ctrl-D or Ctrl-C.")
    while True:
        message = input("You: ").strip()
        if message == "exit":
            break
        if not message:
            continue

        response = client.responses.create(
            model=MODEL, input=message, previous_response_id=previous_id
        )
        previous_id = response.id  # the service still has what was said before

        print(f"Model: {response.output_text}")
        if response.status != "completed":  # cut off or failed: nothing was raised
            reason = response.incomplete_details or response.error
            raise SystemExit(f"Unfinished: {reason}")
except (EOFError, KeyboardInterrupt):
    print("\nGoodbye.")
