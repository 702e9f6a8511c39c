# /// script
# requires-python = ">=3.11"
# dependencies = ["pillow>=12.3,<13"]
# ///
"""Paint book_cover.jpg: the cover of a made-up book, with a kingfisher on it.

Every coordinate is in pixels of the finished cover, 800 wide and 1200 high, with the
origin at the top left. The painting is made SCALE times as large and then
reduced, which smooths its edges. Nothing is random: the same Pillow paints the
same bytes.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont, ImageOps

WIDTH, HEIGHT, SCALE = 800, 1200, 3

TITLE = ("Blue Above", "the Weir")
SUBTITLE = "A year on a quiet river"
AUTHOR = "Tamsin Oakhollow"
PUBLISHER = "REEDWATER PRESS"

INK = "#12303f"
CREAM = "#fdf3dc"
DEEP_BLUE, BLUE, AZURE, ICE = "#0b4f86", "#1478b4", "#25b4d8", "#a5e8f2"
RUST, ORANGE, AMBER = "#c4531a", "#ee8130", "#f9ae55"

Point = tuple[float, float]


def smooth(
    points: Sequence[Point], closed: bool = True, steps: int = 12
) -> list[Point]:
    """Return a curve through the points (Catmull-Rom), as many short lines."""
    count = len(points)
    curve: list[Point] = []
    for i in range(count if closed else count - 1):
        if closed:
            around = [points[(i + k) % count] for k in (-1, 0, 1, 2)]
        else:
            around = [points[min(max(i + k, 0), count - 1)] for k in (-1, 0, 1, 2)]
        a, b, c, d = around
        for step in range(steps):
            t = step / steps
            x, y = (
                b[axis]
                + (c[axis] - a[axis]) * t / 2
                + (2 * a[axis] - 5 * b[axis] + 4 * c[axis] - d[axis]) * t**2 / 2
                + (3 * b[axis] - a[axis] - 3 * c[axis] + d[axis]) * t**3 / 2
                for axis in (0, 1)
            )
            curve.append((x, y))
    return curve if closed else [*curve, points[-1]]


def mask_of(points: Sequence[Point]) -> Image.Image:
    """Return a mask, as large as the canvas, that is white inside the polygon."""
    mask = Image.new("L", (WIDTH * SCALE, HEIGHT * SCALE))
    polygon = [(x * SCALE, y * SCALE) for x, y in points]
    ImageDraw.Draw(mask).polygon(polygon, fill=255)
    return mask


def box_around(points: Sequence[Point], margin: float) -> tuple[int, int, int, int]:
    """Return the part of the canvas that holds the points, with a margin."""
    across, down = zip(*points, strict=True)
    return (
        max(0, int((min(across) - margin) * SCALE)),
        max(0, int((min(down) - margin) * SCALE)),
        min(WIDTH * SCALE, int((max(across) + margin) * SCALE)),
        min(HEIGHT * SCALE, int((max(down) + margin) * SCALE)),
    )


def fill(
    canvas: Image.Image,
    points: Sequence[Point],
    top: str,
    bottom: str | None = None,
    clip: Image.Image | None = None,
    opacity: float = 1,
    soft: float = 0,
) -> None:
    """Fill a polygon with a colour, or with a fade from `top` down to `bottom`.

    It stays inside the mask `clip`, and its own edge is blurred over `soft` pixels.
    """
    # Most shapes are small, and a mask of the whole canvas costs 9 MB each time.
    box = box_around(points, margin=soft + 1)
    mask = Image.new("L", (box[2] - box[0], box[3] - box[1]))
    polygon = [(x * SCALE - box[0], y * SCALE - box[1]) for x, y in points]
    ImageDraw.Draw(mask).polygon(polygon, fill=255)
    if soft:
        mask = mask.filter(ImageFilter.BoxBlur(soft * SCALE))
    if clip:
        mask = ImageChops.darker(mask, clip.crop(box))
    fade = Image.linear_gradient("L").resize(mask.size)
    colours = ImageOps.colorize(fade, top, bottom or top)
    canvas.paste(colours, box, mask.point(lambda value: value * opacity))


def stroke(
    canvas: Image.Image,
    points: Sequence[Point],
    colour: str,
    width: float,
    end: float = 0,
) -> None:
    """Draw a curve through the points that tapers from `width` to `end` pixels."""
    curve = smooth(points, closed=False)
    draw = ImageDraw.Draw(canvas)
    # Round dabs, close together, taper without the gaps that wide lines leave.
    for i, (start, stop) in enumerate(pairwise(curve)):
        radius = (width + (end - width) * i / len(curve)) * SCALE / 2
        dabs = max(2, math.ceil(math.dist(start, stop) * SCALE / max(radius, 1) * 2))
        for dab in range(dabs):
            t = dab / dabs
            x = (start[0] + (stop[0] - start[0]) * t) * SCALE
            y = (start[1] + (stop[1] - start[1]) * t) * SCALE
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def oval(
    x: float, y: float, width: float, height: float, turn: float = 0
) -> list[Point]:
    """Return an ellipse around a centre, turned clockwise by `turn` degrees."""
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    outline: list[Point] = []
    for degrees in range(0, 360, 5):
        across = math.cos(math.radians(degrees)) * width / 2
        along = math.sin(math.radians(degrees)) * height / 2
        outline.append((x + across * cos - along * sin, y + across * sin + along * cos))
    return outline


def rectangle(left: float, top: float, right: float, bottom: float) -> list[Point]:
    """Return the corners of an upright rectangle."""
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def write(
    canvas: Image.Image,
    words: str,
    y: float,
    size: float,
    colour: str,
    gap: float = 0,
    bold: float = 0,
) -> None:
    """Write one centred line whose letters stand on `y`.

    `gap` is extra space between letters, `bold` thickens their strokes.
    """
    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(size=size * SCALE)
    if not gap:
        draw.text(
            (WIDTH / 2 * SCALE, y * SCALE),
            words,
            font=font,
            fill=colour,
            anchor="ms",
            stroke_width=bold * SCALE,
        )
        return
    widths = [draw.textlength(letter, font=font) for letter in words]
    x = (WIDTH * SCALE - sum(widths) - gap * SCALE * (len(words) - 1)) / 2
    for letter, width in zip(words, widths, strict=True):
        draw.text((x, y * SCALE), letter, font=font, fill=colour, anchor="ls")
        x += width + gap * SCALE


def paint_river(canvas: Image.Image) -> None:
    """Paint the morning sky, the sun, the far banks and the water."""
    fill(canvas, rectangle(0, 0, WIDTH, 860), "#f4bd83", "#fdeccb")
    fill(canvas, oval(490, 632, 530, 530), "#ffdf94", "#fff3cf")

    far = [(-20, 800), (90, 742), (210, 758), (330, 722), (470, 750), (600, 706)]
    far = [*far, (720, 728), (830, 700)]
    fill(canvas, [*smooth(far, False), (830, 900), (-20, 900)], "#b9d3bd", "#cfe3d0")
    near = [(-20, 850), (80, 806), (190, 815), (300, 836), (430, 826), (560, 800)]
    near = [*near, (690, 782), (830, 806)]
    fill(canvas, [*smooth(near, False), (830, 900), (-20, 900)], "#7fae9c", "#a5c8b3")

    fill(canvas, rectangle(0, 868, WIDTH, HEIGHT), "#8cc7c4", "#0e4a5e")
    for row in range(10):
        y = 882 + row * 9 + row**2 * 0.9
        spread = 120 + 34 * math.sin(row * 2.1)
        middle = 505 + 22 * math.sin(row * 1.3)
        light = oval(middle, y, spread * 1.7, 3 + row * 0.5)
        fill(canvas, light, "#fff3d3", opacity=0.75 - row * 0.045)
    for row in range(11):
        y = 890 + row * 14
        middle = (row * 337) % 800
        fill(canvas, oval(middle, y, 240, 3), "#d9f1ea", opacity=0.35)
        fill(canvas, oval((middle + 410) % 800, y + 8, 200, 3), "#0b4152", opacity=0.3)


def paint_reed(canvas: Image.Image, foot: Point, tip: Point, colour: str) -> None:
    """Paint one bulrush: a bent stalk, a leaf or two and a brown head."""
    (x, y), (tip_x, tip_y) = foot, tip
    bend = (x + (tip_x - x) * 0.25, (y + tip_y) / 2)
    stroke(canvas, [foot, bend, tip], colour, 7, 3)
    lean = 1 if tip_x > x else -1
    leaf = (x + lean * 75, y - (y - tip_y) * 0.62)
    stroke(canvas, [foot, (x + lean * 12, (y + leaf[1]) / 2), leaf], colour, 11, 1)
    turn = math.degrees(math.atan2(tip_x - bend[0], bend[1] - tip_y))
    fill(canvas, oval(tip_x, tip_y, 21, 92, turn), "#7c4a26", "#4f2d18")
    lean_x = math.sin(math.radians(turn))
    spike = [(tip_x + lean_x * rise, tip_y - rise) for rise in (44, 60, 76)]
    stroke(canvas, spike, colour, 4, 1)


def paint_branch(canvas: Image.Image) -> None:
    """Paint the willow branch on which the bird sits, and its leaves."""
    bough = [(830, 812), (700, 846), (560, 872), (420, 884), (280, 870), (170, 838)]
    stroke(canvas, bough, "#3b2a20", 36, 9)
    stroke(canvas, [(x, y - 5) for x, y in bough], "#6a4c36", 20, 4)
    stroke(canvas, [(x, y - 10) for x, y in bough], "#8d6a4c", 6, 2)
    stroke(canvas, [(300, 874), (245, 905), (205, 955)], "#3b2a20", 11, 4)
    leaves = [
        (174, 840, -62), (182, 843, -128), (206, 954, -160), (214, 944, 128),
        (228, 922, -84), (252, 862, 18), (672, 842, -14), (716, 846, 138),
    ]  # fmt: skip
    for x, y, turn in leaves:
        along = math.radians(turn)
        leaf = [(0, 0), (9, -24), (0, -64), (-9, -24)]
        shape = [
            (
                x + dx * math.cos(along) - dy * math.sin(along),
                y + dx * math.sin(along) + dy * math.cos(along),
            )
            for dx, dy in leaf
        ]
        fill(canvas, smooth(shape), "#6f9a4c", "#3f7344")


def paint_kingfisher(canvas: Image.Image) -> None:
    """Paint the kingfisher, in profile, looking left."""
    tail = [(528, 820), (572, 815), (606, 900), (622, 966), (596, 972), (560, 910)]
    fill(canvas, smooth(tail), BLUE, DEEP_BLUE)
    stroke(canvas, [(556, 850), (584, 910), (608, 964)], AZURE, 4, 2)

    body = [
        (316, 496), (338, 452), (388, 420), (446, 424), (494, 464), (516, 524),
        (548, 592), (578, 680), (588, 765), (572, 838), (530, 866), (470, 856),
        (408, 818), (366, 756), (346, 684), (342, 622), (336, 574), (318, 538),
    ]  # fmt: skip
    inside = mask_of(smooth(body))
    fill(canvas, smooth(body), ORANGE, RUST)
    glow = [(346, 600), (400, 590), (428, 660), (430, 760), (392, 780), (340, 700)]
    fill(canvas, smooth(glow), AMBER, ORANGE, inside, 0.8, soft=22)

    # The back, bright down the middle as a kingfisher's is.
    back = [(470, 470), (530, 500), (620, 700), (600, 860), (548, 850), (500, 640)]
    fill(canvas, smooth(back), AZURE, BLUE, inside)

    throat = [(306, 528), (352, 536), (410, 558), (424, 590), (388, 604), (326, 596)]
    fill(canvas, smooth(throat), "#ffffff", "#d9e2ea", inside)
    cap = [
        (300, 500), (330, 440), (390, 405), (460, 410), (520, 470), (540, 560),
        (508, 580), (474, 530), (440, 508), (400, 490), (360, 484), (324, 500),
    ]  # fmt: skip
    fill(canvas, smooth(cap), BLUE, DEEP_BLUE, inside)
    malar = [(312, 524), (360, 530), (420, 546), (476, 584), (470, 622), (410, 574)]
    fill(canvas, smooth([*malar, (350, 546)]), BLUE, DEEP_BLUE, inside)
    cheek = [(384, 504), (424, 506), (462, 530), (470, 556), (430, 544), (388, 528)]
    fill(canvas, smooth(cheek), ORANGE, RUST, inside)
    fill(canvas, smooth([(318, 502), (346, 496), (356, 512), (326, 518)]), ORANGE)
    collar = [(456, 528), (482, 540), (512, 584), (498, 606), (472, 574)]
    fill(canvas, smooth(collar), "#ffffff", "#dbe4ea", inside)

    for row, (y, start, stop) in enumerate(
        [(440, 376, 462), (456, 352, 486), (472, 338, 502), (488, 428, 514)]
    ):
        for x in range(start + row % 2 * 9, stop, 18):
            fill(canvas, oval(x, y, 10, 4, 12), ICE, clip=inside, opacity=0.85)

    paint_wing(canvas)
    paint_bill_and_eye(canvas)
    paint_feet(canvas)


def paint_wing(canvas: Image.Image) -> None:
    """Paint the folded wing: flight feathers below, spotted coverts above."""
    wing = [
        (446, 590), (500, 588), (552, 640), (588, 730), (606, 830), (612, 908),
        (574, 872), (516, 822), (460, 752), (430, 670),
    ]  # fmt: skip
    inside = mask_of(smooth(wing))
    fill(canvas, smooth(wing), BLUE, DEEP_BLUE)
    for i in range(6):
        start = (452 + i * 17, 718 - i * 5)
        bend = (506 + i * 14, 800 - i * 12)
        stop = (584 + i * 4, 880 - i * 8)
        stroke(canvas, [start, bend, stop], "#083a66", 5, 2)
        stroke(canvas, [(x + 5, y - 4) for x, y in (start, bend, stop)], AZURE, 3, 1)
    coverts = [
        (446, 590), (500, 588), (548, 636), (572, 706), (556, 748), (500, 760),
        (450, 726), (430, 664),
    ]  # fmt: skip
    fill(canvas, smooth(coverts), AZURE, BLUE, inside)
    inside = mask_of(smooth(coverts))
    for row in range(6):
        for column in range(5):
            x = 452 + column * 24 + row * 7 + row % 2 * 8
            y = 616 + row * 23 + column * 3
            scale = oval(x, y, 15, 9, 35)
            fill(canvas, scale, ICE, AZURE, inside, 0.9)


def paint_bill_and_eye(canvas: Image.Image) -> None:
    """Paint the dagger of a bill, and the eye."""
    lower = [(330, 522), (230, 529), (138, 536), (226, 541), (292, 542), (326, 540)]
    upper = [(330, 484), (298, 495), (220, 514), (138, 536), (230, 530), (326, 527)]
    fill(canvas, lower, "#c4512f", "#6b2a1b")
    fill(canvas, [*upper, (342, 518), (341, 496)], "#33434e", "#141c24")
    fill(canvas, oval(372, 501, 38, 38), "#0e1a22")
    fill(canvas, oval(372, 501, 30, 30), "#3a2417", "#150d09")
    fill(canvas, oval(366, 494, 10, 10), "#ffffff")
    fill(canvas, oval(378, 508, 5, 5), "#c9d8dc")


def paint_feet(canvas: Image.Image) -> None:
    """Paint the short red feet around the branch."""
    for x in (446, 492):
        stroke(canvas, [(x + 4, 846), (x, 868)], "#b93a22", 13, 11)
        for toe in (-16, -4, 9):
            tip = (x + toe * 1.3 - 3, 890)
            stroke(canvas, [(x, 866), (x + toe, 868), tip], "#d9502f", 9, 5)


def paint_words(canvas: Image.Image) -> None:
    """Write the title, the subtitle, the author and the publisher."""
    write(canvas, SUBTITLE.upper(), 92, 21, INK, 6)
    write(canvas, TITLE[0], 208, 116, INK, bold=2.2)
    write(canvas, TITLE[1], 322, 116, INK, bold=2.2)
    write(canvas, AUTHOR, 1094, 52, CREAM, bold=0.7)
    write(canvas, PUBLISHER, 1152, 17, CREAM, 5)


def build(path: Path) -> None:
    """Paint the cover and write it to `path` as a JPEG of 800 x 1200 pixels."""
    canvas = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE))
    paint_river(canvas)
    for foot, tip in [((60, 1230), (84, 640)), ((20, 1230), (36, 770))]:
        paint_reed(canvas, foot, tip, "#3f7056")
    for x, tip in [(-8, (52, 900)), (96, (150, 1010)), (4, (-10, 960))]:
        blade = [(x, 1230), (x + 4, (1230 + tip[1]) / 2), tip]
        stroke(canvas, blade, "#1d5350", 16, 1)
    for x, tip in [(812, (770, 905)), (784, (722, 985)), (752, (708, 1075))]:
        blade = [(x, 1230), (x - 4, (1230 + tip[1]) / 2), tip]
        stroke(canvas, blade, "#1d5350", 16, 1)
    paint_branch(canvas)
    paint_kingfisher(canvas)
    paint_words(canvas)
    cover = canvas.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)
    cover.save(path, "JPEG", quality=84, subsampling=0, optimize=True)


if __name__ == "__main__":
    build(Path(__file__).with_suffix(".jpg"))
