"""Ask before spending: what `pytest --live` needs, says and reports."""

from pathlib import Path

import pytest

from tests.collection import APPS, SAMPLES
from tests.live import features
from tests.live.drift import Difference
from tests.live.features import YES
from tests.live.report import Result, rows, table
from tests.live.resource import Resource

ANNOUNCEMENT = """\
Live: the samples run against {endpoint}, deployment {model}.
All of them ask for about {responses} responses, most of a few hundred tokens. They
upload what they read, index it, and delete all files, vector stores, containers and
skills again; responses stay for 30 days. These say that they need more than a
deployment:
{needs}
Those with a * are billed extra and run only with --costly.
These ask before they act, and are told y: {asking}."""

RESOURCE = pytest.StashKey[Resource]()
RESULTS = pytest.StashKey[list[Result]]()
SCOPES = pytest.StashKey[list[tuple[str, str, str]]]()  # scope, result, why
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
        reporter.write_line(announcement(resource))


def announcement(resource: Resource) -> str:
    """What a run will ask of the resource."""
    scripts = [path for path in SAMPLES if path not in APPS]
    needs: dict[str, str] = {}
    for path in scripts:
        if need := features.needs_of(path):
            star = "*" if features.of(path.name).billed_extra else " "
            needs[f"{star} {features.feature_of(path.name)}"] = need
    return ANNOUNCEMENT.format(
        endpoint=resource.variables["AZURE_OPENAI_V1_API_ENDPOINT"],
        model=resource.model,
        responses=sum(features.of(path.name).responses for path in scripts),
        needs="\n".join(f"{name}: {need}" for name, need in needs.items()),
        asking=", ".join(
            name for name, feature in features.FEATURES.items() if feature.typed == YES
        ),
    )


@pytest.fixture
def resource(pytestconfig: pytest.Config) -> Resource:
    """The resource under test."""
    return pytestconfig.stash[RESOURCE]


@pytest.fixture
def results(pytestconfig: pytest.Config) -> list[Result]:
    """What the closing table is made of."""
    return pytestconfig.stash.setdefault(RESULTS, [])


@pytest.fixture
def scopes(pytestconfig: pytest.Config) -> list[tuple[str, str, str]]:
    """What is told of the scopes: each with its result and why."""
    return pytestconfig.stash.setdefault(SCOPES, [])


@pytest.fixture
def drift(pytestconfig: pytest.Config) -> list[Difference]:
    """What the drift report is made of."""
    return pytestconfig.stash.setdefault(DRIFT, [])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """What this resource supports, and where the emulator differs from it."""

    def section(
        title: str, head: tuple[str, ...], lines: list[tuple[str, ...]]
    ) -> None:
        terminalreporter.section(title)
        for line in table(head, lines):
            terminalreporter.write_line(line)

    results = config.stash.get(RESULTS, [])
    if results:
        head = ("feature", "result", "details")
        section("What this resource supports", head, list(rows(results)))
    scopes = config.stash.get(SCOPES, [])
    if scopes:
        head = ("scope", "result", "why")
        section("Which Entra ID scope this resource takes", head, [*scopes])
    if DRIFT in config.stash:
        found = config.stash[DRIFT]
        lines = [(it.severity, it.case, f"{it.place}: {it.what}") for it in found]
        head = ("severity", "request", "difference")
        section("Where the emulator differs from this resource", head, [*lines])
        terminalreporter.write_line(f"{len(found)} differences")
