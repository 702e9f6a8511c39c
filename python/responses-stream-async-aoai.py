# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Print the answer while it is being written, with the async client.

Group: Streaming and long answers
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_API_ENDPOINT, AZURE_OPENAI_API_VERSION,
    AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#streaming
"""

import asyncio
import os

from dotenv import load_dotenv
from openai import AsyncAzureOpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
client = AsyncAzureOpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    azure_endpoint=os.environ["AZURE_OPENAI_API_ENDPOINT"],
    api_version=os.environ["AZURE_OPENAI_API_VERSION"],
)


async def main() -> None:
    reason = None
    async with (
        client,
        client.responses.stream(
            model=MODEL, input="Write me a poem about the sea."
        ) as stream,
    ):
        async for event in stream:
            match event.type:
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
        response = await stream.get_final_response()  # raises if the stream broke off

    if response.usage:
        print(f"({response.usage.output_tokens} tokens)")


asyncio.run(main())
