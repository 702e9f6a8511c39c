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
from responses_emulator import extras
from responses_emulator.account import KEY, MCP_KEY, environment
from responses_emulator.adapters.app import App
from responses_emulator.adapters.server import serving
from responses_emulator.core import Emulator
from responses_emulator.http import Reply, Request
from responses_emulator.multipart import Upload, read_parts
from responses_emulator.observers.curl import BASE, MAX_WORD, Curl, command
from responses_emulator.observers.observe import Exchange
from responses_emulator.store import Kept

MODEL = "gpt-6-luna"
BEARER = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
SECRET = "s3cr3t-of-mine"
BEARER_OF = "authorization: Bearer $AZURE_OPENAI_"
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
    whole: dict[str, Any] = {
        "method": "POST",
        "target": "/openai/v1/responses",
        "headers": BEARER,
    }
    sent = body if isinstance(body, bytes) else b""
    if isinstance(body, dict):
        sent = orjson.dumps(body)
    whole["body"] = sent
    return Request(**whole | changed)


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


def test_a_command_reads_like_this() -> None:
    headers = {
        "host": "x",
        "user-agent": "y",
        "accept": "*/*",
        "api-key": KEY,
        "content-type": "application/json",
        "openai-beta": "a=b",
        "x-ms-client-request-id": "1",
        "x-emulator-fault": "delay:ms=5",
    }
    sent = asked({"model": MODEL, "stream": True}, headers=headers)
    assert (
        command(sent)
        == """\
curl "${AZURE_OPENAI_API_ENDPOINT%/}/openai/v1/responses" \\
  -H "api-key: $AZURE_OPENAI_API_KEY" \\
  -H 'content-type: application/json' \\
  -H 'openai-beta: a=b' \\
  -H 'x-ms-client-request-id: 1' \\
  -H 'x-emulator-fault: delay:ms=5' \\
  -N \\
  -d '{"model":"gpt-6-luna","stream":true}'"""
    )


@pytest.mark.parametrize(
    ("header", "shown"),
    [
        ("authorization: Bearer a.b.c", f'"{BEARER_OF}AD_TOKEN"'),
        ("authorization: bearer a.b", f'"{BEARER_OF}API_KEY"'),
        ("authorization: Bearer a.b.c.d", f'"{BEARER_OF}API_KEY"'),
        ("authorization: Basic YTpi", "'authorization: Basic ***'"),
        ("api-key: a.b.c", '"api-key: $AZURE_OPENAI_API_KEY"'),
        ("x-apikey: k", '"x-apikey: $MCP_API_KEY"'),
        ("x-identity-header: h", '"x-identity-header: $IDENTITY_HEADER"'),
        ("x-ms-token: t", "'x-ms-token: ***'"),
    ],
)
def test_a_key_is_the_variable_that_holds_it(header: str, shown: str) -> None:
    name, _, value = header.partition(": ")
    written = command(asked(method="GET", headers={name: value}))
    assert written.split(" \\\n  ")[1:] == [f"-H {shown}"]


@pytest.mark.parametrize(
    ("method", "words"),
    [
        ("GET", []),
        ("HEAD", ["-I"]),
        ("DELETE", ["-X DELETE"]),
        ("POST", ["-H 'content-type:'", "-d ''"]),
        ("PUT", ["-X PUT", "-H 'content-type:'", "-d ''"]),
        ("PATCH", ["-X PATCH", "-H 'content-type:'", "-d ''"]),
    ],
)
def test_the_method_is_told_where_curl_would_take_another(
    method: str, words: list[str]
) -> None:
    written = command(asked(method=method, headers={}))
    assert written.split(" \\\n  ")[1:] == words


def test_what_is_empty_has_the_type_that_it_has() -> None:
    headers = {"content-type": "text/plain"}
    written = command(asked(headers=headers))
    assert written.split(" \\\n  ")[1:] == ["-H 'content-type: text/plain'", "-d ''"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_body_makes_it_a_post_unless_it_is_told(method: str) -> None:
    written = command(asked({}, method=method, headers={}))
    assert written.split(" \\\n  ")[1:] == [f"-X {method}", "-d '{}'"]


@pytest.mark.parametrize("space", ["", " "])
def test_a_stream_is_printed_as_it_comes(space: str) -> None:
    streamed = b'{"stream":' + space.encode() + b"true}"
    assert " -N \\\n" in command(asked(streamed))
    assert " -N" not in command(asked(streamed.replace(b"true", b"false")))


def body_of(request: Request) -> str:
    """The last word of the command, with what says how it is to be read."""
    return command(request, 7).rpartition(" \\\n  ")[2]


def test_commands_are_a_line_apart() -> None:
    stream = io.StringIO()
    curl = Curl(stream)
    requests = [asked(b"\xff"), asked(method="GET")]
    for number, request in enumerate(requests, 5):
        curl.asked(Exchange(number, request))
    assert stream.getvalue().split("\n\n") == [
        command(requests[0], 5),
        command(requests[1], 6),
        "",
    ]


def test_what_is_too_long_for_a_word_is_handed_on_by_the_shell() -> None:
    assert MAX_WORD + len(BASE) + 1_000 < 128 * 2**10  # Linux allows no more
    for letter in ("a", "\u00e4"):
        fits = letter * ((MAX_WORD - 2) // len(letter.encode()))
        whole, longer = (f'"{fits}{more}"' for more in ("", "!"))
        assert body_of(asked(whole.encode())) == f"-d '{whole}'"
        assert body_of(asked(longer.encode())) == (
            f"--data-binary @- <<'JSON'\n\"{fits}\\u0021\"\nJSON"
        )


def test_a_body_that_is_no_json_is_a_word_as_far_as_a_shell_can_take_it() -> None:
    by_name = "--data-binary @request-7.bin"
    assert body_of(asked(b"@a 'b")) == "--data-raw '@a '\\''b'"
    assert body_of(asked(b"a" * MAX_WORD)) == f"--data-raw '{'a' * MAX_WORD}'"
    assert command(asked(b"\xff")).endswith("--data-binary @request-1.bin")
    for body in (b"a" * (MAX_WORD + 1), b"a\tb", "\u00e4".encode(), b"\xff"):
        assert body_of(asked(body)) == by_name
    assert body_of(asked(b"[" * 100_000)) == f"--data-raw '{'[' * 100_000}'"


def test_what_a_terminal_would_act_on_is_written_out() -> None:
    target = command(asked(target='/a?b=$c`!\\[d]{e}"#~', method="GET", headers={}))
    assert target == (
        'curl "${AZURE_OPENAI_API_ENDPOINT%/}/a?b=%24c%60%21%5C%5Bd%5D%7Be%7D%22#~"'
    )
    body = b'["it\'s \x7f\xe2\x80\xae \\\\"]'
    assert body_of(asked(body)) == r"""-d '["it'\''s \u007f\u202e \\"]'"""
    header = command(asked(method="GET", headers={"x-ms-a": "it's \x1b\\ \u202e"}))
    assert header.endswith(r"""-H $'x-ms-a: it\'s \x1b\\ \xe2\x80\xae'""")
    assert "%1B%E2%80%AE" in command(asked(target="/a\x1b\u202e", method="GET"))


def test_a_file_is_named_as_curl_reads_it() -> None:
    def named(filename: str, type: str = "") -> str:
        sent = (
            '--b\r\nContent-Disposition: form-data; name="file"; '
            f'filename="{filename}"\r\n'
            + (f"Content-Type: {type}\r\n" if type else "")
            + "\r\nhi\r\n--b--\r\n"
        )
        headers = {"content-type": "Multipart/form-data; boundary=b"}
        words = command(asked(sent.encode(), headers=headers)).split(" \\\n  ")
        assert len(words) == 2  # its type is curl's own, with its own boundary
        return words[1]

    assert named("a-b_1.txt") == "-F 'file=@a-b_1.txt'"
    assert named("a.txt", "text/plain") == "-F 'file=@a.txt;type=text/plain'"
    assert named("a b.txt") == """-F 'file=@"a b.txt"'"""
    assert named("x/a.txt", "a/b") == """-F 'file=@a.txt;type=a/b;filename="x/a.txt"'"""
    assert named("") == "-F 'file=@file'"
    assert named("x/") == """-F 'file=@file;filename="x/"'"""
    assert named("a\\\\b") == r"""-F 'file=@b;filename="a\\b"'"""
    assert named(r"a\"b") == r"""-F 'file=@"a\"b"'"""


def test_a_form_that_cannot_be_read_is_a_file_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent = form(("file", ("a.txt", b"hi", "text/plain")), purpose="it's @this")
    assert command(sent).split(" \\\n  ")[2:] == [
        "--form-string 'purpose=it'\\''s @this'",
        "-F 'file=@a.txt;type=text/plain'",
    ]
    monkeypatch.setattr(extras, "is_there", lambda extra: extra != "uploads")
    assert body_of(sent) == "--data-binary @request-7.bin"
    assert "content-type: multipart/form-data; boundary=" in command(sent)
