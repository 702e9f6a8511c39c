"""`computer` and `computer_use_preview`: a scripted, harmless visit to a page.

The stand-in sees nothing on a screenshot. It asks for one, clicks where a search field
might be, types what the prompt is about, presses Enter, and says what it has done. The
newer tool takes several actions in one call, the older one action a call.
"""

import re
from collections.abc import Iterator

from responses_emulator.ids import new_id, short_id
from responses_emulator.model.items import Item
from responses_emulator.model.replies import formatted, message
from responses_emulator.model.turn import Turn
from responses_emulator.model.words import lazy_pattern
from responses_emulator.tools import Hosted

TYPES = ("computer", "computer_use_preview")
NOTE = "Nothing on the screenshots was read: the emulator follows a script."
_WIDTH, _HEIGHT = 1024, 768  # the newer tool does not say how large its display is
_MAX_TYPED = 100  # characters

_WANTED = lazy_pattern(
    r"\b(?:open|click|browse|go to|visit|navigate|search|look up|page|web ?site|screen|"
    r"screenshot|form|type|log in|app|window|browser)\b",
    re.IGNORECASE,
)


def respond(turn: Turn, tool: Item, _hosted: Hosted) -> Iterator[Item]:
    """The next call of the script, or the message that ends it."""
    done = sum(item.get("type") == "computer_call" for item in turn.since_prompt)
    if not (done or turn.forced or _WANTED().search(turn.prompt)):
        return
    batched = tool["type"] != "computer_use_preview"
    steps = _script(
        _typed(turn.prompt),
        tool.get("display_width") or _WIDTH,
        tool.get("display_height") or _HEIGHT,
    )
    if not batched:
        steps = [[action] for step in steps for action in step]
    if done >= len(steps):
        yield message(
            formatted(
                turn,
                f"I searched for “{_typed(turn.prompt)}” on the page that was "
                f"shown. {NOTE}",
            )
        )
        return
    actions = steps[done]
    yield {
        "id": new_id("cu"),
        "type": "computer_call",
        "call_id": short_id("call_"),
        **({"actions": actions} if batched else {"action": actions[0]}),
        "pending_safety_checks": [],
        "status": "completed",
    }


def _script(words: str, width: int, height: int) -> list[list[Item]]:
    field = {"x": width // 2, "y": height // 4}
    return [
        [{"type": "screenshot"}],
        [
            {"type": "click", "button": "left", **field},
            {"type": "type", "text": words},
            {"type": "keypress", "keys": ["ENTER"]},
        ],
        [{"type": "wait"}, {"type": "screenshot"}],
    ]


def _typed(prompt: str) -> str:
    """What the script types: the quoted words, those after "search for", or all."""
    quoted = re.search(r"[\"“]([^\"”\n]+)[\"”]", prompt)
    sought = re.search(r"\b(?:search for|look up|find) ([^.?!\n]+)", prompt, re.I)
    found = quoted or sought
    words = found[1] if found else prompt
    return " ".join(words.split())[:_MAX_TYPED] or "hello"
