"""Commands that the stand-in has the caller run on a machine of its own.

Those for a container of the service's are in `hosted_shell`. Here only commands
that look and change nothing are ever written, whatever the prompt says.
"""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import orjson

from responses_emulator.model.items import Item
from responses_emulator.model.prompt.words import lazy_pattern
from responses_emulator.model.standin import hosted_shell
from responses_emulator.model.steps import Call
from responses_emulator.model.turn import Turn
from responses_emulator.tools.callers import CONTAINERS

_FILES = r"(?:files?|folders?|director(?:y|ies))"
_ASKS_FOR_FILES = lazy_pattern(
    rf"(?i)\b(?:list|show|which|what) (?:\w+ ){{0,3}}{_FILES}\b"
)
_HARMLESS = frozenset(
    ("basename", "cat", "cut", "date", "df", "dirname", "du", "echo", "file", "grep",
     "head", "id", "ls", "nl", "pwd", "stat", "tail", "uname", "wc", "whoami")
)  # fmt: skip


def calls(turn: Turn, tool: Item) -> Iterator[Call]:
    """One call with its commands; none where the prompt asks for no command."""
    environment: Item = tool.get("environment") or {}
    if environment.get("type") in CONTAINERS:
        yield from hosted_shell.calls(turn, tool, _asked_for(turn.prompt))
        return
    commands = _commands(turn.prompt)
    if not commands and not turn.must_call:
        return
    commands = commands or ["pwd"]
    if tool["type"] == "local_shell":
        yield Call("local_shell", {"command": shlex.split(commands[0])})
    else:
        yield Call("shell", {"commands": commands})


def answer(turn: Turn) -> str:
    """What the caller's commands have brought since the prompt."""
    told: list[str] = []
    for item in turn.since_prompt:
        if item.get("type") == "shell_call_output":
            told += [_outcome(chunk) for chunk in item["output"]]
        elif item.get("type") == "local_shell_call_output":
            told.append(_outcome(_parsed(item["output"])))
    return "\n\n".join(told)


def _commands(prompt: str) -> list[str]:
    """Harmless commands that the prompt quotes in backticks, or else asks for."""
    quoted = [part for part in re.findall(r"`([^`\n]+)`", prompt) if _is_harmless(part)]
    return quoted or _asked_for(prompt)


def _asked_for(prompt: str) -> list[str]:
    """The command that shows what there is, where a prompt asks about files."""
    return ["ls -la"] if _ASKS_FOR_FILES().search(prompt) else []


def _is_harmless(command: str) -> bool:
    """A single command of the list above: no pipe, redirection or substitution."""
    if re.search(r"[;&|<>$(){}\\]", command):
        return False
    try:
        words = shlex.split(command)
    except ValueError:
        return False
    return bool(words) and words[0] in _HARMLESS


def _parsed(output: str) -> Item:
    try:
        value: Any = orjson.loads(output)
    except orjson.JSONDecodeError:
        value = None
    return value if isinstance(value, dict) else {"stdout": output}  # pyright: ignore[reportUnknownVariableType]


def _outcome(chunk: Item) -> str:
    outcome: Item = chunk.get("outcome") or {}
    code = outcome.get("exit_code", chunk.get("exit_code", 0))
    if outcome.get("type") == "timeout":
        code = None
    shown, complaint = (str(chunk.get(key) or "") for key in ("stdout", "stderr"))
    return hosted_shell.told("The command", code, shown, complaint)
