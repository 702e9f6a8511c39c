"""Mutants: small changes to the emulator's code, each of which a test should notice.

    python emulator/tests/mutants.py ROOM [--seed N] [--count 40] [--only FILE]

Takes a room's places at random, changes one at a time in a copy of the package, and
runs the room's tests against the copy until one fails. A mutant that none of them
notices has survived: either a test is missing, or it means the same as the code does.
Prints the seed, each survivor with its place, and how many were killed. Sentences,
annotations and what is only ever read by people stay as they are.
"""

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

TESTS = Path(__file__).parent
ROOT = TESTS.parents[1]
SOURCE = TESTS.parent / "src"
PACKAGE = "responses_emulator"
SLOWER = 5  # times as long as all tests took before: it does not come to an end

# By room: what of the package belongs to it, and the tests that are to notice.
ROOMS: dict[str, tuple[str, str]] = {
    "resources": (
        "resources",
        "responses settings prompt_cache conversations history_by_hand sessions "
        "compaction context_window includes files vector_stores containers "
        "container_files batches skills webhooks mcp_servers background_streams "
        "errors any_request",
    ),
    "faults": ("faults", "faults content_filter control errors wire"),
    "contract": (
        "contract/[!g]*.py",  # what generates its data is no part of it
        "contract json_schemas errors any_request",
    ),
    "adapters": (
        "adapters frames.py outbox.py observe.py multipart.py",
        "server transport websocket frames observe multipart serve traffic wire",
    ),
    "model": (
        "agent.py growing.py waiting.py signals.py model/turn.py model/steps.py "
        "model/items.py model/protocol.py model/replies model/estimates "
        "model/standin/standin.py model/standin/formatted.py",
        "agent slow_models ready reply_file scripted standin tool_choice functions "
        "caller_tools custom_tools waiting responses",
    ),
    "tools": (
        "tools",
        "file_search web_search code_interpreter image_generation mcp shell "
        "hosted_shell tool_search multi_agent apply_patch picture_edits mslearn "
        "tools_streamed",
    ),
    "store": (
        "store.py sizes.py model/context/grown.py model/context/history.py",
        "store history bounds conversations prompt_cache vector_stores batches "
        "background_streams container_files skills webhooks compaction held",
    ),
}

# Changes


@dataclass(frozen=True)
class Place:
    """Where a change can be made: the how-manieth node of a module's tree."""

    path: Path
    number: int
    line: int
    told: str  # what is changed, and into what


_INSTEAD: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Break: ast.Continue,
    ast.Continue: ast.Break,
}


def changed(node: ast.AST) -> ast.AST | None:
    """Another node in place of this one; None: it stays as it is."""
    other = copy.deepcopy(node)
    match other:
        case ast.Compare(ops=[operator]) if type(operator) in _INSTEAD:
            other.ops = [_INSTEAD[type(operator)]()]  # pyright: ignore[reportAttributeAccessIssue]
        case ast.BoolOp() | ast.BinOp() if type(other.op) in _INSTEAD:
            other.op = _INSTEAD[type(other.op)]()  # pyright: ignore[reportAttributeAccessIssue]
        case ast.UnaryOp(op=ast.Not()):
            return other.operand
        case ast.If() | ast.While() | ast.IfExp():
            other.test = ast.UnaryOp(ast.Not(), other.test)
        case ast.Constant(value=bool()):
            other.value = not other.value
        case ast.Constant(value=int() | float() as value):
            other.value = value + 1
        case ast.Constant(value=str() as value) if value and " " not in value:
            other.value = f"{value}_"
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            other.value = ast.Constant(None)
        case ast.Expr(value=ast.Call()) | ast.AugAssign() | ast.Raise():
            return ast.Pass()
        case ast.Break() | ast.Continue():
            return _INSTEAD[type(other)]()
        case _:
            return None
    return other


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def nodes(tree: ast.AST) -> Iterator[tuple[ast.AST, str, int | None]]:
    """What may be changed, each as the field, or the entry of it, of another node."""
    for name, value in ast.iter_fields(tree):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        entries = value if isinstance(value, list) else [value]
        for index, entry in enumerate(entries):
            if not isinstance(entry, ast.AST) or _is_for_people(tree, entry):
                continue
            yield tree, name, index if isinstance(value, list) else None
            yield from nodes(entry)


def _is_for_people(holder: ast.AST, entry: ast.AST) -> bool:
    """Whether it is an import, a docstring, a piece of a sentence, or about types."""
    about_types = (
        isinstance(holder, ast.Call)
        and isinstance(holder.func, ast.Name)
        and holder.func.id in ("cast", "TypeVar")
        and entry is holder.args[0]
    )
    return (
        about_types
        or isinstance(entry, ast.Import | ast.ImportFrom | ast.Assert)
        or isinstance(holder, ast.JoinedStr)
        or (isinstance(entry, ast.Expr) and isinstance(entry.value, ast.Constant))
    )


def places(path: Path) -> Iterator[Place]:
    """Every place of a module where a change can be made."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for number, (holder, name, index) in enumerate(nodes(tree)):
        node = _at(holder, name, index)
        other = changed(node)
        if other is not None:
            told = f"{_shown(node)}  ->  {_shown(other)}"
            yield Place(path, number, getattr(node, "lineno", 0), told)


def mutant(place: Place) -> str:
    """The module with one change."""
    tree = ast.parse(place.path.read_text(encoding="utf-8"))
    holder, name, index = list(nodes(tree))[place.number]
    other = changed(_at(holder, name, index))
    if index is None:
        setattr(holder, name, other)
    else:
        getattr(holder, name)[index] = other
    return ast.unparse(ast.fix_missing_locations(tree))


def _at(holder: ast.AST, name: str, index: int | None) -> ast.AST:
    value = getattr(holder, name)
    return value if index is None else value[index]


def _shown(node: ast.AST) -> str:
    """The first line of a node's code."""
    first = ast.unparse(ast.fix_missing_locations(node)).partition("\n")[0]
    return first if len(first) <= 70 else first[:69] + "…"


# A run


def modules(room: str, only: str) -> list[Path]:
    """The modules of a room, or the one that is asked for."""
    found: list[Path] = []
    for name in ROOMS[room][0].split():
        for path in sorted((SOURCE / PACKAGE).glob(name)):
            found += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return [path for path in found if only in path.as_posix()]


def tests(room: str) -> list[str]:
    """The modules of a room's tests, those first that are likely to notice."""
    return [str(TESTS / f"test_{name}.py") for name in ROOMS[room][1].split()]


def passes(copied: Path, chosen: list[str], seconds: float | None) -> bool:
    """Whether all tests pass with the copy of the package, and come to an end."""
    command = [sys.executable, "-m", "pytest", "-qx", "-pno:cacheprovider", *chosen]
    surroundings = {**os.environ, "PYTHONPATH": str(copied)}
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=surroundings,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def try_out(
    chosen: list[Place], noticing: list[str], show: Callable[[str], None]
) -> int:
    """How many mutants are killed; `show` is told of the others."""
    killed = 0
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder)
        shutil.copytree(SOURCE / PACKAGE, copied / PACKAGE)
        begun = time.monotonic()
        if not passes(copied, noticing, None):
            raise SystemExit("The tests fail as it is: nothing can be told by them.")
        most = SLOWER * (time.monotonic() - begun)
        for place in chosen:
            target = copied / place.path.relative_to(SOURCE)
            target.write_text(mutant(place), encoding="utf-8")
            if passes(copied, noticing, most):
                where = place.path.relative_to(SOURCE / PACKAGE)
                show(f"survived: {where}:{place.line}: {place.told}")
            else:
                killed += 1
            shutil.copy(place.path, target)
    return killed


def main() -> None:
    """Print what has survived, and how many were killed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("room", choices=ROOMS)
    any_seed = random.SystemRandom().getrandbits(20)
    parser.add_argument("--seed", type=int, default=any_seed)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--only", default="", help="a part of the path of its modules")
    asked = parser.parse_args()
    every = [p for path in modules(asked.room, asked.only) for p in places(path)]
    chosen = random.Random(asked.seed).sample(every, min(asked.count, len(every)))
    print(f"room {asked.room}, seed {asked.seed}: {len(chosen)} of {len(every)} places")
    killed = try_out(chosen, tests(asked.room), lambda line: print(line, flush=True))
    print(f"{killed} of {len(chosen)} killed")


if __name__ == "__main__":
    main()
