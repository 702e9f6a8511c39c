"""Multi-agent runs: one made-up round in which the root agent divides the work.

The stand-in hands each point of a list in the prompt to a subagent of its own, at most
as many as may be active at once, and puts their answers together. Where there is no
list, or there are tools to call, the root agent answers alone: the service's model,
too, decides for itself whether to divide.

Source: Azure's page on multi-agent orchestration, and the SDK's beta types.
"""

import re
from collections.abc import Callable, Iterator

import orjson

from responses_emulator import reply_file
from responses_emulator.ids import new_id, short_id
from responses_emulator.model.items import Item
from responses_emulator.model.replies import formatted, message
from responses_emulator.model.turn import Turn

ROOT = "/root"
DEFAULT_SUBAGENTS = 3  # active at once
ITEM_TYPES = ("multi_agent_call", "multi_agent_call_output", "agent_message")
# A point of a list: `- text`, `2. text` or `Name: text` at the beginning of a line.
_POINT = re.compile(
    r"^[ \t]*(?:[-*•]|\d{1,2}[.)]|(?=[A-Z][\w-]{0,30}: ))[ \t]*(?P<text>\S.*)$",
    re.MULTILINE,
)
_NAME = re.compile(r"[A-Za-z][\w -]{0,30}(?=: )")


def respond(
    turn: Turn,
    most: int,
    answer: Callable[[Turn], Iterator[Item]],
    seal: Callable[[str], str],
) -> Iterator[Item]:
    """The items of a run; `answer` is how one agent answers a turn alone.

    `most` is how many subagents may be active at once, `seal` encrypts what they say.
    """
    tasks = _tasks(turn.prompt)[:most] if not turn.tools and most > 0 else []
    if len(tasks) < 2 or turn.since_prompt:
        yield from (_by(ROOT, item) for item in answer(turn))
        return
    names = _names(tasks)
    for name, task in zip(names, tasks, strict=True):
        yield from _action("spawn_agent", {"agent_name": name, "message": task}, name)
    findings: list[str] = []
    for name, task in zip(names, tasks, strict=True):
        for item in answer(Turn(items=[_asked(task)])):
            yield _by(name, item)
            if item["type"] == "message":
                findings += [part.get("text", "") for part in item["content"]]
        yield {
            "id": new_id("amsg"),
            "type": "agent_message",
            "author": name,
            "recipient": ROOT,
            "content": [
                {"type": "encrypted_content", "encrypted_content": seal(findings[-1])}
            ],
            "agent": {"agent_name": name},
        }
    yield from _action("wait_agent", {"agent_names": names}, f"{len(names)} updates")
    told = [f"{name}: {text}" for name, text in zip(names, findings, strict=True)]
    answers = reply_file.built_in().find(turn) or [
        message(formatted(turn, "\n\n".join(told)))
    ]
    yield from (_by(ROOT, item) for item in answers)


def _tasks(prompt: str) -> list[str]:
    return [match["text"].strip() for match in _POINT.finditer(prompt)]


def _names(tasks: list[str]) -> list[str]:
    """A name in the tree for each task, from its first word where that is a name."""
    names: list[str] = []
    for number, task in enumerate(tasks, 1):
        found = _NAME.match(task)
        name = f"{ROOT}/{_slug(found[0]) if found else f'agent-{number}'}"
        names.append(name if name not in names else f"{name}-{number}")
    return names


def _slug(name: str) -> str:
    return re.sub(r"[ _]+", "-", name.strip().lower())


def _asked(task: str) -> Item:
    part = {"type": "input_text", "text": task}
    return {"type": "message", "role": "user", "content": [part]}


def _action(action: str, arguments: Item, result: str) -> Iterator[Item]:
    """A collaboration of the service's own, and what came of it."""
    shared: Item = {"call_id": short_id("call_"), "action": action}
    root = {"agent_name": ROOT}
    yield {
        "id": new_id("mac"),
        "type": "multi_agent_call",
        **shared,
        "arguments": orjson.dumps(arguments).decode(),
        "agent": root,
    }
    yield {
        "id": new_id("maco"),
        "type": "multi_agent_call_output",
        **shared,
        "output": [{"type": "output_text", "text": result, "annotations": []}],
        "agent": root,
    }


def _by(name: str, item: Item) -> Item:
    """The item with the agent that made it; a message is its final answer."""
    item["agent"] = {"agent_name": name}
    if item["type"] == "message":
        item["phase"] = "final_answer"
    return item
