"""What `make` installs is what the environment lacks: no more, no less."""

import subprocess
import sys
from pathlib import Path

import pytest

from scripts.lacking import changed, lacking, requirements
from tests.collection import ROOT

# Names of packages of this test's alone, by their METADATA.
PACKAGES = {
    "apple-1.5": "Requires-Dist: pear>=2\nRequires-Dist: nut; extra == 'nuts'\n",
    "pear-2.1": "Requires-Dist: apple<2\nRequires-Dist: fig; sys_platform == 'x'\n",
    "Plum_Jam-3.0rc1": "",
}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that has the packages above."""
    for package, needs in PACKAGES.items():
        name, version = package.split("-")
        folder = tmp_path / f"{package}.dist-info"
        folder.mkdir()
        head = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        (folder / "METADATA").write_text(head + needs, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("# Fruit\napple>=1.5,<2  # red\n\npear\n", []),
        ("plum-jam>=2\n", []),
        ("apple>=1.6\n", ["apple>=1.6: 1.5 is there"]),
        ("quince>=1\n", ["quince>=1: not there"]),
        ("apple[nuts]\n", ['nut; extra == "nuts": not there']),
        ("-r more.txt\n", ["apple>=9: 1.5 is there"]),
    ],
)
def test_each_package_that_is_not_there_is_told(
    installed: Path, text: str, missing: list[str]
) -> None:
    (installed / "requirements.txt").write_text(text, "utf-8")
    (installed / "more.txt").write_text("apple>=9\n", "utf-8")
    assert lacking(requirements(installed / "requirements.txt")) == missing


def test_what_a_package_needs_itself_is_looked_for(installed: Path) -> None:
    (installed / "requirements.txt").write_text("apple\n", "utf-8")
    metadata = installed / "pear-2.1.dist-info" / "METADATA"
    metadata.write_text(metadata.read_text("utf-8").replace("2.1\n", "1.9\n"), "utf-8")
    found = lacking(requirements(installed / "requirements.txt"))
    assert found == ["pear>=2: 1.9 is there"]


PROJECT = """\
[project]
name = "basket"
version = "1.0"
dependencies = ["apple>=1"]
[project.optional-dependencies]
all = ["basket[jam,nuts]"]
jam = ["plum-jam>=2"]
nuts = ["pear>=2"]
[project.scripts]
carry = "basket:carry"
"""


@pytest.fixture
def basket(installed: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a project that was installed from it, and what asks for it."""
    (installed / "basket").mkdir()
    (installed / "basket" / "pyproject.toml").write_text(PROJECT, "utf-8")
    (installed / "requirements.txt").write_text("-e ./basket[all]\n", "utf-8")
    (installed / "more.txt").write_text("-r requirements.txt\n", "utf-8")
    metadata = installed / "basket-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: basket\nVersion: 1.0\n", "utf-8"
    )
    (metadata / "entry_points.txt").write_text(
        "[console_scripts]\ncarry = basket:carry\n", "utf-8"
    )
    monkeypatch.chdir(installed)
    return installed


def found(folder: Path) -> list[str]:
    asked = folder / "more.txt"
    return lacking(requirements(asked)) + changed(asked)


def test_a_folders_project_that_is_installed_lacks_nothing(basket: Path) -> None:
    assert found(basket) == []


@pytest.mark.parametrize(
    ("before", "after", "missing"),
    [
        ('version = "1.0"', 'version = "1.1"', "basket==1.1: 1.0 is there"),
        ("apple>=1", "apple>=3", "apple>=3: 1.5 is there"),
        ("pear>=2", "pear>=3", "pear>=3: 2.1 is there"),
        ("carry =", "lift =", "basket: its commands have changed"),
        (
            "[project.scripts]",
            '[project.entry-points.pytest11]\nbasket = "x"\n[project.scripts]',
            "basket: its commands have changed",
        ),
    ],
)
def test_a_change_in_its_pyproject_is_noticed(
    basket: Path, before: str, after: str, missing: str
) -> None:
    project = basket / "basket" / "pyproject.toml"
    project.write_text(PROJECT.replace(before, after), "utf-8")
    assert found(basket) == [missing]


def test_a_project_that_was_never_installed_is_told_once(basket: Path) -> None:
    project = basket / "basket" / "pyproject.toml"
    project.write_text(PROJECT.replace("basket", "hamper"), "utf-8")
    assert found(basket) == ["hamper==1.0: not there"]


def test_the_status_tells_whether_anything_is_missing(tmp_path: Path) -> None:
    def status(path: Path) -> int:
        command = [sys.executable, "-m", "scripts.lacking", str(path)]
        return subprocess.run(command, cwd=ROOT, capture_output=True).returncode

    (tmp_path / "one.txt").write_text("no-such-package\n", "utf-8")
    assert status(tmp_path / "one.txt") == 1
    assert status(ROOT / "requirements.txt") == 0
