"""How a pause passes on an event loop."""

import asyncio
from collections.abc import Callable
from typing import Any

from emulator.tests.adapters.lines import run
from responses_emulator.adapters.pauses import passed
from responses_emulator.signals import Pause, Signal


async def took(pause: Pause, *ends: asyncio.Future[None]) -> float:
    await passed(pause, *ends)
    return asyncio.get_running_loop().time()


def test_a_pause_passes_by_itself() -> None:
    assert run(took(Pause(7))) == 7
    assert run(took(Pause(7, Signal()))) == 7


def test_news_end_it_before_and_are_not_heard_after() -> None:
    async def main() -> None:
        news = Signal()
        asyncio.get_running_loop().call_later(2, news.set)
        assert await took(Pause(7, news)) == 2
        assert await took(Pause(7, news)) == 2  # they have come

        silent = Signal()
        assert await took(Pause(7, silent)) == 9
        assert silent._reactions == []

    run(main())


def test_an_end_ends_it_with_or_without_news_to_come() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        for number, news in enumerate([None, Signal()], 1):
            end: asyncio.Future[None] = loop.create_future()
            loop.call_later(3, end.set_result, None)
            assert await took(Pause(7, news), end) == 3 * number

    run(main())


def test_news_that_come_twice_are_heard_once() -> None:
    class Twice(Signal):
        def then(self, react: Callable[[], object]) -> None:
            react()
            react()

    async def main() -> None:
        faults: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(
            lambda _, context: faults.append(context)
        )
        assert await took(Pause(7, Twice())) == 0
        await asyncio.sleep(1)
        assert faults == []

    run(main())
