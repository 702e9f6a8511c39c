"""What has to be installed, and one sentence on what to do where it is not.

What is missing is looked for before anything is started: the traceback of an import
does not say that there is an environment, and a script would print one of its own.
"""

import re
import shlex
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from subprocess import list2cmdline

# What the emulator imports.
PACKAGES = (
    "cryptography",
    "defusedxml",
    "httptools",
    "httpx2",
    "lark",
    "openai",
    "orjson",
    "pillow",
    "pydantic",
    "pypdf",
    "pypdfium2",
    "python-multipart",
    "pyyaml",
    "regex",
    "websockets",
)
# The modules that are not called as the package is in which they come.
MODULES = {
    "azure-identity": "azure.identity",
    "pillow": "PIL",
    "python-dotenv": "dotenv",
    "pyyaml": "yaml",
}
ROOT = Path(__file__).resolve().parents[4]
ENVIRONMENT = ROOT / ".venv"
REQUIREMENTS = ROOT / "requirements.txt"
# The block at the head of a script that says what it needs (PEP 723).
HEADER = re.compile(r"(?m)^# /// script\n((?:#(?: .*)?\n)+?)# ///$")
NAME = re.compile(r"[\w.-]+")


def of_the_emulator() -> list[str]:
    """The packages that the emulator lacks."""
    return [package for package in PACKAGES if not _is_installed(package)]


def of_a_script(script: Path) -> list[str]:
    """The packages that a script says it needs and that are not there.

    Nothing is said of a script without such a header, or that cannot be read.
    """
    import tomllib  # here, because `serve` has no use for it

    try:
        header = HEADER.search(script.read_text("utf-8"))
        lines = header[1].splitlines() if header else []
        said = tomllib.loads("\n".join(line[2:] for line in lines))
    except (OSError, ValueError):
        return []
    return [
        name[0]
        for requirement in said.get("dependencies", [])
        if ";" not in requirement  # it may not be for this machine
        and (name := NAME.match(requirement))
        and not _is_installed(name[0])
    ]


def of_the_samples() -> list[str]:
    """The packages that any of the samples lacks."""
    samples = (ROOT / "python").glob("*.py")
    return sorted({name for sample in samples for name in of_a_script(sample)})


def what_to_do(lacking: Sequence[str]) -> str:
    """One sentence: what is missing, and how to get it on this machine."""
    names = ", ".join(dict.fromkeys(lacking))
    return f"{sys.executable} lacks {names}: {_advice(lacking)}."


def _advice(lacking: Sequence[str]) -> str:
    if not REQUIREMENTS.exists():  # the emulator alone, beside somebody's tests
        return f"install it with {_pip(*dict.fromkeys(lacking))}"
    in_another = sys.prefix != sys.base_prefix and not _is_at(ENVIRONMENT)
    if _is_at(ENVIRONMENT) or (in_another and not ENVIRONMENT.exists()):
        return f"install it with {_pip('-r', str(REQUIREMENTS))}"
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


def _pip(*arguments: str) -> str:
    command = [sys.executable, "-m", "pip", "install", *arguments]
    return list2cmdline(command) if sys.platform == "win32" else shlex.join(command)


def _is_installed(package: str) -> bool:
    """Whether it is; a package whose module has its name is found without delay."""
    module = MODULES.get(package, package.replace("-", "_"))
    with suppress(ImportError):  # of a parent, as `azure` of `azure.identity`
        if find_spec(module):
            return True
    from importlib.metadata import PackageNotFoundError, version

    try:
        version(package)
    except PackageNotFoundError:
        return False
    return True
