# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "pydantic>=2.14,<3", "python-dotenv>=1.2,<2"]
# ///
"""Describe a function by a Pydantic class, and get its arguments as an object.

Group: Your own tools
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/function-calling
"""

import os
from typing import Literal

from dotenv import load_dotenv
from openai import OpenAI, pydantic_function_tool
from pydantic import BaseModel, Field

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)


class GetWeather(BaseModel):
    """Get the current weather in a city."""

    city: str = Field(description="The name of the city, in English.")
    unit: Literal["celsius", "fahrenheit"]


# Only `parse` and `stream` know this helper; `create` would send it in the shape of
# another API, and be refused.
response = client.responses.parse(
    model=MODEL,
    tools=[pydantic_function_tool(GetWeather, name="get_weather")],
    input="What's the weather in London and in Paris, in celsius?",
)

for item in response.output:
    if item.type == "function_call":
        weather = item.parsed_arguments
        if not isinstance(weather, GetWeather):
            raise SystemExit(
                f"The model called a function that is not there: {item.name}"
            )
        print(f"{item.name} for {weather.city} in degrees {weather.unit}")

if response.output_text:  # there is none where there are only calls
    print(response.output_text)
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
