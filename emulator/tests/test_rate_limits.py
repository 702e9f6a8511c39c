"""Rate limits, and what the headers of a reply tell of them."""

from pathlib import Path

import pytest

from emulator.tests.conftest import Client
from emulator.tests.subprocesses import RUN, done
from responses_emulator.__main__ import main
from responses_emulator.core import Emulator

BODY = {"model": "gpt-5-mini", "input": "Hello."}


@pytest.fixture
def limited(client: Client) -> Client:
    """Two requests a minute."""
    client.emulator = Emulator(clock=client.clock, rate_limit=2)
    return client


def statuses(client: Client, count: int) -> list[int]:
    return [client.send("POST", "/responses", BODY).status for _ in range(count)]


def test_the_request_above_the_limit_is_a_429_that_says_when_to_come_back(
    limited: Client,
) -> None:
    assert statuses(limited, 2) == [200, 200]
    limited.clock.now += 20.5
    reply = limited.send("POST", "/responses", BODY)
    assert reply.status == 429
    assert reply.headers["retry-after"] == "40"
    assert reply.headers["retry-after-ms"] == "39500"
    assert reply.headers["x-ratelimit-remaining-requests"] == "0"
    _, error = limited.error("POST", "/responses", BODY)
    assert error["code"] == "RateLimitReached"
    assert "call rate limit" in error["message"]
    assert "retry after 40 seconds" in error["message"]


def test_who_comes_back_when_told_is_answered(limited: Client) -> None:
    assert statuses(limited, 3) == [200, 200, 429]
    retry_after = limited.send("POST", "/responses", BODY).headers["retry-after-ms"]
    limited.clock.now += int(retry_after) / 1000
    assert statuses(limited, 3) == [200, 200, 429]


def test_the_headers_count_down(limited: Client) -> None:
    left = [
        limited.send("POST", "/responses", BODY).headers[
            "x-ratelimit-remaining-requests"
        ]
        for _ in range(2)
    ]
    assert left == ["1", "0"]


def test_each_deployment_has_its_own_limit(limited: Client) -> None:
    assert statuses(limited, 3)[-1] == 429
    other = {**BODY, "model": "gpt-5.4-mini"}
    assert limited.send("POST", "/responses", other).status == 200


def test_what_is_no_request_for_a_response_is_not_limited(limited: Client) -> None:
    assert statuses(limited, 3)[-1] == 429
    assert limited.send("GET", "/models").status == 200


@pytest.mark.parametrize("stream", [False, True])
def test_tokens_are_used_up_by_complete_responses(client: Client, stream: bool) -> None:
    client.emulator = Emulator(clock=client.clock, token_limit=10)
    if stream:
        assert client.events()[-1]["type"] == "response.completed"
    else:
        assert client.create()["usage"]["total_tokens"] >= 10
    status, error = client.error("POST", "/responses", BODY)
    assert (status, error["code"]) == (429, "RateLimitReached")
    assert "token rate limit" in error["message"]
    client.clock.now += 60
    assert client.create()["status"] == "completed"


def test_without_a_limit_nothing_is_used_up(client: Client) -> None:
    first, second = (client.send("POST", "/responses", BODY).headers for _ in range(2))
    names = {name for name in first if name.startswith("x-ratelimit-")}
    assert names == {
        f"x-ratelimit-{what}-{of}"
        for what in ("limit", "remaining", "reset")
        for of in ("requests", "tokens")
    }
    assert all(first[name] == second[name] for name in names)


@pytest.mark.parametrize("stream", [False, True])
def test_a_response_comes_with_the_headers_of_the_gateway(
    client: Client, stream: bool
) -> None:
    body = {**BODY, "stream": stream}
    headers = client.send(
        "POST", "/responses", body, x_ms_client_request_id="mine"
    ).headers
    assert headers["x-ms-deployment-name"] == "gpt-5-mini"
    assert headers["x-ms-rai-invoked"] == "true"
    assert headers["x-ms-client-request-id"] == "mine"
    assert headers["x-content-type-options"] == "nosniff"
    assert "strict-transport-security" in headers


@pytest.mark.parametrize("fault", ["rate-limited", "server-error", "bad-request"])
def test_an_error_tells_of_the_limits_as_well(client: Client, fault: str) -> None:
    client.emulator.faults.add(fault)
    headers = client.send("POST", "/responses", BODY).headers
    left = {"rate-limited": "0"}.get(fault, headers["x-ratelimit-limit-tokens"])
    assert headers["x-ratelimit-remaining-tokens"] == left
    assert headers["x-ms-deployment-name"] == "gpt-5-mini"
    refused = client.send("POST", "/responses", {**BODY, "temperature": 9}).headers
    assert "x-ratelimit-remaining-requests" in refused


@pytest.mark.parametrize("body", [None, [], {}, {"model": []}, {"model": "other"}])
def test_a_request_that_names_no_deployment_has_no_limits(
    client: Client, body: object
) -> None:
    reply = client.send("POST", "/responses", body)
    assert reply.status in (400, 404)
    assert "x-ratelimit-limit-tokens" not in reply.headers


def shown(client: Client) -> dict[str, str]:
    """What a response's headers say of the limits."""
    headers = client.send("POST", "/responses", BODY).headers
    told = {k: v for k, v in headers.items() if k.startswith("x-ratelimit-")}
    return {name.removeprefix("x-ratelimit-"): value for name, value in told.items()}


def test_the_headers_tell_of_a_generous_limit_where_there_is_none(
    client: Client,
) -> None:
    generous = {
        "limit-requests": "10000",
        "remaining-requests": "10000",
        "reset-requests": "0",
        "limit-tokens": "10000000",
        "remaining-tokens": "10000000",
        "reset-tokens": "0",
    }
    assert shown(client) == generous
    client.emulator = Emulator(clock=client.clock, rate_limit=3)
    shown(client)
    client.clock.now += 12.5
    of_requests = {"limit": "3", "remaining": "1", "reset": "48"}
    mine = {f"{name}-requests": value for name, value in of_requests.items()}
    assert shown(client) == generous | mine


def test_tokens_count_down_to_none_and_come_back_with_the_minute(
    client: Client,
) -> None:
    used = client.create()["usage"]["total_tokens"]
    client.emulator = Emulator(clock=client.clock, token_limit=2 * used - 1)
    first, second = shown(client), shown(client)
    assert first["limit-tokens"] == second["limit-tokens"] == str(2 * used - 1)
    assert (first["remaining-requests"], first["reset-requests"]) == ("10000", "0")
    assert (first["remaining-tokens"], first["reset-tokens"]) == (str(used - 1), "60")
    assert second["remaining-tokens"] == "0"  # the one that crosses it still passes
    client.clock.now += 59.5
    refused = client.send("POST", "/responses", BODY)
    assert refused.status == 429
    assert refused.headers["x-ratelimit-remaining-tokens"] == "0"
    assert refused.headers["x-ratelimit-reset-tokens"] == "1"
    assert refused.headers["retry-after"] == "1"
    assert refused.headers["retry-after-ms"] == "500"
    client.clock.now += 0.5
    assert shown(client)["remaining-tokens"] == str(used - 1)


def test_a_request_that_is_refused_uses_nothing_up(client: Client) -> None:
    client.emulator = Emulator(clock=client.clock, rate_limit=2, token_limit=1)
    assert statuses(client, 3) == [200, 429, 429]
    headers = client.send("POST", "/responses", BODY).headers
    assert headers["x-ratelimit-remaining-requests"] == "1"


def test_the_command_line_sets_the_limits(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import os, urllib.error, urllib.request\n"
        "for _ in range(2):\n"
        "    try:\n"
        "        urllib.request.urlopen(urllib.request.Request(\n"
        "            os.environ['OPENAI_BASE_URL'] + 'responses',\n"
        """            b'{"model": "gpt-5-mini", "input": "Hello."}',\n"""
        "            {'api-key': os.environ['OPENAI_API_KEY'],\n"
        "             'content-type': 'application/json'}))\n"
        "        print(200)\n"
        "    except urllib.error.HTTPError as error:\n"
        "        print(error.code, error.headers['retry-after'] > '0')\n",
        "utf-8",
    )
    limits = ("--rate-limit", "1", "--token-limit", "100000")
    ended = done(*RUN, *limits, str(script))
    assert (ended.stdout, ended.stderr) == ("200\n429 True\n", "")


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5"])
def test_a_limit_is_a_whole_number_from_1(text: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["serve", f"--rate-limit={text}"])
