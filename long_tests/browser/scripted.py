"""Answers in a test's own words, and a service that fails, for `Service.answer`."""

import threading
from collections.abc import Callable, Iterator, Sequence

from responses_emulator import events
from responses_emulator.http import (
    Json,
    Pause,
    Pieces,
    Reply,
    Request,
    json_reply,
    sse_reply,
)
from responses_emulator.ids import new_id
from responses_emulator.model.items import message

Answer = Callable[[Request], Reply | None]


def asks_for_a_response(request: Request) -> bool:
    return request.method == "POST" and request.path.endswith("/responses")


def saying(*texts: str, thoughts: str = "", calls: Sequence[Json] = ()) -> Answer:
    """A stream with these thoughts, tool calls and messages, and a proper end."""
    return ending("completed", *texts, thoughts=thoughts, calls=calls)


def ending(
    status: str,
    *texts: str,
    thoughts: str = "",
    calls: Sequence[Json] = (),
    **changes: object,
) -> Answer:
    """A stream that ends as `completed`, `failed`, ...; its end has these fields."""
    items = _items(texts, thoughts, calls)
    return _to_requests_for_a_response(
        lambda: sse_reply(_events(items, status, **changes))
    )


def breaking_off(
    *texts: str, thoughts: str = "", then: Json | Exception | None = None
) -> Answer:
    """A stream that ends in mid-sentence: silently, with an event or a lost connection.

    Without texts it breaks off while the model thinks.
    """
    stop = "output_text" if texts else "reasoning_summary_text"
    items = _items(texts, thoughts, ())

    def pieces() -> Iterator[Json]:
        for event in _events(items, "in_progress"):
            if event["type"] == f"response.{stop}.done":
                break
            yield event
        if isinstance(then, Exception):
            raise then
        if then:
            yield then

    return _to_requests_for_a_response(lambda: sse_reply(pieces()))


def declining(text: str) -> Answer:
    """A stream with a refusal, and a proper end."""
    item = message("")
    item["content"] = [{"type": "refusal", "refusal": text}]
    return _to_requests_for_a_response(lambda: sse_reply(_events([item], "completed")))


def error_event(text: str) -> Json:
    """The event that says, in the middle of a stream, that something is wrong."""
    return {
        "type": "error",
        "sequence_number": 99,
        "code": "another",
        "message": text,
        "param": None,
    }


def refusing(status: int, body: Json, headers: dict[str, str] | None = None) -> Answer:
    """Every request for a response is answered with this error."""

    def reply() -> Reply:
        reply = json_reply(body, status)
        reply.headers |= headers or {}
        return reply

    return _to_requests_for_a_response(reply)


def mcp_call(name: str, arguments: str, error: str | None = None) -> Json:
    """A call of a tool of Microsoft Learn's server that was done, or failed."""
    return {
        "id": new_id("mcp"),
        "type": "mcp_call",
        "status": "failed" if error else "completed",
        "approval_request_id": None,
        "arguments": arguments,
        "error": error,
        "name": name,
        "output": None if error else '{"results": []}',
        "server_label": "mslearn",
    }


def held(answer: Answer, event: str) -> tuple[Answer, Callable[[], None]]:
    """That answer, which pauses before such an event; and what lets it go on."""
    released = threading.Event()
    return _gated(answer, event, released.is_set), released.set


def step_by_step(answer: Answer, event: str) -> tuple[Answer, Callable[[], None]]:
    """That answer, which pauses before each such event; and what lets one more go."""
    allowed = threading.Semaphore(0)
    return _gated(answer, event, lambda: allowed.acquire(blocking=False)), (
        allowed.release
    )


def _gated(answer: Answer, event: str, may_go: Callable[[], bool]) -> Answer:
    """That answer, whose events of a kind wait until they may go."""

    def gated(pieces: Pieces) -> Pieces:
        for piece in pieces:
            if isinstance(piece, dict) and piece["type"] == event:
                while not may_go():
                    yield Pause(0.01)
            yield piece

    def reply(request: Request) -> Reply | None:
        reply = answer(request)
        if reply and not isinstance(reply.body, bytes):
            reply.body = gated(reply.body)
        return reply

    return reply


def _items(texts: Sequence[str], thoughts: str, calls: Sequence[Json]) -> list[Json]:
    reasoning: Json = {
        "id": new_id("rs"),
        "type": "reasoning",
        "summary": [{"type": "summary_text", "text": thoughts}],
    }
    return [*([reasoning] if thoughts else []), *calls, *map(message, texts)]


def _events(items: list[Json], status: str, **changes: object) -> Iterator[Json]:
    response: Json = {
        "id": new_id("resp"),
        "object": "response",
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "output": [],
    }
    end: Json = {**response, "status": status, "output": items, **changes}

    def unnumbered() -> Iterator[Json]:
        yield events.lifecycle("created", response)
        for index, item in enumerate(items):
            yield from events.of_item(item, index)
        yield events.lifecycle(status, end)

    numbered = events.number(unnumbered())
    return (event for event in numbered if not isinstance(event, Pause))


def _to_requests_for_a_response(reply: Callable[[], Reply]) -> Answer:
    return lambda request: reply() if asks_for_a_response(request) else None
