# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Let a model divide a task among agents and show the answer of the first.

Group: Tools the service runs
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Needs: a preview; a model from gpt-5.6 on; the tokens of every agent
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses-multi-agent
"""

import os

from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
TASK = """Which of these plans keeps a shop running through a power cut of six hours
for less than 1,000 euros a month? Have one agent look at each plan.
- Battery: lasts 4 hours, 300 euros a month.
- Generator: lasts 48 hours, 800 euros a month.
- Second site: lasts for ever, 5,000 euros a month."""
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
    default_query={"api-version": "preview"},
)

response = client.beta.responses.create(
    model=MODEL,
    input=TASK,
    multi_agent={"enabled": True, "max_concurrent_subagents": 3},
)

for item in response.output:
    if item.type == "multi_agent_call":  # done by the service: nothing to run here
        print(f"{item.action}: {item.arguments}")
    if item.type != "message" or item.phase != "final_answer":
        continue
    # The other agents give their answers to /root, which makes one of them.
    if item.agent and item.agent.agent_name == "/root":
        for part in item.content:
            print(part.text if part.type == "output_text" else part.refusal)
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
