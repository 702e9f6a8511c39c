"""Which lines of a text are headings, and how they stand above each other.

Some are marked, as in Markdown: those are written when PDF, HTML and Word files are
read. In plain text a heading begins something, is no sentence unless it is a question,
and has sentences, a list or another heading below it.
"""

from itertools import takewhile

from responses_emulator.model.prompt.words import lazy_pattern

MAX_UNMARKED = 80  # characters of a heading without a mark
MAX_LINES = 5  # below it, among which a sentence has to end
# Their levels: below those of Markdown, which are 1 to 6.
ABOVE_OTHERS, ABOVE_TEXT = 7, 8

MARKED = lazy_pattern(r"(#{1,6})\s+(\S.*)")
LIST_ITEM = lazy_pattern(r"([-*+\u2022]|\(?\d{1,2}[.)]|\(?[a-z]\))\s+\S")


def heading_levels(lines: list[str]) -> list[int]:
    """For each line 0, or its level as a heading; 1 is the highest."""
    levels = [0] * len(lines)
    titles: list[int] = []  # lines that may be headings without a mark
    in_code = False  # where a # begins a comment
    for at, line in enumerate(lines):
        in_code ^= line.startswith("```")
        if in_code:
            continue
        if match := MARKED().fullmatch(line):
            levels[at] = len(match[1])
        elif _is_title(line) and _begins(lines, at):
            titles.append(at)
    for at in reversed(titles):
        below = next((i for i in range(at + 1, len(lines)) if lines[i]), None)
        if below is None:
            continue
        if levels[below] >= ABOVE_OTHERS:  # "2 Leave" is above "2.1 Sick leave"
            levels[at] = ABOVE_OTHERS
        elif not levels[below] and _leads_to(lines, at, below, levels):
            levels[at] = ABOVE_TEXT
    return levels


def is_prose(line: str) -> bool:
    """Whether a line is running text, and no row of a list or table."""
    return len(line) > 70 or _is_ended(line)


def _is_ended(line: str) -> bool:
    return line.endswith((".", "!", "?"))


def _is_title(line: str) -> bool:
    """Whether a line has the form of a heading."""
    is_sentence = line.endswith((".", "!", ":", ";", ","))
    return line[:1].isalnum() and len(line) <= MAX_UNMARKED and not is_sentence


def _begins(lines: list[str], at: int) -> bool:
    """Whether nothing goes on in a line that was begun in the one before."""
    before = lines[at - 1] if at else ""
    return not before or _is_ended(before) or bool(MARKED().fullmatch(before))


def _leads_to(lines: list[str], at: int, below: int, levels: list[int]) -> bool:
    """Whether sentences or a list stand below a line, and are not its own."""
    if LIST_ITEM().match(lines[below]):
        return not LIST_ITEM().match(lines[at])
    if below == at + 1 and lines[below][0].islower():
        return False
    near = range(below, min(below + MAX_LINES, len(lines)))
    paragraph = takewhile(lambda i: lines[i] and not levels[i], near)
    return any(is_prose(lines[i]) for i in paragraph)
