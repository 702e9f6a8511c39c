"""Changes to files that the stand-in has the caller make in a workspace of its own.

It writes one change a turn, to the file that the prompt names: a new file, a
file that goes, or words of a file replaced by others. It knows of a file what the
prompt shows of it. Its diffs are those of the service's format: lines that stay begin
with a blank, those that go with `-`, new ones with `+`.
"""

import re
from collections.abc import Iterator, Sequence

from responses_emulator.model.items import Item
from responses_emulator.model.prompt import spans
from responses_emulator.model.prompt.words import lazy_pattern, plain
from responses_emulator.model.steps import Call
from responses_emulator.model.turn import Turn

NEW_FILE = "notes.txt"  # where the prompt names none
CONTEXT = 3  # lines that are shown around those that change
MAX_DIFF = 20_000  # characters

# A relative path, of which no part is hidden or goes upwards.
_PATH = lazy_pattern(
    r"(?<![\w./\\:~-])(?:\w[\w-]*/){0,8}\w[\w-]*(?:\.\w{1,10}){1,3}(?![\w/])"
)
_DELETE = lazy_pattern(r"\b(?:delete|remove|drop|get rid of)\b", re.IGNORECASE)
_CREATE = lazy_pattern(r"\b(?:create|write)\b", re.IGNORECASE)
_BLOCK = lazy_pattern(r"```[^\n]*\n(.*?)\n?```", re.DOTALL)


def calls(turn: Turn, _tool: Item) -> Iterator[Call]:
    """One call with its operation; none where the prompt asks for no change."""
    operation = _operation(turn.prompt)
    if operation is None and turn.must_call:
        operation = _creation(NEW_FILE, turn.prompt)
    if operation is not None:
        yield Call("apply_patch", {"operation": operation})


def answer(turn: Turn) -> str:
    """What has come of the changes since the prompt."""
    paths = {
        item["call_id"]: item["operation"]
        for item in turn.special
        if item.get("type") == "apply_patch_call"
    }
    told: list[str] = []
    for item in turn.since_prompt:
        if item.get("type") == "apply_patch_call_output":
            told.append(_outcome(paths[item["call_id"]], item))
    return "\n\n".join(told)


def _operation(prompt: str) -> Item | None:
    """The change that a prompt asks for: of two quoted texts to each other, or all."""
    said = plain(_BLOCK().sub("", prompt))
    named = _PATH().search(said)
    quoted = [text for text in spans.quotes(said) if not named or text != named[0]]
    if named and len(quoted) > 1:
        diff = _hunk(prompt, quoted[0], quoted[1])
        return {"type": "update_file", "path": named[0], "diff": diff}
    if named and _DELETE().search(said):
        return {"type": "delete_file", "path": named[0]}
    if _CREATE().search(said):
        return _creation(named[0] if named else NEW_FILE, prompt, quoted)
    return None


def _creation(path: str, prompt: str, quoted: Sequence[str] = ()) -> Item:
    """A new file: of what the prompt shows or quotes for it, or else of the prompt."""
    block = _BLOCK().search(prompt)
    text = block[1] if block else (*quoted, prompt)[0]
    diff = "".join(f"+{line}\n" for line in text[:MAX_DIFF].split("\n"))
    return {"type": "create_file", "path": path, "diff": diff}


def _hunk(prompt: str, old: str, new: str) -> str:
    """The lines that change, with those around them where the prompt shows the file."""
    block = _BLOCK().search(prompt)
    lines = block[1][:MAX_DIFF].split("\n") if block else []
    changed = [index for index, line in enumerate(lines) if old in line]
    if not changed:
        return f"@@\n-{old}\n+{new}\n"
    first, last = max(0, changed[0] - CONTEXT), changed[-1] + CONTEXT + 1
    diff = ["@@"]
    for line in lines[first:last]:
        if old in line:
            diff += [f"-{line}", f"+{line.replace(old, new)}"]
        else:
            diff.append(f" {line}")
    return "\n".join(diff) + "\n"


def _outcome(operation: Item, output: Item) -> str:
    path = operation["path"]
    if output["status"] == "failed":
        reason = str(output.get("output") or "").strip()
        return f"The change of {path} failed{reason and f': {reason}'}"
    done = {"create_file": "created", "delete_file": "deleted"}
    return f"I have {done.get(operation['type'], 'changed')} {path}."
