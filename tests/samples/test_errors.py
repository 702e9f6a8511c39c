"""The errors sample names each cause, and what to do about it."""

import httpx2
import pytest

from responses_emulator.errors import (
    deployment_not_found,
    gateway_error,
    invalid_request,
)
from responses_emulator.http import Json, Reply, json_reply
from tests.samples.conftest import KEY
from tests.samples.faults import ending_as

NAMES = ["responses-errors-aoai.py", "responses-errors-aoai-v1.py"]
SAFE = {"filtered": False, "severity": "safe"}
JAILBREAK = {"filtered": True, "detected": True}
FILTERED: Json = {
    "message": "The response was filtered.",
    "type": "invalid_request_error",
    "param": "prompt",
    "code": "content_filter",
}
NEWER = {
    "content_filters": [
        {
            "blocked": True,
            "source_type": "prompt",
            "content_filter_results": {"hate": SAFE, "jailbreak": JAILBREAK},
        }
    ]
}
OLDER = {
    "innererror": {
        "code": "ResponsibleAIPolicyViolation",
        "content_filter_result": {"hate": SAFE, "jailbreak": JAILBREAK},
    }
}

MCP_FAILED = (
    "Error retrieving tool list from MCP server: 'weather'. Http status code: 424 "
    "(Failed Dependency)"
)


def refused(status: int, body: object, **headers: str) -> Reply:
    reply = json_reply(body, status)
    reply.headers |= {"apim-request-id": "ticket-7"}
    reply.headers |= {name.replace("_", "-"): value for name, value in headers.items()}
    return reply


@pytest.mark.parametrize("name", NAMES)
def test_a_good_answer_is_printed(name, finish, service):
    assert len(finish(name).strip()) > 20
    assert len(service.sent) == 1


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (
            refused(401, {"statusCode": 401, "message": "Unauthorized."}),
            ["Not let in", "HTTP 401", "Unauthorized."],
        ),
        (
            refused(403, gateway_error(403, "403", "Firewall rules.").body),
            ["Not let in", "HTTP 403, 403: Firewall rules."],
        ),
        (
            refused(404, deployment_not_found().body),
            ["deployment gpt-6-luna", "HTTP 404, DeploymentNotFound"],
        ),
        (
            refused(400, invalid_request("Too small.", "max_output_tokens", "c").body),
            ["Wrong request: look at max_output_tokens", "HTTP 400, c: Too small."],
        ),
        (
            refused(400, gateway_error(400, "BadRequest", "API version?").body),
            ["Wrong request: look at the message", "BadRequest: API version?"],
        ),
        (
            refused(400, {"error": {**FILTERED, **NEWER}}),
            ["content filter for jailbreak", "HTTP 400, content_filter"],
        ),
        (
            refused(400, {"error": {**FILTERED, **OLDER}}),
            ["content filter for jailbreak", "HTTP 400, content_filter"],
        ),
        (refused(400, {"error": FILTERED}), ["for a category that it does not name"]),
        (
            refused(
                400,
                {"error": {**FILTERED, "content_filters": None, "innererror": None}},
            ),
            ["for a category that it does not name"],
        ),
        (
            refused(
                400,
                {
                    "error": {
                        **FILTERED,
                        "code": "content_policy_violation",
                        "content_filters": [
                            {"content_filter_results": {"hate": None}},
                            {"content_filter_results": None},
                        ],
                    }
                },
            ),
            ["for a category that it does not name"],
        ),
        (
            refused(424, {"error": {"code": "http_error", "message": MCP_FAILED}}),
            ["The MCP server named below failed", "'weather'"],
        ),
    ],
    ids=[
        "token",
        "firewall",
        "deployment",
        "param",
        "version",
        "filter",
        "older",
        "no categories",
        "null",
        "policy",
        "mcp",
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_what_repeating_does_not_change_is_said_at_once(
    name, reply, told, run, service
):
    service.answer = lambda _: reply

    stopped_with = run(name).stopped_with

    assert [part for part in told if part not in stopped_with] == []
    assert stopped_with.endswith("For a support ticket: ticket-7")
    assert "the-key" not in stopped_with
    assert len(service.sent) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_rate_limit_is_waited_for_and_then_said_with_its_headers(name, run, service):
    limits = {"retry_after": "9", "x_ratelimit_remaining_tokens": "0"}
    body = gateway_error(429, "429", "Slow down.").body
    service.answer = lambda _: refused(429, body, **limits)

    stopped_with = run(name).stopped_with

    assert "again in 9 s" in stopped_with
    assert "'x-ratelimit-remaining-tokens': '0'" in stopped_with
    assert len(service.sent) == 5  # the first and four retries
    assert service.clock.slept >= 36


@pytest.mark.parametrize("name", NAMES)
def test_a_failing_service_and_its_plain_text_are_named(name, run, service):
    text = b"upstream connect error"
    service.answer = lambda _: Reply(503, {"content-type": "text/plain"}, text)

    stopped_with = run(name).stopped_with

    assert "try again later" in stopped_with
    assert "HTTP 503, None: upstream connect error" in stopped_with


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (httpx2.ReadTimeout("slow"), "Timed out: no answer within 60 s"),
        (httpx2.ConnectError("refused"), "Not connected to https://example.openai"),
    ],
    ids=["timeout", "refused"],
)
@pytest.mark.parametrize("name", NAMES)
def test_no_answer_and_no_connection_are_told_apart(name, raised, told, run, service):
    def answer(_: object) -> Reply:
        raise raised

    service.answer = answer

    assert told in run(name).stopped_with
    assert len(service.sent) == 5


@pytest.mark.parametrize("name", NAMES)
def test_an_unfinished_answer_is_said_though_nothing_was_raised(name, run, service):
    service.answer = ending_as(
        service.emulator, status="failed", error={"code": "x", "message": "Broke."}
    )

    assert "Broke." in run(name).stopped_with


@pytest.mark.parametrize(
    "misalignment",
    [None, {"detailed_explanation": "It copied the data to a stranger."}],
    ids=["without a reason", "with one"],
)
@pytest.mark.parametrize("name", NAMES)
def test_a_misaligned_answer_is_told_and_that_it_cannot_go_on(
    name, misalignment, run, service
):
    error = {
        "code": "misalignment_policy_violation",
        "message": "Blocked.",
        "misalignment": misalignment,
    }
    service.answer = ending_as(service.emulator, status="failed", error=error)

    stopped_with = run(name).stopped_with

    assert "cannot go on: start a new conversation. Blocked." in stopped_with
    assert (misalignment or {}).get("detailed_explanation", "") in stopped_with


@pytest.mark.parametrize("name", NAMES)
def test_the_text_of_a_cause_is_not_printed(name, run, service):
    def answer(_: object) -> Reply:
        raise httpx2.LocalProtocolError(f"Illegal header value b'Bearer {KEY}'")

    service.answer = answer

    result = run(name)

    assert "LocalProtocolError" in result.stopped_with
    assert KEY not in result.stopped_with + result.output + result.errors
