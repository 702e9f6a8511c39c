# /// script
# requires-python = ">=3.11"
# dependencies = ["gradio>=6.31,<7", "openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Chat in the browser with a model that looks things up on Microsoft Learn.

Auth: API key
Env:  AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
"""

import os
import re

import gradio as gr
from dotenv import load_dotenv
from openai import AsyncOpenAI, OpenAIError
from openai.types.responses import ToolParam

load_dotenv()

MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
LEARN: ToolParam = {
    "type": "mcp",
    "server_label": "mslearn",
    "server_url": "https://learn.microsoft.com/api/mcp",
    "require_approval": "never",  # it only reads public documentation
}
CODE_OR_TAG = re.compile(r"(?s)(```.*?(?:```|\Z)|`[^`\n]*`)|<")

client = AsyncOpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"],
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)


def bubble(text: str, **metadata: str) -> dict:
    """Return a message whose HTML is read, not obeyed; a title makes it fold up."""
    text = CODE_OR_TAG.sub(lambda found: found[1] or "&lt;", text)
    return {"content": text, "metadata": metadata}


async def answer(message: str, history: list[dict]):
    """Yield what there is to see by now: tool calls, answer, and what went wrong."""
    reply, page = "", {}
    unfinished = "the stream broke off"
    # The ids are kept on the page: what is undone there is unsaid here, too.
    ids = [(turn["metadata"] or {}).get("id") for turn in reversed(history)]
    try:
        async with await client.responses.create(
            model=MODEL,
            input=message,
            previous_response_id=next(filter(None, ids), None),
            tools=[LEARN],
            stream=True,
        ) as stream:
            async for event in stream:
                item = getattr(event, "item", None)
                if item and item.type == "mcp_call":
                    text = f"```json\n{item.arguments}\n```\n{item.error or ''}"
                    status = "pending" if event.type.endswith(".added") else "done"
                    page[item.id] = bubble(text, title=item.name, status=status)
                elif event.type == "response.mcp_call_arguments.done":
                    text = f"```json\n{event.arguments}\n```"
                    page[event.item_id] |= {"content": bubble(text)["content"]}
                elif event.type == "response.output_text.delta":
                    reply += event.delta
                    page["reply"] = bubble(reply)
                elif event.type == "response.completed":
                    page["reply"] = bubble(reply, id=event.response.id)
                    unfinished = None
                elif event.type == "error":
                    unfinished = event.message
                elif response := getattr(event, "response", None):  # failed, incomplete
                    unfinished = (
                        response.error or response.incomplete_details or unfinished
                    )
                yield [*page.values()]
    except OpenAIError as error:
        body = getattr(error, "body", None)
        unfinished = body.get("message") if isinstance(body, dict) else error
    if unfinished:
        yield [*page.values(), bubble(f"Unfinished: {unfinished}")]


demo = gr.ChatInterface(answer, title="Ask Microsoft Learn", editable=True)
demo.queue(default_concurrency_limit=None)  # nobody waits for another visitor's answer

if __name__ == "__main__":
    demo.launch()
