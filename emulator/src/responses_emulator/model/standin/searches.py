"""Searches, by whatever tool: what is searched for, and what the found pages say."""

import json
import re
from typing import Any, cast

from responses_emulator.model.items import Item
from responses_emulator.model.prompt.words import (
    lazy_pattern,
    listed,
    search_terms,
    sentences,
)

MAX_QUERY = 300  # characters

_SEEKS = lazy_pattern(
    r"\?|\b(?:who|what|when|where|which|how|why|search|find|look up|explain|show)\b",
    re.IGNORECASE,
)
_WHERE = r"(?:web|internet|docs|(?-i:[A-Z]\w+ [A-Z]\w+))"
_REQUEST = lazy_pattern(
    r"\b(?:please|(?:can|could) you|look (?:it|this|that) up|online|search for|look up"
    rf"|(?:search|look up)(?: the)? {_WHERE}(?: for)?|on the {_WHERE})(?!\w)",
    re.IGNORECASE,
)


def seeks(prompt: str) -> bool:
    """Whether a prompt asks for something that a search may find."""
    return bool(_SEEKS().search(prompt))


def query_of(prompt: str) -> str:
    """What to search for: the prompt without the request to search."""
    asked = " ".join(prompt.split())[:MAX_QUERY]
    shorter = _REQUEST().sub("", asked)
    return " ".join(shorter.split()).strip(" ?!.,;:") or asked


def told(prompt: str, outputs: list[str]) -> str:
    """What the pages in these outputs say to a question, with links to them.

    A `note` about them is passed on.
    """
    pages: dict[str, str] = {}  # what they say, by their links
    notes: dict[str, None] = {}
    for found in filter(None, map(pages_in, outputs)):
        for page in found["results"]:
            link = f"[{page['title']}]({_address(page)})"
            pages.setdefault(link, page["content"])
        if found.get("note"):
            notes[f"({found['note']})"] = None
    return "\n\n".join([*_told(prompt, pages), *notes])


def _told(prompt: str, pages: dict[str, str]) -> list[str]:
    """What the best page says to the question, and links to the next two."""
    if not pages:
        return ["The search found nothing on this."]
    first, *others = pages
    # What the page's title says, each of its sentences is about.
    wanted = set(search_terms(prompt)).difference(search_terms(first))
    all_said = sentences(pages[first])
    best = max(all_said, key=lambda said: len(wanted.intersection(search_terms(said))))
    # A page's first sentence says what it is about, and the others explain it.
    said = pages[first] if best == all_said[0] else best
    links = [f"See also {listed(others[:2])}."] if others else []
    return [f"{said} ({first})", *links]


def pages_in(output: str) -> Item | None:
    """What a search has found: `results`, each with title, content and an address.

    None for any other output.
    """
    try:
        found: Any = json.loads(output)
    except (ValueError, RecursionError):
        return None
    results: Any = cast(Item, found).get("results") if isinstance(found, dict) else None
    if not isinstance(results, list):
        return None
    return cast(Item, found) if all(map(_is_page, cast(list[Any], results))) else None


def _is_page(result: Any) -> bool:
    if not isinstance(result, dict):
        return False
    page = cast(Item, result)
    texts = (page.get("title"), page.get("content"), _address(page))
    return all(isinstance(text, str) and text.strip() for text in texts)


def _address(page: Item) -> Any:
    return page.get("contentUrl") or page.get("url")
