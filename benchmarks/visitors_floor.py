"""Gradio's own floor for visitors.py: a chat whose answers are constants.

It has the chat app's components and as many yields in as many seconds; what it lacks is
everything that the app does.
"""

import asyncio
import os

import gradio as gr

YIELDS = int(os.environ["YIELDS"])
THOUGHTS = YIELDS // 3  # the rest is the answer
SECONDS = float(os.environ["SECONDS"])  # between two yields


async def answer(message: dict, history: list[dict]):  # noqa: ARG001
    """Yield a thought that grows, then an answer below it that grows."""
    thought = {"content": "", "metadata": {"title": "Thinking"}}
    reply = {"content": "", "metadata": {}}
    for n in range(1, YIELDS + 1):
        await asyncio.sleep(SECONDS)
        if n <= THOUGHTS:
            thought = {**thought, "content": "thought " * n}
            yield [thought]
        else:
            reply = {**reply, "content": "wave " * (n - THOUGHTS)}
            yield [thought, reply]


textbox = gr.MultimodalTextbox(file_types=["image"], file_count="multiple")
demo = gr.ChatInterface(
    answer, title="Floor", multimodal=True, textbox=textbox, editable=True
)
demo.queue(default_concurrency_limit=None)

if __name__ == "__main__":
    demo.launch(max_threads=1000)  # Gradio runs 40 answers at once unless told
