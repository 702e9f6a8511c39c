"""What went over the wire, for a page: masked, shortened, folded and marked."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from markupsafe import Markup, escape

from gallery.marked import Marks, laid_out
from gallery.reading import ANY, Path, Reading
from responses_emulator.observers.wire import short_json

NOTHING = Markup()
SHOWN = 3  # of events of one kind in a row, and of requests, before the last
LONGEST_CURL = 3000  # characters
_BASE64 = re.compile(r"[\w+/=-]{120,}")
_HEADERS = re.compile(
    "api-key|authorization|content-type|retry-after|webhook-.*|x-identity-header"
    "|x-ms-oai-.*"
)
_HEADERS_AND_RATES = re.compile(f"{_HEADERS.pattern}|x-ratelimit-.*")


@dataclass
class Events:
    """Events of one kind that came one after the other: the first ones and the last.

    `text` is what the deltas of all of them come to. `is_handled` says that the sample
    asks for their kind.
    """

    kind: str
    count: int
    is_handled: bool
    shown: list[Markup] = field(default_factory=list)
    text: str = ""

    @property
    def left_out(self) -> int:
        """How many are counted, but not shown."""
        return self.count - len(self.shown)


@dataclass
class View:
    """An exchange as the page shows it.

    `sets` and `reads` name what is marked, each with a line of the sample. `alike` is
    how many exchanges of the same kind, after this one, are not shown.
    """

    exchange: dict[str, Any]
    request: Markup = NOTHING
    reply: Markup = NOTHING
    events: list[Events] = field(default_factory=list)
    curl: str = ""
    sets: dict[str, int] = field(default_factory=dict)
    reads: dict[str, int] = field(default_factory=dict)
    alike: int = 0

    def headers(self, side: str) -> dict[str, str]:
        """Those headers that teach something; rates where the sample asks for them."""
        shown = _HEADERS_AND_RATES if "headers" in self.reads else _HEADERS
        headers = self.exchange[f"{side}_headers"].items()
        return {name: value for name, value in headers if shown.fullmatch(name)}


def views(exchanges: list[dict[str, Any]], reading: Reading) -> Iterator[View]:
    """What the page shows of a sample's exchanges, in their order."""
    for _, run in groupby(exchanges, lambda exchange: exchange["operation"]):
        alike = list(run)
        left_out = max(len(alike) - SHOWN - 1, 0)
        for exchange in [*alike[:SHOWN], *alike[SHOWN + left_out :]]:
            yield view(exchange, reading)
            if left_out and exchange is alike[SHOWN - 1]:
                yield View(exchange, alike=left_out)


def view(exchange: dict[str, Any], reading: Reading) -> View:
    """One exchange with its marks."""
    operation = exchange["operation"]
    resource = operation.rpartition(".")[0]
    sets = reading.sets.get(resource, {}) | reading.sets.get(operation, {})
    # What is deleted was read before; of what is answered then, samples read nothing.
    is_gone = operation.endswith(".delete")
    reads = {} if is_gone else reading.reads.get(resource, {})
    shown = View(exchange, curl=_short_curl(exchange["curl"]))
    sent = exchange["request_headers"] | exchange["query"]
    shown.sets = {name: line for name, line in sets.items() if name in sent}
    if "headers" in {path[0] for path in reads}:
        shown.reads["headers"] = min(reads[path] for path in reads if "headers" in path)
    if exchange["delivery"]:  # here it is the request that the sample reads
        marks = Marks(reading.reads["webhooks"], shown.reads, reading.strings)
    else:
        marks = Marks({(name,): line for name, line in sets.items()}, shown.sets)
    if exchange["form"] is None:
        shown.request = _body(exchange, "request", marks)
    else:
        shown.request = _form(exchange["form"], marks)
    if exchange["events"]:
        shown.events = list(_grouped(exchange["events"], reading, reads, shown.reads))
    else:
        marks = Marks(_in_a_list(reads), shown.reads, reading.strings)
        shown.reply = _body(exchange, "response", marks)
    return shown


def _in_a_list(reads: dict[Path, int]) -> dict[Path, int]:
    """The paths as they are in a reply: items of a list stand in its `data`."""
    return {("data", *path) if path[0] == ANY else path: reads[path] for path in reads}


def _grouped(
    events: list[dict[str, Any]],
    reading: Reading,
    reads: dict[Path, int],
    found: dict[str, int],
) -> Iterator[Events]:
    """The events, those of a kind together; of many, some."""
    of_one = {path[1:]: line for path, line in reads.items() if path[0] == ANY}
    of_any = {path: line for path, line in of_one.items() if path == ("type",)}
    # What the SDK gives when a stream has ended is the response of its last event.
    of_all = {
        ("response", *path): line for path, line in reads.items() if path[0] != ANY
    }
    for kind, run in groupby(events, lambda event: str(event["type"])):
        alike = list(run)
        group = Events(kind, len(alike), kind in reading.strings)
        group.text = "".join(
            event["delta"] for event in alike if isinstance(event.get("delta"), str)
        )
        is_last = alike[-1] is events[-1]
        paths = of_one if group.is_handled else of_any
        marks = Marks(paths | (of_all if is_last else {}), found, reading.strings)
        for event in alike[:SHOWN] + alike[max(SHOWN, len(alike) - 1) :]:
            group.shown.append(laid_out(short_json(event), marks))
        yield group


def _body(exchange: dict[str, Any], side: str, marks: Marks) -> Markup:
    """A body: JSON laid out, a text shortened, of all else the length."""
    text = exchange[f"{side}_body"]
    if f"{side}_body_encoding" in exchange:
        return Markup("({:,} bytes)").format(len(text) * 3 // 4)
    try:
        return laid_out(short_json(json.loads(text)), marks)
    except ValueError:
        return escape(short_json(text))


def _form(lines: list[str], marks: Marks) -> Markup:
    """The fields of a form."""
    fields = [line.strip().partition(" = ") for line in lines]
    return Markup("\n").join(
        Markup("{}: {}").format(
            marks.key(name, (name.partition("[")[0],), value), value
        )
        for name, _, value in fields
    )


def _short_curl(command: str) -> str:
    """A command that can be read; what is left out is said."""
    command = _BASE64.sub(lambda found: f"{found[0][:40]}…({len(found[0]):,})", command)
    if len(command) <= LONGEST_CURL:
        return command
    return f"{command[:LONGEST_CURL]}… ({len(command):,} characters)"


def parsed(body: str) -> dict[str, Any]:
    """A body's JSON object; an empty one where it is anything else."""
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
