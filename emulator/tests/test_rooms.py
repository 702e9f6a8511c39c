"""Who knows whom, from the sources: no circle of imports, and nothing looks upwards.

An import counts wherever it stands: in a function, or for the type checker alone.
"""

import ast
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import responses_emulator

PACKAGE = responses_emulator.__name__
SOURCES = Path(responses_emulator.__file__).parent
# They stand on the core: everything else is below it.
ABOVE_CORE = ("adapters", "commands", "testing", "pytest_plugin", "__main__")
WORKER = f"{PACKAGE}.worker"
FRAMES = f"{PACKAGE}.frames"


def _modules(folder: Path) -> dict[str, Path]:
    """Every module of a package by its name."""
    modules: dict[str, Path] = {}
    for path in folder.rglob("*.py"):
        parts = path.relative_to(folder.parent).with_suffix("").parts
        modules[".".join(parts).removesuffix(".__init__")] = path
    return modules


def _imported(name: str, path: Path, modules: dict[str, Path]) -> set[str]:
    """The package's own modules that a module imports, packages on the way included.

    Its own package is none of them: who imports the module has imported that.
    """
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{name} imports relatively"
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    reached: set[str] = set()
    for dotted in found:
        parts = dotted.split(".")
        reached.update(".".join(parts[:end]) for end in range(1, len(parts) + 1))
    around = {name.rsplit(".", end)[0] for end in range(name.count(".") + 1)}
    return (reached & modules.keys()) - around


@cache
def _graph(folder: Path) -> dict[str, set[str]]:
    modules = _modules(folder)
    return {name: _imported(name, path, modules) for name, path in modules.items()}


def _circle(graph: dict[str, set[str]]) -> list[str]:
    """The modules of one circle, or none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def _below_core(name: str) -> bool:
    room = name.removeprefix(PACKAGE).lstrip(".").partition(".")[0]
    return room not in (*ABOVE_CORE, "core")


def test_no_modules_import_each_other_in_a_circle():
    graph = _graph(SOURCES)
    assert len(graph) > 100  # the whole package has been read
    assert _circle(graph) == []


def test_nothing_below_the_core_imports_it_or_what_stands_on_it():
    graph = _graph(SOURCES)
    upwards = {
        (name, other)
        for name, imported in graph.items()
        for other in imported
        if _below_core(name) and not _below_core(other)
    }
    assert upwards == set()


def test_only_the_edge_and_a_record_know_how_an_event_is_written():
    graph = _graph(SOURCES)
    importers = [name for name, imported in graph.items() if FRAMES in imported]
    rooms = {name.split(".")[1] for name in importers}
    assert rooms == {"adapters", "observers"}


def test_nobody_imports_what_runs_in_a_worker_process():
    importers = [
        name for name, imported in _graph(SOURCES).items() if WORKER in imported
    ]
    assert importers == []


def test_imports_are_found_in_functions_and_behind_type_checking(tmp_path: Path):
    package = tmp_path / "house"
    (package / "rooms").mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "rooms" / "__init__.py").write_text("")
    (package / "rooms" / "one.py").write_text(
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n"
        "    from house.rooms.two import Two\n"
    )
    (package / "rooms" / "two.py").write_text(
        "def two():\n    import house.three\n    from house.rooms import two\n"
    )
    (package / "three.py").write_text("from house.rooms import one\n")
    graph = _graph(package)
    assert graph["house.rooms.one"] == {"house.rooms.two"}
    assert graph["house.rooms.two"] == {"house.three"}
    assert graph["house.three"] == {"house.rooms", "house.rooms.one"}
    assert set(_circle(graph)) == {"house.rooms.one", "house.rooms.two", "house.three"}
