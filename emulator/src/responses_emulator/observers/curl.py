"""Print each request as a `curl` command, to be pasted into bash or zsh.

    curl "${AZURE_OPENAI_API_ENDPOINT%/}/openai/v1/responses" \\
      -H "Authorization: Bearer $AZURE_OPENAI_API_KEY" \\
      -H 'content-type: application/json' \\
      -d '{"model": "gpt-6-luna", "input": "Hello."}'

Address and key are variables of the samples' `.env`, so that the command goes to
whatever they name: a served emulator, or a resource on Azure. What else is secret is
`***`. A file of a form is named as it was uploaded, and read from the folder in which
the command is pasted; so is a body that is no text.
"""

import json
import re
import threading
from contextlib import suppress
from typing import TextIO

from responses_emulator import extras
from responses_emulator.errors import ServiceError
from responses_emulator.http import Request
from responses_emulator.multipart import Upload, read_parts
from responses_emulator.observers.masking import (
    mask_headers,
    mask_json,
    mask_target,
    mask_text,
)
from responses_emulator.observers.observe import Exchange, Observer

BASE = '"${AZURE_OPENAI_API_ENDPOINT%%/}%s"'
# What a shell takes as one word of a command; Linux allows 128 KiB.
MAX_WORD = 100_000
_SHOWN = re.compile(
    "api-key|authorization|content-type|openai-.*|x-apikey|x-identity-header|x-ms-.*"
    "|x-emulator-fault"
)
# What means something to a shell within double quotes, or to curl in an address.
_SPECIAL = re.compile(r'[^!#-~]|["$`\\!\[\]{}]')
# A terminal acts on control characters, and shows text backwards after some others.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


class Curl(Observer):
    """Prints what was asked; replies are left to whoever pastes it."""

    keeps_body = False

    def __init__(self, stream: TextIO) -> None:
        """Print to `stream`."""
        self._stream = stream
        self._lock = threading.Lock()

    def asked(self, exchange: Exchange) -> None:
        """Print a request, unless it is a delivery to somebody else."""
        if not exchange.request.target.startswith("/"):
            return
        # Where nobody reads any more, the exchange itself must go on.
        with self._lock, suppress(OSError):
            self._stream.write(command(exchange.request, exchange.number) + "\n\n")
            self._stream.flush()


def command(request: Request, number: int = 1) -> str:
    """The command; `number` is in the name of a file that it may need."""
    target = _SPECIAL.sub(_percent, mask_target(request.target))
    headers = dict(request.headers)
    content_type = headers.get("content-type", "")
    is_form = content_type.lower().startswith("multipart/")
    sent = _form(request) if is_form else _body(request)
    if sent is None:
        sent = [f"--data-binary @request-{number}.bin"]
    elif is_form:
        del headers["content-type"]  # curl's own has its own boundary
    words = [f"curl {BASE % target}", *_method(request, bool(sent)), *_headers(headers)]
    if b'"stream":true' in request.body or b'"stream": true' in request.body:
        words.append("-N")
    written = " \\\n  ".join(words + sent)
    return (
        f"# Sent over a WebSocket.\n{written}" if request.kept is not None else written
    )


def _method(request: Request, has_body: bool) -> list[str]:
    usual = "POST" if has_body else "GET"
    if request.method == "HEAD":
        return ["-I"]
    return [] if request.method == usual else [f"-X {request.method}"]


def _headers(headers: dict[str, str]) -> list[str]:
    """The headers that matter, with variables for keys."""
    masked = mask_headers(headers)
    words: list[str] = []
    for name, value in masked.items():
        if not _SHOWN.fullmatch(name):
            continue
        variable = _variable(name, headers[name])
        if variable:
            scheme = "Bearer " if name == "authorization" else ""
            words.append(f'-H "{name}: {scheme}${variable}"')
        else:
            words.append(f"-H {_quoted(f'{name}: {value}')}")
    return words


def _variable(name: str, value: str) -> str:
    """The variable that holds what a header has: a key, or a token (three parts)."""
    scheme, _, token = value.partition(" ")
    if name == "authorization" and scheme.lower() == "bearer":
        is_token = token.count(".") == 2
        return "AZURE_OPENAI_AD_TOKEN" if is_token else "AZURE_OPENAI_API_KEY"
    known = {
        "api-key": "AZURE_OPENAI_API_KEY",
        "x-apikey": "MCP_API_KEY",
        "x-identity-header": "IDENTITY_HEADER",
    }
    return known.get(name, "")


def _body(request: Request) -> list[str] | None:
    """The body of a request, in words of the command; None: it has to be a file."""
    body = request.body
    if not body:
        if request.method not in ("POST", "PUT", "PATCH"):
            return []
        # Without -d curl sends no length, with it a type of its own.
        is_typed = "content-type" in request.headers
        return ["-d ''"] if is_typed else ["-H 'content-type:'", "-d ''"]
    try:
        text = body.decode()
        value = json.loads(text)
    except (ValueError, RecursionError):
        text = mask_text(body.decode("latin-1"))
        if not text.isascii() or _UNPRINTABLE.search(text) or len(text) > MAX_WORD:
            return None
        return [f"--data-raw {_quoted(text)}"]
    masked = mask_json(value)
    if masked != value or _UNPRINTABLE.search(text):
        text = json.dumps(masked)
    if len(text.encode()) <= MAX_WORD:
        return [f"-d {_quoted(text)}"]
    # Too long for a word: the shell hands it on, and takes no `!` for its history's.
    text = text.replace("!", "\\u0021")
    return [f"--data-binary @- <<'JSON'\n{text}\nJSON"]


def _form(request: Request) -> list[str] | None:
    """The fields of a form, its files by their names; None of one that is none."""
    if not extras.is_there("uploads"):
        return None
    try:
        parts = read_parts(request)
    except ServiceError:
        return None
    words: list[str] = []
    for name, value in parts:
        if isinstance(value, Upload):
            words.append(f"-F {_quoted(f'{name}={_file(value)}')}")
        else:
            words.append(f"--form-string {_quoted(f'{name}={value}')}")
    return words


def _file(upload: Upload) -> str:
    """A file as curl names one: by the last part of its name, sent with all of it."""
    whole = upload.filename or "file"
    last = re.split(r"[\\/]", whole)[-1] or "file"
    word = f"@{_named(last)}"
    if upload.content_type:
        word += f";type={upload.content_type}"
    return word if last == whole else f"{word};filename={_named(whole)}"


def _named(name: str) -> str:
    """A name as curl reads it; in quotes where it would end at a letter of its own."""
    if re.fullmatch(r"[\w.-]+", name):
        return name
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _quoted(text: str) -> str:
    """A word in single quotes, in which a shell leaves everything alone."""
    if not _UNPRINTABLE.search(text):
        return "'" + text.replace("'", "'\\''") + "'"
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return "$'" + _UNPRINTABLE.sub(_hexadecimal, escaped) + "'"


def _hexadecimal(found: re.Match[str]) -> str:
    return "".join(f"\\x{byte:02x}" for byte in found[0].encode())


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())
