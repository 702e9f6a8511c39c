"""What the tests of a run ask emulators: written down meanwhile, judged at the end.

A plugin of pytest. The tests run in one process or, with `-n`, in several workers. Each
process writes what its tests exchange with emulators to a file of its own, with the
name of the test. After its last test it holds them against the contracts, and closes
the file with what came of that. What breaks a contract is an error of its test; a file
that is missing or breaks off is one, too.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any, Protocol

import orjson
import pytest

from responses_emulator.core import Emulator
from responses_emulator.faults import HEADER
from responses_emulator.http import Reply, Request
from responses_emulator.observers.observe import Exchange, Observer, observe
from responses_emulator.observers.record import exchange_record

HERE = Path(__file__).parent
# Folders of tests that ask emulators.
SPEAKING = (HERE, HERE.parents[1] / "tests" / "samples")
CLIENTS = HERE / "clients"
# Tests of these modules ask for broken replies, or send what makes no sense.
WRONG_ON_PURPOSE = (
    "test_any_request.py",
    "test_fault_matrix.py",
    "test_faults.py",
    "test_nonsense.py",
)
# A stream that the filter blocks ends as users saw it, and no contract has that.
BLOCKED = b'"code":"content_policy_violation"'
BEGIN = 1000  # bytes
# In a file's last line: whether its tests are all that there are, and the judgement.
END, JUDGED = "whole", "judged"

handle = Emulator.handle


class Traffic(Observer):
    """Writes down each kind of exchange that was answered 2xx and read to its end."""

    def __init__(self, path: Path) -> None:
        self.test = ""  # that is running
        self.paused = False
        self._path = path
        self._file = path.open("wb", buffering=0)  # a process that crashes leaves lines
        self._kinds: set[tuple[str, str, bytes]] = set()
        self._lock = Lock()  # replies end in several threads

    def ended(self, exchange: Exchange) -> None:
        request, reply = exchange.request, exchange.reply
        # A reply that was hit by a fault may be wrong on purpose.
        succeeded = reply and reply.status < 300 and HEADER not in reply.headers
        # Not of the API are requests for a token, and the emulator's own pages.
        is_of_the_api = request.path.startswith("/openai/")
        if not succeeded or not is_of_the_api or exchange.broken or self.paused:
            return
        if any(BLOCKED in event for event in exchange.events):
            return
        kind = (request.method, request.target, request.body)
        with self._lock:
            if kind not in self._kinds and not self._file.closed:
                self._kinds.add(kind)
                record = exchange_record(replace(exchange, body=[body_of(exchange)]))
                self._file.write(line({"test": self.test} | record))

    def close(self) -> None:
        """Write down no more."""
        with self._lock:
            self._file.close()

    def end(self, *, whole: bool) -> None:
        """Judge what was written down; the judgement is the file's last line."""
        self.close()
        judgement = judged(lines_of(self._path))
        with self._path.open("ab") as file:
            file.write(line({END: whole, JUDGED: judgement}))

    def handle(self, emulator: Emulator, request: Request) -> Reply:
        """Stands in for `Emulator.handle`."""
        return observe(lambda request: handle(emulator, request), self)(request)


def line(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


def body_of(exchange: Exchange) -> bytes:
    """A plain reply's body; of a file the begin: no contract says what is in one."""
    assert exchange.reply
    type = exchange.reply.headers.get("content-type", "")
    if type.startswith("application/json"):
        return b"".join(exchange.body)
    return b"".join(exchange.body[:1])[:BEGIN]


@dataclass
class Run:
    """Where the files are, and of which processes there must be one."""

    folder: Path
    processes: list[str] = field(default_factory=list)
    traffic: Traffic | None = None  # this process's own, if it runs tests
    is_whole: bool = False


class Worker(Protocol):
    """What pytest-xdist gives its hooks: a worker that is being started."""

    workerinput: dict[str, Any]


RUN = pytest.StashKey[Run]()
WORKER = "workerid"  # pytest-xdist's key for the name of a worker


def pytest_configure(config: pytest.Config) -> None:
    """Agree on a folder: a worker is told which."""
    given = getattr(config, "workerinput", None)
    if given:
        config.stash[RUN] = Run(Path(given["traffic"]))
    else:
        folder = TemporaryDirectory(prefix="traffic-")
        config.add_cleanup(folder.cleanup)
        config.stash[RUN] = Run(Path(folder.name))


@pytest.hookimpl(optionalhook=True)  # pytest-xdist's
def pytest_configure_node(node: Worker) -> None:
    run = node.config.stash[RUN]  # type: ignore[attr-defined]
    run.processes.append(node.workerinput[WORKER])
    node.workerinput["traffic"] = str(run.folder)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Begin the file, unless this process only hands out tests to others."""
    run = session.config.stash[RUN]
    if session.config.pluginmanager.has_plugin("dsession"):
        return
    name = getattr(session.config, "workerinput", {}).get(WORKER, "this process")
    run.processes.append(name)
    run.traffic = Traffic(file_of(run, name))


def file_of(run: Run, process: str) -> Path:
    return run.folder / f"{process}.jsonl"


def pytest_collection_finish(session: pytest.Session) -> None:
    session.config.stash[RUN].is_whole = is_whole(session)


def is_whole(session: pytest.Session) -> bool:
    """Whether no test that speaks to emulators is left out of the run."""
    files = {
        path
        for folder in SPEAKING
        for path in folder.rglob("test_*.py")
        if path.parent != CLIENTS  # they are run on request only
        and path.name not in WRONG_ON_PURPOSE  # whose traffic is not looked at
    }
    option = session.config.option
    narrowed = option.keyword or option.deselect or getattr(option, "lf", False)
    return (
        files <= {item.path for item in session.items}
        and not narrowed
        and "::" not in str(session.config.args)
    )


@pytest.fixture(autouse=True, scope="session")
def traffic(pytestconfig: pytest.Config) -> Iterator[Traffic]:
    """What all emulators of this process are asked, however they are reached."""
    traffic = pytestconfig.stash[RUN].traffic
    assert traffic
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            Emulator, "handle", lambda self, request: traffic.handle(self, request)
        )
        yield traffic


@pytest.fixture(autouse=True)
def traffic_of_this_test(traffic: Traffic, request: pytest.FixtureRequest) -> None:
    """Keep what a test exchanges unless it is wrong on purpose."""
    traffic.test = request.node.nodeid
    traffic.paused = request.path.name in WRONG_ON_PURPOSE


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Judge what the tests have asked; tell it, unless there are other processes."""
    run = session.config.stash[RUN]
    if run.traffic:
        run.traffic.close()
    if session.exitstatus == pytest.ExitCode.INTERRUPTED:
        return
    if run.traffic:
        run.traffic.end(whole=run.is_whole)
    if hasattr(session.config, "workerinput"):
        return
    stopped_early = bool(session.shouldfail or session.shouldstop)
    for test, told in faults(run, stopped_early=stopped_early):
        report(session, test, told)


def lines_of(path: Path) -> list[dict[str, Any]]:
    """The whole lines of a file; none if it is missing."""
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [orjson.loads(line) for line in lines]


def judged(exchanges: list[dict[str, Any]]) -> dict[str, Any]:
    """What is wrong with exchanges, test by test, and all that there was in them."""
    if not exchanges:
        return {"faults": []}
    # What judges takes a second to load: most runs are of a few tests.
    from emulator.tests import all_traffic, whole_run

    traffic = [all_traffic.held(exchange) for exchange in exchanges]
    return {
        "faults": [*all_traffic.faults(traffic)],
        "seen": whole_run.seen(traffic),
    }


def faults(run: Run, *, stopped_early: bool) -> Iterator[tuple[str, str]]:
    """What is wrong with the traffic of a run: the test, or else a name; the text."""
    judgements: list[dict[str, Any]] = []
    is_whole = not stopped_early
    for process in run.processes:
        lines = lines_of(file_of(run, process))
        if not lines or END not in lines[-1]:
            yield f"traffic of {process}", "The file is missing, or has no end."
            is_whole = False
            judgements.append(judged(lines))
        else:
            is_whole = is_whole and lines[-1][END]
            judgements.append(lines[-1][JUDGED])
    for judgement in judgements:
        yield from judgement["faults"]
    seen = [judgement["seen"] for judgement in judgements if "seen" in judgement]
    if seen and is_whole:
        from emulator.tests import whole_run

        yield from whole_run.faults(seen)


def report(session: pytest.Session, test: str, told: str) -> None:
    """An error of a test that has long ended."""
    path, _, name = test.partition("::")
    session.config.hook.pytest_runtest_logreport(
        report=pytest.TestReport(
            nodeid=test,
            location=(path, None, name or path),
            keywords={},
            outcome="failed",
            longrepr=told,
            when="teardown",
        )
    )
    session.exitstatus = pytest.ExitCode.TESTS_FAILED
