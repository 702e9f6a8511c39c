# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Say whether the model may, must or must not call your functions.

Group: Your own tools
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/function-calling
"""

import os

from dotenv import load_dotenv
from openai import OpenAI
from openai.types.responses import ToolParam
from openai.types.responses.response_create_params import ToolChoice

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)


def city_function(name: str, description: str) -> ToolParam:
    """Return the description of a function that takes a city."""
    return {
        "type": "function",
        "name": name,
        "description": description,
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
            "additionalProperties": False,
        },
    }


tools = [
    city_function("get_weather", "Get the current weather in a city."),
    city_function("get_time", "Get the local time in a city."),
]

choices: list[ToolChoice] = [
    "auto",  # the default: the model decides
    "none",  # it must answer in words
    "required",  # it must call at least one function
    {"type": "function", "name": "get_time"},  # it must call this one
    # It decides, among these alone. Changing `tools` instead would empty the cache.
    {
        "type": "allowed_tools",
        "mode": "auto",
        "tools": [{"type": "function", "name": "get_weather"}],
    },
]

for choice in choices:
    response = client.responses.create(
        model=MODEL,
        tools=tools,
        tool_choice=choice,
        parallel_tool_calls=False,  # at most one call a turn
        input="What are the weather and the time in Paris?",
    )
    calls = [
        f"{item.name}({item.arguments})"
        for item in response.output
        if item.type == "function_call"
    ]
    print(f"{choice}: {', '.join(calls) or response.output_text}")
    if response.status != "completed":  # cut off or failed: nothing was raised
        raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
