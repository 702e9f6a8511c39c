"""What a client has sent, as values that a schema can be held against."""

import re
from collections import defaultdict
from email.parser import BytesParser
from email.policy import HTTP
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import orjson

Json = Any
Types = set[str]  # JSON types that a schema allows


def from_text(text: str, types: Types) -> Json:
    """A value that came as text: what its schema asks for, if the text is that."""
    if "number" in types and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text) if "." in text else int(text)
    if "boolean" in types and text.lower() in ("true", "false"):
        return text.lower() == "true"
    if "object" in types and text.startswith("{"):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            return text
    return text


@lru_cache(maxsize=1)  # each contract is held against the same form
def fields(body: bytes, content_type: str) -> list[tuple[str, str]]:
    """Names and texts of a form's fields; a file's text is its name and size.

    Raises:
        ValueError: the body is not the form that the content type says.
    """
    if not content_type.startswith("multipart/form-data"):
        return parse_qsl(body.decode(), keep_blank_values=True)
    head = b"Content-Type: " + content_type.encode() + b"\r\n\r\n"
    message = BytesParser(policy=HTTP).parsebytes(head + body)
    if "boundary=" not in content_type or not message.is_multipart():
        raise ValueError("the body is not a multipart form")
    found = []
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        data = part.get_payload(decode=True) or b""
        if not name or not isinstance(data, bytes):
            raise ValueError("a part of the form has no name")
        file = part.get_filename()
        text = data.decode("utf-8", "replace")
        value = text if file is None else f"{file}: {len(data)} bytes"
        found.append((str(name), value))
    return found


def nested(pairs: list[tuple[str, str]]) -> dict[str, Json]:
    """Fields whose names tell their place: `a`, `a[]`, `a[b]`, `a[0][b]`."""
    tree: dict[str, Json] = {}
    for name, value in pairs:
        first, _, rest = name.partition("[")
        keys = [first, *re.findall(r"\[([^\]]*)\]", f"[{rest}")]
        if not rest:
            keys = [first]
        place = tree
        for key in keys[:-1]:
            place = place.setdefault(key, {})
        place.setdefault(keys[-1], []).append(value)
    return {key: _value(node) for key, node in tree.items()}


def _value(node: Json) -> Json:
    if isinstance(node, list):
        return node[0] if len(node) == 1 else node
    if set(node) == {""}:  # a[], or a[][b]
        elements = node[""]
        return elements if isinstance(elements, list) else [_value(elements)]
    made = {key: _value(value) for key, value in node.items()}
    return [*made.values()] if all(key.isdigit() for key in made) else made


def query(text: str) -> dict[str, list[str]]:
    """The parameters by name; the brackets of a list or an object are taken off."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, value in parse_qsl(text, keep_blank_values=True):
        bracket = name.find("[")
        found[name if bracket < 1 else name[:bracket]].append(value)
    return found


def sse(text: str) -> list[tuple[str | None, str, bool]]:
    """The events of a stream: name, data, and whether a blank line closes it."""
    found = []
    *frames, rest = re.split(r"\r?\n\r?\n", text)
    closed = [(frame, True) for frame in frames]
    for frame, is_closed in [*closed, (rest, False)]:
        name, data = None, []
        for line in re.split(r"\r?\n", frame):  # and at no other line ends
            key, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if key == "event":
                name = value
            elif key == "data":
                data.append(value)
        if name is not None or data:
            found.append((name, "\n".join(data), is_closed))
    return found
