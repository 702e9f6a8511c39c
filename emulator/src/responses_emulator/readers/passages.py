"""Documents cut into passages, and passages ranked by how well they fit a question."""

import heapq
from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, compress, pairwise
from math import inf, log
from threading import RLock

from responses_emulator.model.prompt.words import search_terms
from responses_emulator.model.turn import Document

CHARACTERS_PER_TOKEN = 4

# BM25: how little a word counts when it comes again, and how much more it counts in a
# short passage; the values that are usual.
SATURATION, BREVITY = 1.5, 0.75


@dataclass(frozen=True)
class Passage:
    """A stretch of a document's text, and where it comes from."""

    filename: str
    page: int  # the page on which it begins; the first is 1
    text: str
    file_id: str = ""
    start: int = 0  # of the text, within the document's


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
            passages.append(
                Passage(document.filename, page, piece.strip(), file_id, first)
            )
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


class Full(Exception):
    """There is no more room in an index."""


# What the index takes: for a passage, for a term that is new, for a term in a passage.
# Arrays take somewhat more than they hold, so that they can grow.
PASSAGE_BYTES, TERM_BYTES, ENTRY_BYTES = 50, 500, 10


class Index:
    """Documents to search in: how often which word stands in which of their passages.

    A document is the list of passages that `split` made of it, and known by its
    identity. Documents come and go; those that stay are not read again.
    """

    def __init__(self) -> None:
        """Nothing to search in yet."""
        self._lock = RLock()
        self._begin()

    def _begin(self) -> None:
        self._first: dict[int, int] = {}  # passage of a document, by the document's id
        self._documents: dict[int, Sequence[Passage]] = {}
        self._passages: list[Passage] = []
        self._lengths = array("I")  # of the passages, in terms
        # What the lengths come to in the formula: for which average, and the values.
        self._norms: tuple[float, list[float]] = 0.0, []
        # By term: the passages that have it, and how often each.
        self._places: dict[str, tuple[array[int], array[int]]] = {}
        self.held = 0  # bytes, of all this

    def update(self, documents: Iterable[Sequence[Passage]], most: float = inf) -> None:
        """Read the documents that are not in here yet; forget what is not among them.

        A search may come in between, and finds what has been read by then. Raises Full
        where the index would take more than `most` bytes; it is empty then.
        """
        wanted = {id(document): document for document in documents if document}
        self._keep(wanted)
        for key, document in wanted.items():
            with self._lock:
                if key not in self._documents:
                    try:
                        self._add(key, document, most)
                    except Full:
                        self._begin()
                        raise

    def keep(self, documents: Iterable[Sequence[Passage]]) -> None:
        """Forget what is not among these."""
        self._keep({id(document): document for document in documents if document})

    def _keep(self, wanted: Mapping[int, Sequence[Passage]]) -> None:
        with self._lock:
            for key in self._documents.keys() - wanted.keys():
                del self._documents[key], self._first[key]
            staying = sum(map(len, self._documents.values()))
            if 2 * staying < len(self._passages):
                self._begin()  # what stays is read anew, instead of keeping the rest

    def _add(self, key: int, document: Sequence[Passage], most: float) -> None:
        self._documents[key] = document
        self._first[key] = len(self._passages)
        for passage, terms in zip(document, _terms(document), strict=True):
            number = len(self._passages)
            self._passages.append(passage)
            self._lengths.append(len(terms))
            counted = Counter(terms)
            self.held += PASSAGE_BYTES + ENTRY_BYTES * len(counted)
            for term, times in counted.items():
                places = self._places.get(term)
                if places is None:
                    places = self._places[term] = array("I"), array("I")
                    self.held += TERM_BYTES
                places[0].append(number)
                places[1].append(times)
            if self.held > most:
                raise Full

    def rank(
        self, question: str, limit: int, within: Iterable[Sequence[Passage]]
    ) -> list[tuple[Passage, float]]:
        """The passages of the documents `within` that fit best, by BM25, best first.

        A score is over 0 and at most 1: the best passage's is the share of the
        question's words that it has, the others' are in proportion. Passages with none
        are left out.
        """
        wanted = list(dict.fromkeys(search_terms(question)))
        with self._lock:
            searched = bytearray(len(self._passages))
            for document in within:
                first = self._first.get(id(document))
                if first is not None:
                    searched[first : first + len(document)] = b"\1" * len(document)
            scores, having = self._scores(wanted, searched)
            passages = self._passages
        # The numbers alone are compared much faster than passages by their numbers.
        least = min(heapq.nlargest(limit, scores), default=0.0)
        order = [i for i, score in enumerate(scores) if score and score >= least]
        order = sorted(order, key=scores.__getitem__, reverse=True)[:limit]
        if not order:
            return []
        highest = scores[order[0]]
        share = sum(order[0] in numbers for numbers in having) / len(wanted)
        return [(passages[i], round(share * scores[i] / highest, 4)) for i in order]

    def _scores(
        self, wanted: Sequence[str], searched: bytearray
    ) -> tuple[list[float], list[Sequence[int]]]:
        """The scores of the passages; the numbers of those that have each term."""
        scores = [0.0] * len(searched)
        having: list[Sequence[int]] = []
        if not any(searched):
            return scores, having
        count = sum(searched)
        average = sum(compress(self._lengths, searched)) / count
        if self._norms[0] != average or len(self._norms[1]) != len(searched):
            base = SATURATION * (1 - BREVITY)
            slope = SATURATION * BREVITY / (average or 1)
            self._norms = average, [base + slope * length for length in self._lengths]
        norms = self._norms[1]
        for term in wanted:
            if term not in self._places:
                continue
            numbers, times = self._places[term]
            if count < len(searched):
                mask = [searched[i] for i in numbers]
                times = list(compress(times, mask))
                numbers = list(compress(numbers, mask))
            weight = log(1 + (count - len(numbers) + 0.5) / (len(numbers) + 0.5))
            for i, n in zip(numbers, times, strict=True):
                scores[i] += weight * n / (n + norms[i])
            having.append(numbers)
        return scores, having


def _terms(document: Sequence[Passage]) -> Iterator[list[str]]:
    """What each passage can be found by. What passages share is read once."""
    edges = {p.start for p in document} | {p.start + len(p.text) for p in document}
    cuts = sorted(edges)
    read: dict[int, list[str]] = {}  # by where the stretch begins
    for passage in document:
        end = passage.start + len(passage.text)
        terms: list[str] = []
        for one, next in pairwise(
            cuts[bisect_left(cuts, passage.start) : bisect_right(cuts, end)]
        ):
            if one not in read:
                read[one] = search_terms(
                    passage.text[one - passage.start : next - passage.start]
                )
            terms += read[one]
        yield terms
