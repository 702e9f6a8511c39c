"""How long a request may take, and so where it is answered.

Quick requests are answered on the event loop's own thread, others in a worker thread;
those that may take long have few threads of their own, and wait for one.
"""

from collections.abc import Callable
from typing import Protocol, TypeVar

from responses_emulator.adapters.app import App
from responses_emulator.adapters.bodies import Bodies
from responses_emulator.http import Request

Result = TypeVar("Result")

QUICK_BODY_BYTES = 2**10
LONG_BODY_BYTES = 256 * 2**10

# What may take long: tools, schemas to fill in, files to read, long conversations.
SLOW_WORDS = (b'"tools"', b'"json_schema"', b'"input_', b'_id"', b'"conversation"')


def is_quick(request: Request) -> bool:
    """Whether a request is answered from what is in memory, in well under 1 ms."""
    body = request.body
    if request.method == "POST":
        return (
            len(body) < QUICK_BODY_BYTES
            and request.path.endswith("/responses")
            and b"\\u" not in body  # such an escape may spell any of the words
            and not any(word in body for word in SLOW_WORDS)
        )
    return request.method == "GET" and "/responses/" in request.path


# What waits for a process, of which there are few, or for many answers.
LONG_WORDS = (
    b'"input_file"',
    b'"code_interpreter"',
    b'"container_auto"',
    b'"grammar"',
    b'"pattern"',
)


def may_take_long(request: Request) -> bool:
    """Whether a request waits for a place of its own, of which there are few."""
    path = request.path
    if request.method != "POST":
        return "/vector_stores/" in path and path.endswith("/content")
    if "/responses" in path:
        return is_long_body(request.body)
    return "/vector_stores" in path or path.endswith("/batches")


def is_long_body(body: bytes) -> bool:
    """Whether what a request for a response brings may take long to answer."""
    return (
        len(body) > LONG_BODY_BYTES
        or b"\\u" in body
        or any(word in body for word in LONG_WORDS)
    )


class Host(Protocol):
    """What a connection, whatever it speaks, asks of its server."""

    app: App
    bodies: Bodies

    async def do(self, work: Callable[[], Result], *, long: bool) -> Result:
        """Do it in a thread; raises ServiceError if there is no place for it."""
        ...
