# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Give the model a skill: instructions, and a script that it runs when needed.

Group: Tools the service runs
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Needs: a fee for each session
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/skills
"""

import os
from contextlib import ExitStack

from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
# Name and description are all that the model sees at first: they say when to read on.
MANIFEST = b"""\
---
name: parcel-price
description: Tell what it costs to send a parcel of a given weight.
---

Never guess a price. Run the script in this folder:

    python price.py KILOGRAMS
"""
SCRIPT = b"""\
import sys
print(f"{4.90 + 1.20 * float(sys.argv[1]):.2f} EUR")
"""
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

with ExitStack() as cleanup:
    # What is in a skill is run: upload only what you have read. A zip is taken, too.
    skill = client.skills.create(
        files=[
            ("parcel-price/SKILL.md", MANIFEST),
            ("parcel-price/price.py", SCRIPT),
        ]
    )
    cleanup.callback(client.skills.delete, skill.id)  # with all its versions

    response = client.responses.create(
        model=MODEL,
        tools=[
            {
                "type": "shell",
                "environment": {
                    "type": "container_auto",
                    "skills": [{"type": "skill_reference", "skill_id": skill.id}],
                },
            }
        ],
        input="Use the skill parcel-price: what does a parcel of 7.5 kg cost?",
    )

    # For this request the service has made a container, which ends by itself only after
    # 20 idle minutes.
    calls = [item for item in response.output if item.type == "shell_call"]
    container_ids = set()
    for call in calls:
        if call.environment and call.environment.type == "container_reference":
            container_ids.add(call.environment.container_id)
    for container_id in container_ids:
        cleanup.callback(client.containers.delete, container_id)

for call in calls:
    for command in call.action.commands:
        print(f"$ {command}")

print(response.output_text)
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
