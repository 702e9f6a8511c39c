# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Tell apart the ways in which a call can fail, and say what to do about each.

Group: Start here
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_API_ENDPOINT, AZURE_OPENAI_API_VERSION,
    AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/troubleshoot-errors
"""

import os

import openai
from dotenv import load_dotenv
from openai import AzureOpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
client = AzureOpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    azure_endpoint=os.environ["AZURE_OPENAI_API_ENDPOINT"],
    api_version=os.environ["AZURE_OPENAI_API_VERSION"],
    timeout=60,  # seconds; unset, a call may take ten minutes
    max_retries=4,  # of a lost connection, 408, 409, 429 and 5xx; unset, two
)

try:
    response = client.responses.create(model=MODEL, input="Tell me a joke.")
except openai.APITimeoutError:
    raise SystemExit(f"Timed out: no answer within {client.timeout} s") from None
except openai.APIConnectionError as error:
    raise SystemExit(f"Not connected to {client.base_url}: {error.__cause__}") from None
except openai.APIStatusError as error:
    # What an edge server says is plain text; all else is JSON.
    body: dict = error.body if isinstance(error.body, dict) else {"message": error.body}
    headers = error.response.headers

    blocked: list[str] = []
    for report in [*(body.get("content_filters") or []), body.get("innererror") or {}]:
        for key in ("content_filter_results", "content_filter_result"):  # either shape
            found = (report.get(key) or {}).items()
            blocked += [name for name, verdict in found if verdict.get("filtered")]

    if blocked or body.get("code") in ("content_filter", "content_policy_violation"):
        what = f"Blocked by the content filter for {', '.join(blocked) or 'no reason'}"
    elif isinstance(error, openai.BadRequestError):
        what = f"Wrong request: look at {body.get('param') or 'the message'}"
    elif isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        what = "Not let in: check the key or the role, and the resource's firewall"
    elif isinstance(error, openai.NotFoundError):
        what = f"Not found: is there a deployment {MODEL}, and is the endpoint right?"
    elif isinstance(error, openai.RateLimitError):
        limits = {name: headers[name] for name in headers if "ratelimit" in name}
        what = f"Too many: again in {headers.get('retry-after')} s; {limits}"
    else:
        what = "The service failed, and retries did not help: try again later"

    raise SystemExit(
        f"{what}\nHTTP {error.status_code}, {body.get('code')}: {body.get('message')}\n"
        f"For a support ticket: {headers.get('apim-request-id')}"
    ) from None

print(response.output_text)
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
