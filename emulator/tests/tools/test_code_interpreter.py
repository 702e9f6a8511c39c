"""Programs for a prompt: what they work out, and that no prompt becomes code."""

import ast

import pytest

from emulator.tests.conftest import Client
from responses_emulator.model.standin.python_programs import answer, write_program
from responses_emulator.programs.interpreter import run

TOOL = {"type": "code_interpreter", "container": {"type": "auto"}}


@pytest.mark.parametrize(
    ("prompt", "printed"),
    [
        ("What is 17 * 23 + 4?", "17 * 23 + 4 = 395"),
        ("Use Python: 6 x 7", "6 x 7 = 42"),
        ("First 2^10, then (1 + 2) * 3.", "2^10 = 1024\n(1 + 2) * 3 = 9"),
    ],
)
def test_the_program_really_works_it_out(prompt: str, printed: str):
    program = write_program(prompt)
    assert program is not None
    assert printed.rpartition(" ")[2] not in program
    assert run(program, {}).printed.rstrip() == printed


def test_a_file_that_is_named_is_looked_into_and_what_comes_out_is_saved():
    files = {"a b.csv": b"x,y\n1,2\n", "other.txt": b"no"}
    prompt = "Look into a b.csv, work out 2 + 3, and save it all as result.txt."
    program = write_program(prompt, files)
    assert program is not None and "other" not in program
    outcome = run(program, files)
    assert "2 + 3 = 5" in outcome.printed and "x,y" in outcome.printed
    assert outcome.written["result.txt"].decode() == outcome.printed.rstrip() + "\n"


@pytest.mark.parametrize(
    "prompt",
    ["", "Tell me more.", "What is 2024-01-15?", "8x + 7 = 23", "Call +1 555 123-4567"],
)
def test_a_prompt_without_arithmetic_gets_no_program(prompt: str):
    assert write_program(prompt, ["sales.csv"]) is None


@pytest.mark.parametrize(
    "prompt",
    [
        "2 + 2\"); import os; os.system('id'); print(\"",
        "__import__('os').system('id') + 3 * 4",
        "2 * 3 # \nimport os",
        "What is 2 + 2}{open('/etc/passwd')}?",
        "1 + 1, save it as '); import os;.csv or '../../x.csv' or b.csv",
    ],
)
def test_the_prompt_never_becomes_code(prompt: str):
    program = write_program(prompt, [prompt])
    assert program is not None
    calls = {
        node.func.id
        for node in ast.walk(ast.parse(program))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    assert calls <= {"print", "open", "len"}
    assert not any(isinstance(n, ast.Import) for n in ast.walk(ast.parse(program)))


def test_the_answer_tells_what_was_printed():
    assert answer("a\n\nb\n").endswith("It printed:\n\na\nb")
    assert "printed nothing" in answer(" \n")
    assert "not finished" in answer("Timed out after 5 s")


def test_a_forced_tool_runs_whatever_is_asked(client: Client):
    choice = {"type": "code_interpreter"}
    response = client.create(
        "Hello.",
        tools=[TOOL],
        tool_choice=choice,
        include=["code_interpreter_call.outputs"],
    )
    call, _ = response["output"][-2:]
    assert call["type"] == "code_interpreter_call"
    assert call["outputs"][0]["logs"] == "There is nothing to compute.\n"
