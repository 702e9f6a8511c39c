"""What can be measured of a picture: its format, size, transparency and colours."""

import io
import warnings
from functools import partial
from typing import TYPE_CHECKING

from responses_emulator import extras
from responses_emulator.model.prompt.words import listed
from responses_emulator.remembered import Remembered

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS = 30_000_000  # that are decoded; of a larger picture only the header is read
MAX_COLOURS = 3  # that are named
MAX_REMEMBERED_BYTES = 2**20
EXIF_ORIENTATION = 0x0112
ON_ITS_SIDE = (5, 6, 7, 8)

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_FORMATS = {
    "image/png": "PNG",
    "image/jpeg": "JPEG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
}
_COLOURS = {
    "black": (15, 15, 15),
    "dark grey": (70, 70, 70),
    "grey": (128, 128, 128),
    "light grey": (200, 200, 200),
    "white": (250, 250, 250),
    "dark red": (120, 20, 25),
    "red": (215, 40, 40),
    "pink": (240, 160, 180),
    "orange": (240, 140, 30),
    "brown": (115, 75, 45),
    "beige": (225, 205, 170),
    "yellow": (245, 220, 60),
    "olive": (120, 120, 40),
    "light green": (150, 215, 140),
    "green": (50, 160, 70),
    "dark green": (20, 80, 45),
    "turquoise": (60, 190, 185),
    "dark turquoise": (15, 95, 100),
    "light blue": (150, 200, 240),
    "blue": (45, 95, 210),
    "dark blue": (20, 35, 95),
    "purple": (125, 55, 150),
    "magenta": (215, 50, 160),
}


def media_type(content: bytes) -> str | None:
    """The media type of a PNG, JPEG, GIF or WebP file; None for anything else."""
    for signature, type in _SIGNATURES:
        if content.startswith(signature):
            return type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return None


def is_valid(content: bytes) -> bool:
    """Whether it is a PNG, JPEG, GIF or WebP file that can be decoded, to its end.

    Of a very large one only the header is looked at. A 400 where nothing is installed
    that decodes it.
    """
    return bool(facts(content))


# A request is checked before it is answered, and a conversation sends a picture again
# in every turn.
_known = Remembered[str](MAX_REMEMBERED_BYTES, len)


def facts(content: bytes) -> str:
    """What can be measured, as prose; an empty string of what is not a picture."""
    return _known.get(partial(_measured, content), content)


def _measured(content: bytes) -> str:
    type = media_type(content)
    if type is None:
        return ""
    extras.need("pictures", "To look at a picture")
    try:
        return _decoded(content, _FORMATS[type])
    except Exception:  # Pillow's readers raise almost anything on a broken file
        return ""


def _decoded(content: bytes, format: str) -> str:
    from PIL import Image

    with warnings.catch_warnings():
        # Pillow warns of large pictures; MAX_PIXELS takes care of them.
        warnings.simplefilter("ignore")
        try:
            image = Image.open(io.BytesIO(content), formats=[format])
        except Image.DecompressionBombError:
            return f"it is a {format} picture too large to look into"
    with image:
        width, height = _shown_size(image)
        shown = "WebP" if format == "WEBP" else format
        told = [f"it is a {shown} picture of {width} x {height} pixels"]
        told.append(_orientation(width, height))
        if getattr(image, "is_animated", False):
            told.append("animated")
        image.draft("RGB", (64, 64))  # a JPEG is then decoded at an eighth of its size
        if image.width * image.height > MAX_PIXELS:
            return ", ".join(told) + ", too large to look into"
        small = image.convert("RGBA").resize((50, 50))
    lowest, _ = _extremes(small)
    told.append("partly transparent" if lowest < 250 else "opaque")
    return ", ".join(told) + "; " + _colours(small)


def _shown_size(image: "Image.Image") -> tuple[int, int]:
    """Width and height as shown: a camera may say that it was held on its side."""
    try:
        orientation: object = image.getexif().get(EXIF_ORIENTATION)
    except Exception:  # the picture may be sound all the same
        orientation = None
    width, height = image.size
    return (height, width) if orientation in ON_ITS_SIDE else (width, height)


def _orientation(width: int, height: int) -> str:
    if abs(width - height) * 20 <= max(width, height):
        return "square" if width == height else "nearly square"
    return "landscape format" if width > height else "portrait format"


def _extremes(image: "Image.Image") -> tuple[int, int]:
    """The lowest and highest opacity, 0 to 255."""
    opacity = image.getchannel("A").tobytes()
    return min(opacity), max(opacity)


def _colours(image: "Image.Image") -> str:
    """How bright it is, and the names of the colours that cover most of it."""
    data = image.tobytes()
    counts: dict[str, int] = {}
    brightness = seen = 0
    nearest: dict[tuple[int, int, int], str] = {}
    for at in range(0, len(data), 4):
        red, green, blue, opacity = data[at : at + 4]
        if opacity < 32:
            continue
        coarse = red & 0xF0 | 8, green & 0xF0 | 8, blue & 0xF0 | 8
        if coarse not in nearest:
            nearest[coarse] = _colour_name(coarse)
        counts[nearest[coarse]] = counts.get(nearest[coarse], 0) + 1
        brightness += (299 * red + 587 * green + 114 * blue) // 1000
        seen += 1
    if not seen:
        return "it is fully transparent"
    order = sorted(counts, key=lambda name: (-counts[name], name))
    main = [name for name in order if counts[name] * 20 >= seen] or order
    told = [f"{name} ({round(100 * counts[name] / seen)} %)" for name in main]
    mean = brightness / seen
    light = "dark" if mean < 85 else "bright" if mean > 170 else "of medium brightness"
    many = "colours are" if len(told[:MAX_COLOURS]) > 1 else "colour is"
    return f"it is {light}, and its main {many} {listed(told[:MAX_COLOURS])}"


def _colour_name(colour: tuple[int, int, int]) -> str:
    """The name of the nearest colour in the table, weighted as eyes do."""

    def distance(name: str) -> int:
        red, green, blue = (
            (a - b) ** 2 for a, b in zip(colour, _COLOURS[name], strict=True)
        )
        return 2 * red + 4 * green + 3 * blue

    return min(_COLOURS, key=distance)
