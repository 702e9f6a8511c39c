"""PDFs for the tests, written by hand: each page is a list of placed texts."""

from collections.abc import Sequence
from typing import NamedTuple


class Placed(NamedTuple):
    """A text at a place on the page, in points from the lower left."""

    text: str
    x: float = 72
    y: float = 700
    size: float = 10
    bold: bool = False


def page_of(*lines: str | tuple[str, float], top: float = 760) -> list[Placed]:
    """Lines below each other; a line with a size of its own is a bold heading."""
    placed: list[Placed] = []
    for line in lines:
        text, size = (line, 10.0) if isinstance(line, str) else line
        top -= size * 1.2 + (0 if isinstance(line, str) else 10)
        placed.append(Placed(text, 72, top, size, not isinstance(line, str)))
    return placed


def pdf(*pages: Sequence[Placed]) -> bytes:
    """A PDF with these pages, in Helvetica."""
    return drawn(*("\n".join(_drawn(placed) for placed in page) for page in pages))


def drawn(*streams: str, turned: int = 0) -> bytes:
    """A PDF whose pages draw these, with Helvetica as F0 and Helvetica-Bold as F1.

    `turned` says by how many degrees to the right a viewer turns each page.
    """
    fonts = "".join(
        f"/F{number} << /Type /Font /Subtype /Type1 /BaseFont /{name} "
        "/Encoding /WinAnsiEncoding >> "
        for number, name in enumerate(("Helvetica", "Helvetica-Bold"))
    )
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids: list[str] = []
    for stream in streams:
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Rotate {turned} "
            "/Resources "
            f"<< /Font << {fonts}>> >> /Contents {len(objects) + 2} 0 R >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    out = "%PDF-1.4\n"
    offsets: list[int] = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\n"
    return (out + f"startxref\n{start}\n%%EOF\n").encode("cp1252")


def _drawn(placed: Placed) -> str:
    text = placed.text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    font = int(placed.bold)
    return f"BT /F{font} {placed.size} Tf {placed.x} {placed.y} Td ({text}) Tj ET"
