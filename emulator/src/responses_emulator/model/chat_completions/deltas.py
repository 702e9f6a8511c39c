"""What comes from an endpoint, made into steps: text and thoughts as they come."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from responses_emulator.errors import ServiceError, invalid_request
from responses_emulator.model.chat_completions.thoughts import Thoughts
from responses_emulator.model.items import Item
from responses_emulator.model.steps import Reasoning, Refusal, Step, Text, Usage

MOST_CHARACTERS = 16 * 2**20  # of one completion: thoughts, words, arguments
ENDS = {"length": "max_output_tokens", "content_filter": "content_filter"}


@dataclass
class CalledFunction:
    """A call as an endpoint has it: a function's name, and a text of JSON."""

    name: str = ""
    arguments: str = ""


class Heard:
    """One completion: what its chunks have said so far."""

    def __init__(self) -> None:
        """Nothing has come yet."""
        self.text = ""
        self.calls: list[CalledFunction] = []
        self.usage: Usage | None = None
        self.cut: str | None = None  # why it ends before its end
        self._by_index: dict[Any, CalledFunction] = {}
        self._thoughts = Thoughts()
        self._thought = 0  # characters
        self._written = 0  # characters, thoughts and arguments as well
        self._ended = False

    def steps(self, chunks: Iterable[Item]) -> Iterator[Step]:
        """The text and the thoughts of these chunks. Raises what ends too early."""
        for chunk in chunks:
            if chunk.get("usage"):
                self._count(chunk["usage"])
            choices: list[Item] = chunk.get("choices") or []
            for choice in choices[:1]:
                yield from self._hear(choice)
            if self._written > MOST_CHARACTERS:
                raise _trouble("The model comes to no end.")
        yield from map(_step, self._thoughts.end())
        if not self._ended:
            raise _trouble("The model broke off before it had said all.")

    def _hear(self, choice: Item) -> Iterator[Step]:
        delta: Item = choice.get("delta") or choice.get("message") or {}
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        if isinstance(thought, str) and thought:
            self._thought += len(thought)
            self._written += len(thought)
            yield Reasoning(thought)
        text = delta.get("content")
        if isinstance(text, str) and text:
            yield from self._say(text, _logprobs(choice))
        refusal = delta.get("refusal")
        if isinstance(refusal, str) and refusal:
            self._written += len(refusal)
            yield Refusal(refusal)
        for call in delta.get("tool_calls") or ():
            self._call(call)
        reason = choice.get("finish_reason")
        if reason and not self._ended:
            self._ended = True
            self.cut = ENDS.get(reason)

    def _say(self, text: str, logprobs: tuple[Item, ...]) -> Iterator[Step]:
        self._written += len(text)
        if logprobs:  # each belongs to its piece: nothing of it is held back
            self.text += text
            yield Text(text, logprobs=logprobs)
            return
        for said in self._thoughts.add(text):
            if said.is_thought:
                self._thought += len(said.text)
            else:
                self.text += said.text
            yield _step(said)

    def _call(self, call: Item) -> None:
        """One more piece of a call; the first has its name."""
        function: Item = call.get("function") or {}
        index = call.get("index")
        if index is None:  # as those send who know no pieces
            index = call.get("id") or len(self.calls)
        known = self._by_index.get(index)
        if known is None:
            known = self._by_index[index] = CalledFunction()
            self.calls.append(known)
        known.name += function.get("name") or ""
        arguments = function.get("arguments") or ""
        if not isinstance(arguments, str):  # as some have it
            arguments = orjson.dumps(arguments).decode()
        known.arguments += arguments
        self._written += len(arguments)

    def _count(self, usage: Item) -> None:
        """What it took; thoughts that are not counted have their share of it."""
        written = usage.get("completion_tokens") or 0
        details: Item = usage.get("completion_tokens_details") or {}
        thought = details.get("reasoning_tokens")
        if thought is None:
            thought = usage.get("reasoning_tokens")
        if thought is None:
            thought = written * self._thought // max(self._written, 1)
        read: Item = usage.get("prompt_tokens_details") or {}
        self.usage = Usage(
            usage.get("prompt_tokens") or 0,
            written,
            min(thought, written),
            read.get("cached_tokens") or 0,
        )


def _trouble(message: str) -> ServiceError:
    return invalid_request(
        message, code="server_error", status=500, type="server_error"
    )


def _step(said: Any) -> Step:
    return Reasoning(said.text) if said.is_thought else Text(said.text)


def _logprobs(choice: Item) -> tuple[Item, ...]:
    """The log probabilities of a piece, as the API has them."""
    told: Item = choice.get("logprobs") or {}
    return tuple(
        {
            **_entry(entry),
            "top_logprobs": [_entry(top) for top in entry.get("top_logprobs") or ()],
        }
        for entry in told.get("content") or ()
    )


def _entry(entry: Item) -> Item:
    token: str = entry["token"]
    return {
        "token": token,
        "logprob": entry["logprob"],
        "bytes": entry.get("bytes") or list(token.encode()),
    }
