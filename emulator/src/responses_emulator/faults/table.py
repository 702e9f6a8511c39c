"""The one table of faults: what each does, which requests it can hit, what it means.

`outcome` says what a client has to cope with:

- `retry`: a failure that is gone when the request is repeated
- `error`: a status that repeating does not change
- `broken`: the reply breaks off, or is no JSON
- `unfinished`: a reply that says itself that the answer failed or is not whole
- `content`: a whole answer that the application must look at before it acts on it
- `pending`: something that never ends
- `slow`: a good reply, late
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from responses_emulator import errors
from responses_emulator.errors import ServiceError, gateway_error, invalid_request
from responses_emulator.faults import answers, breaking, failures, findings
from responses_emulator.faults.call import Call, Parameter, json_of, tools_of
from responses_emulator.http import Reply, Request, json_reply
from responses_emulator.tools import mcp

CREATE = ("responses.create",)
STREAMED = (*CREATE, "responses.retrieve")
INDEXING = (
    "vector_stores.create",
    "vector_stores.files.create",
    "vector_stores.file_batches.create",
)


@dataclass(frozen=True)
class Fault:
    """One row of the table.

    `operations` are those it can hit; none: every one under /openai/. `when` narrows
    that to requests that ask for a `stream`, are `plain`, run in the `background`, or
    offer a `function` or an `mcp` server. `parameters` have defaults; some take only
    the values in `choices` or `ranges`.
    """

    name: str
    what: str
    outcome: str
    strike: Callable[[Call], Reply]
    operations: tuple[str, ...] = ()
    when: str = ""
    parameters: Mapping[str, Parameter] = field(default_factory=dict[str, Parameter])
    choices: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict[str, tuple[str, ...]]
    )
    ranges: Mapping[str, range] = field(default_factory=dict[str, range])
    any_text: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The operations that it can hit, in words."""
        return ", ".join(self.operations) or "every operation under /openai/"

    def can_hit(self, operation: str) -> bool:
        """Whether it has a meaning for this operation."""
        if not self.operations:
            return operation != "identity.token"
        return operation in self.operations

    def is_asked_for(self, request: Request) -> bool:
        """Whether a request is of the kind that `when` names."""
        if not self.when:
            return True
        body = json_of(request) if request.body else {}
        if self.when in ("stream", "plain"):
            asked = request.query.get("stream") == "true"
            return (asked or body.get("stream") is True) == (self.when == "stream")
        if self.when == "background":
            return body.get("background") is True
        return any(tool.get("type") == self.when for tool in tools_of(body))

    def as_json(self) -> dict[str, Any]:
        """The row for machines: a test suite can go through all faults by it."""
        return {
            "name": self.name,
            "what": self.what,
            "outcome": self.outcome,
            "operations": list(self.operations) or ["*"],
            "when": self.when or None,
            "parameters": dict(self.parameters),
            "choices": {name: list(values) for name, values in self.choices.items()},
            "any_text": list(self.any_text),
        }


def _error(make: Callable[[Call], ServiceError]) -> Callable[[Call], Reply]:
    def strike(call: Call) -> Reply:
        error = make(call)
        reply = json_reply(error.body, error.status)
        reply.headers |= error.headers
        return reply

    return strike


def _gateway(status: int, code: str, message: str) -> Callable[[Call], Reply]:
    return _error(lambda _: gateway_error(status, code, message))


def _status(call: Call) -> ServiceError:
    error = gateway_error(
        call.number("status"), call.text("code"), call.text("message")
    )
    if milliseconds := call.number("retry_after_ms"):
        error.headers = errors.retry_after(milliseconds / 1000)
    return error


def _firewall(_: Call) -> ServiceError:
    error = gateway_error(
        403, "403", "Access denied due to Virtual Network/Firewall rules."
    )
    error.headers = {"policy-id": "ThrowExceptionDueToTrafficDenied"}
    return error


def _rate_limited(call: Call) -> ServiceError:
    seconds = call.number("retry_after_ms") / 1000
    return errors.rate_limited("token", seconds, call.model)


def _at_capacity(call: Call) -> ServiceError:
    error = _rate_limited(call)
    error.body["error"]["message"] = (
        "The service is temporarily unable to process your request because of high "
        "demand. Please retry later."
    )
    return error


def _model_not_found(call: Call) -> ServiceError:
    return invalid_request(
        f"The requested model '{call.model}' with deployment name {call.model} does "
        "not exist.",
        "model",
        "model_not_found",
        status=404,
    )


def _unsupported_parameter(call: Call) -> ServiceError:
    name = call.text("param")
    return invalid_request(
        f"Unsupported parameter: '{name}' is not supported with this model.",
        name,
        "unsupported_parameter",
    )


def _operation_not_supported(call: Call) -> ServiceError:
    return gateway_error(
        400,
        "OperationNotSupported",
        f"The responses operation does not work with the specified model, {call.model}."
        " Please choose different model and try again.",
    )


def _server_error(_: Call) -> ServiceError:
    return invalid_request(
        failures.SERVER_ERROR, code="server_error", status=500, type="server_error"
    )


def _unavailable(_: Call) -> Reply:
    text = b"upstream connect error or disconnect/reset before headers."
    return Reply(503, {"content-type": "text/plain"}, text)


def _token_refused(_: Call) -> Reply:
    message = "No managed identity was found for the requested resource."
    return json_reply({"statusCode": 400, "message": message}, 400)


def _mcp_unreachable(call: Call) -> ServiceError:
    tool = next(tool for tool in tools_of(call.body) if tool.get("type") == "mcp")
    return mcp.unreachable(str(tool.get("server_label")))


STATUS: dict[str, Parameter] = {
    "status": 500,
    "code": "InternalServerError",
    "message": "The server had an error.",
    "retry_after_ms": 0,
}
WAIT: dict[str, Parameter] = {"retry_after_ms": 1000}
HOW: dict[str, Parameter] = {"how": "reset"}
HOWS = {"how": ("reset", "close", "refuse")}
EVENTS: dict[str, Parameter] = {"events": 4}
REASONS = {"reason": ("max_output_tokens", "content_filter")}
VIOLENCE: dict[str, Parameter] = {"category": "violence"}

_TABLE = (
    # Any status
    Fault(
        "status",
        "any `status` from 400 on, with `code`, `message` and maybe `retry_after_ms`",
        "error",
        _error(_status),
        parameters=STATUS,
        ranges={"status": range(400, 600)},
    ),
    # Who calls
    Fault(
        "wrong-key",
        "401: the key is not this resource's",
        "error",
        _error(lambda _: errors.wrong_key()),
    ),
    Fault(
        "no-key",
        "401: neither key nor token came",
        "error",
        _error(lambda _: errors.missing_key()),
    ),
    Fault(
        "expired-token",
        "401, a body without `error` around it",
        "error",
        _error(lambda _: errors.wrong_token()),
    ),
    Fault(
        "no-role",
        "401 PermissionDenied: the identity lacks the role",
        "error",
        _gateway(
            401,
            "PermissionDenied",
            "Principal does not have access to API/Operation.",
        ),
    ),
    Fault(
        "key-auth-disabled",
        "403 AuthenticationTypeDisabled",
        "error",
        _gateway(
            403,
            "AuthenticationTypeDisabled",
            "Key based authentication is disabled for this resource.",
        ),
    ),
    Fault("firewall", "403: the network is not let in", "error", _error(_firewall)),
    Fault(
        "token-refused",
        "400 of the managed-identity endpoint",
        "error",
        _token_refused,
        ("identity.token",),
    ),
    # What is called
    Fault(
        "deployment-not-found",
        "404 DeploymentNotFound",
        "error",
        _error(lambda _: errors.deployment_not_found()),
        CREATE,
    ),
    Fault(
        "model-not-found",
        "404 model_not_found, the model backend's body",
        "error",
        _error(_model_not_found),
        CREATE,
    ),
    Fault(
        "resource-not-found",
        "404: the gateway knows no such path",
        "error",
        _error(lambda _: errors.resource_not_found()),
    ),
    Fault(
        "api-version-too-old",
        "400: the api-version came before Responses",
        "error",
        _gateway(
            400,
            "BadRequest",
            "Azure OpenAI Responses API is enabled only for api-version "
            "2025-03-01-preview and later",
        ),
    ),
    Fault(
        "api-version-unknown",
        "400: there is no such api-version",
        "error",
        _gateway(400, "BadRequest", "API version not supported"),
    ),
    Fault(
        "unsupported-parameter",
        "400 unsupported_parameter that names `param`",
        "error",
        _error(_unsupported_parameter),
        CREATE,
        parameters={"param": "temperature"},
    ),
    Fault(
        "operation-not-supported",
        "400 OperationNotSupported",
        "error",
        _error(_operation_not_supported),
        CREATE,
    ),
    Fault(
        "bad-request",
        "400 that names no cause",
        "error",
        _error(
            lambda _: invalid_request(
                "There was an issue with your request. Please check your inputs and "
                "try again"
            )
        ),
    ),
    # What passes
    Fault(
        "timeout",
        "408 Timeout",
        "retry",
        _gateway(408, "Timeout", "The operation was timeout."),
    ),
    Fault(
        "rate-limited",
        "429: the tokens of this minute are used up; retry-after and retry-after-ms",
        "retry",
        _error(_rate_limited),
        parameters=WAIT,
    ),
    Fault(
        "at-capacity",
        "429: high demand; retry-after and retry-after-ms",
        "retry",
        _error(_at_capacity),
        parameters=WAIT,
    ),
    Fault("server-error", "500 server_error", "retry", _error(_server_error)),
    Fault(
        "backend-not-set",
        "500 BackendNotSet",
        "retry",
        _gateway(500, "BackendNotSet", "Backend is not set."),
    ),
    Fault("unavailable", "503 in plain text, from the edge", "retry", _unavailable),
    Fault(
        "delay",
        "waits `ms` before the reply",
        "slow",
        breaking.delay,
        parameters={"ms": 1000},
    ),
    Fault(
        "stream-stalls",
        "a stream in which nothing comes for `ms` after `events`, or before its first "
        "event `at` a type, such as response.output_text.delta; then it goes on",
        "slow",
        breaking.stream_stalls,
        when="stream",
        parameters={**EVENTS, "at": "", "ms": 1000},
    ),
    Fault(
        "keepalive",
        "a stream that is silent there, with `count` events `keepalive`, one after "
        "every `ms` (Azure: 30 s), which no contract has",
        "slow",
        breaking.keepalive,
        STREAMED,
        "stream",
        parameters={**EVENTS, "at": "", "ms": 1000, "count": 1},
    ),
    Fault(
        "reset",
        "breaks the connection before the reply; `how`: reset, close or refuse",
        "retry",
        breaking.reset,
        parameters=HOW,
        choices=HOWS,
    ),
    # Replies that break off
    Fault(
        "reset-in-reply",
        "breaks the connection in the middle of the reply, of a stream after `events`",
        "broken",
        breaking.reset_in_reply,
        parameters={**EVENTS, **HOW},
        choices=HOWS,
    ),
    Fault(
        "truncated-json",
        "a plain reply whose JSON ends in the middle",
        "broken",
        breaking.truncated_json,
        when="plain",
    ),
    Fault(
        "stream-stops",
        "a stream that ends in good order after `events`, before its last",
        "broken",
        breaking.stream_stops,
        when="stream",
        parameters=EVENTS,
    ),
    Fault(
        "stream-error",
        "a stream with an `error` event after `events`; `shape`: nested or flat",
        "unfinished",
        breaking.stream_error,
        when="stream",
        parameters={**EVENTS, "code": "server_error", "shape": "nested"},
        choices={
            "shape": ("nested", "flat"),
            "code": ("server_error", "rate_limit_exceeded"),
        },
    ),
    # Answers that are none
    Fault(
        "failed",
        "status failed (HTTP 200), with any `code`, one that no contract has as well: "
        "plain, streamed or in the background",
        "unfinished",
        answers.failed,
        CREATE,
        parameters={"code": "server_error"},
        choices={"code": failures.CODES},
        any_text=("code",),
    ),
    Fault(
        "incomplete",
        "half an answer; `reason`: max_output_tokens or content_filter",
        "unfinished",
        answers.incomplete,
        CREATE,
        parameters={"reason": "max_output_tokens"},
        choices=REASONS,
    ),
    Fault("refusal", "a refusal for an answer", "content", answers.refusal, CREATE),
    Fault(
        "background-never-ends",
        "a background response that stays in_progress",
        "pending",
        answers.never_ends,
        CREATE,
        "background",
    ),
    Fault(
        "background-cancelled",
        "a background response that somebody else cancels",
        "unfinished",
        answers.cancelled,
        CREATE,
        "background",
    ),
    Fault(
        "indexing-fails",
        "files of a vector store that cannot be indexed; `code`: server_error, "
        "unsupported_file or invalid_file",
        "unfinished",
        answers.indexing_fails,
        INDEXING,
        parameters={"code": "server_error"},
        choices={"code": tuple(failures.INDEXING)},
    ),
    Fault(
        "indexing-never-ends",
        "files of a vector store that stay in_progress",
        "pending",
        answers.indexing_never_ends,
        INDEXING,
    ),
    # Calls of functions
    Fault(
        "arguments-not-json",
        "a function call whose arguments are cut off",
        "content",
        answers.arguments_not_json,
        CREATE,
        "function",
    ),
    Fault(
        "arguments-of-wrong-type",
        "a function call whose arguments do not match the schema",
        "content",
        answers.arguments_of_wrong_type,
        CREATE,
        "function",
    ),
    Fault(
        "unknown-function",
        "a call to a function that was not offered",
        "content",
        answers.unknown_function,
        CREATE,
        "function",
    ),
    Fault(
        "calls-for-ever",
        "one more function call, whatever was answered (use it with `times=all`)",
        "pending",
        answers.calls_for_ever,
        CREATE,
        "function",
    ),
    # Calls of MCP servers
    Fault(
        "mcp-unreachable",
        "424: the tools of the MCP server cannot be listed",
        "error",
        _error(_mcp_unreachable),
        CREATE,
        "mcp",
    ),
    Fault(
        "mcp-call-fails",
        "each call to an MCP server fails, its `error` of a `shape`: text or object",
        "content",
        answers.mcp_call_fails,
        CREATE,
        "mcp",
        parameters={"shape": "text"},
        choices={"shape": ("text", "object")},
    ),
    # The content filter
    Fault(
        "filter-prompt",
        "400 content_filter; `shape`: content_filters, innererror, or null or none, "
        "which name no category",
        "error",
        answers.filter_prompt,
        CREATE,
        parameters={"shape": "content_filters", **VIOLENCE},
        choices={
            "shape": ("content_filters", "innererror", "null", "none"),
            "category": (*findings.CATEGORIES, findings.ALL),
        },
    ),
    Fault(
        "filter-output",
        "an answer that the filter cuts: incomplete, content_filter",
        "unfinished",
        answers.filter_output,
        CREATE,
        parameters=VIOLENCE,
        choices={"category": (*findings.CATEGORIES, findings.ALL)},
    ),
    Fault(
        "filter-stream",
        "three events: created, failed without an error, and the error",
        "unfinished",
        breaking.filter_stream,
        CREATE,
        "stream",
    ),
    Fault(
        "filter-annotates",
        "a whole answer with a note on its prompt or its completion (`source`): a "
        "category that was found and not blocked; error, null, all or no-report",
        "content",
        answers.filter_annotates,
        CREATE,
        parameters={"category": "jailbreak", "source": "prompt"},
        choices={"category": findings.NOTES, "source": ("prompt", "completion")},
    ),
)

FAULTS = {fault.name: fault for fault in _TABLE}
