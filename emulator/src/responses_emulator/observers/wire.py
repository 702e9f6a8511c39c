"""Print each HTTP request and reply for a reader: coloured on a terminal, masked.

Left out is what teaches nothing (most headers), and what is long is shortened. An event
of a stream takes one line; its `type` is not repeated, since the event's name says it,
and on a narrow terminal the counters go before the text does.
"""

import io
import json
import os
import re
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TextIO, cast

import orjson

from responses_emulator import extras
from responses_emulator.http import Json, Reply, Request
from responses_emulator.observers.masking import (
    mask_headers,
    mask_json,
    mask_target,
    mask_text,
)
from responses_emulator.observers.observe import Exchange, Observer

LONGEST_TEXT = 600  # characters of a text, and of one without a space in it:
LONGEST_WORD = 80
PAGE = 100  # columns that JSON takes at most, however wide the terminal is

_REQUEST_HEADERS = re.compile(
    "api-key|authorization|x-identity-header|accept|content-type|openai-.*|webhook-.*"
    "|x-ms-.*"
)
_REPLY_HEADERS = re.compile(
    "content-type|apim-request-id|retry-after|location|x-emulator-fault"
)
_COUNTERS = (
    "obfuscation",
    "logprobs",
    "item_id",
    "summary_index",
    "content_index",
    "output_index",
    "sequence_number",
)
_KEY = re.compile(r'"(?:[^"\\]|\\.)*"(?=:)')
# A terminal acts on control characters, and shows text backwards after some others.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")

_BOLD, _DIM, _RED, _GREEN, _YELLOW, _BLUE, _CYAN = (
    "1",
    "2",
    "31",
    "32",
    "33",
    "34",
    "36",
)


@dataclass(frozen=True)
class Look:
    """How to print: in colour or not, and for how many columns (None: any number)."""

    colour: bool = False
    width: int | None = None

    def paint(self, text: str, *codes: str) -> str:
        """The text in these ANSI styles, if there is colour."""
        return f"\x1b[{';'.join(codes)}m{text}\x1b[0m" if self.colour else text

    def paint_keys(self, text: str) -> str:
        """JSON with its keys coloured."""
        return _KEY.sub(lambda key: self.paint(key[0], _CYAN), text)


def look_for(stream: TextIO, environ: Mapping[str, str] = os.environ) -> Look:
    """Colour and width as the stream's terminal has them; plain if it is none."""
    if not stream.isatty():
        return Look()
    try:
        width = os.get_terminal_size(stream.fileno()).columns or 80
    except (OSError, io.UnsupportedOperation):
        width = 80
    colour = not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
    return Look(colour, width)


class Wire(Observer):
    """Prints what goes over the wire, each request, reply or event in one piece."""

    keeps_body = False

    def __init__(self, stream: TextIO, look: Look | None = None) -> None:
        """Print to `stream`; without a `look`, the one that suits it."""
        self._stream = stream
        self._look = look or look_for(stream)
        self._lock = threading.Lock()
        self._latest = 0  # the exchange that printed last
        self._events: dict[int, int] = {}

    def asked(self, exchange: Exchange) -> None:
        """Print the request."""
        self._print(exchange, request_text(exchange, self._look))

    def answered(self, exchange: Exchange) -> None:
        """Print status and headers, and the body unless it is streamed."""
        self._print(exchange, reply_text(exchange, self._look))

    def written(self, exchange: Exchange, piece: Json | bytes) -> None:
        """Print the event, or the piece of another body."""
        if isinstance(piece, bytes):
            kind = exchange.reply.headers["content-type"] if exchange.reply else ""
            lines = body_lines(piece, kind, self._look)
            self._print(exchange, "\n".join(lines), goes_on=True)
            return
        with self._lock:
            events = self._events.get(exchange.number, 0) + 1
            self._events[exchange.number] = events
        self._print(exchange, event_line(piece, self._look), goes_on=True)

    def ended(self, exchange: Exchange) -> None:
        """Close a streamed reply."""
        with self._lock:
            events = self._events.pop(exchange.number, 0)
        reply = exchange.reply
        if reply and isinstance(reply.body, bytes):
            return
        text = f"  {events} events in {_duration(exchange.seconds)}"
        if exchange.broken:
            text = f"  Broken off after {events} events."
        style = _YELLOW if exchange.broken else _DIM
        self._print(exchange, self._look.paint(text, style) + "\n", goes_on=True)

    def _print(self, exchange: Exchange, text: str, *, goes_on: bool = False) -> None:
        with self._lock:
            if goes_on and self._latest != exchange.number:
                mark = self._look.paint(f"← #{exchange.number} goes on", _DIM)
                text = f"{mark}\n{text}"
            self._latest = exchange.number
            # Where nobody reads any more, the exchange itself must go on.
            with suppress(OSError):
                self._stream.write(text + "\n")
                self._stream.flush()


def request_text(exchange: Exchange, look: Look) -> str:
    """A request: method and target, headers, body, and an empty line."""
    request = exchange.request
    target = _printable(mask_target(request.target))
    lines = [
        f"{look.paint('→', _BOLD, _GREEN)} {look.paint(f'#{exchange.number}', _DIM)} "
        f"{look.paint(request.method, _BOLD)} {target}",
        *_header_lines(request.headers, _REQUEST_HEADERS, look),
    ]
    content_type = request.headers.get("content-type", "")
    if content_type.lower().startswith("multipart/"):
        lines += multipart_lines(request)
    else:
        lines += body_lines(request.body, content_type, look)
    return "\n".join(lines) + "\n"


def reply_text(exchange: Exchange, look: Look) -> str:
    """A reply: status, how long it took, headers; the body if it is not streamed."""
    reply = cast("Reply", exchange.reply)
    colour = _BLUE if 0 < reply.status < 400 else _RED
    status = f"{reply.status} {_reason(reply.status)}".strip()
    if not reply.status:
        status = f"no reply ({reply.breaks})"
    lines = [
        f"{look.paint('←', _BOLD, colour)} {look.paint(f'#{exchange.number}', _DIM)} "
        f"{look.paint(status, _BOLD, colour)} "
        f"{look.paint(f'in {_duration(exchange.seconds)}', _DIM)}",
        *_header_lines(reply.headers, _REPLY_HEADERS, look),
    ]
    if not isinstance(reply.body, bytes):
        return "\n".join(lines)  # its events are to follow
    lines += body_lines(reply.body, reply.headers.get("content-type", ""), look)
    if reply.status and reply.breaks:
        lines.append(look.paint(f"  Broken off here ({reply.breaks}).", _YELLOW))
    return "\n".join(lines) + "\n"


def body_lines(body: bytes, content_type: str, look: Look) -> list[str]:
    """A body, indented: JSON laid out, text shortened, anything else by its size."""
    if not body:
        return []
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        if not content_type.startswith(("text/", "application/json")):
            return [f"  ({len(body):,} bytes)"]
        text = mask_text(body.decode("utf-8", "replace"))
        return ["  " + _printable(_shortened(text))]
    width = min(look.width or PAGE, PAGE) - 2
    text = look.paint_keys(_laid_out(short_json(mask_json(value)), width))
    return ["  " + line for line in text.split("\n")]


def multipart_lines(request: Request) -> list[str]:
    """A multipart body by its fields: values, and of files their names and sizes."""
    if not extras.is_there("uploads"):
        return [f"  ({len(request.body):,} bytes)"]
    from python_multipart import parse_form
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import Field, File

    lines: list[str] = []

    def on_field(field: Field) -> None:
        value = (field.value or b"").decode("utf-8", "replace")
        lines.append(f"  {_name(field.field_name)} = {_printable(_shortened(value))}")

    def on_file(file: File) -> None:
        name = _name(file.file_name)
        lines.append(f"  {_name(file.field_name)} = {name} ({file.size:,} bytes)")
        file.close()

    headers = {"Content-Type": request.headers["content-type"].encode("latin-1")}
    try:
        parse_form(headers, io.BytesIO(request.body), on_field, on_file)
    except (FormParserError, ValueError):
        return [f"  ({len(request.body):,} bytes)"]
    return lines


def event_line(event: Json, look: Look) -> str:
    """An event of a stream on one line: its type, and what else it has."""
    name = _printable(event["type"])
    group, dot, rest = name.partition(".")
    title = look.paint(group + dot, _DIM) + look.paint(rest, _YELLOW)
    value: Json = mask_json(event)  # a copy
    del value["type"]
    room = None if look.width is None else max(look.width - len(name) - 4, 10)
    return f"  {title}  {look.paint_keys(_one_line(value, room))}"


def _one_line(value: Any, room: int | None) -> str:
    """The value within `room` columns: first without counters, then cut off."""
    short = short_json(value)
    text = _dumps(short)
    if room is None or len(text) <= room:
        return text
    if isinstance(short, dict):
        fields = cast("dict[str, Any]", short)
        for counter in _COUNTERS:
            if fields.pop(counter, None) is None:
                continue
            text = "{…, " + _dumps(fields)[1:] if fields else "{…}"
            if len(text) <= room:
                return text
    return text[: room - 1] + "…"


def short_json(value: Any) -> Any:
    """The same JSON value with its long texts shortened, each with its length."""
    if isinstance(value, str):
        return _shortened(value)
    if isinstance(value, list):
        return [short_json(item) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {name: short_json(item) for name, item in fields.items()}
    return value


def _shortened(text: str) -> str:
    """A long text's beginning and its length; base64 and the like show less."""
    if " " in text[:LONGEST_WORD]:
        longest, shown = LONGEST_TEXT, LONGEST_TEXT // 2
    else:
        longest, shown = LONGEST_WORD, LONGEST_WORD // 2
    if len(text) <= longest:
        return text
    return f"{text[:shown]}… ({len(text):,} characters)"


def _laid_out(value: Any, width: int, indent: int = 0, before: int = 0) -> str:
    """JSON in which whatever fits into `width` columns stays on one line.

    `before` is how many columns the key in front of the value takes.
    """
    flat = _dumps(value)
    if indent + before + len(flat) <= width or not isinstance(value, dict | list):
        return flat
    pad = " " * (indent + 2)
    if isinstance(value, list):
        opening, closing = "[", "]"
        items = [
            pad + _laid_out(item, width, indent + 2)
            for item in cast("list[Any]", value)
        ]
    else:
        opening, closing = "{", "}"
        items: list[str] = []
        for name, item in cast("dict[str, Any]", value).items():
            key = f"{_dumps(name)}: "
            items.append(pad + key + _laid_out(item, width, indent + 2, len(key)))
    return f"{opening}\n" + ",\n".join(items) + f"\n{' ' * indent}{closing}"


def _dumps(value: Any) -> str:
    return _printable(json.dumps(value, ensure_ascii=False))


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _name(raw: bytes | None) -> str:
    return _printable((raw or b"").decode("utf-8", "replace"))


def _header_lines(
    headers: Mapping[str, str], shown: re.Pattern[str], look: Look
) -> list[str]:
    return [
        f"  {look.paint(f'{name}:', _DIM)} {_printable(value)}"
        for name, value in mask_headers(headers).items()
        if shown.fullmatch(name) and value != "*/*"
    ]


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
