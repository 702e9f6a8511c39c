"""Changes to a picture that was drawn before: what a prompt asks for, and what it does.

A picture's file says what is in it, its changes at the end; so the next turn can go on
from the picture alone, wherever it comes from.
"""

import re
from collections.abc import Sequence

from responses_emulator.model.words import lazy_pattern
from responses_emulator.tools.scenery import COLOURS, THINGS, Colour, Thing

CHANGED = "\nThen: "  # before each change in what a file says
MAX_TOLD = 500  # characters of the prompt and of each change
MAX_CHANGES = 6
LEAD = r"\W*(?:(?:now|please|ok|okay|can you|could you|and|then|great|nice)\b\W*)*"
CHANGE = lazy_pattern(
    rf"{LEAD}(?:(?:add|remove|erase|change|replace|put|give|take|edit|modify|recolou?r|"
    r"turn|transform|adjust|let|use|keep)\b|"
    r"(?:make|paint|colou?r|draw) (?:it|the|this|that)\b|"
    r"(?:with|without|the same|same|but)\b)",
    re.IGNORECASE,
)
REMOVES = r"\b(?:remove|erase|take away|without|no)\b[^.,;]{0,30}?\b(?:WORDS)\b"
Found = list[tuple[Thing, Colour]]


def is_change(prompt: str) -> bool:
    """Whether the prompt asks for a change to a picture, and for no new one."""
    new = r"\b(?:new|another|different) (?:image|picture|drawing|photo|illustration)\b"
    return bool(CHANGE().match(prompt)) and not re.search(new, prompt, re.IGNORECASE)


def tell(prompt: str, changes: Sequence[str]) -> str:
    """What a picture's file says of its prompt and the changes since."""
    told = [prompt, *changes[-MAX_CHANGES:]]
    plain = [" ".join(text.split())[:MAX_TOLD].replace("\0", "") for text in told]
    return CHANGED.join(plain).encode("utf-8", "replace").decode()


def told(description: str) -> tuple[str, list[str]]:
    """The prompt and the changes since, from what a picture's file says."""
    prompt, *changes = description.split(CHANGED)
    return prompt, changes


def changed(found: Found, change: str) -> Found:
    """The things of a picture after a change: recoloured, gone, or new ones."""
    text = change.lower()
    named: Found = []
    gone: set[str] = set()
    for thing in THINGS:
        match = re.search(rf"\b(?:{thing.words})\b", text)
        if not match:
            continue
        if re.search(REMOVES.replace("WORDS", thing.words), text):
            gone.add(thing.name)
            continue
        colour = _colour_beside(text, match.start(), match.end())
        old = next((c for t, c in found if t.name == thing.name), thing.colour)
        named.append((thing, colour or old))
    colour = _first_colour(text)
    if not named and not gone and colour and found:
        # "Make it blue": what a picture is of comes first.
        subject = found[0][0]
        named = [(subject, colour)]
    new = {thing.name: (thing, colour) for thing, colour in named}
    kept = [new.pop(t.name, (t, c)) for t, c in found if t.name not in gone]
    return [*kept, *new.values()]


def _colour_beside(text: str, start: int, end: int) -> Colour | None:
    """The colour in the two words before a thing, or in the three after it."""
    before = re.findall(r"[a-z]+", text[max(start - 40, 0) : start])[-2:]
    after = re.findall(r"[a-z]+", re.split(r"[.,;]", text[end : end + 40])[0])[:3]
    named = [COLOURS[word] for word in (*reversed(before), *after) if word in COLOURS]
    return named[0] if named else None


def _first_colour(text: str) -> Colour | None:
    named = [COLOURS[word] for word in re.findall(r"[a-z]+", text) if word in COLOURS]
    return named[0] if named else None
