"""`shell` and `local_shell`: commands that the caller runs on a machine of its own.

Those for a container of the service's are in `hosted_shell`. Here only commands that
look and change nothing are ever written, whatever the prompt says.
"""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import orjson

from responses_emulator.ids import new_id, short_id
from responses_emulator.model.items import Item
from responses_emulator.model.replies import formatted, message
from responses_emulator.model.turn import Turn
from responses_emulator.tools import Hosted, hosted_shell

# What a prompt asks about, and the command that shows it.
_FILES = r"(?:files|folders?|director(?:y|ies))"
_SHOWN_BY = (
    (rf"\b(?:list|show|which|what) (?:\w+ ){{0,3}}{_FILES}", "ls -la"),
    (r"\b(?:working|current) (?:directory|folder)\b|\bwhere am i\b", "pwd"),
    (r"\bpython\b.*\bversion\b|\bversion of python\b", "python3 --version"),
    (r"\bdisk\b", "df -h"),
    (r"\bkernel\b|\boperating system\b|\bwhich system\b", "uname -a"),
    (r"\bwho am i\b|\bwhich user\b|\buser ?name\b", "whoami"),
    (r"\bdate\b|\bwhat time\b|\bthe time\b", "date"),
)
_HARMLESS = frozenset(
    ("basename", "cat", "cut", "date", "df", "dirname", "du", "echo", "file", "grep",
     "head", "id", "ls", "nl", "pwd", "stat", "tail", "uname", "wc", "whoami")
)  # fmt: skip
_MAX_SHOWN = 2_000  # characters of an output that the answer repeats


def respond(turn: Turn, tool: Item, hosted: Hosted) -> Iterator[Item]:
    """One call with its commands; nothing where the prompt asks for no command.

    In a container of the service's they are run as well.
    """
    environment: Item = tool.get("environment") or {}
    if environment.get("type") in hosted_shell.TYPES:
        asked = _asked_for(turn.prompt)
        yield from hosted_shell.respond(turn, environment, hosted, asked)
        return
    commands = _commands(turn.prompt)
    if not commands and not turn.forced:
        return
    commands = commands or ["pwd"]
    if tool["type"] == "local_shell":
        yield {
            "id": new_id("lsh"),
            "type": "local_shell_call",
            "call_id": short_id("call_"),
            "status": "completed",
            "action": {"type": "exec", "command": shlex.split(commands[0]), "env": {}},
        }
        return
    yield {
        "id": new_id("sh"),
        "type": "shell_call",
        "call_id": short_id("call_"),
        "status": "completed",
        "action": {"commands": commands, "timeout_ms": None, "max_output_length": None},
        "environment": {"type": "local"},
    }


def answer(turn: Turn) -> Item | None:
    """What the caller's commands have brought since the prompt, as a message."""
    told: list[str] = []
    for item in turn.since_prompt:
        if item.get("type") == "shell_call_output":
            told += [_outcome(chunk) for chunk in item["output"]]
        elif item.get("type") == "local_shell_call_output":
            told.append(_outcome(_parsed(item["output"])))
    return message(formatted(turn, "\n\n".join(told))) if told else None


def _commands(prompt: str) -> list[str]:
    """Harmless commands that the prompt quotes in backticks, or else asks for."""
    quoted = [part for part in re.findall(r"`([^`\n]+)`", prompt) if _is_harmless(part)]
    return quoted or _asked_for(prompt)


def _asked_for(prompt: str) -> list[str]:
    """The commands that show what a prompt asks about."""
    text = prompt.lower()
    return [command for pattern, command in _SHOWN_BY if re.search(pattern, text)]


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
    if outcome.get("type") == "timeout":
        return "The command did not finish in time."
    code = outcome.get("exit_code", chunk.get("exit_code", 0))
    shown = str(chunk.get("stdout") or "").strip()[:_MAX_SHOWN]
    complaint = str(chunk.get("stderr") or "").strip()[:_MAX_SHOWN]
    if code:
        reason = complaint or shown
        return f"The command failed with exit code {code}{reason and f': {reason}'}"
    return f"The command printed:\n\n{shown}" if shown else "It printed nothing."
