"""`code_interpreter`: a program for the prompt's arithmetic or files, really run."""

from collections.abc import Iterator

from responses_emulator import sandbox
from responses_emulator.ids import new_id
from responses_emulator.model.items import Item
from responses_emulator.model.replies import formatted, message
from responses_emulator.model.turn import Turn
from responses_emulator.tools import Hosted, Workspace, programs

# What a forced code interpreter runs when the prompt has nothing to compute. The
# prompt itself never becomes code.
NOTHING_TO_COMPUTE = 'print("There is nothing to compute.")'


def respond(turn: Turn, tool: Item, hosted: Hosted) -> Iterator[Item]:
    """The call and a message; nothing where the prompt has nothing to compute."""
    asks = programs.write_program(turn.prompt)
    if not (asks or turn.forced or _may_have_files(turn, tool)):
        return
    workspace = hosted.container(tool["container"], turn.items)
    program = programs.write_program(turn.prompt, workspace.files)
    if program is None and turn.forced:
        program = NOTHING_TO_COMPUTE
    if program is not None:
        yield from run(turn, workspace, program)


def run(turn: Turn, workspace: Workspace, program: str) -> Iterator[Item]:
    """The call of a program, and a message that tells what it printed and wrote."""
    for name in workspace.files:
        program = program.replace(f'"{programs.plain_name(name)}"', repr(name))
    read = {n: data for n, data in workspace.files.items() if repr(n) in program}
    outcome = sandbox.run_with_files(program, read)
    written = {
        name: id
        for name, content in outcome.written.items()
        if (id := workspace.keep(name, content))
    }
    yield {
        "id": new_id("ci"),
        "type": "code_interpreter_call",
        "status": "completed",
        "code": program,
        "container_id": workspace.id,
        "outputs": [{"type": "logs", "logs": outcome.printed}],
    }
    words = programs.answer(outcome.printed)
    links = [f"[Download {name}]({_path(name)})" for name in written]
    text = formatted(turn, "\n\n".join([words, *links]))
    yield message(
        text, [_citation(text, name, id, workspace.id) for name, id in written.items()]
    )


def _may_have_files(turn: Turn, tool: Item) -> bool:
    """Whether the container can have files in it before the program runs."""
    container: str | Item = tool["container"]
    if isinstance(container, str) or container.get("file_ids"):
        return True
    return any(item.get("type") == "code_interpreter_call" for item in turn.special)


def _path(name: str) -> str:
    return f"sandbox:/mnt/data/{name}"


def _citation(text: str, name: str, id: str, container_id: str) -> Item:
    """Where a text links to a written file; 0 to 0 where it does not (JSON)."""
    start = text.find(_path(name))
    return {
        "type": "container_file_citation",
        "container_id": container_id,
        "file_id": id,
        "filename": name,
        "start_index": max(start, 0),
        "end_index": start + len(_path(name)) if start >= 0 else 0,
    }
