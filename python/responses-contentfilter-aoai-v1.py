# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""See what the content filter found, and tell what it blocked from what it cut.

Group: Cost, speed, safety
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#handle-guardrails-and-content-filtering
"""

import os

import openai
from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
PROMPT = "How do I sharpen a kitchen knife?"
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)

response = None
reports: list = []
unfinished: object = "the stream broke off"  # it can: the SDK does not raise then

try:
    with client.responses.create(model=MODEL, input=PROMPT, stream=True) as stream:
        for event in stream:
            if event.type == "response.output_text.delta":
                print(event.delta, end="", flush=True)
            elif event.type == "response.completed":
                response = event.response
                unfinished = None
            elif event.type == "response.incomplete":
                response = event.response
                unfinished = response.incomplete_details
            elif event.type == "response.failed":
                unfinished = event.response.error or "failed"
            elif event.type == "error":
                unfinished = event.message
except openai.APIError as error:  # at once for a prompt, in mid-stream for an answer
    if error.code not in ("content_filter", "content_policy_violation"):
        raise
    unfinished = error.message
    body = error.body if isinstance(error.body, dict) else {}
    reports = body.get("content_filters") or [body.get("innererror") or {}]

print()

# No part of the SDK's types, and null where there was nothing to look at.
for report in getattr(response, "content_filters", None) or reports:
    source = report.get("source_type", "prompt")
    for key in ("content_filter_results", "content_filter_result"):  # new, old shape
        for category, found in report.get(key, {}).items():
            level = found.get("severity") or f"detected: {found.get('detected')}"
            blocked = "blocked" if found.get("filtered") else ""
            print(f"{source:10}  {category:24}  {level:15}  {blocked}".rstrip())
if unfinished:
    raise SystemExit(f"Unfinished: {unfinished}")
