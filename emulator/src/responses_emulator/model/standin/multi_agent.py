"""How the stand-in divides its work among agents.

It hands each point of a list in the prompt to a subagent of its own, at most
as many as may be active at once, and puts their answers together. Where there is no
list, or there are tools to call, the root agent answers alone: the service's model,
too, decides for itself whether to divide.

Source: Azure's page on multi-agent orchestration, and the SDK's beta types.
"""

import re
from collections.abc import Iterator

from responses_emulator.model.prompt.words import lazy_pattern
from responses_emulator.model.replies import reply_file
from responses_emulator.model.standin.formatted import formatted
from responses_emulator.model.steps import Call, Result, Step, Text, Whole
from responses_emulator.model.turn import Turn
from responses_emulator.tools.multi_agent import ROOT

# A point of a list: `- text`, `2. text` or `Name: text` at the beginning of a line.
_POINT = lazy_pattern(
    r"^[ \t]*(?:[-*•]|\d{1,2}[.)]|(?=[A-Z][\w-]{0,30}: ))[ \t]*(?P<text>\S.*)$",
    re.MULTILINE,
)
_NAME = lazy_pattern(r"[A-Za-z][\w -]{0,30}(?=: )")


def calls(turn: Turn) -> Iterator[Call]:
    """An agent for each task, and then to wait for all of them; none for one task."""
    most = turn.subagents or 0
    tasks = _tasks(turn.prompt)[:most] if not turn.tools else []
    if len(tasks) < 2 or turn.since_prompt:
        return
    names = _names(tasks)
    for name, task in zip(names, tasks, strict=True):
        given = {"agent_name": name, "message": task}
        yield Call("multi_agent", given, "spawn_agent")
    yield Call("multi_agent", {"agent_names": names}, "wait_agent")


def answer(turn: Turn, result: Result) -> Iterator[Step]:
    """What the agents have said, one after the other."""
    ready = reply_file.built_in().find(turn)
    if ready:
        yield from map(Whole, ready)
        return
    told = [f"{name}: {text}" for name, text in result.found]
    yield Text(formatted(turn, "\n\n".join(told)))


def _tasks(prompt: str) -> list[str]:
    return [match["text"].strip() for match in _POINT().finditer(prompt)]


def _names(tasks: list[str]) -> list[str]:
    """A name in the tree for each task, from its first word where that is a name."""
    names: list[str] = []
    for number, task in enumerate(tasks, 1):
        found = _NAME().match(task)
        name = f"{ROOT}/{_slug(found[0]) if found else f'agent-{number}'}"
        names.append(name if name not in names else f"{name}-{number}")
    return names


def _slug(name: str) -> str:
    return re.sub(r"[ _]+", "-", name.strip().lower())
