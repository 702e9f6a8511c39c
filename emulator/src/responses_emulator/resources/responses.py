"""`/responses`: create (plain, streamed, background), retrieve, delete, cancel, input.

What is said, and which tools are run, is the business of `agent`; here a request is
read, and its response kept and shown. One in the background is shown when the
emulator's clock says that it is ready, and not before a model has said all of it.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import orjson

from responses_emulator import agent, contract
from responses_emulator.account import Deployment
from responses_emulator.agent import Made, Rules
from responses_emulator.errors import invalid_request, not_found
from responses_emulator.growing import Piece
from responses_emulator.http import (
    JSON_TYPE,
    Json,
    Late,
    LateError,
    Reply,
    Request,
    json_reply,
    sse_reply,
)
from responses_emulator.ids import new_id
from responses_emulator.model.protocol import Model, line_of, minds_bounds
from responses_emulator.model.replies.matching import Fault
from responses_emulator.model.replies.written import Written
from responses_emulator.model.turn import Turn
from responses_emulator.outbox import Event
from responses_emulator.resources import (
    compaction,
    includes,
    making,
    mcp_servers,
    settings,
    streaming,
    tool_checks,
    turns,
)
from responses_emulator.resources.paging import page
from responses_emulator.resources.reach import Reach
from responses_emulator.resources.streaming import Parts
from responses_emulator.resources.turns import Said
from responses_emulator.signals import Pause, Signal
from responses_emulator.sizes import size_of
from responses_emulator.store import StoredResponse
from responses_emulator.waiting import Log
from responses_emulator.world import World

OPERATION = "responses.create"
RESUMABLE_SECONDS = 300  # after its creation; how long its events are kept
NOBODY = Written([])  # who answers where no answer is asked for
PIECE_BYTES = 200  # that keeping one piece takes, beside its text
QUEUE_SECONDS = 0.5  # how much of a background response's time is spent waiting


def create(world: World, request: Request, *, limited: bool = True) -> Reply:
    """`POST /responses`; one of a batch is not `limited`, since batches have their own.

    The headers tell how much is left of the limits: of a stream's, when it begins.
    """
    body = request.json()
    settings.check_previews(request, body)
    if world.lenient_history:
        contract.forgive("responses.create", body, "input")
    contract.check("responses.create", body)
    deployment = world.deployment(body["model"])
    settings.check_dated(request, body)
    before = turns.before(world, request, body)
    contract.check_source(body)
    settings.check(world, request, body, deployment, in_batch=not limited)
    if limited and not request.is_struck:
        world.limits.admit(deployment.name)
    said = turns.of_request(world, body, deployment, before)
    rules = turns.rules(body, deployment, said.turn)
    servers = _checked_tools(world, request, body, said.turn)
    turns.fit(world, request, body, deployment, said)
    model = _model(world, request, said, deployment, limited=limited)
    stored = _begun(world, request, body, deployment, said)
    painter = request.headers.get(settings.IMAGE_HEADER)
    reach = Reach(world, rules.tools, servers, said.turn.items, painter)
    parts = _parts(world, said, rules, model, reach, stored.stop)
    bounded = minds_bounds(model)
    made = making.make(world, stored, said.turn, said.shared, parts, bounded=bounded)
    if limited and world.limits.tokens is not None:
        made = _metered(world, deployment.name, stored, made)
    waits = any(server.waits for server in servers.values())
    reply = _reply(world, request, body, stored, made, model, servers_wait=waits)
    reply.headers |= world.limits.headers(deployment.name)
    reply.headers["x-ms-deployment-name"] = deployment.name
    reply.headers["x-ms-rai-invoked"] = "true"
    return reply


def _checked_tools(
    world: World, request: Request, body: Json, turn: Turn
) -> mcp_servers.Servers:
    """The servers of a request's tools, which are asked when the response has begun."""
    if not (turn.tools or body.get("text")):
        return {}
    settings.check_json_mode(turn)
    servers = mcp_servers.named(world, request, body.get("tools") or [])
    tool_checks.check(world, turn)
    return servers


def _model(
    world: World, request: Request, said: Said, deployment: Deployment, *, limited: bool
) -> Model:
    """Whoever answers: what a test or a file has written for this turn, or the model.

    Nobody does where no output is asked for. Raises the error or the fault that a file
    has in place of a reply. One of a batch has no connection that a fault could hit,
    and what was hit once is not hit again. Raises the service's 503 where too many wait
    for the model already.
    """

    def hits(rule: Fault) -> bool:
        return limited and not request.is_struck and rule.hits(OPERATION, request)

    if said.only_folds or not request.generate:
        return NOBODY
    name = deployment.name
    written = world.scripted.take() or world.replies.take(said.turn, name, hits)
    if written is not None:
        return Written(written)
    model = world.model_of(name)
    line = line_of(model)
    if line is not None and line.is_full:
        raise agent.too_many()
    return model


def _parts(
    world: World,
    said: Said,
    rules: Rules,
    model: Model,
    reach: Reach,
    stop: Signal | None,
) -> Iterator[Made]:
    """What the output consists of, as it comes; a compaction is the last of it."""
    parts: Iterator[Made] = iter(())
    if model is not NOBODY:
        parts = agent.run(said.turn, rules, model, reach, world.pool, stop)
    if said.to_fold is not None:
        parts = compaction.after(world, said.to_fold, parts)
    return parts


def _begun(
    world: World, request: Request, body: Json, deployment: Deployment, said: Said
) -> StoredResponse:
    """A response that begins, kept where it may be gone on from."""
    now = world.clock()
    response: Json = _NEW | {
        "id": new_id("resp"),
        "created_at": int(now),
        "background": bool(body.get("background")),
        "output": [],
    }
    settings.echo(response, deployment, body)
    ready_at = now + world.background_seconds if response["background"] else 0.0
    stored = StoredResponse(
        response,
        said.new,
        previous_id=body.get("previous_response_id"),
        starts_at=min(now + QUEUE_SECONDS, ready_at),
        ready_at=ready_at,
        streamed=bool(body.get("stream")),
        include=body.get("include") or (),
        size=size_of(body),
        stop=Signal() if response["background"] else None,
    )
    if said.shared is not None:
        said.shared.running = stored
    if response["store"]:
        world.store.responses.put(response["id"], stored)
        if response["background"]:
            watch(world, stored)
    elif request.kept is not None:
        request.kept.put(response["id"], stored)
    return stored


def _reply(
    world: World,
    request: Request,
    body: Json,
    stored: StoredResponse,
    made: Parts,
    model: Model,
    *,
    servers_wait: bool,
) -> Reply:
    """The response as it was asked for: by the clock, as a stream, or as a whole."""
    options: Json = body.get("stream_options") or {}
    obfuscate = options.get("include_obfuscation") is not False
    if stored.body["background"]:
        if model.waits:
            made = _at_its_own_pace(world, stored, made)
        may_go_on = model.waits or servers_wait or not request.may_block
        _make_in_background(world, stored, made, may_go_on=may_go_on)
        if stored.streamed:
            return _told(world, stored, stored.include, obfuscate=obfuscate)
        return json_reply(_as_of_now(world, stored, stored.include))
    if stored.streamed:
        show = includes.view(world, stored.include)
        if request.may_block:
            made = _waited_for(made)
        in_line = line_of(model) is not None
        return sse_reply(
            streaming.WhileMade(
                stored, made, show, obfuscate=obfuscate, in_line=in_line
            )
        )
    return _whole(world, request, stored, made)


def _at_its_own_pace(world: World, stored: StoredResponse, made: Parts) -> Parts:
    """Be ready when the model has said all, and tell that as it comes."""
    stored.starts_at = stored.ready_at = world.clock()
    return _followed(world, stored, made) if stored.streamed else made


def _make_in_background(
    world: World, stored: StoredResponse, made: Parts, *, may_go_on: bool
) -> None:
    """Make it now; from the first pause on behind the caller's back, if it may."""
    for pause in _pauses(made):
        if may_go_on:
            _go_on_in_background(world, stored, made, pause)
            return
        pause.pass_by()


def _whole(
    world: World, request: Request, stored: StoredResponse, made: Parts
) -> Reply:
    """The response when it is complete, or the error that came of it."""
    pauses = _pauses(made)
    for pause in pauses:
        if not request.may_block:
            return _when_made(world, stored, made, chain((pause,), pauses))
        pause.pass_by()
    if stored.error is not None:
        world.store.responses.pop(stored.body["id"])
        raise stored.error
    return json_reply(_as_of_now(world, stored, stored.include))


def _pauses(made: Parts) -> Iterator[Pause]:
    """The pauses while it is made: to ask for the next one has it made further."""
    return (each for each in made if isinstance(each, Pause))


def _followed(world: World, stored: StoredResponse, made: Parts) -> Parts:
    """What is made, kept for those who follow it, as long as they may."""
    log = stored.log = Log[Any]()
    id: str = stored.body["id"]

    def weigh(parts: list[Any]) -> None:
        texts = sum(len(each.text) for each in parts if isinstance(each, Piece))
        stored.followed_size += len(parts) * PIECE_BYTES + texts
        world.store.responses.weigh_again(id)

    def drop(now: float) -> Event | float | None:
        if stored.is_being_made:
            return now + RESUMABLE_SECONDS
        stored.log = None
        stored.followed_size = 0
        world.store.responses.weigh_again(id)
        return None

    world.outbox.watch(stored.body["created_at"] + RESUMABLE_SECONDS + 1, drop)
    return log.kept(made, weigh)


def _waited_for(made: Parts) -> Parts:
    """What is made, without pauses: they pass in the thread of whoever asks for it."""
    for each in made:
        if isinstance(each, Pause):
            each.pass_by()
        else:
            yield each


def _when_made(
    world: World, stored: StoredResponse, made: Parts, pauses: Iterator[Pause]
) -> Reply:
    """The response as a whole, for which whoever sends it on waits."""

    def whole() -> bytes:
        if stored.error is None:
            return orjson.dumps(_as_of_now(world, stored, stored.include))
        world.store.responses.pop(stored.body["id"])
        return LateError(stored.error)

    late = Late(pauses, whole, lambda: streaming.leave(stored, made))
    return Reply(200, {"content-type": JSON_TYPE}, late)


def _go_on_in_background(
    world: World, stored: StoredResponse, made: Parts, pause: Pause
) -> None:
    """Have it made further as there is news, in the thread that brings it."""
    done = stored.done = Signal()

    def go_on() -> None:
        try:
            for each in made:
                if isinstance(each, Pause):
                    assert each.news is not None
                    each.news.then(go_on)
                    return
        except Exception:
            _LOG.exception("A response in the background broke off")
            making.fail(stored.body, "The emulator failed.")
        if stored.body["status"] != "cancelled":
            stored.ready_at = max(stored.ready_at, world.clock())
        done.set()
        watch(world, stored)

    assert pause.news is not None
    pause.news.then(go_on)


# A response that has just begun; a copy of it is made faster than all of it anew.
_NEW: Json = {
    "id": "",
    "object": "response",
    "created_at": 0,
    "status": "in_progress",
    "background": False,
    **streaming.UNFINISHED,
    **settings.DEFAULTS,
}


def _metered(
    world: World, deployment: str, stored: StoredResponse, made: Parts
) -> Parts:
    """What is made, as it comes; at the end its tokens count."""
    yield from made
    if stored.body["usage"]:
        world.limits.spend(deployment, stored.body["usage"]["total_tokens"])


def retrieve(world: World, request: Request, id: str) -> Reply:
    """`GET /responses/{id}`; with `stream=true`, its events after `starting_after`."""
    stored = _find(world, id)
    query = contract.check_query("responses.retrieve", request.query_lists)
    include = includes.check(query.get("include", []))
    if not query.get("stream"):
        return json_reply(_as_of_now(world, stored, include))
    _check_resumable(world, stored)
    return _told(
        world,
        stored,
        # What the first stream brought, the others bring as well.
        [*stored.include, *include],
        after=query.get("starting_after", -1),
        obfuscate=query.get("include_obfuscation") is not False,
    )


def _check_resumable(world: World, stored: StoredResponse) -> None:
    """Events are kept of what was made to be resumed, and not for long.

    The words are those that users report (openai-python#2828), and those of Microsoft's
    own server for agents (azure-dev), of which it has one for each parameter.
    """
    for name, is_so in (
        ("background", stored.body["background"]),
        ("stream", stored.streamed),
    ):
        if not is_so:
            raise invalid_request(
                "This response cannot be streamed because it was not created with "
                f"{name}=true.",
                "stream",
            )
    if world.clock() > stored.body["created_at"] + RESUMABLE_SECONDS:
        raise invalid_request(
            "This response can no longer be streamed because it is more than 5 minutes "
            "old.",
            "stream",
        )


def delete(world: World, _request: Request, id: str) -> Reply:
    """`DELETE /responses/{id}`."""
    stored = _find(world, id)
    world.store.responses.pop(id)
    stored.let_go()
    return json_reply({"id": id, "object": "response", "deleted": True})


def cancel(world: World, _request: Request, id: str) -> Reply:
    """`POST /responses/{id}/cancel`: ends a background response; twice is no error."""
    stored = _find(world, id)
    if not stored.body["background"]:
        raise invalid_request(
            "Cannot cancel a synchronous response. Only responses created with "
            "'background' set to true can be cancelled."
        )
    now = world.clock()
    if now < stored.ready_at or stored.is_being_made:
        stored.uncancelled = replace(stored, ready_at=max(stored.ready_at, now + 1))
        stored.ready_at = now
        stored.body = {**stored.body, **streaming.UNFINISHED, "status": "cancelled"}
        stored.let_go()
        watch(world, stored)
    return json_reply(_as_of_now(world, stored, []))


def watch(world: World, stored: StoredResponse) -> None:
    """Have webhook endpoints told when a response in the background ends."""
    id: str = stored.body["id"]

    def look(now: float) -> Event | float | None:
        found = world.store.responses.get(id)
        if found is None or found.told:
            return None  # deleted, or cancelled and told of
        if found.runs(now):
            return found.ready_at
        found.told = True
        return Event(f"response.{found.body['status']}", id, found.ready_at)

    world.outbox.watch(stored.ready_at, look)


def input_items(world: World, request: Request, id: str) -> Reply:
    """`GET /responses/{id}/input_items`, newest first unless `order=asc`."""
    stored = _find(world, id)
    query = contract.check_query("responses.input_items.list", request.query_lists)
    listed = page(request, stored.input_items)
    include = includes.check(query.get("include", []))
    listed["data"] = includes.show_all(world, listed["data"], include)
    return json_reply(listed)


def _find(world: World, id: str) -> StoredResponse:
    stored = world.store.responses.get(id)
    if stored is None:
        contract.check_id("response_id", id, "resp")
        raise not_found(f"Response with id '{id}' not found.")
    return stored


def _as_of_now(world: World, stored: StoredResponse, include: Sequence[str]) -> Json:
    """The response as the clock shows it: what is not ready yet is not shown."""
    now = world.clock()
    if stored.queued and stored.body["status"] == "in_progress":
        return {**stored.body, **streaming.UNFINISHED, "status": "queued"}
    if now >= stored.ready_at and not stored.is_being_made:
        output = stored.body["output"]
        shown = includes.show_all(world, output, include)
        return stored.body if shown == output else {**stored.body, "output": shown}
    status = "queued" if now < stored.starts_at else "in_progress"
    return {**stored.body, **streaming.UNFINISHED, "status": status}


def _told(
    world: World,
    stored: StoredResponse,
    include: Sequence[str],
    *,
    after: int = -1,
    obfuscate: bool,
) -> Reply:
    """The events of a response in the background, by the clock."""
    show = includes.view(world, include)
    return sse_reply(
        streaming.by_the_clock(
            world.clock, stored, show, after=after, obfuscate=obfuscate
        )
    )


_LOG = logging.getLogger("responses_emulator")
