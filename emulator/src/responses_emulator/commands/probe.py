"""What a Python lacks of the packages and modules that a script asks for.

Run as a file by the Python in question, which may be another than the emulator's own,
with no emulator in it, and older: `python probe.py SCRIPT PACKAGE...` prints a line for
each package that is not there, or if no package is named, for each module that the
script, or a file beside it, imports and that cannot be found.
"""

import ast
import sys
from importlib.util import find_spec
from pathlib import Path

# The modules that are not called as the package is in which they come.
MODULES = {
    "azure-identity": "azure.identity",
    "pillow": "PIL",
    "python-dotenv": "dotenv",
    "pyyaml": "yaml",
}


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
    """The modules that cannot be found of those that it imports on its first level."""
    path = Path(script).absolute()
    sys.path.insert(0, str(path.parent))  # as when the script runs
    waiting = [path]
    seen: set[str] = set()
    found: list[str] = []
    while waiting:
        for name in _imported(waiting.pop()):
            if name in seen:
                continue
            seen.add(name)
            if not _can_import(name):
                found.append(name)
            beside = path.parent.joinpath(*name.split(".")).with_suffix(".py")
            if beside.exists():
                waiting.append(beside)
    return found


def _imported(path: Path) -> "list[str]":
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return []
    names: list[str] = []
    for statement in tree.body:
        if isinstance(statement, ast.Import):
            names += [alias.name for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            names.append(str(statement.module))
    return names


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
