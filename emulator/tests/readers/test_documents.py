import io
import logging
import zlib
from typing import Any

import pypdf
import pytest
from pypdf import annotations
from pypdf.generic import NameObject, TextStringObject
from reportlab.pdfgen import canvas

from emulator.tests.conftest import Client, text
from emulator.tests.readers import pdf_bombs, pdf_files
from emulator.tests.readers.pdf_files import Placed, page_of
from emulator.tests.resources.test_container_files import uploaded
from responses_emulator import extras
from responses_emulator.errors import ServiceError
from responses_emulator.processes import Ended, Failed, Processes, Task
from responses_emulator.readers import documents, pdf, xfa
from responses_emulator.readers.documents import Readers, UnreadableDocument, read
from responses_emulator.readers.text import decoded

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


def test_table_is_read_row_by_row():
    rows = [("Leave type", "Days"), ("Annual", "30"), ("Bereavement", "5")]
    cells = [
        Placed(text, x, 700 - 20 * row)
        for row, texts in enumerate(rows)
        for text, x in zip(texts, (72, 200), strict=True)
    ]
    words = read("a.pdf", pdf_files.pdf(cells)).pages[0].split()
    assert words == ["Leave", "type", "Days", "Annual", "30", "Bereavement", "5"]


def test_bullet_and_its_text_are_one_line():
    content = pdf_files.pdf([Placed("\u2022", 72), Placed("Integrity", 90)])
    assert read("a.pdf", content).pages == ("\u2022 Integrity",)


def test_bold_row_of_a_table_is_no_heading():
    content = pdf_files.pdf(
        [
            Placed("Benefit", 72, 700, bold=True),
            Placed("What you get", 200, 700, bold=True),
            *page_of(LONG, "Bold and alone", top=600),
            Placed("Bold and alone", 72, 500, bold=True),
        ]
    )
    marked = [
        line for line in read("a.pdf", content).pages[0].splitlines() if "#" in line
    ]
    assert marked == ["# Bold and alone"]


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        (["since the infor-", "mation age."], "information age"),
        (["It is well-", "known.", "All is well, and known."], "well-known"),
        (["It is well-", "known.", "Be well-known."], "well-known"),
        (["since the infor-", "mation age.", "Our information."], "information age"),
        (["From 10-", "20 pages."], "10-"),
        (["The JSON-", "RPC method."], "JSON-RPC"),
        (["A state-of-the-", "art tool."], "state-of-the-art"),
    ],
)
def test_words_divided_at_the_end_of_a_line_are_whole(lines: list[str], word: str):
    content = pdf_files.pdf(page_of(LONG + " " + lines[0], *lines[1:]))
    assert word in read("a.pdf", content).pages[0]
    assert "\ufffe" not in read("a.pdf", content).pages[0]


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize("written", ["1 0 0 1", "0 1 -1 0", "-1 0 0 -1", "0 -1 1 0"])
def test_lines_are_in_order_whichever_way_the_page_and_its_text_are_turned(
    turned: int, written: str
):
    lines = " ".join(f"(Line {number} of the page) Tj T*" for number in range(4))
    content = pdf_files.drawn(
        f"BT /F0 12 Tf 14 TL {written} 300 400 Tm {lines} ET", turned=turned
    )
    texts = read("a.pdf", content).pages[0].splitlines()
    assert texts == [f"Line {number} of the page" for number in range(4)]


def test_what_every_page_repeats_is_kept():
    pages = [
        [
            Placed("Acme handbook", y=780),
            Placed(f"Text {n * n}.", y=700),
            Placed(f"Page {n}", y=20),
        ]
        for n in range(1, 6)
    ]
    texts = read("a.pdf", pdf_files.pdf(*pages)).pages
    assert texts[2] == "Acme handbook\nText 9.\nPage 3"
    assert len(texts) == len([text for text in texts if text.count("\n") == 2])


@pytest.mark.parametrize(
    "drawn",
    [
        "(Order ) Tj /F1 12.01 Tf (number ) Tj /F0 12 Tf (4711) Tj",
        "[(Order) -300 (number) -300 (4711)] TJ",
        "(Order) Tj 60 0 Td (number) Tj 60 0 Td (4711) Tj",
        "(Order) Tj 14 TL T* (number) Tj T* (4711) Tj",
        "/F0 1 Tf 12 0 0 12 72 700 Tm (Order ) Tj 4 0 Td (number ) Tj 4 0 Td (4711) Tj",
        "0 1 -1 0 72 300 Tm (Order) Tj 0 -14 Td (number) Tj 0 -14 Td (4711) Tj",
    ],
)
def test_words_are_not_glued(drawn: str):
    content = pdf_files.drawn(f"BT /F0 12 Tf 72 700 Td {drawn} ET")
    assert read("a.pdf", content).pages[0].split() == ["Order", "number", "4711"]


# Pages without text


def page(contents: str = "/Contents 4 0 R", stream: str | bytes = "null") -> bytes:
    """Two pages: one with text, and one with these contents; 4 is this stream."""
    return pdf_bombs.build(
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R 5 0 R] /Count 2 >>",
        pdf_bombs.PAGE.format(pdf_bombs.HELVETICA, "/Contents 6 0 R"),
        stream,
        pdf_bombs.PAGE.format("", contents),
        pdf_bombs.stream(b"BT /F 4 Tf 1 1 Td (abc) Tj ET"),
    )


PACKED = zlib.compress(b"BT /F 4 Tf (The gate opens at nine.) Tj ET")
DAMAGED = {
    "not unpacked": page(stream=pdf_bombs.stream(b"zzz", "/Filter /JBIG2Decode")),
    "not packed": page(stream=pdf_bombs.stream(b"zzz", "/Filter /FlateDecode")),
    "cut": page(stream=pdf_bombs.stream(PACKED[:20], "/Filter /FlateDecode")),
    "noise": page(stream=pdf_bombs.stream(b"zzz \xff\xfe yyy")),
    "a lost drawing": page(stream=pdf_bombs.stream(b"/X Do")),
    "lost": page("/Contents 99 0 R"),
    "a number": page("/Contents 17"),
}
BLANK = {
    "no contents": page(""),
    "an empty stream": page(stream=pdf_bombs.stream(b"")),
    "packed nothing": page(
        stream=pdf_bombs.stream(zlib.compress(b""), "/Filter /FlateDecode")
    ),
    "nothing drawn": page(stream=pdf_bombs.stream(b"q 1 0 0 1 0 0 cm BT ET Q")),
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_page_that_cannot_be_read_costs_that_page_and_is_named(content: bytes):
    document = read("a.pdf", content)
    assert document.pages == ("abc", "")
    assert document.damaged == (2,)
    assert document.unread == "Page 2 of a.pdf cannot be read."


@pytest.mark.parametrize("content", BLANK.values(), ids=BLANK)
def test_blank_page_is_not_a_damaged_one(content: bytes):
    document = read("a.pdf", content)
    assert document.pages == ("abc", "")
    assert document.damaged == document.pictures == ()
    assert document.unread == ""


def test_page_that_is_lost_is_named():
    content = page().replace(b"/Kids [3 0 R 5 0 R]", b"/Kids [3 0 R 9 0 R]")
    assert read("a.pdf", content).damaged == (2,)


def test_pdf_of_which_no_page_can_be_read_is_unreadable():
    lost = page().replace(b"/Kids [3 0 R 5 0 R]", b"/Kids [8 0 R 9 0 R]")
    assert "No page" in unreadable("a.pdf", lost).message


def scan() -> bytes:
    """A page that shows a picture of one grey point."""
    point = "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray"
    return pdf_bombs.one_page(
        pdf_bombs.stream(b"q 9 0 0 9 0 0 cm /X Do Q"),
        pdf_bombs.stream(b"\x80", point + " /BitsPerComponent 8"),
        resources="/XObject << /X 5 0 R >>",
    )


def test_a_scan_is_told_from_a_blank_file():
    document = read("scan.pdf", scan())
    assert document.pages == ("",)
    assert document.pictures == (1,)
    assert "no text: it shows pictures" in document.unread
    assert read("a.pdf", pdf_files.pdf([])).unread == "a.pdf has no text: it is blank."


def asked_about(client: Client, name: str, content: bytes) -> str:
    parts = [
        {"type": "input_file", "file_id": uploaded(client, content, name)},
        {"type": "input_text", "text": "When does the gate open?"},
    ]
    response = client.create([{"role": "user", "content": parts}])
    return text(response)


GATE = "The gate opens at nine."


@pytest.mark.parametrize(
    ("content", "answer"),
    [
        (scan(), "a.pdf has no text: it shows pictures, as a scan does, and"),
        (pdf_files.pdf([]), "a.pdf has no text: it is blank."),
        (pdf_files.pdf(page_of("Of mice.")), "The document does not say anything"),
        (
            pdf_files.pdf(page_of(GATE), []).replace(b"/Contents 6", b"/Contents 9"),
            f"{GATE}\n\nPage 2 of a.pdf cannot be read.",
        ),
    ],
    ids=["scan", "blank", "other", "one bad page"],
)
def test_answer_tells_what_of_a_file_is_not_read(
    client: Client, content: bytes, answer: str
):
    assert asked_about(client, "a.pdf", content).startswith(answer)


def indexed(client: Client, content: bytes) -> dict[str, Any]:
    file = uploaded(client, content, "a.pdf")
    store = client.json("POST", "/vector_stores", {"file_ids": [file]})
    return client.json("GET", f"/vector_stores/{store['id']}/files/{file}")


def test_scan_in_a_vector_store_has_failed_and_a_bad_page_is_named(client: Client):
    failed = indexed(client, scan())
    assert failed["status"] == "failed"
    assert "shows pictures" in failed["last_error"]["message"]

    two = pdf_files.pdf(page_of(GATE), []).replace(b"/Contents 6", b"/Contents 9")
    completed = indexed(client, two)
    assert completed["status"] == "completed"
    assert completed["usage_bytes"] == len(GATE)
    assert completed["last_error"]["message"] == "Page 2 of a.pdf cannot be read."

    assert indexed(client, pdf_files.pdf(page_of(GATE), []))["last_error"] is None


def test_page_of_pictures_beside_text_is_named_to_who_asks(client: Client):
    paper = canvas.Canvas(file := io.BytesIO())
    paper.drawString(72, 700, GATE)
    paper.showPage()
    paper.rect(10, 10, 400, 400, fill=1)
    paper.save()
    told = asked_about(client, "a.pdf", file.getvalue())
    assert told.startswith(f"{GATE}\n\nPage 2 of a.pdf: pictures without text")
    assert indexed(client, file.getvalue())["last_error"] is None


# Letters, forms and notes


def cid_font(encoding: str, drawn: bytes, ordering: str = "Japan1") -> bytes:
    """A page that writes these bytes in a font that says only what they are."""
    return pdf_bombs.one_page(
        pdf_bombs.stream(b"BT /F 9 Tf 50 90 Td <" + drawn.hex().encode() + b"> Tj ET"),
        f"<< /Type /Font /Subtype /Type0 /BaseFont /Min /Encoding /{encoding} "
        "/DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /Min "
        f"/CIDSystemInfo << /Registry (Adobe) /Ordering ({ordering}) /Supplement 2 >> "
        "/DW 1000 >>] >>",
        resources="/Font << /F 5 0 R >>",
    ).replace(b"[0 0 9 9]", b"[0 0 99 99]")


@pytest.mark.parametrize(
    ("encoding", "codec"),
    [
        ("UniJIS-UCS2-H", "utf-16-be"),
        ("UniJIS-UTF16-H", "utf-16-be"),
        ("90ms-RKSJ-H", "cp932"),
        ("EUC-H", "euc_jp"),
    ],
)
def test_japanese_is_read_as_it_is(encoding: str, codec: str):
    text = "\u6771\u4eac\u306e\u5929\u6c17"
    [page] = read("a.pdf", cid_font(encoding, text.encode(codec))).pages
    assert "".join(page.split()) == text


@pytest.mark.parametrize(
    ("encoding", "codec", "ordering"),
    [
        ("RKSJ-H", "cp932", "Japan1"),
        ("78-EUC-H", "euc_jp", "Japan1"),
        ("UniJIS-UTF8-H", "utf-8", "Japan1"),
        ("Made-Up-H", "utf-16-be", "Japan1"),
        ("Identity-H", "utf-16-be", "Identity"),
    ],
)
def test_letters_that_cannot_be_known_are_not_guessed(
    encoding: str, codec: str, ordering: str
):
    text = "\u6771\u4eac\u306e\u5929\u6c17".encode(codec)
    assert "No page" in unreadable("a.pdf", cid_font(encoding, text, ordering)).message


def test_letters_that_are_drawn_and_not_read_are_told():
    """Of a font without a size PDFium does not read what goes from top to bottom."""
    content = cid_font("90ms-RKSJ-V", "\u6771\u4eac".encode("cp932"))
    assert "No page" in unreadable("a.pdf", content).message


def test_blanks_alone_are_a_blank_page():
    document = read("a.pdf", pdf_files.pdf([Placed(" ")], page_of("Text.")))
    assert document.damaged == document.pictures == ()


def test_an_unknown_letter_does_not_cost_the_others():
    font = (
        "/Type /Font /Subtype /Type1 /BaseFont /Own /FirstChar 65 /LastChar 67 "
        "/Widths [500 500 500] /Encoding << /Differences [65 /A /g77 /C] >>"
    )
    content = pdf_bombs.one_page(
        pdf_bombs.stream(b"BT /F 1 Tf 1 1 Td (AABCCCCACACACCACA) Tj ET"),
        f"<< {font} >>",
        resources="/Font << /F 5 0 R >>",
    )
    document = read("a.pdf", content)
    assert document.pages == ("AA\ufffdCCCCACACACCACA",)
    assert document.damaged == ()


def test_fields_of_a_form_are_read_with_their_names():
    paper = canvas.Canvas(file := io.BytesIO())
    form = paper.acroForm
    form.textfield(name="applicant", value="Rosemary Th\u00fcme", tooltip="Full name")
    form.textfield(name="empty", value="")
    form.checkbox(name="agrees", checked=True)
    form.choice(name="country", value="DE", options=[("Germany", "DE"), ("Chad", "TD")])
    form.radio(name="size", value="large", selected=True)
    form.radio(name="size", value="small", selected=False)
    paper.drawString(72, 700, "Application")
    paper.save()
    assert read("a.pdf", file.getvalue()).pages[0].splitlines() == [
        "Application",
        "applicant (Full name): Rosemary Th\u00fcme",
        "agrees: Yes",
        "country: Germany",
        "size: large",
    ]


XFA = b"""<datasets xmlns="http://www.xfa.org/schema/xfa-data/1.0/"><data><form>
<name>Rosemary</name><sum>84.50</sum><note/></form></data></datasets>"""


@pytest.mark.parametrize("content", [XFA, b"<xdp><a>no value</a>%b</xdp>" % XFA])
def test_values_of_an_xfa_form_are_read(content: bytes):
    """Its only page says that it is to wait; the values stand in XML beside it."""
    form = pdf_bombs.one_page(
        pdf_bombs.stream(b"BT /F 4 Tf 1 1 Td (Please wait) Tj ET"),
        pdf_bombs.stream(content),
    ).replace(b"/Catalog", b"/Catalog /AcroForm << /Fields [] /XFA 5 0 R >>")
    [page] = read("a.pdf", form).pages
    assert page.splitlines() == ["Please wait", "name: Rosemary", "sum: 84.50"]


def test_xfa_form_that_is_broken_costs_its_values_alone():
    form = pdf_bombs.one_page(
        pdf_bombs.stream(b"BT /F 4 Tf 1 1 Td (Please wait) Tj ET"),
        pdf_bombs.stream(b"<datasets><data>"),
    ).replace(b"/Catalog", b"/Catalog /AcroForm << /Fields [] /XFA 5 0 R >>")
    assert read("a.pdf", form).pages == ("Please wait",)


def test_accents_that_are_drawn_by_themselves_belong_to_their_letters():
    """Who searches for a word writes it with the letter that has the accent."""
    font = (
        "/Type /Font /Subtype /Type1 /BaseFont /Own /FirstChar 65 /LastChar 66 "
        "/Widths [500 0] /ToUnicode 6 0 R"
    )
    meant = b"1 beginbfchar <41> <0065> <42> <0301> endbfchar"
    content = pdf_bombs.one_page(
        pdf_bombs.stream(b"BT /F 1 Tf 1 1 Td (AB) Tj ET"),
        f"<< {font} >>",
        pdf_bombs.stream(
            b"begincmap 1 begincodespacerange <00> <FF> endcodespacerange %b endcmap"
            % meant.replace(b"1 ", b"2 ", 1)
        ),
        resources="/Font << /F 5 0 R >>",
    )
    assert read("a.pdf", content).pages == ("\u00e9",)


def test_notes_are_read_with_who_wrote_them():
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf_files.pdf(page_of("Text."))))
    place = (10, 10, 50, 50)
    note = annotations.Text(rect=place, text="Please check.")
    note[NameObject("/T")] = TextStringObject("Anna")
    writer.add_annotation(0, note)
    writer.add_annotation(0, note)
    writer.add_annotation(0, annotations.FreeText(rect=place, text="Seen on the page"))
    styled = annotations.FreeText(rect=place, text="")
    styled[NameObject("/RC")] = TextStringObject("<body><p>In <b>bold</b></p></body>")
    writer.add_annotation(0, styled)
    writer.write(file := io.BytesIO())
    assert read("a.pdf", file.getvalue()).pages[0].splitlines() == [
        "Text.",
        "Note (Anna): Please check.",
        "Note (Anna): Please check.",
        "Seen on the page",
        "In bold",
    ]


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
        pdf.read(pdf_files.pdf([], [], []))


def test_pdf_with_too_much_text_is_unreadable(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf, "MAX_CHARACTERS", 10)
    with pytest.raises(UnreadableDocument, match="too much text"):
        pdf.read(pdf_files.pdf(page_of("Eleven chars.")))


@pytest.mark.slow  # test_processes.py has it under a lower limit of memory
def test_stream_that_unpacks_to_very_much_is_unreadable():
    bomb = zlib.compress(b"0 0 m " * (8 * 2**20), 9)
    head = f"<< /Length {len(bomb)} /Filter /FlateDecode >>\nstream\n".encode()
    content = pdf_files.pdf(page_of("x"))
    begin = content.index(b"<< /Length")
    end = content.index(b"\nendstream")
    unreadable("a.pdf", content[:begin] + head + bomb + content[end:])


def test_control_characters_of_a_pdf_are_letters_that_are_not_known():
    content = pdf_files.pdf([Placed("a\x01b and more")])
    assert read("a.pdf", content).pages == ("a\ufffdb and more",)


@pytest.mark.parametrize(
    "text",
    [
        "BMW builds cars.",
        "GIF89a is a format.",
        "Photos: WEBP is one, too.",
        "A file begins with %PDF-1.7, they say.",
        "Written under DOS.\x1a",
    ],
)
def test_text_that_looks_like_another_kind_is_read(text: str):
    assert read("a.md", text.encode()).pages == (text.strip("\x1a"),)


SIZE = "Größe: 5 €\n"


@pytest.mark.parametrize(
    "content",
    [
        SIZE.encode(),
        SIZE.encode("utf-8-sig"),
        SIZE.encode("utf-16"),
        SIZE.encode("utf-16-le"),
        SIZE.encode("utf-16-be"),
        SIZE.replace("\n", "\r\n").encode(),
    ],
    ids=["utf-8", "with BOM", "utf-16", "utf-16-le", "utf-16-be", "CRLF"],
)
def test_text_file_is_one_page(content: bytes):
    assert read("a.TXT", content).pages == (SIZE,)


@pytest.mark.parametrize(
    "content",
    [
        SIZE.encode("cp1252"),
        "действие второе\n".encode("koi8-r"),
        "действие второе\n".encode("cp1251"),
        "東京の天気\n".encode("cp932"),
        "東京の天気\n".encode("euc-jp"),
        "東京の天気\n".encode("iso2022-jp"),
        "서울의 날씨\n".encode("iso2022-kr"),
        "北京的天气\n".encode("gb18030"),
        b'<meta charset="koi8-r">\n' + "действие".encode("koi8-r"),  # no HTML file
    ],
)
def test_encoding_that_is_not_known_is_refused(content: bytes):
    assert "encoding is not known" in unreadable("a.txt", content).message


@pytest.mark.parametrize(
    ("name", "head", "codec"),
    [
        ("a.html", '<html><head><meta charset="koi8-r">', "koi8-r"),
        ("a.html", "<meta charset=windows-1251 >", "cp1251"),
        (
            "a.html",
            '<META http-equiv=Content-Type content="text/html; charset=Shift_JIS">',
            "cp932",
        ),
        ("a.html", '<meta name="a"><meta charset="iso-2022-jp">', "iso2022-jp"),
        ("a.html", '<!-- <meta charset="koi8-r"> --><meta charset=x-sjis>', "cp932"),
        ("a.html", '<?xml version="1.0" encoding="ISO-8859-5"?><p>', "iso8859-5"),
        ("a.php", '<?php ?><meta charset="cp866">', "cp866"),
        ("a.txt", "<?xml version='1.0' encoding='windows-1251'?>", "cp1251"),
        ("a.css", '@charset "koi8-r";', "koi8-r"),
        ("a.py", "#!/usr/bin/python\n# -*- coding: cp1251 -*-\n", "cp1251"),
        ("a.rb", "# encoding: euc-jp\n", "euc-jp"),
        ("a.tex", "\\documentclass{a}\n\\usepackage[koi8-r]{inputenc}", "koi8-r"),
        ("a.html", '<meta charset="{{ charset }}">', "utf-8"),
        ("a.html", '<meta charset="punycode">', "utf-8"),
        ("a.html", '<meta charset="utf-16">', "utf-8"),
        ("a.html", '<meta name="about" content="charset=koi8-r">', "utf-8"),
        ("a.html", '<script>let a = "<meta charset=koi8-r>"</script>', "utf-8"),
        ("a.tex", "% \\usepackage[koi8-r]{inputenc}", "utf-8"),
    ],
)
def test_a_file_may_name_its_own_encoding(name: str, head: str, codec: str):
    text = "東京" if codec in ("cp932", "iso2022-jp", "euc-jp") else "действие"
    content = (head + f"\n<p>{text}</p>\n").encode(codec)
    assert text in read(name, content).pages[0]


def test_the_web_means_more_by_latin_1():
    content = b"<meta charset=iso-8859-1><p>5 \x80</p>"
    assert read("a.html", content).pages == ("5 €",)


def test_file_that_is_not_what_it_says_is_refused():
    content = b"<meta charset=euc-jp><p>\xff\xff</p>"
    assert "euc_jp, and is not" in unreadable("a.html", content).message


def test_html_is_read_without_its_tags():
    html = (
        "<html><head><title>T</title><style>p {color: red}</style></head><body>"
        "<h2>Our <b>values</b></h2><p>We &amp; you</p><ul><li>Care<li>Trust</ul>"
        "<script>alert(1)</script></body></html>"
    )
    assert read("a.html", html.encode()).pages[0].splitlines() == [
        "T",
        "",
        "## Our values",
        "",
        "We & you",
        "",
        "- Care",
        "- Trust",
    ]


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("H<font size=5>el</font>lo wo<mark>r</mark>l<x-y>d</x-y>", "Hello world"),
        ("da<wbr>ta<kbd>ba&shy;se</kbd>, H<sub>2</sub>O", "database, H2O"),
        ("<button>Yes</button><button>No</button>", "Yes  No"),
        (
            "<label>Name</label><input value=Anna><input type=hidden value=x>",
            "Name Anna",
        ),
        ("<p>One<img alt='A red barn' src=x>two", "One A red barn two"),
        ("<select><option>Red<option>Green</select>", "Red\nGreen"),
        ("<pre>def a():\n    return 1</pre>", "def a():\n    return 1"),
        ("<textarea>first\nsecond</textarea>", "first\nsecond"),
        ("<li><p>Care</p><li></ul><p>Trust", "- Care\n\nTrust"),
        ("<h2><div>Values</div></h2><h3></h3>Care", "## Values\n\nCare"),
        ("<p>One<br/>two</p>", "One\ntwo"),
        ("<p><![CDATA[As it is]]></p>", "As it is"),
        ("<p>1 < 2 &amp; &#x41; <!-- gone -->", "1 < 2 & A"),
    ],
)
def test_words_of_html_are_neither_cut_nor_glued_nor_dropped(html: str, text: str):
    assert read("a.html", html.encode()).pages == (text,)


@pytest.mark.parametrize(
    ("filename", "content", "code"),
    [
        ("a.txt", b"", "invalid_file"),
        ("a.txt", b"abc\0def", "invalid_file"),
        ("a.txt", b"\x81\x8d\x90", "invalid_file"),
        ("a.pdf", b"just text", "invalid_file"),
        ("a.png", b"\x89PNG\r\n\x1a\n....", "unsupported_file"),
        ("a.txt", b"\xff\xd8\xff\xe0....", "unsupported_file"),
        ("a.txt", b"abc\0", "invalid_file"),
        ("a.txt", "abc".encode("utf-32"), "invalid_file"),
        ("a.doc", b"\xd0\xcf\x11\xe0", "unsupported_file"),
        ("a.csv", b"a,b\n", "unsupported_file"),
        ("README", b"text", "unsupported_file"),
        ("../..", b"text", "unsupported_file"),
    ],
)
def test_other_files_are_refused(filename: str, content: bytes, code: str):
    assert unreadable(filename, content).code == code


# As the service's page on file search lists them, but for .doc.
SUFFIXES = (
    ".c .cpp .cs .css .docx .go .html .java .js .json .md .pdf .php .pptx .py .rb .sh "
    ".tex .ts .txt"
)


def test_files_of_the_kinds_that_the_service_reads_are_read():
    assert sorted(documents.SUPPORTED_SUFFIXES) == SUFFIXES.split()
    for suffix in SUFFIXES.split():
        assert documents.knows(suffix)
        if suffix not in (".docx", ".pdf", ".pptx"):
            assert read(f"a{suffix}", b"plain").pages == ("plain",)
    assert documents.knows(".doc")
    assert not documents.knows(".csv")
    told = unreadable("a.doc", b"any")
    assert (told.code, "saved as .docx" in told.message) == ("unsupported_file", True)


def test_what_is_read_is_bounded(monkeypatch: pytest.MonkeyPatch):
    assert documents.MAX_BYTES == 50 * 2**20
    monkeypatch.setattr(documents, "MAX_BYTES", 2**20)
    assert len(read("a.txt", b"x" * 2**20).pages[0]) == 2**20
    assert "larger than 1 MB" in unreadable("a.txt", b"x" * (2**20 + 1)).message
    monkeypatch.setattr(documents, "MAX_CHARACTERS", 5)
    assert read("a.txt", b"x" * 5).pages == ("x" * 5,)
    assert "too much text" in unreadable("a.txt", b"x" * 6).message


def test_what_has_been_read_is_remembered():
    content = b"x" * 2**20
    assert read("large.txt", content) is read("large.txt", content)
    assert documents.MAX_REMEMBERED_BYTES == 16 * 2**20


def test_junk_may_precede_a_pdf_but_not_much_and_not_in_a_text():
    whole = pdf_files.pdf(page_of("Hello."))
    assert read("a.pdf", b"\n" * 1_019 + whole).pages == ("Hello.",)
    assert "is not a PDF" in unreadable("a.pdf", b"\n" * 1_020 + whole).message
    assert read("a.txt", whole).pages == ("Hello.",)
    assert read("a.md", b"\n" + whole).pages[0].startswith("\n%PDF-")


class Elsewhere(Processes):
    """Processes that tell what they are given, or end."""

    def __init__(self, ends: Exception | None = None) -> None:
        self.seconds = 1.0
        self.given: list[tuple[Task, bytes]] = []
        self._ends = ends

    def do(self, task: Task, content: bytes) -> Any:
        self.given.append((task, content))
        if self._ends:
            raise self._ends
        return {"pages": ["a", "b"], "damaged": [1], "pictures": [2]}


def test_long_html_alone_is_read_elsewhere(monkeypatch: pytest.MonkeyPatch):
    elsewhere = Elsewhere()
    monkeypatch.setattr(documents, "_readers", lambda: Readers(elsewhere))
    short, long = "<p>" + "é" * 3_997, "<p>" + "é" * 3_998
    assert read("short.html", short.encode()).pages == ("é" * 3_997,)
    assert read("long.txt", long.encode()).pages == (long,)
    assert elsewhere.given == []
    document = read("long.html", long.encode("utf-16"))
    assert elsewhere.given == [("html", long.encode())]
    assert (document.filename, document.pages) == ("long.html", ("a", "b"))
    assert (document.damaged, document.pictures) == ((1,), (2,))


NAMED = {
    "pdf": "PDF",
    "html": "HTML",
    "word": "Word file",
    "powerpoint": "PowerPoint file",
}


@pytest.mark.parametrize("task", NAMED)
@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("time", "Reading the {} takes too long."),
        ("memory", "The {} takes too much memory, or breaks its reader."),
        ("start", "The reader of files cannot be started."),
    ],
)
def test_why_reading_has_ended_is_told(task: Task, why: Any, told: str):
    with pytest.raises(UnreadableDocument) as raised:
        Readers(Elsewhere(Ended(why))).read(task, "a", b"")
    assert raised.value.message == told.format(NAMED[task])


def test_reading_that_finds_no_place_or_fails_is_told():
    with pytest.raises(ServiceError) as busy:
        Readers(Elsewhere(Ended("places"))).read("pdf", "a", b"")
    assert (busy.value.status, busy.value.headers["retry-after"]) == (503, "10")
    with pytest.raises(UnreadableDocument, match="as it says"):
        Readers(Elsewhere(Failed("as it says", "any"))).read("pdf", "a", b"")


def test_only_html_is_read_without_the_extra(monkeypatch: pytest.MonkeyPatch):
    needed: list[tuple[str, str]] = []
    monkeypatch.setattr(extras, "need", lambda *asked: needed.append(asked))
    for task in NAMED:
        Readers(Elsewhere()).read(task, "a", b"")  # type: ignore[arg-type]
    assert needed == [
        ("documents", "To read a PDF"),
        ("documents", "To read a Word file"),
        ("documents", "To read a PowerPoint file"),
    ]


# Names of encodings


def upper(codec: str) -> str:
    """What an encoding of one byte has beyond ASCII."""
    return bytes(range(0xA1, 0x100)).decode(codec, "ignore")


ONE_BYTE = (
    "koi8-r koi8-u mac-roman mac-cyrillic cp866 cp874 cp1250 cp1251 cp1252 cp1253 "
    "cp1254 cp1255 cp1256 cp1257 cp1258 iso8859-2 iso8859-3 iso8859-4 iso8859-5 "
    "iso8859-6 iso8859-7 iso8859-8 iso8859-10 iso8859-11 iso8859-13 iso8859-14 "
    "iso8859-15 iso8859-16"
)


@pytest.mark.parametrize(
    ("label", "codec", "text"),
    [
        *((name, name, upper(name)) for name in ONE_BYTE.split()),
        ("us-ascii", "cp1252", "€"),
        ("iso-8859-9", "cp1254", "€"),
        ("tis-620", "cp874", "€"),
        ("windows-874", "cp874", "€"),
        ("ansinew", "cp1252", "€"),
        ("gb2312", "gb18030", "€ \u3400"),
        ("gbk", "gb18030", "€ \u3400"),
        ("gb18030", "gb18030", "€ \u3400"),
        ("shift_jis", "cp932", "\u2460"),
        ("windows-31j", "cp932", "\u2460"),
        ("cp932", "cp932", "\u2460"),
        ("euc-kr", "cp949", "\ub6e0"),
        ("cp949", "cp949", "\ub6e0"),
        ("big5", "big5", "\u4e2d"),
        ("big5-hkscs", "big5hkscs", "\u5605"),
        ("euc-jp", "euc_jp", "\u6771"),
        *((f"utf-{kind}", "utf-8", "é") for kind in ("16", "16le", "16be", "8-sig")),
    ],
)
def test_name_of_an_encoding_is_taken_for_what_is_meant_by_it(
    label: str, codec: str, text: str
):
    content = f"<meta charset={label}><p>".encode() + text.encode(codec)
    assert decoded(content, ".html").endswith(f"<p>{text}")


@pytest.mark.parametrize(("spaces", "is_seen"), [(4_076, True), (4_077, False)])
def test_an_encoding_is_looked_for_in_the_first_4096_bytes(spaces: int, is_seen: bool):
    content = b" " * (spaces - 1) + b"<meta charset=koi8-r>" + "\u0436".encode("koi8-r")
    if is_seen:
        assert decoded(content, ".html").endswith("\u0436")
    else:
        with pytest.raises(UnreadableDocument, match="encoding is not known"):
            decoded(content, ".html")


# What a line of a PDF is


def lines_of(*placed: Placed, more: int = 6) -> list[str]:
    """The lines of a page, above some of body text."""
    body = page_of(*[LONG] * more, top=560)
    read = pdf.read(pdf_files.pdf([*placed, *body])).pages[0].splitlines()
    return [line for line in read if line != LONG]


def test_headings_have_six_levels_by_their_size():
    sizes = (20, 19, 18, 17, 16, 15, 14)
    placed = [
        Placed(f"H{size}", y=780 - 25 * n, size=size) for n, size in enumerate(sizes)
    ]
    assert lines_of(*placed) == [
        "# H20", "## H19", "### H18", "#### H17", "##### H16", "###### H15",
        "###### H14",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "size", "bold", "is_heading"),
    [
        ("Larger", 11.5, False, True),
        ("Hardly larger", 11, False, False),
        ("As large, and bold", 10, True, True),
        ("Smaller, and bold", 9.5, True, False),
        ("A" * 120, 12, False, True),
        ("A" * 121, 12, False, False),
        ("123 456", 14, True, False),
        ("4th", 14, False, True),
        ("Is it?", 14, False, True),
        *((f"It ends{end}", 14, False, False) for end in ".,;:"),
    ],
)
def test_whether_a_line_is_a_heading(
    text: str, size: float, bold: bool, is_heading: bool
):
    expected = f"# {text}" if is_heading else text
    assert lines_of(Placed(text, 20, 700, size, bold)) == [expected]


def test_where_all_is_bold_bold_is_no_heading():
    placed = [Placed(LONG, 20, 700, bold=True), Placed("More", 20, 660, bold=True)]
    assert pdf.read(pdf_files.pdf(placed)).pages == (f"{LONG}\nMore",)


@pytest.mark.parametrize(
    ("y", "size", "lines"),
    [
        (688, 18, ["# Values and they mean"]),
        (671.5, 18, ["# Values and they mean"]),
        (670.8, 18, ["# Values and", "# they mean"]),
        (680, 14, ["# Values and", "## they mean"]),
    ],
)
def test_heading_goes_on_where_it_is_near_and_alike(
    y: float, size: float, lines: list[str]
):
    one, two = Placed("Values and", y=700, size=18), Placed("they mean", y=y, size=size)
    assert lines_of(one, two) == lines


def test_lines_of_body_text_are_never_one():
    assert lines_of(Placed("One", y=700), Placed("two", y=688)) == ["One", "two"]


@pytest.mark.parametrize(("x", "lines"), [(105, ["# Name Days"]), (110, ["Name Days"])])
def test_words_that_are_set_wide_apart_are_a_row(x: float, lines: list[str]):
    row = Placed("Name", 72, 700, bold=True), Placed("Days", x, 700, bold=True)
    assert lines_of(*row) == lines


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        (["a data-", "base, the Database"], "a database,"),
        (["a co-", "op, or a Co-op"], "a co-op,"),
        (["a sea-", "side, at the side of the Sea"], "a sea-side,"),
        (["a sea-", "side, at the sea"], "a seaside,"),
        (["the X-", "ray"], "Xray"),
    ],
)
def test_divided_word_is_spelt_as_elsewhere(lines: list[str], word: str):
    assert word in pdf.read(pdf_files.pdf(page_of(*lines))).pages[0]


def test_text_of_all_pages_is_bounded_together(monkeypatch: pytest.MonkeyPatch):
    content = pdf_files.pdf(page_of("12345"), page_of("67890"))
    monkeypatch.setattr(pdf, "MAX_CHARACTERS", 10)
    assert pdf.read(content).pages == ("12345", "67890")
    monkeypatch.setattr(pdf, "MAX_CHARACTERS", 9)
    with pytest.raises(UnreadableDocument, match="too much text"):
        pdf.read(content)


def test_pages_are_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf, "MAX_PAGES", 2)
    assert pdf.read(pdf_files.pdf([], [])).pages == ("", "")


def unknown_letters(drawn: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """What is read where nobody knows what the letters B are."""
    font = (
        "/Type /Font /Subtype /Type1 /BaseFont /Own /FirstChar 65 /LastChar 67 "
        "/Widths [500 500 500] /Encoding << /Differences [65 /A /g77 /C] >>"
    )
    second = pdf_bombs.one_page(
        pdf_bombs.stream(f"BT /F 1 Tf 1 1 Td ({drawn}) Tj ET".encode()),
        f"<< {font} >>",
        resources="/Font << /F 5 0 R >>",
    )
    read = pdf.read(second)
    return read.pages, read.damaged


def test_page_with_more_than_a_tenth_of_unknown_letters_is_a_damaged_one():
    assert unknown_letters("ACACABCACA") == (("ACACA\ufffdCACA",), ())
    assert unknown_letters("ACACABCAC") == (("ACACA\ufffdCAC",), (1,))
    assert unknown_letters("ACACABCACA CACABCACA") == (
        ("ACACA\ufffdCACA CACA\ufffdCACA",),
        (1,),  # a blank is no letter
    )


def noted(*notes: Any) -> list[str]:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf_files.pdf(page_of("Text."))))
    for note in notes:
        writer.add_annotation(0, note)
    writer.write(file := io.BytesIO())
    return pdf.read(file.getvalue()).pages[0].splitlines()


def test_notes_are_told_by_their_kinds():
    place = (10, 10, 50, 50)
    popup = annotations.Popup(rect=place)
    popup[NameObject("/Contents")] = TextStringObject("Of another note")
    two = annotations.Text(rect=place, text="One\rtwo\r\nthree")
    assert noted(annotations.Text(rect=place, text=""), two, popup) == [
        "Text.",
        "Note: One",
        "two",
        "three",
    ]


def test_letters_that_are_drawn_as_one_are_several_to_who_searches():
    drawn = "\ufb00 \ufb01 \ufb02 \ufb03 \ufb04 a\u00a0b da\u00adta \ud800e\u0301"
    assert pdf._plain(drawn) == "ff fi fl ffi ffl a b data \u00e9"


def test_values_of_a_form_are_let_go_of_when_they_have_been_read(
    monkeypatch: pytest.MonkeyPatch,
):
    elements: list[Any] = []
    parse = xfa.iterparse

    def kept(*given: Any, **options: Any) -> Any:
        for event, element in parse(*given, **options):
            elements.append(element)
            yield event, element

    monkeypatch.setattr(xfa, "iterparse", kept)
    assert list(xfa.values(XFA)) == [("name", "Rosemary"), ("sum", "84.50")]
    assert {(len(element), element.text) for element in elements} == {(0, None)}


@pytest.mark.parametrize(
    ("packet", "found"),
    [
        (b"<datasets><a>1</a><a>2</a></datasets>", [("a", "1"), ("a", "2")]),
        (b"<x><datasets>1</datasets><a>2</a></x>", []),
        (
            b"<datasets><a>1<b>2</b>3</a><c> 4\n5 </c></datasets>",
            [("b", "2"), ("c", "4 5")],
        ),
        (b"<datasets><a>1</a><b>2", [("a", "1")]),
    ],
)
def test_values_of_a_form_are_its_innermost_elements(
    packet: bytes, found: list[tuple[str, str]]
):
    assert list(xfa.values(packet)) == found


@pytest.mark.parametrize(
    "label", ["utf-8", "utf-16", "utf-16le", "utf-16be", "punycode"]
)
def test_what_is_not_utf_8_though_it_says_so_has_no_known_encoding(label: str):
    with pytest.raises(UnreadableDocument, match="encoding is not known"):
        decoded(f"<meta charset={label}><p>".encode() + b"\xe9", ".html")
