# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Go on with a long conversation at the price of a short one.

Group: Conversations and what is kept
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#compact-a-response
"""

import os

from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
NOTES = "The otter dived, came up and dived again.\n" * 200  # for a long conversation
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

response = client.responses.create(
    model=MODEL, input=f"My name is Ada. Keep my notes in mind.\n{NOTES}"
)
print(response.output_text)
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
said = response.id

# By yourself: all that was said becomes a few items, which only the service can read.
compacted = client.responses.compact(model=MODEL, previous_response_id=said)
before = compacted.usage.input_tokens
after = compacted.usage.output_tokens
print(f"Compacted {before} tokens to {after}")

# They go back as they came: what was not set must not be sent as null.
items = compacted.model_dump(exclude_unset=True, warnings=False)["output"]
response = client.responses.create(
    model=MODEL, input=[*items, {"role": "user", "content": "What is my name?"}]
)
print(response.output_text)
if response.status != "completed":
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")

# By the service: it compacts as soon as the input has more tokens than the threshold,
# and the turns after this one go on from there.
response = client.responses.create(
    model=MODEL,
    previous_response_id=said,
    input="What is my name?",
    context_management=[{"type": "compaction", "compact_threshold": 1000}],
)
kinds = [item.type for item in response.output]
print(f"{', '.join(kinds)}: {response.output_text}")
if response.status != "completed":
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
