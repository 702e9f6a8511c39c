"""Draws a picture for a prompt: a scene of simple shapes, its colours, its caption.

Deterministic: the same prompt gives the same picture. What the prompt names and this
module can draw is in the scene; a prompt with nothing of that kind gets plain hills. A
change is drawn into the same scene, or over the picture that a caller sent.
"""

import io
import math
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from responses_emulator.model.pictures import MAX_PIXELS
from responses_emulator.model.words import plain, without_accents
from responses_emulator.tools import edits
from responses_emulator.tools.scenery import (
    ANIMALS,
    COLOURS,
    INK,
    THINGS,
    WHITE,
    Colour,
    Thing,
    blend,
    cloud,
    oval,
    panda_patches,
    scarf,
    tabby_stripes,
)

if TYPE_CHECKING:
    from PIL import Image, ImageFont
    from PIL.ImageDraw import ImageDraw as Pencil

    Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

SIZES = ("auto", "1024x1024", "1024x1536", "1536x1024")
SIGNATURE = "drawn by the emulator"
FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
EXIF_COMMENT = 0x9C9C  # a text in UTF-16; all three kinds of file can have it
DRAWN = "Drawn by the emulator: "
MAX_PROMPT = 4_000  # characters that are looked at
FINE = 2  # drawn at twice the size and halved: smooth edges
CAPTION_LINES = 3
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

    `size` is one of SIZES. `background` "transparent" leaves out sky and ground; a jpeg
    can't do that and has white there. `changes` were asked for since the prompt;
    `over` is a picture to draw the prompt's things into, in place of sky and ground.
    """
    from PIL import Image, ImageDraw

    width, height = _pixels(size)
    base = None if over is None else _base(over, width * FINE, height * FINE)
    clear = background == "transparent" or base is not None
    text = _subject(prompt).lower()
    scene = Scene(
        text="\n".join([text, *changes]).lower()[:MAX_PROMPT],
        found=_found(text, changes),
        width=width * FINE,
        height=height * FINE,
        horizon=height * FINE * 0.60,
        chance=random.Random(text.encode("utf-8", "replace")),
    )
    if base is not None:
        image = base
    elif clear:
        image = Image.new("RGBA", (scene.width, scene.height), (*WHITE, 0))
    else:
        image = _sky(scene)
    pencil = ImageDraw.Draw(image)
    _compose(scene, pencil, clear)
    image = image.reduce(FINE)
    subject = "; ".join([_subject(prompt) or prompt, *changes])
    _caption(image, subject)
    return _encoded(image, output_format, DRAWN + edits.tell(prompt, changes))


@dataclass
class Scene:
    """What the drawing functions know: prompt, canvas and a source of chance."""

    text: str  # lower case
    found: list[tuple[Thing, Colour]]
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


def _found(text: str, changes: Sequence[str] = ()) -> list[tuple[Thing, Colour]]:
    """The things that a prompt names, each with its colour, in the prompt's order."""
    found: list[tuple[int, Thing, Colour]] = []
    for thing in THINGS:
        match = re.search(rf"\b(?:{thing.words})\b", text)
        if match:
            colour = _colour_before(text, match.start()) or thing.colour
            found.append((match.start(), thing, colour))
    found.sort(key=lambda entry: entry[0])
    things = [(thing, colour) for _, thing, colour in found]
    for change in changes:
        things = edits.changed(things, change)
    return things


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
        ramp.putpixel((0, row), blend(top, bottom, min(1, row / 40)))
    return ramp.resize((scene.width, scene.height), Image.Resampling.BILINEAR)


def _compose(scene: Scene, pencil: "Pencil", clear: bool) -> None:
    """Draw the things of the prompt, the far ones first."""
    found = scene.found
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
    if not found and not clear and not scene.says(f"{SEA}|{SNOW}|{SAND}|{NIGHT}"):
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
        oval(pencil, x, y, r, r, (250, 244, 214))


def _weather(scene: Scene, pencil: "Pencil") -> None:
    shade = (228, 232, 236) if scene.says(GREY) else WHITE
    for at in (0.16, 0.62):
        x = (at + scene.chance.random() * 0.15) * scene.width
        y = (0.1 + scene.chance.random() * 0.12) * scene.height
        cloud(pencil, x, y, scene.unit * 0.6, shade)


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
        near = blend(near, (30, 34, 70), 0.5)
    if scene.says(SEA):
        pencil.rectangle((0, horizon, width, height), fill=near)
        for row in range(9):
            y = horizon + (row + 0.6) ** 1.35 * scene.unit * 0.2
            for column in range(5):
                x = (column * 0.23 + (row % 2) * 0.11 + 0.03) * width
                long = scene.unit * (0.5 + 0.09 * row)
                wave = blend(near, WHITE, 0.28)
                thick = round(scene.unit * 0.04)
                pencil.line((x, y, x + long, y), fill=wave, width=thick)
        if scene.says("beach|island|sand"):
            box = (-width * 0.3, height * 0.76, width * 1.3, height * 1.3)
            pencil.ellipse(box, fill=(238, 214, 164))
        return
    if hills:
        for step, (at, wide) in enumerate(((0.2, 0.75), (0.85, 0.7))):
            far = blend(near, (150, 190, 210), 0.45 - 0.2 * step)
            ry = height * 0.16
            oval(pencil, at * width, horizon + ry * 0.75, wide * width, ry, far)
    oval(pencil, width * 0.45, height * 1.12, width * 1.1, height * 0.535, near)


def _hills(scene: Scene, pencil: "Pencil") -> None:
    """A picture for a prompt that names nothing known: a low sun over rolling hills."""
    words = re.findall(r"[a-z]+", scene.text)
    colours = [COLOURS[word] for word in words if word in COLOURS][:4]
    if not colours:
        names = ("teal", "orange", "pink", "blue", "green", "purple", "golden", "red")
        colours = [COLOURS[name] for name in scene.chance.sample(names, 3)]
    r = scene.unit * 1.6
    at = scene.width * scene.chance.choice((0.3, 0.5, 0.7))
    oval(pencil, at, scene.height * 0.36, r, r, (255, 214, 130))
    for step in range(6):
        colour = blend(colours[step % len(colours)], WHITE, 0.5 - 0.1 * step)
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
            shade = blend(colour, WHITE, 0.12 * (index % 3) * (len(spots) > 1))
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
            tabby_stripes(pencil, x, y, u)
        if thing.name == "panda":
            panda_patches(pencil, x, y, u)
    wearers = [x for x, thing, _ in spots if thing.name in ANIMALS]
    word = re.search(r"\bscar(?:f|ves)\b", scene.text)
    if wearers and word:
        colour = _colour_before(scene.text, word.start()) or COLOURS["red"]
        scarf(pencil, wearers[-1], y, u, colour)


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
    typed = plain(subject).replace("\u2013", "-")
    bare = without_accents(typed)
    text = "".join(c if c.isascii() else "?" for c in bare)
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
