"""What a request for a response has a model see: the conversation, files and tools."""

from dataclasses import dataclass
from functools import partial

from responses_emulator import combinations
from responses_emulator.account import Deployment
from responses_emulator.agent import Rules
from responses_emulator.errors import missing_parameter
from responses_emulator.http import Json, Request
from responses_emulator.model.context.history import History
from responses_emulator.model.turn import Turn
from responses_emulator.resources import (
    compaction,
    context_window,
    conversation,
    conversations,
    history_checks,
    mcp_servers,
    settings,
)
from responses_emulator.store import Conversation
from responses_emulator.tools.multi_agent import DEFAULT_SUBAGENTS
from responses_emulator.world import World

NO_TOOLS = Rules([])
# What a turn has of a request as it is.
_SETTINGS = frozenset(
    (
        *("temperature", "top_p", "presence_penalty", "frequency_penalty"),
        *("max_output_tokens", "top_logprobs", "include"),
        *("parallel_tool_calls", "reasoning", "text", "stream"),
    )
)


@dataclass(slots=True)
class Said:
    """A turn, and where it comes from."""

    turn: Turn
    new: list[Json]  # this request's items, each with an id
    shared: Conversation | None  # the `conversation` that it is part of
    # What a compaction after the answer stands for, with that; None: there is none.
    to_fold: list[Json] | None
    only_folds: bool  # a compaction was asked for, and no answer


@dataclass(slots=True)
class Before:
    """What a request goes on from."""

    shared: Conversation | None
    history: History


def before(world: World, request: Request, body: Json) -> Before:
    """The conversation or the chain that a request names, or the service's error.

    The service looks for them before it looks at what the model takes.
    """
    shared = conversations.of_request(world, body)
    if shared is not None:
        return Before(shared, conversations.history(shared))
    previous_id: str | None = body.get("previous_response_id")
    return Before(None, conversation.earlier(world, previous_id, request.kept))


def of_request(
    world: World, body: Json, deployment: Deployment, before: Before
) -> Said:
    """Go on from what came before, open what was compacted, read the files."""
    given: str | list[Json] | None
    given, only_folds = compaction.without_trigger(body.get("input"))
    new = conversation.new_items(world, given)
    shared, history = before.shared, before.history
    if isinstance(given, list):
        history_checks.check(world, given, new, history)
    digest = history.digest(new)
    said = history.items.all()
    said += new
    turn = _turn(body, deployment, said)
    if digest.special:  # there is more than text
        if any(item.get("type") == "compaction" for item in digest.special):
            _unfold(world, turn, said)
        items = digest.special if turn.items is said else turn.items
        history_checks.check_calls(items)
        turn.picture = partial(conversation.picture_again, world)
        with_files = history.special.all()
        turn.documents, turn.pictures = conversation.read_attachments(
            world, with_files, new
        )
    if turn.items is said:
        turn.digest = digest
    if only_folds:
        if not turn.items:
            raise missing_parameter("input")
        turn.reasoning = None
        folds = True
    elif body.get("context_management") or turn.subagents is not None:
        folds = compaction.is_due(body, said)
    else:
        folds = False
    return Said(turn, new, shared, turn.items if folds else None, only_folds)


def rules(body: Json, deployment: Deployment, turn: Turn) -> Rules:
    """What a request says of its tools."""
    if not turn.tools:
        return NO_TOOLS
    return Rules(
        tools=turn.tools,
        choice=body.get("tool_choice") or "auto",
        parallel=body.get("parallel_tool_calls") is not False
        and combinations.takes(deployment.model, "parallel")
        # which knows no parallel calls
        and settings.effort(deployment, body) != "minimal",
        most_calls=body.get("max_tool_calls"),
    )


def fit(
    world: World, request: Request, body: Json, deployment: Deployment, said: Said
) -> None:
    """Refuse a turn that is too long for the model, or shorten it."""
    previous = world.store.responses.get(body.get("previous_response_id") or "")
    if (
        said.turn.documents
        or said.shared is not None
        or context_window.may_overflow(deployment, previous, len(request.body))
    ):
        context_window.fit(deployment, said.turn, body.get("truncation"))


def _turn(body: Json, deployment: Deployment, items: list[Json]) -> Turn:
    agents: Json = body.get("multi_agent") or {}
    text: Json = body.get("text") or {}
    effort = settings.effort(deployment, body)
    reasoning: Json = {**(body.get("reasoning") or {}), "effort": effort}
    return Turn(
        items=items,
        instructions=body.get("instructions"),
        tools=[mcp_servers.without_secrets(tool) for tool in body.get("tools") or ()],
        researches=settings.researches(deployment, body),
        subagents=agents.get("max_concurrent_subagents", DEFAULT_SUBAGENTS)
        if agents.get("enabled")
        else None,
        format=text.get("format") or {"type": "text"},
        reasoning=reasoning if effort else None,
        deployment=deployment.name,
        settings={name: body[name] for name in _SETTINGS & body.keys()},
        tells_phase=deployment.family.tells_phase,
    )


def _unfold(world: World, turn: Turn, said: list[Json]) -> None:
    """Open the last compaction in place of what it stands for."""
    items, since = compaction.unfold(world, said), compaction.since_last(said)
    before = said[: len(said) - len(since)]
    turn.go_on_from(items)
    turn.folded = len(items) - len(since)
    if before:
        documents, _ = conversation.read_attachments(world, before, [])
        turn.folded_documents = len(documents)
