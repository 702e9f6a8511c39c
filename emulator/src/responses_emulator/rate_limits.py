"""How many requests and tokens a deployment may use in a minute, and how many are left.

A minute begins with the first request after the one before is over. Tokens count when
a response is complete, so the request that crosses the limit still passes. Without a
limit the replies tell of a generous one, and nothing is ever used up.
"""

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass

from responses_emulator.errors import rate_limited

MINUTE = 60.0
SHOWN_REQUESTS, SHOWN_TOKENS = 10_000, 10_000_000  # where nothing is enforced


@dataclass
class _Minute:
    begun: float
    requests: int = 0
    tokens: int = 0


class Limits:
    """The limits of one resource, for each of its deployments."""

    def __init__(
        self, clock: Callable[[], float], requests: int | None, tokens: int | None
    ) -> None:
        """Allow so many `requests` and `tokens` a minute; None is without limit."""
        self.requests = requests
        self.tokens = tokens
        self._clock = clock
        self._minutes: dict[str, _Minute] = {}
        self._lock = threading.Lock()

    def admit(self, deployment: str) -> None:
        """Count a request, or raise the service's 429, which says when to come back."""
        if self.requests is None and self.tokens is None:
            return
        with self._lock:
            minute = self._minute(deployment)
            left = minute.begun + MINUTE - self._clock()
            if self.requests is not None and minute.requests >= self.requests:
                raise rate_limited("call", left, deployment)
            if self.tokens is not None and minute.tokens >= self.tokens:
                raise rate_limited("token", left, deployment)
            minute.requests += 1

    def spend(self, deployment: str, tokens: int) -> None:
        """Count the tokens of a response that is complete."""
        if self.tokens is not None:
            with self._lock:
                self._minute(deployment).tokens += tokens

    def headers(self, deployment: str) -> dict[str, str]:
        """What a reply says of the limits; `reset` in seconds."""
        if self.requests is None and self.tokens is None:
            return _UNLIMITED
        with self._lock:
            minute = self._minute(deployment)
            reset = str(math.ceil(minute.begun + MINUTE - self._clock()))
        shown: dict[str, str] = {}
        for name, limit, default, used in (
            ("requests", self.requests, SHOWN_REQUESTS, minute.requests),
            ("tokens", self.tokens, SHOWN_TOKENS, minute.tokens),
        ):
            most = default if limit is None else limit
            left = most if limit is None else max(limit - used, 0)
            shown |= _headers(name, most, left, reset if limit is not None else "0")
        return shown

    def _minute(self, deployment: str) -> _Minute:
        now = self._clock()
        minute = self._minutes.get(deployment)
        if minute is None or now >= minute.begun + MINUTE:
            minute = self._minutes[deployment] = _Minute(now)
        return minute


def _headers(name: str, limit: int, left: int, reset: str) -> dict[str, str]:
    return {
        f"x-ratelimit-limit-{name}": str(limit),
        f"x-ratelimit-remaining-{name}": str(left),
        f"x-ratelimit-reset-{name}": reset,
    }


_UNLIMITED = {
    **_headers("requests", SHOWN_REQUESTS, SHOWN_REQUESTS, "0"),
    **_headers("tokens", SHOWN_TOKENS, SHOWN_TOKENS, "0"),
}
