# /// script
# requires-python = ">=3.11"
# dependencies = ["azure-identity>=1.27,<2", "openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Sign in with Microsoft Entra ID instead of a key and ask one question.

Group: Start here
Auth: Microsoft Entra ID
Env: AZURE_OPENAI_API_ENDPOINT, AZURE_OPENAI_API_VERSION, AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#generate-a-text-response
"""

import os

from azure.identity import DefaultAzureCredential, get_bearer_token_provider
from dotenv import load_dotenv
from openai import AzureOpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
SCOPE = "https://cognitiveservices.azure.com/.default"  # what the token is for
client = AzureOpenAI(
    azure_ad_token_provider=get_bearer_token_provider(DefaultAzureCredential(), SCOPE),
    azure_endpoint=os.environ["AZURE_OPENAI_API_ENDPOINT"],
    api_version=os.environ["AZURE_OPENAI_API_VERSION"],
)

response = client.responses.create(model=MODEL, input="Tell me a joke.")
print(response.output_text)
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
