"""Which Python a script is started with: seldom the one that has the emulator in it."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from responses_emulator.commands import probe

PROBE_SECONDS = 20


@dataclass(frozen=True)
class Python:
    """A Python; `path` is its program, `why` says how it came to be chosen."""

    path: str
    why: str

    @property
    def is_own(self) -> bool:
        """Whether it is the one that runs this."""
        return self.path == sys.executable

    def lacks(self, packages: Sequence[str]) -> list[str]:
        """Which of the packages it does not have."""
        if self.is_own:
            return [package for package in packages if probe.lacks(package)]
        return self._probed("", *packages) if packages else []

    def lacks_imports_of(self, script: str) -> list[str]:
        """Which modules it does not have of those that a script imports."""
        return self._probed(script)

    def _probed(self, *arguments: str) -> list[str]:
        """What `probe` says there; nothing of a Python that is too old to run it."""
        with suppress(OSError, subprocess.SubprocessError):
            done = subprocess.run(
                [self.path, str(probe.__file__), *arguments],
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=PROBE_SECONDS,
                check=True,
            )
            return done.stdout.split()
        return []


def choose(asked: str | None = None, environ: Mapping[str, str] = os.environ) -> Python:
    """The Python for scripts: the first that there is of these.

    What `--python` asks for, an active environment (VIRTUAL_ENV), `.venv` in the
    current folder, `python` on the path, the one that runs this. Raises ValueError if
    the one asked for is not there.
    """
    if asked is not None:
        found = shutil.which(asked) if asked else None
        if not found:
            raise ValueError(f"--python {asked}: there is no such program.")
        return Python(_own_if_same(found), "--python")
    active = environ.get("VIRTUAL_ENV")
    for folder, why in ((active, "VIRTUAL_ENV"), (".venv", "the .venv of this folder")):
        found = _of_environment(Path(folder)) if folder else None
        if found:
            return Python(found, why)
    found = shutil.which("python", path=environ.get("PATH"))
    if found:
        return Python(_own_if_same(found), "the python on the path")
    return Python(sys.executable, "the emulator's own")


def _of_environment(folder: Path) -> str | None:
    """The Python of a virtual environment; None if it has none that can be run."""
    with suppress(OSError):
        if folder.samefile(sys.prefix):
            return sys.executable
    inside = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return shutil.which(str(folder.absolute().joinpath(*inside)))


def _own_if_same(program: str) -> str:
    """How this Python is called by itself, if that is the program.

    Links are not followed: the Pythons of all environments lead to the same one.
    """
    path, own = Path(program).absolute(), Path(sys.executable)
    with suppress(OSError):
        if path.parent.samefile(own.parent) and path.samefile(own):
            return sys.executable
    return str(path)
