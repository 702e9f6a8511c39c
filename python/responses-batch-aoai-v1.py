# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Have many questions answered within a day at half the price.

Group: Streaming and long answers
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_BATCH_MODEL
Needs: a deployment of the type Global-Batch or Data Zone Batch
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/batch
"""

import json
import os
import time
from contextlib import ExitStack
from pathlib import Path

from dotenv import load_dotenv
from openai import OpenAI
from openai.types.responses import Response

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_BATCH_MODEL"]  # your deployment's name
QUESTIONS = {
    "france": "What is the capital of France?",
    "italy": "What is the capital of Italy?",
    "sum": "What is 17 times 23?",
}
LIFETIME = 14 * 86400  # seconds, the least that there is, of files if not deleted
RUNNING = ("validating", "in_progress", "finalizing")
POLL_SECONDS = 5
MAX_SECONDS = 1200  # how long one run waits; the service takes up to a day
BATCH_ID = Path("batch-id.txt")  # of a batch that an earlier run has left to itself
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)


def wait(batch, seconds, *statuses):
    """Show how the batch gets on while it has one of these statuses."""
    start = time.monotonic()
    while batch.status in statuses and time.monotonic() - start < seconds:
        waited = time.monotonic() - start
        counts = batch.request_counts
        done = f", {counts.completed} of {counts.total} done" if counts else ""
        print(f"{waited:6.1f} s  {batch.status}{done}", flush=True)
        time.sleep(POLL_SECONDS)
        batch = client.batches.retrieve(batch.id)
    return batch


def cancel(id):
    """Stop the batch and delete what it has answered by then."""
    batch = client.batches.retrieve(id)
    if batch.status in RUNNING:
        batch = client.batches.cancel(id)
    batch = wait(batch, 60, "cancelling")
    for file_id in (batch.output_file_id, batch.error_file_id):
        if file_id:
            client.files.delete(file_id)


# Whatever happens below, the callbacks registered here run when a block ends, newest
# first: also after Ctrl-C.
with ExitStack() as cleanup, ExitStack() as stop:
    if BATCH_ID.exists():
        batch = client.batches.retrieve(BATCH_ID.read_text().strip())
        cleanup.callback(BATCH_ID.unlink)
        cleanup.callback(client.files.delete, batch.input_file_id)
    else:
        requests = [
            {
                "custom_id": name,
                "method": "POST",
                "url": "/v1/responses",
                "body": {"model": MODEL, "input": question},
            }
            for name, question in QUESTIONS.items()
        ]
        content = "\n".join(map(json.dumps, requests)).encode()
        file = client.files.create(
            file=("questions.jsonl", content),
            purpose="batch",
            expires_after={"anchor": "created_at", "seconds": LIFETIME},
        )
        cleanup.callback(client.files.delete, file.id)
        batch = client.batches.create(
            input_file_id=file.id,
            endpoint="/v1/responses",
            completion_window="24h",
            output_expires_after={"anchor": "created_at", "seconds": LIFETIME},
        )
    stop.callback(cancel, batch.id)
    print("Batch:", batch.id)

    try:
        batch = wait(batch, MAX_SECONDS, *RUNNING)
    except KeyboardInterrupt:
        raise SystemExit("Interrupted: the batch and its files are given up.") from None
    stop.pop_all()  # it has ended, or is to go on
    if batch.status in RUNNING:
        BATCH_ID.write_text(batch.id)
        cleanup.pop_all()
        raise SystemExit(
            f"Unfinished: {batch.status}. Run this again to go on waiting."
        )
    for file_id in (batch.output_file_id, batch.error_file_id):
        if file_id:
            cleanup.callback(client.files.delete, file_id)
    if batch.status != "completed":  # failed, expired or cancelled
        raise SystemExit(f"Unfinished: {batch.status}. {batch.errors}")

    lines = []
    for file_id in (batch.output_file_id, batch.error_file_id):
        if file_id:
            lines += client.files.content(file_id).text.splitlines()

    unfinished = []
    for line in lines:
        answer = json.loads(line)  # they come in any order: go by the custom_id
        name = answer["custom_id"]
        response = Response.construct(**answer["response"]["body"])
        if answer["response"]["status_code"] == 200:
            print(f"{name}: {response.output_text}")
        if response.status != "completed":  # cut off, failed or refused
            reason = response.incomplete_details or response.error
            unfinished.append(f"{name}: {reason}")
    if unfinished:
        raise SystemExit("Unfinished: " + "; ".join(unfinished))
