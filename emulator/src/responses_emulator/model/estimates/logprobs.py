"""Log probabilities of a text's tokens: plausible, and the same for the same text."""

import math
from zlib import crc32

from responses_emulator.events import tokens
from responses_emulator.model.items import Item

# What the stand-in might have said instead, likelier ones first: as many as can be
# asked for, and one more because a token is no alternative to itself.
ALTERNATIVES = (
    *(" the", " a", " and", " of", " to", " in", " it", " that", " is", " for"),
    *(" as", " on", " with", " this", " so", " an", " by", " or", " at", " not", "."),
)


def of_text(text: str, top: int) -> list[Item]:
    """One entry for each token of a text, each with its `top` likeliest (0 to 20)."""
    return [_of_token(token, top) for token in tokens(text)]


def _of_token(token: str, top: int) -> Item:
    chance = 0.6 + crc32(token.encode()) % 400 / 1000  # 0.6 up to 1
    rest = [other for other in ALTERNATIVES if other != token][: max(top - 1, 0)]
    likeliest = [_entry(token, chance)] if top else []
    for index, other in enumerate(rest):
        likeliest.append(_entry(other, (1 - chance) / 2 ** (index + 1)))
    return {**_entry(token, chance), "top_logprobs": likeliest}


def _entry(token: str, chance: float) -> Item:
    return {
        "token": token,
        "logprob": round(math.log(max(chance, 1e-9)), 6),
        "bytes": list(token.encode()),
    }
