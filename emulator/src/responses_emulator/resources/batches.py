"""`/batches`: many responses asked for in one file, answered in another.

All requests of a batch are answered when it is created, and shown when the emulator's
clock says so: nothing runs behind the caller's back. Where a model or an MCP server may
be slow, they are answered one after the other in a thread; then a batch is in progress
until the last one has its answer. Only deployments of the type Global-Batch take part,
and they do nothing else.
"""

import logging
from dataclasses import replace
from functools import partial
from math import inf
from typing import Any, cast

import orjson

from responses_emulator import contract, json_text
from responses_emulator.errors import (
    ServiceError,
    gateway_error,
    invalid_request,
    not_emulated,
    not_found,
)
from responses_emulator.http import Json, Reply, Request, json_reply
from responses_emulator.ids import hex_id, short_id
from responses_emulator.outbox import Event
from responses_emulator.resources import files, mcp_servers, responses
from responses_emulator.resources.paging import page
from responses_emulator.store import BatchResult, StoredBatch, StoredFile
from responses_emulator.world import World

WINDOW_SECONDS = 86_400
MAX_REQUESTS = 10_000  # Azure takes 100,000; here they are answered while one waits
MAX_ERRORS = 100  # that a failed batch lists
BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # a known issue of Azure's: it takes no such file
NO_DEPLOYMENT = (
    "Validation failed: A valid model deployment name couldn't be extracted from the "
    "input file. Please ensure that each row in the input file has a valid deployment "
    "name specified in the 'model' field, and that the deployment name is consistent "
    "across all rows."
)
NO_BATCH_DEPLOYMENT = (
    "The deployment SKU is invalid. Please ensure that the Azure OpenAI deployment SKU "
    "is 'globalbatch' for batch API requests."
)
EMPTY = (
    "The input file is empty. Please ensure that the batch contains at least one "
    "request."
)
# Of a batch's time, in sixths: reading the file, then answering, then writing it.
READ, ANSWERED, WRITTEN = 1 / 6, 5 / 6, 1.0


def create(world: World, request: Request) -> Reply:
    """`POST /batches`."""
    body = request.json()
    contract.check("batches.create", body)
    endpoint: str = body["endpoint"]
    if endpoint.removeprefix("/v1") != "/responses":
        raise not_emulated(f"batches for '{endpoint}'", "endpoint")
    source = files.find(world, body["input_file_id"], "input_file_id")
    if source.purpose != "batch":
        raise invalid_request(
            f"Invalid 'input_file_id': the file's purpose is '{source.purpose}'. "
            "Expected a file with the purpose 'batch'.",
            "input_file_id",
            "invalid_value",
        )
    lines, errors = _read(world, source.content, endpoint)
    expiry: Json = body.get("output_expires_after") or {}
    batch = StoredBatch(
        hex_id("batch_"),
        endpoint,
        source.id,
        created_at=world.clock(),
        seconds=world.background_seconds,
        metadata=body.get("metadata"),
        output_lifetime=expiry.get("seconds"),
        errors=errors[:MAX_ERRORS],
    )
    if not errors:
        deployment = lines[0]["body"]["model"]
        batch.model = world.deployment(deployment).model
        batch.total = len(lines)
        if world.model_of(deployment).waits or _ask_outside(world, request, lines):
            batch.answered_at = inf
        else:
            batch.results = [_answer(world, request, line) for line in lines]
            files.check_room(world, sum(len(one.line) + 1 for one in batch.results))
    world.store.batches.put(batch.id, batch)
    if batch.answered_at == inf:
        world.batch_pool.do(partial(_answer_in_turn, world, request, batch, lines))
    else:
        _watch(world, batch)
    return json_reply(_body(world, batch), 201)


def list_batches(world: World, request: Request) -> Reply:
    """`GET /batches`, newest first."""
    contract.check_query("batches.list", request.query_lists)
    bodies = [_body(world, batch) for batch in world.store.batches]
    return json_reply(page(request, bodies))


def retrieve(world: World, _request: Request, id: str) -> Reply:
    """`GET /batches/{id}`."""
    return json_reply(_body(world, _find(world, id)))


def cancel(world: World, _request: Request, id: str) -> Reply:
    """`POST /batches/{id}/cancel`. What was answered by then can be downloaded."""
    batch = _find(world, id)
    status = _status(batch, world.clock())
    if status in ("completed", "failed"):
        raise invalid_request(f"Cannot cancel a batch with status '{status}'.")
    if batch.cancelled_at is None:
        batch.cancelled_at = world.clock()
        _watch(world, batch)
    return json_reply(_body(world, batch))


def _find(world: World, id: str) -> StoredBatch:
    batch = world.store.batches.get(id)
    if batch is None:
        raise not_found(f"No batch found with id '{id}'.", "batch_id")
    return batch


def _watch(world: World, batch: StoredBatch) -> None:
    """Have webhook endpoints told when a batch ends."""

    def look(now: float) -> Event | float | None:
        if batch.told or world.store.batches.get(batch.id) is not batch:
            return None
        status = _status(batch, now)
        if status not in ("completed", "failed", "cancelled"):
            return _ends_at(batch)
        batch.told = True
        return Event(f"batch.{status}", batch.id, _ends_at(batch))

    world.outbox.watch(_ends_at(batch), look)


# The requests of a batch


def _read(world: World, content: bytes, endpoint: str) -> tuple[list[Json], list[Json]]:
    """The requests in a JSONL file, and everything that is wrong with them."""
    lines: list[Json] = []
    errors: list[Json] = []
    custom_ids: set[str] = set()
    if content.startswith(BYTE_ORDER_MARK):
        return lines, [_error("invalid_request", NO_DEPLOYMENT)]
    for number, raw in enumerate(content.split(b"\n"), 1):
        if not raw.strip():
            continue
        if len(lines) + len(errors) == MAX_REQUESTS:
            message = f"The emulator takes at most {MAX_REQUESTS:,} requests a batch."
            return lines, [_error("too_many_tasks", message)]
        try:
            line = _checked(world, raw, endpoint, lines)
            if line["custom_id"] in custom_ids:
                raise _LineError(
                    "duplicate_custom_id",
                    f"The custom_id '{line['custom_id']}' is used more than once.",
                    "custom_id",
                )
        except _LineError as error:
            errors.append(_error(error.code, error.message, error.param, number))
            continue
        custom_ids.add(line["custom_id"])
        lines.append(line)
    if not lines and not errors:
        errors.append(_error("empty_file", EMPTY))
    return lines, errors


class _LineError(Exception):
    def __init__(self, code: str, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.param = code, message, param


def _checked(world: World, raw: bytes, endpoint: str, above: list[Json]) -> Json:
    """One line of the file. Raises _LineError."""
    try:
        line: Any = json_text.parse(raw)
    except ValueError:
        line = None
    if not isinstance(line, dict):
        raise _LineError("invalid_json_line", "This line is not a JSON object.")
    fields: Json = line  # pyright: ignore[reportUnknownVariableType]
    for name, type, noun in (
        ("custom_id", str, "a string"),
        ("method", str, "a string"),
        ("url", str, "a string"),
        ("body", dict, "an object"),
    ):
        if not isinstance(fields.get(name), type) or not fields[name]:
            raise _LineError("invalid_request", f"'{name}' has to be {noun}.", name)
    if fields["method"] != "POST":
        raise _LineError("invalid_request", "'method' has to be 'POST'.", "method")
    if fields["url"].removeprefix("/v1") != endpoint.removeprefix("/v1"):
        raise _LineError(
            "url_mismatch",
            f"The URL '{fields['url'][:100]}' is not the batch's endpoint, "
            f"'{endpoint}'.",
            "url",
        )
    model: object = fields["body"].get("model")
    try:
        deployment = world.deployment(model)
    except ServiceError:
        raise _LineError(
            "model_not_found", "The model names no deployment.", "body.model"
        ) from None
    if not deployment.is_batch:
        raise _LineError("invalid_request", NO_BATCH_DEPLOYMENT, "body.model")
    if above and model != above[0]["body"]["model"]:
        raise _LineError(
            "model_mismatch",
            f"The model '{model}' is not that of the file's first request.",
            "body.model",
        )
    return fields


def _error(
    code: str, message: str, param: str | None = None, line: int | None = None
) -> Json:
    return {"code": code, "message": message, "param": param, "line": line}


def _ask_outside(world: World, request: Request, lines: list[Json]) -> bool:
    """Whether any of the requests, none of which has been checked, may have to wait."""
    for line in lines:
        tools: Any = line["body"].get("tools")
        for tool in cast("list[Any]", tools) if isinstance(tools, list) else ():
            url: Any = isinstance(tool, dict) and cast("Json", tool).get("server_url")
            if isinstance(url, str) and mcp_servers.is_outside(world, request, url):
                return True
    return False


def _answer_in_turn(
    world: World, request: Request, batch: StoredBatch, lines: list[Json]
) -> None:
    """Answer one request after the other, as long as somebody wants that."""

    def is_wanted() -> bool:
        is_there = world.store.batches.get(batch.id) is batch
        return is_there and batch.cancelled_at is None

    size = 0  # of its files
    for line in lines:
        if not is_wanted():
            return
        try:
            result = _answer(world, request, line)
            size += len(result.line) + 1
            files.check_room(world, size)
        except ServiceError as error:  # there is no room
            result = _result(line, error.body, error.status)
        except Exception:
            _LOG.exception("A request of a batch failed")
            error = gateway_error(500, "server_error", "The request has failed.")
            result = _result(line, error.body, error.status)
        if is_wanted():
            batch.results.append(result)
            world.store.batches.weigh_again(batch.id)
    batch.answered_at = world.clock()
    _watch(world, batch)


def _answer(world: World, request: Request, line: Json) -> BatchResult:
    """What `POST /responses` says to one request of a batch."""
    asked: Json = line["body"]
    _, _, query = request.target.partition("?")
    target = "/openai/v1/responses" if request.is_v1 else f"/openai/responses?{query}"
    try:
        for name in ("stream", "background"):
            if asked.get(name):
                raise invalid_request(
                    f"'{name}' is not supported in a batch.", name, "unsupported_value"
                )
        inner = Request("POST", target, request.headers, orjson.dumps(asked))
        reply = responses.create(world, inner, limited=False)
        body, status = orjson.loads(reply.body), reply.status  # pyright: ignore[reportArgumentType]
    except ServiceError as error:
        body, status = error.body, error.status
    return _result(line, body, status)


def _result(line: Json, body: Json, status: int) -> BatchResult:
    shown: Json = {
        "id": short_id("batch_req_", 32),
        "custom_id": line["custom_id"],
        "response": {
            "status_code": status,
            "request_id": hex_id(""),
            "body": body,
        },
        "error": None,
    }
    return BatchResult(status == 200, orjson.dumps(shown), body.get("usage") or {})


# What the clock shows of a batch


def _status(batch: StoredBatch, now: float) -> str:
    if batch.cancelled_at is not None:
        gone = now - batch.cancelled_at >= batch.seconds * READ
        return "cancelled" if gone else "cancelling"
    passed = now - batch.created_at
    if passed < batch.seconds * READ:
        return "validating"
    if batch.errors:
        return "failed"
    if now < _finalizing_at(batch):
        return "in_progress"
    return "finalizing" if now < _completed_at(batch) else "completed"


def _finalizing_at(batch: StoredBatch) -> float:
    """The clock time from which its results are written."""
    return max(batch.created_at + batch.seconds * ANSWERED, batch.answered_at)


def _completed_at(batch: StoredBatch) -> float:
    return _finalizing_at(batch) + batch.seconds * (WRITTEN - ANSWERED)


def _ends_at(batch: StoredBatch) -> float:
    """The clock time from which its status does not change any more."""
    if batch.cancelled_at is not None:
        return batch.cancelled_at + batch.seconds * READ
    if batch.errors:
        return batch.created_at + batch.seconds * READ
    return _completed_at(batch)


def _answered(batch: StoredBatch, now: float) -> list[BatchResult]:
    """The results that there are by now, or that there were when it was cancelled."""
    passed = (batch.cancelled_at or now) - batch.created_at
    if passed >= batch.seconds * ANSWERED:
        return batch.results
    share = (passed / batch.seconds - READ) / (ANSWERED - READ)
    return batch.results[: int(max(share, 0) * batch.total)]


def _body(world: World, batch: StoredBatch) -> Json:
    """The batch as it is now. Fields that have no value yet are absent."""
    now = world.clock()
    status, results = _status(batch, now), _answered(batch, now)
    if status in ("completed", "cancelled") and not batch.written:
        _write(world, batch, results)
    done = sum(one.succeeded for one in results)
    begun = status != "validating" and not batch.errors
    body: Json = {
        "id": batch.id,
        "object": "batch",
        "endpoint": batch.endpoint,
        "input_file_id": batch.input_file_id,
        "completion_window": "24h",
        "status": status,
        "created_at": int(batch.created_at),
        "expires_at": int(batch.created_at) + WINDOW_SECONDS,
        "request_counts": {
            "total": batch.total if begun else 0,
            "completed": done,
            "failed": len(results) - done,
        },
        "metadata": batch.metadata,
    }
    ending = batch.cancelled_at
    moments = {
        "failed_at" if batch.errors else "in_progress_at": (
            batch.created_at + READ * batch.seconds
        ),
        "finalizing_at": _finalizing_at(batch),
        "completed_at": _completed_at(batch),
    }
    for name, at in moments.items():
        if at <= (now if ending is None else min(now, ending)):
            body[name] = int(at)
        if batch.errors:
            break
    if ending is not None:
        body["cancelling_at"] = int(ending)
        if status == "cancelled":
            body["cancelled_at"] = int(ending + READ * batch.seconds)
    if status == "failed":
        body["errors"] = {"object": "list", "data": batch.errors}
    if begun:
        body["model"] = batch.model
    if batch.written:
        body["usage"] = _usage(results)
    for name in ("output_file_id", "error_file_id"):
        if getattr(batch, name):
            body[name] = getattr(batch, name)
    return body


def _write(world: World, batch: StoredBatch, results: list[BatchResult]) -> None:
    """Make the files of a batch: one of what succeeded, one of what did not.

    As on Azure, the second is there even if everything succeeded: without a byte.
    """
    batch.written = True
    for kind, succeeded in (("output", True), ("error", False)):
        lines = [one.line + b"\n" for one in results if one.succeeded is succeeded]
        if lines or not succeeded:
            now = int(world.clock())
            lifetime = batch.output_lifetime
            file = StoredFile(
                hex_id("file-"),
                f"{batch.id}_{kind}.jsonl",
                "batch_output",
                b"".join(lines),
                created_at=now,
                expires_at=None if lifetime is None else now + lifetime,
            )
            world.store.files.put(file.id, file)
            setattr(batch, f"{kind}_file_id", file.id)
    # The files have the lines now.
    batch.results = [replace(one, line=b"") for one in batch.results]
    world.store.batches.weigh_again(batch.id)


def _usage(results: list[BatchResult]) -> Json:
    """The tokens of all requests together."""

    def total(name: str, detail: str | None = None) -> int:
        values = [one.usage[name] for one in results if one.usage]
        return sum(value[detail] if detail else value for value in values)

    return {
        "input_tokens": total("input_tokens"),
        "input_tokens_details": {
            "cached_tokens": total("input_tokens_details", "cached_tokens")
        },
        "output_tokens": total("output_tokens"),
        "output_tokens_details": {
            "reasoning_tokens": total("output_tokens_details", "reasoning_tokens")
        },
        "total_tokens": total("total_tokens"),
    }


_LOG = logging.getLogger("responses_emulator")
