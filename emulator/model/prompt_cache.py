"""The prompt cache: how many leading tokens of a prompt were seen a short while ago.

A prefix counts from 1,024 tokens on, in steps of 128. Only digests are kept, of each
step, so nothing of a prompt can be read back.
"""

import math
import threading
from collections.abc import Iterable
from hashlib import blake2b

from emulator.model.grown import Grown

FIRST = 1024  # tokens; a shorter prompt is neither looked up nor kept
STEP = 128  # tokens
STEP_BYTES = STEP * 4  # four characters to a token, as `tokens.count` has it
MAX_PREFIXES = 20_000  # those that would be forgotten first make room
IN_MEMORY = 300.0  # seconds since it was last used
EXTENDED = 86_400.0


class Prefixes:
    """The digests of a prompt's beginnings, one for each whole step.

    They are grown, never changed: a longer prompt goes on where this one ends, and
    nothing is hashed twice.
    """

    def __init__(self, scope: str) -> None:
        """Those of an empty prompt.

        `scope` is a deployment with a cache key: it shares nothing with another one.
        """
        self._digests = Grown[bytes]()
        self._hash = blake2b(scope.encode(), digest_size=16)
        self._rest = b""  # what does not fill a step yet

    def plus(self, pieces: Iterable[bytes]) -> "Prefixes":
        """Those of a longer prompt; the pieces are as `history.as_read` writes them."""
        text = b"\n".join([self._rest, *pieces])
        whole = len(text) - len(text) % STEP_BYTES
        longer = Prefixes.__new__(Prefixes)
        longer._rest = text[whole:]
        longer._hash = self._hash.copy()
        digests: list[bytes] = []
        for start in range(0, whole, STEP_BYTES):
            longer._hash.update(text[start : start + STEP_BYTES])
            digests.append(longer._hash.digest())
        longer._digests = self._digests.plus(digests)
        return longer

    def of(self, tokens: int) -> list[bytes]:
        """Those that count where the prompt has so many tokens, shortest first."""
        return self._digests.all()[FIRST // STEP - 1 : tokens // STEP]


class PromptCache:
    """When each prefix will be forgotten, unless it is used again before."""

    def __init__(self, limit: int = MAX_PREFIXES) -> None:
        """Keep at most `limit` prefixes."""
        self._limit = limit
        self._lock = threading.Lock()
        self._expiry: dict[bytes, float] = {}

    def __len__(self) -> int:
        """How many prefixes there are, expired ones among them."""
        return len(self._expiry)

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
