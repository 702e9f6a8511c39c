"""What waits, a model or a tool, in threads of its own; nobody else waits for it.

Who needs what such a thread makes asks for it step by step, and where there is nothing
yet is told to pause. So no thread of a server and no event loop waits for a model. Who
asks no more stops it, although it may be silent just then.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from responses_emulator.signals import Pause, Signal

Step = TypeVar("Step")

MOST_IN_LINE = 64  # who wait for a model that takes only so many at once
THREADS = 64  # that wait at the same time; others wait for one of them
IDLE_SECONDS = 5  # after which a thread that has nothing to do ends
MOST_AHEAD = 64  # steps that are made before they are asked for
WEIGHED_TOGETHER = 256  # steps that are kept
LOOK_SECONDS = 30  # the longest pause; it ends as soon as there is something


class Pool:
    """Threads that do one piece of work after the other; there are none at first."""

    def __init__(self, most: int = THREADS) -> None:
        """At most so many threads."""
        self._most = most
        self._changed = threading.Condition()
        self._work: deque[Callable[[], None]] = deque()
        self._threads = 0
        self._idle = 0

    @property
    def threads(self) -> int:
        """How many threads there are just now."""
        return self._threads

    def do(self, work: Callable[[], None]) -> None:
        """Have this done as soon as a thread is free."""
        with self._changed:
            self._work.append(work)
            if self._idle >= len(self._work):
                self._changed.notify()
            elif self._threads < self._most:
                self._threads += 1
                # What hangs is not to keep a process from its end.
                threading.Thread(target=self._run, name="waiting", daemon=True).start()

    def _run(self) -> None:
        while work := self._next():
            work()
            del work  # it may hold much, and the next may be long in coming

    def _next(self) -> Callable[[], None] | None:
        with self._changed:
            self._idle += 1
            found = self._changed.wait_for(lambda: self._work, IDLE_SECONDS)
            self._idle -= 1
            if found:
                return self._work.popleft()
            self._threads -= 1
            return None


class Log(Generic[Step]):
    """What was made so far, for everybody who follows it from the beginning."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._made: list[Step] = []
        self._over = False
        self._news = Signal()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many steps there are."""
        return len(self._made)

    def kept(
        self,
        steps: Iterator[Step | Pause],
        weigh: Callable[[list[Step]], object] = lambda _steps: None,
    ) -> Iterator[Step | Pause]:
        """These steps; each is kept before it is handed on.

        `weigh` is told of them, many at a time, so that what is held can be counted.
        """
        weighed = 0
        try:
            for step in steps:
                if not isinstance(step, Pause):
                    self._made.append(step)
                    self._tell()
                    if len(self._made) - weighed >= WEIGHED_TOGETHER:
                        weigh(self._made[weighed:])
                        weighed = len(self._made)
                yield step
        finally:
            weigh(self._made[weighed:])
            self.end()

    def end(self) -> None:
        """Nothing more will come."""
        self._over = True
        self._tell()

    def read(self) -> Iterator[Step | Pause]:
        """All steps from the first on, and pauses where there are none yet."""
        place = 0
        while True:
            news = self._news
            if place < len(self._made):
                yield self._made[place]
                place += 1
            elif self._over:
                return
            else:
                yield Pause(LOOK_SECONDS, news)

    def _tell(self) -> None:
        with self._lock:
            news, self._news = self._news, Signal()
        news.set()


class Place:
    """A place in a line; `called` is set when it is one's turn."""

    def __init__(self, line: "Line") -> None:
        """At the end of a line."""
        self.called = Signal()
        self._line = line

    def leave(self) -> None:
        """Be done, or wait no longer; to leave twice is no error."""
        self._line.leave(self)


class Line:
    """Where those wait who are more than can be served at once; the first comes first.

    Nobody holds a thread meanwhile.
    """

    def __init__(self, at_once: int, most: int = MOST_IN_LINE) -> None:
        """So many are served at once, and no more than `most` wait."""
        self._at_once = at_once
        self._most = most
        self._served: set[Place] = set()
        self._waiting: deque[Place] = deque()
        self._lock = threading.Lock()

    @property
    def is_full(self) -> bool:
        """Whether no more may wait."""
        return len(self._waiting) >= self._most

    @property
    def is_too_long(self) -> bool:
        """Whether more wait than may: they have all come before one of them waited."""
        return len(self._waiting) > self._most

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def enter(self) -> Place:
        """A place, at once where one is free. It is to be left, whatever happens."""
        place = Place(self)
        with self._lock:
            self._waiting.append(place)
        self._call()
        return place

    def leave(self, place: Place) -> None:
        """Somebody is done, or does not wait any longer."""
        with self._lock:
            self._served.discard(place)
            if place in self._waiting:
                self._waiting.remove(place)
        self._call()

    def _call(self) -> None:
        called: list[Place] = []
        with self._lock:
            while self._waiting and len(self._served) < self._at_once:
                place = self._waiting.popleft()
                self._served.add(place)
                called.append(place)
        for place in called:  # without the lock: who is called may do anything
            place.called.set()


class Waiting(Generic[Step]):
    """The steps that `make` gives in a thread of a pool; a `Pause` where none is there.

    `make` is handed the signal that tells it to stop. What it raises is raised here.
    """

    def __init__(self, pool: Pool, make: Callable[[Signal], Iterator[Step]]) -> None:
        """Begin as soon as a thread is free."""
        self._make = make
        self._stop = Signal()
        self._changed = threading.Condition()
        self._made: deque[Step] = deque()
        self._news = Signal()
        self._over = False
        self._error: BaseException | None = None
        pool.do(self._run)

    def __iter__(self) -> "Iterator[Step | Pause]":
        """The steps, and the pauses between them."""
        return self

    def __next__(self) -> Step | Pause:
        """The next step, or how long to wait for it at most."""
        with self._changed:
            if self._made:
                self._changed.notify()
                return self._made.popleft()
            if self._over:
                if self._error is not None:
                    raise self._error
                raise StopIteration
            if self._news:
                self._news = Signal()
            return Pause(LOOK_SECONDS, self._news)

    def close(self) -> None:
        """Nobody asks for more: whoever makes it is told to stop."""
        with self._changed:
            self._made.clear()
            self._over = True
            self._changed.notify()
            news = self._news
        self._stop.set()
        news.set()

    def _run(self) -> None:
        try:
            steps = self._make(self._stop)
            for step in steps:
                if not self._put(step):
                    close = getattr(steps, "close", None)
                    if close:
                        close()
                    break
        except BaseException as error:  # it is raised where the steps are asked for
            self._error = error
        with self._changed:
            self._over = True
            news = self._news
        news.set()

    def _put(self, step: Step) -> bool:
        """Keep a step until it is asked for. False: nobody asks any more."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._stop or self._over or len(self._made) < MOST_AHEAD
            )
            if self._stop or self._over:
                return False
            self._made.append(step)
            news = self._news
        news.set()
        return True
