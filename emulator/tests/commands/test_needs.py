"""What is missing is told in one sentence, whatever the command and whatever it is."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from responses_emulator.commands import needs
from responses_emulator.commands.python import Python

ROOT = Path(__file__).resolve().parents[3]
EMULATOR = ROOT / "emulator" / "src" / "responses_emulator"
SAMPLE = "python/responses-basic-entra-aoai-v1.py"
COMMANDS = {
    "serve": ["serve", "--port", "0"],
    "run": ["run", SAMPLE],
    "tour": ["tour"],
}

every_command = pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)


def emulator(
    *arguments: str, options: tuple[str, ...] = (), path: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command line as in a checkout that is not installed.

    `options` are Python's own, `path` its PYTHONPATH.
    """
    return subprocess.run(
        [sys.executable, *options, "-m", "emulator", *arguments],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(path or "")},
        capture_output=True,
        text=True,
        timeout=60,
    )


def told(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence that it ended with, and nothing else."""
    assert done.returncode not in (0, -1)
    assert done.stdout == ""
    [sentence] = done.stderr.splitlines()
    assert sentence.endswith(".")
    return sentence


@every_command
def test_a_python_that_has_nothing_is_told_what_to_do(command: list[str]) -> None:
    without_packages = ("-S",)
    sentence = told(emulator(*command, options=without_packages))
    assert "lacks cryptography, httptools, orjson: " in sentence
    assert "activate" in sentence or "pip install" in sentence


def test_without_a_command_help_needs_nothing() -> None:
    for arguments in ([], ["--help"], ["run", "--help"]):
        done = emulator(*arguments, options=("-S",))
        assert (done.returncode, done.stderr) == (0, "")


@every_command
def test_a_package_that_is_not_whole_is_named(
    command: list[str], tmp_path: Path
) -> None:
    broken = tmp_path / "orjson"
    broken.mkdir()
    (broken / "__init__.py").write_text("from orjson._compiled import dumps", "utf-8")
    sentence = told(emulator(*command, path=tmp_path))
    assert "lacks orjson._compiled: " in sentence


@pytest.mark.parametrize(
    "header",
    [
        '# dependencies = ["openai>=3", "Frobnicate-9000[x]>=1"]',
        '# dependencies = [\n#   "frobnicate.thing", # why\n# ]',
    ],
)
def test_a_script_is_not_started_without_what_it_says_it_needs(
    tmp_path: Path, header: str
) -> None:
    script = tmp_path / "script.py"
    script.write_text(f"# /// script\n{header}\n# ///\nprint('Hello.')\n", "utf-8")
    assert "robnicate" in told(emulator("run", str(script)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# /// script\n# ///\n",
        "# /// script\n# dependencies = [\n# ///\n",
        "# /// script\n# dependencies = ['nowhere; os_name == \"x\"']\n# ///\n",
        '# /// script\n# dependencies = ["pip", "python-dotenv", "httpx2>=2"]\n# ///\n',
    ],
)
def test_a_script_that_lacks_nothing_or_does_not_say_is_left_alone(
    tmp_path: Path, text: str
) -> None:
    script = tmp_path / "script.py"
    script.write_text(text, "utf-8")
    own = Python(sys.executable, "")
    assert own.lacks(needs.of_a_script(script)) == []
    assert needs.of_a_script(tmp_path / "nowhere.py") == []
    script.write_bytes(b"\xff")
    assert needs.of_a_script(script) == []


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as a clone has it, with no environment yet, and the system's Python."""
    requirements = tmp_path / "requirements.txt"
    requirements.touch()
    monkeypatch.setattr(needs, "REQUIREMENTS", requirements)
    monkeypatch.setattr(needs, "PROJECT", requirements)
    monkeypatch.setattr(needs, "ENVIRONMENT", tmp_path / ".venv")
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    monkeypatch.setattr(sys, "platform", "linux")
    return tmp_path


def test_the_environment_that_is_there_is_to_be_activated(folder: Path) -> None:
    (folder / ".venv").mkdir()
    assert "source .venv/bin/activate" in needs.what_to_do(["openai"])


def test_there_it_says_how_to_make_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert folder
    assert "`make demo`" in needs.what_to_do(["openai"])
    monkeypatch.setattr(sys, "platform", "win32")
    assert "make demo" not in needs.what_to_do(["openai"])
    assert "Activate.ps1" in needs.what_to_do(["openai"])


@pytest.mark.parametrize("name", [".venv", "mine"])
def test_an_environment_that_is_in_use_is_to_be_filled(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (folder / name).mkdir()
    monkeypatch.setattr(sys, "prefix", str(folder / name))
    assert "pip install -r" in needs.what_to_do(["openai"])


def test_beside_somebodys_tests_there_is_no_such_folder(folder: Path) -> None:
    (folder / "requirements.txt").unlink()
    assert "pip install openai lark" in needs.what_to_do(["openai", "lark"])


def test_what_is_missing_is_named_once_with_the_python_that_lacks_it() -> None:
    told_so = needs.what_to_do(["openai", "lark", "openai"])
    assert told_so.startswith(f"{sys.executable} lacks openai, lark: ")
    assert told_so.endswith(".")
    said = needs.what_another_lacks("/x/python", "VIRTUAL_ENV", ["openai", "lark"])
    assert said == (
        "/x/python (VIRTUAL_ENV) lacks openai, lark: /x/python -m pip install openai "
        "lark, or choose another with --python."
    )


def test_scripts_of_a_folder_need_what_any_of_them_says(tmp_path: Path) -> None:
    for name, wanted in (
        ("a.py", '"openai>=3", "b"'),
        ("b.py", '"b"'),
        ("c.txt", '"x"'),
    ):
        header = f"# /// script\n# dependencies = [{wanted}]\n# ///\n"
        (tmp_path / name).write_text(header, "utf-8")
    assert needs.of_scripts(tmp_path) == ["b", "openai"]
    assert needs.of_a_script(tmp_path / "a.py") == ["openai", "b"]


# Python itself


@pytest.mark.parametrize("version", [(3, 10, 2, "final", 0), (2, 7, 18, "final", 0)])
def test_a_python_that_is_too_old_is_named(version: tuple[object, ...]) -> None:
    pretend = f"import runpy, sys; sys.version_info = {version}; sys.path.insert(0, '')"
    done = subprocess.run(
        [sys.executable, "-c", f"{pretend}; runpy.run_module('emulator')"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    sentence = told(done)
    assert sentence.startswith("The emulator needs Python 3.11 or newer; ")
    assert sentence.endswith(f" is {version[0]}.{version[1]}.")


@pytest.mark.parametrize("name", ["__init__.py", "__main__.py"])
def test_an_old_python_can_read_as_far_as_that(name: str) -> None:
    text = (EMULATOR / name).read_text("ascii")
    tree = ast.parse(text, feature_version=(3, 4))
    new = (ast.JoinedStr, ast.AnnAssign, ast.NamedExpr)
    assert not [node for node in ast.walk(tree) if isinstance(node, new)]


@pytest.mark.parametrize(
    ("dependencies", "names"),
    [
        ('["openai>=3", "azure-identity"]', ["openai", "azure-identity"]),
        ("[\"openai; os_name == 'nt'\", 5]", []),
        ('"openai"', []),
        ("{openai = 3}", []),
        ("[", []),
    ],
)
def test_a_header_that_makes_no_sense_asks_for_nothing(
    tmp_path: Path, dependencies: str, names: list[str]
) -> None:
    script = tmp_path / "x.py"
    header = f"# /// script\n# dependencies = {dependencies}\n# ///\n"
    script.write_text(header, "utf-8")
    assert needs.of_a_script(script) == names
