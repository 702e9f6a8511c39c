"""How a pause passes on an event loop: nobody is held up, and news end it."""

import asyncio
from contextlib import suppress

from responses_emulator.signals import Pause


async def passed(pause: Pause, *ends: asyncio.Future[None]) -> None:
    """Wait until a pause is over, there is news, or one of `ends` has come."""
    news = pause.news
    if news is None and not ends:
        await asyncio.sleep(pause.seconds)
        return
    loop = asyncio.get_running_loop()
    woken: asyncio.Future[None] = loop.create_future()

    def wake() -> None:
        with suppress(RuntimeError):  # the loop has come to its end
            loop.call_soon_threadsafe(_set, woken)

    if news is not None:
        news.then(wake)
    try:
        await asyncio.wait([woken, *ends], timeout=pause.seconds, return_when=FIRST)
    finally:
        if news is not None:
            news.forget(wake)


def _set(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)


FIRST = asyncio.FIRST_COMPLETED
