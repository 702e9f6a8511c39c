"""`code_interpreter`: a program for the prompt's arithmetic or files, really run."""

from collections.abc import Iterator

from responses_emulator import sandbox
from responses_emulator.ids import new_id
from responses_emulator.model.items import Item
from responses_emulator.model.replies import formatted, message
from responses_emulator.model.turn import Turn
from responses_emulator.tools import Hosted, programs, tables

# What a forced code interpreter runs when the prompt has nothing to compute. The
# prompt itself never becomes code.
NOTHING_TO_COMPUTE = 'print("There is nothing to compute.")'


def respond(turn: Turn, tool: Item, hosted: Hosted) -> Iterator[Item]:
    """The call and a message; nothing where the prompt has nothing to compute."""
    asks = tables.asked_for(turn.prompt, []) or programs.write_program(turn.prompt)
    if not (asks or turn.forced or _may_have_files(turn, tool)):
        return
    workspace = hosted.container(tool["container"], turn.items)
    report = tables.asked_for(turn.prompt, list(workspace.files))
    program = tables.write_program(
        turn.prompt, workspace.files, report, forced=turn.forced and not asks
    ) or programs.write_program(turn.prompt)
    if program is None:
        if not turn.forced:
            return
        program = NOTHING_TO_COMPUTE
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
    words = programs.answer(turn.prompt, program, outcome.printed)
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
