"""A legacy sample and its v1 twin teach one lesson: only the way in differs."""

import ast
import re
from pathlib import Path

import pytest

from tests.collection import FOLDER, SAMPLES


def legacy(path: Path) -> bool:
    """Whether a sample calls the API with dated versions."""
    return not path.stem.endswith("-v1")


LEGACY = [path for path in SAMPLES if legacy(path)]


def lesson(source: str) -> list[str]:
    """The lines of a sample without header, `Env:`, `openai` import and client."""
    source = re.sub(r"(?m)^Env:.*\n( .*\n)*", "", source)
    source = re.sub(r"(?ms)\A# /// script$.*?^# ///$\n", "", source)
    lines: list[str | None] = list(source.splitlines())
    for node in ast.parse(source).body:
        is_import = isinstance(node, ast.ImportFrom) and node.module == "openai"
        is_client = isinstance(node, ast.Assign) and [
            ast.unparse(target) for target in node.targets
        ] == ["client"]
        if is_import or is_client:
            for index in range(node.lineno - 1, node.end_lineno or node.lineno):
                lines[index] = None
    return [line for line in lines if line is not None]


def key_twin(path: Path) -> Path | None:
    """The sample that does with a key what this one does with Entra ID, if there is.

    What follows the client, the lesson, is in both the same.
    """
    twin = path.with_name(path.name.replace("-entra", ""))
    if twin == path or not twin.is_file():
        return None
    return twin if after_client(path) == after_client(twin) else None


def after_client(path: Path) -> list[str]:
    """The statements of a sample below `client = ...`."""
    statements = list(map(ast.unparse, ast.parse(path.read_text("utf-8")).body))
    [client] = [n for n, line in enumerate(statements) if line.startswith("client = ")]
    return statements[client + 1 :]


def test_most_samples_with_entra_id_have_a_twin_with_a_key() -> None:
    entra = [path for path in SAMPLES if "-entra" in path.name]

    without = [path.name for path in entra if not key_twin(path)]
    assert without == [
        "responses-basic-async-entra-aoai-v1.py",  # another client, and no other async
        "responses-mcp-auth-entra-aoai-v1.py",  # its server wants a token as well
    ]


@pytest.mark.parametrize("sample", LEGACY, ids=lambda path: path.name)
def test_twins_differ_only_in_header_import_and_client(sample: Path) -> None:
    twin = FOLDER / f"{sample.stem}-v1.py"

    assert twin.is_file(), "a legacy sample has a v1 twin: v1 is what to use"
    assert lesson(sample.read_text("utf-8")) == lesson(twin.read_text("utf-8"))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_the_client_is_the_one_that_the_name_promises(path: Path) -> None:
    clients = {
        alias.name
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "openai"
        for alias in node.names
        if alias.name.endswith("OpenAI")
    }

    assert len(clients) == 1
    assert ("Azure" in clients.pop()) == (path in LEGACY)


def test_a_lesson_is_compared_without_the_way_in() -> None:
    v1 = (
        '# /// script\n# dependencies = ["openai"]\n# ///\n"""Ask.\n\nEnv:  A, B,\n'
        '      C\n"""\n\nfrom openai import OpenAI\n\nclient = OpenAI(\n    # why\n'
        ")\n\nprint(client)  # now\n"
    )
    legacy = (
        '# /// script\n# dependencies = ["openai"]\n# ///\n"""Ask.\n\nEnv:  A\n'
        '"""\n\nfrom openai import AzureOpenAI\n\nclient = AzureOpenAI()\n\n'
        "print(client)  # now\n"
    )

    assert lesson(v1) == lesson(legacy)
    assert lesson(v1) != lesson(legacy.replace("now", "then"))
    assert lesson(v1) != lesson(legacy.replace("Ask.", "Tell."))
