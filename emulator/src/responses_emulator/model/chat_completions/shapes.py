"""An answer that has to be JSON, of a model that may not have heard of that.

Who reads it as it is written gets each piece when it has come, from an answer that
begins as JSON does; what comes of that is known at its end. All others get an answer
when it is known to be what was asked for.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from responses_emulator.model.items import Item
from responses_emulator.model.steps import Text
from responses_emulator.model.turn import Turn
from responses_emulator.model.values import checks

FENCE = "```"


class Shape:
    """What an answer has to be, and what has come of it so far."""

    def __init__(self, turn: Turn) -> None:
        """Nothing has come yet."""
        self.is_told = False  # some of it has gone out
        self._format: Item = turn.format
        self._streams = bool(turn.settings.get("stream"))
        self._held: list[Text] = []
        self._text = ""

    def add(self, step: Text) -> Iterator[Text]:
        """What of the answer can go out now that this piece has come."""
        self._text += step.text
        self._held.append(step)
        if self.is_told or (self._streams and self._text.lstrip().startswith("{")):
            self.is_told = True
            yield from self.rest()

    def rest(self) -> Iterator[Text]:
        """What has not gone out yet."""
        held, self._held = self._held, []
        yield from held

    def fault(self) -> str | None:
        """What is wrong with the answer, in a sentence; None if it is as asked for."""
        text = self._text
        if not self.is_told and text.strip().startswith(FENCE):
            text = _within_fences(text)
        try:
            value: Any = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            return f"The answer is no JSON: {error}."
        if not isinstance(value, dict):
            return "The answer is no JSON object."
        fault = self._not_of_schema(text)
        if fault:
            return f"The answer does not fit its schema: {fault}"
        if text != self._text:
            self._held = [Text(text)]
        return None

    def _not_of_schema(self, text: str) -> str | None:
        format = self._format
        if format["type"] != "json_schema" or format.get("strict") is False:
            return None
        return checks.fault("schema", format["schema"], text)


def of_turn(turn: Turn) -> Shape | None:
    """What an answer of a turn has to be, if it is not just any text."""
    return Shape(turn) if turn.format["type"] != "text" else None


def _within_fences(text: str) -> str:
    """What stands in a Markdown block, where that is all there is."""
    _, _, rest = text.strip().partition("\n")
    return rest.removesuffix(FENCE).strip()
