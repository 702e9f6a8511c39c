"""The PDF and the picture in assets/ are sound, and are what their scripts make."""

import runpy
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat
from pypdf import PdfReader

ASSETS = Path(__file__).parent.parent / "assets"
HANDBOOK = ASSETS / "employee_handbook.pdf"
COVER = ASSETS / "book_cover.jpg"
VALUES = [
    "Measure twice",
    "Say it plainly",
    "Share the boat",
    "Mend before you replace",
    "Leave the river cleaner",
    "Stay curious",
]


def page_texts(pdf: Path) -> list[str]:
    """Return the text of each page, in reading order."""
    return [page.extract_text() for page in PdfReader(pdf).pages]


def build(script: str, path: Path) -> Path:
    """Let a script of assets/ write its file to `path`, and return `path`."""
    runpy.run_path(str(ASSETS / script))["build"](path)
    return path


@pytest.fixture(scope="module")
def handbook() -> list[str]:
    return page_texts(HANDBOOK)


def test_handbook_is_what_its_script_makes(tmp_path: Path, handbook: list[str]):
    # Words, not bytes: another reportlab or zlib may pack the same pages differently.
    assert page_texts(build("employee_handbook.py", tmp_path / "a.pdf")) == handbook


def test_handbook_comes_out_the_same_twice(tmp_path: Path):
    first = build("employee_handbook.py", tmp_path / "a.pdf")
    second = build("employee_handbook.py", tmp_path / "b.pdf")
    assert first.read_bytes() == second.read_bytes()


def test_handbook_is_a_small_pdf_of_eleven_pages(handbook: list[str]):
    assert HANDBOOK.read_bytes().startswith(b"%PDF-")
    assert HANDBOOK.stat().st_size < 60_000
    assert len(handbook) == 11


def test_handbook_names_each_company_value_with_its_sentence(handbook: list[str]):
    lines = next(
        page for page in handbook if page.startswith("Company values\n")
    ).splitlines()
    listed = lines[: lines.index("The values at work")]
    named = [line for line in listed if line.startswith("\u2022 ")]
    assert [line[2:].split(":")[0] for line in named] == VALUES
    assert all(": we " in line for line in named)


def test_contents_give_the_page_of_every_section(handbook: list[str]):
    lines = [line.strip() for line in handbook[1].splitlines()]
    assert lines[0] == "Contents"
    entries = lines[1 : next(i for i, x in enumerate(lines) if x.startswith("About"))]
    titles, numbers = entries[::2], entries[1::2]
    assert len(titles) == 12
    for title, number in zip(titles, numbers, strict=True):
        assert title in handbook[int(number) - 1].splitlines()
    outline = [getattr(entry, "title", None) for entry in PdfReader(HANDBOOK).outline]
    assert outline == titles


def test_every_page_after_the_first_ends_with_its_number(handbook: list[str]):
    for number, page in enumerate(handbook[1:], start=2):
        assert page.rstrip().endswith(f"Page {number}")


def test_handbook_text_has_no_stray_characters(handbook: list[str]):
    characters = set("".join(handbook))
    odd = {c for c in characters if not " " <= c <= "~"}
    assert odd <= {"\n", "\u2019", "\u2022", "\u20ac"}


def test_handbook_has_no_address_outside_example_com(handbook: list[str]):
    words = " ".join(handbook).split()
    addresses = [word.strip(".,;") for word in words if "@" in word]
    assert addresses
    assert all(address.endswith("@example.com") for address in addresses)


def test_cover_is_a_jpeg():
    assert COVER.read_bytes().startswith(b"\xff\xd8\xff")
    assert COVER.stat().st_size < 150_000
    with Image.open(COVER) as cover:
        assert (cover.format, cover.mode, cover.size) == ("JPEG", "RGB", (800, 1200))


def test_cover_is_what_its_script_makes(tmp_path: Path):
    painted_path = build("book_cover.py", tmp_path / "cover.jpg")
    with Image.open(COVER) as cover, Image.open(painted_path) as painted:
        assert (painted.mode, painted.size) == (cover.mode, cover.size)
        # Means over all pixels, 0 to 255: another Pillow may round differently.
        difference = ImageStat.Stat(ImageChops.difference(cover, painted)).mean
    assert max(difference) < 1


@pytest.mark.parametrize("script", ["employee_handbook.py", "book_cover.py"])
def test_loading_a_script_writes_nothing(script: str):
    before = sorted((path, path.stat().st_mtime_ns) for path in ASSETS.iterdir())
    runpy.run_path(str(ASSETS / script), run_name="loaded_by_a_test")
    assert (
        sorted((path, path.stat().st_mtime_ns) for path in ASSETS.iterdir()) == before
    )
