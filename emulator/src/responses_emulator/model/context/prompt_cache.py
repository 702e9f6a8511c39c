"""The prompt cache: how many leading tokens of a prompt were seen a short while ago.

Models before gpt-5.6 find the longest prefix that was seen, from 1,024 tokens on in
steps of 128. From gpt-5.6 on a prefix ends where a breakpoint is, and is found whole or
not at all; what is written is counted, too. Only digests are kept, so nothing of a
prompt can be read back.

Source: Azure's page on prompt caching of August 2026; that the newer models look at
breakpoints alone is OpenAI's guide to the move to gpt-5.6, and what users measured.
"""

import math
import threading
from collections.abc import Iterable
from enum import Enum
from hashlib import blake2b
from typing import NamedTuple

from responses_emulator.model.context.grown import Grown

FIRST = 1024  # tokens; a shorter prompt is neither looked up nor kept
STEP = 128  # tokens
STEP_BYTES = STEP * 4  # four characters to a token, as `tokens.count` has it
MAX_PREFIXES = 20_000  # those that would be forgotten first make room
IN_MEMORY = 300.0  # seconds since it was last used
EXTENDED = 86_400.0
BY_BREAKPOINT = 1_800.0  # seconds: at least half an hour, from gpt-5.6 on
WRITES = 4  # breakpoints that a request writes at most
READS = 50  # the latest of those in a conversation that it looks up


class Ends(Enum):
    """What ends with a piece of a prompt."""

    NOTHING = 0
    MESSAGE = 1  # of the user or of a tool: where a breakpoint is put by default
    MARKED = 2  # a breakpoint of the caller's


class Piece(NamedTuple):
    """A piece of a prompt, as the cache compares it."""

    text: bytes
    ends: Ends = Ends.NOTHING


class Breakpoint(NamedTuple):
    """Where a prefix may end."""

    digest: bytes  # of all before it
    position: int  # in bytes
    is_marked: bool


class Usage(NamedTuple):
    """How many tokens of a prompt were read from the cache, and written to it."""

    cached: int
    written: int


class Prefixes:
    """The digests of a prompt's beginnings, one for each whole step.

    They are grown, never changed: a longer prompt goes on where this one ends, and
    nothing is hashed twice.
    """

    def __init__(self, scope: str) -> None:
        """Those of an empty prompt.

        `scope` is a deployment with a cache key: it shares nothing with another one.
        """
        self._digests: Grown[bytes] = Grown()
        self._hash = blake2b(scope.encode(), digest_size=16)
        self._rest = b""  # what does not fill a step yet
        self._breakpoints: Grown[Breakpoint] = Grown()
        self._earlier = 0  # of the breakpoints, those before the last `plus`

    def plus(self, pieces: Iterable[Piece]) -> "Prefixes":
        """Those of a longer prompt; the pieces are as `history.as_read` writes them."""
        added = list(pieces)
        text = b"\n".join([self._rest, *(piece.text for piece in added)])
        whole = len(text) - len(text) % STEP_BYTES
        longer = Prefixes.__new__(Prefixes)
        longer._rest = text[whole:]
        longer._hash = self._hash.copy()
        digests: list[bytes] = []
        for start in range(0, whole, STEP_BYTES):
            longer._hash.update(text[start : start + STEP_BYTES])
            digests.append(longer._hash.digest())
        longer._digests = self._digests.plus(digests)
        longer._breakpoints = self._breakpoints.plus(self._found(added, text))
        longer._earlier = len(self._breakpoints)
        return longer

    def _found(self, added: list[Piece], text: bytes) -> list[Breakpoint]:
        """The breakpoints in pieces that are joined to a text."""
        found: list[Breakpoint] = []
        hash, hashed = self._hash.copy(), 0
        end = len(self._rest)
        begin = len(self._digests) * STEP_BYTES
        for piece in added:
            end += 1 + len(piece.text)
            if piece.ends is not Ends.NOTHING:
                hash.update(text[hashed:end])
                hashed = end
                is_marked = piece.ends is Ends.MARKED
                found.append(Breakpoint(hash.digest(), begin + end, is_marked))
        return found

    def of(self, tokens: int) -> list[bytes]:
        """Those that count where the prompt has so many tokens, shortest first."""
        return self._digests.all()[FIRST // STEP - 1 : tokens // STEP]

    def to_read(self, *, implicit: bool) -> list[Breakpoint]:
        """The breakpoints that a request looks up, the last one first.

        `implicit` are those at the ends of messages as well.
        """
        all = self._breakpoints.all()
        eligible = [each for each in all if implicit or each.is_marked]
        return eligible[: -READS - 1 : -1]

    def to_write(self, *, implicit: bool) -> list[Breakpoint]:
        """The new ones that it writes; by default also the latest message's end."""
        new = self._breakpoints.all()[self._earlier :]
        marked = [each for each in new if each.is_marked]
        if not implicit:
            return marked[-WRITES:]
        ends = [each for each in new if not each.is_marked][-1:]
        return [*marked[len(ends) - WRITES :], *ends]

    def tokens(self, position: int, tokens: int) -> int:
        """How many tokens are before a position, in a prompt that has so many."""
        size = len(self._digests) * STEP_BYTES + len(self._rest)
        return tokens * position // max(size, 1)


class PromptCache:
    """When each prefix will be forgotten, unless it is used again before."""

    def __init__(self, limit: int = MAX_PREFIXES) -> None:
        """Keep at most `limit` prefixes."""
        self._limit = limit
        self._lock = threading.Lock()
        self._expiry: dict[bytes, float] = {}
        self._sizes: dict[bytes, int] = {}  # in tokens, of those up to a breakpoint

    def __len__(self) -> int:
        """How many prefixes there are, expired ones among them."""
        return len(self._expiry)

    def use_breakpoints(
        self, prompt: Prefixes, tokens: int, *, now: float, implicit: bool
    ) -> Usage:
        """What a request of a model from gpt-5.6 on reads and writes.

        A breakpoint whose prefix is cached already is renewed, and not written.
        """
        end = now + BY_BREAKPOINT
        cached = longest = 0
        with self._lock:
            for each in prompt.to_read(implicit=implicit):
                if self._expiry.get(each.digest, 0.0) > now:
                    cached = min(self._sizes[each.digest], tokens)
                    self._expiry[each.digest] = end
                    break
            for each in prompt.to_write(implicit=implicit):
                size = prompt.tokens(each.position, tokens)
                if size < FIRST:
                    continue
                if self._expiry.get(each.digest, 0.0) <= now:
                    self._sizes[each.digest] = size
                    longest = max(longest, size)
                self._expiry[each.digest] = end
            if len(self._expiry) > self._limit:
                self._make_room()
        return Usage(cached, max(longest - cached, 0))

    def use(
        self, prompt: Prefixes, tokens: int, *, now: float, lifetime: float = IN_MEMORY
    ) -> int:
        """How many tokens of a prompt were cached; from now on, all of it is.

        Who uses a prefix uses all shorter ones, so none of these is forgotten before
        it: both walks begin at the end and stop at the first that is fresh. Times are
        whole seconds, so of a chat in quick succession only what is new is walked.
        """
        digests = prompt.of(tokens)
        expiry, end = self._expiry, math.ceil(now + lifetime)
        with self._lock:
            cached = len(digests)
            while cached and expiry.get(digests[cached - 1], 0.0) <= now:
                cached -= 1
            for digest in reversed(digests):
                if expiry.get(digest, 0.0) >= end:
                    break
                expiry[digest] = end
            if len(expiry) > self._limit:
                self._make_room()
        return FIRST + (cached - 1) * STEP if cached else 0

    def _make_room(self) -> None:
        """Drop a tenth, so that this need not be done each time."""
        oldest = sorted(self._expiry, key=self._expiry.__getitem__)
        for digest in oldest[: len(oldest) - self._limit * 9 // 10]:
            del self._expiry[digest]
            self._sizes.pop(digest, None)
