# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Let the model write and run a program, and see its code, output and answer.

Group: Tools the service runs
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Needs: a fee for each session
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#code-interpreter
"""

import os
from contextlib import ExitStack

from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

# A container is a session, which is billed as one: it is active for up to an hour and
# ends after 20 idle minutes. Whatever happens, it is deleted when the block ends.
with ExitStack() as cleanup:
    container = client.containers.create(name="Equations")
    cleanup.callback(client.containers.delete, container.id)

    response = client.responses.create(
        model=MODEL,
        tools=[{"type": "code_interpreter", "container": container.id}],
        include=["code_interpreter_call.outputs"],
        instructions="Answer questions about numbers by writing and running code.",
        input="What are the solutions of 3x^2 - 14x + 8 = 0?",
    )

for item in response.output:
    if item.type == "code_interpreter_call":
        print(f"--- The model ran:\n{item.code}")
        for output in item.outputs or []:
            if output.type == "logs":
                print(f"--- It printed:\n{output.logs}")

print(f"--- Answer:\n{response.output_text}")
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
