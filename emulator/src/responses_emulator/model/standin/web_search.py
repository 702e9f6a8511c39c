"""When the stand-in searches the web, for what, and what it says of the pages found."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from responses_emulator.model.items import Item
from responses_emulator.model.standin import searches
from responses_emulator.model.standin.formatted import formatted
from responses_emulator.model.steps import Call, Step, Text
from responses_emulator.model.turn import Turn
from responses_emulator.tools import web_search
from responses_emulator.tools.web_search import words_of

NOTE = "From the emulator's own small catalogue, nothing was fetched from the web:"
NOTHING = (
    "I found nothing about that in the emulator's own small catalogue; it does not "
    "search the real web."
)
MAX_CALLS = 10  # of one research, unless it is bounded by the request


def calls(turn: Turn, tool: Item) -> Iterator[Call]:
    """The searches that a prompt needs."""
    place: Item = tool.get("user_location") or {}
    if turn.researches:
        yield from _research(turn, tool, place)
        return
    if turn.must_call or searches.seeks(turn.prompt):
        yield _search(_query_of(turn.prompt, place))


def answer(turn: Turn) -> Iterator[Step]:
    """Open the pages that a research has found; then, or else, a report."""
    pages: list[Item] = []
    opened = False
    for result in turn.results:
        opened = opened or result.call.arguments.get("type") == "open_page"
        found: list[Item] = result.found or []
        pages += [page for page in found if page not in pages]
    can_call = any(tool["type"].startswith("web_search") for tool in turn.tools)
    if turn.researches and pages and not opened and can_call:
        left = MAX_CALLS - len(turn.results)
        for page in pages[:left]:
            yield Call("web_search", {"type": "open_page", "url": page["url"]})
        if left > 0:
            return
    yield _report(turn, pages)


def _research(turn: Turn, tool: Item, place: Item) -> Iterator[Call]:
    """Searches for the whole prompt and for each sentence that brings more."""
    sentences = re.split(r"(?<=[.?!:])\s+|\n+", turn.prompt.strip())
    queries = [_query_of(text, place) for text in (turn.prompt, *sentences)]
    known: list[Item] = []
    for query in dict.fromkeys(filter(words_of, queries)):
        new = [page for page in web_search.found(query, tool) if page not in known]
        if new or not known:
            known += new
            yield _search(query)


def _search(query: str) -> Call:
    return Call("web_search", {"type": "search", "query": query})


def _report(turn: Turn, pages: list[Item]) -> Text:
    """What the pages say, each with its link."""
    if not pages:
        return Text(formatted(turn, NOTHING))
    told = [f"{page['content']} {_link(page)}" for page in pages]
    text = formatted(turn, "\n\n".join([NOTE, *told]))
    return Text(text, tuple(a for page in pages for a in _citation(text, page)))


def _query_of(prompt: str, place: Item) -> str:
    """What to search for: the prompt without the request to search, and its place.

    `place` is where the user is, as the tool's `user_location` has it.
    """
    query = searches.query_of(prompt)
    where = place.get("city") or place.get("region") or place.get("country")
    return f"{query} {where}" if where else query


def _link(page: Item) -> str:
    url: str = page["url"]
    host = urlsplit(url).netloc.removeprefix("www.")
    # A bracket in the address would end the link.
    return f"([{host}]({url.replace('(', '%28').replace(')', '%29')}))"


def _citation(text: str, page: Item) -> Iterator[Item]:
    """Where a text cites a page; nowhere, if the format is JSON of another shape."""
    link = _link(page)
    start = text.find(link)
    if start >= 0:
        yield {
            "type": "url_citation",
            "start_index": start,
            "end_index": start + len(link),
            "title": page["title"],
            "url": page["url"],
        }
