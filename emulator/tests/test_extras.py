"""What comes with an extra is refused by name without it, and nothing else is."""

import ast
import base64
import shlex
import socket
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from emulator.tests.conftest import Client
from emulator.tests.subprocesses import done
from responses_emulator import extras
from responses_emulator.account import IMAGE_MODEL, KEY
from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.commands import needs
from responses_emulator.core import Emulator
from responses_emulator.http import Request

PROJECT = Path(__file__).parent.parent
SOURCE = PROJECT / "src" / "responses_emulator"
OF_DEVELOPERS = SOURCE / "contract" / "generate.py"  # which nothing imports
# What has no module of its own, and brings the one that has.
BRINGS = {"pydantic-monty": "pydantic-monty-client"}
CODE = {"type": "code_interpreter", "container": {"type": "auto"}}
LARK = {"type": "grammar", "syntax": "lark", "definition": 'start: "a"'}
REGEX = {"type": "grammar", "syntax": "regex", "definition": "a+"}
MCP = {"type": "mcp", "server_label": "a", "server_url": "http://localhost/mcp"}
PNG = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
FORM = (
    '--x\r\ncontent-disposition: form-data; name="purpose"\r\n\r\n'
    "assistants\r\n--x\r\n"
    'content-disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'
    "Hello.\r\n--x--\r\n"
)


def declared() -> dict[str, Any]:
    return tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]


def without(extra: str, patch: pytest.MonkeyPatch) -> None:
    """Have nothing of an extra be there."""
    for module in extras.EXTRAS[extra]:
        patch.setitem(sys.modules, module, None)


def file(name: str, content: bytes) -> list[dict[str, Any]]:
    data = f"data:application/octet-stream;base64,{base64.b64encode(content).decode()}"
    part = {"type": "input_file", "filename": name, "file_data": data}
    return [{"role": "user", "content": [part]}]


def picture() -> list[dict[str, Any]]:
    content = [{"type": "input_image", "image_url": PNG}]
    return [{"role": "user", "content": content}]


# The table


def test_the_extras_and_what_they_bring_are_those_of_the_project() -> None:
    optional = declared()["optional-dependencies"]
    [everything] = [Requirement(each) for each in optional.pop("all")]
    assert everything.name == declared()["name"] == extras.DISTRIBUTION
    assert everything.extras == set(optional) == set(extras.EXTRAS)
    of_module = packages_distributions()
    for extra, modules in extras.EXTRAS.items():
        names = [canonicalize_name(Requirement(each).name) for each in optional[extra]]
        brought = {BRINGS.get(name, name) for name in names}
        assert brought == {canonicalize_name(of_module[name][0]) for name in modules}


def test_what_is_imported_is_needed_always_or_comes_with_an_extra() -> None:
    imported: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        if path == OF_DEVELOPERS:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(str(node.module).partition(".")[0])
    others = imported - sys.stdlib_module_names - {"responses_emulator", "pytest"}
    always = {Requirement(each).name for each in declared()["dependencies"]}
    assert set(needs.PACKAGES) == always
    brought = {module for modules in extras.EXTRAS.values() for module in modules}
    assert others == always | brought


# Over HTTP


@pytest.mark.parametrize(
    ("extra", "what", "body"),
    [
        ("documents", "To read a PDF", {"input": file("a.pdf", b"%PDF-1.4")}),
        ("documents", "To read a Word file", {"input": file("a.docx", b"PK")}),
        ("documents", "To read a PowerPoint file", {"input": file("a.pptx", b"PK")}),
        ("mcp", "To use an MCP server", {"tools": [MCP]}),
        ("pictures", "To look at a picture", {"input": picture()}),
        ("pictures", "To draw a picture", {"tools": [{"type": "image_generation"}]}),
        ("programs", "To run a program", {"tools": [CODE]}),
        (
            "grammars",
            "To write what a Lark grammar takes",
            {"tools": [{"type": "custom", "name": "a", "format": LARK}]},
        ),
    ],
)
def test_a_request_that_needs_an_extra_is_refused_by_its_name(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    extra: str,
    what: str,
    body: dict[str, Any],
) -> None:
    without(extra, monkeypatch)
    asked = {"model": client.model, "input": "Hello.", **body}
    header = {"x_ms_oai_image_generation_deployment": IMAGE_MODEL}
    status, error = client.error("POST", "/responses", asked, **header)
    assert (status, error["code"]) == (400, "not_supported_by_emulator")
    assert error["message"].startswith(f"{what} the emulator needs its extra '{extra}'")
    assert f"azure-openai-responses-emulator[{extra}]" in error["message"]


def test_what_needs_no_extra_goes_on(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for extra in extras.EXTRAS:
        without(extra, monkeypatch)
    tool = {"type": "custom", "name": "a", "format": REGEX}
    assert client.create(tools=[tool])["status"] == "completed"
    assert client.create(file("a.html", b"<p>Hi.</p>"))["status"] == "completed"
    assert client.create(include=["reasoning.encrypted_content"], store=False)


def test_an_upload_and_a_skill_are_refused_by_name(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    skill = FORM.replace('"file"', '"files[]"').replace("a.txt", "a/SKILL.md")
    skill = skill.replace("Hello.", "---\nname: a\ndescription: b\n---\n")
    _, purpose, rest = skill.split("--x\r\n")
    assert "assistants" in purpose
    form = {"api-key": KEY, "content-type": "multipart/form-data; boundary=x"}

    def refused(path: str, body: str) -> str:
        request = Request("POST", f"/openai/v1{path}", form, body.encode())
        reply = client.emulator.handle(request)
        assert isinstance(reply.body, bytes) and reply.status == 400
        return reply.body.decode()

    with monkeypatch.context() as patch:
        without("skills", patch)
        assert "[skills]" in refused("/skills", f"--x\r\n{rest}")
    without("uploads", monkeypatch)
    assert "[uploads]" in refused("/files", FORM)


def test_a_websocket_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    without("websocket", monkeypatch)
    with serving(App(Emulator())) as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(
                f"GET /openai/v1/responses HTTP/1.1\r\nhost: {host}\r\n"
                f"api-key: {KEY}\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
                "sec-websocket-version: 13\r\n"
                "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
            )
            reply = connection.makefile("rb").read().decode()
    assert reply.startswith("HTTP/1.1 400 ")
    assert "not_supported_by_emulator" in reply and "[websocket]" in reply


# In Python and on the command line


def blocked(*modules: str, then: str) -> subprocess.CompletedProcess[str]:
    code = f"import sys; sys.modules.update(dict.fromkeys({modules})); {then}"
    return done(sys.executable, "-c", code)


def test_in_a_test_httpx2_need_not_be_there() -> None:
    asks = (
        "import os, urllib.request\n"
        "from responses_emulator.testing import running\n"
        "with running() as emulator:\n"
        "    url = os.environ['AZURE_OPENAI_API_ENDPOINT']\n"
        "    print(urllib.request.urlopen(url).status, len(emulator.requests))"
    )
    done = blocked("httpx2", then=f"exec({asks!r})")
    assert (done.stdout, done.stderr) == ("200 1\n", "")


def test_the_transport_of_httpx2_says_what_it_needs() -> None:
    done = blocked("httpx2", then="import responses_emulator.adapters.transport")
    sentence = done.stderr.splitlines()[-1]
    assert "its extra 'client', which is not installed" in sentence
    assert "[client]" in sentence


def test_on_the_command_line_it_is_one_sentence_and_status_2(tmp_path: Path) -> None:
    imports = "from responses_emulator.commands.command_line import main"
    call = f"sys.exit(main(['tour', {str(tmp_path)!r}]))"
    done = blocked("httpx2", then=f"{imports}; {call}")
    assert (done.returncode, done.stdout) == (2, "")
    [sentence] = done.stderr.splitlines()
    assert sentence.startswith("To talk to chat apps the emulator needs its extra")


def test_an_environment_without_pip_is_filled_by_uv(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with_pip = shlex.split(extras.pip_install("a[b]", python="/x/python"))
    assert with_pip == ["/x/python", "-m", "pip", "install", "a[b]"]
    monkeypatch.setitem(sys.modules, "pip", None)
    without_pip = shlex.split(extras.pip_install("a[b]"))
    assert without_pip == ["uv", "pip", "install", "--python", sys.executable, "a[b]"]


@pytest.mark.parametrize(
    ("platform", "quoted"), [("linux", "'a[b]'"), ("win32", "a[b]")]
)
def test_a_command_is_written_for_the_shell_of_this_machine(
    monkeypatch: pytest.MonkeyPatch, platform: str, quoted: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    command = extras.pip_install("a[b]", python="/x/python")
    assert command == f"/x/python -m pip install {quoted}"


def test_a_refusal_says_what_brings_it() -> None:
    error = extras.refusal("documents", "To read a PDF", "input").body["error"]
    name = "azure-openai-responses-emulator[documents]"
    assert error == {
        "message": "To read a PDF the emulator needs its extra 'documents', which is "
        f"not installed; this brings it: {extras.pip_install(name)}",
        "type": "invalid_request_error",
        "param": "input",
        "code": "not_supported_by_emulator",
    }
    extras.need("documents", "To read a PDF")  # which is there
