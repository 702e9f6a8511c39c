"""What is installed on request only: the extras, and what is said where one is missing.

A reader of PDFs or a drawer of pictures is heavy, and few need all of it. Each extra is
named as in pyproject.toml. Whoever asks for what it would bring is told its name and
the command that brings it: over HTTP in the service's shape, on the command line in one
sentence.
"""

import shlex
import sys
from importlib.util import find_spec
from subprocess import list2cmdline

from responses_emulator.errors import ServiceError, invalid_request

DISTRIBUTION = "azure-openai-responses-emulator"
# The modules that each brings.
EXTRAS = {
    "client": ("httpx2",),
    "documents": ("pypdfium2", "pypdf", "defusedxml"),
    "grammars": ("lark", "regex"),
    "mcp": ("mcp", "httpx2", "pydantic"),
    "patterns": ("regex",),
    "pictures": ("PIL",),
    "programs": ("pydantic_monty",),
    "schemas": ("jsonschema_rs",),
    "skills": ("yaml",),
    "uploads": ("python_multipart",),
    "websocket": ("websockets",),
}


def need(extra: str, purpose: str, param: str | None = None) -> None:
    """Refuse, if the extra is missing, what it is needed for; `purpose` says what.

    Raises ServiceError: to the client it is one more thing that is not supported here.
    """
    if not is_there(extra):
        raise refusal(extra, purpose, param)


def is_there(extra: str) -> bool:
    """Whether all modules of an extra can be imported."""
    return all(find_spec(module) for module in EXTRAS[extra])


def refusal(extra: str, purpose: str, param: str | None = None) -> ServiceError:
    """The error of a request that needs an extra which is not there."""
    return invalid_request(missing(extra, purpose), param, "not_supported_by_emulator")


def missing(extra: str, purpose: str) -> str:
    """One sentence: for this purpose that extra is needed, and this command brings it.

    `purpose` begins a sentence: "To read a PDF".
    """
    brings = pip_install(f"{DISTRIBUTION}[{extra}]")
    return (
        f"{purpose} the emulator needs its extra '{extra}', which is not installed; "
        f"this brings it: {brings}"
    )


def pip_install(*arguments: str, python: str = sys.executable) -> str:
    """The command that installs something for a Python, to be pasted into a shell.

    An environment that uv has made has no pip; uv can fill it.
    """
    if python != sys.executable or find_spec("pip"):
        command = [python, "-m", "pip", "install", *arguments]
    else:
        command = ["uv", "pip", "install", "--python", python, *arguments]
    return list2cmdline(command) if sys.platform == "win32" else shlex.join(command)
