"""The stand-in for Microsoft Learn's MCP server: no network is ever used.

It has the three tools that the real one has. They search and fetch a small catalogue of
the emulator's own summaries, whose links lead to the real pages; every output says so.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from responses_emulator.model.items import Item
from responses_emulator.model.prompt.words import terms
from responses_emulator.urls import split

HOST = "learn.microsoft.com"
LEARN = f"https://{HOST}/api/mcp"
NOTE = (
    "From the emulator's own small catalogue: nothing was fetched from Microsoft Learn."
)
MAX_RESULTS = 5
MAX_QUERY = 300  # characters

SEARCH = "microsoft_docs_search"
SAMPLES = "microsoft_code_sample_search"
FETCH = "microsoft_docs_fetch"

LANGUAGES = (
    "csharp", "javascript", "typescript", "python", "powershell", "azurecli", "al",
    "sql", "java", "kusto", "cpp", "go", "rust", "ruby", "php",
)  # fmt: skip
# Words that say nothing of the topic: every page is about them.
COMMON = (
    "Azure OpenAI Microsoft Learn docs documentation latest way example examples "
    "explain find look search"
)


def is_learn(server_url: str) -> bool:
    """Whether an address is this server's."""
    try:
        parts, known = split(server_url), split(LEARN)
    except ValueError:
        return False
    return (parts.scheme, parts.netloc.lower(), parts.path.rstrip("/")) == (
        known.scheme,
        known.netloc,
        known.path,
    )


def list_tools() -> list[Item]:
    """The server's tools, as entries of an `mcp_list_tools` item."""
    return [
        reading_tool(
            SEARCH,
            "Microsoft Docs Search",
            "Search the documentation on Microsoft Learn. Gives short passages, each "
            "with its article's title and address.",
            {
                "query": text_argument(
                    "What to look for, in words about a Microsoft product."
                )
            },
            ["query"],
        ),
        reading_tool(
            SAMPLES,
            "Microsoft Code Sample Search",
            "Search the code samples on Microsoft Learn. Gives snippets, each with a "
            "description, its language and its article's address.",
            {
                "query": text_argument(
                    "What the code shall do, or the name of an SDK or method."
                ),
                "language": {
                    **text_argument("The programming language of the samples."),
                    "enum": list(LANGUAGES),
                },
            },
            ["query"],
        ),
        reading_tool(
            FETCH,
            "Microsoft Docs Fetch",
            "Fetch an article of Microsoft Learn as Markdown.",
            {"url": text_argument("The article's address, on learn.microsoft.com.")},
            ["url"],
        ),
    ]


def call(name: str, arguments: dict[str, Any]) -> str:
    """The output of one tool call: a JSON object, or for an article its Markdown.

    Arguments that the tool doesn't take get an output that says so, as on the real
    server; so does an unknown tool.
    """
    if name not in (SEARCH, SAMPLES, FETCH):
        return f"Unknown tool: '{name}'"
    needed = "url" if name == FETCH else "query"
    value = arguments.get(needed)
    if not isinstance(value, str) or not value.strip():
        return f"The tool {name} needs the argument '{needed}', a text."
    if name == FETCH:
        return _article(value)
    if name == SEARCH:
        results = _passages(value)
    else:
        language = arguments.get("language")
        results = _code_samples(value, language if language in LANGUAGES else None)
    return json.dumps({"results": results, "note": NOTE}, ensure_ascii=False)


# --- the catalogue -------------------------------------------------------------------


def text_argument(description: str) -> Item:
    """The schema of an argument of a tool: a text."""
    return {"type": "string", "description": description}


def reading_tool(
    name: str, title: str, description: str, properties: Item, required: list[str]
) -> Item:
    """The entry of a tool that reads and changes nothing."""
    return {
        "name": name,
        "description": description,
        "input_schema": {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        },
        "annotations": {
            "title": title,
            "readOnlyHint": True,
            "destructiveHint": False,
            "idempotentHint": True,
            "openWorldHint": True,
        },
    }


@cache
def catalogue() -> list[Item]:
    """The entries: title, url, words (for the search), content and code samples."""
    return json.loads(Path(__file__).with_name("mslearn.json").read_bytes())


@cache
def _common() -> frozenset[str]:
    return frozenset(terms(COMMON))


def words_of(text: str) -> set[str]:
    """What is looked for; a single letter or digit says too little."""
    return {term for term in terms(text) if len(term) > 1} - _common()


def ranked(query: str) -> list[Item]:
    """The entries that share words with the query, those with most of them first."""
    terms = words_of(query)
    scored: list[tuple[float, Item]] = []
    for entry in catalogue():
        about = words_of(f"{entry['title']} {entry['words']}")
        score = 2 * len(terms & about) + len(terms & words_of(entry["content"]))
        # A title that is named in full is what was meant.
        score += 3 * (words_of(entry["title"]) <= terms)
        if score > 1:
            scored.append((score, entry))
    scored.sort(key=lambda pair: -pair[0])
    return [entry for _, entry in scored]


def _passages(query: str) -> list[Item]:
    return [
        {
            "title": entry["title"],
            "content": entry["content"],
            "contentUrl": entry["url"],
        }
        for entry in ranked(query)[:MAX_RESULTS]
    ]


def _code_samples(query: str, language: str | None) -> list[Item]:
    return [
        {
            "description": sample["description"],
            "codeSnippet": sample["snippet"],
            "link": entry["url"],
            "language": sample["language"],
        }
        for entry in ranked(query)
        for sample in entry["code"]
        if language in (None, sample["language"])
    ][:MAX_RESULTS]


def _article(url: str) -> str:
    wanted = url.partition("?")[0].partition("#")[0].rstrip("/").lower()
    for entry in catalogue():
        # The address without its language leads to the same page.
        if wanted in (entry["url"], entry["url"].replace("/en-us/", "/")):
            code = "".join(
                f"\n\n{sample['description']}\n\n```{sample['language']}\n"
                f"{sample['snippet']}\n```"
                for sample in entry["code"]
            )
            text = f"# {entry['title']}\n\n{entry['content']}{code}"
            return f"{text}\n\nSource: {entry['url']}\n\n({NOTE})"
    return f"The emulator has no article for {url}. {NOTE}"
