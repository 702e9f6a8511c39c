"""Faults of the answer itself: failed, filtered, never ready, or not to be trusted."""

from collections.abc import Callable
from copy import deepcopy

import orjson

from responses_emulator.errors import invalid_request
from responses_emulator.faults import failures, findings
from responses_emulator.faults.breaking import first_of
from responses_emulator.faults.call import Call, tools_of
from responses_emulator.http import Json, Reply, Request, json_reply, sse_reply
from responses_emulator.ids import new_id, short_id
from responses_emulator.model.estimates import tokens
from responses_emulator.model.items import message
from responses_emulator.model.values import schema
from responses_emulator.resources import includes, streaming
from responses_emulator.store import StoredResponse

BLOCKED = (
    "The response was filtered due to the prompt triggering Azure OpenAI's content "
    "management policy. Please modify your prompt and retry. To learn more about our "
    "content filtering policies please read our documentation: "
    "https://go.microsoft.com/fwlink/?linkid=2198766"
)
NOT_FOUND_OUT = "I could not look it up: the tool that I called failed."
MCP_ERROR = "An error occurred while the tool was running."
NEVER = 1e12  # seconds since 1970


def failed(call: Call) -> Reply:
    """The response ended with an error."""
    error = failures.error(call.text("code"))

    def change(response: Json) -> None:
        response |= {"status": "failed", "error": error, "output": []}
        response |= {"completed_at": None, "usage": None}

    return _changed(call, change)


def incomplete(call: Call) -> Reply:
    """The answer was cut."""
    return _changed(call, lambda response: _cut(response, call.text("reason")))


def filter_output(call: Call) -> Reply:
    """The content filter cut the answer, and says why."""
    category = call.text("category")

    def change(response: Json) -> None:
        _cut(response, "content_filter")
        for entry in _filters(response):
            if entry["source_type"] == "completion":
                entry["blocked"] = True
                entry["content_filter_results"] = {
                    **entry["content_filter_results"],  # shared by all answers
                    **findings.found(category, filtered=True),
                }

    return _changed(call, change)


def filter_annotates(call: Call) -> Reply:
    """The filter found something and let it pass: a note on a whole answer."""
    note, source = call.text("category"), call.text("source")

    def change(response: Json) -> None:
        if note == findings.NO_REPORT:
            response["content_filters"] = None
        for entry in _filters(response):
            if entry["source_type"] == source:
                entry["content_filter_results"] = {
                    **entry["content_filter_results"],  # shared by all answers
                    **findings.found(note, filtered=False),
                }

    return _changed(call, change)


def filter_prompt(call: Call) -> Reply:
    """The prompt is blocked; what else is wrong with the request is said first."""
    reply = call.answer()
    if reply.status != 200:
        return reply
    _forget(call, reply)
    results: Json = {
        **{name: findings.safe(name) for name in (*findings.HARMS, "jailbreak")},
        **findings.found(call.text("category"), filtered=True),
    }
    error = invalid_request(BLOCKED, "prompt", "content_filter")
    shown: Json = error.body["error"]
    shape = call.text("shape")
    if shape == "null":
        shown["content_filters"] = None
    elif shape == "innererror":
        inner = {"code": "ResponsibleAIPolicyViolation"}
        shown |= {"type": None, "status": 400}
        shown["innererror"] = {**inner, "content_filter_result": results}
    elif shape == "content_filters":
        end = len(str(call.body.get("input", "")))
        offsets = {"start_offset": 0, "end_offset": end, "check_offset": 0}
        entry = {"blocked": True, "source_type": "prompt", "content_filter_raw": None}
        entry |= {"content_filter_results": results, "content_filter_offsets": offsets}
        shown["content_filters"] = [entry]
    return _instead(reply, json_reply(error.body, error.status))


def refusal(call: Call) -> Reply:
    """A refusal in place of the answer."""
    part = {"type": "refusal", "refusal": "I'm sorry, but I can't help with that."}

    def change(response: Json) -> None:
        response["output"][:] = [*_thoughts(response), message(part)]

    return _changed(call, change)


def never_ends(call: Call) -> Reply:
    """In progress until it is cancelled."""
    reply = call.answer()
    if reply.status != 200:
        return reply
    if not isinstance(reply.body, bytes):
        stored = _begun(call, reply)
        stored.ready_at = NEVER
        return _instead(reply, _told_again(call, stored))
    stored = call.world.store.responses.get(_id_of(reply))
    if stored:
        stored.ready_at = NEVER
    return reply


def cancelled(call: Call) -> Reply:
    """Cancelled by somebody else, once the caller has been told its id."""
    reply = call.answer()
    if reply.status != 200:
        return reply
    if isinstance(reply.body, bytes):
        call.handle(_about(call, f"{_id_of(reply)}/cancel", "POST"))
        return reply
    stored = _begun(call, reply)
    call.handle(_about(call, f"{stored.body['id']}/cancel", "POST"))
    return _instead(reply, _told_again(call, stored))


def indexing_fails(call: Call) -> Reply:
    """The files of this request cannot be indexed."""
    return _indexed(call, "failed")


def indexing_never_ends(call: Call) -> Reply:
    """The files of this request are being indexed for ever."""
    return _indexed(call, "in_progress")


def arguments_not_json(call: Call) -> Reply:
    """The arguments end in their middle."""

    def spoil(item: Json) -> None:
        arguments: str = item["arguments"]
        item["arguments"] = arguments[: len(arguments) // 2] or "{"

    return _calling(call, spoil)


def arguments_of_wrong_type(call: Call) -> Reply:
    """Valid JSON in which no value has the type that the schema wants."""

    def spoil(item: Json) -> None:
        arguments: Json = orjson.loads(item["arguments"])
        wrong: Json = {
            name: ["wrong"] if isinstance(value, str | dict) else "wrong"
            for name, value in arguments.items()
        }
        item["arguments"] = orjson.dumps(wrong or {"unexpected": True}).decode()

    return _calling(call, spoil)


def unknown_function(call: Call) -> Reply:
    """A function that nobody offered."""
    return _calling(call, lambda item: item.update(name="no_such_function"))


def calls_for_ever(call: Call) -> Reply:
    """One more call, whatever has been answered."""
    return _calling(call, lambda _: None)


def mcp_call_fails(call: Call) -> Reply:
    """No call to an MCP server succeeds; a text that is the answer says so."""
    error: str | Json = MCP_ERROR
    if call.parameters["shape"] == "object":
        content = [{"type": "text", "text": MCP_ERROR}]
        error = {"type": "mcp_tool_execution_error", "content": content}

    def change(response: Json) -> None:
        output: list[Json] = response["output"]
        calls = [item for item in output if item["type"] == "mcp_call"]
        for item in calls:
            item |= {"status": "failed", "output": None, "error": error}
        if calls and response["text"]["format"]["type"] == "text":
            answers = [item for item in output if item["type"] == "message"]
            for item in answers:
                item["content"] = message(NOT_FOUND_OUT)["content"]

    return _changed(call, change)


def _changed(call: Call, change: Callable[[Json], None]) -> Reply:
    """The reply to `responses.create` with its response changed, stored so as well.

    Plain, streamed or in the background. An error passes as it is. `change` works on
    the whole response in place.
    """
    reply = call.answer()
    if reply.status != 200:
        return reply
    show = includes.view(call.world, call.body.get("include") or [])
    if isinstance(reply.body, bytes):
        shown: Json = orjson.loads(reply.body)
        stored = call.world.store.responses.get(shown["id"])
        response = _change(stored.body if stored else shown, change)
        if shown["status"] in ("queued", "in_progress"):
            return reply  # in the background: it shows when it is ready
        shown_output = list(map(show, response["output"]))
        return _instead(reply, json_reply({**response, "output": shown_output}))
    if call.body.get("background"):
        stored = _begun(call, reply)
        _change(stored.body, change)
        return _instead(reply, _told_again(call, stored))
    last: Json = {}
    for event in reply.body:  # to its end: then it is whole, and stored
        assert isinstance(event, dict)
        last = event
    stored = call.world.store.responses.get(last["response"]["id"])
    response = _change(stored.body if stored else deepcopy(last["response"]), change)
    items: list[Json] = [] if response["status"] == "failed" else response["output"]
    obfuscate = _obfuscates(call)
    told = streaming.events_of(response, iter(items), show, obfuscate=obfuscate)
    return _instead(reply, sse_reply(told))


def _instead(reply: Reply, other: Reply) -> Reply:
    """Another reply with the headers of the gateway that the first one had."""
    other.headers = reply.headers | other.headers
    return other


def _change(response: Json, change: Callable[[Json], None]) -> Json:
    change(response)
    usage: Json | None = response["usage"]
    if usage:
        said = [item for item in response["output"] if item["type"] != "reasoning"]
        thinking: int = usage["output_tokens_details"]["reasoning_tokens"]
        usage["output_tokens"] = thinking + tokens.count_written(said)
        usage["total_tokens"] = usage["input_tokens"] + usage["output_tokens"]
    return response


def _begun(call: Call, reply: Reply) -> StoredResponse:
    """The response in the background whose stream has just begun; it is broken off."""
    assert not isinstance(reply.body, bytes)
    id: str = first_of(reply.body)["response"]["id"]
    stored = call.world.store.responses.get(id)
    assert stored  # what runs in the background is always stored
    return stored


def _told_again(call: Call, stored: StoredResponse) -> Reply:
    show = includes.view(call.world, stored.include)
    obfuscate = _obfuscates(call)
    return sse_reply(
        streaming.by_the_clock(call.world.clock, stored, show, obfuscate=obfuscate)
    )


def _obfuscates(call: Call) -> bool:
    options: Json = call.body.get("stream_options") or {}
    return options.get("include_obfuscation") is not False


def _cut(response: Json, reason: str) -> None:
    response |= {
        "status": "incomplete",
        "incomplete_details": {"reason": reason},
        "completed_at": None,
    }
    for item in response["output"]:
        content: list[Json] = item.get("content") or []
        for part in content:
            if "text" in part:
                part["text"] = part["text"][: len(part["text"]) // 2]
                part["annotations"] = []
                item["status"] = "incomplete"


def _filters(response: Json) -> list[Json]:
    return response["content_filters"] or []


def _thoughts(response: Json) -> list[Json]:
    return [item for item in response["output"] if item["type"] == "reasoning"]


def _calling(call: Call, spoil: Callable[[Json], None]) -> Reply:
    """An answer that is a function call, which `spoil` has had in its hands."""

    def change(response: Json) -> None:
        output: list[Json] = response["output"]
        if not any(item["type"] == "function_call" for item in output):
            output[:] = [*_thoughts(response), _function_call(call)]
        spoil(next(item for item in output if item["type"] == "function_call"))

    return _changed(call, change)


def _function_call(call: Call) -> Json:
    tool = next(t for t in tools_of(call.body) if t.get("type") == "function")
    calls: list[Json] = list(schema.calls(tool, str(call.body.get("input", ""))))
    arguments = calls[0] if calls else {}
    return {
        "id": new_id("fc"),
        "type": "function_call",
        "status": "completed",
        "arguments": orjson.dumps(arguments).decode(),
        "call_id": short_id("call_"),
        "name": tool["name"],
    }


def _forget(call: Call, reply: Reply) -> None:
    """Nothing stays of a response that was never given."""
    body = reply.body
    if isinstance(body, bytes):
        id = _id_of(reply)
    else:
        id = first_of(body)["response"]["id"]
        close = getattr(body, "close", None)
        if close:
            close()
    call.world.store.responses.pop(id)


def _indexed(call: Call, status: str) -> Reply:
    """Index the files of the request, and show the reply that their status makes."""
    reply = call.answer()
    if reply.status != 200 or not isinstance(reply.body, bytes):
        return reply
    made: Json = orjson.loads(reply.body)
    store_id: str = made.get("vector_store_id") or made["id"]
    store = call.world.store.vector_stores.get(store_id)
    asked = call.body
    ids: list[str | None] = [asked.get("file_id"), *(asked.get("file_ids") or [])]
    files: list[Json] = asked.get("files") or []
    ids += [entry["file_id"] for entry in files]
    for id in ids:
        file = store.files.get(id) if store and id else None
        if file and status == "failed":
            code = call.text("code")
            error = {"code": code, "message": failures.INDEXING[code]}
            file.last_error, file.state = error, "completed"
            file.passages, file.usage_bytes = [], 0
        elif file:
            file.state, file.ready_at = status, NEVER
            file.passages, file.usage_bytes = [], 0
    return call.handle(_about(call, made["id"], "GET"))


def _about(call: Call, path: str, method: str) -> Request:
    """A request about what the call made: where something is made, there it is."""
    target, mark, query = call.request.target.partition("?")
    target = f"{target.rstrip('/')}/{path}{mark}{query}"
    return Request(method, target, call.request.headers)


def _id_of(reply: Reply) -> str:
    """The id of what a plain reply has made."""
    assert isinstance(reply.body, bytes)
    return orjson.loads(reply.body)["id"]
