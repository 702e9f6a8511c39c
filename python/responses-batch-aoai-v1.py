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
from openai.types import Batch
from openai.types.responses import Response

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_BATCH_MODEL"]  # your deployment's name
QUESTIONS = {
    "france": "What is the capital of France?",
    "italy": "What is the capital of Italy?",
    "sum": "What is 17 times 23?",
}
ENDPOINT = "/v1/responses"
ENDED = ("completed", "failed", "expired", "cancelled")
POLL_SECONDS = 5
MAX_SECONDS = 1200  # how long one run waits; the service takes up to a day
BATCH_ID = Path("batch-id.txt")  # here a run leaves a batch to the next one
LIFETIME = 14 * 86400  # seconds; Azure takes no less. Then it deletes files by itself
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)


def wait(batch: Batch, seconds: float) -> Batch:
    """Show how the batch gets on, until it has ended or the time is up."""
    start = time.monotonic()
    while batch.status not in ENDED:
        waited = time.monotonic() - start
        print(f"{waited:6.1f} s  {batch.status}", flush=True)
        if waited > seconds:
            break
        time.sleep(POLL_SECONDS)
        batch = client.batches.retrieve(batch.id)
    return batch


def files_of(batch: Batch) -> list[str]:
    """The ids of what the batch has written: answers, and what failed."""
    return [id for id in (batch.output_file_id, batch.error_file_id) if id]


def cancel(batch_id: str) -> None:
    """Stop the batch, and delete what it has written by then."""
    batch = client.batches.retrieve(batch_id)
    if batch.status not in ENDED:
        batch = wait(client.batches.cancel(batch_id), 60)
    for file_id in files_of(batch):
        client.files.delete(file_id)


# Whatever happens below, Ctrl-C too, the callbacks registered here run when the block
# ends, newest first.
with ExitStack() as cleanup, ExitStack() as stop:
    if BATCH_ID.exists():
        batch = client.batches.retrieve(BATCH_ID.read_text().strip())
        cleanup.callback(BATCH_ID.unlink)
        cleanup.callback(client.files.delete, batch.input_file_id)
    else:
        lines = []
        for name, question in QUESTIONS.items():
            body = {"model": MODEL, "input": question}
            line = {"custom_id": name, "method": "POST", "url": ENDPOINT, "body": body}
            lines.append(json.dumps(line))
        file = client.files.create(
            file=("questions.jsonl", "\n".join(lines).encode()),
            purpose="batch",
            expires_after={"anchor": "created_at", "seconds": LIFETIME},
        )
        cleanup.callback(client.files.delete, file.id)
        batch = client.batches.create(
            input_file_id=file.id,
            endpoint=ENDPOINT,
            completion_window="24h",
            output_expires_after={"anchor": "created_at", "seconds": LIFETIME},
        )
    stop.callback(cancel, batch.id)
    print("Batch:", batch.id)

    try:
        batch = wait(batch, MAX_SECONDS)
    except KeyboardInterrupt:
        raise SystemExit("Interrupted: the batch and its files are given up.") from None
    if batch.status not in ENDED:
        BATCH_ID.write_text(batch.id)
        stop.pop_all()
        cleanup.pop_all()
        raise SystemExit(f"Unfinished: {batch.status}. Run this again to wait on.")
    stop.pop_all()

    for file_id in files_of(batch):
        cleanup.callback(client.files.delete, file_id)

    unfinished = []
    for file_id in files_of(batch):
        for line in client.files.content(file_id).text.splitlines():
            answer = json.loads(line)  # they come in any order: go by the custom_id
            name = answer["custom_id"]
            reply = answer["response"] or {"body": answer}  # none if time has run out
            response = Response.construct(**reply["body"])
            if response.output:
                print(f"{name}: {response.output_text}")
            if response.status != "completed":  # cut off, filtered or refused
                reason = response.incomplete_details or response.error
                unfinished.append(f"{name}: {reason}")
    if batch.status != "completed":
        unfinished.append(f"{batch.status}: {batch.errors}")
    if unfinished:
        raise SystemExit("Unfinished: " + "; ".join(unfinished))
