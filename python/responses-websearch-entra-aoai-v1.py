# /// script
# requires-python = ">=3.11"
# dependencies = ["azure-identity>=1.27,<2", "openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Answer a question from the web, with a link to each page that it cites.

Group: Tools the service runs
Auth: Microsoft Entra ID
Env: AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Needs: a fee for each search; the query leaves Azure's compliance boundary
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/web-search
"""

import os

from azure.identity import DefaultAzureCredential, get_bearer_token_provider
from dotenv import load_dotenv
from openai import OpenAI
from openai.types.responses import ToolParam

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
SCOPE = "https://cognitiveservices.azure.com/.default"  # what the token is for
client = OpenAI(
    api_key=get_bearer_token_provider(DefaultAzureCredential(), SCOPE),  # always fresh
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

web_search: ToolParam = {
    "type": "web_search",
    "filters": {"allowed_domains": ["learn.microsoft.com"]},  # and their subdomains
    "user_location": {"type": "approximate", "country": "DE", "city": "Berlin"},
    "search_context_size": "low",  # how much the model reads of what was found
}
response = client.responses.create(
    model=MODEL,
    tools=[web_search],
    include=["web_search_call.action.sources"],
    input="Search the web: how long does Azure OpenAI keep a response?",
)

for item in response.output:
    # Its status says nothing: on Azure it stays "searching" in a finished answer.
    if item.type == "web_search_call" and item.action.type == "search":
        queries = item.action.queries or [item.action.query or ""]
        found = item.action.sources or []
        print(f"Searched: {'; '.join(queries)} (pages found: {len(found)})")

print(response.output_text)

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

if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
