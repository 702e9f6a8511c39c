"""What this environment lacks of a file of requirements; `make` asks before it starts.

`python -m scripts.lacking requirements.txt` prints a line for each package that is not
there, or not in the version that is asked for, and ends with 1 if there is any. What
the packages need themselves is looked for as well; of a folder's project (`-e`), what
its pyproject.toml says today.
"""

import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

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
    project = tomllib.loads((Path(folder) / "pyproject.toml").read_text("utf-8"))[
        "project"
    ]
    yield Requirement(f"{project['name']}=={project['version']}")
    needed = list(project["dependencies"])
    for extra in filter(None, extras.split(",")):
        needed += project["optional-dependencies"][extra]
    yield from map(Requirement, needed)


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
    missing = lacking(requirements(Path(sys.argv[1])))
    print("\n".join(missing))
    sys.exit(bool(missing))
