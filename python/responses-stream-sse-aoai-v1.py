# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Print the answer while it is being written, one server-sent event at a time.

Auth: API key
Env:  AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
"""

import os

from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"],
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

unfinished: object = "the stream broke off"  # it can: the SDK does not raise then
with client.responses.create(
    model=MODEL, input="Write me a poem about the sea.", stream=True
) as stream:
    for event in stream:
        if event.type == "response.output_text.delta":
            print(event.delta, end="", flush=True)
        elif event.type == "response.completed":
            unfinished = None
        elif event.type == "response.incomplete":
            unfinished = event.response.incomplete_details
        elif event.type == "response.failed":
            unfinished = event.response.error or "failed"
        elif event.type == "error":
            unfinished = event.message

print()
if unfinished:
    raise SystemExit(f"Unfinished: {unfinished}")
