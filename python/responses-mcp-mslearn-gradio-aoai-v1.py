# /// script
# requires-python = ">=3.11"
# dependencies = ["gradio>=6.31,<7", "openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Chat in the browser with a model that looks things up on Microsoft Learn.

Group: Chat apps
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#using-remote-mcp-servers
"""

import os
import re
import time

import gradio as gr
from dotenv import load_dotenv
from openai import APIError, AsyncOpenAI
from openai.types.responses import ToolParam

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
LEARN: ToolParam = {
    "type": "mcp",
    "server_label": "mslearn",
    "server_url": "https://learn.microsoft.com/api/mcp",
    "require_approval": "never",  # it only reads public documentation
}
client = AsyncOpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)


def bubble(text: str, **metadata: str) -> dict:
    """Return a message; no tag, picture or diagram in it is live. A title folds it."""
    md = re.sub(r"<|!(?=\[)|(?<=[`~]{3}) *\w", lambda m: f"&#00{ord(m[0][-1])};", text)
    return {"content": md, "metadata": metadata}


async def chat(message: str, history: list[dict]):
    ids = [(turn["metadata"] or {}).get("id") for turn in reversed(history)]
    calls, reply, parts = {}, {"text": ""}, []
    shown, fault = 0.0, "the stream broke off"
    try:
        async with await client.responses.create(
            model=MODEL,
            input=message,
            previous_response_id=next(filter(None, ids), None),  # kept by the page
            tools=[LEARN],
            stream=True,
        ) as stream:
            async for event in stream:
                fault = getattr(event, "message", fault)  # of an error
                item = getattr(event, "item", None)
                if item and item.type == "mcp_call":
                    text = f"```json\n{item.arguments}\n```\n{item.error or ''}"
                    title = bubble(item.name)["content"] + " failed" * bool(item.error)
                    status = "pending" if event.type.endswith(".added") else "done"
                    calls[item.id] = {"text": text, "title": title, "status": status}
                elif event.type == "response.mcp_call_arguments.done":
                    calls[event.item_id]["text"] = f"```json\n{event.arguments}\n```"
                elif event.type == "response.output_text.delta":
                    reply["text"] += event.delta
                elif event.type == "response.completed":
                    reply["id"], fault = event.response.id, None
                elif response := getattr(event, "response", None):  # failed, incomplete
                    why = response.error or response.incomplete_details
                    fault = getattr(why, "message", getattr(why, "reason", fault))
                parts = [*calls.values(), reply]
                due = time.monotonic() > shown + 0.2 or "delta" not in event.type
                if due and (page := [bubble(**part) for part in parts if part["text"]]):
                    yield page
                    shown = time.monotonic()  # five times a second are enough
    except APIError as error:
        fault = (isinstance(error.body, dict) and error.body.get("message")) or error
    parts += [{"text": f"Unfinished: {fault}"}] if fault else []
    yield [bubble(**part) for part in parts if part["text"] or "id" in part]


KEPT = ("$$", "$$"), (r"\[", r"\]"), (r"\(", r"\)"), ("&#00", ";")  # from Markdown
kept = [{"left": a, "right": z, "display": z in ("$$", r"\]")} for a, z in KEPT]
bot = gr.Chatbot(scale=1, latex_delimiters=kept, buttons=[])
demo = gr.ChatInterface(chat, title="Ask Microsoft Learn", chatbot=bot, editable=True)
demo.queue(default_concurrency_limit=None)  # nobody waits for another visitor's answer

if __name__ == "__main__":
    demo.launch(theme="glass", max_threads=1000)  # at once
