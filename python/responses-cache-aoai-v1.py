# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""See how many tokens of a long prompt come from the cache the second time.

Group: Cost, speed, safety
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/prompt-caching
"""

import os

from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
# Only what begins a prompt is cached, from 1,024 tokens on: the long text comes first.
STOCK = "\n".join(f"Shelf {n} holds part {n * 37 % 1000}." for n in range(1, 301))
QUESTIONS = ("Which part is on shelf 12?", "And which one on shelf 13?")
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

# How long it is kept: before gpt-5.6, prompt_cache_retention="24h" makes it a day. From
# gpt-5.6 on, it is prompt_cache_options={"mode": "explicit", "ttl": "30m"}, and where
# the part to keep ends, a block of content has "prompt_cache_breakpoint".
previous_id = None
for question in QUESTIONS:
    response = client.responses.create(
        model=MODEL,
        instructions=STOCK,
        input=question,
        previous_response_id=previous_id,
        prompt_cache_key="stock-list-1",  # the same for prompts that begin alike
    )
    previous_id = response.id

    print(response.output_text)
    if response.status != "completed":  # cut off or failed: nothing was raised
        raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
    if response.usage:
        used = response.usage.input_tokens_details
        # Writing has a price from gpt-5.6 on; older models do not tell of it.
        written = used.cache_write_tokens or 0
        total = response.usage.input_tokens
        print(f"({total} tokens: {used.cached_tokens} cached, {written} written)")
