"""The matrix of samples under faults: how each cell ended, and the totals of a run.

A plugin of pytest: the totals are those of all workers.
"""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

GOOD_ENDS = ("recovered", "told", "clear")  # see tests/samples/endings.py
CELLS = "cells"


@pytest.fixture
def matrix(
    record_property: Callable[[str, object], None],
) -> Callable[[dict[str, str]], None]:
    """Takes how each cell ended; fails, once all are counted, for what ended badly."""

    def take(ends: dict[str, str]) -> None:
        counts = Counter(end if end in GOOD_ENDS else "bad" for end in ends.values())
        record_property(CELLS, dict(counts))
        bad = [f"{cell}: {end}" for cell, end in ends.items() if end not in GOOD_ENDS]
        if bad:
            pytest.fail("\n".join(bad), pytrace=False)

    return take


@pytest.hookimpl(wrapper=True, tryfirst=True)  # after what pytest has to say itself
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> Iterator[None]:
    """The totals of the matrix: the last section."""
    yield
    ends: Counter[str] = Counter()
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            if report.when == "call":
                ends.update(dict(report.user_properties).get(CELLS, {}))
    if ends:
        told = ", ".join(f"{ends[end]} {end}" for end in (*GOOD_ENDS, "bad"))
        terminalreporter.section("Samples under faults")
        terminalreporter.write_line(f"{ends.total()} cells: {told}")
