# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Let the model use an MCP server that wants a credential.

Group: MCP
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL,
    MCP_SERVER_URL, MCP_API_KEY
Needs: an MCP server that lets you in
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#using-remote-mcp-servers
"""

import os

from dotenv import load_dotenv
from openai import OpenAI
from openai.types.responses import ToolParam

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
MCP_SERVER_URL = os.environ["MCP_SERVER_URL"]  # the service calls it, not this script
MCP_API_KEY = os.environ["MCP_API_KEY"].strip()
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

# The credential is passed on to the server and not stored: every request that may use
# the server has to bring it, also one that goes on from a `previous_response_id`.
search: ToolParam = {
    "type": "mcp",
    "server_label": "search",
    "server_url": MCP_SERVER_URL,
    "headers": {"x-apikey": MCP_API_KEY},  # your server's own name for it
    "require_approval": "never",  # only for a server that you trust with the question
}
response = client.responses.create(
    model=MODEL,
    tools=[search],
    input="Search the web: when was the James Webb Space Telescope launched?",
)

for item in response.output:
    if item.type == "mcp_call":
        print(f"{item.name}({item.arguments}): {item.error or item.status or 'done'}")

print(response.output_text)
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
