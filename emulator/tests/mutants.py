"""Mutants: small changes to the emulator's code, each of which a test should notice.

    python emulator/tests/mutants.py ROOM [--seed N] [--count 40] [--only FILE]

Takes a room's places at random, changes one at a time in a copy of the checkout, and
runs the room's tests against the copy until one fails. A mutant that none of them
notices has survived: either a test is missing, or it means the same as the code does.
Prints the seed, each mutant with its place and the test that noticed it, and how many
were killed. Sentences, annotations and what is only ever read by people stay as they
are.

First the tests run once as it is, and the lines that each runs through are recorded:
then only those run that a mutant can concern, the shortest first.
"""

import argparse
import ast
import contextlib
import copy
import importlib.util
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import coverage
import httpx2  # noqa: F401 - imported once, for all runs of the tests
import hypothesis  # noqa: F401
import openai.types.responses  # noqa: F401
import orjson
import pytest
import yaml  # noqa: F401

ROOT = Path(__file__).parents[2]
PACKAGE = "emulator/src/responses_emulator"
OUTPUT = "output-of-pytest"
# A test that takes longer than this does not come to an end.
SLOWER = 5  # times as long as before
AT_LEAST = 20  # seconds
MOST_MEMORY = 4 << 30  # bytes
IN_ITS_TRAFFIC = " (in its traffic)"
OPTIONS = (
    "-qx",
    "-pno:cacheprovider",
    # A library with a plugin of its own has been imported already.
    "-Wignore::pytest.PytestAssertRewriteWarning",
)

# By room: what of the package belongs to it, and the tests that are to notice.
ROOMS: dict[str, tuple[str, str]] = {
    "resources": (
        "resources",
        "responses settings prompt_cache conversations history_by_hand sessions "
        "compaction context_window includes files vector_stores containers "
        "container_files batches skills webhooks mcp_servers background_streams "
        "errors any_request families combinations logprobs slow_models agent extras "
        "multi_agent mcp mcp_real research tool_search multipart pictures",
    ),
    "faults": ("faults", "faults content_filter control errors wire"),
    "contract": (
        "contract/[!bg]*.py",  # what generates its data is no part of it
        "contract json_schemas errors any_request azures_own_list",
    ),
    "adapters": (
        "adapters frames.py outbox.py observers/observe.py multipart.py",
        "connection websocket_frames bodies lanes pauses listener heap courier outbox "
        "server transport websocket frames observe multipart serve traffic wire "
        "hostile_clients held bounds slow_models webhooks faults access_log testing "
        "imports",
    ),
    "model": (
        "growing.py waiting.py signals.py model",
        "agent slow_models built_in reply_file scripted standin cases arguments "
        "tool_choice function_calls function_results caller_tools custom_tools waiting "
        "responses plain_answers document_answers passages research history logprobs "
        "includes prompt_cache context_window pictures picture_edits image_generation "
        "grammar regular expressions numbers keywords texts words spans schema values "
        "json_schemas file_search web_search code_interpreter container_files mcp "
        "mcp_servers shell hosted_shell skills apply_patch tool_search multi_agent "
        "command_line chat_completions chat_messages chat_offers chat_deltas "
        "chat_citations chat_endpoint chat_oddities chat_options chat_parameters "
        "chat_samples chat_tools chat_waiting tokens headings people_and_places",
    ),
    "tools": (
        "tools agent.py",
        "agent slow_models caller_tools tool_choice file_search web_search "
        "code_interpreter image_generation mcp mcp_real mcp_servers shell "
        "hosted_shell tool_search multi_agent apply_patch picture_edits mslearn "
        "tools_streamed research python_features containers container_files "
        "chat_waiting chat_tools",
    ),
    "readers": (
        "readers processes.py worker.py",
        "documents html office hostile_files document_answers passages processes "
        "worker plain_answers pictures files file_search vector_stores",
    ),
    "programs": (
        "programs",
        "data_folder interpreter python_features shell hosted_shell bundles skills "
        "code_interpreter containers container_files",
    ),
    "observers": (
        "observers",
        "access_log curl journal lines masking observe record wire recorded control "
        "testing battery",
    ),
    "commands": (
        "commands __main__.py testing.py pytest_plugin.py",
        "command_line run serve needs python probe tour chat_app surroundings "
        "observers testing pytest_plugin extras chat_options reply_file "
        "replies account",
    ),
    "core": (
        "about.py account.py auth.py cipher.py combinations.py control.py core.py "
        "errors.py events.py extras.py families.py hosts.py http.py ids.py "
        "json_text.py outgoing.py rate_limits.py remembered.py routes.py urls.py "
        "world.py",
        "about account auth cipher combinations control core errors events extras "
        "families hosts http ids json_text outgoing rate_limits routes urls world "
        "responses bounds mcp_servers held built_in settings imports compaction "
        "research azures_own_list tools_streamed",
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


@dataclass(frozen=True)
class Test:
    """What one test takes, and what of the package it runs through."""

    id: str
    seconds: float
    lines: Mapping[str, frozenset[int]]  # by path
    uses_processes: bool  # in which it may run through anything


def copied_checkout(folder: Path) -> Path:
    """A copy of the checkout, in which one may go on working meanwhile."""
    copied = folder / "checkout"
    shutil.copytree(ROOT, copied, ignore=shutil.ignore_patterns(".*"))
    (copied / ".venv").symlink_to(ROOT / ".venv")
    return copied


def modules(copied: Path, room: str, only: str) -> list[Path]:
    """The modules of a room, or the one that is asked for."""
    found: list[Path] = []
    for name in ROOMS[room][0].split():
        for path in sorted((copied / PACKAGE).glob(name)):
            found += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    return [path for path in found if only in path.as_posix()]


def test_modules(room: str) -> list[str]:
    """The modules of a room's tests."""
    tests = ROOT / "emulator" / "tests"
    return [
        next(tests.rglob(f"test_{name}.py")).relative_to(ROOT).as_posix()
        for name in ROOMS[room][1].split()
    ]


def run_tests(copied: Path, modules: Iterable[str], plugin: object) -> int:
    """pytest's exit status in the copy, or the signal that has ended it, below 0.

    It is a fork of this process, which has imported what takes long, but neither the
    package nor a test.
    """
    child = os.fork()
    if not child:
        try:
            _become_a_run(copied)
            status = pytest.main([*OPTIONS, *modules], [plugin])
            sys.stdout.flush()
            os._exit(status)
        except BaseException:
            traceback.print_exc()
            os._exit(pytest.ExitCode.INTERNAL_ERROR)
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # what it has started
    return os.waitstatus_to_exitcode(status)


def _become_a_run(copied: Path) -> None:
    """Have a forked process see the copy, and bound it."""
    os.setsid()
    os.chdir(copied)
    silence = os.open(copied / OUTPUT, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    resource.setrlimit(resource.RLIMIT_DATA, (MOST_MEMORY, MOST_MEMORY))
    source = str((copied / PACKAGE).parent)
    os.environ["PYTHONPATH"] = source
    sys.path[:0] = [str(copied), source]


class Recording:
    """A plugin of pytest: what each test that passes runs through, kept in a file."""

    def __init__(self, copied: Path, target: Path) -> None:
        self._target = target
        self._tests: dict[str, Any] = {}
        self._running: dict[str, Any] = {}
        self._outside: dict[str, list[int]] = {}  # of any test
        self._coverage = coverage.Coverage(
            data_file=None, include=[f"{copied / PACKAGE}/*"]
        )

    def pytest_sessionstart(self) -> None:
        """Begin. Before the session only plugins run, and nothing of a room's."""
        sys.addaudithook(self._heard)
        self._coverage.start()

    def _heard(self, event: str, _: object) -> None:
        if event in ("subprocess.Popen", "os.fork", "os.posix_spawn"):
            self._running["starts_processes"] = True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """Each line that runs belongs to the test that runs."""
        self._coverage.switch_context(item.nodeid)
        self._running = {"seconds": 0.0, "starts_processes": False, "lines": {}}
        self._tests[item.nodeid] = self._running
        return (yield)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that fails as it is tells nothing of a mutant."""
        self._running["seconds"] += report.duration
        if report.outcome != "passed":
            self._tests.pop(report.nodeid, None)

    def pytest_unconfigure(self) -> None:
        """Keep it."""
        self._coverage.stop()
        data = self._coverage.get_data()
        for path in data.measured_files():
            for line, ids in data.contexts_by_lineno(path).items():
                for id in ids:
                    if id in self._tests:
                        self._tests[id]["lines"].setdefault(path, []).append(line)
                    elif not id:
                        self._outside.setdefault(path, []).append(line)
        recorded = {"tests": self._tests, "outside": self._outside}
        self._target.write_bytes(orjson.dumps(recorded))


class Choice:
    """A plugin of pytest: the chosen tests in their order, and which failed first."""

    def __init__(self, chosen: Sequence[Test], told: Path) -> None:
        self._order = {test.id: place for place, test in enumerate(chosen)}
        self._seconds = {test.id: test.seconds for test in chosen}
        self._told = told
        self._all_have_run = False
        told.unlink(missing_ok=True)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        """A test that does not come to an end is the end of all of them."""
        signal.alarm(int(AT_LEAST + SLOWER * self._seconds[item.nodeid]))
        return (yield)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave the others out."""
        items[:] = [item for item in items if item.nodeid in self._order]
        items.sort(key=lambda item: self._order[item.nodeid])

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """What is reported from now on is of the traffic."""
        self._all_have_run = True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """The first that fails is the last, but for what the traffic shows."""
        if report.failed and not self._told.exists():
            by = IN_ITS_TRAFFIC if self._all_have_run else ""
            self._told.write_text(report.nodeid + by, encoding="utf-8")


class Trial:
    """Mutants of a room, one at a time in a copy of the checkout."""

    def __init__(self, room: str, copied: Path) -> None:
        self._copied = copied
        target = copied / "recorded.json"
        run_tests(
            copied, ["--maxfail=1000", *test_modules(room)], Recording(copied, target)
        )
        if not target.exists():
            output = (copied / OUTPUT).read_text(encoding="utf-8", errors="replace")
            raise SystemExit(f"The tests cannot be run as it is.\n{output[-2000:]}")
        recorded = orjson.loads(target.read_bytes())
        tests = [
            Test(
                id,
                one["seconds"],
                {path: frozenset(lines) for path, lines in one["lines"].items()},
                one["starts_processes"] or any(map(_hands_on, one["lines"])),
            )
            for id, one in recorded["tests"].items()
        ]
        self._outside: dict[str, list[int]] = recorded["outside"]
        self.tests = sorted(tests, key=lambda test: test.seconds)

    def killer(self, place: Place) -> str | None:
        """The test that notices a mutant, or how else it ends; None: it survives."""
        text = place.path.read_text(encoding="utf-8")
        chosen = self._may_notice(place)
        place.path.write_text(mutant(place), encoding="utf-8")
        noticed = self._fails(chosen)
        place.path.write_text(text, encoding="utf-8")
        compiled = importlib.util.cache_from_source(place.path)
        Path(compiled).unlink(missing_ok=True)  # which may be taken for the next one's
        # Of several requests alike, the traffic has the first: in another order that
        # is another test's, which may be wrong as it is.
        if noticed and noticed.endswith(IN_ITS_TRAFFIC):
            return None if self._fails(chosen) == noticed else noticed
        return noticed

    def _fails(self, chosen: Sequence[Test]) -> str | None:
        """The first of these tests that fails now, or how else they end."""
        if not chosen:
            return None
        modules = dict.fromkeys(test.id.partition("::")[0] for test in chosen)
        failed = self._copied / "failed"
        status = run_tests(self._copied, modules, Choice(chosen, failed))
        if status == pytest.ExitCode.NO_TESTS_COLLECTED:
            raise SystemExit(f"Tests that were recorded are not found: {modules}")
        if status == 0:
            return None
        if status == -signal.SIGALRM:
            return "it does not come to an end"
        return failed.read_text(encoding="utf-8") if failed.exists() else "at the start"

    def _may_notice(self, place: Place) -> list[Test]:
        """The tests that run through it, the shortest first.

        All of the room's, where that cannot be told: what runs when modules are
        imported, and what is run once and kept.
        """
        lines = statement_lines(place)
        if lines is None or not lines.isdisjoint(
            self._outside.get(str(place.path), ())
        ):
            return self.tests
        return [
            test
            for test in self.tests
            if test.uses_processes or test.lines.get(str(place.path), set()) & lines
        ]


def _hands_on(path: str) -> bool:
    """Whether who runs through this module may have given work to another process.

    One that is kept is started in the first test that needs it, and in no other.
    """
    return path.endswith("/processes.py")


def statement_lines(place: Place) -> set[int] | None:
    """The lines of the statement around it, without those of the statements in that.

    None: it belongs to no function, or to one that is decorated.
    """
    tree = ast.parse(place.path.read_text(encoding="utf-8"))
    function: ast.FunctionDef | ast.AsyncFunctionDef | None = None
    found: set[int] | None = None
    for node in ast.walk(tree):  # outer ones come first
        if not isinstance(node, ast.stmt):
            continue
        inner: list[ast.stmt] = getattr(node, "body", [])
        last = inner[0].lineno - 1 if inner else node.end_lineno or node.lineno
        whole = node.end_lineno or node.lineno
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if inner[0].lineno <= place.line <= whole:
                function = node
        elif not isinstance(node, ast.ClassDef) and node.lineno <= place.line <= last:
            found = set(range(node.lineno, last + 1))
    kept = function is None or any(
        "cache" in ast.unparse(decorator) for decorator in function.decorator_list
    )
    return None if kept else found


def main() -> None:
    """Print what becomes of each mutant, and how many were killed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("room", choices=ROOMS)
    any_seed = random.SystemRandom().getrandbits(20)
    parser.add_argument("--seed", type=int, default=any_seed)
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--only", default="", help="a part of the path of its modules")
    asked = parser.parse_args()
    killed = 0
    with tempfile.TemporaryDirectory() as folder:
        sys.dont_write_bytecode = False
        sys.pycache_prefix = str(Path(folder, "cache"))
        copied = copied_checkout(Path(folder))
        found = modules(copied, asked.room, asked.only)
        every = [place for path in found for place in places(path)]
        chosen = random.Random(asked.seed).sample(every, min(asked.count, len(every)))
        print(f"room {asked.room}, seed {asked.seed}: {len(chosen)} of {len(every)}")
        trial = Trial(asked.room, copied)
        print(f"{len(trial.tests)} tests", flush=True)
        for place in chosen:
            killer = trial.killer(place)
            killed += killer is not None
            where = f"{place.path.relative_to(copied / PACKAGE)}:{place.line}"
            became = f"killed by {killer}" if killer else "SURVIVED"
            print(f"{where}: {place.told}\n    {became}", flush=True)
    print(f"{killed} of {len(chosen)} killed")


if __name__ == "__main__":
    main()
