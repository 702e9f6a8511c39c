"""`web_search` and `web_search_preview`: pages that share words with a query.

Nothing is fetched: what is searched is a small catalogue of the emulator's own
sentences, whose links lead to the real pages.
"""

import json
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from responses_emulator.ids import new_id
from responses_emulator.model.items import Item
from responses_emulator.model.prompt.words import terms
from responses_emulator.model.steps import Call, Result
from responses_emulator.tools import Hosted, mslearn

PAGES = {"low": 1, "medium": 3, "high": 5}  # by search_context_size
# Words that say nothing of the matter.
COMMON = "web internet online search look latest current today recent page site"


def run(call: Call, tool: Item, _hosted: Hosted) -> Result:
    """Search, or open a page that was found."""
    if call.arguments["type"] != "search":
        return Result(call, (_item(call.arguments),), [])
    query: str = call.arguments["query"]
    pages = found(query, tool)
    sources = [{"type": "url", "url": page["url"]} for page in pages]
    action = {"type": "search", "query": query, "queries": [query], "sources": sources}
    return Result(call, (_item(action),), pages)


def found(query: str, tool: Item) -> list[Item]:
    """The best pages for a query on the domains that a tool may search."""
    filters: Item = tool.get("filters") or {}
    domains: list[str] = filters.get("allowed_domains") or []
    allowed = [page for page in ranked(query) if _is_allowed(page["url"], domains)]
    return allowed[: PAGES[tool.get("search_context_size") or "medium"]]


def _item(action: Item) -> Item:
    return {
        "id": new_id("ws"),
        "type": "web_search_call",
        "status": "completed",
        "action": action,
    }


@cache
def _catalogue() -> list[Item]:
    """The pages: title, url, words (for the search) and content."""
    pages = Path(__file__).with_name("webpages.json").read_bytes()
    return [*json.loads(pages), *mslearn.catalogue()]


@cache
def _common() -> frozenset[str]:
    return frozenset(terms(COMMON))


def words_of(text: str) -> set[str]:
    """What is looked for of a text."""
    return {term for term in terms(text) if len(term) > 1} - _common()


def ranked(query: str) -> list[Item]:
    """The pages that share words with the query, those with most of them first."""
    sought = words_of(query)
    scored: list[tuple[int, Item]] = []
    for page in _catalogue():
        about = words_of(f"{page['title']} {page['words']}")
        score = 2 * len(sought & about) + len(sought & words_of(page["content"]))
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
