"""The emulator for visitors.py: `visitors_service.py PORT` serves until it is ended.

It writes 50 events a second, each sent from the event loop. `python -m emulator serve
--delay 20` hands each event through a worker thread instead, so that a slow one holds
up nobody; at 50 visitors that takes as much of two CPUs as the app under test.
"""

import asyncio
import signal
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from emulator.adapters.asgi import App, Receive, Send
from emulator.adapters.listener import listen
from emulator.adapters.server import serving
from emulator.core import Emulator
from emulator.http import Reply

SECONDS = 0.02  # between two events of a stream


class Paced(App):
    """Sends a streamed reply to its end, one event every `SECONDS`."""

    async def _send_reply(self, reply: Reply, receive: Receive, send: Send) -> None:
        if isinstance(reply.body, bytes):
            return await super()._send_reply(reply, receive, send)
        headers = [(k.encode(), v.encode()) for k, v in reply.headers.items()]
        start = {"type": "http.response.start", "status": reply.status}
        await send({**start, "headers": headers})
        for piece in reply.body:
            await asyncio.sleep(SECONDS)
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    with serving(Paced(Emulator()), listen("127.0.0.1", int(sys.argv[1]))):
        signal.sigwait({signal.SIGTERM, signal.SIGINT})
