# /// script
# requires-python = ">=3.11"
# dependencies = ["azure-identity>=1.27,<2", "openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Let the model look things up on a remote MCP server, Microsoft Learn's.

Auth: Microsoft Entra ID
Env:  AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
"""

import os

from azure.identity import DefaultAzureCredential, get_bearer_token_provider
from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
SCOPE = "https://cognitiveservices.azure.com/.default"  # what the token is for
client = OpenAI(
    # Called before each request, so a token never gets too old.
    api_key=get_bearer_token_provider(DefaultAzureCredential(), SCOPE),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

response = client.responses.create(
    model=MODEL,
    tools=[
        {
            "type": "mcp",
            "server_label": "mslearn",
            "server_url": "https://learn.microsoft.com/api/mcp",
            "require_approval": "never",  # it only reads public documentation
        }
    ],
    input="How long does Azure OpenAI keep a stored response? Look it up.",
)

for item in response.output:
    if item.type == "mcp_call":
        print(f"{item.server_label}: {item.name}({item.arguments})")
        if item.error:
            print(f"  failed: {item.error}")

print(response.output_text)
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
