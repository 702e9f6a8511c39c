"""What the stand-in says, in the format that a turn asks for."""

import orjson

from responses_emulator.model.items import Item, text_of
from responses_emulator.model.prompt import extraction, spans
from responses_emulator.model.prompt.words import plain
from responses_emulator.model.turn import Turn
from responses_emulator.model.values import schema


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
    keys = extraction.keys_asked_for("\n".join(told))
    source = extraction.source(spans.without_quotes(plain(turn.prompt)))
    drawn = {
        key: extraction.text_for(source, extraction.Property(key)) or words
        for key in keys
    }
    return drawn or {"answer": words}
