import orjson
import pytest

from responses_emulator.account import IDENTITY_HEADER
from responses_emulator.auth import LIFETIME
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
