"""What a Python lacks, looked for without importing it."""

import subprocess
import sys
from pathlib import Path

import pytest

from responses_emulator.commands import probe


@pytest.mark.parametrize(
    "package",
    [
        "azure-identity",
        "pillow",
        "python-dotenv",
        "pyyaml",
        "openai",
        "typing-extensions",
    ],
)
def test_a_package_is_found_by_its_module(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(name: str) -> str:
        raise AssertionError(f"The metadata of {name} were read.")

    monkeypatch.setattr("importlib.metadata.version", slow)
    assert not probe.lacks(package)


def test_a_package_whose_module_has_another_name_is_found_by_its_metadata() -> None:
    assert not probe.lacks("jsonschema-rs")
    assert not probe.lacks("pytest-xdist")  # its module is `xdist`
    assert probe.lacks("frobnicate")
    assert probe.lacks("frobnicate.deep")


GONE = ["gone", "gone.deep", "gone_if_called", "gone_too"]


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "path", list(sys.path))
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "beside.py").write_text("import gone_too, json\n", "utf-8")
    (tmp_path / "other.py").write_text("import script, gone\n", "utf-8")
    path = tmp_path / "script.py"
    path.write_text(
        "import json, gone, other as o, os.path\n"
        "from package.beside import a\n"
        "from . import sibling\n"
        "from gone.deep import b\n"
        "from openai import nothing_of_that_name\n"
        "def f():\n    import gone_if_called\n"
        "try:\n    import may_be_gone\nexcept ImportError:\n    pass\n"
        "import gone\n",
        "utf-8",
    )
    return path


def test_the_imports_of_a_script_and_of_what_lies_beside_it(script: Path) -> None:
    lacking = probe.lacking_imports(str(script))
    assert lacking == GONE
    assert sys.path[0] == str(script.parent)


def test_it_is_run_as_a_file_by_any_python(script: Path) -> None:
    def printed(*arguments: str) -> list[str]:
        command = [sys.executable, str(probe.__file__), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return done.stdout.split("\n")

    assert printed(str(script)) == [*GONE, ""]
    assert printed("", "openai", "frobnicate", "pip-nowhere") == [
        *("frobnicate", "pip-nowhere"),
        "",
    ]
    assert printed("", "openai") == ["", ""]


@pytest.mark.parametrize(
    ("head", "may_fail"),
    [
        *(("if TYPE_CHECKING:", True), ("if typing.TYPE_CHECKING:", True)),
        *(
            ("if sys.platform == 'win32':", True),
            ("if platform.system() == 'x':", True),
        ),
        *(("if sys.version_info < (3, 12):", True), ("if wanted:", False)),
        *(("while True:", False), ("with a:", False), ("for a in b:", False)),
        *(("def f():", False), ("class A:", False), ("try:", False)),
    ],
)
def test_what_is_imported_under_a_condition_of_the_machine_may_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: str, may_fail: bool
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    path = tmp_path / "script.py"
    rest = "finally:\n    pass\n" if head == "try:" else ""
    path.write_text(f"{head}\n    import gone\n{rest}", "utf-8")
    assert probe.lacking_imports(str(path)) == ([] if may_fail else ["gone"])


@pytest.mark.parametrize(
    ("caught", "may_fail"),
    [
        *((" ImportError", True), (" ModuleNotFoundError as e", True), ("", True)),
        *(
            (" Exception", True),
            (" BaseException", True),
            (" (KeyError, OSError)", False),
        ),
        *((" (KeyError, ImportError)", True), (" builtins.ImportError", True)),
        (" AttributeError", False),
    ],
)
def test_what_is_imported_where_its_failure_is_caught_may_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caught: str, may_fail: bool
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    path = tmp_path / "script.py"
    path.write_text(f"try:\n    import gone\nexcept{caught}:\n    pass\n", "utf-8")
    assert probe.lacking_imports(str(path)) == ([] if may_fail else ["gone"])
