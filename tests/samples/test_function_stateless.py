import json

import pytest

from responses_emulator.http import json_reply

NAME = "responses-function-stateless-aoai-v1.py"


def test_function_stateless_sends_thoughts_call_and_result_back(finish, service):
    output = finish(NAME)

    first, second = service.created()
    for body in (first, second):
        assert body["store"] is False
        assert body["include"] == ["reasoning.encrypted_content"]
        assert "previous_response_id" not in body
    assert not list(service.emulator.store.responses)
    question, thoughts, call, result = second["input"]
    assert [question] == first["input"]
    assert (thoughts["type"], call["type"]) == ("reasoning", "function_call")
    assert thoughts["encrypted_content"]
    assert result == {
        "type": "function_call_output",
        "call_id": call["call_id"],
        "output": '{"amount": 0}',
    }
    assert output.startswith('get_stock({"article":"pear"})\n')


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ({"arguments": '{"article": "pe'}, "JSONDecodeError"),
        ({"arguments": "[]"}, "TypeError"),
        ({"arguments": '{"article": "plum"}'}, "KeyError"),
        ({"arguments": '{"count": 1}'}, "TypeError"),
    ],
    ids=["half an argument", "no object", "unknown article", "wrong argument"],
)
def test_function_stateless_tells_the_model_when_its_call_is_wrong(
    call, reason, run, service
):
    def answer(request):
        if service.created()[1:]:
            return None
        body = json.loads(service.emulator.handle(request).body)
        for item in body["output"]:
            if item["type"] == "function_call":
                item |= call
        return json_reply(body)

    service.answer = answer

    run(NAME)

    result = service.created()[1]["input"][-1]
    assert json.loads(result["output"])["error"].startswith(reason)


def test_function_stateless_stops_a_model_that_never_stops_calling(run, service):
    def answer(request):
        body = json.loads(request.body) | {"tool_choice": "required"}
        request.body = json.dumps(body).encode()

    service.answer = answer

    result = run(NAME)

    assert result.stopped_with == "Unfinished: no answer after 5 turns"
    assert len(service.created()) == 5
