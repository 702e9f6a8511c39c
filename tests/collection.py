"""Which samples there are, and where: what the tests of the whole collection share."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "python"

# Published and linked from elsewhere: a name here is never changed. The order is that
# of the README's table within each group, the one in which they are best read.
PUBLISHED = (
    # Start here
    "responses-basic-aoai-v1.py",
    "responses-basic-aoai.py",
    "responses-basic-entra-aoai-v1.py",
    "responses-basic-entra-aoai.py",
    "responses-basic-async-entra-aoai-v1.py",
    "responses-errors-aoai-v1.py",
    "responses-errors-aoai.py",
    # Conversations and what is kept
    "responses-conversation-aoai-v1.py",
    "responses-conversation-aoai.py",
    "responses-basic-stateless-aoai-v1.py",
    "responses-stored-aoai-v1.py",
    "responses-stored-aoai.py",
    "responses-compact-aoai-v1.py",
    "responses-websocket-aoai-v1.py",
    # Streaming and long answers
    "responses-stream-sse-aoai-v1.py",
    "responses-stream-sse-aoai.py",
    "responses-stream-async-aoai-v1.py",
    "responses-stream-async-aoai.py",
    "responses-background-aoai-v1.py",
    "responses-background-stream-aoai-v1.py",
    "responses-webhook-aoai-v1.py",
    "responses-batch-aoai-v1.py",
    "responses-research-aoai-v1.py",
    # Shape of the answer
    "responses-structured-aoai-v1.py",
    "responses-structured-aoai.py",
    "responses-reasoning-aoai-v1.py",
    "responses-reasoning-aoai.py",
    "responses-reasoning-stream-aoai-v1.py",
    "responses-reasoning-stream-aoai.py",
    "responses-custom-grammar-aoai-v1.py",
    # Your own tools
    "responses-function-weather-aoai-v1.py",
    "responses-function-weather-aoai.py",
    "responses-function-stream-aoai-v1.py",
    "responses-function-stream-aoai.py",
    "responses-function-pydantic-aoai-v1.py",
    "responses-function-pydantic-aoai.py",
    "responses-function-choice-aoai-v1.py",
    "responses-function-stateless-aoai-v1.py",
    "responses-tool-search-aoai-v1.py",
    "responses-shell-local-aoai-v1.py",
    "responses-computer-aoai-v1.py",
    # Tools the service runs
    "responses-websearch-aoai-v1.py",
    "responses-websearch-entra-aoai-v1.py",
    "responses-websearch-stream-sse-aoai-v1.py",
    "responses-filesearch-aoai-v1.py",
    "responses-filesearch-aoai.py",
    "responses-filesearch-filters-aoai-v1.py",
    "responses-codeinterpreter-aoai-v1.py",
    "responses-codeinterpreter-entra-aoai-v1.py",
    "responses-codeinterpreter-files-aoai-v1.py",
    "responses-image-generate-aoai-v1.py",
    "responses-image-generate-entra-aoai-v1.py",
    "responses-shell-hosted-aoai-v1.py",
    "responses-skills-aoai-v1.py",
    "responses-multi-agent-aoai-v1.py",
    # MCP
    "responses-mcp-aoai-v1.py",
    "responses-mcp-entra-aoai-v1.py",
    "responses-mcp-approval-aoai-v1.py",
    "responses-mcp-auth-aoai-v1.py",
    "responses-mcp-auth-entra-aoai-v1.py",
    # Pictures and files
    "responses-image-aoai-v1.py",
    "responses-image-aoai.py",
    "responses-imageurl-aoai-v1.py",
    "responses-imageurl-aoai.py",
    "responses-image-upload-aoai-v1.py",
    "responses-pdfupload-base64-aoai-v1.py",
    "responses-pdfupload-base64-entra-aoai-v1.py",
    "responses-pdfupload-aoai-v1.py",
    "responses-pdfupload-aoai-entra-v1.py",
    # Cost, speed, safety
    "responses-cache-aoai-v1.py",
    "responses-priority-aoai-v1.py",
    "responses-flex-aoai-v1.py",
    "responses-ratelimit-async-aoai-v1.py",
    "responses-contentfilter-aoai-v1.py",
    # Chat apps
    "responses-conversation-stream-gradio-v1.py",
    "responses-conversation-stream-gradio.py",
    "responses-mcp-mslearn-gradio-aoai-v1.py",
)

GROUPS = (
    "Start here",
    "Conversations and what is kept",
    "Streaming and long answers",
    "Shape of the answer",
    "Your own tools",
    "Tools the service runs",
    "MCP",
    "Pictures and files",
    "Cost, speed, safety",
    "Chat apps",
)
FIELDS = ("Group", "Auth", "Env", "Net", "Reads", "Needs", "Docs")

# An empty one has a meaning of its own, which `.env.sample` tells.
MAY_BE_EMPTY = ("OPENAI_WEBHOOK_SECRET",)

SAMPLES = sorted(FOLDER.glob("responses-*.py"))
APPS = [path for path in SAMPLES if "\nGroup: Chat apps\n" in path.read_text("utf-8")]


@cache  # each rule, and each table, asks anew
def docstring_of(source: str) -> str:
    """A sample's docstring; an empty text if it has none."""
    return ast.get_docstring(ast.parse(source)) or ""


def first_line(source: str) -> str:
    """What a sample's reader gets, in one sentence."""
    return docstring_of(source).partition("\n")[0]


def docstring_fields(source: str) -> dict[str, str]:
    """The `FIELDS` of a sample's docstring, continuation lines joined."""
    fields: dict[str, str] = {}
    field = ""
    for line in docstring_of(source).splitlines()[1:]:
        name, colon, value = line.partition(":")
        if colon and line[:1].isalpha():
            field = name
            fields[field] = value.strip()
        elif line[:1] == " " and field:
            fields[field] += f" {line.strip()}"
    return fields


def variables_read(tree: ast.AST) -> list[str]:
    """The names in `os.environ["NAME"]`, in the order of the file."""
    return [
        node.slice.value
        for node in sorted(
            (node for node in ast.walk(tree) if isinstance(node, ast.Subscript)),
            key=lambda node: (node.lineno, node.col_offset),
        )
        if ast.unparse(node.value) == "os.environ"
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
    ]


def variables_read_by(path: Path) -> list[str]:
    """The names of the variables that a sample reads."""
    return list(_variables_in(path.read_text(encoding="utf-8")))


@cache
def _variables_in(source: str) -> tuple[str, ...]:
    return tuple(variables_read(ast.parse(source)))
