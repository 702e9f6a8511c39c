# /// script
# requires-python = ">=3.11"
# dependencies = ["httpx2>=2.16,<3", "openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Let the model call a Python function until it can answer the question.

Group: Your own tools
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Net: api.open-meteo.com (no key needed)
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/function-calling
"""

import json
import os

import httpx2
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


def get_weather(latitude: float, longitude: float) -> dict[str, str]:
    """Return the current temperature and wind speed, with their units."""
    reply = httpx2.get(
        "https://api.open-meteo.com/v1/forecast",
        params={
            "latitude": latitude,
            "longitude": longitude,
            "current": "temperature_2m,wind_speed_10m",
        },
        timeout=10,
    )
    reply.raise_for_status()
    weather = reply.json()
    now = weather["current"]
    units = weather["current_units"]
    return {
        "temperature": f"{now['temperature_2m']} {units['temperature_2m']}",
        "wind": f"{now['wind_speed_10m']} {units['wind_speed_10m']}",
    }


functions = {"get_weather": get_weather}

tools: list[ToolParam] = [
    {
        "type": "function",
        "name": "get_weather",
        "description": "Get the current temperature and wind speed at a point.",
        "strict": True,
        "parameters": {
            "type": "object",
            "properties": {
                "latitude": {"type": "number"},
                "longitude": {"type": "number"},
            },
            "required": ["latitude", "longitude"],
            "additionalProperties": False,
        },
    }
]

turn_input: str | ResponseInputParam = "What's the weather in London and in Paris now?"
previous_id = None

for _ in range(MAX_TURNS):
    response = client.responses.create(
        model=MODEL,
        tools=tools,
        input=turn_input,
        previous_response_id=previous_id,
    )
    calls = [item for item in response.output if item.type == "function_call"]
    if not calls:
        break

    # Send only the results: the service still has the rest of the conversation.
    previous_id = response.id
    turn_input = []
    for call in calls:
        print(f"{call.name}({call.arguments})")
        try:
            result = functions[call.name](**json.loads(call.arguments))
        except (KeyError, TypeError, ValueError, httpx2.HTTPError) as error:
            # The model made the call, so the model is told: it can try again or say so.
            result = {"error": f"{type(error).__name__}: {error}"}
        turn_input.append(
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
