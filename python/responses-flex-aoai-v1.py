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
from openai import OpenAI, RateLimitError

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_FLEX_MODEL"]  # your deployment's name
QUESTION = "Sum up in three sentences why the sky is blue."
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
    timeout=900,  # seconds; the tier promises no speed
)

try:
    response = client.responses.create(model=MODEL, input=QUESTION, service_tier="flex")
except RateLimitError:  # no room in the tier, also after the SDK's retries
    response = client.responses.create(
        model=MODEL, input=QUESTION, service_tier="default"
    )

print(response.output_text)
print("Served by the tier:", response.service_tier)
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
