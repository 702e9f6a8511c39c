import atexit
import io
import os
import re
import signal
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from emulator.tests.conftest import Client
from emulator.tests.readers import pdf_bombs, pdf_files
from emulator.tests.readers.pdf_files import page_of
from emulator.tests.resources.test_container_files import uploaded
from responses_emulator.errors import ServiceError
from responses_emulator.model.values import grammar, schema
from responses_emulator.processes import (
    MAX_PROCESSES,
    MAX_WAITING,
    Ended,
    Processes,
    _ask,
)
from responses_emulator.readers import documents
from responses_emulator.readers.documents import Readers, UnreadableDocument, read

PLAIN = pdf_files.pdf(page_of("Hello."))


def pages(readers: Readers, content: bytes) -> tuple[str, ...]:
    return readers.read("pdf", "a.pdf", content).pages


def refusal(readers: Readers, content: bytes) -> str:
    with pytest.raises(UnreadableDocument) as raised:
        pages(readers, content)
    assert raised.value.code == "invalid_file"
    return raised.value.message


@pytest.fixture(autouse=True)
def quick_on_a_busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("responses_emulator.processes.QUICK_SECONDS", 20)


@pytest.fixture(scope="module")
def hasty() -> Iterator[Readers]:
    readers = Readers(Processes(seconds=0.5))
    yield readers
    readers.processes.close()


@pytest.mark.parametrize("name", pdf_bombs.BOMBS)
def test_bomb_ends_in_text_or_in_a_refusal_within_its_time(hasty: Readers, name: str):
    content = pdf_bombs.BOMBS[name]()
    started = time.monotonic()
    try:
        read = pages(hasty, content)
    except UnreadableDocument as error:
        assert len(error.message) < 300
    else:
        assert len("".join(read)) <= len("abc") + 1
    assert time.monotonic() - started < 20


def test_reading_that_takes_too_long_is_ended_and_the_next_pdf_is_read():
    readers = Readers(Processes(seconds=0.6))
    assert refusal(readers, pdf_bombs.SLOW) == "Reading the PDF takes too long."
    readers.processes.seconds = 20
    assert pages(readers, PLAIN) == ("Hello.",)
    readers.processes.close()


@pytest.mark.skipif(sys.platform != "linux", reason="memory is not limited there")
def test_reading_that_takes_too_much_memory_is_ended():
    readers = Readers(Processes(seconds=20, memory=110 * 2**20))
    assert "memory" in refusal(readers, pdf_bombs.LARGE)
    assert pages(readers, PLAIN) == ("Hello.",)
    readers.processes.close()


def test_quick_process_reads_the_next_pdf_and_an_ended_one_is_replaced(
    monkeypatch: pytest.MonkeyPatch,
):
    started: list[object] = []
    start = Processes._start

    def counted(self: Processes):
        started.append(self)
        return start(self)

    monkeypatch.setattr(Processes, "_start", counted)
    readers = Readers(Processes(seconds=20))
    for text in ("One.", "Two.", "Three."):
        assert pages(readers, pdf_files.pdf(page_of(text))) == (text,)
    assert len(started) == 1

    readers.processes._waiting[0].kill()
    readers.processes._waiting[0].wait()
    assert pages(readers, PLAIN) == ("Hello.",)
    assert len(started) == 2

    readers.processes.close()
    assert pages(readers, PLAIN) == ("Hello.",)
    assert len(started) == 3
    readers.processes.close()


def test_pdfs_are_read_side_by_side_and_one_process_is_kept():
    readers = Readers(Processes(seconds=20))
    texts = [f"Text {number}." for number in range(2 * MAX_PROCESSES)]
    read: list[str] = []

    def work(text: str):
        read.extend(pages(readers, pdf_files.pdf(page_of(text))))

    threads = [threading.Thread(target=work, args=(text,)) for text in texts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(read) == texts
    assert len(readers.processes._waiting) == 1
    readers.processes.close()


def test_who_finds_no_place_in_time_may_come_back(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("responses_emulator.processes.PLACE_SECONDS", 0.05)
    readers = Readers(Processes(seconds=20))
    for _ in range(MAX_PROCESSES):
        readers.processes._places.acquire()
    with pytest.raises(ServiceError) as raised:
        pages(readers, PLAIN)
    assert raised.value.status == 503
    assert int(raised.value.headers["retry-after"]) > 0
    readers.processes._places.release()
    assert pages(readers, PLAIN) == ("Hello.",)
    readers.processes.close()


def test_few_threads_wait_for_a_place():
    readers = Readers(Processes(seconds=20))
    for _ in range(MAX_PROCESSES + MAX_WAITING):
        assert readers.processes._queue.acquire(blocking=False)
    started = time.monotonic()
    with pytest.raises(ServiceError):
        pages(readers, PLAIN)
    assert time.monotonic() - started < 20


@pytest.mark.skipif(sys.platform == "win32", reason="time is the clock's there")
def test_time_that_others_take_is_not_counted():
    processes = Processes(seconds=0.5)
    readers = Readers(processes)
    assert pages(readers, PLAIN) == ("Hello.",)
    [process] = processes._waiting
    process.send_signal(signal.SIGSTOP)  # as if the machine were busy
    going_on = threading.Timer(1, process.send_signal, [signal.SIGCONT])
    going_on.start()
    assert pages(readers, PLAIN) == ("Hello.",)
    going_on.join()
    processes.close()


def test_reader_that_cannot_be_started_is_no_fault_of_the_emulator(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    assert "cannot be started" in refusal(Readers(Processes(seconds=20)), PLAIN)


def test_places_are_free_again_whatever_came_of_the_work(
    monkeypatch: pytest.MonkeyPatch,
):
    def work(_self: Processes, _task: str, content: bytes) -> bytes:
        if content == b"broken":
            raise OSError
        return content

    monkeypatch.setattr(Processes, "_do", work)
    processes = Processes(seconds=20)
    for _ in range(MAX_PROCESSES + MAX_WAITING + 1):
        assert processes.do("pdf", b"sound") == b"sound"
        with pytest.raises(Ended, match="start"):
            processes.do("pdf", b"broken")


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("raise SystemExit", "memory"),
        ("print('{', end='')", "memory"),
        ("import sys; sys.stdin.close(); print('{', end='')", "memory"),
        ("import os; os.kill(os.getpid(), 27)", "time"),  # SIGPROF
        ("import os; os.kill(os.getpid(), 24)", "time"),  # SIGXCPU
        ("import os; os.kill(os.getpid(), 9)", "memory"),
        ("import time; time.sleep(60)", "time"),
    ],
)
@pytest.mark.skipif(sys.platform != "linux", reason="signals by their numbers")
def test_why_a_process_has_ended_is_told(
    program: str, why: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("responses_emulator.processes.START", program)
    # Of a CPU; none is at work, and the clock goes on for ten times as long.
    processes = Processes(seconds=0.02 if "sleep" in program else 20)
    with pytest.raises(Ended) as raised:
        processes.do("pdf", b"%PDF-" + bytes(10**6))
    assert raised.value.why == why
    assert processes._waiting == []


def test_a_process_that_was_slow_is_not_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("responses_emulator.processes.QUICK_SECONDS", 0)
    processes = Processes(seconds=20)
    assert pages(Readers(processes), PLAIN) == ("Hello.",)
    assert processes._waiting == []


def test_a_process_is_ended_and_let_go_of_with_those_who_use_it(
    monkeypatch: pytest.MonkeyPatch,
):
    registered: list[object] = []
    monkeypatch.setattr(atexit, "register", registered.append)
    processes = Processes(seconds=20)
    assert registered == [processes.close]
    pages(Readers(processes), PLAIN)
    [process] = processes._waiting
    processes.close()
    assert process.returncode is not None
    assert process.stdin and process.stdin.closed
    assert process.stdout and process.stdout.closed


def test_work_is_sent_with_its_length_and_its_milliseconds():
    sent = io.BytesIO()
    process = SimpleNamespace(stdin=sent, stdout=io.BytesIO(b"{}\nmore"))
    assert _ask(cast("Any", process), b"Habc", 2.5) == b"{}\n"
    assert sent.getvalue() == (4).to_bytes(8) + (2_500).to_bytes(8) + b"Habc"


def test_html_that_takes_too_long_to_read_is_ended():
    readers = Readers(Processes(seconds=0.6))
    with pytest.raises(UnreadableDocument, match="Reading the HTML takes too long"):
        readers.read("html", "a.html", b"<i>a" * 2_000_000)
    readers.processes.close()


@pytest.mark.parametrize("unit", ["<a ", "<!--"])
def test_html_bomb_is_read_in_time_or_ended(hasty: Readers, unit: str):
    """Only older versions of Python take long over these."""
    started = time.monotonic()
    try:
        hasty.read("html", "a.html", (unit * 200_000).encode())
    except UnreadableDocument as error:
        assert error.message == "Reading the HTML takes too long."
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("lines", [1, 2_000])
def test_html_is_read_alike_whatever_its_length(lines: int):
    text = read("a.html", ("<p>Größe &amp; <b>more</b></p>" * lines).encode()).pages[0]
    assert [line for line in text.splitlines() if line] == ["Größe & more"] * lines


def test_the_limits_are_seconds_and_a_gigabyte():
    shared = [
        (documents._readers().processes, 30),
        (grammar._writers(), 5),
        (schema._fillers(), 5),
    ]
    for processes, seconds in shared:
        assert processes.seconds == seconds
        assert processes.memory == 2**30
    assert len({id(processes) for processes, _ in shared}) == 3  # none waits for others


def test_four_work_and_twelve_wait_ten_seconds(monkeypatch: pytest.MonkeyPatch):
    from responses_emulator import processes

    assert processes.MAX_PROCESSES == 4
    assert processes.MAX_WAITING == 12
    assert processes.PLACE_SECONDS == 10
    waited: list[float] = []
    busy = Processes(seconds=20)
    monkeypatch.setattr(
        busy._places, "acquire", lambda *, timeout: bool(waited.append(timeout))
    )
    with pytest.raises(Ended, match="places"):
        busy.do("pdf", b"")
    assert waited == [10]


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is where it is seen")
def test_a_process_knows_nothing_of_the_environment(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "a-secret")
    processes = Processes(seconds=20)
    pages(Readers(processes), PLAIN)
    pid = processes._waiting[0].pid
    assert Path(f"/proc/{pid}/environ").read_bytes() == b""
    limits = Path(f"/proc/{pid}/limits").read_text("ascii")
    rows = {
        re.split("  +", row)[0]: re.split("  +", row)[1] for row in limits.splitlines()
    }
    assert rows["Max address space"] == str(2**30)
    assert rows["Max file size"] == rows["Max processes"] == "0"
    assert rows["Max core file size"] == "0"
    times = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    used = (int(times[11]) + int(times[12])) // os.sysconf("SC_CLK_TCK")
    assert 22 <= int(rows["Max cpu time"]) <= 22 + used
    assert os.getsid(pid) == pid  # Ctrl-C is not for it
    processes.close()


def test_bomb_in_the_input_is_a_400(client: Client):
    bomb = pdf_bombs.BOMBS["a page tree that goes in circles"]()
    url = "data:application/pdf;base64," + b64encode(bomb).decode()
    part = {"type": "input_file", "filename": "bomb.pdf", "file_data": url}
    error = client.refused([{"role": "user", "content": [part]}])
    assert error["code"] == "invalid_file"
    assert "bomb.pdf" in error["message"]


def test_bomb_in_a_vector_store_is_a_file_that_failed(client: Client):
    bomb = pdf_bombs.BOMBS["a font of 10 ** 9 widths"]()
    file = uploaded(client, bomb, "bomb.pdf")
    store = client.json("POST", "/vector_stores", {"file_ids": [file]})
    assert store["file_counts"]["failed"] == 1
    path = f"/vector_stores/{store['id']}/files/{file}"
    assert client.json("GET", path)["last_error"]["code"] == "invalid_file"
