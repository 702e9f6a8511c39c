"""PDFs that are made to take for ever, or all the memory there is."""

import zlib
from collections.abc import Callable

MANY = 10**9
PAGE = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Resources << {} >> {} >>"
HELVETICA = "/Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> "
FORM = "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << {} >>"


def build(*objects: str | bytes, trailer: str = "") -> bytes:
    """A PDF of these objects, numbered from 1; the first is its catalog."""
    parts = [b"%PDF-1.7\n"]
    position, table = len(parts[0]), "0000000000 65535 f \n"
    for number, body in enumerate(objects, start=1):
        raw = body if isinstance(body, bytes) else body.encode()
        parts.append(b"%d 0 obj\n%b\nendobj\n" % (number, raw))
        table += f"{position:010} 00000 n \n"
        position += len(parts[-1])
    size = len(objects) + 1
    end = f"xref\n0 {size}\n{table}trailer << /Size {size} /Root 1 0 R {trailer} >>\n"
    parts.append(f"{end}startxref\n{position}\n%%EOF\n".encode())
    return b"".join(parts)


def stream(content: bytes, entries: str = "") -> bytes:
    head = f"<< /Length {len(content)} {entries} >>\nstream\n".encode()
    return head + content + b"\nendstream"


def packed(content: bytes, times: int = 1, entries: str = "") -> bytes:
    """A stream that is to be unpacked several times over."""
    for _ in range(times):
        content = zlib.compress(content, 9)
    return stream(content, f"/Filter [{'/FlateDecode ' * times}] {entries}")


def one_page(
    drawn: bytes, *others: str | bytes, resources: str = HELVETICA, count: int = 1
) -> bytes:
    """A page that draws this stream; `others` are the objects from 5 on."""
    return build(
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [3 0 R] /Count {count} >>",
        PAGE.format(resources, "/Contents 4 0 R"),
        drawn,
        *others,
    )


def tree(depth: int, fan: int) -> bytes:
    """A tree of pages in which every node has `fan` times the same child."""
    nodes = [
        f"<< /Type /Pages /Count {fan} /Kids [{f'{number + 1} 0 R ' * fan}] >>"
        for number in range(2, depth + 2)
    ]
    return build("<< /Type /Catalog /Pages 2 0 R >>", *nodes, PAGE.format("", ""))


def forms(depth: int, fan: int) -> bytes:
    """A page with a drawing that draws another several times, and so on."""

    def form(number: int) -> bytes:
        more = HELVETICA + f"/XObject << /X {number + 1} 0 R >>"
        return stream(b"/X Do " * fan, FORM.format(more))

    last = stream(b"0 0 m", FORM.format(HELVETICA))
    return one_page(
        stream(b"/X Do " * fan),
        *(form(number) for number in range(5, 5 + depth)),
        last,
        resources=HELVETICA + "/XObject << /X 5 0 R >>",
    )


def font(entries: str, *others: str | bytes) -> bytes:
    """A page that writes in a font with these entries; `others` come from 6 on."""
    return one_page(
        stream(b"BT /F 9 Tf (abc) Tj <0001> Tj ET"),
        f"<< /Type /Font /BaseFont /Helvetica {entries} >>",
        *others,
        resources="/Font << /F 5 0 R >>",
    )


TYPE_0 = (
    "/Subtype /Type0 /Encoding /Identity-H /DescendantFonts [<< /Type /Font "
    "/Subtype /CIDFontType2 /BaseFont /Helvetica /CIDSystemInfo << /Registry (A) "
    "/Ordering (I) /Supplement 0 >> {} >>]"
)
RANGE = b"1 begincodespacerange <00000000> <FFFFFFFF> endcodespacerange\n"

# What no limit of the reader's own stops: only the process's do.
SLOW = build(
    "<< /Type /Catalog /Pages 2 0 R >>",
    f"<< /Type /Pages /Kids [{'3 0 R ' * 2000}] /Count 2000 >>",
    PAGE.format(HELVETICA, "/Contents 4 0 R"),
    packed(b"0 0 m " * 100_000),
)
LARGE = one_page(packed((b"[" + b"(a)" * 50_000 + b"] TJ ") * 35))

# Each is made when it is asked for: some take a while.
BOMBS: dict[str, Callable[[], bytes]] = {
    "a page tree as deep as it gets": lambda: tree(5_000, 1),
    "a page tree that comes to 10 ** 12 pages": lambda: tree(12, 10),
    "a page tree that goes in circles": lambda: build(
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        "<< /Type /Pages /Count 1 /Kids [2 0 R] /Parent 2 0 R >>",
    ),
    "a page that is its own parent": lambda: build(
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        "<< /Type /Page /Parent 3 0 R /Contents 3 0 R >>",
    ),
    "a reference to itself": lambda: build("1 0 R", "2 0 R"),
    "a count of 10 ** 9 pages": lambda: one_page(stream(b"0 0 m"), count=MANY),
    "cross references that go in circles": lambda: one_page(stream(b"")).replace(
        b"/Root 1 0 R", b"/Root 1 0 R /Prev 9"
    ),
    "10 ** 9 cross references": lambda: one_page(stream(b"")).replace(
        b"xref\n0 5", b"xref\n0 %d" % MANY
    ),
    "a drawing of 10 ** 12 drawings": lambda: forms(12, 10),
    "drawings as deep as it gets": lambda: forms(5_000, 1),
    "a drawing that draws itself": lambda: one_page(
        stream(b"/X Do"),
        stream(b"/X Do /X Do", FORM.format(HELVETICA + "/XObject << /X 5 0 R >>")),
        resources=HELVETICA + "/XObject << /X 5 0 R >>",
    ),
    "a stream packed three times": lambda: one_page(packed(b"0 0 m " * 2**25, 3)),
    "a stream of one endless operand": lambda: one_page(packed(b"[" * 2**23)),
    "a stream of one endless number": lambda: one_page(packed(b"1" * 2**23 + b" Tz")),
    "a thousand streams of 15 MB": lambda: build(
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        PAGE.format(HELVETICA, f"/Contents [{'4 0 R ' * 1000}]"),
        packed(b"0 0 m " * (15 * 2**20 // 6)),
    ),
    "a predictor of 10 ** 9 columns": lambda: one_page(
        packed(
            b"0" * 2**20,
            entries=f"/DecodeParms << /Predictor 15 /Columns {MANY} /Colors {MANY} >>",
        )
    ),
    "a font for 2 ** 32 characters": lambda: font(
        TYPE_0.format("/DW 500") + " /ToUnicode 6 0 R",
        stream(RANGE + b"1 beginbfrange <00000000> <FFFFFFFF> <0041> endbfrange"),
    ),
    "a font of 10 ** 9 widths": lambda: font(TYPE_0.format(f"/W [0 {MANY} 500]")),
    "a font of 10 ** 9 plain widths": lambda: font(
        f"/Subtype /TrueType /FirstChar 0 /LastChar {MANY} /Widths [500]"
    ),
}
