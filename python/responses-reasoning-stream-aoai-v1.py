# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Read what the model thinks, then its answer, while they are being written.

Group: Shape of the answer
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Needs: a model that reasons
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/reasoning
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

reason = None
with client.responses.stream(
    model=MODEL,
    input="A bat and a ball cost $1.10. The bat costs $1 more. How much is the ball?",
    # Newer models do not think unless they are asked to.
    reasoning={"effort": "medium", "summary": "auto"},
) as stream:
    for event in stream:
        match event.type:
            case "response.reasoning_summary_text.delta":
                print(event.delta, end="", flush=True)
            case "response.reasoning_summary_part.done":  # one of several
                print("\n")
            case "response.output_text.delta":
                print(event.delta, end="", flush=True)
            case "response.incomplete":
                reason = event.response.incomplete_details
            case "response.failed":
                reason = event.response.error
            case "error":
                reason = event.message

    print()
    if reason:  # cut off, filtered or failed: nothing was raised
        raise SystemExit(f"Unfinished: {reason}")
    response = stream.get_final_response()  # raises if the stream broke off

if response.usage:
    tokens = response.usage.output_tokens_details.reasoning_tokens
    print(f"({tokens} of {response.usage.output_tokens} output tokens were thinking)")
