# /// script
# requires-python = ">=3.11"
# dependencies = ["azure-identity>=1.27,<2", "openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Let the model use an MCP server that wants a credential.

Group: MCP
Auth: Microsoft Entra ID
Env: AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL, MCP_SERVER_URL
Needs: an MCP server that lets you in
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#using-remote-mcp-servers
"""

import os

from azure.identity import DefaultAzureCredential, get_bearer_token_provider
from dotenv import load_dotenv
from openai import OpenAI
from openai.types.responses import ToolParam

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
MCP_SERVER_URL = os.environ["MCP_SERVER_URL"]  # the service calls it, not this script
SCOPE = "https://cognitiveservices.azure.com/.default"  # what the token is for
MCP_SCOPE = "https://api.microsoft.ai/.default"  # a token for the server: its own scope
credential = DefaultAzureCredential()
client = OpenAI(
    api_key=get_bearer_token_provider(credential, SCOPE),  # always fresh
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

# The credential is passed on to the server and not stored: every request that may use
# the server has to bring it, also one that goes on from a `previous_response_id`.
search: ToolParam = {
    "type": "mcp",
    "server_label": "search",
    "server_url": MCP_SERVER_URL,
    "authorization": credential.get_token(MCP_SCOPE).token,  # without "Bearer"
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
