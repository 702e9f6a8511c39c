"""The stand-in for Microsoft Learn's MCP server: no network is ever used.

It has the three tools that the real one has. They search and fetch a small catalogue of
the emulator's own summaries, whose links lead to the real pages; every output says so.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from responses_emulator.model.items import Item
from responses_emulator.model.words import listed, sentences, terms
from responses_emulator.urls import split

LEARN = "https://learn.microsoft.com/api/mcp"
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
LANGUAGE_WORDS = {
    "c#": "csharp", "c sharp": "csharp", ".net": "csharp", "dotnet": "csharp",
    "node": "javascript", "js": "javascript", "cli": "azurecli", "az": "azurecli",
    "azure cli": "azurecli", "c++": "cpp", "golang": "go", "kql": "kusto",
}  # fmt: skip
# Words that say nothing of the topic: every page is about them.
COMMON = frozenset(
    terms(
        "Azure OpenAI Microsoft Learn docs documentation latest way example examples "
        "explain find look search"
    )
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


def choose(prompt: str, tools: list[Item]) -> list[tuple[str, dict[str, Any]]]:
    """Which of the tools to call for a prompt, in order, each with its arguments.

    `tools` are the entries of `list_tools` that the request allows. Small talk calls
    none.
    """
    names = {tool["name"] for tool in tools}
    url = re.search(r"https://learn\.microsoft\.com/[^\s<>\"')\]]+", prompt)
    if url and FETCH in names:
        return [(FETCH, {"url": url.group().rstrip(".,;:!?")})]
    if not _is_question(prompt):
        return []
    query = _query(prompt)
    calls: list[tuple[str, dict[str, Any]]] = []
    if SEARCH in names:
        calls.append((SEARCH, {"query": query}))
    if SAMPLES in names and (_asks_for_code(prompt) or not calls):
        language = _language(prompt)
        arguments = {"query": query} | ({"language": language} if language else {})
        calls.append((SAMPLES, arguments))
    if FETCH in names and not calls:
        best = _ranked(prompt)
        calls += [(FETCH, {"url": best[0]["url"]})] if best else []
    return calls


def forced(prompt: str, tools: list[Item]) -> list[tuple[str, dict[str, Any]]]:
    """A call for a prompt that needs none: of the first tool that there is."""
    query = " ".join(prompt.split())[:MAX_QUERY] or "Azure OpenAI"
    url = (_ranked(prompt) or catalogue())[0]["url"]
    return [
        (tool["name"], {"url": url} if tool["name"] == FETCH else {"query": query})
        for tool in tools[:1]
    ]


def answer(prompt: str, outputs: list[str]) -> str:
    """What the model says after the calls, with links to the pages that were found."""
    articles: list[str] = []
    pages: dict[str, str] = {}  # what they say, by their links
    samples: list[str] = []
    for output in outputs:
        results = _results(output)
        if results is None and output.startswith("# "):
            articles.append(output)
        for result in results or []:
            if "contentUrl" in result:
                link = f"[{result['title']}]({result['contentUrl']})"
                pages.setdefault(link, result["content"])
            else:
                samples.append(_told_sample(result))
    found = [*articles, *told_pages(prompt, pages), *samples[:1]]
    if not found:
        return "The search on Microsoft Learn found nothing on this. " + NOTE
    note = [] if NOTE in found[0] else [f"({NOTE})"]
    return "\n\n".join([*found, *note])


def told_pages(prompt: str, pages: dict[str, str]) -> list[str]:
    """What the best page says to the question, and links to the next two."""
    if not pages:
        return []
    first, *others = pages
    wanted, all_said = _terms(prompt), sentences(pages[first])
    best = max(all_said, key=lambda sentence: len(wanted & _terms(sentence)))
    # A page's first sentence says what it is about, and the others explain it.
    said = pages[first] if best == all_said[0] else best
    told = [f"{said} ({first})"]
    return [*told, f"See also {listed(others[:2])}."] if others else told


def _told_sample(sample: Item) -> str:
    language = "bash" if sample["language"] == "azurecli" else sample["language"]
    return (
        f"{sample['description']} ([source]({sample['link']}))\n\n"
        f"```{language}\n{sample['codeSnippet']}\n```"
    )


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


def _terms(text: str) -> set[str]:
    """What is looked for; a single letter or digit says too little."""
    return {term for term in terms(text) if len(term) > 1} - COMMON


def _ranked(query: str) -> list[Item]:
    """The entries that share words with the query, those with most of them first."""
    terms = _terms(query)
    scored: list[tuple[float, Item]] = []
    for entry in catalogue():
        about = _terms(f"{entry['title']} {entry['words']}")
        score = 2 * len(terms & about) + len(terms & _terms(entry["content"]))
        # A title that is named in full is what was meant.
        score += 3 * (_terms(entry["title"]) <= terms)
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
        for entry in _ranked(query)[:MAX_RESULTS]
    ]


def _code_samples(query: str, language: str | None) -> list[Item]:
    return [
        {
            "description": sample["description"],
            "codeSnippet": sample["snippet"],
            "link": entry["url"],
            "language": sample["language"],
        }
        for entry in _ranked(query)
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


# --- the prompt ----------------------------------------------------------------------


def _is_question(prompt: str) -> bool:
    """Whether the prompt asks for something that documentation may tell."""
    if re.search(r"\b(?:joke|poem|haiku|limerick|story|song)\b", prompt, re.IGNORECASE):
        return False
    if re.search(r"\b(?:azure|microsoft|learn|docs?|documentation)\b", prompt.lower()):
        return True
    asks = (
        r"\b(?:how|what|which|why|when|where|explain|show|find|search|look up|give)\b"
    )
    return bool(_ranked(prompt)) or re.search(asks, prompt.lower()) is not None


def _query(prompt: str) -> str:
    """What to search for: the prompt without the request to search."""
    asked = " ".join(prompt.split())[:MAX_QUERY]
    learn = r"(?:(?:on|in|at|the)\s)*(?:microsoft\s(?:learn|docs)|docs|documentation)"
    shorter = re.sub(
        rf"\b(?:please|(?:can|could) you|look (?:it|this|that) up(?:\s{learn})?"
        rf"|(?:search|use|look(?: it)? up)\s{learn}(?:\s(?:for|to find))?"
        r"|(?:search for|look up))\b",
        "",
        asked,
        flags=re.IGNORECASE,
    )
    return " ".join(shorter.split()).strip(" ?!.,;:") or asked


def _asks_for_code(prompt: str) -> bool:
    words = r"code|samples?|snippets?|scripts?|commands?|programs?|sdk|example"
    found = re.search(rf"\b(?:{words})\b", prompt.lower())
    return found is not None or _language(prompt) is not None


def _language(prompt: str) -> str | None:
    """The programming language that the prompt names, as the server calls it."""
    text = prompt.lower()
    # "go" and "al" are common words: they count only as "in go".
    names = {name: name for name in LANGUAGES if name not in ("go", "al")}
    for word, language in (LANGUAGE_WORDS | names | {"in go": "go"}).items():
        if re.search(rf"(?<!\w){re.escape(word)}(?![\w+#])", text):
            return language
    return None


def _results(output: str) -> list[Item] | None:
    """The results in an output, or None where it has none (an article, an error)."""
    try:
        return json.loads(output)["results"]
    except (ValueError, KeyError, TypeError):
        return None
