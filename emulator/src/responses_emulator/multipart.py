"""Uploads: reading a `multipart/form-data` body."""

import io
import logging
from dataclasses import dataclass, field

from responses_emulator import extras
from responses_emulator.errors import ServiceError, invalid_request
from responses_emulator.http import Request

PIECE_BYTES = 2**20  # parsed at once: nothing else runs meanwhile
MAX_PARTS = 100

# What is wrong with a form is answered; the terminal need not hear of it, too.
logging.getLogger("python_multipart").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Upload:
    """A file in a form."""

    filename: str
    content_type: str
    content: bytes


@dataclass
class _Part:
    headers: dict[str, bytes] = field(default_factory=dict[str, bytes])
    header_name: bytes = b""
    header_value: bytes = b""
    content: io.BytesIO = field(default_factory=io.BytesIO)


def read_form(request: Request) -> dict[str, str | Upload]:
    """The form's fields, by name as sent: `expires_after[anchor]`. The last one counts.

    A body that is no complete form is a 400.
    """
    return dict(read_parts(request))


def read_parts(
    request: Request, most: int = MAX_PARTS
) -> list[tuple[str, str | Upload]]:
    """The form's fields in order, at most so many: a name may be there several times.

    A body that is no complete form is a 400.
    """
    extras.need("uploads", "To take an upload")
    from python_multipart.exceptions import FormParserError
    from python_multipart.multipart import MultipartParser, parse_options_header

    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data":
        raise invalid_request(
            "Invalid Content-Type header. Expected 'multipart/form-data', but got "
            f"'{kind.decode('latin-1')}'."
        )
    boundary = options.get(b"boundary")
    if not boundary:
        raise invalid_request("The Content-Type header has no multipart boundary.")

    parts: list[_Part] = []
    ended = False

    def begin() -> None:
        if len(parts) == most:
            raise invalid_request(f"The form has more than {most} parts.")
        parts.append(_Part())

    def header_name(data: bytes, start: int, end: int) -> None:
        parts[-1].header_name += data[start:end]

    def header_value(data: bytes, start: int, end: int) -> None:
        parts[-1].header_value += data[start:end]

    def header_end() -> None:
        part = parts[-1]
        part.headers[part.header_name.decode("latin-1").lower()] = part.header_value
        part.header_name = part.header_value = b""

    def content(data: bytes, start: int, end: int) -> None:
        parts[-1].content.write(data[start:end])

    def finish() -> None:
        nonlocal ended
        ended = True

    try:
        # It bounds the headers of a part itself, each and how many there are.
        parser = MultipartParser(
            boundary,
            {
                "on_part_begin": begin,
                "on_header_field": header_name,
                "on_header_value": header_value,
                "on_header_end": header_end,
                "on_part_data": content,
                "on_end": finish,
            },
        )
        for start in range(0, len(request.body), PIECE_BYTES):
            parser.write(request.body[start : start + PIECE_BYTES])
        parser.finalize()
    except FormParserError as error:
        raise _malformed(str(error)) from error
    if not ended:
        raise _malformed("it ends before its closing boundary")
    return [_field(part) for part in parts]


def _field(part: _Part) -> tuple[str, str | Upload]:
    from python_multipart.multipart import parse_options_header

    disposition = part.headers.get("content-disposition", b"")
    _, options = parse_options_header(disposition)
    if b"name" not in options:
        raise _malformed("a part has no name")
    name = options[b"name"].decode("utf-8", "replace")
    content = part.content.getvalue()
    if b"filename" not in options:
        return name, content.decode("utf-8", "replace")
    return name, Upload(
        options[b"filename"].decode("utf-8", "replace"),
        part.headers.get("content-type", b"").decode("latin-1"),
        content,
    )


def _malformed(why: str) -> ServiceError:
    return invalid_request(
        f"We could not parse the multipart form of your request: {why}."
    )
