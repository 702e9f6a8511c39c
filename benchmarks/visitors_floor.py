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

from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

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
    """Serve the page."""
    os.environ |= surroundings("http://127.0.0.1:9", {})  # where nobody is asked
    app = runpy.run_path(str(APP))
    app["respond"].__globals__["answer"] = answer
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=app["HOSTS"])
    app["demo"].launch(
        head_paths=app["PAGE"],
        max_file_size="20mb",
        max_threads=1000,
        app_kwargs={"middleware": [hosts, Middleware(app["guarded"])]},
    )


if __name__ == "__main__":
    main()
