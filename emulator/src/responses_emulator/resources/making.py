"""What a model says, and what its tools bring, made into a complete response.

The output is cut at `max_output_tokens`; at the end there are a status, the usage and
what the content filters report.
"""

from collections.abc import Iterator
from dataclasses import replace

from responses_emulator.agent import Failed, Made, Queued, Thinking
from responses_emulator.errors import ServiceError
from responses_emulator.growing import Piece
from responses_emulator.http import Json, close_pieces
from responses_emulator.model.estimates import logprobs, tokens
from responses_emulator.model.steps import Cut, Usage
from responses_emulator.model.turn import Turn
from responses_emulator.resources import context_window, conversation, conversations
from responses_emulator.resources.caching import cache_usage
from responses_emulator.resources.streaming import Parts
from responses_emulator.sizes import size_of
from responses_emulator.store import Conversation, StoredResponse
from responses_emulator.world import World

REASONING_STEP = 64  # tokens, as the service bills them
MOST_TOKENS = 1_000_000  # of an answer that nobody has bounded
CHARACTERS = 4  # of a token, as `tokens.count` has it


def make(
    world: World,
    stored: StoredResponse,
    turn: Turn,
    shared: Conversation | None,
    said: Iterator[Made],
    *,
    bounded: bool = False,
) -> Parts:
    """What the output consists of, as it is made; at the end the body is complete.

    `bounded`: whoever says it minds `max_output_tokens`.
    """
    response = stored.body
    making = _Making(stored, bounded=bounded)
    failure: str | None = None
    try:
        yield from making.parts(said)
    except Failed as failed:
        failure = str(failed)
        stored.error = failed.error
    finally:
        close_pieces(said)
    if stored.body["status"] == "cancelled":
        return
    _finish(world, stored, turn, making)
    if failure is not None:
        fail(response, failure, _code(stored.error))
    stored.size += size_of(response["output"])
    world.store.responses.weigh_again(response["id"])
    if stored.error is not None:
        return  # nothing has come of it that anybody could go on from
    if response["store"]:
        conversation.remember_items(world, stored)
    if shared is not None:
        conversations.append(world, shared, stored)


class _Making:
    """The output so far, and what is left of its bound."""

    def __init__(self, stored: StoredResponse, *, bounded: bool) -> None:
        response = stored.body
        self.thinking = 0  # tokens
        self.used: Usage | None = None  # as the model has counted
        self.cut: str | None = None  # why it ends before its end
        self._stored = stored
        self._bounded = bounded
        self._left: int = MOST_TOKENS
        if response["max_output_tokens"] and not bounded:
            self._left = response["max_output_tokens"]
        self._output: list[Json] = response["output"]
        self._top: int | None = None  # log probabilities of each token, if wanted
        if "message.output_text.logprobs" in stored.include:
            self._top = response["top_logprobs"] or 0

    @property
    def why_cut(self) -> str | None:
        """Why it ends before its end, if it does: as `incomplete_details` has it."""
        return "max_output_tokens" if self._left < 0 else self.cut

    def parts(self, said: Iterator[Made]) -> Parts:
        """What is said, as far as there is room for it."""
        for each in said:
            if isinstance(each, dict):
                if self._left <= 0 and each["type"] not in _UNBOUNDED:
                    return
                yield self._whole(each)
                if self._left < 0 and each["type"] != "compaction":
                    return
            elif isinstance(each, Piece):
                yield from self._piece(each)
                if self._left < 0:
                    return
            elif isinstance(each, Thinking):
                self._think(each.tokens)
            elif isinstance(each, Usage):
                self._count(each)
            elif isinstance(each, Cut):
                self.cut = each.reason
            elif isinstance(each, Queued):
                self._stored.queued = each.waits and not self._output
                yield each
            else:
                yield each

    def _whole(self, item: Json) -> Json:
        if item["type"] == "message":
            self._left = _cut(item, self._left)
            if self._top is not None and not self._bounded:
                _add_logprobs(item, self._top)
        self._output.append(item)
        return item

    def _piece(self, piece: Piece) -> Iterator[Piece | Json]:
        """A piece of a message; the last one, if it is more than there is room for."""
        growing = piece.growing
        room = max(self._left, 0) * CHARACTERS
        over = growing.size - room if growing.item["type"] == "message" else 0
        text = piece.text[: len(piece.text) - over] if over > 0 else piece.text
        if self._top is not None and growing.is_text:
            likely = piece.logprobs
            if not likely and not self._bounded:
                likely = tuple(logprobs.of_text(text, self._top))
            growing.logprobs += likely
            piece = replace(piece, logprobs=likely)
        if text:
            yield replace(piece, text=text) if over > 0 else piece
        if over > 0:
            item = growing.finish(room)
            item["status"] = "incomplete"
            item["content"][0].pop("annotations", None)
            if growing.is_text:
                item["content"][0]["annotations"] = []
            self._output.append(item)
            self._left = -1
            yield item

    def _think(self, thought: int) -> None:
        if thought > self._left:
            # It ends within the thoughts; only whole steps are billed.
            self.thinking += self._left // REASONING_STEP * REASONING_STEP
            self._left = -1
        else:
            self.thinking += thought
            self._left -= thought

    def _count(self, used: Usage) -> None:
        """Add up what each sampling took."""
        before = self.used or Usage(0, 0)
        self.used = Usage(
            before.input_tokens + used.input_tokens,
            before.output_tokens + used.output_tokens,
            before.reasoning_tokens + used.reasoning_tokens,
            _sum(before.cached_tokens, used.cached_tokens),
        )


def _sum(one: int | None, other: int | None) -> int | None:
    return other if one is None else one + (other or 0)


_UNBOUNDED = ("message", "reasoning", "compaction")  # cut, or not counted


def _cut(message: Json, left: int) -> int:
    """Shorten a message to the tokens left; give what remains, below 0 if cut."""
    part = message["content"][0]
    kind = "refusal" if part["type"] == "refusal" else "text"
    needed = tokens.count(part[kind])
    if needed > left:
        message["status"] = "incomplete"
        part[kind] = part[kind][: max(left, 0) * CHARACTERS]
        if kind == "text":
            part["annotations"] = []
    return left - needed


def _add_logprobs(message: Json, top: int) -> None:
    for part in message["content"]:
        if part["type"] == "output_text" and not part["logprobs"]:
            part["logprobs"] = logprobs.of_text(part["text"], top)


def _finish(world: World, stored: StoredResponse, turn: Turn, making: _Making) -> None:
    response = stored.body
    now = world.clock()
    used = _used(response, turn, making)
    details = cache_usage(world, response, turn, used.input_tokens)
    if used.cached_tokens is not None:
        details["cached_tokens"] = used.cached_tokens
    cut = making.why_cut
    answer_end = 0
    for item in response["output"]:
        if item["type"] not in ("compaction", "reasoning"):
            for part in item.get("content", ()):
                answer_end += len(part.get("text", ""))
    response |= {
        "status": "incomplete" if cut else "completed",
        "completed_at": None if cut else int(max(now, stored.ready_at)),
        "incomplete_details": {"reason": cut} if cut else None,
        "content_filters": [
            _unfiltered("prompt", len(turn.prompt)),
            _unfiltered("completion", answer_end),
        ],
        "usage": {
            "input_tokens": used.input_tokens,
            "input_tokens_details": details,
            "output_tokens": used.output_tokens,
            "output_tokens_details": {"reasoning_tokens": used.reasoning_tokens},
            "total_tokens": used.input_tokens + used.output_tokens,
        },
    }


def _used(response: Json, turn: Turn, making: _Making) -> Usage:
    """What it took: as the model has counted, or else estimated."""
    if making.used is not None:
        return making.used
    written = making.thinking
    said: list[Json] = []
    for item in response["output"]:
        if item["type"] == "compaction":
            written += tokens.SUMMARY_TOKENS
        elif item["type"] != "reasoning":
            said.append(item)
    written += tokens.count_written(said)
    if response["max_output_tokens"]:
        written = min(written, response["max_output_tokens"])
    return Usage(context_window.count(turn), written, making.thinking)


def _code(error: ServiceError | None) -> str:
    """The code in a response for what the service would answer with another status."""
    if error is None or error.status >= 500 or error.status == 424:
        return "server_error"
    return "rate_limit_exceeded" if error.status == 429 else "invalid_prompt"


def fail(response: Json, message: str, code: str = "server_error") -> None:
    """End a response whose answer could not be made."""
    response |= {
        "status": "failed",
        "completed_at": None,
        "content_filters": None,
        "error": {"code": code, "message": message},
        "incomplete_details": None,
        "usage": None,
    }


def _unfiltered(source: str, end: int) -> Json:
    """A content filter's report that nothing was found."""
    return {
        "blocked": False,
        "source_type": source,
        "content_filter_raw": None,
        "content_filter_results": _SAFE_PROMPT if source == "prompt" else _SAFE,
        "content_filter_offsets": {
            "start_offset": 0,
            "end_offset": end,
            "check_offset": 0,
        },
    }


_SAFE: Json = {
    name: {"filtered": False, "severity": "safe"}
    for name in ("hate", "self_harm", "sexual", "violence")
}
_SAFE_PROMPT: Json = {**_SAFE, "jailbreak": {"detected": False, "filtered": False}}
