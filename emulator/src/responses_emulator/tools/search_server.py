"""The stand-in for an MCP server that wants a credential: a search of the web.

Its one tool searches the small catalogue that `web_search` has. Who may ask is decided
elsewhere (`resources.mcp_servers`); here nobody is asked for anything.
"""

import json
from typing import Any

from responses_emulator.model.items import Item
from responses_emulator.tools import mslearn, web_search

SEARCH = "web_search"
NOTE = "From the emulator's own small catalogue: nothing was fetched from the web."
MAX_RESULTS = 5


def list_tools() -> list[Item]:
    """The server's tools, as entries of an `mcp_list_tools` item."""
    return [
        mslearn.reading_tool(
            SEARCH,
            "Web Search",
            "Search the web. Gives short passages, each with its page's title and "
            "address.",
            {"query": mslearn.text_argument("What to look for.")},
            ["query"],
        )
    ]


def call(name: str, arguments: dict[str, Any]) -> str:
    """The output of one tool call: a JSON object with `results` and a `note`.

    Arguments that the tool doesn't take get an output that says so, as does an unknown
    tool.
    """
    query = arguments.get("query")
    if name != SEARCH:
        return f"Unknown tool: '{name}'"
    if not isinstance(query, str) or not query.strip():
        return f"The tool {name} needs the argument 'query', a text."
    results = [
        {"title": page["title"], "content": page["content"], "url": page["url"]}
        for page in web_search.ranked(query)[:MAX_RESULTS]
    ]
    return json.dumps({"results": results, "note": NOTE}, ensure_ascii=False)
