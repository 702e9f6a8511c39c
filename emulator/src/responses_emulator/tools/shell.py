"""`shell` in a container of the service's: commands that are really carried out.

What runs them is the module `shell` above this folder.
"""

from responses_emulator.ids import new_id, short_id
from responses_emulator.model.items import Item
from responses_emulator.model.steps import Call, Result
from responses_emulator.programs.shell import Shell, mounted
from responses_emulator.signals import Signal
from responses_emulator.tools import Commands, Hosted

TIMEOUT_MS, MAX_OUTPUT = 120_000, 4_096  # as the documentation's calls have them


def run(call: Call, tool: Item, hosted: Hosted, stop: Signal | None = None) -> Result:
    """Carry out the commands of one call; `stop` ends its programs."""
    workspace = hosted.container(tool)
    skills = {each.name: each.files for each in workspace.skills}
    files = mounted(workspace.files, skills)
    shell = Shell(files, workspace.keep, MAX_OUTPUT, stop)
    commands: list[str] = call.arguments["commands"]
    ran = [(command, shell.run(command)) for command in commands]
    call_id = short_id("call_")
    asked: Item = {
        "id": new_id("sh"),
        "type": "shell_call",
        "call_id": call_id,
        "status": "completed",
        "action": {
            "commands": commands,
            "timeout_ms": TIMEOUT_MS,
            "max_output_length": MAX_OUTPUT,
        },
        "environment": {"type": "container_reference", "container_id": workspace.id},
    }
    output: Item = {
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
    return Result(call, (asked, output), Commands(ran, list(shell.written), workspace))
