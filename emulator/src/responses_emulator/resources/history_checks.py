"""A history that is sent by hand: is it one that the service reads?

What a model has thought and what came of it belong together, as do a call and its
output; nothing comes twice; what a hosted tool worked in is still there. A lenient
history is spared all but the calls and their outputs.

The rules and their words are those of the service that people reported. Thoughts, and
what they led to: openclaw#65663, pi#886 and code_puppy#624, all on Azure, continue#8933
and cline#12242; several in a row: inspect_ai#1990. What comes twice: pi#5165,
MacPaw/OpenAI#432. Outputs that come twice: hermes-agent#102629. Containers that have
gone: pydantic-ai#7461. Checks of a computer call that nobody has acknowledged:
openai-agents-python#843.
"""

from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

from responses_emulator.errors import ServiceError, invalid_request
from responses_emulator.http import Json
from responses_emulator.model.context.history import History
from responses_emulator.resources import workspaces
from responses_emulator.world import World

# The calls that wait for the caller's output, and how an error names them.
CALLS = {
    "function_call": "function call",
    "custom_tool_call": "custom tool call",
    "shell_call": "shell call",
    "local_shell_call": "local shell call",
    "apply_patch_call": "apply patch call",
    "computer_call": "computer call",
    "tool_search_call": "tool search call",
}
_OUTPUTS = {
    **{f"{call}_output": call for call in CALLS},
    "tool_search_output": "tool_search_call",
}


def check(
    world: World,
    given: list[Json],
    new: list[Json],
    earlier: History,
    param: str = "input",
) -> None:
    """Hold what was sent against what is known of it. Raises the service's 400.

    `new` is `given` as it was read: each item has an id, references are resolved.
    `earlier` is what comes before: of a chain, or of a conversation.
    """
    if world.lenient_history or not any(map(_tells_of_the_past, given)):
        return
    _check_twice(given, earlier, param)
    _check_reasoning(world, given, new, earlier, param)
    _check_containers(world, new, param)


def _tells_of_the_past(item: Json) -> bool:
    """Whether an item was there before: most that are sent are new, and plain."""
    return item.get("id") is not None or item.get("type", "message") != "message"


def check_twice(world: World, given: list[Json], earlier: History, param: str) -> None:
    """Nothing is added to a conversation that it has. Raises the service's 400."""
    if not world.lenient_history:
        _check_twice(given, earlier, param)


def _check_twice(given: list[Json], earlier: History, param: str) -> None:
    ids = [item["id"] for item in given if item.get("id")]
    if not ids:
        return
    seen = {item["id"] for item in earlier.items.all()}
    for id in ids:
        if id in seen:
            raise _twice(id, param)
        seen.add(id)


def _twice(id: str, param: str) -> ServiceError:
    return invalid_request(
        f"Duplicate item found with id {id}. Remove duplicate items from your input "
        "and try again.",
        param,
    )


# Reasoning


def _check_reasoning(
    world: World, given: list[Json], new: list[Json], earlier: History, param: str
) -> None:
    """Reasoning comes right before what it led to, and that comes after it."""
    kept = _Kept(world)
    sent_ids: list[str | None] = [sent.get("id") for sent in given]
    before: set[str] = set()
    if any(sent_ids):
        before = {item["id"] for item in earlier.items.all()}
    for index, item in enumerate(new):
        id: str = item["id"]
        before.add(id)
        if item.get("type") == "reasoning":
            led_to = kept.place_of(id).led_to
            after = new[index + 1 : index + 2]
            if not after or not _is_of(after[0], sent_ids[index + 1], led_to):
                raise invalid_request(
                    f"Item '{id}' of type 'reasoning' was provided without its "
                    "required following item.",
                    param,
                )
        elif sent_ids[index] and _is_models(item):
            needed = kept.place_of(id).came_of
            if needed is not None and needed not in before:
                raise invalid_request(
                    f"Item '{id}' of type '{item['type']}' was provided without its "
                    f"required 'reasoning' item: '{needed}'.",
                    param,
                )


class _Place(NamedTuple):
    """Where an item stands among those that it is kept with."""

    came_of: str | None = None  # the id of the reasoning that led to it
    led_to: Json | None = None  # what comes right after it


class _Kept:
    """Where items stand in their responses and conversations, read once each."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._places: dict[str, dict[str, _Place]] = {}  # by owner, by id

    def place_of(self, id: str) -> _Place:
        """The place of an item; of one that is not kept nothing is known."""
        owner = self._world.store.item_owners.get(id)
        if owner is None:
            return _Place()
        if owner not in self._places:
            self._places[owner] = dict(_places(self._items_of(owner)))
        return self._places[owner].get(id) or _Place()

    def _items_of(self, owner: str) -> list[Json]:
        conversation = self._world.store.conversations.get(owner)
        if conversation is not None:
            return list(conversation.items)
        response = self._world.store.responses.get(owner)
        return [*response.input_items, *response.body["output"]] if response else []


def _places(items: list[Json]) -> Iterator[tuple[str, _Place]]:
    thought: str | None = None
    for item, follower in zip_longest(items, items[1:]):
        if not _is_models(item):
            thought = None
        yield item["id"], _Place(thought, follower)
        if item.get("type") == "reasoning":
            thought = item["id"]


def _is_of(item: Json, sent_id: str | None, led_to: Json | None) -> bool:
    """Whether an item is what reasoning led to, or might be where that is not known."""
    if led_to is None:
        return _is_models(item) and item["type"] != "reasoning"
    if sent_id:
        return sent_id == led_to["id"]
    # Who writes a history anew may leave out the id, but not what was said or called.
    return all(
        item.get(name) == led_to.get(name) for name in ("type", "role", "call_id")
    )


def _is_models(item: Json) -> bool:
    """Whether the model has made an item, and not the caller."""
    kind: str = item.get("type") or "message"
    if kind == "message":
        return item.get("role") == "assistant"
    return kind not in _OUTPUTS and kind not in _NO_MODELS


# What a caller makes besides, and what stands for all before it.
_NO_MODELS = ("mcp_approval_response", "additional_tools", "compaction")


# Calls and what came of them


def check_calls(items: list[Json]) -> None:
    """Every output has its call before it, and every call its own.

    `items` are all that there are but messages and thoughts. Raises the service's 400.
    """
    calls: dict[tuple[str, str], bool] = {}  # whether each was answered
    pending: dict[str, list[Json]] = {}  # what a person has to look at first
    # What was asked of the caller, may this call be made, and whether it was answered.
    asked: dict[str, bool] = {}
    for item in items:
        kind: str = item.get("type") or ""
        if kind in CALLS:
            if id := _call_id(item):
                _add_call(calls, kind, id)
                pending[id] = item.get("pending_safety_checks") or []
        elif kind in _OUTPUTS:
            if id := _call_id(item):
                _add_output(calls, _OUTPUTS[kind], id)
                _check_acknowledged(pending.get(id, []), item)
        elif kind == "mcp_approval_request":
            asked[item["id"]] = False
        elif kind == "mcp_approval_response":
            id = item["approval_request_id"]
            if id not in asked:
                raise invalid_request(
                    f"No approval request found with approval_request_id {id}.", "input"
                )
            if asked[id]:
                raise invalid_request(
                    f"Duplicate mcp_approval_response for approval_request_id '{id}'.",
                    "input",
                )
            asked[id] = True
    for (kind, id), answered in calls.items():
        if not answered:
            raise invalid_request(
                f"No tool output found for {CALLS[kind]} {id}.", "input"
            )


def _check_acknowledged(pending: list[Json], output: Json) -> None:
    """A person has seen what the model warned of before the screen is shown to it."""
    seen = {check["id"] for check in output.get("acknowledged_safety_checks") or ()}
    ids: list[str] = [check["id"] for check in pending if check["id"] not in seen]
    if ids:
        raise invalid_request(
            f"Computer tool has unacknowledged safety check for {ids}", "input"
        )


def _call_id(item: Json) -> str | None:
    """What a call and its output have in common; None: the service has run it."""
    if item["type"].startswith("local_shell"):
        return item.get("call_id") or item["id"]  # the output has the call's as its id
    return item.get("call_id")


def _add_call(calls: dict[tuple[str, str], bool], kind: str, id: str) -> None:
    if (kind, id) in calls:
        raise _twice(id, "input")
    calls[kind, id] = False


def _add_output(calls: dict[tuple[str, str], bool], kind: str, id: str) -> None:
    if (kind, id) not in calls:
        raise invalid_request(
            f"No tool call found for {CALLS[kind]} output with call_id {id}.", "input"
        )
    if calls[kind, id]:
        raise invalid_request(
            f"Duplicate {kind}_output for call_id '{id}'. Each {kind} must have "
            f"exactly one matching {kind}_output",
            "input",
        )
    calls[kind, id] = True


# What hosted tools worked in


def _check_containers(world: World, new: list[Json], param: str) -> None:
    """A container that an item names has not gone meanwhile."""
    for item in new:
        id: str | None = item.get("container_id")
        if item.get("type") in ("shell_call", "shell_call_output"):
            environment: Json = item.get("environment") or {}
            id = environment.get("container_id")
        if id is not None and not workspaces.is_there(world, id):
            raise invalid_request(f"Expected container_id: {id}", param)
