# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Let the model write text that a grammar of yours accepts.

Group: Shape of the answer
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/reasoning
"""

import os

from dotenv import load_dotenv
from openai import OpenAI
from openai.types.responses import ToolParam

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
# What the model may write, in Lark's notation. Keep it small: large ones are refused.
GRAMMAR = r"""
start: NUMBER (" + " NUMBER)*
NUMBER: /[0-9]+/
"""
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

adder: ToolParam = {
    "type": "custom",  # takes free text, not JSON
    "name": "adder",
    "description": "Adds up numbers.",
    "format": {"type": "grammar", "syntax": "lark", "definition": GRAMMAR},
}
response = client.responses.create(
    model=MODEL,
    tools=[adder],
    tool_choice="required",
    input="Use the adder: how much is 12 + 7 + 5?",
)

results: list = []
for item in response.output:
    if item.type == "custom_tool_call":
        total = sum(int(number) for number in item.input.split(" + "))
        print(f"{item.name}: {item.input} = {total}")
        results.append(
            {
                "type": "custom_tool_call_output",
                "call_id": item.call_id,
                "output": str(total),
            }
        )

if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")

response = client.responses.create(
    model=MODEL, tools=[adder], input=results, previous_response_id=response.id
)
print(response.output_text)
if response.status != "completed":
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
