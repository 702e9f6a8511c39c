import json

import pytest

from tests.samples.faults import ending_as

SAMPLES = ["responses-structured-aoai.py", "responses-structured-aoai-v1.py"]


def message(*content):
    return [
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": list(content),
        }
    ]


@pytest.mark.parametrize("name", SAMPLES)
def test_structured_gets_an_object_of_the_model(name, finish, service):
    output = finish(name)

    [body] = service.created()
    shape = body["text"]["format"]
    assert (shape["type"], shape["strict"]) == ("json_schema", True)
    assert shape["schema"]["required"] == ["name", "date", "participants"]
    assert shape["schema"]["additionalProperties"] is False
    assert output == (
        "name='Science Fair' date='Friday' participants=['Alice', 'Bob']\n"
    )


@pytest.mark.parametrize("name", SAMPLES)
def test_structured_tells_a_refusal_from_a_result(name, run, service):
    refusal = {"type": "refusal", "refusal": "I will not."}
    service.answer = ending_as(
        service.emulator, status="completed", output=message(refusal)
    )

    result = run(name)

    assert result.stopped_with == "Refused: I will not."
    assert result.output == ""


@pytest.mark.parametrize("name", SAMPLES)
def test_structured_tells_a_cut_off_answer_from_a_result(name, run, service):
    def answer(request):
        body = json.loads(request.body) | {"max_output_tokens": 263}
        request.body = json.dumps(body).encode()

    service.answer = answer

    result = run(name)

    assert result.stopped_with.startswith("Unfinished: the answer is no whole JSON")
    assert result.output == ""


@pytest.mark.parametrize("name", SAMPLES)
def test_structured_says_so_when_thinking_took_every_token(name, run, service):
    service.answer = ending_as(
        service.emulator,
        status="incomplete",
        incomplete_details={"reason": "max_output_tokens"},
        output=[],
    )

    assert "max_output_tokens" in run(name).stopped_with


@pytest.mark.parametrize("name", SAMPLES)
def test_structured_does_not_take_no_answer_for_an_object(name, run, service):
    service.answer = ending_as(service.emulator, status="completed", output=[])

    assert run(name).stopped_with == "Unfinished: the model said nothing"


@pytest.mark.parametrize("name", SAMPLES)
def test_structured_shows_nothing_of_half_an_object(name, run, service):
    half = {"type": "output_text", "text": '{"name": "Science', "annotations": []}
    service.answer = ending_as(
        service.emulator, status="completed", output=message(half)
    )

    result = run(name)

    assert "no whole JSON" in result.stopped_with
    assert "Science" not in result.stopped_with + result.output
