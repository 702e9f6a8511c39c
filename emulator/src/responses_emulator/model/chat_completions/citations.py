"""What an answer has from the tools of its response, as annotations.

A file is cited where the answer repeats some of its words, a page where it links to it,
a file of a container where it links to that. Nothing is cited that is not said.
"""

import re
from collections.abc import Iterator, Sequence

from responses_emulator.model.items import Item
from responses_emulator.model.steps import Result
from responses_emulator.tools import Hit, Printed

WORDS_IN_A_ROW = 5  # of a passage, which an answer repeats where it quotes that
MAX_CITED = 64
FOLDER = "sandbox:/mnt/data/"
_WORD = re.compile(r"\w+")


def of_answer(text: str, found: Sequence[Result]) -> tuple[Item, ...]:
    """The annotations of an answer, in the order of their places."""
    annotations = [
        *_files(text, [hit for each in found for hit in _hits(each)]),
        *_pages(text, [page for each in found for page in _found_pages(each)]),
        *_written(text, [each.found for each in found if _has_printed(each)]),
    ]
    annotations.sort(key=lambda each: each.get("start_index", each.get("index", 0)))
    return tuple(annotations[:MAX_CITED])


def _hits(result: Result) -> list[Hit]:
    return result.found or [] if result.call.type == "file_search" else []


def _found_pages(result: Result) -> list[Item]:
    return result.found or [] if result.call.type == "web_search" else []


def _has_printed(result: Result) -> bool:
    return isinstance(result.found, Printed)


def _files(text: str, hits: list[Hit]) -> Iterator[Item]:
    """A citation at the end of each quotation, of the best passage that has it."""
    passages: dict[tuple[str, ...], Hit] = {}
    for hit in hits:
        words = [word.casefold() for word in _WORD.findall(hit.text)]
        for row in _rows(words):
            passages.setdefault(row, hit)
    matches = list(_WORD.finditer(text))
    words = [match[0].casefold() for match in matches]
    quoted: Hit | None = None
    end = 0
    for place, row in enumerate(_rows(words)):
        hit = passages.get(row)
        if quoted is not None and hit is not quoted:
            yield _file_citation(quoted, end)
        if hit is not None:
            end = matches[place + len(row) - 1].end()
        quoted = hit
    if quoted is not None:
        yield _file_citation(quoted, end)


def _rows(words: list[str]) -> Iterator[tuple[str, ...]]:
    """Every so many words in a row."""
    for start in range(len(words) - WORDS_IN_A_ROW + 1):
        yield tuple(words[start : start + WORDS_IN_A_ROW])


def _file_citation(hit: Hit, index: int) -> Item:
    return {
        "type": "file_citation",
        "file_id": hit.file_id,
        "filename": hit.filename,
        "index": index,
    }


def _pages(text: str, pages: list[Item]) -> Iterator[Item]:
    """A citation for each link, bracket and parenthesis included, or bare address."""
    for page in {page["url"]: page for page in pages}.values():
        address = re.escape(page["url"])
        link = re.compile(rf"\(?\[[^\]\n]*\]\({address}\)\)?|{address}(?![\w/-])")
        for match in link.finditer(text):
            yield {
                "type": "url_citation",
                "start_index": match.start(),
                "end_index": match.end(),
                "title": page["title"],
                "url": page["url"],
            }


def _written(text: str, printed: list[Printed]) -> Iterator[Item]:
    """A citation for each link to a file that a program has written."""
    for done in printed:
        for name, id in done.written.items():
            start = text.find(FOLDER + name)
            if start >= 0:
                yield {
                    "type": "container_file_citation",
                    "container_id": done.container_id,
                    "file_id": id,
                    "filename": name,
                    "start_index": start,
                    "end_index": start + len(FOLDER + name),
                }
