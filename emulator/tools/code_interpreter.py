"""`code_interpreter`: a program for the prompt's arithmetic, really run."""

from collections.abc import Iterator

from emulator import sandbox
from emulator.ids import new_id
from emulator.model.replies import formatted, message
from emulator.model.turn import Item, Turn
from emulator.tools import Hosted, programs

# What a forced code interpreter runs when the prompt has nothing to compute. The
# prompt itself never becomes code.
NOTHING_TO_COMPUTE = 'print("There is nothing to compute.")'


def respond(turn: Turn, tool: Item, hosted: Hosted) -> Iterator[Item]:
    """The call and a message; nothing where the prompt has nothing to compute."""
    program = programs.write_program(turn.prompt)
    if program is None:
        if not turn.forced:
            return
        program = NOTHING_TO_COMPUTE
    output = sandbox.run(program)
    yield {
        "id": new_id("ci"),
        "type": "code_interpreter_call",
        "status": "completed",
        "code": program,
        "container_id": hosted.container(tool),
        "outputs": [{"type": "logs", "logs": output}],
    }
    answer = programs.answer(turn.prompt, program, output)
    yield message(formatted(turn, answer))
