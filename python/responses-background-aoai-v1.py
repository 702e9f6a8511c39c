# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Start a long answer in the background and wait for it, but not for ever.

Group: Streaming and long answers
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#background-tasks
"""

import os
import time

from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
POLL_SECONDS = 2
MAX_SECONDS = 600
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

start = time.monotonic()
response = client.responses.create(
    model=MODEL, input="Write a long story about otters in space.", background=True
)
try:
    while response.status in ("queued", "in_progress"):
        waited = time.monotonic() - start
        print(f"{waited:5.1f} s  {response.status}", flush=True)
        if waited > MAX_SECONDS:
            break
        time.sleep(POLL_SECONDS)
        response = client.responses.retrieve(response.id)
except KeyboardInterrupt:
    print("Interrupted.")
finally:
    if response.status in ("queued", "in_progress"):  # it would go on, and be billed
        response = client.responses.cancel(response.id)

print(response.output_text)
if response.status != "completed":  # cancelled, failed or incomplete
    reason = response.incomplete_details or response.error or response.status
    raise SystemExit(f"Unfinished: {reason}")
