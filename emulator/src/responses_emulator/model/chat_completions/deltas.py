"""What comes from an endpoint, made into steps: text, thoughts and calls."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from responses_emulator.errors import ServiceError, invalid_request
from responses_emulator.model.chat_completions.offers import Offers
from responses_emulator.model.chat_completions.thoughts import Thoughts
from responses_emulator.model.chat_completions.writing import Writer
from responses_emulator.model.items import Item
from responses_emulator.model.steps import (
    Call,
    Reasoning,
    Refusal,
    Step,
    Text,
    Usage,
    Writing,
)

MOST_CHARACTERS = 16 * 2**20  # of one completion: thoughts, words, arguments
MOST_CALLS = 128  # in one completion
A_CHUNK = 32  # characters that one takes, whatever it says
# Why a completion ends before its end, by what endpoints call that.
ENDS = {
    "length": "max_output_tokens",
    "max_tokens": "max_output_tokens",
    "model_length": "max_output_tokens",
    "content_filter": "content_filter",
}
MOST_TOKENS = 2**53  # that are believed; JSON's numbers are exact up to that
UNLIKELY = -9999.0  # the log probability of what is next to impossible
BROKEN_OFF = ("error", "abort")  # as some say of what they could not bring to an end


@dataclass
class CalledFunction:
    """A call as an endpoint has it: a function's name, and a text of JSON."""

    name: str = ""
    arguments: str = ""
    id: Any = None
    told: int = 0  # characters of the arguments that have gone to its writer
    writer: Writer | None = None
    # What has gone out of a call that was told while it was written.
    piece: Writing | None = None
    written: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing in its arguments."""
        try:
            orjson.loads(self.arguments)
        except orjson.JSONDecodeError:
            return False
        return True


class Heard:
    """One completion: what its chunks have said so far.

    The calls of the caller's tools go out while they are written, one after the other,
    as far as nothing else was called before. `left` are the others.
    """

    def __init__(self, offers: Offers) -> None:
        """Nothing has come yet; calls are of what was offered."""
        self.text = ""
        self.calls: list[CalledFunction] = []
        self.usage: Usage | None = None
        self.cut: str | None = None  # why it ends before its end
        self.told = 0  # calls that have gone out
        self.has_refused = False
        self._offers = offers
        self._by_index: dict[Any, CalledFunction] = {}
        self._held: list[Step] = []  # what waits for the end of a call
        self._thoughts = Thoughts()
        self._thought = 0  # characters
        self._written = 0  # characters, thoughts and arguments as well
        self._chunks = 0
        self._ended = False

    @property
    def left(self) -> list[CalledFunction]:
        """The calls that have not gone out."""
        return self.calls[self.told :]

    def steps(self, chunks: Iterable[Item]) -> Iterator[Step]:
        """What these chunks say. Raises what ends too early."""
        try:
            for chunk in chunks:
                yield from self._in_turn(self._chunk(chunk))
        except ServiceError:
            if not self._ended:  # what comes after the end does not matter
                raise
        if not self._ended:
            raise _trouble("The model broke off before it had said all.")
        yield from self._in_turn(map(_step, self._thoughts.end()))
        yield from self._end()

    def _chunk(self, chunk: Item) -> list[Step]:
        """What a chunk says, but for its calls. Raises what is none."""
        try:
            steps = list(self._said(chunk))
        except (AttributeError, KeyError, LookupError, TypeError, ValueError):
            raise _trouble("The model sent what is no chunk of a completion.") from None
        # Who says nothing may do so for ever, too.
        if self._written + self._chunks * A_CHUNK > MOST_CHARACTERS:
            raise _trouble("The model comes to no end.")
        return steps

    def _said(self, chunk: Item) -> Iterator[Step]:
        self._chunks += 1
        if chunk.get("usage"):
            self._count(chunk["usage"])
        choices: list[Item] = chunk.get("choices") or []
        for choice in choices[:1]:
            yield from self._hear(choice)

    def _in_turn(self, steps: Iterable[Step]) -> Iterator[Step]:
        """These steps and what the calls bring; nothing comes within a call."""
        self._held += steps
        if not (self.left and self.left[0].piece):
            yield from self._freed()
        yield from self._write_on()

    def _freed(self) -> Iterator[Step]:
        held, self._held = self._held, []
        yield from held

    def _hear(self, choice: Item) -> Iterator[Step]:
        delta: Item = choice.get("delta") or {}
        if not delta and "text" in choice:  # as completions have it that are no chat
            delta = {"content": choice["text"]}
        elif not (delta or self._written or self.calls):
            # Of who does not stream. Others say all of it once more at the end.
            delta = choice.get("message") or {}
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        if isinstance(thought, str) and thought:
            self._thought += len(thought)
            self._written += len(thought)
            yield Reasoning(thought)
        yield from self._content(delta.get("content"), _logprobs(choice))
        refusal = delta.get("refusal")
        if isinstance(refusal, str) and refusal:
            self._written += len(refusal)
            self.has_refused = True
            yield Refusal(refusal)
        for call in delta.get("tool_calls") or ():
            self._call(call)
        reason = choice.get("finish_reason")
        if reason in BROKEN_OFF:
            raise _trouble(f"The model broke off: its finish_reason is {reason!r}.")
        if reason and not self._ended:
            self._ended = True
            self.cut = ENDS.get(str(reason).lower())

    def _content(self, content: Any, logprobs: tuple[Item, ...]) -> Iterator[Step]:
        """A text, or as some have it, parts with texts."""
        if isinstance(content, str):
            if content:
                yield from self._say(content, logprobs)
            return
        for part in content or ():
            if isinstance(part.get("text"), str):
                yield from self._say(part["text"], logprobs)
            for thought in part.get("thinking") or ():
                self._thought += len(thought["text"])
                self._written += len(thought["text"])
                yield Reasoning(thought["text"])

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
        name: str = function.get("name") or ""
        known = self._known(call.get("index"), call.get("id"), name)
        if name != known.name:  # some repeat it with each piece
            known.name += name
        arguments = function.get("arguments") or ""
        if not isinstance(arguments, str):  # as some have it
            arguments = orjson.dumps(arguments).decode()
        known.arguments += arguments
        self._written += len(arguments)

    def _known(self, index: Any, id: Any, name: str) -> CalledFunction:
        """The call that a piece is of: by its index, or by its id.

        One with neither goes on with the last one, unless it has a name. Some count all
        from 0, and others have a new id for each piece: these have no name.
        """
        if index is None and id is None and not name and self.calls:
            return self.calls[-1]
        place: Any = index if index is not None else id or len(self.calls)
        known = self._by_index.get(place)
        is_another = known is not None and name and id is not None and id != known.id
        if known is None or is_another:
            if len(self.calls) == MOST_CALLS:
                raise _trouble(f"The model calls more than {MOST_CALLS} tools at once.")
            known = self._by_index[place] = CalledFunction(id=id)
            self.calls.append(known)
        return known

    # Calls, while they are written

    def _write_on(self) -> Iterator[Step]:
        """What can go out by now of the calls, and of what waits for their end."""
        while self.left:
            call = self.left[0]
            yield from self._pieces(call)
            if call.piece is None:
                break  # it is none of these, or nothing of it can be told yet
            others_wait = len(self.left) > 1 or self._held
            if not (others_wait and call.is_whole):
                return
            yield self._end_of(call)
        yield from self._freed()

    def _end(self) -> Iterator[Step]:
        """What is left to be told, now that nothing more comes."""
        while self.left:
            call = self.left[0]
            yield from self._pieces(call)
            if call.piece is None:
                break
            if self.cut and len(self.left) == 1 and not call.is_whole:
                return  # it ends where it stands
            yield self._end_of(call)
        yield from self._freed()

    def _end_of(self, call: CalledFunction) -> Call:
        self.told += 1
        piece = call.piece
        assert piece
        return Call(piece.type, call.written, piece.name, piece.owner)

    def _pieces(self, call: CalledFunction) -> Iterator[Step]:
        if call.writer is None and call.arguments:
            call.writer = self._offers.writer(call.name)
        if call.writer is None:
            return
        text = call.writer.add(call.arguments[call.told :])
        call.told = len(call.arguments)
        if text:
            kind, name, owner = self._offers.key_of(call.name)
            call.piece = Writing(text, kind, name, owner)
            call.written += text
            yield call.piece

    def _count(self, usage: Item) -> None:
        """What it took; thoughts that are not counted have their share of it."""
        if usage.get("completion_tokens") is None:
            return  # it is estimated, as of who does not count
        written = _tokens(usage["completion_tokens"])
        details: Item = usage.get("completion_tokens_details") or {}
        thought = details.get("reasoning_tokens")
        if thought is None:
            thought = usage.get("reasoning_tokens")
        if thought is None:
            thought = written * self._thought // max(self._written, 1)
        read: Item = usage.get("prompt_tokens_details") or {}
        self.usage = Usage(
            _tokens(usage.get("prompt_tokens")),
            written,
            min(_tokens(thought), written),
            _tokens(read.get("cached_tokens")),
        )


def _tokens(counted: Any) -> int:
    """A number of tokens, however it is told."""
    if isinstance(counted, str) and counted.isdecimal():
        counted = int(counted[:20])
    if not isinstance(counted, int | float):
        return 0
    return min(max(int(counted), 0), MOST_TOKENS)


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
    likely: float | None = entry["logprob"]
    return {
        "token": token,
        "logprob": UNLIKELY if likely is None else max(float(likely), UNLIKELY),
        "bytes": entry.get("bytes") or list(token.encode()),
    }
