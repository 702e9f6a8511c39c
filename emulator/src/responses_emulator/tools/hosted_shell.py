"""`shell` in a container of the service's: calls, their outputs, and what they say.

What runs the commands is `shell`. The stand-in takes the commands that the
prompt spells out; or those that a mounted skill's SKILL.md shows, after it has read
that, with the prompt's numbers, files and quoted words where the manifest has words in
capitals. Where the prompt names `sales.csv`, the uploaded `...-sales.csv` is meant.
"""

import re
import shlex
from collections.abc import Iterator

from responses_emulator.ids import new_id, short_id
from responses_emulator.model.items import Item
from responses_emulator.model.replies import formatted, message
from responses_emulator.model.turn import Turn
from responses_emulator.model.words import lazy_pattern
from responses_emulator.shell import COMMANDS, ROOT, Ran, Shell, mounted
from responses_emulator.tools import Hosted, Skill, Workspace, functions

TYPES = ("container_auto", "container_reference")
MAX_COMMANDS = 10  # of one call
MAX_SHOWN = 2_000  # characters of an output that the answer repeats
TIMEOUT_MS, MAX_OUTPUT = 120_000, 4_096  # as the documentation's calls have them

_FIRST_WORDS = rf"(?:{'|'.join(COMMANDS)}|python3)"
_QUOTED = lazy_pattern(r"`([^`\n]+)`")
# After a colon, to the end of the line: `Run: python --version`.
_AFTER_COLON = lazy_pattern(rf":[ \t]*({_FIRST_WORDS}\b[^\n]*)")
_CODE = lazy_pattern(r"(?ms)^```[^\n]*\n(.*?)^```|^(?: {4}|\t)([^\n]*)$")
_COMMAND = lazy_pattern(rf"(?m)^[ \t]*({_FIRST_WORDS}[ \t][^\n]+)$")
# `CELSIUS`, `NUMBERS...`, `<file>`, `{name}`
_PLACEHOLDER = lazy_pattern(r"(?:[A-Z][A-Z0-9_]*|<[^<>\s]+>|\{[^{}\s]+\})(?:\.\.\.)?")
_VALUE = lazy_pattern(
    r"\"[^\"\n]+\"|“[^”\n]+”|(?<![\w.])-?\d+(?:\.\d+)?(?![\w.]*\w)"
    r"|\b[\w-]+\.[a-z][a-z0-9]{0,4}\b"
)


def respond(
    turn: Turn, environment: Item, hosted: Hosted, asked: list[str]
) -> Iterator[Item]:
    """The calls, each with its output, and a message; nothing where none is needed.

    `asked` are commands for what the prompt asks about, where it spells out none.
    """
    commands = spelt_out(turn.prompt) or asked
    is_new = environment["type"] == "container_auto"
    if not (commands or turn.forced or not is_new or environment.get("skills")):
        return
    wanted = environment if is_new else environment["container_id"]
    workspace = hosted.container(wanted, turn.items)
    skill = None if commands else _skill(turn.prompt, workspace.skills)
    if skill is None and not commands:
        if not turn.forced:
            return
        commands = ["ls -la"]
    yield from carry_out(turn, workspace, commands, skill)


def carry_out(
    turn: Turn, workspace: Workspace, commands: list[str], skill: Skill | None = None
) -> Iterator[Item]:
    """Run these commands, or what a skill's manifest shows, and say what came of it."""
    skills = {each.name: each.files for each in workspace.skills}
    shell = Shell(mounted(workspace.files, skills), workspace.keep, MAX_OUTPUT)
    if skill is not None:
        manifest = next(path for path in skill.files if path.lower() == "skill.md")
        reading = f"cat skills/{skill.name}/{manifest}"
        ran: list[tuple[str, Ran]] = []
        yield from _call(shell, workspace, [reading], ran)
        text = skill.files[manifest].decode("utf-8", "replace")
        if turn.max_tool_calls != 1:  # that was the one
            commands = _shown_by(text, skill, turn.prompt, list(shell.files))
        if not commands:
            words = f"I have read the skill “{skill.name}”. {skill.description}"
            yield message(formatted(turn, words))
            return
    ran = []
    named = [_with_whole_names(each, shell.files) for each in commands[:MAX_COMMANDS]]
    yield from _call(shell, workspace, named, ran)
    told = [_told(command, one) for command, one in ran]
    if shell.written:
        places = ", ".join(f"{ROOT}/{name}" for name in shell.written)
        told.append(f"Written to the container: {places}.")
    yield message(formatted(turn, "\n\n".join(told)))


def spelt_out(prompt: str) -> list[str]:
    """The commands that a prompt has in backticks, or else after a colon."""
    quoted = [part for part in _QUOTED().findall(prompt) if part.strip()]
    named = [part for part in quoted if " " in part or part in COMMANDS]
    return named or _AFTER_COLON().findall(prompt)[:1]


def _call(
    shell: Shell, workspace: Workspace, commands: list[str], ran: list[tuple[str, Ran]]
) -> Iterator[Item]:
    """One call and its output; what came of each command is added to `ran`."""
    call_id = short_id("call_")
    yield {
        "id": new_id("sh"),
        "type": "shell_call",
        "call_id": call_id,
        "status": "completed",
        "action": {
            "commands": commands,
            "timeout_ms": TIMEOUT_MS,
            "max_output_length": MAX_OUTPUT,
        },
        "environment": {
            "type": "container_reference",
            "container_id": workspace.id,
        },
    }
    ran += [(command, shell.run(command)) for command in commands]
    yield {
        "id": new_id("sho"),
        "type": "shell_call_output",
        "call_id": call_id,
        "status": "completed",
        "max_output_length": MAX_OUTPUT,
        "output": [
            {
                "stdout": one.stdout,
                "stderr": one.stderr,
                "outcome": {"type": "timeout"}
                if one.exit_code is None
                else {"type": "exit", "exit_code": one.exit_code},
            }
            for _, one in ran
        ],
    }


def _told(command: str, ran: Ran) -> str:
    shown, complaint = (text.strip()[:MAX_SHOWN] for text in (ran.stdout, ran.stderr))
    if ran.exit_code is None:
        return f"`{command}` did not finish in time."
    if ran.exit_code:
        reason = complaint or shown
        code = f"`{command}` failed with exit code {ran.exit_code}"
        return f"{code}: {reason}" if reason else f"{code}."
    return f"`{command}` printed:\n\n{shown}" if shown else f"`{command}` is done."


# Skills


def _skill(prompt: str, skills: tuple[Skill, ...]) -> Skill | None:
    """The skill that a prompt names, or the one whose description fits it."""
    low = prompt.lower()
    for skill in skills:
        if re.search(rf"(?<![\w-]){re.escape(skill.name)}(?![\w-])", low):
            return skill
    alike = [
        {"type": "function", "name": s.name, "description": s.description}
        for s in skills
    ]
    chosen = [name for name, _ in functions.choose(alike, prompt)][:1]
    return next((skill for skill in skills if skill.name in chosen), None)


def _shown_by(manifest: str, skill: Skill, prompt: str, files: list[str]) -> list[str]:
    """The first command that a manifest shows, if the prompt has its values."""
    blocks = "\n".join(block[1] or block[2] for block in _CODE().finditer(manifest))
    quoted = "\n".join(part[1] for part in _QUOTED().finditer(manifest))
    values = [value[0].strip('"“”') for value in _VALUE().finditer(prompt)]
    for template in _COMMAND().finditer(f"{blocks}\n{quoted}"):
        filled = _filled(template[1].strip(), skill, values, files)
        if filled:
            return [filled]
    return []


def _filled(
    template: str, skill: Skill, values: list[str], files: list[str]
) -> str | None:
    """A command with values for its placeholders; None where there are too few."""
    words: list[str] = []
    left = list(values)
    for word in template.split():
        if _PLACEHOLDER().fullmatch(word):
            if not left:
                return None
            takes_all = "..." in word
            taken = left if takes_all else left[:1]
            words += [shlex.quote(_whole_name(value, files)) for value in taken]
            left = [] if takes_all else left[1:]
        elif word in skill.files:
            words.append(f"skills/{skill.name}/{word}")
        else:
            words.append(word)
    return " ".join(words)


# Files


def _with_whole_names(command: str, files: dict[str, bytes]) -> str:
    """A command whose words name files as the container has them."""
    return re.sub(
        r"(?<![^\s'\"])[\w()-]+\.\w+(?![^\s'\"])",
        lambda word: _whole_name(word[0], list(files)),
        command,
    )


def _whole_name(name: str, files: list[str]) -> str:
    """The file that a name means: itself, or the newest upload that was called so."""
    if name in files:
        return name
    uploads = [file for file in files if file.endswith(f"-{name}")]
    return uploads[-1] if uploads else name
