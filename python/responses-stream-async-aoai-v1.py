# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Print the answer while it is being written, with the async client.

Auth: API key
Env:  AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
"""

import asyncio
import os

from dotenv import load_dotenv
from openai import AsyncOpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
client = AsyncOpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"],
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)


async def main() -> None:
    finished, why = False, "the stream broke off"  # it can: the SDK does not raise then
    async with (
        client,
        await client.responses.create(
            model=MODEL, input="Write me a poem about the sea.", stream=True
        ) as stream,
    ):
        async for event in stream:
            if event.type == "response.output_text.delta":
                print(event.delta, end="", flush=True)
            elif event.type == "response.completed":
                finished = True
            elif event.type == "response.incomplete" or event.type == "response.failed":
                why = event.response.incomplete_details or event.response.error
            elif event.type == "error":
                why = event.message

    print()
    if not finished:
        raise SystemExit(f"Unfinished: {why or 'failed'}")


asyncio.run(main())
