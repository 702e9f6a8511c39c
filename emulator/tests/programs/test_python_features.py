"""What Monty lacks of Python: tried, and told the same everywhere."""

import re
from pathlib import Path

import pytest

from emulator.tests.programs.python_features import (
    BUILTINS,
    FILES,
    LANGUAGE,
    MODULES,
    PARTS_OF_MODULES,
)
from responses_emulator.programs import interpreter
from responses_emulator.tools import code_interpreter

README = Path(__file__).parents[2] / "README.md"


def lacking(features: dict[str, str]) -> list[str]:
    """The names of those whose program does not run."""
    return [
        name
        for name, program in features.items()
        if interpreter.run(program, {}).exit_code != 0
    ]


TRIED = {
    "language": LANGUAGE,
    "built-in names": BUILTINS,
    "files": FILES,
    "modules": MODULES,
    "parts of modules": PARTS_OF_MODULES,
}


@pytest.mark.parametrize("kind", TRIED)
def test_what_is_lacking_is_what_is_told(kind: str):
    assert list(code_interpreter.LACKS[kind]) == lacking(TRIED[kind])


def test_the_modules_that_are_told_to_be_there_are_there():
    there = [name for name in MODULES if name not in code_interpreter.LACKS["modules"]]
    assert list(code_interpreter.MODULES) == there


def test_the_readme_tells_all_of_it():
    text = README.read_text("utf-8")
    section = text.partition("## What programs may use")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| ([^|]+) \| (.+) \|$", section, re.MULTILINE))
    assert {kind: rows[kind] for kind in TRIED} == {
        kind: ", ".join(f"`{name}`" for name in names)
        for kind, names in code_interpreter.LACKS.items()
    }


def test_a_model_is_told_what_there_is_and_what_is_not():
    told = code_interpreter.description()
    lacks = code_interpreter.LACKS
    for name in (
        *code_interpreter.MODULES,
        *(name for kind in lacks if kind != "modules" for name in lacks[kind]),
        f"{interpreter.SECONDS:g} seconds",
    ):
        assert name in told
