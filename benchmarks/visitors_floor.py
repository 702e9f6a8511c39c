"""Gradio's own floor for visitors.py: the chat app's page, with answers of constants.

It is the app with all its options, but for `answer`: in its place stands what the app
has yielded to a visitor who was alone, each time as long after the question:
`visitors_floor.py FILE`, a JSON list with, for each turn, the seconds and the messages
of every yield. What it lacks is everything that the app does.
"""

import asyncio
import json
import os
import runpy
import sys
import time
from pathlib import Path
from unittest import mock

import gradio as gr

ROOT = Path(__file__).parent.parent
APP = ROOT / "python" / "responses-conversation-stream-gradio-v1.py"
TURNS = json.loads(Path(sys.argv[1]).read_text("utf-8"))

sys.path.insert(0, str(ROOT))

from responses_emulator.commands.surroundings import surroundings  # noqa: E402


async def answer(history: list[dict], visitor: str):  # noqa: ARG001
    """Yield what the app has yielded in this turn."""
    begin = time.monotonic()
    for seconds, messages in TURNS[sum(m["role"] == "user" for m in history) - 1]:
        await asyncio.sleep(begin + seconds - time.monotonic())
        yield messages


def main() -> None:
    """Serve the page, with the options that the app itself is launched with."""
    os.environ |= surroundings("http://127.0.0.1:9", {})  # where nobody is asked
    with mock.patch.object(gr.Blocks, "launch") as launch:
        app = runpy.run_path(str(APP), run_name="__main__")
    app["respond"].__globals__["answer"] = answer
    app["demo"].launch(**launch.call_args.kwargs)


if __name__ == "__main__":
    main()
