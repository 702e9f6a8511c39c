"""What the stand-in has carried out in a container's shell, and what it says of it.

It takes the commands that the
prompt spells out; or those that a mounted skill's SKILL.md shows, after it has read
that, with the prompt's numbers, files and quoted words where the manifest has words in
capitals. Where the prompt names `sales.csv`, the uploaded `...-sales.csv` is meant.
"""

import re
import shlex
from collections.abc import Iterator, Sequence

from responses_emulator.model.items import Item
from responses_emulator.model.prompt.words import lazy_pattern
from responses_emulator.model.standin import function_calls
from responses_emulator.model.standin.formatted import formatted
from responses_emulator.model.steps import Call, Result, Step, Text
from responses_emulator.model.turn import Turn
from responses_emulator.programs.shell import COMMANDS, ROOT, mounted
from responses_emulator.tools import Commands, Skill, Workspace

MAX_COMMANDS = 10  # of one call
MAX_SHOWN = 2_000  # characters of an output that the answer repeats

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


def calls(turn: Turn, tool: Item, asked: list[str]) -> Iterator[Call]:
    """The call; none where none is needed.

    `asked` are commands for what the prompt asks about, where it spells out none.
    """
    environment: Item = tool["environment"]
    commands = spelt_out(turn.prompt) or asked
    is_new = environment["type"] == "container_auto"
    if not (commands or turn.must_call or not is_new or environment.get("skills")):
        return
    workspace = turn.workspace(tool)
    skill = None if commands else _skill(turn.prompt, workspace.skills)
    if skill is not None:
        yield _call([_reading(skill)])
    elif commands or turn.must_call:
        named = commands[:MAX_COMMANDS] or ["ls -la"]
        files = _files(workspace)
        yield _call([_with_whole_names(each, files) for each in named])


def answer(turn: Turn, results: Sequence[Result], can_call: bool) -> Iterator[Step]:
    """What came of the commands; of a manifest that was read, its command first."""
    last: Commands = results[-1].found
    skill = _read_skill(last)
    if skill is not None:
        commands = _shown(skill, turn.prompt, last.workspace) if can_call else []
        if commands:
            yield _call(commands)
            return
        words = f"I have read the skill “{skill.name}”. {skill.description}"
        yield Text(formatted(turn, words))
        return
    said = [
        told(f"`{command}`", ran.exit_code, ran.stdout, ran.stderr)
        for command, ran in last.ran
    ]
    if last.written:
        places = ", ".join(f"{ROOT}/{name}" for name in last.written)
        said.append(f"Written to the container: {places}.")
    yield Text(formatted(turn, "\n\n".join(said)))


def _call(commands: list[str]) -> Call:
    return Call("shell", {"commands": commands})


def _reading(skill: Skill) -> str:
    """The command that reads a skill's manifest."""
    return f"cat skills/{skill.name}/{_manifest(skill)}"


def _manifest(skill: Skill) -> str:
    return next(path for path in skill.files if path.lower() == "skill.md")


def _read_skill(done: Commands) -> Skill | None:
    """The skill whose manifest was read, if that was all."""
    commands = [command for command, _ in done.ran]
    skills = done.workspace.skills
    return next((skill for skill in skills if commands == [_reading(skill)]), None)


def _shown(skill: Skill, prompt: str, workspace: Workspace) -> list[str]:
    """The command that a skill's manifest shows, ready to be carried out."""
    files = _files(workspace)
    text = skill.files[_manifest(skill)].decode("utf-8", "replace")
    shown = _shown_by(text, skill, prompt, list(files))
    return [_with_whole_names(command, files) for command in shown]


def _files(workspace: Workspace) -> dict[str, bytes]:
    skills = {each.name: each.files for each in workspace.skills}
    return mounted(workspace.files, skills)


def spelt_out(prompt: str) -> list[str]:
    """The commands that a prompt has in backticks, or else after a colon."""
    quoted = [part for part in _QUOTED().findall(prompt) if part.strip()]
    named = [part for part in quoted if " " in part or part in COMMANDS]
    return named or _AFTER_COLON().findall(prompt)[:1]


def told(command: str, exit_code: int | None, stdout: str, stderr: str) -> str:
    """What came of a command; without an exit code it did not end in time."""
    shown, complaint = (text.strip()[:MAX_SHOWN] for text in (stdout, stderr))
    if exit_code is None:
        return f"{command} did not finish in time."
    if exit_code:
        reason = complaint or shown
        return f"{command} failed with exit code {exit_code}{reason and f': {reason}'}"
    return f"{command} printed:\n\n{shown}" if shown else f"{command} is done."


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
    chosen = [name for name, _ in function_calls.choose(alike, prompt)][:1]
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
