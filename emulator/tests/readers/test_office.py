"""Word and PowerPoint files: what is read of them, and what harm is refused."""

import io
import zipfile

import pytest

from emulator.tests.conftest import Client
from emulator.tests.resources.test_container_files import uploaded
from responses_emulator.readers.documents import UnreadableDocument, read

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
    ("name", "lines", "damaged"),
    [
        ("a.html", ["Body.", "Within: 5 \u20ac"], ()),
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
