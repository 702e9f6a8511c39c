"""Ask before spending: what `pytest --live` needs, says and reports."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.drift import Difference
from tests.live.resource import Resource

ANNOUNCEMENT = """\
Live: the samples run against {endpoint}, deployment {model}.
They ask for about 90 responses; on the emulator these come to 22,000 tokens of input
and 24,000 of output. They upload the handbook and index it, and delete all files,
vector stores and containers again; responses stay for 30 days. With --costly there are
two pictures and two sessions of code interpreter, which are billed extra."""

RESOURCE = pytest.StashKey[Resource]()
RESULTS = pytest.StashKey[list[tuple[str, str, str]]]()  # sample, result, why
DRIFT = pytest.StashKey[list[Difference]]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Say what is about to happen, to whom; without a `.env` nothing happens."""
    config = session.config
    if not config.getoption("--live") or config.getoption("--collect-only"):
        return
    path = Path(config.getoption("--env"))
    try:
        resource = Resource.named_in(path)
    except FileNotFoundError:
        raise pytest.UsageError(
            f"There is no {path}. Copy .env.sample to .env and fill it in."
        ) from None
    missing = resource.lacks(("AZURE_OPENAI_V1_API_ENDPOINT", "AZURE_OPENAI_API_MODEL"))
    if missing:
        raise pytest.UsageError(f"{path} does not set {', '.join(missing)}.")
    config.stash[RESOURCE] = resource
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter:
        endpoint = resource.variables["AZURE_OPENAI_V1_API_ENDPOINT"]
        reporter.write_line(
            ANNOUNCEMENT.format(endpoint=endpoint, model=resource.model)
        )


@pytest.fixture
def resource(pytestconfig: pytest.Config) -> Resource:
    """The resource under test."""
    return pytestconfig.stash[RESOURCE]


@pytest.fixture
def results(pytestconfig: pytest.Config) -> list[tuple[str, str, str]]:
    """What the closing table is made of: sample, result, why."""
    return pytestconfig.stash.setdefault(RESULTS, [])


@pytest.fixture
def drift(pytestconfig: pytest.Config) -> list[Difference]:
    """What the drift report is made of."""
    return pytestconfig.stash.setdefault(DRIFT, [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """What this resource supports, and where the emulator differs from it."""
    results = config.stash.get(RESULTS, [])
    if results:
        terminalreporter.section("What this resource supports")
        for line in _table(("sample", "result", "why"), results):
            terminalreporter.write_line(line)
    if DRIFT in config.stash:
        found = config.stash[DRIFT]
        terminalreporter.section("Where the emulator differs from this resource")
        rows = [(it.severity, it.case, f"{it.place}: {it.what}") for it in found]
        for line in _table(("severity", "request", "difference"), rows):
            terminalreporter.write_line(line)
        terminalreporter.write_line(f"{len(found)} differences")


def _table(
    head: tuple[str, str, str], rows: list[tuple[str, str, str]]
) -> Iterator[str]:
    widths = [max(len(row[column]) for row in [head, *rows]) for column in (0, 1)]
    for first, second, third in [head, *rows]:
        yield f"{first:{widths[0]}}  {second:{widths[1]}}  {third}".rstrip()
