"""Which tools of Microsoft Learn's MCP server the stand-in calls, and what it says."""

import json
import re
from typing import Any

from responses_emulator.model.items import Item
from responses_emulator.model.prompt.words import listed, sentences
from responses_emulator.tools.mslearn import (
    FETCH,
    LANGUAGES,
    MAX_QUERY,
    NOTE,
    SAMPLES,
    SEARCH,
    catalogue,
    ranked,
    words_of,
)

LANGUAGE_WORDS = {
    "c#": "csharp", "c sharp": "csharp", ".net": "csharp", "dotnet": "csharp",
    "node": "javascript", "js": "javascript", "cli": "azurecli", "az": "azurecli",
    "azure cli": "azurecli", "c++": "cpp", "golang": "go", "kql": "kusto",
}  # fmt: skip


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
        best = ranked(prompt)
        calls += [(FETCH, {"url": best[0]["url"]})] if best else []
    return calls


def forced(prompt: str, tools: list[Item]) -> list[tuple[str, dict[str, Any]]]:
    """A call for a prompt that needs none: of the first tool that there is."""
    query = " ".join(prompt.split())[:MAX_QUERY] or "Azure OpenAI"
    url = (ranked(prompt) or catalogue())[0]["url"]
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
    wanted, all_said = words_of(prompt), sentences(pages[first])
    best = max(all_said, key=lambda sentence: len(wanted & words_of(sentence)))
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


def _is_question(prompt: str) -> bool:
    """Whether the prompt asks for something that documentation may tell."""
    if re.search(r"\b(?:joke|poem|haiku|limerick|story|song)\b", prompt, re.IGNORECASE):
        return False
    if re.search(r"\b(?:azure|microsoft|learn|docs?|documentation)\b", prompt.lower()):
        return True
    asks = (
        r"\b(?:how|what|which|why|when|where|explain|show|find|search|look up|give)\b"
    )
    return bool(ranked(prompt)) or re.search(asks, prompt.lower()) is not None


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
