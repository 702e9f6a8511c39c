"""How long a request may take, and so where it is answered.

Quick requests are answered on the event loop's own thread, others in a worker thread.
What is large, or may take long, has threads of its own, of which there are few, and
waits for one: what is ordinary never waits for that.
"""

import asyncio
import functools
import re
from collections.abc import Callable
from enum import Enum
from typing import Protocol, TypeVar

from responses_emulator.adapters.app import App
from responses_emulator.adapters.bodies import Bodies
from responses_emulator.http import Request
from responses_emulator.model.values.keywords import BEYOND_PLAIN

Result = TypeVar("Result")

QUICK_BODY_BYTES = 2**10
LARGE_BODY_BYTES = 8 * 2**10
GLANCE_BYTES = 2**17  # looked through for all words in well under 5 ms


class Lane(Enum):
    """Where requests are answered that are not quick."""

    ORDINARY = "ordinary"
    LARGE = "large"  # keeps a CPU busy: large tools, conversations, uploads
    LONG = "long"  # waits for a process, of which there are few, or for many answers


# What may take long: tools, schemas to fill in, files to read, long conversations; and
# an escape, which may spell any of these words.
SLOW = re.compile(rb'"tools"|"json_schema"|"input_|_id"|"conversation"|\\u')


def is_quick(request: Request) -> bool:
    """Whether a request is answered from what is in memory, in well under 1 ms."""
    body = request.body
    if request.method == "POST":
        return (
            len(body) < QUICK_BODY_BYTES
            and request.path.endswith("/responses")
            and not SLOW.search(body)
        )
    if request.method != "GET":
        return False
    return "/responses/" in request.path or "/models" in request.path


LONG_WORDS = (
    b'"input_file"',
    b'"code_interpreter"',
    b'"container_auto"',
    b'"container_reference"',
    b'"grammar"',
    b'"pattern"',
    *(f'"{keyword}"'.encode() for keyword in sorted(BEYOND_PLAIN)),
)
ESCAPED_LETTER = re.compile(rb"\\u00(?:5[fF]|[67])")  # may spell any of these words


def lane_of(request: Request) -> Lane:
    """Where a request is answered that is not quick."""
    path = request.path
    if request.method != "POST":
        is_long = "/vector_stores/" in path and path.endswith("/content")
        return Lane.LONG if is_long else Lane.ORDINARY
    if "/responses" in path:
        return lane_of_body(request.body)
    if "/vector_stores" in path or path.endswith("/batches"):
        return Lane.LONG
    return Lane.LARGE if len(request.body) > LARGE_BODY_BYTES else Lane.ORDINARY


def lane_of_body(body: bytes) -> Lane:
    """Where a request for a response is answered, by what it brings."""
    if any(word in body for word in LONG_WORDS) or ESCAPED_LETTER.search(body):
        return Lane.LONG
    return Lane.LARGE if len(body) > LARGE_BODY_BYTES else Lane.ORDINARY


class Host(Protocol):
    """What a connection, whatever it speaks, asks of its server."""

    app: App
    bodies: Bodies

    async def do(
        self, work: Callable[[], Result], lane: Lane, gone: asyncio.Future[None]
    ) -> Result:
        """Do it in a thread; raises ServiceError if there is no place for it."""
        ...


async def lane_for(host: Host, request: Request, gone: asyncio.Future[None]) -> Lane:
    """Where a request is answered that is not quick.

    What takes a while to look through is looked through in a thread. Raises
    ServiceError if there is no place for that, or if the client is `gone` before.
    """
    if len(request.body) <= GLANCE_BYTES or "/responses" not in request.path:
        return lane_of(request)
    return await host.do(functools.partial(lane_of, request), Lane.LARGE, gone)


async def lane_for_message(
    host: Host, message: str | bytes, gone: asyncio.Future[None]
) -> Lane:
    """Where a WebSocket's message is answered; else as `lane_for`."""
    if len(message) <= GLANCE_BYTES:
        return lane_of_message(message)
    work = functools.partial(lane_of_message, message)
    return await host.do(work, Lane.LARGE, gone)


def lane_of_message(message: str | bytes) -> Lane:
    """Where a WebSocket's message is answered, by what it brings."""
    return lane_of_body(message.encode() if isinstance(message, str) else message)
