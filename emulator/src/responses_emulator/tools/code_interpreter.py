"""`code_interpreter`: a program that is really run, with the files of its container."""

from responses_emulator import sandbox
from responses_emulator.ids import new_id
from responses_emulator.model.items import Item
from responses_emulator.model.steps import Call, Result
from responses_emulator.tools import Hosted, Printed


def run(call: Call, tool: Item, hosted: Hosted) -> Result:
    """Run a program and keep what it writes."""
    program: str = call.arguments["code"]
    workspace = hosted.container(tool)
    read = {n: data for n, data in workspace.files.items() if repr(n) in program}
    outcome = sandbox.run_with_files(program, read)
    written = {
        name: id
        for name, content in outcome.written.items()
        if (id := workspace.keep(name, content))
    }
    item: Item = {
        "id": new_id("ci"),
        "type": "code_interpreter_call",
        "status": "completed",
        "code": program,
        "container_id": workspace.id,
        "outputs": [{"type": "logs", "logs": outcome.printed}],
    }
    return Result(call, (item,), Printed(outcome.printed, written, workspace.id))
