"""Every terminal sample, stopped at any moment: nothing is left on the service.

Stopped by Ctrl-C, or because nobody reads its output any more (`| head`). A moment is
when a request is about to be sent, an event to be read, a text to be printed, a pause
to be made, somebody to be asked. Each is a cell of the matrix (long_tests/faults);
of moments of one kind, the first, one in the middle and the last are.
"""

import builtins
import errno
import signal
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any, TextIO

import pytest

from tests.samples.conftest import Run, Service
from tests.samples.endings import names_the_cause, trouble
from tests.samples.test_every_sample import NAMES

pytestmark = pytest.mark.usefixtures("few_pieces")

Strike = Callable[[int, str], None]  # with the moment's number and kind


class Output:
    """Standard output that tells of each text before it is written."""

    def __init__(self, out: TextIO, moment: Callable[[str], None]) -> None:
        self._out = out
        self._moment = moment

    def write(self, text: str) -> int:
        if text:
            self._moment("print")
        return self._out.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._out, name)


@pytest.fixture(autouse=True)
def python_listens_to_ctrl_c() -> Iterator[None]:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def moments(
    run: Callable[..., Run], service: Service, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Run, list[str]]]:
    """Run a sample; gives what became of it, and the kinds of its moments in order."""
    ask = builtins.input

    def moments(name: str, strike: Strike = lambda *_: None) -> tuple[Run, list[str]]:
        service.renew()
        seen: list[str] = []

        def moment(kind: str) -> None:
            seen.append(kind)
            strike(len(seen) - 1, kind)

        def asked(prompt: str = "") -> str:
            moment("input")
            return ask(prompt)

        service.moment = moment
        with monkeypatch.context() as patch:
            patch.setattr(builtins, "input", asked)
            patch.setattr(sys, "stdout", Output(sys.stdout, moment))
            return run(name), seen

    return moments


def chosen(kinds: list[str]) -> list[tuple[int, str]]:
    """Of each kind of moment the first, one in the middle and the last."""
    places: dict[str, list[int]] = defaultdict(list)
    for at, kind in enumerate(kinds):
        places[kind].append(at)
    few = {all[i] for all in places.values() for i in (0, len(all) // 2, -1)}
    return [(at, kinds[at]) for at in sorted(few)]


def at_ctrl_c(here: int) -> Strike:
    """Ctrl-C at one moment."""

    def strike(at: int, _kind: str) -> None:
        if at == here:
            signal.raise_signal(signal.SIGINT)

    return strike


def from_here_on_unread(here: int) -> Strike:
    """From one moment on nobody reads what is printed."""

    def strike(at: int, kind: str) -> None:
        if at >= here and kind == "print":
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    return strike


def interrupted(result: Run, service: Service, kind: str, *, talks: bool) -> str:
    """How it ended after Ctrl-C: who talks with somebody says no more than goodbye.

    Who was not yet told the id of what is made cannot cancel it.
    """
    untold = kind == "event: response.created"
    found = trouble(result, service, service.left_behind() if untold else [])
    if found:
        return found
    error = result.error
    if talks:
        return "clear" if error is None else f"a traceback: {error!r}"
    if error is None:  # it was ready before it could be stopped
        told = "Interrupted." in result.output
        return "told" if told else "passed off as success"
    is_clear = isinstance(error, KeyboardInterrupt) or names_the_cause(error)
    return "clear" if is_clear else f"says nothing: {error!r}"


def unread(result: Run, service: Service) -> str:
    """How it ended when nobody read its output."""
    found = trouble(result, service, [])
    if found:
        return found
    is_clear = isinstance(result.error, BrokenPipeError)
    return "clear" if is_clear else f"not stopped, but {result.error!r}"


@pytest.mark.parametrize("name", NAMES)
def test_ctrl_c_leaves_nothing_behind(
    name: str,
    moments: Callable[..., tuple[Run, list[str]]],
    service: Service,
    matrix: Callable[[dict[str, str]], None],
) -> None:
    _, kinds = moments(name)
    ends: dict[str, str] = {}

    for at, kind in chosen(kinds):
        if kind.endswith(".delete"):
            continue  # who interrupts the cleaning up wants no more of it
        result, _ = moments(name, at_ctrl_c(at))
        ends[f"Ctrl-C at {at}, {kind}"] = interrupted(
            result, service, kind, talks="conversation" in name
        )

    matrix(ends)


@pytest.mark.parametrize("name", NAMES)
def test_a_closed_output_leaves_nothing_behind(
    name: str,
    moments: Callable[..., tuple[Run, list[str]]],
    service: Service,
    matrix: Callable[[dict[str, str]], None],
) -> None:
    _, kinds = moments(name)
    ends: dict[str, str] = {}

    for at, kind in chosen(kinds):
        if kind == "print":
            result, _ = moments(name, from_here_on_unread(at))
            ends[f"unread from {at} on"] = unread(result, service)

    matrix(ends)
