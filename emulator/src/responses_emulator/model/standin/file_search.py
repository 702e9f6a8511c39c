"""When the stand-in searches files, and what it says of the passages found."""

from collections.abc import Iterator

from responses_emulator.model.items import Item
from responses_emulator.model.standin import document_answers
from responses_emulator.model.standin.formatted import formatted
from responses_emulator.model.steps import Call, Result, Step, Text
from responses_emulator.model.turn import Turn
from responses_emulator.tools import Hit


def calls(turn: Turn, _tool: Item) -> Iterator[Call]:
    """One search, for the whole prompt."""
    yield Call("file_search", {"queries": [turn.prompt]})


def answer(turn: Turn, result: Result) -> Iterator[Step]:
    """What the passages say, with the files that it is from."""
    hits: list[Hit] = result.found
    words = document_answers.answer_from(turn.prompt, [hit.text for hit in hits])
    if not words:
        yield Text(formatted(turn, "The files do not say anything about that."))
        return
    annotations = tuple(
        {
            "type": "file_citation",
            "file_id": hit.file_id,
            "filename": hit.filename,
            "index": len(words) - 1,
        }
        for hit in _cited(words, hits)
    )
    yield Text(formatted(turn, words), annotations)


def _cited(words: str, hits: list[Hit]) -> list[Hit]:
    """The best passage of each file that the answer's words come from."""
    lines = {line.strip(" -\u2022") for line in words.splitlines() if len(line) > 20}
    by_file: dict[str, Hit] = {}
    for hit in hits:
        if any(line in hit.text for line in lines):
            by_file.setdefault(hit.file_id, hit)
    return list(by_file.values()) or hits[:1]
