"""Every error body that Azure is known to send: asked for, and raised by the SDK.

What a request can bring about by itself, it does; the rest is a fault.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import httpx2
import openai
import pytest

from emulator.tests.conftest import Client, parse
from responses_emulator.account import KEY
from responses_emulator.adapters.transport import Transport
from responses_emulator.faults import HEADER

DATED = "https://example.openai.azure.com/openai"
ASK: dict[str, Any] = {"model": "gpt-5-mini", "input": "Hello."}
DRAW = {**ASK, "tools": [{"type": "image_generation"}]}
INVALID = "invalid_request_error"


@dataclass
class Row:
    """How to get an error, its body (texts are patterns) and what the SDK raises."""

    name: str
    status: int
    body: dict[str, Any]
    raises: type[openai.APIStatusError]
    asked: dict[str, Any] = field(default_factory=lambda: ASK)
    path: str = "/responses"
    dated: str | None = None  # the query of a request in the dated layout
    headers: dict[str, str] = field(default_factory=dict[str, str])
    fault: str = ""
    told: dict[str, str] = field(default_factory=dict[str, str])  # headers


def gateway(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def backend(
    message: str, param: str | None, code: str | None, type: str = INVALID
) -> dict[str, Any]:
    return {"error": {"message": message, "type": type, "param": param, "code": code}}


WAIT = {"retry-after": r"\d+", "retry-after-ms": r"\d+"}
ROWS = [
    Row(
        "401 wrong key",
        401,
        gateway(
            "401",
            "Access denied due to invalid subscription key or wrong API endpoint. Make "
            "sure to provide a valid key for an active subscription and use a correct "
            "regional API endpoint for your resource.",
        ),
        openai.AuthenticationError,
        headers={"authorization": "Bearer wrong"},
    ),
    Row(
        "401 no key",
        401,
        gateway(
            "401",
            "Access denied due to a missing application credentials or subscription "
            "key.*",
        ),
        openai.AuthenticationError,
        headers={"authorization": ""},
    ),
    Row(
        "401 bad or expired token",
        401,
        {
            "statusCode": 401,
            "message": r"Unauthorized\. Access token is missing, invalid, audience is "
            r"incorrect \(https://cognitiveservices\.azure\.com\), or have expired\.",
        },
        openai.AuthenticationError,
        headers={"authorization": "Bearer eyJhbGciOiJub25lIn0.e30.x"},
    ),
    Row(
        "401 no role",
        401,
        gateway("PermissionDenied", "Principal does not have access to API/Operation."),
        openai.AuthenticationError,
        fault="no-role",
    ),
    Row(
        "403 key authentication is off",
        403,
        gateway(
            "AuthenticationTypeDisabled",
            "Key based authentication is disabled for this resource.",
        ),
        openai.PermissionDeniedError,
        fault="key-auth-disabled",
    ),
    Row(
        "403 network",
        403,
        gateway("403", "Access denied due to Virtual Network/Firewall rules."),
        openai.PermissionDeniedError,
        fault="firewall",
        told={"policy-id": "ThrowExceptionDueToTrafficDenied"},
    ),
    Row(
        "404 deployment",
        404,
        gateway(
            "DeploymentNotFound",
            "The API deployment for this resource does not exist. If you created the "
            "deployment within the last 5 minutes, please wait a moment and try again.",
        ),
        openai.NotFoundError,
        asked={**ASK, "model": "nowhere"},
    ),
    Row(
        "404 deployment, the backend's body",
        404,
        backend(
            "The requested model '.*' with deployment name .* does not exist.",
            "model",
            "model_not_found",
        ),
        openai.NotFoundError,
        fault="model-not-found",
    ),
    Row(
        "404 wrong path",
        404,
        gateway("404", "Resource not found"),
        openai.NotFoundError,
        path="/response",
        dated="?api-version=2025-04-01-preview",
    ),
    Row(
        "404 no api-version",
        404,
        gateway("404", "Resource not found"),
        openai.NotFoundError,
        dated="",
    ),
    Row(
        "404 an operation that Azure lacks",
        404,
        backend(
            r"Unknown request URL: POST /v1/responses/input_tokens\. Please check the "
            r"URL for typos, or see the docs at "
            r"https://platform\.openai\.com/docs/api-reference/\.",
            None,
            "unknown_url",
        ),
        openai.NotFoundError,
        path="/responses/input_tokens",
    ),
    Row(
        "400 api-version too old",
        400,
        gateway(
            "BadRequest",
            "Azure OpenAI Responses API is enabled only for api-version "
            "2025-03-01-preview and later",
        ),
        openai.BadRequestError,
        dated="?api-version=2024-10-21",
    ),
    Row(
        "400 api-version unknown",
        400,
        gateway("BadRequest", "API version not supported"),
        openai.BadRequestError,
        dated="?api-version=2031-01-01",
    ),
    Row(
        "400 a parameter that the model does not take",
        400,
        backend(
            "Unsupported parameter: 'temperature' is not supported with this model.",
            "temperature",
            None,  # as recorded on Azure
        ),
        openai.BadRequestError,
        asked={**ASK, "temperature": 0.5},
    ),
    Row(
        "400 unsupported_parameter",
        400,
        backend("Unsupported parameter: .*", "temperature", "unsupported_parameter"),
        openai.BadRequestError,
        fault="unsupported-parameter",
    ),
    Row(
        "400 integer_below_min_value",
        400,
        backend(
            "Invalid 'max_output_tokens': integer below minimum value. Expected a "
            "value >= 16, but got 15 instead.",
            "max_output_tokens",
            "integer_below_min_value",
        ),
        openai.BadRequestError,
        asked={**ASK, "max_output_tokens": 15},
    ),
    Row(
        "400 invalid_value",
        400,
        backend("Invalid value: 'x'. Supported values .*", "truncation", ".*_value"),
        openai.BadRequestError,
        asked={**ASK, "truncation": "x"},
    ),
    Row(
        "400 missing_required_parameter",
        400,
        backend(
            r"Missing required parameter: 'tools\[0\]\.container'\.",
            r"tools\[0\]\.container",
            "missing_required_parameter",
        ),
        openai.BadRequestError,
        asked={**ASK, "tools": [{"type": "code_interpreter"}]},
    ),
    Row(
        "400 no image header",
        400,
        backend(
            "imagegen deployment must be provided through header: "
            "x-ms-oai-image-generation-deployment",
            "tools",
            INVALID,
            "image_generation_user_error",
        ),
        openai.BadRequestError,
        asked=DRAW,
    ),
    Row(
        "400 an operation that the model does not do",
        400,
        gateway(
            "OperationNotSupported",
            "The responses operation does not work with the specified model, .*",
        ),
        openai.BadRequestError,
        asked={**ASK, "model": "gpt-image-2.5-flare"},
    ),
    Row(
        "400 reasoning that was not kept",
        400,
        backend(
            "Item with id 'rs_0' not found. Items are not persisted when `store` is "
            "set to false. Try again with `store` set to true, or remove this item "
            "from your input.",
            "input",
            None,
        ),
        openai.BadRequestError,
        asked={**ASK, "input": [{"type": "reasoning", "id": "rs_0", "summary": []}]},
    ),
    Row(
        "400 that names no cause",
        400,
        backend(
            "There was an issue with your request. Please check your inputs and try "
            "again",
            None,
            None,
        ),
        openai.BadRequestError,
        fault="bad-request",
    ),
    Row(
        "424 an MCP server that does not answer",
        424,
        backend(
            r"Error retrieving tool list from MCP server: 'l'\. Http status code: 424 "
            r"\(Failed Dependency\)",
            "tools",
            "http_error",
            "external_connector_error",
        ),
        openai.APIStatusError,
        asked={
            **ASK,
            "tools": [
                {"type": "mcp", "server_label": "l", "server_url": "https://a.b/mcp"}
            ],
        },
    ),
    Row(
        "429 tokens",
        429,
        gateway(
            ".*",
            "Your requests to gpt-5-mini for gpt-5-mini in .* have exceeded the token "
            "rate limit for your current AIServices S0 pricing tier.* retry after 1 "
            "seconds.* https://aka.ms/oai/quotaincrease.",
        ),
        openai.RateLimitError,
        fault="rate-limited",
        told={**WAIT, "x-ratelimit-remaining-tokens": "0"},
    ),
    Row(
        "429 capacity",
        429,
        gateway(".*", ".* high demand.*"),
        openai.RateLimitError,
        fault="at-capacity",
        told=WAIT,
    ),
    Row(
        "500",
        500,
        backend(
            "An error occurred while processing your request. You can retry .* "
            r"https://go\.microsoft\.com/fwlink/\?linkid=2213926 .*",
            None,
            "server_error",
            "server_error",
        ),
        openai.InternalServerError,
        fault="server-error",
    ),
    Row(
        "500 BackendNotSet",
        500,
        gateway("BackendNotSet", ".+"),
        openai.InternalServerError,
        fault="backend-not-set",
    ),
    Row(
        "408",
        408,
        gateway("Timeout", "The operation was timeout."),
        openai.APIStatusError,
        fault="timeout",
    ),
]


@pytest.mark.parametrize("row", [pytest.param(row, id=row.name) for row in ROWS])
def test_the_sdk_raises_the_error_with_azures_body(client: Client, row: Row) -> None:
    with pytest.raises(row.raises) as raised:
        ask(client, row)
    error = raised.value
    assert type(error) is row.raises
    assert error.status_code == row.status
    assert matches(error.response.json(), row.body), error.response.json()
    headers = error.response.headers
    assert headers["apim-request-id"]
    assert error.request_id == headers["x-request-id"]
    for name, pattern in row.told.items():
        assert re.fullmatch(pattern, headers[name])
    code = (row.body.get("error") or {}).get("code")
    assert matches(error.code, code)


def test_the_edge_says_in_plain_text_that_nobody_is_there(client: Client) -> None:
    row = Row("503", 503, {}, openai.InternalServerError, fault="unavailable")
    with pytest.raises(openai.InternalServerError) as raised:
        ask(client, row)
    assert raised.value.status_code == 503
    assert isinstance(raised.value.body, str)
    assert raised.value.body.startswith("upstream connect error")


def ask(client: Client, row: Row) -> None:
    transport = Transport(client.emulator.handle)
    with openai.OpenAI(
        api_key=KEY,
        base_url="https://example.openai.azure.com/openai/v1/",
        http_client=httpx2.Client(transport=transport),
        max_retries=0,
    ) as sdk:
        headers = {**row.headers, **({HEADER: row.fault} if row.fault else {})}
        path = row.path if row.dated is None else f"{DATED}{row.path}{row.dated}"
        sdk.post(path, cast_to=object, body=row.asked, options={"headers": headers})


def matches(value: Any, wanted: Any) -> bool:
    """The same keys and values, where each text that is wanted is a pattern."""
    if isinstance(wanted, dict):
        return (
            isinstance(value, dict)
            and value.keys() == wanted.keys()
            and all(matches(value[key], wanted[key]) for key in wanted)
        )
    if isinstance(wanted, str):
        return isinstance(value, str) and re.fullmatch(wanted, value, re.S) is not None
    return value == wanted


# The content filter

SAFE = {"filtered": False, "severity": "safe"}
CATEGORIES = {"hate", "sexual", "violence", "self_harm", "jailbreak"}


def test_a_blocked_prompt_is_reported_in_content_filters(client: Client) -> None:
    error = client.refused("[content filter: jailbreak] Hello.")
    assert set(error) == {"message", "type", "param", "code", "content_filters"}
    assert (error["type"], error["param"]) == (INVALID, "prompt")
    assert error["code"] == "content_filter"
    [entry] = error["content_filters"]
    assert (entry["blocked"], entry["source_type"]) == (True, "prompt")
    results = entry["content_filter_results"]
    assert set(results) == CATEGORIES
    assert results["jailbreak"] == {"detected": True, "filtered": True}
    assert results["hate"] == SAFE
    offsets = entry["content_filter_offsets"]
    assert set(offsets) == {"start_offset", "end_offset", "check_offset"}


def test_the_older_report_is_an_innererror(client: Client) -> None:
    error = client.refused("[content filter: older shape] Hello.")
    assert set(error) == {"message", "type", "param", "code", "status", "innererror"}
    assert (error["type"], error["status"]) == (None, 400)
    inner = error["innererror"]
    assert inner["code"] == "ResponsibleAIPolicyViolation"
    assert set(inner["content_filter_result"]) == CATEGORIES


def test_a_blocked_stream_is_created_failed_and_then_explained(client: Client) -> None:
    created, failed, error = client.events("[content filter: stream] Hello.")
    assert created["type"] == "response.created"
    assert failed["type"] == "response.failed"
    assert failed["response"]["error"] is None
    assert error["type"] == "error"
    assert error["error"]["code"] == "content_policy_violation"


def test_a_filtered_output_is_incomplete(client: Client) -> None:
    response = client.create("[content filter: output] Tell me a story.")
    assert response["status"] == "incomplete"
    assert response["incomplete_details"] == {"reason": "content_filter"}


def test_where_nothing_is_filtered_both_sides_are_reported_safe(client: Client) -> None:
    body = {**ASK, "stream": True}
    created, *_, completed = parse(client.send("POST", "/responses", body))
    assert created["response"]["content_filters"] is None
    entries = completed["response"]["content_filters"]
    assert [entry["source_type"] for entry in entries] == ["prompt", "completion"]
    for entry in entries:
        assert entry["blocked"] is False
        assert entry["content_filter_results"]["violence"] == SAFE
