"""Reads a file of replies: JSON, an array of entries.

    {"match": {"text" | "words" | "pattern", "model", "tools", "turn"},
     "reply": {"text" | "output" | "json" | "error" | "fault"},
     "times": 2}

emulator/README.md says what each means. What is wrong with a file is said in one
sentence, with its line and column.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from math import isinf
from pathlib import Path
from typing import Any, cast

import orjson

from responses_emulator import extras
from responses_emulator.errors import invalid_request
from responses_emulator.model.items import message
from responses_emulator.model.prompt.words import shortened
from responses_emulator.model.replies import scripted
from responses_emulator.model.replies.matching import (
    BUILT_IN,
    Entry,
    Match,
    Table,
    Word,
    even,
)

MAX_BYTES = 32 * 2**20  # of a file
MAX_TIMES = 1_000_000
MAX_PATTERN = 1_000  # characters
MAX_DIGITS = 20  # of a whole number: what 64 bits hold, and a sign
WAYS = ("text", "words", "pattern")
CONDITIONS = (*WAYS, "model", "tools", "turn")
ERROR = ("status", "message", "code", "type", "param")
_OPERATION = "responses.create"
_BLANK = " \t\n\r"
# A text, which may have brackets in it, or one bracket.
_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)

Place = tuple[str | int, ...]  # of a value: (3, "match", "text")
Maker = Callable[[Any, Place], dict[str, Any]]  # of a value: the fields of an `Entry`


class WrongFile(ValueError):
    """A file that has no replies in it, and why: one sentence."""


class _Wrong(Exception):
    """What is wrong with the value at a place, or with its key."""

    def __init__(self, place: Place, why: str, *, key: bool = False) -> None:
        super().__init__(why)
        self.place = place
        self.why = why
        self.key = key


class _Odd(Exception):
    """What the parser of JSON lets pass: a key twice in an object, or no number."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(why)
        self.name = name


def load(
    source: str | Path | Sequence[Any],
    parse_fault: Callable[[str], Any] | None = None,
) -> Table:
    """The table of a file, or of a list that has what would stand in one.

    `parse_fault` is `faults.parse`, where a reply may be a fault. Raises WrongFile.
    """
    make = dict(_MAKE)
    if parse_fault:
        make["fault"] = partial(_fault, parse_fault)
    if not isinstance(source, str | Path):
        try:
            return Table(_entries(list(source), make))
        except _Wrong as wrong:
            raise WrongFile(f"{_path(wrong.place)}: {wrong.why}") from None
    text = _read(Path(source))
    try:
        values = json.loads(
            text,
            parse_constant=_no_number,
            parse_float=_float,
            parse_int=_integer,
            object_pairs_hook=_each_key_once,
        )
        return Table(_entries(values, make))
    except json.JSONDecodeError as error:
        at, why = error.pos, f"{error.msg[:1].lower()}{error.msg[1:]}"
        why = f"{why.removesuffix(' at')}."
    except _Odd as odd:
        at, why = _first(text, odd), f"{odd}"
    except RecursionError:
        at, why = _deepest(text), "it is nested too deeply."
    except _Wrong as wrong:
        at, why = _find(text, wrong.place, key=wrong.key), wrong.why
    line, column = text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
    raise WrongFile(f"{source}:{line}:{column}: {why}")


@cache
def built_in() -> Table:
    """The samples' own questions; items are looked at when they are first given."""
    values = orjson.loads(BUILT_IN.read_bytes())
    return Table(_entries(values, {**_MAKE, "output": _output_when_given}))


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise WrongFile(f"{path}: {error.strerror}.") from None
    if len(content) > MAX_BYTES:
        raise WrongFile(f"{path}: it has more than {MAX_BYTES // 2**20} MB.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig", "ignore")
        line = before.count("\n") + 1
        column = len(before) - before.rfind("\n")
        raise WrongFile(f"{path}:{line}:{column}: it is not in UTF-8.") from None


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise _Odd(twice, f"the key {twice!r} stands twice in one object.")
    return found


def _no_number(name: str) -> Any:
    raise _Odd(name, f"{name} is no JSON.")


def _float(digits: str) -> float:
    number = float(digits)
    if isinf(number):
        raise _Odd(digits, f"{shortened(digits)} is more than a number can be.")
    return number


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise _Odd(digits, f"{shortened(digits)} is more than a number can be.")
    return int(digits)


# What an entry says


def _entries(values: Any, make: dict[str, Maker]) -> list[Entry]:
    """The entries in order; `make` has each kind of reply that there may be."""
    if not isinstance(values, list):
        raise _Wrong((), "expected an array of entries.")
    found = cast("list[Any]", values)
    return [_entry(value, (position,), make) for position, value in enumerate(found)]


def _entry(value: Any, place: Place, make: dict[str, Maker]) -> Entry:
    given = _object(value, place, ("match", "reply", "times"))
    if "reply" not in given:
        raise _Wrong(place, "the entry has no 'reply'.")
    times = given.get("times")
    if times is not None:
        _whole_number(times, (*place, "times"), MAX_TIMES)
    reply = _object(given["reply"], (*place, "reply"), tuple(make))
    kind = _one_of(reply, (*place, "reply"), tuple(make))
    if kind is None:
        raise _Wrong((*place, "reply"), f"the reply has none of {', '.join(make)}.")
    made = make[kind](reply[kind], (*place, "reply", kind))
    match = _match(given.get("match", {}), (*place, "match"))
    return Entry(match, kind=kind, times=times, **made)


def _match(value: Any, place: Place) -> Match:
    given = _object(value, place, CONDITIONS)
    _one_of(given, place, WAYS)
    for name in ("text", "pattern", "model"):
        if name in given and not isinstance(given[name], str):
            raise _Wrong((*place, name), f"'{name}' is a string.")
    for name in ("words", "tools"):
        if name in given:
            _texts(given[name], (*place, name), name)
    if "turn" in given:
        _whole_number(given["turn"], (*place, "turn"), MAX_TIMES)
    tools: list[str] | None = given.get("tools")
    return Match(
        text=even(given["text"]) if "text" in given else None,
        words=tuple(filter(None, map(Word.of, given.get("words", ())))),
        pattern=_pattern(given["pattern"], (*place, "pattern"))
        if "pattern" in given
        else None,
        model=given.get("model"),
        tools=None if tools is None else tuple(tools),
        turn=given.get("turn"),
    )


def _pattern(text: str, place: Place) -> Any:
    if not extras.is_there("patterns"):
        raise _Wrong(place, extras.missing("patterns", "To match patterns") + ".")
    import regex  # here: few files have a pattern; `re` cannot be stopped

    if len(text) > MAX_PATTERN:
        raise _Wrong(place, f"a pattern has at most {MAX_PATTERN:,} characters.")
    try:
        return regex.compile(text)
    except (regex.error, ValueError, OverflowError, RecursionError) as error:
        raise _Wrong(place, f"{text!r} is no pattern: {error}.") from None


# What a reply is: the fields of an `Entry`


def _text(value: Any, place: Place) -> dict[str, Any]:
    if not isinstance(value, str):
        raise _Wrong(place, "'text' is a string.")
    _sendable(value, place)
    return {"output": lambda: [message(value)]}


def _json(value: Any, place: Place) -> dict[str, Any]:
    return _text(_sendable(value, place), place)


def _sendable(value: Any, place: Place) -> str:
    """The value as JSON: not all that Python can parse can be sent."""
    try:
        json.dumps(value, allow_nan=False)  # orjson has null for what is no number
        return orjson.dumps(value).decode()
    except RecursionError:
        raise _Wrong(place, "it is nested too deeply.") from None
    # A number that no 64 bits hold, half a character, a list within itself.
    except (TypeError, ValueError) as error:
        raise _Wrong(place, f"{error}.") from None


def _output(value: Any, place: Place) -> dict[str, Any]:
    given = cast("list[Any]", value) if isinstance(value, list) else []
    if not given:
        raise _Wrong(place, "'output' is an array of output items, at least one.")
    items: list[dict[str, Any]] = []
    for index, one in enumerate(given):
        _sendable(one, (*place, index))
        try:
            items.append(scripted.output_item(one, f"output[{index}]"))
        except ValueError as error:
            raise _Wrong((*place, index), str(error)) from None
    return {
        "output": partial(_made, items),
        "calls": not any(item["type"] == "message" for item in items)
        or any(item["type"] in scripted.FOR_THE_CALLER for item in items),
    }


def _output_when_given(value: Any, place: Place) -> dict[str, Any]:
    """The same of what is known to be right: to look at all of it takes a while."""
    looked_at = cache(partial(_output, value, place))
    return {"output": lambda: looked_at()["output"]()}


def _made(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [scripted.fresh(item) for item in items]


def _error(value: Any, place: Place) -> dict[str, Any]:
    given = _object(value, place, ERROR)
    status: Any = given.get("status")
    if type(status) is not int or not 400 <= status <= 599:
        raise _Wrong(place, "'status' of an error is a number from 400 to 599.")
    for name in ERROR[1:]:
        if not isinstance(given.get(name), str | None):
            raise _Wrong((*place, name), f"'{name}' is a string or null.")
        _sendable(given.get(name), (*place, name))
    kind = "invalid_request_error" if status < 500 else "server_error"
    return {
        "error": invalid_request(
            given.get("message") or f"The replies' file says {status}.",
            given.get("param"),
            given.get("code"),
            status=status,
            type=given.get("type") or kind,
        )
    }


def _fault(parse: Callable[[str], Any], value: Any, place: Place) -> dict[str, Any]:
    if not isinstance(value, str):
        raise _Wrong(place, "'fault' is a string, NAME[:KEY=VALUE,...].")
    try:
        rule = parse(value)
    except ValueError as error:
        raise _Wrong(place, str(error)) from None
    if not rule.fault.can_hit(_OPERATION) or rule.operation not in (None, _OPERATION):
        raise _Wrong(place, f"{value!r} cannot hit {_OPERATION}.")
    if (rule.times, rule.after) != (1, 0):
        raise _Wrong(place, "a fault has no 'times' or 'after' of its own here.")
    return {"fault": rule}


_MAKE: dict[str, Maker] = {
    "text": _text,
    "output": _output,
    "json": _json,
    "error": _error,
}


# Checks that entries share


def _object(value: Any, place: Place, known: Sequence[str]) -> dict[str, Any]:
    what = place[-1] if isinstance(place[-1], str) else "entry"
    if not isinstance(value, dict):
        raise _Wrong(place, f"{what}: expected an object.")
    given = cast("dict[Any, Any]", value)
    for key in given:
        if key not in known:
            why = f"unknown key {key!r} in {what}; it takes {', '.join(known)}."
            raise _Wrong((*place, key), why, key=True)
    return given


def _one_of(given: dict[str, Any], place: Place, ways: Sequence[str]) -> str | None:
    """The one of some keys that an object has; of these it has one at most."""
    found = [key for key in given if key in ways]
    if len(found) > 1:
        why = f"only one of {', '.join(ways)} may be given."
        raise _Wrong((*place, found[1]), why, key=True)
    return found[0] if found else None


def _texts(value: Any, place: Place, name: str) -> None:
    if not isinstance(value, list):
        raise _Wrong(place, f"'{name}' is an array of words.")
    for index, one in enumerate(cast("list[Any]", value)):
        if not isinstance(one, str) or not one.strip():
            raise _Wrong((*place, index), f"'{name}' is an array of words.")


def _whole_number(value: Any, place: Place, most: int) -> None:
    if type(value) is not int or not 1 <= value <= most:
        raise _Wrong(place, f"'{place[-1]}' is a whole number from 1 to {most:,}.")


# Where in a text a value stands


def _find(text: str, place: Place, *, key: bool) -> int:
    """Where the value at a place begins in JSON that is well formed, or its key."""
    at = _skip(text, 0)
    for step in place:
        for name, key_at, value_at in _members(text, at):
            if name == step:
                last = key and step == place[-1]
                at = key_at if last else value_at
    return at


def _first(text: str, odd: _Odd) -> int:
    """Where in JSON that is well formed the first of what is odd stands."""
    open_values = [_skip(text, 0)]
    while open_values:
        at = open_values.pop()
        if text.startswith(odd.name, at):  # no number
            return at
        if text[at] not in "[{":
            continue
        seen = set[str | int]()
        inner: list[int] = []
        for name, key_at, value_at in _members(text, at):
            if name in seen:
                return key_at
            seen.add(name)
            inner.append(value_at)
        open_values += reversed(inner)
    return 0


def _deepest(text: str) -> int:
    """Where in JSON the innermost array or object begins."""
    depth = most = found = 0
    for token in _BRACKET.finditer(text):
        sign = token[0]
        if sign in ("[", "{"):
            depth += 1
            if depth > most:
                most, found = depth, token.start()
        elif sign in ("]", "}"):
            depth -= 1
    return found


def _members(text: str, at: int) -> Iterator[tuple[str | int, int, int]]:
    """Of an object or array: each name or index, where it stands, where its value."""
    decode = json.JSONDecoder(strict=False, parse_int=str).raw_decode
    is_object = text[at] == "{"
    position = 0
    at = _skip(text, at + 1)
    while text[at] not in "]}":
        name: str | int = position
        key_at = at
        if is_object:
            name, at = decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        yield name, key_at, at
        _, at = decode(text, at)
        at = _skip(text, at)
        if text[at] == ",":
            at = _skip(text, at + 1)
        position += 1


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at


def _path(place: Place) -> str:
    """A place in words, for a list that no file holds: `replies[3].match.text`."""
    return "replies" + "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" for step in place
    )
