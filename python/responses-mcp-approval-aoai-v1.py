# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Decide for each call of an MCP server's tool whether it may run.

Group: MCP
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#approvals
"""

import os

from dotenv import load_dotenv
from openai import OpenAI
from openai.types.responses import ResponseInputParam, ToolParam

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
MAX_TURNS = 5  # a model that keeps asking for tools must not run up a bill
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

mslearn: ToolParam = {
    "type": "mcp",
    "server_label": "mslearn",
    "server_url": "https://learn.microsoft.com/api/mcp",
    "allowed_tools": ["microsoft_docs_search"],  # the model is shown no other
    "require_approval": "always",
}

turn_input: str | ResponseInputParam = "Look up how long Azure OpenAI keeps responses."
previous_id = None
denied = []

for _ in range(MAX_TURNS):
    response = client.responses.create(
        model=MODEL,
        tools=[mslearn],  # in each turn, or the next call could run unasked
        input=turn_input,
        previous_response_id=previous_id,
    )
    for item in response.output:
        if item.type == "mcp_call":
            print(f"{item.name}: {item.error or item.status or 'done'}")
    requests = [item for item in response.output if item.type == "mcp_approval_request"]
    if not requests:
        break

    previous_id = response.id
    turn_input = []
    for request in requests:
        print(f"{request.server_label}: {request.name}({request.arguments})")
        try:
            answer = input("Run it? [y/n] ")
        except EOFError:  # nobody is there to ask
            answer = ""
        approved = answer == "y"  # and nothing else
        if not approved:
            denied.append(request.name)
        turn_input.append(
            {
                "type": "mcp_approval_response",
                "approval_request_id": request.id,
                "approve": approved,
            }
        )
else:
    raise SystemExit(f"Unfinished: no answer after {MAX_TURNS} turns")

print(response.output_text)
if denied:
    print(f"Not run: {', '.join(denied)}")
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
