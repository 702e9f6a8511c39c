"""`make` sets up .venv: once, again when it must, and says what is missing.

How it looks for what is missing: tests/test_lacking.py.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.collection import ROOT

pytestmark = pytest.mark.skipif(
    shutil.which("make") is None or os.name == "nt", reason="there is no make"
)

# A Python that writes down how it was called, and fails where the test asks for it. The
# environments that it makes hold a copy of itself, pip, and what was installed there.
PYTHON = """\
#!/bin/sh
echo "$*" >> calls
case "$*" in
*find_spec*) [ ! -e .venv/is-broken ] ;;
*version_info*) [ ! -e too-old ] ;;
"-m venv --clear"*)
  rm -rf .venv
  mkdir -p .venv/bin
  [ ! -e no-ensurepip ] && touch .venv/pip && cp "$0" .venv/bin/python
  ;;
"-c import pip") [ -e .venv/pip ] ;;
"-m ensurepip") touch .venv/pip ;;
"-m scripts.lacking "*) cmp -s "$3" ".venv/$3" ;;
*"pip install"*)
  [ -e .venv/pip ] && [ ! -e no-network ] || exit 1
  for last in "$@"; do :; done
  cp requirements.txt .venv
  cp "$last" .venv
  ;;
esac
"""


class Folder:
    """A folder with the Makefile and what it installs from, and a Python beside it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        for name in ("Makefile", "requirements.txt", "requirements-dev.txt"):
            shutil.copy(ROOT / name, path / name)
        self.write("python3", PYTHON)
        (path / "python3").chmod(0o755)

    def write(self, name: str, text: str = "") -> None:
        (self.path / name).write_text(text, "utf-8")

    def make(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", "PYTHON=./python3", *arguments],
            cwd=self.path,
            check=False,
            capture_output=True,
            text=True,
            env={"PATH": os.environ["PATH"]},
        )

    def calls(self) -> list[str]:
        """What Python was asked to do since the last time, but for its version."""
        file = self.path / "calls"
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return [
            line.replace(" --disable-pip-version-check --quiet --no-compile", "")
            for line in lines
            if not any(word in line for word in LOOKS)
        ]


LOOKS = ("version_info", "import pip", "scripts.lacking")
VENV = "-m venv --clear .venv"
INSTALL = "-m pip install -r requirements.txt"
INSTALL_DEV = "-m pip install -r requirements-dev.txt"
DEMO = (
    "-m responses_emulator run --python .venv/bin/python "
    "python/responses-basic-aoai-v1.py"
)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "a folder's name")


def test_demo_sets_up_once_and_runs_a_sample(folder: Folder) -> None:
    assert folder.make("demo").returncode == 0
    assert folder.calls() == [VENV, INSTALL, DEMO]

    assert folder.make("demo").returncode == 0
    assert folder.calls() == [DEMO]


def test_test_and_check_run_the_tools_of_the_environment(folder: Folder) -> None:
    assert folder.make("test", "check").returncode == 0
    assert folder.calls() == [
        VENV,
        INSTALL_DEV,
        "-m pytest -n 2",
        "-m ruff check",
        "-m ruff format --check",
        "-m pyright --pythonpath .venv/bin/python",
    ]


def test_what_tests_need_is_added_to_what_the_demo_needs(folder: Folder) -> None:
    folder.make("demo")
    folder.calls()

    assert folder.make("install").returncode == 0
    assert folder.calls() == [INSTALL_DEV]
    assert folder.make("demo").returncode == 0
    assert folder.calls() == [DEMO]


def test_changed_requirements_are_installed_into_the_same_environment(
    folder: Folder,
) -> None:
    folder.make("demo")
    folder.write("requirements.txt", "openai>=4,<5\n")
    folder.calls()

    folder.make("demo")
    assert folder.calls() == [INSTALL, DEMO]


def test_what_was_uninstalled_since_is_installed_again(folder: Folder) -> None:
    folder.make("demo")
    (folder.path / ".venv" / "requirements.txt").unlink()
    folder.calls()

    folder.make("demo")
    assert folder.calls() == [INSTALL, DEMO]


def test_an_environment_without_pip_is_given_it(folder: Folder) -> None:
    folder.make("demo")
    (folder.path / ".venv" / "pip").unlink()  # as `uv sync` does
    folder.calls()

    assert folder.make("demo", "test").returncode == 0
    assert folder.calls() == [DEMO, "-m ensurepip", INSTALL_DEV, "-m pytest -n 2"]


def test_an_environment_that_is_there_is_kept(folder: Folder) -> None:
    (folder.path / ".venv" / "bin").mkdir(parents=True)
    (folder.path / ".venv" / "pip").touch()
    shutil.copy(folder.path / "python3", folder.path / ".venv" / "bin" / "python")

    folder.make("demo")
    assert folder.calls() == [INSTALL, DEMO]


def test_an_environment_that_cannot_be_repaired_is_made_anew(folder: Folder) -> None:
    folder.make("demo")
    (folder.path / ".venv" / "is-broken").touch()
    folder.calls()

    assert folder.make("demo").returncode == 0
    assert folder.calls() == [VENV, INSTALL, DEMO]


def test_an_interrupted_installation_is_taken_up_again(folder: Folder) -> None:
    folder.write("no-network")
    assert folder.make("demo").returncode != 0
    assert folder.calls() == [VENV, INSTALL]

    (folder.path / "no-network").unlink()
    assert folder.make("demo").returncode == 0
    assert folder.calls() == [INSTALL, DEMO]


def test_an_environment_that_lost_its_python_is_made_anew(folder: Folder) -> None:
    folder.make("demo")
    python = folder.path / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("gone")
    folder.calls()

    assert folder.make("demo").returncode == 0
    assert folder.calls() == [VENV, INSTALL, DEMO]


def test_a_python_that_is_too_old_is_named_and_nothing_is_made(folder: Folder) -> None:
    folder.write("too-old")
    result = folder.make("demo")

    assert result.returncode != 0
    assert "Python 3.11 or newer is needed; ./python3 is not it." in result.stderr
    assert "make PYTHON=python3.12 demo" in result.stderr
    assert not (folder.path / ".venv").exists()


def test_a_missing_venv_module_is_named_and_the_next_try_begins_anew(
    folder: Folder,
) -> None:
    folder.write("no-ensurepip")
    result = folder.make("test")

    assert result.returncode != 0
    assert "sudo apt install python3-venv" in result.stderr

    (folder.path / "no-ensurepip").unlink()
    folder.calls()
    assert folder.make("test").returncode == 0
    assert folder.calls() == [VENV, INSTALL_DEV, "-m pytest -n 2"]


def test_clean_leaves_the_env_file(folder: Folder) -> None:
    folder.make("demo")
    folder.write(".env", "A=1\n")
    # What `pip install ./emulator` leaves: its old modules would be in the next wheel.
    (folder.path / "emulator" / "build").mkdir(parents=True)

    assert folder.make("clean").returncode == 0
    assert not (folder.path / "emulator" / "build").exists()
    assert not (folder.path / ".venv").exists()
    assert (folder.path / ".env").exists()


def test_make_alone_lists_the_targets_and_does_nothing(folder: Folder) -> None:
    result = folder.make()

    for target in ("demo", "tour", "test", "check", "install", "clean"):
        assert f"make {target}" in result.stdout
    assert folder.calls() == []
