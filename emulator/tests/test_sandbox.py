"""The sandbox: what a program may do, what ends it, and what is told of it."""

import os
import sys
import time
from pathlib import Path
from threading import Thread

import pytest

from responses_emulator import sandbox
from responses_emulator.sandbox import (
    MAX_OUTPUT,
    MAX_WRITTEN_BYTES,
    MAX_WRITTEN_FILES,
    run,
    run_with_files,
)

pytestmark = pytest.mark.xdist_group("processes")


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
    "import ctypes": "import ",  # of _ctypes, or of what it needs first
    "import os; os.system('true')": "os.system",
    "import os; os.kill(os.getppid(), 0)": "os.kill",
    "import os; os.symlink('/', 'root')": "os.symlink",
    "open('/etc/hostname')": "open",
    "open('../elsewhere.txt', 'w')": "open",
    "import os; open(os.__file__, 'a')": "open",
    "import os; os.open('.', os.O_RDONLY)": "open",
    "open('/proc/self/environ')": "open",
    "open('/dev/zero', 'rb')": "open",
    "import urllib.request": "import _socket",
    "import asyncio": "import _socket",
    "import sqlite3; sqlite3.connect('/tmp/emulator.db')": "sqlite3.connect",
    "import tempfile; tempfile.NamedTemporaryFile()": "open",
    "import os; os.listdir('/')": "os.listdir",
    "import os; os.chdir('/')": "os.chdir",
    "import os; os.rename('program.py', '/tmp/emulator.py')": "os.rename",
    "import os; os.remove('/tmp/emulator.py')": "os.remove",
    "import sys; sys.addaudithook(print)": "sys.addaudithook",
    "import gc; gc.get_objects()": "gc.get_objects",
    "import pickle; pickle.loads(b\"cos\\nsystem\\n(S'id'\\ntR.\")": "pickle.",
}
if sys.platform == "win32":
    REACHES |= {
        "import subprocess; subprocess.run(['where'])": "subprocess.Popen",
        "import winreg; winreg.OpenKey(winreg.HKEY_CURRENT_USER, '')": "winreg.",
    }
else:
    REACHES |= {
        "import subprocess": "import _posixsubprocess",
        "import multiprocessing.shared_memory": "import _",
        "import _posixshmem": "import _posixshmem",
        "import readline": "import readline",
        "import pwd": "import pwd",
        "import os; os.mkfifo('/tmp/emulator.pipe')": "os.mkfifo",
        "import posix; posix.mknod('/tmp/emulator.node')": "os.mknod",
        "import os; os.setuid(0)": "os.setuid",
        "import os; os.chroot('.')": "os.chroot",
        "import resource; resource.setrlimit(resource.RLIMIT_AS, (-1, -1))": (
            "resource.setrlimit"
        ),
    }
if sys.platform == "linux":
    REACHES["import os; os.memfd_create('x')"] = "os.memfd_create"


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


def test_files_go_in_and_what_is_new_or_changed_comes_out():
    program = (
        "text = open('in.txt').read()\n"
        "open('out.txt', 'w').write(text.upper())\n"
        "open('changed.txt', 'a').write('!')"
    )
    given = {"in.txt": b"abc", "changed.txt": b"x", "left.txt": b"y"}
    outcome = run_with_files(program, given)
    assert outcome.printed == ""
    assert outcome.written == {"changed.txt": b"x!", "out.txt": b"ABC"}


@pytest.mark.parametrize(
    "name", ["../a", "/etc/passwd", "a/b", "..", ".", "", "a\0b", "program.py"]
)
def test_a_file_name_that_could_be_a_path_is_refused(name: str):
    with pytest.raises(ValueError, match="plain file name"):
        run_with_files("", {name: b"x"})


def test_what_comes_out_is_bounded_in_number_and_size():
    many = run_with_files("for n in range(40): open(f'{n:02}', 'w').write('x')", {})
    assert len(many.written) == MAX_WRITTEN_FILES

    too_many = "for n in range(200): open(f'{n:03}', 'w').close()"
    assert "the sandbox refuses open" in run_with_files(too_many, {}).printed

    large = run_with_files("open('large', 'wb').write(b'x' * (3 << 20))", {})
    assert large.written == {} or len(large.written["large"]) <= MAX_WRITTEN_BYTES


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes in folders there")
def test_links_and_pipes_are_not_taken_for_files(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/etc/hostname")
    (tmp_path / "file").write_bytes(b"x")
    assert sandbox._written(str(tmp_path), {}) == {"file": b"x"}


@pytest.mark.skipif(sys.platform != "linux", reason="not limited there")
def test_the_system_limits_a_program_should_the_emulator_be_gone():
    names = ("CPU", "AS", "FSIZE", "NOFILE", "NPROC", "CORE")
    printed = run(
        "import resource\n"
        f"for name in {names}:\n"
        "    print(name, *resource.getrlimit(getattr(resource, 'RLIMIT_' + name)))",
        seconds=7,
    )
    limits = dict(line.split(" ", 1) for line in printed.splitlines())
    most = {"CPU": 9, "AS": 512 << 20, "FSIZE": 1 << 20, "NOFILE": 32}
    assert limits == {
        **{name: f"{limit} {limit}" for name, limit in most.items()},
        "NPROC": "0 0",
        "CORE": "0 0",
    }


@pytest.mark.parametrize(
    "program",
    [
        "from signal import *\nsignal(SIGTERM, SIG_IGN)\nwhile True: pass",
        "from threading import *\nwhile True: Thread(target=Event().wait).start()",
        "import re\nre.match('(a+)+$', 'a' * 40 + 'b')",
        "9 ** 9 ** 9",
        "while True: print('x' * 10_000)",
        "while True: open('f', 'ab').write(b'x' * 100_000)",
        "data = []\nwhile True: data.append(bytearray(1 << 20))",
        "def f(): f()\nimport sys\nsys.setrecursionlimit(10**9)\nf()",
        "import time\ntime.sleep(1000)",
    ],
)
def test_whatever_a_program_does_it_ends_in_time(program: str):
    started = time.perf_counter()
    printed = run(program, seconds=0.5)
    assert time.perf_counter() - started < 5
    assert len(printed) < MAX_OUTPUT + 200


@pytest.mark.skipif(sys.platform != "linux", reason="not limited there")
def test_a_program_that_takes_too_much_memory_fails():
    assert "MemoryError" in run("data = bytearray(1 << 30)")


@pytest.mark.skipif(sys.platform == "win32", reason="no such calls there")
def test_a_program_cannot_start_another():
    for reach in (
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "os.posix_spawn('/bin/true', ['true'], {})",
    ):
        assert "the sandbox refuses os." in run(f"import os\nwhile True: {reach}")


def test_a_file_that_is_written_again_as_it_was_counts_as_written() -> None:
    files = {"a.txt": b"same", "b.txt": b"left alone"}
    text = 'open("a.txt", "w").write("same"); open("b.txt").read()'
    assert sandbox.run_with_files(text, files).written == {"a.txt": b"same"}
    done = sandbox.run_file("p.py", [], files | {"p.py": text.encode()})
    assert done.written == {"a.txt": b"same"}


@pytest.mark.parametrize("path", ["../p.py", "/p.py", "a//p.py", "", "a\\p.py", "C:p"])
def test_no_file_is_put_outside_of_the_folder(path: str) -> None:
    with pytest.raises(ValueError, match="not a path within the folder"):
        sandbox.run_file("p.py", [], {"p.py": b"", path: b""})
    with pytest.raises(KeyError):
        sandbox.run_file("other.py", [], {"p.py": b""})
