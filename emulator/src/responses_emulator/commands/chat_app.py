"""One turn with a Gradio chat app, through the HTTP API that Gradio gives every app."""

import asyncio
import json
import socket
from typing import Any, cast

import httpx2

QUESTION = "How long does Azure OpenAI keep a stored response?"
POLL_SECONDS = 0.1


class NoAnswerError(Exception):
    """The app did not answer; the text says why in one line, if the app said it."""


def free_port() -> int:
    """A port of 127.0.0.1 on which nothing listens now."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


def settings(port: int, folder: str) -> dict[str, str]:
    """Variables that have an app listen on that port, for this machine alone.

    What it writes goes to `folder`. If the port is taken it ends, and takes no other.
    """
    return {
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_NUM_PORTS": "1",
        "GRADIO_ROOT_PATH": "",
        "GRADIO_SHARE": "False",
        "GRADIO_SSR_MODE": "False",
        "GRADIO_TEMP_DIR": folder,
    }


async def turn(port: int, question: str = QUESTION) -> str:
    """The app's answer, in one line, to a question asked as soon as the app is up.

    It waits for ever; the caller sets the limit. Raises NoAnswerError, and
    httpx2.HTTPError if the app breaks off or refuses.
    """
    async with httpx2.AsyncClient(
        base_url=f"http://127.0.0.1:{port}/gradio_api/", trust_env=False, timeout=None
    ) as app:
        await _is_up(app)
        path, data = _endpoint(await _json(app, "GET", "info"), question)
        asked = await _json(app, "POST", path, {"data": data})
        async with app.stream("GET", f"{path}/{asked['event_id']}") as reply:
            reply.raise_for_status()
            return await _answer(reply)


async def _is_up(app: httpx2.AsyncClient) -> None:
    """Wait until the app takes questions, which is a moment after it listens."""
    while True:
        try:
            if (await app.get("startup-events")).is_success:
                return
        except httpx2.TransportError:
            pass  # nobody listens yet
        await asyncio.sleep(POLL_SECONDS)


async def _json(
    app: httpx2.AsyncClient, method: str, path: str, body: object = None
) -> Any:
    reply = await app.request(method, path, json=body)
    reply.raise_for_status()
    return reply.json()


def _endpoint(info: dict[str, Any], question: str) -> tuple[str, list[Any]]:
    """Where an app takes its message, and what to send there to begin a conversation.

    A message is a text or, where files can come with it, an object. Other parameters
    are what they are by default, and the history is empty.
    """
    for name, endpoint in info["named_endpoints"].items():
        parameters: list[dict[str, Any]] = endpoint["parameters"]
        if any(map(_is_message, parameters)):
            return f"call{name}", [_sent(each, question) for each in parameters]
    raise NoAnswerError("the app has no endpoint that takes a message")


def _is_message(parameter: dict[str, Any]) -> bool:
    """Whether it is called so, by the function or by the page."""
    return "message" in (parameter["parameter_name"], parameter["label"].lower())


def _sent(parameter: dict[str, Any], question: str) -> Any:
    if not _is_message(parameter):
        return parameter["parameter_default"] or []
    if parameter["python_type"]["type"].startswith("dict"):
        return {"text": question, "files": []}
    return question


async def _answer(reply: httpx2.Response) -> str:
    """The answer in the last of the events, each of which holds all there is so far."""
    event = ""
    async for line in reply.aiter_lines():
        field, _, value = line.partition(": ")
        if field == "event":
            event = value
        elif field == "data" and event == "error":
            raise NoAnswerError(_told(json.loads(value)))
        elif field == "data" and event == "complete":
            return _text(json.loads(value))
    raise NoAnswerError("the app's answer broke off")


def _told(error: Any) -> str:
    """What an app says of an exception: nothing, unless it was meant for visitors."""
    if isinstance(error, dict):
        error = cast("dict[str, Any]", error).get("error")
    return _line(error)


def _text(data: list[Any]) -> str:
    """The last message of a reply, whose first item is a list of messages or a text."""
    last = data[0]
    if isinstance(last, list):
        last = cast("list[Any]", last)[-1] if last else ""
    if isinstance(last, dict):
        last = cast("dict[str, Any]", last).get("content")
    if isinstance(last, list):  # of pieces: texts, files
        pieces = cast("list[dict[str, Any]]", last)
        last = " ".join(str(piece.get("text") or "") for piece in pieces)
    text = _line(last)
    if not text:
        raise NoAnswerError("the app's answer is empty")
    return text


def _line(value: Any) -> str:
    return " ".join(str(value or "").split())
