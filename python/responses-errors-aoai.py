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


def explain(error: openai.APIStatusError) -> str:
    """Say what failed, what to do about it, and what support will ask for."""
    headers = error.response.headers
    # What an edge server says is plain text; all else is JSON.
    body = error.body if isinstance(error.body, dict) else {"message": error.body}

    match error.status_code:
        case 400 if body.get("code") in ("content_filter", "content_policy_violation"):
            categories = ", ".join(blocked(body)) or "a category that it does not name"
            what = f"Blocked by the content filter for {categories}: change the prompt"
        case 400:
            what = f"Wrong request: look at {body.get('param') or 'the message'}"
        case 401 | 403:
            what = "Not let in: check the key or the role, and the resource's firewall"
        case 404:
            what = f"Not found: is there a deployment {MODEL}, is the endpoint right?"
        case 424:
            what = "The MCP server named below failed: check its address and key"
        case 429:
            limits = {name: headers[name] for name in headers if "ratelimit" in name}
            what = f"Too many: again in {headers.get('retry-after')} s; {limits}"
        case _:
            what = "The service failed, and retries did not help: try again later"

    return (
        f"{what}\nHTTP {error.status_code}, {body.get('code')}: {body.get('message')}\n"
        f"For a support ticket: {headers.get('apim-request-id')}"
    )


def blocked(body: dict) -> list[str]:
    """The categories for which the content filter blocked, in either shape of body."""
    categories = []
    reports = body.get("content_filters") or [body.get("innererror")]
    for report in reports:
        for key in ("content_filter_results", "content_filter_result"):
            results = (report or {}).get(key) or {}
            for category, verdict in results.items():
                if verdict and verdict.get("filtered"):
                    categories.append(category)
    return categories


try:
    response = client.responses.create(model=MODEL, input="Tell me a joke.")
except openai.APITimeoutError:
    raise SystemExit(f"Timed out: no answer within {client.timeout} s") from None
except openai.APIConnectionError as error:
    # Its kind alone: the text of a cause may quote the header that holds the key.
    cause = type(error.__cause__).__name__
    raise SystemExit(
        f"Not connected to {client.base_url}: {cause}\n"
        "Check the endpoint, the network, and that the key is one line"
    ) from None
except openai.APIStatusError as error:
    raise SystemExit(explain(error)) from None

print(response.output_text)

if response.error and response.error.code == "misalignment_policy_violation":
    found = response.error.misalignment
    why = found.detailed_explanation if found else "it does not say why"
    raise SystemExit(
        f"Stopped, since the model strayed from what it was asked to do: {why}\n"
        f"It cannot go on: start a new conversation. {response.error.message}"
    )
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
