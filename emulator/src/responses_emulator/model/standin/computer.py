"""A screen that the stand-in has the caller use: a scripted, harmless visit.

The stand-in sees nothing on a screenshot. It asks for one, clicks where a search field
might be, types what the prompt is about, presses Enter, and says what it has done. The
newer tool takes several actions in one call, the older one action a call.
"""

import re
from collections.abc import Iterator

from responses_emulator.model.items import Item
from responses_emulator.model.prompt.words import is_request
from responses_emulator.model.standin.formatted import formatted
from responses_emulator.model.steps import Call, Step, Text
from responses_emulator.model.turn import Turn

NOTE = "Nothing on the screenshots was read: the emulator follows a script."
_WIDTH, _HEIGHT = 1024, 768  # the newer tool does not say how large its display is
_MAX_TYPED = 100  # characters


def next_step(turn: Turn, tool: Item) -> Iterator[Step]:
    """The next call of the script, or what ends it; nothing where it is not wanted."""
    done = sum(item.get("type") == "computer_call" for item in turn.since_prompt)
    if not (done or turn.must_call or is_request(turn.prompt)):
        return
    steps = _script(
        _typed(turn.prompt),
        tool.get("display_width") or _WIDTH,
        tool.get("display_height") or _HEIGHT,
    )
    if tool["type"] == "computer_use_preview":
        steps = [[action] for step in steps for action in step]
    if done < len(steps):
        yield Call("computer", {"actions": steps[done]})
        return
    words = f"I searched for “{_typed(turn.prompt)}” on the page that was shown. {NOTE}"
    yield Text(formatted(turn, words))


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
