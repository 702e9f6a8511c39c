"""A turn as the messages of a chat.

Calls and their outputs stand side by side, as a chat has to have them: an assistant
message with calls, and right after it one message for each that says what came of it.
"""

from base64 import b64encode
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any, cast

import orjson

from responses_emulator.model.chat_completions import results
from responses_emulator.model.chat_completions.offers import Offers
from responses_emulator.model.items import Item
from responses_emulator.model.steps import Result
from responses_emulator.model.turn import Document, Turn
from responses_emulator.tools import tool_search

Message = dict[str, Any]

REFUSED = "The user did not approve this call: it was not made."
UNKNOWN = "(nothing came of it)"
_MAGIC = (
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
)


def of_turn(turn: Turn, offers: Offers) -> list[Message]:
    """All messages of a turn, the oldest first."""
    return _Chat(turn, offers).messages()


def called(calls: Iterable[tuple[str, str, str]]) -> Message:
    """The message of an assistant that calls: each an id, a name and arguments."""
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {
                "id": id,
                "type": "function",
                "function": {"name": name, "arguments": arguments},
            }
            for id, name, arguments in calls
        ],
    }


def answered(id: str, text: str) -> Message:
    """What came of a call."""
    return {"role": "tool", "tool_call_id": id, "content": text}


def short(id: str) -> str:
    """An id of nine letters and digits, which is all that some models take."""
    return sha256(id.encode()).hexdigest()[:9]


class _Chat:
    def __init__(self, turn: Turn, offers: Offers) -> None:
        self._turn = turn
        self._offers = offers
        self._messages: list[Message] = []
        self._documents = {id(document.part): document for document in turn.documents}
        self._results: dict[str, Result] = {}
        for result in turn.results:
            for item in result.items:
                self._results[item["id"]] = result
        # What came of the caller's calls, and of those that the service answers in an
        # item of its own, wherever that stands.
        self._outputs: dict[str, Item] = {}
        self._verdicts: dict[str, Item] = {}
        for item in turn.items:
            kind = item.get("type", "")
            if kind.endswith("_output"):
                # The local shell's output has its call's id as its own.
                self._outputs[item.get("call_id") or item["id"]] = item
            elif kind == "mcp_approval_response":
                self._verdicts[item["approval_request_id"]] = item
        self._calls: list[Item] = []  # of the caller's tools, one right after another

    def messages(self) -> list[Message]:
        told = self._turn.instructions
        if told:
            self._messages.append({"role": "system", "content": told})
        for item in self._turn.items:
            self._add(item)
        self._end_calls()
        return self._messages

    def _add(self, item: Item) -> None:
        kind: str = item.get("type") or "message"
        if kind in _CALLS and not _is_own_search(item):
            self._calls.append(item)
            return
        if kind == "reasoning":
            return
        self._end_calls()
        if kind == "message":
            self._say(item)
        elif results.is_of_hosted(item):
            name, owner = _named(item)
            self._call(
                [(item["id"], self._name(_TOOLS[kind], name, owner), _arguments(item))],
                [results.told(item, self._results.get(item["id"]))],
            )
        elif kind == "tool_search_output" and _is_own_search(item):
            # It tells the call as well.
            names = [tool["name"] for tool in tool_search.flat(item["tools"])]
            arguments = orjson.dumps({"names": names}).decode()
            self._call(
                [(item["id"], self._name("tool_search"), arguments)],
                [results.loaded(item, None)],
            )
        elif kind == "multi_agent_call":
            output = self._outputs.get(item["call_id"]) or {}
            result = self._results.get(item["id"])
            name = self._name("multi_agent", item["action"])
            self._call(
                [(item["id"], name, item["arguments"])],
                [results.collaborated(output, result)],
            )
        elif kind == "mcp_approval_request":
            verdict = self._verdicts.get(item["id"])
            if verdict is not None and not verdict["approve"]:
                name = self._name("mcp", item["name"], item["server_label"])
                self._call([(item["id"], name, item["arguments"])], [REFUSED])

    def _name(self, kind: str, name: str = "", owner: str = "") -> str:
        return self._offers.name_of(kind, name, owner)

    # What is said

    def _say(self, item: Item) -> None:
        role: str = item["role"]
        if role == "assistant":
            text = "\n".join(_said(part) for part in _parts(item["content"]))
            self._messages.append({"role": "assistant", "content": text})
            return
        content = self._content(_parts(item["content"]))
        if role in ("system", "developer"):
            self._instruct(content)
            return
        self._messages.append({"role": "user", "content": content})

    def _instruct(self, content: str | list[Item]) -> None:
        """Instructions; those at the beginning are one message, as most models want."""
        last = self._messages[-1] if len(self._messages) == 1 else None
        if last and last["role"] == "system" and isinstance(content, str):
            last["content"] += f"\n\n{content}"
        else:
            self._messages.append({"role": "system", "content": content})

    def _content(self, parts: list[Item]) -> str | list[Item]:
        """The parts of a message; of nothing but text, one text."""
        made = [self._part(part) for part in parts]
        if all(part["type"] == "text" for part in made):
            return "\n".join(part["text"] for part in made)
        return made

    def _part(self, part: Item) -> Item:
        kind: str = part["type"]
        if kind in ("input_image", "computer_screenshot"):
            return self._picture(part)
        if kind == "input_file":
            return {"type": "text", "text": _file(self._documents.get(id(part)), part)}
        return {"type": "text", "text": _said(part)}

    def _picture(self, part: Item) -> Item:
        url: str | None = part.get("image_url")
        if not url:
            picture = self._turn.picture(part)
            if picture is None or picture.content is None:
                return {"type": "text", "text": "(a picture that was deleted)"}
            kind = media_type(picture.content)
            url = f"data:{kind};base64,{b64encode(picture.content).decode()}"
        image: Item = {"url": url}
        if part.get("detail") in ("low", "high"):
            image["detail"] = part["detail"]
        return {"type": "image_url", "image_url": image}

    # What is called

    def _end_calls(self) -> None:
        """Put down the calls that were made at once, and what came of them."""
        calls, self._calls = self._calls, []
        if not calls:
            return
        named: list[tuple[str, str, str]] = []
        texts: list[str] = []
        shown: list[Item] = []  # pictures among it, which no tool's message may have
        for item in calls:
            kind, arguments = _CALLS[item["type"]]
            id = item.get("call_id") or item["id"]
            owner = item.get("namespace") or ""
            name = self._name(kind, item.get("name") or "", owner)
            named.append((id, name, arguments(item)))
            parts = _output_parts(self._outputs.get(id))
            told = [self._part(part) for part in parts]
            texts.append("\n".join(p["text"] for p in told if p["type"] == "text"))
            shown += [part for part in told if part["type"] != "text"]
        self._call(named, texts)
        if shown:
            intro = {"type": "text", "text": "(what the tool shows)"}
            self._messages.append({"role": "user", "content": [intro, *shown]})

    def _call(self, calls: list[tuple[str, str, str]], texts: list[str]) -> None:
        """Calls, and what came of each."""
        message = called((short(id), name, given) for id, name, given in calls)
        last = self._messages[-1] if self._messages else {}
        if last.get("role") == "assistant" and "tool_calls" not in last:
            last["tool_calls"] = message["tool_calls"]  # said and called in one go
        else:
            self._messages.append(message)
        for (id, _, _), text in zip(calls, texts, strict=True):
            self._messages.append(answered(short(id), text))


def _is_own_search(item: Item) -> bool:
    """Whether it is of a search for tools that the service has carried out."""
    is_search = item["type"] in ("tool_search_call", "tool_search_output")
    return is_search and item.get("execution") != "client"


def _parts(content: Any) -> list[Item]:
    if isinstance(content, str):
        return [{"type": "input_text", "text": content}]
    return cast("list[Item]", content)


def _said(part: Item) -> str:
    return part.get("text") or part.get("refusal") or ""


def _file(document: Document | None, part: Item) -> str:
    """A file as text, page by page."""
    if document is None:
        return f"(the file {part.get('filename') or part.get('file_id')} was deleted)"
    pages = document.pages
    told = (
        [f"[page {number}]\n{page}" for number, page in enumerate(pages, 1)]
        if len(pages) > 1
        else list(pages)
    )
    if document.unread:
        told.append(f"({document.unread})")
    text = "\n\n".join(told)
    return f'<file name="{document.filename}">\n{text}\n</file>'


def media_type(content: bytes) -> str:
    """What kind of picture this is."""
    return next(
        (kind for magic, kind in _MAGIC if content.startswith(magic)), "image/png"
    )


def _output_parts(output: Item | None) -> list[Item]:
    """What a caller's tool gave, as parts of a message."""
    if output is None:
        return [{"type": "input_text", "text": UNKNOWN}]
    given: Any = output.get("output")
    kind = output["type"]
    if kind == "computer_call_output":
        return [{"type": "input_text", "text": "The screen now:"}, given]
    if kind == "shell_call_output":
        return [{"type": "input_text", "text": "\n".join(map(_ran, given))}]
    if kind == "apply_patch_call_output":
        told = f"{output['status']}. {given or ''}".strip()
        return [{"type": "input_text", "text": told}]
    if kind == "tool_search_output":
        return [{"type": "input_text", "text": results.loaded(output, None)}]
    return _parts(given)


def _ran(one: Item) -> str:
    """What a command has printed, and how it has ended."""
    outcome: Item = one["outcome"]
    told = [one.get("stdout") or "", one.get("stderr") or ""]
    if outcome["type"] == "timeout":
        told.append("(it took too long)")
    elif outcome.get("exit_code"):
        told.append(f"(exit code {outcome['exit_code']})")
    return "\n".join(filter(None, told)) or "(it printed nothing)"


def _named(item: Item) -> tuple[str, str]:
    """The name of what a hosted call has called, and its owner's."""
    if item["type"] == "mcp_call":
        return item["name"], item["server_label"]
    return "", ""


def _arguments(item: Item) -> str:
    given = results.arguments(item)
    return _readable(given) if isinstance(given, str) else _json(given)


def _readable(arguments: str) -> str:
    """Arguments as the templates of models can read them, which break on no JSON."""
    try:
        orjson.loads(arguments)
    except orjson.JSONDecodeError:
        return _json({"unreadable": arguments})
    return arguments


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


_TOOLS = {
    "file_search_call": "file_search",
    "code_interpreter_call": "code_interpreter",
    "web_search_call": "web_search",
    "mcp_call": "mcp",
    "image_generation_call": "image_generation",
}
# Calls that have an output of their own: of which tool, and with which arguments.
_CALLS: dict[str, tuple[str, Callable[[Item], str]]] = {
    "function_call": ("function", lambda item: _readable(item["arguments"])),
    "custom_tool_call": ("custom", lambda item: _json({"input": item["input"]})),
    "shell_call": (
        "shell",
        lambda item: _json({"commands": item["action"]["commands"]}),
    ),
    "local_shell_call": (
        "local_shell",
        lambda item: _json({"command": item["action"]["command"]}),
    ),
    "apply_patch_call": (
        "apply_patch",
        lambda item: _json({"operation": item["operation"]}),
    ),
    "tool_search_call": (
        "tool_search",
        lambda item: _json(item["arguments"]),
    ),
    "computer_call": (
        "computer",
        lambda item: _json({"actions": item.get("actions") or [item.get("action")]}),
    ),
}
