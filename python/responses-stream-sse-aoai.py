# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Print the answer while it is being written, one server-sent event at a time.

Auth: API key
Env:  AZURE_OPENAI_API_KEY, AZURE_OPENAI_API_ENDPOINT, AZURE_OPENAI_API_VERSION,
      AZURE_OPENAI_API_MODEL
"""

import os

from dotenv import load_dotenv
from openai import AzureOpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
client = AzureOpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"],
    azure_endpoint=os.environ["AZURE_OPENAI_API_ENDPOINT"],
    api_version=os.environ["AZURE_OPENAI_API_VERSION"],
)

finished, why = False, "the stream broke off"  # it can: the SDK does not raise then
with client.responses.create(
    model=MODEL, input="Write me a poem about the sea.", stream=True
) as stream:
    for event in stream:
        if event.type == "response.output_text.delta":
            print(event.delta, end="", flush=True)
        elif event.type == "response.completed":
            finished = True
        elif event.type == "response.incomplete" or event.type == "response.failed":
            why = event.response.incomplete_details or event.response.error
        elif event.type == "error":
            why = event.message
print()
if not finished:
    raise SystemExit(f"Unfinished: {why or 'failed'}")
