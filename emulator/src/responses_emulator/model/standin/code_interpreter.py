"""When the stand-in has a program run, which one, and what it says of the output."""

from collections.abc import Iterator

from responses_emulator.model.items import Item
from responses_emulator.model.standin import python_programs
from responses_emulator.model.standin.formatted import formatted
from responses_emulator.model.steps import Call, Result, Step, Text
from responses_emulator.model.turn import Turn
from responses_emulator.tools import Printed, Workspace

# What a forced code interpreter runs when the prompt has nothing to compute. The
# prompt itself never becomes code.
NOTHING_TO_COMPUTE = 'print("There is nothing to compute.")'


def calls(turn: Turn, tool: Item) -> Iterator[Call]:
    """The program for the prompt's arithmetic or files; none where it asks for none."""
    asks = python_programs.write_program(turn.prompt)
    if not (asks or turn.must_call or _may_have_files(turn, tool)):
        return
    workspace = turn.workspace(tool)
    program = python_programs.write_program(turn.prompt, workspace.files)
    if program is None and turn.must_call:
        program = NOTHING_TO_COMPUTE
    if program is not None:
        yield run(workspace, program)


def run(workspace: Workspace, program: str) -> Call:
    """The call of a program, which has files by the names that they have there."""
    for name in workspace.files:
        program = program.replace(f'"{python_programs.plain_name(name)}"', repr(name))
    return Call("code_interpreter", {"code": program})


def answer(turn: Turn, result: Result) -> Iterator[Step]:
    """What the program printed, with links to the files that it wrote."""
    done: Printed = result.found
    words = python_programs.answer(done.printed)
    links = [f"[Download {name}]({_path(name)})" for name in done.written]
    text = formatted(turn, "\n\n".join([words, *links]))
    yield Text(text, tuple(_citation(text, name, done) for name in done.written))


def _may_have_files(turn: Turn, tool: Item) -> bool:
    """Whether the container can have files in it before the program runs."""
    container: str | Item = tool["container"]
    if isinstance(container, str) or container.get("file_ids"):
        return True
    return any(item.get("type") == "code_interpreter_call" for item in turn.special)


def _path(name: str) -> str:
    return f"sandbox:/mnt/data/{name}"


def _citation(text: str, name: str, done: Printed) -> Item:
    """Where a text links to a written file; 0 to 0 where it does not (JSON)."""
    start = text.find(_path(name))
    return {
        "type": "container_file_citation",
        "container_id": done.container_id,
        "file_id": done.written[name],
        "filename": name,
        "start_index": max(start, 0),
        "end_index": start + len(_path(name)) if start >= 0 else 0,
    }
