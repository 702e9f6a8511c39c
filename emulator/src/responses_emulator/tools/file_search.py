"""`file_search`: passages of vector stores."""

from responses_emulator.ids import new_id
from responses_emulator.model.items import Item
from responses_emulator.model.steps import Call, Result
from responses_emulator.tools import Hosted


def cut_off(_call: Call, _tool: Item, _hosted: Hosted) -> Item:
    """The item of a call that was not written to its end, and so is not made."""
    return {
        "id": new_id("fs"),
        "type": "file_search_call",
        "status": "incomplete",
        "queries": [],
        "results": None,
    }


def run(call: Call, tool: Item, hosted: Hosted) -> Result:
    """Search for each of the queries; the best passages come first."""
    queries: list[str] = call.arguments["queries"]
    hits = hosted.search(tool, queries)
    item: Item = {
        "id": new_id("fs"),
        "type": "file_search_call",
        "status": "completed",
        "queries": queries,
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
    return Result(call, (item,), hits)
