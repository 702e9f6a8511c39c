"""Answers taken from texts: the section, or the paragraph, that a question is about.

Works on any text; `headings` says which of its lines are headings.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import log

from responses_emulator.model.prompt.words import search_terms
from responses_emulator.model.standin.headings import (
    LIST_ITEM,
    MARKED,
    heading_levels,
    is_prose,
)

MAX_CHARACTERS = 1_200
MAX_BLOCK = 600  # characters of running text that are still one paragraph
ENOUGH = 200  # characters that make an answer without a section's subsections
HEADING_WEIGHT = 3.0
# A share of the question's weight, or a little more than of its words. Below it, a
# text is about something else.
LEAST_COVERAGE = 0.5

# What a question about the whole document is made of, and nothing else.
OVERVIEW_WORDS = (
    "summarize summarise summary overview outline gist tldr tl dr main key point "
    "idea topic about contain cover say describe document file pdf attached "
    "attachment uploaded text content page paper report brief briefly short "
    "sentence bullet few one two three five following provided given this"
)


@dataclass(eq=False)
class _Section:
    """A heading and what follows it, up to the next heading of any level."""

    heading: str
    level: int
    lines: list[str] = field(default_factory=list[str])
    parents: list[str] = field(default_factory=list[str])  # headings, outermost first
    whole: list[str] = field(default_factory=list[str])  # with all its subsections


def answer_from(question: str, texts: Sequence[str]) -> str:
    """What the texts say to the question; an empty string if nothing.

    At most about 1,200 characters: the section whose heading the question names, or the
    paragraph that has most of the question's words, or an overview if that was asked.
    Pass a document as one text, so that its sections run over page breaks.
    """
    sections = [
        section
        for text in texts
        if re.search(r"\w", text)
        for section in _sections(text)
    ]
    wanted = set(search_terms(question))
    topic = wanted.difference(search_terms(OVERVIEW_WORDS))
    is_of_the_whole = topic != wanted and topic <= _title_terms(sections)
    return _overview(sections) if is_of_the_whole else _best(topic, sections)


# Sections


def _sections(text: str) -> list[_Section]:
    lines = [line.strip() for line in text.splitlines()]
    levels = heading_levels(lines)
    sections = [_Section("", 0)]
    open_sections: list[_Section] = []
    for line, level in zip(lines, levels, strict=True):
        if level:
            heading = MARKED().sub(r"\2", line).strip(" #*_:")
            while open_sections and open_sections[-1].level >= level:
                open_sections.pop()
            for parent in open_sections:
                parent.whole.append(heading)
            parents = [parent.heading for parent in open_sections]
            sections.append(_Section(heading, level, parents=parents))
            open_sections.append(sections[-1])
        else:
            sections[-1].lines.append(line)
            for section in open_sections or sections[:1]:
                section.whole.append(line)
    return [section for section in sections if section.heading or any(section.lines)]


def _title_terms(sections: list[_Section]) -> set[str]:
    """The words that the texts begin with: a title page's, or the first heading's."""
    found: set[str] = set()
    for section in sections:
        first = next(filter(None, section.lines), "")
        found |= set(search_terms(section.heading or first))
        if first:
            break
    return found


# Finding


def _best(wanted: set[str], sections: list[_Section]) -> str:
    """The answer from the section that fits best; a heading counts more than a body."""
    found = [_Found(section, wanted) for section in sections]
    weights = _weights(wanted, [one.heading | one.body for one in found])
    total = sum(weights.values())
    if not total or not found:
        return ""

    def weigh(words: Iterable[str]) -> float:
        return sum(weights[word] for word in words)

    def score(one: _Found) -> float:
        named = weigh(one.heading) * (1 + len(one.heading) / max(1, one.heading_length))
        above = weigh(one.above - one.heading)
        below = weigh(one.body - one.heading)
        frequent = sum(weights[w] * n / (n + 1.5) for w, n in one.counts.items())
        return HEADING_WEIGHT / 2 * named + above + below + frequent / 2

    # Of equals the longest: a passage may end in the middle of a section.
    best = max(found, key=lambda one: (score(one), len("".join(one.section.whole))))
    covered = best.heading | best.body | best.above
    share = max(weigh(covered) / total, len(covered) / (len(wanted) + 0.5))
    # "What are the company values?" means "Our values" even if no one says company.
    named = best.heading and len(best.heading) == best.heading_length
    if share < LEAST_COVERAGE and not named:
        return ""
    section = best.section
    if section.heading and not any(section.whole):
        # One heading right after another, of the same rank as far as can be told.
        after = sections[sections.index(section) + 1 :][:5]
        section.whole = [line for one in after for line in (one.heading, *one.lines)]
    own = "".join(section.lines)
    too_long = len("".join(section.whole)) > MAX_CHARACTERS
    whole = section.lines if too_long and len(own) > ENOUGH else section.whole
    blocks = _blocks(section.lines)
    about_it = weigh(best.heading) >= weigh(best.body - best.heading)
    if not blocks or (best.heading and about_it):
        return _clean([section.heading, *whole])

    def block_score(index: int) -> tuple[float, int]:
        block = blocks[index]
        # All of them are about what the heading says.
        words = wanted.intersection(search_terms(" ".join(block))) - best.heading
        return weigh(words), -index

    return _clean(blocks[max(range(len(blocks)), key=block_score)])


class _Found:
    """Which of the wanted words a section has, and where."""

    def __init__(self, section: _Section, wanted: set[str]) -> None:
        self.section = section
        heading = [word for word in search_terms(section.heading) if not word.isdigit()]
        body = Counter(search_terms(" ".join(section.lines)))
        self.heading_length = len(set(heading))
        self.heading = wanted & set(heading)
        self.above = wanted & set(search_terms(" ".join(section.parents)))
        self.counts = {word: body[word] for word in wanted if word in body}
        self.body = set(self.counts)


def _weights(wanted: set[str], sections: list[set[str]]) -> dict[str, float]:
    """How telling each word is: the fewer sections have it, the more."""
    count = len(sections)
    having = Counter(word for words in sections for word in words)
    return {
        word: log(1 + (count - having[word] + 0.5) / (having[word] + 0.5))
        for word in sorted(wanted)
    }


def _blocks(lines: list[str]) -> list[list[str]]:
    """Paragraphs, and lists or tables with the line that leads up to them."""
    blocks: list[list[str]] = []
    for line in lines:
        if not line:
            blocks.append([])
            continue
        previous = blocks[-1][-1] if blocks and blocks[-1] else ""
        row = not is_prose(line) or bool(LIST_ITEM().match(line))
        previous_row = not is_prose(previous) or bool(LIST_ITEM().match(previous))
        together = previous and (
            previous.endswith(":")
            or (row and previous_row)
            # Running text that was wrapped at a width.
            or previous[-1] not in ".!?:"
        )
        if together:
            blocks[-1].append(line)
        else:
            blocks.append([line])
    return [part for block in blocks if block for part in _parts(block)]


def _parts(block: list[str]) -> list[list[str]]:
    """A long paragraph as several, cut between sentences."""
    if len(block) > 1 or len(block[0]) <= MAX_BLOCK:
        return [block]
    parts: list[list[str]] = []
    for sentence in re.split(r"(?<=[.!?])\s+", block[0]):
        if parts and len(parts[-1][0]) + len(sentence) < MAX_BLOCK:
            parts[-1][0] += " " + sentence
        else:
            parts.append([sentence])
    return parts


# Writing


def _overview(sections: list[_Section]) -> str:
    """How the texts begin, and what their headings are."""
    headings = list(dict.fromkeys(s.heading for s in sections if s.heading))
    prose = (line for s in sections for line in s.lines if is_prose(line))
    opening = next(prose, "")
    if not headings:
        return _clean([line for section in sections for line in section.lines])
    listed = ["It covers:", *(f"- {heading}" for heading in headings[1:])]
    return _clean([headings[0], opening, *(listed if headings[1:] else [])])


def _clean(lines: Iterable[str]) -> str:
    """The lines without blank ones, cut at the end of a line, sentence or word."""
    kept: list[str] = []
    room = MAX_CHARACTERS
    for line in (re.sub(r"\s{3,}", "  ", line.strip()) for line in lines):
        if not line:
            continue
        if len(line) > room:
            if not kept or room > MAX_CHARACTERS // 3:
                kept.append(_shortened(line, room))
            break
        kept.append(line)
        room -= len(line) + 1
    return "\n".join(kept)


def _shortened(line: str, room: int) -> str:
    start = line[:room]
    ends = [match.end() for match in re.finditer(r"[.!?](?=\s)", start)]
    if ends:
        return start[: ends[-1]]
    return start.rsplit(" ", 1)[0] + " \u2026"
