# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Watch the web being searched and the answer being written.

Group: Tools the service runs
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Needs: a fee for each search; the query leaves Azure's compliance boundary
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/web-search
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

reason = None
with client.responses.stream(
    model=MODEL,
    tools=[{"type": "web_search"}],
    input="Search the web: how long does Azure OpenAI keep a response?",
) as stream:
    for event in stream:
        match event.type:
            # Do not wait for a "completed" of the search: Azure sends none.
            case "response.web_search_call.searching":
                print("Searching the web ...", flush=True)
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

# Whoever shows the answer has to show what it cites, as links.
cited = {
    annotation.url: annotation.title
    for item in response.output
    if item.type == "message"
    for part in item.content
    if part.type == "output_text"
    for annotation in part.annotations
    if annotation.type == "url_citation"
}
for url, title in cited.items():
    print(f"Source: {title} <{url}>")
