# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Let the model run commands in a container on Azure, and fetch what they wrote.

Group: Tools the service runs
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Needs: a fee for each session
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/shells
"""

import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
SALES = b"region,sales\nNorth,100\nSouth,250\nNorth,50\n"
TOTALS = b"""\
import collections, csv, sys
totals = collections.Counter()
for row in csv.DictReader(open(sys.argv[1])):
    totals[row["region"]] += int(row["sales"])
with open("totals.csv", "w") as file:
    for region, total in totals.items():
        print(region, total, sep=",", file=file)
"""
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

# A container is a session, which is billed as one: it is active for up to an hour and
# ends after 20 idle minutes. Whatever happens, it is deleted when the block ends.
with ExitStack() as cleanup:
    container = client.containers.create(name="Sales")
    cleanup.callback(client.containers.delete, container.id)

    # The model finds them in /mnt/data, under names that end in these.
    for upload in [("sales.csv", SALES), ("totals.py", TOTALS)]:
        client.containers.files.create(container.id, file=upload)

    response = client.responses.create(
        model=MODEL,
        tools=[
            {
                "type": "shell",
                "environment": {
                    "type": "container_reference",
                    "container_id": container.id,
                },
            }
        ],
        input="Run `python totals.py sales.csv`, then `cat totals.csv`.",
    )

    for item in response.output:
        if item.type == "shell_call":
            for command in item.action.commands:
                print(f"$ {command}")
        elif item.type == "shell_call_output":
            for output in item.output:
                print(f"{output.stdout}{output.stderr}", end="")

    print(response.output_text)
    if response.status != "completed":  # cut off or failed: nothing was raised
        raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")

    for file in client.containers.files.list(container.id):
        if file.source != "assistant":  # uploaded above
            continue
        content = client.containers.files.content.retrieve(
            file.id, container_id=container.id
        )
        # The model chose the path: no folder of it counts. Each file gets a new one, so
        # that nothing is overwritten, not even by another of the same name.
        path = Path(tempfile.mkdtemp()) / Path(file.path).name
        path.write_bytes(content.read())
        print(f"Saved {path}")
