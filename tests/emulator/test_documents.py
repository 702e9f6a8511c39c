import io
import logging
import zlib

import pypdf
import pytest

from emulator import documents, pdf
from emulator.documents import UnreadableDocument, read
from tests.emulator import pdf_files
from tests.emulator.pdf_files import Placed, page_of

LONG = "The company was founded in a small town by the sea and has stayed there ever"


def unreadable(filename: str, content: bytes) -> UnreadableDocument:
    with pytest.raises(UnreadableDocument) as raised:
        read(filename, content)
    return raised.value


def test_pdf_is_read_page_by_page():
    document = read(
        "a.pdf", pdf_files.pdf(page_of("First page."), [], page_of("Third."))
    )
    assert document.filename == "a.pdf"
    assert document.pages == ("First page.", "", "Third.")


def test_pdf_is_known_by_its_content_whatever_its_name():
    assert read("upload", pdf_files.pdf(page_of("Hello."))).pages == ("Hello.",)


def test_larger_and_bolder_lines_of_a_pdf_are_headings():
    content = pdf_files.pdf(
        page_of(("Handbook", 24), ("Our values", 14), LONG, ("Details", 10), LONG)
    )
    lines = read("a.pdf", content).pages[0].splitlines()
    assert [line for line in lines if line.startswith("#")] == [
        "# Handbook",
        "## Our values",
        "### Details",
    ]


def test_heading_on_two_lines_is_one_heading():
    two = [
        Placed("Values and what", y=700, size=18),
        Placed("they mean", y=680, size=18),
    ]
    content = pdf_files.pdf([*two, *page_of(LONG, LONG, top=640)])
    assert read("a.pdf", content).pages[0].startswith("# Values and what they mean\n")


def test_rows_of_a_table_come_out_as_lines():
    rows = [("Leave type", "Days"), ("Annual", "30"), ("Bereavement", "5")]
    cells = [
        Placed(text, x, 700 - 20 * row)
        for row, texts in enumerate(rows)
        for text, x in zip(texts, (72, 200), strict=True)
    ]
    lines = read("a.pdf", pdf_files.pdf(cells)).pages[0].splitlines()
    assert lines == ["Leave type  Days", "Annual  30", "Bereavement  5"]


def test_cell_that_is_wrapped_stays_in_its_row():
    cells = [
        Placed("Parental", 72, 700),
        Placed("18 weeks for every", 200, 700),
        Placed("parent, by birth", 200, 688),
        Placed("or adoption.", 200, 676),
        Placed("Moving", 72, 660),
        Placed("1 day", 200, 660),
    ]
    assert read("a.pdf", pdf_files.pdf(cells)).pages[0].splitlines() == [
        "Parental  18 weeks for every parent, by birth or adoption.",
        "Moving  1 day",
    ]


def test_bullet_and_its_text_are_one_line():
    content = pdf_files.pdf([Placed("\u2022", 72), Placed("Integrity", 90)])
    assert read("a.pdf", content).pages == ("- Integrity",)


def test_wrapped_lines_are_one_paragraph_and_divided_words_whole():
    content = pdf_files.pdf(
        page_of(LONG + " since the infor-", "mation age.", "Our information is good.")
    )
    lines = read("a.pdf", content).pages[0].splitlines()
    assert lines[0] == LONG + " since the information age."


def test_running_headers_and_page_numbers_are_left_out():
    pages = [
        [
            Placed("Acme handbook", y=780),
            Placed(f"Text {n * n}.", y=700),
            Placed(f"Page {n}", y=20),
        ]
        for n in range(1, 6)
    ]
    texts = read("a.pdf", pdf_files.pdf(*pages)).pages
    assert texts == ("Text 1.", "Text 4.", "Text 9.", "Text 16.", "Text 25.")


def test_short_pdf_keeps_all_its_lines():
    pages = [page_of("Same line."), page_of("Same line.")]
    assert read("a.pdf", pdf_files.pdf(*pages)).pages == ("Same line.", "Same line.")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"%PDF-1.7\n", id="nothing after the header"),
        pytest.param(pdf_files.pdf(page_of("Hello."))[:200], id="cut off"),
        pytest.param(b"%PDF-1.4\n" + bytes(range(256)) * 40, id="noise"),
        pytest.param(pdf_files.pdf(), id="no pages"),
    ],
)
def test_broken_pdf_is_unreadable_and_quiet(
    content: bytes, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    with caplog.at_level(logging.DEBUG):
        assert unreadable("a.pdf", content).code == "invalid_file"
    assert not caplog.records
    assert capfd.readouterr() == ("", "")


def encrypted(password: str) -> bytes:
    writer = pypdf.PdfWriter(
        clone_from=io.BytesIO(pdf_files.pdf(page_of("Secret words.")))
    )
    writer.encrypt(password, "owner", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_pdf_with_a_password_is_unreadable():
    assert "password" in unreadable("a.pdf", encrypted("hunter2")).message


def test_pdf_that_opens_without_a_password_is_read():
    assert read("a.pdf", encrypted("")).pages == ("Secret words.",)


def test_pdf_with_too_many_pages_is_unreadable(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf, "MAX_PAGES", 2)
    with pytest.raises(UnreadableDocument, match="pages"):
        pdf.pages(pdf_files.pdf([], [], []))


def test_pdf_with_too_much_text_is_unreadable(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf, "MAX_CHARACTERS", 10)
    with pytest.raises(UnreadableDocument, match="too much text"):
        pdf.pages(pdf_files.pdf(page_of("Eleven chars.")))


def test_stream_that_unpacks_to_very_much_is_unreadable():
    bomb = zlib.compress(b"0 0 m " * (8 * 2**20), 9)
    head = f"<< /Length {len(bomb)} /Filter /FlateDecode >>\nstream\n".encode()
    content = pdf_files.pdf(page_of("x"))
    begin = content.index(b"<< /Length")
    end = content.index(b"\nendstream")
    unreadable("a.pdf", content[:begin] + head + bomb + content[end:])


def test_control_characters_of_a_pdf_are_left_out():
    assert read("a.pdf", pdf_files.pdf([Placed("a\x01b")])).pages == ("ab",)


@pytest.mark.parametrize(
    "content",
    [
        "Größe: 5 €\n".encode(),
        b"\xef\xbb\xbf" + "Größe: 5 €\n".encode(),
        "Größe: 5 €\n".encode("utf-16"),
        "Größe: 5 €\r\n".encode("cp1252"),
    ],
    ids=["utf-8", "utf-8 with BOM", "utf-16", "cp1252, CRLF"],
)
def test_text_file_is_one_page(content: bytes):
    assert read("a.TXT", content).pages == ("Größe: 5 €\n",)


def test_html_is_read_without_its_tags():
    html = (
        "<html><head><title>T</title><style>p {color: red}</style></head><body>"
        "<h2>Our <b>values</b></h2><p>We &amp; you</p><ul><li>Care<li>Trust</ul>"
        "<script>alert(1)</script></body></html>"
    )
    assert read("a.html", html.encode()).pages[0].splitlines() == [
        "## Our values",
        "",
        "We & you",
        "",
        "- Care",
        "- Trust",
    ]


@pytest.mark.parametrize(
    ("filename", "content", "code"),
    [
        ("a.txt", b"", "invalid_file"),
        ("a.txt", b"abc\0def", "invalid_file"),
        ("a.txt", b"\x81\x8d\x90", "invalid_file"),
        ("a.pdf", b"just text", "invalid_file"),
        ("a.png", b"\x89PNG\r\n\x1a\n....", "unsupported_file"),
        ("a.txt", b"\xff\xd8\xff\xe0....", "unsupported_file"),
        ("a.docx", b"PK\x03\x04", "unsupported_file"),
        ("a.csv", b"a,b\n", "unsupported_file"),
        ("README", b"text", "unsupported_file"),
        ("../..", b"text", "unsupported_file"),
    ],
)
def test_other_files_are_refused(filename: str, content: bytes, code: str):
    assert unreadable(filename, content).code == code


def test_file_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(documents, "MAX_BYTES", 10)
    unreadable("a.txt", b"x" * 11)
