"""What fits into a context window, and what `truncation` makes of the rest."""

from responses_emulator.account import Deployment
from responses_emulator.errors import invalid_request
from responses_emulator.http import Json
from responses_emulator.model.estimates import tokens
from responses_emulator.model.turn import Turn
from responses_emulator.store import StoredResponse


def may_overflow(
    deployment: Deployment, previous: StoredResponse | None, size: int
) -> bool:
    """Whether a request of `size` bytes needs counting: a long chain is not walked.

    A token is never less than a byte, and the response before knows what it took.
    """
    if previous is None:
        return size > deployment.family.context_window
    usage: Json | None = previous.body["usage"]
    return (
        usage is None or usage["total_tokens"] + size > deployment.family.context_window
    )


def count(turn: Turn) -> int:
    """The input tokens of a turn; what was compacted counts as its summary."""
    if turn.digest:
        counted = turn.digest.tokens
    else:
        counted = tokens.count_items(turn.items[turn.folded :])
    if turn.folded:
        counted += tokens.SUMMARY_TOKENS
    if turn.instructions:
        counted += tokens.count(turn.instructions)
    for tool in turn.tools:
        counted += tokens.count(str(tool))
    for document in turn.documents[turn.folded_documents :]:
        counted += sum(map(tokens.count, document.pages))
    return counted


def fit(deployment: Deployment, turn: Turn, truncation: str | None) -> None:
    """Refuse a turn that is too long or, with `auto`, drop its oldest items.

    The newest user message and what follows it always stay.
    """
    over = count(turn) - deployment.family.context_window
    if over <= 0:
        return
    sizes = [tokens.count_items([item]) for item in turn.items]
    if turn.folded:  # the summary goes when the last of what it stands for goes
        sizes[: turn.folded] = [0] * (turn.folded - 1) + [tokens.SUMMARY_TOKENS]
    droppable = len(turn.items) - len(turn.since_prompt) - 1
    dropped = 0
    if truncation == "auto":
        while over > 0 and dropped < droppable:
            over -= sizes[dropped]
            dropped += 1
    if over > 0:
        raise invalid_request(
            "Your input exceeds the context window of this model. Please adjust your "
            "input and try again.",
            "input",
            "context_length_exceeded",
        )
    turn.digest = None  # it tells of what is dropped, too
    left = turn.items[dropped:]
    still_folded = left[: max(turn.folded - dropped, 0)]
    turn.items = _without_half_calls(left, left)
    turn.folded = len(_without_half_calls(still_folded, left))


def _without_half_calls(items: list[Json], left: list[Json]) -> list[Json]:
    """An output whose call is not among those `left` goes with it."""
    calls = {item["call_id"] for item in left if item.get("type") == "function_call"}
    return [
        item
        for item in items
        if item.get("type") != "function_call_output" or item["call_id"] in calls
    ]
