"""When the stand-in calls an MCP server that searches the web, and what it says."""

import json
from typing import Any

from responses_emulator.model.items import Item
from responses_emulator.model.standin import learning, web_search
from responses_emulator.tools.search_server import NOTE

MAX_QUERY = 300  # characters


def choose(prompt: str, tools: list[Item]) -> list[tuple[str, dict[str, Any]]]:
    """The call that a prompt needs, with its arguments; small talk needs none.

    `tools` are the entries of `list_tools` that the request allows.
    """
    return forced(prompt, tools) if web_search.wants(prompt) else []


def forced(prompt: str, tools: list[Item]) -> list[tuple[str, dict[str, Any]]]:
    """A call for any prompt."""
    query = web_search.query_of(prompt) or "news"
    return [(tool["name"], {"query": query[:MAX_QUERY]}) for tool in tools[:1]]


def answer(prompt: str, outputs: list[str]) -> str:
    """What the model says after the calls, with links to the pages that were found."""
    pages: dict[str, str] = {}  # what they say, by their links
    for output in outputs:
        try:
            results: list[Item] = json.loads(output)["results"]
        except (ValueError, KeyError, TypeError):
            continue
        for result in results:
            pages.setdefault(f"[{result['title']}]({result['url']})", result["content"])
    told = learning.told_pages(prompt, pages) or ["The search found nothing on this."]
    return "\n\n".join([*told, f"({NOTE})"])
