# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Follow a long answer, and go on where the connection was lost.

Group: Streaming and long answers
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#background-tasks
"""

import os
from contextlib import ExitStack

from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
LOST_AT = 10  # the event at which the connection is cut, to show what then helps
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

response_id = None
done_with = 0  # the number of the last event that was dealt with
reason = None
# Nobody may read on, and it would still be written and billed: whatever happens before
# its end, it is cancelled.
with ExitStack() as cleanup:
    with client.responses.create(
        model=MODEL,
        input="Write me a poem about the sea.",
        background=True,  # it is written whether or not somebody reads
        stream=True,  # without this it could not be followed later either
    ) as stream:
        for event in stream:
            match event.type:
                case "response.created":
                    response_id = event.response.id
                    cleanup.callback(client.responses.cancel, response_id)
                    done_with = event.sequence_number
                case "response.output_text.delta":
                    print(event.delta, end="", flush=True)
                    done_with = event.sequence_number
            if done_with >= LOST_AT:
                break

    if response_id is None:
        raise SystemExit("Unfinished: the stream broke off before it had begun")

    print(f"\n--- Lost after event {done_with}: going on from there ---")
    # All events come again, since the whole answer is put together from them; the loop
    # is given those after this number.
    with client.responses.stream(
        response_id=response_id, starting_after=done_with
    ) as stream:
        for event in stream:
            match event.type:
                case "response.output_text.delta":
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
    cleanup.pop_all()  # it has ended: there is nothing to cancel

print(f"({len(response.output_text)} characters in all)")
