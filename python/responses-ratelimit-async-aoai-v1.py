# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Send many prompts at the pace that the rate limit allows, and lose none.

Group: Cost, speed, safety
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/quota
"""

import asyncio
import json
import os
import time
from pathlib import Path

from dotenv import load_dotenv
from openai import APIConnectionError, AsyncOpenAI, BadRequestError, InternalServerError

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
PROMPTS = [f"What is {number} squared?" for number in range(1, 31)]
ANSWERS = Path("answers.jsonl")  # kept: another run asks only for what is missing
AT_ONCE = 10
client = AsyncOpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
    max_retries=5,  # others may use up the limit, too: it waits as long as it is told
)


async def main() -> None:
    lines = ANSWERS.read_text("utf-8").splitlines() if ANSWERS.exists() else []
    done = {json.loads(line)["prompt"] for line in lines}
    to_do = iter([prompt for prompt in PROMPTS if prompt not in done])
    failures: list[str] = []
    next_at, pause = 0.0, 0.1  # when to start the next request; seconds between two

    async def work() -> None:
        nonlocal next_at, pause
        for prompt in to_do:  # shared: each worker takes the next one
            next_at = max(next_at, time.monotonic()) + pause
            await asyncio.sleep(next_at - pause - time.monotonic())
            try:
                reply = await client.responses.with_raw_response.create(
                    model=MODEL, input=prompt
                )
            except (APIConnectionError, BadRequestError, InternalServerError) as error:
                failures.append(f"{prompt} {error.__cause__ or error}")
                continue
            per_minute = int(reply.headers.get("x-ratelimit-limit-requests", 0))
            pause = 61 / per_minute if per_minute else pause  # a little to spare
            response = reply.parse()
            if response.status != "completed":  # cut off or failed: nothing was raised
                why = response.incomplete_details or response.error
                failures.append(f"{prompt} Unfinished: {why}")
                continue
            answer = {"prompt": prompt, "answer": response.output_text}
            with ANSWERS.open("a", encoding="utf-8") as file:
                file.write(json.dumps(answer) + "\n")
            done.add(prompt)
            bar = "#" * (40 * len(done) // len(PROMPTS))
            print(f"\r[{bar:40}] {len(done)} of {len(PROMPTS)}", end="", flush=True)

    async with client:
        await asyncio.gather(*(work() for _ in range(AT_ONCE)))

    print(f"\nThe answers are in {ANSWERS.absolute()}")

    if failures:
        raise SystemExit(f"Unfinished: {len(failures)}; run it again. {failures[0]}")


asyncio.run(main())
