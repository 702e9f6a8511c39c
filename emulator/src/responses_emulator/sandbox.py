"""Runs a small Python program in a confined process of its own.

What it guards against: a program that runs too long, takes too much memory, prints too
much, or reaches by Python's own means for the network, other processes or files that
are none of its business. The first such reach ends it.

What it does not: this is no jail for hostile code. The guard is an audit hook inside
the same interpreter, and Python's documentation is plain that a determined program can
get around one. It fits where the emulator's own model writes the program, from numbers,
operators and plain names that it has parsed. `run_file` runs what a caller has put into
a container: a program of whoever may call the emulator, which by default is this
machine alone. For those the guard is stricter, since nothing that is only good for
getting around it is let through; it is still no jail.

Files go in and out through the program's own folder alone, bounded in number and size.
On Windows there are no resource limits: only the hook and the time limit.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Timer
from typing import IO

MAX_OUTPUT = 20_000  # bytes of output that are given back
TAIL = 2_000  # of these, for the end: a traceback is there
MAX_WRITTEN_FILES = 16  # that are given back
MAX_WRITTEN_BYTES = 1 << 20  # of one file; also the limit that the child sets itself
PROGRAM = "program.py"

# The limits are set by the child itself: `preexec_fn` is not safe in a process that has
# threads, and the emulator serves from threads.
# The hook lets through only what a computation needs. All else ends the program at
# once: a refusal that it could catch would show it the hook, by way of the traceback.
PRELUDE = """
def confine(seconds, program, arguments, strict):
    import os, sys
    try:
        import resource
    except ImportError:
        pass
    else:
        for name, limit in (
            ("CPU", seconds),
            ("AS", 512 << 20),
            ("FSIZE", 1 << 20),
            ("NOFILE", 32),
            ("NPROC", 0),
            ("CORE", 0),
        ):
            try:
                resource.setrlimit(getattr(resource, "RLIMIT_" + name), (limit, limit))
            except (AttributeError, OSError, ValueError):
                pass  # not on this system, or already lower

    harmless = {
        "array.__new__", "builtins.id", "builtins.input", "code.__new__", "compile",
        "cpython.PyInterpreterState_Clear", "cpython.PyThreadState_Clear",
        "cpython._PySys_ClearAuditHooks", "exec", "function.__new__", "marshal.load",
        "marshal.loads", "object.__delattr__", "object.__getattr__",
        "object.__setattr__", "sys._getframe", "sys._getframemodulename",
        "sys.excepthook", "sys.unraisablehook", "time.sleep",
    }
    if strict:
        # Code that no compiler has seen could do anything.
        harmless -= {"code.__new__", "function.__new__"}
        # These list folders, and are heard of again when they do.
        harmless |= {
            "glob.glob", "glob.glob/2", "os.walk", "pathlib.Path.glob",
            "pathlib.Path.rglob",
        }
    refused_modules = {
        "_ctypes", "_curses", "_dbm", "_gdbm", "_posixshmem", "_posixsubprocess",
        "_socket", "_tkinter", "grp", "mmap", "nis", "pwd", "readline", "spwd",
    }
    # Of the system's functions, those that no audit hook hears of.
    unheard = (
        "chroot", "memfd_create", "mkfifo", "mknod", "nice", "openpty", "setegid",
        "seteuid", "setgid", "setgroups", "setns", "setpgid", "setpriority", "setregid",
        "setresgid", "setresuid", "setreuid", "setsid", "setuid", "unshare",
    )
    realpath, join, isdir = os.path.realpath, os.path.join, os.path.isdir
    write, stop, fsdecode = os.write, os._exit, os.fsdecode
    here = realpath(os.getcwd())
    opened_to_write = []
    library = tuple(realpath(path) for path in sys.path)
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

    def inside(path, roots):
        return any(path == root or path.startswith(join(root, "")) for root in roots)

    def allowed(event, args):
        if event == "import":
            return args[0] not in refused_modules
        if event in harmless:
            return True
        if event in ("os.listdir", "os.scandir"):
            path = here if args[0] is None else args[0]
            return not isinstance(path, int) and inside(
                realpath(fsdecode(path)), (here, *library)
            )
        if event == "open":
            path, mode, flags = args
            if isinstance(path, int):
                return True  # a file that is open already
            path = realpath(fsdecode(path))
            writes = (flags or 0) & writing or any(c in (mode or "") for c in "wax+")
            if writes:
                opened_to_write.append(path)
                if len(opened_to_write) > 64:
                    return False  # of 1 MB each: the disk is not for the program
            # An open directory would make a relative path mean another place.
            return not isdir(path) and inside(
                path, (here,) if writes else (here, *library)
            )
        return False

    def guard(event, args):
        if not allowed(event, args):
            what = event + " " + str(args[0]) if event in ("import", "open") else event
            write(2, ("PermissionError: the sandbox refuses " + what + "\\n").encode())
            stop(1)

    def refusal(name):
        return lambda *args, **named: guard("os." + name, args)

    for name in unheard:
        for module in (os, sys.modules[os.name]):
            if hasattr(module, name):
                setattr(module, name, refusal(name))

    with open(program, "rb") as file:
        source = file.read()
    if strict:
        sys.path.insert(0, os.path.dirname(join(here, program)))  # its own modules
    sys.argv = [program, *arguments]
    sys.addaudithook(guard)
    return source


def start():
    import sys
    seconds, program, strict, *arguments = sys.argv[1:]
    source = confine(int(seconds), program, arguments, strict == "strict")
    space = {"__name__": "__main__", "__file__": program, "__builtins__": __builtins__}
    try:
        exec(compile(source, program, "exec"), space)
    except SystemExit:
        raise
    except BaseException as error:
        # The first frame is this one: not the program's.
        trace = error.__traceback__ and error.__traceback__.tb_next
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        sys.exit(1)


start()
"""


@dataclass(frozen=True)
class Outcome:
    """What came of a program: its output, and the files that it wrote, by name."""

    printed: str
    written: dict[str, bytes] = field(default_factory=dict[str, bytes])


@dataclass(frozen=True)
class Finished:
    """What came of a program that was run as from a command line.

    `exit_code` is None where it was stopped because its time was up. `written` has the
    new and the changed files of the folder itself, by name.
    """

    stdout: str
    stderr: str
    exit_code: int | None
    written: dict[str, bytes]


def run(program: str, *, seconds: float = 5.0) -> str:
    """Run a program that has no files and give back what it printed."""
    return run_with_files(program, {}, seconds=seconds).printed


def run_with_files(
    program: str, files: Mapping[str, bytes], *, seconds: float = 5.0
) -> Outcome:
    """Run a program next to `files` (plain names, no paths): output, errors included.

    The text is at most about 20 kB; of a longer output the middle is left out. A
    program that fails raises nothing here: its traceback is in the text, and so is the
    reason where it was stopped ("Timed out after 5 s"). Raises ValueError for a file
    name that is not a plain one.
    """
    for name in files:
        if name in ("", ".", "..", PROGRAM) or Path(name).name != name or "\0" in name:
            raise ValueError(f"not a plain file name: {name!r}")
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        tempfile.TemporaryFile() as output,
    ):
        for name, content in files.items():
            Path(folder, name).write_bytes(content)
            os.utime(Path(folder, name), (0, 0))
        source = Path(folder, PROGRAM)
        source.write_text(program, encoding="utf-8", errors="replace", newline="\n")
        try:
            ending = _run_in(
                folder, [PROGRAM, "own"], output, subprocess.STDOUT, seconds
            )
        except OSError as error:
            ending = _Ending(_not_started(error))
        printed = _bounded(output)
        written = _written(folder, files, PROGRAM)
    told = ending.told
    if told and printed and not printed.endswith("\n"):
        printed += "\n"
    return Outcome(printed + told, written)


def run_file(
    path: str,
    arguments: Sequence[str],
    files: Mapping[str, bytes],
    *,
    seconds: float = 5.0,
) -> Finished:
    """Run the file at `path`, one of `files`, in a folder that has all of them.

    The paths are relative, with `/` between their parts. Of what the program writes,
    only files of the folder itself are given back. Nothing that it does is raised.
    Raises ValueError for a path that leads elsewhere, and KeyError if there is no file
    at `path`.
    """
    for name in (path, *files):
        if not is_inside(name):
            raise ValueError(f"not a path within the folder: {name!r}")
    if path not in files:
        raise KeyError(path)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        tempfile.TemporaryFile() as output,
        tempfile.TemporaryFile() as errors,
    ):
        try:
            for name, content in files.items():
                place = Path(folder, name)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
                os.utime(place, (0, 0))  # what is written again shows by its time
            called = [path, "strict", *arguments]
            ending = _run_in(folder, called, output, errors, seconds)
        except OSError as error:
            ending = _Ending(_not_started(error), 126)
        complaint = _bounded(errors)
        if ending.told:
            complaint += f"{ending.told}\n"
        return Finished(
            _bounded(output), complaint, ending.code, _written(folder, files)
        )


def is_inside(path: str) -> bool:
    """Whether a path with `/` between its parts stays in the folder it begins in."""
    parts = path.split("/")
    return not (
        {"", ".", ".."} & set(parts)
        or any(character in part for part in parts for character in '\\:*?"<>|\0')
    )


@dataclass(frozen=True)
class _Ending:
    """How a program ended: a sentence where it did not end by itself, and its code."""

    told: str = ""
    code: int | None = 0


def _not_started(error: OSError) -> str:
    return f"The program could not be started: {error.strerror}"


def _written(
    folder: str, before: Mapping[str, bytes], but: str = ""
) -> dict[str, bytes]:
    """The regular files that are new or changed, in the order of their names.

    Changed is also what has the same content as before, written again.
    """
    written: dict[str, bytes] = {}
    with os.scandir(folder) as entries:
        found = sorted(
            (entry for entry in entries if entry.is_file(follow_symlinks=False)),
            key=lambda entry: entry.name,
        )
    for entry in found:
        told = entry.stat(follow_symlinks=False)
        size = told.st_size
        old = before.get(entry.name)
        changeable = entry.name != but and (
            size <= MAX_WRITTEN_BYTES or (old is not None and len(old) == size)
        )
        if not changeable or len(written) == MAX_WRITTEN_FILES:
            continue
        with suppress(OSError):
            content = Path(entry.path).read_bytes()
            if content != old or told.st_mtime != 0:
                written[entry.name] = content
    return written


def _run_in(
    folder: str,
    called: list[str],
    output: IO[bytes],
    errors: IO[bytes] | int,
    seconds: float,
) -> _Ending:
    """Run a program in `folder`: its name, "own" or "strict", and its arguments."""
    # Windows can't start Python without this one variable.
    environment = {k: v for k, v in os.environ.items() if k.upper() == "SYSTEMROOT"}
    cpu_seconds = str(int(seconds) + 2)  # a last resort, should the parent be gone
    process = subprocess.Popen(
        [
            sys.executable,
            "-I",
            "-S",
            "-B",
            "-u",
            "-X",
            "utf8",
            "-c",
            PRELUDE,
            cpu_seconds,
            *called,
        ],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=errors,
        start_new_session=True,  # of no effect on Windows
    )
    # A timer, because `wait` with a time limit polls and so comes up to 50 ms late.
    timed_out = Event()

    def stop() -> None:
        if process.returncode is None:
            timed_out.set()
            _kill(process)

    timer = Timer(seconds, stop)
    timer.start()
    try:
        code = process.wait()
    except BaseException:  # Ctrl-C: nothing may be left running
        _kill(process)
        process.wait()
        raise
    finally:
        timer.cancel()
        timer.join()
    if timed_out.is_set():
        return _Ending(f"Timed out after {seconds:g} s", None)
    if code < 0:
        why = signal.strsignal(-code) or -code
        return _Ending(f"The program was stopped: {why}", 128 - code)
    return _Ending(code=code)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a process, with its group where there are groups."""
    if sys.platform == "win32":
        process.kill()
    else:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)


def _bounded(output: IO[bytes]) -> str:
    """What stands in the file, without its middle if that is more than the bound."""
    length = output.seek(0, os.SEEK_END)
    output.seek(0)
    if length <= MAX_OUTPUT:
        content = output.read()
    else:
        head = output.read(MAX_OUTPUT - TAIL)
        output.seek(-TAIL, os.SEEK_END)
        left_out = f"\n[{length - MAX_OUTPUT} bytes left out]\n".encode()
        content = head + left_out + output.read()
    return content.decode("utf-8", "replace").replace("\r\n", "\n")
