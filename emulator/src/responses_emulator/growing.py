"""Output items that come in pieces: messages, reasoning, calls of a caller's tools."""

from dataclasses import dataclass

from responses_emulator.ids import new_id
from responses_emulator.model.items import Item, message
from responses_emulator.model.steps import (
    Call,
    Reasoning,
    Refusal,
    Step,
    Text,
    Writing,
)

Said = Text | Refusal | Reasoning | Writing
# What a call has of what was written for it.
WRITTEN = {"function_call": "arguments", "custom_tool_call": "input"}


class Growing:
    """An item that is being made; `item` is it as it was begun, then as a whole."""

    def __init__(self, item: Item, of: type[Said]) -> None:
        """An item to which steps of one kind belong."""
        self.item = item
        self.size = 0  # characters
        self.logprobs: list[Item] = []  # of the tokens so far, where they are wanted
        self._of = of
        self._pieces: list[str] = []
        self._part: int | None = None  # of a reasoning summary

    @property
    def is_text(self) -> bool:
        """Whether it is a message of text, not a refusal or a thought."""
        return self._of is Text

    @property
    def is_call(self) -> bool:
        """Whether it is a call."""
        return self._of is Writing

    @property
    def part(self) -> int:
        """The part of a reasoning summary that it has come to."""
        return self._part or 0

    @classmethod
    def of_call(cls, item: Item) -> "Growing":
        """A call, nothing of it written yet."""
        return cls(item, Writing)

    @classmethod
    def of(cls, step: Text | Refusal | Reasoning) -> "Growing":
        """The item that begins with this step, nothing of it said yet."""
        if type(step) is Text:
            return cls(message(""), Text)
        if type(step) is Refusal:
            return cls(message({"type": "refusal", "refusal": ""}), Refusal)
        return cls({"id": new_id("rs"), "type": "reasoning", "summary": []}, Reasoning)

    def goes_on_with(self, step: Step) -> bool:
        """Whether a step is of this item; what ends a call is the `Call`."""
        return type(step) is self._of or (self.is_call and type(step) is Call)

    def add(self, step: Said) -> str:
        """Take in a step; the text that it brings."""
        text = step.text or ""
        if type(step) is Reasoning:
            if not text:
                return ""
            if step.part != self._part:
                self._end_part()
                self._part = step.part
                self.item["summary"].append({"type": "summary_text", "text": ""})
        elif type(step) is Text and step.annotations:
            self.item["content"][0]["annotations"] += step.annotations
        if text:
            self._pieces.append(text)
            self.size += len(text)
        return text

    def finish(self, most: int | None = None, *, is_cut: bool = False) -> Item:
        """The item as a whole; of its text no more than so many characters."""
        if self._of is Reasoning:
            self._end_part()
            return self.item
        if is_cut and "status" in self.item:  # which a custom tool's call has not
            self.item["status"] = "incomplete"
        if self._of is Writing:
            self.item[WRITTEN[self.item["type"]]] = "".join(self._pieces)
            return self.item
        part = self.item["content"][0]
        kind = "text" if self._of is Text else "refusal"
        part[kind] = "".join(self._pieces)[:most]
        if self.logprobs:
            part["logprobs"] = self.logprobs
        return self.item

    def _end_part(self) -> None:
        if self._part is not None:
            self.item["summary"][-1]["text"] = "".join(self._pieces)
            self._pieces.clear()


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an item that grows, as it has come from the model."""

    growing: Growing
    text: str
    part: int = 0  # of a reasoning summary
    logprobs: tuple[Item, ...] = ()  # of its tokens, where they were asked for
