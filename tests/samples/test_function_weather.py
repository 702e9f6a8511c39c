import json

import pytest

from responses_emulator.http import Reply, json_reply

SAMPLES = [
    "responses-function-weather-aoai.py",
    "responses-function-weather-aoai-v1.py",
]


def outputs(body):
    return [json.loads(item["output"]) for item in body["input"]]


@pytest.mark.parametrize("name", SAMPLES)
def test_weather_answers_several_calls_of_one_turn(name, finish, service):
    output = finish(name)

    first, second = service.created()
    [tool] = first["tools"]
    assert (tool["type"], tool["name"], tool["strict"]) == (
        "function",
        "get_weather",
        True,
    )
    [stored, _] = service.emulator.store.responses
    calls = [i for i in stored.body["output"] if i["type"] == "function_call"]
    assert len(calls) == 2
    assert second["previous_response_id"] == stored.body["id"]
    assert [item["call_id"] for item in second["input"]] == [
        c["call_id"] for c in calls
    ]
    assert [result["wind"] for result in outputs(second)] == ["9.4 km/h"] * 2
    asked = [sent.query for sent in service.sent if sent.host == "api.open-meteo.com"]
    assert [round(float(q["latitude"])) for q in asked] == [52, 49]  # London, Paris
    for result in outputs(second):
        assert result["temperature"] in output


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(503), "HTTPStatusError"),
        (Reply(200, {}, b"<html>"), "JSONDecodeError"),
        (json_reply({"error": True}), "KeyError"),
    ],
    ids=["503", "not JSON", "no reading"],
)
@pytest.mark.parametrize("name", SAMPLES)
def test_weather_tells_the_model_when_the_tool_fails(
    name, reply, reason, finish, service
):
    service.answer = lambda r: reply if "latitude" in r.query else None

    output = finish(name)

    for result in outputs(service.created()[1]):
        assert result["error"].startswith(reason)
    assert "not" in output  # the model says that it could not find out


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ({"name": "get_time", "arguments": "{}"}, "KeyError"),
        ({"arguments": '{"latitude": 51'}, "JSONDecodeError"),
        ({"arguments": "[]"}, "TypeError"),
        ({"arguments": '{"city": "London"}'}, "TypeError"),
    ],
    ids=["unknown function", "half an argument", "no object", "wrong argument"],
)
@pytest.mark.parametrize("name", SAMPLES)
def test_weather_tells_the_model_when_its_call_is_wrong(
    name, call, reason, run, service
):
    def answer(request):
        if not service.created()[1:]:
            reply = service.emulator.handle(request)
            body = json.loads(reply.body)
            for item in body["output"]:
                if item["type"] == "function_call":
                    item |= call
            return json_reply(body)
        return None

    service.answer = lambda r: answer(r) if r.path.endswith("/responses") else None

    run(name)

    for result in outputs(service.created()[1]):
        assert result["error"].startswith(reason)


@pytest.mark.parametrize("name", SAMPLES)
def test_weather_stops_a_model_that_never_stops_calling(name, run, service):
    def answer(request):
        body = json.loads(request.body) | {"tool_choice": "required"}
        request.body = json.dumps(body).encode()

    service.answer = lambda r: answer(r) if r.path.endswith("/responses") else None

    result = run(name)

    assert result.stopped_with == "Unfinished: no answer after 5 turns"
    assert len(service.created()) == 5
