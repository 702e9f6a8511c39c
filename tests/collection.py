"""Which samples there are, and where: what the tests of the whole collection share."""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "python"

# Published and linked from elsewhere: a name here is never changed.
NAMES = {
    "responses-background-aoai-v1.py",
    "responses-basic-aoai-v1.py",
    "responses-basic-aoai.py",
    "responses-basic-entra-aoai-v1.py",
    "responses-basic-entra-aoai.py",
    "responses-basic-stateless-aoai-v1.py",
    "responses-codeinterpreter-aoai-v1.py",
    "responses-codeinterpreter-entra-aoai-v1.py",
    "responses-contentfilter-aoai-v1.py",
    "responses-conversation-aoai-v1.py",
    "responses-conversation-aoai.py",
    "responses-errors-aoai-v1.py",
    "responses-errors-aoai.py",
    "responses-filesearch-aoai-v1.py",
    "responses-filesearch-aoai.py",
    "responses-function-weather-aoai-v1.py",
    "responses-function-weather-aoai.py",
    "responses-image-aoai-v1.py",
    "responses-image-aoai.py",
    "responses-image-generate-aoai-v1.py",
    "responses-image-generate-entra-aoai-v1.py",
    "responses-imageurl-aoai-v1.py",
    "responses-imageurl-aoai.py",
    "responses-mcp-aoai-v1.py",
    "responses-mcp-entra-aoai-v1.py",
    "responses-pdfupload-aoai-entra-v1.py",
    "responses-pdfupload-aoai-v1.py",
    "responses-pdfupload-base64-aoai-v1.py",
    "responses-pdfupload-base64-entra-aoai-v1.py",
    "responses-ratelimit-async-aoai-v1.py",
    "responses-reasoning-aoai-v1.py",
    "responses-reasoning-aoai.py",
    "responses-stream-async-aoai-v1.py",
    "responses-stream-async-aoai.py",
    "responses-stream-sse-aoai-v1.py",
    "responses-stream-sse-aoai.py",
    "responses-structured-aoai-v1.py",
    "responses-structured-aoai.py",
}

# The browser apps. They are on their way: each is held to the rules once it is there.
GRADIO_NAMES = {
    "responses-conversation-stream-gradio-v1.py",
    "responses-conversation-stream-gradio.py",
    "responses-mcp-mslearn-gradio-aoai-v1.py",
}

SAMPLES = sorted(FOLDER.glob("responses-*.py"))


def docstring_fields(source: str) -> dict[str, str]:
    """The `Auth:`, `Env:` and `Net:` lines of a sample, continuation lines joined."""
    fields: dict[str, str] = {}
    field = ""
    for line in (ast.get_docstring(ast.parse(source)) or "").splitlines()[1:]:
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
    return variables_read(ast.parse(path.read_text(encoding="utf-8")))
