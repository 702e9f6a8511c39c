"""`/responses`: create (plain, streamed, background), retrieve, delete, cancel, input.

A response's output is made by the stand-in model. A background response is worked out
when it is created and shown when the emulator's clock says that it is ready: nothing
runs behind the caller's back.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from responses_emulator import contract, families
from responses_emulator.errors import (
    invalid_request,
    missing_parameter,
    not_found,
)
from responses_emulator.http import Json, Reply, Request, json_reply, sse_reply
from responses_emulator.ids import new_id
from responses_emulator.model import logprobs, schema, standin, tokens
from responses_emulator.model.agents import DEFAULT_SUBAGENTS
from responses_emulator.model.history import all_as_read, as_read
from responses_emulator.model.prompt_cache import EXTENDED, FIRST, IN_MEMORY, Prefixes
from responses_emulator.model.ready import Asked, Fault
from responses_emulator.model.turn import Document, Picture, Turn
from responses_emulator.outbox import Event
from responses_emulator.resources import (
    compaction,
    context_window,
    conversation,
    conversations,
    includes,
    mcp_servers,
    settings,
    streaming,
    vector_stores,
    workspaces,
)
from responses_emulator.resources.paging import page
from responses_emulator.sizes import size_of
from responses_emulator.store import Conversation, StoredResponse
from responses_emulator.tools import Hit, McpServer, Workspace, mcp, tool_search
from responses_emulator.world import World

REASONING_STEP = 64  # tokens, as the service bills them
OPERATION = "responses.create"
QUEUE_SECONDS = 0.5  # how much of a background response's time is spent waiting


def create(world: World, request: Request, *, limited: bool = True) -> Reply:
    """`POST /responses`; one of a batch is not `limited`, since batches have their own.

    The headers tell how much is left of the limits: of a stream's, when it begins.
    """
    body = request.json()
    settings.check_previews(request, body)
    contract.check("responses.create", body)
    deployment = settings.check(world, request, body, in_batch=not limited)
    agents: Json = body.get("multi_agent") or {}
    if limited and not request.is_struck:
        world.limits.admit(deployment.name)
    given, triggered = compaction.without_trigger(body.get("input"))
    new = conversation.new_items(world, given)
    shared = conversations.of_request(world, body)
    history = (
        conversation.earlier(world, body.get("previous_response_id"), request.kept)
        if shared is None
        else conversations.history(shared)
    )
    digest = history.digest(new)
    said = history.items.all()
    said += new
    items, since = said, said
    files: list[Document] = []
    images: list[Picture] = []
    if digest.special:  # there is more than text
        if any(item.get("type") == "compaction" for item in digest.special):
            items = compaction.unfold(world, said)
            since = compaction.since_last(said)
        conversation.check_calls(digest.special if items is said else items)
        with_files = history.special.all()
        files, images = conversation.read_attachments(world, with_files, new)
    as_it_is = items is said
    before = said[: len(said) - len(since)]
    if triggered and not items:
        raise missing_parameter("input")
    folds: list[Json] = []
    if triggered:
        folds = [compaction.fold(world, items)]
    elif body.get("context_management") or agents.get("enabled"):
        folds = compaction.when_due(world, body, said)
    text: Json = body.get("text") or {}
    effort = settings.effort(deployment, body)
    reasoning: Json = {**(body.get("reasoning") or {}), "effort": effort}
    turn = Turn(
        items=items,
        instructions=body.get("instructions"),
        tools=[mcp_servers.without_secrets(tool) for tool in body.get("tools") or ()],
        tool_choice=body.get("tool_choice") or "auto",
        parallel_tool_calls=body.get("parallel_tool_calls") is not False
        and effort != "minimal",  # which knows no parallel calls
        max_tool_calls=body.get("max_tool_calls"),
        researches=settings.researches(deployment, body),
        subagents=agents.get("max_concurrent_subagents", DEFAULT_SUBAGENTS)
        if agents.get("enabled")
        else None,
        format=text.get("format") or {"type": "text"},
        reasoning=reasoning if effort and not triggered else None,
        folded=len(items) - len(since),
        folded_documents=len(conversation.read_attachments(world, before, [])[0])
        if before
        else 0,
        documents=files,
        pictures=images,
        digest=digest if as_it_is else None,
    )
    unlisted: list[Json] = []
    servers: mcp_servers.Servers = {}
    if turn.tools or text:
        settings.check_json_mode(turn)
        servers, failed = mcp_servers.connect(
            world, request, body.get("tools") or [], turn.tool_choice
        )
        # A server is asked when the response has begun. A stream, and a response in
        # the background, can only say there that it let nobody in.
        if failed and not (body.get("stream") or body.get("background")):
            raise failed[0][1]
        unlisted = [
            mcp.not_listed(tool, error.body["error"]["message"])
            for tool, error in failed[:1]
        ]
        _check_tools_exist(world, turn)
        _check_schemas(turn)
    previous = world.store.responses.get(body.get("previous_response_id") or "")
    if (
        files
        or shared is not None
        or context_window.may_overflow(deployment, previous, len(request.body))
    ):
        context_window.fit(deployment, turn, body.get("truncation"))
    written: list[Json] | None = None
    if request.generate and not triggered and not unlisted:
        written = _written(world, request, turn, deployment.name, limited=limited)
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
        new,
        previous_id=body.get("previous_response_id"),
        starts_at=min(now + QUEUE_SECONDS, ready_at),
        ready_at=ready_at,
        streamed=bool(body.get("stream")),
        include=body.get("include") or [],
        size=size_of(body),
    )
    if response["store"]:
        world.store.responses.put(response["id"], stored)
        if response["background"]:
            watch(world, stored)
    elif request.kept is not None:
        request.kept.put(response["id"], stored)
    thinking = 0
    answer: Iterable[Json] = ()
    if unlisted:
        answer = unlisted
    elif request.generate and not triggered:
        thinking = standin.reasoning_tokens(turn)
        answer = written or standin.respond(turn, _Hosted(world, servers))
    made = _make(world, stored, turn, shared, chain(folds, answer), thinking)
    if limited and world.limits.tokens is not None:
        made = _metered(world, deployment.name, stored, made)
    options: Json = body.get("stream_options") or {}
    obfuscate = options.get("include_obfuscation") is not False
    if body.get("stream") and not response["background"]:
        show = includes.view(world, stored.include)
        reply = sse_reply(streaming.WhileMade(stored, made, show, obfuscate=obfuscate))
    else:
        for _ in made:
            pass
        if body.get("stream"):
            reply = _told(world, stored, stored.include, obfuscate=obfuscate)
        else:
            reply = json_reply(_as_of_now(world, stored, stored.include))
    reply.headers |= world.limits.headers(deployment.name)
    reply.headers["x-ms-deployment-name"] = deployment.name
    reply.headers["x-ms-rai-invoked"] = "true"
    return reply


def _written(
    world: World,
    request: Request,
    turn: Turn,
    deployment: str,
    *,
    limited: bool,
) -> list[Json] | None:
    """The output that somebody has written for this turn: a test, or a file.

    Raises the error or the fault that a file has in its place. One of a batch has no
    connection that a fault could hit, and what was hit once is not hit again.
    """

    def hits(rule: Fault) -> bool:
        return limited and not request.is_struck and rule.hits(OPERATION, request)

    return world.scripted.take() or world.replies.take(Asked(turn, deployment), hits)


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
    world: World, deployment: str, stored: StoredResponse, made: Iterator[Json]
) -> Iterator[Json]:
    """The items as they are made; at the end their tokens count."""
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
    if not (stored.body["background"] and stored.streamed):
        raise invalid_request(
            "This response was not created with 'background' and 'stream': it has no "
            "events to resume.",
            "stream",
        )
    return _told(
        world,
        stored,
        # What the first stream brought, the others bring as well.
        stored.include + include,
        after=query.get("starting_after", -1),
        obfuscate=query.get("include_obfuscation") is not False,
    )


def delete(world: World, _request: Request, id: str) -> Reply:
    """`DELETE /responses/{id}`."""
    _find(world, id)
    world.store.responses.pop(id)
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
    if now < stored.ready_at:
        stored.uncancelled = replace(stored)
        stored.ready_at = now
        stored.body = {**stored.body, **streaming.UNFINISHED, "status": "cancelled"}
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
        raise not_found(f"Response with id '{id}' not found.")
    return stored


def _as_of_now(world: World, stored: StoredResponse, include: list[str]) -> Json:
    """The response as the clock shows it: what is not ready yet is not shown."""
    now = world.clock()
    if now >= stored.ready_at:
        output = stored.body["output"]
        shown = includes.show_all(world, output, include)
        return stored.body if shown == output else {**stored.body, "output": shown}
    status = "queued" if now < stored.starts_at else "in_progress"
    return {**stored.body, **streaming.UNFINISHED, "status": status}


def _told(
    world: World,
    stored: StoredResponse,
    include: list[str],
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


# Making a response


def _make(
    world: World,
    stored: StoredResponse,
    turn: Turn,
    shared: Conversation | None,
    items: Iterator[Json],
    thinking: int,
) -> Iterator[Json]:
    """Yield the output items as they are made; when they end, the body is complete.

    `thinking` is how many tokens that takes before the first one.
    """
    response = stored.body
    left = response["max_output_tokens"] or 1_000_000
    if thinking > left:  # it ends within the thoughts; only whole steps are billed
        thinking, left = left // REASONING_STEP * REASONING_STEP, -1
    else:
        left -= thinking
    for item in items:
        if item["type"] == "message":
            left = _cut(item, left)
            if "message.output_text.logprobs" in stored.include:
                _add_logprobs(item, response["top_logprobs"])
        elif left <= 0 and item["type"] not in ("reasoning", "compaction"):
            break
        response["output"].append(item)
        yield item
        if left < 0 and item["type"] != "compaction":
            break
    _finish(world, stored, turn, thinking, cut=left < 0)
    last: Json = response["output"][-1] if response["output"] else {}
    if last.get("type") == "mcp_list_tools" and last.get("error"):
        _fail(response, last["error"])
    stored.size += size_of(response["output"])
    world.store.responses.weigh_again(response["id"])
    if response["store"]:
        conversation.remember_items(world, stored)
    if shared is not None:
        conversations.append(world, shared, stored)


def _cut(message: Json, left: int) -> int:
    """Shorten a message to the tokens left; give what remains, below 0 if cut."""
    part = message["content"][0]
    kind = "refusal" if part["type"] == "refusal" else "text"
    needed = tokens.count(part[kind])
    if needed > left:
        message["status"] = "incomplete"
        part[kind] = part[kind][: max(left, 0) * 4]
        if kind == "text":
            part["annotations"] = []
    return left - needed


def _add_logprobs(message: Json, top: int) -> None:
    for part in message["content"]:
        if part["type"] == "output_text":
            part["logprobs"] = logprobs.of_text(part["text"], top)


def _finish(
    world: World,
    stored: StoredResponse,
    turn: Turn,
    thinking: int,
    *,
    cut: bool,
) -> None:
    response = stored.body
    now = world.clock()
    output: list[Json] = response["output"]
    input_tokens = context_window.count(turn)
    said: list[Json] = []
    output_tokens = thinking
    answer_end = 0
    for item in output:
        if item["type"] == "compaction":
            output_tokens += tokens.SUMMARY_TOKENS
        elif item["type"] != "reasoning":
            said.append(item)
            for part in item.get("content", ()):
                answer_end += len(part.get("text", ""))
    output_tokens += tokens.count_written(said)
    if response["max_output_tokens"]:
        output_tokens = min(output_tokens, response["max_output_tokens"])
    details = _cache_usage(world, response, turn, input_tokens)
    prompt_end = len(turn.prompt)
    response |= {
        "status": "incomplete" if cut else "completed",
        "completed_at": None if cut else int(max(now, stored.ready_at)),
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "content_filters": [
            _unfiltered("prompt", prompt_end),
            _unfiltered("completion", answer_end),
        ],
        "usage": {
            "input_tokens": input_tokens,
            "input_tokens_details": details,
            "output_tokens": output_tokens,
            "output_tokens_details": {"reasoning_tokens": thinking},
            "total_tokens": input_tokens + output_tokens,
        },
    }


def _cache_usage(world: World, response: Json, turn: Turn, input_tokens: int) -> Json:
    """What the prompt cache had of a prompt; from gpt-5.6 on, what it got of it."""
    now = world.clock()
    if families.is_from_5_6_on(response["model"]):
        options: Json = response.get("prompt_cache_options") or {}
        cached, written = world.prompt_cache.use_breakpoints(
            _prefixes(response, turn),
            input_tokens,
            now=now,
            implicit=options.get("mode") != "explicit",
        )
        return {"cached_tokens": cached, "cache_write_tokens": written}
    if input_tokens < FIRST:
        return {"cached_tokens": 0}
    extended = response["prompt_cache_retention"] == "24h"
    cached = world.prompt_cache.use(
        _prefixes(response, turn),
        input_tokens,
        now=now,
        lifetime=EXTENDED if extended else IN_MEMORY,
    )
    return {"cached_tokens": cached}


def _prefixes(response: Json, turn: Turn) -> Prefixes:
    """What the prompt cache compares of a prompt."""
    scope = f"{response['model']}\n{response['prompt_cache_key'] or ''}"
    head = [as_read(turn.instructions), as_read(turn.tools)]
    if turn.digest:
        return turn.digest.prefixes(scope, head)
    # A summary reads unlike any prompt before it, and unlike any other summary.
    summary = [item["id"] for item in turn.items[: turn.folded]]
    read = all_as_read(turn.items[turn.folded :])
    return Prefixes(scope).plus([*head, *map(as_read, summary), *read])


def _fail(response: Json, message: str) -> None:
    """End a response whose answer could not be made."""
    response |= {
        "status": "failed",
        "completed_at": None,
        "content_filters": None,
        "error": {"code": "server_error", "message": message},
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


class _Hosted:
    """What the stand-in model may do in the world of one emulator."""

    def __init__(self, world: World, servers: mcp_servers.Servers) -> None:
        self._world = world
        self._servers = servers

    def search(self, tool: Json, question: str) -> list[Hit]:
        options: Json = tool.get("ranking_options") or {}
        return vector_stores.search_stores(
            self._world,
            tool["vector_store_ids"],
            [question],
            tool.get("max_num_results") or 20,
            tool.get("filters"),
            options.get("score_threshold") or 0.0,
        )

    def container(self, wanted: str | Json, items: list[Json]) -> Workspace:
        return workspaces.for_tool(self._world, wanted, items)

    def mcp_server(self, tool: Json) -> McpServer:
        return self._servers[mcp_servers.key_of(tool)]

    def seal(self, text: str) -> str:
        return self._world.cipher.seal(text)


def _check_tools_exist(world: World, turn: Turn) -> None:
    """Say now, and not in the middle of a stream, that something is not there."""
    for index, tool in enumerate(turn.tools):
        place = f"tools[{index}]"
        if tool["type"] == "code_interpreter":
            wanted: str | Json = tool["container"]
            workspaces.check_wanted(world, wanted, f"{place}.container")
        elif tool["type"] == "shell":
            environment: Json = tool.get("environment") or {}
            if environment.get("type") == "container_reference":
                param = f"{place}.environment.container_id"
                workspaces.check_wanted(world, environment["container_id"], param)
            elif environment.get("type") == "container_auto":
                param = f"{place}.environment"
                workspaces.check_wanted(world, environment, param)
        elif tool["type"] == "file_search":
            for number, id in enumerate(tool["vector_store_ids"]):
                param = f"{place}.vector_store_ids[{number}]"
                vector_stores.find_active(world, id, param)


def _check_schemas(turn: Turn) -> None:
    """A schema that no value can satisfy is the caller's mistake."""
    where = "text.format.schema"
    try:
        if turn.format.get("schema"):
            schema.fill(turn.format["schema"], turn.prompt)
        for index, tool in enumerate(turn.tools):
            place = f"tools[{index}]"
            for number, function in enumerate(tool_search.flat([tool])):
                if function["type"] == "function":
                    inner = f".tools[{number}]" if "namespace" in function else ""
                    where = f"{place}{inner}.parameters"
                    schema.calls(function, turn.prompt)
    except ValueError as error:
        raise invalid_request(
            f"Invalid schema: {error}", where, "invalid_json_schema"
        ) from None
