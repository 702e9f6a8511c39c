"""Tests in a process of their own, at the same time as all others.

What these wait for is other processes, a browser among them, on another core. They are
reported in their place, as if they had run here. Their traffic is not in the traffic of
the suite: those that have any hold it against the contracts themselves.
"""

import json
import signal
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

BROWSER = Path(__file__).parent / "browser"
OTHERS = (
    "test_live.py",
    "test_processes.py",
    "test_run.py",
    "test_sandbox.py",
    "test_testing.py",
    "test_tour.py",
    "test_tour_traffic.py",
)
OFTEN = 0.05  # seconds between two looks for reports


def is_apart(item: pytest.Item) -> bool:
    return BROWSER in item.path.parents or item.path.name in OTHERS


def to_run_apart(session: pytest.Session) -> list[pytest.Item]:
    """None where nothing else is to run meanwhile, or somebody wants to watch."""
    options = session.config.option
    watched = options.usepdb or options.capture == "no"
    items = [item for item in session.items if is_apart(item)]
    alone = len(items) == len(session.items)
    return [] if alone or watched or options.collectonly else items


class Apart:
    """Another pytest, for these tests alone, and the reports that come from it."""

    def __init__(self, items: list[pytest.Item], config: pytest.Config) -> None:
        self.config = config
        self.folder = TemporaryDirectory()
        folder = Path(self.folder.name)
        self.output = folder / "output.txt"
        (folder / "tests.txt").write_text("\n".join(i.nodeid for i in items), "utf-8")
        (folder / "reports.jsonl").touch()
        self.lines = (folder / "reports.jsonl").open(encoding="utf-8")
        self.line = ""  # as much of it as has been written
        self.reports: dict[str, list[pytest.TestReport]] = defaultdict(list)
        arguments = [f"--reports={self.lines.name}", f"@{folder / 'tests.txt'}"]
        options = f"-m pytest -p {__name__} -p no:cacheprovider".split()
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, *options, *arguments],
                cwd=config.rootpath,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # an interruption ends it by way of `end`
            )

    def run(self, item: pytest.Item) -> None:
        """Report a test as if it ran now; one that is still to come is waited for."""
        hooks = item.ihook
        hooks.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in self.reports_of(item):
            hooks.pytest_runtest_logreport(report=report)
        hooks.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)

    def reports_of(self, item: pytest.Item) -> list[pytest.TestReport]:
        """The reports of a test: set-up, call and teardown, or that there are none."""
        reports = self.reports[item.nodeid]
        while not (reports and reports[-1].when == "teardown"):
            ended = self.process.poll() is not None
            self.line += self.lines.readline()
            if self.line.endswith("\n"):
                self.take(json.loads(self.line))
                self.line = ""
            elif ended:
                output = self.output.read_text("utf-8", errors="replace")
                return [*reports, without_end(item, output)]
            else:
                time.sleep(OFTEN)
        return reports

    def take(self, data: dict[str, object]) -> None:
        report = self.config.hook.pytest_report_from_serializable(
            config=self.config, data=data
        )
        if isinstance(report.longrepr, list):  # of a skipped test; JSON has no tuples
            report.longrepr = tuple(report.longrepr)
        self.reports[report.nodeid].append(report)

    def end(self) -> None:
        """End the process, if need be in the middle: then it ends its apps."""
        self.process.terminate()
        self.process.wait()
        self.lines.close()
        self.folder.cleanup()


def without_end(item: pytest.Item, output: str) -> pytest.TestReport:
    """The report on a test whose process ended before the test did."""
    return pytest.TestReport(
        nodeid=item.nodeid,
        location=item.location,
        keywords={},
        outcome="failed",
        longrepr=f"The process that it ran in has ended:\n{output}",
        when="call",
    )


# In the other process, this module is a plugin.


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--reports", help="the file that takes the reports")


def pytest_configure(config: pytest.Config) -> None:
    """Being ended is an interruption: what the tests have started is ended, too."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    config.pluginmanager.register(Reporter(config))


class Reporter:
    """Writes down each report as soon as there is one, a line each."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.path = Path(str(config.getoption("reports")))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = self.config.hook.pytest_report_to_serializable(
            config=self.config, report=report
        )
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(data) + "\n")
