"""The sandbox: what a program may do, what ends it, and what is told of it."""

import time
from threading import Thread

import pytest

from emulator.sandbox import MAX_OUTPUT, run


def test_gives_back_what_the_program_printed():
    assert run("import math\nprint(math.sqrt(16))\nprint('é ∑')") == "4.0\né ∑\n"


def test_an_error_is_told_by_its_traceback_without_the_sandbox_in_it():
    output = run("print('before')\n1 / 0")
    assert output.startswith(
        'before\nTraceback (most recent call last):\n  File "program'
    )
    assert output.endswith("ZeroDivisionError: division by zero\n")
    assert "confine" not in output


def test_source_that_is_no_python_is_told():
    assert "SyntaxError" in run("print((")


def test_a_program_that_runs_too_long_is_stopped():
    started = time.perf_counter()
    output = run("print('start')\nwhile True: pass", seconds=0.3)
    assert output == "start\nTimed out after 0.3 s"
    assert time.perf_counter() - started < 2


def test_of_a_long_output_the_middle_is_left_out():
    output = run("print('x' * 100_000)\nraise ValueError('at the end')")
    assert len(output) < MAX_OUTPUT + 100
    assert "bytes left out" in output
    assert output.endswith("ValueError: at the end\n")


def test_a_program_may_write_and_read_in_its_own_folder():
    assert run("open('a.txt', 'w').write('7')\nprint(open('a.txt').read())") == "7\n"


REACHES = {
    "import socket": "import _socket",
    "import subprocess": "import _posixsubprocess",
    "import ctypes": "import _ctypes",
    "import os; os.system('true')": "os.system",
    "import os; os.kill(os.getppid(), 0)": "os.kill",
    "import os; os.symlink('/', 'root')": "os.symlink",
    "open('/etc/hostname')": "open",
    "open('../elsewhere.txt', 'w')": "open",
    "import os; open(os.__file__, 'a')": "open",
    "import os; os.open('.', os.O_RDONLY)": "open",
}


def test_reaching_outside_ends_the_program_even_where_it_would_catch_that():
    for reach, refused in REACHES.items():
        output = run(f"try:\n    {reach}\nexcept BaseException:\n    print('caught')")
        assert output.startswith(f"PermissionError: the sandbox refuses {refused}"), (
            reach
        )
        assert "caught" not in output


def test_the_environment_is_empty(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "a-secret")
    assert "a-secret" not in run("import os\nprint(dict(os.environ))")


def test_there_is_nothing_to_read_from_standard_input():
    assert "EOFError" in run("input()")


def test_programs_run_side_by_side_from_threads():
    outputs: dict[int, str] = {}

    def work(number: int) -> None:
        outputs[number] = run(f"print({number})")

    threads = [Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outputs == {number: f"{number}\n" for number in range(4)}


def test_text_that_is_no_unicode_does_not_raise():
    assert run("print('\udc80')") == "?\n"
    assert "null bytes" in run("print(1)\0")
