"""The rules for samples (CONTRIBUTING.md), each as a test that names who breaks it."""

import ast
import re
import sys
import tomllib
import unicodedata
from collections import defaultdict
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from dotenv import dotenv_values

from scripts import bounds
from tests.collection import (
    APPS,
    FIELDS,
    FOLDER,
    GROUPS,
    PUBLISHED,
    ROOT,
    SAMPLES,
    docstring_fields,
    first_line,
    variables_read,
)

HEADER = re.compile(r"\A# /// script\n(?P<content>(?:#(?: .*)?\n)+?)# ///\n")
DEPLOYMENT = re.compile(r"\b(gpt-?\d|gpt-image|o[134]\b|o\d-|dall-e|codex|sora)")
AUTH = {"API key", "Microsoft Entra ID"}
ALWAYS = {"Group", "Auth", "Env", "Docs"}
DOCUMENTATION = {"learn.microsoft.com", "platform.openai.com"}
SECRET = re.compile(r"KEY|SECRET|TOKEN|PASSWORD")

# Where the module's name is not the distribution's.
DISTRIBUTIONS = {
    "PIL": "pillow",
    "azure.identity": "azure-identity",
    "azure.identity.aio": "azure-identity",
    "dotenv": "python-dotenv",
}
# What a module needs beside its own distribution, which installs without it.
ALSO_NEEDS = {"azure.identity.aio": "aiohttp"}

every_sample = pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)


@cache
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

    assert files == set(PUBLISHED)
    assert len(files) == len(PUBLISHED)


# The header


@every_sample
def test_header_names_what_is_imported(path: Path) -> None:
    modules = imported_modules(path)
    needed = {
        DISTRIBUTIONS.get(module, module.partition(".")[0])
        for module in modules
        if module.partition(".")[0] not in sys.stdlib_module_names
    }
    needed |= {ALSO_NEEDS[module] for module in modules & ALSO_NEEDS.keys()}

    content = header(path)
    dependencies = content["dependencies"]

    assert isinstance(dependencies, list)
    assert content == {"requires-python": ">=3.11", "dependencies": dependencies}
    assert [bounds.package(each) for each in dependencies] == sorted(needed)


@every_sample
def test_header_has_the_bounds_of_the_requirements(path: Path) -> None:
    required = bounds.requirements(bounds.text_of(bounds.REQUIREMENTS))
    source = path.read_text("utf-8")

    assert bounds.updated(source, required) == source, "`make bounds` writes them"


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
def test_docstring_has_the_fields_in_their_order(path: Path) -> None:
    fields = docstring_fields(path.read_text("utf-8"))

    assert list(fields) == [name for name in FIELDS if name in fields]
    assert fields.keys() >= ALWAYS
    assert all(fields.values()), "a field that does not apply is left out"
    assert fields["Group"] in GROUPS
    assert fields["Auth"] in AUTH
    assert (fields["Auth"] == "Microsoft Entra ID") == ("-entra-" in path.name)


@every_sample
def test_docstring_has_one_address_of_documentation(path: Path) -> None:
    address = urlsplit(docstring_fields(path.read_text("utf-8"))["Docs"])

    assert address.scheme == "https"
    assert address.hostname in DOCUMENTATION
    assert not re.search(r"\s|/[a-z]{2}-[a-z]{2}/", address.geturl()), "no language"


@every_sample
def test_docstring_lists_the_files_that_are_read_beside_the_sample(path: Path) -> None:
    """Each is a constant at the top: whoever copies the sample changes one line."""
    *before_client, _ = before_the_lesson(path)
    constants = [
        node.value
        for node in before_client
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).isupper()
    ]
    files = [file for file in map(file_beside, constants) if file]
    listed = docstring_fields(path.read_text("utf-8")).get("Reads", "")

    assert listed == ", ".join(files)
    assert all((ROOT / file).is_file() for file in files)
    assert path.read_text("utf-8").count("__file__") == len(files)


def before_the_lesson(path: Path) -> list[ast.stmt]:
    """The statements of a sample up to `client = ...`."""
    body = parsed(path).body
    [client] = [
        index
        for index, node in enumerate(body)
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "client"
    ]
    return body[: client + 1]


def file_beside(node: ast.expr) -> str:
    """The file that `Path(__file__).parent.parent / "a" / "b"` is: a/b."""
    begin = "Path(__file__).parent.parent / "
    text = ast.unparse(node)
    if not text.startswith(begin):
        return ""
    return "/".join(re.findall(r"'([^']+)'", text.removeprefix(begin)))


def test_samples_of_one_row_say_the_same_of_themselves() -> None:
    """Key and Entra, legacy and v1: one lesson, so one group, fee, page and file."""
    said: dict[str, set[str]] = defaultdict(set)
    for path in SAMPLES:
        source = path.read_text("utf-8")
        fields = docstring_fields(source)
        del fields["Auth"], fields["Env"]
        said[first_line(source)].add(str(fields))

    assert [line for line, each in said.items() if len(each) > 1] == []


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
    lesson = parsed(path).body[len(before_the_lesson(path)) :]

    assert [name for node in lesson for name in variables_read(node)] == []


@every_sample
def test_a_secret_is_read_without_what_was_pasted_around_it(path: Path) -> None:
    """A key that ends in a line break is shown in full by the HTTP library's error."""
    tree = parsed(path)
    secrets = [name for name in variables_read(tree) if SECRET.search(name)]
    stripped = [
        name
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (node.func.attr, node.args) == ("strip", [])
        for name in variables_read(node.func.value)
    ]

    assert sorted(secrets) == sorted(stripped)


@every_sample
def test_of_a_cause_only_its_kind_is_told(path: Path) -> None:
    """The text of what caused a connection error may quote the header with the key."""
    tree = parsed(path)
    kinds = [
        ast.unparse(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "__name__"
    ]
    asked = [
        ast.unparse(node.left)
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
    ]
    causes = [
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in ("__cause__", "__context__")
    ]

    assert sorted(causes) == sorted(
        [kind[5:-1] for kind in kinds if kind.startswith("type(") and "__" in kind]
        + [name for name in asked if name.endswith(("__cause__", "__context__"))]
    )
    assert not imported_modules(path) & {"traceback"}


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
            [base] = [ast.unparse(base) for base in node.bases]
            assert base in ("BaseModel", "BaseHTTPRequestHandler")
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

    assert len(guards) == (1 if path in APPS else 0)


@every_sample
def test_no_deployment_is_named(path: Path) -> None:
    _docstring, *body = parsed(path).body  # which may say what kind of model is needed
    for node in (node for statement in body for node in ast.walk(statement)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            assert not DEPLOYMENT.search(node.value), node.value


@every_sample
def test_no_parameter_is_given_its_default_value(path: Path) -> None:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call):
            given = {ast.unparse(keyword) for keyword in node.keywords}
            assert not given & {"n=1", "stop=None", "stream=False", "store=True"}


@every_sample
def test_there_is_no_pictogram(path: Path) -> None:
    assert not [
        character
        for character in path.read_text("utf-8")
        if unicodedata.category(character) in ("So", "Sk") and character not in "^`"
    ]
