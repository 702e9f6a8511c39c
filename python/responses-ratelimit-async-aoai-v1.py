# /// script
# requires-python = ">=3.11"
# dependencies = ["filelock>=4.3,<5", "openai>=3.54,<4", "python-dotenv>=1.2,<2"]
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
from filelock import FileLock, Timeout
from openai import (
    APIConnectionError,
    APIError,
    AsyncOpenAI,
    BadRequestError,
    InternalServerError,
)

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
PROMPTS = [f"What is {number} squared?" for number in range(1, 31)]
ANSWERS = Path("answers.jsonl")  # kept: another run asks only for what is missing
LOCK = "answers.lock"  # held by the one run that writes there
AT_ONCE = 10
client = AsyncOpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
    max_retries=5,  # others may use up the limit, too: it waits as long as it is told
)


def read_answered() -> set[str]:
    """Which prompts have an answer; half a line, of a run that was killed, goes."""
    if not ANSWERS.exists():
        return set()

    answered = set()
    whole_lines = []
    for line in ANSWERS.read_text("utf-8", errors="replace").splitlines():
        try:
            answered.add(json.loads(line)["prompt"])
        except ValueError:
            continue  # no JSON: its prompt is asked again
        whole_lines.append(f"{line}\n")

    # Replaced in one step: whatever stops it here loses no answer.
    whole = ANSWERS.with_suffix(".new")
    whole.write_text("".join(whole_lines), "utf-8")
    whole.replace(ANSWERS)
    return answered & set(PROMPTS)


def keep(prompt: str, answer: str) -> None:
    """Add one answer to the file, at once: a run that is stopped loses none."""
    line = json.dumps({"prompt": prompt, "answer": answer})
    with ANSWERS.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def reason(error: APIError) -> str:
    """Name the cause by its kind: its text may quote the header that holds the key."""
    if error.__cause__ is None:
        return str(error)
    return f"{error} ({type(error.__cause__).__name__})"


async def main() -> None:
    answered = read_answered()
    to_do = iter([prompt for prompt in PROMPTS if prompt not in answered])
    failures: list[str] = []
    pause = 0.1  # seconds between two requests, until the service says what it allows
    next_start = 0.0

    async def wait_for_turn() -> None:
        nonlocal next_start
        start = max(next_start, time.monotonic())
        next_start = start + pause
        await asyncio.sleep(start - time.monotonic())

    async def work() -> None:
        nonlocal pause
        for prompt in to_do:  # shared: each worker takes the next one
            await wait_for_turn()
            try:
                reply = await client.responses.with_raw_response.create(
                    model=MODEL, input=prompt
                )
            except (APIConnectionError, BadRequestError, InternalServerError) as error:
                failures.append(f"{prompt} {reason(error)}")
                continue

            per_minute = int(reply.headers.get("x-ratelimit-limit-requests", 0))
            if per_minute:
                pause = 61 / per_minute  # a little to spare

            response = reply.parse()
            if response.status != "completed":  # cut off or failed: nothing was raised
                why = response.incomplete_details or response.error
                failures.append(f"{prompt} Unfinished: {why}")
                continue

            keep(prompt, response.output_text)
            answered.add(prompt)
            bar = "#" * (40 * len(answered) // len(PROMPTS))
            print(f"\r[{bar:40}] {len(answered)} of {len(PROMPTS)}", end="", flush=True)

    async with client:
        await asyncio.gather(*(work() for _ in range(AT_ONCE)))

    print(f"\n{len(answered)} answers are in {ANSWERS.absolute()}")

    if failures:
        raise SystemExit(f"Unfinished: {len(failures)}; run it again. {failures[0]}")


try:
    # Two runs would ask everything twice. However a run ends, it lets go of the lock.
    with FileLock(LOCK, timeout=0):
        asyncio.run(main())
except Timeout:
    raise SystemExit(f"Another run is writing to {ANSWERS.absolute()}") from None
