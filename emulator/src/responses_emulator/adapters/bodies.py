"""How much of what clients send is held at once, and who waits until there is room.

A body is claimed before it is read, as a whole if its length is known, else as it
grows. Small bodies have room of their own, so that large ones never hold them up.

Those that grow can come to wait for each other, and then none is read from: nor is it
noticed who has gone. One of them gives up at once, and its room lets others go on.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from responses_emulator.adapters import heap

MAX_HELD_BYTES = 256 * 2**20  # of all bodies, but for one that is larger and alone
SMALL_BYTES = 64 * 2**10  # of a small body
SMALL_HELD_BYTES = 16 * 2**20  # of all bodies, for the small ones
WAIT_SECONDS = 10  # for room
MAX_WAITING = 128  # clients; more are told at once to come back


class Room:
    """So many bytes; a claim on more than all of them is granted if it is alone."""

    def __init__(self, most: int) -> None:
        """Nothing is held yet."""
        self.most = most
        self.held = 0
        self.waiting: deque[Claim] = deque()

    def fits(self, more: int, own: int) -> bool:
        """Whether there is room for `more` bytes of who holds `own` already."""
        return self.held + more <= self.most or self.held == own

    def serve(self) -> None:
        """Let those go on who wait, in their turn."""
        while self.waiting:
            first = self.waiting[0]
            if not self.fits(first.wanted - first.size, first.size):
                if self.is_stuck:
                    first.give_up_soon()
                return
            self.waiting.popleft()
            first.take()

    @property
    def is_stuck(self) -> bool:
        """Whether all that is held is held by those who wait for more."""
        kept = sum(each.size for each in self.waiting if not each.eases)
        return self.held > 0 and kept == self.held


class Bodies:
    """The bodies in flight of one server."""

    def __init__(self, most: int = MAX_HELD_BYTES) -> None:
        """Hold at most so many bytes."""
        self.small = Room(SMALL_HELD_BYTES)
        self.large = Room(most - SMALL_HELD_BYTES)

    @property
    def held(self) -> int:
        """How many bytes are claimed."""
        return self.small.held + self.large.held


class Claim:
    """What one client holds, or waits to hold."""

    def __init__(self, bodies: Bodies) -> None:
        """Nothing yet."""
        self.size = 0
        self.wanted = 0
        self.eases = False  # it will hold less soon, whatever others do
        self._bodies = bodies
        self._room = bodies.small
        self._go_on: Callable[[], None] | None = None
        self._give_up: Callable[[], None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    @property
    def waits(self) -> bool:
        """Whether it waits for room."""
        return self._go_on is not None

    def grow(
        self, size: int, go_on: Callable[[], None], give_up: Callable[[], None]
    ) -> bool:
        """Hold `size` bytes in all. False: wait until one of the two is called."""
        if size <= self.size:
            return True
        room = self._room
        if size > SMALL_BYTES and room is self._bodies.small:
            heap.keep_large_blocks_apart()
            self._move(self._bodies.large)
            room = self._room
        # Who holds some already goes first: others wait for that, too.
        in_turn = self.size > 0 or not room.waiting
        if in_turn and room.fits(size - self.size, self.size):
            room.held += size - self.size
            self.size = size
            return True
        self.wanted = size
        self._go_on = go_on
        self._give_up = give_up
        is_one_too_many = len(room.waiting) >= MAX_WAITING
        if self.size:
            room.waiting.appendleft(self)
        else:
            room.waiting.append(self)
        if is_one_too_many or (self.size and room.is_stuck):
            self.give_up_soon()
        else:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(WAIT_SECONDS, self._end)
        return False

    def give_up_soon(self) -> None:
        """Wait no longer: nothing that is held now would make room."""
        self._stop()
        self._timer = asyncio.get_running_loop().call_later(0, self._end)

    def shrink(self, size: int) -> None:
        """Hold no more than `size` bytes."""
        if size < self.size:
            self._room.held -= self.size - size
            self.size = size
            room = self._room
            if not size and not self.waits:
                self._room = self._bodies.small
            room.serve()

    def release(self) -> None:
        """Hold nothing, and wait for nothing."""
        if self._go_on:
            self._leave()
        self.shrink(0)

    def take(self) -> None:
        """Hold what was waited for."""
        self._stop()
        self._room.held += self.wanted - self.size
        self.size = self.wanted
        go_on, self._go_on, self._give_up = self._go_on, None, None
        if go_on:
            # Not at once: who has just let go of something is not done yet.
            asyncio.get_running_loop().call_soon(go_on)

    def _move(self, room: Room) -> None:
        """Hold what is held in another room, which may be full beyond its measure."""
        old, self._room = self._room, room
        room.held += self.size
        old.held -= self.size
        old.serve()

    def _end(self) -> None:
        give_up = self._give_up
        self._leave()
        if give_up:
            give_up()

    def _leave(self) -> None:
        self._stop()
        self._go_on = self._give_up = None
        self._room.waiting.remove(self)
        self._room.serve()  # the next may want less

    def _stop(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None
