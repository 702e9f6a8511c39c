"""The things that a picture may show, each drawn from a few simple shapes."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw as Pencil

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


def blend(one: Colour, other: Colour, share: float) -> Colour:
    """`one` with a share (0 to 1) of `other`."""
    mixed = [round(a + (b - a) * share) for a, b in zip(one, other, strict=True)]
    return mixed[0], mixed[1], mixed[2]


def oval(
    pencil: "Pencil",
    x: float,
    y: float,
    rx: float,
    ry: float,
    colour: Colour,
) -> None:
    """A filled ellipse around x, y with radii rx and ry."""
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
    oval(pencil, x, y, u, u, colour)


def _moon(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    oval(pencil, x, y, u, u, colour)
    for dx, dy, r in ((-0.3, -0.25, 0.2), (0.35, 0.1, 0.15), (-0.1, 0.45, 0.12)):
        oval(pencil, x + dx * u, y + dy * u, r * u, r * u, blend(colour, INK, 0.12))


def cloud(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    """A cloud, also for a sky that nobody asked to be cloudy."""
    for dx, dy, r in ((-0.9, 0.1, 0.5), (-0.2, -0.2, 0.75), (0.6, 0, 0.6)):
        oval(pencil, x + dx * u, y + dy * u, r * u, r * u, colour)
    box = (x - 1.3 * u, y, x + 1.15 * u, y + 0.6 * u)
    pencil.rounded_rectangle(box, radius=0.3 * u, fill=colour)


def _rainbow(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    bands = ("red", "orange", "yellow", "green", "blue", "purple")
    for index, name in enumerate(bands):
        r = u * (4.6 - index * 0.28)
        band = blend(COLOURS[name], colour, 0.25)
        box = (x - r, y - r, x + r, y + r)
        pencil.arc(box, 180, 360, fill=band, width=round(0.3 * u))


def _bird(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    _shape(pencil, x, y, u, [(-0.7, 0.1), (-1.6, -0.3), (-1.5, 0.35)], colour)
    oval(pencil, x, y, 0.95 * u, 0.6 * u, colour)
    oval(pencil, x + 0.75 * u, y - 0.5 * u, 0.45 * u, 0.45 * u, colour)
    beak = [(1.15, -0.65), (1.65, -0.45), (1.12, -0.3)]
    _shape(pencil, x, y, u, beak, COLOURS["orange"])
    oval(pencil, x + 0.9 * u, y - 0.58 * u, 0.08 * u, 0.08 * u, INK)
    wing = [(-0.5, -0.25), (0.45, -0.15), (-0.1, 0.45), (-0.95, 0.3)]
    _shape(pencil, x, y, u, wing, blend(colour, INK, 0.25))


def _balloon(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    ropes = [(-0.65, 0.7), (-0.25, 1.6), (0.25, 1.6), (0.65, 0.7)]
    _line(pencil, x, y, u, ropes, COLOURS["brown"], 0.05)
    oval(pencil, x, y, u, 1.1 * u, colour)
    oval(pencil, x, y, 0.6 * u, 1.1 * u, blend(colour, WHITE, 0.45))
    oval(pencil, x, y, 0.22 * u, 1.1 * u, colour)
    box = (x - 0.28 * u, y + 1.55 * u, x + 0.28 * u, y + 1.95 * u)
    pencil.rounded_rectangle(box, radius=0.08 * u, fill=COLOURS["brown"])


def _rocket(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    _shape(pencil, x, y, u, [(-0.35, 1.3), (0, 2.3), (0.35, 1.3)], COLOURS["orange"])
    _shape(pencil, x, y, u, [(-0.2, 1.3), (0, 1.8), (0.2, 1.3)], COLOURS["yellow"])
    _shape(pencil, x, y, u, [(-0.5, 0.4), (-1, 1.4), (1, 1.4), (0.5, 0.4)], colour)
    body = (x - 0.55 * u, y - 1.7 * u, x + 0.55 * u, y + 1.9 * u)
    pencil.chord(body, 138, 402, fill=WHITE)
    pencil.chord(body, 225, 315, fill=colour)
    oval(pencil, x, y - 0.2 * u, 0.27 * u, 0.27 * u, INK)
    oval(pencil, x, y - 0.2 * u, 0.19 * u, 0.19 * u, (150, 205, 235))


def _mountain(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    for dx, wide, high, dark in ((-2.6, 2.6, 2.7, 0.12), (2.3, 2.9, 3.1, 0.06)):
        shade = blend(colour, INK, dark)
        _shape(pencil, x + dx * u, y, u, [(-wide, 0), (0, -high), (wide, 0)], shade)
        snow = [(-0.3, 0.7), (0, 1), (0.3, 0.7), (0.1, 0.78), (-0.08, 0.66)]
        cap = [(px * wide, -py * high) for px, py in snow]
        _shape(pencil, x + dx * u, y, u, cap, WHITE)
    _shape(pencil, x, y, u, [(-3.4, 0), (0, -4.2), (3.4, 0)], colour)
    _shape(pencil, x, y, u, [(0, -4.2), (3.4, 0), (0.7, 0)], blend(colour, INK, 0.15))
    cap = [(-1.0, -2.96), (0, -4.2), (1.0, -2.96), (0.4, -3.25), (-0.3, -2.8)]
    _shape(pencil, x, y, u, cap, WHITE)


def _city(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    heights = (1.6, 2.8, 2.0, 3.6, 2.4, 3.1, 1.8, 2.6, 1.5)
    for index, high in enumerate(heights):
        left = x + (index - len(heights) / 2) * 1.05 * u
        shade = blend(colour, INK, 0.1 * (index % 3))
        pencil.rectangle((left, y - high * u, left + u, y), fill=shade)
        for row in range(int(high * 2) - 1):
            for column in range(3):
                wx = left + (0.16 + 0.28 * column) * u
                wy = y - high * u + (0.22 + 0.5 * row) * u
                lit = (index + row * 2 + column) % 3
                glass = COLOURS["yellow"] if lit else blend(shade, INK, 0.3)
                pencil.rectangle((wx, wy, wx + 0.14 * u, wy + 0.24 * u), fill=glass)


def _tree(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    trunk = [(-0.18, 0), (-0.12, -1.4), (0.12, -1.4), (0.18, 0)]
    _shape(pencil, x, y, u, trunk, COLOURS["brown"])
    dark = blend(colour, INK, 0.15)
    for dx, dy, r, shade in (
        (-0.5, -1.5, 0.62, dark),
        (0.5, -1.5, 0.62, dark),
        (0, -2.0, 0.8, colour),
    ):
        oval(pencil, x + dx * u, y + dy * u, r * u, r * u, shade)


def _house(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    pencil.rectangle((x - 1.2 * u, y - 1.5 * u, x + 1.2 * u, y), fill=colour)
    chimney = (x + 0.55 * u, y - 2.6 * u, x + 0.85 * u, y - 1.7 * u)
    pencil.rectangle(chimney, fill=blend(COLOURS["red"], INK, 0.35))
    roof = [(-1.5, -1.5), (0, -2.7), (1.5, -1.5)]
    _shape(pencil, x, y, u, roof, blend(COLOURS["red"], INK, 0.15))
    door = (x - 0.25 * u, y - 0.85 * u, x + 0.25 * u, y)
    pencil.rectangle(door, fill=blend(COLOURS["brown"], INK, 0.2))
    for side in (-0.75, 0.75):
        wx = x + side * u
        box = (wx - 0.25 * u, y - 1.15 * u, wx + 0.25 * u, y - 0.65 * u)
        pencil.rectangle(box, fill=(255, 236, 170))
        cross = blend(colour, INK, 0.4)
        _line(pencil, wx, y - 0.9 * u, u, [(-0.25, 0), (0.25, 0)], cross, 0.05)
        _line(pencil, wx, y - 0.9 * u, u, [(0, -0.25), (0, 0.25)], cross, 0.05)


def _boat(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    _line(pencil, x, y, u, [(0, -0.3), (0, -2.5)], COLOURS["brown"], 0.09)
    _shape(pencil, x, y, u, [(0.1, -2.4), (0.1, -0.6), (1.2, -0.6)], WHITE)
    sail = [(-0.1, -2.1), (-0.1, -0.6), (-0.9, -0.6)]
    _shape(pencil, x, y, u, sail, blend(WHITE, colour, 0.3))
    _shape(
        pencil, x, y, u, [(-1.4, -0.4), (1.4, -0.4), (0.9, 0.3), (-0.9, 0.3)], colour
    )


def _flower(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    _line(pencil, x, y, u, [(0, 0), (0.05, -1.3)], COLOURS["green"], 0.1)
    oval(pencil, x + 0.28 * u, y - 0.45 * u, 0.27 * u, 0.11 * u, COLOURS["green"])
    for step in range(7):
        angle = step * math.tau / 7
        px, py = x + math.cos(angle) * 0.38 * u, y + (math.sin(angle) * 0.38 - 1.5) * u
        oval(pencil, px, py, 0.25 * u, 0.25 * u, colour)
    oval(pencil, x, y - 1.5 * u, 0.24 * u, 0.24 * u, COLOURS["golden"])


def _car(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    cabin = [(-1.0, -0.9), (-0.6, -1.6), (0.6, -1.6), (1.1, -0.9)]
    _shape(pencil, x, y, u, cabin, blend(colour, INK, 0.12))
    for glass in (
        [(-0.8, -0.92), (-0.5, -1.45), (-0.06, -1.45), (-0.06, -0.92)],
        [(0.06, -0.92), (0.06, -1.45), (0.5, -1.45), (0.85, -0.92)],
    ):
        _shape(pencil, x, y, u, glass, (190, 225, 240))
    body = (x - 1.7 * u, y - u, x + 1.7 * u, y - 0.25 * u)
    pencil.rounded_rectangle(body, radius=0.3 * u, fill=colour)
    for wheel in (-1.0, 1.0):
        oval(pencil, x + wheel * u, y - 0.25 * u, 0.38 * u, 0.38 * u, INK)
        oval(pencil, x + wheel * u, y - 0.25 * u, 0.16 * u, 0.16 * u, COLOURS["silver"])


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
    oval(
        pencil,
        x - 0.65 * u,
        y - 1.95 * u,
        0.28 * u,
        0.2 * u,
        blend(colour, WHITE, 0.5),
    )


def _fish(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    y -= u
    _shape(pencil, x, y, u, [(-1.0, 0), (-2.0, -0.8), (-1.7, 0), (-2.0, 0.8)], colour)
    _shape(pencil, x, y, u, [(-0.5, -0.6), (0.3, -1.25), (0.5, -0.6)], colour)
    oval(pencil, x, y, 1.3 * u, 0.85 * u, colour)
    for dx in (-0.35, 0.15):
        stripe = (x + (dx - 0.13) * u, y - 0.7 * u, x + (dx + 0.13) * u, y + 0.7 * u)
        pencil.ellipse(stripe, fill=blend(colour, WHITE, 0.5))
    oval(pencil, x + 0.75 * u, y - 0.2 * u, 0.2 * u, 0.2 * u, WHITE)
    oval(pencil, x + 0.8 * u, y - 0.2 * u, 0.11 * u, 0.11 * u, INK)


def _robot(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    dark = blend(colour, INK, 0.3)
    _line(pencil, x, y, u, [(0, -2.5), (0, -3.1)], dark, 0.1)
    oval(pencil, x, y - 3.15 * u, 0.18 * u, 0.18 * u, COLOURS["red"])
    for side in (-1, 1):
        arm = [(side * 0.9, -1.1), (side * 1.4, -0.8), (side * 1.35, -0.2)]
        _line(pencil, x, y, u, arm, dark, 0.24)
    body = (x - 0.95 * u, y - 1.35 * u, x + 0.95 * u, y)
    pencil.rounded_rectangle(body, radius=0.25 * u, fill=colour)
    head = (x - 1.05 * u, y - 2.6 * u, x + 1.05 * u, y - 1.25 * u)
    pencil.rounded_rectangle(head, radius=0.35 * u, fill=blend(colour, WHITE, 0.25))
    for side in (-0.45, 0.45):
        oval(pencil, x + side * u, y - 2.05 * u, 0.24 * u, 0.24 * u, INK)
        oval(pencil, x + side * u, y - 2.05 * u, 0.14 * u, 0.14 * u, (120, 220, 230))
    _line(pencil, x, y, u, [(-0.4, -1.55), (0.4, -1.55)], INK, 0.09)
    for dx, name in ((-0.4, "red"), (0, "yellow"), (0.4, "green")):
        oval(pencil, x + dx * u, y - 0.7 * u, 0.14 * u, 0.14 * u, COLOURS[name])


def _animal(
    ears: str, muzzle: Colour | None = None, trim: Colour | None = None
) -> Drawing:
    """A sitting animal seen from the front; `ears` tells which kind.

    `muzzle` and `trim` (feet and ears) are shades of the fur unless given.
    """

    def drawing(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
        dark = trim or blend(colour, INK, 0.28)
        light = muzzle or blend(colour, WHITE, 0.55)
        inner = blend(colour, COLOURS["pink"], 0.6)
        oval(pencil, x, y - 0.75 * u, 0.95 * u, 1.05 * u, colour)
        oval(pencil, x, y - 0.55 * u, 0.55 * u, 0.75 * u, light)
        for side in (-1, 1):
            oval(pencil, x + side * 0.42 * u, y + 0.16 * u, 0.36 * u, 0.18 * u, dark)
            if ears == "pointed":
                outer = [(side * 0.25, -2.9), (side * 0.95, -3.55), (side * 1.1, -2.3)]
                fold = [(side * 0.5, -2.9), (side * 0.87, -3.25), (side * 0.97, -2.6)]
                _shape(pencil, x, y, u, outer, colour)
                _shape(pencil, x, y, u, fold, inner)
            elif ears == "long":
                ex, ey = x + side * 0.45 * u, y - 3.7 * u
                oval(pencil, ex, ey, 0.27 * u, 0.95 * u, colour)
                oval(pencil, ex, ey, 0.14 * u, 0.7 * u, inner)
            elif ears == "round":
                ex, ey = x + side * 0.82 * u, y - 3.0 * u
                oval(pencil, ex, ey, 0.36 * u, 0.36 * u, dark)
                oval(pencil, ex, ey, 0.2 * u, 0.2 * u, inner)
            elif ears == "small":
                oval(pencil, x + side * 1.0 * u, y - 2.65 * u, 0.22 * u, 0.22 * u, dark)
        oval(pencil, x, y - 2.25 * u, 1.15 * u, 0.98 * u, colour)
        if ears == "floppy":
            for side in (-1, 1):
                oval(pencil, x + side * 1.05 * u, y - 2.2 * u, 0.3 * u, 0.75 * u, dark)
        _face(pencil, x, y, u, light)

    return drawing


def _face(pencil: "Pencil", x: float, y: float, u: float, light: Colour) -> None:
    """Muzzle, eyes, nose, mouth and whiskers of an animal."""
    for side in (-1, 1):
        oval(pencil, x + side * 0.27 * u, y - 1.88 * u, 0.38 * u, 0.32 * u, light)
    for side in (-1, 1):
        ex = x + side * 0.45 * u
        oval(pencil, ex, y - 2.42 * u, 0.16 * u, 0.19 * u, INK)
        oval(pencil, ex + 0.05 * u, y - 2.48 * u, 0.055 * u, 0.055 * u, WHITE)
        for tilt in (-0.14, 0.02, 0.18):
            hair = [(side * 0.5, -1.88 + tilt / 3), (side * 1.25, -1.95 + tilt)]
            _line(pencil, x, y, u, hair, blend(INK, light, 0.3), 0.025)
        mouth = [(0, -1.9), (0, -1.72), (side * 0.13, -1.68), (side * 0.25, -1.76)]
        _line(pencil, x, y, u, mouth, INK, 0.045)
    oval(pencil, x, y - 2.02 * u, 0.17 * u, 0.12 * u, INK)


def tabby_stripes(pencil: "Pencil", x: float, y: float, u: float) -> None:
    """The stripes of a tabby cat, over the cat."""
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


def scarf(pencil: "Pencil", x: float, y: float, u: float, colour: Colour) -> None:
    """A scarf around an animal's neck."""
    dark = blend(colour, INK, 0.18)
    tail = [(0.3, -1.3), (0.75, -1.3), (0.85, -0.3), (0.4, -0.25)]
    _shape(pencil, x, y, u, tail, dark)
    box = (x - 0.95 * u, y - 1.55 * u, x + 0.95 * u, y - 1.1 * u)
    pencil.rounded_rectangle(box, radius=0.22 * u, fill=colour)


def panda_patches(pencil: "Pencil", x: float, y: float, u: float) -> None:
    """A panda's eyes, in their dark patches."""
    for side in (-1, 1):
        ex = x + side * 0.45 * u
        oval(pencil, ex, y - 2.38 * u, 0.3 * u, 0.34 * u, INK)
        oval(pencil, ex, y - 2.42 * u, 0.13 * u, 0.15 * u, WHITE)
        oval(pencil, ex, y - 2.42 * u, 0.08 * u, 0.1 * u, INK)


BROWN_FUR: Colour = (134, 96, 68)
THINGS = (
    Thing("rainbow", "rainbows?", "far", WHITE, _rainbow),
    Thing("sun", "sun|sunny|sunset|sunrise|sunshine", "sky", (255, 200, 87), _sun),
    Thing("moon", "moon|moonlit", "sky", (245, 238, 205), _moon),
    Thing("clouds", "clouds?|cloudy|sky", "sky", WHITE, cloud),
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
