"""Documents cut into passages, and passages ranked by how well they fit a question."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

from emulator.model.turn import Document
from emulator.model.words import search_terms

CHARACTERS_PER_TOKEN = 4


@dataclass(frozen=True)
class Passage:
    """A stretch of a document's text, and where it comes from."""

    filename: str
    page: int  # the page on which it begins; the first is 1
    text: str
    file_id: str = ""

    @cached_property
    def terms(self) -> list[str]:
        """What it can be found by."""
        return search_terms(self.text)


def split(
    document: Document, max_tokens: int = 800, overlap: int = 400, file_id: str = ""
) -> list[Passage]:
    """Passages of at most `max_tokens`, `overlap` of them shared with the one before.

    They begin and end at a line or a word where there is one. Nothing of a document
    without text.
    """
    text = "\n".join(document.pages)
    page_starts = [0, *accumulate(len(page) + 1 for page in document.pages[:-1])]
    size = max(1, max_tokens) * CHARACTERS_PER_TOKEN
    shared = min(overlap * CHARACTERS_PER_TOKEN, size // 2)

    passages: list[Passage] = []
    start = 0
    while start < len(text):
        end = _boundary(text, start + size, start + size - size // 4)
        piece = text[start:end]
        if piece.strip():
            first = start + len(piece) - len(piece.lstrip())
            page = bisect_right(page_starts, first)
            passages.append(Passage(document.filename, page, piece.strip(), file_id))
        if end >= len(text):
            break
        start = max(start + 1, _boundary(text, end - shared, end - shared - size // 8))
    return passages


def _boundary(text: str, latest: int, earliest: int) -> int:
    """Where best to cut between two offsets: after a line, a space, or at `latest`."""
    if latest >= len(text):
        return len(text)
    for separator in ("\n", " "):
        found = text.rfind(separator, max(0, earliest), latest)
        if found >= 0:
            return found + 1
    return latest


class Index:
    """Passages to be searched again and again; reading their words is what takes long.

    It is made for good: other passages need another index.
    """

    def __init__(self, passages: Sequence[Passage]) -> None:
        """Read the words of all passages."""
        self.passages = list(passages)
        self._vocabulary = {term for passage in passages for term in passage.terms}
        self._bm25: Any = None

    def rank(self, question: str, limit: int) -> list[tuple[Passage, float]]:
        """The passages that fit the question best, by BM25, best first.

        A score is over 0 and at most 1: the best passage's is the share of the
        question's words that it has, the others' are in proportion. Passages with none
        are left out.
        """
        wanted = list(dict.fromkeys(search_terms(question)))
        known = [term for term in wanted if term in self._vocabulary]
        if not known:
            return []
        if self._bm25 is None:
            import bm25s  # pyright: ignore[reportMissingTypeStubs]

            self._bm25 = bm25s.BM25()
            self._bm25.index(
                [passage.terms for passage in self.passages], show_progress=False
            )
        scores: list[float] = self._bm25.get_scores(known).tolist()
        order = sorted(range(len(scores)), key=lambda i: -scores[i])  # stable
        best = order[0]
        share = len(set(known) & set(self.passages[best].terms)) / len(wanted)
        return [
            (self.passages[i], round(share * scores[i] / scores[best], 4))
            for i in order[:limit]
            if scores[i] > 0
        ]


def rank(
    question: str, passages: Sequence[Passage], limit: int
) -> list[tuple[Passage, float]]:
    """`Index.rank` for passages that are searched once."""
    return Index(passages).rank(question, limit)
