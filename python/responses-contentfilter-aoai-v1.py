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
from openai.types.responses import Response

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
PROMPT = "How do I sharpen a kitchen knife?"
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)


def verdict(found: dict | None) -> str:
    """Say what one entry found: entries differ in what they have."""
    if found is None:
        return "not looked at"

    # Which blocklists, topics or kinds of personal data it was.
    names = [
        part.get("id") or part.get("sub_category") or "unnamed"
        for part in found.get("details") or found.get("sub_categories") or []
        if part.get("filtered") or part.get("detected")
    ]
    if "severity" in found:
        said = found["severity"]  # safe, low, medium or high
    elif "detected" in found:
        said = f"detected: {found['detected']}"
    elif "message" in found:
        said = f"could not look: {found['message']}"
    elif names or found.get("filtered"):
        said = "found something"
    else:
        said = "found nothing"
    return ", ".join([said, *names])


def show(report: dict) -> None:
    """Print a line for each entry of one report."""
    source = report.get("source_type") or "prompt"
    results = report.get("content_filter_results")
    if results is None:
        results = report.get("content_filter_result")  # the older name

    for category, found in (results or {}).items():
        blocked = "blocked" if found and found.get("filtered") else ""
        line = f"{source:10}  {category:36}  {verdict(found):15}  {blocked}"
        print(line.rstrip())


def reports_in(response: Response) -> list[dict]:
    """Return the reports that come with an answer: no part of the SDK's types."""
    return getattr(response, "content_filters", None) or []


reports: list = []
reason: object = None

try:
    with client.responses.stream(model=MODEL, input=PROMPT) as stream:
        for event in stream:
            match event.type:
                case "response.output_text.delta":
                    print(event.delta, end="", flush=True)
                case "response.incomplete":
                    reason = event.response.incomplete_details
                    reports = reports_in(event.response)
                case "response.failed":
                    reason = event.response.error
                case "error":
                    reason = event.message
        if not reason:
            # Raises if the stream broke off.
            reports = reports_in(stream.get_final_response())
except openai.APIError as error:  # at once for a prompt, in mid-stream for an answer
    if error.code not in ("content_filter", "content_policy_violation"):
        raise
    reason = error.message
    body = error.body if isinstance(error.body, dict) else {}
    reports = body.get("content_filters") or [body.get("innererror")]

print()

if not any(reports):
    print("No report of the content filter came with it.")
for report in reports:
    if report:
        show(report)

if reason:  # cut off, filtered or failed
    raise SystemExit(f"Unfinished: {reason}")
