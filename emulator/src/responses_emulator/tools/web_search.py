"""`web_search` and `web_search_preview`: pages that answer a prompt, cited in the text.

Nothing is fetched: what is searched is a small catalogue of the emulator's own
sentences, whose links lead to the real pages, and every answer says so.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from responses_emulator.ids import new_id
from responses_emulator.model.items import Item
from responses_emulator.model.replies import formatted, message
from responses_emulator.model.turn import Turn
from responses_emulator.model.words import terms
from responses_emulator.tools import Hosted, mslearn

NOTE = "From the emulator's own small catalogue, nothing was fetched from the web:"
NOTHING = (
    "I found nothing about that in the emulator's own small catalogue; it does not "
    "search the real web."
)
PAGES = {"low": 1, "medium": 3, "high": 5}  # by search_context_size
MAX_QUERY = 300  # characters
MAX_CALLS = 10  # of one research, unless it is bounded by the request
ASKS_THE_WEB = (
    r"\b(?:web|internet|online|search|google|bing|look(?:ed)? up|news|headlines?|"
    r"latest|current(?:ly)?|today|recent(?:ly)?|this week|sources?|cite)\b"
)
ASKS = r"\b(?:who|what|when|where|which|how|why|find|tell|is|are|does|did)\b"
IS_LOCAL = r"\b(?:near(?:by| me)?|here|local(?:ly)?|weather|my (?:city|town))\b"
# Words that say nothing of the matter.
COMMON = frozenset(
    terms("web internet online search look latest current today recent page site")
)


def respond(turn: Turn, tool: Item, _hosted: Hosted) -> Iterator[Item]:
    """The call and a message that cites pages; nothing where there is no need."""
    if turn.researches:
        yield from _research(turn, tool)
        return
    query = query_of(turn.prompt, tool.get("user_location") or {})
    found = ranked(query)
    pages = _allowed(found, tool)
    if not (turn.forced or wants(turn.prompt, found)):
        return
    yield _search(query, pages)
    yield _report(turn, pages)


def _research(turn: Turn, tool: Item) -> Iterator[Item]:
    """Several searches, for the whole prompt and each of its sentences, and a report.

    Pages that were found are opened as far as `max_tool_calls` allows.
    """
    place: Item = tool.get("user_location") or {}
    most = MAX_CALLS if turn.max_tool_calls is None else turn.max_tool_calls
    sentences = re.split(r"(?<=[.?!:])\s+|\n+", turn.prompt.strip())
    queries = [query_of(text, place) for text in (turn.prompt, *sentences)]
    pages: list[Item] = []
    calls = 0
    for query in dict.fromkeys(filter(_terms, queries)):
        new = [page for page in _allowed(ranked(query), tool) if page not in pages]
        if calls < most and (new or not calls):
            calls += 1
            pages += new
            yield _search(query, new)
    for page in pages[: most - calls]:
        yield _call({"type": "open_page", "url": page["url"]})
    yield _report(turn, pages)


def _allowed(found: list[Item], tool: Item) -> list[Item]:
    """The best of the pages on the domains that a tool may search."""
    filters: Item = tool.get("filters") or {}
    domains: list[str] = filters.get("allowed_domains") or []
    allowed = [page for page in found if _is_allowed(page["url"], domains)]
    return allowed[: PAGES[tool.get("search_context_size") or "medium"]]


def _search(query: str, pages: list[Item]) -> Item:
    sources = [{"type": "url", "url": page["url"]} for page in pages]
    return _call(
        {"type": "search", "query": query, "queries": [query], "sources": sources}
    )


def _call(action: Item) -> Item:
    return {
        "id": new_id("ws"),
        "type": "web_search_call",
        "status": "completed",
        "action": action,
    }


def _report(turn: Turn, pages: list[Item]) -> Item:
    """What the pages say, each with its link."""
    if not pages:
        return message(formatted(turn, NOTHING))
    told = [f"{page['content']} {_link(page)}" for page in pages]
    text = formatted(turn, "\n\n".join([NOTE, *told]))
    return message(text, [a for page in pages for a in _citation(text, page)])


def wants(prompt: str, found: list[Item] | None = None) -> bool:
    """Whether a prompt needs a search, for which these pages are found."""
    text = prompt.lower()
    if re.search(ASKS_THE_WEB, text):
        return True
    if found is None:
        found = ranked(query_of(prompt))
    return bool(found) and re.search(ASKS, text) is not None


def query_of(prompt: str, place: Item | None = None) -> str:
    """What to search for: the prompt without the request to search, and its place.

    `place` is where the user is, as the tool's `user_location` has it.
    """
    asked = " ".join(prompt.split())[:MAX_QUERY]
    shorter = re.sub(
        r"\b(?:please|(?:can|could) you|search (?:the (?:web|internet))?(?: ?for)?|"
        r"look up|on the (?:web|internet)|online)\b",
        "",
        asked,
        flags=re.IGNORECASE,
    )
    query = " ".join(shorter.split()).strip(" ?!.,;:") or asked
    place = place or {}
    where = place.get("city") or place.get("region") or place.get("country")
    if where and re.search(IS_LOCAL, query, re.IGNORECASE):
        return f"{query} {where}"
    return query


@cache
def _catalogue() -> list[Item]:
    """The pages: title, url, words (for the search) and content."""
    pages = Path(__file__).with_name("webpages.json").read_bytes()
    return [*json.loads(pages), *mslearn.catalogue()]


def _terms(text: str) -> set[str]:
    return {term for term in terms(text) if len(term) > 1} - COMMON


def ranked(query: str) -> list[Item]:
    """The pages that share words with the query, those with most of them first."""
    sought = _terms(query)
    scored: list[tuple[int, Item]] = []
    for page in _catalogue():
        about = _terms(f"{page['title']} {page['words']}")
        score = 2 * len(sought & about) + len(sought & _terms(page["content"]))
        if score > 1:
            scored.append((score, page))
    scored.sort(key=lambda pair: -pair[0])
    best = scored[0][0] if scored else 0
    return [page for score, page in scored if 2 * score >= best]


def _is_allowed(url: str, domains: list[str]) -> bool:
    """Whether a page is on one of the domains or below it; no domains allow all."""
    host = urlsplit(url).hostname or ""
    wanted = [domain.lower().strip(".") for domain in domains]
    return not wanted or any(host == d or host.endswith(f".{d}") for d in wanted)


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
