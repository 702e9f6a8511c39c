# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Be told by a webhook that an answer is ready, and verify who says so.

Group: Streaming and long answers
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL,
    WEBHOOK_URL, OPENAI_WEBHOOK_SECRET
Needs: an https address that the service can reach
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/webhooks
"""

import os
import time
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from dotenv import load_dotenv
from openai import InvalidWebhookSignatureError, OpenAI
from openai.types.webhooks import WebhookEndpointWithSecret

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
PORT = 8000
# The public address of that port. In Codespaces, forward the port, make it public and
# copy its address; anywhere else, a tunnel has one (dev tunnels, cloudflared, ngrok).
URL = os.environ["WEBHOOK_URL"]
SECRET = os.environ["OPENAI_WEBHOOK_SECRET"].strip()  # empty: the one shown below
ENDPOINTS = "/dashboard/webhook_endpoints"  # Azure's path, which the SDK does not know
ENDS = ("completed", "failed", "incomplete", "cancelled")
MAX_BYTES = 100_000  # of a request: anybody can call a public address
MAX_SECONDS = 600
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)
events = []


class Receiver(BaseHTTPRequestHandler):
    """Takes events whose signature is right, and nothing else."""

    timeout = 10  # seconds that a request may be silent

    def do_POST(self):
        """Answer one request: 200 if the service has sent it, else 400."""
        try:
            length = int(self.headers.get("content-length", 0))
            body = self.rfile.read(max(0, min(length, MAX_BYTES)))
            event = client.webhooks.unwrap(body, self.headers, secret=secret)
        except (InvalidWebhookSignatureError, ValueError) as error:
            self.log_error("Refused: %s", error)
            self.send_error(400)
            return
        self.send_response(200)  # at once: after ten seconds it would come again
        self.end_headers()
        events.append(event)


# Whatever happens below, the callbacks registered here run when a block ends.
with ExitStack() as cleanup, ExitStack() as stop:
    server = cleanup.enter_context(ThreadingHTTPServer(("127.0.0.1", PORT), Receiver))
    server.timeout = 1
    endpoint = client.post(
        ENDPOINTS,
        body={
            "name": "Sample",
            "url": URL,
            "event_types": [f"response.{end}" for end in ENDS],
        },
        cast_to=WebhookEndpointWithSecret,
    )
    cleanup.callback(client.delete, f"{ENDPOINTS}/{endpoint.id}", cast_to=object)
    # It is shown this once. A receiver that stays gets it as OPENAI_WEBHOOK_SECRET.
    secret = SECRET or endpoint.signing_secret

    response = client.responses.create(
        model=MODEL, input="Write a long story about otters in space.", background=True
    )
    stop.callback(client.responses.cancel, response.id)  # it would go on, and be billed

    start = time.monotonic()
    try:
        while response.id not in [event.data.id for event in events]:
            waited = time.monotonic() - start
            print(f"{waited:5.1f} s  waiting for the event", flush=True)
            if waited > MAX_SECONDS:
                raise SystemExit(f"Unfinished: no event came within {MAX_SECONDS} s")
            server.handle_request()
    except KeyboardInterrupt:
        raise SystemExit("Interrupted: the answer is no longer waited for.") from None
    stop.pop_all()

for event in events:
    if event.data.id == response.id:
        print("Told:", event.type)
response = client.responses.retrieve(response.id)
print(response.output_text)
if response.status != "completed":  # failed, incomplete or cancelled
    reason = response.incomplete_details or response.error or response.status
    raise SystemExit(f"Unfinished: {reason}")
