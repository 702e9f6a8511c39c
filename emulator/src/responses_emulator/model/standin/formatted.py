"""What the stand-in says, in the format that a turn asks for."""

import re

import orjson

from responses_emulator.model.items import Item, text_of
from responses_emulator.model.prompt import spans
from responses_emulator.model.prompt.properties import Property, Source
from responses_emulator.model.prompt.property_texts import text_for
from responses_emulator.model.prompt.spans import MAX_LIST, MAX_PROMPT
from responses_emulator.model.prompt.words import lazy_pattern, plain, sentences
from responses_emulator.model.turn import Turn
from responses_emulator.model.values import schema

_KEYS = lazy_pattern(
    r"\b(?:keys?|fields?|propert(?:y|ies)|attributes?)\b", re.IGNORECASE
)


def formatted(turn: Turn, words: str) -> str:
    """The words in the format that the turn asks for: as they are, or as JSON."""
    if turn.format["type"] == "text":
        return words
    shape = turn.format.get("schema", {})
    if turn.format["type"] == "json_object":
        return orjson.dumps(_object(turn, words)).decode()
    # Earlier turns and documents belong to what the values are drawn from.
    pages = [page for document in turn.documents for page in document.pages]
    try:
        value = schema.fill(shape, "\n".join([turn.prompt, *pages]))
    except schema.OverBound:  # to find out what the pages have of it
        value = schema.fill(shape, turn.prompt)
    return orjson.dumps(value).decode()


def _object(turn: Turn, words: str) -> Item:
    """An object with the keys that the request asks for; else the words alone."""
    told = [turn.instructions or "", *(text_of(i) for i in turn.items if "role" in i)]
    keys = _keys_asked_for("\n".join(told))
    drawn_from = Source.of(spans.without_quotes(plain(turn.prompt)))
    drawn = {key: text_for(drawn_from, Property(key)) or words for key in keys}
    return drawn or {"answer": words}


def _keys_asked_for(text: str) -> list[str]:
    """The keys that a text wants of a JSON object.

    They are those of an object that it shows, or what it quotes, or lists, beside the
    word "key".
    """
    text = plain(text[-MAX_PROMPT:])
    found: list[str] = []
    if shown := re.search(r"\{\s*\"[^{}]{1,1000}\}", text):
        found = re.findall(r"\"([^\"\n]{1,60})\"\s*:", shown[0])
    for sentence in sentences(text) if not found else []:
        if match := _KEYS().search(sentence):
            after = re.split(r",\s*(?:and\s+)?|\s+and\s+|:\s*", sentence[match.end() :])
            bare = [re.split(r"\s(?:of|for|in|about)\s", part)[0] for part in after]
            found += spans.quotes(sentence) or [part.strip(" .") for part in bare]
    keys = [key for key in found if re.fullmatch(r"[A-Za-z_][\w-]{0,60}", key)]
    return list(dict.fromkeys(keys))[:MAX_LIST]
