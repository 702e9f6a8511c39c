"""Word and PowerPoint files: what is read of them, and what harm is refused."""

import io
import zipfile

import pytest

from emulator.tests.conftest import Client
from emulator.tests.resources.test_container_files import uploaded
from responses_emulator.readers import office, powerpoint, word
from responses_emulator.readers.documents import UnreadableDocument, read
from responses_emulator.readers.office import Archive

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def packed(parts: dict[str, str | bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def files_of(content: bytes) -> dict[str, str | bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def relations(**targets: str) -> str:
    """Each is named as its type, with a number after it where there are several."""
    kinds = {id: id.rstrip("0123456789") for id in targets}
    told = "".join(
        f'<Relationship Id="{id}" Type="{R}/{kinds[id]}" Target="{path}"/>'
        for id, path in targets.items()
    )
    return f"<Relationships>{told}</Relationships>"


def docx(body: str, namespace: str = W, **others: str) -> bytes:
    """A Word file; `others` are parts beside the body, by their type."""
    tag = f'xmlns:w="{namespace}" xmlns:a="{A}" xmlns:m="m" xmlns:mc="mc" xmlns:c="c"'
    parts: dict[str, str | bytes] = {
        "_rels/.rels": relations(officeDocument="word/document.xml"),
        "word/document.xml": f"<w:document {tag}><w:body>{body}</w:body></w:document>",
        "word/_rels/document.xml.rels": relations(
            **{kind: f"{kind}.xml" for kind in others}
        ),
    }
    for kind, content in others.items():
        parts[f"word/{kind}.xml"] = f"<w:{kind} {tag}>{content}</w:{kind}>"
    return packed(parts)


def p(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def lines_of(content: bytes) -> list[str]:
    return read("a.docx", content).pages[0].splitlines()


def test_word_headings_paragraphs_lists_and_tables():
    styles = (
        '<w:style w:styleId="H1"><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>'
        '<w:style w:styleId="Own"><w:basedOn w:val="H1"/></w:style>'
        '<w:style w:styleId="Body"><w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>'
    )
    cells = "".join(
        f"<w:tc>{p(text)}{p('more')}</w:tc>" for text in ("Moving", "1 day")
    )
    body = (
        p("Handbook", '<w:pStyle w:val="H1"/>')
        + p("Our values", '<w:outlineLvl w:val="1"/>')
        + p("We care.", '<w:pStyle w:val="Body"/>')
        + p("Integrity", '<w:numPr><w:ilvl w:val="0"/></w:numPr>')
        + p("Leave", '<w:pStyle w:val="Own"/>')
        + f"<w:tbl><w:tr>{cells}</w:tr><w:tr>{cells}</w:tr></w:tbl>"
    )
    assert lines_of(docx(body, styles=styles)) == [
        "# Handbook",
        "## Our values",
        "We care.",
        "- Integrity",
        "# Leave",
        "Moving more  1 day more",
        "Moving more  1 day more",
    ]


def test_word_text_is_read_wherever_it_stands_and_once():
    box = f"<w:txbxContent>{p('In a box.')}</w:txbxContent>"
    body = (
        "<w:p><w:r><w:t>Or</w:t></w:r><w:r><w:t>der</w:t><w:tab/><w:t>4711</w:t></w:r>"
        "<w:r><w:br/><w:t>line two</w:t></w:r></w:p>"
        f"<w:p><mc:AlternateContent><mc:Choice>{box}</mc:Choice>"
        f"<mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:p>"
        f"<w:sdt><w:sdtContent>{p('A field.')}</w:sdtContent></w:sdt>"
        "<w:p><w:del><w:r><w:delText>deleted</w:delText></w:r></w:del>"
        "<w:ins><w:r><w:t>inserted</w:t></w:r></w:ins></w:p>"
        "<w:p><m:oMath><m:r><m:t>E=mc2</m:t></m:r></m:oMath></w:p>"
    )
    content = docx(
        body,
        header=p("At the top."),
        footer=p("At the bottom."),
        footnotes=f"<w:footnote>{p('Below.')}</w:footnote>",
        comments=f'<w:comment w:author="Anna">{p("Really?")}</w:comment>',
        chart="<c:ser><c:v>East</c:v><c:v>19.2</c:v></c:ser>",
    )
    assert lines_of(content) == [
        "At the top.",
        "Order\t4711",
        "line two",
        "In a box.",
        "A field.",
        "inserted",
        "E=mc2",
        "East  19.2",
        "Below.",
        "At the bottom.",
        "Comment (Anna):",
        "Really?",
    ]


def test_word_text_that_is_no_text_to_word_is_read():
    body = (
        '<w:p><w:r><w:t>\u00adA</w:t><w:sym w:char="03B2"/><w:sym w:char="F061"/></w:r>'
        "</w:p>"
        '<w:p><w:ddList><w:result w:val="1"/><w:listEntry w:val="Chad"/>'
        '<w:listEntry w:val="Norway"/></w:ddList></w:p>'
        '<w:p><w:textpath w:string="DRAFT"/></w:p>'
    )
    assert lines_of(docx(body)) == ["A\u03b2\ufffd", "Norway", "DRAFT"]


@pytest.mark.parametrize(
    ("run", "line"),
    [
        ("<w:t>a</w:t><w:tab/><w:t>b</w:t><w:ptab/><w:t>c</w:t>", "a\tb\tc"),
        ("<w:t>co</w:t><w:noBreakHyphen/><w:t>op</w:t>", "co-op"),
        ('<w:t>a</w:t><w:sym w:char="none"/>', "a\ufffd"),
        ('<w:t>a</w:t><w:sym w:char="FFFFFFFF"/>', "a\ufffd"),
        ('<w:t>a</w:t><w:sym w:char="0007"/>', "a\ufffd"),
        ("<w:t>a</w:t><w:moveFrom><w:t>b</w:t></w:moveFrom><w:t>c</w:t>", "ac"),
        ("<w:t/><w:t>only</w:t>", "only"),
    ],
)
def test_word_marks_within_a_line(run: str, line: str):
    assert lines_of(docx(f"<w:p><w:r>{run}</w:r></w:p>")) == [line]


def test_word_lines_within_a_paragraph_and_within_a_cell():
    broken = "<w:p><w:r><w:t>a</w:t><w:br/><w:t>b</w:t><w:cr/><w:t>c</w:t></w:r></w:p>"
    row = f"<w:tbl><w:tr><w:tc>{broken}</w:tc><w:tc>{p('d')}</w:tc></w:tr></w:tbl>"
    assert lines_of(docx(broken + row)) == ["a", "b", "c", "a b c  d"]


def test_word_paragraph_is_what_it_is_now_and_not_as_it_once_was():
    was = '<w:pPrChange><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:pPrChange>'
    before = "<w:rPrChange><w:t>old</w:t></w:rPrChange>"
    assert lines_of(docx(p("Now.", was) + p("New.", before))) == ["Now.", "New."]


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("0", "# A b"),
        ("5", "###### A b"),
        ("8", "###### A b"),
        ("9", "A b"),
        ("12", "A b"),
        ("x", "A b"),
    ],
)
def test_word_headings_have_six_levels(value: str, line: str):
    body = p("A  b", f'<w:outlineLvl w:val="{value}"/>').replace("A  b", " A\tb ")
    expected = line if line.startswith("#") else line.replace(" ", "\t")
    assert lines_of(docx(body)) == [expected]


def style(id: str, *properties: str) -> str:
    return f'<w:style w:styleId="{id}">{"".join(properties)}</w:style>'


def test_word_style_is_a_heading_by_its_level_its_name_or_what_it_is_based_on():
    def based(id: str) -> str:
        return f'<w:basedOn w:val="{id}"/>'

    third = '<w:outlineLvl w:val="2"/>'
    styles = (
        style("First", based("Second"))
        + style("Second", based("Third"))
        + style("Third", third)
        + style("Cover", '<w:name w:val="Title"/>')
        + style("Small", '<w:name w:val="Title"/>', third)
        + style("Own", based("Third"), '<w:outlineLvl w:val="0"/>')
        + style("One", based("Other"))
        + style("Other", based("One"), '<w:basedon w:val="Title"/>')
        + style("Plain", '<w:name w:val="Body"/>', '<w:uiPriority w:val="Title"/>')
    )
    names = ("First", "Cover", "Small", "Own", "One", "Other", "Plain", "Unknown")
    body = "".join(p(name, f'<w:pStyle w:val="{name}"/>') for name in names)
    assert lines_of(docx(body, styles=styles)) == [
        "### First",
        "# Cover",
        "### Small",
        "# Own",
        "One",
        "Other",
        "Plain",
        "Unknown",
    ]


def test_word_styles_that_are_broken_are_read_so_far():
    parts = files_of(docx(p("A", '<w:pStyle w:val="H"/>'), styles="", styles2=""))
    heading = style("H", '<w:outlineLvl w:val="0"/>')
    root = f'<w:styles xmlns:w="{W}">'
    parts["word/styles.xml"] = f"{root}<"
    parts["word/styles2.xml"] = f"{root}{heading}</w:styles>"
    document = word.read(packed(parts))
    assert (document.pages, document.damaged) == (("# A",), ())


def test_word_parts_beside_the_body_are_read_in_the_order_of_their_kinds():
    kinds = ("comments", "footer", "endnotes", "footnotes", "diagramData", "chart")
    content = docx(p("Body."), **{kind: p(kind) for kind in (*kinds, "header")})
    assert word.read(content).pages[0].splitlines() == [
        "header",
        "Body.",
        *reversed(kinds),
    ]


def test_word_heading_or_entry_without_words_is_no_line():
    listed = p("", '<w:numPr><w:ilvl w:val="0"/></w:numPr>')
    assert lines_of(docx(p(" ", '<w:outlineLvl w:val="0"/>') + listed)) == []


def test_word_fields_to_choose_from_have_each_their_own():
    def field(result: str, *entries: str) -> str:
        told = "".join(f'<w:listEntry w:val="{entry}"/>' for entry in entries)
        return f"<w:p><w:r><w:ddList>{result}{told}</w:ddList></w:r></w:p>"

    chosen = '<w:result w:val="{}"/>'
    body = (
        field(chosen.format("1"), "Chad", "Norway")
        + field("", "Red", "Green")
        + field(chosen.format("x"), "One", "Two")
        + field(chosen.format("7"), "Here")
    )
    assert lines_of(docx(body)) == ["Norway", "Red", "One"]
    two = field(chosen.format("1"), "a", "b")[:-6] + field("", "c", "d")[5:]
    assert lines_of(docx(two)) == ["bc"]


def test_word_picture_as_it_once_was_is_one():
    assert word.read(docx("<w:p><w:pict><v/><imagedata/></w:pict></w:p>")).pictures == (
        1,
    )
    assert word.read(docx(p("Text.") + "<w:p><a:blip/></w:p>")).pictures == ()


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        ("<w:p><w:r><w:t>Whole.</w:t><w:t>Cut", ["Whole."]),
        (f"<w:tbl><w:tr><w:tc>{p('A cell.')}<w:p><w:r><w:t>One", ["A cell."]),
        (f"{p('Before.')}<w:moveFrom><w:p>", ["Before."]),
    ],
)
def test_word_text_before_a_break_is_kept_and_what_comes_after_is_read(
    body: str, lines: list[str]
):
    parts = files_of(docx("", footer=p("Footer.")))
    parts["word/document.xml"] = f'<w:document xmlns:w="{W}"><w:body>{body}'
    document = word.read(packed(parts))
    assert document.pages[0].splitlines() == [*lines, "Footer."]
    assert document.damaged == (1,)
    told = read("a.docx", packed(parts)).unread
    assert told == "A part of a.docx cannot be read."


@pytest.mark.parametrize("target", ["chart.xml", "/word/chart.xml", "./x/../chart.xml"])
def test_word_part_is_found_from_the_one_that_refers_to_it(target: str):
    parts = files_of(docx(p("Body."), chart="<c:v>19</c:v>"))
    parts["word/_rels/document.xml.rels"] = relations(chart=target)
    assert word.read(packed(parts)).pages == ("Body.\n19",)


def test_word_part_that_is_named_from_elsewhere_is_left_out_and_costs_no_other():
    parts = files_of(docx(p("Body."), header=p("Header."), footer=p("Footer.")))
    told = str(parts["word/_rels/document.xml.rels"], "utf-8")  # type: ignore[arg-type]
    parts["word/_rels/document.xml.rels"] = told.replace(
        'Id="header"', 'Id="header" TargetMode="External"'
    )
    assert word.read(packed(parts)).pages == ("Body.\nFooter.",)


def test_word_body_may_have_any_name():
    parts: dict[str, str | bytes] = {
        "_rels/.rels": relations(thumbnail="a.png", officeDocument="_a.xml"),
        "_a.xml": f'<w:document xmlns:w="{W}">{p("Body.")}</w:document>',
    }
    assert word.read(packed(parts)).pages == ("Body.",)


@pytest.mark.parametrize(
    ("name", "lines", "damaged"),
    [
        ("a.html", ["Body.", "Within: 5 \u20ac"], ()),
        ("a.HTM", ["Body.", "Within: 5 \u20ac"], ()),
        ("a.xhtml", ["Body.", "Within: 5 \u20ac"], ()),
        ("a.txt", ["Body.", "<p>Within: 5 \u20ac"], ()),
        ("a.rtf", ["Body."], (1,)),
    ],
)
def test_word_file_within_it_is_read_or_named(
    name: str, lines: list[str], damaged: tuple[int, ...]
):
    parts = files_of(docx(p("Body.")))
    parts["word/_rels/document.xml.rels"] = relations(aFChunk=name)
    parts[f"word/{name}"] = "<p>Within: 5 \u20ac".encode()
    document = read("a.docx", packed(parts))
    assert document.pages[0].splitlines() == lines
    assert document.damaged == damaged


@pytest.mark.parametrize(("old", "new"), [("/", "\\"), ("document", "Document")])
def test_word_parts_are_found_however_they_are_spelt(old: str, new: str):
    parts = files_of(docx(p("Body.")))
    renamed = {name.replace(old, new): content for name, content in parts.items()}
    assert lines_of(packed(renamed)) == ["Body."]


def test_word_in_the_strict_namespace_is_read():
    assert lines_of(docx(p("Strict."), STRICT)) == ["Strict."]


def test_word_part_that_is_broken_costs_that_part_and_is_told():
    files = files_of(docx(p("Body."), header=p("Header."), footer=p("Footer.")))
    files["word/header.xml"] = "<w:header"
    document = read("a.docx", packed(files))
    assert document.pages == ("Body.\nFooter.",)
    assert document.damaged == (1,)
    cut = str(files["word/document.xml"], "utf-8").replace("</w:body>", "<w:p")  # type: ignore[arg-type]
    files["word/document.xml"] = cut
    assert "Body." in read("a.docx", packed(files)).pages[0]


def test_word_file_within_it_may_name_its_encoding():
    parts = files_of(docx(p("Body.")))
    parts["word/_rels/document.xml.rels"] = relations(aFChunk="a.html")
    parts["word/a.html"] = "<meta charset=koi8-r><p>\u0436".encode("koi8-r")
    assert word.read(packed(parts)).pages == ("Body.\n\u0436",)


def test_word_file_without_words_is_blank():
    assert word.read(docx(p(""))).pictures == ()


def test_word_file_of_a_picture_alone_has_no_text():
    document = read("a.docx", docx("<w:p><a:blip/></w:p>"))
    assert document.pictures == (1,)
    assert "no text: it shows pictures" in document.unread


def pptx(*slides: str, order: tuple[int, ...] = (), **others: str) -> bytes:
    """A PowerPoint file; `others` belong to its first slide."""
    numbers = range(1, len(slides) + 1)
    tag = f'xmlns:p="{P}" xmlns:a="{A}" xmlns:r="{R}"'
    ids = "".join(f'<p:sldId id="{9 - n}" r:id="slide{n}"/>' for n in order or numbers)
    parts: dict[str, str | bytes] = {
        "_rels/.rels": relations(officeDocument="/ppt/presentation.xml"),
        "ppt/presentation.xml": f"<p:presentation {tag}>{ids}</p:presentation>",
        "ppt/_rels/presentation.xml.rels": relations(
            **{f"slide{n}": f"slides/slide{n}.xml" for n in numbers}
        ),
        "ppt/slides/_rels/slide1.xml.rels": relations(
            **{kind: f"../others/{kind}.xml" for kind in others}
        ),
    }
    for n, slide in enumerate(slides, start=1):
        if slide:
            parts[f"ppt/slides/slide{n}.xml"] = f"<p:sld {tag}>{slide}</p:sld>"
    for kind, content in others.items():
        parts[f"ppt/others/{kind}.xml"] = f"<p:x {tag}>{content}</p:x>"
    return packed(parts)


def shape(*texts: str, kind: str = "") -> str:
    place = f'<p:nvPr><p:ph type="{kind}"/></p:nvPr>' if kind else ""
    told = "".join(f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>" for text in texts)
    return f"<p:sp>{place}{told}</p:sp>"


def test_slides_are_pages_in_the_order_in_which_they_are_shown():
    row = "<a:tr>{}</a:tr>".format(
        "".join(f"<a:tc><a:p><a:t>{t}</a:t></a:p></a:tc>" for t in ("East", "250"))
    )
    first = shape("Plan", kind="title") + shape("Point one", "Point two")
    second = shape("Figures", kind="ctrTitle") + f"<p:frame>{row}</p:frame>"
    document = read(
        "a.pptx",
        pptx(
            first, second, "<a:blip/>", order=(2, 1, 3), notesSlide=shape("Say hello.")
        ),
    )
    assert document.pages == (
        "# Figures\nEast  250",
        "# Plan\nPoint one\nPoint two\nSay hello.",
        "",
    )
    assert document.pictures == (3,)


def test_slide_that_cannot_be_read_costs_that_slide_and_is_named():
    document = read("a.pptx", pptx(shape("One."), "", shape("Three.")))
    assert document.pages == ("One.", "", "Three.")
    assert document.unread == "Page 2 of a.pptx cannot be read."


def comment(text: str) -> str:
    return f"<p:cm><p:text>{text}</p:text></p:cm>"


def test_slide_has_its_charts_drawings_notes_and_comments_in_this_order():
    slide = pptx(
        shape("Slide."),
        comments=comment("Comment."),
        notesSlide=shape("Notes."),
        image="not read",
        diagramData=shape("Drawing."),
        chart="<p:ser><p:v>East</p:v><p:v>19</p:v></p:ser>",
    )
    assert powerpoint.read(slide).pages == (
        "Slide.\nEast  19\nDrawing.\nNotes.\nComment.",
    )


def test_title_of_a_slide_is_the_shape_that_says_so_and_no_other():
    slide = shape("Title", kind="title") + shape("Body", kind="body") + shape("More")
    read = powerpoint.read(pptx(slide, notesSlide=shape("Notes.")))
    assert read.pages == ("# Title\nBody\nMore\nNotes.",)


def test_slide_with_words_and_a_picture_is_no_picture():
    read = powerpoint.read(pptx(shape("One.") + "<a:blip/>", "<a:blip/>"))
    assert (read.pages, read.pictures) == (("One.", ""), (2,))


def test_slides_are_bounded(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(powerpoint, "MAX_PAGES", 2)
    assert powerpoint.read(pptx(shape("1"), shape("2"))).pages == ("1", "2")
    with pytest.raises(UnreadableDocument, match="more than 2 slides"):
        powerpoint.read(pptx(shape("1"), shape("2"), shape("3")))


def test_presentation_of_which_nothing_can_be_read_is_refused():
    with pytest.raises(UnreadableDocument, match="has no slides"):
        powerpoint.read(pptx())
    with pytest.raises(UnreadableDocument, match="No slide of the file can be read"):
        powerpoint.read(pptx("", ""))
    parts = files_of(pptx(shape("One.")))
    parts["ppt/presentation.xml"] = "<p"
    with pytest.raises(UnreadableDocument, match="PowerPoint file cannot be read"):
        powerpoint.read(packed(parts))


def test_slide_that_is_broken_in_the_middle_is_read_so_far():
    parts = files_of(pptx(shape("One.")))
    whole = str(parts["ppt/slides/slide1.xml"], "utf-8")  # type: ignore[arg-type]
    parts["ppt/slides/slide1.xml"] = whole.replace("</p:sld>", "<")
    read = powerpoint.read(packed(parts))
    assert (read.pages, read.damaged) == (("One.",), (1,))


# What is bounded


def test_parts_are_bounded_together(monkeypatch: pytest.MonkeyPatch):
    assert office.MAX_UNPACKED == 200 * 2**20
    monkeypatch.setattr(office, "MAX_UNPACKED", 10)
    archive = Archive(packed({"a": "12345", "b": "12345", "c": "1"}))
    assert archive.content("a") + archive.content("B") == b"1234512345"
    with pytest.raises(UnreadableDocument, match="unpacks to too much"):
        archive.content("c")


@pytest.mark.parametrize(("most", "is_read"), [(8, False), (9, True)])
def test_text_is_bounded(monkeypatch: pytest.MonkeyPatch, most: int, is_read: bool):
    monkeypatch.setattr(office, "MAX_CHARACTERS", most)
    content = docx(p("12345") + p("6789"))
    if is_read:
        assert word.read(content).pages == ("12345\n6789",)
    else:
        with pytest.raises(UnreadableDocument, match="too much text"):
            word.read(content)


def test_what_has_been_read_is_let_go_of():
    archive = Archive(packed({"a": "<x>one<y>two</y><y/></x>"}))
    tags = [tag for _, tag in archive.tags("a")]
    assert len(tags) == 6
    assert {(len(tag), tag.text) for tag in tags} == {(0, None)}


# What is refused

ENTITIES = (
    '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><a>&b;</a>'
)


def main_part(content: str | bytes) -> bytes:
    return packed(
        {
            "_rels/.rels": relations(officeDocument="word/document.xml"),
            "word/document.xml": content,
        }
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04", "cannot be opened"),
        (b"just text", "cannot be opened"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "password"),
        (packed({"a.txt": "text"}), "damaged, or not what its name says"),
        (packed({"_rels/.rels": relations(officeDocument="a.xml")}), "cannot be read"),
        (main_part(ENTITIES), "entities"),
        (main_part(b"<a>" * 100_000), "cannot be read"),
    ],
    ids=["cut", "text", "old", "zip", "no body", "entities", "nested"],
)
def test_word_file_that_cannot_be_read_is_refused(content: bytes, message: str):
    with pytest.raises(UnreadableDocument, match=message):
        read("a.docx", content)


def test_word_file_that_unpacks_to_too_much_is_refused():
    with pytest.raises(UnreadableDocument, match="unpacks to too much"):
        read("a.docx", main_part(bytes(300 * 2**20)))


def test_protected_archive_is_refused():
    content = bytearray(docx(p("Secret.")))
    for head, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(head)
        while at >= 0:
            content[at + flags] |= 1
            at = content.find(head, at + 1)
    with pytest.raises(UnreadableDocument, match="cannot be read"):
        read("a.docx", bytes(content))


def test_word_file_in_a_vector_store_is_found_and_in_the_input_is_answered_from(
    client: Client,
):
    body = p("Leave", '<w:outlineLvl w:val="0"/>') + p("You have 27 days of leave.")
    file = uploaded(client, docx(body), "handbook.docx")
    store = client.json("POST", "/vector_stores", {"file_ids": [file]})
    assert store["file_counts"]["completed"] == 1
    path = f"/vector_stores/{store['id']}/search"
    [found] = client.json("POST", path, {"query": "days of leave"})["data"]
    assert "27 days" in found["content"][0]["text"]
    parts = [
        {"type": "input_file", "file_id": file},
        {"type": "input_text", "text": "How many days of leave do I have?"},
    ]
    assert "27 days" in str(
        client.create([{"role": "user", "content": parts}])["output"]
    )
