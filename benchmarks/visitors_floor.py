"""Gradio's own floor for visitors.py: a chat whose answers are constants.

It has the chat app's components and yields what the app has yielded to a visitor who
was alone, each time as long after the question: `visitors_floor.py FILE`, a JSON list
with, for each turn, the seconds and the messages of every yield. What it lacks is
everything that the app does.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

import gradio as gr

TURNS = json.loads(Path(sys.argv[1]).read_text("utf-8"))


async def answer(message: dict, history: list[dict]):  # noqa: ARG001
    """Yield what the app has yielded in this turn."""
    begin = time.monotonic()
    for seconds, messages in TURNS[sum(m["role"] == "user" for m in history)]:
        await asyncio.sleep(begin + seconds - time.monotonic())
        yield messages


textbox = gr.MultimodalTextbox(file_types=["image"], file_count="multiple")
demo = gr.ChatInterface(
    answer, title="Floor", multimodal=True, textbox=textbox, editable=True
)
demo.queue(default_concurrency_limit=None)

if __name__ == "__main__":
    demo.launch(max_threads=1000)  # Gradio runs 40 answers at once unless told
