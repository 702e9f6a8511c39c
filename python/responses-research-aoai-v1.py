# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Have a question researched on the web in the background and list the sources.

Group: Streaming and long answers
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Needs: a fee for each search; a model that searches on its own when it thinks hard
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/deep-research
"""

import os
import time

from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
POLL_SECONDS = 5
MAX_SECONDS = 1200  # many take ten minutes, some half an hour
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

start = time.monotonic()
response = client.responses.create(
    model=MODEL,
    input="Compare the Eiffel Tower and the city of Munich as places to visit.",
    # What is searched for leaves Azure for Bing. An MCP server can be a source, too.
    tools=[{"type": "web_search"}],
    reasoning={"effort": "high"},
    max_tool_calls=20,  # each search is billed
    background=True,
)
try:
    while response.status in ("queued", "in_progress"):
        waited = time.monotonic() - start
        print(f"{waited:5.1f} s  {response.status}", flush=True)
        if waited > MAX_SECONDS:
            break
        time.sleep(POLL_SECONDS)
        response = client.responses.retrieve(response.id)
except KeyboardInterrupt:
    print("Interrupted.")
finally:
    if response.status in ("queued", "in_progress"):  # it would go on, and be billed
        response = client.responses.cancel(response.id)

print(response.output_text)

searches = [item for item in response.output if item.type == "web_search_call"]
print("Searches and pages opened:", len(searches))
sources = {
    annotation.url: annotation.title
    for item in response.output
    if item.type == "message"
    for part in item.content
    if part.type == "output_text"
    for annotation in part.annotations
    if annotation.type == "url_citation"
}
for url, title in sources.items():  # whoever shows the report has to show these
    print(f"Source: {title} <{url}>")
if response.status != "completed":  # cancelled, failed or incomplete
    reason = response.incomplete_details or response.error or response.status
    raise SystemExit(f"Unfinished: {reason}")
