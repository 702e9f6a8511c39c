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
# A long conversation, up to here.
HISTORY: list = [
    {"role": "user", "content": "My name is Ada. What do otters do all day?"},
    {"role": "assistant", "content": "They dive, come up and dive again.\n" * 200},
]
QUESTION: list = [{"role": "user", "content": "What is my name?"}]
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

# By yourself: what you said stays to the letter; what the model said becomes one item,
# which only the service can read.
compacted = client.responses.compact(model=MODEL, input=HISTORY)

# They go back as they came: what was not set must not be sent as null.
items = compacted.model_dump(exclude_unset=True, warnings=False)["output"]
response = client.responses.create(model=MODEL, input=items + QUESTION)
print(response.output_text)
if response.usage:
    tokens = response.usage.input_tokens
    print(f"({tokens} input tokens instead of {compacted.usage.input_tokens})")
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")

# By the service: it compacts as soon as the input has more tokens than the threshold,
# and a turn that names this one as its previous_response_id goes on from there. With
# truncation="auto" it would only drop the oldest turns, and only when it must.
response = client.responses.create(
    model=MODEL,
    input=HISTORY + QUESTION,
    context_management=[{"type": "compaction", "compact_threshold": 1000}],
)
kinds = [item.type for item in response.output]
print(f"{', '.join(kinds)}: {response.output_text}")
if response.status != "completed":
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
