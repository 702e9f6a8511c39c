"""`/conversations`: a list of items that responses read and, when done, add to.

A response in the background adds its items when the clock says that it is ready: they
wait in `pending` and are moved over by whoever looks at the conversation next.
"""

from responses_emulator import contract
from responses_emulator.errors import invalid_request, not_found
from responses_emulator.http import Json, Reply, Request, json_reply
from responses_emulator.ids import new_id
from responses_emulator.model.context.history import History
from responses_emulator.resources import conversation as turns
from responses_emulator.resources import history_checks, includes
from responses_emulator.resources.paging import page
from responses_emulator.store import LONGEST_ITEM_ID, Conversation, StoredResponse
from responses_emulator.world import World


def create(world: World, request: Request) -> Reply:
    """`POST /conversations`; the body may be left out."""
    body = request.json() if request.body else {}
    if world.lenient_history:
        contract.forgive("conversations.create", body, "items")
    contract.check("conversations.create", body)
    items = _new_items(world, body, History())
    conversation = Conversation(
        new_id("conv"), int(world.clock()), body.get("metadata") or {}
    )
    world.store.conversations.put(conversation.id, conversation)
    _add(world, conversation, items)
    return json_reply(_body(conversation))


def retrieve(world: World, _request: Request, id: str) -> Reply:
    """`GET /conversations/{id}`."""
    return json_reply(_body(find(world, id)))


def update(world: World, request: Request, id: str) -> Reply:
    """`POST /conversations/{id}`: its metadata is replaced."""
    conversation = find(world, id)
    body = request.json()
    contract.check("conversations.update", body)
    conversation.metadata = body["metadata"] or {}
    world.store.conversations.weigh_again(id)
    return json_reply(_body(conversation))


def delete(world: World, _request: Request, id: str) -> Reply:
    """`DELETE /conversations/{id}`; its responses stay."""
    find(world, id)
    world.store.conversations.pop(id)
    return json_reply({"id": id, "object": "conversation.deleted", "deleted": True})


def create_items(world: World, request: Request, id: str) -> Reply:
    """`POST /conversations/{id}/items`, at most 20 at a time."""
    conversation = find(world, id)
    include = _included(request, "conversations.items.retrieve")
    body = request.json()
    if world.lenient_history:
        contract.forgive("conversations.items.create", body, "items")
    contract.check("conversations.items.create", body)
    items = _new_items(world, body, history(conversation))
    _add(world, conversation, items)
    return json_reply(
        {
            "object": "list",
            "data": includes.show_all(world, items, include),
            "first_id": items[0]["id"] if items else "",
            "last_id": items[-1]["id"] if items else "",
            "has_more": False,
        }
    )


def list_items(world: World, request: Request, id: str) -> Reply:
    """`GET /conversations/{id}/items`, newest first unless `order=asc`."""
    conversation = find(world, id)
    include = _included(request, "conversations.items.list")
    listed = page(request, list(conversation.items))
    listed["data"] = includes.show_all(world, listed["data"], include)
    return json_reply(listed)


def retrieve_item(world: World, request: Request, id: str, item: str) -> Reply:
    """`GET /conversations/{id}/items/{item_id}`."""
    include = _included(request, "conversations.items.retrieve")
    found = _find_item(find(world, id), item)
    return json_reply(includes.show(world, found, include))


def delete_item(world: World, _request: Request, id: str, item: str) -> Reply:
    """`DELETE /conversations/{id}/items/{item_id}`: gives the conversation."""
    conversation = find(world, id)
    _find_item(conversation, item)
    conversation.items.pop(item)
    history(conversation)  # read anew, or it would hold the item
    world.store.conversations.weigh_again(id)
    return json_reply(_body(conversation))


def of_request(world: World, body: Json) -> Conversation | None:
    """The conversation that a response request names, or the service's 404.

    It makes one response at a time, and a 400 meanwhile (careme#379).
    """
    named: str | Json | None = body.get("conversation")
    if named is None:
        return None
    found = find(world, named if isinstance(named, str) else named["id"])
    if found.running is not None:
        raise invalid_request(
            "Another process is currently operating on this conversation. Please "
            "retry in a few seconds.",
            "conversation",
            "conversation_locked",
        )
    return found


def find(world: World, id: str) -> Conversation:
    """The conversation with this id as it is now, or the service's 404."""
    conversation = world.store.conversations.get(id)
    if conversation is None:
        contract.check_id("conversation_id", id, "conv")
        raise not_found(f"Conversation with id '{id}' not found.")
    _settle(world, conversation)
    return conversation


def append(world: World, conversation: Conversation, response: StoredResponse) -> None:
    """Add a response's input and output once it is complete."""
    conversation.pending.append(response)
    world.store.conversations.weigh_again(conversation.id)
    _settle(world, conversation)


def _settle(world: World, conversation: Conversation) -> None:
    """Move over what has become ready; a cancelled response leaves nothing."""
    now = world.clock()
    if conversation.running is not None and not conversation.running.runs(now):
        conversation.running = None
    if not conversation.pending:
        return
    ready = [r for r in conversation.pending if now >= r.ready_at]
    conversation.pending = [r for r in conversation.pending if now < r.ready_at]
    for response in sorted(ready, key=lambda response: response.ready_at):
        if response.body["status"] in ("completed", "incomplete"):
            items = response.input_items + response.body["output"]
            _add(world, conversation, items)


def history(conversation: Conversation) -> History:
    """All its items; read anew only after one has been removed or replaced."""
    items, kept = conversation.items, conversation.history
    if items.removed != conversation.checked or len(items) != len(kept.items):
        conversation.history = History().plus(list(items))
        conversation.checked = items.removed
    return conversation.history


def _add(world: World, conversation: Conversation, items: list[Json]) -> None:
    """Add items, which others may have to make room for."""
    conversation.history = history(conversation).plus(items)
    for item in items:
        conversation.items.put(item["id"], item)
        if len(item["id"]) <= LONGEST_ITEM_ID:
            world.store.item_owners.put(item["id"], conversation.id)
    world.store.conversations.weigh_again(conversation.id)


def _new_items(world: World, body: Json, known: History) -> list[Json]:
    """The items that a body brings, none of which a conversation has already."""
    given: list[Json] = body.get("items") or []
    history_checks.check_twice(world, given, known, "items")
    return turns.new_items(world, given, "items")


def _included(request: Request, operation: str) -> list[str]:
    query = contract.check_query(operation, request.query_lists)
    return includes.check(query.get("include", []))


def _find_item(conversation: Conversation, id: str) -> Json:
    item = conversation.items.get(id)
    if item is None:
        raise not_found(
            f"Item with id '{id}' not found in conversation '{conversation.id}'."
        )
    return item


def _body(conversation: Conversation) -> Json:
    return {
        "id": conversation.id,
        "object": "conversation",
        "created_at": conversation.created_at,
        "metadata": conversation.metadata,
    }
