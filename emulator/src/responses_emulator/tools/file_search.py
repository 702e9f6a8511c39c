"""`file_search`: passages of vector stores, and an answer that cites their files."""

from collections.abc import Iterator

from responses_emulator.ids import new_id
from responses_emulator.model import reading
from responses_emulator.model.items import Item
from responses_emulator.model.replies import formatted, message
from responses_emulator.model.turn import Turn
from responses_emulator.tools import Hit, Hosted


def respond(turn: Turn, tool: Item, hosted: Hosted) -> Iterator[Item]:
    """The call, and the message that settles the question."""
    hits = hosted.search(tool, turn.prompt)
    yield {
        "id": new_id("fs"),
        "type": "file_search_call",
        "status": "completed",
        "queries": [turn.prompt],
        "results": [
            {
                "file_id": hit.file_id,
                "filename": hit.filename,
                "score": hit.score,
                "attributes": hit.attributes,
                "text": hit.text,
            }
            for hit in hits
        ],
    }
    words = reading.answer_from(turn.prompt, [hit.text for hit in hits])
    if not words:
        yield message(formatted(turn, "The files do not say anything about that."))
        return
    cited = _cited(words, hits)
    annotations: list[Item] = [
        {
            "type": "file_citation",
            "file_id": hit.file_id,
            "filename": hit.filename,
            "index": len(words) - 1,
        }
        for hit in cited
    ]
    yield message(formatted(turn, words), annotations)


def _cited(words: str, hits: list[Hit]) -> list[Hit]:
    """The best passage of each file that the answer's words come from."""
    lines = {line.strip(" -\u2022") for line in words.splitlines() if len(line) > 20}
    by_file: dict[str, Hit] = {}
    for hit in hits:
        if any(line in hit.text for line in lines):
            by_file.setdefault(hit.file_id, hit)
    return list(by_file.values()) or hits[:1]
