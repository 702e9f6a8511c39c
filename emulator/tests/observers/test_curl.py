"""`--wire=curl`: what it prints, pasted into a shell, asks for the same again."""

import io
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from emulator.tests.subprocesses import ROOT, RUN, done
from responses_emulator.account import KEY, MCP_KEY, environment
from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.core import Emulator
from responses_emulator.http import Reply, Request
from responses_emulator.multipart import Upload, read_parts
from responses_emulator.observers.curl import MAX_WORD, Curl, command
from responses_emulator.observers.observe import Exchange
from responses_emulator.store import Kept

MODEL = "gpt-6-luna"
BEARER = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
SECRET = "s3cr3t-of-mine"
needs_curl = pytest.mark.skipif(
    not shutil.which("curl") or not shutil.which("bash"), reason="no curl or no bash"
)


class Service:
    """A served emulator, and the requests that have come."""

    def __init__(self, url: str, came: list[Request]) -> None:
        self.url = url
        self.came = came

    def paste(self, text: str, folder: Path) -> str:
        """Run a text in bash, where the variables lead here; gives what it prints.

        It is read from stdin, as from a terminal, history and all.
        """
        done = subprocess.run(
            ["bash", "--noprofile", "--norc"],
            input=f"set -o history -o histexpand\n{text}\n",
            cwd=folder,
            env=os.environ | environment(self.url),
            capture_output=True,
            encoding="utf-8",
            timeout=20,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def service() -> Iterator[Service]:
    emulator = Emulator()
    came: list[Request] = []

    def handle(request: Request) -> Reply:
        came.append(request)
        return emulator.handle(request)

    with serving(App(emulator, handle=handle)) as url:
        yield Service(url, came)


def asked(body: object = None, **changed: Any) -> Request:
    whole = {"method": "POST", "target": "/openai/v1/responses", "headers": BEARER}
    sent = body if isinstance(body, bytes) else b""
    if isinstance(body, dict):
        sent = orjson.dumps(body)
    return Request(**whole | {"body": sent} | changed)


def form(*files: tuple[str, tuple[str, bytes, str]], **fields: str) -> Request:
    """A form as a client sends it."""
    sent = httpx2.Request("POST", "http://x/", data=fields, files=list(files))
    headers = {"api-key": KEY, "content-type": sent.headers["content-type"]}
    return asked(target="/openai/v1/files", headers=headers, body=sent.read())


@needs_curl
@pytest.mark.parametrize(
    "request_",
    [
        asked({"model": MODEL, "input": 'It\'s "$HOME" `ls` \\ !! ünï\n\t\x1b[31m'}),
        asked({"model": MODEL, "input": "@file", "stream": True}),
        asked({"model": MODEL, "input": "Hi! !$ " + "a'b!\n" * (MAX_WORD // 4)}),
        asked({"model": MODEL, "input": "x"}, headers={**BEARER, "x-ms-a": "it's $1"}),
        asked(method="GET", target="/openai/v1/models"),
        asked(method="GET", target="/openai/v1/files?after=$x`!\\&include[]=a&b={c}"),
        asked(method="DELETE", target="/openai/v1/responses/resp_1"),
        asked(target="/openai/v1/responses/resp_1/cancel", headers={"api-key": KEY}),
        asked(target="/openai/v1/responses/resp_1/cancel"),
        asked(body=b'{not json: it\'s "x" !}'),
        asked(body=b'{\n  "model": "gpt-6-luna",\n  "input": "Hi."\n}'),
    ],
)
def test_what_is_pasted_asks_for_the_same_again(
    service: Service, tmp_path: Path, request_: Request
) -> None:
    service.paste(command(request_), tmp_path)
    [came] = service.came
    assert (came.method, came.path) == (request_.method, request_.path)
    assert came.query_lists == request_.query_lists
    for name, value in request_.headers.items():
        assert came.headers[name] == value
    assert came.headers.get("content-type") == request_.headers.get("content-type")
    if came.body != request_.body:  # as JSON it is the same
        assert orjson.loads(came.body) == orjson.loads(request_.body)


@needs_curl
def test_files_of_a_form_are_named_and_read_where_it_is_pasted(
    service: Service, tmp_path: Path
) -> None:
    names = ["handbook.pdf", "a; b, c's.txt", "skill/SKILL.md"]
    for name in names:
        (tmp_path / Path(name).name).write_bytes(name.encode())
    sent = form(
        *[("files", (name, name.encode(), "text/plain")) for name in names],
        **{"purpose": "assistants", "expires_after[anchor]": "@created;at"},
    )
    service.paste(command(sent), tmp_path)
    [came] = service.came
    assert read_parts(came) == read_parts(sent)
    files = [part for _, part in read_parts(came) if isinstance(part, Upload)]
    assert [file.filename for file in files] == names
    assert "handbook.pdf" not in command(sent).replace("@handbook.pdf", "")


@needs_curl
@pytest.mark.parametrize(
    "type", ["application/json", "multipart/form-data; boundary=b"]
)
def test_a_body_that_is_no_text_is_named(
    service: Service, tmp_path: Path, type: str
) -> None:
    sent = asked(b"\x89PNG\r\n\0", headers={**BEARER, "content-type": type})
    (tmp_path / "request-7.bin").write_bytes(sent.body)
    service.paste(command(sent, 7), tmp_path)
    [came] = service.came
    assert (came.body, came.headers["content-type"]) == (sent.body, type)


@needs_curl
@pytest.mark.parametrize(
    "sample", ["responses-stream-sse-aoai.py", "responses-pdfupload-aoai-v1.py"]
)
def test_the_requests_of_a_sample_can_be_pasted(
    service: Service, tmp_path: Path, sample: str
) -> None:
    ended = done(*RUN, "--wire=curl", f"python/{sample}")
    assert ended.returncode == 0, ended.stderr
    first = ended.stderr.split("\n\n")[0]  # the others have ids of that emulator
    for path in (ROOT / "assets").iterdir():
        if path.name in first:
            shutil.copy(path, tmp_path)
    service.paste(first.replace("curl ", "curl -sS --fail ", 1), tmp_path)


def test_no_secret_is_printed() -> None:
    tool = {
        "type": "mcp",
        "server_label": "x",
        "server_url": f"https://me:{SECRET}@x.example/?key={SECRET}",
        "authorization": SECRET,
        "headers": {"x-apikey": SECRET},
    }
    headers = {
        "authorization": "Bearer a.b.c",
        "api-key": SECRET,
        "x-apikey": MCP_KEY,
        "cookie": SECRET,
        "x-identity-header": SECRET,
        "x-ms-token": SECRET,
        "content-type": "application/json",
    }
    stream = io.StringIO()
    curl = Curl(stream)
    for body in (orjson.dumps({"tools": [tool]}), orjson.dumps({"tools": [tool]})[:-1]):
        target = f"/openai/v1/responses?api-key={SECRET}"
        sent = Request("POST", target, headers, body)
        curl.asked(Exchange(1, sent))
    curl.asked(Exchange(1, Request("POST", f"http://127.0.0.1/{SECRET}")))
    printed = stream.getvalue()
    assert SECRET not in printed and MCP_KEY not in printed and "a.b.c" not in printed
    for variable in (
        "AZURE_OPENAI_AD_TOKEN",
        "AZURE_OPENAI_API_KEY",
        "MCP_API_KEY",
        "IDENTITY_HEADER",
    ):
        assert f"${variable}" in printed


def test_a_message_over_a_websocket_is_told_to_be_one() -> None:
    emulator = Emulator()
    sent = asked({"model": MODEL, "input": "Hi."})
    sent.kept = Kept(emulator.store.kept)
    assert command(sent).startswith("# Sent over a WebSocket.\ncurl ")
