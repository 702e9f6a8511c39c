"""What waits has threads of its own, few of them, and can be stopped."""

import threading
from collections.abc import Iterator

import pytest

from responses_emulator.signals import Pause, Signal
from responses_emulator.waiting import MOST_AHEAD, Line, Pool, Waiting


def all_of(waiting: Waiting[int]) -> list[int]:
    steps: list[int] = []
    for step in waiting:
        if isinstance(step, Pause):
            step.pass_by()
        else:
            steps.append(step)
    return steps


def test_the_steps_come_in_their_order() -> None:
    numbers = list(range(1_000))
    assert all_of(Waiting(Pool(), lambda _: iter(numbers))) == numbers


def test_where_nothing_has_come_there_is_a_pause_that_news_end() -> None:
    more = Signal()

    def make(_: Signal) -> Iterator[int]:
        yield 1
        more.wait()
        yield 2

    waiting = Waiting(Pool(), make)
    heard = Signal()
    while (step := next(waiting)) != 1:
        assert isinstance(step, Pause)
        step.pass_by()
    pause = next(waiting)
    assert isinstance(pause, Pause)
    assert pause.news is not None
    pause.news.then(heard.set)
    assert not heard
    more.set()
    assert heard.wait(5)
    assert all_of(waiting) == [2]


def test_what_goes_wrong_is_raised_where_it_is_asked_for() -> None:
    def make(_: Signal) -> Iterator[int]:
        yield 1
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        all_of(Waiting(Pool(), make))


def test_who_asks_no_more_stops_what_is_silent() -> None:
    stopped = Signal()

    def make(stop: Signal) -> Iterator[int]:
        yield from ()
        stop.wait()
        stopped.set()

    waiting = Waiting(Pool(), make)
    assert isinstance(next(waiting), Pause)
    waiting.close()
    assert stopped.wait(20)  # else it waits for ever
    assert list(waiting) == []


def test_no_more_is_made_than_is_asked_for_soon() -> None:
    made: list[int] = []
    full = Signal()

    def make(_: Signal) -> Iterator[int]:
        for number in range(10_000):
            made.append(number)
            if number == MOST_AHEAD:
                full.set()
            yield number

    waiting = Waiting(Pool(), make)
    assert full.wait(5)
    assert len(made) == MOST_AHEAD + 1
    waiting.close()


def test_there_are_no_more_threads_than_allowed() -> None:
    pool, over = Pool(2), Signal()
    running: list[int] = []
    most = 0
    lock = threading.Lock()

    def work() -> None:
        nonlocal most
        with lock:
            running.append(1)
            most = max(most, len(running))
        over.wait()
        with lock:
            running.pop()

    done = [Signal() for _ in range(6)]

    def then(signal: Signal) -> None:
        work()
        signal.set()

    for signal in done:
        pool.do(lambda signal=signal: then(signal))
    assert pool.threads == 2
    over.set()
    assert all(signal.wait(5) for signal in done)
    assert most <= 2


def test_there_are_no_threads_before_there_is_work() -> None:
    assert Pool().threads == 0


def test_a_signal_tells_everybody_once() -> None:
    signal, heard = Signal(), list[str]()
    forgotten = lambda: heard.append("forgotten")  # noqa: E731
    signal.then(lambda: heard.append("before"))
    signal.then(forgotten)
    signal.forget(forgotten)
    assert not signal
    signal.set()
    signal.set()
    signal.then(lambda: heard.append("after"))
    assert signal
    assert signal.wait(0)
    assert heard == ["before", "after"]


def test_so_many_wait_in_line() -> None:
    line = Line(1)
    places = [line.enter() for _ in range(64)]
    assert (line.waiting, line.is_full, line.is_too_long) == (63, False, False)
    places.append(line.enter())
    assert (line.waiting, line.is_full, line.is_too_long) == (64, True, False)
    places.append(line.enter())
    assert (line.waiting, line.is_full, line.is_too_long) == (65, True, True)
    places[0].leave()
    assert [bool(place.called) for place in places] == [True, True] + [False] * 64
    assert not line.is_too_long
