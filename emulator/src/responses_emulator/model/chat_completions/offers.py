"""The tools of a turn as functions that a model can call, and its calls as steps.

A hosted tool becomes a function as well: the loop runs what is called. Where two tools
would have the same name, the later one has a name of its own.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import orjson

from responses_emulator.model.chat_completions import hosted
from responses_emulator.model.chat_completions.writing import AsItIs, OfProperty, Writer
from responses_emulator.model.items import Item
from responses_emulator.model.steps import Call
from responses_emulator.model.turn import Turn
from responses_emulator.model.values import checks
from responses_emulator.tools import WEB_SEARCHES, tool_search

LONGEST_NAME = 64
# Tools that have several versions, whose calls are alike.
_VERSIONS = {
    **dict.fromkeys(WEB_SEARCHES, "web_search"),
    "computer_use_preview": "computer",
}
Key = tuple[str, str, str]  # a tool's type, its name and its owner's


class Misused(Exception):
    """A call that cannot be made; the text tells the model why."""


@dataclass(frozen=True)
class Offer:
    """A function that is offered, and the call that it stands for."""

    key: Key
    description: str
    parameters: Item
    make: Callable[[Any], Call]
    strict: bool = False
    takes_any_text: bool = False  # its arguments are the caller's to read
    writer: Callable[[], Writer] | None = None  # where they can go out piece by piece


class Offers:
    """All that a turn offers, by the names that the model knows."""

    def __init__(self, turn: Turn) -> None:
        """The tools that may be called now."""
        self._names: dict[Key, str] = {}
        self._taken: set[str] = set()
        self._offers: dict[str, Offer] = {}
        for tool in tool_search.loaded(turn, turn.tools):
            self._add(_callers(tool))
        for label, entries in turn.servers.items():
            for entry in entries:
                self._add(_of_server(label, entry))
        for tool in turn.tools:
            for made in _of_hosted(turn, tool):
                self._add(made)
        if turn.subagents is not None:
            for made in _of_agents():
                self._add(made)

    def name_of(self, kind: str, name: str = "", owner: str = "") -> str:
        """What the model knows a tool by, whether it is offered now or was once."""
        return self._named((_plain(kind), name, owner))

    def has(self, name: str) -> bool:
        """Whether there is a tool of this name."""
        return name in self._offers

    def key_of(self, name: str) -> Key:
        """The tool that a name stands for, which is offered."""
        return self._offers[name].key

    def writer(self, name: str) -> Writer | None:
        """Who tells what is written for a call, if that may go out as it comes."""
        offer = self._offers.get(name)
        return offer.writer() if offer and offer.writer else None

    def functions(self) -> list[Item]:
        """The `tools` of a request."""
        functions: list[Item] = []
        for name, offer in self._offers.items():
            function: Item = {
                "name": name,
                "description": offer.description,
                "parameters": offer.parameters,
            }
            if offer.strict:
                function["strict"] = True
            functions.append({"type": "function", "function": function})
        return functions

    def call(self, name: str, arguments: str) -> Call:
        """The call that a model wants made. Raises `Misused`."""
        offer = self._offers.get(name)
        if offer is None:
            known = ", ".join(self._offers) or "none"
            raise Misused(f"There is no tool {name!r}. There are: {known}.")
        if offer.takes_any_text:
            return offer.make(arguments)
        try:
            given: Any = orjson.loads(arguments or "{}")
        except orjson.JSONDecodeError as error:
            raise Misused(f"The arguments of {name} are no JSON: {error}.") from None
        if not isinstance(given, dict):
            raise Misused(f"The arguments of {name} are no JSON object.")
        missing = [
            each
            for each in cast("list[str]", offer.parameters.get("required", ()))
            if each not in given
        ]
        if missing:
            raise Misused(f"The arguments of {name} lack {', '.join(missing)}.")
        try:
            return offer.make(given)
        except (TypeError, ValueError, KeyError) as error:
            raise Misused(f"The arguments of {name} do not fit: {error}.") from None

    def cut_off(self, name: str, arguments: str) -> Call | None:
        """A call that was not written to its end, as far as there is anything of it."""
        offer = self._offers.get(name)
        if offer is None:
            return None
        kind, plain, owner = offer.key
        if kind in ("function", "mcp"):
            return Call(kind, arguments, plain, owner)
        if kind == "custom":
            return Call(kind, OfProperty("input").add(arguments), plain, owner)
        if kind == "code_interpreter":
            return Call(kind, {"code": OfProperty("code").add(arguments)})
        return Call(kind, {})

    def _add(self, offer: Offer) -> None:
        self._offers[self._named(offer.key)] = offer

    def _named(self, key: Key) -> str:
        if key not in self._names:
            self._names[key] = self._free(key)
            self._taken.add(self._names[key])
        return self._names[key]

    def _free(self, key: Key) -> str:
        kind, name, owner = key
        plain = _spelled(name or kind)
        if plain not in self._taken:
            return plain
        wanted = _spelled(f"{owner or kind}_{name or kind}")
        number = 2
        free = wanted
        while free in self._taken:
            free = f"{wanted[: LONGEST_NAME - 4]}_{number}"
            number += 1
        return free


def _plain(kind: str) -> str:
    """The type of a tool, whichever version of it that is."""
    return _VERSIONS.get(kind, kind)


def _spelled(name: str) -> str:
    return re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:LONGEST_NAME]


def _callers(tool: Item) -> Offer:
    """A tool that the caller runs."""
    name: str = tool["name"]
    owner: str = tool.get("namespace") or ""
    described: str = tool.get("description") or ""
    if tool["type"] == "custom":
        format: Item = tool.get("format") or {}
        has_grammar = format.get("type") == "grammar"
        return Offer(
            ("custom", name, owner),
            hosted.custom_description(described, format),
            hosted.object_of({"input": hosted.TEXT}),
            partial(_custom_call, name, owner, format if has_grammar else None),
            # What has to match a grammar is known to do so when it is whole.
            writer=None if has_grammar else partial(OfProperty, "input"),
        )
    return Offer(
        ("function", name, owner),
        described,
        tool.get("parameters") or hosted.object_of({}),
        lambda given: Call("function", given or "{}", name, owner),
        strict=tool.get("strict") is True,
        takes_any_text=True,
        writer=AsItIs,
    )


def _custom_call(name: str, owner: str, grammar: Item | None, given: Any) -> Call:
    """The call of a custom tool. Raises `Misused` where its grammar does not match."""
    text = hosted.text(given["input"])
    if grammar is not None:
        fault = checks.fault(grammar["syntax"], grammar["definition"], text)
        if fault:
            raise Misused(f"The input of {name} does not match its grammar: {fault}")
    return Call("custom", text, name, owner)


def _of_server(label: str, entry: Item) -> Offer:
    """A tool of an MCP server."""
    name: str = entry["name"]
    return Offer(
        ("mcp", name, label),
        entry.get("description") or "",
        entry.get("input_schema") or hosted.object_of({}),
        lambda given: Call("mcp", given, name, label),
    )


def _of_hosted(turn: Turn, tool: Item) -> list[Offer]:
    """A tool without a name, whether the service carries it out or the caller."""
    kind = _plain(tool["type"])
    known = hosted.HOSTED.get(kind)
    if known is None:
        return []
    return [
        Offer((kind, "", ""), known.describe(turn, tool), known.takes(tool), make)
        for make in (known.maker(turn, tool),)
    ]


def _of_agents() -> list[Offer]:
    return [
        Offer(
            ("multi_agent", name, ""),
            described,
            parameters,
            partial(hosted.collaborated, name),
        )
        for name, (described, parameters) in hosted.AGENTS.items()
    ]
