"""Changes to a picture that was drawn before: what a prompt asks for, and what it does.

A picture's file says what is in it, its changes at the end; so the next turn can go on
from the picture alone, wherever it comes from.
"""

import re
from collections.abc import Sequence

from responses_emulator.model.prompt.words import lazy_pattern

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
