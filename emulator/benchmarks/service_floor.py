"""The floor of service.py: the emulator's own server, whose replies were made before.

    python emulator/benchmarks/service_floor.py PORT

What it takes is what the emulator takes without checking, answering and storing.
"""

import sys
import threading
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

import orjson  # noqa: E402

from responses_emulator.account import KEY, MODEL  # noqa: E402
from responses_emulator.adapters.app import App  # noqa: E402
from responses_emulator.adapters.listener import listen  # noqa: E402
from responses_emulator.adapters.server import serving  # noqa: E402
from responses_emulator.core import Emulator  # noqa: E402
from responses_emulator.http import Reply, Request  # noqa: E402

PATH = "/openai/v1/responses"
HEADERS = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
PROMPT = "Say hello to the world in one sentence."


class Constant(Emulator):
    """Answers every request as it has answered the first one."""

    def __init__(self) -> None:
        """Make the one reply."""
        super().__init__()
        body = orjson.dumps({"model": MODEL, "input": PROMPT})
        self._always = super().handle(Request("POST", PATH, HEADERS, body))

    def handle(self, request: Request) -> Reply:  # noqa: ARG002
        """The one reply."""
        return self._always


if __name__ == "__main__":
    with serving(App(Constant()), listen(port=int(sys.argv[1]))):
        threading.Event().wait()
