# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Let the model think first, and see what it thought and what that cost.

Group: Shape of the answer
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_API_ENDPOINT, AZURE_OPENAI_API_VERSION,
    AZURE_OPENAI_API_MODEL
Needs: a model that reasons
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/reasoning
"""

import os

from dotenv import load_dotenv
from openai import AzureOpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
client = AzureOpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    azure_endpoint=os.environ["AZURE_OPENAI_API_ENDPOINT"],
    api_version=os.environ["AZURE_OPENAI_API_VERSION"],
)

response = client.responses.create(
    model=MODEL,
    input="A bat and a ball cost $1.10. The bat costs $1 more. How much is the ball?",
    # Newer models do not think unless they are asked to.
    reasoning={"effort": "medium", "summary": "auto"},
    # Thoughts count, too: with too small a bound nothing is left for the answer. On v1,
    # text={"verbosity": "low"} asks for a shorter one.
    max_output_tokens=5000,
)

for item in response.output:
    if item.type == "reasoning":
        for part in item.summary:  # empty when there was little to think about
            print(f"{part.text}\n")

if response.usage:
    tokens = response.usage.output_tokens_details.reasoning_tokens
    print(f"({tokens} of {response.usage.output_tokens} output tokens were thinking)")

print(response.output_text)
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
