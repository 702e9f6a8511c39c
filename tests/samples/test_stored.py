import json

import pytest

from tests.samples.faults import ending_as

SAMPLES = ["responses-stored-aoai.py", "responses-stored-aoai-v1.py"]


@pytest.mark.parametrize("name", SAMPLES)
def test_stored_reads_label_answer_and_question_and_deletes_all(name, finish, service):
    output = finish(name)

    [body] = service.created()
    assert body["metadata"] == {"customer": "4711"}
    [identifier] = {path.rpartition("resp_")[2][:48] for _, path in service.calls()[1:]}
    assert [method for method, _ in service.calls()] == [
        "POST",
        "GET",
        "GET",
        "DELETE",
        "GET",
    ]
    assert service.calls()[2][1].endswith(f"resp_{identifier}/input_items")
    first, question, last = output.splitlines()
    assert first.startswith("{'customer': '4711'}: ") and len(first) > 30
    asked = json.loads(question.removeprefix("Input: "))
    assert asked["role"] == "user"
    assert asked["content"] == [{"type": "input_text", "text": "Tell me a joke."}]
    assert last == "It is deleted."
    assert not list(service.emulator.store.responses)


@pytest.mark.parametrize("name", SAMPLES)
def test_stored_deletes_an_unfinished_response_too(name, run, service):
    details = {"reason": "max_output_tokens"}
    service.answer = ending_as(
        service.emulator, status="incomplete", incomplete_details=details
    )

    result = run(name)

    assert "max_output_tokens" in result.stopped_with
    assert service.calls()[-1][0] == "DELETE"
    assert not list(service.emulator.store.responses)
