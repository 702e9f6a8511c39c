"""The prompt cache: how many leading tokens of a prompt were seen a short while ago.

A prefix counts from 1,024 tokens on, in steps of 128. Only digests are kept, of each
step, so nothing of a prompt can be read back.
"""

import threading
from collections import OrderedDict
from hashlib import blake2b

FIRST = 1024  # tokens; a shorter prompt is neither looked up nor kept
STEP = 128  # tokens
CHARACTERS = 4  # to a token, as `tokens.count` has it
MAX_PREFIXES = 20_000  # the one that was used longest ago makes room
IN_MEMORY = 300.0  # seconds since it was last used
EXTENDED = 86_400.0


class PromptCache:
    """Digests of prefixes, the one used longest ago first."""

    def __init__(self, limit: int = MAX_PREFIXES) -> None:
        """Keep at most `limit` prefixes."""
        self._limit = limit
        self._lock = threading.Lock()
        self._expiry: OrderedDict[bytes, float] = OrderedDict()

    def __len__(self) -> int:
        """How many prefixes there are, expired ones among them."""
        return len(self._expiry)

    def use(
        self,
        scope: str,
        prompt: list[bytes],
        tokens: int,
        *,
        now: float,
        lifetime: float = IN_MEMORY,
    ) -> int:
        """How many tokens of a prompt were cached; from now on, all of it is.

        `prompt` is what the model reads, in order: instructions, tools and items, each
        as `history.as_read` writes it.
        `scope` is a deployment with a cache key: another one shares nothing.
        """
        if tokens < FIRST:
            return 0
        digests = _prefixes(scope, prompt, tokens)
        cached = 0
        expiry, end = self._expiry, now + lifetime
        with self._lock:
            for digest in digests:
                if expiry.get(digest, 0.0) <= now:
                    break
                cached += 1
            for digest in digests:
                expiry[digest] = end
                expiry.move_to_end(digest)
            while len(self._expiry) > self._limit:
                self._expiry.popitem(last=False)
        return FIRST + (cached - 1) * STEP if cached else 0


def _prefixes(scope: str, prompt: list[bytes], tokens: int) -> list[bytes]:
    """The digest of each prefix, shortest first; no more than the prompt has tokens."""
    text = b"\n".join(prompt)
    digest = blake2b(scope.encode(), digest_size=16)
    digests: list[bytes] = []
    start = 0
    for end in range(FIRST, tokens + 1, STEP):
        if end * CHARACTERS > len(text):
            break
        digest.update(text[start : end * CHARACTERS])
        digests.append(digest.digest())
        start = end * CHARACTERS
    return digests
