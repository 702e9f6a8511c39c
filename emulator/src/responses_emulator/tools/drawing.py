"""Makes a picture of a prompt: the prompt itself, written on a colour.

The colour is the last that the prompt names, or one of its own; the same prompt gives
the same picture. A change is written under what was asked for before, and a picture
that a caller sent is written on in place of the colour.
"""

import colorsys
import io
import re
import zlib
from bisect import bisect_right
from collections.abc import Sequence
from typing import TYPE_CHECKING

from responses_emulator.model.prompt.words import plain, without_accents
from responses_emulator.readers.picture import MAX_PIXELS
from responses_emulator.tools import edits

if TYPE_CHECKING:
    from PIL import Image, ImageFont

    Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

Colour = tuple[int, int, int]

USUAL_SIZE = "1024x1024"
SIZES = ("auto", USUAL_SIZE, "1024x1536", "1536x1024")
SIGNATURE = "made by the emulator"
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
EXIF_COMMENT = 0x9C9C  # a text in UTF-16; all three kinds of file can have it
DRAWN = "Made by the emulator: "
MAX_PROMPT = 4_000  # characters that are looked at
LINES = 12
MARGIN = 80  # pixels around the text
LINE = 64  # pixels from line to line
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)


def wanted(prompt: str) -> bool:
    """Whether the prompt asks for a picture to be made."""
    text = prompt[:MAX_PROMPT].lower()
    kinds = (
        r"(?:image|picture|photo(?:graph)?|drawing|illustration|painting|sketch|logo|icon|"
        r"poster|portrait|wallpaper|cartoon)s?\b"
    )
    if re.match(r"\W*(?:what|who|where|when|which|why|how|describe|explain)\b", text):
        return False
    if re.search(r"\b(?:draw|paint|sketch|illustrate)\b", text):
        other = (
            r"\bdraw(?:ing)? (?:\w+ )?(?:conclusion|comparison|attention|distinction)"
        )
        return re.search(other, text) is None
    made = r"\b(?:generate|create|make|produce|render|design|give me|show me)\b"
    wish = r"\b(?:i want|i need|i'd like|i would like) (?:an? |the |some )?(?:\w+ )?"
    return bool(
        re.search(rf"{made}[^.?!\n]{{0,60}}?\b{kinds}", text)
        or re.search(rf"{wish}{kinds}(?: of\b|\W*$)", text)
        or re.match(rf"\W*(?:an? )?{kinds} of\b", text)
    )


def description(picture: bytes) -> str | None:
    """What a picture shows, if `draw` made it: its file says so (see edits.told)."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(picture), formats=FORMATS) as image:
            noted: object = image.getexif().get(EXIF_COMMENT)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    text = noted.decode("utf-16-le", "replace") if isinstance(noted, bytes) else ""
    if not text.startswith(DRAWN):
        return None
    return text.removeprefix(DRAWN)[:MAX_PROMPT]


def draw(
    prompt: str,
    *,
    size: str = "1024x1024",
    background: str = "auto",
    output_format: str = "png",
    changes: Sequence[str] = (),
    over: bytes | None = None,
) -> bytes:
    """The picture for a prompt, as a png, jpeg or webp file of the given size.

    `size` is one of SIZES. `background` "transparent" leaves the colour out; a jpeg
    can't do that and has white there. `changes` were asked for since the prompt;
    `over` is a picture to write on.
    """
    from PIL import Image, ImageDraw, ImageFont

    width, height = _pixels(size)
    subject = "\n".join([prompt, *changes])
    colour = _colour(subject)
    image = None if over is None else _base(over, width, height)
    if image is None:
        alpha = 0 if background == "transparent" else 255
        image = Image.new("RGBA", (width, height), (*colour, alpha))
    pencil = ImageDraw.Draw(image)
    large, small = ImageFont.load_default(44), ImageFont.load_default(22)
    lines = _wrapped(_typed(subject), large, width - 2 * MARGIN)
    top = (height - LINE * len(lines)) / 2
    card = (MARGIN / 2, top - MARGIN / 2, width - MARGIN / 2, height - top + MARGIN / 2)
    pencil.rounded_rectangle(card, radius=24, fill=colour)
    ink = _ink(colour)
    for index, line in enumerate(lines):
        place = (width / 2, top + LINE * (index + 0.5))
        pencil.text(place, line, fill=ink, font=large, anchor="mm")
    place = (width / 2, height - MARGIN / 2)
    pencil.text(place, SIGNATURE, fill=ink, font=small, anchor="mm")
    if background != "transparent":
        image = image.convert("RGB")
    return _encoded(image, output_format, DRAWN + edits.tell(prompt, changes))


def _pixels(size: str) -> tuple[int, int]:
    if size not in SIZES:
        raise ValueError(f"size is one of {', '.join(SIZES)}")
    width, height = (USUAL_SIZE if size == "auto" else size).split("x")
    return int(width), int(height)


def _colour(subject: str) -> Colour:
    """The last colour that a text names, or else a quiet one of its own."""
    from PIL import ImageColor

    for word in reversed(re.findall("[a-z]+", subject[:MAX_PROMPT].lower())):
        if word in ImageColor.colormap:
            red, green, blue, *_ = ImageColor.getrgb(word)
            return red, green, blue
    hue = zlib.crc32(subject.encode("utf-8", "replace")) % 360 / 360
    red, green, blue = (int(255 * part) for part in colorsys.hls_to_rgb(hue, 0.8, 0.5))
    return red, green, blue


def _ink(colour: Colour) -> Colour:
    """Black or white, whichever is better read on a colour."""
    red, green, blue = colour
    return BLACK if 0.3 * red + 0.6 * green + 0.1 * blue > 128 else WHITE


def _typed(subject: str) -> str:
    """What of a text the built-in font has: ASCII. Other alphabets are left out."""
    bare = without_accents(plain(subject).replace("\u2013", "-"))
    text = "\n".join(
        "".join(c if c.isascii() and c.isprintable() else "?" for c in line)
        for line in bare.expandtabs(1).splitlines()
    )
    if text.count("?") > len(text) / 3:
        return ""
    return text[:1].upper() + text[1:]


def _wrapped(text: str, font: "Font", width: float) -> list[str]:
    """The text in lines that fit; what is too much ends in an ellipsis."""
    lines: list[str] = []
    words = (
        (at, word)
        for line in text[:MAX_PROMPT].splitlines()
        for at, word in enumerate(line.split())
    )
    for at, word in words:
        longer = f"{lines[-1]} {word}" if at else word
        if at and font.getlength(longer) <= width:
            lines[-1] = longer
        elif len(lines) == LINES:
            lines[-1] += " ..."
            break
        else:
            lines.append(word)
    return [_shortened(line, font, width) for line in lines]


def _shortened(line: str, font: "Font", width: float) -> str:
    """A line that fits: what is too long keeps as much as there is room for."""
    if font.getlength(line) <= width:
        return line
    # Searched by halves: to measure once a letter took minutes for a very long word.
    room = bisect_right(
        range(1, len(line)), width, key=lambda kept: font.getlength(f"{line[:kept]}...")
    )
    return f"{line[:room]}..."


def preview(picture: bytes, step: int, output_format: str) -> bytes:
    """How far a picture has come at a step (0, 1, 2): rough at first, then finer."""
    from PIL import Image

    with Image.open(io.BytesIO(picture)) as whole:
        coarse = whole.convert("RGB").reduce(32 >> step)
        rough = coarse.resize(whole.size, Image.Resampling.BILINEAR)
    return _encoded(rough, output_format)


def _base(content: bytes, width: int, height: int) -> "Image.Image | None":
    """A picture cut to this size; None where it is broken or too large to decode."""
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                return None
            upright = ImageOps.exif_transpose(image)
            return ImageOps.fit(upright.convert("RGB"), (width, height))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _encoded(image: "Image.Image", output_format: str, note: str = "") -> bytes:
    """The file, with a note in it of what it shows."""
    from PIL import Image

    exif = Image.Exif()
    exif[EXIF_COMMENT] = note.encode("utf-16-le", "replace")
    file = io.BytesIO()
    if output_format == "jpeg":
        if image.mode == "RGBA":
            paper = Image.new("RGB", image.size, WHITE)
            paper.paste(image, mask=image)
            image = paper
        image.save(file, "JPEG", quality=88, exif=exif)
    elif output_format == "webp":
        image.save(file, "WEBP", quality=85, method=0, exif=exif)
    elif output_format == "png":
        image.save(file, "PNG", compress_level=6, exif=exif)
    else:
        raise ValueError("output_format is png, jpeg or webp")
    return file.getvalue()
