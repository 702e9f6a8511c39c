"""What this environment lacks of a file of requirements; `make` asks before it starts.

`python -m scripts.lacking requirements.txt` prints a line for each package that is not
there, or not in the version that is asked for, and ends with 1 if there is any. What
the packages need themselves is looked for as well; of a folder's project (`-e`), what
its pyproject.toml says today: its version, what it needs, its commands and plugins.
"""

import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement


def requirements(path: Path) -> Iterator[Requirement]:
    """The requirements in a file, and in those that it names with `-r`."""
    for line in path.read_text("utf-8").splitlines():
        line = line.partition("#")[0].strip()
        if line.startswith("-r"):
            yield from requirements(path.parent / line.removeprefix("-r").strip())
        elif line.startswith("-e"):
            folder, _, extras = line.removeprefix("-e").strip().partition("[")
            yield from of_project(folder, extras.rstrip("]"))
        elif line:
            yield Requirement(line)


def of_project(folder: str, extras: str) -> Iterator[Requirement]:
    """The project in a folder under the current one, and what it needs with its extras.

    What was installed of it knows only what it needed then.
    """
    project = read_project(folder)
    yield Requirement(f"{project['name']}=={project['version']}")
    needed = list(project["dependencies"])
    for extra in filter(None, extras.split(",")):
        needed += project["optional-dependencies"][extra]
    for requirement in map(Requirement, needed):
        if requirement.name == project["name"]:  # an extra that is several others
            yield from of_project(folder, ",".join(sorted(requirement.extras)))
        else:
            yield requirement


def read_project(folder: str) -> dict[str, Any]:
    """What a folder's pyproject.toml says of its project."""
    return tomllib.loads((Path(folder) / "pyproject.toml").read_text("utf-8"))[
        "project"
    ]


def changed(path: Path) -> list[str]:
    """The projects of a file of requirements that were installed as something else.

    What they can be called by is written down when they are installed.
    """
    found: list[str] = []
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("-r"):
            found += changed(path.parent / line.removeprefix("-r").strip())
        if not line.startswith("-e"):
            continue
        project = read_project(line.removeprefix("-e").strip().partition("[")[0])
        groups = {
            "console_scripts": project.get("scripts", {}),
            **project.get("entry-points", {}),
        }
        wanted = {
            (group, name, value)
            for group, entries in groups.items()
            for name, value in entries.items()
        }
        try:
            installed = distribution(project["name"]).entry_points
        except PackageNotFoundError:
            continue  # `lacking` tells that
        if wanted != {(entry.group, entry.name, entry.value) for entry in installed}:
            found.append(f"{project['name']}: its commands have changed")
    return found


def lacking(wanted: Iterator[Requirement]) -> list[str]:
    """Those of the requirements that are not met, and of theirs in turn."""
    waiting = list(wanted)
    seen: set[str] = set()
    found: list[str] = []
    while waiting:
        requirement = waiting.pop()
        if str(requirement) in seen:
            continue
        seen.add(str(requirement))
        try:
            package = distribution(requirement.name).metadata
        except PackageNotFoundError:
            found.append(f"{requirement}: not there")
            continue
        version = package["Version"]
        if not requirement.specifier.contains(version, prereleases=True):
            found.append(f"{requirement}: {version} is there")
        needed = map(Requirement, package.get_all("Requires-Dist", []))
        waiting += [need for need in needed if applies(need, requirement.extras)]
    return found


def applies(need: Requirement, extras: set[str]) -> bool:
    """Whether it is needed here, for a package that was asked for with these extras."""
    marker = need.marker
    return not marker or any(marker.evaluate({"extra": e}) for e in ("", *extras))


if __name__ == "__main__":
    asked = Path(sys.argv[1])
    missing = lacking(requirements(asked)) + changed(asked)
    print("\n".join(missing))
    sys.exit(bool(missing))
