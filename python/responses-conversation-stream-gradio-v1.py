# /// script
# requires-python = ">=3.11"
# dependencies = ["gradio>=6.31,<7", "openai>=3.54,<4", "pillow>=12.3,<13",
#                 "python-dotenv>=1.2,<2"]
# ///
"""Chat in the browser: streamed answers, pictures, and what the model thought.

Group: Chat apps
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Needs: a model that reasons
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/responses#streaming
"""

import base64
import os
import re
import time
from pathlib import Path

import gradio as gr
from dotenv import load_dotenv
from openai import APIError, AsyncOpenAI
from PIL import Image, UnidentifiedImageError

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
client = AsyncOpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)


def bubble(text: str, **metadata: str) -> dict:
    """Return a message; no tag, picture or diagram in it is live. A title folds it."""
    md = re.sub(r"<|!(?=\[)|(?<=[`~]{3}) *\w", lambda m: f"&#00{ord(m[0][-1])};", text)
    return {"content": md, "metadata": metadata}


async def chat(message: dict | str, history: list[dict]):
    text, files = (message, []) if isinstance(message, str) else message.values()
    content: list = [{"type": "input_text", "text": text}] if text else []
    ids = [(turn["metadata"] or {}).get("id") for turn in reversed(history)]
    thoughts, reply = {"text": "", "title": "Thinking"}, {"text": ""}
    parts, shown, fault = [thoughts, reply], 0.0, "the stream broke off"
    try:
        for file in files:
            path = file if isinstance(file, str) else file["path"]  # on a retry
            with Image.open(path, formats=["PNG", "JPEG", "WEBP", "GIF"]) as picture:
                url = f"data:{picture.get_format_mimetype()};base64,"
            url += base64.b64encode(Path(path).read_bytes()).decode()
            content.append({"type": "input_image", "image_url": url, "detail": "auto"})
        async with await client.responses.create(
            model=MODEL,
            input=[{"role": "user", "content": content}],
            previous_response_id=next(filter(None, ids), None),  # kept by the page
            reasoning={"effort": "medium", "summary": "auto"},
            stream=True,
        ) as stream:
            async for event in stream:
                fault = getattr(event, "message", fault)  # of an error
                if event.type == "response.reasoning_summary_text.delta":
                    thoughts["text"] += event.delta
                elif event.type == "response.reasoning_summary_part.done":
                    thoughts["text"] += "\n\n"
                elif event.type == "response.output_text.delta":
                    reply["text"] += event.delta
                    thoughts["status"] = "done"
                elif event.type == "response.completed":
                    reply["id"], fault = event.response.id, None
                elif response := getattr(event, "response", None):  # failed, incomplete
                    why = response.error or response.incomplete_details
                    fault = getattr(why, "message", getattr(why, "reason", fault))
                due = time.monotonic() > shown + 0.2 or event.type.endswith("part.done")
                if due and (page := [bubble(**part) for part in parts if part["text"]]):
                    yield page
                    shown = time.monotonic()  # five times a second are enough
    except (UnidentifiedImageError, Image.DecompressionBombError):
        fault = "only PNG, JPEG, WebP and GIF pictures up to 178 megapixels can be sent"
    except APIError as error:
        fault = (isinstance(error.body, dict) and error.body.get("message")) or error
    parts += [{"text": f"Unfinished: {fault}"}] if fault else []
    yield [bubble(**part) for part in parts if part["text"] or "id" in part]


KEPT = ("$$", "$$"), (r"\[", r"\]"), (r"\(", r"\)"), ("&#00", ";")  # from Markdown
kept = [{"left": a, "right": z, "display": z in ("$$", r"\]")} for a, z in KEPT]
bot = gr.Chatbot(label="Chat", scale=1, latex_delimiters=kept, buttons=[])
box = gr.MultimodalTextbox(file_types=["image"], file_count="multiple", stop_btn=True)
demo = gr.ChatInterface(chat, multimodal=True, chatbot=bot, textbox=box, editable=True)
demo.title, demo.delete_cache = "Chat", (3600, 86400)  # a picture stays for a day
demo.queue(default_concurrency_limit=None)  # nobody waits for another visitor's answer

if __name__ == "__main__":
    demo.launch(theme="glass", max_file_size="20mb", max_threads=1000)  # at once
