"""Programs in Monty: what they may do, what ends them, and what they leave."""

import atexit
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from threading import Thread, Timer
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic_monty import Monty

from emulator.tests.programs.model_programs import FILES, PROGRAMS
from responses_emulator.programs import interpreter
from responses_emulator.programs.interpreter import MAX_OUTPUT, Outcome, run
from responses_emulator.signals import Signal

AS_BEFORE = "Variables and files are as they were before."
# Of PROGRAMS, those that need what Monty lacks.
NOT_RUN = [
    "fibonacci as a generator",
    "totals of a table with pandas",
    "a chart with matplotlib",
    "mean and deviation with statistics",
    "linear equations with numpy",
    "an equation with sympy",
    "shapes as classes",
    "shortest paths with heapq",
    "a text read from a string with io",
    "a bank with exceptions of its own",
    "caesar cipher",
    "regular expressions",
    "breadth first in a maze",
    "an enum of states",
    "a list written line by line and read back",
]


def printed(program: str, **files: bytes) -> str:
    return run(program, files).printed


# What comes of a program


def test_gives_back_what_it_printed_and_the_value_of_its_last_line():
    assert printed("import math\nprint(math.sqrt(16))\nprint('é ∑')") == "4.0\né ∑\n"
    assert printed("x = 6\n[x, x * 7]") == "[6, 42]\n"
    assert printed("x = 6") == printed("None") == ""


def test_at_a_command_line_the_value_of_the_last_line_is_not_printed():
    done = run("print(1)\n2", {}, None)
    assert (done.printed, done.session) == ("1\n", None)


def test_an_error_is_told_by_its_traceback():
    done = run("print('before')\n\ndef f():\n    return 1 / 0\n\nf()", {})
    assert done.output == [("stdout", "before\n")]
    assert done.exit_code == 1
    assert done.printed.startswith("before\nTraceback (most recent call last):\n")
    assert "line 4, in f\n    return 1 / 0\n" in done.printed
    assert done.printed.endswith("ZeroDivisionError: division by zero\n")


def test_source_that_is_no_python_is_told():
    for source in ("print((", "print('\udc80')", "print(1)\0", "yield 1", "1 +"):
        done = run(source, {})
        assert done.exit_code == 1
        assert "Error" in done.error, source
    assert "longer than" in printed("#" * (interpreter.MAX_PROGRAM + 1))


@pytest.mark.parametrize(
    ("code", "exit_code", "error"),
    [
        ("sys.exit()", 0, ""),
        ("sys.exit(3)", 3, ""),
        ("sys.exit(-1)", 255, ""),
        ("sys.exit('no')", 1, "no\n"),
        ("exit(4)", 4, ""),
        ("sys.exit(True)", 1, ""),
        ("sys.exit(10**5000)", 0, ""),
        ("sys.exit(2.5)", 1, "2.5\n"),
        ("sys.exit('²')", 1, "²\n"),
        ("sys.exit('--5')", 1, "--5\n"),
        ("sys.exit(ValueError('no'))", 1, "no\n"),
        ("sys.exit([1])", 1, "[a value that is no text]\n"),
        ("class A: pass\nsys.exit(A())", 1, "[a value that is no text]\n"),
    ],
)
def test_a_program_can_end_itself(code: str, exit_code: int, error: str):
    done = run(f"import sys\nprint('x')\n{code}\nprint('y')", {})
    assert (done.exit_code, done.error) == (exit_code, error)
    assert done.output == [("stdout", "x\n")]


def test_how_often_a_program_prints_does_not_matter():
    began = time.perf_counter()
    assert run("print(1)\n" * 20_000, {}).ended == "output"
    assert time.perf_counter() - began < 5


def test_names_of_sys_are_there_and_texts_stay_as_they_are():
    program = "import sys\nprint('sys.argv', f'{sys.argv[1]}', *sys.argv)  # sys.exit"
    assert run(program, {}, arguments=["p.py", "a b"]).printed == (
        "sys.argv a b p.py a b\n"
    )
    text = "import sys\nprint('a')\nsys.stderr.write('b\\n')\nsys.stdout.write('c')"
    both = run(text, {}, None)
    assert both.output == [("stdout", "a\n"), ("stderr", "b\n"), ("stdout", "c")]
    assert "print(1 / 0, sys.exit)" in printed("import sys\nprint(1 / 0, sys.exit)")


def test_variables_and_functions_stay_for_the_next_program():
    first = run("import math\nx = 20\ndef double(n):\n    return n * 2", {})
    assert first.session
    second = run("print(double(x) + math.floor(2.5))", {}, first.session)
    assert second.printed == "42\n"
    assert "NameError" in printed("x")


def test_an_error_keeps_what_came_before_it():
    done = run("x = 1\nopen('a', 'w').write('1')\nx / 0", {})
    assert done.written == {"a": b"1"}
    assert run("x", {}, done.session).printed == "1\n"


# Names and texts that are told otherwise to Monty


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("sys.argv; sys.exit; 'x'; sys.argv", "sys_argv; sys_exit; 'x'; sys_argv"),
        ("sys.stdout.write('sys.exit')", "sys_stdout_write('sys.exit')"),
        (
            "sys.stdout.flush(); sys.stderr.flush()",
            "sys_stdout_flush(); sys_stderr_flush()",
        ),
        ("sys.argvs; my_sys.exit; sys.path", "sys.argvs; my_sys.exit; sys.path"),
        ("sys.argv\n# sys.exit\nsys.exit", "sys_argv\n# sys.exit\nsys_exit"),
        ("sys.exit(", "sys.exit("),
        ("f'{sys.argv}' 'sys.argv'", "f'{sys_argv}' 'sys.argv'"),
        ('Rf"{sys.exit}" b"sys.exit"', 'Rf"{sys_exit}" b"sys.exit"'),
        (
            "x = f'''a\n{sys.argv[0]}\n{sys.exit}'''; y = '''f\nsys.argv'''",
            "x = f'''a\n{sys_argv[0]}\n{sys_exit}'''; y = '''f\nsys.argv'''",
        ),
        ("no = 1", "no = 1"),
    ],
)
def test_names_of_sys_are_told_as_plain_ones(program: str, told: str):
    assert interpreter._with_names(program) == told


def test_a_traceback_has_the_names_that_the_program_has():
    done = run("import sys\nsys.stdout.write(sys.argv and 3)", {})
    assert "    sys.stdout.write(sys.argv and 3)\n" in done.error
    assert done.error.endswith("TypeError: write() argument must be str, not int\n")
    assert "sys_" not in done.error


def test_what_writes_tells_how_much_and_flushing_nothing():
    program = (
        "import sys\nprint(sys.stdout.write('ab'), sys.stderr.write('é'))\n"
        "print(sys.stdout.flush(), sys.stderr.flush())"
    )
    assert run(program, {}).output == [
        ("stdout", "ab"),
        ("stderr", "é"),
        ("stdout", "2 1\n"),
        ("stdout", "None None\n"),
    ]


@pytest.mark.parametrize("name", ["exit", "quit", "sys.exit"])
def test_a_program_ends_itself_by_three_names(name: str):
    assert run(f"import sys\n{name}(7)", {}).exit_code == 7


@pytest.mark.parametrize(
    ("program", "may"),
    [
        ("print(1)", False),
        ("print(1, file=f)", True),
        ("print(\n1,\nfile = f)", True),
        ("file=1\nprint(2)", False),
        ("sprint(file=1)", False),
        ("print; profile=2", False),
    ],
)
def test_whether_a_program_may_print_to_a_file(program: str, may: bool):
    assert interpreter._prints_to_file(program) is may


def test_a_program_prints_to_a_file():
    program = (
        "f = open('x', 'w')\nprint('a', 2, sep='-', end='!', file=f)\n"
        "print('c', 'd', sep=None, end=None, file=f)\nprint('e', file=f)\nf.close()\n"
        "import sys\nprint('out', file=None)\nprint('err', 1, file=sys.stderr)"
    )
    done = run(program, {})
    assert done.written == {"x": b"a-2!c d\ne\n"}
    assert done.output == [("stdout", "out\n"), ("stderr", "err 1\n")]


def test_a_long_text_is_told_without_its_middle(monkeypatch: pytest.MonkeyPatch):
    assert interpreter.MAX_ERROR == 4_000
    monkeypatch.setattr(interpreter, "MAX_ERROR", 10)
    assert interpreter._without_middle("0123456789") == "0123456789"
    left = "01234\n[some left out]\n6789a"
    assert interpreter._without_middle("0123456789a") == left


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("", ("", 0)),
        ("None", ("", 0)),
        ("255", ("", 255)),
        ("1000", ("1000\n", 1)),
        ("no", ("no\n", 1)),
    ],
)
def test_what_a_shell_makes_of_an_exit_code(code: str, told: tuple[str, int]):
    assert interpreter._exit_of(code) == told


# Bounds and processes


def test_a_program_is_bounded(monkeypatch: pytest.MonkeyPatch):
    assert interpreter.MAX_PROGRAM == 500_000
    monkeypatch.setattr(interpreter, "MAX_PROGRAM", 8)
    assert run("print(1)", {}).printed == "1\n"
    done = run("print(12)", {})
    assert done.exit_code == 1
    assert done.printed == "The program is longer than 8 characters."


def test_a_process_is_asked_for_with_its_bounds(monkeypatch: pytest.MonkeyPatch):
    asked: list[dict[str, Any]] = []
    pool = SimpleNamespace(checkout=lambda **given: asked.append(given))
    monkeypatch.setattr(interpreter, "_pool", lambda: pool)
    interpreter._checkout("a.py", 2.5)
    assert asked == [
        {
            "script_name": "a.py",
            "limits": {
                "max_feed_duration_secs": 3.5,
                "max_memory": 128 * 2**20,
                "max_suspensions": 2**31,
            },
            "os_policy": {"sleep": "call_host"},
        }
    ]


def test_four_processes_run_and_end_with_this_one(monkeypatch: pytest.MonkeyPatch):
    asked: list[dict[str, Any]] = []
    registered: list[object] = []

    class Pool:
        def __init__(self, **given: Any) -> None:
            asked.append(given)

        def __enter__(self) -> None:
            asked.append({"begun": True})

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(interpreter, "Monty", Pool)
    monkeypatch.setattr(atexit, "register", lambda *given: registered.extend(given))
    pool = interpreter._started.__wrapped__()
    binary = interpreter._binary()
    assert asked == [
        {"binary_path": binary, "max_processes": 4, "checkout_timeout": 10.0},
        {"begun": True},
    ]
    assert registered == [pool.__exit__, None, None, None]


def test_the_interpreter_is_found_where_it_was_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    def installed(*names: str) -> None:
        found = [
            SimpleNamespace(stem=Path(name).stem, locate=(tmp_path / name).absolute)
            for name in names
        ]
        by_package = {"pydantic-monty-runtime": found}
        monkeypatch.setattr(interpreter, "files", by_package.__getitem__)

    (tmp_path / "monty.exe").touch()
    (tmp_path / "other").touch()
    installed("other", "gone/monty", "monty.exe")
    assert interpreter._binary() == str(tmp_path / "monty.exe")
    installed("other")
    assert interpreter._binary() is None

    def none(name: str) -> None:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(interpreter, "files", none)
    assert interpreter._binary() is None


@pytest.mark.parametrize(
    ("until", "seconds", "waited"),
    [(1_005.0, 100.0, 6.0), (1_005.0, 2.0, 2.0), (900.0, 100.0, 1.0)],
)
def test_a_sleep_is_no_longer_than_there_is_time(
    until: float, seconds: float, waited: float, monkeypatch: pytest.MonkeyPatch
):
    call = interpreter._Call(5)
    slept: list[float] = []
    monkeypatch.setattr(call, "_until", until)
    monkeypatch.setattr(call._is_over, "wait", slept.append)
    monkeypatch.setattr(interpreter, "time", SimpleNamespace(monotonic=lambda: 1_000.0))
    call.sleep(seconds)
    assert slept == [waited]


def test_a_call_ends_once_and_why_is_told(monkeypatch: pytest.MonkeyPatch):
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda *given: killed.append(given))
    call = interpreter._Call(2)
    call.end("stop")  # before it has a process
    assert killed == []
    process: Any = SimpleNamespace(worker_pid=7)
    call._begin(process)
    call.end("time")
    assert killed == [(7, getattr(signal, "SIGKILL", signal.SIGTERM))]
    assert call._is_over.is_set()
    assert call._was_ended() == Outcome(
        [],
        exit_code=None,
        ended="stop",
        told=f"Nobody waits for it any more: the program was ended. {AS_BEFORE}",
    )


def test_nothing_of_a_call_is_left_with_the_signal_that_may_end_it():
    stop = Signal()
    assert run("print(1)", {}, stop=stop).printed == "1\n"
    assert stop._reactions == []


def test_output_is_bounded_to_the_last_byte():
    call = interpreter._Call(2)
    call._print("stdout", "x" * (MAX_OUTPUT - 3))
    call._print("stderr", "éz")
    call._print("stdout", "")
    assert call._ended is None
    call._print("stdout", "y")
    assert call._ended == "output"
    assert [len(text) for _, text in call._output] == [MAX_OUTPUT - 3, 2]
    assert MAX_OUTPUT == 20_000
    half = interpreter._Call(2)
    half._print("stdout", "x" * (MAX_OUTPUT - 1))
    half._print("stdout", "é")  # of which one byte would have room
    assert half._ended == "output"
    assert len(half._output) == 1


@pytest.mark.parametrize(
    ("ended", "was_run"),
    [
        ("time", True),
        ("crash", True),
        (None, True),
        ("places", False),
        ("start", False),
    ],
)
def test_whether_a_program_was_run(ended: Any, was_run: bool):
    assert Outcome(ended=ended).was_run is was_run


def test_who_found_no_place_is_told():
    assert interpreter.no_place() == Outcome(
        exit_code=None,
        ended="places",
        told="No place was free to run the program within 10 s. Try again.",
    )


# Files


def test_files_go_in_and_what_is_written_or_removed_comes_out():
    program = (
        "import os\n"
        "text = open('in.txt').read()\n"
        "open('out.txt', 'w').write(text.upper())\n"
        "with open('changed.txt', 'a') as f:\n    f.write('!')\n"
        "open('same.txt', 'w').write('s')\n"
        "os.remove('gone.txt')\n"
        "os.makedirs('a/b')\n"
        "os.rename('moved.txt', 'a/b/moved.txt')\n"
    )
    given = {
        "in.txt": b"abc", "changed.txt": b"x", "left.txt": b"y", "gone.txt": b"",
        "same.txt": b"s", "moved.txt": b"m",
    }  # fmt: skip
    done = run(program, given)
    assert done.printed == ""
    assert done.written == {
        "a/b/moved.txt": b"m",
        "changed.txt": b"x!",
        "out.txt": b"ABC",
        "same.txt": b"s",
    }
    assert done.removed == ["gone.txt", "moved.txt"]


def test_a_folder_is_renamed_with_all_that_is_in_it():
    done = run("import os\nos.rename('a', 'b')\nprint(os.listdir('b'))", {"a/x": b"1"})
    assert done.printed == "['x']\n"
    assert (done.written, done.removed) == ({"b/x": b"1"}, ["a/x"])
    for target in ("a/b", "c", "/tmp/a", "none/a"):
        failed = run(
            f"import os\nos.mkdir('c')\nos.rename('a', {target!r})", {"a/x": b""}
        )
        assert "Error: [Errno" in failed.error, target
        assert failed.removed == []


def test_a_folder_is_listed_walked_and_searched():
    program = (
        "import os, pathlib\n"
        "print(os.listdir('.'), os.listdir('a'), os.path.isdir('a'), os.getcwd())\n"
        "print([(where, files) for where, _, files in os.walk('.')])\n"
        "print([str(p) for p in pathlib.Path('.').rglob('*.csv')])\n"
        "print(os.stat('x.csv').st_size, os.path.exists('y'))"
    )
    done = run(program, {"a/y.csv": b"", "x.csv": b"123"})
    assert done.printed == (
        "['a', 'x.csv'] ['y.csv'] True /mnt/data\n"
        "[('.', ['x.csv']), ('./a', ['y.csv'])]\n"
        "['a/y.csv', 'x.csv']\n"
        "3 False\n"
    )


def test_the_number_and_the_bytes_of_files_are_bounded_with_those_that_were_there():
    given = {"0": b"12345"}
    many = "for n in range(9): open(f'{n}', 'w').close()"
    done = run(many, given, most_files=4)
    assert "there may be 4 files" in done.error
    assert sorted(done.written) == ["0", "1", "2", "3"]
    folders = run(
        "import os\nfor n in range(9): os.mkdir(f'd{n}')", given, most_files=4
    )
    assert "there may be 4 files" in folders.error
    large = "f = open('a', 'w')\nfor _ in range(9): f.write('12345')"
    done = run(large, given, most_bytes=20)
    assert "20 bytes is all there is" in done.error
    assert done.written == {"a": b"123451234512345"}
    freed = "import os\nos.remove('0')\nopen('a', 'w').write('1' * 20)"
    assert run(freed, given, most_bytes=20).exit_code == 0


# What ends a program


def test_time_counts_sleep_and_what_was_done_is_undone():
    session = run("x = 1", {}).session
    slow = "x = 2\nopen('a', 'w').write('1')\nimport time\ntime.sleep(0.1)\n"
    for rest in ("time.sleep(60)", "while True: pass"):
        started = time.perf_counter()
        done = run(f"{slow}print('begun')\n{rest}", {}, session, seconds=0.5)
        assert time.perf_counter() - started < 20
        assert done.printed == (
            f"begun\nTimed out after 0.5 s: the program was ended. {AS_BEFORE}"
        )
        assert (done.exit_code, done.ended) == (None, "time")
        assert (done.written, done.removed, done.session) == ({}, [], None)


def test_output_is_cut_and_the_program_ended():
    started = time.perf_counter()
    done = run("while True: print('é' * 1000)", {})
    assert time.perf_counter() - started < 20
    text, _, told = done.printed.rpartition("\n")
    assert len(text.encode()) <= MAX_OUTPUT
    assert told == (
        f"The output was cut after {MAX_OUTPUT} bytes: the program was ended. "
        f"{AS_BEFORE}"
    )
    assert printed(f"print('x' * {MAX_OUTPUT - 1})") == "x" * (MAX_OUTPUT - 1) + "\n"


def test_what_takes_too_much_memory_to_be_kept_is_told():
    done = run("print('done')\nx = 'a' * 100_000_000", {})
    assert done.printed.startswith("done\nWhat the program left takes too much memory")
    assert done.session is None


def test_a_process_that_crashes_is_told_apart_from_one_that_was_slow(
    monkeypatch: pytest.MonkeyPatch,
):
    killed: list[int] = []

    def crash(self: interpreter._Call, _stream: str, _text: str) -> None:
        assert self._process
        killed.append(self._process)
        os.kill(self._process, signal.SIGTERM)

    with monkeypatch.context() as patch:
        patch.setattr(interpreter._Call, "_print", crash)
        done = run("print('x')\nwhile True: pass", {}, seconds=5)
    assert killed
    assert done.ended == "crash"
    assert done.printed.startswith("The program's process has crashed")
    assert printed("print(1)") == "1\n"  # there is another


def test_who_finds_no_process_is_told_after_a_time(monkeypatch: pytest.MonkeyPatch):
    binary = interpreter._binary()
    with Monty(binary_path=binary, max_processes=1, checkout_timeout=0.05) as pool:
        monkeypatch.setattr(interpreter, "_pool", lambda: pool)
        with pool.checkout():
            done = run("print(1)", {})
        assert (done.ended, done.output) == ("places", [])
        assert done.printed.startswith("No place was free to run the program")
        assert printed("print(1)") == "1\n"


@pytest.mark.parametrize("binary", ["/nothing/there", sys.executable])
def test_an_interpreter_that_cannot_be_started_is_told(
    binary: str, monkeypatch: pytest.MonkeyPatch
):
    def pool() -> Monty:
        return Monty(binary_path=binary).__enter__()

    monkeypatch.setattr(interpreter, "_pool", pool)
    done = run("print(1)", {})
    assert not done.was_run
    assert done.printed.startswith("The interpreter cannot be started: ")


def test_programs_run_side_by_side_from_threads():
    outputs: dict[int, str] = {}

    def work(number: int) -> None:
        outputs[number] = printed(f"print({number})")

    threads = [Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outputs == {number: f"{number}\n" for number in range(12)}


def test_a_program_that_nobody_waits_for_is_ended():
    stop = Signal()
    Timer(0.1, stop.set).start()
    began = time.perf_counter()
    done = run("while True: pass", {}, stop=stop)
    assert (done.ended, done.session) == ("stop", None)
    assert run("x = 1", {}, stop=stop).ended == "stop"  # before it has begun
    assert time.perf_counter() - began < 20
    assert printed("print('next')") == "next\n"


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("program", ["while True: pass", "open('a')"])
def test_a_process_ends_with_the_emulator_however_that_ends(program: str):
    script = (
        "from responses_emulator.programs import interpreter\n"
        "interpreter.SPARE_SECONDS = 0\n"
        "process = interpreter._checkout('a.py', 0.3).__enter__()\n"
        "print(process.worker_pid, flush=True)\n"
        f"process.feed_run({program!r}, os=lambda **_: input())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as emulator:
        assert emulator.stdout
        pid = int(emulator.stdout.readline())
        emulator.kill()
    for _ in range(100):
        try:
            status = Path(f"/proc/{pid}/stat").read_text()
        except FileNotFoundError:
            return
        if status.rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.02)
    pytest.fail("the process is still there")


# What models write


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_of_the_kind_that_models_write(name: str):
    program, expected = PROGRAMS[name]
    done = run(program, FILES)
    if name in NOT_RUN:
        assert done.exit_code == 1
        assert "Traceback" in done.error  # a model sees why, and can try again
    else:
        assert done.exit_code == 0
        assert expected in done.printed


# What hostile programs try


def reads(path: str) -> str:
    return f"print(open({path!r}).read())"


HOSTILE = {
    # Files of this machine
    "a file of the system": reads("/etc/passwd"),
    "the emulator's environment": reads("/proc/self/environ"),
    "a device": "open('/dev/zero', 'rb').read(1)",
    "a way out by ..": reads("../../etc/passwd"),
    "a way out by .. from a folder": "import os\nos.mkdir('a')\n" + reads(
        "/mnt/data/a/../../../etc/passwd"
    ),
    "a way out by a path": "from pathlib import Path\n"
    "Path('/mnt/data/../../etc/passwd').read_text()",
    "a file beside the folder": "open('/mnt/x', 'w').write('x')",
    "a file in /tmp": "open('/tmp/escaped', 'w').write('x')",
    "a file outside by ..": "open('../escaped', 'w').write('x')",
    "a folder outside": "import os\nos.mkdir('/tmp/escaped')",
    "a file moved out": "import os\nopen('a', 'w').close()\nos.rename('a', '/tmp/a')",
    "a file moved in": "import os\nos.rename('/etc/passwd', 'a')",
    "a file of the system removed": "import os\nos.remove('/etc/passwd')",
    "the folder removed": "import os\nos.rmdir('/mnt/data')",
    "a folder of the system listed": "import os\nos.listdir('/etc')",
    "another folder to work in": "import os\nos.chdir('/etc')",
    "a descriptor": "import os\nos.open('/etc/passwd', 0)",
    "a descriptor by number": "open(1, 'w').write('x')",
    # Links
    "a link to a file": "import os\nos.symlink('/etc/passwd', 'x')\n" + reads("x"),
    "a hard link": "import os\nos.link('/etc/passwd', 'x')\n" + reads("x"),
    "a link by pathlib": "from pathlib import Path\nPath('x').symlink_to('/etc')",
    # The environment
    "a key from the environment": "import os\nos.environ['AZURE_OPENAI_API_KEY']",
    "a key by getenv": "import os\nprint(1 + os.getenv('AZURE_OPENAI_API_KEY'))",
    # The network
    "a socket": "import socket\nsocket.create_connection(('127.0.0.1', 80))",
    "a request": "import urllib.request\nurllib.request.urlopen('http://127.0.0.1')",
    "a connection of asyncio": "import asyncio\n"
    "asyncio.run(asyncio.open_connection('127.0.0.1', 80))",
    # Processes
    "a shell": "import os\nos.system('id')",
    "a process": "import subprocess\nsubprocess.run(['id'])",
    "a fork": "import os\nos.fork()",
    "a signal to the emulator": "import os\nos.kill(os.getppid(), 9)",
    "a thread": "import threading\nthreading.Thread(target=print).start()",
    # Memory
    "one large value": "x = 'a' * (1 << 33)",
    "many values": "x = []\nwhile True: x.append('a' * 1_000_000)",
    "a number of a million digits": "9 ** 9 ** 9",
    "endless recursion": "def f(): return f()\nf()",
    "a small value with a text without end": "x = []\n"
    "for _ in range(99): x = [x, x]\nprint(x)",
    "a copy of a small value outside": "import sys\nx = []\n"
    "for _ in range(40): x = [x, x]\nsys.exit(x)",
    "an object with a small value outside": "x = []\n"
    "for _ in range(40): x = [x, x]\nclass A:\n    def __init__(self):\n"
    "        self.x = x\nexit(A())",
    "a small value as JSON": "import json\nx = []\n"
    "for _ in range(40): x = [x, x]\njson.dumps(x)",
    "a list in itself": "x = []\nx.append(x)\ny = []\ny.append(y)\nx == y",
    "a deep list": "import copy\nx = []\nfor _ in range(20_000): x = [x]\n"
    "copy.deepcopy(x)",
    "a deep tuple": "x = ()\nfor _ in range(50_000): x = (x,)\nhash(x)",
    "deep JSON": "import json\njson.loads('[' * 1_000_000)",
    "deep TOML": "import tomllib\ntomllib.loads('a=' + '[' * 1_000_000)",
    "deep source": "x = " + "(" * 50_000 + ")" * 50_000,
    "a deep sum": "x = " + "+".join("1" * 100_000),
    "a shift": "1 << (1 << 40)",
    "a width": "print('%9999999999d' % 1)",
    "a text that is replaced": "s = 'a' * 1_000_000\ns.replace('a', s)",
    "a number without end": "import math\nmath.factorial(10**7)",
    "decimals without end": "from decimal import Decimal, getcontext\n"
    "getcontext().prec = 10**9\nDecimal(1) / 3",
    "a number of many digits as a text": "str(10**100_000)",
    "a text of many digits as a number": "int('9' * 1_000_000)",
    "random bytes without end": "import os\nos.urandom(10**12)",
    "a sample without end": "import random\nrandom.sample(range(10**12), 10**9)",
    "memory again and again": "x = []\nwhile True:\n    try:\n"
    "        x.append('a' * 10_000_000)\n    except MemoryError: pass",
    "a regular expression that is large": "import re\n"
    "re.compile('a{1000000}{1000}')",
    "a regular expression that is deep": "import re\n"
    "re.compile('(' * 100_000 + ')' * 100_000)",
    "endless recursion of __repr__": "class A:\n    def __repr__(self):\n"
    "        return repr(self)\nrepr(A())",
    # Time
    "an endless loop": "while True: pass",
    "an endless loop that catches": "while True:\n    try:\n        while True: pass\n"
    "    except BaseException: pass",
    "a long sleep": "import time\ntime.sleep(1e9)",
    "many short sleeps": "import time\nwhile True: time.sleep(0.01)",
    "a sleep of asyncio": "import asyncio\nasyncio.run(asyncio.sleep(1e9))",
    "a loop that ends in another": "try:\n    while True: pass\n"
    "finally:\n    while True: pass",
    "a sort without end": "def key(x):\n    while True: pass\nsorted([1], key=key)",
    "a sum without end": "import itertools\nsum(itertools.count())",
    "a sleep for ever": "import time\ntime.sleep(float('inf'))",
    "tasks of asyncio": "import asyncio\nasync def f():\n"
    "    while True: await asyncio.sleep(0)\nasyncio.run(f())",
    # Output
    "a long text at the end": "import sys\nsys.exit('x' * 10_000_000)",
    "endless lines of errors": "import sys\nwhile True: sys.stderr.write('x')",
    "a long separator": "print('a', 'b', sep='x' * 1_000_000)",
    "a long key": "{}['x' * 10_000_000]",
    "endless output": "while True: print('x' * 10_000)",
    "one long line": "print('x' * 10_000_000)",
    "a long error": "raise ValueError('x' * 10_000_000)",
    # Number and bytes of files
    "files without end": "import itertools\n"
    "for n in itertools.count(): open(f'{n}', 'w').close()",
    "folders without end": "import os\nos.makedirs('/'.join('a' * 1_000))",
    "a file without end": "f = open('a', 'w')\nwhile True: f.write('x' * 1_000_000)",
    "a name without end": "open('a' * 100_000, 'w')",
    "a path without end": "import os\nos.path.exists('/a' * 1_000_000)",
    "a path without end, many times": "from pathlib import Path\n"
    "while True: Path('a/' * 100_000).exists()",
    "a name with a null": "open('a\\0b', 'w')",
    "a file without a name": "open('', 'w')",
    "the folder as a file": "open('/mnt/data', 'w')",
    "files without end by pathlib": "from pathlib import Path\n"
    "for n in range(1_000): Path(f'{n}').write_text('')",
    "a file written and removed without end": "import os\n"
    "while True:\n    open('b', 'w').close()\n    os.remove('b')",
    "a large file at once": "open('b', 'wb').write(b'x' * 100_000_000)",
    "a folder in itself": "import os\nos.mkdir('b')\nos.rename('b', 'b/c')",
    "another spelling of the root": reads("//etc/passwd"),
    "a way out by . and ..": reads("/mnt/data/./../.././etc/./passwd"),
    "descriptors of the process": "import os\nos.listdir('/proc/self/fd')",
    # Imports, and ways round the interpreter
    "an import of C": "import ctypes",
    "an import by name": "__import__('os').system('id')",
    "an import of what it wrote": "open('m.py', 'w').write('x = 1')\nimport m",
    "classes of the interpreter": "().__class__.__base__.__subclasses__()",
    "frames": "import sys\nsys._getframe(1).f_globals",
    "code of a function": "(lambda: 0).__code__.replace(co_code=b'')",
    "modules of the emulator": "import responses_emulator",
    "the emulator's names": "def f(): pass\nprint(exit.__globals__)",
    "a module by name": "import importlib\nimportlib.import_module('os').system('id')",
    "built-in names": "import builtins\nbuiltins.__import__('subprocess')",
    "an import in a text": "exec('import socket')",
    "compiled source": "compile('1', 'x', 'exec')",
    "loaded modules": "import sys\nsys.modules['os']",
    "a name put together": "getattr((), '__cl' + 'ass__')",
    "a name in a format": "'{0.__class__.__mro__}'.format(1)",
    "globals of a function": "def f(): pass\nf.__globals__",
    "the frame of an error": "try:\n    1 / 0\nexcept Exception as e:\n"
    "    e.__traceback__.tb_frame",
    "another process in place of this": "import os\nos.execv('/bin/sh', ['sh'])",
    "what writes the output": "import sys\nsys.stdout.write.func",
    "no text to write": "import sys\nsys.stdout.write({'a': 1})",
    "source with a null": "print(1)\0print(2)",
    "source that is no text": "print('\ud800')",
    "objects in a pickle": "import pickle\npickle.loads(b'cos\\nsystem\\n.')",
}  # fmt: skip


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "a-secret")
    yield
    assert not Path("/tmp/escaped").exists()


@pytest.mark.usefixtures("secrets")
@pytest.mark.parametrize("attempt", HOSTILE)
def test_a_hostile_program_ends_in_an_error(attempt: str):
    started = time.perf_counter()
    done = run(HOSTILE[attempt], {"a.csv": b"x"}, most_bytes=4_000_000, seconds=0.2)
    assert done.exit_code != 0
    assert done.error or done.ended in ("time", "output")
    assert len(done.printed) < 2 * MAX_OUTPUT
    assert "root:" not in done.printed
    assert "a-secret" not in done.printed
    assert time.perf_counter() - started < 5


def test_the_readme_tells_how_many_of_each_there_are():
    assert len(HOSTILE) >= 40
    assert len(PROGRAMS) == 60
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    assert f" {len(HOSTILE)} hostile programs in the tests " in readme
    assert f"Of {len(PROGRAMS)} programs of the kinds that models write" in readme
    run, not_run = len(PROGRAMS) - len(NOT_RUN), len(NOT_RUN)
    assert f", {run} run; the other {not_run} need " in readme


def test_an_outcome_puts_each_thing_on_a_line_of_its_own():
    assert Outcome([("stdout", "a")], error="b\n", told="c").printed == "a\nb\nc"
