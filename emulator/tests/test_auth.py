"""Who may call, and the tokens that the identity endpoint gives."""

import base64

import orjson
import pytest

from responses_emulator.account import IDENTITY_HEADER
from responses_emulator.auth import LIFETIME, Auth
from responses_emulator.http import Request

MODELS = "/openai/v1/models"
AUDIENCE = "https://cognitiveservices.azure.com"


def get(client, target, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    reply = client.emulator.handle(Request("GET", target, headers))
    return reply.status, orjson.loads(reply.body)


def token(client, resource=AUDIENCE):
    target = f"/msi/token?api-version=2019-08-01&resource={resource}"
    status, body = get(client, target, x_identity_header=IDENTITY_HEADER)
    assert status == 200
    return body


@pytest.mark.parametrize(
    "headers",
    [
        {"api_key": "azure-openai-emulator-key"},
        {"authorization": "Bearer azure-openai-emulator-key"},
        {"authorization": "bearer azure-openai-emulator-key"},
    ],
)
def test_the_key_is_accepted_in_either_header(client, headers):
    assert get(client, MODELS, **headers)[0] == 200


def test_an_issued_token_is_accepted_until_it_ends(client):
    issued = token(client)
    header = f"Bearer {issued['access_token']}"

    assert get(client, MODELS, authorization=header)[0] == 200
    assert int(issued["expires_on"]) == int(client.clock.now) + LIFETIME
    client.clock.now += LIFETIME
    assert get(client, MODELS, authorization=header)[0] == 401


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: "a.b.c",
        lambda t: t[:-2] + ("AA" if not t.endswith("AA") else "BB"),
        lambda t: "." + t.partition(".")[2],
        lambda _: "é.é.é",
    ],
)
def test_a_wrong_token_gets_a_401_without_an_error_around_it(client, spoil):
    spoilt = spoil(token(client)["access_token"])

    status, body = get(client, MODELS, authorization=f"Bearer {spoilt}")

    assert status == 401
    assert body["statusCode"] == 401
    assert body["message"].startswith("Unauthorized. Access token is missing, invalid")


def test_a_token_for_another_audience_is_refused(client):
    issued = token(client, "https://management.azure.com")["access_token"]

    assert get(client, MODELS, authorization=f"Bearer {issued}")[0] == 401


def test_a_token_of_another_emulator_is_refused(client):
    from emulator.tests.conftest import Client

    foreign = token(Client())["access_token"]

    assert get(client, MODELS, authorization=f"Bearer {foreign}")[0] == 401


@pytest.mark.parametrize(
    ("target", "headers", "status"),
    [
        ("/msi/token?api-version=2019-08-01&resource=x", {}, 401),
        (
            "/msi/token?api-version=2019-08-01&resource=x",
            {"x_identity_header": "?"},
            401,
        ),
        ("/msi/token?resource=x", {"x_identity_header": IDENTITY_HEADER}, 400),
        ("/msi/token?api-version=1", {"x_identity_header": IDENTITY_HEADER}, 400),
    ],
)
def test_the_identity_endpoint_refuses_what_is_incomplete(
    client, target, headers, status
):
    answered, body = get(client, target, **headers)

    assert answered == body["statusCode"] == status
    assert body["message"]


@pytest.mark.parametrize(
    "audience", ["https://cognitiveservices.azure.com", "https://ai.azure.com"]
)
@pytest.mark.parametrize("slash", ["", "/"])
def test_azures_two_audiences_are_let_in(client, audience, slash):
    issued = token(client, audience + slash)

    assert issued == {
        "access_token": issued["access_token"],
        "expires_on": str(int(client.clock.now) + 24 * 60 * 60),
        "resource": audience,
        "token_type": "Bearer",
        "client_id": "00000000-0000-0000-0000-000000000000",
    }
    for scheme in ("Bearer", "bearer"):
        header = f"{scheme} {issued['access_token']}"
        assert get(client, MODELS, authorization=header)[0] == 200


def test_who_holds_a_token_can_read_it(client):
    head, body, signature = token(client)["access_token"].split(".")

    def read(part):
        return orjson.loads(base64.urlsafe_b64decode(part + "=="))

    assert read(head) == {"alg": "HS256", "typ": "JWT"}
    assert read(body) == {
        "aud": AUDIENCE,
        "exp": int(client.clock.now) + LIFETIME,
        "iss": "emulator",
    }
    assert len(base64.urlsafe_b64decode(signature + "==")) == 32
    assert "=" not in head + body + signature


def test_a_token_ends_with_its_last_second(client):
    auth = Auth(client.clock)
    issued, expires_on = auth.issue("mine")
    client.clock.now = expires_on - 0.5
    assert auth.audience(issued) == "mine"
    client.clock.now = expires_on
    assert auth.audience(issued) is None


@pytest.mark.parametrize(
    ("headers", "begins"),
    [
        ({}, "Access denied due to a missing application credentials"),
        ({"authorization": "Bearer "}, "Access denied due to a missing"),
        (
            {"authorization": "Basic azure-openai-emulator-key"},
            "Access denied due to a",
        ),
        ({"api_key": ""}, "Access denied due to a missing"),
        ({"api_key": "wrong"}, "Access denied due to invalid subscription key"),
        ({"api_key": "a.b.c"}, "Access denied due to invalid subscription key"),
        ({"api_key": "caf\u00e9"}, "Access denied due to invalid subscription key"),
        ({"authorization": "Bearer wrong"}, "Access denied due to invalid"),
        ({"authorization": "Bearer a.b"}, "Access denied due to invalid"),
        ({"authorization": "Bearer a.b.c.d"}, "Access denied due to invalid"),
    ],
)
def test_what_is_no_key_is_a_401_that_says_what_was_wrong(client, headers, begins):
    status, body = get(client, MODELS, **headers)

    assert status == 401
    assert body["error"]["code"] == "401"
    assert body["error"]["message"].startswith(begins)


def test_a_key_in_its_own_header_counts_before_a_bearer(client):
    both = {"api_key": "azure-openai-emulator-key", "authorization": "Bearer a.b.c"}
    assert get(client, MODELS, **both)[0] == 200
    both = {"api_key": "wrong", "authorization": "Bearer azure-openai-emulator-key"}
    assert get(client, MODELS, **both)[0] == 401


@pytest.mark.parametrize(
    ("query", "headers", "missing"),
    [
        ("api-version=1&resource=x", {}, "The header X-IDENTITY-HEADER is missing"),
        ("resource=x", {"x_identity_header": IDENTITY_HEADER}, "parameter api-version"),
        ("api-version=1", {"x_identity_header": IDENTITY_HEADER}, "parameter resource"),
        (
            "api-version=1&resource=/",
            {"x_identity_header": IDENTITY_HEADER},
            "parameter resource",
        ),
    ],
)
def test_the_identity_endpoint_says_what_is_missing(client, query, headers, missing):
    _, body = get(client, f"/msi/token?{query}", **headers)
    assert missing in body["message"]
