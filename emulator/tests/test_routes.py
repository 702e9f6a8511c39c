import orjson
import pytest

from responses_emulator.account import KEY, deployment
from responses_emulator.core import Emulator
from responses_emulator.http import Request


def send(client, method, target):
    reply = client.emulator.handle(Request(method, target, {"api-key": KEY}))
    return reply.status, orjson.loads(reply.body)


@pytest.mark.parametrize(
    "target",
    [
        "/openai/v1/models",
        "/openai/v1/models?api-version=preview",
        "/openai/v1/models?api-version=v1",
        "/openai/models?api-version=2025-04-01-preview",
        "/openai/models?api-version=2024-10-21",
    ],
)
def test_both_layouts_are_served(client, target):
    status, body = send(client, "GET", target)

    assert status == 200
    assert "gpt-5-mini" in [model["id"] for model in body["data"]]


@pytest.mark.parametrize(
    "type", ["application/json; charset=utf-8", "Application/JSON"]
)
def test_a_content_type_may_have_parameters_and_capitals(client, type):
    body = {"model": "gpt-5-mini", "input": "Hello."}
    assert client.send("POST", "/responses", body, content_type=type).status == 200


def test_every_reply_carries_the_ids_for_a_support_ticket(client):
    first, second = (client.send("GET", "/models").headers for _ in range(2))

    assert first["apim-request-id"] != second["apim-request-id"]
    assert {"apim-request-id", "x-request-id", "x-ms-region"} <= set(first)


def test_a_model_is_listed_once_however_often_it_is_deployed():
    emulator = Emulator(deployments=[deployment("a"), deployment("b")])
    reply = emulator.handle(Request("GET", "/openai/v1/models", {"api-key": KEY}))
    assert [model["id"] for model in orjson.loads(reply.body)["data"]] == ["gpt-6-luna"]


def test_a_model_can_be_looked_up_and_an_unknown_one_is_not_found(client):
    assert client.json("GET", "/models/gpt-5.4-mini")["object"] == "model"
    assert client.error("GET", "/models/nothing")[0] == 404


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"model": ',
        b"[]",
        b"null",
        b'"text"',
        b"\xff",
        b"{'model': 1}",
        b'{"model": NaN}',
        b'{"model": "gpt-5-mini", "input": "\xff"}',
        b'{"model": "gpt-5-mini", "input": "\\ud800"}',
        b"[" * 100_000,
        b'\xef\xbb\xbf{"model": "gpt-5-mini"}',
    ],
)
@pytest.mark.parametrize("path", ["/responses", "/vector_stores", "/batches"])
def test_a_body_that_is_no_json_object_is_said_to_be_none(client, path, body):
    headers = {"api-key": KEY, "content-type": "application/json"}
    request = Request("POST", f"/openai/v1{path}", headers, body)
    reply = client.emulator.handle(request)
    if reply.status == 404:
        return  # there is no such thing to send a body to
    error = orjson.loads(reply.body)["error"]
    assert reply.status == 400
    assert error["message"].startswith("We could not parse the JSON body")
    assert (error["type"], error["param"], error["code"]) == (
        "invalid_request_error",
        None,
        None,
    )
