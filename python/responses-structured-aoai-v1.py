# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "pydantic>=2.14,<3", "python-dotenv>=1.2,<2"]
# ///
"""Get the answer as a Python object of a type that you define.

Group: Shape of the answer
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/structured-outputs
"""

import os

from dotenv import load_dotenv
from openai import OpenAI
from pydantic import BaseModel, ValidationError

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)


class CalendarEvent(BaseModel):
    name: str
    date: str
    participants: list[str]


try:
    response = client.responses.parse(
        model=MODEL,
        instructions="Extract the event.",
        input="Alice and Bob are going to a science fair on Friday.",
        text_format=CalendarEvent,
    )
except ValidationError:
    raise SystemExit(
        "Unfinished: the answer is no whole JSON; it was cut off (max_output_tokens) "
        "or filtered (content_filter)"
    ) from None

if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")

for item in response.output:
    if item.type == "message":
        for part in item.content:
            if part.type == "refusal":
                raise SystemExit(f"Refused: {part.refusal}")

event = response.output_parsed
if event is None:
    raise SystemExit("Unfinished: the model said nothing")
print(event)
