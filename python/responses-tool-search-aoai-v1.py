# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Offer many functions, of which the model loads only those that it needs.

Group: Your own tools
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Needs: gpt-5.4 or newer
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/tool-search
"""

import os

from dotenv import load_dotenv
from openai import OpenAI
from openai.types.responses import ToolParam
from openai.types.responses.namespace_tool_param import ToolFunction

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)


def customer_function(name: str, description: str) -> ToolFunction:
    """Describe a function that takes the number of a customer."""
    return {
        "type": "function",
        "name": name,
        "description": description,
        "defer_loading": True,  # costs no tokens until the model has searched for it
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {"customer_id": {"type": "string"}},
            "required": ["customer_id"],
            "additionalProperties": False,
        },
    }


tools: list[ToolParam] = [
    {
        "type": "namespace",  # loaded as a whole: keep it under ten functions
        "name": "crm",
        "description": "Customers, their orders and their invoices.",
        "tools": [
            customer_function("list_orders", "List the open orders of a customer."),
            customer_function("list_invoices", "List the invoices of a customer."),
        ],
    },
    {
        "type": "namespace",
        "name": "warehouse",
        "description": "Goods, and where they are stored.",
        "tools": [
            customer_function("list_goods", "List what is stored for a customer.")
        ],
    },
    {"type": "tool_search"},
]
response = client.responses.create(
    model=MODEL, tools=tools, input="List the open orders of customer CUST-12345."
)

for item in response.output:
    match item.type:
        case "tool_search_call":
            print(f"Searched: {item.arguments}")
        case "tool_search_output":
            for tool in item.tools:
                print(f"Loaded: {tool.to_dict()['name']}")
        case "function_call":
            # From here on as ever: run it, and send a function_call_output.
            print(f"Called: {item.namespace}.{item.name}({item.arguments})")
        case "message":
            print(response.output_text)

if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
