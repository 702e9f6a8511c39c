# /// script
# requires-python = ">=3.11"
# dependencies = ["azure-identity>=1.27,<2", "openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Let the model look things up on a remote MCP server, Microsoft Learn's.

Group: MCP
Auth: Microsoft Entra ID
Env: AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#using-remote-mcp-servers
"""

import os

from azure.identity import DefaultAzureCredential, get_bearer_token_provider
from dotenv import load_dotenv
from openai import OpenAI
from openai.types.responses import ToolParam

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
SCOPE = "https://cognitiveservices.azure.com/.default"  # what the token is for
client = OpenAI(
    api_key=get_bearer_token_provider(DefaultAzureCredential(), SCOPE),  # always fresh
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

mslearn: ToolParam = {
    "type": "mcp",
    "server_label": "mslearn",
    "server_url": "https://learn.microsoft.com/api/mcp",
    "require_approval": "never",  # it only reads public documentation
}
response = client.responses.create(
    model=MODEL,
    tools=[mslearn],
    input="Look up how long Azure OpenAI keeps responses.",
)

for item in response.output:
    if item.type == "mcp_call":
        print(f"{item.name}({item.arguments}): {item.error or item.status or 'done'}")

print(response.output_text)
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
