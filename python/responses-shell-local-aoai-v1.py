# /// script
# requires-python = ">=3.11"
# dependencies = ["openai>=3.54,<4", "python-dotenv>=1.2,<2"]
# ///
"""Run commands that the model asks for on this machine, after you have said yes.

Group: Your own tools
Auth: API key
Env: AZURE_OPENAI_API_KEY, AZURE_OPENAI_V1_API_ENDPOINT, AZURE_OPENAI_API_MODEL
Docs: https://learn.microsoft.com/azure/foundry/openai/how-to/shells
"""

import os
import platform
import shlex
import subprocess

from dotenv import load_dotenv
from openai import OpenAI

load_dotenv()
MODEL = os.environ["AZURE_OPENAI_API_MODEL"]  # your deployment's name
MAX_TURNS = 5  # a model that keeps asking for tools must not run up a bill
ALLOWED = ("df", "du", "ls", "pwd", "uname")  # they change and disclose little
SECONDS = 20  # for each command
RULES = f"""The shell is on {platform.system()}. Each command is run by itself, without
pipes, wildcards or variables. Allowed: {", ".join(ALLOWED)}."""
client = OpenAI(
    api_key=os.environ["AZURE_OPENAI_API_KEY"].strip(),
    base_url=os.environ["AZURE_OPENAI_V1_API_ENDPOINT"],
)


def agreed(question: str) -> bool:
    """Ask; only `y` is yes, and the end of the input is no."""
    try:
        return input(f"{question} [y/n] ") == "y"
    except EOFError:
        return False


def run(command: str) -> dict:
    """Run one command if it is allowed and agreed to; no shell ever sees it."""
    try:
        words = shlex.split(command)
        if not words or words[0] not in ALLOWED:
            raise ValueError(f"only {', '.join(ALLOWED)} are allowed here")
        if not agreed(f"Run {shlex.join(words)}?"):
            raise ValueError("the user said no")
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        print(f"Stopped after {SECONDS} seconds.")
        return {"stdout": "", "stderr": "", "outcome": {"type": "timeout"}}
    except (OSError, ValueError) as error:  # the model is told, too
        print(f"Not run: {command}: {error}")
        failed = {"type": "exit", "exit_code": 1}
        return {"stdout": "", "stderr": f"Not run: {error}", "outcome": failed}

    outcome = {"type": "exit", "exit_code": done.returncode}
    return {"stdout": done.stdout, "stderr": done.stderr, "outcome": outcome}


turn_input: str | list = "Which files are in this folder?"
previous_id = None

for _ in range(MAX_TURNS):
    response = client.responses.create(
        model=MODEL,
        tools=[{"type": "shell", "environment": {"type": "local"}}],
        instructions=RULES,
        input=turn_input,
        previous_response_id=previous_id,
    )
    calls = [item for item in response.output if item.type == "shell_call"]
    if not calls:
        break

    previous_id = response.id
    turn_input = []
    for call in calls:
        result = {
            "type": "shell_call_output",
            "call_id": call.call_id,
            "output": [run(command) for command in call.action.commands],
            # The service shortens what it shows the model to this.
            "max_output_length": call.action.max_output_length,
        }
        turn_input.append(result)
else:
    raise SystemExit(f"Unfinished: no answer after {MAX_TURNS} turns")

print(response.output_text)
if response.status != "completed":  # cut off or failed: nothing was raised
    raise SystemExit(f"Unfinished: {response.incomplete_details or response.error}")
