"""Which tools of MCP servers the stand-in calls, and what it says of their outputs."""

from collections.abc import Iterator, Sequence
from typing import Any

from responses_emulator.model.items import Item
from responses_emulator.model.prompt import spans
from responses_emulator.model.prompt.words import name_words, words
from responses_emulator.model.standin import function_calls, function_results, searches
from responses_emulator.model.standin.formatted import formatted
from responses_emulator.model.steps import Call, Result, Step, Text
from responses_emulator.model.turn import Turn
from responses_emulator.model.values.keywords import as_dict


def calls(turn: Turn, tool: Item) -> Iterator[Call]:
    """The calls of a server's tools that a prompt needs."""
    label: str = tool["server_label"]
    offered = [_function(entry) for entry in turn.servers.get(label, [])]
    chosen = _choose(turn.prompt, offered)
    if not chosen and turn.must_call:
        made = _made(offered[0], turn.prompt)
        # The server may say what is wrong with no arguments at all.
        chosen = [(offered[0]["name"], each) for each in made or [{}]]
    for name, arguments in chosen:
        yield Call("mcp", arguments, name, label)


def answer(turn: Turn, results: Sequence[Result]) -> Iterator[Step]:
    """What the calls have brought."""
    if all(result.refused for result in results):
        yield Text("The tool call was not approved, so I did not make it.")
        return
    brought = [result for result in results if result.found is not None]
    if not brought:
        yield Text(formatted(turn, "The tool could not be called."))
        return
    found = [r.found for r in brought if searches.pages_in(r.found)]
    others = [
        (r.call.name, r.call.arguments, r.found)
        for r in brought
        if not searches.pages_in(r.found)
    ]
    words = [searches.told(turn.prompt, found)] if found else []
    if others:
        words.append(function_results.answer(turn.prompt, others))
    yield Text(formatted(turn, "\n\n".join(words)))


def _choose(prompt: str, offered: list[Item]) -> list[tuple[str, dict[str, Any]]]:
    """An address is fetched, and a question searched for, where a tool takes it."""
    url = spans.first(prompt, "url")
    fetching = [each for each in offered if _takes(each["parameters"], "url")]
    if url and fetching:
        return [(fetching[0]["name"], {"url": url})]
    searching = [each for each in offered if _takes(each["parameters"], "query")]
    if searching and searches.seeks(prompt):
        query = {"query": searches.query_of(prompt)}
        names = [each["name"] for each in _asked_for(prompt, searching)]
        return [(name, query) for name in names]
    others = [each for each in offered if each not in searching]
    try:
        return function_calls.choose(others, prompt)
    except ValueError:  # a schema that nothing satisfies: such a tool is passed over
        fit = [each for each in others if _made(each, prompt) is not None]
        return function_calls.choose(fit, prompt)


def _asked_for(prompt: str, searching: list[Item]) -> list[Item]:
    """The first of several searches, and those that are named besides."""
    first, *others = searching
    named = set(words(prompt)).difference(name_words(first["name"]))
    return [first, *(e for e in others if named.intersection(name_words(e["name"])))]


def _takes(parameters: Item, needed: str) -> bool:
    """Whether a text of this name is all that a tool has to have."""
    about = as_dict(as_dict(parameters.get("properties")).get(needed))
    return parameters.get("required") == [needed] and about.get("type") == "string"


def _made(function: Item, prompt: str) -> list[dict[str, Any]] | None:
    """The arguments of calls; None where nothing satisfies the schema."""
    try:
        return function_calls.calls(function, prompt)
    except ValueError:
        return None


def _function(entry: Item) -> Item:
    """A server's tool as a function, to choose among them."""
    return {**entry, "type": "function", "parameters": entry["input_schema"]}
