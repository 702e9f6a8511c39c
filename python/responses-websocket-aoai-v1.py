# /// script
# requires-python = ">=3.11"
# dependencies = ["openai[realtime]>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Hold a conversation over one WebSocket, without a new connection for each turn.

Group: Conversations and what is kept
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/websockets
"""

import os

from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

previous_id = None
with client.responses.connect() as connection:  # for an hour at most
    for question in ("My name is Ada.", "What is my name?"):
        print(f"You: {question}")
        connection.response.create(
            model=MODEL,
            input=question,
            previous_response_id=previous_id,
            store=False,  # the connection itself remembers the last response
        )

        response = None
        for event in connection:
            match event.type:
                case "response.output_text.delta":
                    print(event.delta, end="", flush=True)
                case "response.completed" | "response.incomplete" | "response.failed":
                    response = event.response
                    break  # the connection stays open for the next question
                case "error":
                    raise SystemExit(f"Unfinished: {event.to_json(indent=None)}")

        print()
        if response is None:  # nothing was raised
            raise SystemExit("Unfinished: the connection was closed")
        if response.status != "completed":
            reason = response.incomplete_details or response.error
            raise SystemExit(f"Unfinished: {reason}")
        previous_id = response.id
