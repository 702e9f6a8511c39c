# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Get an answer at half the price when it may take its time.

Group: Cost, speed, safety
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_FLEX_MODEL
Needs: a preview; a Global Standard deployment of gpt-5.6-sol
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/flex-processing
"""

import os

from dotenv import load_dotenv
from openai import APIStatusError, OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_FLEX_MODEL"]  # your deployment's name
QUESTION = "Sum up in three sentences why the sky is blue."
MAX_SECONDS = 900  # this tier promises no speed
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
    timeout=MAX_SECONDS,
)

print(f"Waiting for up to {MAX_SECONDS} s ...", flush=True)
try:
    response = client.responses.create(model=MODEL, input=QUESTION, service_tier="flex")
except APIStatusError as error:
    # It took too long, or there was no room in the tier, also after the SDK's retries.
    if error.status_code not in (408, 429):
        raise
    response = client.responses.create(
        model=MODEL, input=QUESTION, service_tier="default"
    )

print(response.output_text)
print("Served by the tier:", response.service_tier)
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
