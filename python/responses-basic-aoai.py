# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Ask the model one question and print its answer.

Group: Start here
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_API_ENDPOINT, AZURE_OPENAI_API_VERSION,
    AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#generate-a-text-response
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

response = client.responses.create(model=MODEL, input="Tell me a joke.")
print(response.output_text)
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
