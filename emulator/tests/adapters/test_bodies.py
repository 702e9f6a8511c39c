"""How much of what clients send is held, who waits for room, and for how long."""

import asyncio
from collections.abc import Callable

import pytest

from emulator.tests.adapters.lines import run
from responses_emulator.adapters import bodies
from responses_emulator.adapters.bodies import Bodies, Claim

KB, MB = 2**10, 2**20
SMALL = 64 * KB  # of a small body
ALL_SMALL = 16 * MB


class Client:
    """A claim, and what it was told: "goes on" or "gives up", and when."""

    def __init__(self, held: Bodies) -> None:
        self.claim = Claim(held)
        self.told: list[tuple[str, float]] = []

    def grow(self, size: int) -> bool:
        def tells(what: str) -> Callable[[], None]:
            return lambda: self.told.append((what, asyncio.get_running_loop().time()))

        return self.claim.grow(size, tells("goes on"), tells("gives up"))


def room_for(size: int) -> Bodies:
    """So much room for what is not small."""
    return Bodies(ALL_SMALL + size)


def test_room_is_given_up_to_the_last_byte() -> None:
    async def main() -> None:
        held = room_for(200 * KB)
        first, second, third = (Client(held) for _ in range(3))
        assert first.grow(120 * KB) is True
        assert second.grow(80 * KB) is True
        assert third.grow(SMALL + 1) is False
        assert (first.claim.waits, third.claim.waits) == (False, True)
        assert third.grow(0) is True  # that much it has
        assert held.held == held.large.held == 200 * KB

    run(main())


def test_one_that_is_larger_than_all_room_is_held_alone() -> None:
    async def main() -> None:
        held = room_for(200 * KB)
        first, second = Client(held), Client(held)
        assert first.grow(100 * KB)
        assert not second.grow(300 * KB)
        assert first.grow(500 * KB) is True
        assert held.held == 500 * KB
        first.claim.release()
        assert held.held == 300 * KB

    run(main())


def test_who_waits_goes_on_in_turn_as_soon_as_there_is_room() -> None:
    async def main() -> None:
        held = room_for(200 * KB)
        first, second, third, fourth = (Client(held) for _ in range(4))
        assert first.grow(120 * KB)
        assert not second.grow(150 * KB)
        assert not third.grow(70 * KB)  # for which there is room
        await asyncio.sleep(3)
        first.claim.shrink(60 * KB)
        assert not second.told
        first.claim.shrink(50 * KB)
        assert not second.told  # nor is it told before others have done their work
        assert (second.claim.size, second.claim.waits) == (150 * KB, False)
        await asyncio.sleep(0)
        assert (second.told, third.told) == ([("goes on", 3)], [])
        assert not fourth.grow(66 * KB)
        second.claim.release()
        await asyncio.sleep(0)
        assert third.told == fourth.told == [("goes on", 3)]
        assert held.held == held.large.held == (50 + 70 + 66) * KB
        await asyncio.sleep(100)
        assert len(second.told) == len(third.told) == 1

    run(main())


def test_who_has_waited_for_ten_seconds_gives_up_and_the_next_may_want_less() -> None:
    async def main() -> None:
        held = room_for(200 * KB)
        first, second, third = (Client(held) for _ in range(3))
        first.grow(120 * KB)
        second.grow(150 * KB)
        await asyncio.sleep(1)
        third.grow(70 * KB)
        await asyncio.sleep(100)
        assert second.told == [("gives up", 10)]
        assert third.told == [("goes on", 10)]
        assert not second.claim.waits
        assert second.claim.size == 0
        assert not held.large.waiting
        second.claim.release()
        assert held.held == 190 * KB

    run(main())


def test_no_more_than_128_wait() -> None:
    async def main() -> None:
        held = room_for(100 * KB)
        Client(held).grow(100 * KB)
        clients = [Client(held) for _ in range(130)]
        for client in clients:
            assert client.grow(100 * KB) is False
        await asyncio.sleep(1)
        assert [client.told for client in clients] == [[]] * 128 + [
            [("gives up", 0)]
        ] * 2
        await asyncio.sleep(100)
        assert clients[127].told == [("gives up", 10)]

    run(main())


def test_who_holds_some_goes_first() -> None:
    async def main() -> None:
        held = room_for(300 * KB)
        first, second, third, fourth = (Client(held) for _ in range(4))
        for client in (first, second, third):
            assert client.grow(100 * KB)
        assert not fourth.grow(70 * KB)
        assert not first.grow(150 * KB)
        third.claim.release()
        await asyncio.sleep(1)
        assert first.told == [("goes on", 0)]
        assert (first.claim.size, held.held) == (150 * KB, 250 * KB)
        assert fourth.told == []
        assert first.grow(200 * KB) is True  # not behind the one that waits
        assert held.held == 300 * KB

    run(main())


def test_who_holds_some_does_not_wait_behind_others_if_there_is_room() -> None:
    async def main() -> None:
        held = room_for(300 * KB)
        first, second, third = (Client(held) for _ in range(3))
        first.grow(100 * KB)
        second.grow(100 * KB)
        assert not third.grow(150 * KB)
        assert first.grow(150 * KB) is True
        assert held.held == 250 * KB

    run(main())


@pytest.mark.parametrize("eases", [False, True])
def test_one_of_those_that_wait_for_each_other_gives_up(eases: bool) -> None:
    """At once, unless one of them will need less soon."""

    async def main() -> None:
        held = room_for(200 * KB)
        first, second = Client(held), Client(held)
        first.grow(100 * KB)
        second.grow(100 * KB)
        first.claim.eases = eases
        assert not first.grow(150 * KB)
        assert not second.grow(150 * KB)
        await asyncio.sleep(1)
        assert first.told == []
        assert second.told == ([] if eases else [("gives up", 0)])
        second.claim.release()
        await asyncio.sleep(0)
        assert first.told == [("goes on", 1)]
        await asyncio.sleep(100)
        assert len(first.told) == 1
        assert len(second.told) == (not eases)

    run(main())


@pytest.mark.parametrize("holds", [True, False])
def test_they_are_noticed_when_the_last_other_one_has_gone(holds: bool) -> None:
    async def main() -> None:
        held = room_for(300 * KB)
        first, second, third, fourth = (Client(held) for _ in range(4))
        for client in (first, second, third):
            client.grow(70 * KB)
        if holds:
            fourth.grow(70 * KB)
        assert not first.grow(250 * KB)
        assert not second.grow(250 * KB)
        await asyncio.sleep(1)
        assert not (first.told or second.told)
        third.claim.release()
        await asyncio.sleep(1)
        assert first.told == []
        assert second.told == ([] if holds else [("gives up", 1)])

    run(main())


def test_small_bodies_have_16_mb_of_their_own() -> None:
    async def main() -> None:
        held = room_for(SMALL)
        large, small = Client(held), [Client(held) for _ in range(257)]
        assert large.grow(SMALL + 1)
        assert [client.grow(SMALL) for client in small] == [True] * 256 + [False]
        assert (held.small.held, held.large.held) == (ALL_SMALL, SMALL + 1)
        assert held.held == ALL_SMALL + SMALL + 1
        large.claim.release()
        assert held.large.held == 0
        # One that grows makes room for another.
        assert small[0].grow(SMALL + 1) is True
        await asyncio.sleep(0)
        assert small[-1].told == [("goes on", 0)]
        assert (held.small.held, held.large.held) == (ALL_SMALL, SMALL + 1)

    run(main())


def test_what_shrinks_is_counted_where_it_is_held() -> None:
    async def main() -> None:
        held = room_for(200 * KB)
        client = Client(held)
        client.grow(100 * KB)
        client.claim.shrink(100 * KB)
        client.claim.shrink(101 * KB)  # which is no less
        assert held.large.held == client.claim.size == 100 * KB
        client.claim.shrink(10 * KB)
        assert (held.small.held, held.large.held) == (0, 10 * KB)
        client.claim.shrink(0)
        assert held.held == 0
        client.grow(10 * KB)
        assert (held.small.held, held.large.held) == (10 * KB, 0)

    run(main())


def test_who_lets_go_of_all_while_it_waits_still_waits_for_the_same() -> None:
    async def main() -> None:
        held = room_for(200 * KB)
        first, second = Client(held), Client(held)
        first.grow(100 * KB)
        second.grow(100 * KB)
        assert not second.grow(180 * KB)
        second.claim.shrink(0)
        assert second.claim.waits
        first.claim.release()
        await asyncio.sleep(0)
        assert second.told == [("goes on", 0)]
        assert (held.small.held, held.large.held) == (0, 180 * KB)

    run(main())


def test_who_leaves_is_told_nothing_and_makes_room() -> None:
    async def main() -> None:
        held = room_for(200 * KB)
        first, second, third = (Client(held) for _ in range(3))
        first.grow(120 * KB)
        second.grow(150 * KB)
        third.grow(70 * KB)
        second.claim.release()
        await asyncio.sleep(0)
        assert third.told == [("goes on", 0)]
        first.claim.release()
        third.claim.release()
        await asyncio.sleep(100)
        assert second.told == []
        assert held.held == 0

    run(main())


@pytest.mark.parametrize(("size", "calls"), [(SMALL, 0), (SMALL + 1, 1)])
def test_large_blocks_go_back_to_the_system(
    size: int, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    called: list[bool] = []
    monkeypatch.setattr(
        bodies.heap, "keep_large_blocks_apart", lambda: called.append(True)
    )
    assert Claim(Bodies()).grow(size, lambda: None, lambda: None)
    assert len(called) == calls
