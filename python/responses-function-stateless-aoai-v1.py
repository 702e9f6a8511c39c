# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Let the model call your function though the service keeps nothing.

Group: Your own tools
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Needs: a model that reasons
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/reasoning
"""

import json
import os

from dotenv import load_dotenv
from openai import OpenAI
from openai.types.responses import ToolParam

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
MAX_TURNS = 5  # a model that keeps asking for tools must not run up a bill
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)


def get_stock(article: str) -> dict[str, int]:
    """Return how many of an article are in stock."""
    return {"amount": {"apple": 17, "pear": 0}[article]}


functions = {"get_stock": get_stock}

tools: list[ToolParam] = [
    {
        "type": "function",
        "name": "get_stock",
        "description": "Get how many of an article are in stock.",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {"article": {"type": "string", "enum": ["apple", "pear"]}},
            "required": ["article"],
            "additionalProperties": False,
        },
    }
]

history: list = [{"role": "user", "content": "How many pears are in stock?"}]

for _ in range(MAX_TURNS):
    response = client.responses.create(
        model=MODEL,
        tools=tools,
        input=history,
        reasoning={"effort": "low"},  # some models do not think unless asked to
        store=False,
        include=["reasoning.encrypted_content"],
    )
    # All of it goes back, in order: a call is refused without the thoughts before it.
    history += response.output
    calls = [item for item in response.output if item.type == "function_call"]
    if not calls:
        break

    for call in calls:
        print(f"{call.name}({call.arguments})")
        try:
            result = functions[call.name](**json.loads(call.arguments))
        except (KeyError, TypeError, ValueError) as error:
            # The model made the call, so the model is told: it can try again or say so.
            result = {"error": f"{type(error).__name__}: {error}"}
        history.append(
            {
                "type": "function_call_output",
                "call_id": call.call_id,
                "output": json.dumps(result),
            }
        )
else:
    raise SystemExit(f"Unfinished: no answer after {MAX_TURNS} turns")

print(response.output_text)
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
