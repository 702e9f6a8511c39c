"""The Python that a script is started with, and what is said of what it lacks."""

import os
import shlex
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from responses_emulator.commands import probe
from responses_emulator.commands.python import Python, choose

RUN = [sys.executable, "-m", "responses_emulator", "run"]
posix_only = pytest.mark.skipif(os.name == "nt", reason="a shell script stands in")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, an empty one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def python_at(path: Path, script: str = "") -> str:
    """A program that stands in for Python, or a Python by another name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    script = script or f'exec {shlex.quote(sys.executable)} "$@"'
    path.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
    path.chmod(0o755)
    return str(path)


@posix_only
def test_the_first_that_there_is_in_the_order_of_the_readme(folder: Path) -> None:
    asked = python_at(folder / "asked" / "python3.99")
    active = python_at(folder / "active" / "bin" / "python")
    here = python_at(folder / ".venv" / "bin" / "python")
    on_path = python_at(folder / "path" / "python")
    environ = {
        "VIRTUAL_ENV": str(folder / "active"),
        "PATH": str(folder / "path"),
    }

    def chosen(asked: str | None = None) -> tuple[str, str]:
        python = choose(asked, environ)
        return python.path, python.why

    assert chosen(asked) == (asked, "--python")
    assert chosen() == (active, "VIRTUAL_ENV")
    Path(active).unlink()
    assert chosen() == (here, "the .venv of this folder")
    Path(here).unlink()
    assert chosen() == (on_path, "the python on the path")
    Path(on_path).unlink()
    assert chosen() == (sys.executable, "the emulator's own")


def test_its_own_environment_is_known_as_such(folder: Path) -> None:
    assert folder.is_dir()
    assert choose(environ={"VIRTUAL_ENV": sys.prefix, "PATH": ""}).is_own
    assert choose(sys.executable).is_own
    assert choose(environ={"PATH": str(Path(sys.executable).parent)}).is_own


@pytest.mark.parametrize("asked", ["no-such-python", "", "."])
def test_a_python_that_is_not_there_is_said(asked: str) -> None:
    done = subprocess.run(
        [*RUN, "--python", asked, "x.py"], capture_output=True, text=True, timeout=20
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"--python {asked}: there is no such program.\n"


@posix_only
def test_a_script_is_run_by_the_python_that_was_chosen(folder: Path) -> None:
    python = python_at(folder / ".venv" / "bin" / "python", 'echo "$0 $1 $2"')
    (folder / "x.py").write_text("", "utf-8")
    done = subprocess.run([*RUN, "x.py", "a"], capture_output=True, text=True)
    assert done.stdout == f"{python} x.py a\n"


@posix_only
def test_a_script_is_not_started_where_that_python_lacks_what_it_says(
    folder: Path,
) -> None:
    python = python_at(folder / ".venv" / "bin" / "python")
    header = '# /// script\n# dependencies = ["frobnicate>=1", "openai"]\n# ///\n'
    (folder / "x.py").write_text(f"{header}print('started')\n", "utf-8")
    done = subprocess.run([*RUN, "x.py"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    [sentence] = done.stderr.splitlines()
    assert sentence == (
        f"{python} (the .venv of this folder) lacks frobnicate: "
        f"{python} -m pip install frobnicate, or choose another with --python."
    )


def test_a_failing_import_says_which_python_it_was(folder: Path) -> None:
    (folder / "beside.py").write_text("import frobnicate.deep\n", "utf-8")
    (folder / "x.py").write_text("import json, beside\n", "utf-8")
    done = subprocess.run(
        [*RUN, "--python", sys.executable, "x.py"], capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"x.py was started with {sys.executable} (--python), which lacks "
        "frobnicate.deep; --python chooses another."
    )


def test_an_import_may_stand_in_a_function_or_in_a_package_beside_it(
    folder: Path,
) -> None:
    package = folder / "mine" / "inner"
    package.mkdir(parents=True)
    (folder / "mine" / "__init__.py").write_text("print('imported')\n", "utf-8")
    (package / "__init__.py").write_text("from . import deep\n", "utf-8")
    (package / "deep.py").write_text("from ..other import x\nimport lacks_a\n", "utf-8")
    (folder / "mine" / "other.py").write_text("import lacks_b.c, json\n", "utf-8")
    (folder / "x.py").write_text(
        dedent("""\
            import sys
            from typing import TYPE_CHECKING

            if TYPE_CHECKING:
                import types_only
            if sys.platform == "win32":
                import windows_only
            try:
                import optional
            except (ValueError, ImportError):
                import instead
            try:
                import lacks_d
            finally:
                pass

            def main():
                with open(__file__):
                    from mine import inner
                if sys.argv:
                    import lacks_e

            if __name__ == "__main__":
                from lacks_f import g
        """),
        "utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(probe.__file__), "x.py"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert sorted(done.stdout.split()) == [
        "lacks_a",
        "lacks_b.c",
        "lacks_d",
        "lacks_e",
        "lacks_f",
    ]


def test_any_other_failure_is_the_scripts_own(folder: Path) -> None:
    guarded = "try:\n    import frobnicate\nexcept ImportError:\n    pass\n"
    (folder / "x.py").write_text(f"{guarded}raise SystemExit('No.')\n", "utf-8")
    done = subprocess.run([*RUN, "x.py"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "No.\n")


@posix_only
def test_a_python_that_cannot_be_asked_lacks_nothing_as_far_as_is_known(
    folder: Path,
) -> None:
    for script in ("exit 1", "echo frobnicate; exit 1"):
        broken = Python(python_at(folder / "python", script), "--python")
        assert broken.lacks(["frobnicate"]) == []
        assert broken.lacks_imports_of("x.py") == []
    answers = Python(python_at(folder / "python", "echo frobnicate"), "--python")
    assert answers.lacks(["frobnicate"]) == ["frobnicate"]
    assert answers.lacks([]) == []
    assert Python(str(folder / "nowhere"), "").lacks_imports_of("x.py") == []


def test_what_cannot_be_parsed_imports_nothing(folder: Path) -> None:
    (folder / "x.py").write_text("import (", "utf-8")
    before = list(sys.path)
    assert probe.lacking_imports(str(folder / "x.py")) == []
    assert probe.lacking_imports(str(folder / "nowhere.py")) == []
    assert probe.lacking_imports(str(folder)) == []
    sys.path[:] = before
