"""Draws a picture for a prompt: a scene of simple shapes, its colours, its caption.

Deterministic: the same prompt gives the same picture. What the prompt names and this
module can draw is in the scene; a prompt with nothing of that kind gets plain hills.
"""

import io
import math
import random
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image, ImageFont
    from PIL.ImageDraw import ImageDraw as Pencil

    Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

SIZES = ("auto", "1024x1024", "1024x1536", "1536x1024")
SIGNATURE = "drawn by the emulator"
MAX_PROMPT = 4_000  # characters that are looked at
FINE = 2  # drawn at twice the size and halved: smooth edges
CAPTION_LINES = 3
QUOTES = str.maketrans(
    {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x2013: "-"}
)

Colour = tuple[int, int, int]

COLOURS: dict[str, Colour] = {
    "red": (214, 69, 65), "crimson": (180, 40, 60), "orange": (240, 140, 50),
    "yellow": (247, 205, 80), "golden": (232, 180, 60), "gold": (232, 180, 60),
    "green": (88, 160, 92), "teal": (50, 150, 150), "turquoise": (80, 190, 190),
    "blue": (72, 126, 200), "navy": (42, 60, 110), "purple": (140, 96, 180),
    "violet": (140, 96, 180), "pink": (240, 150, 180), "brown": (139, 101, 72),
    "beige": (226, 208, 178), "white": (248, 248, 244), "black": (52, 52, 58),
    "grey": (150, 154, 160), "gray": (150, 154, 160), "silver": (190, 195, 200),
}  # fmt: skip
INK: Colour = (48, 44, 52)
WHITE: Colour = (252, 252, 250)
PAPER: Colour = (255, 253, 247)


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


def revised_prompt(prompt: str) -> str:
    """The prompt as the picture's maker understood it, in a sentence."""
    subject = _subject(prompt) or "coloured hills"
    things = [thing.name for thing, _ in _found(prompt.lower())]
    shown = f" It shows: {', '.join(things)}." if things else ""
    return f"A simple, flat illustration in friendly colours: {subject}.{shown}"


def draw(
    prompt: str,
    *,
    size: str = "1024x1024",
    background: str = "auto",
    output_format: str = "png",
) -> bytes:
    """The picture for a prompt, as a png, jpeg or webp file of the given size.

    `size` is one of SIZES. `background` "transparent" leaves out sky and ground; a jpeg
    can't do that and has white there.
    """
    from PIL import Image, ImageDraw

    width, height = _pixels(size)
    text = prompt[:MAX_PROMPT].lower()
    clear = background == "transparent"
    scene = Scene(
        text=text,
        width=width * FINE,
        height=height * FINE,
        horizon=height * FINE * 0.60,
        chance=random.Random(text.encode("utf-8", "replace")),
    )
    if clear:
        image = Image.new("RGBA", (scene.width, scene.height), (*WHITE, 0))
    else:
        image = _sky(scene)
    pencil = ImageDraw.Draw(image)
    _compose(scene, pencil, clear)
    image = image.reduce(FINE)
    _caption(image, _subject(prompt) or prompt)
    return _encoded(image, output_format)


@dataclass
class Scene:
    """What the drawing functions know: prompt, canvas and a source of chance."""

    text: str  # lower case
    width: int
    height: int
    horizon: float
    chance: random.Random

    @property
    def unit(self) -> float:
        """A tenth of the shorter side: the measure of all things in the scene."""
        return min(self.width, self.height) / 10

    def says(self, words: str) -> bool:
        """Whether one of the words (a regular expression) is in the prompt."""
        return re.search(rf"\b(?:{words})\b", self.text) is not None


Drawing = Callable[["Pencil", float, float, float, Colour], None]


@dataclass(frozen=True)
class Thing:
    """Something that can be drawn: the words for it, where it belongs, its colour."""

    name: str
    words: str
    place: str  # sky, far, middle or front
    colour: Colour
    drawing: Drawing


# --- strokes -------------------------------------------------------------------------


def _blend(one: Colour, other: Colour, share: float) -> Colour:
    """`one` with a share (0 to 1) of `other`."""
    mixed = [round(a + (b - a) * share) for a, b in zip(one, other, strict=True)]
    return mixed[0], mixed[1], mixed[2]


def _oval(
    pencil: "Pencil",
    x: float,
    y: float,
    rx: float,
    ry: float,
    colour: Colour,
) -> None:
    pencil.ellipse((x - rx, y - ry, x + rx, y + ry), fill=colour)


def _shape(
    pencil: "Pencil",
    x: float,
    y: float,
    u: float,
    points: list[tuple[float, float]],
    colour: Colour,
) -> None:
    """A filled polygon; its points are in units of `u` around x, y."""
    pencil.polygon([(x + px * u, y + py * u) for px, py in points], fill=colour)


def _line(
    pencil: "Pencil",
    x: float,
    y: float,
    u: float,
    points: list[tuple[float, float]],
    colour: Colour,
    thickness: float,
) -> None:
    """A line with round joints; points and thickness are in units of `u`."""
    pixels = [(x + px * u, y + py * u) for px, py in points]
    pencil.line(pixels, fill=colour, width=max(1, round(thickness * u)), joint="curve")


# --- things: each is drawn around x, y; u is its size --------------------------------


def _sun(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    for step in range(12):
        angle = step * math.pi / 6
        ray = [
            (math.cos(angle + turn) * reach, math.sin(angle + turn) * reach)
            for turn, reach in ((-0.1, 1.2), (0, 1.65), (0.1, 1.2))
        ]
        _shape(pencil, x, y, u, ray, colour)
    _oval(pencil, x, y, u, u, colour)


def _moon(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    _oval(pencil, x, y, u, u, colour)
    for dx, dy, r in ((-0.3, -0.25, 0.2), (0.35, 0.1, 0.15), (-0.1, 0.45, 0.12)):
        _oval(pencil, x + dx * u, y + dy * u, r * u, r * u, _blend(colour, INK, 0.12))


def _cloud(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    for dx, dy, r in ((-0.9, 0.1, 0.5), (-0.2, -0.2, 0.75), (0.6, 0, 0.6)):
        _oval(pencil, x + dx * u, y + dy * u, r * u, r * u, colour)
    box = (x - 1.3 * u, y, x + 1.15 * u, y + 0.6 * u)
    pencil.rounded_rectangle(box, radius=0.3 * u, fill=colour)


def _rainbow(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    bands = ("red", "orange", "yellow", "green", "blue", "purple")
    for index, name in enumerate(bands):
        r = u * (4.6 - index * 0.28)
        band = _blend(COLOURS[name], colour, 0.25)
        box = (x - r, y - r, x + r, y + r)
        pencil.arc(box, 180, 360, fill=band, width=round(0.3 * u))


def _bird(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    _shape(pencil, x, y, u, [(-0.7, 0.1), (-1.6, -0.3), (-1.5, 0.35)], colour)
    _oval(pencil, x, y, 0.95 * u, 0.6 * u, colour)
    _oval(pencil, x + 0.75 * u, y - 0.5 * u, 0.45 * u, 0.45 * u, colour)
    beak = [(1.15, -0.65), (1.65, -0.45), (1.12, -0.3)]
    _shape(pencil, x, y, u, beak, COLOURS["orange"])
    _oval(pencil, x + 0.9 * u, y - 0.58 * u, 0.08 * u, 0.08 * u, INK)
    wing = [(-0.5, -0.25), (0.45, -0.15), (-0.1, 0.45), (-0.95, 0.3)]
    _shape(pencil, x, y, u, wing, _blend(colour, INK, 0.25))


def _balloon(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    ropes = [(-0.65, 0.7), (-0.25, 1.6), (0.25, 1.6), (0.65, 0.7)]
    _line(pencil, x, y, u, ropes, COLOURS["brown"], 0.05)
    _oval(pencil, x, y, u, 1.1 * u, colour)
    _oval(pencil, x, y, 0.6 * u, 1.1 * u, _blend(colour, WHITE, 0.45))
    _oval(pencil, x, y, 0.22 * u, 1.1 * u, colour)
    box = (x - 0.28 * u, y + 1.55 * u, x + 0.28 * u, y + 1.95 * u)
    pencil.rounded_rectangle(box, radius=0.08 * u, fill=COLOURS["brown"])


def _rocket(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    _shape(pencil, x, y, u, [(-0.35, 1.3), (0, 2.3), (0.35, 1.3)], COLOURS["orange"])
    _shape(pencil, x, y, u, [(-0.2, 1.3), (0, 1.8), (0.2, 1.3)], COLOURS["yellow"])
    _shape(pencil, x, y, u, [(-0.5, 0.4), (-1, 1.4), (1, 1.4), (0.5, 0.4)], colour)
    body = (x - 0.55 * u, y - 1.7 * u, x + 0.55 * u, y + 1.9 * u)
    pencil.chord(body, 138, 402, fill=WHITE)
    pencil.chord(body, 225, 315, fill=colour)
    _oval(pencil, x, y - 0.2 * u, 0.27 * u, 0.27 * u, INK)
    _oval(pencil, x, y - 0.2 * u, 0.19 * u, 0.19 * u, (150, 205, 235))


def _mountain(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    for dx, wide, high, dark in ((-2.6, 2.6, 2.7, 0.12), (2.3, 2.9, 3.1, 0.06)):
        shade = _blend(colour, INK, dark)
        _shape(pencil, x + dx * u, y, u, [(-wide, 0), (0, -high), (wide, 0)], shade)
        snow = [(-0.3, 0.7), (0, 1), (0.3, 0.7), (0.1, 0.78), (-0.08, 0.66)]
        cap = [(px * wide, -py * high) for px, py in snow]
        _shape(pencil, x + dx * u, y, u, cap, WHITE)
    _shape(pencil, x, y, u, [(-3.4, 0), (0, -4.2), (3.4, 0)], colour)
    _shape(pencil, x, y, u, [(0, -4.2), (3.4, 0), (0.7, 0)], _blend(colour, INK, 0.15))
    cap = [(-1.0, -2.96), (0, -4.2), (1.0, -2.96), (0.4, -3.25), (-0.3, -2.8)]
    _shape(pencil, x, y, u, cap, WHITE)


def _city(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    heights = (1.6, 2.8, 2.0, 3.6, 2.4, 3.1, 1.8, 2.6, 1.5)
    for index, high in enumerate(heights):
        left = x + (index - len(heights) / 2) * 1.05 * u
        shade = _blend(colour, INK, 0.1 * (index % 3))
        pencil.rectangle((left, y - high * u, left + u, y), fill=shade)
        for row in range(int(high * 2) - 1):
            for column in range(3):
                wx = left + (0.16 + 0.28 * column) * u
                wy = y - high * u + (0.22 + 0.5 * row) * u
                lit = (index + row * 2 + column) % 3
                glass = COLOURS["yellow"] if lit else _blend(shade, INK, 0.3)
                pencil.rectangle((wx, wy, wx + 0.14 * u, wy + 0.24 * u), fill=glass)


def _tree(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    trunk = [(-0.18, 0), (-0.12, -1.4), (0.12, -1.4), (0.18, 0)]
    _shape(pencil, x, y, u, trunk, COLOURS["brown"])
    dark = _blend(colour, INK, 0.15)
    for dx, dy, r, shade in (
        (-0.5, -1.5, 0.62, dark),
        (0.5, -1.5, 0.62, dark),
        (0, -2.0, 0.8, colour),
    ):
        _oval(pencil, x + dx * u, y + dy * u, r * u, r * u, shade)


def _house(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    pencil.rectangle((x - 1.2 * u, y - 1.5 * u, x + 1.2 * u, y), fill=colour)
    chimney = (x + 0.55 * u, y - 2.6 * u, x + 0.85 * u, y - 1.7 * u)
    pencil.rectangle(chimney, fill=_blend(COLOURS["red"], INK, 0.35))
    roof = [(-1.5, -1.5), (0, -2.7), (1.5, -1.5)]
    _shape(pencil, x, y, u, roof, _blend(COLOURS["red"], INK, 0.15))
    door = (x - 0.25 * u, y - 0.85 * u, x + 0.25 * u, y)
    pencil.rectangle(door, fill=_blend(COLOURS["brown"], INK, 0.2))
    for side in (-0.75, 0.75):
        wx = x + side * u
        box = (wx - 0.25 * u, y - 1.15 * u, wx + 0.25 * u, y - 0.65 * u)
        pencil.rectangle(box, fill=(255, 236, 170))
        cross = _blend(colour, INK, 0.4)
        _line(pencil, wx, y - 0.9 * u, u, [(-0.25, 0), (0.25, 0)], cross, 0.05)
        _line(pencil, wx, y - 0.9 * u, u, [(0, -0.25), (0, 0.25)], cross, 0.05)


def _boat(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    _line(pencil, x, y, u, [(0, -0.3), (0, -2.5)], COLOURS["brown"], 0.09)
    _shape(pencil, x, y, u, [(0.1, -2.4), (0.1, -0.6), (1.2, -0.6)], WHITE)
    sail = [(-0.1, -2.1), (-0.1, -0.6), (-0.9, -0.6)]
    _shape(pencil, x, y, u, sail, _blend(WHITE, colour, 0.3))
    _shape(
        pencil, x, y, u, [(-1.4, -0.4), (1.4, -0.4), (0.9, 0.3), (-0.9, 0.3)], colour
    )


def _flower(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    _line(pencil, x, y, u, [(0, 0), (0.05, -1.3)], COLOURS["green"], 0.1)
    _oval(pencil, x + 0.28 * u, y - 0.45 * u, 0.27 * u, 0.11 * u, COLOURS["green"])
    for step in range(7):
        angle = step * math.tau / 7
        px, py = x + math.cos(angle) * 0.38 * u, y + (math.sin(angle) * 0.38 - 1.5) * u
        _oval(pencil, px, py, 0.25 * u, 0.25 * u, colour)
    _oval(pencil, x, y - 1.5 * u, 0.24 * u, 0.24 * u, COLOURS["golden"])


def _car(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    cabin = [(-1.0, -0.9), (-0.6, -1.6), (0.6, -1.6), (1.1, -0.9)]
    _shape(pencil, x, y, u, cabin, _blend(colour, INK, 0.12))
    for glass in (
        [(-0.8, -0.92), (-0.5, -1.45), (-0.06, -1.45), (-0.06, -0.92)],
        [(0.06, -0.92), (0.06, -1.45), (0.5, -1.45), (0.85, -0.92)],
    ):
        _shape(pencil, x, y, u, glass, (190, 225, 240))
    body = (x - 1.7 * u, y - u, x + 1.7 * u, y - 0.25 * u)
    pencil.rounded_rectangle(body, radius=0.3 * u, fill=colour)
    for wheel in (-1.0, 1.0):
        _oval(pencil, x + wheel * u, y - 0.25 * u, 0.38 * u, 0.38 * u, INK)
        _oval(
            pencil, x + wheel * u, y - 0.25 * u, 0.16 * u, 0.16 * u, COLOURS["silver"]
        )


def _heart(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    curve = [
        (
            1.5 * math.sin(t) ** 3,
            -1.2
            - 1.2 * math.cos(t)
            + 0.46 * math.cos(2 * t)
            + 0.18 * math.cos(3 * t)
            + 0.09 * math.cos(4 * t),
        )
        for t in (step * math.tau / 90 for step in range(90))
    ]
    _shape(pencil, x, y, u, curve, colour)
    _oval(
        pencil,
        x - 0.65 * u,
        y - 1.95 * u,
        0.28 * u,
        0.2 * u,
        _blend(colour, WHITE, 0.5),
    )


def _fish(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    y -= u
    _shape(pencil, x, y, u, [(-1.0, 0), (-2.0, -0.8), (-1.7, 0), (-2.0, 0.8)], colour)
    _shape(pencil, x, y, u, [(-0.5, -0.6), (0.3, -1.25), (0.5, -0.6)], colour)
    _oval(pencil, x, y, 1.3 * u, 0.85 * u, colour)
    for dx in (-0.35, 0.15):
        stripe = (x + (dx - 0.13) * u, y - 0.7 * u, x + (dx + 0.13) * u, y + 0.7 * u)
        pencil.ellipse(stripe, fill=_blend(colour, WHITE, 0.5))
    _oval(pencil, x + 0.75 * u, y - 0.2 * u, 0.2 * u, 0.2 * u, WHITE)
    _oval(pencil, x + 0.8 * u, y - 0.2 * u, 0.11 * u, 0.11 * u, INK)


def _robot(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    dark = _blend(colour, INK, 0.3)
    _line(pencil, x, y, u, [(0, -2.5), (0, -3.1)], dark, 0.1)
    _oval(pencil, x, y - 3.15 * u, 0.18 * u, 0.18 * u, COLOURS["red"])
    for side in (-1, 1):
        arm = [(side * 0.9, -1.1), (side * 1.4, -0.8), (side * 1.35, -0.2)]
        _line(pencil, x, y, u, arm, dark, 0.24)
    body = (x - 0.95 * u, y - 1.35 * u, x + 0.95 * u, y)
    pencil.rounded_rectangle(body, radius=0.25 * u, fill=colour)
    head = (x - 1.05 * u, y - 2.6 * u, x + 1.05 * u, y - 1.25 * u)
    pencil.rounded_rectangle(head, radius=0.35 * u, fill=_blend(colour, WHITE, 0.25))
    for side in (-0.45, 0.45):
        _oval(pencil, x + side * u, y - 2.05 * u, 0.24 * u, 0.24 * u, INK)
        _oval(pencil, x + side * u, y - 2.05 * u, 0.14 * u, 0.14 * u, (120, 220, 230))
    _line(pencil, x, y, u, [(-0.4, -1.55), (0.4, -1.55)], INK, 0.09)
    for dx, name in ((-0.4, "red"), (0, "yellow"), (0.4, "green")):
        _oval(pencil, x + dx * u, y - 0.7 * u, 0.14 * u, 0.14 * u, COLOURS[name])


def _animal(
    ears: str, muzzle: Colour | None = None, trim: Colour | None = None
) -> Drawing:
    """A sitting animal seen from the front; `ears` tells which kind.

    `muzzle` and `trim` (feet and ears) are shades of the fur unless given.
    """

    def drawing(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
        dark = trim or _blend(colour, INK, 0.28)
        light = muzzle or _blend(colour, WHITE, 0.55)
        inner = _blend(colour, COLOURS["pink"], 0.6)
        _oval(pencil, x, y - 0.75 * u, 0.95 * u, 1.05 * u, colour)
        _oval(pencil, x, y - 0.55 * u, 0.55 * u, 0.75 * u, light)
        for side in (-1, 1):
            _oval(pencil, x + side * 0.42 * u, y + 0.16 * u, 0.36 * u, 0.18 * u, dark)
            if ears == "pointed":
                outer = [(side * 0.25, -2.9), (side * 0.95, -3.55), (side * 1.1, -2.3)]
                fold = [(side * 0.5, -2.9), (side * 0.87, -3.25), (side * 0.97, -2.6)]
                _shape(pencil, x, y, u, outer, colour)
                _shape(pencil, x, y, u, fold, inner)
            elif ears == "long":
                ex, ey = x + side * 0.45 * u, y - 3.7 * u
                _oval(pencil, ex, ey, 0.27 * u, 0.95 * u, colour)
                _oval(pencil, ex, ey, 0.14 * u, 0.7 * u, inner)
            elif ears == "round":
                ex, ey = x + side * 0.82 * u, y - 3.0 * u
                _oval(pencil, ex, ey, 0.36 * u, 0.36 * u, dark)
                _oval(pencil, ex, ey, 0.2 * u, 0.2 * u, inner)
            elif ears == "small":
                _oval(
                    pencil, x + side * 1.0 * u, y - 2.65 * u, 0.22 * u, 0.22 * u, dark
                )
        _oval(pencil, x, y - 2.25 * u, 1.15 * u, 0.98 * u, colour)
        if ears == "floppy":
            for side in (-1, 1):
                _oval(pencil, x + side * 1.05 * u, y - 2.2 * u, 0.3 * u, 0.75 * u, dark)
        _face(pencil, x, y, u, light)

    return drawing


def _face(pencil: "Pencil", x: float, y: float, u: float, light: Colour) -> None:
    """Muzzle, eyes, nose, mouth and whiskers of an animal."""
    for side in (-1, 1):
        _oval(pencil, x + side * 0.27 * u, y - 1.88 * u, 0.38 * u, 0.32 * u, light)
    for side in (-1, 1):
        ex = x + side * 0.45 * u
        _oval(pencil, ex, y - 2.42 * u, 0.16 * u, 0.19 * u, INK)
        _oval(pencil, ex + 0.05 * u, y - 2.48 * u, 0.055 * u, 0.055 * u, WHITE)
        for tilt in (-0.14, 0.02, 0.18):
            hair = [(side * 0.5, -1.88 + tilt / 3), (side * 1.25, -1.95 + tilt)]
            _line(pencil, x, y, u, hair, _blend(INK, light, 0.3), 0.025)
        mouth = [(0, -1.9), (0, -1.72), (side * 0.13, -1.68), (side * 0.25, -1.76)]
        _line(pencil, x, y, u, mouth, INK, 0.045)
    _oval(pencil, x, y - 2.02 * u, 0.17 * u, 0.12 * u, INK)


def _tabby(pencil: "Pencil", x: float, y: float, u: float) -> None:
    for dx in (-0.25, 0, 0.25):
        stripe = [(dx - 0.06, -3.12), (dx + 0.06, -3.12), (dx, -2.7)]
        _shape(pencil, x, y, u, stripe, (92, 92, 98))
    for side in (-1, 1):
        for dy in (-1.1, -0.75, -0.4):
            stripe = [
                (side * 0.92, dy),
                (side * 0.6, dy + 0.06),
                (side * 0.93, dy + 0.14),
            ]
            _shape(pencil, x, y, u, stripe, (92, 92, 98))


def _scarf(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    dark = _blend(colour, INK, 0.18)
    tail = [(0.3, -1.3), (0.75, -1.3), (0.85, -0.3), (0.4, -0.25)]
    _shape(pencil, x, y, u, tail, dark)
    box = (x - 0.95 * u, y - 1.55 * u, x + 0.95 * u, y - 1.1 * u)
    pencil.rounded_rectangle(box, radius=0.22 * u, fill=colour)


BROWN_FUR: Colour = (134, 96, 68)
THINGS = (
    Thing("rainbow", "rainbows?", "far", WHITE, _rainbow),
    Thing("sun", "sun|sunny|sunset|sunrise|sunshine", "sky", (255, 200, 87), _sun),
    Thing("moon", "moon|moonlit", "sky", (245, 238, 205), _moon),
    Thing("clouds", "clouds?|cloudy|sky", "sky", WHITE, _cloud),
    Thing("hot-air balloon", "balloons?", "sky", COLOURS["red"], _balloon),
    Thing("rocket", "rockets?|spaceships?", "sky", COLOURS["red"], _rocket),
    Thing("mountains", "mountains?|alps|hills?", "far", (122, 134, 158), _mountain),
    Thing(
        "city", "city|cities|skyline|town|skyscrapers?", "far", (96, 108, 136), _city
    ),
    Thing("trees", "trees?|forest|woods?|park|jungle", "middle", (84, 148, 88), _tree),
    Thing(
        "house",
        "houses?|home|cottage|cabin|hut|farm",
        "middle",
        (240, 220, 190),
        _house,
    ),
    Thing("boat", "boats?|ships?|sailboats?|yacht", "middle", COLOURS["red"], _boat),
    Thing(
        "flowers",
        "flowers?|tulips?|roses?|garden|meadow",
        "middle",
        (232, 120, 150),
        _flower,
    ),
    Thing("car", "cars?|taxi|automobile|van", "front", COLOURS["blue"], _car),
    Thing("heart", "hearts?|love", "front", COLOURS["red"], _heart),
    Thing("fish", "fish|fishes|goldfish", "front", COLOURS["orange"], _fish),
    Thing("robot", "robots?|android", "front", (150, 176, 196), _robot),
    Thing(
        "bird",
        "birds?|parrots?|sparrows?|robins?|puffins?",
        "front",
        COLOURS["blue"],
        _bird,
    ),
    Thing("cat", "cats?|kittens?|kitty", "front", (222, 170, 112), _animal("pointed")),
    Thing("dog", "dogs?|puppy|puppies", "front", (205, 160, 110), _animal("floppy")),
    Thing("otter", "otters?", "front", BROWN_FUR, _animal("small", (222, 196, 164))),
    Thing("fox", "fox|foxes", "front", (226, 120, 54), _animal("pointed", WHITE)),
    Thing("bear", "bears?|teddy", "front", BROWN_FUR, _animal("round")),
    Thing("panda", "pandas?", "front", (244, 244, 240), _animal("round", WHITE, INK)),
    Thing(
        "rabbit",
        "rabbits?|bunny|bunnies|hare",
        "front",
        (214, 204, 196),
        _animal("long"),
    ),
    Thing("mouse", "mouse|mice|hamsters?", "front", (176, 170, 172), _animal("round")),
)
ANIMALS = ("cat", "dog", "otter", "fox", "bear", "panda", "rabbit", "mouse")


def _found(text: str) -> list[tuple[Thing, Colour]]:
    """The things that a prompt names, each with its colour, in the prompt's order."""
    found: list[tuple[int, Thing, Colour]] = []
    for thing in THINGS:
        match = re.search(rf"\b(?:{thing.words})\b", text)
        if match:
            colour = _colour_before(text, match.start()) or thing.colour
            found.append((match.start(), thing, colour))
    found.sort(key=lambda entry: entry[0])
    return [(thing, colour) for _, thing, colour in found]


def _colour_before(text: str, place: int) -> Colour | None:
    """The colour that one of the last two words names: "gray tabby" of a cat."""
    words = re.findall(r"[a-z]+", text[max(place - 40, 0) : place])[-2:]
    named = [COLOURS[word] for word in words if word in COLOURS]
    return named[-1] if named else None


# --- the scene -----------------------------------------------------------------------


def _pixels(size: str) -> tuple[int, int]:
    if size not in SIZES:
        raise ValueError(f"size is one of {', '.join(SIZES)}")
    width, height = ("1024x1024" if size == "auto" else size).split("x")
    return int(width), int(height)


NIGHT = "night|moon|moonlit|stars?|starry|space|galaxy|midnight|rockets?|spaceships?"
EVENING = "sunset|sunrise|dusk|dawn|evening"
GREY = "rain|rainy|storm|stormy|fog|foggy"
SEA = (
    "sea|ocean|beach|lake|river|water|waves?|boats?|ships?|sailboats?|yacht|island|fish"
)
SNOW = "snow|snowy|winter|ice|christmas"
SAND = "desert|sand|sahara|mars"


def _sky(scene: Scene) -> "Image.Image":
    """The canvas: two colours that run into each other from top to bottom."""
    from PIL import Image

    if scene.says(NIGHT):
        top, bottom = (24, 30, 66), (86, 84, 140)
    elif scene.says(EVENING):
        top, bottom = (96, 88, 150), (255, 190, 130)
    elif scene.says(GREY):
        top, bottom = (128, 140, 156), (206, 212, 216)
    else:
        top, bottom = scene.chance.choice(
            (
                ((142, 198, 232), (240, 244, 232)),
                ((168, 206, 236), (252, 238, 222)),
                ((150, 208, 214), (246, 246, 224)),
            )
        )
    ramp = Image.new("RGB", (1, 64))
    for row in range(64):
        ramp.putpixel((0, row), _blend(top, bottom, min(1, row / 40)))
    return ramp.resize((scene.width, scene.height), Image.Resampling.BILINEAR)


def _compose(scene: Scene, pencil: "Pencil", clear: bool) -> None:
    """Draw the things of the prompt, the far ones first."""
    found = _found(scene.text)
    if not clear:
        if scene.says(NIGHT):
            _stars(scene, pencil)
        elif not any(thing.name == "clouds" for thing, _ in found):
            _weather(scene, pencil)
    places = {
        place: [(thing, colour) for thing, colour in found if thing.place == place]
        for place in ("sky", "far", "middle", "front")
    }
    _high(scene, pencil, places["sky"], alone=len(places["sky"]) == len(found))
    for thing, colour in places["far"]:
        u = scene.unit * scene.width / min(scene.width, scene.height)
        thing.drawing(pencil, scene.width / 2, scene.horizon + 2, u, colour)
    if not found and not scene.says(f"{SEA}|{SNOW}|{SAND}|{NIGHT}"):
        _hills(scene, pencil)
    elif not clear:
        _ground(scene, pencil, hills=not places["far"])
    _middle(scene, pencil, places["middle"], alone=not places["front"])
    _front(scene, pencil, places["front"][:3])


def _high(
    scene: Scene,
    pencil: "Pencil",
    things: list[tuple[Thing, Colour]],
    alone: bool,
) -> None:
    """What is in the sky: to the right and left, or alone and large in the middle."""
    for index, (thing, colour) in enumerate(things):
        x = scene.width * (0.8 - 0.58 * (index % 2) - 0.06 * index)
        y = scene.height * (0.17 + 0.06 * (index % 3))
        u = scene.unit * 0.85
        if thing.name == "sun" and scene.says(EVENING):
            x, y, u = scene.width * 0.7, scene.horizon - u * 0.5, u * 1.2
        elif alone and len(things) == 1:
            x, y, u = scene.width / 2, scene.height * 0.32, u * 1.5
        thing.drawing(pencil, x, y, u, colour)
        if thing.name == "clouds":
            thing.drawing(pencil, scene.width * 0.25, y * 1.4, scene.unit * 0.7, colour)


def _stars(scene: Scene, pencil: "Pencil") -> None:
    for _ in range(70):
        x = scene.chance.random() * scene.width
        y = scene.chance.random() * scene.horizon
        r = scene.unit * scene.chance.choice((0.015, 0.025, 0.04))
        _oval(pencil, x, y, r, r, (250, 244, 214))


def _weather(scene: Scene, pencil: "Pencil") -> None:
    shade = (228, 232, 236) if scene.says(GREY) else WHITE
    for at in (0.16, 0.62):
        x = (at + scene.chance.random() * 0.15) * scene.width
        y = (0.1 + scene.chance.random() * 0.12) * scene.height
        _cloud(pencil, x, y, scene.unit * 0.6, shade)


def _ground(scene: Scene, pencil: "Pencil", hills: bool) -> None:
    """Sea, snow, sand or grass; and hills at the horizon if nothing else is there."""
    width, height, horizon = scene.width, scene.height, scene.horizon
    if scene.says(SNOW):
        near = (238, 243, 248)
    elif scene.says(SAND):
        near = (232, 204, 150)
    elif scene.says(SEA):
        near = (58, 128, 176)
    else:
        near = scene.chance.choice(((134, 186, 112), (150, 190, 108), (118, 180, 124)))
    if scene.says(NIGHT):
        near = _blend(near, (30, 34, 70), 0.5)
    if scene.says(SEA):
        pencil.rectangle((0, horizon, width, height), fill=near)
        for row in range(9):
            y = horizon + (row + 0.6) ** 1.35 * scene.unit * 0.2
            for column in range(5):
                x = (column * 0.23 + (row % 2) * 0.11 + 0.03) * width
                long = scene.unit * (0.5 + 0.09 * row)
                wave = _blend(near, WHITE, 0.28)
                thick = round(scene.unit * 0.04)
                pencil.line((x, y, x + long, y), fill=wave, width=thick)
        if scene.says("beach|island|sand"):
            box = (-width * 0.3, height * 0.76, width * 1.3, height * 1.3)
            pencil.ellipse(box, fill=(238, 214, 164))
        return
    if hills:
        for step, (at, wide) in enumerate(((0.2, 0.75), (0.85, 0.7))):
            far = _blend(near, (150, 190, 210), 0.45 - 0.2 * step)
            ry = height * 0.16
            _oval(pencil, at * width, horizon + ry * 0.75, wide * width, ry, far)
    _oval(pencil, width * 0.45, height * 1.12, width * 1.1, height * 0.535, near)


def _hills(scene: Scene, pencil: "Pencil") -> None:
    """A picture for a prompt that names nothing known: a low sun over rolling hills."""
    words = re.findall(r"[a-z]+", scene.text)
    colours = [COLOURS[word] for word in words if word in COLOURS][:4]
    if not colours:
        names = ("teal", "orange", "pink", "blue", "green", "purple", "golden", "red")
        colours = [COLOURS[name] for name in scene.chance.sample(names, 3)]
    r = scene.unit * 1.6
    at = scene.width * scene.chance.choice((0.3, 0.5, 0.7))
    _oval(pencil, at, scene.height * 0.36, r, r, (255, 214, 130))
    for step in range(6):
        colour = _blend(colours[step % len(colours)], WHITE, 0.5 - 0.1 * step)
        high, low = scene.chance.random() * math.tau, scene.chance.random() * math.tau
        base = scene.height * (0.42 + 0.085 * step)
        ridge = [
            (
                scene.width * column / 48,
                base
                + scene.unit * 0.5 * math.sin(high + column / 7)
                + scene.unit * 0.2 * math.sin(low + column / 3),
            )
            for column in range(49)
        ]
        corners = [(scene.width, scene.height), (0, scene.height)]
        pencil.polygon([*ridge, *corners], fill=colour)


def _middle(
    scene: Scene,
    pencil: "Pencil",
    things: list[tuple[Thing, Colour]],
    alone: bool,
) -> None:
    """What stands on the ground: large in the middle if nothing is in front of it."""
    several = ("trees", "flowers")
    for thing, colour in sorted(things, key=lambda entry: entry[0].name not in several):
        u = scene.unit * (1.25 if alone else 0.95)
        y = scene.horizon + scene.unit * 0.9
        if thing.name == "trees":
            spots = (0.08, 0.2, 0.33, 0.7, 0.82, 0.94)
        elif thing.name == "flowers":
            spots = (0.06, 0.16, 0.28, 0.4, 0.6, 0.73, 0.85, 0.95)
            u, y = u * 0.75, y + scene.unit * 0.9
        else:
            singles = [t for t, _ in things if t.name not in several]
            at = (singles.index(thing) + 1) / (len(singles) + 1)
            spots = (at if alone else 0.14 + 0.72 * (singles.index(thing) % 2),)
        for index, spot in enumerate(spots):
            drop = scene.unit * 0.25 * (index % 2)
            shade = _blend(colour, WHITE, 0.12 * (index % 3) * (len(spots) > 1))
            thing.drawing(pencil, spot * scene.width, y + drop, u, shade)


def _front(scene: Scene, pencil: "Pencil", things: list[tuple[Thing, Colour]]) -> None:
    """The subjects, side by side and close together."""
    u = scene.unit * (1.5, 1.42, 1.1)[max(len(things) - 1, 0)]
    gap = u * (1.95 if scene.says("hugs?|hugging|cuddling|kissing") else 2.5)
    y = scene.height * 0.775
    spots = [
        (scene.width / 2 + (index - (len(things) - 1) / 2) * gap, thing, colour)
        for index, (thing, colour) in enumerate(things)
    ]
    for x, thing, colour in spots:
        lift = u * {"bird": 1.2, "fish": -0.5}.get(thing.name, 0)
        thing.drawing(pencil, x, y - lift, u, colour)
        if thing.name == "cat" and scene.says("tabby|striped|tiger"):
            _tabby(pencil, x, y, u)
        if thing.name == "panda":
            _panda_patches(pencil, x, y, u)
    wearers = [x for x, thing, _ in spots if thing.name in ANIMALS]
    scarf = re.search(r"\bscar(?:f|ves)\b", scene.text)
    if wearers and scarf:
        colour = _colour_before(scene.text, scarf.start()) or COLOURS["red"]
        _scarf(pencil, wearers[-1], y, u, colour)


def _panda_patches(pencil: "Pencil", x: float, y: float, u: float) -> None:
    for side in (-1, 1):
        ex = x + side * 0.45 * u
        _oval(pencil, ex, y - 2.38 * u, 0.3 * u, 0.34 * u, INK)
        _oval(pencil, ex, y - 2.42 * u, 0.13 * u, 0.15 * u, WHITE)
        _oval(pencil, ex, y - 2.42 * u, 0.08 * u, 0.1 * u, INK)


# --- caption and file ----------------------------------------------------------------


def _subject(prompt: str) -> str:
    """What the picture is to show: the prompt without "please draw me a picture of"."""
    text = " ".join(prompt[:MAX_PROMPT].split())
    lead = (
        r"^(?:(?:please|can you|could you|i want you to|hi|hello)[,\s]+)*"
        r"(?:(?:draw|paint|sketch|illustrate|generate|create|make|produce|render|design|"
        r"give|show)\b\s*(?:me|us)?\s*)?"
        r"(?:(?:an?|the|some)\s+)?"
        r"(?:(?:image|picture|photo|drawing|illustration|painting|sketch)s?\s+of\s+)?"
    )
    shorter = re.sub(lead, "", text, count=1, flags=re.IGNORECASE)
    return shorter.strip(" .!?") or text.strip(" .!?")


def _caption(image: "Image.Image", subject: str) -> None:
    """Write what the picture shows on a card at its foot."""
    from PIL import ImageDraw, ImageFont

    pencil = ImageDraw.Draw(image)
    large, small = ImageFont.load_default(30), ImageFont.load_default(18)
    # The built-in font has ASCII alone: accents go, other alphabets can't be shown.
    plain = unicodedata.normalize("NFKD", subject.translate(QUOTES))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    text = "".join(c if c.isascii() else "?" for c in plain)
    if text.count("?") > len(text) / 3:
        text = ""
    elif text:
        text = text[0].upper() + text[1:]
    lines = _wrapped(text, large, image.width - 160)
    top = image.height - 84 - 38 * len(lines)
    card = (32, top, image.width - 32, image.height - 28)
    pencil.rounded_rectangle(card, radius=22, fill=PAPER)
    for index, line in enumerate(lines):
        place = (image.width / 2, top + 36 + 38 * index)
        pencil.text(place, line, fill=INK, font=large, anchor="mm")
    place = (image.width / 2, image.height - 50)
    pencil.text(place, SIGNATURE, fill=(140, 132, 128), font=small, anchor="mm")


def _wrapped(text: str, font: "Font", width: float) -> list[str]:
    """The text in lines that fit; what is too much ends in an ellipsis."""
    lines: list[str] = []
    for word in text[:400].split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        elif len(lines) == CAPTION_LINES:
            lines[-1] += " ..."
            break
        else:
            lines.append(word)
    return [_shortened(line, font, width) for line in lines]


def _shortened(line: str, font: "Font", width: float) -> str:
    while line and font.getlength(line) > width:
        line = line.removesuffix("...")[:-2] + "..."
    return line


def _encoded(image: "Image.Image", output_format: str) -> bytes:
    file = io.BytesIO()
    if output_format == "jpeg":
        if image.mode == "RGBA":
            from PIL import Image

            paper = Image.new("RGB", image.size, WHITE)
            paper.paste(image, mask=image)
            image = paper
        image.save(file, "JPEG", quality=88)
    elif output_format == "webp":
        image.save(file, "WEBP", quality=85, method=0)
    elif output_format == "png":
        image.save(file, "PNG", compress_level=6)
    else:
        raise ValueError("output_format is png, jpeg or webp")
    return file.getvalue()
