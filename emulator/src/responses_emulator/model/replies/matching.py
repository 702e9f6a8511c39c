"""Which written reply fits a turn: a table of matches, and what each of them says.

`reply_file` reads such a table from a file of the user's; `BUILT_IN` is the emulator's
own, with the samples' questions and no other. The first entry that fits is the reply.
"""

import re
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from responses_emulator.errors import ServiceError
from responses_emulator.model.items import Item
from responses_emulator.model.turn import Turn

BUILT_IN = Path(__file__).with_name("built_in.json")
PATTERN_SECONDS = 0.25  # of CPU for all patterns of one turn; then none of them fits
_WORD = re.compile(r"\w+")


class Fault(Protocol):
    """A fault that a reply may be."""

    def hits(self, name: str, request: Any, /) -> bool:
        """Whether a request of the operation `name` is one for it."""
        ...


@dataclass(frozen=True)
class Word:
    """A word, or several in a row, as a prompt is looked through for it.

    Signs between words do not count, but for those that the word itself has: `C++` is
    not in "vitamin C", and `invoice total` is in "the invoice: total".
    """

    spaced: str  # see `spaced_words`
    signs: str  # as it stands, in small letters; empty if it has no signs

    @classmethod
    def of(cls, text: str) -> "Word | None":
        """The word of a text; None where there is nothing but space."""
        small = even(_small(text))
        if not small:
            return None
        plain = _WORD.sub("", small).isspace() or _WORD.fullmatch(small)
        return cls(spaced_words(text), "" if plain else small)

    def is_in(self, asked: "_Asked") -> bool:
        """Whether a prompt has it."""
        if not self.signs:
            return self.spaced in asked.words
        return any(
            not (_is_cut(asked.small, at) or _is_cut(asked.small, at + len(self.signs)))
            for at in _places(asked.small, self.signs)
        )


def _places(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def _is_cut(text: str, at: int) -> bool:
    """Whether a word goes on there."""
    return _WORD.fullmatch(text[at - 1 : at + 1]) is not None and 0 < at < len(text)


@dataclass(frozen=True)
class Match:
    """What a turn has to be like; all that is set has to hold."""

    text: str | None = None  # the prompt, spaces evened out
    words: tuple["Word", ...] = ()  # each whole in it, in upper case or not
    pattern: Any = None  # a compiled pattern of the package `regex`, found in it
    model: str | None = None  # the deployment
    tools: tuple[str, ...] | None = None  # all that are offered, by type or by name
    turn: int | None = None  # which of the user's messages it is, from 1


@dataclass(frozen=True)
class Entry:
    """A match, and its reply: output items, an error, or a fault."""

    match: Match
    output: Callable[[], list[Item]] | None = None  # makes items with ids of their own
    kind: str = "output"  # what the reply is in the file
    calls: bool = False  # its output is not the end: somebody has to answer it
    error: ServiceError | None = None
    fault: Fault | None = None
    times: int | None = None  # that it is given; None: always


class Faulted(Exception):
    """A reply is a fault: whoever has the request is to strike it with `rule`."""

    def __init__(self, rule: Any) -> None:
        """Keep the rule."""
        super().__init__(rule)
        self.rule = rule


class _Asked:
    """A turn as entries look at it; what only some of them need is found out once."""

    __slots__ = ("_pattern_seconds", "_small", "_words", "model", "text", "turn")

    def __init__(self, turn: Turn, model: str = "") -> None:
        self.turn = turn
        self.model = model
        self.text = even(turn.prompt)
        self._words: str | None = None
        self._small: str | None = None
        self._pattern_seconds = PATTERN_SECONDS

    @property
    def words(self) -> str:
        """The words of the prompt, a space on either side of each."""
        if self._words is None:
            self._words = spaced_words(self.turn.prompt)
        return self._words

    @property
    def small(self) -> str:
        """The prompt in small letters, signs included."""
        if self._small is None:
            self._small = _small(self.text)
        return self._small

    def fits(self, match: Match) -> bool:
        """Whether all of a match holds."""
        return (
            (match.text is None or match.text == self.text)
            and (match.model is None or match.model == self.model)
            and (match.turn is None or match.turn == 1 + len(self.turn.said_before))
            and (match.tools is None or _are(match.tools, self.turn.tools))
            and all(word.is_in(self) for word in match.words)
            and (match.pattern is None or self._has(match.pattern))
        )

    def _has(self, pattern: Any) -> bool:
        """Whether a pattern is in the prompt; not, if there is no time to find out."""
        if self._pattern_seconds <= 0:
            return False
        begun = time.process_time()
        try:
            found = pattern.search(
                self.turn.prompt, timeout=self._pattern_seconds, concurrent=True
            )
        except TimeoutError:
            self._pattern_seconds = 0
            return False
        self._pattern_seconds -= time.process_time() - begun
        return found is not None


@dataclass
class Table:
    """The entries of one file, and how often each is still to be given."""

    entries: Sequence[Entry] = ()
    _given: dict[int, int] = field(default_factory=dict[int, int])  # by entry
    _lock: threading.Lock = field(default_factory=threading.Lock)
    # Where the entries of each text stand; None: those that go by something else. So
    # that a table of many questions is no slower than one of few.
    _by_text: dict[str | None, list[int]] = field(init=False)

    def __post_init__(self) -> None:
        """Sort the entries by what they go by."""
        self._by_text = {}
        for position, entry in enumerate(self.entries):
            self._by_text.setdefault(entry.match.text, []).append(position)

    def take(
        self,
        turn: Turn,
        deployment: str,
        hits: Callable[[Fault], bool] = lambda _: False,
    ) -> list[Item] | None:
        """The output for a turn, counted as given; None if no entry fits.

        Raises the `ServiceError` or `Faulted` that a reply is; `hits` says whether a
        fault can hit the request. An entry that calls, and may be given without
        end, is passed over once its calls are answered: it would call for ever.
        """
        if not self.entries:
            return None
        for entry in self._fitting(_Asked(turn, deployment)):
            if entry.calls and entry.times is None and _brings_results(turn):
                continue
            if entry.fault is not None and not hits(entry.fault):
                continue
            if not self._count(entry):
                continue
            if entry.error is not None:
                raise entry.error
            if entry.fault is not None:
                raise Faulted(entry.fault)
            return entry.output() if entry.output else None
        return None

    def find(self, turn: Turn) -> list[Item] | None:
        """The output for a turn, if there is one of the kind that it asks for.

        A text for an answer in a format would not be in that format, and a forced
        tool has to be called: such entries are passed over.
        """
        if _brings_results(turn):
            return None
        is_text = turn.format["type"] == "text"
        for entry in self._fitting(_Asked(turn)):
            told = not turn.must_call and is_text is (entry.kind == "text")
            if entry.output and (told or entry.kind == "output"):
                return entry.output()
        return None

    def restart(self) -> None:
        """Forget what was given."""
        with self._lock:
            self._given.clear()

    def _fitting(self, asked: _Asked) -> list[Entry]:
        positions = [
            *self._by_text.get(asked.text, ()),
            *self._by_text.get(None, ()),
        ]
        entries = [self.entries[position] for position in sorted(positions)]
        return [entry for entry in entries if asked.fits(entry.match)]

    def _count(self, entry: Entry) -> bool:
        """Count an entry as given; False if it was given as often as it may be."""
        if entry.times is None:
            return True
        with self._lock:
            given = self._given.get(id(entry), 0)
            self._given[id(entry)] = given + 1
            return given < entry.times


def _brings_results(turn: Turn) -> bool:
    """Whether what was called since the prompt has been answered."""
    for item in turn.since_prompt:
        kind = str(item.get("type"))
        if kind == "multi_agent_call_output":  # the service's own
            continue
        if kind.endswith(("_output", "_approval_response")):
            return True
    return False


def even(text: str) -> str:
    """A text with one space between its words and none around them.

    Letters with accents, which can be written in two ways, are written in one.
    """
    return unicodedata.normalize("NFC", " ".join(text.split()))


def spaced_words(text: str) -> str:
    """The words of a text in small letters, a space on either side of each."""
    return f" {' '.join(_WORD.findall(_small(text)))} "


def _small(text: str) -> str:
    """A text in small letters, those with accents written in one way."""
    return unicodedata.normalize("NFC", text.casefold())


def _are(wanted: Sequence[str], tools: Sequence[Item]) -> bool:
    """Whether these are the tools, each by its name or its type, and no others."""
    left = list(wanted)
    for tool in tools:
        known = next((n for n in (tool.get("name"), tool["type"]) if n in left), None)
        if known is None:
            return False
        left.remove(known)
    return not left
