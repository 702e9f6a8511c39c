"""`code_interpreter`: a program that is really run, with the files of its container.

What runs it is the module `interpreter` above this folder.
"""

from typing import TYPE_CHECKING

from responses_emulator.ids import new_id
from responses_emulator.model.items import Item
from responses_emulator.model.steps import Call, Result
from responses_emulator.signals import Signal
from responses_emulator.tools import Hosted, Printed, Workspace

if TYPE_CHECKING:
    from responses_emulator.programs.interpreter import Outcome

# What a program finds, and what it lacks. The tests try each.
MODULES = (
    "asyncio",
    "base64",
    "bisect",
    "collections",
    "copy",
    "csv",
    "dataclasses",
    "datetime",
    "decimal",
    "functools",
    "hashlib",
    "itertools",
    "json",
    "math",
    "os",
    "pathlib",
    "random",
    "re",
    "sys",
    "time",
    "tomllib",
    "typing",
    "unicodedata",
)
LACKS: dict[str, tuple[str, ...]] = {
    "language": (
        "next(x for x in ...)",
        "next(zip(...)), next(map(...))",
        "methods as values (key=str.lower, key=d.get)",
        "__name__ and __doc__ of a function",
        "except*",
        "type X = ...",
        "classes in classes",
        "__len__",
        "__bool__",
        "__lt__",
        "__getattr__",
        "__format__",
        "dataclass(order=True)",
        "yield",
        "del",
        "inheritance of classes",
        "exceptions of one's own",
        "@property",
        "@staticmethod",
        "@classmethod",
        "from ... import *",
        "import of a file beside it",
    ),
    "built-in names": (
        "issubclass",
        "str.translate",
        "str.maketrans",
        "str.format_map",
        "set.difference_update",
        "int.bit_length",
        "int.from_bytes",
        "int.to_bytes",
        "float.is_integer",
        "pow(3, -1, 7)",
        "str.encode('latin-1')",
        "bytes([1, 2])",
        "ascii",
        "delattr",
        "object()",
        "bytearray",
        "callable",
        "dir",
        "vars",
        "globals, locals",
        "input",
        "super",
    ),
    "files": (
        "open(mode='r+')",
        "open(mode='w+')",
        "open(errors=)",
        "open(mode='x')",
        "open(encoding='utf-8-sig')",
        "open(encoding='latin-1')",
        "list(file)",
        "enumerate(file), sorted(file)",
        "writelines",
        "Path.touch",
        "Path.relative_to",
        "sorted(paths)",
    ),
    "modules": (
        "abc",
        "argparse",
        "array",
        "calendar",
        "cmath",
        "contextlib",
        "difflib",
        "enum",
        "fractions",
        "glob",
        "heapq",
        "html",
        "inspect",
        "io",
        "locale",
        "logging",
        "numbers",
        "operator",
        "pickle",
        "platform",
        "pprint",
        "secrets",
        "shutil",
        "sqlite3",
        "statistics",
        "string",
        "struct",
        "tempfile",
        "textwrap",
        "threading",
        "timeit",
        "traceback",
        "urllib",
        "uuid",
        "warnings",
        "xml",
        "zipfile",
        "zoneinfo",
        "matplotlib",
        "numpy",
        "openpyxl",
        "pandas",
        "PIL",
        "requests",
        "scipy",
        "sklearn",
        "sympy",
    ),
    "parts of modules": (
        "collections.ChainMap",
        "collections.OrderedDict",
        "collections.abc",
        "csv.Sniffer",
        "dataclasses.asdict",
        "dataclasses.replace",
        "dataclasses.fields",
        "datetime.isocalendar",
        "datetime.fromtimestamp",
        "datetime.utcnow",
        "date.toordinal, timetuple",
        "functools.wraps",
        "functools.cmp_to_key",
        "functools.cached_property",
        "functools.total_ordering",
        "functools.singledispatch",
        "json.dumps(default=)",
        "re.subn",
        "re.sub with a function",
        "re.VERBOSE",
        "sys.getsizeof",
        "sys.setrecursionlimit",
        "sys.stdin",
        "typing.NamedTuple",
        "typing.TypedDict",
        "typing.cast",
        "asyncio.create_task",
    ),
}


def description() -> str:
    """What a model has to know that may call it."""
    from responses_emulator.programs import interpreter

    lacking = [", ".join(LACKS[kind]) for kind in LACKS if kind != "modules"]
    megabytes = interpreter.MAX_MEMORY // 2**20
    return (
        "Run a Python program. Gives what it prints, the value of a last line that is "
        "an expression, and the traceback of an error: then change the program and try "
        "again. Variables, functions and files stay for the next call. Files are in "
        f"/mnt/data, the working directory. A program has {interpreter.SECONDS:g} "
        f"seconds and {megabytes} MB, no network, no processes, no other files, and no "
        f"packages. Modules, and no others: {', '.join(MODULES)}. The interpreter has "
        f"not all of Python. These it lacks: {'; '.join(lacking)}."
    )


def run(call: Call, tool: Item, hosted: Hosted, stop: Signal | None = None) -> Result:
    """Run a program and keep what it leaves; `stop` ends it.

    One that was ended leaves nothing: the next goes on from the state before it.
    """
    # It is heavy, and comes with an extra.
    from responses_emulator.programs import interpreter

    program: str = call.arguments["code"]
    workspace = hosted.container(tool)
    if workspace.turn.acquire(timeout=interpreter.WAIT_SECONDS):
        try:
            workspace = hosted.container(tool)  # as the program before this one left it
            done = interpreter.run(
                program,
                workspace.files,
                workspace.session,
                most_files=workspace.most_files,
                most_bytes=workspace.most_bytes,
                stop=stop,
            )
            printed, ids = _kept(workspace, done)
        finally:
            workspace.turn.release()
    else:
        done = interpreter.no_place()
        printed, ids = done.printed, {}
    item: Item = {
        "id": new_id("ci"),
        "type": "code_interpreter_call",
        "status": "completed" if done.was_run else "failed",
        "code": program,
        "container_id": workspace.id,
        "outputs": [{"type": "logs", "logs": printed}],
    }
    return Result(call, (item,), Printed(printed, ids, workspace.id))


def cut_off(call: Call, tool: Item, hosted: Hosted) -> Item:
    """The item of a program that was not written to its end, and so is not run."""
    return {
        "id": new_id("ci"),
        "type": "code_interpreter_call",
        "status": "incomplete",
        "code": call.arguments["code"],
        "container_id": hosted.container(tool).id,
        "outputs": None,
    }


def _kept(workspace: Workspace, done: "Outcome") -> tuple[str, dict[str, str]]:
    """What a program printed, with what is to be said of it; the ids of its files."""
    if done.ended:
        return done.printed, {}
    kept = workspace.save(done.written, done.removed, done.session)
    told = [
        f"{name!r} was not kept: no room, or no name for a container."
        for name in kept.not_kept
    ]
    if not kept.session:
        told.append("There is no room to keep the variables: they are as before.")
    printed = done.printed
    if told and printed and not printed.endswith("\n"):
        printed += "\n"
    return printed + "\n".join(told), kept.ids
