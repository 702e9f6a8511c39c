import io
from pathlib import Path

import orjson
import pytest

from responses_emulator.account import KEY
from responses_emulator.core import Emulator
from responses_emulator.http import Request
from responses_emulator.observers.masking import (
    mask_headers,
    mask_json,
    mask_target,
    mask_text,
)
from responses_emulator.observers.observe import observe
from responses_emulator.observers.record import recording
from responses_emulator.observers.wire import Wire


def test_of_an_authorization_header_the_scheme_is_left() -> None:
    headers = {"authorization": "Bearer eyJ.a.b", "API-Key": "k", "accept": "*/*"}
    assert mask_headers(headers) == {
        "authorization": "Bearer ***",
        "API-Key": "***",
        "accept": "*/*",
    }


def test_what_an_mcp_server_is_sent_is_masked_wherever_the_tool_stands() -> None:
    tool = {"type": "mcp", "authorization": "t", "headers": {"X-Key": "s"}, "a": 1}
    masked = {
        "type": "mcp",
        "authorization": "***",
        "headers": {"X-Key": "***"},
        "a": 1,
    }
    assert mask_json({"response": {"tools": [tool]}}) == {
        "response": {"tools": [masked]}
    }
    assert tool["authorization"] == "t"


def test_absent_secrets_stay_absent() -> None:
    tool = {"type": "mcp", "authorization": None, "headers": None}
    assert mask_json(tool) == tool


def test_an_access_token_is_masked_and_other_fields_of_that_name_are_not() -> None:
    assert mask_json({"access_token": "eyJ", "headers": {"a": "b"}}) == {
        "access_token": "***",
        "headers": {"a": "b"},
    }


def test_the_secret_of_a_webhook_endpoint_is_masked_whole_or_cut_off() -> None:
    assert mask_json({"signing_secret": "whsec_a", "signing_secret_hint": "a"}) == {
        "signing_secret": "***",
        "signing_secret_hint": "a",
    }
    assert mask_text('{"signing_secret": "whsec_a') == '{"signing_secret": "***'


def test_endlessly_nested_json_does_not_exhaust_the_stack() -> None:
    value: object = 1
    for _ in range(5000):
        value = [value]
    mask_json(value)


def test_so_deep_is_looked_for_secrets() -> None:
    def nested(depth: int, value: object) -> object:
        for level in range(depth):
            value = [value] if level % 2 else {"a": value}
        return value

    assert mask_json(nested(100, {"access_token": "s"})) != nested(100, "…")
    assert mask_json(nested(99, {"access_token": "s"})) == nested(
        99, {"access_token": "***"}
    )
    assert mask_json(nested(100, 1)) == nested(100, 1)
    assert mask_json(nested(101, 1)) == nested(101, "…")


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("api-key", True),
        ("Authorization", True),
        ("cookie", True),
        ("Ocp-Apim-Subscription-Key", True),
        ("proxy-authorization", True),
        ("set-cookie", True),
        ("x-identity-header", True),
        ("key", True),
        ("x-apikey", True),
        ("access_key", True),
        ("subscription-key", True),
        ("x-function-key", True),
        ("shared-key", True),
        ("x-password", True),
        ("code", True),
        ("sig", True),
        ("signature", True),
        ("webhook-signature", False),
        ("x-code", False),
        ("x-sig", False),
        ("key-id", False),
        ("tokens", False),
        ("x-api-key", True),
        ("X-Functions-Key", True),
        ("x-auth-token", True),
        ("client-secret", True),
        ("x-ratelimit-remaining-tokens", False),
        ("idempotency-key", False),
        ("x-ms-client-request-id", False),
    ],
)
def test_a_header_is_masked_by_what_it_is_called(name: str, secret: bool) -> None:
    assert mask_headers({name: "abc"}) == {name: "***" if secret else "abc"}


def test_keys_and_tokens_in_a_query_are_masked() -> None:
    asked = "/openai/v1/models?api-version=preview&api-key=k&subscription-key=s"
    masked = "/openai/v1/models?api-version=preview&api-key=***&subscription-key=***"
    assert mask_target(asked) == masked
    assert mask_target("/a?sig=x%2B&b&token=") == "/a?sig=***&b&token="
    assert mask_target("/a") == "/a"


def test_who_signs_in_at_an_mcp_server_is_masked_in_its_address() -> None:
    tool = {"type": "mcp", "server_url": "https://me:pw@a.b/mcp?key=s&x=1#y"}
    assert mask_json(tool)["server_url"] == "https://***@a.b/mcp?key=***&x=***#***"
    for url, masked in (
        ("https://me:p@w@a.b/mcp", "https://***@a.b/mcp"),
        ("//me:pw@a.b/mcp", "//***@a.b/mcp"),
        ("https://a.b/mcp?secret", "https://a.b/mcp?***"),
        ("https://a.b/mcp?a=&b=c", "https://a.b/mcp?a=&b=***"),
        ("https://a.b/mcp#token=t", "https://a.b/mcp#***"),
        ("https://a.b/@mcp", "https://a.b/@mcp"),
    ):
        assert mask_json({"type": "mcp", "server_url": url})["server_url"] == masked
    plain = {"type": "mcp", "server_url": "https://a.b/mcp"}
    assert mask_json(plain) == plain


def test_what_was_meant_to_be_json_is_masked_as_well() -> None:
    text = '{"type": "mcp", "authorization": "t", "headers": {"a": "s"}, "input": "hi'
    assert mask_text(text) == (
        '{"type": "mcp", "authorization": "***", "headers": {***}, "input": "hi'
    )


SECRET = "t0p-s3cret"
KEYED = {"api-key": KEY, "content-type": "application/json"}
MCP = {"type": "mcp", "server_label": "l", "authorization": SECRET}
TOOL = {
    **MCP,
    "headers": {"a": SECRET},
    "server_url": f"https://me:{SECRET}@learn.microsoft.com/api/mcp?key={SECRET}",
}


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", f"/openai/v1/models?api-key={SECRET}&sig={SECRET}", {}),
        Request("GET", "/openai/v1/models", {"authorization": f"Bearer {SECRET}"}),
        Request("GET", "/openai/v1/models", {"x-api-key": SECRET, "api-key": SECRET}),
        Request("GET", "/openai/v1/models", {"cookie": f"a={SECRET}"}),
        Request(
            "GET",
            "/msi/token?api-version=1&resource=x",
            {"x-identity-header": SECRET},
        ),
        *(
            Request("POST", "/openai/v1/responses", KEYED, body)
            for body in (
                orjson.dumps({"model": "gpt-5-mini", "input": "Hi.", "tools": [TOOL]}),
                orjson.dumps({"model": "gpt-5-mini", "input": "Hi.", "tools": [MCP]}),
                orjson.dumps({"model": "gpt-5-mini", "tools": [TOOL]})[:-2],
                orjson.dumps({"tools": [{**TOOL, "authorization": [SECRET]}]}),
            )
        ),
    ],
)
def test_no_secret_is_in_an_error_a_log_a_record_or_the_journal(
    request_: Request, tmp_path: Path
) -> None:
    emulator = Emulator(journal=True)
    shown = io.StringIO()
    with recording(tmp_path / "record.jsonl") as record:
        handle = observe(emulator.handle, Wire(shown), record)
        reply = handle(request_)
        assert isinstance(reply.body, bytes)
    told = [
        reply.body.decode(),
        shown.getvalue(),
        (tmp_path / "record.jsonl").read_text(),
        str(emulator.requests),
    ]
    assert shown.getvalue()
    for text in told:
        assert SECRET not in text


def test_but_for_a_scheme_nothing_of_a_secret_is_left() -> None:
    secrets = {
        "Authorization": "Basic s3cret s3cret",
        "proxy-authorization": "Bearer s3cret",
        "cookie": "session=s3cret; theme=dark",
        "set-cookie": "session=s3cret; Path=/",
        "x-api-key": "s3cret s3cret",
    }
    assert mask_headers(secrets) == {
        "Authorization": "Basic ***",
        "proxy-authorization": "Bearer ***",
        "cookie": "***",
        "set-cookie": "***",
        "x-api-key": "***",
    }
    assert mask_headers({"authorization": "s3cret"}) == {"authorization": "***"}
