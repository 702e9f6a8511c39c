"""What a Python lacks of the packages and modules that a script asks for.

Run as a file by the Python in question, which may be another than the emulator's own,
with no emulator in it, and older: `python probe.py SCRIPT PACKAGE...` prints a line for
each package that is not there, or if no package is named, for each module that the
script, or a file beside it, imports and that cannot be found.
"""

import ast
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

# The modules that are not called as the package is in which they come.
MODULES = {
    "azure-identity": "azure.identity",
    "pillow": "PIL",
    "python-dotenv": "dotenv",
    "pyyaml": "yaml",
}


# The errors of an import, by the names under which they are caught, ...
CAUGHT = {"BaseException", "Exception", "ImportError", "ModuleNotFoundError"}
# ... and what conditions ask under which a script imports on some machines only.
CONDITIONS = {"TYPE_CHECKING", "platform", "system", "version_info"}


def lacks(package: str) -> bool:
    """Whether it does; a package whose module has its name is found without delay."""
    if _can_import(MODULES.get(package, package.replace("-", "_"))):
        return False
    from importlib.metadata import PackageNotFoundError, version

    try:
        version(package)
    except PackageNotFoundError:
        return True
    return False


def lacking_imports(script: str) -> "list[str]":
    """The modules that cannot be found of those that it imports, in functions as well.

    What it may do without is left out: imports whose failure is caught, and those of a
    certain system or version, or for a type checker.
    """
    path = Path(script).absolute()
    sys.path.insert(0, str(path.parent))  # as when the script runs
    waiting = [path]
    seen: set[str] = set()
    found: list[str] = []
    while waiting:
        importing = waiting.pop()
        for name, is_needed in _imported(importing, path.parent):
            if name in seen:
                continue
            seen.add(name)
            beside = _file_beside(path.parent, name)
            if beside:  # it is read, not imported: what it does is not to happen here
                waiting.append(beside)
            elif is_needed and not _can_import(name):
                found.append(name)
    return found


def _file_beside(folder: Path, name: str) -> "Path | None":
    """The file of a module that lies beside the script, in packages as well."""
    place = folder.joinpath(*name.split("."))
    for file in (place / "__init__.py", place.with_name(f"{place.name}.py")):
        if file.is_file():
            return file
    return None


def _imported(path: Path, folder: Path) -> "list[tuple[str, bool]]":
    """The names that a file imports, and whether each has to be a module's.

    What comes `from` a module may be another module, or anything else in it.
    """
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return []
    names: list[tuple[str, bool]] = []
    for statement in _imports_in(tree):
        if isinstance(statement, ast.Import):
            names += [(alias.name, True) for alias in statement.names]
            continue
        module = statement.module or ""
        if statement.level:
            above = path.parents[statement.level - 1 : statement.level]
            if not above or folder not in (above[0], *above[0].parents):
                continue  # beyond the script's folder: Python will not find it either
            package = above[0].relative_to(folder).parts
            module = ".".join((*package, module) if module else package)
        if module:
            names.append((module, not statement.level))
            names += [(f"{module}.{alias.name}", False) for alias in statement.names]
    return names


def _imports_in(tree: ast.AST) -> "Iterator[ast.Import | ast.ImportFrom]":
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, (ast.Import, ast.ImportFrom)):
            yield child
        elif isinstance(child, (ast.stmt, ast.ExceptHandler)) and not _may_fail(child):
            yield from _imports_in(child)


def _may_fail(statement: ast.AST) -> bool:
    """Whether the script goes on without the imports in a statement, or has none."""
    if isinstance(statement, ast.If):
        return bool(_names_in(statement.test) & CONDITIONS)
    handlers = getattr(
        statement, "handlers", []
    )  # of `try`, and of `try` with `except*`
    return any(_names_in(handler.type) & CAUGHT for handler in handlers)


def _names_in(expression: "ast.expr | None") -> "set[str]":
    if expression is None:  # a bare `except`
        return {"BaseException"}
    return {
        getattr(node, "id", getattr(node, "attr", "")) for node in ast.walk(expression)
    }


def _can_import(name: str) -> bool:
    try:
        return bool(find_spec(name))
    except (ImportError, ValueError):  # of a parent, as `azure` of `azure.identity`
        return False


if __name__ == "__main__":
    del sys.path[0]  # this file's folder
    asked = sys.argv[2:]
    lacked = [package for package in asked if lacks(package)]
    print("\n".join(lacked if asked else lacking_imports(sys.argv[1])))
