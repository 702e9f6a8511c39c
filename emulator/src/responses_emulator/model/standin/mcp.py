"""Which tools of MCP servers the stand-in calls, and what it says of their outputs."""

from collections.abc import Iterator, Sequence
from typing import Any

from responses_emulator.model.items import Item
from responses_emulator.model.standin import asking_the_web, functions, learning
from responses_emulator.model.standin.formatted import formatted
from responses_emulator.model.steps import Call, Result, Step, Text
from responses_emulator.model.turn import Turn
from responses_emulator.tools import mslearn, search_server


def calls(turn: Turn, tool: Item) -> Iterator[Call]:
    """The calls of a server's tools that a prompt needs."""
    label: str = tool["server_label"]
    entries = turn.servers.get(label, [])
    chosen = _choose(turn.prompt, entries)
    if not chosen and turn.must_call:
        chosen = _forced(turn.prompt, entries)
    for name, arguments in chosen:
        yield Call("mcp", arguments, name, label)


def answer(turn: Turn, results: Sequence[Result]) -> Iterator[Step]:
    """What the calls have brought."""
    if all(result.refused for result in results):
        yield Text("The tool call was not approved, so I did not make it.")
        return
    outputs = [result.found for result in results if result.found is not None]
    if not outputs:
        yield Text(formatted(turn, "The tool could not be called."))
        return
    called = [
        entry
        for result in results
        for entry in turn.servers.get(result.call.owner, [])
        if entry["name"] == result.call.name
    ]
    if _are_of(called, mslearn.list_tools()):
        words = learning.answer(turn.prompt, outputs)
    elif _are_of(called, search_server.list_tools()):
        words = asking_the_web.answer(turn.prompt, outputs)
    else:
        told = [(r.call.name, r.call.arguments, r.found) for r in results if r.found]
        words = functions.answer(turn.prompt, told)
    yield Text(formatted(turn, words))


def _choose(prompt: str, entries: list[Item]) -> list[tuple[str, dict[str, Any]]]:
    if _are_of(entries, mslearn.list_tools()):
        return learning.choose(prompt, entries)
    if _are_of(entries, search_server.list_tools()):
        return asking_the_web.choose(prompt, entries)
    offered = [_function(entry) for entry in entries]
    try:
        return functions.choose(offered, prompt)
    except ValueError:  # a schema that nothing satisfies: such a tool is passed over
        fit = [function for function in offered if _made(function, prompt) is not None]
        return functions.choose(fit, prompt)


def _forced(prompt: str, entries: list[Item]) -> list[tuple[str, dict[str, Any]]]:
    if _are_of(entries, mslearn.list_tools()):
        return learning.forced(prompt, entries)
    if _are_of(entries, search_server.list_tools()):
        return asking_the_web.forced(prompt, entries)
    made = _made(_function(entries[0]), prompt)
    # The server may say what is wrong with no arguments at all.
    return [(entries[0]["name"], each) for each in ([{}] if made is None else made)]


def _are_of(entries: list[Item], server: list[Item]) -> bool:
    """Whether tools are those of a server that is built in, and not of their names."""
    return all(entry in server for entry in entries)


def _made(function: Item, prompt: str) -> list[dict[str, Any]] | None:
    """The arguments of calls; None where nothing satisfies the schema."""
    try:
        return functions.calls(function, prompt)
    except ValueError:
        return None


def _function(entry: Item) -> Item:
    """A server's tool as a function, to choose among them."""
    return {**entry, "type": "function", "parameters": entry["input_schema"]}
