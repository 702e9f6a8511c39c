"""The rules for samples (CONTRIBUTING.md), each as a test that names who breaks it."""

import ast
import io
import math
import re
import sys
import tokenize
import tomllib
import unicodedata
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

import pytest
from dotenv import dotenv_values

from tests.collection import (
    FOLDER,
    GRADIO_NAMES,
    NAMES,
    ROOT,
    SAMPLES,
    docstring_fields,
    variables_read,
)

HEADER = re.compile(r"\A# /// script\n(?P<content>(?:#(?: .*)?\n)+?)# ///\n")
DEPLOYMENT = re.compile(r"\b(gpt-?\d|gpt-image|o[134]\b|o\d-|dall-e|codex|sora)")
AUTH = {"API key", "Microsoft Entra ID"}

# Where the module's name is not the distribution's.
DISTRIBUTIONS = {
    "PIL": "pillow",
    "azure.identity": "azure-identity",
    "dotenv": "python-dotenv",
}

every_sample = pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def header(path: Path) -> dict[str, object]:
    match = HEADER.match(path.read_text("utf-8"))
    assert match, "the file begins with a PEP 723 header"
    return tomllib.loads(
        "".join(line[2:] for line in match["content"].splitlines(keepends=True))
    )


def imported_modules(path: Path) -> set[str]:
    modules: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a sample stands alone: no relative import"
            modules.add(node.module or "")
    return modules


def calls_to(tree: ast.AST, module: str) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).startswith(f"{module}.")
    ]


# The collection


def test_the_published_names_are_all_there_and_no_other() -> None:
    files = {path.name for path in FOLDER.iterdir() if path.name != "__pycache__"}

    assert files == NAMES | GRADIO_NAMES


def test_there_are_38_samples_and_three_apps() -> None:
    assert (len(NAMES), len(GRADIO_NAMES)) == (38, 3)


# The header


@every_sample
def test_header_equals_imports_and_requirements(path: Path) -> None:
    requirements = {
        re.split(r"[<>=!~]", line)[0]: line
        for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines()
        if line and not line.startswith("#")
    }
    needed = {
        DISTRIBUTIONS.get(module, module.partition(".")[0])
        for module in imported_modules(path)
        if module.partition(".")[0] not in sys.stdlib_module_names
    }

    assert header(path) == {
        "requires-python": ">=3.11",
        "dependencies": sorted(requirements[name] for name in needed),
    }


# The docstring


@every_sample
def test_docstring_begins_with_one_sentence(path: Path) -> None:
    docstring = ast.get_docstring(parsed(path)) or ""
    first, blank, *_ = [*docstring.splitlines(), "", ""]

    assert re.fullmatch(r"[A-Z][a-z]+ .*[^.]\.", first), first
    assert len(first) <= 79
    assert blank == ""
    # An imperative is neither "Asks ..." nor "This sample ...".
    verb = first.split()[0]
    assert not verb.endswith("s") or verb.endswith("ss"), verb
    assert verb not in {"How", "An", "The"}


@every_sample
def test_docstring_names_auth_env_and_net_in_this_order(path: Path) -> None:
    fields = docstring_fields(path.read_text("utf-8"))

    assert list(fields) in (["Auth", "Env"], ["Auth", "Env", "Net"])
    assert fields["Auth"] in AUTH
    assert (fields["Auth"] == "Microsoft Entra ID") == ("-entra" in path.stem)


@every_sample
def test_docstring_lists_exactly_the_variables_that_are_read(path: Path) -> None:
    listed = docstring_fields(path.read_text("utf-8"))["Env"].split(", ")
    read = variables_read(parsed(path))

    assert sorted(listed) == sorted(read)
    assert len(set(read)) == len(read), "each is read once"


@every_sample
def test_docstring_names_every_other_host_that_is_called(path: Path) -> None:
    hosts = {
        urlsplit(node.value).hostname
        for call in calls_to(parsed(path), "httpx2")
        for node in ast.walk(call)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith(("http:", "https:"))
    }
    named = docstring_fields(path.read_text("utf-8")).get("Net", "")

    assert set(re.findall(r"[\w-]+(?:\.[\w-]+)+", named)) == hosts


# The environment


@every_sample
def test_environment_is_read_by_subscript_only(path: Path) -> None:
    tree = parsed(path)
    mentions = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and ast.unparse(node) in ("os.environ", "os.environb", "os.getenv", "os.putenv")
    ]

    assert len(mentions) == len(variables_read(tree))
    assert not {"environ", "getenv", "dotenv_values"} & {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


@every_sample
def test_variables_are_read_before_the_lesson_begins(path: Path) -> None:
    body = parsed(path).body
    [client] = [
        index
        for index, node in enumerate(body)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "client"
    ]

    for node in body[client + 1 :]:
        assert variables_read(node) == []


@every_sample
def test_dotenv_is_loaded_right_after_the_imports(path: Path) -> None:
    _docstring, *body = parsed(path).body
    after_imports = next(
        node for node in body if not isinstance(node, ast.Import | ast.ImportFrom)
    )

    assert ast.unparse(after_imports) == "load_dotenv()"


def test_env_sample_has_every_variable_that_is_read_and_no_other() -> None:
    read = {name for path in SAMPLES for name in variables_read(parsed(path))}

    assert set(dotenv_values(ROOT / ".env.sample", interpolate=False)) == read


# The code


@every_sample
def test_nothing_is_built_that_a_reader_must_look_past(path: Path) -> None:
    assert not imported_modules(path) & {"argparse", "logging", "importlib", "runpy"}
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ClassDef):
            assert [ast.unparse(base) for base in node.bases] == ["BaseModel"]
        if isinstance(node, ast.ExceptHandler):
            assert node.type, "a bare except"
            caught = {ast.unparse(name) for name in ast.walk(node.type)}
            assert not caught & {"Exception", "BaseException"}


@every_sample
def test_only_an_app_has_a_main_guard(path: Path) -> None:
    guards = [
        node
        for node in parsed(path).body
        if isinstance(node, ast.If) and "__name__" in ast.unparse(node.test)
    ]

    assert len(guards) == (1 if path.name in GRADIO_NAMES else 0)


@every_sample
def test_no_deployment_is_named(path: Path) -> None:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not DEPLOYMENT.search(node.value), node.value


@every_sample
def test_no_parameter_is_given_its_default_value(path: Path) -> None:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call):
            given = {ast.unparse(keyword) for keyword in node.keywords}
            assert not given & {"n=1", "stop=None", "stream=False", "store=True"}


@every_sample
def test_comments_are_at_most_one_in_ten_lines(path: Path) -> None:
    source = HEADER.sub("", path.read_text("utf-8"))
    comments = [
        token
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT and token.line.lstrip().startswith("#")
    ]

    assert len(comments) <= math.ceil(len(source.splitlines()) / 10)


@every_sample
def test_there_is_no_pictogram(path: Path) -> None:
    assert not [
        character
        for character in path.read_text("utf-8")
        if unicodedata.category(character) in ("So", "Sk") and character not in "^`"
    ]


def test_half_of_the_samples_have_at_most_forty_lines() -> None:
    lengths = [len(path.read_text().splitlines()) for path in SAMPLES]
    assert median(lengths) <= 40


def test_an_app_is_read_in_one_go() -> None:
    lengths = {
        name: len((FOLDER / name).read_text().splitlines()) for name in GRADIO_NAMES
    }
    assert max(lengths.values()) <= 94, lengths
