# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Watch the model write the arguments of a function call.

Group: Your own tools
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_API_ENDPOINT, AZURE_OPENAI_API_VERSION,
    AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/function-calling
"""

import json
import os

from dotenv import load_dotenv
from openai import AzureOpenAI
from openai.types.responses import ToolParam

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
client = AzureOpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    azure_endpoint=os.environ["AZURE_OPENAI_API_ENDPOINT"],
    api_version=os.environ["AZURE_OPENAI_API_VERSION"],
)

send_email: ToolParam = {
    "type": "function",
    "name": "send_email",
    "description": "Send an email.",
    "strict": True,
    "parameters": {
        "type": "object",
        "properties": {
            "to": {"type": "string"},
            "subject": {"type": "string"},
            "body": {"type": "string"},
        },
        "required": ["to", "subject", "body"],
        "additionalProperties": False,
    },
}

reason = None
with client.responses.stream(
    model=MODEL,
    tools=[send_email],
    input="Send an email to ada@example.com: she is invited to lunch on Friday.",
) as stream:
    for event in stream:
        match event.type:
            case "response.output_text.delta":
                print(event.delta, end="", flush=True)
            # To show, not to run: half of the arguments is no JSON yet.
            case "response.function_call_arguments.delta":
                print(event.delta, end="", flush=True)
            case "response.incomplete":
                reason = event.response.incomplete_details
            case "response.failed":
                reason = event.response.error
            case "error":
                reason = event.message

    print()
    if reason:  # cut off, filtered or failed: nothing was raised
        raise SystemExit(f"Unfinished: {reason}")
    response = stream.get_final_response()  # raises if the stream broke off

for item in response.output:
    if item.type == "function_call":
        arguments = json.loads(item.arguments)  # now they are whole
        print(f"Ready to run: {item.name} with {arguments}")
