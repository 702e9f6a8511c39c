"""What has to be installed, and one sentence on what to do where it is not.

What is missing is looked for before anything is started: the traceback of an import
does not say that there is an environment, and a script would print one of its own.
"""

import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from responses_emulator.commands import probe

# What every start imports; what else there is to import comes with extras.
PACKAGES = ("cryptography", "httptools", "orjson")
# The repository that this is a part of, if it is; `needs` knows its files alone.
ROOT = Path(__file__).resolve().parents[4]
ENVIRONMENT = ROOT / ".venv"
REQUIREMENTS = ROOT / "requirements.txt"
PROJECT = ROOT / "emulator" / "pyproject.toml"
# The block at the head of a script that says what it needs (PEP 723).
HEADER = r"(?m)^# /// script\n((?:#(?: .*)?\n)+?)# ///$"
NAME = r"[\w.-]+"


def of_the_emulator() -> list[str]:
    """The packages that the emulator lacks."""
    return [package for package in PACKAGES if probe.lacks(package)]


def of_a_script(script: Path) -> list[str]:
    """The packages that a script says it needs.

    None of a script without such a header, or whose header cannot be read.
    """
    import tomllib  # here, because `serve` has no use for it

    try:
        header = re.search(HEADER, script.read_text("utf-8"))
        lines = header[1].splitlines() if header else []
        said = tomllib.loads("\n".join(line[2:] for line in lines))
    except (OSError, ValueError):
        return []
    listed = said.get("dependencies", [])
    if not isinstance(listed, list):
        return []
    return [
        name[0]
        for requirement in cast("list[object]", listed)
        if isinstance(requirement, str)
        and ";" not in requirement  # it may not be for this machine
        and (name := re.match(NAME, requirement))
    ]


def of_scripts(folder: Path) -> list[str]:
    """The packages that any of the scripts in a folder says it needs."""
    scripts = folder.glob("*.py")
    return sorted({name for script in scripts for name in of_a_script(script)})


def what_to_do(lacking: Sequence[str]) -> str:
    """One sentence: what is missing here, and how to get it on this machine."""
    names = ", ".join(dict.fromkeys(lacking))
    return f"{sys.executable} lacks {names}: {_advice(lacking)}."


def what_another_lacks(path: str, why: str, lacking: Sequence[str]) -> str:
    """The same of the Python that a script is started with, and why of that one."""
    from responses_emulator.extras import pip_install

    names = ", ".join(lacking)
    brings = pip_install(*lacking, python=path)
    return f"{path} ({why}) lacks {names}: {brings}, or choose another with --python."


def _advice(lacking: Sequence[str]) -> str:
    from responses_emulator.extras import pip_install

    if not PROJECT.exists() or not REQUIREMENTS.exists():  # installed somewhere else
        return f"install it with {pip_install(*dict.fromkeys(lacking))}"
    in_another = sys.prefix != sys.base_prefix and not _is_at(ENVIRONMENT)
    if _is_at(ENVIRONMENT) or (in_another and not ENVIRONMENT.exists()):
        return f"install it with {pip_install('-r', str(REQUIREMENTS))}"
    if sys.platform != "win32":
        activate = "source .venv/bin/activate"
        make = "make an environment that has it, `make demo`, and activate that"
    else:
        activate = r".venv\Scripts\Activate.ps1"
        make = "make an environment that has it, see README.md, and activate that"
    if ENVIRONMENT.exists():
        return f"activate the environment of this folder first, `{activate}`"
    return f"{make}, `{activate}`"


def _is_at(environment: Path) -> bool:
    """Whether this Python is that of the environment."""
    return environment.exists() and environment.samefile(sys.prefix)
