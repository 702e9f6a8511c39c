"""Files that are meant to harm: names that are paths, and bombs of every kind."""

import io
import os
import struct
import sys
import tempfile
import time
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from emulator.tests.conftest import Client
from emulator.tests.resources.test_container_files import container, upload, uploaded
from responses_emulator.account import KEY
from responses_emulator.http import Request

SALES = b"month,sales\nJan,100\nFeb,250.5\n"
SECONDS = 10  # milliseconds, as a rule

# Where files are written

_writing: list[str] | None = None


def _watch(event: str, args: tuple[Any, ...]) -> None:
    if event == "open" and _writing is not None and not isinstance(args[0], int):
        mode, flags = args[1] or "", args[2] or 0
        if any(c in mode for c in "wax+") or flags & (os.O_WRONLY | os.O_RDWR):
            _writing.append(os.path.realpath(os.fsdecode(args[0])))


sys.addaudithook(_watch)  # it cannot be taken away again: it only looks when asked to


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Which files this process writes, where `tmp_path` is the folder for such."""
    global _writing
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    _writing = paths = []
    yield paths
    _writing = None


NAMES = [
    "../../../../../../tmp/emulator-evil.csv",
    "/tmp/emulator-evil.csv",
    "/mnt/data/../../tmp/emulator-evil.csv",
    r"..\..\emulator-evil.csv",
    r"C:\Windows\emulator-evil.csv",
    "~/emulator-evil.csv",
    "$HOME/emulator-evil.csv",
    "|touch emulator-evil.csv",
    "a/../../emulator-evil.csv",
    "program.py",
    "math.py",
    "emulator-evil.csv\0.png",
    ".bashrc",
    "CON.csv",
    "a" * 500 + ".csv",
]


@pytest.mark.parametrize("name", NAMES)
def test_an_upload_is_written_only_where_a_program_reads_it(
    client: Client, written: list[str], tmp_path: Path, name: str
) -> None:
    file = uploaded(client, SALES, name)
    store = client.json("POST", "/vector_stores", {"name": name, "file_ids": [file]})
    client.json("POST", f"/vector_stores/{store['id']}/search", {"query": "sales"})
    data = "data:text/plain;base64," + b64encode(SALES).decode()
    part = {"type": "input_file", "filename": "a" + name + ".txt", "file_data": data}
    client.create([{"role": "user", "content": [part]}])
    assert written == []  # all of that is in memory

    own = container(client)
    assert upload(client, f"/containers/{own}/files", name, SALES)[0] == 200
    for where in (own, {"type": "auto", "file_ids": [file]}):
        tool = {"type": "code_interpreter", "container": where}
        prompt = "How many lines has the file? Save that as totals.csv."
        response = client.create(prompt, tools=[tool])
        assert "totals.csv" in str(response["output"])
        assert "lines = " in str(response["output"])

    # What a program reads and writes is its worker's, in a folder of the container's.
    assert set(written) <= {os.devnull}
    assert not Path("/tmp/emulator-evil.csv").exists()
    assert list(tmp_path.iterdir()) == []  # and nothing is left of them


# Archives


def archive(inner: str) -> bytes:
    """50 MB of zeros in 50 kB."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(inner, bytes(5 * 10**7))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("name", "inner"),
    [
        ("bomb.docx", "word/document.xml"),  # opened in another process
        ("bomb.pptx", "ppt/slides/slide1.xml"),
        ("bomb.xlsx", "xl/worksheets/sheet1.xml"),
        ("bomb.zip", "bomb.txt"),
    ],
)
def test_an_archive_is_refused_and_not_opened_here(
    client: Client, monkeypatch: pytest.MonkeyPatch, name: str, inner: str
) -> None:
    content = archive(inner)
    unpacked: list[object] = []
    monkeypatch.setattr(zipfile, "ZipFile", unpacked.append)
    monkeypatch.setattr(zlib, "decompressobj", unpacked.append)
    file = uploaded(client, content, name)
    error = client.refused(
        [{"role": "user", "content": [{"type": "input_file", "file_id": file}]}]
    )
    kind = name.removeprefix("bomb")  # the service names a type that it does not take
    assert kind in error["message"]
    store = client.json("POST", "/vector_stores", {"file_ids": [file]})
    assert store["file_counts"]["failed"] == 1
    tool = {
        "type": "code_interpreter",
        "container": {"type": "auto", "file_ids": [file]},
    }
    assert client.create("Analyze the file.", tools=[tool])["status"] == "completed"
    assert unpacked == []


# Pictures


def png(width: int, height: int, rows: bytes, before: bytes = b"") -> bytes:
    def chunk(name: bytes, data: bytes) -> bytes:
        checked = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", checked)

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    text = chunk(b"zTXt", b"a\0\0" + zlib.compress(before)) if before else b""
    data = chunk(b"IDAT", zlib.compress(rows))
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return start + text + data + chunk(b"IEND", b"")


def animated(frames: int) -> bytes:
    file = io.BytesIO()
    first, *others = [Image.new("P", (32, 32), n % 250) for n in range(frames)]
    first.save(file, "GIF", save_all=True, append_images=others)
    return file.getvalue()


PICTURES = {
    "50,000 x 50,000": lambda: png(50_000, 50_000, bytes(10**6)),
    "2**31 wide": lambda: png(2**31 - 1, 2**31 - 1, b""),
    "no size": lambda: png(0, 0, b""),
    "27 MB of pixels in 27 kB": lambda: png(3_000, 3_000, bytes(27_003_000)),
    "50 MB of comment": lambda: png(1, 1, bytes(4), before=bytes(5 * 10**7)),
    "1,000 frames": lambda: animated(1_000),
    "cut off": lambda: png(100, 100, bytes(30_100))[:60],
}


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_that_is_a_bomb_is_soon_answered(client: Client, kind: str) -> None:
    url = "data:image/png;base64," + b64encode(PICTURES[kind]()).decode()
    parts = [
        {"type": "input_text", "text": "Make it brighter."},
        {"type": "input_image", "image_url": url},
    ]
    asked = {"model": "gpt-5-mini", "input": [{"role": "user", "content": parts}]}
    for tools in ([], [{"type": "image_generation", "action": "edit"}]):
        started = time.process_time()
        reply = client.send(
            "POST",
            "/responses",
            {**asked, "tools": tools},
            x_ms_oai_image_generation_deployment="gpt-image-2.5-flare",
        )
        assert reply.status in (200, 400)
        assert time.process_time() - started < SECONDS


# Text

TEXTS = {
    "commas.csv": b"," * 500_000,
    "quote.csv": b'"' + b"a" * 2_000_000,
    "floats.csv": b"a\n" + b"1e308\n" * 50_000,
    "wide.csv": (b"a" * 50_000 + b",") * 50 + b"\n1,2",
    "nested.json": b"[" * 200_000,
    "objects.json": b'{"a":' * 100_000,
    "digits.json": b"9" * 200_000,
    "one word.txt": b"a" * 2_000_000,
    "lines.txt": b"\n" * 2_000_000,
    "sentences.txt": b"On Monday. " * 200_000,
    "capitals.txt": b"A " * 500_000,
    "dotted.txt": "\u0130".encode() * 300_000,
    "hashes.md": b"#" * 500_000,
    "headings.md": b"# a\n" * 50_000,
    "bars.md": b"|" * 500_000,
    "fences.md": b"```\n" * 200_000,
    "ampersands.html": b"&" * 200_000,
    "paragraphs.html": b"<p>" * 100_000,
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_that_is_a_bomb_is_soon_answered(client: Client, name: str) -> None:
    file = uploaded(client, TEXTS[name], name)
    started = time.process_time()
    store = client.json("POST", "/vector_stores", {"file_ids": [file]})["id"]
    client.json("POST", f"/vector_stores/{store}/search", {"query": "On which day?"})
    search = {"type": "file_search", "vector_store_ids": [store]}
    client.create("On which day is the party?", tools=[search], tool_choice="required")
    own = {"type": "auto", "file_ids": [file]}
    tools = [{"type": "code_interpreter", "container": own}]
    client.create("Make a chart and a report of it by month.", tools=tools)
    part = {"type": "input_file", "file_id": file}
    reply = client.send(
        "POST",
        "/responses",
        {"model": "gpt-5-mini", "input": [{"role": "user", "content": [part]}]},
    )
    assert reply.status in (200, 400)
    assert time.process_time() - started < SECONDS


# Forms and batches

START = b'--b\r\nContent-Disposition: form-data; name="file"'


@pytest.mark.parametrize(
    "form",
    [
        (START + b'; filename="a"\r\n\r\n\r\n') * 100_000,
        START + b'; filename="a"\r\n\r\n' + b"\r\n--" * 1_000_000,
        b"--b\r\n" + b"a" * 5_000_000,
        b"--b\r\n" + b"a: b\r\n" * 200_000,
        START + b"; a=b" * 200_000 + b"\r\n\r\n\r\n--b--\r\n",
        START + b'; a="' + b"\\" * 500_000 + b"\r\n\r\n\r\n--b--\r\n",
    ],
    ids=["parts", "ends", "a name", "headers", "parameters", "quotes"],
)
def test_a_form_that_is_a_bomb_is_a_400(client: Client, form: bytes) -> None:
    headers = {"api-key": KEY, "content-type": "multipart/form-data; boundary=b"}
    started = time.process_time()
    reply = client.emulator.handle(Request("POST", "/openai/v1/files", headers, form))
    assert reply.status == 400
    assert time.process_time() - started < SECONDS


@pytest.mark.parametrize(
    "lines",
    [b"[" * 500_000, b"{}\n" * 300_000, b'{"body":' * 1_000 + b"1" + b"}" * 1_000],
    ids=["nested", "many", "nested objects"],
)
def test_a_batch_that_is_a_bomb_fails(client: Client, lines: bytes) -> None:
    _, file = upload(client, "/files", "a.jsonl", lines, purpose="batch")
    body = {"endpoint": "/v1/responses", "completion_window": "24h"}
    started = time.process_time()
    batch = client.json(
        "POST", "/batches", {"input_file_id": file["id"], **body}, status=201
    )
    client.clock.sleep(60)
    assert client.json("GET", f"/batches/{batch['id']}")["status"] == "failed"
    assert time.process_time() - started < SECONDS
