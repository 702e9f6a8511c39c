# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Ask for an answer in the priority tier and see which tier it came from.

Group: Cost, speed, safety
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Needs: a higher price; a Global Standard or US Data Zone Standard deployment
Docs: https://learn.microsoft.com/azure/foundry/openai/concepts/priority-processing
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

response = client.responses.create(
    model=MODEL, input="Name three uses of a paperclip.", service_tier="priority"
)

print(response.output_text)
# At busy times the service falls back to "default", and bills it as that.
print("Served by the tier:", response.service_tier)
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
