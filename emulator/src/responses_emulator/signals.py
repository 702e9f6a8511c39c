"""What one thread tells others: that something has happened, or is to end."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import final


class Signal:
    """Something that happens once: a step that is there, or that it is time to stop.

    Who waits for it in a thread uses `wait`. Who waits for something else, a connection
    or an event loop, has `then` end that.
    """

    def __init__(self) -> None:
        """It has not happened."""
        self._happened = threading.Event()
        self._lock = threading.Lock()
        self._reactions: list[Callable[[], object]] = []

    def __bool__(self) -> bool:
        """Whether it has happened."""
        return self._happened.is_set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for it, at most so long; whether it has happened."""
        return self._happened.wait(seconds)

    def then(self, react: Callable[[], object]) -> None:
        """Do this when it happens, in the thread that says so; or now, if it has."""
        with self._lock:
            if not self._happened.is_set():
                self._reactions.append(react)
                return
        react()

    def forget(self, react: Callable[[], object]) -> None:
        """Do not do this any more."""
        with self._lock:
            if react in self._reactions:
                self._reactions.remove(react)

    def set(self) -> None:
        """It happens."""
        with self._lock:
            self._happened.set()
            reactions, self._reactions = self._reactions, []
        for react in reactions:
            react()


@final
@dataclass(frozen=True)
class Pause:
    """Nothing more is there yet: ask for the next in `seconds`, or after `news`.

    Who asks sooner is told so again; nothing is lost.
    """

    seconds: float
    news: Signal | None = None

    def pass_by(self, sleep: Callable[[float], object] = time.sleep) -> None:
        """Let it pass in this thread; `sleep` does that where no news will come."""
        if self.news is None:
            sleep(self.seconds)
        else:
            self.news.wait(self.seconds)
