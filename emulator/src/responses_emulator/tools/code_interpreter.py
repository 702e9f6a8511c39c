"""`code_interpreter`: a program that is really run, with the files of its container.

What runs it is the module `interpreter` above this folder.
"""

from typing import TYPE_CHECKING

from responses_emulator.ids import new_id
from responses_emulator.model.items import Item
from responses_emulator.model.steps import Call, Result
from responses_emulator.tools import Hosted, Printed, Workspace

if TYPE_CHECKING:
    from responses_emulator.interpreter import Outcome

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
LACKS_OF_LANGUAGE = (
    "__len__",
    "yield",
    "del",
    "inheritance of classes",
    "exceptions of one's own",
    "@property",
    "@staticmethod",
    "@classmethod",
    "import of a file beside it",
)

LACKS_OF_BUILTINS = (
    "issubclass",
    "bytearray",
    "callable",
    "dir",
    "vars",
    "globals, locals",
    "input",
    "super",
)

LACKS_OF_MODULES = (
    "collections.OrderedDict",
    "abc",
    "argparse",
    "array",
    "calendar",
    "contextlib",
    "difflib",
    "enum",
    "fractions",
    "glob",
    "heapq",
    "html",
    "io",
    "locale",
    "logging",
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
)


def description() -> str:
    """What a model has to know that may call it."""
    from responses_emulator import interpreter

    megabytes = interpreter.MAX_MEMORY // 2**20
    return (
        "Run a Python program. Gives what it prints, the value of a last line that is "
        "an expression, and the traceback of an error: then change the program and try "
        "again. Variables, functions and files stay for the next call. Files are in "
        f"/mnt/data, the working directory. A program has {interpreter.SECONDS:g} "
        f"seconds and {megabytes} MB, no network, no processes, no other files, and no "
        "packages. The interpreter has not all of Python. Modules, and no others: "
        f"{', '.join(MODULES)}. Not in the language: {', '.join(LACKS_OF_LANGUAGE)}. "
        f"No such built-in names: {', '.join(LACKS_OF_BUILTINS)}."
    )


def run(call: Call, tool: Item, hosted: Hosted) -> Result:
    """Run a program and keep what it leaves.

    One that was ended leaves nothing: the next goes on from the state before it.
    """
    # It is heavy, and comes with an extra.
    from responses_emulator import interpreter

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
        "status": "failed" if done.ended == "places" else "completed",
        "code": program,
        "container_id": workspace.id,
        "outputs": [{"type": "logs", "logs": printed}],
    }
    return Result(call, (item,), Printed(printed, ids, workspace.id))


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
