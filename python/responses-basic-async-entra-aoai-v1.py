# /// script
# requires-python = ">=3.11"
# dependencies = ["aiohttp>=3.13,<4", "azure-identity>=1.27,<2", "openai>=3.54,<4",
#                 "python-dotenv>=1.2,<2"]
# ///
"""Sign in with Microsoft Entra ID and ask one question, with the async client.

Group: Start here
Auth: Microsoft Entra ID
Env: AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#generate-a-text-response
"""

import asyncio
import os

from azure.identity.aio import DefaultAzureCredential, get_bearer_token_provider
from dotenv import load_dotenv
from openai import AsyncOpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
SCOPE = "https://cognitiveservices.azure.com/.default"  # what the token is for
# This client awaits its tokens: only the credential of azure.identity.aio will do, and
# that needs aiohttp. Where you have the other one, wrap it in asyncio.to_thread.
credential = DefaultAzureCredential()
client = AsyncOpenAI(
    api_key=get_bearer_token_provider(credential, SCOPE),  # always fresh
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)


async def main() -> None:
    async with client, credential:  # closes both
        response = await client.responses.create(model=MODEL, input="Tell me a joke.")
    print(response.output_text)
    if response.status != "completed":  # cut off or failed: nothing was raised
        raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")


asyncio.run(main())
