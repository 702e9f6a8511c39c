"""Cut published contracts and recorded traffic down to what the tests need.

    python -m emulator.tests.contract.distil FILE...          # write them anew
    python -m emulator.tests.contract.distil --check FILE...  # compare, no more

A FILE is an original: the OpenAPI document of Azure or of OpenAI as JSON, or recorded
exchanges as JSON lines. Which of them it is shows in the file itself. `sources.json`
says where each comes from, of which date it is, its licence and its SHA-256.

The exit status is 0 if all went well, 1 if a file is not what was distilled here, and 2
if it cannot be read.

Nothing is changed on the way, only left out: what is text for people, operations of
other features, schemas that nothing refers to, headers that say nothing. Of other
features the paths stay, with their methods: the list of what there is.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

Json = Any

HERE = Path(__file__).parent
SOURCES = HERE / "sources.json"
RECORDED = "azure-recorded"  # its name among the sources
TITLES = {"Azure AI Foundry Models Service": "azure", "OpenAI API": "openai"}

# Paths that begin so are kept whole; of all others the methods are.
KEPT = (
    "/batches",
    "/containers",
    "/conversations",
    "/files",
    "/models",
    "/responses",
    "/skills",
    "/uploads",
    "/vector_stores",
)
METHODS = ("get", "put", "post", "delete", "patch")
# For people, for other tools, or about headers.
TEXT = {
    "deprecated",
    "description",
    "example",
    "examples",
    "externalDocs",
    "headers",
    "operationId",
    "security",
    "summary",
    "tags",
    "title",
}
# Below these stand names of the document's own: a property may be called `title`.
NAMES = {"content", "mapping", "patternProperties", "properties", "responses"}
REFERENCE = "#/components/"


class NotAnOriginal(ValueError):
    """A file that is none of those that are distilled here."""


def distil(text: str) -> tuple[str, str]:
    """The name of a source by its content, and the text of its distilled file."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError:
        return RECORDED, _distilled_traffic(text)
    title = document.get("info", {}).get("title") if isinstance(document, dict) else ""
    if title not in TITLES:
        raise NotAnOriginal(f"its title is {title!r}, not one of {sorted(TITLES)}")
    return TITLES[title], _distilled_contract(document)


def _distilled_contract(document: dict[str, Json]) -> str:
    paths: dict[str, Json] = {
        path: without_text(item)
        if path.startswith(KEPT)
        else {method: {} for method in METHODS if method in item}
        for path, item in sorted(document["paths"].items())
    }
    components: dict[str, dict[str, Json]] = {
        kind: {name: without_text(schema) for name, schema in sorted(named.items())}
        for kind, named in document["components"].items()
        if kind in ("parameters", "requestBodies", "responses", "schemas")
    }
    wanted = _reachable(paths, components)
    return _one_a_line(
        {
            "openapi": document["openapi"],
            "info": {key: document["info"].get(key) for key in ("title", "version")},
            "paths": paths,
            "components": {
                kind: {
                    name: schema
                    for name, schema in named.items()
                    if f"{REFERENCE}{kind}/{name}" in wanted
                }
                for kind, named in components.items()
            },
        }
    )


def without_text(node: Json, names: bool = False) -> Json:
    """A part of a document without what is text; `names` if its keys are names."""
    if isinstance(node, list):
        return [without_text(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: without_text(value, names=not names and key in NAMES)
        for key, value in node.items()
        if names or not (key in TEXT or key.startswith("x-"))
    }


def _reachable(paths: Json, components: dict[str, dict[str, Json]]) -> set[str]:
    """The references to all that the paths need, directly or not.

    A subtype names its base and need not be named by it, so it is needed where the
    base is.
    """
    subtypes: dict[str, list[str]] = {}
    for name, schema in components["schemas"].items():
        for base in schema.get("allOf", ()):
            subtypes.setdefault(base.get("$ref", ""), []).append(
                f"{REFERENCE}schemas/{name}"
            )
    found: set[str] = set()
    unread = [paths]
    while unread:
        for reference in references(unread.pop()):
            for one in (reference, *subtypes.get(reference, ())):
                if one in found:
                    continue
                found.add(one)
                kind, _, name = one.removeprefix(REFERENCE).partition("/")
                unread.append(components[kind][name])
    return found


def references(node: Json) -> Iterator[str]:
    """All that refers to a component: a `$ref`, or a discriminator's mapping."""
    if isinstance(node, str):
        if node.startswith(REFERENCE):
            yield node
    elif isinstance(node, dict | list):
        for value in node.values() if isinstance(node, dict) else node:
            yield from references(value)


def _distilled_traffic(text: str) -> str:
    """Every exchange once: those that differ in ids and times alone are the same."""
    if not text.strip():
        raise NotAnOriginal("it is empty")
    kept: dict[str, str] = {}
    for line in text.splitlines():
        try:
            exchange = json.loads(line)
            distilled = {
                "method": exchange["method"],
                "url": exchange["url"],
                "request_headers": _content_type(exchange["request_headers"]),
                "request_body": exchange["request_body"],
                "status": exchange["status"],
                "response_headers": _content_type(exchange["response_headers"]),
                "response_body": exchange["response_body"],
            }
        except (ValueError, KeyError, TypeError) as error:
            raise NotAnOriginal(
                f"neither a JSON document nor lines of exchanges: {error!r}"
            ) from error
        kept.setdefault(_same(distilled), _compact(distilled))
    return "".join(f"{line}\n" for line in kept.values())


def _content_type(headers: dict[str, str]) -> dict[str, str]:
    return {k: v for k, v in headers.items() if k.lower() == "content-type"}


def _same(exchange: dict[str, Json]) -> str:
    """What two recordings of the same exchange have in common."""
    request = {**exchange, "request_body": json.loads(exchange["request_body"])}
    body = exchange["response_body"]
    events = body.split("data: ")[1:] if body.startswith("event: ") else [body]
    values = [json.loads(event.partition("\n\n")[0]) for event in events]
    request["response_body"] = [_without_ids(value) for value in values]
    return json.dumps(request, sort_keys=True)


def _without_ids(node: Json) -> Json:
    if isinstance(node, list):
        return [_without_ids(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: type(value).__name__
        if key in ("id", "item_id", "created_at") or key.endswith("_tokens")
        else _without_ids(value)
        for key, value in node.items()
    }


def _compact(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _one_a_line(document: dict[str, Json]) -> str:
    """The document as JSON that can be compared: a line for each path and component."""

    def lines(value: Json, depth: int) -> str:
        if depth == 0 or not isinstance(value, dict) or not value:
            return _compact(value)
        inner = ",\n".join(
            f"{_compact(key)}:{lines(item, depth - 1)}" for key, item in value.items()
        )
        return f"{{\n{inner}\n}}"

    parts = [
        f"{_compact(key)}:{lines(value, {'paths': 1, 'components': 2}.get(key, 0))}"
        for key, value in document.items()
    ]
    return "{\n" + ",\n".join(parts) + "\n}\n"


# The distilled files, for those who read them


@cache
def sources() -> dict[str, dict[str, Json]]:
    """By name: `file`, `what`, `source`, `date`, `licence`, and the SHA-256 of both.

    `sha256` is the original's, `distilled_sha256` that of the file here.
    """
    return json.loads(SOURCES.read_text("utf-8"))


def text_of(name: str) -> str:
    """A distilled file; a test that needs it fails where it is missing."""
    return (HERE / sources()[name]["file"]).read_text("utf-8")


def contract(name: str) -> dict[str, Json]:
    """The distilled OpenAPI document of `azure` or `openai`, without corrections."""
    return json.loads(text_of(name))


@cache
def recorded() -> tuple[dict[str, Json], ...]:
    """What was recorded on a live resource: exchanges as `record` writes them."""
    return tuple(json.loads(line) for line in text_of(RECORDED).splitlines())


# The command


def main(arguments: list[str] | None = None) -> int:
    """Distil, or compare; the exit status."""
    first, *rest = (__doc__ or "").split("\n\n")
    parser = argparse.ArgumentParser(
        description=first,
        epilog="\n\n".join(rest),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="+", metavar="FILE", type=Path)
    parser.add_argument("--check", action="store_true", help="compare, change nothing")
    parser.add_argument("--date", help="of which date the original is, when writing")
    options = parser.parse_args(arguments)
    status = 0
    for file in options.files:
        try:
            original = file.read_bytes()
            name, text = distil(original.decode())
        except (OSError, UnicodeDecodeError, NotAnOriginal) as error:
            print(f"{file}: cannot be distilled: {error}", file=sys.stderr)
            return 2
        sha256 = hashlib.sha256(original).hexdigest()
        if options.check:
            faults = [*differences(name, text, sha256)]
            for fault in faults:
                print(f"{file}: {fault}", file=sys.stderr)
            if faults:
                status = 1
            else:
                print(f"{file}: {sources()[name]['file']} is distilled from it")
        else:
            write(name, text, sha256, options.date)
            print(f"{file}: {sources()[name]['file']} is written")
    return status


def write(name: str, text: str, sha256: str, date: str | None) -> None:
    """Put a distilled file in its place, and note which original it is from."""
    known = sources()
    (HERE / known[name]["file"]).write_text(text, "utf-8", newline="\n")
    known[name]["sha256"] = sha256
    known[name]["distilled_sha256"] = hashlib.sha256(text.encode()).hexdigest()
    if date:
        known[name]["date"] = date
    told = json.dumps(known, indent=2, ensure_ascii=False) + "\n"
    SOURCES.write_text(told, "utf-8", newline="\n")


def differences(name: str, text: str, sha256: str) -> Iterator[str]:
    """How the files here differ from what an original gives; nothing if they do not."""
    known = sources()[name]
    if sha256 != known["sha256"]:
        yield f"SHA-256 is {sha256}; {name} was distilled from {known['sha256']}"
    try:
        here = text_of(name)
    except OSError as error:
        yield f"there is nothing to compare it with: {error}"
        return
    if here == text:
        return
    if name == RECORDED:
        yield f"{known['file']} has other exchanges than it would have"
        return
    try:
        before, after = _parts(json.loads(here)), _parts(json.loads(text))
    except (ValueError, KeyError, AttributeError) as error:
        yield f"{known['file']} cannot be read: {error!r}"
        return
    for what, parts in (
        ("lacks", sorted(after.keys() - before.keys())),
        ("has too much", sorted(before.keys() - after.keys())),
        ("has otherwise", sorted(k for k in before if after.get(k, 0) != before[k])),
    ):
        parts = [part for part in parts if what != "has otherwise" or part in after]
        if parts:
            yield f"{known['file']} {what}: {', '.join(parts)}"
    if before == after:
        yield f"{known['file']} has the same content in another form"


def _parts(document: dict[str, Json]) -> dict[str, str]:
    """Each path and component by its name."""
    parts = {"openapi": document["openapi"], "info": document["info"]}
    for named in (document["paths"], *document["components"].values()):
        parts |= named
    return {name: _compact(part) for name, part in parts.items()}


if __name__ == "__main__":
    sys.exit(main())
