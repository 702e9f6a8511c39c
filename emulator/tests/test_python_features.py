"""What Monty lacks of Python: tried, and told the same everywhere."""

import re
from pathlib import Path

import pytest

from emulator.tests.python_features import BUILTINS, LANGUAGE, MODULES
from responses_emulator import interpreter
from responses_emulator.tools import code_interpreter

README = Path(__file__).parent.parent / "README.md"

pytestmark = pytest.mark.xdist_group("processes")


def lacking(features: dict[str, str]) -> list[str]:
    """The names of those whose program does not run."""
    return [
        name
        for name, program in features.items()
        if interpreter.run(program, {}).exit_code != 0
    ]


@pytest.mark.parametrize(
    ("features", "told"),
    [
        (LANGUAGE, code_interpreter.LACKS_OF_LANGUAGE),
        (BUILTINS, code_interpreter.LACKS_OF_BUILTINS),
        (MODULES, code_interpreter.LACKS_OF_MODULES),
    ],
)
def test_what_is_lacking_is_what_is_told(features: dict[str, str], told: tuple[str]):
    assert list(told) == lacking(features)


def test_the_modules_that_are_told_to_be_there_are_there():
    for name in code_interpreter.MODULES:
        assert interpreter.run(f"import {name}", {}).exit_code == 0, name


def test_the_readme_tells_all_of_it():
    text = README.read_text("utf-8")
    section = text.partition("## What programs may use")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| ([^|]+) \| (.+) \|$", section, re.MULTILINE))
    told = {
        "language": code_interpreter.LACKS_OF_LANGUAGE,
        "built-in names": code_interpreter.LACKS_OF_BUILTINS,
        "modules": code_interpreter.LACKS_OF_MODULES,
    }
    assert {kind: rows[kind] for kind in told} == {
        kind: ", ".join(f"`{name}`" for name in names) for kind, names in told.items()
    }


def test_a_model_is_told_what_there_is_and_what_is_not():
    told = code_interpreter.description()
    for name in (
        *code_interpreter.MODULES,
        *code_interpreter.LACKS_OF_LANGUAGE,
        *code_interpreter.LACKS_OF_BUILTINS,
        f"{interpreter.SECONDS:g} seconds",
    ):
        assert name in told
