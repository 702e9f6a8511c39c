"""What a process of its own does with a piece of work, asked for in this one."""

import io
import json
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from emulator.tests.readers import pdf_files
from emulator.tests.readers.test_office import docx, p, pptx, shape
from responses_emulator import worker
from responses_emulator.processes import BYTES, KINDS, LENGTH_BYTES, Task

pytest.importorskip("resource", reason="Windows limits neither time nor memory so")

READ = {
    "pdf": (pdf_files.pdf(pdf_files.page_of("In a PDF.")), "In a PDF."),
    "word": (docx(p("In Word.")), "In Word."),
    "powerpoint": (pptx(shape("On a slide.")), "On a slide."),
    "html": ("<p>In <b>HTML</b>: é".encode(), "In HTML: é"),
}
OF_VALUES = {
    "check": (
        {"syntax": "regex", "definition": "a+", "text": "b"},
        "the expression does not match 'b' as a whole.",
    ),
    "grammar": ({"syntax": "regex", "definition": "ab", "prompt": ""}, "ab"),
    "schema": ({"schema": {"const": 7}, "prompt": ""}, 7),
}


def asked(task: Task, content: bytes, milliseconds: int = 2_500) -> bytes:
    """A piece of work as it comes through the pipe."""
    work = BYTES[task] + content
    head = len(work).to_bytes(LENGTH_BYTES) + milliseconds.to_bytes(LENGTH_BYTES)
    return head + work


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float]]:
    """What would be limited, in order; this process stays without limits."""
    told: list[tuple[str, float]] = []
    monkeypatch.setattr(worker, "_limit", lambda *limit: told.append(limit))
    monkeypatch.setattr(worker, "_cpu_seconds", lambda: 40.7)
    kinds = {signal.ITIMER_PROF: "T"}
    monkeypatch.setattr(
        signal, "setitimer", lambda kind, seconds: told.append((kinds[kind], seconds))
    )
    return told


def served(monkeypatch: pytest.MonkeyPatch, sent: bytes) -> list[Any]:
    """The answers to pieces of work."""
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(sent)))
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written))
    worker.serve(110 * 2**20)
    return [json.loads(line) for line in written.getvalue().splitlines()]


def test_pieces_of_work_are_answered_in_order_until_no_more_comes(
    monkeypatch: pytest.MonkeyPatch, limits: list[tuple[str, float]]
):
    works = [asked(task, content) for task, (content, _) in READ.items()]  # type: ignore[arg-type]
    answers = served(monkeypatch, b"".join(works))
    assert [answer["result"]["pages"] for answer in answers] == [
        [text] for _, text in READ.values()
    ]
    assert limits


def test_time_is_limited_for_each_piece_and_all_else_once(
    monkeypatch: pytest.MonkeyPatch, limits: list[tuple[str, float]]
):
    served(monkeypatch, asked("html", b"a", 2_500) + asked("html", b"b", 30_000))
    assert limits == [
        ("AS", 110 * 2**20),
        ("CORE", 0),
        ("FSIZE", 0),
        ("NPROC", 0),
        ("CPU", 44),  # with the 40 that it has had, and a second or two to spare
        ("T", 2.5),
        ("T", 0),
        ("CPU", 72),
        ("T", 30),
        ("T", 0),
    ]


def test_what_waits_is_answered_before_more_comes(
    monkeypatch: pytest.MonkeyPatch, limits: list[tuple[str, float]]
):
    """Who asks waits for the answer, and sends nothing before it."""

    class Pipe(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if limits and not answers.getvalue():
                asked_before.append(len(limits))
            return super().read(size)

    asked_before: list[int] = []
    answers = io.BytesIO()
    output = io.TextIOWrapper(io.BufferedWriter(answers))  # type: ignore[arg-type]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Pipe(asked("html", b"a"))))
    monkeypatch.setattr(sys, "stdout", output)
    worker.serve(2**30)
    assert max(asked_before) <= 5  # none once its time runs


@pytest.mark.parametrize("task", OF_VALUES)
def test_values_are_written_and_checked(task: Task):
    arguments, result = OF_VALUES[task]
    assert worker._work(task, json.dumps(arguments).encode()) == {"result": result}


def test_each_kind_of_work_has_a_byte_of_its_own():
    assert sorted(KINDS.values()) == sorted({**READ, **OF_VALUES})
    assert {len(kind) for kind in KINDS} == {1}


@pytest.mark.parametrize("task", ["pdf", "word", "powerpoint"])
def test_a_file_that_cannot_be_read_is_told_with_the_kind_of_its_error(task: Task):
    told = worker._work(task, b"none")
    assert told["kind"] == "UnreadableDocument"
    assert "cannot be" in str(told["error"])


@pytest.mark.parametrize(
    ("task", "arguments", "kind"),
    [
        ("grammar", {"syntax": "regex", "definition": "(", "prompt": ""}, "ValueError"),
        ("schema", {"schema": False, "prompt": ""}, "ValueError"),
    ],
)
def test_a_value_that_there_is_none_of_is_told_with_the_kind_of_its_error(
    task: Task, arguments: dict[str, Any], kind: str
):
    told = worker._work(task, json.dumps(arguments).encode())
    assert told["kind"] == kind
    assert told["error"]


def test_a_reader_that_breaks_is_no_answer():
    """It ends the process, which is told as that."""
    with pytest.raises(ValueError, match="utf-8"):
        worker._work("html", b"\xff")


@pytest.fixture
def resource(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    import resource as real

    asked: list[object] = []
    monkeypatch.setattr(real, "getrlimit", lambda _: (5, 9))
    monkeypatch.setattr(real, "setrlimit", lambda *given: asked.append(given))
    yield asked


def test_a_limit_is_lowered_so_that_it_can_be_raised_again(resource: list[object]):
    import resource as real

    worker._limit("CPU", 3)
    assert resource == [(real.RLIMIT_CPU, (3, 9))]


def test_a_limit_that_a_system_does_not_have_is_left_out(
    resource: list[object], monkeypatch: pytest.MonkeyPatch
):
    worker._limit("NOTHING", 3)
    assert resource == []
    monkeypatch.setitem(sys.modules, "resource", None)
    worker._limit("CPU", 3)
    assert resource == []


def test_the_seconds_of_a_cpu_are_those_of_this_process_alone():
    began = time.process_time()
    seconds = worker._cpu_seconds()
    assert seconds == pytest.approx(began, abs=0.2)
