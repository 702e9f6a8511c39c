"""Ready replies for the samples' own questions: one table, `ready.json`.

An entry has a `match` and a `reply`. All that a match names has to hold:

- `text`: the prompt, but for space around and between its words; or
- `words`: each of these is in the prompt, whole, in upper case or not; or
- `pattern`: a regular expression that is found in it;
- `tools`: the types of the tools that are offered, no more and no fewer;
- `turn`: which of the user's messages it is, the first being 1.

A reply is a `text`; or `output`, output items as the API has them, ids left out; or
`json`, the value for an answer in a format, whose text it becomes.
"""

import re
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from responses_emulator.ids import new_id, short_id
from responses_emulator.model.replies import message
from responses_emulator.model.turn import Item, Turn

TABLE = Path(__file__).with_name("ready.json")
LONGEST = 4_000  # characters; no sample asks a longer question
WITH_CALL_ID = ("function_call", "custom_tool_call")


def find(turn: Turn) -> list[Item] | None:
    """The items that are ready for this turn, or None."""
    if turn.since_prompt or len(turn.prompt) > LONGEST:
        return None
    exact, others = _table()
    prompt = " ".join(turn.prompt.split())
    for entry in (*exact.get(prompt, ()), *others):
        if _fits(entry["reply"], turn) and _matches(entry["match"], turn, prompt):
            return _items(entry["reply"])
    return None


@cache
def _table() -> tuple[dict[str, list[Item]], list[Item]]:
    """The entries by their text, and those that go by words or a pattern."""
    exact: dict[str, list[Item]] = {}
    others: list[Item] = []
    for entry in orjson.loads(TABLE.read_bytes()):
        text = entry["match"].get("text")
        if text is None:
            others.append(entry)
        else:
            exact.setdefault(" ".join(text.split()), []).append(entry)
    return exact, others


def _fits(reply: Item, turn: Turn) -> bool:
    """Whether a reply is what a turn asks for: a call, a text, or JSON."""
    if "output" in reply:
        return True
    is_text = turn.format["type"] == "text"
    return not turn.forced and is_text is ("text" in reply)


def _matches(match: Item, turn: Turn, prompt: str) -> bool:
    low = f" {re.sub(r'[^a-z0-9]+', ' ', prompt.lower())} "
    if not all(f" {word.lower()} " in low for word in match.get("words", ())):
        return False
    if "pattern" in match and not re.search(match["pattern"], prompt):
        return False
    if "tools" in match:
        offered = sorted(tool["type"] for tool in turn.tools)
        if offered != sorted(match["tools"]):
            return False
    return match.get("turn", 1 + len(turn.said_before)) == 1 + len(turn.said_before)


def _items(reply: Item) -> list[Item]:
    if "text" in reply:
        return [message(reply["text"])]
    if "json" in reply:
        return [message(orjson.dumps(reply["json"]).decode())]
    return [_fresh(item) for item in reply["output"]]


def _fresh(item: Item) -> Item:
    if item["type"] == "message" and isinstance(item["content"], str):
        return message(item["content"])
    new: dict[str, Any] = {"id": new_id(_PREFIXES[item["type"]]), **deepcopy(item)}
    if item["type"] in WITH_CALL_ID:
        new |= {"call_id": short_id("call_"), "status": "completed"}
    return new


_PREFIXES = {
    "message": "msg",
    "function_call": "fc",
    "custom_tool_call": "ctc",
    "shell_call": "sh",
    "computer_call": "cu",
    "tool_search_call": "tsc",
    "tool_search_output": "tso",
}
